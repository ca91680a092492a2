"""A file with several rows a date: the query that makes one row a period of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

__all__ = ["Events", "events_of", "is_id"]

# Periods from the finest on; one in which nearly all have rows is taken.
_PERIODS = (("day", "D"), ("week", "W-SUN"), ("month", "M"))
_NEARLY_ALL = 0.95
# What a user, an order or a product is called by; a sum of such numbers means nothing.
_ID = re.compile(r"(?:^|[\W_])[iI][dD]s?$|[a-z]I[dD]s?$")


@dataclass(frozen=True)
class Events:
    """What a query makes of rows that share dates.

    Parameters
    ----------
    period : str
        "day", "week" or "month"; its column has this name.
    columns : tuple of str
        Of numbers, in the order of the query.
    query : str
        DuckDB's SQL, a line a column.
    """

    period: str
    columns: tuple[str, ...]
    query: str


def events_of(frame: pd.DataFrame, time: str, numbers: Sequence[str], file: str) -> Events:
    """Count and add up rows by a period that nearly always has some.

    Parameters
    ----------
    frame : pandas.DataFrame
    time : str
        Its column of dates.
    numbers : sequence of str
        Its columns of numbers.
    file : str
        Where the rows are, as the query is to name it.

    Returns
    -------
    Events

    Examples
    --------
    >>> rows = pd.DataFrame({"day": ["2026-01-05", "2026-01-05", "2026-01-06"], "user_id": 1})
    >>> events_of(rows, "day", ["user_id"], "log.csv").columns
    ('events', 'user_id count')
    """
    dates = pd.to_datetime(frame[time])
    period = next(
        (name for name, letter in _PERIODS if _covered(dates, letter) >= _NEARLY_ALL), "month"
    )
    made = {"events": "count(*)"}
    for name in map(str, frame.columns):
        if is_id(name) and name != time:
            made[f"{name} count"] = f"count(DISTINCT {_quoted(name)})"
        elif name in numbers:
            made[name] = f"sum({_quoted(name)})"
    made.pop(period, None)
    lines = [f"{value} AS {_quoted(name)}" for name, value in made.items()]
    place = file.replace("'", "''")
    column = _quoted(period)
    query = "\n".join(
        [
            "SELECT * FROM (",
            f"  SELECT date_trunc('{period}', {_quoted(time)}::TIMESTAMP)::DATE AS {column},",
            *[f"    {line}," for line in lines[:-1]],
            f"    {lines[-1]}",
            f"  FROM '{place}' GROUP BY 1",
            ")",
            f"-- The first {period} and the last one may not be whole.",
            f"QUALIFY {column} > min({column}) OVER () AND {column} < max({column}) OVER ()",
            f"ORDER BY {column}",
        ]
    )
    return Events(period, tuple(made), query)


def is_id(name: str) -> bool:
    """Whether a column says which, and not how many, by its name.

    Parameters
    ----------
    name : str

    Returns
    -------
    bool

    Examples
    --------
    >>> [is_id(name) for name in ("customer_id", "userId", "ID", "paid", "bid")]
    [True, True, True, False, False]
    """
    return bool(_ID.search(name))


def _covered(dates: pd.Series, letter: str) -> float:
    there = dates.dt.tz_localize(None).dt.to_period(letter)
    return float(there.nunique() / ((there.max() - there.min()).n + 1))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
