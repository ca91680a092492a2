"""The regular calendar grid under the rows: which period a stamp is in, and how it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["FREQUENCIES", "STEPS", "WEEKDAYS", "Grid", "period_label", "units_of"]

Integers = npt.NDArray[np.int64]
Stamps = npt.NDArray[Any]

FREQUENCIES = {
    "h": "hours",
    "D": "days",
    "B": "business days",
    "W": "weeks",
    "M": "months",
    "Q": "quarters",
    "Y": "years",
    "period": "periods",
}
ONE = {
    "h": "hour",
    "D": "day",
    "B": "business day",
    "W": "week",
    "M": "month",
    "Q": "quarter",
    "Y": "year",
    "period": "period",
}
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
# unit and number of units of one period
STEPS = {
    "h": ("s", 3600),
    "D": ("D", 1),
    "B": ("B", 1),
    "W": ("D", 7),
    "M": ("M", 1),
    "Q": ("M", 3),
    "Y": ("M", 12),
}
LETTERS = {step: letter for letter, step in STEPS.items()}
PANDAS = {"h": "h", "D": "D", "B": "B", "W": "W", "M": "MS", "Q": "QS", "Y": "YS"}
PATTERNS = {"h": "%Y-%m-%d %H:%M", "M": "%Y-%m", "Y": "%Y"}
MONTH_DAYS = 365.2425 / 12


@dataclass(frozen=True)
class Grid:
    """Consecutive periods, each `step` units long, counted from `phase`.

    Parameters
    ----------
    unit : str
        "s" seconds, "D" days, "B" business days, "M" months, "int" plain integers.
    step : int
        Units of one period.
    phase : int
        The unit, counted from 1970-01-01, at which a period begins.
    ends : bool
        Whether the rows are stamped with the last day of their period (weeks only).

    Examples
    --------
    >>> Grid("M", 3).letter
    'Q'
    """

    unit: str
    step: int = 1
    phase: int = 0
    ends: bool = False

    @property
    def letter(self) -> str:
        """One of "h", "D", "B", "W", "M", "Q", "Y", or "period" for any other length."""
        return LETTERS.get((self.unit, self.step), "period")

    @property
    def days(self) -> float | None:
        """Mean length of a period in calendar days; None for plain integers."""
        unit = {"s": 1 / 86400, "D": 1.0, "B": 7 / 5, "M": MONTH_DAYS}.get(self.unit)
        return None if unit is None else unit * self.step

    @property
    def words(self) -> str:
        """The length of a period in words, such as "week" or "2 weeks"."""
        if self.letter != "period" or self.unit == "int":
            return ONE[self.letter]
        for size, name in ((7 * 86400, "weeks"), (86400, "days"), (3600, "hours"), (60, "minutes")):
            seconds = self.step * {"s": 1, "D": 86400}.get(self.unit, 0)
            if seconds and seconds % size == 0:
                return _count(seconds // size, name)
        return _count(self.step, "months" if self.unit == "M" else "seconds")

    @property
    def one(self) -> str:
        """One period with its article, such as "an hour", "a week" or "2 weeks"."""
        if self.words[0].isdigit():
            return self.words
        return f"{'an' if self.words == 'hour' else 'a'} {self.words}"

    def ordinals(self, stamps: Stamps) -> Integers:
        """Number of the period that each stamp is in.

        Parameters
        ----------
        stamps : ndarray, shape (n,)
            datetime64, or integers for plain periods.

        Returns
        -------
        ndarray of int, shape (n,)
            Consecutive periods have consecutive numbers.
        """
        return np.asarray((units_of(stamps, self.unit) - self.phase) // self.step, dtype=np.int64)

    def starts(self, ordinals: Integers) -> Stamps:
        """First moment of each period, datetime64[us]; the integer itself for plain periods."""
        return _moments(ordinals * self.step + self.phase, self.unit)

    def stops(self, ordinals: Integers) -> Stamps:
        """First moment after each period, datetime64[us]; Friday ends when Saturday begins."""
        if self.unit == "B":
            return self.starts(ordinals) + np.timedelta64(1, "D")
        return self.starts(ordinals + 1)

    def index(self, first: int, n: int) -> pd.DatetimeIndex | pd.RangeIndex:
        """Index of `n` periods from the one numbered `first`.

        Parameters
        ----------
        first : int
            Number of the first period.
        n : int
            How many periods.

        Returns
        -------
        pandas.DatetimeIndex or pandas.RangeIndex
            Starts of the periods; integers where the frequency is "period".
        """
        if self.unit == "int":
            start = first * self.step + self.phase
            return pd.RangeIndex(start, start + n * self.step, self.step, name="period")
        if self.letter == "period":
            return pd.RangeIndex(n, name="period")
        starts = self.starts(np.arange(first, first + n))
        name = PANDAS[self.letter]
        if name == "W":
            name = f"W-{WEEKDAYS[pd.Timestamp(starts[0]).weekday()]}"
        return pd.DatetimeIndex(starts, freq=name, name="period")

    def label(self, ordinal: int) -> str:
        """Name of a period for people.

        Parameters
        ----------
        ordinal : int
            Number of the period.

        Returns
        -------
        str
            Such as "2024-01-05", "week of 2024-01-01", "2024-Q1".
        """
        if self.unit == "int":
            return period_label(ordinal * self.step + self.phase, "period")
        moment = pd.Timestamp(self.starts(np.array([ordinal]))[0])
        if self.ends:
            return f"week ending {moment + pd.Timedelta(days=6):%Y-%m-%d}"
        if self.letter == "period":
            return f"{self.words} from {period_label(moment, 'h' if self.unit == 's' else 'D')}"
        return period_label(moment, self.letter)

    def holds(self, finer: Grid) -> bool:
        """Whether periods of the finer grid fall whole into periods of this one."""
        if "int" in (self.unit, finer.unit):
            return False
        if finer.unit == "s":
            size = self.step if self.unit == "s" else 86400
            return finer.step <= size and size % finer.step == 0 and finer.phase % finer.step == 0
        if self.unit == "s" or (self.unit == "B" and finer.unit != "B"):
            return False
        if finer.unit in "DB" and finer.step == 1:
            return True
        if finer.unit == "D":
            aligned = (finer.phase - self.phase) % finer.step == 0
            return self.unit == "D" and self.step % finer.step == 0 and aligned
        return self.unit == "M" and self.step % finer.step == 0


def period_label(stamp: pd.Timestamp | int, freq: str) -> str:
    """Name a period for people.

    Parameters
    ----------
    stamp : pandas.Timestamp or int
        Start of the period; the integer for plain periods.
    freq : str
        One of leadlag's letters.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> period_label(pd.Timestamp("2024-04-01"), "Q")
    '2024-Q2'
    >>> period_label(17, "period")
    'period 17'
    """
    if not isinstance(stamp, pd.Timestamp):
        return f"period {stamp}"
    if freq == "Q":
        return f"{stamp.year}-Q{stamp.quarter}"
    if freq == "W":
        return f"week of {stamp:%Y-%m-%d}"
    return stamp.strftime(PATTERNS.get(freq, "%Y-%m-%d"))


def units_of(stamps: Stamps, unit: str) -> Integers:
    """Count whole units from 1970-01-01 to each stamp.

    Parameters
    ----------
    stamps : ndarray, shape (n,)
        datetime64, or integers for plain periods.
    unit : str
        "s", "D", "B", "M" or "int".

    Returns
    -------
    ndarray of int, shape (n,)
        The units.

    Examples
    --------
    >>> units_of(np.array(["1970-03-31"], dtype="datetime64[us]"), "M")
    array([2])
    """
    if unit == "int":
        return np.asarray(stamps, dtype=np.int64)
    if unit == "M":
        return stamps.astype("datetime64[M]").astype(np.int64)
    if unit == "s":
        return stamps.astype("datetime64[s]").astype(np.int64)
    days = stamps.astype("datetime64[D]").astype(np.int64)
    if unit == "D":
        return days
    # 1970-01-01 was a Thursday: day -3 is a Monday. Weekends count as the Friday before.
    return (days + 3) // 7 * 5 + np.minimum((days + 3) % 7, 4)


def _moments(units: Integers, unit: str) -> Stamps:
    if unit == "int":
        return units
    if unit == "B":
        units, unit = units // 5 * 7 + units % 5 - 3, "D"
    return units.astype(f"datetime64[{unit}]").astype("datetime64[us]")


def _count(number: int, plural: str) -> str:
    return f"{number} {plural[:-1] if number == 1 else plural}"
