"""Counts by stage of a funnel: read from a frame or from totals, and aligned by their delays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.core.stages import arrival_shapes, spread_over, stage_delay
from leadlag.data.arrange import Sheet, arrange
from leadlag.data.calendar import calendar_terms
from leadlag.data.catalog import Catalog
from leadlag.data.frame import Frame, read_frame
from leadlag.data.frequency import infer_grid
from leadlag.data.grid import period_label
from leadlag.data.notice import Notice
from leadlag.data.timeline import Timeline, has_dates, read_time
from leadlag.errors import ConfigurationError, InputError, shown, unknown_name

__all__ = ["Aligned", "Flow", "align", "moved_by", "open_delays", "read_flow"]

Floats = npt.NDArray[np.float64]

# Longest delay that is looked for, in periods.
_LONGEST = {"h": 48, "D": 28, "B": 20, "W": 12, "M": 6, "Q": 4, "Y": 2, "period": 10}
# Fewer periods say nothing about delays and elasticities.
FEWEST = 40


@dataclass(frozen=True, eq=False)
class Flow:
    """Cases by stage and period.

    Attributes
    ----------
    stages : tuple of str
        First to last.
    counts : ndarray, shape (n, n_stages)
        NaN where missing.
    delays : tuple of int or None
        Declared, of each stage after the one before it; None where it is to be found.
    index : pandas.Index
        Starts of the periods; labels of the rows where there is no calendar.
    freq : str
    terms : ndarray, shape (n, n_terms)
        A constant, a trend, the calendar.
    """

    stages: tuple[str, ...]
    counts: Floats
    delays: tuple[int | None, ...]
    index: pd.Index[Any]
    freq: str
    terms: Floats

    def label(self, i: int) -> str:
        """Name a period for people: its date, or its place.

        Parameters
        ----------
        i : int

        Returns
        -------
        str
        """
        stamp = self.index[i]
        if isinstance(stamp, str):
            return stamp
        return period_label(stamp, "D" if self.freq in ("W", "period") else self.freq)

    @property
    def max_order(self) -> int:
        """Most own lags of the noise."""
        n = len(self.counts)
        return max(1, min(int(10 * np.log10(max(n, 2))), n // 8))


@dataclass(frozen=True, eq=False)
class Aligned:
    """Stages on the calendar of the outcome.

    Attributes
    ----------
    counts : ndarray, shape (n, n_stages)
        Of each stage the cases whose outcome is due in the period; NaN where not known.
    shapes : tuple of ndarray
        How the cases of a stage arrive at the next: shares after 0, 1, … periods.
    """

    counts: Floats
    shapes: tuple[Floats, ...]

    def sampling(self, stage: int) -> float:
        """Variance of a rate's logarithm that is chance: one over the cases, thinned by delays."""
        cases = self.counts[:, stage]
        thin = np.ones(1)
        for shape in self.shapes[stage:]:
            thin = np.convolve(thin, shape)
        return float(np.nanmean(1 / np.maximum(cases, 0.5))) * float(thin @ thin)


