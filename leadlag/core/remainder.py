"""What of a whole came after its part: the share among those who were not in the part."""

from dataclasses import dataclass, replace

import numpy as np

from leadlag.core.arrays import FloatArray
from leadlag.core.cohort_noise import binomial_noise
from leadlag.core.fidelity import Fidelity, fidelity_of
from leadlag.core.paired import block_length, paired_bootstrap

__all__ = ["Remainder", "remainder_of", "remaining_share"]

_DRAWS = 999


@dataclass(frozen=True, eq=False)
class Remainder:
    """Predictions of what came after the part, from the part.

    Attributes
    ----------
    fidelity : Fidelity
        Of the share among those who were not in the part.
    ceiling : float
        The most that chance leaves of it; 1 without the sizes of groups.
    """

    fidelity: Fidelity
    ceiling: float


def remaining_share(whole: FloatArray, part: FloatArray) -> FloatArray:
    """Share of those who are in the whole among those who are not in the part.

    Parameters
    ----------
    whole, part : ndarray, shape (n_obs,)
        Shares of the same users, the part's users all in the whole; NaN where missing.

    Returns
    -------
    ndarray, shape (n_obs,)
        NaN where everyone is in the part.

    Examples
    --------
    >>> remaining_share(np.array([0.6, 1.0]), np.array([0.2, 1.0]))
    array([0.5, nan])
    """
    left = np.where(part < 1 - 1e-12, 1 - part, np.nan)
    return np.asarray(np.clip((whole - part) / left, 0.0, 1.0))


def remainder_of(
    whole: FloatArray,
    part: FloatArray,
    *,
    gap: int,
    sizes: FloatArray | None = None,
    level: float = 0.90,
    seed: int = 0,
) -> Remainder:
    """Predict what came after the part from the part, out of sample.

    Parameters
    ----------
    whole, part : ndarray, shape (n_obs,)
        As for `remaining_share`, in order of time.
    gap : int, periods
        As for `fidelity_of`.
    sizes : ndarray, shape (n_obs,), optional
        Users in each group.
    level : float
        Of the interval.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Remainder

    Notes
    -----
    Of n users K are in the part and M in the whole. ``M - K`` out of n falls where K rises, by
    chance alone: the same user can't be in both (the cells of a multinomial, correlation
    ``-sqrt(p q / ((1 - p) (1 - q)))``). Given K, ``M - K`` is binomial among the ``n - K`` who are
    left, so that the share ``(M - K) / (n - K)`` has a chance of its own and no relation to K but
    that of the groups' true rates. Weights are the ``n - K``. The interval is that of the paired
    difference of both losses, studentised by blocks.

    References
    ----------
    Bishop, Y. M. M., Fienberg, S. E. and Holland, P. W. (1975). *Discrete Multivariate Analysis*,
    chapter 13. MIT Press.

    Examples
    --------
    All groups alike: what came after holds nothing of the part, counted among those who were left.

    >>> rng = np.random.default_rng(0)
    >>> part = rng.binomial(300, 0.3, 2000)
    >>> whole = (part + rng.binomial(300 - part, 0.4)) / 300
    >>> made = remainder_of(whole, part / 300, gap=1, sizes=np.full(2000, 300.0))
    >>> abs(round(made.fidelity.r2, 1)), made.fidelity.low < 0.01, round(made.ceiling, 1)
    (0.0, True, 0.0)
    >>> round(float(np.corrcoef(whole - part / 300, part)[0, 1]), 1)
    -0.4
    """
    share = remaining_share(whole, part)
    left = (1 - part) if sizes is None else sizes * (1 - part)
    made = fidelity_of(share, part, gap=gap, weight=left, level=level, seed=seed)
    judged = np.isfinite(made.loss)
    if np.isfinite(made.r2):
        unit = float(made.mean_loss[judged].mean())
        gain = (made.mean_loss - made.loss)[judged] / unit
        block = block_length(gain, longest=max(gap, 1))
        rng = np.random.default_rng(seed)
        drawn = paired_bootstrap(gain, block=block, level=level, draws=_DRAWS, rng=rng)
        made = replace(made, low=drawn.low, high=min(drawn.high, 1.0))
    if sizes is None:
        return Remainder(made, 1.0)
    return Remainder(made, binomial_noise(share, left).ceiling)
