"""The noise of both kernels, compiled: its filter, and the prior of the filter.

Both densities take their point in the same order: two parameters of the kernel, then the filter's.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from leadlag.core.jit import compiled

__all__ = ["ROUNDING", "filter_prior", "noise_filter"]

Floats = npt.NDArray[np.float64]

# A perfect predictor leaves less of the target than rounding: never less than this share.
ROUNDING = 1e-14


@compiled
def noise_filter(point: Floats) -> Floats:
    """The filter ``1 - phi_1 B - ...`` by lag.

    Parameters
    ----------
    point : ndarray, shape (2 + order,)
        Two parameters of the kernel, then "phi".

    Returns
    -------
    ndarray, shape (order + 1,)

    Examples
    --------
    >>> noise_filter(np.array([0.0, 0.0, 0.5, 0.1]))
    array([ 1. , -0.5, -0.1])
    """
    out = np.empty(point.size - 1)
    out[0] = 1.0
    for i in range(1, out.size):
        out[i] = -point[1 + i]
    return out


@compiled
def filter_prior(point: Floats, phi_sd: Floats, gradient: Floats) -> float:
    """Log prior density of the filter, up to a constant; its slopes are added to `gradient`.

    Parameters
    ----------
    point : ndarray, shape (2 + order,)
        As for :func:`noise_filter`.
    phi_sd : ndarray, shape (order,)
        Standard deviations.
    gradient : ndarray, shape (2 + order,)
        Written to.

    Returns
    -------
    float

    Examples
    --------
    >>> slopes = np.zeros(3)
    >>> filter_prior(np.array([0.0, 0.0, 0.5]), np.array([0.5]), slopes), slopes
    (-0.5, array([ 0.,  0., -2.]))
    """
    value = 0.0
    for i in range(phi_sd.size):
        value -= 0.5 * (point[2 + i] / phi_sd[i]) ** 2
        gradient[2 + i] -= point[2 + i] / phi_sd[i] ** 2
    return value
