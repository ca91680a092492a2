"""What the cases are measured on: autocorrelated series, gaps, and the laid-out target."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Size:
    """n rows, p metrics, L lags or order."""

    n: int
    p: int
    L: int

    def __str__(self) -> str:
        return f"n = {self.n:,}, p = {self.p:,}, L = {self.L}"


class Inputs:
    """Series of one size; made once, and read by every side of a case."""

    def __init__(self, size: Size, *, gaps: float = 0.0, target_gaps: bool = False) -> None:
        self.size = size
        rng = np.random.default_rng([size.n, size.p, size.L])
        n, p = size.n, size.p
        noise = rng.standard_normal((n, p))
        self.X: Array = lfilter([1.0], [1.0, -0.5], noise, axis=0)
        self.y: Array = rng.standard_normal(n)
        self.y[2:] += 0.5 * self.X[:-2, 0]
        if gaps:
            self.X[rng.random(self.X.shape) < gaps] = np.nan
        if target_gaps:
            self.y[rng.random(n) < gaps] = np.nan

    @cached_property
    def rows(self) -> Array:
        """Metrics one after the other, complete: what the bare product multiplies."""
        return np.ascontiguousarray(np.nan_to_num(self.X).T)

    @cached_property
    def layout(self) -> Array:
        """The target at every lag, 0 outside the series and where missing."""
        n, L = self.size.n, self.size.L
        padded = np.pad(np.nan_to_num(self.y), L)
        return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * L + 1)[:n])

    def first(self, p: int) -> "Inputs":
        """The first metrics only, for a rival that would take hours on all."""
        small = object.__new__(Inputs)
        small.size = Size(self.size.n, p, self.size.L)
        small.X, small.y = np.ascontiguousarray(self.X[:, :p]), self.y
        return small
