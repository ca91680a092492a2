"""Level or logarithm: which scale makes a series' surprises equally large throughout."""

import numpy as np

from leadlag.core.arrays import FloatArray
from leadlag.core.lags import lagged

__all__ = ["log_offset", "prefers_log"]

# Two log-likelihood units: a tie stays in the units people know.
_MARGIN = 2.0


def log_offset(x: FloatArray) -> float:
    """What is added before a logarithm: 0, or half the smallest positive value where zeros occur.

    Parameters
    ----------
    x : ndarray, shape (n_obs,)
        Non-negative; NaN where missing.

    Returns
    -------
    float
        In the units of x, so that a change of units changes nothing.

    Examples
    --------
    >>> log_offset(np.array([0.0, 4.0, 2.0])), log_offset(np.array([1.0, 2.0]))
    (1.0, 0.0)
    """
    present = x[np.isfinite(x)]
    if not (present == 0).any():
        return 0.0
    return 0.5 * float(present[present > 0].min())


def prefers_log(x: FloatArray, *, season: int = 0) -> bool:
    """Whether one-step surprises are closer to normal on the logarithmic scale.

    Parameters
    ----------
    x : ndarray, shape (n_obs,)
        NaN where missing; gaps are closed up, for this decision only.
    season : int, periods
        Main season, or 0.

    Returns
    -------
    bool
        False for a series with negative values or with zeros in more than half of its periods.

    Notes
    -----
    Two autoregressions of order 3, with a trend and the season's lag, compared by their Gaussian
    log-likelihoods for x itself: the one for log x carries the Jacobian ``-sum(log x)``.

    References
    ----------
    Box, G. E. P. and Cox, D. R. (1964). An analysis of transformations. *JRSS B* 26, 211–252.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> growth = np.cumsum(0.01 + 0.05 * rng.standard_normal(300))
    >>> prefers_log(np.exp(growth)), prefers_log(growth + 100)
    (True, False)
    """
    present = x[np.isfinite(x)]
    if (present < 0).any() or (present > 0).sum() <= present.size / 2 or present.size < 12:
        return False
    # A unit of the series' own keeps the comparison free of the units of measurement.
    present = present / np.median(present[present > 0])
    logged = np.log(present + log_offset(present))
    lags = [1, 2, 3] + ([season] if season > 3 and present.size > 6 * season else [])
    start = max(lags)
    gain = _log_likelihood(logged, lags) - logged[start:].sum() - _log_likelihood(present, lags)
    return bool(gain > _MARGIN)


def _log_likelihood(x: FloatArray, lags: list[int]) -> float:
    start = max(lags)
    n = x.size
    design = np.column_stack([np.ones(n), np.arange(n) / n, *(lagged(x, k) for k in lags)])[start:]
    solution = np.linalg.lstsq(design, x[start:], rcond=None)[0]
    residual = x[start:] - design @ solution
    variance = max(float(np.mean(residual**2)), np.finfo(float).tiny)
    return float(-0.5 * residual.size * np.log(variance))
