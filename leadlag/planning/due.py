"""By when a metric has to move, for the target to follow in time."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from leadlag.curves import moved, stamps_text
from leadlag.errors import ConfigurationError, shown

__all__ = ["Due", "due"]

# How far ahead a wanted date is looked for, in periods.
_AHEAD = 20_000


@dataclass(frozen=True)
class Due:
    """The lag of a metric as dates; missing where it has none.

    Attributes
    ----------
    lag, low, high : float, periods
        Lag of the largest response, and its interval.
    freq : str
    move_by : str or int or None
        The period in which the metric has to move, by its start.
    shows, shows_low, shows_high : str or int or None
        The period in which the target would follow, and the interval of the lag.
    late : bool
        Whether that period is already in the data: the change can't be in time.
    """

    lag: float
    low: float
    high: float
    freq: str
    move_by: str | int | None
    shows: str | int | None
    shows_low: str | int | None
    shows_high: str | int | None
    late: bool


def due(row: Mapping[str, Any], freq: str, index: list[Any], by: object) -> Due:
    """Count back from a date by a metric's lag, or forward from the end of the data.

    Parameters
    ----------
    row : mapping
        Of the table.
    freq : str
    index : list of str or int
        Starts of the periods seen.
    by : date, str, int or None
        When the change is wanted; by default the earliest it could follow.

    Returns
    -------
    Due

    Raises
    ------
    ConfigurationError
        If `by` is no date, or not after the data.
    """
    lag, low, high = (float(row[name]) for name in ("lag", "lag_low", "lag_high"))
    stamps = _index(index)
    if not lag >= 1:
        return Due(lag, low, high, freq, None, None, None, None, late=False)
    ahead = int(lag) + 1 if by is None else _periods_until(stamps, freq, by)
    at = [ahead - int(lag), ahead, ahead - int(lag) + int(low), ahead - int(lag) + int(high)]
    move_by, shows, first, last = (stamps_text(moved(stamps[-1:], freq, count))[0] for count in at)
    return Due(lag, low, high, freq, move_by, shows, first, last, late=at[0] < 1)


def _index(values: list[Any]) -> pd.Index[Any]:
    if values and isinstance(values[0], str):
        return pd.DatetimeIndex(np.array(values, dtype="M8[s]"))
    return pd.Index(np.array(values, dtype=np.int64))


def _periods_until(stamps: pd.Index[Any], freq: str, by: object) -> int:
    """Periods from the last one seen to the one that holds the date."""
    dated = isinstance(stamps, pd.DatetimeIndex)
    wanted: Any
    try:
        if dated and isinstance(by, str | datetime.date | np.datetime64):
            wanted = pd.Timestamp(by)
            wanted = wanted.tz_localize(None) if wanted.tzinfo else wanted
        elif not dated and not isinstance(by, bool) and isinstance(by, Integral):
            wanted = int(by)
        else:
            raise ValueError
    except ValueError as error:
        raise ConfigurationError(
            "by is not a date" if dated else "by is not a period",
            got=shown(by),
            need="a date such as '2026-12-31'" if dated else "the number of a period",
            do="Say when the change is wanted",
        ) from error
    low, high = 0, 1
    while moved(stamps[-1:], freq, high)[0] <= wanted and high < _AHEAD:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if moved(stamps[-1:], freq, middle)[0] <= wanted:
            low = middle
        else:
            high = middle
    if low < 1:
        raise ConfigurationError(
            "by is not after the data",
            got=shown(str(by)),
            need=f"later than {stamps_text(stamps[-1:])[0]}",
            do="Name a later date",
        )
    return low
