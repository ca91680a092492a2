"""Does the past of one series help to predict another? One direction, one pair.

The response is regressed on its own past and its fixed terms; what is left, scaled by its local
noise level, is the surprise. Three questions are put to it, and their p-values combined:

- the best lag window of the other side's *innovations* (white under the null, so a search over
  windows has a known null, and a unit root changes nothing);
- Granger tests over several orders, lag-augmented (joint, so that strong same-period correlation
  does not hide a lead);
- for a stationary metric, its level one period ago (a slow, persistent lead).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from leadlag.core.arrays import BoolArray, FloatArray
from leadlag.core.autoregression import Autoregression, orthonormal
from leadlag.core.combination import cauchy_combination
from leadlag.core.lags import lagged_matrix
from leadlag.core.scale import clipped, local_scale, robust_scale
from leadlag.core.windows import best_window_p_value, effective_windows, lag_windows

__all__ = ["Direction", "examine_direction"]

# Surprises of the response beyond this many standard deviations count as this many.
_CLIP = 4.0
# The metric's own surprises keep more: a large, real move is the best evidence there is.
_CLIP_METRIC = 6.0
# So many lags enter a joint test as the metric's values, beside as many own lags of the response,
# where there are rows for them; farther ones enter as news.
_NEAR = 6
_ROWS_PER_OWN_LAG = 20
# Orders of the joint test: near ones singly, far ones in steps.
_ORDERS = (1, 2, 3, 5, 8, 13, 21, 34)
# Weights in the combination: windows, joint tests together, level.
_WEIGHTS = (0.45, 0.45, 0.10)


@dataclass(frozen=True, eq=False)
class Direction:
    """Evidence that one series' past predicts another.

    Attributes
    ----------
    p_value : float
        Pays for the search over lags; uniform where the past says nothing.
    granger_p : float
        F test at ``granger_order``, chosen by BIC; without lag augmentation.
    granger_order : int, periods
        0 where there are too few rows.
    gain : float
        Bias-corrected Geweke log-variance ratio, at least 0.
    n_obs : int
        Rows in the regression.
    residual : ndarray, shape (n_obs_of_panel,)
        Scaled surprise of the response given both pasts; NaN outside the regression.
    """

    p_value: float
    granger_p: float
    granger_order: int
    gain: float
    n_obs: int
    residual: FloatArray


def examine_direction(
    response: Autoregression, metric: Autoregression, *, max_lag: int, stationary: bool
) -> Direction:
    """Test whether a metric's past predicts the response beyond the response's own past.

    Parameters
    ----------
    response, metric : Autoregression
        Both sides, prepared on the same calendar.
    max_lag : int, periods
        Lags 1..max_lag of the metric are searched.
    stationary : bool
        Whether the metric was fitted in levels; only then its level is put to the test.

    Returns
    -------
    Direction

    Notes
    -----
    Lag augmentation: the coefficients of lags 1..K are tested beside a free lag K + 1, which keeps
    the F distribution when roots are at or near one. ``gain`` averages
    ``log(RSS_0/df_0) - log(RSS_K/df_K)`` over K with Akaike weights.

    References
    ----------
    Toda, H. Y. and Yamamoto, T. (1995). Statistical inference in vector autoregressions with
    possibly integrated processes. *Journal of Econometrics* 66, 225–250.

    Geweke, J. (1982). Measurement of linear dependence and feedback between multiple time series.
    *JASA* 77, 304–313.

    Examples
    --------
    >>> from leadlag.core.autoregression import autoregress
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal(300)
    >>> y = 0.5 * np.roll(x, 3) + rng.standard_normal(300)
    >>> one = np.ones((300, 1))
    >>> target = autoregress(y, one, max_order=8, difference=False)
    >>> metric = autoregress(x, one, max_order=8, difference=False)
    >>> examine_direction(target, metric, max_lag=10, stationary=True).p_value < 1e-6
    True
    >>> examine_direction(metric, target, max_lag=10, stationary=True).p_value > 0.05
    True
    """
    n = response.series.size
    rows = _rows(response, metric, max_lag)
    near = min(_NEAR, max_lag)
    own = max(response.order, min(near, int(rows.sum()) // _ROWS_PER_OWN_LAG))
    rows[: _first(response.series) + own] = False
    m = int(rows.sum())
    past = lagged_matrix(response.series, np.arange(1, own + 2))
    nuisance = np.hstack([response.terms, past[:, :own]])[rows]
    scale = local_scale(_spread(_residual(nuisance, response.series[rows]), rows))[rows]
    nuisance = nuisance / scale[:, None]
    basis = orthonormal(nuisance)
    surprise = _clipped_residual(basis, response.series[rows] / scale)

    news = _news_beyond(metric, response)
    fixed = orthonormal(response.terms[rows] / scale[:, None])
    window = _best_window(surprise, basis, fixed, news, rows, scale, max_lag)

    depth = max(1, min(max_lag, (m - basis.shape[1]) // 6))
    near = min(near, depth)
    values = lagged_matrix(metric.series, np.arange(1, near + 2))[rows]
    far = lagged_matrix(news, np.arange(near + 1, depth + 1))[rows]
    whole = np.isfinite(values).all(axis=1) & np.isfinite(past[rows, own])
    values = values[whole] / scale[whole, None]
    far = np.nan_to_num(far[whole]) / scale[whole, None]
    basis = orthonormal(nuisance[whole])
    surprise_whole = surprise[whole] - basis @ (basis.T @ surprise[whole])
    path = _Path.of(surprise_whole, basis, np.hstack([values[:, :near], far]))
    # The augmented tests hold one more own lag as well.
    augmented = np.column_stack([nuisance[whole], past[rows, own][whole] / scale[whole]])
    p_joint = np.array(
        [_augmented_p(surprise[whole], augmented, values, k) for k in _ORDERS if k <= near]
        + [path.p_value(k) for k in _ORDERS if near < k <= depth]
    )
    p_level = path.p_value(1) if stationary else np.nan
    order = path.order_by_bic()

    explained = surprise.copy()
    explained[whole] = path.residual(path.order_by_aic())
    joint_weights = np.full(p_joint.size, _WEIGHTS[1] / p_joint.size)
    combined = cauchy_combination(
        np.array([window.p_value, *p_joint, p_level]),
        np.array([_WEIGHTS[0], *joint_weights, _WEIGHTS[2]]),
    )
    residual = np.full(n, np.nan)
    residual[rows] = explained
    return Direction(
        p_value=combined,
        granger_p=path.p_value(order),
        granger_order=order,
        gain=_gain(path, window),
        n_obs=m,
        residual=residual,
    )


def _first(series: FloatArray) -> int:
    return int(np.argmax(np.isfinite(series)))


def _rows(response: Autoregression, metric: Autoregression, max_lag: int) -> BoolArray:
    """Rows with a response, where at least some lag of the metric exists."""
    known = np.flatnonzero(metric.observed)
    calendar = np.arange(response.series.size)
    return response.observed & (calendar > known[0]) & (calendar <= known[-1] + max_lag)


def _spread(values: FloatArray, rows: BoolArray) -> FloatArray:
    out = np.full(rows.size, np.nan)
    out[rows] = values
    return out


def _residual(design: FloatArray, response: FloatArray) -> FloatArray:
    basis = orthonormal(design)
    return np.asarray(response - basis @ (basis.T @ response))


def _clipped_residual(basis: FloatArray, response: FloatArray) -> FloatArray:
    """Surprise with its outliers brought in, orthogonal to the nuisance again, variance near 1."""
    surprise = response - basis @ (basis.T @ response)
    size = robust_scale(surprise)
    if size > 0:
        surprise = np.clip(surprise / size, -_CLIP, _CLIP)
    return np.asarray(surprise - basis @ (basis.T @ surprise))


def _news_beyond(metric: Autoregression, response: Autoregression) -> FloatArray:
    """The metric's innovations without what the response showed in the same period.

    That part is the response's own past a period later. Left in, a near-copy of the response
    inherits whatever memory the response's autoregression missed, and "leads" it by that lag.
    Zero where a value is missing or lies before the first: the mean of an innovation.
    """
    news = clipped(metric.innovations, at=_CLIP_METRIC)
    own = clipped(response.innovations, at=_CLIP_METRIC)
    both = np.isfinite(news) & np.isfinite(own)
    weight = 1 / local_scale(own)[both] ** 2
    size = float(weight @ own[both] ** 2)
    if size > 0:
        slope = float(weight @ (own[both] * news[both])) / size
        news = news - slope * np.nan_to_num(own)
    return np.nan_to_num(news)


@dataclass(frozen=True)
class _Window:
    """The best lag window of the metric's innovations."""

    p_value: float
    score: float
    df: float
    count: float


