import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.tsa.adfvalues import mackinnoncrit
from statsmodels.tsa.stattools import adfuller

from leadlag.core import unit_root
from leadlag.core.unit_root import dickey_fuller, is_stationary
from tests.core import naive_leads


def ar1(n, phi, seed):
    e = np.random.default_rng(seed).standard_normal(n + 50)
    x = np.zeros(n + 50)
    for t in range(1, n + 50):
        x[t] = phi * x[t - 1] + e[t]
    return x[50:]


# --- the statistic -----------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:adfuller currently:FutureWarning")
@pytest.mark.parametrize("trend", [False, True], ids=["constant", "trend"])
@pytest.mark.parametrize("phi", [0.0, 0.8, 1.0])
def test_equals_statsmodels_without_lagged_differences(phi, trend):
    x = ar1(120, phi, 1) + 50
    expected = adfuller(x, maxlag=0, autolag=None, regression="ct" if trend else "c")[0]
    assert dickey_fuller(x, trend=trend, max_order=0) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("trend", [False, True], ids=["constant", "trend"])
@pytest.mark.parametrize("seed", range(4))
def test_equals_the_best_of_statsmodels_regressions(seed, trend):
    x, most = ar1(150, 0.9, seed), 6
    change = np.diff(x)
    rows = np.arange(most, change.size)
    fits = []
    for order in range(most + 1):
        fixed = [np.ones(rows.size), rows.astype(float)][: 1 + trend]
        lags = [change[rows - j] for j in range(1, order + 1)]
        fits.append(OLS(change[rows], np.column_stack([x[rows], *fixed, *lags])).fit())
    best = min(fits, key=lambda fit: fit.aic)
    assert dickey_fuller(x, trend=trend, max_order=most) == pytest.approx(best.tvalues[0], rel=1e-8)


@pytest.mark.parametrize("trend", [False, True], ids=["constant", "trend"])
def test_equals_its_twin(trend):
    x = ar1(60, 0.7, 5)
    twin = naive_leads.dickey_fuller(x.tolist(), trend=trend, max_order=3)
    assert dickey_fuller(x, trend=trend, max_order=3) == pytest.approx(twin, rel=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.floats(-1e3, 1e3), st.floats(0.01, 100), st.sampled_from([-1, 1]))
def test_units_offset_and_sign_change_nothing(seed, offset, scale, sign):
    x = ar1(80, 0.8, seed)
    expected = dickey_fuller(x, trend=False, max_order=2)
    moved = dickey_fuller(offset + sign * scale * x, trend=False, max_order=2)
    assert moved == pytest.approx(expected, rel=1e-6)


def test_a_trend_changes_nothing_where_a_trend_is_fitted():
    x = ar1(120, 0.8, 9)
    tilted = dickey_fuller(x + 3 * np.arange(120), trend=True, max_order=3)
    assert tilted == pytest.approx(dickey_fuller(x, trend=True, max_order=3), rel=1e-8)


def test_a_constant_has_no_statistic_and_is_not_called_stationary():
    assert np.isnan(dickey_fuller(np.full(50, 7.0), trend=False, max_order=2))
    assert not is_stationary(np.full(50, 7.0))


# --- the decision ------------------------------------------------------------------------------


@pytest.mark.parametrize(("regression", "table"), [("c", "_CONSTANT"), ("ct", "_TREND")])
def test_cuts_are_mackinnon_s(regression, table):
    one, five, ten = mackinnoncrit(N=1, regression=regression)
    np.testing.assert_allclose(getattr(unit_root, table), [ten, five, one], atol=1.1e-3)


def test_gaps_at_the_ends_and_inside_do_not_matter_much():
    stationary, walk = ar1(300, 0.3, 2), ar1(300, 1.0, 2)
    for x in (stationary, walk):
        x[:20] = np.nan
        x[100:110] = np.nan
        x[-5:] = np.nan
    assert is_stationary(stationary)
    assert not is_stationary(walk)


def test_a_stationary_series_around_a_trend_is_stationary():
    assert is_stationary(ar1(200, 0.4, 3) + 0.5 * np.arange(200))


@pytest.mark.parametrize(("n", "size"), [(100, 0.20), (500, 0.02)])
def test_walks_are_seldom_called_stationary(n, size):
    """Two tests, each at the level that the length affords: at most twice that level."""
    draws = 200
    rng = np.random.default_rng(n)
    found = sum(is_stationary(rng.standard_normal(n).cumsum()) for _ in range(draws))
    assert found <= stats.binom.ppf(0.9995, draws, size)


@pytest.mark.parametrize(("n", "phi"), [(100, 0.4), (200, 0.6), (500, 0.8)])
def test_short_memories_are_called_stationary(n, phi):
    assert sum(is_stationary(ar1(n, phi, 1000 + i)) for i in range(60)) >= 54


def test_a_long_gap_does_not_pass_for_memory():
    kept = 0
    for seed in range(40):
        x = np.random.default_rng(seed).standard_normal(500)
        x[200:325] = np.nan
        kept += is_stationary(x)
    # A straight line across the gap had 27 % of them taken for unit roots.
    assert kept >= 38
    walk = np.random.default_rng(7).standard_normal(500).cumsum()
    walk[200:325] = np.nan
    assert not is_stationary(walk)
