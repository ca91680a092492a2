"""What moving one stage does to the rest of a funnel: elasticities, traps and vanity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leadlag.core.arrays import unit_size
from leadlag.core.skill import rolling_skill
from leadlag.core.stages import Elasticity, elasticity, lost_later
from leadlag.planning.flow import FEWEST, Aligned, Flow, logged, moved_by, open_delays

__all__ = ["Link", "judged", "links", "vanity"]

Floats = npt.NDArray[np.float64]

_LEVEL = 0.90
# Of all rates together. A trap also loses at least half of what a rate gains.
# At 5 % eight in a hundred clean funnels of slowly wandering rates raised a trap.
_TRAP_ALPHA, _TRAP_LOSS = 0.03, 0.5
# A whole loss is seen in 95 of 100 funnels by a test at 3 % where this many errors fit into it.
_SEEN_ERRORS = 3.53
# With three sales a week the logarithm of a count misleads: 13 of 100 clean funnels raised a trap.
_FEWEST_CASES = 5.0
# A stage that matters less than this is worth no goal; power .8 needs so small an error.
_MATTERS = 0.5
_POWER_ERRORS = 2.49
# Of the best of a dozen delays, and of a forecast: what is asked to take the suspicion away.
_SURE = 0.999
_SKILL_P = 0.01
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
        One-sided, of the raise being lost later on. NaN for single rates, and where the outcome
        has fewer than five cases a period.
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
        total = _lost(flow, aligned, i)
        if total is None:
            continue
        few = bool(np.nanmean(aligned.counts[:, -1]) < _FEWEST_CASES)
        low, high = total.interval(_LEVEL)
        made.append(
            Link(
                raised, "outcome", 1 + total.estimate, 1 + low, 1 + high,
                float("nan") if few else total.p_negative, total.error,
            )
        )  # fmt: skip
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


def judged(found: list[Link], rates: list[str]) -> dict[str, str]:
    """Judge every rate by whether a raise of it is lost later on.

    Parameters
    ----------
    found : list of Link
    rates : list of str
        Rates with a later rate behind them.

    Returns
    -------
    dict of str to str
        "trap": at most half of a raise reached the outcome. "reaches the outcome": more than half
        did, at 95 %. "not shown": neither, by a test that would have seen a whole loss.
        "underpowered": neither, by a test that might not have.
    """
    links_of = {link.raised: link for link in found if link.responds == "outcome"}
    return {rate: _judge(links_of.get(rate), len(rates)) for rate in rates}


def _judge(link: Link | None, n_rates: int) -> str:
    if link is None or not np.isfinite(link.p_value):
        return "underpowered"
    if link.p_value <= _TRAP_ALPHA / n_rates and link.elasticity <= 1 - _TRAP_LOSS:
        return "trap"
    if link.low > 1 - _TRAP_LOSS:
        return "reaches the outcome"
    return "not shown" if link.error * _SEEN_ERRORS <= 1 else "underpowered"


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
        # The delay was chosen for the best fit: above 0 by chance is common at 90 %, and 5 of 100
        # at 99 %.
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


def _lost(flow: Flow, aligned: Aligned, i: int) -> Elasticity | None:
    """Elasticity of all later rates together with respect to rate i, or to the first stage.

    Delays that were not declared are left open, one gap at a time.
    """
    moved = np.log(np.column_stack([logged(column) for column in aligned.counts.T]))
    first = moved[:, i] - (moved[:, i - 1] if i else 0.0)
    if np.nanstd(first) < 1e-9 or np.nanstd(moved[:, -1] - moved[:, i]) < 1e-9:
        return None
    outcome = moved[:, -1]
    none = np.zeros(len(moved))
    cases, before, penalty = [moved[:, i]], [moved[:, i - 1] if i else none], [0.0]
    for gap in range(i, len(flow.stages) - 1):
        shapes, costs = open_delays(flow, gap)
        if not len(shapes):
            continue
        for side, at in ((cases, i), (before, i - 1)):
            if at < 0:
                side += [none] * len(shapes)
                continue
            side += list(np.log(moved_by(flow, aligned, at, gap, shapes)))
        # What was found costs no more than the shape that it is.
        same = [bool(np.array_equal(shape, aligned.shapes[gap])) for shape in shapes]
        penalty[0] = float(costs[same.index(True)]) if True in same else penalty[0]
        penalty += costs.tolist()
    before_all = np.array(before)
    return lost_later(
        outcome - np.array(cases), np.array(cases) - before_all, flow.terms,
        penalty=np.array(penalty), sampling=aligned.sampling(i) if i else 0.0,
        max_order=flow.max_order,
    )  # fmt: skip


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


def _trending(cases: Floats) -> bool:
    """A straight line through the logarithm explains most of what is not noise."""
    known = np.isfinite(cases)
    level = np.log(logged(cases[known]))
    if np.ptp(level) == 0:
        return False
    return abs(float(np.corrcoef(np.flatnonzero(known), level)[0, 1])) > 0.7


def _cumulative(cases: Floats) -> bool:
    steps = np.diff(cases[np.isfinite(cases)])
    return bool((steps >= 0).all() and (steps > 0).mean() > 0.5)


def _changes(terms: Floats) -> Floats:
    change = np.diff(terms, axis=0, prepend=terms[:1])
    moving = change[:, np.ptp(change[1:], axis=0) > 0]
    return np.column_stack([np.ones(len(terms)), moving])
