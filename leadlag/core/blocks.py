"""Products of many series with many others at every lag, by the frequencies of short blocks.

Leaders are cut into blocks that are padded with zeros, followers into longer ones that overlap, so
that a real Fourier transform of each, multiplied and summed over blocks, holds the products at
every wanted lag without wrapping round. A frequency is one matrix product over blocks; the way back
to the lags is one more, of cosines for what is alike in both directions of time and of sines for
what differs. A fifth of the operations of a product for each lag.

A block's rounding is relative to what the block holds, so an outlier stays within its own; still,
who calls must see to it that no window is much smaller than the whole.
"""

from dataclasses import dataclass

import numpy as np
from scipy.fft import next_fast_len, rfft

from leadlag.core.arrays import FloatArray, RealArray

__all__ = ["Blocks"]

# Length of a block over the largest lag: shorter ones overlap more, longer ones have more to undo.
_ONE_WAY, _BOTH_WAYS = 2.5, 4.0
_SHORTEST = 32


@dataclass(frozen=True)
class Blocks:
    """How series of any number are cut for lags 0 … max_lag.

    Attributes
    ----------
    max_lag : int, periods
    both_ways : bool
        Whether lags from -max_lag on are wanted: longer overlaps, and each pair once.

    Examples
    --------
    >>> x, y = np.random.default_rng(0).standard_normal((2, 1, 50))
    >>> blocks = Blocks(3, both_ways=True)
    >>> met = np.einsum("fim,fmcj->cfij", blocks.leaders(x), blocks.followers(y))
    >>> along, across = np.einsum("clf,cfij->clij", blocks.way_back(), met)
    >>> bool(abs((along - across)[2, 0, 0] - x[0, :-2] @ y[0, 2:]) < 1e-12)
    True
    >>> bool(abs((along + across)[2, 0, 0] - x[0, 2:] @ y[0, :-2]) < 1e-12)
    True
    """

    max_lag: int
    both_ways: bool

    @property
    def length(self) -> int:
        """Rows of a follower's block, even."""
        wanted = int((_BOTH_WAYS if self.both_ways else _ONE_WAY) * self.max_lag)
        length = int(next_fast_len(max(_SHORTEST, wanted), real=True))
        return length + length % 2

    @property
    def step(self) -> int:
        """Rows of a leader's block, without its zeros."""
        return self.length - self.max_lag * (2 if self.both_ways else 1)

    def leaders(self, x: RealArray) -> RealArray:
        """Leaders at every frequency, real parts before imaginary ones, (f, series, 2 blocks)."""
        p, n = x.shape
        count = -(-n // self.step)
        padded = np.zeros((p, count * self.step), dtype=x.dtype)
        padded[:, :n] = x
        spectra = rfft(padded.reshape(p, count, self.step), self.length).transpose(2, 0, 1)
        return np.concatenate([spectra.real, spectra.imag], axis=2)

    def followers(self, x: RealArray) -> RealArray:
        """What leaders meet for real and imaginary part of a product, (f, 2 blocks, 2, series)."""
        p, n = x.shape
        count = -(-n // self.step)
        before = self.max_lag if self.both_ways else 0
        padded = np.zeros((p, (count - 1) * self.step + self.length), dtype=x.dtype)
        padded[:, before : before + n] = x[:, : padded.shape[1] - before]
        cut = np.lib.stride_tricks.sliding_window_view(padded, self.length, axis=1)
        spectra = rfft(cut[:, :: self.step]).transpose(2, 1, 0)
        if before:  # so that lag 0 is at place 0
            turn = 2j * np.pi * before / self.length * np.arange(spectra.shape[0])
            spectra = spectra * np.exp(turn).astype(spectra.dtype)[:, None, None]
        made = np.empty((spectra.shape[0], 2 * count, 2, p), dtype=x.dtype)
        made[:, :count, 0], made[:, count:, 0] = spectra.real, spectra.imag
        made[:, :count, 1], made[:, count:, 1] = spectra.imag, -spectra.real
        return made

    def way_back(self) -> FloatArray:
        """From real and from imaginary parts at every frequency to lags, (2, lag, f).

        A product at lag k is the first less the second of both, at lag -k their sum.
        """
        frequency = np.arange(self.length // 2 + 1)
        angle = 2 * np.pi / self.length * np.arange(self.max_lag + 1)[:, None] * frequency
        once = (frequency == 0) | (frequency == self.length // 2)
        weight = np.where(once, 1.0, 2.0) / self.length
        return np.array([weight * np.cos(angle), weight * np.sin(angle)])
