"""The best lag window of a metric's news: its score, what it is worth, and the odds of a lead."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray, as_index
from leadlag.core.autoregression import Autoregression
from leadlag.core.lags import lagged_matrix
from leadlag.core.windows import (
    BLOCKS,
    best_window_p_value,
    changing_windows,
    effective_windows,
    lag_windows,
    patterns,
)

__all__ = ["ChangeScore", "WindowScore", "beyond_same_period", "news_beyond", "score_windows"]

# Share of the surprise's variance that a lead may explain, a priori. Smaller ones, which no sample
# of a few hundred rows shows, would make every failed search look like half a success.
_PRIOR_SHARES = (0.05, 0.15, 0.45)
# In blocks of fewer rows than this a changing lead can't be told from a steady one.
_ROWS_OF_A_BLOCK = 25
# Of the leads, so many end, begin or turn round within a sample, a priori.
_PRIOR_OF_A_CHANGE = 0.15


@dataclass(frozen=True, eq=False)
class ChangeScore:
    """The best lag window of a lead that ends, begins or turns round.

    Attributes
    ----------
    p_value : float
        Pays for the search over windows and over what the lead does; NaN for too few rows.
    score, count : float
        Its absolute score, and how many independent windows it was chosen from, in effect.
    log_odds : float
        Log Bayes factor of "some window leads for a time, or turns round" against "none does".
    pattern : ndarray, shape (n_rows,)
        What the lead does over time: 1, 0 or -1 a row.
    """

    p_value: float
    score: float
    count: float
    log_odds: float
    pattern: FloatArray


@dataclass(frozen=True, eq=False)
class WindowScore:
    """The best lag window of a metric's news.

    Attributes
    ----------
    p_value : float
        Pays for the search over windows.
    score : float
        Its absolute score; standard normal for a window named beforehand.
    df : float
        Degrees of freedom behind the noise variance.
    count : float
        How many independent windows it was chosen from, in effect.
    log_odds : float
        Log Bayes factor of "some window leads, all the time or in part" against "none does".
    regressor : ndarray, shape (n_rows,)
        The news along the window, scaled as the surprise is.
    change : ChangeScore
        The best window of a lead that changes over time.
    """

    p_value: float
    score: float
    df: float
    count: float
    log_odds: float
    regressor: FloatArray
    change: ChangeScore


def news_beyond(metric: Autoregression, response: Autoregression) -> FloatArray:
    """The metric's innovations without what the response showed in the same period.

    That part is the response's own past a period later. Left in, a near-copy of the response
    inherits whatever memory the response's autoregression missed, and "leads" it by that lag; and
    taking smooth terms out of both sides would spread a same-period tie over all lags (Marriott
    and Pope 1954).

    Parameters
    ----------
    metric, response : Autoregression
        Both sides, prepared on the same calendar.

    Returns
    -------
    ndarray, shape (n_obs,)
        Zero where a value is missing or lies before the first: the mean of an innovation.

    Examples
    --------
    >>> from leadlag.core.autoregression import autoregress
    >>> x = np.random.default_rng(0).standard_normal(200)
    >>> fit = autoregress(x, np.ones((200, 1)), max_order=4, difference=False)
    >>> bool(np.abs(news_beyond(fit, fit)).max() < 1e-12)
    True
    """
    return np.nan_to_num(beyond_same_period(metric.surprises, response))


def beyond_same_period(values: FloatArray, response: Autoregression) -> FloatArray:
    """Values without the part that goes with the response's surprise of the same period.

    Parameters
    ----------
    values : ndarray, shape (n_obs,)
        NaN where missing.
    response : Autoregression
        On the same calendar.

    Returns
    -------
    ndarray, shape (n_obs,)
        The slope is taken where the response is calm and loud alike, each by its local scale.

    Examples
    --------
    >>> from leadlag.core.autoregression import autoregress
    >>> y = np.random.default_rng(0).standard_normal(200)
    >>> fit = autoregress(y, np.ones((200, 1)), max_order=4, difference=False)
    >>> left = beyond_same_period(3 * np.nan_to_num(fit.surprises), fit)
    >>> bool(np.abs(left).max() < 1e-12)
    True
    """
    own = response.surprises
    both = np.isfinite(values) & np.isfinite(own)
    weight = 1 / response.scale_of_surprises[both] ** 2
    size = float(weight @ own[both] ** 2)
    if size <= 0:
        return values
    slope = float(weight @ (own[both] * values[both])) / size
    return np.asarray(values - slope * np.nan_to_num(own))


def score_windows(
    surprise: FloatArray,
    basis: FloatArray,
    news: FloatArray,
    rows: BoolArray,
    scale: FloatArray,
    max_lag: int,
) -> WindowScore:
    """Score every window of lags 1..max_lag of a metric's news.

    Parameters
    ----------
    surprise : ndarray, shape (n_rows,)
        Scaled response without its nuisance.
    basis : ndarray, shape (n_rows, rank)
        Orthonormal basis of the scaled nuisance.
    news : ndarray, shape (n_obs,)
        From :func:`news_beyond`.
    rows : ndarray of bool, shape (n_obs,)
        Which periods are in the regression.
    scale : ndarray, shape (n_rows,)
        Local noise level by which the response was divided.
    max_lag : int, periods

    Returns
    -------
    WindowScore

    Notes
    -----
    The scores z of single lags are turned into independent ones by the symmetric root of their
    correlation matrix, so the null of the best window is the same for all metrics. The Bayes
    factor averages ``(1 + g)^(-1/2) (1 - g / (1 + g) T^2 / df)^(-df / 2)`` over windows and over
    g, the number of rows times the share of variance that a lead explains.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> news = rng.standard_normal(300)
    >>> surprise = 0.4 * np.roll(news, 5) + rng.standard_normal(300)
    >>> rows = np.arange(300) >= 10
    >>> one = np.full((290, 1), 1 / np.sqrt(290))
    >>> best = score_windows(surprise[rows], one, news, rows, np.ones(290), max_lag=10)
    >>> best.p_value < 1e-6, best.log_odds > 10
    (True, True)
    """
    # News is nowhere missing: before the first lag there is none.
    before = np.concatenate([np.zeros(max_lag), news])
    lags = lagged_matrix(before, np.arange(1, max_lag + 1))[max_lag:]
    lags = lags[as_index(rows)] / scale[:, None]
    lags -= basis @ (basis.T @ lags)
    length = np.sqrt(np.einsum("ij,ij->j", lags, lags))
    df = float(surprise.size - basis.shape[1])
    noise = float(surprise @ surprise) / max(df, 1.0)
    if df < 3 or noise <= 0:
        none = np.zeros(surprise.size)
        return WindowScore(float("nan"), 0.0, 1.0, 1.0, 0.0, none, _no_change(surprise.size))
    alive = length > 1e-9 * max(float(length.max()), 1e-300)
    length = np.where(alive, length, 1.0)
    z = np.where(alive, lags.T @ surprise / (length * np.sqrt(noise)), 0.0)
    values, vectors = np.linalg.eigh((lags.T @ lags) / np.outer(length, length))
    # The floor keeps a nearly redundant lag (a short, smooth metric) from blowing up its score.
    root = (vectors / np.sqrt(np.maximum(values, 0.05))) @ vectors.T
    windows = lag_windows(max_lag)
    scores = windows @ (root @ z)
    best = int(np.abs(scores).argmax())
    score = float(np.abs(scores[best]))
    to_independent = root / length[:, None]
    change = _score_changes(lags, to_independent, surprise, noise, df, max_lag)
    return WindowScore(
        p_value=best_window_p_value(score, max_lag=max_lag, df=df),
        score=score,
        df=df,
        count=effective_windows(score, max_lag=max_lag, df=df),
        log_odds=float(
            np.logaddexp(
                np.log1p(-_PRIOR_OF_A_CHANGE) + _log_odds(scores, df),
                np.log(_PRIOR_OF_A_CHANGE) + change.log_odds,
            )
        ),
        regressor=lags @ (to_independent @ windows[best]),
        change=change,
    )


def _no_change(n_rows: int) -> ChangeScore:
    return ChangeScore(float("nan"), 0.0, 1.0, -np.inf, np.ones(n_rows))


def _score_changes(
    lags: FloatArray,
    to_independent: FloatArray,
    surprise: FloatArray,
    noise: float,
    df: float,
    max_lag: int,
) -> ChangeScore:
    """Score what a lead may do over time, on lags made independent of each other."""
    m = surprise.size
    if m < BLOCKS * _ROWS_OF_A_BLOCK:
        return _no_change(m)
    windows, shapes = changing_windows(max_lag), patterns()
    edges = np.linspace(0, m, BLOCKS + 1).astype(int)
    weights = to_independent @ windows.T
    along, size = np.empty((2, BLOCKS, len(windows)))
    for block, (start, end) in enumerate(pairwise(edges)):
        # By sums of products of the lags: there are more windows than lags.
        part = lags[start:end]
        along[block] = weights.T @ (part.T @ surprise[start:end])
        size[block] = np.einsum("ij,ij->j", weights, (part.T @ part) @ weights)
    spread = np.sqrt(shapes**2 @ size * noise)
    scores = np.abs(shapes @ along) / np.where(spread > 0, spread, np.inf)
    best, score = int(scores.max(axis=1).argmax()), float(scores.max())
    return ChangeScore(
        p_value=best_window_p_value(score, max_lag=max_lag, df=df, changing=True),
        score=score,
        count=effective_windows(score, max_lag=max_lag, df=df, changing=True),
        log_odds=_log_odds(scores.ravel(), df),
        pattern=np.sign(np.repeat(shapes[best], np.diff(edges))),
    )


def _log_odds(scores: FloatArray, df: float) -> float:
    share = np.minimum(scores**2 / df, 1 - 1e-12)
    g = df * np.array(_PRIOR_SHARES)[:, None]
    log_factor = -0.5 * np.log1p(g) - 0.5 * df * np.log1p(-share * (g / (1 + g)))
    top = float(log_factor.max())
    return top + float(np.log(np.mean(np.exp(log_factor - top))))
