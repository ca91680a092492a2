"""From the sampled parameters to everything else, exactly: start, effects, noise, predictions.

Given the noise filter and the shape of the delays, the start of the response is a categorical and
the rest a linear regression under a conjugate prior; each is drawn from its distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from leadlag.bayes.conditional import regress
from leadlag.bayes.design import Design
from leadlag.bayes.priors import EFFECT_SD
from leadlag.bayes.robust import log_density

__all__ = ["FreeLags", "Recovered", "recover", "recover_free"]

Floats = npt.NDArray[np.float64]

# Draws whose kernels are held at a time.
_CHUNK = 500
_ONSET_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class Recovered:
    """One value, or one row of lags, for each draw; draws run along the first axis.

    Parameters
    ----------
    start : ndarray, shape (n_draws,), periods
        Lag at which the response starts.
    effect, same, sigma : ndarray, shape (n_draws,)
        The response summed over lags 1..max_lag, that in the same period, and the noise, in target
        surprises.
    arrived : ndarray, shape (n_draws, max_lag)
        Share of the whole response that arrived by lags 1..max_lag.
    mean_delay, half_life, onset, lag : ndarray, shape (n_draws,), periods
        Mean of the delays; lag by which half of the response arrived, between lags by a straight
        line; first lag at which a tenth arrived; lag of the largest response.
    mean, log_likelihood : ndarray, shape (n_kept, n_rows)
        One step ahead: what is expected of each row, and the log density of what happened, for the
        draws that are kept.
    """

    start: Floats
    effect: Floats
    same: Floats
    sigma: Floats
    arrived: Floats
    mean_delay: Floats
    half_life: Floats
    onset: Floats
    lag: Floats
    mean: Floats
    log_likelihood: Floats

    def taken(self, at: npt.NDArray[np.int64], kept: npt.NDArray[np.int64]) -> Recovered:
        """Some draws again; predictions of fewer.

        Parameters
        ----------
        at : ndarray of int, shape (n_draws,)
        kept : ndarray of int
            Positions in `at`.

        Returns
        -------
        Recovered
        """
        every = {name: value[at] for name, value in vars(self).items()}
        for name in ("mean", "log_likelihood"):
            every[name] = every[name][kept]
        return Recovered(**every)


def recover(
    made: Design,
    values: dict[str, Floats],
    rng: np.random.Generator,
    *,
    kept: npt.NDArray[np.int64],
    lead: bool = True,
) -> Recovered:
    """Draw what was integrated out.

    Parameters
    ----------
    made : Design
        The metric.
    values : dict of ndarray
        "log_spread" and "log_shape", shape (n_draws,), and "phi", shape (n_draws, order).
    rng : numpy.random.Generator
    kept : ndarray of int
        Draws for which predictions and log densities are worked out.
    lead : bool
        False: the model in which the metric does not lead.

    Returns
    -------
    Recovered
    """
    sums = made.sums(lead=lead)
    count = len(values["log_spread"])
    parts = [
        _linear(made, sums, {name: value[at : at + _CHUNK] for name, value in values.items()}, rng)
        for at in range(0, count, _CHUNK)
    ]
    start, effect, same, sigma, kernel = (np.concatenate(part) for part in zip(*parts, strict=True))
    if not lead:
        effect = np.zeros(count)
    arrived = np.cumsum(kernel, axis=1)
    spread, shape = np.exp(values["log_spread"]), np.exp(values["log_shape"])
    mean = _one_step(made, values["phi"][kept], (effect[:, None] * kernel)[kept], same[kept])
    return Recovered(
        start=start,
        effect=effect * arrived[:, -1],
        same=same,
        sigma=sigma,
        arrived=arrived,
        mean_delay=start + spread,
        half_life=start - 1.0 + _half_behind(spread, shape),
        onset=start + _age_of(spread, shape, _ONSET_SHARE),
        lag=1.0 + np.argmax(kernel, axis=1),
        mean=mean,
        log_likelihood=_densities(made, mean, sigma[kept]),
    )


@dataclass(frozen=True, eq=False)
class FreeLags:
    """What free lags say, for the draws that are kept.

    Parameters
    ----------
    response : ndarray, shape (n_kept, max_lag)
        At lags 1..max_lag, in target surprises.
    log_likelihood : ndarray, shape (n_kept, n_rows)
        As that of :class:`Recovered`.
    """

    response: Floats
    log_likelihood: Floats

    def taken(self, at: npt.NDArray[np.int64]) -> FreeLags:
        """Some draws.

        Parameters
        ----------
        at : ndarray of int

        Returns
        -------
        FreeLags
        """
        return FreeLags(self.response[at], self.log_likelihood[at])


def recover_free(
    made: Design,
    values: dict[str, Floats],
    rng: np.random.Generator,
    *,
    kept: npt.NDArray[np.int64],
) -> tuple[Recovered, FreeLags]:
    """The same quantities under free lags; shares are those of absolute responses.

    Parameters
    ----------
    made : Design
        The metric.
    values : dict of ndarray
        "log_size" and "log_smooth", shape (n_draws,), and "phi", shape (n_draws, order).
    rng : numpy.random.Generator
    kept : ndarray of int
        Draws for which predictions, log densities and responses are worked out.

    Returns
    -------
    recovered : Recovered
        `start` is the onset.
    free : FreeLags
    """
    from leadlag.bayes.free_lags import free_responses

    points = np.column_stack([values["log_size"], values["log_smooth"], values["phi"]])
    same, sigma, response = free_responses(made, points, rng)
    size = np.abs(response)
    arrived = np.cumsum(size, axis=1) / size.sum(axis=1, keepdims=True)
    onset = 1.0 + np.argmax(arrived >= _ONSET_SHARE, axis=1)
    mean = _one_step(made, values["phi"][kept], response[kept], same[kept])
    density = _densities(made, mean, sigma[kept])
    recovered = Recovered(
        start=onset,
        effect=response.sum(axis=1),
        same=same,
        sigma=sigma,
        arrived=arrived,
        mean_delay=(size @ np.arange(1, made.max_lag + 1)) / size.sum(axis=1),
        half_life=_half(arrived),
        onset=onset,
        lag=1.0 + np.argmax(size, axis=1),
        mean=mean,
        log_likelihood=density,
    )
    return recovered, FreeLags(response[kept], density)


def _densities(made: Design, mean: Floats, sigma: Floats) -> Floats:
    """Log density of each row; the target was divided by its unit, this is on its own scale."""
    size = sigma[:, None] * (1.0 if made.scale is None else made.scale)
    density = log_density((made.y[:, 0] - mean) / size, heavy=made.weight is not None)
    density = density - np.log(size)
    return np.asarray(density - np.log(made.natural_unit))


def _linear(
    made: Design, sums: dict[str, Floats], values: dict[str, Floats], rng: np.random.Generator
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Start, effect, same-period effect, noise and kernel of a chunk of draws."""
    found = regress(made, sums, values)
    n = len(found.same_size)
    # The largest of Gumbel-perturbed log weights is a draw from the categorical.
    start = np.argmax(found.log_weight + rng.gumbel(size=found.log_weight.shape), axis=1)
    at = np.arange(n)
    sigma = np.sqrt(found.left[at, start] / rng.chisquare(made.df, size=n))
    precision = found.size[at, start] + 1.0 / EFFECT_SD**2
    effect = found.effect[at, start] + sigma * rng.standard_normal(n) / np.sqrt(precision)
    kernel = found.kernels[at, start]
    toward = found.same_product - effect * (found.across * kernel).sum(axis=1)
    noise = sigma * rng.standard_normal(n) / np.sqrt(found.same_size)
    return start + 1.0, effect, toward / found.same_size + noise, sigma, kernel


