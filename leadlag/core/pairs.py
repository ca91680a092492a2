"""The compiled loops of many series beside many others; imported at the first call that needs them.

Products come as two parts, (lag, leader, follower): along less across at a lag, their sum at the
same lag the other way round. Of each window there are the sum and one over the root of its
variance, (2, lag, series), NaN where not trusted.
"""

import numpy as np

from leadlag.core.arrays import FloatArray, SingleArray
from leadlag.core.jit import compiled

__all__ = ["largest_of_pairs", "normalise_pairs"]

# Followers at a time: their correlations at every lag stay in the first cache.
_TILE = 64


@compiled
def _normalise(
    along: FloatArray, across: FloatArray, sign: float, mean: float, scale: float,
    sums: FloatArray, scales: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    """Products of one leader and lag with some followers to correlations."""
    for j in range(out.size):
        r = along[j] + sign * across[j] - mean * sums[j]
        r = r * scale * scales[j]
        r = 1.0 if r > 1.0 else r
        out[j] = -1.0 if r < -1.0 else r


@compiled
def normalise_pairs(
    along: FloatArray, across: FloatArray, leader: int, follower: int, early: FloatArray,
    late: FloatArray, rows: FloatArray, out: FloatArray,
) -> None:  # fmt: skip
    """Correlations of some leaders with some followers, both ways.

    `leader` and `follower` are the places of the first of them in `out` (leader, follower, lag).
    """
    n_lags, count, width = along.shape
    there, back = np.empty((n_lags, _TILE)), np.empty((n_lags, _TILE))
    # Eight leaders lie side by side in the rows of a follower: written while these are near.
    for first in range(0, count, 8):
        for begin in range(0, width, _TILE):
            end = min(begin + _TILE, width)
            size = end - begin
            a, z = follower + begin, follower + end
            for i in range(first, min(first + 8, count)):
                at = leader + i
                for k in range(n_lags):
                    one, two = along[k, i, begin:end], across[k, i, begin:end]
                    _normalise(
                        one, two, -1.0, early[0, k, at] / rows[k], early[1, k, at],
                        late[0, k, a:z], late[1, k, a:z], there[k, :size],
                    )  # fmt: skip
                    _normalise(
                        one, two, 1.0, late[0, k, at] / rows[k], late[1, k, at],
                        early[0, k, a:z], early[1, k, a:z], back[k, :size],
                    )  # fmt: skip
                for j in range(size):
                    kept = out[at, a + j]
                    for k in range(n_lags):
                        kept[k] = there[k, j]
                    kept = out[a + j, at]
                    for k in range(n_lags):
                        kept[k] = back[k, j]


@compiled
def largest_of_pairs(
    along: SingleArray, across: SingleArray, leaders: SingleArray, followers: SingleArray,
    out: SingleArray,
) -> None:  # fmt: skip
    """Largest absolute correlation over lags 1 … of each pair, (leader, follower).

    The leaders' sums are means.
    """
    n_lags, count, p = along.shape
    for i in range(count):
        best = out[i]
        best[:] = 0.0
        for k in range(1, n_lags):
            mean, scale = leaders[0, k, i], leaders[1, k, i]
            one, two = along[k, i], across[k, i]
            sums, scales = followers[0, k], followers[1, k]
            for j in range(p):
                r = abs((one[j] - two[j] - mean * sums[j]) * scale * scales[j])
                best[j] = r if r > best[j] else best[j]
