"""Granger tests of every order, both directions, from one table of sums for each metric; compiled.

The columns of a metric's regressions are lags of two series and their differences, so all sums of
products come out of a few dot products: the next lag's sum differs by what enters and leaves at the
ends. Each order may have rows of its own: an order less has a row more, whose products are added.
:mod:`leadlag.core.granger_nested` makes gains of the tables, of many metrics at a time.

`leadlag.core.granger` imports this module when it is called, and factors designs where the sums
would not keep their digits; the factors are also the slow twin in the tests.
"""

import math

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray, IntArray
from leadlag.core.granger_nested import nested_gains, scaled, take_out
from leadlag.core.jit import compiled

__all__ = ["centred_rows", "run_tests"]

# Metrics side by side: their tables stay in the second cache.
_LANES = 64
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
def _along(
    x: FloatArray, dx: FloatArray, bases: FloatArray, plain: bool, depths: IntArray,
    along: FloatArray,
) -> None:  # fmt: skip
    """What fixed terms of each depth see of the level, Δ now and its lags, (depth, rank, column).

    `plain`: an intercept alone. A sum of differences is the difference of two values.
    """
    n, level = x.size, 0.0
    for t in range(depths[-1] - 1, n - 1):
        level += x[t]
    for d in range(depths.size - 1, -1, -1):
        k = depths[d]
        if plain:
            if d < depths.size - 1:
                for t in range(k - 1, depths[d + 1] - 1):
                    level += x[t]
            seen, q = along[d, 0], bases[d, 0, n - 1]
            seen[0] = q * level
            for i in range(k):
                seen[1 + i] = q * (x[n - 1 - i] - x[k - 1 - i])
            continue
        for a in range(bases.shape[1]):
            q = bases[d, a, k:]
            along[d, a, 0] = _dot(q, x[k - 1 : n - 1])
            _lag_dots(q, dx, k, along[d, a, 1:])


@compiled
def _differences(x: FloatArray, dx: FloatArray) -> None:
    dx[0] = 0.0
    for t in range(1, x.size):
        dx[t] = x[t] - x[t - 1]


@compiled
def _first_sums(
    x: FloatArray, dx: FloatArray, y: FloatArray, dy: FloatArray, depth: int, same: bool, w: int,
    first: FloatArray, table: FloatArray,
) -> None:  # fmt: skip
    """Products of the levels and of both Δ now with the columns of the other side."""
    n, K = x.size, depth
    now_x, now_y, past_x, past_y = dx[K:], dy[K:], x[K - 1 : n - 1], y[K - 1 : n - 1]
    _lag_dots(now_x, dy, K, first)
    for h in range(K):
        table[1, 1 + h, w] = first[h]
    if not same:
        _lag_dots(now_y, dx, K, first)
    for h in range(1, K):
        table[1 + h, 1, w] = first[h]
    table[0, 0, w] = _dot(past_x, past_y)
    table[0, 1, w] = _dot(past_x, now_y)
    table[1, 0, w] = _dot(now_x, past_y)


@compiled
def _slide(table: FloatArray, one: FloatArray, other: FloatArray, depth: int) -> None:
    """The other products of two sides: the sum before, and what enters and leaves at the ends.

    Of each side the ends, (4, row, metric): first values and differences, by row; last ones, by how
    many rows there are from them on.
    """
    K = depth
    for j in range(1, K):
        for i in range(1, K):
            before, entry = table[i, j], table[1 + i, 1 + j]
            in_one, in_other = one[1, K - i], other[1, K - j]
            out_one, out_other = one[3, i], other[3, j]
            for w in range(entry.size):
                entry[w] = before[w] + in_one[w] * in_other[w] - out_one[w] * out_other[w]
    # x[t-1] is x[t-2] and Δx[t-1], and the sum with x[t-2] is the one before, a row earlier.
    for j in range(1, K):
        for w in range(table.shape[2]):
            new = one[0, K - 2, w] * other[1, K - j, w] - one[2, 2, w] * other[3, j, w]
            table[0, 1 + j, w] = table[0, j, w] + new + table[2, 1 + j, w]
            new = one[1, K - j, w] * other[0, K - 2, w] - one[3, j, w] * other[2, 2, w]
            table[1 + j, 0, w] = table[j, 0, w] + new + table[1 + j, 2, w]


@compiled
def _keep_ends(
    x: FloatArray, dx: FloatArray, depth: int, w: int, ends: FloatArray, largest: FloatArray
) -> None:
    n, size = x.size, 0.0
    for t in range(depth):
        ends[0, t, w], ends[1, t, w] = x[t], dx[t]
        ends[2, t + 1, w], ends[3, t + 1, w] = x[n - 1 - t], dx[n - 1 - t]
    if depth > 1:
        size = max(abs(x[depth - 2]), abs(x[n - 2]))
        for t in range(1, depth):
            size = max(size, abs(dx[t]), abs(dx[n - t]))
    largest[w] = size


@compiled
def _add_row(t: int, one: FloatArray, other: FloatArray, size: int, table: FloatArray) -> None:
    """Add the products of row t to a table of some metrics, from the ends of both sides."""
    for i in range(size):
        left = one[0, t - 1] if i == 0 else one[1, t - i + 1]
        for j in range(size):
            right = other[0, t - 1] if j == 0 else other[1, t - j + 1]
            entry = table[i, j]
            for w in range(entry.size):
                entry[w] += left[w] * right[w]


