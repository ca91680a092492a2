"""The scoreboard: what earlier reports predicted, and what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from leadlag.curves import stamps_text
from leadlag.monitor.state import State

__all__ = ["known_values", "scoreboard"]

Prediction = dict[str, Any]

# Dates that a reader is shown.
_SHOWN = 10
# Older predictions than this are still counted, but no longer kept one by one.
_KEPT = 400


def known_values(state: State) -> dict[str, float]:
    """Known values of the target, by the start of their period.

    Parameters
    ----------
    state : State

    Returns
    -------
    dict of str to float
    """
    stamps = stamps_text(state.curves.index)
    return {
        str(stamp): float(value)
        for stamp, value in zip(stamps, state.observed.target, strict=True)
        if np.isfinite(value)
    }


def scoreboard(
    earlier: Mapping[str, Any] | None, made: Sequence[Prediction], known: Mapping[str, float]
) -> dict[str, Any]:
    """Settle the open predictions of earlier reports, and add today's.

    Parameters
    ----------
    earlier : mapping or None
        The scoreboard of the report before: "open" and "settled".
    made : sequence of dict
        Today's predictions: "made", "date", "ahead", "expected", "low", "high", "alone".
    known : mapping of str to float
        What is known of the target by now, by date.

    Returns
    -------
    dict
        "open" (predictions that wait), "settled" (with "actual", "inside", "error"), "shown" (of
        the newest dates the first prediction each, newest first), "count", "inside" (share of the
        settled that their interval held), "error" and "error_alone" (mean
        absolute errors, with the leaders and without).

    Examples
    --------
    >>> before = scoreboard(None, [{"made": "May", "date": "2024-06", "ahead": 1, "expected": 10.0,
    ...                             "low": 8.0, "high": 12.0, "alone": 13.0}], {})
    >>> now = scoreboard(before, [], {"2024-06": 11.0})
    >>> now["settled"][0]["actual"], now["inside"], now["error"], now["error_alone"]
    (11.0, 1.0, 1.0, 2.0)
    """
    before = earlier or {"open": [], "settled": []}
    settled = [dict(one) for one in before["settled"]]
    waiting = []
    for one in before["open"]:
        actual = known.get(str(one["date"]))
        if actual is None:
            waiting.append(dict(one))
            continue
        settled.append(
            {
                **one,
                "actual": actual,
                "inside": bool(one["low"] <= actual <= one["high"]),
                "error": abs(actual - one["expected"]),
                "error_alone": abs(actual - one["alone"]),
            }
        )
    # A report that is made again predicts once.
    seen = {(one["made"], one["date"]) for one in (*waiting, *settled)}
    waiting += [dict(one) for one in made if (one["made"], one["date"]) not in seen]
    settled.sort(key=lambda one: (str(one["date"]), str(one["made"])))
    settled = settled[-_KEPT:]
    return {
        "open": waiting,
        "settled": settled,
        "shown": _first_of_each(settled),
        "count": len(settled),
        **{name: _mean(settled, name) for name in ("inside", "error", "error_alone")},
    }


def _first_of_each(settled: Sequence[Prediction]) -> list[Prediction]:
    """Of each date the prediction that was made first: the one that took most courage."""
    first: dict[str, Prediction] = {}
    for one in sorted(settled, key=lambda one: -int(one["ahead"])):
        first.setdefault(str(one["date"]), one)
    newest = sorted(first.values(), key=lambda one: str(one["date"]), reverse=True)
    return newest[:_SHOWN]


def _mean(settled: Sequence[Mapping[str, Any]], name: str) -> float | None:
    return float(np.mean([one[name] for one in settled])) if settled else None
