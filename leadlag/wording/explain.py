"""What `Ranking.explain` says about one metric, in at most 120 plain words.

Every number comes from the metric's row of the table, rounded. A text opens with what was found,
goes on with the evidence and its caveats, and ends with a next step.
"""

from collections.abc import Mapping
from typing import Any

from leadlag.core.roles import SHOWN_LEADING
from leadlag.data.cohort import window_of
from leadlag.refine import FULL_MODEL
from leadlag.wording import findings, pairs, verdicts
from leadlag.wording.numbers import chance, figures, missing, plain, with_minus
from leadlag.wording.words import (
    periods,
    same_period,
    sentence,
    terms_text,
    unit,
    within,
)

WORD_LIMIT = 120

# A team can be asked to try to move these; the others are read, not pushed.
_TESTABLE = ("product outcome", "traction")

# What a reader of a Granger table would have gone by.
_USUAL_LEVEL = 0.05

# After what is always kept, before all else.
_VERDICT = 0.5
_SHORT = 3
_NOTE_WORDS = 25
_REASON_WORDS = 70

# Two series this close are often one thing counted twice, or a part and its whole.
_SAME = 0.95
_COPY = "So close a match may be a part of the target, or the same thing counted twice."
_NOT_A_LEVER = "Preceding alone does not make it a lever."

Row = Mapping[str, Any]


def explain(row: Row, settings: Mapping[str, Any], judged: Mapping[str, Any] | None = None) -> str:
    """Explain one row of a ranking.

    Parameters
    ----------
    row : mapping
        The metric's row of `Ranking.table`, with its name as "metric".
    settings : mapping
        `Ranking.settings`: "target", "freq", "max_lag" and "terms" are read.
    judged : mapping, optional
        The verdict on it, its reasons and the facts behind them.

    Returns
    -------
    str
        At most 120 words, the last sentence a next step.

    Examples
    --------
    >>> row = {"metric": "visits", "role": "unrelated", "kind": "unclassified", "q_value": 0.61,
    ...        "notes": ""}
    >>> text = explain(row, {"target": "revenue", "freq": "W", "terms": ["own past"]})
    >>> text[:48]
    'No lead of visits over revenue was shown (q = 0.'
    """
    return _BY_ROLE[row["role"]]({**row, "judged": judged}, settings)


def _leading(row: Row, settings: Mapping[str, Any]) -> str:
    both = "The target's past predicts it as well: each precedes the other."
    size = findings.effect(row, settings, _again(settings["target"]))
    return within(
        WORD_LIMIT,
        [
            (0, _precedes(row, settings)),
            (4, _if_known(row)),
            (0, _known_when(row, settings)),
            (0, size or _direction(row, settings)),
            (0, _forward(row, settings)),
            (1, findings.redundancy(row)),
            (1, findings.odds(row, settings.get("alpha", _USUAL_LEVEL))),
            (1, findings.steadiness(row)),
            (2, both if row["role"] == "feedback" else ""),
            (2, findings.skill(row, settings["freq"])),
            (1, _NOT_A_LEVER),
            (_VERDICT, _verdict(row, settings)),
            *_caveats(row, settings),
            (4, _criterion(row, settings)),
        ],
        _next_step_leading(row, settings),
    )


def _lagging(row: Row, settings: Mapping[str, Any]) -> str:
    behind = periods(abs(row["lag"]), settings["freq"])
    return within(
        WORD_LIMIT,
        [
            (0, f"{row['metric']} follows {settings['target']} by {behind}{_likely(row)}."),
            (
                0,
                f"The target's past predicts it with a gain of {figures(row['gain_reverse'])}; "
                "the other way the gain is "
                f"{figures(row['gain_forward'])} ({chance('q', row['q_value'])}).",
            ),
            (1, "So it confirms what has happened more than it announces what will."),
            (_VERDICT, _verdict(row, settings)),
            (1, findings.odds(row, settings.get("alpha", _USUAL_LEVEL))),
            *_caveats(row, settings),
        ],
        _guarded(row)
        or f"Next step: keep it as a check on {_again(settings['target'])}, and look further "
        "upstream for a metric that moves first.",
    )


def _coincident(row: Row, settings: Mapping[str, Any]) -> str:
    target, period = settings["target"], unit(settings["freq"])
    sign = "up with it" if row["correlation"] >= 0 else "down where it goes up"
    step = f"read it beside {_again(target)}, not ahead of it."
    if settings["freq"] not in ("h", "period"):
        step = f"a short lead can hide inside one {period}, so rank finer data; until then {step}"
    return within(
        WORD_LIMIT,
        [
            (0, f"{row['metric']} moves {same_period(settings['freq'])} as {target}, {sign} "
                f"(correlation {_signed(row['correlation'])})."),
            (0, "Neither was shown to come first: its past was not shown to predict the target "
                f"({chance('q', row['q_value'])})."),
            (1, _COPY if abs(row["correlation"]) >= _SAME else ""),
            (_VERDICT, _verdict(row, settings)),
            (1, findings.odds(row, settings.get("alpha", _USUAL_LEVEL))),
            *_caveats(row, settings),
        ],
        _guarded(row) or f"Next step: {step}",
    )  # fmt: skip


