"""The signals of one run: what alerts are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from leadlag.core.roles import SHOWN_LEADING
from leadlag.curves import stamps_text
from leadlag.monitor.alerts import STALE, Signal
from leadlag.monitor.changes import DEFINITION, FACTS
from leadlag.monitor.movement import movement
from leadlag.monitor.relation import Weakening, weakening
from leadlag.monitor.state import State
from leadlag.wording.amounts import reading
from leadlag.wording.fields import field_value, field_word
from leadlag.wording.names import Names
from leadlag.wording.numbers import figures, missing, plain
from leadlag.wording.spans import label
from leadlag.wording.words import periods

__all__ = ["ESTABLISHED", "leads_of", "signals", "window_of"]

# Runs in which a metric has to have led before losing the lead is news.
ESTABLISHED = 3
_MOST_GAP = 2
# The same value so many times in a row is no chance, where it never was before.
_REPEATS = 5
# Odds beyond these need no more digits.
_MOST_NATS = 13.0


def leads_of(state: State) -> list[str]:
    """Leaders that were shown, best first.

    Parameters
    ----------
    state : State

    Returns
    -------
    list of str
    """
    return [row["metric"] for row in state.rows if row["role"] in SHOWN_LEADING]


def signals(
    state: State,
    changes: Sequence[Mapping[str, Any]],
    *,
    led: Mapping[str, int],
    ranks: Mapping[str, Sequence[int]],
    windows: Mapping[str, Sequence[int]] | None = None,
    late: float = 0.0,
    names: Names | None = None,
) -> list[Signal]:
    """Read the signals of a run.

    Parameters
    ----------
    state : State
        The ranking.
    changes : sequence of mapping
        Since the run before.
    led : mapping of str to int
        In how many runs, up to the one before, each metric was shown to lead.
    ranks : mapping of str to (low, high)
        Rank intervals of the leaders in the run before.
    windows : mapping of str to (first, last), optional
        Lags at which each metric led when it last did, up to the run before.
    late : float, periods
        How long the data have been due.
    names : Names, optional
        What the columns are called, those of the run before as well; by default those of this one.

    Returns
    -------
    list of Signal
    """
    target, freq = state.settings["target"], state.settings["freq"]
    windows = windows or {}
    named = state.names if names is None else names
    return [
        *_moved(state, named),
        *_counterweights(state, named),
        *_relations(state, led, windows, named),
        # Where metrics came or went, a place is no longer the place that it was.
        *([] if any(map(_regrouped, changes)) else _ranks(state, ranks, named)),
        *([_late(state, named, late)] if late >= 1 else []),
        *_frozen(state, [*([] if late >= 1 else [target]), *leads_of(state)], named),
        *_partial(state, named),
        *_unusable(state, led, named),
        *_redefinitions(changes, named, freq),
    ]


def _moved(state: State, named: Names) -> list[Signal]:
    found = []
    for name in leads_of(state):
        made = movement(state, name)
        if made["z"] is not None:
            word = "rose" if made["z"] > 0 else "fell"
            size = _times(made["z"])
            text = f"{named(name)} {word} by {size}{_means(made, state)}"
            found.append(Signal("leader moved", name, abs(made["z"]), text))
    return found


def _times(z: float) -> str:
    """A change beside the standard deviation of its like: what the page calls the usual change."""
    return f"{abs(z):.1f} times its usual change"


def _means(made: Mapping[str, Any], state: State) -> str:
    if made["now"] is None:
        return ""
    span = periods(made["periods"], state.settings["freq"])
    return (
        f" (mean of the last {span}: {reading(made['now'])}; of the {span} before: "
        f"{reading(made['before'])})"
    )


def _counterweights(state: State, named: Names) -> list[Signal]:
    found: dict[str, Signal] = {}
    for leader in leads_of(state):
        for name in state.observed.declared.get(leader, {}).get("counterweights", ()):
            aim = state.observed.declared.get(name, {}).get("aim")
            if aim not in ("up", "down") or name not in state.observed.metrics:
                continue
            made = movement(state, name)
            if made["z"] is not None:
                worse = -made["z"] if aim == "up" else made["z"]
                text = (
                    f"{named(name)}, the counterweight of {named(leader)}, got worse by "
                    f"{_times(worse)}{_means(made, state)}"
                )
                found[name] = Signal("counterweight breached", name, max(worse, 0.0), text)
    return list(found.values())


def _relations(
    state: State, led: Mapping[str, int], windows: Mapping[str, Sequence[int]], named: Names
) -> list[Signal]:
    found = []
    for row in state.rows:
        name = row["metric"]
        shown = row["role"] in SHOWN_LEADING
        if row["role"] == "excluded" or not (shown or led.get(name, 0) >= ESTABLISHED):
            continue
        if not shown:
            text = f"{named(name)} was shown to lead in {led[name]} reports and is no longer"
            found.append(Signal("lead lost", name, 1.0, text))
        # Where it led before the rows that may have ended it.
        window = windows.get(name) or window_of(row)
        held = weakening(state, name, window) if window else None
        if held is not None:
            text = _weaker(state, named, name, held)
            found.append(Signal("relation weakened", name, held.evidence, text))
    return found


def window_of(row: Mapping[str, Any]) -> list[int]:
    """First and last lag at which a metric leads.

    Parameters
    ----------
    row : mapping
        A row of the table.

    Returns
    -------
    list of int
        Empty where it does not lead.
    """
    if row["role"] not in SHOWN_LEADING or missing(row["lag"]):
        return []
    if missing(row["lag_low"]) or missing(row["lag_high"]):
        return [int(row["lag"])] * 2
    return [int(row["lag_low"]), int(row["lag_high"])]


def _weaker(state: State, named: Names, name: str, held: Weakening) -> str:
    target, metric = named(state.settings["target"]), named(name)
    if held.since is None:
        return f"{metric} says about {target} what it did"
    stamp = stamps_text(state.curves.index)[held.since]
    when = label(stamp, state.settings["freq"], ends=state.observed.ends)
    odds = figures(math.exp(min(held.evidence, _MOST_NATS)))
    return (
        f"{metric} no longer says about {target} what it did, probably since {when}: what came "
        f"since is {odds} times likelier without it"
    )


def _regrouped(change: Mapping[str, Any]) -> bool:
    """Whether a metric came or went, or its column can be used again or no longer."""
    sides = (change["before"], change["after"])
    return change["field"] == "metric" or (change["field"] == "role" and "excluded" in sides)


def _ranks(state: State, ranks: Mapping[str, Sequence[int]], named: Names) -> list[Signal]:
    found = []
    for row in state.rows:
        interval = ranks.get(row["metric"])
        if interval is None or missing(row["rank"]) or row["role"] not in SHOWN_LEADING:
            continue
        low, high = interval
        outside = row["rank"] < low or row["rank"] > high
        before = f"number {low}" if low == high else f"between {low} and {high}"
        place = plain(row["rank"])
        text = f"{named(row['metric'])} is now number {place}; it was sure to be {before}"
        found.append(Signal("rank changed", row["metric"], float(outside), text))
    return found


def _frozen(state: State, names: Sequence[str], named: Names) -> list[Signal]:
    """Columns whose newest value only repeats: what fills them may have stopped."""
    found = []
    for name in names:
        series = state.observed.target
        if name != state.settings["target"]:
            series = state.observed.values[:, state.observed.metrics.index(name)]
        values = series[np.isfinite(series)]
        starts = np.flatnonzero(np.r_[True, np.diff(values) != 0, True])
        *before, newest = np.diff(starts).tolist()
        # A count that is often the same repeats as well.
        if newest >= max(_REPEATS, 2 * max(before, default=0)):
            span = periods(newest, state.settings["freq"])
            text = f"{named(name)} has been {reading(float(values[-1]))} for {span}"
            found.append(Signal(STALE, name, float(newest), text))
    return found


def _partial(state: State, named: Names) -> list[Signal]:
    """Leaders whose newest values are missing where the target's are known."""
    origin = int(np.flatnonzero(np.isfinite(state.observed.target))[-1])
    found = []
    for row in state.rows:
        if row["role"] not in SHOWN_LEADING or missing(row["usable_lead"]):
            continue
        values = state.observed.values[:, state.observed.metrics.index(row["metric"])]
        newest = int(np.flatnonzero(np.isfinite(values))[-1])
        # A value that is known only after a delay is not late before that.
        gap = origin - newest - (row["lag"] - row["usable_lead"])
        if gap > _MOST_GAP:
            span = periods(gap, state.settings["freq"])
            text = f"{named(row['metric'])} has no value in the last {span}"
            found.append(Signal("partial data", row["metric"], float(gap), text))
    return found


