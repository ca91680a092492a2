"""Which words are verbs: of people that do things, and of statements that bid things be done."""

from __future__ import annotations

from collections.abc import Sequence

from leadlag.assign import lexicon as lex
from leadlag.assign.lexicon import family, in_family, singular

__all__ = ["attains", "bids", "first_verb", "quoted", "several_people"]

_NO_VERBS = lex.ADJECTIVES | family(
    "day week month quarter year hour minute level tier top version phase only half almost about "
    "nearly twice once not none no use view open click see try read watch help be become make"
)


_ARTICLES = frozenset({"the", "a", "an", "their", "our", "its", "your", "my"})
# Done to people, and counted by nobody: whether they then do anything is the outcome.
_ASKS = family(
    "teach educate train encourage remind inform coach nudge persuade convince guide prompt "
    "motivate inspire equip empower notify urge invite instruct advise mentor brief tell show ask "
    "incentivise incentivize reward call visit contact familiarise familiarize warn thank consult"
)


def bids(tokens: Sequence[str]) -> bool:
    """Tell whether words open with a verb that bids something be done, whatever the verb.

    Parameters
    ----------
    tokens : sequence of str
        In lower case.

    Returns
    -------
    bool

    Examples
    --------
    >>> bids("paint the waiting rooms".split()), bids("interview 20 customers".split())
    (True, True)
    >>> bids("teach customers to use the API".split())
    True
    >>> bids("retention of new teams".split()), bids("week 4 retention".split())
    (False, False)
    """
    if len(tokens) < 3 or singular(tokens[0]) != tokens[0] or not tokens[0].isalpha():
        return False
    first, second = tokens[:2]
    if first in _ASKS:
        upto = next((i for i, word in enumerate(tokens) if word in lex.STOPS), len(tokens))
        return any(several_people(word) for word in tokens[1 : min(upto, 4)])
    if first.endswith(("ed", "ing", "ly")) or first in _NO_VERBS | lex.STOPS | lex.MEASURES:
        return False
    if several_people(second) and tokens[2] in {"to", "about", "how"}:
        return True
    # No noun stands before an article.
    people = any(several_people(word) for word in tokens[2:4])
    return second in {"the", "a", "an", "our", "all"} or (second.isdigit() and people)


def attains(words: Sequence[str], i: int) -> bool:
    """Tell whether word i is the verb of something that people get done.

    Parameters
    ----------
    words : sequence of str
    i : int

    Returns
    -------
    bool

    Examples
    --------
    >>> attains("using our course reach the next level".split(), 3)
    True
    >>> attains("using the new pass".split(), 3)
    False
    """
    before = words[i - 1] if i else ""
    return (
        words[i] in lex.ATTAIN
        and before not in lex.STOPS | lex.ADJECTIVES | {"to", ",", "(", "can", "will"}
        and i + 1 < len(words)
    )


def several_people(word: str) -> bool:
    """Tell whether a word is people, more than one.

    Parameters
    ----------
    word : str

    Returns
    -------
    bool

    Examples
    --------
    >>> several_people("patients"), several_people("customer"), several_people("orders")
    (True, False, False)
    """
    return singular(word) in lex.PEOPLE and (singular(word) != word or word in {"people", "staff"})


def first_verb(words: Sequence[str], verbs: frozenset[str], reach: int) -> bool:
    """Tell whether one of the first words is a verb of a family.

    Parameters
    ----------
    words : sequence of str
    verbs : frozenset of str
    reach : int
        How many words are looked at.

    Returns
    -------
    bool

    Examples
    --------
    >>> first_verb(("often", "opened", "it"), frozenset({"open"}), 2)
    True
    """
    return any(
        in_family(word, verbs) and not _is_noun(words, i) for i, word in enumerate(words[:reach])
    )


def _is_noun(words: Sequence[str], i: int) -> bool:
    """Whether an article stands before word i, or it is a share of something."""
    return bool(i and words[i - 1] in _ARTICLES) or list(words[i : i + 2]) == ["share", "of"]


def quoted(words: tuple[str, ...] | list[str]) -> str:
    """Write words between quotes; "" for none.

    Parameters
    ----------
    words : sequence of str

    Returns
    -------
    str

    Examples
    --------
    >>> quoted(("course", "reviews"))
    "'course reviews'"
    """
    text = " ".join(word for word in words if word).replace(" ,", ",").strip(" ,")
    return f"'{text}'" if text else ""
