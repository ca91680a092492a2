"""Lengths of time as people write them: ``90`` is periods, ``"90D"`` is days."""

from __future__ import annotations

import datetime
import math
import operator
import re
from dataclasses import dataclass

import pandas as pd

from leadlag.errors import CatalogError, ConfigurationError

__all__ = ["Duration", "parse_duration", "to_periods"]

# Days of one unit; a month is a twelfth of the mean Gregorian year.
DAYS = {"h": 1 / 24, "D": 1.0, "W": 7.0, "M": 365.2425 / 12, "Q": 365.2425 / 4, "Y": 365.2425}
MONTHS = {"M": 1, "Q": 3, "Y": 12}
SPELLINGS = {
    **dict.fromkeys(("h", "H", "hour", "hours"), "h"),
    **dict.fromkeys(("D", "d", "day", "days"), "D"),
    **dict.fromkeys(("W", "w", "week", "weeks"), "W"),
    **dict.fromkeys(("M", "m", "month", "months", "mo"), "M"),
    **dict.fromkeys(("Q", "q", "quarter", "quarters"), "Q"),
    **dict.fromkeys(("Y", "y", "year", "years"), "Y"),
}
WRITTEN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")


@dataclass(frozen=True)
class Duration:
    """A length of time.

    Parameters
    ----------
    count : float
        How many units.
    unit : str
        ``"period"``, ``"h"``, ``"D"``, ``"W"``, ``"M"``, ``"Q"`` or ``"Y"``.

    Examples
    --------
    >>> Duration(90.0, "D").count
    90.0
    """

    count: float
    unit: str

    def after(self, moments: pd.DatetimeIndex) -> pd.DatetimeIndex:
        """Moments this much later; months keep the day of the month where it exists.

        Parameters
        ----------
        moments : pandas.DatetimeIndex
            Where to count from.

        Returns
        -------
        pandas.DatetimeIndex
            The later moments.

        Examples
        --------
        >>> Duration(1.0, "M").after(pd.DatetimeIndex(["2024-01-31"])).day.tolist()
        [29]
        """
        if self.unit in MONTHS and self.count.is_integer():
            return moments + pd.DateOffset(months=int(self.count) * MONTHS[self.unit])
        return moments + pd.Timedelta(days=self.count * DAYS[self.unit])


def parse_duration(value: object, *, field: str = "duration") -> Duration:
    """Read a length of time.

    Parameters
    ----------
    value : int, str or timedelta
        An integer is periods; a string is a number and a unit, such as ``"90D"``.
    field : str
        The name of the field, for the error.

    Returns
    -------
    Duration
        The length.

    Raises
    ------
    CatalogError
        If the value can't be read, or is negative.

    Examples
    --------
    >>> parse_duration("4W")
    Duration(count=4.0, unit='W')
    >>> parse_duration(3)
    Duration(count=3.0, unit='period')
    """
    if isinstance(value, datetime.timedelta):
        days = value.total_seconds() / 86400
        if days >= 0:
            return Duration(days, "D") if days.is_integer() else Duration(days * 24, "h")
    elif isinstance(value, str):
        match = WRITTEN.fullmatch(value)
        if match and match[2] in SPELLINGS:
            return Duration(float(match[1]), SPELLINGS[match[2]])
    elif not isinstance(value, bool):
        try:
            periods = operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            periods = -1
        if periods >= 0:
            return Duration(float(periods), "period")
    raise CatalogError(
        f"{field} is not a length of time",
        got=repr(value),
        need="an integer (periods) or a number with a unit from h, D, W, M, Q, Y",
        do='Write it as 90, "90D", "4W" or "3M"',
    )


def to_periods(duration: Duration, period_days: float | None, *, field: str = "duration") -> float:
    """Express a length of time in periods.

    Parameters
    ----------
    duration : Duration
        The length.
    period_days : float or None
        Days of one period; None for plain integer periods, which have no length in days.
    field : str
        The name of the field, for the error.

    Returns
    -------
    float
        The number of periods, not rounded to whole ones.

    Raises
    ------
    ConfigurationError
        If the length is in days but the periods are plain integers.

    Examples
    --------
    >>> to_periods(Duration(14.0, "D"), 7.0)
    2.0
    """
    if duration.unit == "period":
        return duration.count
    if period_days is None:
        raise ConfigurationError(
            f"{field} is given in units of time but the rows are plain integer periods",
            got=f"{duration.count:g}{duration.unit}",
            need="an integer number of periods",
            do="Write the length as an integer, or supply dates with time=",
        )
    periods = duration.count * DAYS[duration.unit] / period_days
    # In floats 3 months may be 3.0000000000000004 periods of a month, which would round up to 4.
    return float(round(periods)) if math.isclose(periods, round(periods), rel_tol=1e-9) else periods
