"""Leading metrics moved by their lags, aligned with the dates of the target that they precede."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.frame import Frame, read_frame
from leadlag.data.frequency import grid_for, infer_grid, infer_integers
from leadlag.data.grid import Grid
from leadlag.data.timeline import Timeline, read_time
from leadlag.errors import InputError, unknown_name

Integers = npt.NDArray[np.int64]
Stamps = npt.NDArray[Any]


def shifted(
    data: object, lags: Mapping[str, int], *, freq: str, time: str | None = None
) -> pd.DataFrame:
    """Move each column by its lag, in calendar periods.

    Parameters
    ----------
    data : dataframe
        One row a period, in any order; rows may be missing.
    lags : mapping
        Column to its lag, in periods.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".
    time : str, optional
        The column that says when; by default the index, or the only column of dates.

    Returns
    -------
    pandas.DataFrame
        One column a key of `lags`, in their order; indexed by the data's own stamps and, past
        their end, by stamps of the same kind.

    Raises
    ------
    ConfigurationError
        If a column is not there.
    InputError
        If the rows are not one a period.

    Examples
    --------
    >>> import pandas as pd
    >>> months = pd.DatetimeIndex(["2025-01-31", "2025-02-28"])
    >>> frame = pd.DataFrame({"visits": [5.0, 7.0]}, index=months)
    >>> shifted(frame, {"visits": 1}, freq="M")
                visits
    2025-01-31     NaN
    2025-02-28     5.0
    2025-03-31     7.0
    """
    frame = read_frame(data)
    timeline = read_time(frame, time, [])
    order = np.argsort(timeline.stamps, kind="stable")
    stamps = timeline.stamps[order]
    grid = _grid(timeline, stamps, freq)
    rows = grid.ordinals(stamps)
    _check_one_a_period(rows, stamps, grid)
    numbers = np.unique(np.concatenate([rows, *(rows + lag for lag in lags.values())]))
    columns: dict[str, Any] = {}
    for name, lag in lags.items():
        columns[name] = np.full(len(numbers), np.nan)
        columns[name][np.searchsorted(numbers, rows + lag)] = _values(frame, name)[order]
    index = pd.Index(_stamps(numbers, rows, stamps, grid), name=timeline.name)
    return pd.DataFrame(columns, index=index, columns=list(lags))


def _grid(timeline: Timeline, stamps: Stamps, freq: str) -> Grid:
    if timeline.grid is not None:
        return timeline.grid
    different = np.unique(stamps)
    if len(different) > 1 and freq == "period":
        # A length without a letter, such as two weeks, or plain numbers.
        found = infer_grid(different) if timeline.dated else infer_integers(different)
        if found is not None:
            return found
    if not timeline.dated:
        return Grid("int")
    return grid_for("D" if freq == "period" else freq, stamps)


def _check_one_a_period(rows: Integers, stamps: Stamps, grid: Grid) -> None:
    twice = np.flatnonzero(np.diff(rows) == 0)
    if len(twice):
        raise InputError(
            "two rows are in one period of the ranking",
            got=f"{stamps[twice[0]]} and {stamps[twice[0] + 1]}",
            need=f"one row a {grid.words}",
            do="Aggregate the data as they were aggregated for the ranking",
        )


def _values(frame: Frame, name: str) -> npt.NDArray[np.float64]:
    if name not in frame.names:
        raise unknown_name(f"metric {name!r} is not a column", name, frame.names)
    column = frame.column(name)
    if column.values is None:
        raise InputError(f"column {name!r} {column.reason}")
    return column.values


def _stamps(numbers: Integers, rows: Integers, stamps: Stamps, grid: Grid) -> Stamps:
    """The data's own stamps where there are some, elsewhere the same place in a period."""
    starts = grid.starts(numbers)
    place = stamps - grid.starts(rows)
    if (place == place[0]).all():
        out = starts + place[0]
    elif (stamps.astype("M8[D]") + np.timedelta64(1, "D") == grid.stops(rows)).all():
        out = grid.stops(numbers) - np.timedelta64(1, "D")
    else:
        out = starts
    out[np.searchsorted(numbers, rows)] = stamps
    return np.asarray(out)