_NO_WINDOW = _Window(float("nan"), 0.0, 1.0, 1.0)


def _best_window(
    surprise: FloatArray,
    basis: FloatArray,
    fixed: FloatArray,
    news: FloatArray,
    rows: BoolArray,
    scale: FloatArray,
    max_lag: int,
) -> _Window:
    """Score every window; ``fixed`` is an orthonormal basis of the scaled fixed terms."""
    lags = np.nan_to_num(lagged_matrix(news, np.arange(1, max_lag + 1)))[rows] / scale[:, None]
    lags = lags - basis @ (basis.T @ lags)
    length = np.linalg.norm(lags, axis=0)
    df = surprise.size - basis.shape[1]
    noise = float(surprise @ surprise) / max(df, 1)
    if df < 3 or noise <= 0:
        return _NO_WINDOW
    alive = length > 1e-9 * max(float(length.max()), 1e-300)
    length = np.where(alive, length, 1.0)
    along = lags.T @ surprise + _shared_terms_bias(surprise, fixed, news, rows, scale, max_lag)
    z = np.where(alive, along / (length * np.sqrt(noise)), 0.0)
    correlation = (lags.T @ lags) / np.outer(length, length)
    values, vectors = np.linalg.eigh(correlation)
    # The floor keeps a nearly redundant lag (a short, smooth metric) from blowing up its score.
    whitened = vectors @ ((vectors.T @ z) / np.sqrt(np.maximum(values, 0.05)))
    score = float(np.abs(lag_windows(max_lag) @ whitened).max())
    return _Window(
        p_value=best_window_p_value(score, max_lag=max_lag, df=float(df)),
        score=score,
        df=float(df),
        count=effective_windows(score, max_lag=max_lag, df=float(df)),
    )


