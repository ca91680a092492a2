"""Files in: CSV and Parquet as a frame, and which of its columns says when."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pandas as pd

from leadlag.data.frame import read_frame
from leadlag.data.frequency import infer_grid
from leadlag.data.timeline import read_time
from leadlag.errors import InputError

_PARQUET = (".parquet", ".pq")
_TEXT = (".csv", ".tsv", ".txt")
_PACKED = (".gz", ".bz2", ".xz", ".zip")
_DELIMITERS = ",;\t|"
_COMMA_NUMBER = re.compile(r'"?-?\d+,\d+"?')

# What spreadsheets write beside ISO dates; the first two can be taken for one another.
_FORMATS = ("%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%d.%m.%Y", "%d-%m-%Y", "%b %Y", "%d %b %Y")


def read_file(path: Path, time: str | None = None) -> tuple[pd.DataFrame, str | None]:
    r"""Read a table, and find the column that says when.

    Parameters
    ----------
    path : pathlib.Path
        A Parquet file, or delimited text with a header, packed or not.
    time : str, optional
        The column that says when; by default the first one, if it can be read as dates.

    Returns
    -------
    frame : pandas.DataFrame
        Dates that are no ISO text are converted.
    time : str or None
        The column that says when; None where the rows are in order and have no dates.

    Raises
    ------
    InputError
        If the file can't be read, or its dates can be read in two ways.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "weeks.csv")
    ...     _ = path.write_text("week;visits\n05.01.2026;1,5\n12.01.2026;2,5\n")
    ...     frame, time = read_file(path)
    >>> time, frame["visits"].tolist(), str(frame["week"][1].date())
    ('week', [1.5, 2.5], '2026-01-12')
    """
    if not path.is_file():
        raise InputError(
            f"file '{path}' is not there" if not path.exists() else f"'{path}' is not a file",
            need="a CSV or Parquet file",
        )
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _PARQUET:
        frame = _read_parquet(path)
    elif any(suffix in _TEXT for suffix in suffixes[-2:]):
        frame = _read_text(path, packed=suffixes[-1] in _PACKED)
    else:
        raise InputError(
            f"'{path.name}' is not a kind of file that can be read",
            got=path.suffix or "no suffix",
            need=", ".join((*_TEXT, *_PARQUET)),
            do="Save it as CSV or Parquet",
        )
    return _with_time(frame, time)


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"'{path}' can't be read as Parquet", got=str(error)) from error
    # An index that pandas stored is a column for everyone else.
    return frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index()


def _read_text(path: Path, *, packed: bool) -> pd.DataFrame:
    try:
        first = pd.read_csv(
            path, sep="\0", header=None, nrows=20, dtype=str, quoting=csv.QUOTE_NONE, engine="c"
        )
        lines = [str(line) for line in first[0]]
        delimiter = max(_DELIMITERS, key=lambda mark: lines[0].count(mark))
        return pd.read_csv(path, sep=delimiter, decimal=_decimal(lines, delimiter))
    except pd.errors.EmptyDataError as error:
        raise InputError(f"'{path}' is empty", need="a header and one row a period") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"'{path}' is not UTF-8 text", got=str(error), do="Save it as CSV UTF-8"
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(
            f"'{path}' can't be read as {'packed ' * packed}CSV", got=str(error)
        ) from error


def _decimal(lines: list[str], delimiter: str) -> str:
    """The decimal mark: a comma where numbers have one, and the delimiter is another."""
    fields = [field for line in lines[1:] for field in line.split(delimiter)]
    return "," if any(_COMMA_NUMBER.fullmatch(field.strip()) for field in fields) else "."


def _with_time(frame: pd.DataFrame, time: str | None) -> tuple[pd.DataFrame, str | None]:
    if not len(frame.columns) or not len(frame):
        return frame, time
    name = str(frame.columns[0]) if time is None else time
    if name not in frame.columns:
        return frame, time  # the ranking knows how to say so
    column = frame[name]
    # A first column of numbers is a metric, unless it is the unnamed index that pandas writes.
    if time is None and pd.api.types.is_numeric_dtype(column) and name != "Unnamed: 0":
        return frame, None
    try:
        read_time(read_frame(frame[[name]]), name, [])
        return frame, name
    except InputError:
        converted = _converted(column)
    if converted is None:
        return frame, time
    return frame.assign(**{name: converted}), name


def _converted(column: pd.Series) -> pd.Series | None:
    """Dates that are no ISO text; None where they can't be read."""
    words = column.astype("string").str.strip()
    found = {}
    for form in _FORMATS:
        dates = pd.to_datetime(words, format=form, errors="coerce")
        if dates.notna().all():
            found[form] = dates
    if len(found) < 2:
        return next(iter(found.values()), None)
    # Of day first and month first, the one that gives regular periods is meant.
    regular = [dates for dates in found.values() if infer_grid(np.unique(dates.to_numpy()))]
    if len(regular) == 1:
        return regular[0]
    raise InputError(
        f"the dates of column '{column.name}' can be read with the day first or the month first",
        got=repr(str(words.iloc[0])),
        need="dates that can be read in one way",
        do="Write them as 2026-01-31",
    )
