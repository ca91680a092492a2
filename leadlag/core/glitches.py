"""Values that are no observations: zeros of an outage, and lone spikes. Masked, never replaced."""

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray, median
from leadlag.core.scale import local_scale

__all__ = ["outage_zeros", "spikes"]

# Zeros are an outage where they are rare and nothing else comes near zero.
_MOST_ZEROS = 0.10
_NEAR_ZERO = 0.20
# A spike stands this many local scales off its neighbours; a normal series has none in 10^14.
_SPIKE = 8.0
# A series with more of them is made of spikes, such as frost or campaigns: they are its content.
_MOST_SPIKES = 0.03
_NEIGHBOURS = 3
_FEWEST = 40
# With so many equal values a series is intermittent: its rare values are what it has to say.
_MOST_EQUAL = 0.20


def outage_zeros(x: FloatArray) -> BoolArray:
    """Zeros in a series that otherwise stays far from zero.

    Parameters
    ----------
    x : ndarray, shape (n_obs,)
        NaN where missing.

    Returns
    -------
    ndarray of bool, shape (n_obs,)
        All false where a value is negative, where more than a tenth are zero, or where the lowest
        fiftieth of the others is below a fifth of their median.

    Examples
    --------
    >>> x = np.full(100, 50.0)
    >>> x[[10, 11]] = 0.0
    >>> np.flatnonzero(outage_zeros(x)).tolist()
    [10, 11]
    >>> outage_zeros(np.tile([0.0, 1.0, 2.0], 30)).any()
    np.False_
    """
    present = x[np.isfinite(x)]
    zero = x == 0
    others = present[present != 0]
    if not zero.any() or (present < 0).any() or zero.sum() > _MOST_ZEROS * present.size:
        return np.zeros(x.size, dtype=bool)
    if np.quantile(others, 0.02) < _NEAR_ZERO * np.median(others):
        return np.zeros(x.size, dtype=bool)
    return np.asarray(zero)


def spikes(x: FloatArray, *, season: int = 0) -> BoolArray:
    """Lone values far off both the periods around them and the same phase of the season.

    Parameters
    ----------
    x : ndarray, shape (n_obs,)
        On the scale on which surprises are equal; NaN where missing.
    season : int, periods
        Main season; its median profile is taken out first where it has at most 31 periods.

    Returns
    -------
    ndarray of bool, shape (n_obs,)
        All false for fewer than 40 values, where a fifth of them are equal, and where more than
        3 % would be marked.

    Examples
    --------
    >>> x = np.random.default_rng(0).standard_normal(200)
    >>> x[50] += 30.0
    >>> np.flatnonzero(spikes(x)).tolist()
    [50]
    """
    none = np.zeros(x.size, dtype=bool)
    present = np.isfinite(x)
    if present.sum() < _FEWEST:
        return none
    if _most_equal(x[present]) > _MOST_EQUAL * present.sum():
        return none
    if 2 <= season <= 31 and present.sum() >= 4 * season:
        off = x - _around(x, max(_NEIGHBOURS, season // 2))
        phase = np.arange(x.size) % season
        profile = np.array([_median(off[phase == k]) for k in range(season)])
        x = x - profile[phase]
    off = x - _around(x, _NEIGHBOURS)
    marked = np.nan_to_num(np.abs(off)) > _SPIKE * local_scale(off)
    return none if marked.sum() > _MOST_SPIKES * present.sum() else marked


def _most_equal(values: FloatArray) -> int:
    """How often the most frequent value occurs."""
    values = np.sort(values)
    starts = np.flatnonzero(values[1:] != values[:-1]) + 1
    return int(np.diff(starts, prepend=0, append=values.size).max())


def _median(x: FloatArray) -> float:
    x = x[np.isfinite(x)]
    return median(x) if x.size else 0.0


def _around(x: FloatArray, reach: int) -> FloatArray:
    """Median of each value and its neighbours on both sides; the value itself where alone."""
    width = 2 * reach + 1
    padded = np.full(x.size + 2 * reach, np.nan)
    padded[reach : reach + x.size] = x
    # NaN are sorted to the end, so the median lies in the middle of the others.
    sorted_ = np.sort(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1)
    known = np.concatenate([[0], np.cumsum(np.isfinite(padded))])
    count = known[width:] - known[:-width]
    period = np.arange(x.size)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, width - 1)
    around = 0.5 * (sorted_[period, low] + sorted_[period, high])
    return np.where(count > 0, around, x)
