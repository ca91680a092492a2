"""Moments of events on the wall clock of one time zone, from whatever a column holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.errors import InputError

__all__ = ["OFFSET", "local_moments", "local_sql", "mixed_offsets", "unreadable"]

# A clock time with an offset at its end; a plain date ends in "-31" as well.
OFFSET = r"[Tt ]\d\d(:?\d\d)?.*(Z|z|[+-]\d\d(:?\d\d)?)\s*$"
# A date, with a clock time or not, and nothing more: DuckDB reads past the name of a zone.
_PLAIN = r"^\s*\d{1,4}[-/]\d{1,2}[-/]\d{1,2}([Tt ]\d{1,2}:\d\d(:\d\d(\.\d+)?)?)?\s*$"
# What people and calendars can name; an infinite time lies outside.
_FIRST, _LAST = "0001-01-01", "9999-12-31T23:59:59.999999"


def local_moments(
    values: pd.Series[Any], name: str, zone: str | None = None
) -> tuple[npt.NDArray[np.datetime64], bool]:
    """Read a column of times.

    Parameters
    ----------
    values : pandas.Series, shape (n_events,)
        Dates, datetimes with or without a zone, periods, or ISO text.
    name : str
        The column, for messages.
    zone : str, optional
        Zone of the wall clock; by default the column's own. Times without a zone are taken as they
        stand.

    Returns
    -------
    moments : ndarray of datetime64[us], shape (n_events,)
        NaT where missing.
    zoned : bool
        Whether the times had a zone.

    Raises
    ------
    InputError
        If a value is no moment.

    Examples
    --------
    >>> times = pd.Series(["2026-01-31T23:30:00Z", None])
    >>> local_moments(times, "when", "Europe/Berlin")[0].astype("datetime64[m]").tolist()
    [datetime.datetime(2026, 2, 1, 0, 30), None]
    """
    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.to_timestamp()
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
        if values.notna().any() or not len(values):
            raise _numbers(name, values.dtype)
        return np.full(len(values), "NaT", dtype="datetime64[us]"), False
    if not pd.api.types.is_datetime64_any_dtype(values):
        values = _parsed(values, name)
    zoned = getattr(values.dtype, "tz", None) is not None or _arrow_zone(values)
    if zoned:
        aware = values.dt.tz_convert(zone) if zone else values
        values = aware.dt.tz_localize(None)
    plain = values.to_numpy(dtype="datetime64[us]", na_value=np.datetime64("NaT", "us"))
    moments = np.asarray(plain)
    outside = (moments < np.datetime64(_FIRST, "us")) | (moments > np.datetime64(_LAST, "us"))
    if outside.any():
        raise unreadable(name, moments[outside][0], int(outside.sum()))
    return moments, zoned


def local_sql(column: str, kind: str, name: str, zone: str | None) -> str:
    """Write the SQL that reads a column of times; the same as `local_moments`, for files.

    Parameters
    ----------
    column : str
        The column, quoted.
    kind : str
        Its type in DuckDB.
    name : str
        The column, for messages.
    zone : str, optional
        Zone of the wall clock. By default UTC for times with a zone.

    Returns
    -------
    sql : str
        Of type TIMESTAMP; what can't be read, or no calendar names, becomes NULL.

    Raises
    ------
    InputError
        If the column holds no times.

    Examples
    --------
    >>> local_sql('"day"', "DATE", "day", None)
    'CASE WHEN CAST("day" AS TIMESTAMP) BETWEEN ... THEN CAST("day" AS TIMESTAMP) END'
    """
    clock = (zone or "UTC").replace("'", "''")
    if kind.strip('"').upper() == "NULL":
        return "CAST(NULL AS TIMESTAMP)"
    if kind == "DATE":
        moment = f"CAST({column} AS TIMESTAMP)"
    elif kind == "TIMESTAMP WITH TIME ZONE":
        moment = f"timezone('{clock}', {column})"
    elif kind.startswith("TIMESTAMP"):
        moment = f"CAST({column} AS TIMESTAMP)"
    elif kind == "VARCHAR":
        moment = (
            f"CASE WHEN regexp_matches({column}, '{OFFSET}') "
            f"THEN timezone('{clock}', TRY_CAST({column} AS TIMESTAMPTZ)) "
            f"WHEN regexp_matches({column}, '{_PLAIN}') THEN TRY_CAST({column} AS TIMESTAMP) END"
        )
    else:
        raise _numbers(name, kind.lower())
    inside = f"BETWEEN TIMESTAMP '{_FIRST}' AND TIMESTAMP '{_LAST}'"
    return f"CASE WHEN {moment} {inside} THEN {moment} END"


def unreadable(name: str, example: object, count: int) -> InputError:
    """The error for times that can't be read.

    Parameters
    ----------
    name : str
        The column.
    example : object
        One of the values.
    count : int
        How many there are.

    Returns
    -------
    InputError

    Examples
    --------
    >>> print(unreadable("when", "soon", 1))
    time 'when' can't be read in 1 row: got 'soon', need dates or times ... pandas.to_datetime.
    """
    rows = "1 row" if count == 1 else f"{count:,} rows"
    return InputError(
        f"time '{name}' can't be read in {rows}",
        got=repr(str(example)),
        need="dates or times such as 2026-01-31 or 2026-01-31T14:05:00+01:00",
        do="Convert the column first, such as by pandas.to_datetime",
    )


def mixed_offsets(name: str, aware: object, plain: object) -> InputError:
    """The error for text in which some times have an offset and some have none.

    Parameters
    ----------
    name : str
        The column.
    aware, plain : object
        An example of each.

    Returns
    -------
    InputError

    Examples
    --------
    >>> print(mixed_offsets("when", "2026-01-31T14:05Z", "2026-01-31"))
    time 'when' holds times with an offset beside times without one: got 2026-01-31T14:05Z ...
    """
    return InputError(
        f"time '{name}' holds times with an offset beside times without one",
        got=f"{aware} and {plain}",
        need="one of the two",
        do="Write the offset in every row, or in none",
    )


def _numbers(name: str, kind: object) -> InputError:
    return InputError(
        f"time '{name}' holds no dates",
        got=f"values of type {kind}",
        need="dates, times, or ISO text",
        do="Convert it first, such as by pandas.to_datetime(seconds, unit='s')",
    )


def _arrow_zone(values: pd.Series[Any]) -> bool:
    kind = getattr(values.dtype, "pyarrow_dtype", None)
    return getattr(kind, "tz", None) is not None


def _parsed(values: pd.Series[Any], name: str) -> pd.Series[Any]:
    words = values.astype(str)
    # Blank text is a time that is missing, as in a file.
    known = values[values.notna() & (words.str.strip() != "")]
    if not len(known):
        return pd.Series(np.full(len(values), "NaT", dtype="datetime64[us]"), index=values.index)
    zoned = words[known.index].str.contains(OFFSET.replace("(", "(?:"), regex=True)
    read = pd.Series(pd.NaT, index=values.index, dtype="datetime64[us, UTC]")
    # Offsets are brought to UTC; a time without one stands on the wall clock, and stays there.
    parts = {True: known[zoned], False: known[~zoned]}
    parsed = {
        aware: pd.to_datetime(part.astype(str), format="ISO8601", errors="coerce", utc=True)
        for aware, part in parts.items()
    }
    if len(parts[True]) and len(parts[False]):
        raise mixed_offsets(name, parts[True].iloc[0], parts[False].iloc[0])
    aware = bool(len(parts[True]))
    read = parsed[aware].reindex(values.index)
    bad = read.isna() & values.index.isin(known.index)
    if bad.any():
        raise unreadable(name, values[bad].iloc[0], int(bad.sum()))
    return read if aware else read.dt.tz_localize(None)
