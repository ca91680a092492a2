import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS

from leadlag.core.autoregression import autoregress
from leadlag.core.direction import examine_direction
from leadlag.core.scale import robust_scale
from tests.core import naive_leads
from tests.core.simulated import ar1, fitted, followed, geweke, linked


def examine(y, x, *, max_lag=8, difference=False):
    return examine_direction(
        fitted(y, difference=difference),
        fitted(x, difference=difference),
        max_lag=max_lag,
        stationary=not difference,
    )


# --- Granger's F -------------------------------------------------------------------------------


def gaussian_pair(seed):
    """Short enough for one noise level throughout, and without an outlier to bring in."""
    rng = np.random.default_rng(seed)
    return linked(100, 0.4, [0.0, 0.3, 0.6][seed % 3], 0.3, rng)


def by_hand(y, x, *, max_lag):
    """Rows, and designs with 0 … max_lag lags of x, all on the rows of the deepest.

    Up to six lags enter as the metric's values, beside as many own lags, one for 20 rows at most,
    or as many as the target's own autoregression has.
    """
    order = fitted(y).order
    own = max(order, min(max_lag, (y.size - max(1, order)) // 20))
    rows = np.arange(max(own, max_lag) + 1, y.size)
    past = [np.ones(rows.size), *(y[rows - j] for j in range(1, own + 1))]
    lags = [x[rows - j] for j in range(1, max_lag + 1)]
    alone = np.column_stack([np.ones(y.size - own), *(y[own - j : -j] for j in range(1, own + 1))])
    left = OLS(y[own:], alone).fit().resid
    assert np.abs(left).max() < 4 * robust_scale(left), "choose a seed without an outlier"
    return rows, [np.column_stack([*past, *lags[:k]]) for k in range(max_lag + 1)]


@pytest.mark.parametrize("max_lag", [1, 3, 4])
@pytest.mark.parametrize("seed", range(9))
def test_granger_equals_statsmodels(seed, max_lag):
    x, y = gaussian_pair(seed)
    rows, designs = by_hand(y, x, max_lag=max_lag)
    fits = [OLS(y[rows], design).fit() for design in designs]
    best = min(range(1, max_lag + 1), key=lambda k: fits[k].bic)
    found = examine(y, x, max_lag=max_lag)
    assert found.granger_order == best
    assert found.granger_p == pytest.approx(fits[best].compare_f_test(fits[0])[1], rel=1e-6)


@pytest.mark.parametrize("seed", [1, 2])
def test_granger_equals_its_twin(seed):
    x, y = gaussian_pair(seed)
    rows, designs = by_hand(y, x, max_lag=3)
    found = examine(y, x, max_lag=3)
    k = found.granger_order
    small, large = (naive_leads.residual_sum(designs[j].tolist(), y[rows].tolist()) for j in (0, k))
    df = rows.size - designs[k].shape[1]
    assert found.granger_p == pytest.approx(
        stats.f.sf((small - large) / k / (large / df), k, df), rel=1e-6
    )


# --- what does not matter ----------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 500), st.sampled_from([-1e3, -1.0, 1e-6, 1e6]), st.booleans(), st.booleans())
def test_units_signs_and_offsets_change_nothing(seed, unit, difference, of_target):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, 90))
    if difference:
        x, y = x.cumsum(), y.cumsum()
    before = examine(y, x, difference=difference)
    moved = examine(
        unit * y + 5 if of_target else y,
        x if of_target else unit * x + 5,
        difference=difference,
    )
    assert moved.p_value == pytest.approx(before.p_value, rel=1e-6)
    assert moved.granger_p == pytest.approx(before.granger_p, rel=1e-6)
    assert moved.gain == pytest.approx(before.gain, rel=1e-6, abs=1e-9)
    assert (moved.n_obs, moved.granger_order) == (before.n_obs, before.granger_order)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 500), st.integers(1, 20), st.integers(30, 90))
def test_results_are_probabilities_and_the_residual_lies_on_its_rows(seed, max_lag, n):
    rng = np.random.default_rng(seed)
    found = examine(rng.standard_normal(n), rng.standard_normal(n), max_lag=max_lag)
    assert 0 < found.p_value <= 1
    assert 0 < found.granger_p <= 1
    assert 1 <= found.granger_order <= max_lag
    assert found.gain >= 0
    assert np.isfinite(found.residual).sum() == found.n_obs <= n


def test_fixed_terms_of_the_target_are_held_constant():
    """A weekly pattern in both is no lead, once both equations hold it."""
    rng = np.random.default_rng(3)
    week = np.tile([5.0, 0, 0, 0, -5, 0, 0], 30)
    days = np.eye(7)[np.arange(210) % 7]
    x, y = week + rng.standard_normal(210), np.roll(week, 2) + rng.standard_normal(210)
    sides = [autoregress(v, days, max_order=8, difference=False) for v in (y, x)]
    assert examine_direction(*sides, max_lag=8, stationary=True).p_value > 0.01
    bare = [autoregress(v, np.ones((210, 1)), max_order=1, difference=False) for v in (y, x)]
    assert examine_direction(*bare, max_lag=8, stationary=True).p_value < 1e-6


