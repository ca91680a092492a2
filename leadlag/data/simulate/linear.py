"""Linear processes as weights on white shocks, and what they imply: exact, without simulation.

Every series of a simulated world is a sum of responses to independent white shocks of variance 1.
Its covariances follow from the weights, and from the covariances follow the best linear forecast,
Geweke's gains and the response of one series to another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve, solve_toeplitz, toeplitz

__all__ = [
    "HORIZON",
    "Process",
    "autoregression_of",
    "covariance",
    "gains",
    "inverse_series",
    "memory_weights",
    "projection",
]

Floats = npt.NDArray[np.float64]

# Weights beyond are below 1e-9 of the first at a memory of .95.
HORIZON = 420


@dataclass(frozen=True, eq=False)
class Process:
    """A stationary series: for each white shock its weights at lags 0, 1, ….

    Parameters
    ----------
    weights : mapping of int to ndarray, shape (HORIZON,)
        By number of the shock.
    """

    weights: Mapping[int, Floats]

    def __add__(self, other: Process) -> Process:
        """Sum of two series of one world."""
        total = dict(self.weights)
        for shock, weight in other.weights.items():
            total[shock] = total[shock] + weight if shock in total else weight
        return Process(total)

    def __mul__(self, size: float) -> Process:
        """The series times a number."""
        return Process({shock: size * weight for shock, weight in self.weights.items()})

    def filtered(self, kernel: Floats) -> Process:
        """The series' response through a kernel over lags 0, 1, …."""
        return Process(
            {shock: np.convolve(weight, kernel)[:HORIZON] for shock, weight in self.weights.items()}
        )

    def delayed(self, periods: int) -> Process:
        """The series some periods later."""
        kernel = np.zeros(periods + 1)
        kernel[periods] = 1.0
        return self.filtered(kernel)

    def without(self, shocks: frozenset[int]) -> Process:
        """What is left when some shocks are known."""
        return Process({k: w for k, w in self.weights.items() if k not in shocks})


def memory_weights(phi: float) -> Floats:
    """Weights of a first-order autoregression of variance 1.

    Parameters
    ----------
    phi : float
        Its coefficient.

    Returns
    -------
    ndarray, shape (HORIZON,)
    """
    return np.asarray(phi ** np.arange(HORIZON) * np.sqrt(1 - phi**2))


def inverse_series(kernel: Floats) -> Floats:
    """Power series ``1 / kernel(B)``, for a kernel that begins with 1.

    Parameters
    ----------
    kernel : ndarray
        Coefficients of lags 0, 1, ….

    Returns
    -------
    ndarray, shape (HORIZON,)
    """
    out = np.zeros(HORIZON)
    out[0] = 1.0
    tail = kernel[1:HORIZON]
    for t in range(1, HORIZON):
        reach = min(t, tail.size)
        out[t] = -float(tail[:reach] @ out[t - reach : t][::-1])
    return out


def covariance(a: Process, b: Process, depth: int, *, step: int = 1) -> Floats:
    """Covariances of a at t + k with b at t, for k from -depth to depth.

    Parameters
    ----------
    a, b : Process
    depth : int
        Largest k.
    step : int, periods
        Length of the periods over which both are averaged; k counts such periods.

    Returns
    -------
    ndarray, shape (2 depth + 1,)
    """
    if step > 1:
        box = np.full(step, 1.0 / step)
        a, b = a.filtered(box), b.filtered(box)
    total = np.zeros(2 * HORIZON - 1)
    for shock, weight in a.weights.items():
        if shock in b.weights:
            total += np.correlate(weight, b.weights[shock], "full")
    reach = (HORIZON - 1) // step
    at = np.arange(-min(depth, reach), min(depth, reach) + 1)
    out = np.zeros(2 * depth + 1)
    out[at + depth] = total[at * step + HORIZON - 1]
    return out


def autoregression_of(autocovariance: Floats, order: int) -> tuple[Floats, float]:
    """Best linear forecast of a series from its own past.

    Parameters
    ----------
    autocovariance : ndarray, shape (more than order,)
        At lags 0, 1, ….
    order : int, periods

    Returns
    -------
    coefficients : ndarray, shape (order,)
    variance : float
        Of the surprise.
    """
    ahead = autocovariance[1 : order + 1]
    coefficients = np.asarray(solve_toeplitz(_lifted(autocovariance[:order]), ahead))
    return coefficients, float(autocovariance[0] - coefficients @ ahead)


def gains(y: Process, x: Process, *, depth: int = 80, step: int = 1) -> tuple[float, float]:
    """Population log-variance ratios: what x's past adds for y, and y's past for x.

    Parameters
    ----------
    y, x : Process
    depth : int, periods
        Past values of each side.
    step : int, periods
        Length of the averaged periods.

    Returns
    -------
    forward, reverse : float

    References
    ----------
    Geweke, J. (1982). Measurement of linear dependence and feedback between multiple time series.
    *JASA* 77, 304-313.
    """
    own_y = covariance(y, y, depth, step=step)[depth:]
    own_x = covariance(x, x, depth, step=step)[depth:]
    cross = covariance(y, x, depth, step=step)
    # Between y at t - i and x at t - j: cov(y[s + j - i], x[s]).
    between = toeplitz(cross[depth::-1][:depth], cross[depth : 2 * depth])
    joint = np.block(
        [
            [toeplitz(_lifted(own_y[:depth])), between],
            [between.T, toeplitz(_lifted(own_x[:depth]))],
        ]
    )
    # y at t with x at t - k is cov(y[s + k], x[s]); x at t with y at t - k is cov(y[s - k], x[s]).
    with_y = np.concatenate([own_y[1:], cross[depth + 1 :]])
    with_x = np.concatenate([cross[:depth][::-1], own_x[1:]])
    both = np.column_stack([with_y, with_x])
    explained = (both * solve(joint, both, assume_a="pos")).sum(axis=0)
    alone = (autoregression_of(own_y, depth)[1], autoregression_of(own_x, depth)[1])
    forward = np.log(alone[0] / (own_y[0] - explained[0]))
    reverse = np.log(alone[1] / (own_x[0] - explained[1]))
    return max(0.0, float(forward)), max(0.0, float(reverse))


def projection(y: Process, x: Process, *, depth: int = 80, step: int = 1) -> Floats:
    """Response of y to x: coefficients of x at lags 0..depth - 1 in the best linear sum of them.

    Parameters
    ----------
    y, x : Process
    depth : int, periods
    step : int, periods
        Length of the averaged periods.

    Returns
    -------
    ndarray, shape (depth,)
    """
    own = covariance(x, x, depth, step=step)[depth:]
    cross = covariance(y, x, depth, step=step)[depth:]
    return np.asarray(solve_toeplitz(_lifted(own[:depth]), cross[:depth]))


def _lifted(autocovariance: Floats) -> Floats:
    """A hair of white noise: differenced series have no inverse without it."""
    out = autocovariance.copy()
    out[0] *= 1 + 1e-9
    return out