@compiled
def _lengths(
    table: FloatArray, left: FloatArray, largest: FloatArray, size: int, inverse: FloatArray,
    fine: FloatArray,
) -> None:  # fmt: skip
    """One over the length of each column given the fixed terms; `fine` is 0 where digits went.

    Ends of both sides within their bounds have a product within that of both lengths.
    """
    for i in range(size):
        for w in range(largest.size):
            own, end = left[i, i, w], largest[w] * largest[w]
            good = own > _LEFT * table[i, i, w] and end < _EDGE * own
            fine[w] = fine[w] if good else 0.0
            inverse[i, w] = 1.0 / math.sqrt(own if good else 1.0)


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
def _read(
    x: FloatArray, dx: FloatArray, bases: FloatArray, plain: bool, depths: IntArray, w: int,
    first: FloatArray, seen: FloatArray, table: FloatArray, ends: FloatArray, largest: FloatArray,
    along: FloatArray,
) -> None:  # fmt: skip
    """What one series says of itself, as one of many side by side."""
    depth = depths[-1]
    _differences(x, dx)
    _first_sums(x, dx, x, dx, depth, True, w, first, table)
    _keep_ends(x, dx, depth, w, ends, largest)
    _along(x, dx, bases, plain, depths, seen)
    for d in range(seen.shape[0]):
        for a in range(seen.shape[1]):
            for i in range(seen.shape[2]):
                along[d, a, i, w] = seen[d, a, i]


@compiled
def _copied(table: FloatArray, size: int, out: FloatArray) -> None:
    for i in range(size):
        for j in range(size):
            for w in range(table.shape[2]):
                out[i, j, w] = table[i, j, w]


@compiled
def run_tests(
    x: FloatArray, y: FloatArray, bases: FloatArray, plain: bool, depths: IntArray,
    orders: IntArray, gain: FloatArray, rest: FloatArray, size: FloatArray, sound: BoolArray,
) -> None:  # fmt: skip
    """Gains and residual sums (2, metric, order) over the response's own, whose squares are `size`.

    `x` (metric, row) and `y` (row,) are centred and complete. Rows from one depth on serve all
    orders, or, with as many depths as orders, each order has its own: `depths` ascend, and `bases`
    (depth, rank, row) are orthonormal there, `plain` where they are an intercept alone. First
    direction: the metric's past in the equation of the target. `sound` says which tests kept their
    digits; the others have no meaning.
    """
    K, n, count, few = depths[-1], y.size, depths.size, depths.size > 1
    high, rank = K + 1, bases.shape[1]
    dx, dy = np.empty(n), np.empty(n)
    first, seen = np.empty(K), np.zeros((count, rank, high))
    # Sums of products of y's columns with themselves, of y's with x's, of x's.
    tables = np.zeros((7, high, high, _LANES))
    yy, yx, xx, whole_y = tables[0], tables[1], tables[2], tables[3]
    # The same, given the fixed terms.
    yy_left, yx_left, xx_left = tables[4], tables[5], tables[6]
    along = np.zeros((2, count, rank, high, _LANES))
    along_y, along_x = along[0], along[1]
    ends = np.zeros((2, 4, high, _LANES))
    ends_y, ends_x = ends[0], ends[1]
    scales = np.ones((2, high, _LANES))
    scale_y, scale_x = scales[0], scales[1]
    wide = max(K, 4)
    scratch = np.empty((5, wide, wide, _LANES))
    found = np.empty((2, orders.size, _LANES))
    gains, rests = found[0], found[1]
    largest_y, largest_x, fine = np.zeros(_LANES), np.zeros(_LANES), np.empty(_LANES)
    for w in range(_LANES):
        _read(y, dy, bases, plain, depths, w, first, seen, whole_y, ends_y, largest_y, along_y)
    _slide(whole_y, ends_y, ends_y, K)
    for start in range(0, x.shape[0], _LANES):
        here = min(_LANES, x.shape[0] - start)
        for w in range(here):
            one = x[start + w]
            _read(one, dx, bases, plain, depths, w, first, seen, xx, ends_x, largest_x, along_x)
            _first_sums(y, dy, one, dx, K, False, w, first, yx)
        _copied(whole_y, high, yy)
        _slide(xx, ends_x, ends_x, K)
        _slide(yx, ends_y, ends_x, K)
        for d in range(count - 1, -1, -1):
            k = depths[d]
            side = k + 1
            if d < count - 1:
                for t in range(k, depths[d + 1]):
                    _add_row(t, ends_y, ends_y, side, yy)
                    _add_row(t, ends_y, ends_x, side, yx)
                    _add_row(t, ends_x, ends_x, side, xx)
            for at in range(3):
                _copied(tables[at], side, tables[4 + at])
                take_out(tables[4 + at], along[at // 2, d], along[(at + 1) // 2, d], side)
            for w in range(_LANES):
                fine[w] = 1.0
            _lengths(yy, yy_left, largest_y, side, scale_y, fine)
            _lengths(xx, xx_left, largest_x, side, scale_x, fine)
            for at in range(3):
                scaled(tables[4 + at], scales[at // 2], scales[(at + 1) // 2], side)
            some = orders[d : d + 1] if few else orders
            for way in range(2):
                own, other, scale = tables[4 + 2 * way], tables[6 - 2 * way], scales[way]
                nested_gains(own, yx_left, other, way == 1, k, some, scratch, gains, rests, fine)
                for w in range(here):
                    for c in range(some.size):
                        column = d + c
                        kept = fine[w] > 0.0 and rests[c, w] > _LEFT
                        sound[start + w, column] = kept and (way == 0 or sound[start + w, column])
                        gain[way, start + w, column] = gains[c, w]
                        rest[way, start + w, column] = rests[c, w]
                        size[way, start + w, column] = 1.0 / (scale[1, w] * scale[1, w])
