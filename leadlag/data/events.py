"""An event log, one row an event, opened for counting: a dataframe, or a file of any size.

Whatever it is, DuckDB sees one view, ``log``: ``u`` the user, ``t`` the moment on the wall clock of
the stated time zone, ``v`` a value, ``k`` a kind, ``x`` whether the event ends a subscription.
Files are read in streams and never whole.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from leadlag.data.event_columns import (
    NEED,
    ROLES,
    check_name,
    frame_of,
    missing,
    select_sql,
    twice,
)
from leadlag.errors import ConfigurationError, InputError, shown

__all__ = ["EventLog", "open_log"]

_PARQUET = (".parquet", ".pq")
_TEXT = (".csv", ".tsv", ".txt")
# DuckDB would start as many as it is told to.
_MOST_THREADS = 1024
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+]+://")
# What stands for nothing in a text file, as pandas reads it.
_NOTHING = "['', '#N/A', '<NA>', 'N/A', 'NA', 'NULL', 'NaN', 'None', 'n/a', 'nan', 'null']"


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
        Whether moments are read from text.
    written : tuple of str
        Columns of what was written, where something may be in the view as NULL because it could
        not be read: "raw" for times, "word" for values, "unclear" for ends.
    zoned : bool
        Whether the times have, or may have, a zone of their own.
    """

    connection: Any
    roles: tuple[str, ...]
    text_times: bool
    written: tuple[str, ...]
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
                got=_said(error),
                need=NEED,
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
        check_name(role, name)
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
                source, columns = _file(connection, events, list(names.values()))
                yield _view(connection, source, columns, names, zone)
            elif type(events).__name__ == "DuckDBPyRelation":
                # A relation lives on its user's connection, and is counted there.
                relation: Any = events
                yield _relation(relation, names, zone)
            else:
                frame, zoned = frame_of(events, names, zone)
                connection.register("log", frame)
                yield EventLog(connection, _roles(names), False, (), zoned=zoned)
        finally:
            connection.close()


