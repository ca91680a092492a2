"""From counts by day to cohorts: what is mature, since when a value is known, and its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.core.proportion import jeffreys_interval, wilson_interval
from leadlag.data.asof import read_limit
from leadlag.data.cohort import periods_after
from leadlag.data.duration import Duration
from leadlag.data.frequency import grid_for
from leadlag.data.grid import Grid
from leadlag.data.retention import DayCounts, Extent
from leadlag.data.spans import Span
from leadlag.data.timeline import Timeline
from leadlag.errors import ConfigurationError, shown, unknown_name

__all__ = [
    "INTERVALS",
    "Bounds",
    "as_dates",
    "at_constant_mix",
    "check_level",
    "cohort_grid",
    "cohort_table",
    "last_whole_day",
    "overall_table",
    "shift_of",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

INTERVALS = {"wilson": wilson_interval, "jeffreys": jeffreys_interval}
_PERIODS = ("D", "W", "M", "Q", "Y", "W-SUN")


@dataclass(frozen=True)
class Bounds:
    """How the interval of a rate is made.

    Parameters
    ----------
    method : str
        "wilson" or "jeffreys".
    level : float
        Share of the intervals that hold the true rate.
    """

    method: str = "wilson"
    level: float = 0.90

    def of(self, kept: Floats, users: Floats) -> tuple[Floats, Floats]:
        """Low and high of each rate; NaN where the count is."""
        return INTERVALS[self.method](kept, users, level=self.level)


def check_level(level: object) -> None:
    """Check the level of an interval.

    Parameters
    ----------
    level : float
        Between 0 and 1.

    Raises
    ------
    ConfigurationError
        If it is not.

    Examples
    --------
    >>> check_level(0.95)
    """
    given = 0.0 if isinstance(level, bool) or not isinstance(level, Real) else float(level)
    if not 0 < given < 1:
        raise ConfigurationError(
            "level is out of range",
            got=shown(level),
            need="the share of intervals that hold the true rate, above 0 and below 1",
            do=f"Write {given / 100:g} for {given:g} %" if 1 < given < 100 else "Pass level=0.9",
        )


def cohort_grid(period: object) -> Grid:
    """Calendar periods in which users are put together.

    Parameters
    ----------
    period : str
        "D", "W", "W-SUN", "M", "Q" or "Y".

    Returns
    -------
    Grid

    Raises
    ------
    ConfigurationError
        If it is none of these.

    Examples
    --------
    >>> cohort_grid("week").letter
    'W'
    """
    try:
        grid = grid_for(period)
    except ConfigurationError:
        grid = None
    if grid is None or grid.letter not in "DWMQY":
        raise unknown_name(
            f"period {shown(period)} is not a cohort's", period, _PERIODS, plural="Choices"
        )
    return grid


def last_whole_day(as_of: object, zone: str | None) -> int | None:
    """The last day that was over at a moment, counted from 1970-01-01.

    Parameters
    ----------
    as_of : date, datetime, str or None
        A date, or midnight, means the end of that day.
    zone : str, optional
        Time zone of the days.

    Returns
    -------
    int or None
        None where no moment was given.

    Raises
    ------
    ConfigurationError
        If it can't be read.

    Examples
    --------
    >>> last_whole_day("1970-01-03", None), last_whole_day("1970-01-03T14:05", None)
    (2, 1)
    """
    if as_of is None:
        return None
    if isinstance(as_of, pd.Timestamp) and pd.isna(as_of):
        raise ConfigurationError("as_of can't be used", got="NaT", need="a date")
    nothing = Timeline(np.empty(0, dtype="datetime64[us]"), zone=zone or "")
    limit = read_limit(as_of, nothing, "")
    return int(limit.astype("datetime64[D]").astype(np.int64)) - 1


def cohort_table(
    counts: DayCounts,
    spans: Sequence[Span],
    grid: Grid,
    extent: Extent,
    *,
    latency: int,
    bounds: Bounds,
) -> pd.DataFrame:
    """One row a cohort and window; what is not final is missing.

    Parameters
    ----------
    counts : DayCounts
        Users by first day.
    spans : sequence of Span
        Windows.
    grid : Grid
        Cohorts.
    extent : Extent
        Days of the log.
    latency : int, days
        How long after its day an event arrives.
    bounds : Bounds
        The interval of a rate.

    Returns
    -------
    DataFrame, one row a cohort and window

    Notes
    -----
    All days are whole: a value is known at the end of the day `available_at`, on which the last
    possible member of the cohort has had the last day of the window, and its events have arrived.
    """
    cohorts, place = _placed(counts, grid)
    users = _added(place, counts.users)
    start = _days(grid.starts(cohorts))
    end = _days(grid.starts(cohorts + 1)) - 1
    blocks = []
    for j, span in enumerate(spans):
        known = end + span.high + latency
        mature = known <= extent.last
        kept = np.where(mature, _added(place, counts.retained[:, j]), np.nan)
        low, high = bounds.of(kept, users)
        block: dict[str, Any] = {
            "cohort_start": as_dates(start),
            "cohort_end": as_dates(end),
            "window": [span.name] * cohorts.size,
            "n": users.astype(np.int64),
            "retained": kept,
            "rate": kept / users,
            "low": low,
            "high": high,
            "available_at": as_dates(known),
            "mature": mature,
        }
        if counts.value is not None:
            value = np.where(mature, _added(place, counts.value[:, j]), np.nan)
            block |= {"value": value, "value_per_user": value / users}
        blocks.append(pd.DataFrame(block).assign(place=np.arange(cohorts.size), span=j))
    table = pd.concat(blocks, ignore_index=True).sort_values(["place", "span"], kind="stable")
    return table.drop(columns=["place", "span"]).reset_index(drop=True)


def overall_table(
    counts: DayCounts, spans: Sequence[Span], extent: Extent, *, latency: int, bounds: Bounds
) -> pd.DataFrame:
    """One row a window, over every user whose own window is over.

    Parameters
    ----------
    counts, spans, extent, latency, bounds
        As for `cohort_table`.

    Returns
    -------
    DataFrame, indexed by window
        `n`, `retained`, `rate`, `low`, `high`.
    """
    rows = []
    for j, span in enumerate(spans):
        over = counts.day + span.high + latency <= extent.last
        n, kept = float(counts.users[over].sum()), float(counts.retained[over, j].sum())
        low, high = bounds.of(np.array([kept]), np.array([n]))
        rate = kept / n if n else np.nan
        rows.append((span.name, int(n), int(kept), rate, float(low[0]), float(high[0])))
    names = ["window", "n", "retained", "rate", "low", "high"]
    return pd.DataFrame(rows, columns=names).set_index("window")


def shift_of(span: Span, grid: Grid, latency: int) -> int:
    """Periods from a cohort's row to the row in which its value is known, the same for all.

    Parameters
    ----------
    span : Span
        Window.
    grid : Grid
        Cohorts.
    latency : int, days

    Returns
    -------
    int

    Examples
    --------
    >>> shift_of(Span(30, 1, 30), cohort_grid("W"), 0)
    5
    """
    return periods_after([Duration(float(span.high + latency), "D")], grid, ["window"])


def at_constant_mix(
    counts: DayCounts, spans: Sequence[Span], grid: Grid, extent: Extent, latency: int
) -> pd.DataFrame:
    """What the rates would be if every cohort were made up alike.

    Parameters
    ----------
    counts : DayCounts
        With groups.
    spans, grid, extent, latency
        As for `cohort_table`.

    Returns
    -------
    DataFrame, one row a cohort and window
        `rate`; `rate_at_constant_mix`, the groups' rates weighted by their share of all mature
        users; `mix_shift`, the difference: what a change in who joins does to the rate.

    Notes
    -----
    Direct standardisation (Kitagawa 1955). A group without members in a cohort takes its rate over
    all cohorts.
    """
    groups, which = np.unique(np.array(counts.group), return_inverse=True)
    cohorts, place = _placed(counts, grid)
    end = _days(grid.starts(cohorts + 1)) - 1
    rows = []
    for j, span in enumerate(spans):
        n, kept = np.zeros((2, cohorts.size, groups.size))
        np.add.at(n, (place, which), counts.users)
        np.add.at(kept, (place, which), counts.retained[:, j])
        mature = end + span.high + latency <= extent.last
        whole = n[mature].sum(axis=0)
        share = whole / max(whole.sum(), 1.0)
        usual = kept[mature].sum(axis=0) / np.maximum(whole, 1.0)
        by_group = np.where(n > 0, kept / np.maximum(n, 1.0), usual)
        rate = np.where(mature, kept.sum(axis=1) / n.sum(axis=1), np.nan)
        constant = np.where(mature, by_group @ share, np.nan)
        rows.append(
            pd.DataFrame(
                {
                    "cohort_start": as_dates(_days(grid.starts(cohorts))),
                    "window": [span.name] * cohorts.size,
                    "rate": rate,
                    "rate_at_constant_mix": constant,
                    "mix_shift": rate - constant,
                    "place": np.arange(cohorts.size),
                    "span": j,
                }
            )
        )
    table = pd.concat(rows, ignore_index=True).sort_values(["place", "span"], kind="stable")
    return table.drop(columns=["place", "span"]).reset_index(drop=True)


def as_dates(days: Ints) -> pd.DatetimeIndex:
    """Days from 1970-01-01 as dates.

    Parameters
    ----------
    days : ndarray of int, shape (n,)

    Returns
    -------
    DatetimeIndex

    Examples
    --------
    >>> as_dates(np.array([0]))[0]
    Timestamp('1970-01-01 00:00:00')
    """
    return pd.DatetimeIndex(days.astype("datetime64[D]").astype("datetime64[us]"))


def _placed(counts: DayCounts, grid: Grid) -> tuple[Ints, Ints]:
    """Numbers of the cohorts there are, and which of them each day belongs to."""
    number = grid.ordinals(counts.day.astype("datetime64[D]"))
    cohorts, place = np.unique(number, return_inverse=True)
    return cohorts, np.asarray(place, dtype=np.int64)


def _added(place: Ints, numbers: npt.NDArray[Any]) -> Floats:
    out = np.bincount(place, weights=np.asarray(numbers, dtype=np.float64))
    return np.asarray(out, dtype=np.float64)


def _days(moments: npt.NDArray[np.datetime64]) -> Ints:
    return np.asarray(moments.astype("datetime64[D]").astype(np.int64))