def _unusable(state: State, led: Mapping[str, int], named: Names) -> list[Signal]:
    """Metrics that led before and whose column can't be ranked any more."""
    return [
        Signal(
            "partial data",
            row["metric"],
            float(_MOST_GAP + 1),
            f"{named(row['metric'])} was shown to lead before and can't be used now: "
            f"{row['notes']}",
        )
        for row in state.rows
        if row["role"] == "excluded" and led.get(row["metric"], 0) > 0
    ]


def _redefinitions(changes: Sequence[Mapping[str, Any]], named: Names, freq: str) -> list[Signal]:
    """What counts another thing now, all that is known of each; what follows from it is no news."""
    said: dict[str, list[str]] = {}
    for change in changes:
        # A metric that comes is new data: only one that is gone is told here.
        if change["cause"] == DEFINITION and change["field"] in FACTS:
            said.setdefault(change["metric"], []).append(_redefined(change, freq))
    return [
        Signal(
            "definition changed",
            metric,
            1.0,
            named(metric) + "; ".join([parts[0], *(part.lstrip(": ") for part in parts[1:])]),
        )
        for metric, parts in said.items()
    ]


def _redefined(change: Mapping[str, Any], freq: str) -> str:
    field, before, after = (change[key] for key in ("field", "before", "after"))
    if field == "metric":
        role = field_value(field, before, freq)
        return f" is no longer in the data; in the report before its role was {role}"
    if field == "values":
        return f" counts another thing: its history was {after}"
    said = [field_value(field, value, freq) for value in (before, after)]
    return f": {field_word(field)} was {said[0]}, is {said[1]}"


def _late(state: State, named: Names, late: float) -> Signal:
    target, count = state.settings["target"], int(late)
    more = periods(count, state.settings["freq"]).replace(" ", " more ", 1)
    return Signal(STALE, target, float(count), f"{named(target)} should have {more} by now")