def read_flow(data: object, stages: object, *, time: str | None, freq: str | None) -> Flow:
    """Read the stages of a funnel.

    Parameters
    ----------
    data : dataframe or dict
        One row a period, or the totals of the stages.
    stages : sequence of str, or dict of str to int or None
        First to last; with the delay of each after the one before.
    time, freq : str, optional
        As for `leadlag.rank`.

    Returns
    -------
    Flow

    Raises
    ------
    LeadLagError
        If a stage is missing, holds no counts, or there are fewer than two.
    """
    names, delays = _stages(stages)
    if isinstance(data, Mapping):
        for name, value in data.items():
            if hasattr(value, "__len__") and not isinstance(value, str):
                raise InputError(
                    f"the total of '{name}' is not one number",
                    got=shown(value),
                    need="a number for each stage, or a dataframe with one row a period",
                    do="Pass pandas.DataFrame(...) of it",
                )
        data = pd.DataFrame({str(name): [value] for name, value in data.items()})
    frame = read_frame(data)
    for name in names:
        if name not in frame.names:
            raise unknown_name(f"stage {shown(name)} is not a column", name, frame.names)
    columns = {name: frame.column(name) for name in frame.names}
    for name in names:
        values = columns[name].values
        if values is None:
            raise InputError(f"stage '{name}' {columns[name].reason}")
        if np.isinf(values).any() or (values < 0).any() or not np.isfinite(values).any():
            raise InputError(
                f"stage '{name}' holds no counts",
                got=_wrong(values),
                need="how many reached the stage in each period, 0 or more",
                do="Pass counts, not rates or changes",
            )
    notices: list[Notice] = []
    if len(frame) < FEWEST and freq is None:
        short = _rows_in_order(frame, names, delays, time)
        if short is not None:
            return short
    timeline = read_time(frame, time, notices)
    sheet = arrange(
        timeline, columns, list(names), Catalog({}),
        freq=freq, aggregate="sum" if freq else None, as_of=None, notices=notices,
    )  # fmt: skip
    calendar = calendar_terms(sheet.grid, sheet.first, sheet.local, sheet.n, None, notices)[1]
    trend = (np.arange(sheet.n) - (sheet.n - 1) / 2) / sheet.n
    return Flow(
        stages=names,
        counts=np.column_stack([sheet.columns[name] for name in names]),
        delays=delays,
        index=_index_of(sheet),
        freq=sheet.grid.letter,
        terms=np.column_stack([np.ones(sheet.n), trend, calendar]),
    )


def _index_of(sheet: Sheet) -> pd.Index[Any]:
    """Starts of the periods, of ten days too: they have dates, if no name."""
    if sheet.grid.letter == "period" and sheet.local is not None:
        return pd.DatetimeIndex(sheet.local)
    return sheet.grid.index(sheet.first, sheet.n)


def _rows_in_order(
    frame: Frame, names: tuple[str, ...], delays: tuple[int | None, ...], time: str | None
) -> Flow | None:
    """Take few rows as they come, or by their dates, where no calendar holds them."""
    counts = np.column_stack([np.asarray(frame.column(name).values) for name in names])
    n = len(counts)
    index: pd.Index[Any] = pd.RangeIndex(n)
    labels = frame.index
    if labels is not None and labels.is_unique and all(isinstance(name, str) for name in labels):
        index = labels
    if time is not None or has_dates(frame):
        timeline = read_time(frame, time, [])
        stamps = np.unique(timeline.stamps)
        if not timeline.dated or (n > 1 and (len(stamps) < n or _regular(timeline, stamps))):
            return None
        order = np.argsort(timeline.stamps)
        counts, index = counts[order], pd.DatetimeIndex(timeline.stamps[order])
    return Flow(names, counts, delays, index, "period", np.ones((n, 1)))


def _regular(timeline: Timeline, stamps: npt.NDArray[Any]) -> bool:
    grid = timeline.grid or infer_grid(stamps)
    return grid is not None and grid.letter != "period"


def align(flow: Flow) -> Aligned:
    """Put every stage on the periods in which its outcome is due.

    Parameters
    ----------
    flow : Flow
        Delays that it does not declare are those that fit best.

    Returns
    -------
    Aligned
    """
    best = tuple(_gap(flow, j) for j in range(1, len(flow.stages)))
    columns = [flow.counts[:, -1]]
    for j in range(len(flow.stages) - 2, -1, -1):
        cases = flow.counts[:, j]
        for shape in best[j:]:
            cases = spread_over(cases, shape[None, :])[0]
        columns.append(cases)
    return Aligned(np.column_stack(columns[::-1]), best)


