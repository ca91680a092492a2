"""How sure is the order? Ranks of all metrics over resampled stretches of time, jointly."""

from dataclasses import dataclass

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray, IntArray

__all__ = ["RankUncertainty", "resampled_gains", "resampled_ranks", "resampled_scores"]

_LEVEL = 0.90


@dataclass(frozen=True, eq=False)
class RankUncertainty:
    """Ranks over resampled panels.

    Attributes
    ----------
    prob_top3 : ndarray, shape (n_metrics,)
        Share of panels in which a metric leads and is among the first three.
    low, high : ndarray of int, shape (n_metrics,)
        Central 90 % of ranks, from 1.
    """

    prob_top3: FloatArray
    low: IntArray
    high: IntArray


def resampled_gains(
    surprise: FloatArray,
    residual: FloatArray,
    gain: FloatArray,
    *,
    draws: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Gains of all metrics over panels made of blocks of the sample's periods.

    Parameters
    ----------
    surprise, residual : ndarray, shape (n_obs, n_metrics)
        Before and after the metric's past entered; NaN outside each regression.
    gain : ndarray, shape (n_metrics,)
        Bias-corrected log-variance ratios.
    draws : int
    rng : Generator

    Returns
    -------
    ndarray, shape (draws, n_metrics)
        ``gain`` plus the resampled ratio's departure from the sample's.

    Notes
    -----
    Circular blocks of ``n ** (1 / 3)`` periods, the same blocks for every metric, so that what
    metrics share stays shared (Politis and Romano 1992).

    References
    ----------
    Politis, D. N. and Romano, J. P. (1992). A circular block-resampling procedure for stationary
    data. In *Exploring the Limits of Bootstrap*, 263–270.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before = rng.standard_normal((300, 2))
    >>> after = before * np.array([1.0, 0.8])
    >>> g = resampled_gains(before, after, np.array([0.0, 0.446]), draws=50, rng=rng)
    >>> g.mean(axis=0).round(2)
    array([0.  , 0.45])
    """
    n = surprise.shape[0]
    length = max(1, round(n ** (1 / 3)))
    blocks = -(-n // length)
    starts = rng.integers(n, size=(draws, blocks))
    periods = (starts[:, :, None] + np.arange(length)) % n
    weight = np.stack([np.bincount(p.ravel()[:n], minlength=n) for p in periods]).astype(float)
    before, after = np.nan_to_num(surprise) ** 2, np.nan_to_num(residual) ** 2
    tiny = np.finfo(float).tiny
    drawn = np.log(np.maximum(weight @ before, tiny)) - np.log(np.maximum(weight @ after, tiny))
    whole = np.log(np.maximum(before.sum(axis=0), tiny))
    whole -= np.log(np.maximum(after.sum(axis=0), tiny))
    return np.asarray(gain + drawn - whole)


def resampled_scores(score: FloatArray, departure: FloatArray, alone: FloatArray) -> FloatArray:
    """Standard normal scores of tests over the same resampled panels.

    Parameters
    ----------
    score : ndarray, shape (n_metrics,)
        Score of each metric's test in the sample.
    departure : ndarray, shape (draws, n_metrics)
        What each panel adds to a quantity that grows with the score.
    alone : ndarray, shape (draws, n_metrics)
        Standard normal draws, for metrics whose quantity does not move.

    Returns
    -------
    ndarray, shape (draws, n_metrics)
        The score plus the departure in standard deviations: a score has a standard deviation of
        one whatever its size.

    Examples
    --------
    >>> moved, alone = np.random.default_rng(0).standard_normal((2, 2000, 1))
    >>> made = resampled_scores(np.array([3.0]), 0.01 * moved, alone)
    >>> made.mean().round(1), made.std().round(1)
    (np.float64(3.0), np.float64(1.0))
    """
    spread = departure.std(axis=0)
    moves = spread > 1e-12
    apart = (departure - departure.mean(axis=0)) / np.where(moves, spread, 1.0)
    return np.asarray(score + np.where(moves, apart, alone))


def resampled_ranks(
    leads: BoolArray, group: IntArray, tier: IntArray, score: FloatArray, rank: IntArray
) -> RankUncertainty:
    """Order the metrics of each resampled panel, and sum up their ranks.

    Parameters
    ----------
    leads : ndarray of bool, shape (draws, n_metrics)
        Whether a metric was shown to lead in each draw.
    group : ndarray of int, shape (n_metrics,)
        Place of a metric's role where it does not lead.
    tier : ndarray of int, shape (draws, n_metrics)
        Evidence tier of what leads.
    score : ndarray, shape (draws, n_metrics)
    rank : ndarray of int, shape (n_metrics,)
        Rank in the sample, from 1; intervals are widened where needed to hold it.

    Returns
    -------
    RankUncertainty

    Examples
    --------
    >>> always = np.ones((4, 2), dtype=bool)
    >>> score = np.array([[0.9, 0.1]] * 4)
    >>> one = np.ones((4, 2), dtype=int)
    >>> out = resampled_ranks(always, one[0], one, score, np.array([1, 2]))
    >>> out.low, out.high, out.prob_top3
    (array([1, 2]), array([1, 2]), array([1., 1.]))
    """
    draws, count = score.shape
    role = np.where(leads, -1, group)
    order = np.lexsort((-score, np.where(leads, -tier, 0), role), axis=1)
    ranks = np.empty((draws, count), dtype=np.int64)
    np.put_along_axis(ranks, order, np.arange(1, count + 1)[None, :], axis=1)
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(ranks, [tail, 1 - tail], axis=0, method="inverted_cdf")
    return RankUncertainty(
        prob_top3=np.asarray(((ranks <= 3) & leads).mean(axis=0)),
        low=np.minimum(low, rank).astype(np.int64),
        high=np.maximum(high, rank).astype(np.int64),
    )
