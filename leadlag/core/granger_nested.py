"""Gains of every order from tables of sums, many metrics side by side; compiled.

The last axis of every table is the metric: what is done to one is done to all, so the loops become
vector instructions. :mod:`leadlag.core.granger_sums` makes the tables.
"""

import math

from leadlag.core.arrays import FloatArray, IntArray
from leadlag.core.jit import compiled

__all__ = ["nested_gains", "scaled", "take_out"]

# What is left of a column of length 1 beside the others; below it, sums lose more than six digits.
_PIVOT = 1e-6


# Places are handed over, not parts of arrays: to make one costs as much as to work through it.


@compiled
def _less(
    out: FloatArray, i: int, j: int, one: FloatArray, a: int, b: int, other: FloatArray, c: int,
    d: int,
) -> None:  # fmt: skip
    for w in range(out.shape[2]):
        out[i, j, w] -= one[a, b, w] * other[c, d, w]


@compiled
def _times(out: FloatArray, i: int, j: int, by: FloatArray, a: int, b: int) -> None:
    for w in range(out.shape[2]):
        out[i, j, w] *= by[a, b, w]


@compiled
def _copy(out: FloatArray, i: int, j: int, of: FloatArray, a: int, b: int) -> None:
    for w in range(out.shape[2]):
        out[i, j, w] = of[a, b, w]


@compiled
def _invert(pivot: FloatArray, i: int, j: int, fine: FloatArray) -> None:
    """One over the root of a pivot, and which metrics still keep their digits (1, else 0)."""
    for w in range(pivot.shape[2]):
        good = pivot[i, j, w] > _PIVOT
        fine[w] = fine[w] if good else 0.0
        pivot[i, j, w] = 1.0 / math.sqrt(pivot[i, j, w] if good else 1.0)


@compiled
def take_out(table: FloatArray, one: FloatArray, other: FloatArray, size: int) -> None:
    """Take what fixed terms see of both sides, (rank, column, metric), out of a table of sums."""
    for i in range(size):
        for j in range(size):
            for a in range(one.shape[0]):
                _less(table, i, j, one, a, i, other, a, j)


@compiled
def scaled(table: FloatArray, one: FloatArray, other: FloatArray, size: int) -> None:
    """Table of sums times one over the lengths of its columns."""
    for i in range(size):
        for j in range(size):
            for w in range(table.shape[2]):
                table[i, j, w] *= one[i, w] * other[j, w]


@compiled
def nested_gains(
    own: FloatArray, cross: FloatArray, other: FloatArray, flipped: bool, depth: int,
    orders: IntArray, scratch: FloatArray, gain: FloatArray, rest: FloatArray, fine: FloatArray,
) -> None:  # fmt: skip
    """Gains and residual sums of one direction, (order, metric).

    Tables (column, column, metric) of the response's columns (level, Δ now, lags of Δ), of those
    with the other side's (`flipped`: the other way round), and of the other side's, all scaled to a
    diagonal of 1. The gain of the other side's lags is a sum of squares of its own, never a
    difference of two residual sums. `fine` becomes 0 where a pivot lost its digits.
    """
    K = depth
    # Regressors: level, then lags 1 … K - 1 of Δ; the response is Δ now, column 1. Diagonals of
    # triangular factors hold one over the pivot.
    factor, mixed, s, lower, rows = scratch[0], scratch[1], scratch[2], scratch[3], scratch[4]
    answer, u, v, left = 0, 1, 2, 3
    _copy(rows, left, 0, own, 1, 1)
    for i in range(K):
        at = i + (i > 0)
        for j in range(i + 1):
            _copy(factor, i, j, own, at, j + (j > 0))
            for a in range(j):
                _less(factor, i, j, factor, i, a, factor, j, a)
            if i == j:
                _invert(factor, i, i, fine)
            else:
                _times(factor, i, j, factor, j, j)
        for b in range(K):
            to = b + (b > 0)
            if flipped:
                _copy(mixed, i, b, cross, to, at)
            else:
                _copy(mixed, i, b, cross, at, to)
            for a in range(i):
                _less(mixed, i, b, factor, i, a, mixed, a, b)
            _times(mixed, i, b, factor, i, i)
        _copy(rows, answer, i, own, at, 1)
        for a in range(i):
            _less(rows, answer, i, factor, i, a, rows, answer, a)
        _times(rows, answer, i, factor, i, i)
    # Given the first k own lags: take one more out of the other side at each order.
    for a in range(K):
        to = a + (a > 0)
        for b in range(a + 1):
            _copy(s, a, b, other, to, b + (b > 0))
        if flipped:
            _copy(rows, u, a, cross, to, 1)
        else:
            _copy(rows, u, a, cross, 1, to)
    column = 0
    for k in range(K):
        for a in range(K):
            for b in range(a + 1):
                _less(s, a, b, mixed, k, a, mixed, k, b)
            _less(rows, u, a, mixed, k, a, rows, answer, k)
        _less(rows, left, 0, rows, answer, k, rows, answer, k)
        if column == orders.size or orders[column] != k + 1:
            continue
        gain[column] = 0.0
        for i in range(k + 1):
            for j in range(i):
                _copy(lower, i, j, s, i, j)
                for a in range(j):
                    _less(lower, i, j, lower, i, a, lower, j, a)
                _times(lower, i, j, lower, j, j)
            _copy(lower, i, i, s, i, i)
            _copy(rows, v, i, rows, u, i)
            for a in range(i):
                _less(lower, i, i, lower, i, a, lower, i, a)
                _less(rows, v, i, lower, i, a, rows, v, a)
            _invert(lower, i, i, fine)
            _times(rows, v, i, lower, i, i)
            for w in range(fine.size):
                gain[column, w] += rows[v, i, w] * rows[v, i, w]
        for w in range(fine.size):
            rest[column, w] = rows[left, 0, w] - gain[column, w]
        column += 1
