"""What one series' past says about its scale and its fixed pattern: for forecasts, from past rows.

Everything here takes ``known``, the number of rows that are known, and learns from those alone.
"""

from dataclasses import dataclass

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray, IntArray
from leadlag.core.memo import Memo
from leadlag.core.transforms import log_offset, prefers_log
from leadlag.core.unit_root import is_stationary

__all__ = [
    "FEWEST_ROWS",
    "PastScale",
    "best_size",
    "bridged",
    "chosen_terms",
    "past_scale",
    "repetition",
    "without_pattern",
]

# Rows without which nothing is estimated.
FEWEST_ROWS = 24
# A term is slow whose steps are less than this share of its range: a trend, a long wave.
_SLOW = 0.1
# What is left of a column of length 1 that adds something to those before it.
_ADDS = 1e-7


@dataclass(frozen=True)
class PastScale:
    """Level or logarithm, level or difference, and units of size 1: as the past decides."""

    log: bool
    offset: float
    difference: bool
    centre: float
    size: float

    def of(self, raw: FloatArray) -> FloatArray:
        """The series on this scale; NaN where it has no logarithm."""
        values = raw
        if self.log:
            shifted = raw + self.offset
            values = np.log(np.where(shifted > 0, shifted, np.nan))
        return np.asarray((values - self.centre) / self.size)

    def raw(self, value: FloatArray) -> FloatArray:
        """Back to the series' own scale; of a logarithm, the median."""
        value = self.centre + self.size * value
        return np.asarray(np.maximum(np.exp(value) - self.offset, 0.0) if self.log else value)


def past_scale(
    past: FloatArray,
    terms_level: FloatArray,
    terms_difference: FloatArray,
    season: int,
    memo: Memo | None = None,
) -> PastScale:
    """Decide level or logarithm, level or difference; `memo` is for these terms."""
    log = prefers_log(past, season=season)
    offset = log_offset(past) if log else 0.0
    values = np.log(past + offset) if log else past
    known = values[np.isfinite(values)]
    size = float(known.std())
    scale = PastScale(log, offset, False, float(known.mean()), size if size > 0 else 1.0)
    level = scale.of(past)
    # The fixed pattern is measured on differences: right under a unit root.
    level = without_pattern(
        level, terms_level[: past.size], terms_difference[: past.size],
        difference=True, known=past.size, memo=memo,
    )  # fmt: skip
    return PastScale(log, offset, not is_stationary(level), scale.centre, scale.size)


@dataclass(frozen=True, eq=False)
class _Factor:
    """QR of the regressors that add something to those before them, on some rows."""

    kept: IntArray
    length: FloatArray
    q: FloatArray
    r: FloatArray


