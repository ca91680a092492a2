"""The windows of a retention: which days after the first one count, and what they are called."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral

from leadlag.data.duration import DAYS, parse_duration
from leadlag.errors import CatalogError, ConfigurationError, shown, unknown_name

__all__ = ["DEFINITIONS", "Span", "days_of", "read_definition", "read_spans"]

DEFINITIONS = ("returned by", "active on", "bracket", "still subscribed")
# Longer than any log, and the calendar still holds every date that comes of it.
_MOST_DAYS = 100_000
_NEED = "days, such as (5, 30, 90), brackets of days, such as [(1, 7), (8, 14)], or names for them"


@dataclass(frozen=True)
class Span:
    """One window: days `low` to `high` after a user's first day, both included.

    Parameters
    ----------
    name : int or str
        What the table calls it: the number of days, or the name that was given.
    low, high : int, days
        Day 0 is a user's first day.

    Examples
    --------
    >>> Span(30, 1, 30).column
    'retention_30d'
    """

    name: int | str
    low: int
    high: int

    @property
    def column(self) -> str:
        """Name of its column in a wide table."""
        return f"retention_{self.name}d" if isinstance(self.name, int) else self.name


def read_definition(definition: object) -> str:
    """Check the definition of being retained.

    Parameters
    ----------
    definition : str
        One of `DEFINITIONS`, in any case, with spaces, dashes or underscores.

    Returns
    -------
    str

    Raises
    ------
    ConfigurationError
        If it is not known.

    Examples
    --------
    >>> read_definition("active_on")
    'active on'
    """
    if isinstance(definition, str):
        plain = " ".join(definition.replace("_", " ").replace("-", " ").casefold().split())
        if plain in DEFINITIONS:
            return plain
    raise unknown_name(
        f"definition {shown(definition)} is not known", definition, DEFINITIONS, plural="Choices"
    )


def read_spans(windows: object, definition: str, *, day_zero: bool = False) -> tuple[Span, ...]:
    """Read windows as a user writes them.

    Parameters
    ----------
    windows : int, str, pair, sequence or mapping
        Days, durations such as "30D", pairs of days; a mapping names them.
    definition : str
        One of `DEFINITIONS`.
    day_zero : bool
        Whether a window may begin on a user's first day.

    Returns
    -------
    tuple of Span
        In the order given.

    Raises
    ------
    ConfigurationError
        If a window can't be read, is empty, or stands there twice.

    Examples
    --------
    >>> read_spans({"week one": 7}, "returned by")
    (Span(name='week one', low=1, high=7),)
    >>> read_spans([(8, 14)], "bracket")[0].name
    '8-14'
    """
    named = isinstance(windows, Mapping)
    if isinstance(windows, Mapping):
        entries = [(name, window) for name, window in windows.items()]
    elif isinstance(windows, (str, bytes)) or not isinstance(windows, Iterable):
        entries = [(None, windows)]
    else:
        given = list(windows)
        # (1, 7) under "bracket" is one bracket, not two days.
        if definition == "bracket" and len(given) == 2 and not any(map(_is_pair, given)):
            given = [tuple(given)]
        entries = [(None, window) for window in given]
    if not entries:
        raise ConfigurationError("windows is empty", need=_NEED)
    spans = []
    for name, window in entries:
        span = _span(window, definition, day_zero)
        spans.append(_named(name, window, span) if named else span)
    columns = [span.column for span in spans]
    for column in columns:
        if columns.count(column) > 1:
            raise ConfigurationError(f"windows has {column!r} twice", need="one of each")
    return tuple(spans)


def days_of(length: object, field: str) -> int:
    """Read a length of time in whole days.

    Parameters
    ----------
    length : int, str or timedelta
        A number is days.
    field : str
        What messages call it.

    Returns
    -------
    int

    Raises
    ------
    ConfigurationError
        If it is no length of whole days.

    Examples
    --------
    >>> days_of("2W", "latency"), days_of(3, "latency")
    (14, 3)
    """
    try:
        duration = parse_duration(_plain(length), field=field)
    except CatalogError as error:
        raise ConfigurationError(
            f"{field} is not a length of time",
            got=shown(length),
            need="a whole number of days, 0 or more, or a duration such as '30D' or '2W'",
        ) from error
    days = duration.count if duration.unit == "period" else duration.count * DAYS[duration.unit]
    if days > _MOST_DAYS:
        raise ConfigurationError(
            f"{field} is longer than any log",
            got=shown(length),
            need=f"at most {_MOST_DAYS:,} days",
        )
    if duration.unit in ("M", "Q", "Y") or not math.isclose(days, round(days)):
        raise ConfigurationError(
            f"{field} is no whole number of days", got=shown(length), need="days, such as '30D'"
        )
    return round(days)


def _plain(length: object) -> object:
    """A float that is whole is the whole number: 30.0 comes out of tables."""
    if isinstance(length, float) and length.is_integer():
        return int(length)
    return length


def _is_pair(window: object) -> bool:
    return isinstance(window, (tuple, list)) and len(window) == 2


def _named(name: object, window: object, span: Span) -> Span:
    """A window by its own name; a number as a name means that many days, and no others."""
    if isinstance(name, bool) or not isinstance(name, (str, Integral)):
        raise ConfigurationError("a window's name is not text", got=shown(name), need="text")
    text = str(name).strip()
    if not text:
        raise ConfigurationError("a window's name is empty", got=shown(name), need="text")
    if not text.isdecimal():
        return Span(str(name), span.low, span.high)
    if span.name != int(text):
        raise ConfigurationError(
            f"a window is called {name}, and is another one",
            got=f"{{{name!r}: {shown(window)}}}",
            need="a name in words, or no name",
            do=f"Write {{'until day {span.high}': {shown(window)}}}, or a window alone",
        )
    return span


def _span(window: object, definition: str, day_zero: bool) -> Span:
    least = 0 if day_zero else 1
    if _is_pair(window):
        if definition == "still subscribed":
            raise ConfigurationError(
                "a bracket has no place in 'still subscribed'", got=shown(window), need="a day"
            )
        low, high = (days_of(end, "a window") for end in window)  # type: ignore[attr-defined]
        label: int | str = f"{low}-{high}"
    else:
        if definition == "bracket":
            raise ConfigurationError(
                "a bracket needs two days", got=shown(window), need="pairs such as (8, 14)"
            )
        high = days_of(window, "a window")
        low = high if definition in ("active on", "still subscribed") else least
        label = high
    first = min(least, high) if definition == "still subscribed" else least
    if low > high or low < first or (high == 0 and definition != "still subscribed"):
        raise ConfigurationError(
            "a window has no day that counts",
            got=shown(window),
            need=f"days of {least} or more, the earlier one first",
            do="" if day_zero else "Pass day_zero=True to count the first day as well",
        )
    return Span(label, low, high)