def _shared_terms_bias(
    surprise: FloatArray,
    fixed: FloatArray,
    news: FloatArray,
    rows: BoolArray,
    scale: FloatArray,
    max_lag: int,
) -> FloatArray:
    """What taking fixed terms out of both sides subtracts from their lagged products.

    Projecting on q smooth terms spreads each surprise a little over its neighbours: two series that
    move together in the same period then show a small opposite relation at every lag, which a wide
    window adds up (8 % of coincident walks were called leading at 5 %). Its expectation is the
    same-period covariance times the trace of the lagged projection (Marriott and Pope 1954, for two
    series).
    """
    together = float(news[rows] @ surprise) / surprise.size
    spread = np.zeros((rows.size, fixed.shape[1]))
    spread[rows] = fixed
    weighted = np.zeros_like(spread)
    weighted[rows] = fixed / scale[:, None]
    trace = [np.sum(weighted[k:] * spread[:-k]) for k in range(1, max_lag + 1)]
    return together * np.array(trace)


def _gain(path: "_Path", window: _Window) -> float:
    """Geweke's ratio averaged over what the past could look like, with Akaike weights.

    The candidates are the first K lags, for every K, and the best window; the window pays for its
    search with twice the log of the number of windows that it was chosen from.
    """
    left = 1.0 - min(window.score**2 / window.df, 1 - 1e-12)
    window_gain = np.log((window.df - 1) / window.df) - np.log(left) if window.df > 1 else 0.0
    window_criterion = path.n_rows * np.log(left) + 2 * (1 + np.log(window.count))
    gains = np.concatenate([path.gains(), [window_gain]])
    criteria = np.concatenate([path.criteria(), [window_criterion]])
    weight = np.exp(-0.5 * (criteria - criteria.min()))
    return max(0.0, float(weight @ gains / weight.sum()))


