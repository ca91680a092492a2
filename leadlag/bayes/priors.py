"""The priors of the lag model, in units of the noise and of periods."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "EFFECT_SD",
    "FREE_SIZE",
    "SAME_SD",
    "SHAPE_MEDIAN",
    "SHAPE_SD",
    "SPREAD_SD",
    "phi_sd",
    "spread_median",
]

# Standard deviations of the effects, in units of the noise. Wide on purpose: in a strong relation
# (Box and Jenkins' Series M) a move of one standard deviation is followed by one of twenty times
# the noise, and a prior of 2 pulled that effect in by a twentieth, beyond its interval.
EFFECT_SD = 10.0
SAME_SD = 10.0
# Free lags: prior median of the response's size, all lags together.
FREE_SIZE = 2.0
# The shape of the delays: 1 fades from the start, above 1 it rises first.
SHAPE_MEDIAN, SHAPE_SD = 1.5, 0.6
# Mean delay behind the start, on the log scale: a factor of e either way.
SPREAD_SD = 1.0


def spread_median(max_lag: int) -> float:
    """Prior median of the mean delay behind the start.

    Parameters
    ----------
    max_lag : int, periods

    Returns
    -------
    float, periods

    Examples
    --------
    >>> spread_median(30), spread_median(6)
    (3.0, 1.0)
    """
    return max(max_lag / 10, 1.0)


def phi_sd(order: int) -> np.ndarray[Any, Any]:
    """Prior standard deviations of the noise's coefficients: the older, the smaller.

    Parameters
    ----------
    order : int, periods

    Returns
    -------
    ndarray, shape (order,)

    Examples
    --------
    >>> phi_sd(2)
    array([1. , 0.5])
    """
    return 1.0 / np.arange(1, order + 1)
