"""What moving one stage does to the rest of a funnel: elasticities, traps and vanity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leadlag.core.arrays import unit_size
from leadlag.core.skill import rolling_skill
from leadlag.core.stages import Elasticity, elasticity
from leadlag.planning.flow import FEWEST, Aligned, Flow, align, logged

__all__ = ["Link", "is_trap", "links", "vanity"]

Floats = npt.NDArray[np.float64]

_LEVEL = 0.90
# Of all rates together: at 5 % one in ten clean funnels of slowly wandering rates raised a trap, at
# 2 % one in twenty. A trap also loses at least half of what a rate gains.
_TRAP_ALPHA, _TRAP_LOSS = 0.02, 0.5
# A stage that matters less than this is worth no goal; power .8 needs so small an error.
_MATTERS = 0.5
_POWER_ERRORS = 2.49
_SURE = 0.99
_SKILL_P = 0.05
_MOST_EMPTY = 0.2


@dataclass(frozen=True)
class Link:
    """What one per cent more of a stage goes with in a later rate, in per cent.

    Attributes
    ----------
    raised : str
        The rate that is raised, or the first stage.
    responds : str
        A later rate, or "outcome": all of them and the raise itself.
    elasticity, low, high : float
        With the 90 % interval.
    p_value : float
        One-sided, of the raise being lost later on; for delays that can't be told apart the
        largest. NaN for single rates.
    error : float
        Standard error.
    """

    raised: str
    responds: str
    elasticity: float
    low: float
    high: float
    p_value: float
    error: float


def links(flow: Flow, aligned: Aligned) -> list[Link]:
    """Estimate every elasticity of a funnel.

    Parameters
    ----------
    flow : Flow
    aligned : Aligned

    Returns
    -------
    list of Link
        Empty where there are too few periods, or too many without a case.
    """
    empty = np.mean(aligned.counts == 0)
    if np.isfinite(aligned.counts).all(axis=1).sum() < FEWEST or empty > _MOST_EMPTY:
        return []
    last = len(flow.stages) - 1
    made = []
    for i in range(last):
        raised = flow.stages[i] if i == 0 else rate_name(flow, i)
        total = _lost_later(flow, aligned, i)
        if total is None:
            continue
        p_value = max(
            [total.p_negative, *(other.p_negative for other in _otherwise(flow, aligned, i))]
        )
        low, high = total.interval(_LEVEL)
        made.append(
            Link(raised, "outcome", 1 + total.estimate, 1 + low, 1 + high, p_value, total.error)
        )
        for j in range(i + 1, last + 1):
            one = _response(flow, aligned, i, j - 1, j)
            if one is not None and last - i > 1:
                low, high = one.interval(_LEVEL)
                made.append(
                    Link(
                        raised, rate_name(flow, j), one.estimate, low, high, float("nan"), one.error
                    )
                )
    return made


def is_trap(link: Link, n_rates: int) -> bool:
    """Whether raising a rate was lost later on.

    Parameters
    ----------
    link : Link
        To the outcome.
    n_rates : int
        Rates that are judged.

    Returns
    -------
    bool
    """
    return link.p_value <= _TRAP_ALPHA / n_rates and link.elasticity <= 1 - _TRAP_LOSS


def vanity(flow: Flow, aligned: Aligned) -> list[str]:
    """Name the stages that grow and say nothing about the outcome, where the power would do.

    Parameters
    ----------
    flow : Flow
    aligned : Aligned

    Returns
    -------
    list of str
    """
    named = []
    outcome = flow.counts[:, -1]
    for i, stage in enumerate(flow.stages[:-1]):
        cases, moved = flow.counts[:, i], aligned.counts[:, i]
        if _cumulative(cases):
            # A counter's own level hardly moves; what it gains does.
            cases, moved = (np.diff(side, prepend=np.nan) for side in (cases, moved))
        elif not _trending(cases):
            continue
        whole = _volume(flow, aligned, moved)
        if whole is None or whole.error * _POWER_ERRORS > _MATTERS:
            continue
        # The delay was chosen for the best fit: above 0 by chance is common at 90 %.
        if whole.interval(_LEVEL)[1] >= _MATTERS or whole.interval(_SURE)[0] > 0:
            continue
        delay = sum(int(np.argmax(shape)) for shape in aligned.shapes[i:])
        made = rolling_skill(
            unit_size(outcome), unit_size(cases), flow.terms, _changes(flow.terms),
            horizon=max(1, delay), delay=0.0, max_lag=max(2 * delay, 4), season=0,
        )  # fmt: skip
        if not (made.skill > 0 and made.p_value <= _SKILL_P):
            named.append(stage)
    return named


def rate_name(flow: Flow, j: int) -> str:
    """Name of the rate from one stage to the next.

    Parameters
    ----------
    flow : Flow
    j : int
        The later stage.

    Returns
    -------
    str
    """
    return f"{flow.stages[j]} / {flow.stages[j - 1]}"


def _lost_later(flow: Flow, aligned: Aligned, i: int) -> Elasticity | None:
    """Elasticity of all later rates together with respect to rate i, or to the first stage."""
    return _response(flow, aligned, i, i, len(flow.stages) - 1)


def _response(flow: Flow, aligned: Aligned, i: int, start: int, end: int) -> Elasticity | None:
    logs = np.log(np.column_stack([logged(column) for column in aligned.counts.T]))
    x = logs[:, i] - (logs[:, i - 1] if i else 0.0)
    y = logs[:, end] - logs[:, start]
    return _estimate(flow, y, x, aligned.sampling(i) if i else 0.0)


def _volume(flow: Flow, aligned: Aligned, cases: Floats) -> Elasticity | None:
    y, x = (np.log(logged(side)) for side in (aligned.counts[:, -1], cases))
    return _estimate(flow, y, x, 0.0)


def _estimate(flow: Flow, y: Floats, x: Floats, sampling: float) -> Elasticity | None:
    if np.nanstd(x) < 1e-9 or np.nanstd(y) < 1e-9:
        return None
    return elasticity(y, x, flow.terms, sampling=sampling, max_order=flow.max_order)


def _otherwise(flow: Flow, aligned: Aligned, i: int) -> list[Elasticity]:
    """The same under other delays that fit nearly as well, one gap at a time."""
    made = []
    for gap in range(i, len(aligned.shapes)):
        for shape in aligned.plausible[gap]:
            shapes = [shape if k == gap else one for k, one in enumerate(aligned.shapes)]
            one = _lost_later(flow, align(flow, shapes), i)
            if one is not None:
                made.append(one)
    return made


def _trending(cases: Floats) -> bool:
    """A straight line through the logarithm explains most of what is not noise."""
    known = np.isfinite(cases)
    time = np.arange(len(cases))[known]
    return abs(float(np.corrcoef(time, np.log(logged(cases[known])))[0, 1])) > 0.7


def _cumulative(cases: Floats) -> bool:
    steps = np.diff(cases[np.isfinite(cases)])
    return bool((steps >= 0).all() and (steps > 0).mean() > 0.5)


def _changes(terms: Floats) -> Floats:
    change = np.diff(terms, axis=0, prepend=terms[:1])
    moving = change[:, np.ptp(change[1:], axis=0) > 0]
    return np.column_stack([np.ones(len(terms)), moving])
