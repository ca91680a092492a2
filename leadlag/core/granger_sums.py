"""Granger tests of every order, both directions, from one table of sums for each metric; compiled.

The columns of a metric's regressions are lags of two series and their differences, so all sums of
products come out of a few dot products: the next lag's sum differs by what enters and leaves at the
ends. `leadlag.core.granger` imports this module when it is called, and factors designs where the
sums would not keep their digits; the factors are also the slow twin in the tests.
"""

import math

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray, IntArray
from leadlag.core.jit import compiled

__all__ = ["centred_rows", "run_tests"]

# What is left of a column of length 1 beside the others; below it, sums lose more than six digits.
_PIVOT = 1e-6
# What the fixed terms, or the larger model, leave of a sum of squares.
_LEFT = 1e-5
# A value at an end, squared, over a column's sum of squares: it is added to and taken from sums.
_EDGE = 100.0


@compiled
def _dot(a: FloatArray, b: FloatArray) -> float:
    total = 0.0
    for t in range(a.size):
        total += a[t] * b[t]
    return total


@compiled
def _lag_dots(now: FloatArray, past: FloatArray, count: int, out: FloatArray) -> None:
    """``out[h]`` is the product of ``now``, the last of ``past``'s rows, with those h before."""
    n = now.size
    start = past.size - n
    h = 0
    # Four at a time: each value of `now` is read once for them.
    while h + 4 <= count:
        a, b = past[start - h : start - h + n], past[start - h - 1 : start - h - 1 + n]
        c, d = past[start - h - 2 : start - h - 2 + n], past[start - h - 3 : start - h - 3 + n]
        one, two, three, four = 0.0, 0.0, 0.0, 0.0
        for t in range(n):
            v = now[t]
            one += v * a[t]
            two += v * b[t]
            three += v * c[t]
            four += v * d[t]
        out[h], out[h + 1], out[h + 2], out[h + 3] = one, two, three, four
        h += 4
    while h < count:
        out[h] = _dot(now, past[start - h : start - h + n])
        h += 1


@compiled
def _side(x: FloatArray, dx: FloatArray, basis: FloatArray, depth: int, along: FloatArray) -> None:
    """What the fixed terms (rank, row) see of the level, Δ now and its lags: (rank, depth + 1)."""
    n = x.size
    for a in range(basis.shape[0]):
        q = basis[a, depth:]
        along[a, 0] = _dot(q, x[depth - 1 : n - 1])
        _lag_dots(q, dx, depth, along[a, 1:])


@compiled
def _sums(
    x: FloatArray, dx: FloatArray, y: FloatArray, dy: FloatArray, depth: int, same: bool,
    table: FloatArray,
) -> float:  # fmt: skip
    """Sums of products of x's columns (level, Δ now, its lags) with y's; the largest end, squared.

    ``table[i, j]``, (depth + 1, depth + 1), over rows ``depth … n - 1``; `same`: y is x.
    """
    n, K = x.size, depth
    now_x, now_y = dx[K:], dy[K:]
    _lag_dots(now_x, dy, K, table[1, 1:])
    if not same:
        _lag_dots(now_y, dx, K, table[0, 1:])
        for h in range(1, K):
            table[1 + h, 1] = table[0, 1 + h]
    else:
        for h in range(1, K):
            table[1 + h, 1] = table[1, 1 + h]
    largest = 0.0
    for j in range(1, K):
        for i in range(1, K):
            front, back = dx[K - i] * dy[K - j], dx[n - i] * dy[n - j]
            table[1 + i, 1 + j] = table[i, j] + front - back
            largest = max(largest, max(abs(front), abs(back)))
    table[0, 0] = _dot(x[K - 1 : n - 1], y[K - 1 : n - 1])
    table[0, 1] = _dot(x[K - 1 : n - 1], now_y)
    table[1, 0] = _dot(now_x, y[K - 1 : n - 1])
    # x[t-1] is x[t-2] and Δx[t-1], and the sum with x[t-2] is the one before, a row earlier.
    for j in range(1, K):
        front, back = x[K - 2] * dy[K - j], x[n - 2] * dy[n - j]
        table[0, 1 + j] = table[0, j] + front - back + table[2, 1 + j]
        largest = max(largest, max(abs(front), abs(back)))
        front, back = dx[K - j] * y[K - 2], dx[n - j] * y[n - 2]
        table[1 + j, 0] = table[j, 0] + front - back + table[1 + j, 2]
        largest = max(largest, max(abs(front), abs(back)))
    return largest


