"""By which clock and on which grid the rows are counted."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.frequency import grid_for, infer_grid, infer_integers
from leadlag.data.grid import FREQUENCIES, WEEKDAYS, Grid
from leadlag.data.notice import Notice
from leadlag.data.timeline import Timeline
from leadlag.errors import ConfigurationError, InputError, listing

__all__ = ["Clock", "choose_grids", "pick_clock", "say_clock"]

Stamps = npt.NDArray[Any]
HOUR = np.timedelta64(3600, "s")


@dataclass(frozen=True, eq=False)
class Clock:
    """The stamps that periods are counted by.

    Parameters
    ----------
    stamps : ndarray, shape (n_rows,)
        datetime64[us], or int64 for plain integer periods.
    zone : str or tzinfo
        The time zone, where the stamps are in UTC; "" where they are on the local clock.
    """

    stamps: Stamps
    zone: str | datetime.tzinfo = ""

    def local(self, moments: Stamps) -> Stamps:
        """Moments of this clock on the local clock."""
        if not self.zone:
            return moments
        there = pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(self.zone)
        return np.asarray(there.tz_localize(None).to_numpy()).astype("datetime64[us]")


def pick_clock(timeline: Timeline) -> Clock:
    """Count hours in UTC, days and longer on the local clock.

    Parameters
    ----------
    timeline : Timeline
        When each row happened.

    Returns
    -------
    Clock
        On the local clock an hour comes twice when summer time ends; in UTC it never does.
    """
    if timeline.universal is None:
        return Clock(timeline.stamps)
    unique = np.unique(timeline.universal)
    if len(unique) < 2 or np.median(np.diff(unique)) > 20 * HOUR:
        return Clock(timeline.stamps)
    # Without the name of a zone nothing says when its clocks change: its days are those of UTC.
    zone = "UTC" if timeline.zone == "offsets from UTC" else timeline.zone
    return Clock(timeline.universal, zone)


def say_clock(timeline: Timeline, clock: Clock, notices: list[Notice]) -> None:
    """Tell what became of the time zone.

    Parameters
    ----------
    timeline : Timeline
        When each row happened.
    clock : Clock
        By which periods are counted.
    notices : list of Notice
        A notice is appended where there is a time zone.
    """
    if not timeline.zone:
        return
    text = f"Days are those of the local clock ({timeline.zone}); the time zone was then dropped."
    if clock.zone:
        text = (
            f"Hours are counted in UTC, converted from {timeline.zone}, "
            "so that no hour is lost or doubled when clocks change."
        )
    notices.append(Notice("time_zone", text))


def choose_grids(
    timeline: Timeline, unique: Stamps, freq: str | None, notices: list[Notice]
) -> tuple[Grid | None, Grid]:
    """Find the grid of the data and the grid that is wanted.

    Parameters
    ----------
    timeline : Timeline
        When each row happened.
    unique : ndarray
        The clock's stamps, sorted, each once.
    freq : str or None
        The frequency that is wanted; None for that of the data.
    notices : list of Notice
        Facts are appended.

    Returns
    -------
    native : Grid or None
        That of the data; None where they are irregular.
    grid : Grid
        That of the panel: the same, or a coarser one.

    Raises
    ------
    InputError
        If the rows are irregular and no frequency is given.
    ConfigurationError
        If the frequency is unknown, finer than the data, or cuts their periods in two.
    """
    if len(unique) < 2:
        rows = len(timeline.stamps)
        raise InputError(
            "all rows have the same time" if rows > 1 else "there is only one row",
            got=f"{rows} rows" if rows > 1 else "one row",
            need="a row for each of many periods",
            do="Pass the column that says when as time=, or supply more history",
        )
    if not timeline.dated:
        if freq not in (None, "period"):
            raise ConfigurationError(
                "freq needs dates",
                got=f"freq={freq!r} with plain integer periods",
                do="Pass the column of dates as time=, or leave freq out",
            )
        integers = infer_integers(unique)
        if integers.step > 1:
            text = f"Periods are {integers.step} apart; one step of {integers.step} is one period."
            notices.append(Notice("step", text))
        return integers, integers
    native = timeline.grid or infer_grid(unique)
    if freq is None:
        if native is None:
            gaps = np.diff(unique)
            raise InputError(
                "the rows are not regularly spaced",
                got=f"a typical step of {pd.Timedelta(np.median(gaps))}, from "
                f"{pd.Timedelta(gaps.min())} to {pd.Timedelta(gaps.max())}",
                need="hours, days, weeks, months, quarters or years with at least half present",
                do="Pass freq= (and aggregate= where several rows share a period)",
            )
        _say(native, unique, notices)
        return native, native
    wanted = grid_for(freq, unique)
    if native is None:
        return None, wanted
    if wanted.letter == native.letter and (wanted.letter != "W" or "-" not in freq):
        _say(native, unique, notices)
        return native, native
    if wanted == native or (wanted.letter, native.letter) in (("D", "B"), ("W", "W")):
        return wanted, wanted
    if wanted.holds(native):
        return native, wanted
    finer = (wanted.days or 0.0) < (native.days or 0.0)
    raise ConfigurationError(
        f"freq={freq!r} is finer than the data" if finer
        else f"freq={freq!r} would cut periods of the data in two",
        got=f"one row {native.one}" if native.one[0] == "a" else f"one row every {native.one}",
        need=f"freq= of {FREQUENCIES.get(native.letter, native.words)} or coarser, made of whole "
        "ones",
        do="Leave freq out, or supply finer data",
    )  # fmt: skip


def _say(grid: Grid, unique: Stamps, notices: list[Notice]) -> None:
    if grid.letter == "B":
        text = "There are no rows on weekends: periods are business days, Monday to Friday."
        notices.append(Notice("business_days", text))
    elif grid.letter == "period":
        text = f"Rows are {grid.words} apart: one period is {grid.words}."
        notices.append(Notice("step", text))
    elif grid.ends:
        day = WEEKDAYS[pd.Timestamp(unique[0]).weekday()].capitalize()
        text = (
            f"Weeks are stamped {day}, read as their last day. If it is their first, "
            f"pass freq='W-{WEEKDAYS[(pd.Timestamp(unique[0]).weekday() - 1) % 7]}'."
        )
        notices.append(Notice("week_end", text))
    elif grid.letter == "W" and len(np.unique(np.diff(unique.astype("datetime64[D]")))) > 1:
        stamps = unique.astype("datetime64[D]").astype(np.int64)
        if (stamps % 7 != stamps[0] % 7).any():
            days = listing(WEEKDAYS[int(day)].capitalize() for day in np.unique((stamps + 3) % 7))
            text = f"Weeks are stamped on different weekdays ({days}); each counts as its week."
            notices.append(Notice("week_days", text))
