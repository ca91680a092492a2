"""Periods and spans of days as people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from leadlag.data.grid import period_label
from leadlag.wording.words import span_text

__all__ = ["between", "dated", "label"]

# What a period is called in tables and files: a day with or without an hour, a quarter, a month.
_DAY = re.compile(r"(?<![\w-])(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d))?(?![\w-])")
_QUARTER = re.compile(r"(?<![\w-])(\d{4})-Q([1-4])(?![\w-])")
_MONTH = re.compile(r"(?<![\w-])(\d{4}-(?:0[1-9]|1[0-2]))(?![\w-])")


def dated(text: str) -> str:
    """Write the dates in a text as people do: one style for a whole page.

    Parameters
    ----------
    text : str
        With periods as `leadlag.data.grid.period_label` names them.

    Returns
    -------
    str

    Examples
    --------
    >>> dated("week of 2024-01-29"), dated("2024-Q2"), dated("2024-05"), dated("2024-05-01 14:00")
    ('week of 29 January 2024', 'Q2 2024', 'May 2024', '1 May 2024, 14:00')
    """
    text = _DAY.sub(lambda found: _day(found[1]) + (f", {found[2]}" if found[2] else ""), text)
    text = _QUARTER.sub(r"Q\2 \1", text)
    return _MONTH.sub(lambda found: f"{pd.Timestamp(found[1]):%B %Y}", text)


def _day(stamp: str) -> str:
    # What only looks like a day is left as it is.
    at = pd.to_datetime(stamp, errors="coerce")
    return stamp if at is pd.NaT else f"{at.day} {at:%B %Y}"


def label(stamp: Any, freq: str, *, ends: bool = False) -> str:
    """Name a period for people.

    Parameters
    ----------
    stamp : str or int
        Start of the period, or its number.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".
    ends : bool
        Whether weeks are named by their last day.

    Returns
    -------
    str

    Examples
    --------
    >>> label("2024-04-01", "Q"), label(17, "period"), label("2024-04-01", "W", ends=True)
    ('Q2 2024', 'period 17', 'week ending 7 April 2024')
    """
    if ends:
        return dated(f"week ending {pd.Timestamp(stamp) + pd.Timedelta(days=6):%Y-%m-%d}")
    return dated(period_label(pd.Timestamp(stamp) if isinstance(stamp, str) else stamp, freq))


def between(ends: Sequence[Any], freq: str) -> str:
    """Write a span of days as people do: "12–26 May".

    Parameters
    ----------
    ends : sequence of str or int
        Starts of the first and the last period.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    str

    Examples
    --------
    >>> between(["2025-05-12", "2025-05-26"], "D"), between(["2025-05-26", "2025-06-02"], "W")
    ('12–26 May 2025', '26 May–8 June 2025')
    >>> between(["2025-01-01", "2025-03-01"], "M"), between([17, 19], "period")
    ('January 2025 to March 2025', 'period 17 to 19')
    """
    first, last = ends
    if freq not in ("D", "B", "W") or not isinstance(first, str):
        words = [
            period_label(pd.Timestamp(end) if isinstance(end, str) else end, freq) for end in ends
        ]
        return dated(words[0] if words[0] == words[1] else span_text(words))
    a, b = pd.Timestamp(first), pd.Timestamp(last)
    if freq == "W":
        b += pd.Timedelta(days=6)
    if a == b:
        return f"{b.day} {b:%B %Y}"
    if (a.year, a.month) == (b.year, b.month):
        return f"{a.day}–{b.day} {b:%B %Y}"
    start = f"{a.day} {a:%B}" + (f" {a.year}" if a.year != b.year else "")
    return f"{start}–{b.day} {b:%B %Y}"
