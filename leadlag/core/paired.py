"""Two forecasts of the same outcomes: is one of them better? Tests of the paired difference."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from leadlag.core.arrays import FloatArray

__all__ = [
    "PairedBootstrap",
    "PairedTest",
    "block_length",
    "block_means",
    "diebold_mariano",
    "paired_bootstrap",
]


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


@dataclass(frozen=True)
class PairedBootstrap:
    """A bootstrap of paired differences.

    Attributes
    ----------
    difference : float
        Mean loss of the first forecast less that of the second; negative: the first is better.
    low, high : float
        Its interval.
    p_value : float
        Two-sided. Null: both have the same expected loss. Alternative: one is smaller.
    block : int, periods
        Length of a block.
    """

    difference: float
    low: float
    high: float
    p_value: float
    block: int


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


def paired_bootstrap(
    difference: FloatArray, *, block: int, level: float, draws: int, rng: np.random.Generator
) -> PairedBootstrap:
    """Test a mean difference of zero by resampling blocks of paired differences, studentised.

    Parameters
    ----------
    difference : ndarray, shape (n,)
        Of two losses, date by date in order; no NaN.
    block : int, periods
        How many periods hang together, such as from `block_length`; a block is no shorter than the
        cube root of n.
    level : float
        Of the interval.
    draws : int
        Number of samples.
    rng : numpy.random.Generator

    Returns
    -------
    PairedBootstrap
        NaN where there are fewer than four pairs or no difference anywhere.

    Notes
    -----
    ``t = d̄ / sqrt(V / n)``, V the long-run variance with Bartlett's weights over
    ``max(1.3 sqrt(n), 2 block)`` lags. Every sample of circular blocks is divided by its own V, by
    the same formula: the distribution of t* then knows how badly V is estimated. Means that are not
    studentised reject far too often (docs/versions.md has both).

    References
    ----------
    Gonçalves, S. and Vogelsang, T. J. (2011). Block bootstrap HAC robust tests: the sophistication
    of the naive bootstrap. *Econometric Theory* 27, 745–791.
    Lazarus, E., Lewis, D. J., Stock, J. H. and Watson, M. W. (2018). HAR inference:
    recommendations for practice. *JBES* 36, 541–559.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> d = 0.5 + rng.standard_normal(100)
    >>> result = paired_bootstrap(d, block=1, level=0.9, draws=999, rng=rng)
    >>> result.p_value < 0.01, 0 < result.low < result.high < 1
    (True, True)
    """
    n = difference.size
    if n < 4 or not float(np.ptp(difference)) > 0:
        nan = float("nan")
        return PairedBootstrap(nan, nan, nan, nan, block)
    block = int(min(max(block, round(n ** (1 / 3))), n // 2))
    lags = int(min(max(np.ceil(1.3 * np.sqrt(n)), 2 * block), n // 2))
    mean = float(difference.mean())
    error = float(np.sqrt(_long_run(difference[None, :] - mean, lags)[0] / n))
    count = -(-n // block)
    start = rng.integers(0, n, size=(draws, count))
    rows = (start[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :n] % n
    sample = difference[rows]
    centre = sample.mean(axis=1)
    spread = _long_run(sample - centre[:, None], lags)
    drawn = np.abs(centre - mean) / np.sqrt(np.maximum(spread, 1e-300) / n)
    far = int((drawn >= abs(mean) / error).sum())
    half = float(np.quantile(drawn, level)) * error
    p_value = (1 + far) / (draws + 1)
    return PairedBootstrap(mean, mean - half, mean + half, p_value, block)


def _long_run(centred: FloatArray, lags: int) -> FloatArray:
    """Bartlett's long-run variance of each row, as squared sums over all windows of `lags`."""
    draws, n = centred.shape
    total = np.zeros((draws, n + 2 * lags))
    total[:, lags : lags + n] = centred.cumsum(axis=1)
    total[:, lags + n :] = total[:, [lags + n - 1]]
    window = total[:, lags:] - total[:, :-lags]
    return np.asarray((window**2).sum(axis=1) / (lags * n))


def _autocovariances(values: FloatArray, most: int) -> FloatArray:
    centred = values - values.mean()
    n = values.size
    return np.array([float(centred[k:] @ centred[: n - k]) / n for k in range(most + 1)])
