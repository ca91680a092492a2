"""The panel: what every later step computes on, one row a calendar period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.arrange import Sheet, arrange
from leadlag.data.asof import rows_until
from leadlag.data.calendar import calendar_terms, season_of
from leadlag.data.catalog import Catalog, Metric, as_catalog
from leadlag.data.cohort import delays, mask_immature, windows_notice
from leadlag.data.frame import Column, read_frame
from leadlag.data.grid import Grid, period_label
from leadlag.data.notice import Notice
from leadlag.data.screen import (
    check_column,
    choose_max_lag,
    made_of_controls,
    metrics_with_numbers,
    screen_metrics,
)
from leadlag.data.select import Selection, select_columns
from leadlag.data.timeline import read_time
from leadlag.errors import Exclusion, InputError, InsufficientDataError, listing

if TYPE_CHECKING:
    import datetime

__all__ = ["Notice", "Panel", "build_panel", "period_label"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Panel:
    """A target, its metrics and controls on one regular calendar, ready to compute on.

    Parameters
    ----------
    target : str
        Name of the business outcome.
    y : ndarray, shape (n,)
        The target; NaN where missing. One row a period from the first to the last, none skipped.
    metrics : tuple of str
        Names of the usable metrics, in the order of the data's columns.
    X : ndarray, shape (n, n_metrics)
        The metrics; NaN where missing.
    controls : tuple of str
        Names of the controls.
    controls_values : ndarray, shape (n, n_controls)
        The controls; NaN where missing.
    index : pandas.DatetimeIndex or pandas.RangeIndex
        Starts of the periods, without a time zone; integers where `freq` is "period".
    freq : str
        "h", "D", "B" (business days), "W", "M", "Q", "Y" or "period".
    calendar : ndarray, shape (n, n_terms)
        Calendar regressors, each with mean zero; no constant, no two collinear.
    calendar_names : tuple of str
        Their names in words.
    season : int
        Length of the main season in rows; 0 where there is none or fewer than three cycles.
    max_lag : int
        The largest lag to search, in periods.
    excluded : dict of str to str
        Columns that can't be used, with the reason.
    metrics_info : dict of str to Metric
        What the catalogue declares about columns of the data.
    delay : ndarray, shape (n_metrics,)
        Periods from a row's stamp to the moment its value exists; 0 unless stamped by cohort.
    notices : tuple of Notice
        Facts about the data that a reader should know.
    grid : Grid, optional
        The calendar that the rows lie on.
    first : int
        Number of the first row's period on the grid.
    calendar_ahead : ndarray, shape (n + max_lag, n_terms), optional
        Calendar regressors of the rows and of `max_lag` periods to come, for forecasts.

    See Also
    --------
    build_panel : Makes one from a dataframe.
    """

    target: str
    y: Floats
    metrics: tuple[str, ...]
    X: Floats
    controls: tuple[str, ...]
    controls_values: Floats
    index: pd.DatetimeIndex | pd.RangeIndex
    freq: str
    calendar: Floats
    calendar_names: tuple[str, ...]
    season: int
    max_lag: int
    excluded: dict[str, str]
    metrics_info: dict[str, Metric]
    delay: Floats
    notices: tuple[Notice, ...] = ()
    grid: Grid | None = field(default=None, repr=False)
    first: int = field(default=0, repr=False)
    calendar_ahead: Floats | None = field(default=None, repr=False)

    def __len__(self) -> int:
        """Count the periods."""
        return len(self.y)

    def period_label(self, i: int) -> str:
        """Name of a row's period for people.

        Parameters
        ----------
        i : int
            Position of the row. Negative positions count from the end; those past the end are
            periods to come.

        Returns
        -------
        str
            Such as "2024-01-05", "week of 2024-01-01", "2024-Q1" or "period 17".

        Examples
        --------
        >>> frame = pd.DataFrame({"y": range(30), "x": np.arange(30) ** 2},
        ...                      index=pd.date_range("2022-01-01", periods=30, freq="MS"))
        >>> panel = build_panel(frame, "y")
        >>> panel.period_label(-1), panel.period_label(30)
        ('2024-06', '2024-07')
        """
        position = i + len(self.y) if i < 0 else i
        if self.grid is not None:
            return self.grid.label(self.first + position)
        if isinstance(self.index, pd.RangeIndex):
            return period_label(self.index.start + position * self.index.step, self.freq)
        if position < len(self.index):
            return period_label(self.index[position], self.freq)
        step = self.index.freq or pd.tseries.frequencies.to_offset(self.index[1] - self.index[0])
        return period_label(self.index[-1] + (position - len(self.index) + 1) * step, self.freq)


def build_panel(
    data: object,
    target: object,
    *,
    metrics: object = None,
    controls: object = None,
    time: object = None,
    freq: str | None = None,
    aggregate: str | Mapping[str, Any] | None = None,
    as_of: str | int | datetime.date | None = None,
    holidays: object = None,
    max_lag: int | None = None,
    catalog: Catalog | Mapping[str, Metric | Mapping[str, Any] | str] | str | Path | None = None,
) -> Panel:
    """Turn a wide dataframe into a panel, or say in one error why that can't be done.

    Parameters
    ----------
    data : dataframe
        pandas, polars, a pyarrow table, a DuckDB relation: one row a period, one column a metric.
    target : str
        The business outcome's column.
    metrics : str or list of str, optional
        Names or globs of the metrics; by default every other column.
    controls : str or list of str, optional
        Names or globs of columns that are held constant and not ranked.
    time : str, optional
        The column of dates, ISO text or integer periods. By default a time index, else the only
        column of dates, else the order of the rows.
    freq : str, optional
        "h", "D", "B", "W", "W-SUN", "M", "Q", "Y". Coarser than the data: values are combined.
    aggregate : str or dict, optional
        How values are combined, for all columns or by column: "sum", "mean", "median", "min",
        "max", "first", "last", or a pair of columns (numerator, denominator).
    as_of : date, datetime or int, optional
        What was known then: periods that were not over are dropped. A date means its end.
    holidays : str, list or dict, optional
        Country codes such as "US" or "DE-BY", dates, or dates with names.
    max_lag : int, optional
        The largest lag, in periods; at most a fifth of the rows.
    catalog : Catalog, dict or path, optional
        What is declared about the metrics.

    Returns
    -------
    Panel
        The data on a regular calendar, with the columns that can't be used and why.

    Raises
    ------
    LeadLagError
        If the input as a whole, the target, a control or an argument can't be used.

    Notes
    -----
    A lag is a number of calendar periods: a missing row is a gap of missing values. Nothing is
    filled. Daily data without any row on a weekend are on business days, and a lag of 5 is a week;
    ``freq="D"`` puts them on calendar days. A target or metric needs ``max_lag + 20`` usable rows.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> days = pd.date_range("2024-01-01", periods=120, name="date")
    >>> frame = pd.DataFrame(rng.normal(size=(120, 2)), index=days, columns=["visits", "revenue"])
    >>> panel = build_panel(frame, "revenue")
    >>> panel.metrics, panel.freq, panel.max_lag
    (('visits',), 'D', 24)
    """
    notices: list[Notice] = []
    frame = read_frame(data)
    declared = as_catalog(catalog)
    timeline = read_time(frame, time, notices)
    if as_of is not None:
        # Before anything else is looked at: what came later may decide nothing.
        rows = rows_until(as_of, timeline, notices)
        frame, timeline = frame.only(rows), timeline.only(rows)
    chosen = select_columns(frame, target, timeline.column, metrics, controls)
    columns = {name: frame.column(name) for name in frame.names if name != timeline.column}
    for part, names in (("target", (chosen.target,)), ("control", chosen.controls)):
        for name in names:
            check_column(part, name, columns[name])
    usable, excluded = metrics_with_numbers(chosen.metrics, columns)
    sheet = arrange(
        timeline, columns, [chosen.target, *chosen.controls, *usable], declared,
        freq=freq, aggregate=aggregate, as_of=as_of, notices=notices,
    )  # fmt: skip
    changed = mask_immature(sheet, [*chosen.controls, *usable], declared, notices)
    values = sheet.columns | changed
    y = values[chosen.target]
    check_column("target", chosen.target, Column(y))
    longest = choose_max_lag(max_lag, sheet.grid.letter, chosen.target, y, notices)
    X = _matrix(values, usable, sheet.n)
    excluded |= screen_metrics(usable, X, y, longest)
    controls_values = _checked_controls(values, chosen, longest, sheet.n)
    excluded = made_of_controls(usable, X, controls_values) | excluded
    kept = [name not in excluded for name in usable]
    ranked = [name for name in usable if name not in excluded]
    terms, calendar = calendar_terms(
        sheet.grid, sheet.first, sheet.local, sheet.n, holidays, notices
    )
    _say_control_gaps(chosen, controls_values, y, longest, notices)
    _say_rest(sheet, chosen, ranked, y, X, declared, frame.names, notices)
    return Panel(
        target=chosen.target,
        y=y,
        metrics=tuple(ranked),
        X=np.ascontiguousarray(X[:, kept]),
        controls=chosen.controls,
        controls_values=controls_values,
        index=sheet.grid.index(sheet.first, sheet.n),
        freq=sheet.grid.letter,
        calendar=calendar,
        calendar_names=terms,
        season=season_of(sheet.grid, sheet.n),
        max_lag=longest,
        excluded={name: excluded[name] for name in chosen.metrics if name in excluded},
        metrics_info={name: declared[name] for name in frame.names if name in declared},
        delay=delays(ranked, declared, sheet.grid),
        notices=tuple(notices),
        grid=sheet.grid,
        first=sheet.first,
        calendar_ahead=_calendar_ahead(sheet, longest, holidays),
    )


def _calendar_ahead(sheet: Sheet, count: int, holidays: object) -> Floats:
    """Calendar terms of the rows and of the periods to come, by the local clock's last offset."""
    rows = sheet.n + count
    local = sheet.local
    if local is not None:
        starts = sheet.grid.starts(np.arange(sheet.first, sheet.first + rows))
        coming = starts[sheet.n :] + (local[-1] - starts[sheet.n - 1])
        local = np.concatenate([local, coming])
    return calendar_terms(sheet.grid, sheet.first, local, rows, holidays)[1]


