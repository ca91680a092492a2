"""`coach`: what could go wrong with a metric's definition before anyone is measured by it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadlag.assign.coach_rules import codes_of
from leadlag.assign.rulebook import RULES, Finding, finding
from leadlag.assign.statement import read_statement
from leadlag.data.catalog import Catalog, as_catalog
from leadlag.data.metric import Metric
from leadlag.errors import ConfigurationError, shown

__all__ = ["coach", "for_a_product_team", "suggested_kind"]

# Goals hold direction, baseline and date; a metric in a catalogue has only the first.
_OF_A_GOAL = ("no_direction", "no_baseline", "no_date")
_KIND_OF = {
    "output": "output",
    "things_made": "output",
    "business_outcome": "business outcome",
    "feature_adoption": "traction",
    "sentiment_alone": "sentiment",
}
_CODE_OF = {"output": "output", "traction": "feature_adoption", "sentiment": "sentiment_alone"}
# One word that ends so is the name of a catalogue's file, not a statement.
_FILE = re.compile(r"\S+\.(?:toml|ya?ml)", re.IGNORECASE)
_WORD = re.compile(r"\w+")
# Those who answer for the result of the whole company.
_COMPANY = re.compile(
    r"\b(?:c[efmoprt]o|cpo|chief|board|finance|financial|sales|exec\w*|leadership|company|founders?"
    r"|president|vp|management|managing|commercial|marketing|business|everyone|all|investor\w*"
    r"|general manager|gm|owner|shareholders?|revenue)\b",
    re.IGNORECASE,
)


def coach(
    statement: str | Metric | Catalog | Mapping[str, Any] | os.PathLike[str],
) -> list[Finding]:
    """Say what could mislead in a metric's definition, and ask the question that rewrites it.

    Parameters
    ----------
    statement : str, Metric, Catalog, dict or path
        Plain English text such as "Increase the number of course reviews", what is declared about
        one metric, or a whole catalogue (also as a dict, or the path of its file).

    Returns
    -------
    list of Finding
        Each with `.code`, `.severity` ("error", "warning", "info"), `.message` (the rule) and
        `.question` (that rewrites the definition); `.metric` names the metric of a catalogue. Empty
        where there is nothing to say.

    Raises
    ------
    ConfigurationError
        If there is no text to read, or it is neither text nor declared metrics.

    Notes
    -----
    The rules look for families of words and for the grammar around them; nothing is random and
    nothing is learned, so the same definition always gets the same answer. They know English only,
    and a definition that they have nothing to say about need not be a good one. `docs/coach.md`
    lists them.

    References
    ----------
    .. [1] Torres, T. (2021). Continuous Discovery Habits. Product Talk.
    .. [2] Seiden, J. (2019). Outcomes Over Output. Sense & Respond Press.
    .. [3] McClure, D. (2007). Startup Metrics for Pirates: AARRR.

    Examples
    --------
    >>> for found in coach("Deliver an Android app"):
    ...     print(found.code, found.severity)
    output error
    >>> [found.code for found in coach("Increase the number of course reviews")]
    ['things_made', 'no_baseline', 'no_date']
    >>> coach("Raise the share of new teams that invite a colleague in their first week "
    ...       "from 32 % to 40 % by the end of June")
    []
    >>> [found.code for found in coach(Metric("sentiment", label="CSAT", aim="up"))]
    ['sentiment_alone']
    """
    if isinstance(statement, str) and _FILE.fullmatch(statement.strip()):
        statement = Path(statement.strip())
    if isinstance(statement, str):
        return _coach_text(statement)
    if isinstance(statement, Metric):
        return _coach_metric(statement, "", frozenset())
    if isinstance(statement, (Catalog, Mapping, os.PathLike)):
        catalog = as_catalog(statement)  # type: ignore[arg-type]
        beside = frozenset(name for metric in catalog.values() for name in metric.counterweights)
        return [
            found
            for name, metric in catalog.items()
            for found in _coach_metric(metric, name, beside)
        ]
    raise ConfigurationError(
        "this can't be coached",
        got=shown(statement),
        need="text, a Metric or a Catalog",
        do='Pass a sentence such as "Increase the number of course reviews"',
    )


def suggested_kind(name: str) -> str:
    """Guess the kind of a metric from its name, for a reader to confirm.

    Parameters
    ----------
    name : str
        A column name or a label.

    Returns
    -------
    str
        One of `leadlag.data.metric.KINDS`; "product outcome" where the name says nothing else.

    Examples
    --------
    >>> suggested_kind("csat"), suggested_kind("mrr"), suggested_kind("activation_rate")
    ('sentiment', 'business outcome', 'product outcome')
    """
    for code in codes_of(read_statement(name)):
        if code in _KIND_OF:
            return _KIND_OF[code]
    return "product outcome"


def for_a_product_team(metric: Metric) -> bool:
    """Tell whether the declared owner, or who can control it, is a product team.

    Parameters
    ----------
    metric : Metric
        What is declared.

    Returns
    -------
    bool
        False where nobody is declared, or those who answer for the whole company are.

    Examples
    --------
    >>> for_a_product_team(Metric(owner="Checkout team")), for_a_product_team(Metric(owner="CFO"))
    (True, False)
    """
    who = [metric.owner or "", *_names(metric.controllable_by)]
    return any(name.strip() and not _COMPANY.search(name) for name in who)


def _coach_text(text: str) -> list[Finding]:
    if not re.search(r"[^\W\d_]", text):
        raise ConfigurationError(
            "there is no statement to coach",
            got=shown(text),
            need="text that says what is measured",
            do='Pass a sentence such as "Increase the number of course reviews"',
        )
    found = _as_written(codes_of(read_statement(text)), text)
    # A window in a sentence may be explained elsewhere; in a catalogue there is a field for it.
    mild = {"unstamped_window": "info"}
    return [
        finding(code, found[code] or "this", severity=mild.get(code, ""))
        for code in RULES
        if code in found
    ]


def _coach_metric(metric: Metric, name: str, beside: frozenset[str]) -> list[Finding]:
    text = metric.label or name
    words = f"'{text}'" if text else "this metric"
    found: dict[str, str] = {}
    if re.search(r"[^\W\d_]", text):
        found = _as_written(codes_of(read_statement(text)), text)
        for code in _OF_A_GOAL:
            found.pop(code, None)
    found = _by_kind(metric, found, words)
    if "sentiment_alone" in found and (metric.counterweights or name in beside):
        del found["sentiment_alone"]
    if metric.window is not None and metric.stamped is None:
        found["unstamped_window"] = words
    elif metric.stamped is not None:
        found.pop("unstamped_window", None)
    if metric.value_moment:
        found.pop("upstream", None)
    elif metric.value_moment is False and metric.kind in ("product outcome", "unclassified"):
        found.setdefault("upstream", words)
    if metric.aim is None:
        found["no_direction"] = words
    out = [finding(code, found[code], metric=name) for code in RULES if code in found]
    return [_with_hint(one, text) if one.code == "unclassified" else one for one in out]


def _as_written(found: dict[str, str], text: str) -> dict[str, str]:
    """The words that rules were applied to, in the capitals that the text has."""
    written = {word.casefold(): word for word in reversed(_WORD.findall(text.replace("_", " ")))}

    def back(word: re.Match[str]) -> str:
        return str(written.get(word[0], word[0]))

    return {code: _WORD.sub(back, words) for code, words in found.items()}


def _by_kind(metric: Metric, found: dict[str, str], words: str) -> dict[str, str]:
    """The declared kind decides what is counted; where it says nothing, the words do."""
    if metric.kind == "business outcome":
        kept = {c: w for c, w in found.items() if c in ("cumulative", "unstamped_window")}
        return kept | ({"business_outcome": words} if for_a_product_team(metric) else {})
    if metric.kind in _CODE_OF:
        kept = {c: w for c, w in found.items() if c in ("cumulative", "unstamped_window")}
        specific = "things_made" if metric.kind == "output" and "things_made" in found else ""
        return kept | {specific or _CODE_OF[metric.kind]: words}
    if metric.kind == "unclassified":
        if "business_outcome" in found and not for_a_product_team(metric):
            del found["business_outcome"]
        found["unclassified"] = words
    return found


def _with_hint(one: Finding, text: str) -> Finding:
    kind = suggested_kind(text) if re.search(r"[^\W\d_]", text) else ""
    if not kind:
        return one
    hint = f"{one.question} By its name it could be '{kind}'."
    return Finding(one.code, one.severity, one.message, hint, one.metric)


def _names(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value
