"""An event log, one row an event, opened for counting: a dataframe, or a file of any size.

Whatever it is, DuckDB sees one view, ``log``: ``u`` the user, ``t`` the moment on the wall clock of
the stated time zone, ``v`` a value, ``k`` a kind, ``x`` whether the event ends a subscription.
Files are read in streams and never whole.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
import pandas as pd

from leadlag.data.moments import local_moments, local_sql
from leadlag.errors import ConfigurationError, InputError, shown, unknown_name

__all__ = ["EventLog", "not_numbers", "open_log"]

_PARQUET = (".parquet", ".pq")
_TEXT = (".csv", ".tsv", ".txt")
# What stands for nothing in a text file, as pandas reads it.
_NOTHING = "['', '#N/A', '<NA>', 'N/A', 'NA', 'NULL', 'NaN', 'None', 'n/a', 'nan', 'null']"
_NUMBERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN",
)  # fmt: skip
_NEED = "a dataframe with one row an event, or the path of a Parquet or CSV file"


@dataclass(frozen=True, eq=False)
class EventLog:
    """A log that can be asked.

    Parameters
    ----------
    connection : duckdb connection
        Has the view ``log``.
    roles : tuple of str
        Which columns were named, as for `open_log`.
    text_times : bool
        Whether moments were read from text; those that could not be are in the view as NULL, with
        what was written in the column ``raw``.
    text_values : bool
        The same for values, with what was written in the column ``written``.
    zoned : bool
        Whether the times have, or may have, a zone of their own.
    """

    connection: Any
    roles: tuple[str, ...]
    text_times: bool
    text_values: bool
    zoned: bool

    def ask(self, sql: str) -> pd.DataFrame:
        """Run one query over the view ``log``.

        Parameters
        ----------
        sql : str
            A SELECT statement.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        InputError
            If the file behind the view can't be read to its end.
        """
        import duckdb

        try:
            return pd.DataFrame(self.connection.sql(sql).df())
        except duckdb.OutOfMemoryException as error:
            raise ConfigurationError(
                "the events don't fit into the memory that was allowed",
                got=str(error).split("\n")[0],
                do="Raise memory=, such as memory='4GB'",
            ) from error
        except duckdb.Error as error:
            raise InputError(
                "the events can't be read",
                got=str(error).split("\n")[0],
                need=_NEED,
                do="Open the file to see what it holds, and export it again",
            ) from error


@contextmanager
def open_log(
    events: object,
    names: Mapping[str, str],
    *,
    zone: str | None = None,
    memory: str = "1GB",
    threads: int | None = None,
) -> Iterator[EventLog]:
    """Open a log under the view ``log``.

    Parameters
    ----------
    events : dataframe, path or DuckDB relation
        One row an event.
    names : mapping of str to str
        Columns by role: "u" the user and "t" the time; "v" a value, "k" a kind, or "m" one whose
        mix is wanted (the same to the view), and "x" whether the event ends a subscription.
    zone : str, optional
        Time zone whose calendar days count. By default the zone of the data.
    memory : str
        What DuckDB may hold in memory before it writes to a temporary folder.
    threads : int, optional
        By default all cores.

    Yields
    ------
    EventLog

    Raises
    ------
    LeadLagError
        If it is no log, a column is missing, or its times can't be read.

    Examples
    --------
    >>> frame = pd.DataFrame({"who": [7, 7, 8], "when": ["2026-01-01", "2026-01-03", "2026-01-02"]})
    >>> with open_log(frame, {"u": "who", "t": "when"}) as log:
    ...     int(log.ask("SELECT count(DISTINCT u) AS n FROM log")["n"][0])
    2
    """
    import duckdb

    for role, name in names.items():
        _check_name(role, name)
    if names["u"] == names["t"]:
        raise ConfigurationError(
            "user and time are one column",
            got=repr(names["u"]),
            need="a column that says who, and another one that says when",
        )
    _check_zone(zone)
    # Spilled data go to a folder of their own, which ends with the block.
    with tempfile.TemporaryDirectory(prefix="leadlag-") as folder:
        connection = duckdb.connect(config={"temp_directory": folder})
        try:
            _limit(connection, memory, threads)
            if isinstance(events, (str, os.PathLike)):
                source, columns = _file(connection, Path(events))
                yield _view(connection, source, columns, names, zone)
            elif type(events).__name__ == "DuckDBPyRelation":
                # A relation lives on its user's connection, and is counted there.
                relation: Any = events
                yield _relation(relation, names, zone)
            else:
                frame, zoned = _frame(events, names, zone)
                connection.register("log", frame)
                yield EventLog(connection, _roles(names), False, False, zoned=zoned)
        finally:
            connection.close()


_ROLES = {"u": "user", "t": "time", "v": "value", "k": "event", "m": "mix", "x": "ended"}


def _roles(names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(role for role in _ROLES if role in names)


def _check_name(role: str, name: object) -> None:
    if not isinstance(name, str):
        raise ConfigurationError(
            f"{_ROLES[role]}= is not the name of a column", got=shown(name), need="a string"
        )


def _check_zone(zone: object) -> None:
    if zone is None:
        return
    try:
        ZoneInfo(zone)  # type: ignore[arg-type]
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise ConfigurationError(
            "time_zone is not known",
            got=shown(zone),
            need="a name such as 'Europe/Berlin' or 'UTC'",
        ) from error


def _limit(connection: Any, memory: object, threads: object) -> None:
    import duckdb

    try:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET memory_limit = ?", [memory])
        if threads is not None:
            connection.execute("SET threads = ?", [threads])
    except duckdb.Error as error:
        raise ConfigurationError(
            "memory= or threads= can't be used",
            got=f"memory={memory!r}, threads={threads!r}",
            need="a size such as '1GB', and a whole number of threads",
        ) from error


def _missing(role: str, name: str, columns: list[str]) -> InputError:
    error = unknown_name(
        f"{_ROLES[role]} '{name}' is not a column of the events", name, columns, kind=InputError
    )
    return error if isinstance(error, InputError) else InputError(str(error))


# --- files and relations: everything in SQL ------------------------------------------------------


def _file(connection: Any, path: Path) -> tuple[str, dict[str, str]]:
    """SQL that reads the file, and its columns with their types."""
    import duckdb

    pattern = str(path)
    if path.is_dir():
        pattern = str(path / "**" / "*.parquet")
    elif not any(mark in pattern for mark in "*?[") and not path.is_file():
        raise InputError(f"file '{path}' is not there", need=_NEED, do="Check the path")
    elif path.is_file() and not path.stat().st_size:
        raise InputError(
            f"file '{path.name}' is empty", need="a line with the names of the columns, then events"
        )
    suffixes = [suffix.lower() for suffix in Path(pattern).suffixes]
    quoted = "'" + pattern.replace("'", "''") + "'"
    if suffixes and suffixes[-1] in _PARQUET:
        source = f"read_parquet({quoted}, union_by_name = true)"
    elif any(suffix in _TEXT for suffix in suffixes[-2:]):
        # As text: a guess from the first rows may take '007' for 7, or break at the first 'x7'.
        source = f"read_csv({quoted}, all_varchar = true, header = true, nullstr = {_NOTHING})"
    else:
        raise InputError(
            f"'{path.name}' is not a kind of file that can be read",
            got=path.suffix or "no suffix",
            need=", ".join((*_PARQUET, *_TEXT)),
            do="Save it as Parquet or CSV",
        )
    try:
        rows = connection.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except duckdb.Error as error:
        raise InputError(
            f"'{path}' can't be read as events",
            got=str(error).split("\n")[0],
            need=_NEED,
            do="Open it to see what it holds, and export it again",
        ) from error
    return source, {str(row[0]): str(row[1]) for row in rows}


def _view(
    connection: Any,
    source: str,
    columns: Mapping[str, str],
    names: Mapping[str, str],
    zone: str | None,
) -> EventLog:
    for role, name in names.items():
        if name not in columns:
            raise _missing(role, name, list(columns))
    select, times, values = _select(columns, names, zone)
    connection.execute(f"CREATE VIEW log AS SELECT {select} FROM {source}")
    return EventLog(connection, _roles(names), times, values, zoned=_zoned(columns[names["t"]]))


@dataclass(frozen=True, eq=False)
class _OnRelation:
    """Runs SQL over ``log`` on the connection of somebody's relation."""

    relation: Any

    def sql(self, sql: str) -> Any:
        return self.relation.query("log", sql)


