"""The verdict in sentences: why, what to learn, and the reasoning one step after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadlag.assign.coach import suggested_kind
from leadlag.core.roles import SHOWN_LEADING
from leadlag.data.cohort import window_of
from leadlag.wording.amounts import amount, with_range
from leadlag.wording.identities import member_of
from leadlag.wording.numbers import chance, figures, missing
from leadlag.wording.pairs import pair
from leadlag.wording.words import listed, periods, unit

__all__ = [
    "UNDECLARED", "because", "catalog_line", "criteria", "first_criterion", "learning_goal",
    "power_note", "reasons", "steps",
]  # fmt: skip

Row = Mapping[str, Any]
Judged = Mapping[str, Any]

# What opens the note on a leader whose kind is not declared; `explain` has its own words for it.
UNDECLARED = "kind not declared"


def power_note(facts: Mapping[str, Any]) -> str:
    """Say how many rows it takes where too few are there to say that nothing was shown.

    Parameters
    ----------
    facts : mapping
        Of a judgement: "n", "n_needed" and "smallest_effect".

    Returns
    -------
    str

    Examples
    --------
    >>> power_note({"n": 60, "n_needed": 171, "smallest_effect": 0.3})
    '60 usable rows, 171 needed to find an effect of 0.3 typical surprises four times out of five'
    """
    return (
        f"{facts['n']} usable rows, {facts['n_needed']} needed to find an effect of "
        f"{facts['smallest_effect']:g} typical surprises four times out of five"
    )


_REASONS = {
    "excluded": "it could not be used",
    "declared_counterweight": "it must not get worse when {guarded} gets better",
    "sentiment": "it is sentiment, to be kept from falling while a behaviour is moved",
    "no_power": "too few rows would show the smallest effect that counts",
    "not_shown": "the smallest effect that counts would have been found four times out of five",
    "coincident": "it moves in the same period",
    "lagging": "it follows",
    "known_too_late": "it is known too late to be used",
    "business_outcome": "it is a business outcome, which no product team moves directly",
    "output": "it is an output, which can be made without anyone being better off",
    "not_controllable": "nobody can move it",
    "redundant": "it adds nothing beside {beside}",
    "unclassified": "its kind is not declared",
    "traction": "it counts what people do, such as the use of one feature",
    "before_value": "it lies before the moment of value",
    "against_aim": "the direction that is wanted of it goes with less of what is wanted",
    "feedback": "each precedes the other",
    "tier": "it was not shown to improve forecasts",
    "uncertain": "the interval of its effect covers zero",
    "unsteady": "the relation was not steady over time",
    "odds": "the odds of a lead are below one half",
    "seldom_moved": "it seldom moved as far as it would have to",
    "assign": "it leads, improves forecasts and is a product outcome that has moved so far before",
}
# What would turn a learning goal into a performance goal, by the reason for learning first.
_CRITERIA = {
    "unclassified": "it is declared a product outcome",
    "traction": "what people get done by using it is counted, and leads as well",
    "before_value": "those who reach the moment of value are counted, and lead as well",
    "against_aim": "the wanted direction is settled",
    "feedback": "an experiment that moves it moves {target}",
    "tier": "it improves forecasts out of sample (tier T2)",
    "uncertain": "the interval of its effect leaves zero out",
    "unsteady": "its stability is 0.6 or more",
    "odds": "the odds of a lead are above one half",
    "seldom_moved": "one change has moved it by {needed}",
}


def catalog_line(metric: str) -> str:
    """Write the catalogue entry that would declare a metric's kind, and its window if it has one.

    Parameters
    ----------
    metric : str
        A column name.

    Returns
    -------
    str

    Examples
    --------
    >>> print(catalog_line("activation_rate"))
    catalog={"activation_rate": "product outcome"}
    >>> print(catalog_line("csat"))
    catalog={"csat": "sentiment"}
    >>> print(catalog_line("retention_90d"))
    catalog={"retention_90d": Metric(kind="product outcome", window="90D", stamped="cohort")}
    """
    window, kind = window_of(metric), suggested_kind(metric)
    if not window:
        return f'catalog={{"{metric}": "{kind}"}}'
    return f'catalog={{"{metric}": Metric(kind="{kind}", window="{window}", stamped="cohort")}}'


def reasons(judged: Judged, target: str) -> list[str]:
    """Say why a metric has its verdict, one clause a reason.

    Parameters
    ----------
    judged : mapping
        "verdict", "because" and "facts".
    target : str
        The target's name.

    Returns
    -------
    list of str

    Examples
    --------
    >>> reasons({"because": ["tier", "feedback"], "facts": {}}, "revenue")
    ['it was not shown to improve forecasts', 'each precedes the other']
    """
    facts = dict(judged["facts"])
    facts["guarded"] = listed(facts.get("guarded") or ["another metric"])
    return [
        member_of(target, "it", facts) if code == "component" else _REASONS[code].format(**facts)
        for code in judged["because"]
    ]


def because(judged: Judged, target: str, *, most: int = 2) -> str:
    """Write the verdict and its main reasons as one sentence.

    Parameters
    ----------
    judged : mapping
    target : str
    most : int
        Reasons named.

    Returns
    -------
    str

    Examples
    --------
    >>> because({"verdict": "learn first", "because": ["unclassified", "tier", "odds"],
    ...          "facts": {}}, "revenue")
    'Verdict: learn first, as its kind is not declared and it was not shown to improve forecasts.'
    """
    return f"Verdict: {judged['verdict']}, as {listed(reasons(judged, target)[:most])}."


def first_criterion(judged: Judged, target: str) -> str:
    """Say what would first turn a learning goal into a performance goal.

    Parameters
    ----------
    judged : mapping
    target : str
        The target, as it is named in a sentence.

    Returns
    -------
    str

    Examples
    --------
    >>> first_criterion({"because": ["uncertain", "odds"], "facts": {}}, "revenue")
    'the interval of its effect leaves zero out'
    """
    return criteria(judged, target)[0]


def criteria(judged: Judged, target: str, *, needed: str = "") -> list[str]:
    """Say what would turn a learning goal into a performance goal, a clause each.

    Parameters
    ----------
    judged : mapping
    target : str
        The target, as it is named in a sentence.
    needed : str, optional
        How far it has to move, in words; by default the size.

    Returns
    -------
    list of str
    """
    move = judged["facts"].get("needed_move")
    facts = {"target": target, "needed": needed or (amount(abs(move)) if move else "so much")}
    return [_CRITERIA[code].format(**facts) for code in judged["because"]]


def learning_goal(row: Row, judged: Judged, settings: Mapping[str, Any]) -> str:
    """Write the goal of a metric that is to be learned about, and when it becomes more.

    Parameters
    ----------
    row : mapping
        The metric's row of the table.
    judged : mapping
    settings : mapping
        `Ranking.settings`.

    Returns
    -------
    str
        "" unless the verdict is "learn first".

    Examples
    --------
    >>> print(learning_goal({"metric": "trials"}, {"verdict": "learn first", "because": ["tier"],
    ...                     "facts": {}}, {"target": "revenue"}))
    Learning goal: learn what moves trials. It becomes a performance goal once it improves forecasts
    out of sample (tier T2).
    """
    if judged["verdict"] != "learn first":
        return ""
    wanted = criteria(judged, settings["target"])
    return (
        f"Learning goal: learn what moves {row['metric']}. It becomes a performance goal once "
        f"{listed(wanted)}."
    )


def steps(row: Row, judged: Judged, settings: Mapping[str, Any]) -> str:
    """Show the reasoning, one numbered question a line, as a manager would ask them.

    Parameters
    ----------
    row : mapping
        The metric's row of the table.
    judged : mapping
        "verdict", "because" and "facts".
    settings : mapping
        `Ranking.settings`.

    Returns
    -------
    str

    Examples
    --------
    >>> row = {"metric": "likes", "role": "excluded", "kind": "unclassified", "notes": "holds text"}
    >>> judged = {"verdict": "insufficient data", "because": ["excluded"], "facts": {}}
    >>> print(steps(row, judged, {"target": "revenue", "freq": "W"}))
    likes for revenue, step by step
    1. Can it be used? No: holds text.
    Verdict: insufficient data, as it could not be used.
    """
    made = _asked(row, judged, settings)
    lines = [f"{row['metric']} for {settings['target']}, step by step"]
    lines += [f"{i}. {question} {answer}" for i, (question, answer) in enumerate(made, start=1)]
    lines.append(because(judged, settings["target"], most=len(judged["because"])))
    goal = learning_goal(row, judged, settings)
    return "\n".join([*lines, *([goal] if goal else [])])


def _asked(row: Row, judged: Judged, settings: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    target, freq, facts = settings["target"], settings["freq"], judged["facts"]
    if row["role"] == "excluded":
        return [("Can it be used?", f"No: {row['notes']}.")]
    out = [(f"Is {target} made of it by arithmetic?", _made_of(facts, target))]
    out.append((f"Does it come before {target}?", _precedes(row, judged, settings)))
    if row["role"] not in SHOWN_LEADING:
        return out
    usable = row["usable_lead"]
    known = f"Yes, {periods(usable, freq)} ahead." if usable > 0 else "No, it is known too late."
    out.append(("Is it known in time?", known))
    out.append((f"Did it help to forecast {target}, on data it had not seen?", _predicts(row)))
    out.append(("Is it clear how much, and steady?", _clear(row, target)))
    if row.get("redundant_with"):
        out.append(("Does it add anything?", f"Not beside {row['redundant_with']}."))
    out.append(("What is it?", _kind(row)))
    if facts.get("guards"):
        goal = pair(row["metric"], judged)
        out.append(("What must not get worse?", f"{goal[:1].upper()}{goal[1:]}."))
    who = facts.get("controllable_by")
    out.append(("Who can move it?", f"{listed(who)}." if who else _unknown_who(judged)))
    if "needed_move" in facts:
        over = periods(facts["over"], freq)
        out.append(
            (
                "Has it moved so far before?",
                f"The smallest effect that would be seen{_seen(row, target)} goes with a move of "
                f"{amount(abs(facts['needed_move']))}; {100 * facts['moved_share']:.0f} % of its "
                f"moves over {over} were as large, in that direction.",
            )
        )
    return out


def _made_of(facts: Mapping[str, Any], target: str) -> str:
    if "identity" not in facts:
        return "No identity was found."
    return f"Yes: {member_of(target, 'it', facts)}."


def _precedes(row: Row, judged: Judged, settings: Mapping[str, Any]) -> str:
    freq, role = settings["freq"], row["role"]
    q = chance("q", row["q_value"])
    if role in SHOWN_LEADING:
        low, high = row["lag_low"], row["lag_high"]
        likely = "" if missing(low) or missing(high) else f", likely {low:g} to {high:g}"
        both = "; it follows as well" if role == "feedback" else ""
        return f"Yes, by {periods(row['lag'], freq)}{likely} ({q}){both}."
    if role == "lagging":
        return f"No, it follows by {periods(abs(row['lag']), freq)}."
    if role == "coincident":
        return f"No, both move within one {unit(freq)}."
    return f"That was not shown ({q}).{_would_have_shown(row, judged['facts'], settings['target'])}"


def _would_have_shown(row: Row, facts: Mapping[str, Any], target: str) -> str:
    """The effect that would have been found, which `explain` names too, and the one that counts."""
    found: Any = row.get("detectable_effect")
    counts: Any = facts.get("smallest_in_units")
    if missing(found) or missing(counts):
        return ""
    takes = "" if facts["enough"] else f", which takes {facts['n_needed']} rows"
    return (
        f" With {facts['n']} rows, an effect of {amount(found)} {target} or more after "
        f"{_typical_move(row)} would have been found four times out of five; the smallest that "
        f"counts is {amount(counts)}{takes}."
    )


def _seen(row: Row, target: str) -> str:
    value: Any = row.get("detectable_effect")
    return "" if missing(value) else f", {amount(value)} {target},"


def _typical_move(row: Row) -> str:
    return f"a typical move ({amount(row['typical_move'])})"


def _predicts(row: Row) -> str:
    if missing(row["skill"]):
        return f"That could not be measured: tier {row['tier']}."
    helped = "Yes" if row["tier"] in ("T2", "T3") else "That was not shown"
    return f"{helped}: skill {figures(row['skill'])}, tier {row['tier']}."


def _clear(row: Row, target: str) -> str:
    value, low, high = row["effect"], row["effect_low"], row["effect_high"]
    if missing(value) or missing(low) or missing(high):
        return "The effect could not be measured."
    size, *ends = with_range(value, low, high)
    move = _typical_move(row)
    sign = "more" if value > 0 else "less"
    if low <= 0 <= high:
        effect = f"The effect of {move} may be zero ({ends[0]} less to {ends[1]} more)"
    else:
        first, last = ends if value > 0 else reversed(ends)
        effect = f"{move.capitalize()} is followed by {size} {sign} {target} ({first} to {last})"
    steady = "" if missing(row["stability"]) else f"; stability {figures(row['stability'])}"
    return f"{effect}{steady}."


def _kind(row: Row) -> str:
    if row["kind"] == "unclassified":
        return f"Not declared; {catalog_line(row['metric'])} would say so."
    article = "An" if row["kind"][0] in "aeiou" else "A"
    return f"{article} {row['kind']}." if row["kind"] != "traction" else "Use of one feature."


def _unknown_who(judged: Judged) -> str:
    if "not_controllable" in judged["because"]:
        return "Nobody, it is declared."
    return "Nobody is declared (controllable_by)."