@compiled
def _given(gram: FloatArray, one: FloatArray, other: FloatArray, left: FloatArray) -> None:
    """Take out what the fixed terms see of both sides."""
    for i in range(gram.shape[0]):
        for j in range(gram.shape[1]):
            total = gram[i, j]
            for a in range(one.shape[0]):
                total -= one[a, i] * other[a, j]
            left[i, j] = total


@compiled
def _nested(
    own: FloatArray, cross: FloatArray, other: FloatArray, depth: int, orders: IntArray,
    scratch: FloatArray, gain: FloatArray, rest: FloatArray,
) -> float:  # fmt: skip
    """Gains and residual sums of one direction, for each order; the smallest pivot.

    Tables of the response's columns (level, Δ now, lags of Δ), of those with the other side's, and
    of the other side's, all scaled to a diagonal of 1. The gain of the other side's lags is a
    sum of squares of its own, never a difference of two residual sums.
    """
    K = depth
    # Regressors: level, then lags 1 … K - 1 of Δ; the response is Δ now, column 1.
    factor, mixed, s, lower = scratch[0], scratch[1], scratch[2], scratch[3]
    answer, u, w = scratch[4, 0], scratch[4, 1], scratch[4, 2]
    smallest = 1.0
    for i in range(K):
        for j in range(i + 1):
            total = own[i + (i > 0), j + (j > 0)]
            for a in range(j):
                total -= factor[i, a] * factor[j, a]
            if i == j:
                smallest = min(smallest, total)
                if not total > _PIVOT:
                    return 0.0
                factor[i, i] = math.sqrt(total)
            else:
                factor[i, j] = total / factor[j, j]
        for b in range(K):
            total = cross[i + (i > 0), b + (b > 0)]
            for a in range(i):
                total -= factor[i, a] * mixed[a, b]
            mixed[i, b] = total / factor[i, i]
        total = own[i + (i > 0), 1]
        for a in range(i):
            total -= factor[i, a] * answer[a]
        answer[i] = total / factor[i, i]
    # Given the first k own lags: take one more out of the other side at each order.
    left = own[1, 1]
    for a in range(K):
        for b in range(K):
            s[a, b] = other[a + (a > 0), b + (b > 0)]
        u[a] = cross[1, a + (a > 0)]
    column = 0
    for k in range(K):
        for a in range(K):
            for b in range(a + 1):
                s[a, b] -= mixed[k, a] * mixed[k, b]
            u[a] -= mixed[k, a] * answer[k]
        left -= answer[k] * answer[k]
        if column == orders.size or orders[column] != k + 1:
            continue
        added = 0.0
        for i in range(k + 1):
            for j in range(i):
                total = s[i, j]
                for a in range(j):
                    total -= lower[i, a] * lower[j, a]
                lower[i, j] = total / lower[j, j]
            total, part = s[i, i], u[i]
            for a in range(i):
                total -= lower[i, a] * lower[i, a]
                part -= lower[i, a] * w[a]
            smallest = min(smallest, total)
            if not total > _PIVOT:
                return 0.0
            lower[i, i] = math.sqrt(total)
            w[i] = part / lower[i, i]
            added += w[i] * w[i]
        gain[column], rest[column] = added, left - added
        column += 1
    return smallest


@compiled
def _scaled(table: FloatArray, one: FloatArray, other: FloatArray) -> None:
    for i in range(table.shape[0]):
        for j in range(table.shape[1]):
            table[i, j] /= one[i] * other[j]


