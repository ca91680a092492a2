"""Forecasts of a target from rolling origins, without and with one metric, from past data alone.

Both models are direct regressions at one horizon, on the scale that the past asks for. Their own
part is the same: fixed terms at the forecast date and the target's own lags known at the origin.
The second adds one number, the metric's values known at the origin weighted by a lag window. What
is decided, and when, is said in :func:`rolling_forecasts`.
"""

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray, IntArray, freeze
from leadlag.core.lags import lagged, lagged_matrix
from leadlag.core.memo import Memo
from leadlag.core.past import (
    FEWEST_ROWS,
    PastScale,
    bridged,
    chosen_terms,
    past_scale,
    repetition,
    without_pattern,
)

__all__ = ["Forecasts", "rolling_forecasts"]

# Scale, terms and own lags are decided afresh this many times over the length of a series.
_DECISIONS = 50
# The first origin has half of the series behind it: earlier ones, with 90 of 730 rows behind them,
# scored forecasts that were not yet estimated (their errors were twice as large, and half of the
# skill was lost). A short series gives up some of that for this many forecasts.
_WANTED_FORECASTS = 40
# A forecast leaves the range of the past response by at most this share of it: an extrapolated
# regression may run away (Swanson and White 1997 call it the insanity filter).
_ROOM = 0.5
# Windows over the metric's known lags: means over so many, and decays by so much a period.
_WIDTHS = (3, 7, 14, 28)
_DECAYS = (0.5, 0.7, 0.88)
# Probability, before the data, that no window helps.
_NO_LEAD = 0.1


@dataclass(frozen=True, eq=False)
class Forecasts:
    """What each origin forecast, on the target's own scale.

    Attributes
    ----------
    date : ndarray of int, shape (n_origins,)
        Row that was forecast; its origin lies ``horizon`` rows before.
    actual : ndarray, shape (n_origins,)
        What came.
    own : ndarray, shape (n_origins,)
        From the target's own past and the fixed terms.
    with_metric : ndarray, shape (n_origins,)
        From the metric's past as well.
    """

    date: IntArray
    actual: FloatArray
    own: FloatArray
    with_metric: FloatArray


@dataclass(frozen=True, eq=False)
class _Design:
    """Both regressions over the whole calendar; row t holds what is known ``horizon`` before t."""

    response: FloatArray
    base: FloatArray
    fixed: FloatArray
    windows: FloatArray
    log_prior: FloatArray
    complete: BoolArray


