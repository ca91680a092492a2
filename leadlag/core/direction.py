"""Does the past of one series help to predict another? One direction, one pair.

The response is regressed on its own past and its fixed terms; what is left, scaled by its local
noise level, is the surprise. Five questions are put to it, and their p-values combined:

- the best lag window of the other side's *innovations* (white under the null, so a search over
  windows has a known null, and a unit root changes nothing);
- Granger tests over several orders, lag-augmented (joint, so that strong same-period correlation
  does not hide a lead);
- for a stationary metric, its level one period ago (a slow, persistent lead);
- the best window of a lead that ends, begins or turns round within the sample;
- the best single lag of the metric's *values*, seen through the response's own autoregression, and
  of what they have beyond a bend (a lead that counts only above or below some level).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from leadlag.core.arrays import BoolArray, FloatArray, as_index
from leadlag.core.autoregression import Autoregression, orthonormal
from leadlag.core.combination import cauchy_combination
from leadlag.core.lag_path import LagPath
from leadlag.core.lag_scan import bent, scan_lags, through_past_of
from leadlag.core.lags import lagged_matrix
from leadlag.core.memo import Memo
from leadlag.core.scale import local_scale, robust_scale
from leadlag.core.window_test import WindowScore, news_beyond, score_windows

__all__ = ["Direction", "examine_direction"]

# Surprises of the response beyond this many standard deviations count as this many.
_CLIP = 4.0
# So many lags enter a joint test as the metric's values, beside as many own lags of the response,
# where there are rows for them; farther ones enter as news.
_NEAR = 6
_ROWS_PER_OWN_LAG = 20
# Orders of the joint test: near ones singly, far ones in steps.
_ORDERS = (1, 2, 3, 5, 8, 13, 21, 34)
# Weights in the combination: windows, joint tests together, level, windows of a changing lead,
# single lags of the values, and of what is above and below a bend.
_WEIGHTS = (0.31, 0.31, 0.075, 0.125, 0.12, 0.03, 0.03)
# About a quarter of the values lie beyond a bend: fewer rows leave too few of them.
_ROWS_FOR_A_BEND = 125
# A lead counts as changing where that is so many times less surprising than a steady one.
_CHANGES = 5.0


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
    surprise : ndarray, shape (n_obs_of_panel,)
        Scaled surprise of the response given its own past; NaN outside the regression.
    residual : ndarray, shape (n_obs_of_panel,)
        Scaled surprise given both pasts.
    predicted : ndarray, shape (n_obs_of_panel, 2)
        What the metric's past says about the response, in the response's scale: by its first lags
        and by its best window; 0 outside the regression.
    prob_leads : float
        Posterior probability that some window of lags 1..max_lag leads, prior one half.
    pattern : ndarray, shape (n_obs_of_panel,), optional
        What a lead that changes does over time: 1, 0 or -1 a period; None for a steady one.
    """

    p_value: float
    granger_p: float
    granger_order: int
    gain: float
    n_obs: int
    surprise: FloatArray
    residual: FloatArray
    predicted: FloatArray
    prob_leads: float
    pattern: FloatArray | None


