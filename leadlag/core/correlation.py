"""Correlation at every lag: exact Pearson on the rows that meet at that lag.

At lag k the pairs ``(x[t - k], y[t])`` in which both values are present are a sample of their own,
and the correlation uses the mean and the variance of that sample. (The textbook estimator, which
R's ``ccf`` prints, divides by the variance of the full series instead, and shrinks towards zero as
the overlap gets shorter.)

All lags come out of matrix products; the sums over each window are put together from parts, never
taken as a total minus a part, which would lose every digit beside an outlier. Where a sum still
cancels, that entry is computed again in two passes. The error against extended precision stays
below 1e-12 at an offset of 1e8, beside an outlier of 1e8, and on random walks.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from leadlag.core.all_pairs import correlate_all_pairs
from leadlag.core.arrays import BoolArray, FloatArray, IntArray, freeze, unit_size
from leadlag.core.checks import (
    as_count,
    as_matrix,
    as_series,
    as_table,
    need_finite,
    need_overlap,
    need_same_rows,
)
from leadlag.core.lags import lag_grid, overlap
from leadlag.core.one_target import correlate_with_target
from leadlag.core.pearson import around_median, pearson, two_pass, window_sums

__all__ = [
    "CrossCorrelation",
    "CrossCorrelationMatrix",
    "cross_correlation",
    "cross_correlation_matrix",
]

# Lags from which blocks beat a product for each lag.
_FEWEST_LAGS = 8
# Series go by blocks whose smallest window has at least this share of their variance: the error of
# a product of two is a few roundings over the root of both shares.
_EVEN = 1e-2
# Pairs of series that one two-pass call takes at a time.
_PAIRS = 512


@dataclass(frozen=True, eq=False)
class CrossCorrelation:
    """Correlation of each metric with one target at every lag.

    Attributes
    ----------
    lags : ndarray of int, shape (2 * max_lag + 1,), periods
        ``-max_lag … max_lag``; at ``k > 0`` the metric moves first.
    correlation : ndarray, shape (n_metrics, 2 * max_lag + 1)
        ``corr(x[t - k], y[t])``; NaN where either side is constant or fewer than two rows meet.
    n_obs : ndarray of int, shape (n_metrics, 2 * max_lag + 1)
        Rows in which both values are present.
    labels : tuple of str, or None
        Column names in the order of the metrics, where a frame was given.
    """

    lags: IntArray
    correlation: FloatArray
    n_obs: IntArray
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class CrossCorrelationMatrix:
    """Correlation of every series with every other at every lag.

    Attributes
    ----------
    lags : ndarray of int, shape (max_lag + 1,), periods
        ``0 … max_lag``.
    correlation : ndarray, shape (n_metrics, n_metrics, max_lag + 1)
        Entry ``[i, j, k]`` is ``corr(X[t - k, i], X[t, j])``: i precedes j by k. The other
        direction is ``[j, i, k]``. NaN as in :class:`CrossCorrelation`.
    labels : tuple of str, or None
        Column names, where a frame was given.
    """

    lags: IntArray
    correlation: FloatArray
    labels: tuple[str, ...] | None = None


def cross_correlation(X: ArrayLike, y: ArrayLike, *, max_lag: int) -> CrossCorrelation:
    """Correlate each metric with the target at lags ``-max_lag … max_lag``.

    Parameters
    ----------
    X : array_like or frame, shape (n_obs, n_metrics) or (n_obs,)
        Metrics, one row for each period; NaN where missing.
    y : array_like or series, shape (n_obs,)
        Target on the same rows; NaN where missing.
    max_lag : int, periods
        From 0 to ``n_obs - 2``.

    Returns
    -------
    CrossCorrelation
        ``lags``, ``correlation``, ``n_obs`` and ``labels``.

    Raises
    ------
    LeadLagError
        If the input is not numeric, holds infinities, has different numbers of rows, or is too
        short for ``max_lag``.

    Notes
    -----
    With T the set of t at which both ``x[t - k]`` and ``y[t]`` are present, m its size
    and means over T,

    ``r(k) = Σ (x[t-k] - x̄)(y[t] - ȳ) / sqrt(Σ (x[t-k] - x̄)² Σ (y[t] - ȳ)²)``.

    This is a description. Both series being autocorrelated, a large value at some lag is not
    evidence: the usual band of ±1.96/√n holds for white noise alone, and the search over lags is
    not paid for.

    References
    ----------
    Box, G. E. P., Jenkins, G. M. and Reinsel, G. C. (1994). *Time Series
    Analysis*, 3rd ed., chapter 11.

    Examples
    --------
    A metric that the target repeats two periods later:

    >>> import numpy as np
    >>> x = np.random.default_rng(0).standard_normal(100)
    >>> y = np.concatenate([[0.0, 0.0], x[:-2]])
    >>> result = cross_correlation(x, y, max_lag=3)
    >>> result.lags
    array([-3, -2, -1,  0,  1,  2,  3])
    >>> int(result.lags[result.correlation[0].argmax()])
    2
    """
    values, labels = as_table(X, "X")
    target = as_series(y, "y")
    need_same_rows(X, values, y, target)
    lags = as_count(max_lag, "max_lag", at_least=0)
    need_overlap(target.size, lags)

    correlation, n_obs, finite = correlate_with_target(values, target, lags)
    if not finite:
        need_finite(values, "X")
    return CrossCorrelation(freeze(lag_grid(lags)), freeze(correlation), freeze(n_obs), labels)


def cross_correlation_matrix(X: ArrayLike, *, max_lag: int) -> CrossCorrelationMatrix:
    """Correlate every series with every other at lags ``0 … max_lag``, both directions.

    Parameters
    ----------
    X : array_like or frame, shape (n_obs, n_metrics) or (n_obs,)
        Series, one row for each period; NaN where missing.
    max_lag : int, periods
        From 0 to ``n_obs - 2``.

    Returns
    -------
    CrossCorrelationMatrix
        ``lags``, ``correlation`` with ``[i, j, k] = corr(X[t - k, i], X[t, j])``, and ``labels``.

    Raises
    ------
    LeadLagError
        As :func:`cross_correlation`.

    Notes
    -----
    The definition and the treatment of missing values are those of
    :func:`cross_correlation`; a series with gaps costs the others nothing.

    References
    ----------
    Box, G. E. P., Jenkins, G. M. and Reinsel, G. C. (1994). *Time Series
    Analysis*, 3rd ed., chapter 11.

    Examples
    --------
    The second series repeats the first one period later:

    >>> import numpy as np
    >>> x = np.random.default_rng(0).standard_normal(50)
    >>> X = np.column_stack([x[1:], x[:-1]])
    >>> result = cross_correlation_matrix(X, max_lag=1)
    >>> round(float(result.correlation[0, 1, 1]), 12)
    1.0
    """
    values, labels = as_matrix(X, "X")
    n, p = values.shape
    lags = as_count(max_lag, "max_lag", at_least=0)
    need_overlap(n, lags)

    x = unit_size(np.ascontiguousarray(values.T))
    correlation, fit = _by_blocks(x, lags)
    inside, others = np.flatnonzero(fit), np.flatnonzero(~fit)
    if others.size:
        whole = np.empty((p, p, lags + 1))
        whole[np.ix_(inside, inside)] = correlation
        correlation = whole
    for leaders, followers in ((others, np.arange(p)), (inside, others)):
        if leaders.size and followers.size:
            correlation[np.ix_(leaders, followers)] = _by_lag(x[leaders], x[followers], lags)
    return CrossCorrelationMatrix(freeze(np.arange(lags + 1)), freeze(correlation), labels)


# --- all pairs, all lags at once -----------------------------------------------------------------


def _by_blocks(x: FloatArray, max_lag: int) -> tuple[FloatArray, BoolArray]:
    """All pairs of the series that are fit for blocks, and which those are, decided one by one.

    Complete, and no window much smaller than the whole.
    """
    p, n = x.shape
    if n <= 2 * max_lag or max_lag < _FEWEST_LAGS:
        return np.empty((0, 0, max_lag + 1)), np.zeros(p, dtype=np.bool_)
    centred = x - x[:, max_lag : n - max_lag].mean(axis=1, keepdims=True)
    squared = centred * centred
    sums, squares = window_sums(centred, max_lag), window_sums(squared, max_lag)
    variance = squares - sums**2 / (n - np.abs(lag_grid(max_lag)))
    fit = np.asarray(variance.min(axis=1) > _EVEN * squared.sum(axis=1))
    if not fit.any():
        return np.empty((0, 0, max_lag + 1)), fit
    if not fit.all():
        centred, sums, squares = centred[fit], sums[fit], squares[fit]
    # Windows so even keep their digits in sums.
    return correlate_all_pairs(centred, sums, squares), fit


def _by_lag(leaders: FloatArray, followers: FloatArray, max_lag: int) -> FloatArray:
    n = leaders.shape[1]
    correlation = np.empty((leaders.shape[0], followers.shape[0], max_lag + 1))
    complete = not (np.isnan(leaders).any() or np.isnan(followers).any())
    pieces = _complete_pairs if n > 2 * max_lag and complete else _masked_pairs
    for k, (r, trusted) in enumerate(pieces(leaders, followers, max_lag)):
        correlation[:, :, k] = r
        _again(correlation[:, :, k], ~trusted, leaders, followers, k)
    return correlation


def _again(
    r: FloatArray, lost: BoolArray, leaders: FloatArray, followers: FloatArray, k: int
) -> None:
    """Two passes for the entries whose sums lost digits."""
    x_rows, y_rows = overlap(leaders.shape[1], k)
    first, second = np.nonzero(lost)
    for start in range(0, first.size, _PAIRS):
        i, j = first[start : start + _PAIRS], second[start : start + _PAIRS]
        r[i, j] = two_pass(leaders[i, x_rows], followers[j, y_rows])


# --- all pairs, one lag at a time -----------------------------------------------------------------


def _complete_pairs(
    x: FloatArray, y: FloatArray, max_lag: int
) -> Iterator[tuple[FloatArray, BoolArray]]:
    n = x.shape[1]
    shared = slice(max_lag, n - max_lag)
    x, y = (v - v[:, shared].mean(axis=1, keepdims=True) for v in (x, y))
    (sum_x, sum_xx), (sum_y, sum_yy) = (
        (window_sums(v, max_lag), window_sums(v * v, max_lag)) for v in (x, y)
    )
    for k in range(max_lag + 1):
        first, then = overlap(n, k)
        early, late = max_lag + k, max_lag - k
        yield pearson(
            np.float64(n - k),
            x[:, first] @ y[:, then].T,
            sum_x[:, early, None],
            sum_xx[:, early, None],
            sum_y[:, late],
            sum_yy[:, late],
        )


def _masked_pairs(
    x: FloatArray, y: FloatArray, max_lag: int
) -> Iterator[tuple[FloatArray, BoolArray]]:
    n = x.shape[1]
    there_x, there_y = ((~np.isnan(v)).astype(np.float64) for v in (x, y))
    x, y = around_median(x), around_median(y)
    for k in range(max_lag + 1):
        first, then = overlap(n, k)
        there_i, x_i, squares_i = there_x[:, first], x[:, first], x[:, first] ** 2
        there_j, y_j, squares_j = there_y[:, then].T, y[:, then].T, (y[:, then] ** 2).T
        yield pearson(
            there_i @ there_j,
            x_i @ y_j,
            x_i @ there_j,
            squares_i @ there_j,
            there_i @ y_j,
            there_i @ squares_j,
        )
