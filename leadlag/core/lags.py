"""The sign convention of the whole project, and the few array operations that depend on it.

**Lag k pairs x[t − k] with y[t].** For ``k > 0`` the metric x moves first: its value k periods ago
meets the target y of today. ``k = 0`` is the same period; for ``k < 0`` the metric follows.

Every other module asks this one which rows belong together, so the convention cannot come in two
versions. A missing row is a gap and never shortens a lag: these functions count positions, and a
panel keeps one position for each calendar period.
"""

import numpy as np

from leadlag.core.arrays import FloatArray, IntArray

__all__ = ["future_windows", "lag_grid", "lagged", "lagged_matrix", "overlap"]


def lag_grid(max_lag: int) -> IntArray:
    """All lags in the order in which results store them: ``-max_lag, …, 0, …, max_lag``.

    Parameters
    ----------
    max_lag : int, periods
        Largest lag in either direction, at least 0.

    Returns
    -------
    ndarray, shape (2 * max_lag + 1,)
        Entry ``max_lag + k`` is lag ``k``.

    Examples
    --------
    >>> lag_grid(2)
    array([-2, -1,  0,  1,  2])
    """
    return np.arange(-max_lag, max_lag + 1, dtype=np.int64)


def overlap(n_obs: int, lag: int) -> tuple[slice, slice]:
    """Rows of x and rows of y that meet at one lag.

    Parameters
    ----------
    n_obs : int
        Number of rows of both series.
    lag : int, periods
        ``x[t - lag]`` pairs with ``y[t]``.

    Returns
    -------
    x_rows, y_rows : slice
        Of equal length ``max(0, n_obs - |lag|)``; ``x[x_rows][i]`` pairs with ``y[y_rows][i]``.

    Examples
    --------
    At lag 1 the metric's first row meets the target's second row:

    >>> overlap(5, 1)
    (slice(0, 4, None), slice(1, 5, None))
    >>> overlap(5, -1)
    (slice(1, 5, None), slice(0, 4, None))
    """
    size = max(0, n_obs - abs(lag))
    x_start, y_start = (0, lag) if lag >= 0 else (-lag, 0)
    return slice(x_start, x_start + size), slice(y_start, y_start + size)


def lagged(x: FloatArray, lag: int) -> FloatArray:
    """The series as it stood ``lag`` periods ago: position t holds ``x[t - lag]``.

    Parameters
    ----------
    x : ndarray, shape (..., n_obs)
        Series along the last axis.
    lag : int, periods
        Negative values look ahead.

    Returns
    -------
    ndarray, shape (..., n_obs)
        NaN where ``t - lag`` lies outside the series.

    Examples
    --------
    >>> lagged(np.array([1.0, 2.0, 3.0]), 1)
    array([nan,  1.,  2.])
    """
    past_rows, now_rows = overlap(x.shape[-1], lag)
    shifted = np.full(x.shape, np.nan)
    shifted[..., now_rows] = x[..., past_rows]
    return shifted


def lagged_matrix(x: FloatArray, lags: IntArray) -> FloatArray:
    """Columns of lagged copies: ``[..., t, j]`` holds ``x[..., t - lags[j]]``.

    Parameters
    ----------
    x : ndarray, shape (..., n_obs)
        Series along the last axis.
    lags : ndarray of int, shape (n_lags,), periods
        One lag for each column.

    Returns
    -------
    ndarray, shape (..., n_obs, n_lags)
        NaN where ``t - lag`` lies outside the series.

    Examples
    --------
    >>> lagged_matrix(np.array([1.0, 2.0, 3.0]), np.array([0, 1]))
    array([[ 1., nan],
           [ 2.,  1.],
           [ 3.,  2.]])
    """
    if x.ndim == 1 and lags.size and lags[0] >= 0 and (np.diff(lags) == 1).all():
        # Successive lags of one series are a sliding window of it, read backwards.
        deepest = int(lags[-1])
        padded = np.full(x.size + deepest, np.nan)
        padded[deepest:] = x
        windows = np.lib.stride_tricks.sliding_window_view(padded, lags.size)
        return np.ascontiguousarray(windows[: x.size, ::-1])
    # One lag after the other in a piece, then turned: three times as fast as filling columns.
    pieces = np.full((lags.size, *x.shape), np.nan)
    for piece, lag in zip(pieces, lags, strict=True):
        past_rows, now_rows = overlap(x.shape[-1], int(lag))
        piece[..., now_rows] = x[..., past_rows]
    return np.ascontiguousarray(np.moveaxis(pieces, 0, -1))


def future_windows(y: FloatArray, max_lag: int, rows: slice) -> FloatArray:
    """What each row of a metric meets at every lag: ``[s, max_lag + k]`` holds ``y[s + k]``.

    This is :func:`overlap` for all lags at once: ``x @ future_windows(y, ...)`` is the sum of
    ``x[t - k] * y[t]`` over the overlap of each lag k, in the order of :func:`lag_grid`.

    Parameters
    ----------
    y : ndarray, shape (n_obs,)
        A series without NaN.
    max_lag : int, periods
        Largest lag in either direction.
    rows : slice
        Which rows s of the metric to lay out; all of them take ``n_obs * (2 * max_lag + 1)``
        numbers.

    Returns
    -------
    ndarray, shape (n_rows, 2 * max_lag + 1)
        Zero where ``s + k`` lies outside the series, C-contiguous.

    Examples
    --------
    >>> future_windows(np.array([1.0, 2.0, 3.0]), 1, slice(0, 3))
    array([[0., 1., 2.],
           [1., 2., 3.],
           [2., 3., 0.]])
    """
    padded = np.pad(y, max_lag)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * max_lag + 1)
    # Laid out once: a product with the overlapping view would copy it for each block of metrics.
    return np.ascontiguousarray(windows[rows])
