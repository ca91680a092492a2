"""The few columns of an event log that are counted, by their roles: from SQL, or from a frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.moments import local_moments, local_sql
from leadlag.errors import ConfigurationError, InputError, shown, unknown_name

__all__ = [
    "NEED",
    "ROLES",
    "check_name",
    "frame_of",
    "infinite",
    "missing",
    "not_boolean",
    "not_numbers",
    "select_sql",
    "twice",
]

Floats = npt.NDArray[np.float64]

_NUMBERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN",
)  # fmt: skip
NEED = "a dataframe with one row an event, or the path of a Parquet or CSV file"
# What says yes and no, whatever holds it.
_FLAGS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0"), False),
}
ROLES = {"u": "user", "t": "time", "v": "value", "k": "event", "m": "mix", "x": "ended"}


def check_name(role: str, name: object) -> None:
    """Check that a column is named by text.

    Parameters
    ----------
    role : str
        One of `ROLES`.
    name : object
        What was given.

    Raises
    ------
    ConfigurationError
        If it is no text.

    Examples
    --------
    >>> check_name("u", "customer")
    """
    if not isinstance(name, str):
        raise ConfigurationError(
            f"{ROLES[role]}= is not the name of a column", got=shown(name), need="a string"
        )


def missing(role: str, name: str, columns: list[str]) -> InputError:
    """The error for a column that is not there.

    Parameters
    ----------
    role : str
        One of `ROLES`.
    name : str
        The column.
    columns : list of str
        Those that are there.

    Returns
    -------
    InputError

    Examples
    --------
    >>> print(missing("m", "chanel", ["who", "channel"]))
    mix 'chanel' is not a column of the events: ... Did you mean 'channel'?...
    """
    error = unknown_name(
        f"{ROLES[role]} '{name}' is not a column of the events", name, columns, kind=InputError
    )
    return error if isinstance(error, InputError) else InputError(str(error))


def select_sql(
    columns: Mapping[str, str], names: Mapping[str, str], zone: str | None
) -> tuple[str, tuple[str, ...]]:
    """Write the SQL of the view's columns.

    Parameters
    ----------
    columns : mapping of str to str
        Types by name, as DuckDB calls them.
    names : mapping of str to str
        Columns by role.
    zone : str or None
        Time zone whose calendar days count.

    Returns
    -------
    sql : str
        Of the columns, between SELECT and FROM.
    written : tuple of str
        Those of the columns that hold what was written, as for `EventLog`.

    Raises
    ------
    InputError
        If a column is of a kind that can't be used.

    Examples
    --------
    >>> select_sql({"who": "BIGINT", "day": "DATE"}, {"u": "who", "t": "day"}, None)
    ('"who" AS u, CASE WHEN ... END AS t, CASE WHEN ... END AS raw', ('raw',))
    """
    quoted = {role: '"' + name.replace('"', '""') + '"' for role, name in names.items()}
    kind = columns[names["t"]]
    moment = local_sql(quoted["t"], kind, names["t"], zone)
    user = quoted["u"]
    if columns[names["u"]] in ("FLOAT", "DOUBLE"):
        user = f"CASE WHEN isnan({user}) THEN NULL ELSE {user} END"
    raw = quoted["t"]
    if kind != "VARCHAR":
        # Written out where it is needed alone: of fifty million times that takes long.
        raw = f"CASE WHEN {moment} IS NULL THEN CAST({raw} AS VARCHAR) END"
    parts = [f"{user} AS u", f"{moment} AS t", f"{raw} AS raw"]
    written = ["raw"]
    if "v" in names:
        kind = columns[names["v"]]
        if kind != "VARCHAR" and not kind.startswith(_NUMBERS) and not _is_null(kind):
            raise not_numbers(names["v"], f"values of type {kind.lower()}")
        number = f"TRY_CAST({quoted['v']} AS DOUBLE)"
        parts.append(f"CASE WHEN NOT isnan({number}) THEN {number} END AS v")
        if kind == "VARCHAR":
            parts.append(f"CASE WHEN {number} IS NULL THEN {quoted['v']} END AS word")
            written.append("word")
    parts += [f"{quoted[role]} AS k" for role in ("k", "m") if role in names]
    if "x" in names:
        kind = columns[names["x"]]
        if kind not in ("BOOLEAN", "VARCHAR") and not kind.startswith((*_NUMBERS, '"', "NULL")):
            raise not_boolean(names["x"], f"values of type {kind.lower()}")
        word = f"lower(trim(CAST({quoted['x']} AS VARCHAR)))"
        yes, no = (
            ", ".join(f"'{word}'" for word, meant in _FLAGS.items() if meant is flag)
            for flag in (True, False)
        )
        flag = f"CASE WHEN {word} IN ({yes}) THEN TRUE WHEN {word} IN ({no}) THEN FALSE END"
        parts.append(f"{flag} AS x")
        parts.append(f"CASE WHEN {flag} IS NULL AND {word} <> '' THEN {word} END AS unclear")
        written.append("unclear")
    return ", ".join(parts), tuple(written)


def _is_null(kind: str) -> bool:
    """A column of a Parquet file in which nothing stands has a type of its own."""
    return kind.strip('"').upper() == "NULL"


def frame_of(
    events: object, names: Mapping[str, str], zone: str | None
) -> tuple[pd.DataFrame, bool]:
    """Read the few columns that are needed from a dataframe.

    Parameters
    ----------
    events : dataframe
        Of any library that narwhals reads.
    names : mapping of str to str
        Columns by role.
    zone : str or None
        Time zone whose calendar days count.

    Returns
    -------
    frame : pandas.DataFrame
        Columns `u`, `t` and, where asked for, `v`, `k` and `x`.
    zoned : bool
        Whether the times had a zone.

    Raises
    ------
    InputError
        If it is no frame, a column is missing, or of a kind that can't be used.

    Examples
    --------
    >>> log = pd.DataFrame({"who": ["a", "b", "a"], "when": ["2026-01-01"] * 3})
    >>> frame_of(log, {"u": "who", "t": "when"}, None)[0]["u"].tolist()
    [0, 1, 0]
    """
    columns = _columns(events, names)
    moments, zoned = local_moments(columns["t"], names["t"], zone)
    if not len(moments):
        raise InputError("the events have no rows", got="an empty table", need="one row an event")
    try:
        # Codes stand for users of any kind; no user is -1, and becomes NULL.
        codes = pd.factorize(columns["u"])[0]
    except TypeError as error:
        raise InputError(
            f"user '{names['u']}' holds values that can't be told apart",
            got=str(error),
            need="numbers or text",
        ) from error
    out = pd.DataFrame({"u": codes, "t": moments})
    out["u"] = out["u"].astype("Int64").mask(codes < 0)
    if "v" in names:
        out["v"] = _values(columns["v"], names["v"])
    for role in ("k", "m"):
        if role in names:
            out["k"] = columns[role].astype("string").to_numpy(object)
    if "x" in names:
        out["x"] = _flags(columns["x"], names["x"])
    return out, zoned


def _values(column: pd.Series[Any], name: str) -> Floats:
    kind = column.dtype
    odd = pd.api.types.is_datetime64_any_dtype(kind) or pd.api.types.is_complex_dtype(kind)
    if odd or pd.api.types.is_timedelta64_dtype(kind) or isinstance(kind, pd.PeriodDtype):
        raise not_numbers(name, f"values of type {kind}")
    numbers = pd.to_numeric(column, errors="coerce")
    lost = numbers.isna() & column.notna()
    if lost.any():
        raise not_numbers(name, repr(str(column[lost].iloc[0])))
    return numbers.to_numpy(dtype="float64", na_value=float("nan"))


def _flags(column: pd.Series[Any], name: str) -> pd.Series[Any]:
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype("boolean")
    words = column.astype("string").str.strip().str.casefold()
    read = words.map(_FLAGS).astype("boolean")
    wrong = words.notna() & (words != "") & read.isna()
    if wrong.any():
        raise not_boolean(name, repr(str(column[wrong].iloc[0])))
    return read


def not_numbers(name: str, got: str) -> InputError:
    """The error for values that are no numbers.

    Parameters
    ----------
    name : str
        The column.
    got : str
        What it holds.

    Returns
    -------
    InputError

    Examples
    --------
    >>> print(not_numbers("spent", "dates"))
    value 'spent' is not a number: got dates, need a number an event, missing where there is none.
    """
    return InputError(
        f"value '{name}' is not a number",
        got=got,
        need="a number an event, missing where there is none",
    )


def twice(name: str) -> InputError:
    """The error for a column of which there are two.

    Parameters
    ----------
    name : str
        The column.

    Returns
    -------
    InputError

    Examples
    --------
    >>> print(twice("user"))
    two columns of the events are called 'user'. Rename or drop one.
    """
    return InputError(f"two columns of the events are called '{name}'", do="Rename or drop one")


def infinite(name: str, count: int) -> InputError:
    """The error for values that are infinite.

    Parameters
    ----------
    name : str
        The column.
    count : int
        How many there are.

    Returns
    -------
    InputError

    Examples
    --------
    >>> print(infinite("spent", 2))
    value 'spent' is infinite: got 2 such events, need ... or correct them (a division by zero?).
    """
    return InputError(
        f"value '{name}' is infinite",
        got="1 such event" if count == 1 else f"{count:,} such events",
        need="a number an event, missing where there is none",
        do="Make them missing or correct them (a division by zero?)",
    )


def not_boolean(name: str, got: str) -> InputError:
    """The error for what neither ends a subscription nor goes on.

    Parameters
    ----------
    name : str
        The column.
    got : str
        What it holds.

    Returns
    -------
    InputError

    Examples
    --------
    >>> print(not_boolean("over", "'perhaps'"))
    ended 'over' is not true or false: got 'perhaps', need true in the event that ends ...
    """
    return InputError(
        f"ended '{name}' is not true or false",
        got=got,
        need="true in the event that ends a subscription, false in the others",
    )


def _columns(events: object, names: Mapping[str, str]) -> dict[str, pd.Series[Any]]:
    if isinstance(events, pd.DataFrame):
        # A log is often indexed by its time or its user.
        if any(name is not None and name in names.values() for name in events.index.names):
            held = [name for name in events.index.names if name in names.values()]
            events = events.reset_index([name for name in held if name not in events.columns])
        known = [str(name) for name in events.columns]
        for role, name in names.items():
            if known.count(name) > 1:
                raise twice(name)
            if name not in known:
                raise missing(role, name, known)
        frame = events.set_axis(known, axis="columns").reset_index(drop=True)
        return {role: frame[name] for role, name in names.items()}
    try:
        table = nw.from_native(events)  # type: ignore[call-overload]
        columns = list(table.collect_schema().names())
    except TypeError as error:
        raise InputError("the events are no log", got=type(events).__name__, need=NEED) from error
    except (OSError, nw.exceptions.NarwhalsError) as error:
        raise _unreadable(error) from error
    for role, name in names.items():
        if name not in columns:
            raise missing(role, name, columns)
    table = table.select(*dict.fromkeys(names.values()))
    if isinstance(table, nw.LazyFrame):
        try:
            table = table.collect()
        except (OSError, nw.exceptions.NarwhalsError) as error:
            raise _unreadable(error) from error
    # The whole table: a single column of pyarrow would leave its time zone behind.
    frame = table.to_pandas().reset_index(drop=True)
    return {role: frame[name] for role, name in names.items()}


def _unreadable(error: BaseException) -> InputError:
    return InputError(
        "the events can't be read from their library",
        got=" ".join(str(error).split())[:200],
        need=NEED,
        do="Check what was passed",
    )
