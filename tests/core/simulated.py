"""Pairs of series with a known truth, and how the tests prepare them."""

import numpy as np
from numpy.typing import NDArray

from leadlag.core.autoregression import Autoregression, autoregress

FloatArray = NDArray[np.float64]


def ar1(n: int, phi: float, rng: np.random.Generator) -> FloatArray:
    """A first-order autoregression, started up, innovations of variance 1."""
    x = rng.standard_normal(n + 100)
    for t in range(1, n + 100):
        x[t] += phi * x[t - 1]
    return x[100:]


def fitted(x: FloatArray, *, difference: bool = False, trend: bool = False) -> Autoregression:
    """Own past of at most ten periods beside a constant, a trend where asked for."""
    ones = np.ones(x.size)
    terms = np.column_stack([ones, np.arange(x.size) / x.size][: 1 + trend])
    return autoregress(x, terms, max_order=10, difference=difference)


def followed(
    n: int, response: FloatArray, rng: np.random.Generator, *, noise: float = 0.5
) -> tuple[FloatArray, FloatArray]:
    """A white metric, and a target that is its response over lags 0, 1, … plus AR noise."""
    x = rng.standard_normal(n)
    return x, np.convolve(x, response)[:n] + ar1(n, noise, rng)


def linked(
    n: int, own: float, effect: float, memory: float, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """x[t] = memory x[t-1] + e[t] and y[t] = own y[t-1] + effect x[t-1] + u[t]."""
    x, y = rng.standard_normal((2, n + 100))
    for t in range(1, n + 100):
        x[t] += memory * x[t - 1]
        y[t] += own * y[t - 1] + effect * x[t - 1]
    return x[100:], y[100:]


def geweke(effect: float, memory: float) -> float:
    """Geweke's forward ratio of `linked`: log of y's one-step variance given its own past alone.

    Without x, ``effect x[t-1] + u[t]`` is an ARMA(1, 1); its innovation variance v solves
    ``v + memory² / v = effect² + 1 + memory²``. The own coefficient does not matter.
    """
    total = effect**2 + 1 + memory**2
    return float(np.log((total + np.sqrt(total**2 - 4 * memory**2)) / 2))
