"""The sections of a report as plain values, one function each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from leadlag.assign.coach import coach
from leadlag.core.roles import SHOWN_LEADING
from leadlag.curves import stamps_text
from leadlag.monitor.movement import movement, shows_in
from leadlag.monitor.outlook import Made, reason
from leadlag.monitor.state import State
from leadlag.ranking import Ranking
from leadlag.wording.spans import between, dated, label
from leadlag.wording.words import periods, span_text, terms_text

__all__ = [
    "coach_findings",
    "counterweights",
    "leaders",
    "method",
    "others",
    "outlook",
    "predictions",
    "target",
]

Values = dict[str, Any]

# How much of the target's past stands beside its outlook: as long again, and at least so much.
_PAST_SHARE, _PAST_LEAST = 4, 26
_LEAD_COLUMNS = (
    "metric", "rank", "role", "kind", "lag", "lag_low", "lag_high", "usable_lead", "effect",
    "effect_low", "effect_high", "typical_move", "skill", "q_value", "tier", "redundant_with",
)  # fmt: skip


def target(state: State, *, goal: float | None, warnings: Sequence[str]) -> Values:
    """Facts about the target: through when it is known, its newest value, its goal.

    Parameters
    ----------
    state : State
    goal : float, optional
    warnings : sequence of str
        Facts about the data.

    Returns
    -------
    dict
    """
    name, freq = state.settings["target"], state.settings["freq"]
    declared = state.observed.declared.get(name, {})
    known = np.flatnonzero(np.isfinite(state.observed.target))
    mature = int(known[-1])
    for row in state.rows:
        if row["role"] in SHOWN_LEADING:
            values = state.observed.values[:, state.observed.metrics.index(row["metric"])]
            mature = min(mature, int(np.flatnonzero(np.isfinite(values))[-1]))
    stamps = stamps_text(state.curves.index)
    return {
        "name": name,
        "label": state.names(name),
        "unit": declared.get("unit"),
        "aim": declared.get("aim"),
        "goal": goal,
        "freq": freq,
        "n": state.settings["n"],
        "span": dated(span_text(state.settings["span"])),
        "through": state.settings["span"][1],
        "last_mature": label(stamps[mature], freq, ends=state.observed.ends),
        "last_value": float(state.observed.target[known[-1]]),
        "warnings": len(warnings),
    }


def outlook(state: State, look: Made) -> Values:
    """The outlook, and the recent past that it goes on from.

    Parameters
    ----------
    state : State
    look : Made

    Returns
    -------
    dict
        "level", "leaders", "rows" and "recent".
    """
    forecast, freq = look.forecast, state.settings["freq"]
    stamps = stamps_text(look.dates)
    leaders = [state.names(name) for name in look.leaders]
    rows = [
        {
            "date": stamps[i],
            "label": label(stamps[i], freq, ends=state.observed.ends),
            "ahead": int(forecast.horizon[i]),
            "expected": float(forecast.expected[i]),
            "low": float(forecast.low[i]),
            "high": float(forecast.high[i]),
            "alone": float(forecast.alone[i]),
            "because": reason(leaders, forecast.added[i], state.names(state.settings["target"])),
        }
        for i in range(len(forecast.horizon))
    ]
    past = max(_PAST_LEAST, _PAST_SHARE * len(rows))
    series = list(zip(stamps_text(state.curves.index), state.observed.target, strict=True))
    return {
        "level": forecast.level,
        "leaders": list(look.leaders),
        "rows": rows,
        "recent": [
            {"date": stamp, "label": label(stamp, freq, ends=state.observed.ends), "value": value}
            for stamp, value in series[-past:]
        ],
    }


def predictions(state: State, made: Values) -> list[Values]:
    """What this report promises, for the scoreboard of later ones.

    Parameters
    ----------
    state : State
    made : dict
        The outlook.

    Returns
    -------
    list of dict
    """
    keys = ("date", "label", "ahead", "expected", "low", "high", "alone")
    through = state.settings["span"][1]
    return [{"made": through, **{key: row[key] for key in keys}} for row in made["rows"]]


def leaders(state: State) -> list[Values]:
    """What leads: how it moves now, when that would show, who owns it, what to do with it.

    Parameters
    ----------
    state : State

    Returns
    -------
    list of dict
    """
    made = []
    for row in state.rows:
        if row["role"] not in SHOWN_LEADING:
            continue
        declared = state.observed.declared.get(row["metric"], {})
        ends = shows_in(state, row)
        freq = state.settings["freq"]
        made.append(
            {
                **{name: row.get(name) for name in _LEAD_COLUMNS},
                "verdict": row.get("verdict"),
                "label": state.names(row["metric"]),
                "unit": declared.get("unit"),
                "owner": declared.get("owner"),
                "movement": movement(state, row["metric"]),
                "shows": ends,
                "shows_text": between(ends, freq) if ends else "",
            }
        )
    return made


def counterweights(state: State) -> list[Values]:
    """What is declared not to get worse, and how it moves now.

    Parameters
    ----------
    state : State

    Returns
    -------
    list of dict
    """
    made = []
    for name, entry in state.observed.declared.items():
        for other in entry.get("counterweights", ()):
            known = other in state.observed.metrics
            made.append(
                {
                    "metric": name,
                    "counterweight": other,
                    "aim": state.observed.declared.get(other, {}).get("aim"),
                    "unit": state.observed.declared.get(other, {}).get("unit"),
                    "movement": movement(state, other) if known else None,
                }
            )
    return made


def others(state: State, led: Mapping[str, int]) -> Values:
    """Everything that does not lead, by what a reader may wonder about.

    Parameters
    ----------
    state : State
    led : mapping of str to int
        In how many earlier reports each metric was shown to lead.

    Returns
    -------
    dict
        "redundant", "outputs" (things made or shipped: easily counted, rarely an outcome),
        "coincident", "lagging", "not_shown", "unclassified", "excluded", and "gone" (led before,
        and is no longer in the data).
    """
    by: dict[str, list[Values]] = {
        name: []
        for name in (
            "redundant", "outputs", "coincident", "lagging", "not_shown", "unclassified", "excluded"
        )
    }  # fmt: skip
    place = {"coincident": "coincident", "lagging": "lagging", "unrelated": "not_shown"}
    for row in state.rows:
        one = {name: row.get(name) for name in ("metric", "role", "kind", "verdict", "notes")}
        if row["role"] == "excluded":
            by["excluded"].append(one)
            continue
        if row.get("redundant_with"):
            by["redundant"].append({**one, "redundant_with": row["redundant_with"]})
        if row["role"] in place:
            by[place[row["role"]]].append({**one, "q_value": row["q_value"]})
        if row["kind"] == "output":
            by["outputs"].append(one)
        if row["kind"] == "unclassified":
            by["unclassified"].append(one)
    gone = [{"metric": name, "led": led[name]} for name in led if name not in state.by_name]
    return {**by, "gone": gone}


def coach_findings(state: State) -> list[Values]:
    """What the coach says about the declared metrics; none where nothing is declared.

    Parameters
    ----------
    state : State

    Returns
    -------
    list of dict
    """
    known = {state.settings["target"], *state.observed.metrics}
    declared = {k: v for k, v in state.observed.declared.items() if k in known}
    return [
        {"metric": found.metric, "code": found.code, "severity": found.severity,
         "message": found.message, "question": found.question}
        for found in coach(declared)
        if found.severity != "info"
    ]  # fmt: skip


def method(ranking: Ranking) -> list[str]:
    """How it was done and what to keep in mind, a sentence each.

    Parameters
    ----------
    ranking : Ranking

    Returns
    -------
    list of str
    """
    state = ranking._state()
    settings = state.names.settings(state.settings)
    longest = periods(settings["max_lag"], settings["freq"])
    return [
        f"Each metric was tested given {terms_text(settings)}. Leads of up to {longest} were "
        "searched, and the p-values pay for the search.",
        f"Of the leads that are named, at most {100 * settings['alpha']:g} % are expected to be "
        "false.",
        "A lead says what comes first, not what would happen if someone moved it: that is a "
        "question for an experiment.",
        "A lead that was not shown may still be there: short or noisy series show little.",
        "The outlook is made of one regression for each horizon; its intervals should hold nine "
        "values out of ten, which the scoreboard checks.",
    ]
