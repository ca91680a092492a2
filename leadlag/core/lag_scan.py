"""A lead at one lag of a metric's values, or of what they have beyond a bend: the largest t.

Innovations are the only part of a metric that its own past does not tell, but the response follows
its values. Seen through the response's own autoregression, they vary more than the innovations
wherever the two series' memories differ, and so does what they explain.
"""

import numpy as np
from scipy import special

from leadlag.core.arrays import BoolArray, FloatArray
from leadlag.core.autoregression import Autoregression
from leadlag.core.scale import robust_scale
from leadlag.core.window_test import beyond_same_period

__all__ = ["bent", "largest_t_p_value", "scan_lags", "through_past_of"]

# As for innovations: a large, real move is the best evidence there is.
_CLIP = 6.0
# Where a response may begin to rise or cease to, in robust scales off the middle. Any bend between
# a half and one has a correlation above .96 with the one here, for normal values.
_BEND = 0.7
# A lag of which less is left beside what is held constant says nothing.
_ALIVE = 1e-6


def bent(metric: Autoregression) -> tuple[FloatArray, FloatArray]:
    """What a metric has above its upper bend, and what below its lower one.

    Parameters
    ----------
    metric : Autoregression

    Returns
    -------
    tuple of two ndarrays, shape (n_obs,)
        Robust scales beyond the bend, the mean taken out; 0 before the first value.

    Examples
    --------
    >>> from leadlag.core.autoregression import autoregress
    >>> x = np.random.default_rng(0).standard_normal(200)
    >>> fit = autoregress(x, np.ones((200, 1)), max_order=4, difference=False)
    >>> above, below = bent(fit)
    >>> bool(np.argmax(above) == np.argmax(x)), bool(np.argmin(below) == np.argmin(x))
    (True, True)
    """
    values, known = metric.departures, np.isfinite(metric.series)
    size = robust_scale(values[known])
    scaled = np.clip(values / size, -_CLIP, _CLIP) if size > 0 else np.zeros(values.size)
    sides = np.maximum(scaled - _BEND, 0.0), np.minimum(scaled + _BEND, 0.0)
    above, below = (np.where(known, side - side[known].mean(), 0.0) for side in sides)
    return above, below


def through_past_of(response: Autoregression, values: FloatArray) -> FloatArray:
    """Values seen through a response's own autoregression.

    Parameters
    ----------
    response : Autoregression
    values : ndarray, shape (n_obs,)
        On the same calendar; centred, nowhere missing.

    Returns
    -------
    ndarray, shape (n_obs,)
        ``values[t] - a_1 values[t-1] - … - a_p values[t-p]``, cut at six robust scales, without
        what the response showed in the same period.

    Examples
    --------
    >>> from leadlag.core.autoregression import autoregress
    >>> rng = np.random.default_rng(0)
    >>> y = np.zeros(500)
    >>> for t in range(1, 500):
    ...     y[t] = 0.8 * y[t - 1] + rng.standard_normal()
    >>> fit = autoregress(y, np.ones((500, 1)), max_order=4, difference=False)
    >>> moves = rng.standard_normal(500)
    >>> seen = through_past_of(fit, moves)
    >>> bool(seen.var() > 1.4 * moves.var())
    True
    """
    seen = values.copy()
    for lag, coefficient in enumerate(response.coefficients, start=1):
        seen[lag:] -= coefficient * values[:-lag]
    size = robust_scale(seen)
    if size > 0:
        seen = np.clip(seen, -_CLIP * size, _CLIP * size)
    return np.nan_to_num(beyond_same_period(seen, response))


