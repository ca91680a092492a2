"""When each row happened: from an index, a column, or the order of the rows."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.frame import Frame
from leadlag.data.frequency import grid_for
from leadlag.data.grid import Grid
from leadlag.data.notice import Notice
from leadlag.errors import InputError, listing, shown, unknown_name

__all__ = ["Timeline", "has_dates", "read_time"]

# What ISO 8601 writes, and the two spellings of quarters and weeks that are common beside it.
DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?([T ]\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?)?")
OFFSET = re.compile(r"\s*(Z|UTC|[+-]\d{2}(:?\d{2})?)$")
QUARTER = re.compile(r"(\d{4})[- ]?Q([1-4])")
WEEK = re.compile(r"(\d{4})-?W(\d{2})")
YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, eq=False)
class Timeline:
    """The stamp of each row, in the order of the rows.

    Parameters
    ----------
    stamps : ndarray, shape (n_rows,)
        datetime64[us] of the clock on the wall, or int64 for plain integer periods.
    universal : ndarray of datetime64[us], shape (n_rows,), or None
        The same moments in UTC, where the data have a time zone.
    zone : str or tzinfo
        The time zone; "" without one.
    name : str or None
        Name of the column or index that was read; None where it has none.
    column : str or None
        The column that was read; None for an index or the order of the rows.
    grid : Grid or None
        The grid, where the index states it (a PeriodIndex).
    """

    stamps: npt.NDArray[Any]
    universal: npt.NDArray[Any] | None = None
    zone: str | datetime.tzinfo = ""
    name: str | None = None
    column: str | None = None
    grid: Grid | None = None

    @property
    def dated(self) -> bool:
        """Whether there are dates, not plain integers."""
        return self.stamps.dtype.kind == "M"

    def only(self, rows: npt.NDArray[np.bool_]) -> Timeline:
        """Return some of the rows.

        Parameters
        ----------
        rows : ndarray of bool, shape (n_rows,)
            True for those to keep.

        Returns
        -------
        Timeline
        """
        universal = None if self.universal is None else self.universal[rows]
        return replace(self, stamps=self.stamps[rows], universal=universal)


def read_time(frame: Frame, time: object, notices: list[Notice]) -> Timeline:
    """Find out when each row happened.

    Parameters
    ----------
    frame : Frame
        The data.
    time : str or None
        A column, or the name of the index. None: a time index, else the only column of dates,
        else the order of the rows.
    notices : list of Notice
        Facts are appended.

    Returns
    -------
    Timeline
        The stamps.

    Raises
    ------
    InputError
        If stamps are missing or can't be read, or several columns could be the time.
    ConfigurationError
        If `time` is not a column.
    """
    index = frame.index
    if time is not None:
        name = str(time)
        if name in frame.names:
            return _from_column(frame, name)
        if index is not None and index.nlevels == 1 and str(index.name) == name:
            return _from_index(index)
        raise unknown_name(f"time {shown(time)} is not a column", time, frame.names)
    if index is not None and index.nlevels > 1:
        raise InputError(
            "the rows are labelled by several levels",
            got=f"an index with {index.nlevels} levels",
            need="one row a period",
            do="Move the other levels into columns (unstack), or reset_index() and pass time=",
        )
    if index is not None and _tells_time(index):
        return _from_index(index)
    return _from_only_dates(frame, notices)


def has_dates(frame: Frame) -> bool:
    """Tell whether the index or a column says when the rows happened.

    Parameters
    ----------
    frame : Frame
        The data.

    Returns
    -------
    bool

    Examples
    --------
    >>> from leadlag.data.frame import read_frame
    >>> has_dates(read_frame(pd.DataFrame({"visits": [3, 4]}, index=["2024-01", "2024-02"])))
    True
    >>> has_dates(read_frame(pd.DataFrame({"visits": [3, 4]}, index=["before", "after"])))
    False
    """
    index = frame.index
    if index is not None and index.nlevels == 1 and _tells_time(index):
        return True
    return bool(frame.dates()) or any(_all_iso(frame.table[name]) for name in frame.texts())


def _from_only_dates(frame: Frame, notices: list[Notice]) -> Timeline:
    dates = frame.dates()
    if not dates:
        dates = [name for name in frame.texts() if _all_iso(frame.table[name])]
    if len(dates) > 1:
        raise InputError(
            "several columns could be the time",
            got=listing(dates),
            do=f"Pass time={dates[0]!r}, or drop them to take the rows in order as plain periods",
        )
    if dates:
        text = f"Column '{dates[0]}' holds the only dates and was taken as the time."
        notices.append(Notice("time_column", text))
        return _from_column(frame, dates[0])
    index = frame.index
    if index is not None and not _is_integer(index):
        raise InputError(
            "the row labels are neither dates nor integers",
            got=f"labels such as {listing(map(repr, index[:2].tolist()))}",
            need="dates, integers, or a column of dates",
            do="Pass time='<column>', or reset_index(drop=True) to take the rows in order",
        )
    text = "There are no dates: "
    if index is None or isinstance(index, pd.RangeIndex):
        text += "the rows were taken in order, as plain consecutive periods."
    else:
        text += "the integer labels of the rows were taken as plain periods."
    notices.append(Notice("no_dates", text))
    return Timeline(np.arange(len(frame), dtype=np.int64)) if index is None else _from_index(index)


def _from_column(frame: Frame, name: str) -> Timeline:
    series = frame.table[name]
    native = series.to_native()
    if isinstance(native, pd.Series) and isinstance(
        native.dtype, (pd.PeriodDtype, pd.DatetimeTZDtype)
    ):
        return replace(_from_index(pd.Index(native)), name=name, column=name)
    kind = series.dtype
    shown = f"'{name}'"
    if isinstance(kind, nw.Datetime) and kind.time_zone:
        universal = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        wall = series.dt.replace_time_zone(None)
        timeline = Timeline(_moments(wall), _moments(universal), kind.time_zone, name, name)
        return _checked(timeline, shown)
    if kind in (nw.Date, nw.Datetime):
        return _checked(Timeline(_moments(series), name=name, column=name), shown)
    values = pd.Index(series.to_list(), dtype=object)
    return replace(_from_values(values, shown), name=name, column=name)


def _from_index(index: pd.Index[Any]) -> Timeline:
    name = None if index.name is None else str(index.name)
    return replace(_from_labels(index, f"'{name}'" if name else "the index"), name=name)


def _from_labels(index: pd.Index[Any], shown: str) -> Timeline:
    if isinstance(index, pd.PeriodIndex):
        _reject_missing(np.asarray(index.isna()), shown)
        stamps = _micro(index.to_timestamp(how="start"))
        letter = index.freqstr if index.freqstr.startswith("W") else index.freqstr.split("-")[0]
        plain = (
            letter in ("h", "D", "B", "M", "Q", "Y", "ME", "QE", "YE") or letter != index.freqstr
        )
        known = plain or letter.startswith("W-")
        return Timeline(stamps, grid=grid_for(letter, stamps) if known else None)
    if isinstance(index, pd.DatetimeIndex):
        if index.tz is None:
            return _checked(Timeline(_micro(index)), shown)
        universal = index.tz_convert("UTC").tz_localize(None)
        wall = index.tz_localize(None)
        return _checked(Timeline(_micro(wall), _micro(universal), index.tz), shown)
    return _from_values(index, shown)


def _from_values(values: pd.Index[Any], shown: str) -> Timeline:
    """Read integers, text and Python dates."""
    _reject_missing(np.asarray(values.isna()), shown)
    if _is_integer(values):
        return Timeline(np.asarray(values, dtype=np.int64))
    words = [str(value).strip() for value in values]
    for read in (_read_days, _read_quarters, _read_weeks):
        found = read(words)
        if found is not None:
            return found
    bad = next((word for word in words if not DAY.fullmatch(OFFSET.sub("", word))), words[0])
    raise InputError(
        f"{shown} can't be read as the time",
        got=repr(bad),
        need="dates, integers, or ISO text such as 2024-01-31, 2024-01, 2024-Q1 or 2024-W05",
        do="Convert it first, such as pandas.to_datetime(column, format='%d/%m/%Y')",
    )


def _read_days(words: list[str]) -> Timeline | None:
    bare = [OFFSET.sub("", word) if len(word) > 10 else word for word in words]
    years = all(YEAR.fullmatch(word) for word in bare)
    if not years and not all(DAY.fullmatch(word) for word in bare):
        return None
    try:
        wall = pd.to_datetime(bare, format="%Y" if years else "ISO8601")
        if bare == words:
            return Timeline(_micro(wall))
        universal = pd.to_datetime(words, format="ISO8601", utc=True).tz_localize(None)
    except ValueError:
        return None
    # Without the name of a zone there are only offsets, which change with the season.
    return Timeline(_micro(wall), _micro(universal), "offsets from UTC")


def _read_quarters(words: list[str]) -> Timeline | None:
    found = [QUARTER.fullmatch(word) for word in words]
    starts = [f"{m[1]}-{3 * int(m[2]) - 2:02d}" for m in found if m]
    if len(starts) < len(words):
        return None
    return Timeline(np.array(starts, dtype="datetime64[us]"), grid=grid_for("Q"))


def _read_weeks(words: list[str]) -> Timeline | None:
    found = [WEEK.fullmatch(word) for word in words]
    mondays = [f"{m[1]}-W{m[2]}-1" for m in found if m]
    if len(mondays) < len(words):
        return None
    try:
        stamps = pd.to_datetime(mondays, format="%G-W%V-%u")
    except ValueError:
        return None
    return Timeline(_micro(stamps), grid=grid_for("W"))


def _all_iso(series: nw.Series[Any]) -> bool:
    words = [str(value).strip() for value in series.to_list() if value is not None]
    # A bare year could as well be a count: it is read only when named as the time.
    patterns = (DAY, QUARTER, WEEK)
    return len(words) == len(series) and any(
        all(pattern.fullmatch(OFFSET.sub("", word) if len(word) > 10 else word) for word in words)
        for pattern in patterns
    )


def _tells_time(index: pd.Index[Any]) -> bool:
    if isinstance(index, (pd.DatetimeIndex, pd.PeriodIndex)):
        return True
    index = index.dropna()  # rows without a time are reported later, by number
    if _is_integer(index):
        return index.name is not None  # unnamed integers are what sorting and filtering leave
    words = [str(value).strip() for value in index[:50]]
    patterns = (DAY, QUARTER, WEEK, YEAR)
    return all(any(p.match(word) for p in patterns) for word in words)


def _is_integer(values: pd.Index[Any]) -> bool:
    if pd.api.types.is_integer_dtype(values.dtype):
        return True
    if pd.api.types.is_float_dtype(values.dtype):
        return bool((np.asarray(values, dtype=np.float64) % 1 == 0).all())
    if values.dtype != object:
        return False
    return all(
        isinstance(value, (int, float, np.integer, np.floating))
        and not isinstance(value, bool)
        and float(value).is_integer()
        for value in values
    )


def _checked(timeline: Timeline, shown: str) -> Timeline:
    _reject_missing(np.isnat(timeline.stamps), shown)
    return timeline


def _reject_missing(missing: npt.NDArray[np.bool_], shown: str) -> None:
    if missing.any():
        rows = np.flatnonzero(missing)
        raise InputError(
            f"{shown} has rows without a time",
            got=f"{len(rows)} missing of {len(missing)} (rows {listing(rows, limit=3)})",
            need="a time for every row",
            do="Fill in their dates, or drop those rows",
        )


def _moments(series: nw.Series[Any]) -> npt.NDArray[Any]:
    return np.asarray(series.cast(nw.Datetime("us")).to_numpy()).astype("datetime64[us]")


def _micro(index: pd.DatetimeIndex) -> npt.NDArray[Any]:
    return np.asarray(index.to_numpy()).astype("datetime64[us]")
