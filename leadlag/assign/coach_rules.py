"""The coach's rules on a statement: outputs first, then what is counted, then what is open."""

from __future__ import annotations

import re

from leadlag.assign import lexicon as lex
from leadlag.assign.counted import ABOUT_THE_COUNT, BESIDE_THAT
from leadlag.assign.grammar import bids, quoted
from leadlag.assign.lexicon import family, in_family, singular
from leadlag.assign.statement import Statement

__all__ = ["codes_of"]

_BEST = re.compile(
    r"(?:^(?:be|become|remain|(?:have|get) the)|\b(?:should|must|will|shall) be)\b.*\b"
    r"(?:best|leading|leader|number one|no\. ?1|#1|world-class|top"
    r"|favou?rite|first choice|of choice|default|standard|fastest|easiest"
    r"|simplest|safest|largest|most|go-to|preferred|household|love|loved|admired)\b"
)
_OURS_ALONE = family(
    "release deployment experiment sprint campaign webinar commit milestone deliverable workshop"
)
_OURS_TO_PUBLISH = family("article story episode newsletter issue paper whitepaper")
_OURS_TO_WRITE = family("support help blog press faq knowledge")
_HOLLOW = family("engagement experience success loyalty performance impact")
_OF_RESULTS = frozenset({"business_outcome", "sentiment_alone"})
# What people can do is what we ship; what they do is the outcome.
_ABLE = re.compile(r"^(?:(?!who|that|which)\w+ ){1,3}(?:can|(?:should|will|must|are) be able to)\b")
_THE_MOST = re.compile(r"\bthe (?:best|most|\w+est)\b")
_EASIER = re.compile(r"^make\b.*\b(?:easier|simpler|better|faster|smoother|nicer|more \w+)\b")
_OUR_PEOPLE = family("team staff colleague agent engineer squad department marketing sales")
_WORK = family(
    "fix release ship close deliver complete run launch publish send deploy hold produce merge "
    "conduct organise organize install roll build develop implement execute print burn write"
)
# Things that only we hold, fit or hand out.
_ARRANGED = family(
    "held carried taught organised organized conducted hosted fitted mounted laid erected printed"
)
_SENDS = {(word,) for word in family("send circulate distribute broadcast")}
_MOVES = family("migrate move switch port transfer upgrade onboard connect integrate")
_LAUNCH = family(
    "launch release rollout implementation migration redesign deployment rewrite relaunch "
    "integration introduction creation rebrand delivery development go-live completion"
)


def codes_of(statement: Statement) -> dict[str, str]:
    """Apply every rule on words.

    Parameters
    ----------
    statement : Statement
        A definition taken apart.

    Returns
    -------
    dict
        Code to the words that it applies to, for the rules that apply.

    Examples
    --------
    >>> from leadlag.assign.statement import read_statement
    >>> codes_of(read_statement("Ship dark mode"))
    {'output': "'ship dark mode'"}
    """
    if words := _output(statement):
        return {"output": words}
    out: dict[str, str] = {}
    if words := _solution(statement):
        out["solution_named"] = words
        if statement.by_doing is None:
            return out
    measured = statement.by_doing or statement
    if words := _vague(measured):
        return {**out, "not_measurable": words}
    # "Deliver 95 % of orders on time" was found to count what customers get, "£2m" what we get.
    delivers = measured.verb != "make" and in_family(measured.verb, lex.DELIVER)
    for code, rule in ABOUT_THE_COUNT.items():
        if delivers and code not in _OF_RESULTS and not in_family(measured.verb, lex.ACQUIRE):
            continue
        if words := rule(measured):
            out[code] = words
            break
    for code, rule in BESIDE_THAT.items():
        if words := rule(measured):
            out[code] = words
    return out | _form(statement, measured)


def _form(statement: Statement, measured: Statement) -> dict[str, str]:
    """What is left open of the goal, once something is counted."""
    goals = (statement, measured)
    out = {}
    if not any(made.direction for made in goals):
        out["no_direction"] = quoted(measured.head) or "it"
    holds = any(made.direction == "hold" for made in goals)
    if not holds and not any(made.goal.baseline for made in goals):
        out["no_baseline"] = quoted(measured.head)
    if not any(made.goal.date for made in goals):
        out["no_date"] = quoted(measured.head)
    return out


