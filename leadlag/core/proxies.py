"""Do a metric's true effects go with the target's, over past experiments? Noise taken out.

What an experiment reports is the true effect plus noise, and both metrics' noise comes from the
same users: estimates of two unrelated metrics correlate over experiments.
"""

from dataclasses import dataclass

import numpy as np

from leadlag.core.arrays import FloatArray

__all__ = ["ProxyFit", "corrected_correlation", "proxy_posterior", "sign_agreement"]

_LEVEL = 0.90
# Fine enough: halving the steps moved no end of an interval by more than .03.
_SCALES = 16
_SHARES = np.linspace(-0.97, 0.97, 33)
# Of the noise, where it has to be learnt from the data as well.
_NOISES = np.linspace(-0.9, 0.9, 13)
_CELLS_AT_ONCE = 1 << 19


@dataclass(frozen=True, eq=False)
class ProxyFit:
    """Posterior of the correlation of true effects.

    Attributes
    ----------
    median, low, high : float
        Of the correlation, and its central 90 % interval.
    signal_to_noise : float
        Median of the variance of the proxy's true effects over its average sampling variance.
    quality, quality_low, quality_high : float
        Of ``correlation / sqrt(1 + 1 / signal_to_noise)``, the correlation between the *measured*
        effect on the proxy and the true effect on the target, likewise.
    noise : float
        Correlation of the noise: the mean of what was given, or its posterior mean.
    """

    median: float
    low: float
    high: float
    signal_to_noise: float
    quality: float
    quality_low: float
    quality_high: float
    noise: float


def corrected_correlation(
    proxy: FloatArray,
    target: FloatArray,
    proxy_error: FloatArray,
    target_error: FloatArray,
    noise: FloatArray,
) -> tuple[float, float, float, float]:
    """Covariance of true effects: that of the estimates less the average sampling covariance.

    Parameters
    ----------
    proxy, target : ndarray, shape (n_experiments,)
        Estimated effects.
    proxy_error, target_error : ndarray, shape (n_experiments,)
        Their standard errors.
    noise : ndarray, shape (n_experiments,)
        Correlation of the two estimates' noise within each experiment.

    Returns
    -------
    correlation : float
        Of the true effects; NaN where a variance comes out at zero or less, and beyond 1 where
        the covariance is too large for the variances: both are inadmissible.
    covariance, proxy_variance, target_variance : float
        Of the true effects.

    Notes
    -----
    With estimates ``(s, y) + e``, ``E S = Lambda + mean(Sigma_j)``, so ``S - mean(Sigma_j)`` is
    unbiased for the covariance Lambda of the true effects.

    References
    ----------
    Tripuraneni, N., Richardson, L., D'Amour, A., Soriano, J. and Yadlowsky, S. (2024). Choosing a
    proxy metric from past experiments. *KDD 2024*. Bibaut, A., Chou, W., Ejdemyr, S. and Kallus,
    N. (2024). Learning the covariance of treatment effects across many weak experiments. *KDD
    2024*.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> shared, *own = rng.standard_normal((5, 4000))
    >>> s, y = own[0] + 0.8 * shared + 0.6 * own[1], own[2] + 0.8 * shared + 0.6 * own[3]
    >>> one = np.ones(4000)
    >>> found = corrected_correlation(s, y, one, one, 0.64 * one)
    >>> abs(found[0]) < 0.05, bool(np.corrcoef(s, y)[0, 1] > 0.3)
    (True, True)
    """
    observed = np.cov(proxy, target)
    proxy_variance = float(observed[0, 0] - np.mean(proxy_error**2))
    target_variance = float(observed[1, 1] - np.mean(target_error**2))
    covariance = float(observed[0, 1] - np.mean(noise * proxy_error * target_error))
    if proxy_variance <= 0 or target_variance <= 0:
        return float("nan"), covariance, proxy_variance, target_variance
    correlation = covariance / np.sqrt(proxy_variance * target_variance)
    return float(correlation), covariance, proxy_variance, target_variance


