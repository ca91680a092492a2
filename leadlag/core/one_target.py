"""Many metrics beside one target, every lag: chunks through one product, on both cores.

A chunk is read where it lies (a memory map is never loaded whole): once for its sums around a few
rows that every window shares, once by the product with the target laid out by lag. One more pass
over the products normalises them. Metrics with gaps, far from zero or in extreme units are copied,
scaled and centred first.

What is decided for a metric depends on that metric and the target alone, so its numbers do not
depend on its neighbours: the same to rounding (1e-13), and bit for bit with a BLAS that treats the
columns of one product alike, as OpenBLAS does.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from leadlag.core.arrays import FloatArray, IntArray, unit_size
from leadlag.core.lags import future_windows, lag_grid
from leadlag.core.pearson import CANCELLED, UNDERFLOW, window_sums
from leadlag.core.threads import on_threads, thread_count

__all__ = ["correlate_with_target"]

# Metrics of a chunk, padded to a multiple of `_PAD`. A narrower one would lay out the target more
# often, and read short pieces of each row of a row-major table.
#
# Tried and lost: Karatsuba's splits of the target's Toeplitz matrix, with 3/4 or 9/16 of the
# operations (at 181 lags the narrower products are slower by as much), and chunks of 64 to 256.
_CHUNK = 2048
# Metrics that are copied at a time.
_COPIED = 512
_PAD = 16
# Multiplications and additions from which a second thread pays for itself.
_LARGE = 3e8
# A metric is multiplied where it lies if a window's variance is at least this share of its squared
# level: the product loses as many digits as the root has.
_LEVEL = 1e-4
# A metric whose size is 2 to more than this power goes straight to two passes.
_MOST_POWER = 1000


def correlate_with_target(
    X: FloatArray, y: FloatArray, max_lag: int
) -> tuple[FloatArray, IntArray, bool]:
    """Pairwise-complete Pearson of every metric with the target at every lag.

    Parameters
    ----------
    X : ndarray, shape (n_obs, n_metrics)
        Metrics of any number type, in any layout; NaN where missing.
    y : ndarray, shape (n_obs,)
        Target; NaN where missing.
    max_lag : int, periods
        Largest lag in either direction.

    Returns
    -------
    correlation : ndarray, shape (n_metrics, 2 * max_lag + 1)
    n_obs : ndarray of int, same shape
        Not writeable where no value is missing: every metric shares one row.
    finite : bool
        False where a metric holds an infinite value; the rest then has no meaning.

    Examples
    --------
    >>> x = np.array([1.0, -1.0, 2.0, 0.0, 1.0, 3.0])
    >>> r, n_obs, _ = correlate_with_target(x[:, None], -x, 1)
    >>> float(r[0, 1]), n_obs.tolist()
    (-1.0, [[5, 6, 5]])
    """
    n, p = X.shape
    correlation = np.empty((p, 2 * max_lag + 1))
    counts: dict[int, IntArray] = {}
    run: Callable[[slice], bool]
    if n > 2 * max_lag:
        run = _Sweep(X, y, max_lag, correlation, counts).run
    else:  # no row belongs to every window: nothing to centre by
        run = partial(_exact, X, y, max_lag, correlation, counts)
    large = 2.0 * n * p * (2 * max_lag + 1) >= _LARGE
    threads = thread_count() if large else 1
    size = min(_CHUNK, -(-p // threads // _PAD) * _PAD) if threads > 1 else _CHUNK
    # The odd ones at the end are copied and padded by themselves, not with all of their chunk.
    even = p - p % _PAD if p >= _COPIED else p
    chunks = [slice(start, min(start + size, even)) for start in range(0, even, size)]
    chunks += [slice(even, p)] if even < p else []
    finite = all(on_threads(run, chunks, threads=threads))
    if counts:
        n_obs = np.empty(correlation.shape, dtype=np.int64)
        n_obs[:] = n - np.abs(lag_grid(max_lag))
        for start, part in counts.items():
            n_obs[start : start + part.shape[0]] = part
    else:
        n_obs = np.broadcast_to(n - np.abs(lag_grid(max_lag)), correlation.shape)
    return correlation, n_obs, finite


class _Sweep:
    """The target, prepared once, and what is done with a chunk of metrics."""

    def __init__(
        self, X: FloatArray, y: FloatArray, max_lag: int,
        correlation: FloatArray, counts: dict[int, IntArray],
    ) -> None:  # fmt: skip
        n, lags = y.size, lag_grid(max_lag)
        self.X, self.y, self.max_lag = X, y, max_lag
        self.correlation, self.counts = correlation, counts
        self.present = ~np.isnan(y)
        self.complete = bool(self.present.all())
        self.rows = (n - np.abs(lags)).astype(np.float64)
        scaled = unit_size(y)
        known = scaled[max_lag : n - max_lag][self.present[max_lag : n - max_lag]]
        centred = np.where(self.present, scaled - (known.mean() if known.size else 0.0), 0.0)
        # What is a window of x at lag k is a window of y at lag -k.
        there = self.present.astype(np.float64)
        self.sums = np.array([window_sums(v, max_lag)[::-1] for v in (there, centred, centred**2)])
        variance = self.sums[2] - self.sums[1] ** 2 / np.maximum(self.sums[0], 1.0)
        trusted = (variance > CANCELLED * self.sums[2]) & (self.sums[2] > UNDERFLOW)
        scale = 1.0 / np.sqrt(np.where(trusted, variance, np.nan))
        self.target = np.array([self.rows, self.sums[1], scale, 1.0 / self.rows])
        edges = np.zeros(max_lag)
        self.padded = np.concatenate([edges, centred, edges])
        self.padded_there = np.concatenate([edges, there, edges])
        self.windows = future_windows(centred, max_lag, slice(0, n))

    def run(self, chunk: slice) -> bool:
        """Fill the rows of one chunk; False where it holds an infinite value."""
        from leadlag.core import sweep

        count, n = chunk.stop - chunk.start, self.y.size
        source = _source(self.X, chunk)
        out = self.correlation[chunk]
        lost, plain = 0, np.zeros(count, dtype=np.bool_)
        if self.complete and _some_complete(source.values[:, :count]):
            width, weak = source.values.shape[1], np.empty(count, dtype=np.int64)
            products = self._products(source.values)
            limits = _LEVEL, CANCELLED, UNDERFLOW
            if source.by_row:
                about, moments = np.empty(width), np.empty((6, width))
                sweep.look_at_rows(*source.place, n, self.max_lag, about, moments)
                lost = sweep.correlate_rows(
                    *source.place, about, moments, self.target, *limits, products, out, weak
                )
            else:
                lost = sweep.correlate_columns(
                    *source.place, self.target, *limits, products, out, weak
                )
            # Not missing, not overflown, and the level not so large that products lose digits.
            plain = weak == 0
        n_obs = None
        others = np.flatnonzero(~plain)
        for start in range(0, others.size, _COPIED):
            some = others[start : start + _COPIED]
            made = self._careful(source, some)
            if made is None:
                return False
            out[some], obs = made
            if obs is not None:
                if n_obs is None:
                    n_obs = self.counts[chunk.start] = np.empty(out.shape, dtype=np.int64)
                    n_obs[:] = self.rows
                n_obs[some] = obs
            lost = 1
        if lost:
            self._again(chunk, out, n_obs)
        return True

    def _products(self, values: FloatArray) -> FloatArray:
        """Sums of products, (lag, metric).

        The metrics lie along the wide side: up to 1.6 times as fast as the other way round. And
        `matmul` multiplies a part of a table where it lies; `dot` would copy it first.
        """
        width = values.shape[1]
        # A step of a power of two between lags would put them all in the same lines of the cache.
        products = np.empty((self.windows.shape[1], width + 8))[:, :width]
        np.matmul(self.windows.T, values, out=products)
        return products

    def _careful(
        self, source: "_Source", some: IntArray
    ) -> tuple[FloatArray, IntArray | None] | None:
        """Metrics with gaps, far from zero or in extreme units: scaled and centred copies.

        Correlations, 2 where sums lost digits, and numbers of rows where any value is missing; None
        where a value is infinite.
        """
        from leadlag.core import gaps, sweep

        count, n = some.size, self.y.size
        values = np.zeros((-(-count // _PAD) * _PAD, n))
        present = np.empty((count, n), dtype=np.bool_)
        about, size = np.empty((2, count))
        steps = (source.stride, 1) if source.by_row else (1, source.stride)
        flat = source.flat[source.first * steps[1] :]
        gaps.gather(flat, *steps, some, values[:count])
        gaps.survey(values[:count], self.max_lag, present, about, size)
        if np.isinf(size).any():
            return None
        power = np.frexp(size)[1]
        extreme = (np.abs(power) > _MOST_POWER) | ~np.isfinite(about)
        scale = np.where(extreme, 0.0, np.ldexp(1.0, -np.where(extreme, 0, power)))
        about[extreme] = 0.0
        gaps.centre(values[:count], about, scale)
        products, n_obs = self._products(values.T), None
        made = np.ascontiguousarray(products.T[:count])
        incomplete = np.flatnonzero(~present.all(axis=1)) if self.complete else np.arange(count)
        if incomplete.size:
            n_obs = np.empty(made.shape, dtype=np.int64)
            n_obs[:] = self.rows
            of_gaps = made.copy()
            gaps.correlate_gaps(
                incomplete, values, present, self.padded, self.padded_there, self.present,
                self.sums,
                CANCELLED, UNDERFLOW, of_gaps, n_obs,
            )  # fmt: skip
        if incomplete.size < count:
            sweep.correlate_columns(
                values.reshape(-1), n, 0, self.target, 0.0, CANCELLED, UNDERFLOW, products, made,
                np.empty(count, dtype=np.int64),
            )  # fmt: skip
        if incomplete.size:
            made[incomplete] = of_gaps[incomplete]
        made[extreme] = 2.0
        return made, n_obs

    def _again(self, chunk: slice, out: FloatArray, n_obs: IntArray | None) -> None:
        """Two passes for the entries whose sums lost digits."""
        from leadlag.core import gaps

        lost = out > 1.5
        for i in np.flatnonzero(lost.any(axis=1)):
            x = np.ascontiguousarray(self.X[:, chunk.start + i], dtype=np.float64)
            at = np.flatnonzero(lost[i])
            r, m = np.empty(at.size), np.empty(at.size, dtype=np.int64)
            gaps.two_pass(x, self.y, at - self.max_lag, r, m)
            out[i, at] = r
            if n_obs is not None:
                n_obs[i, at] = m


class _Source(NamedTuple):
    """A chunk where it lies: ``flat[row * stride + first + metric]``, or by column the mirror."""

    flat: FloatArray
    stride: int
    first: int
    by_row: bool
    values: FloatArray

    @property
    def place(self) -> tuple[FloatArray, int, int]:
        return self.flat, self.stride, self.first


def _source(X: FloatArray, chunk: slice) -> _Source:
    view = np.asarray(X[:, chunk])
    count = view.shape[1]
    if X.dtype == np.float64 and count % _PAD == 0:
        if X.flags.c_contiguous:
            return _Source(np.asarray(X).reshape(-1), X.shape[1], chunk.start, True, view)
        if X.flags.f_contiguous:
            return _Source(np.asarray(X).T.reshape(-1), X.shape[0], chunk.start, False, view)
    values = np.zeros((X.shape[0], -(-count // _PAD) * _PAD))
    values[:, :count] = view
    return _Source(values.reshape(-1), values.shape[1], 0, True, values)


def _some_complete(values: FloatArray) -> bool:
    """Whether any metric has no gap; mostly decided by a few of them."""
    step = max(1, values.shape[1] // 16)
    if not np.isnan(values[:, ::step]).any(axis=0).all():
        return True
    return not bool(np.isnan(values.sum(axis=0)).all())


def _exact(
    X: FloatArray, y: FloatArray, max_lag: int,
    correlation: FloatArray, counts: dict[int, IntArray], chunk: slice,
) -> bool:  # fmt: skip
    """Two passes for every entry of a chunk."""
    from leadlag.core import gaps

    values = np.ascontiguousarray(X[:, chunk].T, dtype=np.float64)
    n_obs = counts[chunk.start] = np.empty(correlation[chunk].shape, dtype=np.int64)
    lags = lag_grid(max_lag)
    for x, r, m in zip(values, correlation[chunk], n_obs, strict=True):
        gaps.two_pass(x, y, lags, r, m)
    return not np.isinf(values).any()
