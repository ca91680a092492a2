"""A long frame with a key, or several, as one frame a segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.frame import Frame
from leadlag.errors import ConfigurationError, InputError, shown, unknown_name

__all__ = ["Split", "keys_of", "split_frame"]


@dataclass(frozen=True, eq=False)
class Split:
    """Rows by segment.

    Attributes
    ----------
    by : tuple of str
        The key's columns.
    labels : tuple
        One a segment, in order: its value, or the values of several columns joined by " / ".
    rows : tuple of ndarray of int
        Positions of each segment's rows.
    without : int
        Rows whose key is missing; they are in no segment.
    """

    by: tuple[str, ...]
    labels: tuple[Any, ...]
    rows: tuple[npt.NDArray[np.int64], ...]
    without: int

    def blocks(self, frame: Frame) -> Iterator[object]:
        """Frames of the library that was given, one a segment, without the key.

        Parameters
        ----------
        frame : Frame

        Yields
        ------
        dataframe
        """
        table = frame.table.drop(list(self.by))
        for rows in self.rows:
            block = table[rows.tolist(), :].to_native()
            if frame.index is not None and isinstance(block, pd.DataFrame):
                block = block.set_axis(frame.index[rows], axis="index")
            yield block


def keys_of(by: object, frame: Frame, taken: Sequence[str | None]) -> tuple[str, ...]:
    """Read the names of the key's columns.

    Parameters
    ----------
    by : str or sequence of str
    frame : Frame
    taken : sequence of str or None
        Columns with another part to play, such as the target.

    Returns
    -------
    tuple of str

    Raises
    ------
    ConfigurationError
        If a name is no column, or has another part to play.
    """
    names = [by] if isinstance(by, str) else list(by) if isinstance(by, Sequence) else []
    if not names or not all(isinstance(name, str) for name in names):
        raise ConfigurationError(
            "by names no column",
            got=shown(by),
            need="the column that says which segment a row belongs to, or a list of them",
            do="Pass by='country' or by=['country', 'plan']",
        )
    for name in names:
        if name not in frame.names:
            raise unknown_name(f"by {shown(name)} is not a column", name, frame.names)
        if name in taken:
            raise ConfigurationError(
                f"'{name}' can't be both by and the target or the time",
                do="Name a column that says which segment a row belongs to",
            )
    return tuple(dict.fromkeys(names))


def split_frame(frame: Frame, by: tuple[str, ...]) -> Split:
    """Find the rows of each segment.

    Parameters
    ----------
    frame : Frame
    by : tuple of str
        Columns of the frame.

    Returns
    -------
    Split
        Segments in the order of their labels.

    Raises
    ------
    InputError
        If no row has a key.

    Examples
    --------
    >>> from leadlag.data.frame import read_frame
    >>> frame = read_frame(pd.DataFrame({"x": [1, 2, 3], "country": ["SE", "DE", "SE"]}))
    >>> made = split_frame(frame, ("country",))
    >>> made.labels, [rows.tolist() for rows in made.rows]
    (('DE', 'SE'), [[1], [0, 2]])
    """
    columns = [[_plain(value) for value in _values(frame.table[name])] for name in by]
    found: dict[Any, list[int]] = {}
    without = 0
    for i, key in enumerate(zip(*columns, strict=True)):
        if any(part is None for part in key):
            without += 1
            continue
        label = key[0] if len(key) == 1 else " / ".join(map(str, key))
        found.setdefault(label, []).append(i)
    if not found:
        raise InputError(
            "no row belongs to a segment",
            got=f"{len(frame)} rows without a value in {' and '.join(by)}",
            need="at least one segment",
        )
    # Numbers by size, all else by its text: an order that doesn't depend on the rows' own.
    numbers = all(isinstance(label, int | float) for label in found)
    labels = sorted(found) if numbers else sorted(found, key=str)
    rows = tuple(np.array(found[label], dtype=np.int64) for label in labels)
    return Split(by, tuple(labels), rows, without)


def _values(series: nw.Series[Any]) -> list[Any]:
    return series.to_list()


def _plain(value: Any) -> Any:
    """A label that JSON and an index can hold; None where it is missing."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    if isinstance(value, str | bool):
        return str(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return str(value)
