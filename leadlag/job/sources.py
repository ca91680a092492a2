"""Data from where they are: files, SQL, a function; the same data make the same frame."""

from __future__ import annotations

import contextlib
import importlib
import sqlite3
import sys
from collections.abc import Callable
from glob import has_magic
from pathlib import Path
from typing import Any

import pandas as pd

from leadlag.errors import ConfigurationError, InputError, listing
from leadlag.files import read_file, with_time
from leadlag.job.config import Config, Source
from leadlag.job.postgres import read_postgres

__all__ = ["read_source"]

# The days of moments whose time zone nobody names.
_UTC = "UTC"


def read_source(config: Config) -> tuple[Any, str | None]:
    """Read the data of a configuration.

    Parameters
    ----------
    config : Config

    Returns
    -------
    frame : dataframe
    time : str or None
        The column that says when.

    Raises
    ------
    LeadLagError
        If the source can't be read. What it says never holds an address or a password.
    """
    source = config.source
    if source.kind == "csv":
        return _csv(source, config)
    if source.kind == "python":
        return _called(source, config.folder), config.time
    frame = _READERS[source.kind](source, config)
    return with_time(_plain(frame), config.time)


def _csv(source: Source, config: Config) -> tuple[pd.DataFrame, str | None]:
    path = _text(source.path)
    file = config.beside(path)
    if has_magic(path) and not file.exists():
        raise InputError(
            f"source.path '{path}' is not one file",
            got="a pattern",
            need="a CSV file; patterns are for Parquet",
            do=f'For several files use kind = "duckdb", query = "SELECT * FROM \'{path}\'"',
        )
    return read_file(file, config.time)


def _parquet(source: Source, config: Config) -> pd.DataFrame:
    files = [str(one) for one in config.files(_text(source.path))]
    if not files:
        raise InputError(
            f"source.path '{source.path}' names no file",
            got=f"nothing in '{config.folder}'",
            need="a Parquet file, or a pattern such as 'weeks/*.parquet'",
            do="Check the path: it is beside the configuration",
        )
    query = "SELECT * FROM read_parquet(?, union_by_name = true)"
    frame = _from_duckdb(":memory:", query, [files], config.folder, do="Check source.path")
    zones = _zones(files, source.time_zone)
    for name, column in frame.items():
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            frame[name] = column.dt.tz_convert(zones.get(str(name).casefold(), _UTC))
    return frame


def _zones(files: list[str], zone: str | None) -> dict[str, str]:
    """The time zone of each column that has one: what the files name, or the one that is wanted.

    By name in small letters: to DuckDB `Day` in one file and `day` in another are one column.
    """
    from pyarrow import ArrowException, parquet

    found: dict[str, str] = {}
    for file in files:
        try:
            schema = parquet.read_schema(file)
        except (ArrowException, OSError) as error:
            raise InputError(
                f"'{file}' can't be read as Parquet", got=_first_line(error), do="Write it again"
            ) from error
        for field in schema:
            named = getattr(field.type, "tz", None)
            if named is None:
                continue
            name = field.name.casefold()
            if zone is None and found.get(name, named) != named:
                raise InputError(
                    f"the files name several time zones for column '{field.name}'",
                    got=f"{found[name]} and {named}",
                    need="one time zone for all of them",
                    do=f'Name the one whose days count, such as time_zone = "{named}" in [source]',
                )
            found[name] = zone or named
    return found


def _duckdb(source: Source, config: Config) -> pd.DataFrame:
    database = str(config.beside(source.path)) if source.path else ":memory:"
    zone = source.time_zone or _UTC
    return _from_duckdb(database, _text(source.query), [], config.folder, zone)


