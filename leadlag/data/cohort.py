"""Values that are known only some time after the date they are stamped with."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.arrange import Sheet
from leadlag.data.catalog import Catalog, Metric
from leadlag.data.duration import MONTHS, Duration, parse_duration, to_periods
from leadlag.data.grid import Grid
from leadlag.data.notice import Notice
from leadlag.errors import listing

__all__ = ["delays", "mask_immature", "periods_after", "window_of", "windows_notice"]

Floats = npt.NDArray[np.float64]
# Names that speak of a window: retention_90d, repeat 30 days, d7_retention, ltv_12m.
_WINDOWED = re.compile(
    r"(?:^|[^a-z0-9])(?:(\d{1,3})[ _-]?(d|w|m|mo|days?|wks?|weeks?|months?)"
    r"|(d|day|week|month)[ _-]?(\d{1,3}))(?:$|[^a-z0-9])",
    re.IGNORECASE,
)


def delays(metrics: Sequence[str], catalog: Catalog, grid: Grid | None) -> Floats:
    """Periods from a row's stamp to the moment its value exists.

    Parameters
    ----------
    metrics : sequence of str
        Names of the metrics.
    catalog : Catalog
        Declares windows, latencies and how rows are stamped.
    grid : Grid or None
        The periods; None for plain integers.

    Returns
    -------
    ndarray, shape (n_metrics,)
        Window and latency in whole periods, as by `periods_after`, for metrics stamped by cohort;
        else 0.

    Examples
    --------
    >>> catalog = Catalog({"r": Metric(window="90D", latency="2D", stamped="cohort")})
    >>> delays(["r", "visits"], catalog, Grid("D", 7)).tolist()
    [14.0, 0.0]
    """
    out = np.zeros(len(metrics))
    for place, name in enumerate(metrics):
        lengths = _lengths(catalog.get(name))
        fields = [f"the {part} of '{name}'" for part, _ in lengths]
        out[place] = periods_after([length for _, length in lengths], grid, fields)
    return out


def periods_after(lengths: Sequence[Duration], grid: Grid | None, fields: Sequence[str]) -> int:
    """Periods from a cohort's row to the row in which its value is known.

    Parameters
    ----------
    lengths : sequence of Duration
        Window and latency.
    grid : Grid or None
        The periods; None for plain integers.
    fields : sequence of str
        What messages call each length.

    Returns
    -------
    int

    Raises
    ------
    ConfigurationError
        If a length is in days but the periods are plain integers.

    Notes
    -----
    The members of a cohort arrive throughout its period. The last of them matures after the end of
    that period, in the row that begins ``ceil(length / period)`` periods later: the cohort's own
    length is paid for by rounding up. Months differ in length; the longest delay holds for all, so
    that no value stands before it was known: 30 days after January are over in March.

    Examples
    --------
    >>> window = [Duration(30.0, "D")]
    >>> [periods_after(window, grid, ["window"]) for grid in (Grid("D", 7), Grid("M"))]
    [5, 2]
    """
    whole = [length for length in lengths if length.unit in (*MONTHS, "period")]
    if grid is None or grid.unit != "M" or len(whole) == len(lengths):
        days = grid.days if grid is not None else None
        each = [
            to_periods(length, days, field=f) for length, f in zip(lengths, fields, strict=True)
        ]
        return math.ceil(round(sum(each), 9))
    # Four years hold every sequence of months.
    rows = np.arange(48)
    periods = int(sum(length.count for length in lengths if length.unit == "period"))
    moments = pd.DatetimeIndex(grid.stops(rows + periods))
    for length in lengths:
        if length.unit != "period":
            moments = length.after(moments)
    last = moments.to_numpy().astype("datetime64[us]") - np.timedelta64(1, "us")
    return int((grid.ordinals(last) - rows).max())


def mask_immature(
    sheet: Sheet, names: Iterable[str], catalog: Catalog, notices: list[Notice]
) -> dict[str, Floats]:
    """Make values missing that were not yet final at `as_of`.

    Parameters
    ----------
    sheet : Sheet
        The columns, and the moment of `as_of`.
    names : iterable of str
        The columns to look at.
    catalog : Catalog
        Declares windows, latencies and how rows are stamped.
    notices : list of Notice
        Facts are appended.

    Returns
    -------
    dict of str to ndarray
        The columns that changed.
    """
    changed: dict[str, Floats] = {}
    kept: list[str] = []
    for name in names:
        lengths = [length for _, length in _lengths(catalog.get(name))]
        if not any(length.count for length in lengths):
            continue
        values = sheet.columns[name]
        limit = sheet.stop if sheet.limit is None else sheet.limit
        young = (_matures(sheet, lengths) > limit) & np.isfinite(values)
        if not young.any():
            continue
        if sheet.limit is None:
            rows = int(young.sum())
            kept.append(f"{name} ({rows} row{'s' * (rows > 1)})")
            continue
        changed[name] = np.where(young, np.nan, values)
        many = int(young.sum())
        text = f"{many} values of {name} were not final yet and count as missing."
        if many == 1:
            text = f"1 value of {name} was not final yet and counts as missing."
        notices.append(Notice("immature", text))
    if kept:
        text = (
            "Cohorts too young to be final when the data end are kept as they are: "
            f"{listing(kept)}. Pass as_of= with the day the data were taken to leave them out."
        )
        notices.append(Notice("immature_kept", text))
    return changed


def window_of(name: str) -> str:
    """Read the window that a metric's name speaks of, as a duration; "" where it speaks of none.

    Parameters
    ----------
    name : str
        A column name.

    Returns
    -------
    str

    Examples
    --------
    >>> window_of("retention_90d"), window_of("d7_retention"), window_of("ltv_12m")
    ('90D', '7D', '12M')
    >>> window_of("T10YFFM"), window_of("d0_activation")
    ('', '')
    """
    found = _WINDOWED.search(name)
    if found is None:
        return ""
    # A window of no length is known at once.
    count = int(found[1] or found[4])
    return f"{count}{(found[2] or found[3])[0].upper()}" if count else ""


def windows_notice(metrics: Iterable[str], catalog: Catalog, notices: list[Notice]) -> None:
    """Say which metrics seem to have a window, but don't declare how their rows are stamped.

    Parameters
    ----------
    metrics : iterable of str
        Names of the metrics.
    catalog : Catalog
        Declares how rows are stamped.
    notices : list of Notice
        A notice is appended if there is any such metric.

    Examples
    --------
    >>> notices = []
    >>> windows_notice(["visits", "retention_90d"], Catalog({}), notices)
    >>> notices[0].code
    'stamping_unknown'
    """
    unknown = [name for name in metrics if _open_window(name, catalog.get(name))]
    if unknown:
        window = window_of(unknown[0]) or "90D"
        text = (
            f"{listing(unknown)}: the name or the catalogue speaks of a window or a latency, but "
            "not of how rows are dated. They are taken as dated when the value was known. If they "
            f"are dated by cohort, their usable lead is shorter: declare {unknown[0]} in the "
            f'catalog with window = "{window}" and stamped = "cohort".'
        )
        notices.append(Notice("stamping_unknown", text))


def _open_window(name: str, metric: Metric | None) -> bool:
    if metric is None:
        return bool(window_of(name))
    if metric.stamped is not None:
        return False
    delayed = metric.window is not None or bool(metric.latency)
    return delayed or bool(window_of(name))


def _lengths(metric: Metric | None) -> list[tuple[str, Duration]]:
    if metric is None or metric.stamped != "cohort":
        return []
    declared = (("window", metric.window), ("latency", metric.latency))
    return [(part, parse_duration(value)) for part, value in declared if value is not None]


def _matures(sheet: Sheet, lengths: Sequence[Duration]) -> Any:
    """Moment at which the last member's value exists, by row."""
    periods = int(sum(length.count for length in lengths if length.unit == "period"))
    numbers = np.arange(sheet.first, sheet.first + sheet.n) + periods
    moments = sheet.grid.stops(numbers)
    if sheet.grid.unit == "int":
        return moments
    index = pd.DatetimeIndex(moments)
    for length in lengths:
        if length.unit != "period":
            index = length.after(index)
    return np.asarray(index.to_numpy()).astype("datetime64[us]")