def _augmented_p(
    surprise: FloatArray, nuisance: FloatArray, values: FloatArray, order: int
) -> float:
    """P-value of lags 1..K of the metric's values beside a free lag K + 1."""
    basis = orthonormal(np.column_stack([nuisance, values[:, order]]))
    left = surprise - basis @ (basis.T @ surprise)
    return _Path.of(left, basis, values[:, :order]).p_value(order)


@dataclass(frozen=True, eq=False)
class _Path:
    """Residual sums of squares as lags of the metric enter one after the other."""

    rss: FloatArray
    df: FloatArray
    n_rows: int
    surprise: FloatArray
    directions: FloatArray
    parts: FloatArray

    @classmethod
    def of(cls, surprise: FloatArray, basis: FloatArray, lags: FloatArray) -> "_Path":
        lags = lags - basis @ (basis.T @ lags)
        length = np.linalg.norm(lags, axis=0)
        q, r = np.linalg.qr(lags / np.where(length > 0, length, 1.0))
        live = np.abs(np.diagonal(r)) > 1e-7
        parts = np.where(live, q.T @ surprise, 0.0)
        rss = surprise @ surprise - np.concatenate([[0.0], np.cumsum(parts**2)])
        used = np.concatenate([[0], np.cumsum(live)])
        return cls(
            rss=np.maximum(rss, np.finfo(float).tiny),
            df=surprise.size - basis.shape[1] - used.astype(float),
            n_rows=surprise.size,
            surprise=surprise,
            directions=q,
            parts=parts,
        )

    def order_by_bic(self) -> int:
        """Order 1..K with the smallest BIC."""
        spent = self.df[0] - self.df
        criterion = self.n_rows * np.log(self.rss) + np.log(self.n_rows) * spent
        return 1 + int(np.argmin(criterion[1:]))

    def _aic(self) -> FloatArray:
        used = self.n_rows - self.df
        small = self.n_rows / np.maximum(self.n_rows - used - 2, 1)
        return np.asarray(self.n_rows * np.log(self.rss) + 2 * used * small)

    def order_by_aic(self) -> int:
        """Order 1..K with the smallest corrected AIC."""
        return 1 + int(np.argmin(self._aic()[1:]))

    def p_value(self, order: int) -> float:
        """Of the F test of the first ``order`` lags."""
        numerator = self.df[0] - self.df[order]
        if numerator < 1 or self.df[order] < 1:
            return float("nan")
        f = (self.rss[0] - self.rss[order]) / numerator / (self.rss[order] / self.df[order])
        return float(special.fdtrc(numerator, self.df[order], max(f, 0.0)))

    def gains(self) -> FloatArray:
        """Geweke's ratio at orders 1..K from unbiased variances; 0 where no row is left."""
        ratio = np.log(self.rss[0] / self.df[0]) - np.log(self.rss / np.maximum(self.df, 1))
        return np.where(self.df >= 1, ratio, 0.0)[1:]

    def criteria(self) -> FloatArray:
        """Corrected AIC of orders 1..K, less that of no lag at all."""
        criterion = self._aic()
        return np.where(self.df >= 1, criterion - criterion[0], np.inf)[1:]

    def residual(self, order: int) -> FloatArray:
        """What is left of the surprise after the first ``order`` lags."""
        return np.asarray(self.surprise - self.directions[:, :order] @ self.parts[:order])
