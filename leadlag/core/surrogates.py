"""How large is the best of many lags where nothing leads? Phase surrogates of the target.

A surrogate has the target's spectrum and random phases: its autocorrelation without its ties to
any metric. All metrics meet the same surrogates, many at a time, through the block-frequency
products of :mod:`leadlag.core.blocks` in single precision; what comes close to a metric's own
value is decided in double. A metric leaves as soon as enough surrogates have beaten it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from leadlag.core.all_pairs import window_scales
from leadlag.core.arrays import BoolArray, FloatArray, IntArray, SingleArray, unit_size
from leadlag.core.blocks import Blocks
from leadlag.core.correlation import cross_correlation
from leadlag.core.pearson import window_sums
from leadlag.core.threads import one_blas_thread

__all__ = ["BestLagNull", "best_lag_p_values", "phase_surrogates"]

# Phases that may be drawn, evenly round the circle.
_PHASES = 2**16
# Surrogates at a time: few at first, since most metrics leave early.
_FIRST, _BATCH = 32, 128
# Single precision is off by 7e-7 at most where it was measured (walks and trends, 20,000 rows);
# what is closer than this is computed again in double.
_CLOSE = 2e-6
# Metrics times surrogates whose products at every frequency stay in the cache.
_TOGETHER = 4096


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
    turned = _circle()[rng.integers(_PHASES, size=(count, spectrum.size), dtype=np.uint16)]
    turned *= spectrum
    turned[:, 0] = spectrum[0]
    if n % 2 == 0:  # the last frequency is real: it has a sign, and no phase
        turned[:, -1] = spectrum[-1] * rng.choice([-1.0, 1.0], size=count)
    return np.asarray(irfft(turned, n, axis=1))


@lru_cache(maxsize=1)
def _circle() -> NDArray[np.complex128]:
    """Points of the unit circle: to look one up takes a tenth of a cosine and a sine."""
    return np.asarray(np.exp(2j * np.pi / _PHASES * np.arange(_PHASES)))


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
    """What all batches need of the metrics: values, blocks, and means and scales of windows."""

    x: FloatArray
    blocks: Blocks
    spectra: SingleArray
    scales: SingleArray
    unevenness: FloatArray

    @classmethod
    def of(cls, x: FloatArray, max_lag: int) -> "_Metrics":
        blocks = Blocks(max_lag, both_ways=False)
        centred, scales, unevenness = _side(x, max_lag, slice(max_lag, None))
        scales[0] /= (x.shape[1] - np.arange(max_lag + 1))[:, None]
        spectra = blocks.leaders(_single(centred))
        return cls(x, blocks, spectra, _single(scales), unevenness)

    def only(self, some: IntArray) -> "_Metrics":
        if some.size == self.x.shape[0]:
            return self
        return _Metrics(
            self.x[some], self.blocks, self.spectra[:, :, some], self.scales[:, :, some],
            self.unevenness[some],
        )  # fmt: skip


def _side(x: FloatArray, max_lag: int, windows: slice) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Centred series, their scales in each window, (2, lag, series), and how uneven these are.

    The last is the size of a whole series over that of its smallest window, NaN where sums lost
    digits: rounding is relative to the former, a correlation to the latter.
    """
    n = x.shape[1]
    x = x - x[:, max_lag : n - max_lag].mean(axis=1, keepdims=True)
    sums, squares = window_sums(x, max_lag)[:, windows], window_sums(x * x, max_lag)[:, windows]
    scales = window_scales(sums, squares, n - np.arange(max_lag + 1.0))
    unevenness = scales[1].max(axis=1) * np.sqrt(np.einsum("ij,ij->i", x, x))
    return x, scales.transpose(0, 2, 1), unevenness


def _single(x: FloatArray) -> SingleArray:
    return np.ascontiguousarray(x, dtype=np.float32)


def _beaten(metrics: _Metrics, surrogates: FloatArray, statistic: FloatArray) -> BoolArray:
    """Which surrogates reach each metric's statistic, (n_metrics, n_surrogates)."""
    from leadlag.core.gaps import two_pass

    largest, error = _largest(metrics, surrogates)
    beaten = largest >= statistic[:, None]
    lags = np.arange(1, metrics.blocks.max_lag + 1)
    r, rows = np.empty(lags.size), np.empty(lags.size, dtype=np.int64)
    # What single precision can't tell apart, or lost altogether.
    for i, b in zip(*np.nonzero(~(np.abs(largest - statistic[:, None]) > error)), strict=True):
        two_pass(metrics.x[i], surrogates[b], lags, r, rows)
        beaten[i, b] = np.nanmax(np.abs(r)) >= statistic[i]
    return np.asarray(beaten)


def _largest(metrics: _Metrics, surrogates: FloatArray) -> tuple[SingleArray, FloatArray]:
    """Largest absolute correlation over lags 1 … L of each pair, and how far off it may be."""
    from leadlag.core.pairs import largest_of_pairs

    blocks, p, q = metrics.blocks, metrics.x.shape[0], surrogates.shape[0]
    y, scales, unevenness = _side(surrogates, blocks.max_lag, slice(blocks.max_lag, None, -1))
    followers, own = blocks.followers(_single(y)), _single(scales)
    back = _single(blocks.way_back())
    out = np.empty((p, q), dtype=np.float32)
    step = max(1, _TOGETHER // q)
    meeting = np.empty(back.shape[2] * step * q, dtype=np.float32)
    made = np.empty(2 * back.shape[1] * step * q, dtype=np.float32)
    for start in range(0, p, step):
        some = slice(start, min(start + step, p))
        size = (some.stop - start) * q
        leaders = metrics.spectra[:, :, some].transpose(0, 2, 1)
        met = meeting[: back.shape[2] * size].reshape(-1, some.stop - start, q)
        products = made[: 2 * back.shape[1] * size].reshape(2, back.shape[1], -1)
        for part in range(2):
            np.matmul(leaders, followers[part], out=met)
            np.matmul(back[part], met.reshape(-1, size), out=products[part])
        along, across = products.reshape(2, back.shape[1], -1, q)
        largest_of_pairs(along, across, metrics.scales[:, :, some], own, out[some])
    return out, _CLOSE * metrics.unevenness[:, None] * unevenness
