"""What is written on the triangle of cohorts."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from leadlag.data.grid import period_label
from leadlag.wording.layout import squeezed
from leadlag.wording.numbers import missing
from leadlag.wording.words import unit

_DAYS = "days since a user's first day"
_MOST_LINES = 3
TIPS = {"text": "rate", "interval": "interval", "users": "users", "known": "known on"}
_MEANING = {
    "returned by": "came back by day N",
    "active on": "were active on day N",
    "bracket": "came back within a bracket of days",
    "still subscribed": "were still subscribed on day N",
}


def cohort(start: pd.Timestamp, period: str) -> str:
    """Name a cohort: by its month, quarter or year, or by its first day.

    Parameters
    ----------
    start : Timestamp
        Its first day.
    period : str
        "D", "W", "M", "Q" or "Y".

    Returns
    -------
    str

    Examples
    --------
    >>> cohort(pd.Timestamp("2026-04-01"), "Q"), cohort(pd.Timestamp("2026-01-05"), "W")
    ('2026-Q2', '2026-01-05')
    """
    return period_label(start, period if period in ("M", "Q", "Y") else "D")


def window(name: int | str) -> str:
    """Name a window on an axis.

    Parameters
    ----------
    name : int or str
        As in the table.

    Returns
    -------
    str

    Examples
    --------
    >>> window(30), window("early")
    ('30 days', 'early')
    """
    if isinstance(name, str):
        return name
    return "1 day" if name == 1 else f"{name} days"


def window_axis(names: Sequence[int | str]) -> str:
    """Title of the axis of windows.

    Parameters
    ----------
    names : sequence of int or str
        As in the table.

    Returns
    -------
    str

    Examples
    --------
    >>> window_axis([5, 30]), window_axis(["early"])
    ("days since a user's first day", "window, with its days since a user's first day")
    """
    numbered = all(isinstance(name, int) or _is_bracket(name) for name in names)
    return _DAYS if numbered else f"window, with its {_DAYS}"


def heading(name: int | str, days: tuple[int, int], room: int) -> list[str]:
    """Lines over a column: the window, and the days of one that has a name of its own.

    Parameters
    ----------
    name : int or str
        As in the table.
    days : (int, int)
        First and last day of the window.
    room : int
        Letters that fit into a line.

    Returns
    -------
    list of str

    Examples
    --------
    >>> heading(30, (1, 30), 14), heading(105, (1, 105), 7), heading("8-14", (8, 14), 14)
    (['30 days'], ['105'], ['days 8–14'])
    >>> heading("an early habit of theirs", (1, 7), 14)
    ['an early habit', 'of theirs', 'days 1–7']
    """
    low, high = days
    between = f"day {high}" if low == high else f"days {low}–{high}"
    if isinstance(name, int):
        return [window(name)] if len(window(name)) <= room else [str(name)]
    if _is_bracket(name):
        return [between]
    lines = textwrap.wrap(name, max(room, 4), break_long_words=True)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], squeezed(" ".join(lines[_MOST_LINES - 1 :]), room)]
    return [*lines, between]


def _is_bracket(name: int | str) -> bool:
    return isinstance(name, str) and name.replace("-", "", 1).isdecimal() and "-" in name[1:]


def rate_cell(rate: float) -> str:
    """Write a rate in a cell.

    Parameters
    ----------
    rate : float
        NaN where it is not known yet.

    Returns
    -------
    str

    Examples
    --------
    >>> rate_cell(0.1746), rate_cell(float("nan"))
    ('17.5 %', 'not known yet')
    """
    return "not known yet" if missing(rate) else f"{100 * rate:.1f} %"


def interval(low: float, high: float) -> str:
    """Write the interval of a rate.

    Parameters
    ----------
    low, high : float

    Returns
    -------
    str

    Examples
    --------
    >>> interval(0.158, 0.192)
    '15.8 to 19.2 %'
    """
    return "" if missing(low) else f"{100 * low:.1f} to {100 * high:.1f} %"


def first_known(table: pd.DataFrame) -> str:
    """Say when there will be a rate, where there is none.

    Parameters
    ----------
    table : DataFrame
        `Retention.table`.

    Returns
    -------
    str

    Examples
    --------
    >>> row = {"window": 5, "cohort_start": pd.Timestamp("2026-01-05")}
    >>> first_known(pd.DataFrame([row | {"available_at": pd.Timestamp("2026-01-16")}]))
    'No rate is known yet. The first is known on 2026-01-16: 5 days, cohort of 2026-01-05.'
    """
    row = table.iloc[int(table["available_at"].argmin())]
    of = f"{window(row['window'])}, cohort of {row['cohort_start']:%Y-%m-%d}"
    return f"No rate is known yet. The first is known on {row['available_at']:%Y-%m-%d}: {of}."


def triangle_title(settings: Mapping[str, Any]) -> str:
    """Title of the triangle.

    Parameters
    ----------
    settings : mapping
        `Retention.settings`.

    Returns
    -------
    str

    Examples
    --------
    >>> triangle_title({"definition": "returned by", "as_of": "1998-06-30"})
    'Users who came back by day N, as known on 1998-06-30'
    """
    return f"Users who {_MEANING[settings['definition']]}, as known on {settings['as_of']}"


def triangle_subtitle(cohorts: int, drawn: int, still_open: int) -> str:
    """Say how to read the triangle.

    Parameters
    ----------
    cohorts, drawn, still_open : int
        Cohorts there are, cohorts drawn, cells not known yet.

    Returns
    -------
    str

    Examples
    --------
    >>> triangle_subtitle(12, 12, 3)
    'A row is a cohort; the darker, the more. Hatched: not known yet.'
    """
    text = "A row is a cohort; the darker, the more."
    if drawn < cohorts:
        text += f" The newest {drawn} of {cohorts} cohorts."
    if still_open:
        text += " Hatched: not known yet."
    return text


def triangle_alternative(table: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """Say what the triangle shows, for those who can't see it.

    Parameters
    ----------
    table : DataFrame
        `Retention.table`.
    settings : mapping
        `Retention.settings`.

    Returns
    -------
    str
    """
    parts = []
    for name, rows in table.groupby("window", sort=False):
        known = rows["rate"].dropna()
        said = window(name if isinstance(name, str) else int(str(name)))
        if len(known):
            low, high = 100 * float(known.min()), 100 * float(known.max())
            parts.append(f"{said}: {low:.1f} to {high:.1f} % over {len(known)} cohorts")
        else:
            parts.append(f"{said}: not known yet for any cohort")
    period = unit(str(settings["period"]))
    return f"{triangle_title(settings)}. Cohorts by {period}. {'; '.join(parts)}."
