"""One effect over many segments: partial pooling by random effects, and the heterogeneity."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from leadlag.core.arrays import FloatArray

__all__ = ["Pooled", "panel_granger", "pool_effects"]

_LEVEL = 0.90


@dataclass(frozen=True, eq=False)
class Pooled:
    """Effects of one metric over segments.

    Attributes
    ----------
    n : int
        Segments with an effect.
    mean, low, high : float
        Of the effects' distribution, with a 90 % interval.
    spread : float
        Standard deviation of true effects between segments; NaN with fewer than two.
    heterogeneity : float
        Share of the estimates' variance that is between segments (I²).
    p_value : float
        Of Cochran's Q; the null is one effect in all segments.
    shrunk, shrunk_low, shrunk_high : ndarray, shape (n_segments,)
        Each segment's effect, pulled towards the mean by as much as it is noise; NaN where none.
    """

    n: int
    mean: float
    low: float
    high: float
    spread: float
    heterogeneity: float
    p_value: float
    shrunk: FloatArray
    shrunk_low: FloatArray
    shrunk_high: FloatArray


def pool_effects(effect: FloatArray, error: FloatArray) -> Pooled:
    """Pool the effects of one metric over segments.

    Parameters
    ----------
    effect, error : ndarray, shape (n_segments,)
        Estimates on a common scale and their standard errors; NaN where a segment has none.

    Returns
    -------
    Pooled

    Notes
    -----
    ``effect_s ~ N(theta_s, error_s²)``, ``theta_s ~ N(mean, spread²)``. The spread is that of Paule
    and Mandel (1982), the interval that of Hartung and Knapp (2001) with its variance never below
    the one under a known spread; a segment's shrunk effect is the posterior mean of theta_s (Efron
    and Morris 1975), its interval that of the posterior with the mean's own uncertainty added.

    References
    ----------
    Paule, R. C. and Mandel, J. (1982). Consensus values and weighting factors. *Journal of
    Research of the NBS* 87, 377–385. Hartung, J. and Knapp, G. (2001). A refined method for the
    meta-analysis of controlled clinical trials. *Statistics in Medicine* 20, 3875–3889. Efron, B.
    and Morris, C. (1975). Data analysis using Stein's estimator. *JASA* 70, 311–319.

    Examples
    --------
    >>> made = pool_effects(np.array([0.9, 1.1, 1.0, 1.0]), np.full(4, 0.2))
    >>> round(made.mean, 2), made.spread, made.heterogeneity, made.shrunk.round(2).tolist()
    (1.0, 0.0, 0.0, [1.0, 1.0, 1.0, 1.0])
    """
    rows = np.isfinite(effect) & np.isfinite(error) & (error > 0)
    nan = np.full(effect.shape, np.nan)
    n = int(rows.sum())
    if n == 0:
        return Pooled(0, *(float("nan"),) * 6, nan, nan.copy(), nan.copy())
    y, variance = effect[rows], error[rows] ** 2
    z = float(special.ndtri((1 + _LEVEL) / 2))
    if n == 1:
        half = z * float(np.sqrt(variance[0]))
        shrunk = np.where(rows, effect, np.nan)
        return Pooled(
            1, float(y[0]), float(y[0]) - half, float(y[0]) + half, *(float("nan"),) * 3,
            shrunk, shrunk - half, shrunk + half,
        )  # fmt: skip
    between = _between(y, variance)
    weight = 1 / (variance + between)
    mean = float(weight @ y / weight.sum())
    scale = max(float(weight @ (y - mean) ** 2) / (n - 1), 1.0)
    error_of_mean = float(np.sqrt(scale / weight.sum()))
    half = float(special.stdtrit(n - 1, (1 + _LEVEL) / 2)) * error_of_mean
    fixed = 1 / variance
    q = float(fixed @ (y - fixed @ y / fixed.sum()) ** 2)
    kept = between / (between + variance)
    posterior = np.sqrt(kept * variance + (1 - kept) ** 2 * error_of_mean**2)
    shrunk = nan.copy()
    reach = nan.copy()
    shrunk[rows] = mean + kept * (y - mean)
    reach[rows] = z * posterior
    return Pooled(
        n=n,
        mean=mean,
        low=mean - half,
        high=mean + half,
        spread=float(np.sqrt(between)),
        heterogeneity=max(0.0, 1 - (n - 1) / q) if q > 0 else 0.0,
        p_value=float(special.chdtrc(n - 1, q)),
        shrunk=shrunk,
        shrunk_low=shrunk - reach,
        shrunk_high=shrunk + reach,
    )


def panel_granger(
    f_statistic: FloatArray, df_denominator: FloatArray, order: int
) -> tuple[float, float]:
    """Test whether a metric precedes the target in any segment, from each segment's Granger test.

    Parameters
    ----------
    f_statistic : ndarray, shape (n_segments,)
        Of Granger tests with the same order in each; NaN where there is none.
    df_denominator : ndarray, shape (n_segments,)
        Their denominators' degrees of freedom.
    order : int, periods

    Returns
    -------
    z, p_value : float
        The null is no precedence in any segment; NaN where no segment has more than four degrees
        of freedom.

    Notes
    -----
    With Wald statistics ``W = K F`` and m degrees of freedom, ``z = sum(W - E W) / sqrt(sum Var
    W)``, ``E W = K m / (m - 2)`` and ``Var W = 2 K m² (K + m - 2) / ((m - 2)² (m - 4))``.
    Segments are taken as independent: a shock that they share makes the test reject too often.

    References
    ----------
    Dumitrescu, E.-I. and Hurlin, C. (2012). Testing for Granger non-causality in heterogeneous
    panels. *Economic Modelling* 29, 1450–1460.

    Examples
    --------
    >>> z, p = panel_granger(np.array([3.0, 2.5, 0.5]), np.full(3, 95.0), order=2)
    >>> round(z, 2), p < 0.1
    (1.62, True)
    """
    rows = np.isfinite(f_statistic) & (df_denominator > 4)
    if not rows.any():
        return float("nan"), float("nan")
    W, m = order * f_statistic[rows], df_denominator[rows]
    expected = order * m / (m - 2)
    variance = 2 * order * m**2 * (order + m - 2) / ((m - 2) ** 2 * (m - 4))
    z = float((W - expected).sum() / np.sqrt(variance.sum()))
    return z, float(special.ndtr(-z))


def _between(y: FloatArray, variance: FloatArray) -> float:
    """Variance between segments at which the weighted squares are as many as expected."""

    def excess(between: float) -> float:
        weight = 1 / (variance + between)
        return float(weight @ (y - weight @ y / weight.sum()) ** 2) - (y.size - 1)

    if excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, float(np.ptp(y) ** 2 + variance.max())
    while excess(high) > 0:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        if excess(middle) > 0:
            low = middle
        else:
            high = middle
    return high
