"""`rank(model="full")`: the top of the list again, with the Bayesian lag model."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

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

__all__ = ["FULL_MODEL", "refine"]

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
        With lag, onset, effect and their intervals replaced where a fit converged, and a note on
        how the two agree. Tests, odds, roles, skill and order stay the screen's.

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
        model = assemble(panel, fitted.fits, fitted.left_out, fitted.seconds, _DRAWS, _CHAINS, seed)
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
    """Put one metric's numbers in place, and say how they compare."""
    row: Any = model.summary.loc[name]
    if not row["converged"]:
        return f"{FULL_MODEL} did not converge, so lag and effect are the screen's"
    draws = model.data["posterior"].to_dataset()["effect"].sel(metric=name).values.ravel()
    low, high = (float(v) for v in np.quantile(draws, [(1 - level) / 2, (1 + level) / 2]))
    before = {column: float(getattr(evidence, column)[i]) for column in changed}
    for column in ("lag", "lag_low", "lag_high", "onset"):
        changed[column][i] = float(row[column])
    changed["effect"][i] = float(row["effect"])
    changed["effect_low"][i], changed["effect_high"][i] = low, high
    changed["correlation"][i] = evidence.profile[i, evidence.max_lag + int(row["lag"])]
    agrees = (
        before["lag_low"] <= row["lag_high"]
        and row["lag_low"] <= before["lag_high"]
        and before["effect_low"] <= high
        and low <= before["effect_high"]
    )
    return (
        f"{FULL_MODEL} {'agrees with' if agrees else 'differs from'} the screen: "
        f"lag {row['lag']:.0f} against {before['lag']:.0f}, "
        f"effect {row['effect']:.3g} against {before['effect']:.3g}, "
        f"mean delay {row['mean_delay']:.1f}"
    )
