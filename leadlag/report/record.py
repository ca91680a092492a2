"""The run record: one plain dict that the page, the command line, the history and tests read.

The same rankings give the same dict. Nothing here computes a statistic: it asks `monitor`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from leadlag import storage
from leadlag.errors import InputError
from leadlag.monitor.alerts import RULES, STALE, Rule, alerts
from leadlag.monitor.changes import changes_between
from leadlag.monitor.identity import identity_notes, identity_signals
from leadlag.monitor.outlook import look_ahead
from leadlag.monitor.scoreboard import known_values, scoreboard
from leadlag.monitor.signals import leads_of, signals, window_of
from leadlag.monitor.state import State
from leadlag.ranking import Ranking
from leadlag.report import goals, sections
from leadlag.report.detail import detail
from leadlag.wording import headline
from leadlag.wording.names import Names, names_of
from leadlag.wording.spans import dated
from leadlag.wording.tradeoffs import tradeoff

__all__ = ["KIND", "SCHEMA_VERSION", "build_record", "check_record", "run_id"]

KIND = "leadlag report"
# Raised by one whenever an older leadlag could no longer read what is written.
SCHEMA_VERSION = 4

Record = dict[str, Any]

_NO_GOAL: Mapping[str, Any] = {
    "label": "", "verdict": None, "goal": "", "open": [], "experiment": "", "step": "",
    "declare": "",
}  # fmt: skip
# What takes a record of a version one further; a record is taken through the steps that it lacks.
_STEPS: Mapping[int, Callable[[Record], Record]] = {
    # Trade-offs were not examined before.
    1: lambda record: {**record, "tradeoffs": []},
    # At which lags a leader led was not kept, nor goals and past experiments.
    2: lambda record: {
        **record,
        "experiments": [{**_NO_GOAL, **one} for one in record["experiments"]],
        "proxies": None,
        "tracking": {**record["tracking"], "windows": {}},
    },
    # What columns are called stood only in the catalogue, and who left the data was forgotten.
    3: lambda record: {
        **record,
        "names": dict(names_of(record["ranking"]["observed"]["declared"]).labels),
        "others": {**record["others"], "gone": []},
    },
}

# What is followed from run to run, where there was none.
_UNTRACKED: Mapping[str, Any] = {"led": {}, "lost": {}, "ranks": {}, "windows": {}}
# Runs for which a lead that was lost is still remembered.
_REMEMBERED = 8


def build_record(
    ranking: Ranking,
    previous: Ranking | Mapping[str, Any] | None = None,
    *,
    title: str | None = None,
    goal: float | None = None,
    made: str | None = None,
    late: float = 0.0,
    rules: Mapping[str, Rule] = RULES,
    tradeoffs: Sequence[Mapping[str, Any]] = (),
    proxies: Mapping[str, Any] | None = None,
) -> Record:
    """Put a ranking, and what became of the report before, into one plain dict.

    Parameters
    ----------
    ranking : Ranking
        This run's.
    previous : Ranking or mapping, optional
        The ranking of the run before, or its whole record: then the scoreboard and the alerts go
        on where they stood.
    title : str, optional
        Heading of the page.
    goal : float, optional
        What the target is wanted to be, per period.
    made : str, optional
        When it was made, if that is to be told: the same input then gives other bytes.
    late : float, periods
        How long the data have been due.
    rules : mapping, optional
        Lines of the alerts.
    tradeoffs : sequence of mapping
        Of counterweights with a margin: "metric", "counterweight", "verdict" and "text"; and
        "found", the fields of `leadlag.counterweights`, where there were rows enough.
    proxies : mapping, optional
        What past experiments say: `leadlag.experiments` as plain values.

    Returns
    -------
    dict
        Plain values: what JSON has.
    """
    state = ranking._state()
    earlier = _earlier(previous)
    before = _ranking_of(previous)
    changes = changes_between(before._state(), state) if before is not None else []
    names = _names(earlier, before, state)
    look = look_ahead(state)
    outlook = sections.outlook(state, look)
    leaders = sections.leaders(state)
    judged = ranking.to_dict()["judgements"]
    warnings = [
        *({"code": n.code, "text": dated(n.text)} for n in ranking.warnings),
        *(
            {"code": "identity", "text": text}
            for text in identity_notes(
                judged, state.observed.declared, state.settings["target"], names
            )
        ),
    ]
    target = sections.target(state, goal=goal, warnings=[one["text"] for one in warnings])
    # A ranking alone has made no alerts, but it did look ahead.
    told = earlier.get("scoreboard") or _promised(before)
    tracking = earlier.get("tracking") or _tracked(before)
    # A look at the same data is no further run of anything but the wait for new ones.
    again = before is not None and run_id(before) == run_id(ranking)
    noted = signals(
        state, changes, led=tracking["led"], ranks=tracking["ranks"],
        windows=tracking["windows"], late=late, names=names,
    )  # fmt: skip
    if before is not None:
        told_of = {one.subject for one in noted if one.kind == "definition changed"}
        earlier_judged = before.to_dict()["judgements"]
        noted += [
            one
            for one in identity_signals(earlier_judged, judged, state.settings["target"], names)
            if one.subject not in told_of
        ]
    led = sections.leaders(before._state()) if before is not None else []
    record = {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "title": title or f"What precedes {target['label']}",
        "run": {
            "id": run_id(ranking, late=late),
            "previous": earlier.get("run", {}).get("id")
            or (run_id(before) if before is not None else None),
            "made": made,
            "number": int(earlier.get("run", {}).get("number", int(before is not None))) + 1,
        },
        "target": target,
        "warnings": warnings,
        "headline": [
            headline.what_changed(
                [_called(one, names) for one in changes],
                before.settings["span"][1] if before else None,
                target["freq"],
            ),
            headline.what_to_do(
                _named(leaders, names),
                target["label"],
                target["freq"],
                _named(led, names) if headline.only_noise(led, leaders, changes) else (),
            ),
            headline.what_is_unknown(state.rows, outlook["rows"], target["label"], target["unit"]),
        ],
        "names": dict(names.labels),
        "outlook": outlook,
        "leaders": leaders,
        "changes": changes,
        "counterweights": sections.counterweights(state),
        "tradeoffs": [{**one, "text": tradeoff(one, names, target["freq"])} for one in tradeoffs],
        "others": sections.others(state, tracking["led"]),
        "coach": sections.coach_findings(state),
        "experiments": goals.experiments(ranking, leaders, tradeoffs),
        "proxies": goals.proxies(proxies, names),
        "scoreboard": scoreboard(told, sections.predictions(state, outlook), known_values(state)),
        "alerts": alerts(
            earlier.get("alerts"), noted, rules=rules, only=(STALE,) if again else None
        ),
        "method": sections.method(ranking),
        "settings": ranking.settings,
        "detail": detail(ranking, look, tradeoffs),
        "table": state.rows,
        "tracking": tracking if again else _counted(state.rows, tracking, leads_of(state)),
        "ranking": ranking.to_dict(),
    }
    return dict(storage.plain(record))


def _names(earlier: Mapping[str, Any], before: Ranking | None, state: State) -> Names:
    """What columns are called, those that are gone by their last label."""
    old = before._state().observed.declared if before is not None else {}
    gone = {name: {"label": label} for name, label in earlier.get("names", {}).items()}
    columns = [state.settings["target"], *(row["metric"] for row in state.rows)]
    # A label that was taken back is none.
    gone, old = ({k: v for k, v in one.items() if k not in columns} for one in (gone, old))
    return names_of(gone, old, state.observed.declared, columns=columns)


def _called(change: Mapping[str, Any], names: Names) -> Record:
    """A change as people read it: columns by their labels."""
    made = {**change, "metric": names(change["metric"])}
    if change["field"] == "redundant_with":
        made |= {side: names(change[side]) for side in ("before", "after") if change[side]}
    return made


def _named(leaders: Sequence[Mapping[str, Any]], names: Names) -> list[Record]:
    return [{**one, "metric": names(one["metric"])} for one in leaders]


def run_id(ranking: Ranking, *, late: float = 0.0) -> str:
    """Name a run by its content: the same data and settings have the same name.

    Parameters
    ----------
    ranking : Ranking
    late : float, periods
        How long the data have been due: whole periods of waiting make another run.

    Returns
    -------
    str
        Twelve letters and digits.
    """
    text = storage.text_of(ranking.to_dict())
    if late >= 1:
        text += f"late by {int(late)}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def check_record(values: object) -> Record:
    """Take a run record to this version of the schema; refuse what is none.

    Parameters
    ----------
    values : object
        What a file held.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If it is something else, or was written by a newer leadlag.
    """
    if not isinstance(values, Mapping) or values.get("kind") != KIND:
        raise InputError(
            "this is not a run record",
            got=f"a {type(values).__name__} without kind {KIND!r}",
            need="the JSON file that leadlag.write_report wrote beside its page",
            do="Name that file",
        )
    made = dict(values)
    while (step := _STEPS.get(_version(made))) is not None:
        made = {**step(made), "schema_version": _version(made) + 1}
    if made.get("schema_version") != SCHEMA_VERSION:
        raise InputError(
            "this run record has another version",
            got=f"schema_version {values.get('schema_version')}",
            need=f"at most {SCHEMA_VERSION}",
            do="Read it with the leadlag that wrote it, or write the report again with this one",
        )
    return made


def _version(record: Mapping[str, Any]) -> int:
    found = record.get("schema_version")
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def _earlier(previous: Ranking | Mapping[str, Any] | None) -> Record:
    return {} if previous is None or isinstance(previous, Ranking) else check_record(previous)


def _ranking_of(previous: Ranking | Mapping[str, Any] | None) -> Ranking | None:
    if previous is None or isinstance(previous, Ranking):
        return previous
    return Ranking.from_dict(check_record(previous)["ranking"])


def _promised(before: Ranking | None) -> Record | None:
    """The scoreboard that the ranking before would have begun."""
    if before is None:
        return None
    state = before._state()
    made = sections.predictions(state, sections.outlook(state, look_ahead(state)))
    return scoreboard(None, made, known_values(state))


def _tracked(before: Ranking | None) -> Record:
    if before is None:
        return dict(_UNTRACKED)
    state = before._state()
    return _counted(state.rows, dict(_UNTRACKED), leads_of(state))


def _counted(
    rows: Sequence[Mapping[str, Any]], tracking: Mapping[str, Any], leads: Sequence[str]
) -> Record:
    """In how many runs each metric led and at which lags, since when it no longer does, ranks."""
    led, lost = dict.fromkeys(leads, 0), {}
    for name, count in tracking["led"].items():
        if name in led:
            led[name] = count
        elif tracking.get("lost", {}).get(name, 0) < _REMEMBERED:
            led[name] = count
            lost[name] = tracking.get("lost", {}).get(name, 0) + 1
    for name in leads:
        led[name] += 1
    ranks = {
        row["metric"]: [row["rank_low"], row["rank_high"]]
        for row in rows
        if row["metric"] in leads and row["rank_low"] is not None
    }
    now = {row["metric"]: window_of(row) for row in rows if row["metric"] in leads}
    windows = {name: now.get(name) or tracking["windows"].get(name, []) for name in led}
    return {"led": led, "lost": lost, "ranks": ranks, "windows": windows}