def scan_lags(
    surprise: FloatArray,
    basis: FloatArray,
    regressor: FloatArray,
    rows: BoolArray,
    scale: FloatArray,
    max_lag: int,
) -> float:
    """P-value of the largest absolute t of lags 1..max_lag, each in a regression of its own.

    Parameters
    ----------
    surprise : ndarray, shape (n_rows,)
        Scaled response without its nuisance.
    basis : ndarray, shape (n_rows, rank)
        Orthonormal basis of the scaled nuisance.
    regressor : ndarray, shape (n_obs,)
        From :func:`through_past_of`.
    rows : ndarray of bool, shape (n_obs,)
        Which periods are in the regression.
    scale : ndarray, shape (n_rows,)
        Local noise level by which the response was divided.
    max_lag : int, periods

    Returns
    -------
    float
        Pays for the search over lags; NaN where too few rows are left.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal(300)
    >>> surprise = 0.4 * np.roll(x, 5) + rng.standard_normal(300)
    >>> rows = np.arange(300) >= 10
    >>> one = np.full((290, 1), 1 / np.sqrt(290))
    >>> scan_lags(surprise[rows], one, x, rows, np.ones(290), max_lag=10) < 1e-6
    True
    """
    df = float(surprise.size - basis.shape[1])
    total = float(surprise @ surprise)
    if df < 4 or total <= 0:
        return float("nan")
    from leadlag.core.lag_scan_sums import lagged_sums

    lags, along, length, beside = lagged_sums(
        regressor, np.flatnonzero(rows), scale, surprise, max_lag
    )
    # The surprise holds nothing of the basis: of the lags, lengths and products are enough.
    held = basis.T @ lags
    left = length - np.einsum("ij,ij->j", held, held)
    beside = beside - np.einsum("ij,ij->j", held[:, 1:], held[:, :-1])
    alive = left > _ALIVE**2 * max(float(length.max()), 1e-300)
    left = np.where(alive, left, 1.0)
    share = np.minimum(np.where(alive, along**2 / (left * total), 0.0), 1 - 1e-12)
    t = float(np.sqrt((share / (1 - share)).max() * (df - 1)))
    alike = np.where(alive[1:] & alive[:-1], beside / np.sqrt(left[1:] * left[:-1]), 0.0)
    return largest_t_p_value(t, alike, df=df - 1)


def largest_t_p_value(t: float, alike: FloatArray, *, df: float) -> float:
    """Bound on the probability that the largest of several absolute t values is at least t.

    Parameters
    ----------
    t : float
        The largest absolute value.
    alike : ndarray, shape (n_tests - 1,)
        Correlation of each test's estimate with the next one's.
    df : float
        Degrees of freedom of each.

    Returns
    -------
    float
        At least the p-value of one test, and never below the probability that it bounds, for
        normal scores.

    Notes
    -----
    ``sum P(A_k) - sum P(A_k and A_{k+1})`` with ``A_k`` the event that test k reaches t: neighbours
    that say the same are paid for once. t is first mapped to the normal quantile of equal tail;
    two normal scores of correlation r exceed c together with probability
    ``Phi(-c) - 2 T(c, sqrt((1 - r) / (1 + r)))``, T the function of Owen (1956).

    References
    ----------
    Worsley, K. J. (1982). An improved Bonferroni inequality and applications. *Biometrika* 69,
    297–302.

    Owen, D. B. (1956). Tables for computing bivariate normal probabilities. *Annals of
    Mathematical Statistics* 27, 1075–1090.

    Examples
    --------
    >>> round(largest_t_p_value(3.0, np.zeros(9), df=1e6), 4)
    0.0269
    >>> round(largest_t_p_value(3.0, np.ones(9), df=1e6), 4)
    0.0027
    """
    tail = special.betainc(df / 2, 0.5, df / (df + t**2)) / 2
    if tail < 1e-300:
        return 1e-300
    c = -float(special.ndtri_exp(np.log(tail)))
    r = np.clip(alike, -1.0, 1.0)
    # Both beyond c, or both beyond -c; then one beyond each.
    together = sum(
        np.maximum(special.ndtr(-c) - 2 * special.owens_t(c, _slope(sign * r)), 0.0)
        for sign in (1, -1)
    )
    one = 2 * float(tail)
    return min(1.0, max(one, one * (alike.size + 1) - 2 * float(np.sum(together))))


def _slope(r: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt((1 - r) / np.maximum(1 + r, 1e-300)))