def test_an_outlier_in_both_makes_no_lead():
    rng = np.random.default_rng(4)
    x, y = rng.standard_normal((2, 200))
    x[100], y[103] = 50, 50
    assert examine(y, x).p_value > 0.001


def test_a_near_copy_does_not_inherit_the_memory_that_the_target_s_own_past_missed():
    """An echo after nine periods, beyond the orders tried; the copy knows nothing more."""
    rng = np.random.default_rng(11)
    found = 0
    for _ in range(60):
        e = rng.standard_normal(209)
        y = e[9:] + 0.5 * e[:-9]
        x = y + 0.5 * rng.standard_normal(200)
        one = np.ones((200, 1))
        sides = [autoregress(v, one, max_order=3, difference=False) for v in (y, x)]
        found += examine_direction(*sides, max_lag=12, stationary=True).p_value <= 0.05
    assert found <= 15


def test_the_past_matters_and_the_future_does_not():
    rng = np.random.default_rng(5)
    x = rng.standard_normal(250)
    y = np.r_[rng.standard_normal(4), x[:-4]] + rng.standard_normal(250)
    assert examine(y, x).p_value < 1e-10
    assert examine(x, y).p_value > 0.05


def test_a_gap_in_the_metric_is_not_bridged_from_the_target():
    rng = np.random.default_rng(6)
    x, y = followed(250, np.r_[np.zeros(3), 0.8], rng)
    x[100:120] = np.nan
    found = examine(y, x)
    assert found.p_value < 1e-8
    assert found.n_obs > 220


# --- Geweke's ratio ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "effect", "memory"),
    [(0.0, 0.5, 0.0), (0.6, 0.5, 0.0), (0.0, 0.4, 0.7), (0.5, 0.3, 0.5)],
)
def test_gain_is_the_population_s_on_average(own, effect, memory):
    rng = np.random.default_rng(8)
    forward, reverse = [], []
    for _ in range(40):
        x, y = linked(400, own, effect, memory, rng)
        forward.append(examine(y, x).gain)
        reverse.append(examine(x, y).gain)
    error = np.std(forward, ddof=1) / np.sqrt(len(forward))
    assert abs(np.mean(forward) - geweke(effect, memory)) < 4 * error
    # Not below 0 by construction, hence a little above it on average.
    assert np.mean(reverse) < 0.01


def test_the_population_s_gain_is_what_a_large_sample_shows():
    """The closed form above against plain regressions on long pasts."""
    x, y = linked(100_000, 0.5, 0.3, 0.5, np.random.default_rng(9))
    rows = np.arange(30, y.size)
    past = np.column_stack([y[rows - j] for j in range(1, 31)])
    alone = OLS(y[rows], past).fit().ssr
    both = OLS(y[rows], np.column_stack([past, x[rows - 1]])).fit().ssr
    assert np.log(alone / both) == pytest.approx(geweke(0.3, 0.5), abs=0.005)


def test_gain_of_unrelated_memories_is_small():
    rng = np.random.default_rng(10)
    gains = [examine(ar1(300, 0.8, rng), ar1(300, 0.8, rng)).gain for _ in range(40)]
    assert np.mean(gains) < 0.015


# --- leads that change over time ---------------------------------------------------------------


def changing(seed, after, *, n=400, effect=0.4, lag=4):
    """A lead of four periods that turns into `after` times itself at 60 % of the rows."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    response = effect * np.r_[np.zeros(lag), x[:-lag]]
    held = np.where(np.arange(n) < 0.6 * n, 1.0, after)
    return response * held + ar1(n, 0.5, rng), x


@pytest.mark.parametrize("seed", range(4))
def test_a_lead_that_turns_round_is_found(seed):
    y, x = changing(seed, -1.0)
    found = examine(y, x)
    assert found.p_value < 0.01
    assert found.pattern is not None
    turned = np.sign(found.pattern[0]) * found.pattern
    assert (turned[:200] == 1).all()
    assert (turned[280:] == -1).all()


@pytest.mark.parametrize("seed", range(4))
def test_a_lead_that_ends_is_found(seed):
    y, x = changing(seed, 0.0)
    assert examine(y, x).p_value < 0.02


@pytest.mark.parametrize("seed", range(4))
def test_a_steady_lead_has_no_pattern(seed):
    y, x = changing(seed, 1.0)
    found = examine(y, x)
    assert found.p_value < 1e-3
    assert found.pattern is None


def test_too_few_rows_are_not_asked_about_a_change():
    y, x = changing(0, -1.0, n=110)
    assert examine(y, x).pattern is None
