"""Does it lead, and by how much? A closed-form posterior over lags for every metric at once.

Innovations meet innovations: the metric is whitened by its own past, and the target's own past is
among the nuisance parameters that are integrated out. So two series that merely have a memory, or
wander, do not lead one another. "No lead" and "the same period" are states beside the lags.
"""

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from leadlag.core.arrays import FloatArray, IntArray, freeze, unit_size
from leadlag.core.checks import (
    as_count,
    as_series,
    as_table,
    need_finite,
    need_same_rows,
)
from leadlag.core.lag_response import on_steady_scales, response_side
from leadlag.core.lag_sample import lead_moments
from leadlag.core.lag_states import state_kernels, weigh
from leadlag.core.threads import on_threads, one_blas_thread, thread_count
from leadlag.errors import ConfigurationError

__all__ = ["LagProbabilities", "lag_posterior"]

# Metrics whose states are weighed at a time: their arrays stay in the cache. Those of 64 are fresh
# memory each time: the weights then took half as long again.
_CHUNK = 16
# Values from which a second thread pays for itself.
_LARGE = 100_000
# Rows of these that stay in the first cache while they are laid out anew: a third of the time.
_ROWS = 256


@dataclass(frozen=True, eq=False)
class LagProbabilities:
    """Posterior of each metric's lead over one target.

    Attributes
    ----------
    lags : ndarray of int, shape (max_lag,), periods
        ``1 … max_lag``.
    probability : ndarray, shape (n_metrics, max_lag)
        Of the lag of the largest response, given that the metric leads; adds up to 1.
    prob_leads : ndarray, shape (n_metrics,)
        That the metric leads at some lag from 1 to ``max_lag``; prior 1/2.
    prob_coincident : ndarray, shape (n_metrics,)
        That it meets the target in the same period, and does not lead; prior 1/4.
    n_obs : ndarray of int, shape (n_metrics,)
        Rows of the target behind each metric's posterior.
    labels : tuple of str, or None
        Column names in the order of the metrics, where a frame was given.

    Notes
    -----
    All are NaN for a metric that is constant, a counter or otherwise without news, missing
    throughout or known for too short a time; and for every metric where the target's own past tells
    it to the last digit.
    """

    lags: IntArray
    probability: FloatArray
    prob_leads: FloatArray
    prob_coincident: FloatArray
    n_obs: IntArray
    labels: tuple[str, ...] | None = None

    def interval(self, level: float = 0.90) -> tuple[FloatArray, FloatArray]:
        """Central interval of the lag, given that the metric leads.

        Parameters
        ----------
        level : float
            Least probability inside the interval, between 0 and 1.

        Returns
        -------
        low, high : ndarray, shape (n_metrics,), periods
            Widened where needed to hold the most probable lag; NaN where there is no posterior.

        Raises
        ------
        LeadLagError
            If `level` is not between 0 and 1.

        Notes
        -----
        A lag is a whole number: the interval holds `level` or more, and where the signal is clear
        a single lag holds nearly all.

        Examples
        --------
        >>> x = np.random.default_rng(0).standard_normal(200)
        >>> y = np.concatenate([np.zeros(4), x[:-4]])
        >>> low, high = lag_posterior(x, y, max_lag=8).interval(0.9)
        >>> low, high
        (array([4.]), array([4.]))
        """
        inside = _level(level)
        cumulated = np.cumsum(self.probability, axis=1)
        tail = (1 - inside) / 2
        known = np.isfinite(self.prob_leads)
        best = np.where(known, np.nan_to_num(self.probability).argmax(axis=1), 0)
        low = np.minimum((cumulated < tail).sum(axis=1), best)
        high = np.maximum((cumulated < 1 - tail - 1e-12).sum(axis=1), best)
        low, high = (self.lags[np.minimum(at, self.lags.size - 1)] for at in (low, high))
        return np.where(known, low, np.nan), np.where(known, high, np.nan)