def _unrelated(row: Row, settings: Mapping[str, Any]) -> str:
    shown = f"was shown ({chance('q', row['q_value'])})."
    luck = "its past could not be told from chance as a predictor."
    return within(
        WORD_LIMIT,
        [
            (0, f"No lead of {row['metric']} over {settings['target']} {shown}"),
            (0, f"Given {terms_text(settings)}, {luck}"),
            (1, findings.odds(row, settings.get("alpha", _USUAL_LEVEL))),
            (0, findings.power(row, _again(settings["target"]), settings["freq"])),
            (_VERDICT, _verdict(row, settings)),
            *_caveats(row, settings),
        ],
        _guarded(row)
        or "Next step: try an earlier or sharper version of it, and rank again once "
        f"{_more_rows(row, settings)} are in.",
    )  # fmt: skip


def _guarded(row: Row) -> str:
    """The next step of a counterweight, whatever its role."""
    judged = row["judged"]
    if not judged or judged["verdict"] != "counterweight":
        return ""
    return f"Next step: {pairs.guard_step(row['metric'], judged)}."


def _more_rows(row: Row, settings: Mapping[str, Any]) -> str:
    """How many periods it takes to say "not shown", where that is known and too few are there."""
    judged = row["judged"]
    if judged and "no_power" in judged["because"]:
        return f"{judged['facts']['n_needed']} usable {unit(settings['freq'])}s"
    return f"more {unit(settings['freq'])}s"


def _excluded(row: Row, settings: Mapping[str, Any]) -> str:
    # A reason that quotes much of the data would crowd out the rest; the table has it whole.
    reason = " ".join(sentence(row["notes"]).split()[:_REASON_WORDS])
    return within(
        WORD_LIMIT,
        [(0, f"{row['metric']} was not ranked for {settings['target']}: {reason}")],
        "Next step: mend the column, or leave it out with metrics=; every other row stands.",
    )


_BY_ROLE = {
    "leading": _leading,
    "feedback": _leading,
    "lagging": _lagging,
    "coincident": _coincident,
    "unrelated": _unrelated,
    "excluded": _excluded,
}


def _verdict(row: Row, settings: Mapping[str, Any]) -> str:
    judged = row["judged"]
    if not judged:
        return ""
    if judged["because"][0] == "unclassified" or row.get("redundant_with"):
        # The next step says what to declare, another sentence what it stands behind.
        return f"Verdict: {judged['verdict']}."
    if row["role"] in SHOWN_LEADING or "component" in judged["because"]:
        return verdicts.because(judged, _again(settings["target"]), most=1)
    return f"Verdict: {judged['verdict']}."


def _criterion(row: Row, settings: Mapping[str, Any]) -> str:
    """What would turn a learning goal into a performance goal."""
    judged = row["judged"]
    if not judged or judged["verdict"] != "learn first" or row["kind"] == "unclassified":
        return ""
    criterion = verdicts.first_criterion(judged, _again(settings["target"]))
    return f"A performance goal once {criterion}."


def _precedes(row: Row, settings: Mapping[str, Any]) -> str:
    ahead = periods(row["lag"], settings["freq"])
    return f"{row['metric']} precedes {settings['target']} by {ahead}{_likely(row)}."


def _likely(row: Row) -> str:
    """The interval of the lag, in the direction that the sentence counts."""
    if missing(row["lag_low"]) or missing(row["lag_high"]):
        return ""
    low, high = sorted((abs(row["lag_low"]), abs(row["lag_high"])))
    return "" if low == high else f" (likely {plain(low)} to {plain(high)})"


def _direction(row: Row, settings: Mapping[str, Any]) -> str:
    if missing(row["correlation"]):
        return ""
    later = "higher" if row["correlation"] >= 0 else "lower"
    return (
        f"When it runs high, {_again(settings['target'])} runs {later} afterwards "
        f"(correlation {_signed(row['correlation'])} at that lag)."
    )


def _forward(row: Row, settings: Mapping[str, Any]) -> str:
    # Other leaders are noise in its own test: some leads are shown only once that is out.
    second = _at_least(row.get("p_value"), _USUAL_LEVEL) and not _at_least(
        row.get("p_conditional"), row.get("p_value")
    )
    given = terms_text(settings) + ", and what stronger leaders predict" * second
    return (
        f"Given {given}, its past still predicts the target: "
        f"{chance('q', row['q_value'])}, gain {figures(row['gain_forward'])}, against "
        f"{figures(row['gain_reverse'])} in reverse."
    )


