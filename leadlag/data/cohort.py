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
from leadlag.data.duration import Duration, parse_duration, to_periods
from leadlag.data.notice import Notice
from leadlag.errors import listing

__all__ = ["delays", "mask_immature", "window_of", "windows_notice"]

Floats = npt.NDArray[np.float64]
# Names that speak of a window: retention_90d, repeat 30 days, d7_retention, ltv_12m.
_WINDOWED = re.compile(
    r"(?:^|[^a-z0-9])(?:(\d{1,3})[ _-]?(d|w|m|mo|days?|wks?|weeks?|months?)"
    r"|(d|day|week|month)[ _-]?(\d{1,3}))(?:$|[^a-z0-9])",
    re.IGNORECASE,
)


def delays(metrics: Sequence[str], catalog: Catalog, period_days: float | None) -> Floats:
    """Periods from a row's stamp to the moment its value exists.

    Parameters
    ----------
    metrics : sequence of str
        Names of the metrics.
    catalog : Catalog
        Declares windows, latencies and how rows are stamped.
    period_days : float or None
        Days of one period; None for plain integer periods.

    Returns
    -------
    ndarray, shape (n_metrics,)
        Window and latency in whole periods, rounded up, for metrics stamped by cohort; else 0.

    Notes
    -----
    The members of a cohort arrive throughout its period. The last of them matures `window` after
    the end of that period, in the row that begins ``ceil((window + latency) / period)`` periods
    later: the cohort's own length is paid for by rounding up.

    Examples
    --------
    >>> catalog = Catalog({"r": Metric(window="90D", latency="2D", stamped="cohort")})
    >>> delays(["r", "visits"], catalog, 7.0).tolist()
    [14.0, 0.0]
    """
    out = np.zeros(len(metrics))
    for place, name in enumerate(metrics):
        total = sum(
            to_periods(length, period_days, field=f"the {part} of '{name}'")
            for part, length in _lengths(catalog.get(name))
        )
        out[place] = math.ceil(round(total, 9))
    return out


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
            "are dated by cohort, their usable lead is shorter: declare it, such as catalog="
            f"{{{unknown[0]!r}: Metric(window={window!r}, stamped='cohort')}}."
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