def _relation(relation: Any, names: Mapping[str, str], zone: str | None) -> EventLog:
    columns = {
        str(name): str(kind) for name, kind in zip(relation.columns, relation.types, strict=True)
    }
    for role, name in names.items():
        if name not in columns:
            raise _missing(role, name, list(columns))
    select, times, values = _select(columns, names, zone)
    asked = _OnRelation(relation.project(select))
    return EventLog(asked, _roles(names), times, values, zoned=_zoned(columns[names["t"]]))


def _zoned(kind: str) -> bool:
    # Text may have an offset in each row.
    return kind in ("TIMESTAMP WITH TIME ZONE", "VARCHAR")


def _select(
    columns: Mapping[str, str], names: Mapping[str, str], zone: str | None
) -> tuple[str, bool, bool]:
    """The columns of the view, and whether times and values are read from text."""
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


# --- frames: the few columns that are needed, as plain arrays ------------------------------------


def _frame(events: object, names: Mapping[str, str], zone: str | None) -> tuple[pd.DataFrame, bool]:
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
                raise _missing(role, name, known)
        frame = events.set_axis(known, axis="columns").reset_index(drop=True)
        return {role: frame[name] for role, name in names.items()}
    try:
        table = nw.from_native(events)  # type: ignore[call-overload]
        columns = list(table.collect_schema().names())
    except TypeError as error:
        raise InputError("the events are no log", got=type(events).__name__, need=_NEED) from error
    for role, name in names.items():
        if name not in columns:
            raise _missing(role, name, columns)
    table = table.select(*dict.fromkeys(names.values()))
    if isinstance(table, nw.LazyFrame):
        table = table.collect()
    return {role: table[name].to_pandas().reset_index(drop=True) for role, name in names.items()}