def _one_step(made: Design, phi: Floats, response: Floats, same: Floats) -> Floats:
    """What is expected of each row, given the past: (n_kept, n_rows)."""
    mean = phi @ made.y[:, 1:].T
    filter_ = np.hstack([np.ones((len(phi), 1)), -phi])
    weights = np.hstack([same[:, None], response])
    for i in range(made.order + 1):
        mean += filter_[:, i : i + 1] * (weights @ made.lags(i).T)
    return np.asarray(mean)


def _half(arrived: Floats) -> Floats:
    """Period by which half arrived, counted within the one in which it did."""
    at = np.argmax(arrived >= 0.5, axis=1)
    rows = np.arange(len(arrived))
    before = np.where(at > 0, arrived[rows, np.maximum(at - 1, 0)], 0.0)
    return _within(at.astype(np.float64), before, arrived[rows, at])


def _half_behind(spread: Floats, shape: Floats) -> Floats:
    """The same of negative binomial delays, however far behind the start the half lies."""
    at = _age_of(spread, shape, 0.5)
    return _within(at, _arrived_by(spread, shape, at - 1.0), _arrived_by(spread, shape, at))


def _within(at: Floats, before: Floats, by: Floats) -> Floats:
    step = by - before
    inside = np.where(step > 0, (0.5 - before) / np.where(step > 0, step, 1.0), 1.0)
    # All of it in one period is that period, not half of it.
    return np.asarray(np.where(before > 0, at + inside, at + 1.0))


def _age_of(spread: Floats, shape: Floats, share: float) -> Floats:
    """First period behind the start by which a share of negative binomial delays arrived."""
    low = np.full(len(spread), -1.0)
    # By Markov's inequality no more than the rest arrive later than this.
    high = np.ceil(spread / (1.0 - share))
    while (high - low > 1.0).any():
        middle = np.floor((low + high) / 2)
        there = _arrived_by(spread, shape, middle) >= share
        low, high = np.where(there, low, middle), np.where(there, middle, high)
    return high


def _arrived_by(spread: Floats, shape: Floats, age: Floats) -> Floats:
    """Share of negative binomial delays of at most so many periods."""
    share = special.betainc(shape, np.maximum(age, 0.0) + 1.0, shape / (spread + shape))
    return np.asarray(np.where(age < 0, 0.0, share))
