"""Compiled loops for metrics with gaps, far from zero or in extreme units, and for lost digits.

`leadlag.core.one_target` calls them, and imports this module at its first call. `out` (metric, lag)
is that of :mod:`leadlag.core.sweep`: products in, correlations out, 2 where digits were lost.
"""

import math

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray, IntArray
from leadlag.core.jit import compiled
from leadlag.core.sweep import window_sums_of

__all__ = ["centre", "correlate_gaps", "gather", "survey", "two_pass"]


@compiled
def gather(
    flat: FloatArray, row_stride: int, column_stride: int, columns: IntArray, values: FloatArray
) -> None:
    """Copy some metrics to rows of their own, (metric, row).

    Through a few rows at a time: read as they lie, then turned within the cache.
    """
    count, n = values.shape
    few = np.empty((32, count))
    for first in range(0, n, 32):
        height = min(32, n - first)
        for t in range(height):
            at, row = (first + t) * row_stride, few[t]
            for i in range(count):
                row[i] = flat[at + columns[i] * column_stride]
        for i in range(count):
            row = values[i, first : first + height]
            for t in range(height):
                row[t] = few[t, i]


@compiled
def survey(
    values: FloatArray, max_lag: int, present: BoolArray, about: FloatArray, size: FloatArray
) -> None:
    """What is present; the mean of the rows that windows share (else of all); the mean size.

    The size is infinite where a value is. Every loop is a plain sum, for the vector units.
    """
    n = values.shape[1]
    for i in range(values.shape[0]):
        row, there = values[i], present[i]
        for t in range(n):
            there[t] = row[t] == row[t]
        total, known, absolute, finite = 0.0, 0.0, 0.0, 0.0
        for t in range(n):
            v = row[t]
            total += v if v == v else 0.0
            known += 1.0 if v == v else 0.0
            absolute += abs(v) * 1e-3 if v == v else 0.0
            finite += 1.0 if abs(v) < np.inf else 0.0
        shared, shared_known = 0.0, 0.0
        middle = row[max_lag : n - max_lag]
        for t in range(middle.size):
            v = middle[t]
            shared += v if v == v else 0.0
            shared_known += 1.0 if v == v else 0.0
        size[i] = absolute if finite == known else np.inf
        about[i] = shared / shared_known if shared_known > 0 else total / max(known, 1.0)


@compiled
def centre(values: FloatArray, about: FloatArray, scale: FloatArray) -> None:
    """``(values - about) * scale`` in place, (metric, row), 0 where missing."""
    for i in range(values.shape[0]):
        row, middle, factor = values[i], about[i], scale[i]
        for t in range(row.size):
            v = (row[t] - middle) * factor
            row[t] = v if v == v else 0.0


@compiled
def _sum_of_rows(v: FloatArray, at: IntArray, n_lags: int, into: FloatArray) -> None:
    """``into[0, j] += Σ v[at + j]`` and ``into[1, j] += Σ v[at + j]²``."""
    whole = at.size - at.size % 4
    one, two = into[0], into[1]
    for start in range(0, whole, 4):
        a = v[at[start] : at[start] + n_lags]
        b = v[at[start + 1] : at[start + 1] + n_lags]
        c = v[at[start + 2] : at[start + 2] + n_lags]
        d = v[at[start + 3] : at[start + 3] + n_lags]
        for j in range(n_lags):
            one[j] += (a[j] + b[j]) + (c[j] + d[j])
            two[j] += (a[j] * a[j] + b[j] * b[j]) + (c[j] * c[j] + d[j] * d[j])
    for start in range(whole, at.size):
        a = v[at[start] : at[start] + n_lags]
        for j in range(n_lags):
            one[j] += a[j]
            two[j] += a[j] * a[j]


@compiled
def _count_of_rows(there: FloatArray, at: IntArray, n_lags: int, into: FloatArray) -> None:
    """``into[j] += Σ there[at + j]``."""
    whole = at.size - at.size % 4
    for start in range(0, whole, 4):
        a = there[at[start] : at[start] + n_lags]
        b = there[at[start + 1] : at[start + 1] + n_lags]
        c = there[at[start + 2] : at[start + 2] + n_lags]
        d = there[at[start + 3] : at[start + 3] + n_lags]
        for j in range(n_lags):
            into[j] += (a[j] + b[j]) + (c[j] + d[j])
    for start in range(whole, at.size):
        a = there[at[start] : at[start] + n_lags]
        for j in range(n_lags):
            into[j] += a[j]


@compiled
def _fewer(present: BoolArray, rows: IntArray) -> tuple[bool, int]:
    """The rows that are missing, or those that are present, whichever are fewer; how many."""
    known = 0
    for t in range(present.size):
        known += present[t]
    of_missing = 2 * known >= present.size
    at = 0
    for t in range(present.size):
        rows[at] = t
        at += present[t] != of_missing
    return of_missing, at


