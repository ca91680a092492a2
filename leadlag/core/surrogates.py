"""How large is the best of many lags where nothing leads? Phase surrogates of the target.

A surrogate has the target's spectrum and random phases: its autocorrelation without its ties to
any metric. All metrics meet the same surrogates, many at a time, through the block-frequency
products of :mod:`leadlag.core.all_pairs` in single precision; what comes close to a metric's own
value is decided in double. A metric leaves as soon as enough surrogates have beaten it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from leadlag.core.all_pairs import following_blocks, leading_blocks, way_back, window_scales
from leadlag.core.arrays import BoolArray, FloatArray, IntArray, unit_size
from leadlag.core.correlation import cross_correlation
from leadlag.core.pearson import window_sums
from leadlag.core.threads import one_blas_thread

__all__ = ["BestLagNull", "best_lag_p_values", "phase_surrogates"]

# Surrogates at a time: few at first, since most metrics leave early.
_FIRST, _BATCH = 32, 128
# Single precision decides up to here; closer values are computed again in double.
_CLOSE = 5e-6
# Metrics times surrogates, both parts, whose products at every frequency stay in the cache.
_TOGETHER = 8192


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
        metrics = _Metrics.of(x, max_lag)
        while active.size and done < draws:
            count = min(_BATCH if done else _FIRST, draws - done)
            surrogates = phase_surrogates(y, count, rng)
            beaten = _beaten(metrics.only(active), surrogates, statistic[active])
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


@dataclass(frozen=True, eq=False)
class _Metrics:
    """What all batches need of the metrics: values, blocks, and the scale of each window."""

    x: FloatArray
    max_lag: int
    blocks: NDArray[np.float32]
    scales: FloatArray

    @classmethod
    def of(cls, x: FloatArray, max_lag: int) -> "_Metrics":
        centred, scales = _side(x, max_lag, slice(max_lag, None))
        return cls(x, max_lag, leading_blocks(centred, max_lag).astype(np.float32), scales)

    def only(self, some: IntArray) -> "_Metrics":
        if some.size == self.x.shape[0]:
            return self
        return _Metrics(self.x[some], self.max_lag, self.blocks[:, some], self.scales[:, some])


def _side(x: FloatArray, max_lag: int, windows: slice) -> tuple[FloatArray, FloatArray]:
    n = x.shape[1]
    x = x - x[:, max_lag : n - max_lag].mean(axis=1, keepdims=True)
    sums, squares = window_sums(x, max_lag)[:, windows], window_sums(x * x, max_lag)[:, windows]
    return x, window_scales(sums, squares, n - np.arange(max_lag + 1.0))


def _beaten(metrics: _Metrics, surrogates: FloatArray, statistic: FloatArray) -> BoolArray:
    """Which surrogates reach each metric's statistic, (n_metrics, n_surrogates)."""
    from leadlag.core.gaps import two_pass

    largest = _largest(metrics, surrogates)
    beaten = largest >= statistic[:, None]
    lags = np.arange(1, metrics.max_lag + 1)
    r, rows = np.empty(lags.size), np.empty(lags.size, dtype=np.int64)
    # What single precision can't tell apart, or lost altogether.
    for i, b in zip(*np.nonzero(~(np.abs(largest - statistic[:, None]) > _CLOSE)), strict=True):
        two_pass(metrics.x[i], surrogates[b], lags, r, rows)
        beaten[i, b] = np.nanmax(np.abs(r)) >= statistic[i]
    return np.asarray(beaten)


def _largest(metrics: _Metrics, surrogates: FloatArray) -> FloatArray:
    """Largest absolute correlation over lags 1 … L of each pair, in single precision."""
    from leadlag.core.pairs import largest_of_pairs

    max_lag, (p, n), q = metrics.max_lag, metrics.x.shape, surrogates.shape[0]
    y, scales = _side(surrogates, max_lag, slice(max_lag, None, -1))
    followers = following_blocks(y, max_lag).astype(np.float32)
    # Both parts of all surrogates side by side: one product a frequency.
    followers = np.ascontiguousarray(followers.transpose(0, 2, 1, 3)).reshape(
        followers.shape[0], -1, 2 * q
    )
    scales = np.ascontiguousarray(scales.transpose(0, 2, 1))
    back = way_back(max_lag).astype(np.float32).reshape(max_lag + 1, -1, 2)
    halves = [np.ascontiguousarray(back[:, :, part]) for part in range(2)]
    rows = n - np.arange(max_lag + 1.0)
    out = np.empty((p, q))
    step = max(1, _TOGETHER // (2 * q))
    for start in range(0, p, step):
        stop = min(start + step, p)
        met = np.empty((followers.shape[0], stop - start, 2 * q), dtype=np.float32)
        for frequency in range(followers.shape[0]):
            np.dot(metrics.blocks[frequency, start:stop], followers[frequency], out=met[frequency])
        real, imaginary = (
            half @ met[:, :, part * q : (part + 1) * q].reshape(met.shape[0], -1)
            for part, half in enumerate(halves)
        )
        products = (real + imaginary).reshape(max_lag + 1, stop - start, q)
        largest_of_pairs(products, metrics.scales[:, start:stop], scales, rows, out[start:stop])
    return out
