"""The compiled loop of all pairs; `leadlag.core.all_pairs` imports this when it is called."""

import numpy as np
from numpy.typing import NDArray

from leadlag.core.arrays import FloatArray
from leadlag.core.jit import compiled

__all__ = ["largest_of_pairs", "normalise_pairs"]


SingleArray = NDArray[np.float32]


@compiled
def normalise_pairs(
    products: FloatArray, leaders: FloatArray, followers: FloatArray, rows: FloatArray,
    out: FloatArray,
) -> None:  # fmt: skip
    """Products (lag, leader, follower) to correlations, lag last; 2 where not trusted.

    Of both sides, sums of each window and one over the root of its variance, (2, series, lag).
    """
    n_lags, count, p = products.shape
    tile = np.empty((n_lags, 16))
    for i in range(count):
        for start in range(0, p, 16):
            size = min(16, p - start)
            for k in range(n_lags):
                mean, scale = leaders[0, i, k] / rows[k], leaders[1, i, k]
                row, values = tile[k], products[k, i, start : start + size]
                for j in range(size):
                    r = values[j] - mean * followers[0, start + j, k]
                    r = r * scale * followers[1, start + j, k]
                    r = 1.0 if r > 1.0 else r
                    r = -1.0 if r < -1.0 else r
                    row[j] = r if r == r else 2.0
            for j in range(size):
                kept = out[i, start + j]
                for k in range(n_lags):
                    kept[k] = tile[k, j]


@compiled
def largest_of_pairs(
    products: SingleArray, leaders: FloatArray, followers: FloatArray, rows: FloatArray,
    out: FloatArray,
) -> None:  # fmt: skip
    """Largest absolute correlation over lags 1 … of each pair, (leader, follower)."""
    n_lags, count, p = products.shape
    for i in range(count):
        best = out[i]
        best[:] = 0.0
        for k in range(1, n_lags):
            mean, scale = leaders[0, i, k] / rows[k], leaders[1, i, k]
            values = products[k, i]
            for j in range(p):
                r = abs((values[j] - mean * followers[0, k, j]) * scale * followers[1, k, j])
                best[j] = r if r > best[j] else best[j]
