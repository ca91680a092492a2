"""What a required move says: how far, by when, and where that stands among past moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from leadlag.data.grid import period_label
from leadlag.wording.amounts import amount, with_range
from leadlag.wording.plans import percent
from leadlag.wording.words import periods, unit, wrapped

_QUARTER = {"h": "weeks", "D": "quarters", "B": "quarters", "W": "quarters", "M": "quarters"}
# Periods with a name of their own.
_NAMED = ("M", "Q", "Y")
_LONG = {"h": 168, "D": 91, "B": 65, "W": 13, "M": 3}


def move_text(made: Mapping[str, Any]) -> str:
    """Write what a change of the target would take.

    Parameters
    ----------
    made : mapping
        As `RequiredMove.to_dict` returns it.

    Returns
    -------
    str
    """
    wanted = f"{_signed(made['change'])} in {made['target']} (lately about "
    wanted += f"{amount(made['target_level'])})"
    if made["determined"]:
        lines = [*_determined(made, wanted)]
    else:
        lines = [f"The move of {made['metric']} that would go with {wanted} is not determined: "
                 f"{made['reason']}."]  # fmt: skip
    lines += _believed(made)
    usual = made["target_business_as_usual"]
    if usual is not None:
        lines.append(
            f"{made['target']} itself changed that far in {percent(round(usual, 2))} of past "
            f"{_stretches(made)}."
        )
    lines.append("This is what went together so far; whether moving one moves the other takes an "
                 "experiment.")  # fmt: skip
    return "\n".join(wrapped(line, 100) for line in lines)


def _determined(made: Mapping[str, Any], wanted: str) -> list[str]:
    size, first, last = with_range(made["move"], made["low"], made["high"])
    sign = "−" if made["move"] < 0 else "+"
    if made["move"] < 0:
        first, last = last, first
    lines = [
        f"{wanted} would go with {sign}{size} in {made['metric']} (lately about "
        f"{amount(made['level'])}), held; 90 % interval {sign}{first} to {sign}{last}."
    ]
    when = made["due"]
    if when["move_by"] is not None:
        lag = periods(when["lag"], when["freq"])
        late = " That has passed: it can't be in time." if when["late"] else ""
        shows, first, last = (_period(when, name) for name in ("shows", "shows_low", "shows_high"))
        by = _period(when, "move_by")
        by = by if when["freq"] in _NAMED else f"the {unit(when['freq'])} of {by}"
        lines.append(
            f"It has to move by {by} to show in {shows} ({lag} later; {first} to {last}).{late}"
        )
    if made["larger_than"] is not None:
        lines.append(
            f"That is larger than {percent(round(made['larger_than'], 2))} of its moves between "
            f"{_stretches(made)}; business as usual reaches it "
            f"{percent(round(made['business_as_usual'], 2))} of the time "
            f"({made['n_stretches']} {_stretches(made)} seen)."
        )
    return lines


def _period(when: Mapping[str, Any], name: str) -> str:
    """Name a period: a month by itself, not by its first day."""
    if when["freq"] not in _NAMED:
        return str(when[name])
    return period_label(pd.Timestamp(when[name]), when["freq"])


def _believed(made: Mapping[str, Any]) -> list[str]:
    if made["believed"] is None:
        return []
    low, high = made["believed"]
    ends = _signed(low) if low == high else f"{_signed(low)} to {_signed(high)}"
    if made["probability"] is None:
        return [f"The team believes in {ends}; what would go with it is not known."]
    first, middle, last = made["believed_change"]
    reach = _signed(middle) if low == high else f"{_signed(first)} to {_signed(last)}"
    return [
        f"The team believes in {ends}, which would go with {reach} in {made['target']}: a chance "
        f"of {percent(round(made['probability'], 2))} to reach {_signed(made['change'])}."
    ]


def _stretches(made: Mapping[str, Any]) -> str:
    freq = made["due"]["freq"]
    if _LONG.get(freq) == made["stretch"]:
        return _QUARTER[freq]
    if made["stretch"] == 1:
        return f"{unit(freq)}s"
    return f"stretches of {periods(made['stretch'], freq)}"


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{amount(value)}"
