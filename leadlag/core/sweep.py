"""Compiled loops of the correlation sweep: many metrics beside one target, every lag.

`leadlag.core.one_target` calls them, and imports this module at its first call. `products`
(lag, metric) holds the sums of products; `out` (metric, lag) leaves with correlations, 2 at an
entry whose sums lost digits.

Sums over windows are only ever added, the shared rows first: a total minus an edge would lose every
digit beside an outlier.
"""

import math

import numpy as np

from leadlag.core.arrays import FloatArray, IntArray
from leadlag.core.jit import compiled

__all__ = [
    "correlate_columns",
    "correlate_rows",
    "look_at_rows",
    "window_sums_of",
]


@compiled
def look_at_rows(
    flat: FloatArray, stride: int, first: int, n: int, max_lag: int,
    about: FloatArray, moments: FloatArray,
) -> None:  # fmt: skip
    """Sums and squares of a row-major table's head, core and tail, (6, metric), in one reading.

    Around `about`, the mean of a few rows that every window shares.
    """
    width = about.size
    about[:] = 0.0
    moments[:] = 0.0
    sample = max(1, (n - 2 * max_lag) // 16)
    for at in range(16):
        t = min(max_lag + at * sample, n - max_lag - 1)
        row = flat[t * stride + first : t * stride + first + width]
        for i in range(width):
            about[i] += row[i] * 0.0625
    for zone in range(3):
        start = 0 if zone == 0 else max_lag if zone == 1 else n - max_lag
        stop = max_lag if zone == 0 else n - max_lag if zone == 1 else n
        total, squares = moments[2 * zone], moments[2 * zone + 1]
        whole = start + (stop - start) // 4 * 4
        for t in range(start, whole, 4):
            at = t * stride + first
            row0, row1 = flat[at : at + width], flat[at + stride : at + stride + width]
            at += 2 * stride
            row2, row3 = flat[at : at + width], flat[at + stride : at + stride + width]
            for i in range(width):
                v0, v1 = row0[i] - about[i], row1[i] - about[i]
                v2, v3 = row2[i] - about[i], row3[i] - about[i]
                total[i] += (v0 + v1) + (v2 + v3)
                squares[i] += (v0 * v0 + v1 * v1) + (v2 * v2 + v3 * v3)
        for t in range(whole, stop):
            row = flat[t * stride + first : t * stride + first + width]
            for i in range(width):
                v = row[i] - about[i]
                total[i] += v
                squares[i] += v * v


@compiled
def _turn(products: FloatArray, start: int, stop: int, out: FloatArray) -> None:
    """Lay the products of some metrics one metric after the other: one cache line a lag."""
    for j in range(products.shape[0]):
        for i in range(start, stop):
            out[i, j] = products[j, i]


@compiled
def _normalise(
    row: FloatArray, sums: FloatArray, squares: FloatArray, middle: float, y_sum: FloatArray,
    y_scale: FloatArray, inverse: FloatArray, level: float, cancelled: float, underflow: float,
) -> tuple[int, int]:  # fmt: skip
    """Products of one metric to correlations; how many lost digits, and how many windows are weak.

    Written so that it becomes vector instructions: one row at a time, no `min` or `max` (which ask
    what to do with NaN), no early way out.
    """
    lost, strong, floor = 0, 0, level * middle * middle
    for j in range(row.size):
        mean = sums[j] * inverse[j]
        variance = squares[j] - sums[j] * mean
        r = (row[j] - (mean + middle) * y_sum[j]) * y_scale[j] / math.sqrt(variance)
        r = 1.0 if r > 1.0 else r
        r = -1.0 if r < -1.0 else r
        r = r if variance > cancelled * squares[j] else 2.0
        r = r if squares[j] > underflow else 2.0
        r = r if r == r else 2.0
        row[j] = r
        lost += r == 2.0
        strong += variance * inverse[j] > floor
    return lost, row.size - strong


@compiled
def correlate_rows(
    flat: FloatArray, stride: int, first: int, about: FloatArray, moments: FloatArray,
    target: FloatArray, level: float, cancelled: float, underflow: float,
    products: FloatArray, out: FloatArray, weak: IntArray,
) -> int:  # fmt: skip
    """Normalise the products of a row-major table; how many entries lost digits.

    `target` (4, lag) holds rows, sum, and one over the root of the sum of squares (NaN where not to
    be trusted) of each window, then 1 / rows. `weak` counts the windows whose mean square deviation
    is no more than ``level * about**2``, or not a number.
    """
    count, n_lags = out.shape
    max_lag = n_lags // 2
    n = int(target[0, max_lag])
    # Eight metrics at a time: one line of the cache in each row of the table.
    sums, squares = np.empty((n_lags, 8)), np.empty((n_lags, 8))
    own, own_squares = np.empty(n_lags), np.empty(n_lags)
    y_sum, y_scale, inverse = target[1], target[2], target[3]
    head, head_squares, tail, tail_squares = np.empty((4, 8))
    lost = 0
    for start in range(0, count, 8):
        size = min(8, count - start)
        middle = about[start : start + 8]
        for i in range(8):
            at = start + i
            head[i] = moments[2, at] + moments[0, at]
            head_squares[i] = moments[3, at] + moments[1, at]
            tail[i] = moments[2, at] + moments[4, at]
            tail_squares[i] = moments[3, at] + moments[5, at]
        # Lag k uses rows [0, n - k): head, core and what is left of the tail; -k mirrors it.
        for step in range(max_lag + 1):
            if step > 0:
                at = (n - max_lag + step - 1) * stride + first + start
                row = flat[at : at + 8]
                at = (max_lag - step) * stride + first + start
                mirror = flat[at : at + 8]
                for i in range(8):
                    v, w = row[i] - middle[i], mirror[i] - middle[i]
                    head[i] += v
                    head_squares[i] += v * v
                    tail[i] += w
                    tail_squares[i] += w * w
            early, early_squares = sums[step], squares[step]
            late, late_squares = sums[n_lags - 1 - step], squares[n_lags - 1 - step]
            for i in range(8):
                early[i], early_squares[i] = tail[i], tail_squares[i]
                late[i], late_squares[i] = head[i], head_squares[i]
        _turn(products, start, start + size, out)
        for i in range(size):
            for j in range(n_lags):
                own[j], own_squares[j] = sums[j, i], squares[j, i]
            bad, weak[start + i] = _normalise(
                out[start + i], own, own_squares, middle[i], y_sum, y_scale, inverse,
                level, cancelled, underflow,
            )  # fmt: skip
            lost += bad
    return lost


@compiled
def window_sums_of(
    x: FloatArray, middle: float, max_lag: int, sums: FloatArray, squares: FloatArray
) -> None:
    """Sums and squares of ``x - middle`` over the window of each lag."""
    n = x.size
    head, head_squares, tail, tail_squares, core, core_squares = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    early, shared, late = x[:max_lag], x[max_lag : n - max_lag], x[n - max_lag :]
    for t in range(shared.size):
        v = shared[t] - middle
        core += v
        core_squares += v * v
    for t in range(max_lag):
        v, w = early[t] - middle, late[t] - middle
        head += v
        head_squares += v * v
        tail += w
        tail_squares += w * w
    head, head_squares = head + core, head_squares + core_squares
    tail, tail_squares = tail + core, tail_squares + core_squares
    last = 2 * max_lag
    for step in range(max_lag + 1):
        if step > 0:
            v, w = late[step - 1] - middle, early[max_lag - step] - middle
            head, head_squares = head + v, head_squares + v * v
            tail, tail_squares = tail + w, tail_squares + w * w
        sums[step], squares[step] = tail, tail_squares
        sums[last - step], squares[last - step] = head, head_squares


@compiled
def correlate_columns(
    flat: FloatArray, stride: int, first: int, target: FloatArray, level: float,
    cancelled: float, underflow: float, products: FloatArray, out: FloatArray, weak: IntArray,
) -> int:  # fmt: skip
    """:func:`correlate_rows` for a column-major table: each metric lies in a piece."""
    count, n_lags = out.shape
    max_lag = n_lags // 2
    n = int(target[0, max_lag])
    sample = max(1, (n - 2 * max_lag) // 16)
    sums, squares = np.empty(n_lags), np.empty(n_lags)
    y_sum, y_scale, inverse = target[1], target[2], target[3]
    lost = 0
    for i in range(count):
        if i % 8 == 0:
            _turn(products, i, min(i + 8, count), out)
        x = flat[(first + i) * stride : (first + i) * stride + n]
        middle = 0.0
        for at in range(16):
            middle += x[min(max_lag + at * sample, n - max_lag - 1)] * 0.0625
        window_sums_of(x, middle, max_lag, sums, squares)
        bad, weak[i] = _normalise(
            out[i], sums, squares, middle, y_sum, y_scale, inverse, level, cancelled, underflow
        )
        lost += bad
    return lost
