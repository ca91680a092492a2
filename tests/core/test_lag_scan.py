from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS

from leadlag.core import direction
from leadlag.core.direction import examine_direction
from leadlag.core.lag_scan import bent, largest_t_p_value, scan_lags, through_past_of
from leadlag.core.window_test import news_beyond, score_windows
from tests.core.simulated import ar1, fitted

# --- the p-value of the largest t ---------------------------------------------------------------


def naive_bound(t, correlations, df):
    """Each event, less each pair of neighbours, by the bivariate normal distribution itself."""
    one = 2 * stats.t.sf(t, df)
    c = -stats.norm.ppf(one / 2)
    p = one * (len(correlations) + 1)
    for r in correlations:
        for sign in (1, -1):
            p -= 2 * stats.multivariate_normal([0, 0], [[1, sign * r], [sign * r, 1]]).cdf([-c, -c])
    return min(1.0, max(one, p))


@pytest.mark.parametrize("t", [0.3, 1.5, 2.5, 4.0])
@pytest.mark.parametrize("df", [12.0, 300.0])
def test_the_bound_equals_its_twin(t, df):
    r = np.array([0.0, 0.3, -0.6, 0.9, -0.99])
    assert largest_t_p_value(t, r, df=df) == pytest.approx(naive_bound(t, r, df), rel=1e-5)


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9, 0.98])
def test_the_bound_holds_and_is_close(memory):
    """Largest of 20 scores whose correlations fall off as those of an autoregression do."""
    rng = np.random.default_rng(1)
    apart = np.abs(np.subtract.outer(np.arange(20), np.arange(20)))
    scores = rng.multivariate_normal(np.zeros(20), memory**apart, size=40_000)
    largest = np.abs(scores).max(axis=1)
    for level in (0.1, 0.01):
        t = np.quantile(largest, 1 - level)
        p = largest_t_p_value(t, np.full(19, memory), df=1e7)
        # Neighbours that are nearly one are paid for more than once: the bound is wide there.
        assert level * 0.93 <= p <= level * (1.35 if memory < 0.95 else 1.7)
        assert p <= 20 * 2 * stats.norm.sf(t) + 1e-12


def test_far_scores_have_small_p_values_and_never_zero():
    r = np.full(9, 0.5)
    p = [largest_t_p_value(t, r, df=500.0) for t in (5.0, 10.0, 30.0, 1e6)]
    assert all(np.diff(p) < 0)
    assert p[-1] > 0


# --- the scan ----------------------------------------------------------------------------------


def scan(y, x, *, max_lag=8, side=0):
    """The scan on plain rows: a constant and the response's own lags held."""
    response, metric = fitted(y), fitted(x)
    rows = np.arange(y.size) >= max_lag + response.order
    past = [np.roll(y, k)[rows] for k in range(1, response.order + 1)]
    basis = np.linalg.qr(np.column_stack([np.ones(rows.sum()), *past]))[0]
    surprise = y[rows] - basis @ (basis.T @ y[rows])
    regressor = through_past_of(response, (metric.departures, *bent(metric))[side])
    p = scan_lags(surprise, basis, regressor, rows, np.ones(rows.sum()), max_lag)
    return p, surprise, basis, regressor, rows


@pytest.mark.parametrize("seed", range(4))
def test_the_scan_equals_a_regression_a_lag(seed):
    rng = np.random.default_rng(seed)
    x, y = ar1(160, 0.7, rng), ar1(160, 0.4, rng)
    p, surprise, basis, regressor, rows = scan(y, x)
    at = np.flatnonzero(rows)
    lags = [regressor[at - k] for k in range(1, 9)]
    fits = [OLS(surprise, np.column_stack([basis, lag])).fit() for lag in lags]
    t = max(abs(fit.tvalues[-1]) for fit in fits)
    left = [OLS(lag, basis).fit().resid for lag in lags]
    alike = [np.corrcoef(a, b)[0, 1] for a, b in pairwise(left)]
    df = fits[0].df_resid
    assert p == pytest.approx(naive_bound(t, alike, df), rel=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 500), st.sampled_from([-1e4, -1.0, 1e-5, 30.0]), st.integers(0, 2))
