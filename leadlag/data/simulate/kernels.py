"""Delay kernels and the draws that a situation is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

__all__ = ["Draw", "bell", "gamma", "sharp"]

Floats = npt.NDArray[np.float64]


def sharp(lag: int) -> Floats:
    """The whole effect at one lag."""
    kernel = np.zeros(lag + 1)
    kernel[lag] = 1.0
    return kernel


def bell(lag: int) -> Floats:
    """Half of the effect at one lag, the rest the day before and the day after."""
    kernel = np.zeros(lag + 2)
    kernel[lag - 1 : lag + 2] = (0.25, 0.5, 0.25)
    # Never at lag 0, which would be another situation.
    kernel[0] = 0.0
    return np.asarray(kernel / kernel.sum())


def gamma(mean: float, shape: float, *, onset: int = 1) -> Floats:
    """An effect spread as a gamma distribution, cut where 99.5 % of it has passed.

    Parameters
    ----------
    mean : float, periods
        Mean delay, from lag 0.
    shape : float
        Of the gamma distribution: 1 decays at once, more is rounder.
    onset : int, periods
        First lag with an effect.

    Returns
    -------
    ndarray
        Over lags 0, 1, …; adds up to 1.
    """
    scale = max(mean - onset, 0.5) / shape
    edges = np.arange(0, 20 * int(mean + 5)) / scale
    mass = np.diff(special.gammainc(shape, edges))
    mass = mass[: 1 + int(np.searchsorted(np.cumsum(mass), 0.995))]
    kernel = np.concatenate([np.zeros(onset), mass])
    return np.asarray(kernel / kernel.sum())


@dataclass(frozen=True, eq=False)
class Draw:
    """Random choices of one panel; the held-out part chooses from other values.

    Parameters
    ----------
    rng : Generator
    held_out : bool
        Whether the second of two sets of values is in use.
    null : bool
        Whether every metric is to have nothing to do with the target.
    """

    rng: np.random.Generator
    held_out: bool
    null: bool = False

    def one(self, tuning: Sequence[float], held_out: Sequence[float]) -> float:
        """One of the values of the part in use."""
        values = held_out if self.held_out else tuning
        return float(values[int(self.rng.integers(len(values)))])

    def whole(self, tuning: Sequence[int], held_out: Sequence[int]) -> int:
        """One of the whole numbers of the part in use."""
        return int(self.one(tuning, held_out))

    def between(self, low: float, high: float) -> float:
        """A number between two, evenly."""
        return float(self.rng.uniform(low, high))

    def memory(self, high: float = 0.8) -> float:
        """Coefficient of a first-order autoregression, at most `high`."""
        tuning = [v for v in (0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95) if v <= high]
        held = [v for v in (0.1, 0.35, 0.6, 0.75, 0.85, 0.93) if v <= high] or [0.1 * high]
        return self.one(tuning, held)

    def lead(self, high: int = 14) -> int:
        """Periods of a sharp lead, at most `high`."""
        tuning = [v for v in (1, 2, 3, 5, 7, 10, 14) if v <= high]
        held = [v for v in (1, 2, 4, 6, 9, 12, 13) if v <= high]
        return self.whole(tuning, held)

    def sign(self) -> int:
        """Of a relation; positive twice as often as negative."""
        return 1 if self.rng.random() < 2 / 3 else -1
