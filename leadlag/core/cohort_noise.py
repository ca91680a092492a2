"""How much of a rate's movement is chance: the noise of a share, and what it leaves to predict."""

from dataclasses import dataclass

import numpy as np

from leadlag.core.arrays import FloatArray

__all__ = ["Noise", "binomial_noise", "chance_left", "passing_noise"]

_FEWEST_SIZED = 5
_FEWEST = 40
# Grid of the persistence of the signal and of the share of the noise.
_PERSISTENCE = np.linspace(0.0, 0.98, 50)
_SHARES = np.linspace(0.0, 0.98, 50)


@dataclass(frozen=True)
class Noise:
    """Variance of a series in two parts, chance and the rest.

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


def chance_left(later: FloatArray, early: FloatArray, size: FloatArray) -> Noise:
    """Split the variance of a later share by the least that chance adds after an early one.

    Parameters
    ----------
    later, early : ndarray, shape (n_cohorts,)
        Shares of the same users; NaN where not known.
    size : ndarray, shape (n_cohorts,)
        Users in each cohort; they are the weights.

    Returns
    -------
    Noise
        NaN as for `binomial_noise`.

    Notes
    -----
    An early value has the luck of its own users in it, so that it can predict more than a perfect
    knowledge of the cohort's true rate. The most it can have: one group lies within the other.
    Then the later share m is a binomial part of the early share b, variance ``m (1 - m/b) / n``;
    or, for b < m, the rest m - b is a part of 1 - b.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> size = np.full(2000, 300.0)
    >>> early = rng.binomial(300, rng.normal(0.5, 0.04, 2000))
    >>> later = rng.binomial(early, 0.6) / 300
    >>> alone = binomial_noise(later, size).ceiling
    >>> bool(chance_left(later, early / 300, size).ceiling > alone + 0.1)
    True
    """
    whole = binomial_noise(later, size)
    known = np.isfinite(later) & np.isfinite(early) & np.isfinite(size) & (size > 1)
    m, b, n = later[known], early[known], size[known]
    if not np.isfinite(whole.noise) or not m.size or b.min() < 0 or b.max() > 1:
        return whole
    # Of `room` users who are still undecided, `part` went the later way.
    part = np.where(b >= m, m, m - b)
    room = np.where(b >= m, b, 1 - b)
    left = part * (1 - part / np.maximum(room, 1e-300)) / (n - 1)
    return Noise(whole.total, float(n / n.sum() @ left))


def passing_noise(series: FloatArray) -> Noise:
    """Split the variance of a series into what lasts and what passes within a period.

    Parameters
    ----------
    series : ndarray, shape (n_obs,)
        Without its calendar pattern; NaN where missing.

    Returns
    -------
    Noise
        NaN with fewer than 40 values.

    Notes
    -----
    An AR(1) signal in white noise: the noise's share is its posterior mean under a flat prior, by
    Gaussian likelihood (Kalman filter) over a grid. A true change that lasts a single period
    counts as noise. Of a series without memory nothing can be said; half is.

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
    weight = np.exp(-0.5 * (deviance - deviance.min()))
    return Noise(total, total * float(weight @ share / weight.sum()))
