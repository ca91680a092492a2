"""Counts behind early behaviours: who did something at least n times in the first d days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral

import numpy as np
import numpy.typing as npt

from leadlag.data.events import EventLog
from leadlag.data.retention import DAY, Extent
from leadlag.data.spans import days_of
from leadlag.errors import ConfigurationError, shown

__all__ = ["BehaviourCounts", "column_of", "count_behaviours", "read_cells"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class BehaviourCounts:
    """Users by the day they were first seen, over a grid of thresholds.

    Parameters
    ----------
    day : ndarray of int, shape (n_days,)
        First days, from 1970-01-01, in order.
    users, kept : ndarray of int, shape (n_days,)
        Users first seen on that day; and those of them who came back in the days of the outcome.
    did, did_kept : ndarray of int, shape (n_days, n_cells)
        Users who reached the threshold; and those of them who came back.
    """

    day: Ints
    users: Ints
    kept: Ints
    did: Ints
    did_kept: Ints


def read_cells(counts: object, days: object) -> list[tuple[int, int]]:
    """Read a grid of thresholds.

    Parameters
    ----------
    counts, days : int or sequence of int
        Least numbers of events, and numbers of first days.

    Returns
    -------
    list of (int, int)
        Every pair, the fewest days first.

    Raises
    ------
    ConfigurationError
        If one can't be read, or is below 1.

    Examples
    --------
    >>> read_cells((2, 3), 7)
    [(2, 7), (3, 7)]
    """
    grid = []
    for name, given in (("counts", counts), ("days", days)):
        one = isinstance(given, str) or not isinstance(given, Iterable)
        values: Iterable[object] = [given] if one else given  # type: ignore[assignment]
        read = {_count(value) if name == "counts" else days_of(value, name) for value in values}
        if not read or min(read) < 1:
            raise ConfigurationError(
                f"{name} has no number that can be used", got=shown(given), need="1 or more"
            )
        grid.append(sorted(read))
    return [(count, span) for span in grid[1] for count in grid[0]]


def _count(value: object) -> int:
    """A number of events; a whole float comes out of tables."""
    if not isinstance(value, bool):
        if isinstance(value, Integral):
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
    raise ConfigurationError(
        "counts has what is no number of events",
        got=shown(value),
        need="whole numbers of 1 or more, such as (1, 2, 3, 5)",
        do="Lengths of time go into days=" if isinstance(value, str) else "",
    )


def column_of(count: int, days: int) -> str:
    """Name of a threshold's column in a wide table.

    Parameters
    ----------
    count, days : int

    Returns
    -------
    str

    Examples
    --------
    >>> column_of(3, 2)
    'did_3_in_2d'
    """
    return f"did_{count}_in_{days}d"


def count_behaviours(
    log: EventLog,
    cells: Sequence[tuple[int, int]],
    extent: Extent,
    *,
    did: str | None,
    outcome: tuple[int, int],
    clocked: bool,
) -> BehaviourCounts:
    """Count users by first day over a grid of thresholds.

    Parameters
    ----------
    log : EventLog
        The events; with `did`, it has the kind ``k``.
    cells : sequence of (int, int)
        Least number of events, and number of first days in which they count.
    extent : Extent
        Days that count.
    did : str, optional
        The kind of event that counts; by default every kind.
    outcome : (int, int)
        First and last day after the first one on which coming back counts.
    clocked : bool
        Whether times tell copies of an event from events of one day.

    Returns
    -------
    BehaviourCounts
    """
    seen = f"u IS NOT NULL AND t IS NOT NULL AND {DAY} <= {extent.last}"
    kind = "k" if did is not None else "NULL"
    such = "TRUE" if did is None else f"coalesce(k = '{did.replace(chr(39), chr(39) * 2)}', FALSE)"
    days = sorted({span for _, span in cells})
    counts = [f"count(*) FILTER (e.such AND e.d - f.d0 < {span}) AS c{span}" for span in days]
    low, high = outcome
    longest = max(high, days[-1] - 1)
    flags = [f"c{span} >= {least}" for least, span in cells]
    sums = [
        f"count(*) FILTER ({flag}) AS a{i}, count(*) FILTER ({flag} AND y) AS b{i}"
        for i, flag in enumerate(flags)
    ]
    table = log.ask(
        f"WITH raw AS (SELECT {'DISTINCT ' * clocked}u, t, {kind} AS k FROM log WHERE {seen}), "
        f"e AS (SELECT u, {DAY} AS d, {such} AS such FROM raw), "
        "f AS (SELECT u, min(d) AS d0 FROM e GROUP BY u), "
        f"users AS (SELECT f.d0, bool_or(e.d - f.d0 BETWEEN {low} AND {high}) AS y, "
        f"{', '.join(counts)} FROM e JOIN f USING (u) WHERE e.d - f.d0 <= {longest} "
        "GROUP BY u, f.d0) "
        f"SELECT d0, count(*) AS n, count(*) FILTER (y) AS y, {', '.join(sums)} "
        "FROM users GROUP BY d0 ORDER BY d0"
    )
    reached = [f"a{i}" for i in range(len(cells))]
    both = [f"b{i}" for i in range(len(cells))]
    return BehaviourCounts(
        day=table["d0"].to_numpy(dtype=np.int64),
        users=table["n"].to_numpy(dtype=np.int64),
        kept=table["y"].to_numpy(dtype=np.int64),
        did=table[reached].to_numpy(dtype=np.int64),
        did_kept=table[both].to_numpy(dtype=np.int64),
    )
