"""Cohorts on a calendar: one row a period, dated by cohort or by when a value was known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.grid import Grid
from leadlag.data.metric import STAMPS
from leadlag.errors import shown, unknown_name

__all__ = ["Laid", "check_stamped", "lay_out"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Laid:
    """One column to lay out.

    Parameters
    ----------
    start : ndarray of datetime64, shape (n_cohorts,)
        First days of the cohorts.
    values : ndarray, shape (n_cohorts,)
        NaN where not known.
    delay : int, periods
        From a cohort's row to the row in which its value is known.
    """

    start: npt.NDArray[np.datetime64]
    values: Floats
    delay: int


def check_stamped(stamped: object) -> None:
    """Check what the date of a row is said to mean.

    Parameters
    ----------
    stamped : str
        "cohort" or "availability".

    Raises
    ------
    ConfigurationError
        If it is neither.

    Examples
    --------
    >>> check_stamped("cohort")
    """
    if not isinstance(stamped, str) or stamped not in STAMPS:
        raise unknown_name(
            f"stamped {shown(stamped)} is not known", stamped, STAMPS, plural="Choices"
        )


def lay_out(columns: Mapping[str, Laid], grid: Grid, stamped: object, until: str) -> pd.DataFrame:
    """Lay columns out on the periods of a grid.

    Parameters
    ----------
    columns : mapping of str to Laid
        At least one, each with at least one cohort.
    grid : Grid
        Calendar of the cohorts.
    stamped : str
        "cohort" or "availability".
    until : str
        Last day that was over: no row begins after it.

    Returns
    -------
    DataFrame
        Indexed by the start of each period, none skipped.

    Raises
    ------
    ConfigurationError
        If `stamped` is neither.
    """
    check_stamped(stamped)
    late = {name: one.delay if stamped == "availability" else 0 for name, one in columns.items()}
    number = {name: grid.ordinals(one.start.astype("M8[us]")) for name, one in columns.items()}
    first = min(int(number[name].min()) + late[name] for name in columns)
    last = max(int(number[name].max()) + late[name] for name in columns)
    last = min(last, int(grid.ordinals(np.array([np.datetime64(until, "us")]))[0]))
    # Where nothing is known yet there is one row, and it is not in the future.
    first = min(first, last)
    size = last - first + 1
    out = {}
    for name, one in columns.items():
        values = np.full(size, np.nan)
        row = number[name] - first + late[name]
        inside = row < size
        values[row[inside]] = one.values[inside]
        out[name] = values
    table = pd.DataFrame(out, index=grid.index(first, size))
    table.attrs["stamped"] = stamped
    return table
