"""One tree of errors, one kind of warning, and the reasons why a column can't be ranked."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

__all__ = [
    "CatalogError",
    "ConfigurationError",
    "Exclusion",
    "InputError",
    "InsufficientDataError",
    "LeadLagError",
    "LeadLagWarning",
    "listing",
    "shown",
    "unknown_name",
]


class LeadLagError(ValueError):
    """Base of every error that leadlag raises on purpose.

    The message is built from four parts, so that each error says what is wrong, what was found,
    what is needed, and what to do about it.

    Parameters
    ----------
    what : str
        What is wrong, a sentence without its full stop.
    got : object, optional
        What was found.
    need : object, optional
        What is needed.
    do : str, optional
        What the reader can do, a sentence without its full stop.

    Examples
    --------
    >>> str(LeadLagError("max_lag is too long", got=60, need="at most 43", do="Lower max_lag"))
    'max_lag is too long: got 60, need at most 43. Lower max_lag.'
    """

    def __init__(self, what: str, *, got: object = "", need: object = "", do: str = "") -> None:
        self.what = what
        self.got = str(got)
        self.need = str(need)
        self.do = do
        facts = [f"got {self.got}"] * bool(self.got) + [f"need {self.need}"] * bool(self.need)
        head = f"{what}: {', '.join(facts)}" if facts else what
        super().__init__(" ".join(_sentence(part) for part in (head, do) if part))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the four parts: they are keywords, which Exception doesn't keep."""
        return _rebuild, (type(self), self.what, self.got, self.need, self.do)


class InputError(LeadLagError):
    """The data can't be used as they are."""


class InsufficientDataError(InputError):
    """There are too few usable rows for what was asked."""


class ConfigurationError(LeadLagError):
    """An argument has a value that can't be used."""


class CatalogError(ConfigurationError):
    """A catalogue of metrics is not well formed."""


class LeadLagWarning(UserWarning):
    """The only category of Python warning that leadlag emits."""


class Exclusion(StrEnum):
    """Why a column was left out of a ranking; the value is the sentence that people read.

    Examples
    --------
    >>> Exclusion.TOO_SHORT.sentence(got=31, need=44, lower=11)
    'too short: 31 usable rows, 44 needed; supply more history or lower max_lag to 11'
    """

    TEXT = "holds text, not numbers; convert it to numbers, or leave it out"
    DATES = "holds dates, not numbers; leave it out, or pass it as time="
    NOT_NUMERIC = "holds {kind} values, not numbers; convert it to numbers, or leave it out"
    INFINITE = "has {count}; make them missing or correct them (a division by zero?)"
    ALL_MISSING = "has no values: every row is missing"
    CONSTANT = "never changes: every known value is {value}"
    ROUNDING = (
        "never changes by more than the rounding of a float: its values are about {value}; if "
        "smaller changes are real, subtract {value} where they are still exact"
    )
    COLLAPSED = (
        "holds numbers that float64 can't hold apart: all of them become {value}; subtract a "
        "constant from them first"
    )
    COUNTER = (
        "grows by the same step every period, like a row number; pass it as time= if it is the time"
    )
    COPY = "is an exact copy of the target, so it can't say anything in advance of it"
    HELD = "is made of the controls alone: once they are held constant, nothing of it is left"
    TOO_SHORT = (
        "too short: {got} usable rows, {need} needed; supply more history or lower max_lag to "
        "{lower}"
    )
    MUCH_TOO_SHORT = "too short: {got} usable rows, {need} needed; supply more history"
    LITTLE_OVERLAP = (
        "overlaps too little with the target: {got} rows in which both are known over the lags "
        "searched, {need} needed"
    )
    SPARSE = (
        "too sparse: only {got} rows follow a known row directly, {need} needed; "
        "pass a coarser freq= so that most periods have a value"
    )

    def sentence(self, **facts: object) -> str:
        """Fill the facts into the sentence.

        Parameters
        ----------
        **facts : object
            The values of the fields in braces.

        Returns
        -------
        str
            The reason, without a full stop.

        Examples
        --------
        >>> Exclusion.CONSTANT.sentence(value=3.0)
        'never changes: every known value is 3.0'
        """
        return self.value.format(**facts)


def listing(names: Iterable[object], *, limit: int = 6) -> str:
    """Write names as a short list for a message.

    Parameters
    ----------
    names : iterable
        What to list, in order.
    limit : int, default 6
        How many are written out before the rest is counted.

    Returns
    -------
    str
        The names with commas, and how many were left off.

    Examples
    --------
    >>> listing(["a", "b", "c"], limit=2)
    'a, b and 1 more'
    """
    words = [str(name) for name in names]
    if len(words) <= limit:
        return ", ".join(words)
    return f"{', '.join(words[:limit])} and {len(words) - limit} more"


def unknown_name(
    what: str,
    name: object,
    options: Iterable[object],
    *,
    kind: type[LeadLagError] = ConfigurationError,
    plural: str = "Columns",
    show: int = 12,
) -> LeadLagError:
    """Build the error for a name that isn't among the options, with the nearest one suggested.

    Parameters
    ----------
    what : str
        What is wrong, such as ``"target 'revenu' is not a column"``.
    name : object
        The name as given.
    options : iterable
        The names that would have been accepted.
    kind : type, default ConfigurationError
        The class of the error.
    plural : str, default "Columns"
        What the options are called.
    show : int, default 12
        How many options are listed at most.

    Returns
    -------
    LeadLagError
        The error, for the caller to raise.

    Examples
    --------
    >>> error = unknown_name("target 'revenu' is not a column", "revenu", ["revenue", "visits"])
    >>> error.got, error.need, error.do
    ("'revenu'", 'one of the columns: revenue, visits', "Did you mean 'revenue'?")
    """
    known = [str(option) for option in options]
    folded = {option.casefold(): option for option in reversed(known)}
    near = difflib.get_close_matches(str(name).casefold(), folded, n=1, cutoff=0.6)
    options_are = plural[:1].lower() + plural[1:]
    return kind(
        what,
        got=shown(name),
        need=f"one of the {options_are}: {listing(known, limit=show) or 'there are none'}",
        do=f"Did you mean {folded[near[0]]!r}?" if near else "Check the name",
    )


def shown(value: object, *, limit: int = 60) -> str:
    """Write a value as code for a message, on one line and no longer than a line.

    Parameters
    ----------
    value : object
        What was given.
    limit : int, default 60
        How many characters are written at most.

    Returns
    -------
    str
        Its `repr`, its end left off; for what is no plain value, its type.

    Examples
    --------
    >>> shown("revenu"), shown([1, 2]), shown({"a": object()}.items())
    ("'revenu'", '[1, 2]', 'a dict_items')
    """
    if not isinstance(value, (str, bytes, int, float, list, tuple, dict, set, type(None))):
        return f"a {type(value).__name__}"
    text = " ".join(repr(value).split())
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _rebuild(kind: type[LeadLagError], what: str, got: str, need: str, do: str) -> LeadLagError:
    return kind(what, got=got, need=need, do=do)
