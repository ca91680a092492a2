"""Rows onto a regular calendar: sorted, one a period, gaps as missing values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from leadlag.data.aggregate import Rule, collapse, needed_columns, rules_for
from leadlag.data.asof import read_limit
from leadlag.data.catalog import Catalog
from leadlag.data.clock import Clock, choose_grids, pick_clock, say_clock
from leadlag.data.coarsen import coarsen, trim_ends
from leadlag.data.frame import Column
from leadlag.data.grid import Grid
from leadlag.data.notice import Notice
from leadlag.data.timeline import Timeline
from leadlag.errors import ConfigurationError, InputError, InsufficientDataError, listing

__all__ = ["Sheet", "arrange"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sheet:
    """Columns on a regular calendar.

    Parameters
    ----------
    columns : dict of str to ndarray, shape (n,)
        Values by column, NaN where missing.
    grid : Grid
        The calendar.
    first, n : int
        Number of the first row's period, and how many rows there are.
    local : ndarray of datetime64[us], shape (n,), or None
        Starts of the periods by the local clock; None for plain integer periods.
    limit : numpy.datetime64, int or None
        The moment by which a period had to be over (`as_of`).
    """

    columns: dict[str, Floats]
    grid: Grid
    first: int
    n: int
    local: npt.NDArray[Any] | None
    limit: Any

    @property
    def stop(self) -> Any:
        """The moment at which the last period is over."""
        return self.grid.stops(np.array([self.first + self.n - 1]))[0]


def arrange(
    timeline: Timeline,
    columns: Mapping[str, Column],
    names: Sequence[str],
    catalog: Catalog,
    *,
    freq: str | None,
    aggregate: str | Mapping[str, Any] | None,
    as_of: object,
    notices: list[Notice],
) -> Sheet:
    """Put the rows on a regular calendar.

    Parameters
    ----------
    timeline : Timeline
        When each row happened.
    columns : mapping of str to Column
        All columns but the time.
    names : sequence of str
        The columns that are wanted; all have values.
    catalog : Catalog
        Declared forms.
    freq, aggregate, as_of
        As given to `build_panel`.
    notices : list of Notice
        Facts are appended.

    Returns
    -------
    Sheet
        One row a period, first to last, none skipped.

    Raises
    ------
    InputError
        If rows contradict each other, are irregular, or can't be combined.
    ConfigurationError
        If `freq` doesn't suit the data.
    """
    if aggregate is not None and freq is None:
        raise ConfigurationError(
            "aggregate is given without freq",
            got=f"aggregate={aggregate!r}",
            need="the period into which values are combined",
            do="Pass freq= as well, such as freq='W'",
        )
    clock = pick_clock(timeline)
    native, grid = choose_grids(timeline, np.unique(clock.stamps), freq, notices)
    if native is None and grid.unit != "s":
        clock = Clock(timeline.stamps)  # irregular moments belong to their local day
    say_clock(timeline, clock, notices)
    rows = _sorted_rows(clock.stamps, columns, freq is not None, notices)
    source = native or grid
    numbers = source.ordinals(clock.stamps[rows])
    rules = None
    if source != grid:
        why = f"freq={freq!r} is coarser than the data ({source.words} rows)"
        rules = rules_for(names, columns, catalog, aggregate, why=why)
    elif (np.diff(numbers) == 0).any():
        if freq is None or (aggregate is None and not catalog):
            raise _conflict(source, clock.stamps[rows], numbers, columns)
        why = f"several rows fall into one {source.words}"
        rules = rules_for(names, columns, catalog, aggregate, why=why)
    needed = names if rules is None else needed_columns(rules)
    values = {name: _numbers(columns, name)[rows] for name in needed}
    if native is None and rules is not None:
        inside = trim_ends(grid, clock.stamps[rows], notices)
        rows, numbers = rows[inside], numbers[inside]
        values = {name: column[inside] for name, column in values.items()}
    if (np.diff(numbers) == 0).any() and rules is not None:
        values, numbers = _merge(source, values, numbers, rules, source != grid, notices)
    limit = None if as_of is None else read_limit(as_of, timeline, clock.zone)
    if limit is not None:
        known = _known(source, numbers, limit, as_of, notices)
        numbers, values = numbers[known], {name: values[name][known] for name in values}
    if not len(numbers):
        raise InsufficientDataError("no complete period is left", need="at least one")
    first, n = int(numbers[0]), int(numbers[-1] - numbers[0]) + 1
    values = _fill(source, numbers, values, n, notices)
    if source == grid or rules is None:
        local = (
            None if grid.unit == "int" else clock.local(grid.starts(np.arange(first, first + n)))
        )
        return Sheet(values, grid, first, n, local, limit)
    values, first = coarsen(clock, source, grid, first, values, rules, notices)
    n = len(next(iter(values.values())))
    starts = grid.starts(np.arange(first, first + n))
    if grid.unit == "s":
        return Sheet(values, grid, first, n, clock.local(starts), limit)
    if clock.zone and limit is not None:
        limit = clock.local(np.array([limit]))[0]
    return Sheet(values, grid, first, n, starts, limit)


def _sorted_rows(
    stamps: npt.NDArray[Any], columns: Mapping[str, Column], combine: bool, notices: list[Notice]
) -> Integers:
    """Order of the rows by time, without exact copies of a row."""
    rows = np.argsort(stamps, kind="stable")
    if (np.diff(rows) != 1).any():
        notices.append(Notice("sorted", "Rows were out of order; they were sorted by time."))
    again = np.r_[False, stamps[rows][1:] == stamps[rows][:-1]]
    if not again.any():
        return rows
    at = np.flatnonzero(again)
    same = np.ones(len(at), dtype=bool)
    for column in columns.values():
        values = column.codes if column.values is None else column.values
        if values is not None:
            here, before = values[rows[at]], values[rows[at - 1]]
            same &= (here == before) | ((here != here) & (before != before))
    if not same.all() and combine:
        return rows  # rows are events to be combined: two that look alike are still two
    if same.any():
        text = f"{int(same.sum())} rows were exact copies of another row and were dropped."
        notices.append(Notice("duplicates", text))
    return np.delete(rows, at[same])


def _conflict(
    grid: Grid, stamps: npt.NDArray[Any], numbers: Integers, columns: Mapping[str, Column]
) -> InputError:
    again = np.unique(numbers[1:][np.diff(numbers) == 0])
    labels = [grid.label(int(number)) for number in again[:3]]
    text = [name for name, column in columns.items() if column.reason.startswith("holds text")]
    hint = (
        f"If '{text[0]}' tells the rows apart, pivot to one column each; otherwise c"
        if text
        else "C"
    )
    hour = ", or give the stamps their time zone if they repeat when clocks change"
    return InputError(
        f"several rows with different values share {grid.one}",
        got=f"{listing(labels)} ({len(again)} in all)",
        need=f"one row for {grid.one}",
        do=f"{hint}ombine them first, or pass freq= and aggregate="
        + (hour if grid.letter == "h" else ""),
    )


def _merge(
    grid: Grid,
    values: dict[str, Floats],
    numbers: Integers,
    rules: Mapping[str, Rule],
    again: bool,
    notices: list[Notice],
) -> tuple[dict[str, Floats], Integers]:
    """Combine rows of one period; `again` says that the result will be combined once more."""
    starts = np.flatnonzero(np.r_[True, np.diff(numbers) > 0])
    parts = np.diff(np.r_[starts, len(numbers)])
    notices.append(
        Notice("combined", f"{len(numbers) - len(starts)} rows shared {grid.one} with another "
        "and were combined with it.")
    )  # fmt: skip
    if again:
        # A ratio is made at the end, of sums.
        once = {part: "sum" for rule in rules.values() if isinstance(rule, tuple) for part in rule}
        rules = once | {name: rule for name, rule in rules.items() if isinstance(rule, str)}
    merged, _ = collapse(values, rules, starts, parts)
    return merged, numbers[starts]


def _known(
    grid: Grid, numbers: Integers, limit: Any, as_of: object, notices: list[Notice]
) -> npt.NDArray[np.bool_]:
    """Which periods were over at the limit."""
    known = np.asarray(grid.stops(numbers) <= limit)
    begun = ~known & np.asarray(grid.starts(numbers) < limit)
    later = int((~known & ~begun).sum())
    if later:
        notices.append(Notice("as_of", f"{later} rows after {as_of} were dropped."))
    for number in numbers[begun]:
        text = f"{grid.label(int(number))} was not over as of {as_of} and was dropped."
        notices.append(Notice("incomplete", text))
    if not known.any():
        raise InsufficientDataError(
            f"no period was over as of {as_of}",
            got=f"data that begin with {grid.label(int(numbers[0]))}",
            do="Pass a later as_of",
        )
    return known


def _fill(
    grid: Grid, numbers: Integers, values: dict[str, Floats], n: int, notices: list[Notice]
) -> dict[str, Floats]:
    """Open the gaps: a period without a row is a row of missing values."""
    places = numbers - numbers[0]
    if n == len(numbers):
        return values
    if n > 1000 + 100 * len(numbers):
        edges = [grid.label(int(number)) for number in numbers[[0, 1, -2, -1]]]
        raise InputError(
            "nearly all periods between the first row and the last have no row",
            got=f"{len(numbers)} rows in {n} periods: {edges[0]}, {edges[1]}, ..., {edges[2]}, "
            f"{edges[3]}",
            do="Correct stray dates, or pass a coarser freq=",
        )
    missing = np.setdiff1d(np.arange(n), places)
    labels = listing((grid.label(int(numbers[0] + place)) for place in missing), limit=3)
    text = f"{len(missing)} of {n} periods have no row and count as missing: {labels}."
    notices.append(Notice("gaps", text))
    filled = {}
    for name, column in values.items():
        filled[name] = np.full(n, np.nan)
        filled[name][places] = column
    return filled


def _numbers(columns: Mapping[str, Column], name: str) -> Floats:
    column = columns[name]
    if column.values is None:
        raise InputError(f"component '{name}' {column.reason.split(';')[0]}", need="numbers")
    if np.isinf(column.values).any():
        count = int(np.isinf(column.values).sum())
        raise InputError(f"component '{name}' has infinite values", got=str(count), need="none")
    return column.values
