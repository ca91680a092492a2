"""A statement taken apart: its verb, the thing it measures, and what is said about that thing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from leadlag.assign import lexicon as lex
from leadlag.assign.goal import Goal, read_goal
from leadlag.assign.grammar import attains, bids, several_people
from leadlag.assign.lexicon import family, in_family, joined, singular

__all__ = ["Statement", "read_statement"]

Words = tuple[str, ...]

_OPENING = re.compile(
    r"^(?:(?:our|the|this|my|team)\s+(?:team['’]s\s+|main\s+|next\s+)?(?:goal|aim|objective|target"
    r"|kr|okr|mission|kpi|metric)\s+(?:is|will be)\s*(?:to|that)?\b"
    r"|we\s+(?:want|need|will|plan|aim|would like|hope|intend|should|must|are going)\s*(?:to)?\b"
    r"|(?:goal|objective|key result|okr|kr\s?\d*|metric|kpi|north star)\s*(?:\d+\s*)?[:–-]"
    r"|(?:try|aim|want|see)\s+to\b|to\b)\s*"
)
_TOKEN = re.compile(r"[^\W_][\w'’&/.+-]*|,|%|\(|\)")
_RELATIVE = frozenset({"that", "which", "who", "whose", "whom", "where"})
# What follows these is a limit on something else, not part of what is measured.
_BESIDE = frozenset({"without", "while", "whilst", "but", "alongside", "provided", "unless"})
_SO_THAT = re.compile(r",?\s+(?:so|such) that\s+(\w.*)$")
_TO_MOVE = re.compile(r",?\s+(?:in order |so as )?to (?=((\w+)\s+\D.*)$)")
_TO_VERBS = (lex.UP | lex.DOWN | lex.HOLD) - frozenset({"up", "down", "fewer", "less", "limit"})
_BY_DOING = re.compile(r"\bby\s+(\w+ing)\b")
_NOUN_AFTER = family(
    "rate score level time ticket coverage frequency failure retention delay cost quality "
    "satisfaction duration length case contact volume count size ratio index growth velocity "
    "base call queue hour response success acceptance completion"
)
_PLAIN_VERBS = family(
    "deliver ship launch implement redesign migrate introduce rollout deploy publish develop "
    "create integrate rebuild revamp overhaul refactor rewrite relaunch unveil"
)
_PLEASE = frozenset({"delight", "please", "wow", "satisfy", "surprise"})
_PARTICIPLES = family(
    "set sent made written sold won lost kept paid given taken held built run read spent found "
    "seen shown begun left met put turnon rollout bought taught heard hurt setup"
)
# "Sign up 300 patients", "bring in 50 clients": people are won.
_COUNTED_IN = family("signup enrol enroll register bring source book drive take")
_SHARES = frozenset({"%", "percent", "share", "percentage", "proportion", "fraction"})
# Base forms that follow plural people: "patients open", "drivers accept".
_DO = lex.ATTAIN | family("use try adopt open enable activate visit login view watch read apply")
_DIGITS = frozenset({"", *"0123456789"})
_PARTICLES = frozenset({"in", "on", "up", "to", "down", "out", "back"})
_ING_NOUNS = family(
    "rating booking listing onboarding meeting training posting spending earning opening reading "
    "building setting offering billing marketing learning hearing feeling wellbeing pricing "
    "hiring testing engineering banking shopping housing funding saving listening understanding"
)
_NO_PARTICIPLES = family(
    "speed need feed seed weed bed hundred shed indeed exceed proceed succeed bleed red led"
)


@dataclass(frozen=True)
class Statement:
    """A statement taken apart; words are in lower case.

    Parameters
    ----------
    text : str
        As it was given, on one line.
    verb : str
        The verb that it opens with, or "".
    past : bool
        Whether that verb is in the past: something done, with nobody who does it.
    head : tuple of str
        The noun phrase that is measured, its measure ("number of") taken off.
    measured : bool
        Whether a measure was named: number, share, rate, time.
    after : tuple of str
        What follows the noun phrase, up to `beside`.
    clause : tuple of str
        What follows "who", "that" or "which".
    done : str
        A participle behind the noun: "sent" of "emails sent".
    beside : tuple of str
        What follows "without" or "while".
    rest : tuple of str
        All words but the verb.
    goal : Goal
        Direction, size, baseline, date.
    by_doing : Statement or None
        The second half of "improve A by raising B".
    """

    text: str
    verb: str
    past: bool
    head: Words
    measured: bool
    after: Words
    clause: Words
    done: str
    beside: Words
    rest: Words
    goal: Goal
    by_doing: Statement | None = None

    @property
    def noun(self) -> str:
        """The noun that is counted; for a rate or score the word before it."""
        for word in reversed(self.head):
            plain = singular(word)
            if plain not in lex.GENERIC:
                return plain
        return singular(self.head[-1]) if self.head else ""

    @property
    def direction(self) -> str:
        """Where it should go: "up", "down", "hold", or ""."""
        for name, verbs in (("up", lex.UP), ("down", lex.DOWN), ("hold", lex.HOLD)):
            if self.verb and in_family(self.verb, verbs):
                return name
        if self.verb and in_family(self.verb, lex.IMPROVE | lex.DELIVER):
            return "up"
        if self.head and self.head[0] in {"fewer", "less"}:
            return "down"
        if in_family(self.verb, lex.ACQUIRE) or self.verb in _PLEASE or self.verb == "help":
            return "up"
        if self.goal.falls:
            return "down"
        return "up" if self.goal.moves else ""

    @property
    def behind(self) -> Words:
        """What follows the noun and its participle: "by us" of "apps published by us"."""
        return self.after[1:] if self.done and self.after[:1] == (self.done,) else self.after

    @property
    def measured_share(self) -> bool:
        """Whether it opens with a share: "90 % of"."""
        return self.measured and bool(_SHARES & set(self.rest[:4]))

    @property
    def after_is_share(self) -> bool:
        """Whether the noun is only the whole that a share is taken of."""
        return bool(self.after) and self.after[0] in {"with", "whose"} and self.measured


def read_statement(text: str) -> Statement:
    """Take a statement apart.

    Parameters
    ----------
    text : str
        A goal, or the name of a metric.

    Returns
    -------
    Statement

    Examples
    --------
    >>> made = read_statement("Increase the number of course reviews")
    >>> made.verb, made.head, made.noun
    ('increase', ('course', 'reviews'), 'review')
    >>> read_statement("Share of drivers who accept a second load").clause
    ('accept', 'a', 'second', 'load')
    """
    plain = " ".join(text.replace("_", " ").replace("’", "'").split())
    lowered = re.sub(r"(?<=\d),(?=\d{3}\b)", "", joined(plain.casefold()))
    previous = None
    while previous != lowered:
        previous = lowered
        lowered = _OPENING.sub("", lowered).strip()
    doing = _BY_DOING.search(lowered)
    second = None
    aim = None if doing else _aim(lowered)
    if aim:
        second = read_statement(aim[1])
        lowered = lowered[: aim.start()]
    if doing and _is_direction(doing[1]):
        second = read_statement(lowered[doing.start(1) :])
        lowered = lowered[: doing.start()]
    goal = read_goal(lowered)
    tokens = [token.rstrip(".-'/") for token in _TOKEN.findall(goal.core)]
    tokens = [token for token in tokens if token]
    verb, past, tokens = _verb(tokens)
    return _parts(plain, verb, past, tokens, goal, second)


def _aim(text: str) -> re.Match[str] | None:
    """What a solution is for: "so that churn falls", "to cut waiting"; from its first word on."""
    first = text.split()[0] if text else ""
    improves = in_family(first, lex.IMPROVE)
    works = improves or in_family(first, lex.DELIVER) or (first == "use" and "use of" not in text)
    if not works:
        return None
    found = _SO_THAT.search(text)
    if found and (improves or read_goal(found[1]).moves_by_number):
        return found
    for found in _TO_MOVE.finditer(text):
        before = text[: found.start()].split()
        # "Enable sellers to cut returns": it is sellers who do.
        if found[2] in _TO_VERBS and len(before) > 1 and not several_people(before[-1]):
            return found if first == "use" or read_goal(found[1]).moves_by_number else None
    return None


def _is_direction(word: str) -> bool:
    return any(in_family(word, verbs) for verbs in (lex.UP, lex.DOWN, lex.HOLD))


def _verb(tokens: list[str]) -> tuple[str, bool, list[str]]:
    """The verb at the front, where the first word is one."""
    if not tokens:
        return "", False, tokens
    first, rest = tokens[0], tokens[1:]
    if first in {"successfully", "finally", "fully", "quickly", "significantly", "dramatically"}:
        return _verb(rest)
    if first.endswith("s") and singular(first) != first:
        return "", False, tokens
    if first in {"fewer", "less", "more", "new"}:
        return "", False, tokens
    if first in _ING_NOUNS:
        return "", False, tokens
    if first == "save" and rest and several_people(rest[0]):
        return "help", False, rest
    if first in _COUNTED_IN and rest and (rest[0][0].isdigit() or rest[0] == "in"):
        return "get", False, rest[rest[0] in _PARTICLES :]
    past = first.endswith("ed") or first in _PARTICIPLES
    if rest[1:3] == ["%", "of"] and rest[0][0].isdigit() and bids([first, "the", *rest]):
        unknown = not in_family(first, lex.DOWN | lex.HOLD | lex.UP | lex.DELIVER | lex.IMPROVE)
        return ("get" if unknown else first), past, rest
    if first == "have" and rest and (rest[0].endswith("ed") or rest[0] in _PARTICIPLES):
        # "Have served a million people" is "a million people served".
        people = any(singular(word) in lex.PEOPLE for word in rest)
        return "get", False, rest[1:] if people else [*rest[1:], rest[0]]
    if _is_direction(first) or in_family(first, lex.ACQUIRE) or in_family(first, lex.IMPROVE):
        while len(rest) > 1 and rest[0] in _PARTICLES:
            rest = rest[1:]
        return first, past, rest
    if in_family(first, lex.DELIVER):
        noun_phrase = [singular(word) for word in _until_stop(tokens)]
        as_noun = len(noun_phrase) > 1 and noun_phrase[-1] in _NOUN_AFTER
        as_noun = as_noun or (len(noun_phrase) > 2 and noun_phrase[-1].endswith("ed"))
        as_noun = as_noun or (len(tokens) == 2 and noun_phrase[-1] in lex.UPSTREAM_THINGS)
        if first in _PLAIN_VERBS or not as_noun or rest[0][0].isdigit():
            return first, past, rest
        return "", False, tokens
    if past and (in_family(first, lex.USE) or in_family(first, lex.UPSTREAM_VERBS)):
        return first, past, rest
    if first in {"be", "become", "make", "help", "sell", *_PLEASE}:
        return first, False, rest
    return "", False, tokens


def _until_stop(tokens: list[str]) -> list[str]:
    out = []
    for token in tokens:
        if token in lex.STOPS or token in {",", "(", ")"}:
            break
        out.append(token)
    return out


def _parts(
    text: str, verb: str, past: bool, tokens: list[str], goal: Goal, second: Statement | None
) -> Statement:
    at = next(
        (
            i
            for i, token in enumerate(tokens)
            if token in _BESIDE and tokens[i + 1 : i + 2] not in (["us"], ["it"], ["them"])
        ),
        len(tokens),
    )
    main, beside = tokens[:at], tokens[at + 1 :]
    measured, start = _past_measures(main)
    stop = start
    done = ""
    while stop < len(main):
        word = main[stop]
        if word in lex.STOPS or word in {",", "(", ")"} or _doing_people(main, start, stop):
            break
        if word in {"up", "down"} and "".join(main[stop + 1 : stop + 2])[:1] in _DIGITS:
            break
        if stop > start and several_people(main[stop - 1]) and word in _DO:
            break
        if _behind_noun(main, start, stop):
            done = word
            break
        stop += 1
    head = tuple(
        word for word in main[start:stop] if not word[0].isdigit() and word not in {"%", "live"}
    )
    if head[-1:] == ("ever",):
        head = head[:-1]
    relative = next((i for i, word in enumerate(main) if i >= start and word in _RELATIVE), None)
    clause = tuple(main[relative + 1 :]) if relative is not None else ()
    if relative is not None and main[relative] == "whose":
        clause = clause[2:] or clause
    if not clause and stop < len(main) and _doing_people(main, start, stop):
        clause = tuple(main[stop:])
    if not clause and main[stop : stop + 1] in (["it"], ["they"], ["we"]):
        clause = tuple(main[stop + 1 :])  # "questions it settles"
    if not clause:
        clause = _what_people_do(main, start, stop)
    return Statement(
        text=text, verb=verb, past=past, head=head, measured=measured,
        after=tuple(main[stop:]), clause=clause, done=done, beside=tuple(beside),
        rest=tuple(tokens), goal=goal, by_doing=second,
    )  # fmt: skip


def _past_measures(words: list[str]) -> tuple[bool, int]:
    """Where the measured thing begins, past "the number of", "median", "95 % of our"."""
    measured, i = False, 0
    while i < len(words):
        word = words[i]
        if word in {"the", "a", "an", "our", "their", "its", "at", "least", "all", "of", "more"}:
            i += 1
        elif word[0].isdigit() or word in {"%", "percent"}:
            measured, i = True, i + 1
        elif word == "in" and measured:
            i += 1  # "£3m in sales"
        elif _opens_of(words, i):
            measured, i = True, words.index("of", i) + 1
        else:
            break
    return measured, i


def _opens_of(words: list[str], i: int) -> bool:
    """Whether words such as "total number of" or "conversion share of" start at i."""
    for j in range(i, min(i + 4, len(words))):
        if words[j] == "of":
            return j > i and singular(words[j - 1]) in lex.MEASURES
        if singular(words[j]) not in lex.MEASURES and words[j] not in lex.ADJECTIVES:
            return False
    return False


def _doing_people(words: list[str], start: int, i: int) -> bool:
    """Whether "drivers using the app" says what people do, as "who use" does."""
    doing = words[i].endswith("ing") and words[i] not in _ING_NOUNS
    if i == start or not doing:
        return False
    before = singular(words[i - 1])
    # Whoever uses something is somebody: "admins using the audit log".
    somebody = words[i] in {"using", "trying", "adopting"} and before != words[i - 1]
    return before in lex.PEOPLE or somebody


def _what_people_do(words: list[str], start: int, stop: int) -> Words:
    """What plural people do, without a "who": "patients open the checker".

    "Customer support" and "user visits" are no people that do anything: the first noun is singular.
    """
    if stop == start or stop >= len(words) or not several_people(words[stop - 1]):
        return ()
    if words[stop] in _DO:
        return tuple(words[stop:])
    for i in range(stop + 2, len(words)):
        if attains(words, i):
            return tuple(words[i:])
    return ()


def _behind_noun(words: list[str], start: int, i: int) -> bool:
    """Whether a participle stands behind its noun, "emails sent", and not before it."""
    word = words[i]
    looks = word in _PARTICIPLES or (
        len(word) > 4 and word.endswith("ed") and word not in _NO_PARTICIPLES
    )
    if not looks or i == start or words[i - 1] in lex.ADJECTIVES or words[i - 1][0].isdigit():
        return False
    after = words[i + 1] if i + 1 < len(words) else ""
    return (
        not after
        or after in lex.STOPS
        or after in lex.ADVERBS
        or after in {",", "(", ")"}
        or after[0].isdigit()
    )
