"""How a metric moves now, against how it usually moves, and when that would show in the target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from leadlag.assign.movability import movability
from leadlag.curves import moved, stamps_text
from leadlag.monitor.state import State
from leadlag.wording.numbers import missing

__all__ = ["movement", "reached", "shows_in"]

Floats = npt.NDArray[np.float64]

# Periods that a movement is read over: single days or months are mostly noise.
_WHILE: Mapping[str, int] = {
    "h": 24, "D": 7, "B": 5, "W": 4, "M": 3, "Q": 2, "Y": 1, "period": 3,
}  # fmt: skip
# Changes of the past without which there is no noise band.
_FEWEST = 20
# Central 90 % of a normal.
_BAND = 1.645


def movement(state: State, metric: str) -> dict[str, Any]:
    """Compare the newest stretch of a metric with the stretch before it.

    Parameters
    ----------
    state : State
    metric : str
        A metric that was tested.

    Returns
    -------
    dict
        "periods" of a stretch, "now" and "before" (raw means), "change", its "share" of
        "before" (None for a metric that takes both signs),
        "usual" (the standard deviation of past changes, in the metric's units), "z": the change
        without calendar and trend, in standard deviations of its past; None where missing. And
        "unusual": whether z lies outside the 90 % of past changes nearest to none.

    Notes
    -----
    z is measured on the prepared series, where a weekday or a season moves nothing: the mean of the
    last w periods less that of the w before, over the standard deviation of all earlier such
    differences.
    """
    span = _WHILE.get(state.settings["freq"], 3)
    at = state.observed.metrics.index(metric)
    raw = _last_known(state.observed.values[:, at])
    prepared = _last_known(state.curves.prepared[:, state.curves.metrics.index(metric)])
    means = _means(raw, span)
    steps = _means(prepared, span)
    steps = steps[span:] - steps[:-span] if steps.size > span else np.empty(0)
    past = steps[:-1][np.isfinite(steps[:-1])]
    out: dict[str, Any] = dict.fromkeys(("now", "before", "change", "share", "usual", "z"))
    out = {"metric": metric, "periods": span, **out}
    if means.size > span and np.isfinite(means[-1]) and np.isfinite(means[-1 - span]):
        now, before = float(means[-1]), float(means[-1 - span])
        out |= {"now": now, "before": before, "change": now - before}
        # A share of a value that is now above zero and now below says nothing of its size.
        both_signs = np.nanmin(raw) < 0 < np.nanmax(raw)
        out["share"] = (now - before) / abs(before) if before and not both_signs else None
        changes = (means[span:] - means[:-span])[:-1]
        known = changes[np.isfinite(changes)]
        out["usual"] = float(known.std()) if known.size >= _FEWEST else None
    if past.size >= _FEWEST and np.isfinite(steps[-1]) and past.std() > 0:
        out["z"] = float(steps[-1] / past.std())
    out["unusual"] = out["z"] is not None and abs(out["z"]) > _BAND
    return out


def shows_in(state: State, row: Mapping[str, Any]) -> list[Any]:
    """First and last period in which a leader's newest stretch would show in the target.

    Parameters
    ----------
    state : State
    row : mapping
        A row of the table with a lag and its interval.

    Returns
    -------
    list
        Two stamps, as text or integers; empty where there is no interval.
    """
    if missing(row["lag_low"]) or missing(row["lag_high"]):
        return []
    values = state.observed.values[:, state.observed.metrics.index(row["metric"])]
    newest = int(np.flatnonzero(np.isfinite(values))[-1])
    freq = state.settings["freq"]
    first = max(newest - _WHILE.get(freq, 3) + 1, 0)
    ends = [
        moved(state.curves.index, freq, int(row[name]))[at : at + 1]
        for name, at in (("lag_low", first), ("lag_high", newest))
    ]
    return [stamps_text(end)[0] for end in ends]


def reached(
    state: State, row: Mapping[str, Any], facts: Mapping[str, Any], moves: float
) -> float | None:
    """Share of a metric's past changes that were as large as so many typical moves.

    Parameters
    ----------
    state : State
    row : mapping
        A row of the table.
    facts : mapping
        Of a judgement: "needed_move" gives the direction, "over" the periods that it may take.
    moves : float
        How many typical moves.

    Returns
    -------
    float or None
        None where too little is known.
    """
    if not facts.get("needed_move") or missing(row["typical_move"]):
        return None
    size = float(np.copysign(moves * row["typical_move"], facts["needed_move"]))
    values = state.observed.values[:, state.observed.metrics.index(row["metric"])]
    made = movability(values, size, over=int(facts["over"]))
    return None if made is None else made.share


def _last_known(values: Floats) -> Floats:
    known = np.flatnonzero(np.isfinite(values))
    return values[: known[-1] + 1] if known.size else values[:0]


def _means(values: Floats, span: int) -> Floats:
    """Mean of the last `span` values at each row, of those known; NaN where fewer than half are."""
    known = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    inside = count[span:] - count[:-span]
    sums = total[span:] - total[:-span]
    return np.where(2 * inside >= span, sums / np.maximum(inside, 1), np.nan)