def _known_when(row: Row, settings: Mapping[str, Any]) -> str:
    usable = row["usable_lead"]
    if missing(usable) or usable == row["lag"]:
        return ""
    if usable > 0:
        return (
            "Its value is known only after a delay, which leaves a usable lead of "
            f"{periods(usable, settings['freq'])}."
        )
    return "Its value is known too late to be used: the delay takes up the whole lead."


def _if_known(row: Row) -> str:
    """Say what a whole lead that is usable rests on; a window in the name has its own words."""
    whole = row["usable_lead"] == row["lag"] and not _open_window(row)
    return "It is usable if known when its period ends." if whole else ""


def _open_window(row: Row) -> bool:
    # A label need not say what the name of its column does.
    return bool(window_of(row.get("column", row["metric"]))) and row["kind"] == "unclassified"


def _caveats(row: Row, settings: Mapping[str, Any]) -> list[tuple[int, str]]:
    texts: list[str] = []
    leads = row["role"] in SHOWN_LEADING
    if leads and _open_window(row):
        texts.append(
            "Its name suggests a window; until that is declared the usable lead may be overstated."
        )
    if leads:
        texts.append(findings.other_sign(row))
    if leads and _at_least(row["lag_high"], settings.get("max_lag")):
        texts.append("Its interval reaches the longest lag searched; a higher max_lag may move it.")
    p: Any = row.get("granger_p")
    if leads and _at_least(p, _USUAL_LEVEL):
        texts.append(f"A single F test (granger_p) would not have shown it ({chance('p', p)}).")
    if row["role"] == "unrelated" and _at_least(_USUAL_LEVEL, p):
        texts.append(
            f"A single F test (granger_p), which pays for no search, gives {chance('p', p)}."
        )
    second, rest = _full_model(row)
    if rest:
        short = len(rest.split()) <= _NOTE_WORDS
        texts.append(sentence(rest) if short else "See its notes in the table.")
    return [(1, second), *((3, text) for text in texts if text)]


def _full_model(row: Row) -> tuple[str, str]:
    """What the full model adds to the screen, where it was fitted, and the other notes."""
    # The line that declares a kind has a place of its own, in the next step.
    notes = row["notes"].partition(verdicts.UNDECLARED)[0].rstrip("; ")
    first, _, rest = notes.partition("; ")
    if not first.startswith(FULL_MODEL):
        return "", notes
    return sentence(f"The {first}"), rest


def _at_least(value: Any, limit: Any) -> bool:
    return not (missing(value) or missing(limit)) and bool(value >= limit)


def _next_step_leading(row: Row, settings: Mapping[str, Any]) -> str:
    if not missing(row["usable_lead"]) and row["usable_lead"] <= 0:
        return "Next step: look for a version that is known sooner, and compare the two."
    if row.get("redundant_with"):
        return f"Next step: follow {row['redundant_with']} first, and keep this one as a check."
    look = f"read {_again(settings['target'])} {periods(row['lag'], settings['freq'])} later"
    judged = row["judged"]
    if judged and judged["facts"].get("guarded") and _guarded(row):
        return _guarded(row)
    if judged and judged["verdict"] == "learn first" and row["kind"] != "unclassified":
        return (
            "Next step: a learning goal: try one change that should move it, as an experiment, and "
            f"{look}."
        )
    if findings.unsettled(row):
        return (
            f"Next step: rank again once more {unit(settings['freq'])}s are in, before anyone acts "
            "on it."
        )
    if row["kind"] == "unclassified":
        # The line repeats the name: one of many words would crowd out the evidence.
        short = len(row["metric"].split()) <= _SHORT
        what = verdicts.catalog_line(row["metric"]) if short else "in the catalogue"
        return (
            f"Next step: declare what it is, {what}; if a team can move it, try one change as an "
            f"experiment, and {look}."
        )
    if judged and judged["verdict"] == "assign":
        goal = pairs.pair(row["metric"], judged)
        return (
            f"Next step: give it to a team{f' ({goal})' if goal else ''}; try one change that "
            f"should move it, as an experiment, and {look}."
        )
    if row["kind"] in _TESTABLE and not (judged and judged["verdict"] == "watch"):
        return f"Next step: try one change that should move it, as an experiment, and {look}."
    return f"Next step: watch it every {unit(settings['freq'])}, and {look}."


def _again(target: str) -> str:
    """The target's name, once it has been told: a long one would eat up the words."""
    return target if len(target.split()) <= _SHORT else "the target"


def _signed(value: float) -> str:
    text = f"{value:+.2g}"
    # Rounded up to 1 it would claim that they are the same.
    return with_minus(f"{value:+.4f}"[:-1] if abs(value) < 1 == abs(float(text)) else text)
