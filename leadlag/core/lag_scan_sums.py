"""Lagged rows of a regressor and their sums in one pass, compiled.

Importing this module loads numba; :mod:`leadlag.core.lag_scan` does so when it is called. The slow
twin is a regression for each lag, in the tests.
"""

import numpy as np

from leadlag.core.arrays import FloatArray, IntArray
from leadlag.core.jit import compiled

__all__ = ["lagged_sums"]


@compiled
def lagged_sums(
    regressor: FloatArray, at: IntArray, scale: FloatArray, surprise: FloatArray, max_lag: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Scaled lags, and their products with the surprise, themselves and the next lag.

    Parameters
    ----------
    regressor : ndarray, shape (n_obs,)
        0 before its first value.
    at : ndarray of int, shape (n_rows,)
        Periods of the rows.
    scale, surprise : ndarray, shape (n_rows,)
    max_lag : int, periods

    Returns
    -------
    lags : ndarray, shape (n_rows, max_lag)
        ``regressor[at - k] / scale`` for k = 1..max_lag; 0 where that lies before the first.
    along, length : ndarray, shape (max_lag,)
    beside : ndarray, shape (max_lag - 1,)
    """
    lags = np.zeros((at.size, max_lag))
    along, length = np.zeros(max_lag), np.zeros(max_lag)
    beside = np.zeros(max_lag - 1)
    for i in range(at.size):
        row, weight, own = lags[i], 1.0 / scale[i], surprise[i]
        for k in range(min(max_lag, at[i])):
            row[k] = regressor[at[i] - k - 1] * weight
        for k in range(max_lag):
            along[k] += row[k] * own
            length[k] += row[k] * row[k]
        for k in range(max_lag - 1):
            beside[k] += row[k] * row[k + 1]
    return lags, along, length, beside
