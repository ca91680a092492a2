"""How much of a rate's movement is chance: the noise of a share, and what it leaves to predict."""

from dataclasses import dataclass

import numpy as np

from leadlag.core.arrays import FloatArray

__all__ = ["Noise", "binomial_noise", "passing_noise"]

_FEWEST_SIZED = 5
_FEWEST = 40
# Grid of the persistence of the signal and of the share of the noise.
_PERSISTENCE = np.linspace(0.0, 0.98, 50)
_SHARES = np.linspace(0.0, 0.98, 50)
# Twice the gain in log-likelihood below which no noise is claimed: 5 % of a series without one.
_CLAIM = 2.71


@dataclass(frozen=True)
class Noise:
    """Variance of a series in two parts.

    Attributes
    ----------
    total : float
        Variance over the rows.
    noise : float
        What of it is chance.
    """

    total: float
    noise: float

    @property
    def ceiling(self) -> float:
        """Share of the variance that is not chance: the largest R² a perfect forecast can have."""
        if not self.total > 0:
            return float("nan")
        return float(np.clip(1 - self.noise / self.total, 0.0, 1.0))

    @property
    def sensitivity(self) -> float:
        """Standard deviation of what is not chance, in standard deviations of chance."""
        if not self.noise > 0:
            return float("nan")
        return float(np.sqrt(max(self.total - self.noise, 0.0) / self.noise))


def binomial_noise(rate: FloatArray, size: FloatArray) -> Noise:
    """Split the variance of shares over cohorts by the size of the cohorts.

    Parameters
    ----------
    rate : ndarray, shape (n_cohorts,)
        Shares in [0, 1]; NaN where not known.
    size : ndarray, shape (n_cohorts,)
        Users in each cohort; they are the weights.

    Returns
    -------
    Noise
        NaN where there are fewer than five cohorts, or a rate is no share.

    Notes
    -----
    ``p (1 - p) / (n - 1)`` is an unbiased estimate of the variance of one cohort's share; both
    parts are means weighted by size.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> size = np.full(2000, 300.0)
    >>> true = rng.normal(0.3, 0.04, 2000)
    >>> noise = binomial_noise(rng.binomial(300, true) / size, size)
    >>> round(noise.ceiling, 2), round(noise.sensitivity, 1)
    (0.7, 1.5)
    """
    known = np.isfinite(rate) & np.isfinite(size) & (size > 1)
    p, n = rate[known], size[known]
    if p.size < _FEWEST_SIZED or p.min() < 0 or p.max() > 1:
        return Noise(float("nan"), float("nan"))
    weight = n / n.sum()
    mean = float(weight @ p)
    # Weighted variance, unbiased for a common one.
    total = float(weight @ (p - mean) ** 2) / (1 - float(weight @ weight))
    return Noise(total, float(weight @ (p * (1 - p) / (n - 1))))


def passing_noise(series: FloatArray) -> Noise:
    """Split the variance of a series into what lasts and what passes within a period.

    Parameters
    ----------
    series : ndarray, shape (n_obs,)
        Without its calendar pattern; NaN where missing.

    Returns
    -------
    Noise
        NaN with fewer than 40 values. No noise where the data show none.

    Notes
    -----
    An AR(1) signal in white noise, by Gaussian likelihood (Kalman filter) over a grid. A true
    change that lasts a single period counts as noise, so that the ceiling is a low one.

    References
    ----------
    Durbin, J. and Koopman, S. J. (2012). *Time Series Analysis by State Space Methods*, 2nd ed.,
    chapters 2 and 7. Oxford.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> signal = np.zeros(3000)
    >>> for t in range(1, 3000):
    ...     signal[t] = 0.9 * signal[t - 1] + rng.normal(0, np.sqrt(0.19))
    >>> noise = passing_noise(signal + rng.normal(0, 0.5, 3000))
    >>> round(noise.ceiling, 1)
    0.8
    """
    known = np.isfinite(series)
    count = int(known.sum())
    if count < _FEWEST or not float(np.ptp(series[known])) > 0:
        return Noise(float("nan"), float("nan"))
    x = series - series[known].mean()
    total = float(x[known] @ x[known]) / (count - 1)
    x = x / np.sqrt(total)
    phi, share = (grid.ravel() for grid in np.meshgrid(_PERSISTENCE, _SHARES))
    state, variance = np.zeros(phi.size), 1 - share
    squares, logs = np.zeros(phi.size), np.zeros(phi.size)
    for value in x[int(np.argmax(known)) :]:
        if np.isfinite(value):
            spread = variance + share + 1e-12
            news = value - state
            squares += news**2 / spread
            logs += np.log(spread)
            gain = variance / spread
            state, variance = state + gain * news, variance * (1 - gain)
        state = phi * state
        variance = phi**2 * variance + (1 - phi**2) * (1 - share)
    # The common scale is integrated out by its maximum.
    deviance = logs + count * np.log(squares / count)
    best = int(deviance.argmin())
    without = float(deviance[share == 0].min())
    found = float(share[best]) if without - float(deviance[best]) > _CLAIM else 0.0
    return Noise(total, found * total)
