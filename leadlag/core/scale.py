"""Local scale of noise, so that loud periods do not speak for the quiet ones."""

from functools import lru_cache

import numpy as np

from leadlag.core.arrays import FloatArray, IntArray, freeze, median

__all__ = ["clipped", "local_scale", "robust_scale"]

# Mean of |z| is sqrt(2/pi) for a standard normal z; the median is 1/1.4826.
_MEAN_TO_SD = np.sqrt(np.pi / 2)
_MEDIAN_TO_SD = 1.4826
# Below this many values the local level is itself noise: weights made from it cost more power than
# changing variance does.
_FEWEST_FOR_LOCAL = 120
# Share of the global variance, so that no quiet stretch gets an unbounded weight. A quarter let
# 12 % of unrelated pairs through at 5 % where the noise of both grew fourfold halfway; a tenth
# lets 7 % through, and costs nothing where the noise is steady.
_SHARE = 0.10


def robust_scale(x: FloatArray) -> float:
    """Standard deviation of a normal sample with the same median absolute value.

    Parameters
    ----------
    x : ndarray, shape (n_obs,)
        Centred values; NaN are left out.

    Returns
    -------
    float
        Falls back to the root mean square where more than half of the values are zero; 0 only
        where all are.

    Examples
    --------
    >>> float(robust_scale(np.array([-1.0, 1.0, -1.0, 1.0])).__round__(4))
    1.4826
    """
    present = np.abs(x[np.isfinite(x)])
    if present.size == 0:
        return 0.0
    middle = median(present)
    return _MEDIAN_TO_SD * middle if middle > 0 else float(np.sqrt(np.mean(present**2)))


def local_scale(x: FloatArray) -> FloatArray:
    """Standard deviation of the noise around each period, from both sides, never zero.

    Parameters
    ----------
    x : ndarray, shape (n_obs,)
        Centred noise in calendar order; NaN where missing.

    Returns
    -------
    ndarray, shape (n_obs,)
        A moving mean of absolute values, those above four global scales cut, its square drawn a
        tenth of the way towards the global one. Constant for fewer than 120 values.

    Notes
    -----
    Half width of the moving window: ``max(15, sqrt(n))`` periods.

    Examples
    --------
    >>> noise = np.r_[np.tile([1.0, -1.0], 150), np.tile([3.0, -3.0], 150)]
    >>> scale = local_scale(noise)
    >>> float((scale[500] / scale[100]).round(1))
    2.4
    """
    n = x.size
    overall = robust_scale(x)
    present = np.isfinite(x)
    if overall == 0.0:
        return np.ones(n)
    known = int(np.count_nonzero(present))
    if known < _FEWEST_FOR_LOCAL:
        return np.full(n, overall)
    size = np.minimum(np.abs(x), 4 * overall)
    if known < n:
        size[~present] = 0.0
    total, count = np.zeros(n + 1), np.zeros(n + 1, dtype=np.int64)
    np.cumsum(size, out=total[1:])
    np.cumsum(present, out=count[1:])
    low, high = _ends(n)
    inside = count[high] - count[low]
    local = _MEAN_TO_SD * (total[high] - total[low]) / np.maximum(inside, 1)
    if known < n:
        local[inside == 0] = overall
    return np.asarray(np.sqrt(_SHARE * overall**2 + (1 - _SHARE) * local**2))


@lru_cache(maxsize=16)
def _ends(n: int) -> tuple[IntArray, IntArray]:
    """Where the moving window around each of n periods begins, and ends before."""
    half = max(15, int(n**0.5))
    return (
        freeze(np.clip(np.arange(n) - half, 0, n)),
        freeze(np.clip(np.arange(n) + half + 1, 0, n)),
    )


def clipped(x: FloatArray, *, at: float) -> FloatArray:
    """Values beyond a number of local scales brought back to it; NaN stay.

    Parameters
    ----------
    x : ndarray, shape (n_obs,)
        Centred noise in calendar order; NaN where missing.
    at : float
        How many local scales a value may reach.

    Returns
    -------
    ndarray, shape (n_obs,)

    Examples
    --------
    >>> noise = np.tile([1.0, -1.0], 50)
    >>> noise[10] = 1000.0
    >>> float(clipped(noise, at=6.0).max().round(2))
    8.9
    """
    bound = at * local_scale(x)
    return np.clip(x, -bound, bound)