def rolling_forecasts(
    y: FloatArray,
    x: FloatArray,
    terms_level: FloatArray,
    terms_difference: FloatArray,
    *,
    horizon: int,
    delay: int,
    max_lag: int,
    season: int,
    memo: Memo | None = None,
) -> Forecasts:
    """Forecast every date from the data known ``horizon`` periods before, without and with x.

    Parameters
    ----------
    y : ndarray, shape (n_obs,)
        Target on its own scale; NaN where missing.
    x : ndarray, shape (n_obs,)
        Metric; NaN where missing.
    terms_level : ndarray, shape (n_obs, 2 + n_terms)
        Constant, trend, and further fixed terms, for a target in levels. Taken as known at the
        forecast date.
    terms_difference : ndarray, shape (n_obs, 1 + n_slow + n_terms)
        Constant, slow terms, and the first differences of the same further terms.
    horizon : int, periods
        At least 1.
    delay : int, periods
        The metric's value of row t is known ``delay`` periods later.
    max_lag : int, periods
        Longest lag of the metric.
    season : int, periods
        Main season, or 0.
    memo : Memo, optional
        What the metrics of one target, terms and season share.

    Returns
    -------
    Forecasts

    Notes
    -----
    With s = target on its scale, a target in levels is ``s[t] = terms[t] + own lags
    s[t - h], s[t - h - 1], … + slope * m[t]``, and a differenced one is ``s[t] - s[t - h]`` on
    the terms' sums over those h periods and the differences up to ``t - h``. ``m[t]`` weights
    x[t - k], ``horizon + delay <= k <= max_lag``, with a window of `lag_windows`; for a
    differenced target the h-period changes of x, and its levels where x has no unit root.

    At every origin, from rows up to it: all coefficients, and the weight of each window. At
    every ``max(1, n_obs // 50)``-th origin, from rows up to it: level or logarithm, level or
    difference (both series), the number of own lags and of fixed terms (Hannan–Quinn).

    Logarithms come back as exponentials, in both models: forecasts are medians.

    A date without its target, or without the metric's newest value known at its origin, is
    neither learnt from nor forecast. A missing value among the lags of a row is replaced by its
    forecast from its own past.

    References
    ----------
    Swanson, N. R. and White, H. (1997). A model selection approach to real-time macroeconomic
    forecasting. *Review of Economics and Statistics* 79, 540–550.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal(300)
    >>> y = 50 + np.r_[np.zeros(4), x[:-4]] + rng.standard_normal(300)
    >>> time = np.arange(300.0) / 300
    >>> result = rolling_forecasts(
    ...     y, x, np.column_stack([np.ones(300), time]), np.ones((300, 1)),
    ...     horizon=4, delay=0, max_lag=12, season=0,
    ... )  # fmt: skip
    >>> errors = result.actual - np.array([result.own, result.with_metric])
    >>> (errors**2).mean(axis=1).round(1)
    array([2.2, 1. ])
    """
    n = y.size
    memo = memo or Memo()
    reach = horizon + delay
    step = max(1, n // _DECISIONS)
    first = max(FEWEST_ROWS, min(n // 2, n - horizon - _WANTED_FORECASTS))
    own = np.full(n, np.nan)
    both = np.full(n, np.nan)
    if reach > max_lag:
        first = n
    for start in range(first, n - horizon, step):
        if np.isfinite(y[: start + 1]).sum() < FEWEST_ROWS:
            continue
        if np.isfinite(x[: start + 1 - delay]).sum() < FEWEST_ROWS:
            continue
        terms = terms_level, terms_difference
        scale_of_target = partial(past_scale, y[: start + 1], *terms, season, memo)
        target = memo.of(("target", start), scale_of_target)
        metric = past_scale(x[: start + 1 - delay], *terms, season, memo)
        stop = min(start + step, n - horizon)
        # No later row is forecast before the next decision.
        until = stop + horizon
        design = _design(
            y[:until], x[:until], terms_level[:until], terms_difference[:until], target, metric,
            horizon=horizon, delay=delay, max_lag=max_lag, season=season, known=start + 1,
            memo=memo,
        )  # fmt: skip
        if design is not None:
            forecasts = _roll(design, start, stop, horizon)
            dates = slice(start + horizon, stop + horizon)
            base = design.base[dates]
            own[dates] = target.raw(base + forecasts[0])
            both[dates] = target.raw(base + forecasts[1])
    date = np.flatnonzero(np.isfinite(own) & np.isfinite(both) & np.isfinite(y))
    return Forecasts(date=date, actual=y[date], own=own[date], with_metric=both[date])


def _design(
    y: FloatArray,
    x: FloatArray,
    terms_level: FloatArray,
    terms_difference: FloatArray,
    target: PastScale,
    metric: PastScale,
    *,
    horizon: int,
    delay: int,
    max_lag: int,
    season: int,
    known: int,
    memo: Memo,
) -> _Design | None:
    """Regressors and response, terms and own lags chosen on the rows before `known`."""
    level = target.of(y)
    terms = terms_difference if target.difference else terms_level
    own = bridged(level, terms, difference=target.difference, known=known)
    windows = _windows(x, terms_level, terms_difference, target, metric,
                       horizon=horizon, delay=delay, max_lag=max_lag, known=known,
                       memo=memo)  # fmt: skip
    if target.difference:
        terms = _sums(terms_difference, horizon)
        base = lagged(own, horizon)
        own = np.diff(own, prepend=np.nan)
    else:
        base = np.zeros(y.size)
    complete = (
        np.isfinite(windows).all(axis=1)
        & np.isfinite(terms).all(axis=1)
        & np.isfinite(base)
        & np.isfinite(lagged(x, horizon + delay))
    )
    response = np.where(complete, level - base, np.nan)
    fixed = memo.of(
        ("own", known, horizon, complete.tobytes()),
        lambda: _own_part(response, terms, own, known, horizon, season),
    )
    if fixed is None:
        return None
    complete = complete & np.isfinite(fixed).all(axis=1)
    response = np.where(complete, response, np.nan)
    rows = np.isfinite(response)
    rows[known:] = False
    seen = windows[rows]
    windows = (windows - seen.mean(axis=0)) / np.maximum(seen.std(axis=0), 1e-300)
    count = max_lag - horizon - delay + 1
    forms = windows.shape[1] // _shapes(count).shape[0]
    log_prior = np.tile(_log_prior(count) - np.log(forms), forms)
    return _Design(response, base, fixed, windows, log_prior, complete)


def _own_part(
    response: FloatArray, terms: FloatArray, own: FloatArray, known: int, horizon: int, season: int
) -> FloatArray | None:
    """Fixed terms and own lags, as chosen on the rows before `known`; None where too few."""
    usable = int(np.isfinite(response[:known]).sum())
    memory = max(10 * np.log10(max(usable, 1)), 2 * season if season <= 12 else 0)
    own_lags = lagged_matrix(own, horizon + np.arange(max(1, int(min(memory, usable // 8)))))
    rows = np.isfinite(response) & np.isfinite(own_lags).all(axis=1)
    rows[known:] = False
    if rows.sum() < FEWEST_ROWS:
        return None
    return chosen_terms(np.nan_to_num(terms), own_lags, response, rows, horizon)


def _sums(columns: FloatArray, width: int) -> FloatArray:
    """Sums over the last `width` rows."""
    total = np.cumsum(columns, axis=0)
    out = np.full(columns.shape, np.nan)
    out[width:] = total[width:] - total[:-width]
    return out


def _windows(
    x: FloatArray,
    terms_level: FloatArray,
    terms_difference: FloatArray,
    target: PastScale,
    metric: PastScale,
    *,
    horizon: int,
    delay: int,
    max_lag: int,
    known: int,
    memo: Memo,
) -> FloatArray:
    """The metric's values known at the origin, weighted by each window, (n_obs, n_windows)."""
    terms = terms_difference if metric.difference else terms_level
    known = known - delay
    series = bridged(metric.of(x), terms, difference=metric.difference, known=known)
    series = without_pattern(
        series, terms_level, terms_difference,
        difference=metric.difference, known=known, memo=memo,
    )  # fmt: skip
    if not target.difference:
        forms = [np.diff(series, prepend=np.nan) if metric.difference else series]
    elif metric.difference:
        forms = [series - lagged(series, horizon)]
    else:
        # The target's change may follow a change of the metric or its level.
        forms = [series - lagged(series, horizon), series]
    reach = horizon + delay
    shapes = _shapes(max_lag - reach + 1)
    lags = np.arange(reach, max_lag + 1)
    return np.hstack([lagged_matrix(form, lags) @ shapes.T for form in forms])


@lru_cache(maxsize=64)
def _shapes(count: int) -> FloatArray:
    """Single lags, means and decays over the known lags, newest first, (n_windows, count)."""
    age = np.arange(count)
    shapes = [(age == at).astype(float) for at in age]
    for width in _WIDTHS:
        starts = range(0, count - width + 1, max(1, width // 3))
        shapes += [((age >= at) & (age < at + width)).astype(float) for at in starts]
    for decay in _DECAYS:
        starts = range(0, count - 1, max(1, int(1 / (1 - decay)) // 2))
        shapes += [np.where(age >= at, decay ** (age - at).clip(0), 0.0) for at in starts]
    return freeze(np.array(shapes))


@lru_cache(maxsize=64)
def _log_prior(count: int) -> FloatArray:
    """Inversely proportional to the age of the newest value in a window; adds up to 1."""
    start = 1.0 + np.argmax(_shapes(count) > 0, axis=1)
    return freeze(-np.log(start) - np.log(np.sum(1.0 / start)))


def _roll(design: _Design, start: int, stop: int, horizon: int) -> FloatArray:
    """Forecasts of the response from origins start..stop - 1, (2, n_origins); NaN where none.

    The target's own regression runs once, by recursive least squares; the metric's windows are
    further responses of it, so that each costs one slope (Frisch–Waugh–Lovell). What a metric adds
    is averaged over all windows and none, by posterior probability: Zellner's g prior with g =
    effective rows (unit information); "no window" has probability .1 beforehand, since a metric is
    asked that was seen to lead; the windows share the rest (`_log_prior`).
    """
    from leadlag.core import rolling as compiled

    rows = np.isfinite(design.response)
    rows[start:] = False
    length = np.linalg.norm(design.fixed[rows], axis=0)
    z = design.fixed / np.where(length > 0, length, 1.0)
    right = np.column_stack([design.windows, design.response])
    q, r = np.linalg.qr(z[rows])
    inverse = np.linalg.pinv(r)
    spread = inverse @ inverse.T
    slopes = inverse @ (q.T @ right[rows])
    left = np.zeros(right.shape)
    left[rows] = right[rows] - z[rows] @ slopes
    seen = design.response[rows]
    out = np.full((2, stop - start), np.nan)
    compiled.roll(
        np.ascontiguousarray(z), right, np.isfinite(design.response), design.complete, start,
        horizon, slopes, spread, left[:, :-1].T @ left[:, -1], (left**2).sum(axis=0),
        int(rows.sum()), np.array([seen.min(), seen.max()]), repetition(left, horizon),
        design.log_prior, _ROOM, float(np.log(_NO_LEAD / (1 - _NO_LEAD))), out,
    )  # fmt: skip
    return out
