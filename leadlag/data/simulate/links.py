"""Responses that are not straight: thresholds and saturation, and what is linear about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leadlag.data.simulate.linear import HORIZON, autoregression_of, inverse_series

__all__ = ["LINKS", "Link", "remainder", "remainder_weights"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Link:
    """A bent response to a standard normal metric.

    Parameters
    ----------
    name : str
    bend : callable
        What the target responds to.
    coefficients : ndarray
        In Hermite polynomials of unit variance: 0 the mean, 1 the slope of the best line.
    """

    name: str
    bend: Callable[[Floats], Floats]
    coefficients: Floats

    @property
    def slope(self) -> float:
        """Of the best line."""
        return float(self.coefficients[1])


def _link(name: str, bend: Callable[[Floats], Floats]) -> Link:
    z = np.linspace(-8.0, 8.0, 8001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    polynomials = [np.ones(z.size), z]
    for m in range(1, 24):
        above = (z * polynomials[m] - np.sqrt(m) * polynomials[m - 1]) / np.sqrt(m + 1)
        polynomials.append(above)
    values = bend(z)
    return Link(name, bend, np.array([(p * values * density).sum() for p in polynomials]))


LINKS = {
    "threshold": _link("threshold", lambda z: np.maximum(z - 0.5, 0.0)),
    "saturating": _link("saturating", lambda z: np.tanh(1.5 * (z + 0.5))),
}


def remainder(link: Link, path: Floats) -> Floats:
    """What the best line leaves of the bent response, mean 0.

    Parameters
    ----------
    link : Link
    path : ndarray
        The metric, of variance 1.

    Returns
    -------
    ndarray, of the shape of `path`
    """
    return np.asarray(link.bend(path) - link.coefficients[0] - link.slope * path)


def remainder_weights(link: Link, memory: float) -> Floats:
    """Weights of the remainder on white shocks of its own.

    Parameters
    ----------
    link : Link
    memory : float
        First-order memory of the metric.

    Returns
    -------
    ndarray, shape (HORIZON,)

    Notes
    -----
    A Hermite polynomial of degree m of an autoregression with memory phi has memory ``phi**m``, and
    polynomials of different degree are uncorrelated at every lag. The remainder is therefore
    uncorrelated with the metric at every lag, and its covariances are known.
    """
    degrees = np.arange(2, link.coefficients.size)
    lags = np.arange(61)
    power = np.power(memory, np.outer(lags, degrees).astype(float))
    own = power @ link.coefficients[2:] ** 2
    coefficients, variance = autoregression_of(own, 40)
    weights = inverse_series(np.concatenate([[1.0], -coefficients]))
    return np.asarray(weights * np.sqrt(variance))[:HORIZON]
