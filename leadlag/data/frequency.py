"""The grid that a person asks for, or that the stamps of the rows lie on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from leadlag.data.grid import STEPS, WEEKDAYS, Grid, units_of
from leadlag.errors import ConfigurationError, unknown_name

__all__ = ["grid_for", "infer_grid", "infer_integers"]

Integers = npt.NDArray[np.int64]
Stamps = npt.NDArray[Any]

ALIASES = {
    **dict.fromkeys(("h", "H", "hour", "hours", "hourly"), "h"),
    **dict.fromkeys(("D", "d", "day", "days", "daily"), "D"),
    **dict.fromkeys(("B", "b", "business day", "business days"), "B"),
    **dict.fromkeys(("W", "w", "week", "weeks", "weekly"), "W"),
    **dict.fromkeys(("M", "m", "ME", "MS", "month", "months", "monthly"), "M"),
    **dict.fromkeys(("Q", "q", "QE", "QS", "quarter", "quarters", "quarterly"), "Q"),
    **dict.fromkeys(("Y", "y", "YE", "YS", "A", "year", "years", "yearly", "annual"), "Y"),
}
# Below this share of known periods a guess at the frequency is more likely wrong than right.
COVERAGE = 0.5


def grid_for(freq: object, stamps: Stamps | None = None) -> Grid:
    """Build the grid of a frequency that a person wrote.

    Parameters
    ----------
    freq : object
        A letter, a word, or a pandas alias: "D", "weekly", "W-SUN", "ME".
    stamps : ndarray of datetime64, optional
        The data's stamps; a week without a given weekday begins on Monday unless all the stamps
        share another weekday.

    Returns
    -------
    Grid
        The grid.

    Raises
    ------
    ConfigurationError
        If the frequency isn't known.

    Examples
    --------
    >>> grid_for("quarterly").letter
    'Q'
    """
    if isinstance(freq, str):
        text = freq.strip()
        head, _, tail = text.partition("-")
        if head.upper() == "W" and tail.upper() in WEEKDAYS:
            # As in pandas: the weekday named is the week's last.
            last = WEEKDAYS.index(tail.upper())
            return _weeks((last + 1) % 7, ends=_share_weekday(stamps, last))
        # Plain quarters and years are calendar ones, whatever month a pandas alias adds.
        letter = ALIASES.get(text) or ALIASES.get(text.casefold())
        if letter is None and tail.upper() in ("DEC", "JAN") and head in ("QE", "QS", "YE", "YS"):
            letter = ALIASES[head]
        if letter is not None:
            return (
                _weeks(0, ends=_share_weekday(stamps, 6)) if letter == "W" else Grid(*STEPS[letter])
            )
    raise unknown_name(
        f"freq {freq!r} is not known",
        freq,
        ("h", "D", "B", "W", "M", "Q", "Y", "W-SUN"),
        plural="Choices",
    )


def infer_grid(stamps: Stamps) -> Grid | None:
    """Find the grid on which stamps lie.

    Parameters
    ----------
    stamps : ndarray of datetime64, shape (n,)
        Sorted and unique, n >= 2.

    Returns
    -------
    Grid or None
        None where no grid holds each stamp in a period of its own with at least half of the
        periods known.

    Examples
    --------
    >>> infer_grid(np.arange("2024-01", "2026-01", dtype="datetime64[M]")).letter
    'M'
    """
    days = units_of(stamps, "D")
    gaps = np.diff(days)
    if (gaps == 0).any():
        candidates = _within_days(units_of(stamps, "s"))
    else:
        candidates = _of_days(days, gaps, units_of(stamps, "M"))
    for grid in candidates:
        numbers = grid.ordinals(stamps)
        if (np.diff(numbers) > 0).all() and _coverage(numbers) >= COVERAGE:
            return grid
    return None


def infer_integers(values: Integers) -> Grid:
    """Find the grid of plain integer periods: the step is what all the gaps are multiples of.

    Parameters
    ----------
    values : ndarray of int, shape (n,)
        Sorted and unique, n >= 2.

    Returns
    -------
    Grid
        The grid.

    Raises
    ------
    ConfigurationError
        If the integers look like dates written as numbers, or like anything but periods.

    Examples
    --------
    >>> infer_integers(np.array([0, 5, 10])).step
    5
    """
    step = int(np.gcd.reduce(np.diff(values)))
    grid = Grid("int", step, int(values[0]) % step)
    months = values % 100
    written = (values >= 190001) & (values <= 210012) & (months >= 1) & (months <= 12)
    if written.all() or _coverage(grid.ordinals(values)) < 0.1:
        raise ConfigurationError(
            "the integers that say the time don't look like consecutive periods",
            got=f"{values[0]}, {values[1]}, ..., {values[-1]}",
            need="integers that grow by one a period",
            do="Convert them to dates, such as 202401 to 2024-01, and pass time=",
        )
    return grid


def _of_days(days: Integers, gaps: Integers, months: Integers) -> list[Grid]:
    """Grids that could hold stamps with at most one a day, the most telling first."""
    typical, step = float(np.median(gaps)), int(np.gcd.reduce(gaps))
    steady = Grid("D", step, int(days[0]) % step)
    if step == 7:
        steady = _stamped_weeks(int((days[0] + 3) % 7))
    if typical >= 28:
        by_month = [
            Grid("M", size) for size in (int(np.gcd.reduce(np.diff(months))), 1, 3, 12) if size
        ]
        # Every fourth week, and the second Tuesday of a month, are multiples of seven days too.
        return [steady, *by_month] if step % 7 == 0 else by_month
    if step > 1:
        return [steady]
    if 6 <= typical <= 8:
        return [_weeks(0), _weeks(6)]
    weekend = (days + 3) % 7 >= 5
    return [Grid("D") if weekend.any() else Grid("B")]


def _within_days(seconds: Integers) -> list[Grid]:
    step = int(np.gcd.reduce(np.diff(seconds)))
    if not step:
        # All within one second.
        return [Grid("s", 3600)]
    exact = Grid("s", step, int(seconds[0]) % step)
    # Stamps like 10:05 are in the hour from 10:00.
    exact = Grid("s", 3600) if step == 3600 else exact
    # A minute is the finest step that is taken for regular; jitter around the hour is floored.
    return [exact, Grid("s", 3600)] if step >= 60 else [Grid("s", 3600)]


def _weeks(first: int, *, ends: bool = False) -> Grid:
    # Weekday 0 is Monday; day 4 (1970-01-05) was one.
    return Grid("D", 7, (first + 4) % 7, ends=ends)


def _stamped_weeks(weekday: int) -> Grid:
    # Saturday and Sunday close a week (pandas stamps weeks so); other weekdays open one.
    return _weeks((weekday + 1) % 7, ends=True) if weekday >= 5 else _weeks(weekday)


def _share_weekday(stamps: Stamps | None, weekday: int) -> bool:
    if stamps is None or not len(stamps):
        return False
    return bool(((units_of(stamps, "D") + 3) % 7 == weekday).all())


def _coverage(numbers: Integers) -> float:
    return len(numbers) / math.fsum((numbers[-1], -numbers[0], 1))
