"""Pearson from sums, and what keeps its digits.

Sums over many windows are cheap and lose digits where a mean is large beside the spread around it.
:func:`pearson` says which entries kept theirs; :func:`two_pass` computes the others again from the
values.
"""

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray

__all__ = ["CANCELLED", "UNDERFLOW", "around_median", "pearson", "two_pass", "window_sums"]

# Window variance over mean square around the reference point. Below it a sum has lost more than two
# digits, so the entry is computed again: the error stays below about 100 units in the last place.
CANCELLED = 1e-2
# Series are scaled to at most 1; a mean square below this has lost digits to underflow.
UNDERFLOW = 1e-200


def window_sums(v: FloatArray, max_lag: int) -> FloatArray:
    """Sums of v over the rows that the metric has in play at each lag, (..., n_lags)."""
    n = v.shape[-1]
    sums = np.empty((*v.shape[:-1], 2 * max_lag + 1))
    # Lag k >= 0 uses rows [0, n - k), lag -k uses [k, n): a part that all of them share, plus a
    # cumulated edge. Only ever added: a total minus an edge would cancel beside an outlier.
    edge = np.empty((*v.shape[:-1], max_lag + 1))
    edge[..., 0] = 0.0
    np.cumsum(v[..., n - max_lag :], axis=-1, out=edge[..., 1:])
    sums[..., max_lag:] = v[..., : n - max_lag].sum(axis=-1)[..., None] + edge[..., ::-1]
    np.cumsum(v[..., :max_lag][..., ::-1], axis=-1, out=edge[..., 1:])
    sums[..., :max_lag] = v[..., max_lag:].sum(axis=-1)[..., None] + edge[..., :-1]
    return sums


def pearson(
    m: FloatArray | np.float64,
    products: FloatArray,
    sum_x: FloatArray,
    sum_xx: FloatArray,
    sum_y: FloatArray,
    sum_yy: FloatArray,
) -> tuple[FloatArray, BoolArray]:
    """Correlation from sums around a reference point, and which entries kept their digits."""
    # Windows of no or one row and constant series divide by zero here; they are not trusted.
    with np.errstate(divide="ignore", invalid="ignore"):
        var_x = sum_xx - sum_x * sum_x / m
        var_y = sum_yy - sum_y * sum_y / m
        r = (products - sum_x * sum_y / m) / np.sqrt(var_x) / np.sqrt(var_y)
        trusted = (var_x > CANCELLED * sum_xx) & (var_y > CANCELLED * sum_yy)
    trusted &= (sum_xx > UNDERFLOW) & (sum_yy > UNDERFLOW)
    return np.clip(r, -1.0, 1.0), trusted


def two_pass(a: FloatArray, b: FloatArray) -> FloatArray:
    """Correlation of rows that meet, (c, m) each with NaN where missing: exact and slower."""
    present = ~(np.isnan(a) | np.isnan(b))
    r = np.einsum("ij,ij->i", _unit_deviations(a, present), _unit_deviations(b, present))
    return np.asarray(np.clip(r, -1.0, 1.0))


def _unit_deviations(a: FloatArray, present: BoolArray) -> FloatArray:
    """Deviations from the mean, scaled to length 1; NaN where the sample is constant."""
    m = np.maximum(present.sum(axis=1, keepdims=True), 1)
    highest = np.where(present, a, -np.inf).max(axis=1, keepdims=True, initial=-np.inf)
    lowest = np.where(present, a, np.inf).min(axis=1, keepdims=True, initial=np.inf)
    deviations = np.where(present, a, 0.0)
    for _ in range(2):  # the second round takes out the rounding of the mean itself
        mean = deviations.sum(axis=1, keepdims=True) / m
        deviations = np.where(present, deviations - mean, 0.0)
    varies = highest > lowest
    size = np.abs(deviations).max(axis=1, keepdims=True, initial=0.0)
    deviations = deviations / np.where(varies, size, np.nan)
    length = np.sqrt(np.einsum("ij,ij->i", deviations, deviations))
    return np.asarray(deviations / length[:, None])


def around_median(x: FloatArray) -> FloatArray:
    """Each row minus the median of its present values, 0 where missing: outliers do not move it."""
    there = ~np.isnan(x)
    some = there.any(axis=1)
    centre = np.zeros(x.shape[0])
    centre[some] = np.nanmedian(x[some], axis=1)
    return np.where(there, x - centre[:, None], 0.0)