@compiled
def correlate_gaps(
    columns: IntArray, values: FloatArray, present: BoolArray, target: FloatArray,
    target_there: FloatArray, target_present: BoolArray, target_sums: FloatArray,
    cancelled: float, underflow: float, out: FloatArray, n_obs: IntArray,
) -> int:  # fmt: skip
    """Pairwise complete: what the gaps of either side take out of the other's sums.

    A sum over the rows that are present is the sum over all less those that are missing, or the sum
    over the present ones, whichever are fewer. Where a difference cancels, the entry is marked.

    `values` (metric, row) are 0 where missing; `target` and `target_there`, target and mask,
    have ``max_lag`` zeros before and after; `target_sums` (3, lag) are number, sum and squares over
    each whole window.
    """
    n, n_lags = values.shape[1], out.shape[1]
    max_lag = n_lags // 2
    rows, target_rows = np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int64)
    target_few, target_count = _fewer(target_present, target_rows)
    mirrored = n - 1 - target_rows[:target_count]
    all_x, all_xx = np.empty(n_lags), np.empty(n_lags)
    x_sums, y_sums, m = np.empty((2, n_lags)), np.empty((2, n_lags)), np.empty(n_lags)
    reverse = np.zeros(n + 2 * max_lag)
    lost = 0
    for i in columns:
        x, products, number = values[i], out[i], n_obs[i]
        window_sums_of(x, 0.0, max_lag, all_x, all_xx)
        # Target over the rows in which the metric is present.
        few, count = _fewer(present[i], rows)
        y_sums[:] = 0.0
        m[:] = 0.0
        x_sums[:] = 0.0
        _sum_of_rows(target, rows[:count], n_lags, y_sums)
        _count_of_rows(target_there, rows[:count], n_lags, m)
        sum_x, sum_xx, sum_y, sum_yy = x_sums[0], x_sums[1], y_sums[0], y_sums[1]
        # Metric over the rows in which the target is present: lags run the other way.
        if target_count > 0:
            for t in range(n):
                reverse[max_lag + n - 1 - t] = x[t]
            _sum_of_rows(reverse, mirrored, n_lags, x_sums)
        all_yy = target_sums[2]
        if few:
            whole, all_y = target_sums[0], target_sums[1]
            for j in range(n_lags):
                m[j] = whole[j] - m[j]
                sum_y[j] = all_y[j] - sum_y[j]
                sum_yy[j] = all_yy[j] - sum_yy[j]
        if target_few:
            for j in range(n_lags):
                sum_x[j] = all_x[j] - sum_x[j]
                sum_xx[j] = all_xx[j] - sum_xx[j]
        for j in range(n_lags):
            number[j] = int(m[j] + 0.5)
        # Where nothing was taken out, the sum itself is what its variance is held against.
        for j in range(n_lags):
            inverse = 1.0 / m[j]
            var_x = sum_xx[j] - sum_x[j] * sum_x[j] * inverse
            var_y = sum_yy[j] - sum_y[j] * sum_y[j] * inverse
            of_x = all_xx[j] if target_few else sum_xx[j]
            of_y = all_yy[j] if few else sum_yy[j]
            r = (products[j] - sum_x[j] * sum_y[j] * inverse) / math.sqrt(var_x) / math.sqrt(var_y)
            r = 1.0 if r > 1.0 else r
            r = -1.0 if r < -1.0 else r
            r = r if var_x > cancelled * of_x else 2.0
            r = r if var_y > cancelled * of_y else 2.0
            r = r if sum_xx[j] > underflow else 2.0
            r = r if sum_yy[j] > underflow else 2.0
            r = r if r == r else 2.0
            products[j] = r
            lost += r == 2.0
    return lost


@compiled
def _deviations(v: FloatArray, m: int) -> bool:
    """Deviations from the mean, scaled to length 1; false where the sample is constant."""
    size = 0.0
    for t in range(m):
        size = max(size, abs(v[t]))
    # A power of two changes no digit, and squares neither overflow nor underflow.
    power = math.frexp(size)[1]
    for t in range(m):
        v[t] = math.ldexp(v[t], -power)
    highest, lowest = -np.inf, np.inf
    for t in range(m):
        highest, lowest = max(highest, v[t]), min(lowest, v[t])
    if not highest > lowest:
        return False
    for _ in range(2):  # the second round takes out the rounding of the mean itself
        total = 0.0
        for t in range(m):
            total += v[t]
        mean = total / m
        for t in range(m):
            v[t] -= mean
    size = 0.0
    for t in range(m):
        size = max(size, abs(v[t]))
    total = 0.0
    for t in range(m):
        v[t] /= size
        total += v[t] * v[t]
    length = math.sqrt(total)
    for t in range(m):
        v[t] /= length
    return True


@compiled
def two_pass(
    x: FloatArray, y: FloatArray, lags: IntArray, out: FloatArray, n_obs: IntArray
) -> None:
    """Correlation at some lags straight from the values: exact and slower; NaN where undefined."""
    n = x.size
    a, b = np.empty(n), np.empty(n)
    for at in range(lags.size):
        k = lags[at]
        m = 0
        for t in range(max(k, 0), min(n, n + k)):
            if x[t - k] == x[t - k] and y[t] == y[t]:
                a[m], b[m] = x[t - k], y[t]
                m += 1
        n_obs[at] = m
        out[at] = np.nan
        if m >= 2 and _deviations(a, m) and _deviations(b, m):
            r = 0.0
            for t in range(m):
                r += a[t] * b[t]
            out[at] = min(max(r, -1.0), 1.0)