def _from_duckdb(
    database: str,
    query: str,
    values: list[Any],
    folder: Path,
    zone: str = _UTC,
    *,
    do: str = "Try the query in DuckDB",
) -> pd.DataFrame:
    import duckdb

    if database != ":memory:" and not Path(database).is_file():
        raise InputError(f"database '{database}' is not there", do="Check source.path")
    try:
        with duckdb.connect(database, read_only=database != ":memory:") as connection:
            # Files that a query names lie beside the configuration.
            connection.execute("SET file_search_path = ?", [str(folder)])
            # Else days would be those of the machine that the job runs on.
            connection.execute("SET TimeZone = ?", [zone])
            return connection.execute(query, values).df()
    except duckdb.Error as error:
        raise InputError(
            "the source can't be read with DuckDB",
            got=_first_line(error),
            do=do,
        ) from error


def _sqlite(source: Source, config: Config) -> pd.DataFrame:
    file = config.beside(_text(source.path))
    if not file.is_file():
        raise InputError(f"database '{file}' is not there", do="Check source.path")
    try:
        connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
        try:
            return pd.read_sql_query(_text(source.query), connection)
        finally:
            connection.close()
    except (sqlite3.Error, pd.errors.DatabaseError) as error:
        raise InputError(
            "the source can't be read with SQLite",
            got=_first_line(error),
            do="Try the query in SQLite",
        ) from error


def _postgres(source: Source, config: Config) -> pd.DataFrame:
    del config
    return read_postgres(source, source.time_zone or _UTC)


_READERS: dict[str, Callable[[Source, Config], pd.DataFrame]] = {
    "parquet": _parquet,
    "duckdb": _duckdb,
    "sqlite": _sqlite,
    "postgres": _postgres,
}


def _called(source: Source, folder: Path) -> Any:
    where = _text(source.function)
    module, _, name = where.partition(":")
    if not name or not all(part.isidentifier() for part in module.split(".")):
        raise ConfigurationError(
            "source.function is not a function", got=repr(where), need="'module:function'"
        )
    # A module beside the configuration is found as one that is installed, and so is what the
    # function imports when it is called.
    sys.path.insert(0, str(folder))
    try:
        _make_way(module.partition(".")[0], folder)
        function = _imported(where, module, name)
        if not callable(function):
            raise ConfigurationError(
                f"module '{module}' has no function '{name}'", do="Check source.function"
            )
        return function()
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))


def _imported(where: str, module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(module), name, None)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"source.function '{where}' can't be imported",
            got=f"no module '{error.name}'",
            do="Put the module beside the configuration, or install it",
        ) from error


# Modules that came from beside a configuration: another one may have its own of that name.
_BESIDE: set[str] = set()


def _make_way(name: str, folder: Path) -> None:
    """Let the module beside the configuration be imported, whatever is loaded under its name."""
    files = [folder / f"{name}.py", folder / name / "__init__.py"]
    meant = next((file for file in files if file.exists()), None)
    if meant is None:
        return
    loaded = sys.modules.get(name)
    there = getattr(loaded, "__file__", None)
    if loaded is not None and (there is None or Path(there).resolve() != meant.resolve()):
        if name not in _BESIDE:
            raise ConfigurationError(
                f"the module of source.function, '{name}', is called as one that is installed",
                got=f"{meant.relative_to(folder)} beside the configuration, and {name} loaded",
                need="a name of its own",
                do="Rename the file, and say the new name in source.function",
            )
        for one in [one for one in sys.modules if one.partition(".")[0] == name]:
            del sys.modules[one]
        importlib.invalidate_caches()
    _BESIDE.add(name)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers that a database sends as decimals become numbers, as a file would have them."""
    from decimal import Decimal

    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise InputError(
            "the query gives several columns of one name",
            got=listing(dict.fromkeys(map(repr, twice))),
            need="a name of its own for each column",
            do="Name them in the query: SELECT a.visits AS visits_a, b.visits AS visits_b",
        )
    made = frame.copy()
    for name in made.columns:
        column = made[name]
        if column.dtype != object:
            continue
        known = [value for value in column if value is not None]
        if known and all(isinstance(value, Decimal) for value in known):
            made[name] = pd.to_numeric(column.astype(float))
    return made


def _text(value: str | None) -> str:
    return value or ""


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
