"""Delay kernels: the shapes in which a target may respond to a metric over the lags."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from leadlag.core.arrays import FloatArray, IntArray, freeze

__all__ = ["Kernels", "delay_kernels", "log_lag_prior"]

# Fine enough that the summed responses of two neighbours differ by a factor of at most 1.5.
_DECAYS = (0.2, 0.35, 0.48, 0.58, 0.66, 0.72, 0.77, 0.81, 0.85, 0.88, 0.91, 0.935, 0.955)
# How a hump rises: as a root at once, in a straight line, or slowly first.
_RISES = (0.5, 1.0, 2.0)
# Prior share of a whole effect at one lag among the responses that peak there: more than one shape
# of forty, as nothing is commoner than a plain delay.
_SPIKES = 0.125


@dataclass(frozen=True, eq=False)
class Kernels:
    """A dictionary of kernels.

    Attributes
    ----------
    shapes : ndarray, shape (n_kernels, reach)
        Response at lags 1..reach, largest value 1.
    peak : ndarray of int, shape (n_kernels,), periods
        Lag of the largest response, at most max_lag.
    log_prior : ndarray, shape (n_kernels,)
        Of the peak, then an eighth for its spike and the rest alike over the other shapes.
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
    Proportional to ``1 / (lag + 1)``. The scale-invariant prior of a positive quantity is
    ``1 / lag`` (Jeffreys 1946): a delay is as likely to double as to halve. The one period keeps
    lag 1 from winning wherever the data say little.

    References
    ----------
    Jeffreys, H. (1946). An invariant form for the prior probability in estimation problems.
    *Proceedings of the Royal Society A* 186, 453–461.

    Examples
    --------
    >>> np.exp(log_lag_prior(3)).round(3)
    array([0.462, 0.308, 0.231])
    """
    weight = 1.0 / (np.arange(1, max_lag + 1) + 1.0)
    return np.asarray(np.log(weight / weight.sum()))


@lru_cache(maxsize=64)
def delay_kernels(max_lag: int, reach: int | None = None) -> Kernels:
    """Spikes, geometric decays and humps (negative-binomial shapes) at every place.

    Parameters
    ----------
    max_lag : int, periods
        Largest lag of the peak.
    reach : int, periods, optional
        Last lag of a response, `max_lag` or more; `max_lag` by default.

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
    >>> delay_kernels(6, 10).shapes.shape[1], int(delay_kernels(6, 10).peak.max())
    (10, 6)
    """
    lags = np.arange(1, (max_lag if reach is None else reach) + 1)
    shapes: list[FloatArray] = []
    for start in range(1, max_lag + 1):
        shapes.append((lags == start).astype(float))
        age = np.where(lags >= start, lags - start + 1.0, 0.0)
        for decay in _DECAYS:
            fade = np.where(age > 0, decay ** (age - 1), 0.0)
            shapes.append(fade)
            for power in _RISES:
                # Rises for power / -log(decay) periods before it fades; shorter ones are decays.
                if power / -np.log(decay) >= 1.2:
                    hump = age**power * fade
                    shapes.append(hump / hump.max())
    stacked = np.array(shapes)
    peak = 1 + np.argmax(stacked, axis=1)
    stacked, peak = stacked[peak <= max_lag], peak[peak <= max_lag]
    # What is cut to one lag at the end counts among the spikes.
    spike = (stacked > 0).sum(axis=1) == 1
    share = np.where(spike, _SPIKES, 1 - _SPIKES)
    for kind in (spike, ~spike):
        share[kind] /= np.bincount(peak[kind], minlength=max_lag + 1)[peak[kind]]
    share /= np.bincount(peak, weights=share)[peak]
    return Kernels(
        shapes=freeze(stacked),
        peak=freeze(peak.astype(np.int64)),
        log_prior=freeze(log_lag_prior(max_lag)[peak - 1] + np.log(share)),
    )