def test_units_and_offsets_change_nothing(seed, unit, side):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, 120))
    # Turned round, what was above lies below.
    turned = {0: 0, 1: 2, 2: 1}[side] if unit < 0 else side
    assert scan(y, unit * x + 7, side=turned)[0] == pytest.approx(scan(y, x, side=side)[0])
    assert scan(unit * y - 3, x, side=side)[0] == pytest.approx(scan(y, x, side=side)[0])


def test_what_is_held_constant_and_too_few_rows_say_nothing():
    rows, one = np.ones(40, dtype=bool), np.full((40, 1), 1 / np.sqrt(40))
    rng = np.random.default_rng(0)
    surprise = rng.standard_normal(40)
    surprise -= surprise.mean()
    assert scan_lags(surprise, one, np.zeros(40), rows, np.ones(40), 5) == 1.0
    assert np.isnan(scan_lags(np.zeros(40), one, surprise, rows, np.ones(40), 5))
    few = np.zeros(40, dtype=bool)
    few[:4] = True
    assert np.isnan(scan_lags(surprise[:4], one[:4] * np.sqrt(10), surprise, few, np.ones(4), 2))


def test_values_tell_more_than_news_where_memories_differ():
    """A slow metric moves a target without memory: each value says it, each innovation a part."""
    rng = np.random.default_rng(2)
    better = 0
    for _ in range(40):
        x = ar1(253, 0.8, rng)
        y = 0.15 * x[:-3] + rng.standard_normal(250)
        p, surprise, basis, _, rows = scan(y, x[3:])
        response, metric = fitted(y), fitted(x[3:])
        news = news_beyond(metric, response)
        by_news = score_windows(surprise, basis, news, rows, np.ones(rows.sum()), 8).p_value
        better += p < by_news
    assert better >= 28


def test_a_lead_above_a_bend_is_found_by_what_lies_above_it():
    rng = np.random.default_rng(3)
    better, shown = 0, 0
    for _ in range(40):
        x = rng.standard_normal(304)
        y = 0.6 * np.maximum(x[:-4] - 0.5, 0) + rng.standard_normal(300)
        straight, above = (scan(y, x[4:], side=side)[0] for side in (0, 1))
        better += above < straight
        shown += above <= 0.05
    assert better >= 28
    assert shown >= 32


@pytest.mark.parametrize("side", [0, 1, 2])
@pytest.mark.parametrize(("of_y", "of_x"), [(0.0, 0.9), (0.9, 0.0), (0.8, 0.8)])
def test_strangers_are_rejected_at_the_level(of_y, of_x, side):
    rng = np.random.default_rng(4)
    p = np.array([scan(ar1(150, of_y, rng), ar1(150, of_x, rng), side=side)[0] for _ in range(400)])
    for level in (0.10, 0.05, 0.01):
        assert (p <= level).sum() <= stats.binom.ppf(0.9995, p.size, level)
    assert (p <= 0.10).sum() >= stats.binom.ppf(0.0005, p.size, 0.07)


def test_a_lead_above_a_bend_is_found_in_the_direction(monkeypatch):
    def found():
        rng, p = np.random.default_rng(5), np.empty(30)
        for i in range(p.size):
            x = rng.standard_normal(304)
            y = 0.7 * np.maximum(x[:-4] - 0.5, 0) + rng.standard_normal(300)
            sides = fitted(y), fitted(x[4:])
            p[i] = examine_direction(*sides, max_lag=10, stationary=True).p_value
        return p

    p = found()
    monkeypatch.setattr(direction, "_WEIGHTS", (*direction._WEIGHTS[:5], 1e-12, 1e-12))
    without = found()
    assert np.median(np.log(p)) < np.median(np.log(without)) - 0.7
    assert (p <= 0.05).sum() > (without <= 0.05).sum()
