"""Regular rows into coarser periods; incomplete periods at both ends are dropped and named."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from leadlag.data.aggregate import NEEDED_SHARE, Rule, collapse
from leadlag.data.clock import Clock
from leadlag.data.grid import Grid
from leadlag.data.notice import Notice
from leadlag.errors import InsufficientDataError, listing

__all__ = ["coarsen", "trim_ends"]

Floats = npt.NDArray[np.float64]


def coarsen(
    clock: Clock,
    source: Grid,
    grid: Grid,
    first: int,
    values: Mapping[str, Floats],
    rules: Mapping[str, Rule],
    notices: list[Notice],
) -> tuple[dict[str, Floats], int]:
    """Combine consecutive periods into coarser ones.

    Parameters
    ----------
    clock : Clock
        Tells the local day of a period that is counted in UTC.
    source, grid : Grid
        The grid of the values, and the coarser one.
    first : int
        Number of the first value's period on `source`.
    values : mapping of str to ndarray, shape (n,)
        Consecutive values, NaN where missing.
    rules : mapping
        Column to rule.
    notices : list of Notice
        Facts are appended.

    Returns
    -------
    combined : dict of str to ndarray
        Consecutive coarse values.
    first : int
        Number of their first period on `grid`.

    Raises
    ------
    InsufficientDataError
        If no coarse period is complete.
    """
    n = len(next(iter(values.values())))
    # The calendar itself says how many parts a period has: list them beyond both ends of the data.
    margin = math.ceil(1.1 * (grid.days or 1.0) / (source.days or 1.0)) + 4
    parts = np.arange(first - margin, first + n + margin)
    moments = source.starts(parts)
    # Hours are counted in UTC, days and longer by the local clock.
    periods = grid.ordinals(moments if grid.unit == "s" else clock.local(moments))
    numbers, starts, counts = np.unique(periods, return_index=True, return_counts=True)
    whole = (parts[starts] >= first) & (parts[starts] + counts <= first + n)
    touched = (parts[starts] + counts > first) & (parts[starts] < first + n)
    for number in numbers[touched & ~whole]:
        notices.append(
            Notice("incomplete", f"{grid.label(int(number))} is not complete and was dropped.")
        )
    if not whole.any():
        raise InsufficientDataError(
            f"no {grid.words} is complete", got=f"{n} rows, each {source.one}"
        )
    begin, counts = parts[starts][whole] - first, counts[whole]
    last = int(begin[-1] + counts[-1])
    inside = {name: column[:last] for name, column in values.items()}
    combined, partial = collapse(inside, rules, begin, counts)
    _say_partial(rules, partial, grid, notices)
    return combined, int(numbers[whole][0])


def trim_ends(grid: Grid, stamps: npt.NDArray[Any], notices: list[Notice]) -> npt.NDArray[np.bool_]:
    """Leave out the first and last period of irregular rows unless their edge days have rows.

    Parameters
    ----------
    grid : Grid
        The grid into which the rows will be combined.
    stamps : ndarray of datetime64, shape (n_rows,)
        Sorted stamps.
    notices : list of Notice
        Facts are appended.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
        Which rows are in complete periods.
    """
    numbers = grid.ordinals(stamps)
    days = stamps.astype("datetime64[D]")
    edges = np.array([numbers[0], numbers[-1]])
    opened = days[0] == grid.starts(edges)[0].astype("datetime64[D]")
    last = (grid.stops(edges)[1] - np.timedelta64(1, "us")).astype("datetime64[D]")
    inside = np.ones(len(stamps), dtype=bool)
    for complete, number in ((opened, edges[0]), (days[-1] == last, edges[1])):
        if not complete and inside.any():
            inside &= numbers != number
            notices.append(
                Notice("incomplete", f"{grid.label(int(number))} is not complete and was dropped.")
            )
    notices.append(
        Notice(
            "irregular",
            f"Rows are irregular within {grid.one}: only the first {grid.words} and the last can "
            "be checked to be complete.",
        )
    )
    return inside


def _say_partial(
    rules: Mapping[str, Rule], partial: Mapping[str, int], grid: Grid, notices: list[Notice]
) -> None:
    strict = [name for name, rule in rules.items() if partial[name] and _share(rule) == 1]
    loose = [name for name, rule in rules.items() if partial[name] and _share(rule) < 1]
    if strict:
        cells = sum(partial[name] for name in strict)
        text = f"{cells} values are missing because part of their {grid.words} is: "
        notices.append(Notice("partly_missing", f"{text}{listing(strict)}."))
    if loose:
        cells = sum(partial[name] for name in loose)
        text = f"{cells} values rest on part of their {grid.words}, the rest being missing: "
        notices.append(Notice("partly_known", f"{text}{listing(loose)}."))


def _share(rule: Rule) -> float:
    return NEEDED_SHARE["ratio" if isinstance(rule, tuple) else rule]
