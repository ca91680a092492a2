"""Alerts as a state machine: what rises above a line fires once, and rests before it may again.

A signal is a number about one subject in one run. It fires when it has been above its upper line
for so many runs in a row; it is over when it falls below its lower line; then it cools off.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["RULES", "STALE", "Rule", "Signal", "alerts", "step"]

STALE = "stale data"


@dataclass(frozen=True)
class Rule:
    """When a kind of signal fires and when it is over.

    Parameters
    ----------
    enter, leave : float
        Upper and lower line: hysteresis, so that a value at the line does not flicker.
    runs : int
        Runs in a row at or above `enter` before it fires.
    cool_off : int
        Runs after it is over during which it does not fire again.
    words : str
        What it is about.
    event : bool
        Whether it happens in one run and is no state that goes on: the next one is news again.
    """

    enter: float
    leave: float
    runs: int
    cool_off: int
    words: str
    event: bool = False


# Lines in standard deviations for moves, in nats for relations (4 nats: 55 times likelier), in
# periods where data are late, and 1 elsewhere.
RULES: Mapping[str, Rule] = {
    "leader moved": Rule(3.0, 1.5, 1, 4, "a leader moved beyond its noise band"),
    "counterweight breached": Rule(3.0, 1.5, 1, 4, "a counterweight got worse"),
    "relation weakened": Rule(4.0, 1.0, 1, 8, "a relation weakened"),
    "lead lost": Rule(1.0, 0.5, 3, 8, "a lead that was shown is no longer shown"),
    "rank changed": Rule(1.0, 0.5, 2, 4, "a rank left its interval"),
    STALE: Rule(1.0, 0.5, 1, 1, "the data are late"),
    "partial data": Rule(1.0, 0.5, 1, 0, "a metric's newest values are missing"),
    "definition changed": Rule(1.0, 0.5, 1, 0, "a definition changed", event=True),
}


@dataclass(frozen=True)
class Signal:
    """One number about one subject in one run.

    Parameters
    ----------
    kind : str
        A key of `RULES`.
    subject : str
        A metric or the target.
    value : float
    text : str
        What a person reads if it fires.
    """

    kind: str
    subject: str
    value: float
    text: str


def step(state: Mapping[str, Any] | None, value: float, rule: Rule) -> tuple[dict[str, Any], bool]:
    """Take one signal one run further.

    Parameters
    ----------
    state : mapping or None
        "status" ("quiet", "rising", "on" or "cooling") and "count" of the run before.
    value : float
        Of the signal.
    rule : Rule

    Returns
    -------
    state : dict
        Of this run.
    fired : bool
        Whether it fires now.

    Examples
    --------
    >>> rule = Rule(enter=3, leave=1, runs=2, cool_off=1, words="")
    >>> state, told = None, []
    >>> for value in (4, 4, 2, 0, 4, 4, 4):
    ...     state, fired = step(state, value, rule)
    ...     told.append((state["status"], fired))
    >>> [status for status, _ in told]
    ['rising', 'on', 'on', 'cooling', 'quiet', 'rising', 'on']
    >>> [fired for _, fired in told]
    [False, True, False, False, False, False, True]
    """
    status, count = (state["status"], state["count"]) if state else ("quiet", 0)
    if status == "on" and rule.event:
        status, count = ("cooling" if rule.cool_off else "quiet"), rule.cool_off
    if status == "on":
        if value >= rule.leave:
            return {"status": "on", "count": count}, False
        status = "cooling" if rule.cool_off else "quiet"
        return {"status": status, "count": rule.cool_off}, False
    if status == "cooling":
        left = count - 1
        return {"status": "cooling" if left else "quiet", "count": left}, False
    if value >= rule.enter:
        if count + 1 >= rule.runs:
            return {"status": "on", "count": 0}, True
        return {"status": "rising", "count": count + 1}, False
    if status == "rising" and value >= rule.leave:
        return {"status": "rising", "count": count}, False
    return {"status": "quiet", "count": 0}, False


def alerts(
    earlier: Mapping[str, Any] | None,
    signals: Sequence[Signal],
    *,
    rules: Mapping[str, Rule] = RULES,
    only: Collection[str] | None = None,
) -> dict[str, Any]:
    """Take all signals one run further.

    Parameters
    ----------
    earlier : mapping or None
        What this returned in the run before.
    signals : sequence of Signal
        Of this run; what is not among them counts as zero.
    rules : mapping, optional
        Lines by kind.
    only : collection of str, optional
        Kinds that are looked at; the others stay as they were, as where the data are those of the
        run before.

    Returns
    -------
    dict
        "fired" (new in this run), "on" (still going on), "states".

    Examples
    --------
    >>> moved = Signal("leader moved", "signups", 4.2, "signups rose")
    >>> first = alerts(None, [moved])
    >>> second = alerts(first, [moved])
    >>> [one["subject"] for one in first["fired"]], second["fired"], len(second["on"])
    (['signups'], [], 1)
    """
    before = dict(earlier["states"]) if earlier else {}
    now = {(one.kind, one.subject): one for one in signals}
    for key in before:
        kind, subject = key.split(": ", 1)
        if kind in rules:
            now.setdefault((kind, subject), Signal(kind, subject, 0.0, ""))
    states: dict[str, Any] = {}
    fired, on = [], []
    for (kind, subject), one in sorted(now.items()):
        key = f"{kind}: {subject}"
        if kind not in rules:
            continue
        if only is not None and kind not in only:
            if key not in before:
                continue
            states[key], is_new = before[key], False
        else:
            states[key], is_new = step(before.get(key), one.value, rules[kind])
        told = {"kind": kind, "subject": subject, "value": one.value, "text": one.text}
        if is_new:
            fired.append(told)
        elif states[key]["status"] == "on":
            on.append(told)
        if states[key]["status"] == "quiet":
            del states[key]
    return {"fired": fired, "on": on, "states": states}
