"""The few columns of an event log that are counted, by their roles: from SQL, or from a frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from leadlag.data.moments import local_moments, local_sql
from leadlag.errors import ConfigurationError, InputError, shown, unknown_name

__all__ = ["NEED", "ROLES", "check_name", "frame_of", "missing", "not_numbers", "select_sql"]

_NUMBERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN",
)  # fmt: skip
NEED = "a dataframe with one row an event, or the path of a Parquet or CSV file"
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
) -> tuple[str, bool, bool]:
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
    times, values : bool
        Whether times, and whether values, are read from text.

    Raises
    ------
    InputError
        If a column is of a kind that can't be used.

    Examples
    --------
    >>> select_sql({"who": "BIGINT", "day": "DATE"}, {"u": "who", "t": "day"}, None)
    ('"who" AS u, CAST("day" AS TIMESTAMP) AS t', False, False)
    """
    quoted = {role: '"' + name.replace('"', '""') + '"' for role, name in names.items()}
    kind = columns[names["t"]]
    moment, text = local_sql(quoted["t"], kind, names["t"], zone)
    user = quoted["u"]
    if columns[names["u"]] in ("FLOAT", "DOUBLE"):
        user = f"CASE WHEN isnan({user}) THEN NULL ELSE {user} END"
    parts = [f"{user} AS u", f"{moment} AS t"]
    if text:
        parts.append(f"{quoted['t']} AS raw")
    values = False
    if "v" in names:
        kind = columns[names["v"]]
        values = kind == "VARCHAR"
        if not values and not kind.startswith(_NUMBERS):
            raise not_numbers(names["v"], f"values of type {kind.lower()}")
        number = f"TRY_CAST({quoted['v']} AS DOUBLE)"
        parts.append(f"CASE WHEN isfinite({number}) THEN {number} END AS v")
        if values:
            # What is no number at all; an infinite one is missing.
            parts.append(f"CASE WHEN {number} IS NULL THEN {quoted['v']} END AS written")
    parts += [f"{quoted[role]} AS k" for role in ("k", "m") if role in names]
    if "x" in names:
        if columns[names["x"]] not in ("BOOLEAN", "VARCHAR", "TINYINT", "INTEGER", "BIGINT"):
            raise _not_boolean(names["x"], columns[names["x"]].lower())
        parts.append(f"CAST({quoted['x']} AS BOOLEAN) AS x")
    return ", ".join(parts), text, values


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
        numbers = pd.to_numeric(columns["v"], errors="coerce")
        dates = pd.api.types.is_datetime64_any_dtype(columns["v"])
        if dates or (numbers.isna() & columns["v"].notna()).any():
            raise not_numbers(names["v"], "dates" if dates else "text that is no number")
        out["v"] = numbers.to_numpy(dtype="float64", na_value=float("nan"))
        out["v"] = out["v"].where(out["v"].abs() < float("inf"))
    for role in ("k", "m"):
        if role in names:
            out["k"] = columns[role].astype("string").to_numpy(object)
    if "x" in names:
        try:
            out["x"] = columns["x"].astype("boolean")
        except (TypeError, ValueError) as error:
            raise _not_boolean(names["x"], columns["x"].dtype) from error
    return out, zoned


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


def _not_boolean(name: str, kind: object) -> InputError:
    return InputError(
        f"ended '{name}' is not true or false",
        got=f"values of type {kind}",
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
                raise InputError(
                    f"two columns of the events are called '{name}'", do="Rename or drop one"
                )
            if name not in known:
                raise missing(role, name, known)
        frame = events.set_axis(known, axis="columns").reset_index(drop=True)
        return {role: frame[name] for role, name in names.items()}
    try:
        table = nw.from_native(events)  # type: ignore[call-overload]
        columns = list(table.collect_schema().names())
    except TypeError as error:
        raise InputError("the events are no log", got=type(events).__name__, need=NEED) from error
    for role, name in names.items():
        if name not in columns:
            raise missing(role, name, columns)
    table = table.select(*dict.fromkeys(names.values()))
    if isinstance(table, nw.LazyFrame):
        table = table.collect()
    return {role: table[name].to_pandas().reset_index(drop=True) for role, name in names.items()}