def _roles(names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(role for role in ROLES if role in names)


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
        if threads is not None and (
            isinstance(threads, bool)
            or not isinstance(threads, int)
            or not 1 <= threads <= _MOST_THREADS
        ):
            raise duckdb.InvalidInputException("no number of threads")
        if str(memory).strip().startswith("-"):
            raise duckdb.InvalidInputException("a negative size means no limit")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET memory_limit = ?", [memory])
        if threads is not None:
            connection.execute("SET threads = ?", [threads])
    except duckdb.Error as error:
        raise ConfigurationError(
            "memory= or threads= can't be used",
            got=f"memory={memory!r}, threads={threads!r}",
            need=f"a size such as '1GB', and a whole number of threads from 1 to {_MOST_THREADS}",
        ) from error


# --- files and relations: everything in SQL ------------------------------------------------------


def _file(
    connection: Any, events: str | os.PathLike[str], wanted: Sequence[str]
) -> tuple[str, dict[str, str]]:
    """SQL that reads the file, and its columns with their types."""
    import duckdb

    path = Path(events).expanduser()
    pattern = str(path)
    if not os.fspath(events):
        raise InputError("the path of the events is empty", need=NEED)
    if path.is_dir():
        pattern = _literal(path) + "/**/*.parquet"
        if not any(path.rglob("*.parquet")):
            raise _no_parquet(path)
    elif path.is_file():
        if not path.stat().st_size:
            need = "a line with the names of the columns, then events"
            raise InputError(f"file '{path.name}' is empty", need=need)
        pattern = _literal(path)
    elif _REMOTE.match(str(events)):
        raise InputError(
            "the events are not on this machine",
            got=shown(str(events)),
            need=NEED,
            do="Download them first",
        )
    elif not any(mark in pattern for mark in "*?["):
        raise InputError(f"file '{path}' is not there", need=NEED, do="Check the path")
    first = ""
    suffixes = [suffix.lower() for suffix in Path(pattern).suffixes]
    quoted = "'" + pattern.replace("'", "''") + "'"
    if suffixes and suffixes[-1] in _PARQUET:
        source = f"read_parquet({quoted}, union_by_name = true)"
    elif any(suffix in _TEXT for suffix in suffixes[-2:]):
        # As text: a guess from the first rows may take '007' for 7, or break at the first 'x7'.
        source = f"read_csv({quoted}, all_varchar = true, header = true, nullstr = {_NOTHING})"
        first = f"SELECT * FROM read_csv({quoted}, all_varchar = true, header = false) LIMIT 1"
    else:
        raise InputError(
            f"'{path.name}' is not a kind of file that can be read",
            got=path.suffix or "no suffix",
            need=", ".join((*_PARQUET, *_TEXT)),
            do="Save it as Parquet or CSV",
        )
    try:
        rows = connection.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
        # DuckDB gives a second column of one name another one.
        heads = connection.sql(first).fetchall() if first else []
    except duckdb.Error as error:
        if "No files found" in str(error):
            raise InputError(
                f"no file matches '{path}'", need=NEED, do="Check the path and the pattern"
            ) from error
        raise InputError(
            f"'{path}' can't be read as events",
            got=_said(error),
            need=NEED,
            do="Open it to see what it holds, and export it again, text as UTF-8",
        ) from error
    for name in wanted:
        if heads and heads[0].count(name) > 1:
            raise twice(name)
    return source, {str(row[0]): str(row[1]) for row in rows}


def _literal(path: Path) -> str:
    """The path as a pattern that matches nothing else."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))


def _no_parquet(folder: Path) -> InputError:
    texts = sorted({p.suffix for p in folder.iterdir() if p.suffix.lower() in _TEXT})
    return InputError(
        f"folder '{folder}' holds no Parquet file",
        got=f"{', '.join(texts)} files" if texts else "",
        need=NEED,
        do=f"Pass the pattern '{folder}/*{texts[0]}'" if texts else "Check the path",
    )


def _said(error: BaseException) -> str:
    """What DuckDB says, without its advice on its own settings."""
    text = str(error).split("\nPossible")[0].split("\n\n")[0]
    return " ".join(text.split())[:300]


def _view(
    connection: Any,
    source: str,
    columns: Mapping[str, str],
    names: Mapping[str, str],
    zone: str | None,
) -> EventLog:
    for role, name in names.items():
        if name not in columns:
            raise missing(role, name, list(columns))
    select, written = select_sql(columns, names, zone)
    connection.execute(f"CREATE VIEW log AS SELECT {select} FROM {source}")
    return _log(connection, columns[names["t"]], names, written)


@dataclass(frozen=True, eq=False)
class _OnRelation:
    """Runs SQL over ``log`` on the connection of somebody's relation."""

    relation: Any

    def sql(self, sql: str) -> Any:
        return self.relation.query("log", sql)


def _relation(relation: Any, names: Mapping[str, str], zone: str | None) -> EventLog:
    import duckdb

    try:
        types = zip(relation.columns, relation.types, strict=True)
    except duckdb.Error as error:
        raise InputError(
            "the DuckDB relation can't be read",
            got=str(error).split("\n")[0],
            do="Keep its connection open",
        ) from error
    columns = {str(name): str(kind) for name, kind in types}
    for role, name in names.items():
        if name not in columns:
            raise missing(role, name, list(columns))
    select, written = select_sql(columns, names, zone)
    return _log(_OnRelation(relation.project(select)), columns[names["t"]], names, written)


def _log(
    connection: Any, kind: str, names: Mapping[str, str], written: tuple[str, ...]
) -> EventLog:
    # Text may have an offset in each row.
    zoned = kind in ("TIMESTAMP WITH TIME ZONE", "VARCHAR")
    return EventLog(connection, _roles(names), kind == "VARCHAR", written, zoned=zoned)
