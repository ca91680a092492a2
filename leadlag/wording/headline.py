"""The first sentences of a report: what changed, what to do, what is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadlag.wording.amounts import with_range
from leadlag.wording.fields import field_value, field_word
from leadlag.wording.spans import dated
from leadlag.wording.words import listed, periods

Row = Mapping[str, Any]

_NAMED = 3
_NOISE = "noise"
_UNSHOWN = "unrelated"
_GONE = "absent"
# By verdict: what the report says to do, in the order in which it is looked for.
_VERBS: Mapping[str, str] = {"assign": "assign", "learn first": "learn first about"}
# What decides who is named, and in which order.
_DECIDING = ("metric", "role", "verdict", "tier", "rank", "redundant_with")
# What goes with every week that passes.
_COURSE = ("data through", "max_lag")


def what_changed(changes: Sequence[Row], earlier: str | None, freq: str = "period") -> str:
    """Say in a sentence what changed since the report before.

    Parameters
    ----------
    changes : sequence of mapping
        "metric", "field", "before", "after", "cause"; metrics as people call them.
    earlier : str or None
        The period through which the report before went; None for a first report.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    str

    Examples
    --------
    >>> what_changed([], None)
    'This is the first report, so there is nothing to compare it with.'
    >>> what_changed([{"metric": "visits", "field": "role", "before": "leading",
    ...                "after": "unrelated", "cause": "new data"}], "2024-05")
    'Since the report through May 2024: visits went from leading to none shown (new data).'
    """
    if earlier is None:
        return "This is the first report, so there is nothing to compare it with."
    real = [c for c in changes if c["cause"] != _NOISE and c["field"] not in _COURSE]
    first = ("metric", "role", "verdict", "values")
    real.sort(key=lambda c: first.index(c["field"]) if c["field"] in first else len(first))
    told: dict[str, str] = {}
    for change in real:
        told.setdefault(change["metric"], _told(change, freq))
    since = f"Since the report through {dated(earlier)}"
    if not told:
        return f"{since} nothing changed beyond noise."
    parts = list(told.values())[:_NAMED]
    if len(told) > _NAMED:
        more = len(told) - _NAMED
        parts.append(f"{more} more {'has' if more == 1 else 'have'} changed (section 5)")
    return f"{since}: {'; '.join(parts)}."


def _told(change: Row, freq: str) -> str:
    name, cause, field = change["metric"], change["cause"], change["field"]
    before, after = (field_value(field, change[side], freq) for side in ("before", "after"))
    if field == "values":
        if str(change["after"]).startswith("restated"):
            return f"the history of {name} was {after} ({cause})"
        return f"{name} had {after}"
    if field == "metric":
        if change["before"] == _GONE:
            return f"{name} is new in the data"
        return f"{name} ({before}) is no longer in the data"
    if field == "role":
        return f"{name} went from {before} to {after} ({cause})"
    if field == "redundant_with":
        adds = f"says the same as {after}" if change["after"] else "says something of its own"
        return f"{name} now {adds} ({cause})"
    return f"the {field_word(field)} of {name} went from {before} to {after} ({cause})"


def what_to_do(leaders: Sequence[Row], target: str, freq: str, before: Sequence[Row] = ()) -> str:
    """Say in a sentence what to do now.

    Parameters
    ----------
    leaders : sequence of mapping
        Leaders of the report, best first: "metric" (as people call it), "verdict", "owner", "lag",
        "usable_lead".
    target : str
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".
    before : sequence of mapping
        Leaders of the report before, where it said something else and no more than noise lies
        between.

    Returns
    -------
    str

    Examples
    --------
    >>> what_to_do([], "revenue", "W")
    'Nothing was shown to lead revenue: change no plan because of this report.'
    >>> signups = {"metric": "signups", "verdict": "assign", "owner": "Ann", "lag": 3}
    >>> what_to_do([signups], "revenue", "W")
    'Assign signups (Ann): it precedes revenue by 3 weeks.'
    >>> print(what_to_do([signups], "revenue", "W", before=[{**signups, "metric": "visits"}]))
    Assign signups (Ann): it precedes revenue by 3 weeks. The last report said to assign visits; the
    difference is within noise.
    """
    text = _to_do(leaders, target, freq)
    verb, named = recommended(before)
    if not named:
        return text
    names = listed(str(one["metric"]) for one in named)
    return f"{text} The last report said to {verb} {names}; the difference is within noise."


def recommended(leaders: Sequence[Row]) -> tuple[str, list[Row]]:
    """Whom a report names to be acted upon, in its order, and what is to be done.

    Parameters
    ----------
    leaders : sequence of mapping
        "verdict" and "usable_lead" are read.

    Returns
    -------
    verb : str
    named : list of mapping
        Empty where none can be used.
    """
    for verdict, verb in _VERBS.items():
        named = [one for one in leaders if one.get("verdict") == verdict][:_NAMED]
        if named:
            return verb, named
    useful = [one for one in leaders if one.get("usable_lead") and one["usable_lead"] > 0]
    return "follow", useful[:_NAMED]


def only_noise(before: Sequence[Row], now: Sequence[Row], changes: Sequence[Row]) -> bool:
    """Tell whether another recommendation than in the report before rests on noise alone.

    Parameters
    ----------
    before, now : sequence of mapping
        Leaders of the two reports, best first.
    changes : sequence of mapping
        Between them: "metric", "field" and "cause".

    Returns
    -------
    bool
        False where both recommend the same in the same order.

    Examples
    --------
    >>> a, b = ({"metric": name, "verdict": "assign"} for name in "ab")
    >>> moved = [{"metric": "a", "field": "rank", "cause": "noise"}]
    >>> only_noise([a, b], [b, a], moved), only_noise([a, b], [a, b], moved)
    (True, False)
    >>> only_noise([a, b], [b, a], [{**moved[0], "cause": "new data"}])
    False
    """
    (verb, old), (other, new) = recommended(before), recommended(now)
    names = [one["metric"] for one in old], [one["metric"] for one in new]
    if not names[0] or (verb, names[0]) == (other, names[1]):
        return False
    # Those that kept their place are not in question.
    kept = {a for a, b in zip(*names, strict=False) if a == b and verb == other}
    involved = {*names[0], *names[1]} - kept
    deciding = [c for c in changes if c["metric"] in involved and c["field"] in _DECIDING]
    return bool(deciding) and all(c["cause"] == _NOISE for c in deciding)


def _to_do(leaders: Sequence[Row], target: str, freq: str) -> str:
    verb, named = recommended(leaders)
    if not leaders:
        return f"Nothing was shown to lead {target}: change no plan because of this report."
    if not named:
        return "What leads is known too late to be used: look for versions that are known sooner."
    names = listed(_with_owner(one) for one in named)
    if verb not in _VERBS.values():
        return f"Follow {names}, and test by experiment before anyone is asked to move them."
    first = f"{'it precedes' if len(named) == 1 else 'the first precedes'} {target} by"
    return f"{verb.capitalize()} {names}: {first} {periods(named[0]['lag'], freq)}."


def _with_owner(leader: Row) -> str:
    owner = leader.get("owner")
    return f"{leader['metric']} ({owner})" if owner else str(leader["metric"])


def _in(label: str) -> str:
    """When, as a sentence begins with it: a week or a month lasts, a day or an hour is met."""
    if label.startswith("week"):
        return f"In the {label}"
    return f"On {label}" if label[:1].isdigit() and " " in label else f"In {label}"


def what_is_unknown(
    rows: Sequence[Row], outlook: Sequence[Row], target: str, unit: str | None = None
) -> str:
    """Say in a sentence what this report leaves open.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table.
    outlook : sequence of mapping
        Rows of the outlook: "label", "expected", "low", "high".
    target : str
    unit : str, optional
        What the target is counted in.

    Returns
    -------
    str

    Examples
    --------
    >>> what_is_unknown([{"role": "unrelated"}], [], "revenue")
    '1 of 1 metric was not shown to lead, which is not the same as useless.'
    """
    parts = []
    if outlook:
        last = outlook[-1]
        _, low, high = with_range(last["expected"], last["low"], last["high"])
        signs = ["−" if last[name] < 0 else "" for name in ("low", "high")]
        parts.append(
            f"{_in(str(last['label']))} {target} may come to anything from {signs[0]}{low} to "
            f"{signs[1]}{high}{f' {unit}' if unit else ''} (nine in ten)"
        )
    ranked = [row for row in rows if row["role"] != "excluded"]
    # What follows or moves in the same period was shown to do so: it is counted there.
    open_ = [row for row in ranked if row["role"] == _UNSHOWN]
    if open_:
        metrics = "metric" if len(ranked) == 1 else "metrics"
        verb = "was" if len(open_) == 1 else "were"
        parts.append(
            f"{len(open_)} of {len(ranked)} {metrics} {verb} not shown to lead, which is not the "
            "same as useless"
        )
    return "; ".join(parts) + "." if parts else "No metric could be tested."