def open_delays(flow: Flow, gap: int) -> tuple[Floats, Floats]:
    """Shapes that the delay of a gap may have, and their penalties; none where it is declared.

    Parameters
    ----------
    flow : Flow
    gap : int
        Between stages gap and gap + 1.

    Returns
    -------
    shapes : ndarray, shape (n_shapes, n_delays)
    penalty : ndarray, shape (n_shapes,)
    """
    if flow.delays[gap + 1] is not None or len(flow.counts) < FEWEST or _steady(flow, gap + 1):
        return np.ones((0, 1)), np.ones(0)
    return arrival_shapes(_longest(flow))


def moved_by(flow: Flow, aligned: Aligned, stage: int, gap: int, shapes: Floats) -> Floats:
    """A stage on the calendar of the outcome, with one gap's delay exchanged.

    Parameters
    ----------
    flow : Flow
    aligned : Aligned
        Where the other gaps' delays are from.
    stage, gap : int
    shapes : ndarray, shape (n_shapes, n_delays)

    Returns
    -------
    ndarray, shape (n_shapes, n)
    """
    cases = flow.counts[:, stage]
    for at in range(stage, len(aligned.shapes)):
        if at != gap:
            cases = spread_over(cases, aligned.shapes[at][None, :])[0]
    return spread_over(logged(cases), shapes)


def _longest(flow: Flow) -> int:
    return min(_LONGEST[flow.freq], len(flow.counts) // 10)


def _steady(flow: Flow, j: int) -> bool:
    """Whether a side of a gap hardly moves."""
    sides = (flow.counts[:, j - 1], flow.counts[:, j])
    return any(len(np.unique(side[np.isfinite(side)])) < 4 for side in sides)


def _gap(flow: Flow, j: int) -> Floats:
    declared = flow.delays[j]
    if declared is not None:
        shape = np.zeros(declared + 1)
        shape[declared] = 1.0
        return shape
    if len(flow.counts) < FEWEST or _steady(flow, j):
        return np.ones(1)
    later, earlier = (logged(flow.counts[:, k]) for k in (j, j - 1))
    return stage_delay(
        later, earlier, flow.terms, max_order=flow.max_order, max_delay=_longest(flow)
    )


def logged(cases: Floats) -> Floats:
    """Counts that have a logarithm: half a case more each, where some period has none.

    Parameters
    ----------
    cases : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
    """
    return cases + 0.5 if (cases == 0).any() else cases


def _wrong(values: Floats) -> str:
    if np.isinf(values).any():
        return "infinite values"
    return "negative values" if np.isfinite(values).any() else "no values"


def _stages(given: object) -> tuple[tuple[str, ...], tuple[int | None, ...]]:
    if isinstance(given, Mapping):
        names, delays = list(given), list(given.values())
    elif isinstance(given, Sequence) and not isinstance(given, str):
        names, delays = list(given), [None] * len(given)
    else:
        names, delays = [], []
    if len(names) < 2 or not all(isinstance(name, str) for name in names):
        raise ConfigurationError(
            "stages are not the stages of a funnel",
            got=shown(given),
            need="two names of columns or more, first stage to last",
            do="Pass stages=['visits', 'opt_ins', 'sales']",
        )
    if len(set(names)) < len(names):
        raise ConfigurationError("a stage is named twice", got=shown(names))
    for name, delay in zip(names, delays, strict=True):
        whole = isinstance(delay, Integral) and not isinstance(delay, bool)
        if delay is not None and not (whole and delay >= 0):
            raise ConfigurationError(
                f"the delay of stage '{name}' is not a number of periods",
                got=shown(delay) if not isinstance(delay, Real) else str(delay),
                need="an integer, 0 or more, or None to have it found",
            )
    if delays[0]:
        raise ConfigurationError(
            f"the first stage, '{names[0]}', has a delay",
            got=str(delays[0]),
            need="None or 0: there is no stage before it",
            do=f"Give the delay to the stage after it: {names[1]!r}",
        )
    return tuple(names), (None, *(None if d is None else int(d) for d in delays[1:]))
