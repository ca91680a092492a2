"""The rows of each segment, and how many rows belong to none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import narwhals.stable.v2 as nw

from leadlag.errors import ConfigurationError, InsufficientDataError, unknown_name
from leadlag.job.config import Config

__all__ = ["segments", "unplaced"]


def segments(config: Config, data: Any, time: str | None) -> Iterator[tuple[str | None, Any]]:
    """Take the rows of each segment, in the order of their names; all rows where there is none.

    Parameters
    ----------
    config : Config
    data : dataframe
    time : str or None
        The column that says when.

    Yields
    ------
    tuple of (str or None, dataframe)
        The segment's name and its rows.

    Raises
    ------
    ConfigurationError
        If the segment is not a column, or is the target or the time.
    InsufficientDataError
        If no row has a value in it.
    """
    column = config.segment
    if column is None:
        yield None, data
        return
    frame = _collected(data)
    if column not in frame.columns:
        raise unknown_name(f"segment '{column}' is not a column", column, frame.columns)
    for role, names in (("the target", config.targets), ("the time", [time])):
        if column in names:
            raise ConfigurationError(
                f"segment '{column}' is {role}",
                need="a column whose values are shared by many rows, such as a country",
                do="Name another column, or leave segment out",
            )
    values = frame[column].drop_nulls().unique().to_list()
    if not values:
        raise InsufficientDataError(
            f"the segment '{column}' has no values",
            got=f"{len(frame):,} rows without one",
            need="a value in each row: its segment",
            do="Fill the column in, or leave segment out",
        )
    for value in sorted(values, key=str):
        rows = frame.filter(nw.col(column) == value).drop(column)
        yield _called(value), rows.to_native()


def _called(value: object) -> str:
    """A segment's name: one row without a number makes floats of all of them, and 3 is still 3."""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def unplaced(config: Config, data: Any) -> list[str]:
    """Say how many rows belong to no segment.

    Parameters
    ----------
    config : Config
    data : dataframe

    Returns
    -------
    list of str
        One sentence, or none.
    """
    if config.segment is None:
        return []
    values = _collected(data)[config.segment]
    lost = int(values.is_null().sum())
    if not lost:
        return []
    words = "1 row has" if lost == 1 else f"{lost:,} rows have"
    return [f"{words} no value in the segment '{config.segment}', and are on no page."]


def _collected(data: Any) -> nw.DataFrame[Any]:
    frame = nw.from_native(data)
    return frame.collect() if isinstance(frame, nw.LazyFrame) else frame
