"""Free lags under a smoothness prior: the rival that takes no shape of the delays for granted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from leadlag.bayes.design import Design
from leadlag.bayes.noise import ROUNDING, filter_prior, noise_filter
from leadlag.bayes.priors import FREE_SIZE, SAME_SD, phi_sd
from leadlag.core.jit import compiled

__all__ = ["free_density", "free_precisions", "free_responses", "free_sums"]

Floats = npt.NDArray[np.float64]

_SAME_PRECISION = 1.0 / SAME_SD**2
# Priors on the log scale: size of a single lag's response, and how much smoother than independent.
_SIZE_SD, _SMOOTH_MEDIAN, _SMOOTH_SD = 1.0, 0.0, 2.0
# Prior standard deviations beyond which the data are not asked.
_FARTHEST = 10.0


def free_sums(made: Design) -> tuple[Floats, Floats, Floats, Floats, Floats, float, float]:
    """What the density needs of one metric, in the order in which it takes them.

    Parameters
    ----------
    made : Design
        The metric.

    Returns
    -------
    tuple
        Products by pairs of noise lags: "xx", "xy" and "yy"; the roughness matrix; prior standard
        deviations of the noise filter; degrees of freedom; log of the prior median of the size.
    """
    sums = made.sums()
    lags = made.max_lag
    return (
        np.ascontiguousarray(sums["xx"]), np.ascontiguousarray(sums["xy"]),
        np.ascontiguousarray(sums["yy"]), _rough(lags),
        np.asarray(phi_sd(made.order), dtype=np.float64), float(made.df),
        float(np.log(FREE_SIZE / np.sqrt(lags))),
    )  # fmt: skip


def _rough(lags: int) -> Floats:
    """Products of second differences, the response being nothing behind the last lag.

    It may begin abruptly.
    """
    second = (2 * np.eye(lags) - np.eye(lags, k=1) - np.eye(lags, k=-1))[1:]
    return np.ascontiguousarray(second.T @ second)


def free_precisions(log_size: Floats, log_smooth: Floats, max_lag: int) -> Floats:
    """Prior precisions of the responses at lags 0..max_lag, in units of the noise.

    Parameters
    ----------
    log_size, log_smooth : ndarray, shape (n_draws,)
    max_lag : int, periods

    Returns
    -------
    ndarray, shape (n_draws, max_lag + 1, max_lag + 1)

    Examples
    --------
    >>> free_precisions(np.zeros(1), np.zeros(1), 2)[0]
    array([[ 0.01,  0.  ,  0.  ],
           [ 0.  ,  2.  , -2.  ],
           [ 0.  , -2.  ,  5.  ]])
    """
    out = np.zeros((log_size.size, max_lag + 1, max_lag + 1))
    out[:, 0, 0] = _SAME_PRECISION
    inner = np.eye(max_lag) + np.exp(log_smooth)[:, None, None] * _rough(max_lag)
    out[:, 1:, 1:] = inner / np.exp(2.0 * log_size)[:, None, None]
    return out


@compiled
def free_density(
    point: Floats,
    xx: Floats,
    xy: Floats,
    yy: Floats,
    rough: Floats,
    phi_sd: Floats,
    df: float,
    log_median: float,
) -> tuple[float, Floats]:
    """Log posterior density of size, smoothness and noise filter, and its gradient.

    Parameters
    ----------
    point : ndarray, shape (2 + order,)
        "log_size", "log_smooth" and "phi".
    xx, xy, yy, rough, phi_sd, df, log_median
        From :func:`free_sums`.

    Returns
    -------
    value : float
    gradient : ndarray, shape (2 + order,)

    Notes
    -----
    ``b ~ N(0, sigma² size² (I + smooth D'D)^(-1))`` with D second differences (Shiller 1973); b and
    sigma are integrated out.

    References
    ----------
    Shiller, R. J. (1973). A distributed lag estimator derived from smoothness priors.
    *Econometrica* 41, 775–788.
    """
    order, width = phi_sd.size, xy.shape[1]
    # A sampler that still looks for its step tries sizes that overflow. Beyond any that the prior
    # allows only the prior tells them apart.
    log_size = min(
        max(point[0], log_median - _FARTHEST * _SIZE_SD), log_median + _FARTHEST * _SIZE_SD
    )
    log_smooth = min(
        max(point[1], _SMOOTH_MEDIAN - _FARTHEST * _SMOOTH_SD),
        _SMOOTH_MEDIAN + _FARTHEST * _SMOOTH_SD,
    )
    size, smooth = np.exp(log_size), np.exp(log_smooth)
    filter_ = noise_filter(point)
    pairs = np.outer(filter_, filter_).ravel()
    prior = np.zeros((width, width))
    prior[0, 0] = _SAME_PRECISION
    inner = np.eye(width - 1) + smooth * rough
    prior[1:, 1:] = inner / size**2
    precision = np.dot(pairs, xx).reshape(width, width) + prior
    along, total = np.dot(pairs, xy), np.dot(pairs, yy)
    spread = np.linalg.inv(precision)
    mean = np.dot(spread, along)
    # A perfect predictor leaves less than rounding.
    left = max(total - np.dot(along, mean), ROUNDING * total)
    value = -0.5 * np.linalg.slogdet(precision)[1] - 0.5 * df * np.log(left)
    value += 0.5 * np.linalg.slogdet(inner)[1] - (width - 1) * log_size

    back = -0.5 * spread - 0.5 * df / left * np.outer(mean, mean)
    gradient = np.zeros(2 + order)
    gradient[0] = -2.0 * (back[1:, 1:] * prior[1:, 1:]).sum() - (width - 1)
    bent = smooth * rough
    gradient[1] = (back[1:, 1:] * bent).sum() / size**2
    gradient[1] += 0.5 * (np.linalg.inv(inner) * bent).sum()
    if log_size != point[0]:
        gradient[0] = 0.0
    if log_smooth != point[1]:
        gradient[1] = 0.0
    by_pair = np.dot(xx, np.ascontiguousarray(back).ravel())
    by_pair += df / left * np.dot(xy, mean) - 0.5 * df / left * yy
    to_filter = by_pair.reshape(order + 1, order + 1)
    for i in range(order):
        for j in range(order + 1):
            gradient[2 + i] -= filter_[j] * (to_filter[i + 1, j] + to_filter[j, i + 1])

    a, b = (point[0] - log_median) / _SIZE_SD, (point[1] - _SMOOTH_MEDIAN) / _SMOOTH_SD
    value -= 0.5 * a * a + 0.5 * b * b
    gradient[0] -= a / _SIZE_SD
    gradient[1] -= b / _SMOOTH_SD
    return value + filter_prior(point, phi_sd, gradient), gradient


def free_responses(
    made: Design, points: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Draw what was integrated out.

    Parameters
    ----------
    made : Design
        The metric.
    points : ndarray, shape (n_draws, 2 + order)
    rng : numpy.random.Generator

    Returns
    -------
    same, sigma : ndarray, shape (n_draws,)
        Response in the same period, and the noise, in target surprises.
    response : ndarray, shape (n_draws, max_lag)
        At lags 1..max_lag.
    """
    xx, xy, yy, _, _, df, _ = free_sums(made)
    n, width = len(points), made.max_lag + 1
    filter_ = np.hstack([np.ones((n, 1)), -points[:, 2:]])
    pairs = (filter_[:, :, None] * filter_[:, None, :]).reshape(n, -1)
    precision = (pairs @ xx).reshape(n, width, width)
    precision += free_precisions(points[:, 0], points[:, 1], made.max_lag)
    along = pairs @ xy
    mean = np.linalg.solve(precision, along[:, :, None])[:, :, 0]
    total = pairs @ yy
    left = np.maximum(total - (along * mean).sum(axis=1), ROUNDING * total)
    sigma = np.sqrt(left / rng.chisquare(df, size=n))
    root = np.linalg.cholesky(precision)
    noise = np.linalg.solve(root.transpose(0, 2, 1), rng.standard_normal((n, width, 1)))[:, :, 0]
    drawn = mean + sigma[:, None] * noise
    return drawn[:, 0], sigma, drawn[:, 1:]
