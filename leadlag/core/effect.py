"""Intervals of a mixture of normals, and the smallest effect that a test would have found."""

from functools import lru_cache

import numpy as np
from scipy import special

from leadlag.core.arrays import FloatArray
from leadlag.core.windows import best_window_p_value

__all__ = ["detectable_share", "mixture_interval"]

_POWER = 0.8


def mixture_interval(
    mean: FloatArray, sd: FloatArray, weight: FloatArray, *, level: float
) -> tuple[float, float, float]:
    """Mean and central interval of a mixture of normals.

    Parameters
    ----------
    mean, sd, weight : ndarray, shape (n_parts,)
        Of each part; weights add up to 1.
    level : float
        Probability inside the interval.

    Returns
    -------
    mean, low, high : float

    Examples
    --------
    >>> low_high = mixture_interval(np.zeros(1), np.ones(1), np.ones(1), level=0.95)
    >>> [round(v, 2) for v in low_high]
    [0.0, -1.96, 1.96]
    """
    kept = weight > 1e-8
    mean, sd, weight = mean[kept], np.maximum(sd[kept], 1e-300), weight[kept] / weight[kept].sum()
    reach = 40 * sd
    ends = []
    for q in ((1 - level) / 2, (1 + level) / 2):
        low, high = float((mean - reach).min()), float((mean + reach).max())
        # Bisection: the distribution function is monotone, 80 halvings reach double precision.
        for _ in range(80):
            middle = 0.5 * (low + high)
            if float(weight @ special.ndtr((middle - mean) / sd)) < q:
                low = middle
            else:
                high = middle
        ends.append(0.5 * (low + high))
    return float(weight @ mean), ends[0], ends[1]


@lru_cache(maxsize=4096)
def detectable_share(*, df: float, max_lag: int, alpha: float) -> float:
    """Smallest sharp lead that the window test finds four times out of five.

    Parameters
    ----------
    df : float
        Degrees of freedom of the test.
    max_lag : int, periods
        Lags searched.
    alpha : float
        P-value that counts as found.

    Returns
    -------
    float
        Effect of a one-standard-deviation surprise of the metric, in standard deviations of the
        target's surprise.

    Notes
    -----
    The critical score c solves ``best_window_p_value(c) = alpha``; a lead of standardised size d
    has a score near normal with mean ``d sqrt(df)``, so ``d = (c + 0.84) / sqrt(df)``.

    Examples
    --------
    >>> detectable_share(df=700.0, max_lag=42, alpha=0.1) < 0.2
    True
    """
    low, high = 0.0, 60.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        if best_window_p_value(middle, max_lag=max_lag, df=df) > alpha:
            low = middle
        else:
            high = middle
    return float((high + special.ndtri(_POWER)) / np.sqrt(df))