@compiled
def centred_rows(flat: FloatArray, row_stride: int, column_stride: int, values: FloatArray) -> bool:
    """:func:`leadlag.core.least_squares.centred` of a table, (metric, row); false if infinite."""
    count, n = values.shape
    few = np.empty((32, count))
    for first in range(0, n, 32):
        height = min(32, n - first)
        for t in range(height):
            at, row = (first + t) * row_stride, few[t]
            for i in range(count):
                row[i] = flat[at + i * column_stride]
        for i in range(count):
            row = values[i, first : first + height]
            for t in range(height):
                row[t] = few[t, i]
    finite = True
    for i in range(count):
        row, size = values[i], 0.0
        for t in range(n):
            v = abs(row[t])  # NaN compares as false; the order matters
            size = v if v > size else size
        finite = finite and size < np.inf
        power = -math.frexp(size)[1] if finite else 0
        scale = math.ldexp(1.0, power) if power < 1000 else 1.0
        total, known = 0.0, 0.0
        for t in range(n):
            v = row[t] * scale if power < 1000 else math.ldexp(row[t], power)
            row[t] = v
            total += v if v == v else 0.0
            known += 1.0 if v == v else 0.0
        mean = total / max(known, 1.0)
        for t in range(n):
            row[t] -= mean
    return finite


@compiled
def run_tests(
    x: FloatArray, y: FloatArray, basis: FloatArray, depth: int, orders: IntArray,
    gain: FloatArray, rest: FloatArray, size: FloatArray, sound: BoolArray,
) -> None:  # fmt: skip
    """Gains and residual sums (2, metric, order) over the response's own, whose squares are `size`.

    `x` (metric, row) and `y` (row,) are centred and complete, `basis` (rank, row) orthonormal on
    the rows from `depth` on. First direction: the metric's past in the equation of the target.
    `sound` says which metrics kept their digits; the others have no meaning.
    """
    K, n = depth, y.size
    dx, dy = np.empty(n), np.empty(n)
    dy[0] = 0.0
    for t in range(1, n):
        dy[t] = y[t] - y[t - 1]
    rank = basis.shape[0]
    along_x, along_y = np.empty((rank, K + 1)), np.empty((rank, K + 1))
    _side(y, dy, basis, K, along_y)
    whole = np.empty((K + 1, K + 1))
    yy, xx, yx = np.empty((K + 1, K + 1)), np.empty((K + 1, K + 1)), np.empty((K + 1, K + 1))
    length_x, length_y = np.empty(K + 1), np.empty(K + 1)
    scratch, xy = np.empty((5, max(K, 3), max(K, 3))), np.empty((K + 1, K + 1))
    end_y = _sums(y, dy, y, dy, K, True, whole)
    _given(whole, along_y, along_y, yy)
    sound_y = True
    for i in range(K + 1):
        sound_y = sound_y and yy[i, i] > _LEFT * whole[i, i] and end_y < _EDGE * yy[i, i]
        length_y[i] = math.sqrt(yy[i, i]) if sound_y else 1.0
    _scaled(yy, length_y, length_y)
    for i in range(x.shape[0]):
        one = x[i]
        dx[0] = 0.0
        for t in range(1, n):
            dx[t] = one[t] - one[t - 1]
        end = _sums(one, dx, one, dx, K, True, whole)
        _side(one, dx, basis, K, along_x)
        _given(whole, along_x, along_x, xx)
        fine = sound_y
        for j in range(K + 1):
            fine = fine and xx[j, j] > _LEFT * whole[j, j] and end < _EDGE * xx[j, j]
            length_x[j] = math.sqrt(xx[j, j]) if fine else 1.0
        sound[i] = False
        if not fine:
            continue
        end = _sums(y, dy, one, dx, K, False, whole)
        _given(whole, along_y, along_x, yx)
        for j in range(K + 1):
            for b in range(K + 1):
                fine = fine and end < _EDGE * length_x[j] * length_y[b]
        _scaled(xx, length_x, length_x)
        _scaled(yx, length_y, length_x)
        smallest = _nested(yy, yx, xx, K, orders, scratch, gain[0, i], rest[0, i])
        if fine and smallest > 0.0:
            xy[:] = yx.T
            smallest = _nested(xx, xy, yy, K, orders, scratch, gain[1, i], rest[1, i])
            fine = smallest > 0.0
        else:
            fine = False
        for column in range(orders.size):
            fine = fine and rest[0, i, column] > _LEFT and rest[1, i, column] > _LEFT
        size[0, i], size[1, i] = length_y[1] * length_y[1], length_x[1] * length_x[1]
        sound[i] = fine
