"""Two forecasts of the same outcomes: is one of them better? Tests of the paired difference."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from leadlag.core.arrays import FloatArray

__all__ = ["PairedTest", "block_length", "block_means", "bootstrap_p_value", "diebold_mariano"]


@dataclass(frozen=True)
class PairedTest:
    """A Diebold–Mariano test.

    Attributes
    ----------
    difference : float
        Mean loss of the first forecast less that of the second; negative: the first is better.
    statistic : float
        The difference over its standard error, with the small-sample correction.
    df : float
        Degrees of freedom of Student's t.
    p_value : float
        Two-sided. Null: both have the same expected loss. Alternative: one is smaller.
    n : int
        Number of pairs.
    horizon : int, periods
        Autocovariances of the difference were counted below it.
    """

    difference: float
    statistic: float
    df: float
    p_value: float
    n: int
    horizon: int


def diebold_mariano(loss_a: FloatArray, loss_b: FloatArray, *, horizon: int) -> PairedTest:
    """Test equal accuracy of two forecasts by the difference of their losses.

    Parameters
    ----------
    loss_a, loss_b : ndarray, shape (n,)
        Losses, such as squared errors, on the same dates in order; no NaN.
    horizon : int, periods
        Steps ahead of the forecasts, at least 1: the difference may be correlated over
        ``horizon - 1`` periods.

    Returns
    -------
    PairedTest
        NaN where there are fewer than two pairs or no difference anywhere.

    Notes
    -----
    With d the differences and γ(k) their autocovariances, ``S = d̄ / sqrt(V / n)``,
    ``V = γ(0) + 2 Σ γ(k)`` over k below the horizon; Harvey, Leybourne and Newbold multiply S by
    ``sqrt((n + 1 - 2h + h (h - 1) / n) / n)`` and take Student's t with n - 1 degrees of freedom.
    Where V is not positive, the autocovariances are weighted by Bartlett's triangle.

    References
    ----------
    Diebold, F. X. and Mariano, R. S. (1995). Comparing predictive accuracy. *JBES* 13, 253–263.
    Harvey, D., Leybourne, S. and Newbold, P. (1997). Testing the equality of prediction mean
    squared errors. *International Journal of Forecasting* 13, 281–291.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.standard_normal(100) ** 2, 2 + rng.standard_normal(100) ** 2
    >>> result = diebold_mariano(a, b, horizon=1)
    >>> result.statistic < -5, result.p_value < 1e-6, result.df
    (True, True, 99.0)
    """
    d = loss_a - loss_b
    n = d.size
    horizon = int(min(max(horizon, 1), max(n - 1, 1)))
    mean = float(d.mean()) if n else float("nan")
    if n < 2 or not float(np.ptp(d)) > 0:
        return PairedTest(mean, float("nan"), float(max(n - 1, 0)), float("nan"), n, horizon)
    covariance = _autocovariances(d, horizon - 1)
    variance = float(covariance[0] + 2 * covariance[1:].sum())
    if variance <= 1e-12 * float(covariance[0]):
        weight = 1 - np.arange(horizon) / horizon
        variance = float(covariance[0] + 2 * weight[1:] @ covariance[1:])
    h = float(horizon)
    correction = np.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    statistic = float(correction * mean / np.sqrt(variance / n))
    p = 2 * float(special.stdtr(n - 1, -abs(statistic)))
    return PairedTest(mean, statistic, float(n - 1), p, n, horizon)


def block_length(values: FloatArray, *, longest: int) -> int:
    """How many periods hang together, read from the series itself.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Such as differences of losses.
    longest : int, periods
        More than this is not thought possible, such as the forecasts' horizon.

    Returns
    -------
    int
        1 plus the number of lags, from the first on, at which the autocorrelation lies above the
        band of white noise; at most `longest` and a quarter of n.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> noise = rng.standard_normal(400)
    >>> sums = np.convolve(noise, np.ones(8))
    >>> block_length(noise, longest=30), 4 <= block_length(sums, longest=30)
    (1, True)
    """
    n = values.size
    most = int(max(1, min(longest, n // 4)))
    if n < 4 or not float(np.ptp(values)) > 0:
        return 1
    covariance = _autocovariances(values, most - 1)
    outside = covariance[1:] / covariance[0] > 1.645 / np.sqrt(n)
    return 1 + (int(np.argmin(outside)) if not outside.all() else outside.size)


def block_means(
    values: FloatArray, *, block: int, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Means of resampled columns: circular blocks of rows, the same rows for every column.

    Parameters
    ----------
    values : ndarray, shape (n, n_columns)
        Rows in order of time; no NaN.
    block : int, periods
        Length of a block.
    draws : int
        Number of samples.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (draws, n_columns)

    References
    ----------
    Politis, D. N. and Romano, J. P. (1992). A circular block-resampling procedure for stationary
    data. In *Exploring the Limits of Bootstrap*, 263–270. Wiley.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> block_means(np.ones((10, 2)), block=3, draws=2, rng=rng)
    array([[1., 1.],
           [1., 1.]])
    """
    n = values.shape[0]
    block = int(min(max(block, 1), n))
    count = -(-n // block)
    around = np.vstack([np.zeros((1, values.shape[1])), values, values[:block]]).cumsum(axis=0)
    start = rng.integers(0, n, size=(draws, count))
    # The last block is cut, so that every sample has n rows.
    length = np.full(count, block)
    length[-1] = n - block * (count - 1)
    total = (around[start + length] - around[start]).sum(axis=1)
    return np.asarray(total / n)


def bootstrap_p_value(drawn: FloatArray, mean: float) -> float:
    """Two-sided p-value of a mean of zero, from means of resampled values.

    Parameters
    ----------
    drawn : ndarray, shape (draws,)
        Means of samples, such as from `block_means`.
    mean : float
        Mean of the values themselves.

    Returns
    -------
    float
        ``(1 + #{|m* - m| >= |m|}) / (draws + 1)``.

    Examples
    --------
    >>> bootstrap_p_value(np.array([0.9, 1.0, 1.1]), 1.0)
    0.25
    """
    far = int((np.abs(drawn - mean) >= abs(mean)).sum())
    return (1 + far) / (drawn.size + 1)


def _autocovariances(values: FloatArray, most: int) -> FloatArray:
    centred = values - values.mean()
    n = values.size
    return np.array([float(centred[k:] @ centred[: n - k]) / n for k in range(most + 1)])