def lag_posterior(X: ArrayLike, y: ArrayLike, *, max_lag: int) -> LagProbabilities:
    """Weigh, for each metric, every lag at which it may precede the target.

    Parameters
    ----------
    X : array_like or frame, shape (n_obs, n_metrics) or (n_obs,)
        Metrics, one row for each period; NaN where missing.
    y : array_like or series, shape (n_obs,)
        Target on the same rows; NaN where missing.
    max_lag : int, periods
        Largest lag, 1 or more.

    Returns
    -------
    LagProbabilities
        ``lags``, ``probability``, ``prob_leads``, ``prob_coincident`` and ``interval(level)``.

    Raises
    ------
    LeadLagError
        If the input is not numeric, holds infinities, has different numbers of rows, is too short
        for `max_lag`, or if the target never changes.

    Notes
    -----
    With e the metric's innovations, own past and a straight line taken out, the states are

    ``y[t] = a + b t + Σ φ_i y[t-i] + γ f[t] + β Σ_k h_k f[t-k] + noise``,

    where f is e, or e behind the filter of the target's noise: an effect goes on with the target's
    own past, or it stands beside noise with a memory. γ is there or not, β is there or not, and h
    is a spike, a bell or one of two geometric fades whose largest response is at a lag from 1 to
    `max_lag`. What is flat, normal and scale mixture a priori is integrated out in closed form: see
    :func:`leadlag.core.lag_states.weigh`.
    The orders of both own pasts go by the Hannan–Quinn criterion. An innovation that is not known
    enters as its mean, zero, so a gap in one metric costs the others nothing. Each positive series
    is taken in logarithms where that makes its surprises equally large throughout.

    "Leads" is meant in the sense of Granger: the metric's past tells something that the target's
    own past does not. A response that is spread out is partly told by the target's own past once
    its beginning was seen; where its peak matters more than its beginning, `rank` models the noise
    apart. Calendar patterns are not known here: take them out first, or use `rank`.

    References
    ----------
    Liang, F. et al. (2008). Mixtures of g priors for Bayesian variable selection. *JASA* 103,
    410–423. Haugh, L. D. (1976). Checking the independence of two covariance-stationary time
    series. *JASA* 71, 378–385.

    Examples
    --------
    A metric that the target follows three periods later, and one that has nothing to do with it:

    >>> rng = np.random.default_rng(1)
    >>> X = rng.standard_normal((300, 2))
    >>> y = 0.5 * np.concatenate([np.zeros(3), X[:-3, 0]]) + rng.standard_normal(300)
    >>> result = lag_posterior(X, y, max_lag=10)
    >>> result.prob_leads.round(2)
    array([1. , 0.1])
    >>> int(result.lags[result.probability[0].argmax()])
    3
    """
    values, labels = as_table(X, "X")
    target = as_series(y, "y")
    need_same_rows(X, values, y, target)
    lags = as_count(max_lag, "max_lag", at_least=1)

    p = values.shape[1]
    probability = np.full((p, lags), np.nan)
    leads, coincident = np.full(p, np.nan), np.full(p, np.nan)
    n_obs = np.zeros(p, dtype=np.int64)
    kernels = state_kernels(lags)
    with one_blas_thread():
        side = response_side(target, lags)

    def weigh_some(start: int) -> None:
        block = _as_rows(values[:, start : start + _CHUNK])
        if np.isinf(block).any():
            need_finite(values, "X")
        block = on_steady_scales(block)
        used, moments = lead_moments(unit_size(block), side, kernels)
        if not used.size:
            return
        found = weigh(moments, kernels.per_lag)
        at = start + used
        probability[at] = found.probability
        leads[at], coincident[at] = found.leads, found.coincident
        n_obs[at] = moments[0].n_rows[:, 0]

    threads = thread_count() if values.size > _LARGE else 1
    on_threads(weigh_some, range(0, p, _CHUNK), threads=threads)
    return LagProbabilities(
        lags=freeze(np.arange(1, lags + 1, dtype=np.int64)),
        probability=freeze(probability),
        prob_leads=freeze(leads),
        prob_coincident=freeze(coincident),
        n_obs=freeze(n_obs),
        labels=labels,
    )


def _as_rows(columns: NDArray[Any]) -> FloatArray:
    """Columns as rows that lie side by side, shape (n_columns, n_obs)."""
    rows = np.empty(columns.shape[::-1])
    # NumPy's own way passes over every row of a wide array once for each column.
    for start in range(0, columns.shape[0], _ROWS):
        part = slice(start, start + _ROWS)
        rows[:, part] = columns[part].T
    return rows


def _level(level: object) -> float:
    if isinstance(level, bool) or not isinstance(level, Real) or not 0 < float(level) < 1:
        raise ConfigurationError(
            "level is not the level of an interval",
            got=repr(level),
            need="a number between 0 and 1",
            do="Pass level=0.90, or another probability",
        )
    return float(level)
