"""Which versions are parts of one another: windows that lie inside each other."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Counted", "Window", "counted_of", "is_part", "same_stem"]

_WINDOW = re.compile(r"[0-9]+ ?[a-z]*", re.IGNORECASE)
# What makes two counts ones of the same events and users.
_LOG = (
    "source", "events", "first_day", "as_of", "period", "time_zone", "day_zero", "burn_in", "event",
    "user", "did", "outcome",
)  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """What a rate counts: users with at least `times` events on days `low` to `high`.

    Parameters
    ----------
    low, high : int, days
        Day 0 is a user's first day; both included.
    times : int
        So many events at least.
    log : hashable
        Which events of which users.

    Examples
    --------
    >>> Counted(1, 5, 1, "visits").within(Counted(1, 90, 1, "visits"))
    True
    >>> Counted(24, 30, 1, "visits").within(Counted(84, 90, 1, "visits"))
    False
    """

    low: int
    high: int
    times: int
    log: Hashable

    def within(self, other: Counted) -> bool:
        """Whether everyone who is counted here is counted there too.

        Parameters
        ----------
        other : Counted

        Returns
        -------
        bool
        """
        inside = other.low <= self.low and self.high <= other.high and self.times >= other.times
        return self.log == other.log and inside and self != other


class Window(tuple[str, int]):
    """A column with its maturation in periods, as `compare` takes it, that knows what it counts.

    Examples
    --------
    >>> Window(("retention_5d", 5)) == ("retention_5d", 5)
    True
    """

    counted: Counted | None = None

    @classmethod
    def of(cls, column: str, periods: int, counted: Counted) -> Window:
        """Join the three.

        Parameters
        ----------
        column : str
            In the wide table.
        periods : int
            From the cohort's row to the row in which the value is known.
        counted : Counted
            What it counts.

        Returns
        -------
        Window
        """
        made = cls((column, periods))
        made.counted = counted
        return made


def counted_of(low: int, high: int, times: int, settings: Mapping[str, Any], kind: str) -> Counted:
    """Say what a rate counts, from the settings of the call that counted it.

    Parameters
    ----------
    low, high : int, days
        Both included.
    times : int
        So many events at least.
    settings : mapping
        Of `Retention` or `Behaviours`.
    kind : str
        What counts as an event.

    Returns
    -------
    Counted

    Examples
    --------
    >>> counted_of(1, 5, 1, {"events": 900, "period": "W"}, "visits").high
    5
    """
    return Counted(low, high, times, (kind, *(repr(settings.get(name)) for name in _LOG)))


def is_part(column: str, counted: Counted | None, other: str, also: Counted | None) -> bool:
    """Whether a version is a part of another, by what they count, or by their names.

    Parameters
    ----------
    column, other : str
        Their columns.
    counted, also : Counted or None
        What they count; None where that was not said.

    Returns
    -------
    bool
        Where it was said of both, that alone decides.

    Examples
    --------
    >>> early, late = Counted(1, 5, 1, "visits"), Counted(1, 90, 1, "visits")
    >>> is_part("first week", early, "first quarter", late)
    True
    >>> is_part("kept_5d", Counted(1, 5, 1, "visits"), "kept_90d", Counted(84, 90, 1, "visits"))
    False
    >>> is_part("kept_5d", None, "kept_90d", None)
    True
    """
    if counted is not None and also is not None:
        return counted.within(also)
    return same_stem(column, other)


def same_stem(a: str, b: str) -> bool:
    """Whether two columns have one name but for their windows: retention_5d and retention_90d.

    Parameters
    ----------
    a, b : str
        Names of columns.

    Returns
    -------
    bool

    Examples
    --------
    >>> same_stem("retention_5d", "retention_90d"), same_stem("visits", "retention_90d")
    (True, False)
    """
    return a != b and _WINDOW.sub("#", a) == _WINDOW.sub("#", b)
