"""How large is the best of many lags where nothing leads? Phase surrogates of the target.

A surrogate has the target's spectrum and random phases: its autocorrelation without its ties to
any metric. All metrics meet the same surrogates, many at a time, through the block-frequency
products of :mod:`leadlag.core.all_pairs` in single precision; what comes close to a metric's own
value is decided in double. A metric leaves as soon as enough surrogates have beaten it.
"""

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, rfft

from leadlag.core.all_pairs import following_blocks, leading_blocks, way_back, window_scales
from leadlag.core.arrays import BoolArray, FloatArray, IntArray, unit_size
from leadlag.core.correlation import cross_correlation
from leadlag.core.lags import overlap
from leadlag.core.pearson import two_pass, window_sums
from leadlag.core.threads import one_blas_thread

__all__ = ["BestLagNull", "best_lag_p_values", "phase_surrogates"]

# Surrogates at a time: few at first, since most metrics leave early.
_FIRST, _BATCH = 16, 64
# Single precision decides up to here; closer values are computed again in double.
_CLOSE = 2e-5


@dataclass(frozen=True, eq=False)
class BestLagNull:
    """P-values of the largest absolute correlation over lags 1 … L.

    Attributes
    ----------
    statistic : ndarray, shape (n_metrics,)
        Largest absolute correlation; NaN for a metric with gaps or without variance.
    p_value : ndarray, shape (n_metrics,)
        Null: the metric's past is unrelated to the target, whatever their autocorrelations.
        Alternative: some lag is related. NaN where the statistic is.
    draws : ndarray of int, shape (n_metrics,)
        Surrogates that each metric met.
    """

    statistic: FloatArray
    p_value: FloatArray
    draws: IntArray


def phase_surrogates(y: FloatArray, count: int, rng: np.random.Generator) -> FloatArray:
    """Series with the periodogram of y and independent uniform phases.

    Parameters
    ----------
    y : ndarray, shape (n_obs,)
        Complete. A trend should be taken out first: its ends would not meet.
    count : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (count, n_obs)

    References
    ----------
    Theiler, J., Eubank, S., Longtin, A., Galdrikian, B. and Farmer, J. D. (1992). Testing for
    nonlinearity in time series: the method of surrogate data. *Physica D* 58, 77–94.

    Examples
    --------
    >>> y = np.random.default_rng(0).standard_normal(64)
    >>> one = phase_surrogates(y, 1, np.random.default_rng(1))[0]
    >>> bool(np.allclose(abs(np.fft.rfft(one)), abs(np.fft.rfft(y))))
    True
    """
    n = y.size
    spectrum = rfft(y)
    turned = spectrum * np.exp(2j * np.pi * rng.random((count, spectrum.size)))
    turned[:, 0] = spectrum[0]
    if n % 2 == 0:  # the last frequency is real: it has a sign, and no phase
        turned[:, -1] = spectrum[-1] * rng.choice([-1.0, 1.0], size=count)
    return np.asarray(irfft(turned, n, axis=1))


