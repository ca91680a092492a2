"""What a rise of a leader precedes in what must not get worse, as a page says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadlag.assign.counterweights import Counterweight
from leadlag.wording.amounts import signed_cell
from leadlag.wording.names import Names
from leadlag.wording.numbers import chance
from leadlag.wording.words import periods, same_period

__all__ = ["tradeoff"]

# A lead with a larger p was not shown.
_SHOWN = 0.05


def tradeoff(one: Mapping[str, Any], names: Names, freq: str) -> str:
    """Say what was found about a leader and one of its counterweights.

    Parameters
    ----------
    one : mapping
        "text", and "found", the fields of a `Counterweight`, where there were rows enough.
    names : Names
        What the columns are called.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    str

    Notes
    -----
    How large a typical move is stands once on a page, with the effect on the target.
    """
    if "found" not in one:
        return str(one["text"])
    values = dict(one["found"])
    values |= {key: names(values[key]) for key in ("metric", "against", "target")}
    made = Counterweight(**values)
    shown = chance("p", made.p_lead)
    lead = (
        f"{made.metric} precedes {made.target} ({shown})."
        if made.p_lead <= _SHOWN
        else f"That {made.metric} precedes {made.target} was not shown ({shown})."
    )
    what = (
        f"After a lasting rise of {made.metric} by a typical move, {made.against} changed by "
        f"{_interval(made.effect, made.low, made.high)} over the next {periods(made.lags, freq)}, "
        f"and by {_interval(made.same_period, made.same_low, made.same_high)} "
        f"{same_period(freq)}."
    )
    return " ".join([lead, what, made.finding, made.proposal])


def _interval(value: float, low: float, high: float) -> str:
    return f"{signed_cell(value)} ({signed_cell(low)} to {signed_cell(high)})"