def proxy_posterior(
    proxy: FloatArray,
    target: FloatArray,
    proxy_error: FloatArray,
    target_error: FloatArray,
    noise: FloatArray | None,
) -> ProxyFit:
    """Posterior of the correlation of true effects, on a grid.

    Parameters
    ----------
    proxy, target, proxy_error, target_error : ndarray, shape (n_experiments,)
        As for :func:`corrected_correlation`.
    noise : ndarray, shape (n_experiments,), or None
        None learns one correlation of the noise from the data, which says something about it only
        where standard errors differ between experiments.

    Returns
    -------
    ProxyFit

    Notes
    -----
    ``(s_j, y_j) ~ N(mu, Lambda + Sigma_j)`` with flat priors on mu, on both standard deviations in
    Lambda up to twice those observed, and on the correlation; mu is integrated out in closed form.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> true = rng.standard_normal(200)
    >>> s, y = true + 0.3 * rng.standard_normal((2, 200))
    >>> fit = proxy_posterior(s, y, np.full(200, 0.3), np.full(200, 0.3), np.zeros(200))
    >>> fit.low > 0.9
    True
    """
    # Each side in its own unit: the likelihood's products stay in range.
    unit_s, unit_y = float(np.std(proxy, ddof=1)), float(np.std(target, ddof=1))
    s, y = proxy / unit_s, target / unit_y
    error_s, error_y = proxy_error / unit_s, target_error / unit_y
    var_s, var_y = np.square(error_s), np.square(error_y)
    scale = np.asarray((np.arange(_SCALES) + 0.5) * (2 / _SCALES), dtype=np.float64)
    shares = np.asarray(_SHARES)
    noises = _NOISES[:, None] if noise is None else noise[None, :]
    logs = []
    for given in noises:
        covariance = np.broadcast_to(given, s.shape) * error_s * error_y
        logs.append(_log_likelihood(s, y, var_s, var_y, covariance, scale, shares))
    stacked = np.array(logs)
    weight = np.exp(stacked - stacked.max())
    weight /= weight.sum()
    # The target's own scale is of no further interest.
    joint = weight.sum(axis=0).reshape(_SCALES, _SCALES, shares.size).sum(axis=1)
    ratio = scale**2 / var_s.mean()
    quality = shares / np.sqrt(1 + 1 / ratio)[:, None]
    median, low, high = _quantiles(shares, joint.sum(axis=0))
    middle, worst, best = _quantiles(quality.ravel(), joint.ravel())
    return ProxyFit(
        median, low, high, _quantiles(ratio, joint.sum(axis=1))[0], middle, worst, best,
        noise=float(weight.sum(axis=(1, 2)) @ noises.mean(axis=1)),
    )  # fmt: skip


def _quantiles(values: FloatArray, weight: FloatArray) -> tuple[float, float, float]:
    """Median and central interval of weighted values, each at the middle of its weight."""
    order = np.argsort(values)
    over = np.cumsum(weight[order]) - 0.5 * weight[order]
    made = np.interp([0.5, (1 - _LEVEL) / 2, (1 + _LEVEL) / 2], over, values[order])
    return float(made[0]), float(made[1]), float(made[2])


def sign_agreement(correlation: float) -> float:
    """Probability that two effects have the same sign.

    Parameters
    ----------
    correlation : float
        Of the effects, which are jointly normal around zero.

    Returns
    -------
    float

    References
    ----------
    Sheppard, W. F. (1899). On the application of the theory of error to cases of normal
    distribution and normal correlation. *Philosophical Transactions A* 192, 101–167.

    Examples
    --------
    >>> sign_agreement(0.0), sign_agreement(1.0), round(sign_agreement(0.8), 2)
    (0.5, 1.0, 0.8)
    """
    return float(0.5 + np.arcsin(np.clip(correlation, -1, 1)) / np.pi)


def _log_likelihood(
    s: FloatArray,
    y: FloatArray,
    var_s: FloatArray,
    var_y: FloatArray,
    covariance: FloatArray,
    scale: FloatArray,
    shares: FloatArray,
) -> FloatArray:
    """At every (pair of scales, correlation), (n_scales**2, n_shares); mu integrated out."""
    grid_s, grid_y, rho = (
        axis.ravel() for axis in np.meshgrid(scale, scale, shares, indexing="ij")
    )
    out = np.empty(grid_s.size)
    step = max(1, _CELLS_AT_ONCE // s.size)
    for start in range(0, grid_s.size, step):
        cut = slice(start, start + step)
        a = grid_s[cut, None] ** 2 + var_s
        b = grid_y[cut, None] ** 2 + var_y
        c = (rho[cut] * grid_s[cut] * grid_y[cut])[:, None] + covariance
        det = np.maximum(a * b - c * c, 1e-300)
        # Precision of each experiment: [[b, -c], [-c, a]] / det.
        p, q, r = b / det, -c / det, a / det
        sum_p, sum_q, sum_r = p.sum(1), q.sum(1), r.sum(1)
        left, right = (p * s + q * y).sum(1), (q * s + r * y).sum(1)
        whole = sum_p * sum_r - sum_q**2
        square = (p * s * s + 2 * q * s * y + r * y * y).sum(1)
        fitted = (sum_r * left**2 - 2 * sum_q * left * right + sum_p * right**2) / whole
        out[cut] = -0.5 * (np.log(det).sum(1) + np.log(whole) + square - fitted)
    return out.reshape(scale.size**2, shares.size)