# --- outputs, solutions, and what can't be counted ------------------------------------------------


def _output(s: Statement) -> str:
    nouns = [singular(word) for word in s.head]
    if s.by_doing and s.by_doing.goal.moves_by_number:
        return ""  # a solution, but what it is for is said and counted
    if s.goal.steps and not any(noun in lex.OUR_WORK for noun in nouns):
        return ""
    rest = " ".join(s.rest)
    delivers = s.verb and in_family(s.verb, lex.DELIVER) and not _moves(s.verb)
    if s.verb in {"make", "hold"}:
        delivers = s.noun in lex.BUILT_THINGS and not _THE_MOST.search(rest)
    ours = bool(set(nouns) & lex.OUR_WORK)
    if s.verb and in_family(s.verb, _WORK) and ours and not s.measured_share:
        return quoted((s.verb, *s.rest[:5]))
    if re.match(r"expand (?:in)?to\b", s.text.casefold()):
        return quoted((s.verb, *s.rest[:5]))
    who = lex.PEOPLE | lex.CUSTOMERS | lex.ARRIVE_THINGS
    people = in_family(s.verb, lex.ACQUIRE) and bool(nouns) and nouns[-1] in who
    # "Build trust" is delivered by nobody.
    people = (
        people
        or s.noun in lex.SENTIMENT | lex.VAGUE
        or s.noun in lex.BUSINESS
        or bool(lex.COMPANY_THINGS.search(" ".join(s.head)))
    )
    if delivers and not people and not _delivers_a_share(s, rest):
        return quoted((s.verb, *s.rest[:5]))
    if (
        s.verb in {"have", "get", "achieve", "bring", "put"}
        and not _BEST.search(f"have {rest}")
        and s.noun in lex.BUILT_THINGS
        and not s.measured
    ):
        return quoted((s.verb, *s.rest[:5]))
    if _ABLE.search(" ".join(s.rest[:7])) and not s.measured and not s.goal.moves:
        return quoted(s.rest[:7])
    soft = {singular(word) for word in s.rest} & (lex.VAGUE | lex.SENTIMENT)
    if not s.verb and not s.goal.moves_by_number and not soft and bids(s.rest):
        return quoted(s.rest[:6])
    if s.rest[:1] in _SENDS and set(nouns) & lex.OUR_WORK and not s.measured_share:
        return quoted(s.rest[:6])
    if s.done in _ARRANGED and "by" not in s.after[:1] and not s.measured_share and not s.clause:
        return quoted((*s.head, s.done))
    theirs = bool(s.clause) or _by_others(s)
    if s.done and in_family(s.done, _WORK) and set(nouns) & lex.OUR_WORK and not theirs:
        return quoted((*s.head, s.done))
    if s.done and in_family(s.done, _WORK) and _OURS_TO_WRITE & set(s.head) and not theirs:
        return quoted((*s.head, s.done))
    if s.noun in _OURS_TO_PUBLISH and s.done in {"published", "written"} and not theirs:
        return quoted((*s.head, s.done))
    if nouns[:1] == ["line"] and s.after[:2] == ("of", "code"):
        return quoted((*s.head, *s.after[:2]))
    if s.done and s.noun in lex.BUILT_THINGS and in_family(s.done, lex.DELIVER) and not s.measured:
        return quoted((*s.head, s.done))
    if (
        nouns
        and nouns[-1] in {"velocity", "throughput"}
        and {"team", "sprint", "story"} & set(nouns)
    ):
        return quoted(s.head)
    if s.noun in _OURS_ALONE and s.measured and not s.clause and s.direction != "down":
        return quoted(s.head)
    if set(nouns) >= {"story", "point"} or nouns[-2:] == ["deployment", "frequency"]:
        return quoted(s.head)
    if nouns and not s.verb and not s.clause and not s.measured and _launch_of(s, nouns):
        return quoted((*s.head, *s.after[:4]))
    return ""


