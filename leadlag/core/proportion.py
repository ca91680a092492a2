"""The interval of a share, from its counts."""

import numpy as np
from scipy import special

from leadlag.core.arrays import FloatArray

__all__ = ["jeffreys_interval", "wilson_interval"]


def wilson_interval(
    successes: FloatArray, trials: FloatArray, *, level: float = 0.90
) -> tuple[FloatArray, FloatArray]:
    """Wilson's score interval: right at shares near 0 and 1, and for small counts.

    Parameters
    ----------
    successes, trials : ndarray, shape (n,)
        Counts; NaN where there is none.
    level : float
        Share of the intervals that hold the true share.

    Returns
    -------
    low, high : ndarray, shape (n,)
        NaN where there are no trials.

    Notes
    -----
    The shares p that ``|k/n - p| <= z sqrt(p (1 - p) / n)`` does not reject.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    *JASA* 22, 209–212. Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Interval estimation for
    a binomial proportion. *Statistical Science* 16, 101–133.

    Examples
    --------
    >>> low, high = wilson_interval(np.array([0.0, 5.0]), np.array([10.0, 10.0]))
    >>> low.round(3), high.round(3)
    (array([0.   , 0.269]), array([0.213, 0.731]))
    """
    z = float(special.ndtri((1 + level) / 2))
    n = np.where(trials > 0, trials, np.nan)
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # Rounding must not push a bound past the share itself, or out of [0, 1].
    low = np.minimum(np.clip(centre - half, 0.0, 1.0), share)
    return low, np.maximum(np.clip(centre + half, 0.0, 1.0), share)


def jeffreys_interval(
    successes: FloatArray, trials: FloatArray, *, level: float = 0.90
) -> tuple[FloatArray, FloatArray]:
    """Central posterior interval under Jeffreys' prior, Beta(1/2, 1/2).

    Parameters
    ----------
    successes, trials : ndarray, shape (n,)
        Counts; NaN where there is none.
    level : float
        Posterior probability.

    Returns
    -------
    low, high : ndarray, shape (n,)
        0 where nobody, and 1 where everybody succeeded; NaN where there are no trials.

    References
    ----------
    Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Interval estimation for a binomial
    proportion. *Statistical Science* 16, 101–133.

    Examples
    --------
    >>> low, high = jeffreys_interval(np.array([0.0, 5.0]), np.array([10.0, 10.0]))
    >>> low.round(3), high.round(3)
    (array([0.   , 0.262]), array([0.171, 0.738]))
    """
    tail = (1 - level) / 2
    n = np.where(trials > 0, trials, np.nan)
    above, below = successes + 0.5, n - successes + 0.5
    low = np.where(successes == 0, 0.0 * n, special.betaincinv(above, below, tail))
    high = np.where(successes == n, 1.0 + 0.0 * n, special.betaincinv(above, below, 1 - tail))
    return low, high