def _checked_controls(
    values: Mapping[str, Floats], chosen: Selection, max_lag: int, n: int
) -> Floats:
    matrix = _matrix(values, chosen.controls, n)
    reasons = screen_metrics(chosen.controls, matrix, values[chosen.target], max_lag)
    for name, reason in reasons.items():
        if reason == Exclusion.COUNTER.sentence():
            continue  # a straight line can't lead anything, but it can be held constant
        raise InputError(
            f"control '{name}' {reason}", do="Correct it, or leave it out of controls="
        )
    return matrix


def _say_control_gaps(
    chosen: Selection, controls: Floats, y: Floats, max_lag: int, notices: list[Notice]
) -> None:
    """A period without a control can't be tested: say how many, or that too few are left."""
    gaps = ~np.isfinite(controls) & np.isfinite(y)[:, None]
    if not gaps.any():
        return
    lost, known = int(gaps.any(axis=1).sum()), int(np.isfinite(y).sum())
    worst = chosen.controls[int(gaps.sum(axis=0).argmax())]
    if known - lost < max_lag + 20:
        raise InsufficientDataError(
            f"control '{worst}' leaves too few periods of {chosen.target} to test",
            got=f"{known - lost} periods with every control known",
            need=f"{max_lag + 20}",
            do="Supply the control's missing values, or leave it out of controls=",
        )
    text = (
        f"Controls are missing in {lost} of {known} periods of {chosen.target}, '{worst}' most "
        "often; those periods, and periods too soon after them, take no part in any test."
    )
    notices.append(Notice("controls_missing", text))


def _say_rest(
    sheet: Sheet,
    chosen: Selection,
    ranked: list[str],
    y: Floats,
    X: Floats,
    declared: Catalog,
    names: list[str],
    notices: list[Notice],
) -> None:
    """Facts that are known only once the panel is."""
    last_y = int(np.flatnonzero(np.isfinite(y))[-1])
    rows = np.flatnonzero(np.isfinite(X).any(axis=1))
    if len(rows) and rows[-1] > last_y:
        label = sheet.grid.label
        text = (
            f"{chosen.target} is known up to {label(sheet.first + last_y)}, metrics up to "
            f"{label(sheet.first + int(rows[-1]))}; the newer metrics are kept."
        )
        notices.append(Notice("target_ends_first", text))
    windows_notice(ranked, declared, notices)
    absent = [name for name in declared if name not in names]
    if absent:
        text = f"The catalogue names columns that the data don't have: {listing(absent)}."
        notices.append(Notice("catalog_names", text))
    if not ranked:
        notices.append(Notice("no_metric", "No metric could be used; each says why."))


def _matrix(values: Mapping[str, Floats], names: Sequence[str], n: int) -> Floats:
    return np.column_stack([values[name] for name in names]) if names else np.empty((n, 0))