def _by_others(s: Statement) -> bool:
    """Whether customers did it: "integrations published by partners", not "by the data team"."""
    near = {singular(word) for word in s.behind[1:5]}
    who = near & (lex.PEOPLE | lex.CUSTOMERS) and not near & _OUR_PEOPLE
    return s.behind[:1] in {("by",), ("between",), ("from",)} and bool(who)


def _is_number(words: tuple[str, ...]) -> bool:
    return any(word[0].isdigit() for word in words[:2])


def _moves(verb: str) -> bool:
    return any(in_family(verb, verbs) for verbs in (lex.UP, lex.DOWN))


def _delivers_a_share(s: Statement, rest: str) -> bool:
    """Whether it counts what customers get: "deliver 95 % of parcels on time"."""
    share = re.match(r"(?:at least |over )?\d[\d.,]* ?(?:%|percent|of\b)", rest)
    if share and s.verb in _MOVES and {singular(w) for w in s.after} & lex.BUILT_THINGS:
        return False  # "migrate 80 % of accounts to the new API" is our work, done in part
    kept = re.search(r"\bon-time\b|\bwithin (?:\d+|an?|one|two|three)\b|\bwithout\b", rest)
    # Many things on time are a service; one thing on time is a project.
    many = bool(s.head) and singular(s.head[-1]) != s.head[-1]
    return bool(share or (kept and many and s.noun not in lex.BUILT_THINGS))


def _launch_of(s: Statement, nouns: list[str]) -> bool:
    if nouns[0] in _LAUNCH and len(nouns) == 1:
        return bool(s.after) and s.after[0] in {"of", "to", "with"}
    return nouns[-1] in _LAUNCH and len(nouns) > 1 and bool(set(nouns[:-1]) & lex.BUILT_THINGS)


def _solution(s: Statement) -> str:
    if s.by_doing and (s.rest[:1] == ("use",) or in_family(s.verb, lex.DELIVER)):
        return quoted((s.verb, *s.rest[:5]))
    improves = s.verb == "speed" or (s.verb and in_family(s.verb, lex.IMPROVE))
    if not improves or s.measured or s.clause:
        return ""
    if s.head and singular(s.head[-1]) in lex.PARTS | lex.BUILT_THINGS | lex.FEATURES:
        return quoted((s.verb, *s.rest[: len(s.head) + 2]))
    return ""


def _vague(s: Statement) -> str:
    whole = " ".join((s.verb, *s.rest)).strip()
    soft = {singular(word) for word in s.rest} & lex.VAGUE
    # "Make invoicing painless", and not "make a video".
    made = s.verb == "make" and not s.goal.moves and len(s.rest) > 1
    thing = {"a", "an"} & set(s.rest) or _is_number(s.rest)
    ships = s.noun in lex.BUILT_THINGS and not _THE_MOST.search(whole)
    if made and not thing and not ships and s.noun not in lex.SENTIMENT:
        return quoted((s.verb, *s.rest[:6]))
    if not s.verb and not s.goal.moves and soft and bids(s.rest):
        return quoted(s.rest[:7])
    told = s.measured or s.goal.moves_by_number or any(word[0].isdigit() for word in s.rest)
    if s.verb == "help" and not told:
        return quoted((s.verb, *s.rest[:6]))
    if _BEST.search(whole) or (_EASIER.search(whole) and not s.goal.moves_by_number):
        return quoted(whole.split()[:7])
    if s.noun in _HOLLOW and s.head and singular(s.head[-1]) in {"score", "index"}:
        return quoted(s.head)
    if {"engaged", "motivated", "empowered"} & set(s.head) and not s.clause:
        return quoted(s.head)
    if s.clause or s.measured or not s.head or lex.COMPANY_THINGS.search(whole):
        return ""
    if singular(s.head[-1]) in lex.VAGUE and "perceived" not in s.head:
        return quoted(s.head)
    return ""
