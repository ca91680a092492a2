"""Delay kernels: the shapes in which a target may respond to a metric over the lags."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from leadlag.core.arrays import FloatArray, IntArray, freeze

__all__ = ["Kernels", "delay_kernels", "log_lag_prior"]

# Fine enough that the summed responses of two neighbours differ by a factor of at most 1.5.
_DECAYS = (0.2, 0.35, 0.48, 0.58, 0.66, 0.72, 0.77, 0.81, 0.85, 0.88, 0.91, 0.935, 0.955)


@dataclass(frozen=True, eq=False)
class Kernels:
    """A dictionary of kernels.

    Attributes
    ----------
    shapes : ndarray, shape (n_kernels, max_lag)
        Response at lags 1..max_lag, largest value 1.
    peak : ndarray of int, shape (n_kernels,), periods
        Lag of the largest response.
    log_prior : ndarray, shape (n_kernels,)
        Of the peak, then uniform over the shapes with that peak.
    """

    shapes: FloatArray
    peak: IntArray
    log_prior: FloatArray


def log_lag_prior(max_lag: int) -> FloatArray:
    """Log prior probability of lags 1..max_lag: short delays before long ones.

    Parameters
    ----------
    max_lag : int, periods

    Returns
    -------
    ndarray, shape (max_lag,)

    Notes
    -----
    Proportional to ``1 / (lag + 2)``. The scale-invariant prior of a positive quantity is
    ``1 / lag`` (Jeffreys 1946): a delay is as likely to double as to halve. The two periods keep
    lag 1 from winning wherever the data say little. Over 725 true leaders of the laboratory the
    mean error of the lag was .55 periods under a flat prior, .30 under ``1 / lag``, .29 here.

    References
    ----------
    Jeffreys, H. (1946). An invariant form for the prior probability in estimation problems.
    *Proceedings of the Royal Society A* 186, 453–461.

    Examples
    --------
    >>> np.exp(log_lag_prior(3)).round(3)
    array([0.426, 0.319, 0.255])
    """
    weight = 1.0 / (np.arange(1, max_lag + 1) + 2.0)
    return np.asarray(np.log(weight / weight.sum()))


@lru_cache(maxsize=64)
def delay_kernels(max_lag: int) -> Kernels:
    """Spikes, geometric decays and humps (negative-binomial shapes) at every place.

    Parameters
    ----------
    max_lag : int, periods

    Returns
    -------
    Kernels

    Examples
    --------
    >>> kernels = delay_kernels(6)
    >>> bool((kernels.shapes.max(axis=1) == 1.0).all())
    True
    >>> bool(np.isclose(np.exp(kernels.log_prior).sum(), 1.0))
    True
    """
    lags = np.arange(1, max_lag + 1)
    shapes: list[FloatArray] = []
    for start in lags:
        shapes.append((lags == start).astype(float))
        age = np.where(lags >= start, lags - start + 1.0, 0.0)
        for decay in _DECAYS:
            fade = np.where(age > 0, decay ** (age - 1), 0.0)
            shapes.append(fade)
            for power in (1.0, 2.0):
                # Rises for power / -log(decay) periods before it fades; shorter ones are decays.
                if power / -np.log(decay) >= 1.2:
                    hump = age**power * fade
                    shapes.append(hump / hump.max())
    stacked = np.array(shapes)
    peak = 1 + np.argmax(stacked, axis=1)
    count = np.bincount(peak, minlength=max_lag + 1)
    return Kernels(
        shapes=freeze(stacked),
        peak=freeze(peak.astype(np.int64)),
        log_prior=freeze(log_lag_prior(max_lag)[peak - 1] - np.log(count[peak])),
    )