def best_lag_p_values(
    X: FloatArray,
    y: FloatArray,
    *,
    max_lag: int,
    rng: np.random.Generator,
    draws: int = 999,
    stop_after: int = 10,
) -> BestLagNull:
    """How often phase surrogates of the target do better at their best lag than the target does.

    Parameters
    ----------
    X : ndarray, shape (n_obs, n_metrics)
        Metrics; one with gaps gets no p-value.
    y : ndarray, shape (n_obs,)
        Target; complete, ``n_obs > 2 * max_lag``.
    max_lag : int, periods
        Lags 1 … max_lag are searched, at least 1.
    rng : numpy.random.Generator
        The same state gives the same p-values.
    draws : int
        Most surrogates.
    stop_after : int
        A metric that so many surrogates have beaten meets no more. `draws` or more: never.

    Returns
    -------
    BestLagNull

    Notes
    -----
    A metric that is stopped at its h-th defeat after l draws has ``p = h / l``, one that is not
    ``p = (1 + defeats) / (1 + draws)``; both are valid. A null metric meets few: p-values near 1
    are settled by ten surrogates.

    References
    ----------
    Besag, J. and Clifford, P. (1991). Sequential Monte Carlo p-values. *Biometrika* 78, 301–304.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((300, 2))
    >>> y = 0.5 * np.roll(X[:, 0], 4) + rng.standard_normal(300)
    >>> found = best_lag_p_values(X, y, max_lag=10, rng=rng)
    >>> bool(found.p_value[0] <= 0.002), bool(found.p_value[1] > 0.01)
    (True, True)
    """
    profile = cross_correlation(X, y, max_lag=max_lag)
    statistic = np.abs(profile.correlation[:, max_lag + 1 :]).max(axis=1)
    statistic[np.isnan(X).any(axis=0)] = np.nan
    defeats, met = (np.zeros(statistic.size, dtype=np.int64) for _ in range(2))
    x = unit_size(np.ascontiguousarray(X.T))
    y = unit_size(y - y.mean())
    active = np.flatnonzero(np.isfinite(statistic))
    done = 0
    with one_blas_thread():
        while active.size and done < draws:
            count = min(_BATCH if done else _FIRST, draws - done)
            surrogates = phase_surrogates(y, count, rng)
            beaten = _beaten(x[active], surrogates, statistic[active], max_lag)
            # Of the batch, a metric uses what comes up to its last defeat.
            total = defeats[active][:, None] + np.cumsum(beaten, axis=1)
            over = total >= stop_after
            used = np.where(over.any(axis=1), over.argmax(axis=1) + 1, count)
            defeats[active] = total[np.arange(active.size), used - 1]
            met[active] += used
            active = active[~over.any(axis=1)]
            done += count
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.where(defeats >= stop_after, defeats / met, (1.0 + defeats) / (1.0 + met))
    return BestLagNull(statistic, np.where(np.isfinite(statistic), p, np.nan), met)


def _beaten(
    x: FloatArray, surrogates: FloatArray, statistic: FloatArray, max_lag: int
) -> BoolArray:
    """Which surrogates reach each metric's statistic, (n_metrics, n_surrogates)."""
    largest = _largest(x, surrogates, max_lag)
    beaten = largest >= statistic[:, None]
    for i, b in zip(*np.nonzero(~(np.abs(largest - statistic[:, None]) > _CLOSE)), strict=True):
        best = 0.0
        for k in range(1, max_lag + 1):
            x_rows, y_rows = overlap(x.shape[1], k)
            r = two_pass(x[i : i + 1, x_rows], surrogates[b : b + 1, y_rows])
            best = max(best, abs(float(r[0])))
        beaten[i, b] = best >= statistic[i]
    return np.asarray(beaten)


def _largest(x: FloatArray, y: FloatArray, max_lag: int) -> FloatArray:
    """Largest absolute correlation over lags 1 … L of each pair, in single precision."""
    from leadlag.core.pairs import largest_of_pairs

    n = x.shape[1]
    shared = slice(max_lag, n - max_lag)
    x, y = (v - v[:, shared].mean(axis=1, keepdims=True) for v in (x, y))
    leaders = leading_blocks(x, max_lag).astype(np.float32)
    followers = following_blocks(y, max_lag).astype(np.float32)
    back = way_back(max_lag).astype(np.float32)
    rows = n - np.arange(max_lag + 1.0)
    early, late = slice(max_lag, None), slice(max_lag, None, -1)
    one, two = (
        window_scales(window_sums(v, max_lag)[:, part], window_sums(v * v, max_lag)[:, part], rows)
        for v, part in ((x, early), (y, late))
    )
    two_by_lag = np.ascontiguousarray(two.transpose(0, 2, 1))
    out = np.empty((x.shape[0], y.shape[0]))
    step = max(1, 2_000_000 // (back.shape[1] * y.shape[0]))
    for start in range(0, x.shape[0], step):
        stop = min(start + step, x.shape[0])
        met = np.matmul(leaders[:, None, start:stop], followers)
        products = (back @ met.reshape(back.shape[1], -1)).reshape(max_lag + 1, stop - start, -1)
        largest_of_pairs(products, one[:, start:stop], two_by_lag, rows, out[start:stop])
    return out