def examine_direction(
    response: Autoregression,
    metric: Autoregression,
    *,
    max_lag: int,
    stationary: bool,
    given: FloatArray | None = None,
    memo: Memo | None = None,
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
    given : ndarray, shape (n_obs, n_given), optional
        Further regressors to hold constant, such as what other metrics predict.
    memo : Memo, optional
        What the metrics that are tested against one response share: its own side.

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
    near = min(_NEAR, max_lag, max(2, int(rows.sum()) // _ROWS_PER_OWN_LAG))
    own = max(response.order, min(near, int(rows.sum()) // _ROWS_PER_OWN_LAG))
    rows[: _first(response.series) + own] = False
    m = int(rows.sum())
    memo = memo or Memo()
    key = (id(response), own, rows.tobytes(), None if given is None else given.tobytes())
    held = memo.of(("held", *key), lambda: _held_constant(response, rows, own, given))
    past, scale, basis, surprise = held.past, held.scale, held.basis, held.surprise

    news = news_beyond(metric, response)
    window = score_windows(surprise, basis, news, rows, scale, max_lag)
    sides = (metric.departures, *(bent(metric) if m >= _ROWS_FOR_A_BEND else ()))
    p_lags = np.full(3, np.nan)
    for i, side in enumerate(sides):
        seen = through_past_of(response, side)
        p_lags[i] = scan_lags(surprise, basis, seen, rows, scale, max_lag)

    depth = max(1, min(max_lag, (m - basis.shape[1]) // 6))
    near = min(near, depth)
    at = as_index(rows)
    values = lagged_matrix(metric.series, np.arange(1, near + 2))[at]
    far = lagged_matrix(news, np.arange(near + 1, depth + 1))[at]
    whole = np.isfinite(values).all(axis=1) & np.isfinite(past[at, own])
    kept = as_index(whole)
    values = values[kept] / scale[kept, None]
    far = np.nan_to_num(far[kept]) / scale[kept, None]
    basis, augmented = memo.of(
        ("whole", *key, whole.tobytes()), lambda: _on_whole_rows(held, whole, rows, own)
    )
    surprise_whole = surprise[kept] - basis @ (basis.T @ surprise[kept])
    path = LagPath.of(surprise_whole, basis, np.hstack([values[:, :near], far]))
    beside = LagPath.of(
        surprise[kept] - augmented @ (augmented.T @ surprise[kept]), augmented, values
    )
    p_joint = np.array(
        [beside.p_value_beside(k) for k in _ORDERS if k <= near]
        + [path.p_value(k) for k in _ORDERS if near < k <= depth]
    )
    p_level = path.p_value(1) if stationary else np.nan
    order = path.order_by_bic()

    explained = surprise.copy()
    explained[whole] = path.residual(path.order_by_aic())
    predicted = np.zeros((n, 2))
    predicted[rows] = np.column_stack([surprise - explained, window.regressor]) * scale[:, None]
    joint_weights = np.full(p_joint.size, _WEIGHTS[1] / p_joint.size)
    combined = cauchy_combination(
        np.array([window.p_value, *p_joint, p_level, window.change.p_value, *p_lags]),
        np.array([_WEIGHTS[0], *joint_weights, *_WEIGHTS[2:]]),
    )
    return Direction(
        p_value=combined,
        granger_p=path.p_value(order),
        granger_order=order,
        gain=_gain(path, window),
        n_obs=m,
        surprise=_spread(surprise, rows),
        residual=_spread(explained, rows),
        predicted=predicted,
        prob_leads=float(special.expit(window.log_odds)),
        pattern=_pattern(
            window, float(np.fmin.reduce([window.p_value, *p_joint, p_level, *p_lags])), rows
        ),
    )


@dataclass(frozen=True, eq=False)
class _Held:
    """What is held constant on some rows, divided by the local noise level, and what it leaves."""

    past: FloatArray
    scale: FloatArray
    basis: FloatArray
    surprise: FloatArray


def _held_constant(
    response: Autoregression, rows: BoolArray, own: int, given: FloatArray | None
) -> _Held:
    past = lagged_matrix(response.series, np.arange(1, own + 2))
    held = [response.terms, past[:, :own]] + ([] if given is None else [given])
    nuisance = np.hstack(held)[rows]
    unscaled = orthonormal(nuisance)
    residual = response.series[rows]
    residual = residual - unscaled @ (unscaled.T @ residual)
    scale = local_scale(_spread(residual, rows))[rows]
    # Orthonormal columns over the scale span what the nuisance over the scale does, and are far
    # from collinear; so are those of the basis on fewer rows.
    basis = orthonormal(unscaled / scale[:, None])
    surprise = _clipped_residual(basis, response.series[rows] / scale)
    return _Held(past, scale, basis, surprise)


def _on_whole_rows(
    held: _Held, whole: BoolArray, rows: BoolArray, own: int
) -> tuple[FloatArray, FloatArray]:
    """The basis on the rows of the joint tests; the augmented tests hold one more own lag."""
    kept = as_index(whole)
    basis = orthonormal(held.basis[kept])
    return basis, _with_column(basis, held.past[rows, own][kept] / held.scale[kept])


def _pattern(window: WindowScore, steady: float, rows: BoolArray) -> FloatArray | None:
    """What the lead does over time, where that says much more than a steady lead."""
    if not window.change.p_value * _CHANGES < steady:
        return None
    # Before and after the regression's rows, as at their ends.
    at = np.clip(np.cumsum(rows) - 1, 0, None)
    return np.asarray(window.change.pattern[at])


def _first(series: FloatArray) -> int:
    return int(np.argmax(np.isfinite(series)))


def _rows(response: Autoregression, metric: Autoregression, max_lag: int) -> BoolArray:
    """Rows with a response, where at least some lag of the metric exists."""
    known = np.flatnonzero(metric.observed)
    calendar = np.arange(response.series.size)
    return np.asarray(response.observed & (calendar > known[0]) & (calendar <= known[-1] + max_lag))


def _spread(values: FloatArray, rows: BoolArray) -> FloatArray:
    out = np.full(rows.size, np.nan)
    out[rows] = values
    return out


def _clipped_residual(basis: FloatArray, response: FloatArray) -> FloatArray:
    """Surprise with its outliers brought in, orthogonal to the nuisance again, variance near 1."""
    surprise = response - basis @ (basis.T @ response)
    size = robust_scale(surprise)
    if size > 0:
        surprise = np.clip(surprise / size, -_CLIP, _CLIP)
    return np.asarray(surprise - basis @ (basis.T @ surprise))


def _gain(path: LagPath, window: WindowScore) -> float:
    """Geweke's ratio averaged over what the past could look like, with Akaike weights.

    The candidates are the first K lags, for every K, the best window and the best window of a lead
    that changes; windows pay for their search with twice the log of the number that each was
    chosen from.
    """
    gains, criteria = [path.gains()], [path.criteria()]
    for found in (window, window.change):
        left = 1.0 - min(found.score**2 / window.df, 1 - 1e-12)
        gain = np.log((window.df - 1) / window.df) - np.log(left) if window.df > 1 else 0.0
        gains.append(np.array([gain]))
        criteria.append(np.array([path.n_rows * np.log(left) + 2 * (1 + np.log(found.count))]))
    criterion = np.concatenate(criteria)
    weight = np.exp(-0.5 * (criterion - criterion.min()))
    return max(0.0, float(weight @ np.concatenate(gains) / weight.sum()))


def _with_column(basis: FloatArray, column: FloatArray) -> FloatArray:
    """An orthonormal basis with one more direction, unless the column lies within it."""
    size = float(np.linalg.norm(column))
    for _ in range(2):
        column = column - basis @ (basis.T @ column)
    left = float(np.linalg.norm(column))
    return basis if left <= 1e-9 * size else np.column_stack([basis, column / left])
