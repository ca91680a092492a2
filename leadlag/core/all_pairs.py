"""All pairs of series at every lag: each pair once, both ways, a few leaders at a time.

:mod:`leadlag.core.blocks` has the products; the compiled loop of :mod:`leadlag.core.pairs` makes
correlations of them while they are in the cache.
"""

from queue import SimpleQueue

import numpy as np

from leadlag.core.arrays import FloatArray
from leadlag.core.blocks import Blocks
from leadlag.core.pearson import CANCELLED, UNDERFLOW
from leadlag.core.threads import on_threads, thread_count

__all__ = ["correlate_all_pairs", "window_scales"]

# Leaders at a time, and frequencies times leaders times followers: what meets stays in the cache.
_LEADERS, _TOGETHER = 32, 1_000_000
# Pairs times lags times rows from which a second thread pays for itself.
_LARGE = 1e9


def correlate_all_pairs(x: FloatArray, sums: FloatArray, squares: FloatArray) -> FloatArray:
    """Correlation of complete series at lags 0 … max_lag.

    Parameters
    ----------
    x : ndarray, shape (n_series, n_obs)
        Centred; complete.
    sums, squares : ndarray, shape (n_series, 2 * max_lag + 1)
        Over the window of each lag, as :func:`leadlag.core.pearson.window_sums` has them.

    Returns
    -------
    ndarray, shape (n_series, n_series, max_lag + 1)
        ``[i, j, k]`` is the correlation of ``x[i, t - k]`` with ``x[j, t]``; NaN where the sums of
        a window lost digits.

    References
    ----------
    Stockham, T. G. (1966). High-speed convolution and correlation. *AFIPS Spring Joint Computer
    Conference* 28, 229–233.

    Examples
    --------
    >>> from leadlag.core.pearson import window_sums
    >>> x = np.random.default_rng(0).standard_normal((2, 50))
    >>> r = correlate_all_pairs(x, window_sums(x, 3), window_sums(x * x, 3))
    >>> bool(abs(r[0, 1, 2] - np.corrcoef(x[0, :-2], x[1, 2:])[0, 1]) < 1e-12)
    True
    """
    from leadlag.core.pairs import normalise_pairs

    p, n = x.shape
    max_lag = sums.shape[1] // 2
    blocks = Blocks(max_lag, both_ways=True)
    threads = thread_count() if float(p) * p * n * (max_lag + 1) > _LARGE else 1
    # On threads of our own: those of BLAS spin on for a while after a product, in our way.
    leaders, followers = on_threads(
        lambda cut: cut(x), (blocks.leaders, blocks.followers), threads=threads
    )
    back = blocks.way_back()
    rows = n - np.arange(max_lag + 1.0)
    # A leader loses its last k rows, a follower its first k: the windows of lags k and -k.
    early, late = (
        np.ascontiguousarray(
            window_scales(sums[:, part], squares[:, part], rows).transpose(0, 2, 1)
        )
        for part in (slice(max_lag, None), slice(max_lag, None, -1))
    )
    out = np.empty((p, p, max_lag + 1))
    width = min(p, max(_LEADERS, _TOGETHER // (_LEADERS * leaders.shape[0])))
    # Fresh memory costs as much as the products that it holds: each thread keeps its own.
    desks: SimpleQueue[tuple[FloatArray, FloatArray]] = SimpleQueue()
    for _ in range(threads):
        size = _LEADERS * width
        desks.put((np.empty(leaders.shape[0] * size), np.empty(2 * (max_lag + 1) * size)))

    def run(start: int) -> None:
        stop = min(start + _LEADERS, p)
        count = stop - start
        meeting, made = desks.get()
        own = leaders[:, :, start:stop].transpose(0, 2, 1)
        for first in range(start, p, width):
            last = min(first + width, p)
            size = count * (last - first)
            met = meeting[: leaders.shape[0] * size].reshape(-1, count, last - first)
            products = made[: 2 * (max_lag + 1) * size].reshape(2, max_lag + 1, -1)
            for part in range(2):
                np.matmul(own, followers[part, :, :, first:last], out=met)
                np.matmul(back[part], met.reshape(-1, size), out=products[part])
            along, across = products.reshape(2, max_lag + 1, count, last - first)
            normalise_pairs(along, across, start, first, early, late, rows, out)
        desks.put((meeting, made))

    on_threads(run, range(0, p, _LEADERS), threads=threads)
    return out


def window_scales(sums: FloatArray, squares: FloatArray, rows: FloatArray) -> FloatArray:
    """Window sums, and one over the root of their variance, NaN where not trusted: (2, p, k)."""
    variance = squares - sums * sums / rows
    trusted = (variance > CANCELLED * squares) & (squares > UNDERFLOW)
    return np.array([sums, 1.0 / np.sqrt(np.where(trusted, variance, np.nan))])
