"""The rule on adoption: the use of one feature counted, without what came of it."""

from __future__ import annotations

import re

from leadlag.assign import lexicon as lex
from leadlag.assign.grammar import attains, first_verb, quoted
from leadlag.assign.lexicon import family, in_family, singular
from leadlag.assign.statement import Statement

__all__ = ["ON", "SET_UP", "adoption"]

_TOOL = re.compile(r"(?:is|iz|nn|ck|ild|nd)er$|(?:at|ect)or$")
_TAKEN_OUT = family("export import print sync copy filter")
_LOOK = family("login look scan consult")
_ADOPTION = family("adoption uptake usage utilisation utilization use adopter")
_TIMES = family("early day week month first-week first-day hour seller free trial")
_LESSONS = family("module tour walkthrough checklist wizard")
_FOUND = family(
    "found find needed need then afterwards acted act solved solve saved succeeded so and"
)
_OURS = family("platform pipeline service tool portal")
_FILMS = family("video film clip episode")
_STEPS = family("addtocart clickthrough")
_SWITCHED_ON = family("set turnon enable activate configure setup connect adopt use try link")
SET_UP = family("complete finish")
ON = frozenset({"enabled", "activated", "connected", "installed"})


def adoption(s: Statement) -> str:
    """Say which words count the use of one feature.

    Parameters
    ----------
    s : Statement

    Returns
    -------
    str
        "" where none do.

    Examples
    --------
    >>> from leadlag.assign.statement import read_statement
    >>> adoption(read_statement("Users who tried the new filter"))
    "'users tried the new filter'"
    """
    if s.direction == "down":
        return ""
    behind = s.after[1:] if s.after and s.after[0] in {"of", "on", "for", "with", "in"} else ()
    if any(word in ON or word.endswith("-enabled") for word in s.head[:-1]) and (
        s.noun in lex.PEOPLE | lex.CUSTOMERS
    ):
        return quoted(s.head)
    if s.done and _through_ours(s):
        return quoted((*s.head, s.done, *s.after[:4]))
    if s.head == ("times",) and _feature_in(s.after):
        return quoted((*s.head, *s.after[:5]))
    if s.noun in _ADOPTION or (s.noun == "activation" and _of_a_thing(s, behind)):
        return "" if _found_after(s.after) else quoted((*s.head, *s.after[:4]))
    if s.past and s.verb and in_family(s.verb, lex.USE):
        return "" if _found_after(s.rest) else quoted((s.verb, *s.rest[:4]))
    for words in (s.clause, _what_they_do(s)):
        if not words or _found_after(words) or _reached(words) or _first_in_time(words):
            continue
        through = re.search(
            r"\b(?:with|via|through|using) (?:the|our) (?:\w+ )?(\w+)$", " ".join(words)
        )
        if through and (through[1] == "app" or _feature_in((through[1],))):
            return quoted((*s.head, *words[:5]))
        stays = words[0] in {"stay", "remain", "are"}
        # "Set a price alert" switches something on, "set money aside" does not.
        on = _SWITCHED_ON if _feature_in(words[1:6]) else _SWITCHED_ON - {"set"}
        verb = (not stays and first_verb(words, on, 3)) or (
            first_verb(words, SET_UP, 1) and {singular(w) for w in words[:5]} & _LESSONS
        )
        seen = first_verb(words, lex.USE | _LOOK, 3) and (
            _feature_in(words[1:6]) or _tool_in(words[1:6]) or "new" in words[1:4]
        )
        if verb or seen:
            return quoted((*s.head, *words[:5]))
    if s.done and in_family(s.done, _TAKEN_OUT) and s.noun in lex.MADE_THINGS | lex.FEATURES:
        return quoted((*s.head, s.done))
    switched = s.done and in_family(s.done, _SWITCHED_ON) and not s.clause
    if switched and s.noun not in lex.PEOPLE:
        return quoted((*s.head, s.done))
    acts = {singular(word) for word in s.head[-1:]} & {
        "click", "view", "open", "tap", "visit", "use", "user", "adopter", "activation", "load",
        "dau", "mau", "rate", "session", "hit", "impression", "search", "interaction", "share",
    }  # fmt: skip
    # "App users" are all users.
    acts = set() if "creation" in s.head else acts
    acts -= {"user"} if set(s.head[:-1]) <= lex.ADJECTIVES | {"app"} else set()
    media = {singular(word) for word in s.head[:-1]} <= {"video", "intro", "stories", "app"}
    if (
        acts
        and not set(s.head) & _STEPS
        and not s.clause
        and not (media and acts <= {"view", "open"} and not behind)
        and not (acts == {"view"} and {singular(word) for word in behind} & _FILMS)
        and (_feature_in(behind) or _feature_in(s.head[:-1]))
    ):
        return quoted((*s.head, *s.after[:4]))
    return ""


def _through_ours(s: Statement) -> bool:
    """Whether what is counted is that our way of doing a thing was taken."""
    by = re.match(r"(?:with|via|through|using) (?:the|our) (?:\w+ )?(\w+)$", " ".join(s.behind))
    if by is None:
        return False
    known = lex.MADE_THINGS | lex.UPSTREAM_THINGS | lex.ARRIVE_THINGS
    before = in_family(s.done, lex.UPSTREAM_VERBS) or s.noun in known
    return not before and (by[1] in _OURS or _feature_in((by[1],)))


def _what_they_do(s: Statement) -> tuple[str, ...]:
    """What follows "users with", and "get people to"."""
    opens = {"with", "using", "to"} if s.noun in lex.PEOPLE else {"with", "using"}
    return s.after[1:] if s.after and s.after[0] in opens else ()


def _of_a_thing(s: Statement, behind: tuple[str, ...]) -> bool:
    """Whether an activation is that of a thing, a card or a wallet, and not of people."""
    before = [singular(word) for word in s.head[:-1] if singular(word) != "activation"]
    others = lex.PEOPLE | lex.ADJECTIVES | _TIMES
    things = [word for word in before if word not in others and not re.search(r"\d", word)]
    return bool(things) or _feature_in(behind)


def _found_after(words: tuple[str, ...]) -> bool:
    return bool(set(words) & _FOUND)


def _feature_in(words: tuple[str, ...]) -> bool:
    return any(singular(word) in lex.FEATURES for word in words)


def _tool_in(words: tuple[str, ...]) -> bool:
    """Whether something that does things is named, and no person: "the route optimiser"."""
    return any(_TOOL.search(word) and word not in lex.PEOPLE for word in words)


def _first_in_time(words: tuple[str, ...]) -> bool:
    """Whether it is a moment of arrival: "see their first report within a day"."""
    return "their first" in " ".join(words[:4]) and bool({"within", "in", "on", "by"} & set(words))


def _reached(words: tuple[str, ...]) -> bool:
    """Whether those who use a thing are counted for what they then get done."""
    return any(attains(words, i) for i in range(3, len(words)))
