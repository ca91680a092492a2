"""`rank(model="full")`: the top of the list again, with the Bayesian lag model."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from leadlag.bayes.fit import fit_panel
from leadlag.bayes.result import assemble
from leadlag.core.arrays import freeze
from leadlag.core.roles import SHOWN_LEADING
from leadlag.data.panel import Panel
from leadlag.errors import LeadLagWarning, listing
from leadlag.evidence import Evidence

if TYPE_CHECKING:
    from leadlag.bayes.result import LagModel

__all__ = ["FULL_MODEL", "Comparison", "Found", "comparison", "refine"]

Floats = npt.NDArray[np.float64]

# How a note about the full model begins; `explain` looks for it.
FULL_MODEL = "full model"
# The top of the list: what a team would look at, and less than a minute's work.
_MOST = 20
_DRAWS, _CHAINS = 1000, 4


def refine(
    panel: Panel,
    evidence: Evidence,
    *,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Evidence:
    """Fit the lag model to the metrics that lead, and take lag and effect from it.

    Parameters
    ----------
    panel : Panel
        The data on their calendar.
    evidence : Evidence
        What the screen says.
    seed : int
        Of the sampler.
    progress : callable, optional
        Called with the number of metrics done and their total.

    Returns
    -------
    Evidence
        With lag, onset, effect and their intervals replaced where a fit converged and does not
        contradict the screen on the sign of the effect, and a note on how the two agree. Tests,
        odds, roles, skill and order stay the screen's.

    Warns
    -----
    LeadLagWarning
        If a fit did not converge; that metric keeps the screen's values.
    """
    leads = np.array([role in SHOWN_LEADING for role in evidence.role], dtype=bool)
    first = np.flatnonzero(leads)[np.argsort(evidence.rank[leads])][:_MOST]
    names = [evidence.metrics[i] for i in first]
    if not names:
        return evidence
    fitted = fit_panel(panel, names, draws=_DRAWS, chains=_CHAINS, seed=seed, progress=progress)
    notes = [list(of_metric) for of_metric in evidence.notes]
    place = {name: i for i, name in enumerate(evidence.metrics)}
    for name, reason in fitted.left_out.items():
        notes[place[name]].insert(0, f"{FULL_MODEL} not fitted: {reason.replace('; ', ', ')}")
    changed = {
        column: getattr(evidence, column).copy()
        for column in (
            "lag", "lag_low", "lag_high", "onset", "effect", "effect_low", "effect_high",
            "correlation",
        )
    }  # fmt: skip
    if fitted.fits:
        model = assemble(panel, fitted.fits, fitted.left_out, _DRAWS, _CHAINS, seed)
        # As many were selected as lead: intervals at the level that keeps the false coverage rate.
        level = 1 - 0.10 * leads.sum() / max(leads.size, 1)
        for name in model.summary.index:
            notes[place[name]].insert(0, _take(model, name, place[name], level, changed, evidence))
        failed = [str(name) for name in model.summary.index[~model.summary["converged"]]]
        if failed:
            warnings.warn(
                f"The full model of {listing(failed)} did not converge: lag and effect are the "
                "screen's.",
                LeadLagWarning,
                stacklevel=3,
            )
    return replace(
        evidence,
        notes=tuple(tuple(of_metric) for of_metric in notes),
        **{column: freeze(values) for column, values in changed.items()},
    )


def _take(
    model: LagModel,
    name: str,
    i: int,
    level: float,
    changed: dict[str, Floats],
    evidence: Evidence,
) -> str:
    """Put one metric's numbers in place unless they deny the screen's; say how both compare."""
    row: Any = model.summary.loc[name]
    if not row["converged"]:
        return f"{FULL_MODEL} did not converge, so lag and effect are the screen's"
    draws = model.data["posterior"].to_dataset()["effect"].sel(metric=name).values.ravel()
    low, high = (float(v) for v in np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]))
    screen = Found(**{column: float(getattr(evidence, column)[i]) for column in Found._fields})
    full = Found(
        lag=float(row["lag"]), lag_low=float(row["lag_low"]), lag_high=float(row["lag_high"]),
        effect=float(row["effect"]), effect_low=low, effect_high=high,
    )  # fmt: skip
    how = comparison(full, screen)
    if how is not Comparison.CONTRADICTS:
        for column, value in full._asdict().items():
            changed[column][i] = value
        changed["onset"][i] = float(row["onset"])
        changed["correlation"][i] = evidence.profile[i, evidence.max_lag + int(full.lag)]
    return (
        f"{FULL_MODEL} {how.value}: lag {_range(full[:3], '.0f')} against "
        f"{_range(screen[:3], '.0f')}, effect {_range(full[3:], '.3g')} against "
        f"{_range(screen[3:], '.3g')}, mean delay {row['mean_delay']:.1f}"
    )


class Found(NamedTuple):
    """Lag and effect with their intervals, from screen or full model."""

    lag: float
    lag_low: float
    lag_high: float
    effect: float
    effect_low: float
    effect_high: float

    @property
    def sign(self) -> int:
        """Direction of the effect; 0 where its interval holds 0."""
        return int(self.effect_low > 0) - int(self.effect_high < 0)


class Comparison(Enum):
    """What a reader needs to know of full model and screen, as a verb."""

    AGREES = "agrees with the screen"
    SIZE = "agrees with the screen on direction and lag, not on the size of the effect"
    LAG = "agrees with the screen on the direction, not on the lag"
    OPEN = "leaves open whether the target rises or falls"
    CONTRADICTS = (
        "contradicts the screen on whether the target rises or falls, so lag and effect are "
        "the screen's"
    )


def comparison(full: Found, screen: Found) -> Comparison:
    """Compare two answers about one metric.

    Parameters
    ----------
    full, screen : Found

    Returns
    -------
    Comparison
        They contradict one another where both intervals of the effect leave out 0, on different
        sides; the full model leaves the direction open where its interval holds 0. They agree on
        lag or size where one's value is in the other's interval.

    Examples
    --------
    >>> one = Found(2, 1, 3, 0.5, 0.3, 0.7)
    >>> comparison(one, one).name
    'AGREES'
    >>> comparison(one, Found(2, 1, 3, -0.5, -0.7, -0.3)).name
    'CONTRADICTS'
    """
    if full.sign * screen.sign < 0:
        return Comparison.CONTRADICTS
    if full.sign == 0:
        return Comparison.OPEN
    if not (_holds(full[:3], screen[:3]) or _holds(screen[:3], full[:3])):
        return Comparison.LAG
    if not (_holds(full[3:], screen[3:]) or _holds(screen[3:], full[3:])):
        return Comparison.SIZE
    return Comparison.AGREES


def _holds(interval: Sequence[float], value: Sequence[float]) -> bool:
    return interval[1] <= value[0] <= interval[2]


def _range(value: Sequence[float], form: str) -> str:
    middle, low, high = (f"{part:{form}}" for part in value)
    return f"{middle} [{low} to {high}]"
