"""Products of many series with many others at every lag, by the frequencies of short blocks.

Leaders are cut into blocks that are padded with zeros, followers into longer ones that overlap, so
that the Fourier transforms of both, multiplied and summed over blocks, holds the products at
every wanted lag without wrapping round. A frequency is one matrix product over blocks; the way back
to the lags is one more, of cosines for what is alike in both directions of time and of sines for
what differs. A fifth of the operations of a product for each lag.

A block's rounding is relative to what the block holds, so an outlier stays within its own; still,
who calls must see to it that no window is much smaller than the whole.
"""

from dataclasses import dataclass

import numpy as np

from leadlag.core.arrays import FloatArray, IntArray, RealArray

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
    >>> met = np.einsum("fmi,cfmj->cfij", blocks.leaders(x), blocks.followers(y))
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
        length = max(_SHORTEST, wanted)
        return length + length % 2

    @property
    def step(self) -> int:
        """Rows of a leader's block, without its zeros."""
        return self.length - self.max_lag * (2 if self.both_ways else 1)

    def leaders(self, x: RealArray) -> RealArray:
        """Leaders at every frequency, real parts before imaginary ones, (f, 2 blocks, series)."""
        return self._spectra(x, self.step, 0)

    def followers(self, x: RealArray) -> RealArray:
        """What leaders meet for real and imaginary part of a product, (2, f, 2 blocks, series)."""
        one = self._spectra(x, self.length, self.max_lag if self.both_ways else 0)
        half = one.shape[1] // 2
        made = np.empty((2, *one.shape), dtype=one.dtype)
        made[0] = one
        made[1, :, :half] = one[:, half:]
        np.negative(one[:, :half], out=made[1, :, half:])
        return made

    def _spectra(self, x: RealArray, height: int, before: int) -> RealArray:
        """Blocks of so many rows that begin so many earlier, at every frequency.

        By a product with waves: of short blocks it takes less than to lay out what a fast Fourier
        transform makes of them.
        """
        p, n = x.shape
        count = -(-n // self.step)
        padded = np.zeros((count * self.step + self.length, p), dtype=x.dtype)
        padded[before : before + n] = x.T
        blocks = np.lib.stride_tricks.sliding_window_view(padded, height, axis=0)
        cut = np.ascontiguousarray(blocks[: count * self.step : self.step].transpose(2, 0, 1))
        # Lag 0 is at place 0, wherever the block begins.
        turn = 2 * np.pi * (self._cycles(np.arange(height) - before) / self.length)
        waves = np.stack([np.cos(turn), -np.sin(turn)], axis=1).astype(x.dtype)
        made = waves.reshape(-1, height) @ cut.reshape(height, -1)
        return np.asarray(made.reshape(-1, 2 * count, p))

    def _cycles(self, rows: IntArray) -> IntArray:
        """Place of each row in the wave of each frequency, (f, row): exact before the cosine."""
        return np.arange(self.length // 2 + 1)[:, None] * rows % self.length

    def way_back(self) -> FloatArray:
        """From real and from imaginary parts at every frequency to lags, (2, lag, f).

        A product at lag k is the first less the second of both, at lag -k their sum.
        """
        frequency = np.arange(self.length // 2 + 1)
        angle = 2 * np.pi * (self._cycles(np.arange(self.max_lag + 1)).T / self.length)
        once = (frequency == 0) | (frequency == self.length // 2)
        weight = np.where(once, 1.0, 2.0) / self.length
        return np.array([weight * np.cos(angle), weight * np.sin(angle)])
