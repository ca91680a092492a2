"""Does the relation hold throughout? Agreement of windows of time, and a test of constancy."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from leadlag.core.arrays import FloatArray

__all__ = ["Stability", "measure_stability"]

_FEWEST_WINDOWS = 4
_MOST_WINDOWS = 8
_SHORTEST = 60


@dataclass(frozen=True)
class Stability:
    """How steadily a metric's response shows up over time.

    Attributes
    ----------
    agreement : float
        1 where every window shows what a constant effect would show, 0 where none does; NaN where
        there are fewer than four windows.
    p_value : float
        Test of constancy; the null is "the same effect in every window".
    power : float
        Chance that the test rejects at 5 % where the effect is absent in half of the windows.
    n_windows : int
    """

    agreement: float
    p_value: float
    power: float
    n_windows: int


def measure_stability(response: FloatArray, regressor: FloatArray, *, max_lag: int) -> Stability:
    """Compare the effect along one fixed response over windows of time.

    Parameters
    ----------
    response, regressor : ndarray, shape (n_obs,)
        The two sides of the filtered regression in noise units, in calendar order; NaN outside.
    max_lag : int, periods
        Windows hold at least ``max(60, 3 * max_lag)`` periods.

    Returns
    -------
    Stability

    Notes
    -----
    The regressor is the metric along the response of the sample, so an effect that moves to
    another lag loses its slope in a window as one that fades or turns does. With slopes b_w,
    standard errors s_w and the common slope b, agreement is ``Z / (Z + max(Q - df, C - 1, 0))``:
    Z is b squared over its variance, Q is Cochran's ``sum((b_w - b)^2 / s_w^2)`` with df degrees of
    freedom, and C the largest chi-squared of a change between two windows. What windows differ by
    beyond chance is set against what they have in common. Constancy is tested by Q.

    References
    ----------
    Cochran, W. G. (1954). The combination of estimates from different experiments. *Biometrics*
    10, 101–129.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, noise = rng.standard_normal((2, 600))
    >>> steady = measure_stability(0.5 * x + noise, x, max_lag=10)
    >>> fading = np.where(np.arange(600) < 360, 0.8, 0.0)
    >>> broken = measure_stability(fading * x + noise, x, max_lag=10)
    >>> steady.agreement > broken.agreement, steady.p_value > 0.05 > broken.p_value
    (True, True)
    """
    rows = np.flatnonzero(np.isfinite(response) & np.isfinite(regressor))
    if rows.size == 0:
        return Stability(float("nan"), float("nan"), float("nan"), 0)
    span = int(rows[-1] - rows[0]) + 1
    count = min(span // max(_SHORTEST, 3 * max_lag), _MOST_WINDOWS)
    if count < _FEWEST_WINDOWS:
        return Stability(float("nan"), float("nan"), float("nan"), max(count, 0))
    window = (rows - rows[0]) * count // span
    size = np.bincount(window, weights=regressor[rows] ** 2, minlength=count)
    along = np.bincount(window, weights=regressor[rows] * response[rows], minlength=count)
    usable = size > 1e-12 * size.max()
    if usable.sum() < _FEWEST_WINDOWS or along.sum() == 0:
        return Stability(float("nan"), float("nan"), float("nan"), int(usable.sum()))
    size, along = size[usable], along[usable]
    slopes = along / size
    left = response[rows] ** 2
    within = float(left.sum() - np.sum(slopes**2 * size))
    noise = max(within, 1e-12 * float(left.sum()), 1e-300) / max(rows.size - size.size, 1)
    slope = float(along.sum() / size.sum())
    weight = size / noise
    statistic = float(np.sum((slopes - slope) ** 2 * weight))
    df = size.size - 1
    # The effect gone in half of the windows, and as large again in the others.
    shift = float(np.sum(slope**2 * size / noise))
    cut = float(special.chdtri(df, 0.05))
    return Stability(
        agreement=_agreement(slopes, weight, statistic - df),
        p_value=float(special.chdtrc(df, statistic)),
        power=float(1 - special.chndtr(cut, df, shift)),
        n_windows=int(size.size),
    )


def _agreement(slopes: FloatArray, weight: FloatArray, beyond: float) -> float:
    """Share of a common effect in what the windows show."""
    before, after = np.cumsum(weight)[:-1], np.cumsum(weight[::-1])[-2::-1]
    sums = np.cumsum(weight * slopes)
    apart = sums[:-1] / before - (sums[-1] - sums[:-1]) / after
    change = float(np.max(apart**2 * before * after / (before + after)))
    common = float(sums[-1] ** 2 / weight.sum())
    differ = max(beyond, change - 1.0, 0.0)
    return common / (common + differ)
