"""Periods and spans of days as people write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from leadlag.data.grid import period_label
from leadlag.wording.words import span_text

__all__ = ["between", "label"]


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
    ('2024-Q2', 'period 17', 'week ending 2024-04-07')
    """
    if ends:
        return f"week ending {pd.Timestamp(stamp) + pd.Timedelta(days=6):%Y-%m-%d}"
    return period_label(pd.Timestamp(stamp) if isinstance(stamp, str) else stamp, freq)


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
    ('2025-01 to 2025-03', 'period 17 to 19')
    """
    first, last = ends
    if freq not in ("D", "B", "W") or not isinstance(first, str):
        words = [label(end, freq) for end in ends]
        return words[0] if words[0] == words[1] else span_text(words)
    a, b = pd.Timestamp(first), pd.Timestamp(last)
    if freq == "W":
        b += pd.Timedelta(days=6)
    if a == b:
        return f"{b.day} {b:%B %Y}"
    if (a.year, a.month) == (b.year, b.month):
        return f"{a.day}–{b.day} {b:%B %Y}"
    start = f"{a.day} {a:%B}" + (f" {a.year}" if a.year != b.year else "")
    return f"{start}–{b.day} {b:%B %Y}"
