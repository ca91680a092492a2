"""Calendar regressors: the day of the week, the month's turn, the year's cycle, holidays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from leadlag.data.grid import Grid
from leadlag.data.holiday_dates import holiday_dates
from leadlag.data.notice import Notice
from leadlag.errors import ConfigurationError

__all__ = ["calendar_terms", "season_of"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Terms = dict[str, npt.NDArray[Any]]

# A pattern is learned from its repetitions: three is the least that shows one.
CYCLES = 3
# Sine and cosine pairs of a year; three follow a shape with one bump a season.
HARMONICS = 3
YEAR = 365.25
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
# With more than one holiday term in twenty rows, holidays are pooled.
ROWS_PER_TERM = 20


def season_of(grid: Grid, n: int) -> int:
    """Length of the main season in rows.

    Parameters
    ----------
    grid : Grid
        The calendar.
    n : int
        Number of rows.

    Returns
    -------
    int
        24 for hours, 7 for days, 5 for business days, 52 for weeks, 12 for months, 4 for quarters;
        0 where there is none or fewer than three cycles.

    Examples
    --------
    >>> season_of(Grid("M"), 36), season_of(Grid("M"), 35)
    (12, 0)
    """
    cycle = {"s": 86400, "D": 7 if grid.step == 1 else 364, "B": 5, "M": 12}.get(grid.unit, 0)
    season, rest = divmod(cycle, grid.step)
    return season if rest == 0 and season > 1 and n >= CYCLES * season else 0


def calendar_terms(
    grid: Grid,
    first: int,
    local: npt.NDArray[Any] | None,
    n: int,
    holidays: object,
    notices: list[Notice] | None = None,
) -> tuple[tuple[str, ...], Floats]:
    """Build the calendar regressors of a panel.

    Parameters
    ----------
    grid : Grid
        The calendar.
    first : int
        Number of the first row's period.
    local : ndarray of datetime64[us], shape (n,), or None
        Starts of the periods by the local clock; None for plain integer periods.
    n : int
        Number of rows.
    holidays : object
        As given to `build_panel`; None for no holidays.
    notices : list of Notice, optional
        Says so where none of the holidays lies within the data.

    Returns
    -------
    names : tuple of str
        What each regressor stands for.
    terms : ndarray, shape (n, n_terms)
        Each with mean zero; none constant, none collinear with those before it.

    Notes
    -----
    A term enters when it occurs three times at least; the yearly cycle needs three years.

    Examples
    --------
    >>> grid = Grid("D")
    >>> names, terms = calendar_terms(grid, 19723, grid.starts(19723 + np.arange(30)), 30, None)
    >>> names[0], terms.shape
    ('Tuesday', (30, 6))
    """
    if local is None:
        if holidays is not None:
            raise ConfigurationError(
                "holidays need dates", got="plain integer periods", do="Pass the dates as time="
            )
        return (), np.empty((n, 0))
    days = local.astype("datetime64[D]").astype(np.int64)
    terms: Terms = {}
    if grid.unit == "s":
        terms |= _hours(grid, local, n)
    if (grid.unit == "s" and n * grid.step >= CYCLES * 7 * 86400) or (
        (grid.unit == "B" or (grid.unit == "D" and grid.step == 1)) and n >= CYCLES * 7
    ):
        weekday = (days + 3) % 7
        terms |= {WEEKDAYS[day]: weekday == day for day in range(1, 7)}
    if (grid.unit, grid.step) in (("D", 1), ("B", 1)):
        terms |= _month_turns(days, business=grid.unit == "B")
    if grid.unit == "M":
        terms |= _months(grid, first, n)
        if grid.step == 1 and n >= CYCLES * 12:
            terms |= _lengths(days)
    elif n * (grid.days or 0.0) >= CYCLES * (YEAR - 1.5):
        terms |= _year(days)
    if holidays is not None:
        found = _holidays(grid, first, n, days, holidays)
        if notices is not None and not any(np.any(term) for term in found.values()):
            text = "None of the holidays lies within the data, so none is taken into account."
            notices.append(Notice("holidays", text))
        terms |= found
    return _independent(terms, n)


def _hours(grid: Grid, local: npt.NDArray[Any], n: int) -> Terms:
    a_day = 86400 // grid.step
    if 86400 % grid.step or not 1 < a_day <= 24 or n < CYCLES * a_day:
        return {}
    seconds = local.astype("datetime64[s]").astype(np.int64) % 86400
    slots = seconds // grid.step
    hours = [slot * grid.step / 3600 for slot in range(a_day)]
    return {f"hour {hour:g}": slots == slot for slot, hour in enumerate(hours) if slot}


def _month_turns(days: Integers, *, business: bool) -> Terms:
    """The turn of the month and the two usual paydays: the 15th, and the last business day."""
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    start = months.astype("datetime64[D]").astype(np.int64)
    end = (months + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - 1
    payday = days == _business_day_before(start + 14)
    last = days == _business_day_before(end)
    if business:
        opening = start + np.array([0, 0, 0, 0, 0, 2, 1])[(start + 3) % 7]
        turns = {
            "first business day of month": days == opening,
            "last business day of month": last,
            "payday (15th)": payday,
        }
    else:
        turns = {
            "first day of month": days == start,
            "last day of month": days == end,
            "payday (15th)": payday,
            "payday (last business day)": last,
        }
    return {name: term for name, term in turns.items() if term.sum() >= CYCLES}


def _business_day_before(days: Integers) -> Integers:
    """The day itself, or the Friday before a weekend."""
    return days - np.maximum((days + 3) % 7 - 4, 0)


def _months(grid: Grid, first: int, n: int) -> Terms:
    a_year, rest = divmod(12, grid.step)
    if rest or a_year < 2 or n < CYCLES * a_year:
        return {}
    place = (first + np.arange(n)) % a_year
    word = {3: "quarter", 6: "half-year"}.get(grid.step, "part")
    names = MONTHS if grid.step == 1 else [f"{word} {slot + 1}" for slot in range(a_year)]
    return {names[slot]: place == slot for slot in range(1, a_year)}


def _lengths(days: Integers) -> Terms:
    """What month dummies leave of a month's length: its weekdays, and the leap day.

    Totals of a month go with its working days, and two unrelated totals share them (Bell and
    Hillmer 1983; the one-coefficient trading-day and leap-year terms of X-13ARIMA-SEATS).
    """
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    start = months.astype("datetime64[D]")
    end = (months + np.timedelta64(1, "M")).astype("datetime64[D]")
    length = (end - start).astype(np.int64)
    weekdays = np.busday_count(start, end)
    return {
        "weekdays in month": weekdays - 2.5 * (length - weekdays),
        "leap day": length == 29,
    }


def _year(days: Integers) -> Terms:
    terms: Terms = {}
    for k in range(1, HARMONICS + 1):
        angle = 2 * np.pi * k * days / YEAR
        terms[f"yearly cycle, sine {k}"] = np.sin(angle)
        terms[f"yearly cycle, cosine {k}"] = np.cos(angle)
    return terms


def _holidays(grid: Grid, first: int, n: int, days: Integers, holidays: object) -> Terms:
    # A year either side: a holiday just outside the data has a day after it inside.
    years = days[[0, -1]].astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    named = holiday_dates(holidays, range(int(years[0]) - 1, int(years[1]) + 3))
    if grid.unit == "M" or (grid.unit == "D" and grid.step > 1):
        edges = grid.starts(first + np.arange(n + 1)).astype("datetime64[D]").astype(np.int64)
        counts = {name: np.diff(np.searchsorted(when, edges)) for name, when in named.items()}
        # Whether a feast falls in March or April is all that months and quarters see of it.
        frequent = [] if grid.unit == "M" else _frequent(counts)
        return _pooled("", counts, frequent if len(frequent) < n // ROWS_PER_TERM else [])
    rows = days
    if grid.unit == "B":
        # A holiday on a weekend has no row; the day before a Monday is the Friday.
        rows = first + np.arange(n)
        stamped = {name: when.astype("datetime64[D]") for name, when in named.items()}
        named = {name: grid.ordinals(when[np.is_busday(when)]) for name, when in stamped.items()}
    on = {name: np.isin(rows, when) for name, when in named.items()}
    frequent = _frequent(on)
    most = n // ROWS_PER_TERM
    terms = _pooled("", on, frequent if len(frequent) + 2 <= most else [])
    for word, step in (("day before ", -1), ("day after ", 1)):
        marks = {
            name: np.isin(rows, np.setdiff1d(when + step, when)) for name, when in named.items()
        }
        terms |= _pooled(word, marks, frequent if 3 * len(frequent) <= most else [])
    return terms


def _frequent(marks: Mapping[str, npt.NDArray[Any]]) -> list[str]:
    """Names that come up three times at least; days in a row are one time."""
    begins = {name: np.diff(np.r_[0, (mark > 0).astype(int)]) == 1 for name, mark in marks.items()}
    return [name for name, begin in begins.items() if begin.sum() >= CYCLES]


def _pooled(word: str, marks: Mapping[str, npt.NDArray[Any]], frequent: list[str]) -> Terms:
    """Keep the frequent names apart and put the others into one term."""
    terms: Terms = {f"{word}{name}": marks[name] for name in frequent}
    others = [mark for name, mark in marks.items() if name not in frequent]
    if others:
        # Two holidays on one day are one day off; within a month they are two.
        pool = np.any(others, axis=0) if others[0].dtype == bool else np.sum(others, axis=0)
        terms[f"{word}other holiday" if frequent else f"{word}holiday"] = pool
    return terms


def _independent(terms: Terms, n: int) -> tuple[tuple[str, ...], Floats]:
    """Centre the terms and leave out those that say nothing beyond the ones before them."""
    names: list[str] = []
    kept: list[Floats] = []
    basis = np.empty((n, 0))
    for name, values in terms.items():
        term = np.asarray(values, dtype=np.float64)
        term = term - term.mean()
        rest = term - basis @ (basis.T @ term)
        rest -= basis @ (basis.T @ rest)  # once more: the first pass leaves rounding errors
        size = np.linalg.norm(rest)
        if size > 1e-6 * max(float(np.linalg.norm(term)), 1e-6):
            names.append(name)
            kept.append(term)
            basis = np.column_stack([basis, rest / size])
    matrix = np.column_stack(kept) if kept else np.empty((n, 0))
    return tuple(names), np.ascontiguousarray(matrix)
