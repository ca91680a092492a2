"""The first sentences of a report: what changed, what to do, what is unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadlag.core.roles import SHOWN_LEADING
from leadlag.wording.amounts import with_range
from leadlag.wording.words import listed, periods, role_word

Row = Mapping[str, Any]

_NAMED = 3
_NOISE = "noise"
# What goes with every week that passes.
_COURSE = ("data through", "max_lag")


def what_changed(changes: Sequence[Row], earlier: str | None) -> str:
    """Say in a sentence what changed since the report before.

    Parameters
    ----------
    changes : sequence of mapping
        "metric", "field", "before", "after", "cause".
    earlier : str or None
        The period through which the report before went; None for a first report.

    Returns
    -------
    str

    Examples
    --------
    >>> what_changed([], None)
    'This is the first report, so there is nothing to compare it with.'
    >>> what_changed([{"metric": "visits", "field": "role", "before": "leading",
    ...                "after": "unrelated", "cause": "new data"}], "2024-05")
    'Since the report through 2024-05: visits went from leading to none shown (new data).'
    """
    if earlier is None:
        return "This is the first report, so there is nothing to compare it with."
    real = [c for c in changes if c["cause"] != _NOISE and c["field"] not in _COURSE]
    first = ("role", "verdict", "values", "metric")
    real.sort(key=lambda c: first.index(c["field"]) if c["field"] in first else len(first))
    told: dict[str, str] = {}
    for change in real:
        told.setdefault(change["metric"], _told(change))
    if not told:
        return f"Since the report through {earlier} nothing changed beyond noise."
    parts = list(told.values())[:_NAMED]
    if len(told) > _NAMED:
        parts.append(f"{len(told) - _NAMED} more")
    return f"Since the report through {earlier}: {'; '.join(parts)}."


def _told(change: Row) -> str:
    name, cause = change["metric"], change["cause"]
    if change["field"] == "values":
        return f"{name}: {change['after']} ({cause})"
    if change["field"] == "role":
        before, after = (role_word(str(change[side])) for side in ("before", "after"))
        return f"{name} went from {before} to {after} ({cause})"
    if change["field"] == "metric":
        return f"{name} {'is new' if change['before'] == 'absent' else 'is gone'} ({cause})"
    return f"{name} has another {change['field'].replace('_', ' ')} ({cause})"


def what_to_do(leaders: Sequence[Row], target: str, freq: str) -> str:
    """Say in a sentence what to do now.

    Parameters
    ----------
    leaders : sequence of mapping
        Leaders of the report, best first: "metric", "verdict", "owner", "lag", "usable_lead".
    target : str
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    str

    Examples
    --------
    >>> what_to_do([], "revenue", "W")
    'Nothing was shown to lead revenue: change no plan because of this report.'
    >>> what_to_do([{"metric": "signups", "verdict": "assign", "owner": "Ann", "lag": 3}],
    ...            "revenue", "W")
    'Assign signups (Ann): it precedes revenue by 3 weeks.'
    """
    for verdict, verb in (("assign", "Assign"), ("learn first", "Learn first about")):
        named = [one for one in leaders if one.get("verdict") == verdict][:_NAMED]
        if named:
            names = listed(_with_owner(one) for one in named)
            first = f"{'it precedes' if len(named) == 1 else 'the first precedes'} {target} by"
            return f"{verb} {names}: {first} {periods(named[0]['lag'], freq)}."
    useful = [one for one in leaders if one["usable_lead"] and one["usable_lead"] > 0]
    if not leaders:
        return f"Nothing was shown to lead {target}: change no plan because of this report."
    if not useful:
        return "What leads is known too late to be used: look for versions that are known sooner."
    names = listed(_with_owner(one) for one in useful[:_NAMED])
    return f"Follow {names}, and test by experiment before anyone is asked to move them."


def _with_owner(leader: Row) -> str:
    owner = leader.get("owner")
    return f"{leader['metric']} ({owner})" if owner else str(leader["metric"])


def _in(label: str) -> str:
    """When, as a sentence begins with it: a week or a month lasts, a day or an hour is met."""
    if label.startswith("week"):
        return f"In the {label}"
    return f"On {label}" if label.count("-") == 2 else f"In {label}"


def what_is_unknown(rows: Sequence[Row], outlook: Sequence[Row], target: str) -> str:
    """Say in a sentence what this report leaves open.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table.
    outlook : sequence of mapping
        Rows of the outlook: "label", "expected", "low", "high".
    target : str

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
            f"{signs[1]}{high} (nine in ten)"
        )
    ranked = [row for row in rows if row["role"] != "excluded"]
    open_ = [row for row in ranked if row["role"] not in SHOWN_LEADING]
    if open_:
        metrics = "metric" if len(ranked) == 1 else "metrics"
        verb = "was" if len(open_) == 1 else "were"
        parts.append(
            f"{len(open_)} of {len(ranked)} {metrics} {verb} not shown to lead, which is not the "
            "same as useless"
        )
    return "; ".join(parts) + "." if parts else "No metric could be tested."
