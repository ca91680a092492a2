"""Rules on what a definition counts: things made, one feature, sentiment, volume and others.

Each says which words it applies to, or "" where it does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from leadlag.assign import lexicon as lex
from leadlag.assign import phrases
from leadlag.assign.adopted import ON, SET_UP, adoption
from leadlag.assign.grammar import first_verb, quoted
from leadlag.assign.lexicon import family, in_family, singular
from leadlag.assign.statement import Statement

__all__ = ["ABOUT_THE_COUNT", "BESIDE_THAT"]

_CONTACTS = frozenset({"ticket", "contact", "call", "complaint", "case", "enquiry", "inquiry"})
_MAKE_ALONE = family("create upload post publish write draft compose author generate list")
_ARRIVED = family(
    "source onboard register join recruit acquire sign list contact reach add invite pass hand "
    "route forward generate"
)
# A click on these is a step towards something; a click in a mail or an advert is attention.
_ON_THE_WAY = family("recommendation result listing product item course offer suggestion search")
_CHOSEN = family("shortlist nominate invite interview screen audition refer")
_DETAILS = family("email address number contact card detail name")
_SENT = family("email notification push message newsletter alert mailing advert ad sms")
_MESSAGES = family("email message question query request chat letter")
_BEGUN = family("start begin open")
_SOCIAL = family("youtube instagram tiktok linkedin twitter facebook social channel")
_WON = family("sign win close acquire lose")
_BASKETS = frozenset({"cart", "basket", "bag", "wishlist"})
_MAIL = frozenset({"newsletter", "email", "mailing", "push", "channel", "podcast", "waitlist"})
# With these a thing has come to what it is there for.
_RESULTS = family("sale order booking hire purchase answer reply match buyer deal payment repair")
_LICENCES = family("seat licence license subscription plan policy unit package")
_MADE_OF = family("build design draw record edit make")
_HELD_BACK = frozenset({"down", "hold"})
_THEIRS = family(
    "platform marketplace network site app directory onboarded registered joined listed"
)


# --- what is counted: the first that applies ------------------------------------------------------


def _sentiment(s: Statement) -> str:
    if (s.beside and not _is_sentiment(s.beside)) or _counted_as_well(s):
        return ""
    if any(re.fullmatch(r"(?:five|four|[1-5])-star", word) for word in s.head):
        return quoted(s.head)
    if s.done and in_family(s.done, lex.MAKE):
        return ""  # ratings left are things made
    inside = (*s.head, *s.after[:3]) if not s.clause else s.head
    if s.verb in {"delight", "please", "wow", "satisfy", "surprise"}:
        return quoted((s.verb, *s.rest[:4]))
    if _is_sentiment(s.head) or (s.verb in {"make", "be"} and _is_sentiment(s.rest)):
        return quoted(s.head or s.rest)
    if s.clause and phrases.SENTIMENT_PHRASE.search(" ".join(s.clause[:6])):
        return quoted((*s.head, *s.clause[:4]))
    if not s.clause and phrases.SENTIMENT_PHRASE.search(" ".join(inside)) and not _acted(s):
        return quoted(inside)
    return ""


def _counted_as_well(s: Statement) -> bool:
    """Whether a behaviour is measured beside it: "CSAT and the share of orders on time"."""
    for i, word in enumerate(s.after):
        if word in {"and", "with"}:
            other = tuple(w for w in s.after[i + 1 :] if w not in {"the", "a", "an", "our"})
            if singular(other[0] if other else "") in lex.MEASURES and not _is_sentiment(other):
                return True
    return False


def _is_sentiment(words: tuple[str, ...]) -> bool:
    return any(singular(word) in lex.SENTIMENT for word in words) or bool(
        phrases.SENTIMENT_PHRASE.search(" ".join(words))
    )


def _business(s: Statement) -> str:
    phrase = " ".join((*s.head, *s.after[:4]))
    if lex.COMPANY_THINGS.search(" ".join((*_measure(s), phrase))):
        return quoted(s.head)
    named = lex.COMPANY_THINGS.search(" ".join(s.rest)) if s.verb in {"be", "become"} else None
    if named:
        return quoted(named[0].split())
    if s.verb == "sell" or (s.done == "sold" and s.noun in _LICENCES):
        return quoted((s.verb, *s.rest[:4]))
    won = s.noun in lex.CUSTOMERS and s.done and in_family(s.done, _WON)
    if not s.head or (_acted(s) and not won):
        return ""
    if s.measured_share and s.noun in lex.CUSTOMERS:
        return ""
    if s.noun in lex.BUSINESS or singular(s.head[-1]) in lex.BUSINESS:
        return quoted(s.head)
    if s.noun in lex.CUSTOMERS and s.done and in_family(s.done, _WON):
        return quoted((*s.head, s.done))
    other = lex.GOOD | _MAIL | _SOCIAL | ON | {"active", "concurrent"}
    bare = not ({*s.head[:-1], *s.after[:3]} & other) and not s.done
    if s.noun in lex.CUSTOMERS and bare and not s.after_is_share and s.direction != "down":
        return quoted(s.head)
    return ""


def _measure(s: Statement) -> tuple[str, ...]:
    return tuple(s.text.casefold().split()[:6])


def _made(s: Statement) -> str:
    if s.direction == "down" or _good(s):
        return ""
    again = {*s.after, *s.clause} & lex.AGAIN
    if s.clause:
        if not again and _makes(s.clause) and not _reaches_a_moment(s.clause):
            return quoted((*s.head, *s.clause[:3]))
        return ""
    if s.done:
        alone = _MAKE_ALONE | (_MADE_OF if s.noun not in lex.BUILT_THINGS | lex.PEOPLE else set())
        made = in_family(s.done, alone) or (
            in_family(s.done, lex.MAKE | _BEGUN) and s.noun in lex.MADE_THINGS | {"rating"}
        )
        made = made and s.noun not in lex.UPSTREAM_THINGS | lex.ARRIVE_THINGS
        return quoted((*s.head, s.done)) if made and not again else ""
    made = (s.noun in lex.MADE_THINGS or "creation" in s.head) and not set(s.head) & _BASKETS
    return quoted(s.head) if made and not _good_behind(s) else ""


def _reaches_a_moment(clause: tuple[str, ...]) -> bool:
    """Whether people are counted who do it in time, or as a habit: no number of things grows."""
    timed = {"within", "each", "every", "least"} & set(clause)
    return bool(timed) or "their first" in " ".join(clause)


def _makes(clause: tuple[str, ...]) -> bool:
    """Whether a clause says that things are made: "make three payments" does not."""
    if first_verb(clause, _MAKE_ALONE, 3):
        return True
    things = any(singular(word) in lex.MADE_THINGS for word in clause[:5])
    return things and first_verb(clause, lex.MAKE, 3)


def _upstream(s: Statement) -> str:
    if s.direction == "down" or _good(s):
        return ""
    if "clickthrough" in s.head and {singular(word) for word in s.after[1:5]} & _ON_THE_WAY:
        return quoted((*s.head, *s.after[:4]))
    if s.clause:
        near = {singular(word) for word in s.clause[1:6]}
        starts = first_verb(s.clause, lex.UPSTREAM_VERBS, 2) or bool(near & _BASKETS)
        sets_up = first_verb(s.clause, SET_UP, 2) and bool(near & lex.SETUP)
        followed = set(s.clause) & (lex.AGAIN | {"and", "then", "finish"})
        return quoted((*s.head, *s.clause[:3])) if (starts or sets_up) and not followed else ""
    if s.done and set(s.after[1:4]) & _BASKETS:
        return quoted((*s.head, *s.after[:4]))
    if s.done and (s.noun in lex.PEOPLE or _THEIRS & set(s.after)) and in_family(s.done, _ARRIVED):
        return ""
    if s.done:
        if s.noun in lex.MADE_THINGS and in_family(s.done, _BEGUN):
            return ""
        late = (
            (s.noun in {"account", "profile"} and s.done in {"opened", "registered"})
            or in_family(s.done, lex.UPSTREAM_VERBS)
            or (s.noun in lex.UPSTREAM_THINGS and in_family(s.done, lex.MAKE | {"receive", "send"}))
            or (s.noun in {"prescription", "proposal", "key"} and in_family(s.done, lex.MAKE))
        )
        return quoted((*s.head, s.done)) if late else ""
    nouns = {singular(word) for word in s.head}
    if nouns & _BASKETS and s.noun in {"item", "product", "addition"}:
        return quoted(s.head)
    if "trial" in nouns and s.noun in {"activation", "signup"}:
        return quoted(s.head)
    if any(word.endswith("ed") and in_family(word, _CHOSEN) for word in s.head[:-1]):
        return quoted(s.head)
    if nouns & lex.SETUP and nouns & {"completion", "complete", "rate"}:
        return quoted(s.head)
    rate = s.head and singular(s.head[-1]) in {"rate"} and "to" in s.after
    if s.noun in lex.UPSTREAM_THINGS and not rate and not _good_behind(s):
        return quoted(s.head)
    return ""


def _volume(s: Statement) -> str:
    if s.direction in _HELD_BACK or _good(s) or _good_behind(s):
        return ""
    given = s.done in {"collected", "captured", "gathered"}
    if given and s.head and singular(s.head[-1]) in _DETAILS:
        return quoted((*s.head, s.done))
    who = s.noun in lex.PEOPLE | lex.ARRIVE_THINGS or _THEIRS & set(s.after)
    if s.done and in_family(s.done, _ARRIVED) and who:
        return quoted((*s.head, s.done))
    if s.verb == "get" and s.behind[:1] == ("to",) and s.noun in lex.PEOPLE:
        return ""  # "get sellers to ship sooner" counts what they do
    if _acted(s):
        return ""
    mailed = set(s.head) & _MAIL and (s.noun in lex.CUSTOMERS or "list" in s.head)
    if s.noun in lex.ARRIVE_THINGS or mailed:
        return quoted(s.head)
    # "Share of refugees in work": a state that some of them are in.
    state = s.measured_share and s.after[:1] in {(w,) for w in ("in", "on", "out", "under", "at")}
    people = s.noun in lex.PEOPLE and "active" not in s.head and not state
    return quoted(s.head) if people and not s.after_is_share else ""


def _attention(s: Statement) -> str:
    there = phrases.IS_ACTIVE.match(" ".join(s.clause))
    looks = there or first_verb(s.clause, lex.ATTENTION_VERBS, 2)
    if _good(s) or (s.clause and not looks):
        return ""
    if s.direction == "down":
        asked = {"support", "helpdesk", "service"} & set(s.after[:4]) and s.noun in _MESSAGES
        named = {singular(word) for word in s.head} & _CONTACTS
        contacts = bool(named or asked) and not s.measured_share
        slow = re.search(r"handl(?:e|ing) time|bounce rate", " ".join(s.head))
        return quoted(s.head) if (contacts and not s.clause) or slow else ""
    if s.clause:
        return "" if set(s.clause) & lex.AGAIN else quoted((*s.head, *s.clause[:3]))
    if s.done and in_family(s.done, lex.ATTENTION_VERBS) and s.noun in _SENT:
        return quoted((*s.head, s.done))
    avoided = s.done in {"deflected", "avoided", "contained", "prevented"}
    if avoided and {singular(word) for word in s.head} & _CONTACTS:
        return quoted((*s.head, s.done))
    social = bool(_SOCIAL & {*s.head, *s.after}) and s.noun in lex.CUSTOMERS | lex.PEOPLE
    if social or (s.head and s.head[-1] == "shares") or _active(s):
        return quoted(s.head)
    phrase = " ".join((*s.head, *s.after[:3]))
    listened = f"{s.head[-1] if s.head else ''} {s.done}" if s.done else ""
    if any(phrases.ATTENTION_PHRASE.search(words) for words in (phrase, listened)):
        return quoted((*s.head, s.done) if s.done else s.head)
    return quoted(s.head) if s.noun in lex.ATTENTION_THINGS else ""


def _active(s: Statement) -> bool:
    """Whether people are counted for being there: "active", "concurrent"."""
    there = ({"active", "concurrent"} & set(s.head[:-1])) or "login" in s.head
    return bool(there) and any(singular(w) in lex.PEOPLE | lex.CUSTOMERS for w in s.head)


def _good(s: Statement) -> bool:
    good = set(s.head) & (lex.GOOD - {"paid"} if s.noun == "conversion" else lex.GOOD)
    good |= {word for word in s.head if word.endswith(("-qualified", "-accepted"))}
    if good <= {"completed", "finished"} and s.noun in lex.SETUP | lex.UPSTREAM_THINGS:
        good = set()
    return bool(good) or (bool(s.done) and s.done in lex.GOOD)


def _good_behind(s: Statement) -> bool:
    """Whether what comes of it is counted: "applications to hires"."""
    if not s.after or s.after[0] not in {"to", "with", "into", "per"}:
        return False
    found = s.after[0] in {"with", "to"} and {singular(word) for word in s.after[1:5]} & _RESULTS
    return bool(found) or bool(set(s.after[1:5]) & (lex.GOOD | lex.AGAIN | {"least", "hires"}))


def _acted(s: Statement) -> bool:
    """Whether the people or things that are counted are seen to do something."""
    return bool(s.clause) or (bool(s.done) and not in_family(s.done, lex.UPSTREAM_VERBS)
                              and s.done not in _THEIRS)  # fmt: skip


# --- beside what is counted -----------------------------------------------------------------------


def _cumulative(s: Statement) -> str:
    text = s.text.casefold()
    found = phrases.TOTAL.search(text.replace("-", " ") if "all-time" not in text else text)
    if not found or phrases.PERIOD.search(text) or s.direction == "down" or s.clause:
        return ""
    return quoted(found[0].split())


def _window(s: Statement) -> str:
    text = s.text.casefold()
    found = phrases.WINDOW.search(text)
    return quoted(found[0].split()) if found and not phrases.STAMP.search(text) else ""


ABOUT_THE_COUNT: dict[str, Callable[[Statement], str]] = {
    "sentiment_alone": _sentiment,
    "business_outcome": _business,
    "feature_adoption": adoption,
    "upstream": _upstream,
    "no_customer_value": _attention,
    "things_made": _made,
    "volume_without_quality": _volume,
}
BESIDE_THAT: dict[str, Callable[[Statement], str]] = {
    "cumulative": _cumulative,
    "unstamped_window": _window,
}
