"""All pairs of series at every lag by block-frequency products: a fifth of the operations.

Series are cut into blocks of a few times the largest lag. Leaders' blocks are padded with zeros,
followers' overlap by that lag, so that one real Fourier transform of each, multiplied and summed
over blocks, holds the products at every lag from 0 on, without wrapping round. Frequencies are
matrix products over blocks; the way back to the wanted lags is one more.

A block's rounding is relative to what the block holds, so an outlier stays within its own; still,
who calls must see to it that no window is much smaller than the whole.
"""

import numpy as np
from scipy.fft import next_fast_len, rfft

from leadlag.core.arrays import FloatArray
from leadlag.core.pearson import CANCELLED, UNDERFLOW
from leadlag.core.threads import on_threads, thread_count

__all__ = [
    "correlate_all_pairs",
    "following_blocks",
    "leading_blocks",
    "way_back",
    "window_scales",
]

# Length of a block over the largest lag; shorter ones overlap more, longer ones have more to undo.
_BLOCK = 2.5
_SHORTEST = 32
# Leaders at a time: what they meet at every frequency stays in the cache.
_LEADERS = 64
# Pairs times lags times rows from which a second thread pays for itself.
_LARGE = 1e9


def correlate_all_pairs(x: FloatArray, sums: FloatArray, squares: FloatArray) -> FloatArray:
    """Correlation of complete series at lags 0 … max_lag; 2 where the sums lost digits.

    Parameters
    ----------
    x : ndarray, shape (n_series, n_obs)
        Centred; complete.
    sums, squares : ndarray, shape (n_series, 2 * max_lag + 1)
        Over the window of each lag, as :func:`leadlag.core.pearson.window_sums` has them.

    Returns
    -------
    ndarray, shape (n_series, n_series, max_lag + 1)
        ``[i, j, k]`` is the correlation of ``x[i, t - k]`` with ``x[j, t]``.

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
    leaders, followers = leading_blocks(x, max_lag), following_blocks(x, max_lag)
    back = way_back(max_lag)
    rows = n - np.arange(max_lag + 1.0)
    # Leaders lose their last k rows, followers their first k: the windows of lags k and -k.
    early, late = slice(max_lag, None), slice(max_lag, None, -1)
    sides = [window_scales(sums[:, part], squares[:, part], rows) for part in (early, late)]
    out = np.empty((p, p, max_lag + 1))

    def run(start: int) -> None:
        stop = min(start + _LEADERS, p)
        met = np.empty((*followers.shape[:2], stop - start, p))
        for frequency in range(followers.shape[0]):
            for part in range(2):
                np.dot(
                    leaders[frequency, start:stop], followers[frequency, part],
                    out=met[frequency, part],
                )  # fmt: skip
        products = back @ met.reshape(-1, (stop - start) * p)
        normalise_pairs(
            products.reshape(max_lag + 1, stop - start, p), sides[0][:, start:stop], sides[1],
            rows, out[start:stop],
        )  # fmt: skip

    large = float(p) * p * n * (max_lag + 1) > _LARGE
    on_threads(run, range(0, p, _LEADERS), threads=thread_count() if large else 1)
    return out


def _block(max_lag: int) -> int:
    length = int(next_fast_len(max(_SHORTEST, int(_BLOCK * max_lag)), real=True))
    return length + length % 2


def _cut(x: FloatArray, max_lag: int) -> FloatArray:
    """Blocks that overlap by the largest lag, (series, block, row)."""
    p, n = x.shape
    length = _block(max_lag)
    step = length - max_lag
    padded = np.zeros((p, -(-n // step) * step + max_lag))
    padded[:, :n] = x
    blocks = np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)
    return blocks[:, ::step]


def leading_blocks(x: FloatArray, max_lag: int) -> FloatArray:
    """Leaders at every frequency, (f, series, 2 blocks): real parts, then imaginary ones."""
    own = np.array(_cut(x, max_lag))
    own[:, :, own.shape[2] - max_lag :] = 0.0
    one = rfft(own).transpose(2, 0, 1)
    return np.concatenate([one.real, one.imag], axis=2)


def following_blocks(x: FloatArray, max_lag: int) -> FloatArray:
    """Followers for the real and the imaginary part of each product, (f, 2, 2 blocks, series)."""
    two = rfft(_cut(x, max_lag)).transpose(2, 1, 0)
    count = two.shape[1]
    followers = np.empty((two.shape[0], 2, 2 * count, two.shape[2]))
    followers[:, 0, :count], followers[:, 0, count:] = two.real, two.imag
    followers[:, 1, :count], followers[:, 1, count:] = two.imag, -two.real
    return followers


def way_back(max_lag: int) -> FloatArray:
    """From real and imaginary parts at every frequency to lags 0 … max_lag, (lag, 2 f)."""
    length = _block(max_lag)
    frequency = np.arange(length // 2 + 1)
    angle = 2 * np.pi / length * np.arange(max_lag + 1)[:, None] * frequency
    weight = np.where((frequency == 0) | (frequency == length // 2), 1.0, 2.0) / length
    back = np.stack([weight * np.cos(angle), -weight * np.sin(angle)], axis=2)
    return np.asarray(back.reshape(max_lag + 1, -1))


def window_scales(sums: FloatArray, squares: FloatArray, rows: FloatArray) -> FloatArray:
    """Window sums, and one over the root of their variance, NaN where not trusted: (2, p, k)."""
    variance = squares - sums * sums / rows
    trusted = (variance > CANCELLED * squares) & (squares > UNDERFLOW)
    return np.array([sums, 1.0 / np.sqrt(np.where(trusted, variance, np.nan))])
