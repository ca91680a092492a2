"""Files in: CSV and Parquet as a frame, and which of its columns says when."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

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
# Before 3.1 pandas is now and then a last digit off unless it is asked; from then on it never is,
# and the question is deprecated.
_ASKED = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)
_EXACT: dict[str, Any] = {"float_precision": "round_trip"} if _ASKED else {}
_RAGGED = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
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
            got="a folder" if path.is_dir() else "no such file",
            need="a CSV or Parquet file",
            do="Check the path",
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
    return with_time(frame, time)


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, "Parquet", error) from error
    # An index that pandas stored is a column for everyone else.
    return frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index()


def _read_text(path: Path, *, packed: bool) -> pd.DataFrame:
    try:
        lines = _first_lines(path)
        delimiter = max(_DELIMITERS, key=lambda mark: lines[0].count(mark))
        frame: pd.DataFrame = pd.read_csv(
            path, sep=delimiter, decimal=_decimal(lines, delimiter), **_EXACT
        )
    except InputError:
        raise
    except pd.errors.EmptyDataError as error:
        raise InputError(
            f"'{path}' is empty",
            got="no line of text",
            need="a header and one row a period",
            do="Export it again",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"'{path}' is not UTF-8 text", got=str(error), need="UTF-8", do="Save it as CSV UTF-8"
        ) from error
    except pd.errors.ParserError as error:
        found = _RAGGED.search(str(error))
        if found is None:
            raise _unreadable(path, f"{'packed ' * packed}CSV", error) from error
        raise _ragged(path, int(found[2]), int(found[3]), int(found[1])) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, f"{'packed ' * packed}CSV", error) from error
    fields = len(next(csv.reader(lines[1:2], delimiter=delimiter), []))
    if fields > len(frame.columns):
        # Of a field more than names in the very first row, pandas makes labels.
        raise _ragged(path, 2, fields, len(frame.columns))
    return frame


def _first_lines(path: Path) -> list[str]:
    try:
        first = pd.read_csv(
            path, sep="\0", header=None, nrows=20, dtype=str, quoting=csv.QUOTE_NONE, engine="c"
        )
    except pd.errors.ParserError:
        first = None
    if first is None or first.shape[1] > 1:
        raise InputError(
            f"'{path}' is not UTF-8 text",
            got="zero bytes, as in UTF-16",
            need="UTF-8",
            do="Save it as CSV UTF-8",
        )
    return [str(line) for line in first[0]]


def _ragged(path: Path, line: int, fields: int, named: int) -> InputError:
    return InputError(
        f"line {line} of '{path}' has more fields than the lines before it",
        got=f"{fields} fields after {named}",
        need="as many fields in each line as the header has names",
        do="Put quotes around text that holds the delimiter, or name the extra column",
    )


def _unreadable(path: Path, kind: str, error: Exception) -> InputError:
    if isinstance(error, PermissionError):
        return InputError(
            f"'{path}' can't be read", got=error.strerror, need="the right to read it",
            do="Check its owner and mode",
        )  # fmt: skip
    return InputError(
        f"'{path}' can't be read as {kind}",
        got=str(error),
        need=f"a {kind} file with a header and one row a period",
        do="Open it to see what it holds, and export it again",
    )


def _decimal(lines: list[str], delimiter: str) -> str:
    """The decimal mark: a comma where numbers have one, and the delimiter is another."""
    fields = [field for line in lines[1:] for field in line.split(delimiter)]
    return "," if any(_COMMA_NUMBER.fullmatch(field.strip()) for field in fields) else "."


def with_time(frame: pd.DataFrame, time: str | None) -> tuple[pd.DataFrame, str | None]:
    """Find the column of a table that says when, and read its dates.

    Parameters
    ----------
    frame : pandas.DataFrame
    time : str, optional
        The column; by default the first one, if it can be read as dates.

    Returns
    -------
    frame : pandas.DataFrame
    time : str or None
        None where the rows are in order and have no dates.
    """
    if not len(frame.columns) or not len(frame):
        return frame, time
    name = str(frame.columns[0]) if time is None else time
    if name not in frame.columns:
        return frame, time  # the ranking knows how to say so
    column = frame[name]
    numbered = name == "Unnamed: 0" and pd.api.types.is_integer_dtype(column)
    if time is None and numbered and len(frame.columns) > 1:
        rest, found = _dated(frame.drop(columns=name))
        if found is not None:
            return rest, found  # the numbers of rows that pandas writes say nothing beside dates
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


def _dated(frame: pd.DataFrame) -> tuple[pd.DataFrame, str | None]:
    """The column of dates: the first one, else the only one."""
    frame, found = with_time(frame, None)
    if found is None:
        found = read_time(read_frame(frame), None, []).column
    return frame, found


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
