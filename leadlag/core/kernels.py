"""Delay kernels: the shapes in which a target may respond to a metric over the lags."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from leadlag.core.arrays import FloatArray, IntArray, freeze

__all__ = ["Kernels", "delay_kernels"]

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
        Uniform over peaks, then uniform over the shapes with that peak.
    """

    shapes: FloatArray
    peak: IntArray
    log_prior: FloatArray


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
    >>> float(np.exp(kernels.log_prior[kernels.peak == 2]).sum().round(6)) == round(1 / 6, 6)
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
        log_prior=freeze(-np.log(max_lag * count[peak])),
    )