def without_pattern(
    level: FloatArray,
    terms_level: FloatArray,
    terms_difference: FloatArray,
    *,
    difference: bool,
    known: int,
    memo: Memo | None = None,
) -> FloatArray:
    """A level without its fixed pattern, as chosen and measured on rows before `known`.

    On differences, trend and slow terms stay in; on levels, the trend goes as well. Series that are
    known in the same rows share one factor of the terms in `memo`.
    """
    moving = terms_level[:, 2:]
    if difference:
        regressors = terms_difference[:, [0, *range(-moving.shape[1], 0)]]
        series = np.diff(level, prepend=np.nan)
    else:
        regressors, series = terms_level, level
    rows = np.isfinite(series) & np.isfinite(regressors).all(axis=1)
    rows[known:] = False
    factor = (memo or Memo()).of(
        ("pattern", difference, rows[:known].tobytes()),
        lambda: _factored(regressors[rows], regressors.shape[1], int(rows.sum()) // 3),
    )
    kept = factor.kept
    if kept.size == 0:
        # Hardly two values side by side: no change tells of a pattern.
        return level
    size = 1 + best_size(factor.q, series, rows, 1, np.ones(kept.size))[0]
    solution = np.linalg.solve(factor.r[:size, :size], factor.q[:, :size].T @ series[rows])
    kept = kept[:size]
    coefficients = solution / factor.length[:size]
    # Of differenced terms the constant is a drift, which stays in.
    columns, first = (moving[:, kept[1:] - 1], 1) if difference else (terms_level[:, kept], 0)
    return np.asarray(level - np.nan_to_num(columns) @ coefficients[first:])


def _factored(columns: FloatArray, count: int, most: int) -> _Factor:
    """QR of columns; of the first `count`, up to `most` that add something to those before them."""
    length = np.linalg.norm(columns, axis=0)
    q, r = np.linalg.qr(columns / np.where(length > 0, length, 1.0))
    pivot = np.abs(np.diagonal(r)[:count])
    adds = np.zeros(count, dtype=bool)
    adds[: pivot.size] = pivot > _ADDS
    adds &= length[:count] > 0
    if adds.all() and count <= most:
        return _Factor(np.arange(columns.shape[1]), length, q, r)
    kept = np.r_[np.flatnonzero(adds)[:most], count : columns.shape[1]]
    fewer = _factored(columns[:, kept], 0, 0)
    return _Factor(kept, fewer.length, fewer.q, fewer.r)


def bridged(level: FloatArray, terms: FloatArray, *, difference: bool, known: int) -> FloatArray:
    """Missing values inside a series replaced by a forecast from what lies before them.

    The pattern is fitted to rows before `known`: fixed terms, and an autoregression of order 1
    or a unit root.
    """
    present = np.isfinite(level)
    inside = np.arange(level.size) >= int(np.argmax(present))
    gaps = np.flatnonzero(inside & ~present)
    if gaps.size == 0:
        return level
    terms = np.nan_to_num(terms)
    series = np.diff(level, prepend=np.nan) if difference else level
    rows = np.isfinite(series)
    rows[known:] = False
    fixed = terms @ np.linalg.lstsq(terms[rows], series[rows], rcond=None)[0]
    filled = level.copy()
    if difference:
        for t in gaps:
            filled[t] = filled[t - 1] + fixed[t]
        return filled
    away = np.where(rows, level - fixed, np.nan)
    pairs = np.isfinite(away[1:]) & np.isfinite(away[:-1])
    before = away[:-1][pairs]
    memory = float(before @ away[1:][pairs] / max(before @ before, np.finfo(float).tiny))
    for t in gaps:
        filled[t] = fixed[t] + np.clip(memory, -1.0, 1.0) * (filled[t - 1] - fixed[t - 1])
    return filled


def best_size(
    basis: FloatArray, response: FloatArray, rows: BoolArray, least: int, overlap: FloatArray
) -> tuple[int, float]:
    """How many columns beyond the first `least` the Hannan–Quinn criterion keeps, and its value.

    `basis` is the Q of the columns on the rows, in their order. `overlap` holds, for each column,
    how many errors say the same at least; all 1 for forecasts one period ahead.

    Errors of forecasts further ahead than one period overlap, so a slow column explains more by
    accident than a quick one: each pays for its own repetition.
    """
    m = basis.shape[0]
    seen = response[rows]
    along = basis.T @ seen
    rss = seen @ seen - np.cumsum(along**2)[least - 1 :]
    rss = np.maximum(rss, 1e-12 * m)
    cost = np.cumsum(overlap)[least - 1 :]
    size = least + np.arange(rss.size)
    penalty = 2 * np.log(np.log(m)) * cost * m / np.maximum(m - size - 2, 1)
    criterion = m * np.log(rss / m) + penalty
    best = int(np.argmin(criterion))
    return best, float(criterion[best])


def _overlap(
    basis: FloatArray, response: FloatArray, rows: BoolArray, slow: BoolArray, horizon: int
) -> FloatArray:
    """Repetition of each column of a basis beside the response's rest, `horizon` periods ahead.

    Over a long horizon it can't be read from the rows, and a slow term pays for errors that overlap
    in full.
    """
    if horizon == 1:
        return np.ones(basis.shape[1])
    seen = response[rows]
    columns = np.zeros((rows.size, basis.shape[1] + 1))
    columns[rows, :-1] = basis
    columns[rows, -1] = seen - basis @ (basis.T @ seen)
    return np.maximum(repetition(columns, horizon), np.where(slow, 2 * horizon / 3, 1.0))


def chosen_terms(
    terms: FloatArray, own_lags: FloatArray, response: FloatArray, rows: BoolArray, horizon: int
) -> FloatArray:
    """Own lags beside all terms, then terms beside those lags, each in order, by Hannan–Quinn.

    A trend in front of the weekdays would come in with them, and be drawn on over the horizon: own
    forecasts 118 days ahead missed by twenty times the variance. So slow terms may come last.
    """
    count = terms.shape[1]
    seen = np.hstack([terms[rows], own_lags[rows]])
    factor = _factored(seen, count, max(1, int(rows.sum()) // 3))
    q, r = factor.q, factor.r
    slow = _is_slow(seen[:, factor.kept])
    count = factor.kept.size - own_lags.shape[1]
    terms = terms[:, factor.kept[:count]]

    def size_of(basis: FloatArray, columns: IntArray, least: int) -> tuple[int, float]:
        overlap = _overlap(basis, response, rows, slow[columns], horizon)
        return best_size(basis, response, rows, least, overlap)

    order, _ = size_of(q, np.arange(q.shape[1]), count)
    lags = np.arange(count, count + order)
    best = terms[:, :1], np.inf
    for columns in _orders(slow[:count]):
        nested = np.r_[0, lags, columns]
        # All of them lie in the span of q: another order turns it, and needs no rows.
        basis = q @ np.linalg.qr(r[:, nested])[0]
        size, criterion = size_of(basis, nested, 1 + order)
        if criterion < best[1]:
            best = terms[:, [0, *columns[:size]]], criterion
    return np.hstack([best[0], own_lags[:, :order]])


def _orders(slow: BoolArray) -> list[IntArray]:
    """Orders in which the terms after the constant may come: as they are, or slow ones later."""
    columns = np.arange(1, slow.size)
    slow = slow[1:]
    if slow.all() or not slow.any():
        return [columns]
    quick, curves = columns[~slow], columns[slow]
    return [columns, np.r_[curves[:1], quick, curves[1:]], np.r_[quick, curves]]


def _is_slow(columns: FloatArray) -> BoolArray:
    steps = np.abs(np.diff(columns, axis=0)).max(axis=0, initial=0.0)
    return np.asarray(steps < _SLOW * np.ptp(columns, axis=0))


def repetition(left: FloatArray, horizon: int) -> FloatArray:
    """How many rows tell what one independent row would, for each window's slope.

    Errors of forecasts `horizon` periods ahead overlap; where the window's values persist too,
    neighbouring rows say the same. Autocorrelations of both sides, multiplied, tapered.
    """
    from leadlag.core.rolling import lag_products

    size = np.maximum(np.einsum("ij,ij->j", left, left), 1e-300)
    alike = lag_products(np.ascontiguousarray(left), horizon) / size
    taper = 2 * (1 - np.arange(1, horizon) / horizon)
    total = 1.0 + (taper * alike[:, -1]) @ alike[:, :-1]
    return np.asarray(np.maximum(total, 1.0))
