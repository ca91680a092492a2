"""How each column is put on the scale on which it is tested: stated, one-sided, by column.

Every column is decided by itself, from its own values: level or logarithm (equal surprises), level
or difference (unit root). Calendar, trend and controls are never filtered out beforehand: they are
regressors inside each test. A difference looks back one period, so nothing here sees the future.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from leadlag.core.arrays import unit_size
from leadlag.core.autoregression import Autoregression, autoregress, orthonormal
from leadlag.core.glitches import outage_zeros, spikes
from leadlag.core.lags import lagged_matrix
from leadlag.core.memo import Memo
from leadlag.core.transforms import log_offset, prefers_log
from leadlag.core.unit_root import is_stationary
from leadlag.data.panel import Panel

__all__ = ["Prepared", "Terms", "prepare", "terms_of"]

Floats = npt.NDArray[np.float64]

# Slow cosines beside the drift of a differenced series, one for each 40 periods: two series that
# grow along smooth curves share them by accident.
_PERIODS_PER_COSINE = 40
_MOST_COSINES = 4
# A series in levels has two of them beside its trend from this many periods on: they cost a short
# series with a long memory its level (8 % rejected at 5 % with 120 periods), a long one little.
_LEVEL_COSINES_FROM = 200
# A season that changes slowly is the season times slow cosines: one set for each 100 periods, and
# together at most a twentieth of the rows.
_PERIODS_PER_MOVE = 100
_ROWS_PER_MOVING_TERM = 20
# Past values of controls that are held constant: as far as metrics are searched, since a driver
# reaches a metric and the target at different lags, while ten rows are left for each.
_ROWS_PER_CONTROL_TERM = 10
# Of the rows with all controls known, so many keep all their lags.
_ROWS_KEPT = 0.8
# Bases of the terms that are kept: series that are known on the same rows share one for each order.
_BASES_KEPT = 64
_ROWS_A_YEAR = {"h": 8766, "D": 365, "B": 261, "W": 52, "M": 12, "Q": 4, "Y": 1}


@dataclass(frozen=True, eq=False)
class Terms:
    """Fixed regressors for a series in levels and for a series in differences.

    Parameters
    ----------
    level : ndarray, shape (n, n_terms)
        Constant, trend, slow cosines, calendar, controls and their lags; NaN where a control is
        missing.
    difference : ndarray, shape (n, n_terms)
        Constant, slow cosines, differenced calendar and controls.
    names : tuple of str
        What is held constant, in words.
    """

    level: Floats
    difference: Floats
    names: tuple[str, ...]

    @cached_property
    def for_fits(self) -> tuple[_ForFits, _ForFits]:
        """What fits in levels and in differences take, and share."""
        made = []
        for terms in (self.level, self.difference):
            known = np.asarray(np.isfinite(terms).all(axis=1), dtype=np.bool_)
            made.append(_ForFits(known, np.nan_to_num(terms), Memo(_BASES_KEPT)))
        return made[0], made[1]


class _ForFits(NamedTuple):
    """Rows with all terms known; the terms, 0 elsewhere; bases of them on the same rows."""

    known: npt.NDArray[np.bool_]
    terms: Floats
    memo: Memo


@dataclass(frozen=True, eq=False)
class Prepared:
    """One column on its own scale.

    Parameters
    ----------
    transform : str
        "level", "log", "difference" or "log difference".
    level : ndarray, shape (n,)
        The column or its logarithm; NaN where missing.
    differenced : bool
        Whether a unit root was left standing.
    max_order : int
        Most own lags.
    terms : Terms
        Fixed regressors.
    base : float
        What a change of 1 is worth in the column's units: for a logarithm, the median of the last
        year; else the power of two by which the column was divided.
    masked : ndarray of bool, shape (n,), optional
        Zeros of an outage and lone spikes, which are not in `level`.
    """

    transform: str
    level: Floats
    differenced: bool
    max_order: int
    terms: Terms
    base: float = 1.0
    masked: npt.NDArray[np.bool_] | None = None

    def in_units(self, change: float) -> float:
        """A change on the prepared scale in the column's own units, at last year's level.

        Parameters
        ----------
        change : float
            Change of the level or of its logarithm.

        Returns
        -------
        float
        """
        return self.base * (float(np.expm1(change)) if "log" in self.transform else change)

    def _fit(self, difference: bool) -> Autoregression:
        known, terms, memo = self.terms.for_fits[difference]
        return autoregress(
            np.where(known, self.level, np.nan),
            terms,
            max_order=self.max_order + (self.differenced and not difference),
            difference=difference,
            memo=memo,
        )

    @cached_property
    def fit(self) -> Autoregression:
        """Own past and fixed terms on the scale of `transform`."""
        return self._fit(self.differenced)

    @cached_property
    def memo(self) -> Memo:
        """What the metrics share that are tested against this column."""
        return Memo()

    @cached_property
    def level_fit(self) -> Autoregression:
        """The same in levels, whatever the transform."""
        return self._fit(False) if self.differenced else self.fit

    @cached_property
    def series(self) -> Floats:
        """The prepared series: transformed, calendar, trend and controls taken out; its units."""
        return self.without_terms(self.fit.series)

    @cached_property
    def running_sum(self) -> Floats:
        """The series without its fixed terms, summed; bridged values are part of the sum."""
        series, terms = self.fit.series, self.fit.terms
        known = np.isfinite(series)
        solution = np.linalg.lstsq(terms[known], series[known], rcond=None)[0]
        total = np.cumsum(np.where(known, series - terms @ solution, 0.0))
        return np.where(known, total, np.nan)

    def without_terms(self, series: Floats) -> Floats:
        """A form of the column without calendar, trend and controls, in the column's units.

        Parameters
        ----------
        series : ndarray, shape (n,)
            The level or its difference; bridged values count as missing.

        Returns
        -------
        ndarray, shape (n,)
        """
        terms = self.fit.terms
        rows = self.fit.observed & np.isfinite(series)
        memo = self.terms.for_fits[self.differenced].memo
        key = ("without", self.fit.observed.tobytes(), rows.tobytes())
        basis = memo.of(key, lambda: orthonormal(terms[rows]))
        left = series[rows]
        for _ in range(2):
            left = left - basis @ (basis.T @ left)
        out = np.full(series.size, np.nan)
        out[rows] = (1.0 if "log" in self.transform else self.base) * left
        return out


def terms_of(panel: Panel, *, controls: bool = True) -> Terms:
    """Fixed regressors of every test on a panel.

    Parameters
    ----------
    panel : Panel
        The data on their calendar.
    controls : bool
        Whether declared controls are among them: a forecast can't know their future values.

    Returns
    -------
    Terms

    Examples
    --------
    >>> import pandas as pd
    >>> from leadlag.data.panel import build_panel
    >>> frame = pd.DataFrame({"y": np.arange(60.0) ** 2, "x": np.sin(np.arange(60.0))})
    >>> terms_of(build_panel(frame, "y")).names
    ('trend', 'own past')
    """
    n = len(panel.y)
    time = (np.arange(n) - (n - 1) / 2) / n
    cosines = int(np.clip(n // _PERIODS_PER_COSINE, 0, _MOST_COSINES))
    slow = [_slow_cosine(j, n) for j in range(1, cosines + 1)]
    curves = slow[1:3] if n >= _LEVEL_COSINES_FROM else []
    held = panel.controls_values if controls else np.zeros((n, 0))
    depth = 0
    if held.shape[1]:
        depth = _control_depth(held, panel.max_lag)
        lags = lagged_matrix(np.ascontiguousarray(held.T), np.arange(depth + 1))
        held = np.moveaxis(lags, 0, 1).reshape(n, -1)
    moving = np.hstack([panel.calendar, _moving_season(panel.season, n), held])
    change = np.diff(moving, axis=0, prepend=moving[:1])
    if held.shape[1]:
        change[0] = np.where(np.isfinite(moving[0]), change[0], np.nan)
    names = ["trend", *panel.calendar_names]
    if moving.shape[1] > panel.calendar.shape[1] + held.shape[1]:
        names.append("a slowly changing season")
    if controls:
        past = f" and its last {depth} values" if depth else ""
        names += [f"{name}{past}" for name in panel.controls]
    return Terms(
        level=np.column_stack([np.ones(n), time, *curves, moving]),
        difference=np.column_stack([np.ones(n), *slow, change]),
        names=(*names, "own past"),
    )


def _control_depth(controls: Floats, max_lag: int) -> int:
    """How many past values of the controls to hold constant: gaps must not eat the sample."""
    n, count = controls.shape
    known: npt.NDArray[np.bool_] = np.asarray(np.isfinite(controls).all(axis=1), dtype=np.bool_)
    depth = int(min(max_lag, n // (_ROWS_PER_CONTROL_TERM * count)))
    usable = known.copy()
    for lag in range(1, depth + 1):
        usable[lag:] &= known[:-lag]
        if usable[lag:].sum() < _ROWS_KEPT * known[lag:].sum():
            return lag - 1
    return depth


def _slow_cosine(j: int, n: int) -> Floats:
    return np.asarray(np.cos(np.pi * j * (np.arange(n) + 0.5) / n))


def _moving_season(season: int, n: int) -> Floats:
    """Season dummies times slow cosines, (n, n_terms)."""
    if season < 2:
        return np.zeros((n, 0))
    room = n // (_ROWS_PER_MOVING_TERM * (season - 1))
    times = min(n // _PERIODS_PER_MOVE, room, _MOST_COSINES)
    dummies = np.eye(season)[np.arange(n) % season][:, 1:] - 1 / season
    sets = [dummies * _slow_cosine(j, n)[:, None] for j in range(1, times + 1)]
    return np.hstack([np.zeros((n, 0)), *sets])


def prepare(
    column: Floats, panel: Panel, terms: Terms, *, check: Callable[[Floats], bool] = is_stationary
) -> Prepared:
    """Decide how one column is tested.

    Parameters
    ----------
    column : ndarray, shape (n,)
        Raw values; NaN where missing.
    panel : Panel
        Where the column comes from.
    terms : Terms
        Fixed regressors of the panel.
    check : callable
        Whether a series without its calendar pattern is stationary.

    Returns
    -------
    Prepared

    Notes
    -----
    Own lags: up to ``10 log10(n)`` periods, two seasons where a season has at most 12 periods, and
    an eighth of the rows that the fixed terms leave.

    Examples
    --------
    >>> import pandas as pd
    >>> from leadlag.data.panel import build_panel
    >>> rng = np.random.default_rng(0)
    >>> sales = np.exp(3 + np.cumsum(0.05 * rng.standard_normal(200)))
    >>> panel = build_panel(pd.DataFrame({"sales": sales, "x": rng.standard_normal(200)}), "sales")
    >>> prepare(panel.y, panel, terms_of(panel)).transform
    'log difference'
    """
    # A power of two changes no digit, and squares of very large or small values stay in range.
    unit = float(np.ldexp(1.0, int(np.frexp(np.nanmax(np.abs(column)))[1])))
    column = unit_size(column)
    masked = outage_zeros(column)
    column = np.where(masked, np.nan, column)
    logarithm = prefers_log(column, season=panel.season)
    level = np.log(column + log_offset(column)) if logarithm else column
    # A payday is no glitch: the calendar pattern goes first.
    lone = spikes(_without_calendar(level, panel.calendar), season=panel.season)
    masked |= lone
    level = np.where(lone, np.nan, level)
    differenced = not check(_without_calendar(level, panel.calendar))
    transform = {
        (False, False): "level",
        (True, False): "log",
        (False, True): "difference",
        (True, True): "log difference",
    }[logarithm, differenced]
    present = int(np.isfinite(column).sum())
    memory = max(10 * np.log10(present), 2 * panel.season if panel.season <= 12 else 0)
    room = (present - terms.level.shape[1] - differenced) // 8
    base = unit
    if logarithm:
        year = _ROWS_A_YEAR.get(panel.freq, present)
        base *= float(np.median(column[np.isfinite(column)][-year:])) + log_offset(column)
    order = max(1, int(min(memory, room)))
    return Prepared(transform, level, differenced, order, terms, base, masked)


def _without_calendar(level: Floats, calendar: Floats) -> Floats:
    """The level without its calendar pattern, measured on differences: right under a unit root."""
    if not calendar.shape[1]:
        return level
    change = np.diff(level)
    rows = np.isfinite(change)
    design = np.column_stack([np.ones(rows.sum()), np.diff(calendar, axis=0)[rows]])
    solution = np.linalg.lstsq(design, change[rows], rcond=None)[0]
    return np.asarray(level - calendar @ solution[1:])
