import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.ar_model import AutoReg

from leadlag.core.autoregression import autoregress, orthonormal
from leadlag.core.memo import Memo
from tests.core import naive_leads


def simulate(n, coefficients, seed):
    x = np.random.default_rng(seed).standard_normal(n + 100)
    for t in range(len(coefficients), n + 100):
        x[t] += sum(c * x[t - j] for j, c in enumerate(coefficients, start=1))
    return x[100:]


def constant(x):
    return np.ones((x.size, 1))


def fitted(x, *, max_order=8, difference=False, terms=None):
    terms = constant(x) if terms is None else terms
    return autoregress(x, terms, max_order=max_order, difference=difference)


# --- orthonormal -------------------------------------------------------------------------------


def test_orthonormal_spans_what_the_columns_span():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((30, 4)) * [1e-9, 1, 1e9, 1]
    basis = orthonormal(a)
    np.testing.assert_allclose(basis.T @ basis, np.eye(4), atol=1e-12)
    np.testing.assert_allclose(basis @ (basis.T @ a), a, rtol=1e-8, atol=1e-20)


@pytest.mark.parametrize(
    ("columns", "rank"),
    [
        (np.zeros((5, 2)), 0),
        (np.zeros((5, 0)), 0),
        (np.column_stack([np.ones(5), np.zeros(5)]), 1),
        (np.column_stack([np.ones(5), 3 * np.ones(5), np.arange(5.0)]), 2),
        (np.hstack([np.eye(5), np.ones((5, 1))]), 5),
    ],
    ids=["zeros", "none", "one zero", "a copy", "dummies and a constant"],
)
def test_orthonormal_drops_what_is_redundant(columns, rank):
    assert orthonormal(columns).shape == (5, rank)


# --- without gaps ------------------------------------------------------------------------------


@pytest.mark.parametrize("coefficients", [[0.7], [0.5, -0.4], [0.0, 0.0, 0.6], [-0.8]])
def test_equals_statsmodels_at_its_order(coefficients):
    x = simulate(200, coefficients, 1) + 40
    fit = fitted(x)
    expected = AutoReg(x, lags=fit.order, trend="c").fit()
    np.testing.assert_allclose(fit.coefficients, expected.params[1:], rtol=1e-8)
    np.testing.assert_allclose(fit.innovations[fit.order :], expected.resid, atol=1e-9)
    assert np.isnan(fit.innovations[: fit.order]).all()
    assert fit.bridged == 0


@pytest.mark.parametrize("seed", range(6))
def test_order_equals_its_twin(seed):
    x = simulate(60, [[], [0.6], [0.3, 0.3], [0.0, 0.0, 0.6]][seed % 4], seed)
    assert fitted(x, max_order=5).order == naive_leads.autoregression_order(x, max_order=5)


def test_terms_equal_a_regression_with_them():
    x = simulate(150, [0.6], 2)
    trend = np.arange(150) / 150
    fit = fitted(x + 9 * trend, terms=np.column_stack([np.ones(150), trend]))
    expected = AutoReg(x + 9 * trend, lags=fit.order, trend="ct").fit()
    np.testing.assert_allclose(fit.innovations[fit.order :], expected.resid, atol=1e-9)


def test_a_differenced_fit_is_a_fit_of_the_differences():
    walk = np.cumsum(simulate(200, [0.5], 3))
    fit = fitted(walk, difference=True)
    expected = AutoReg(np.diff(walk), lags=fit.order, trend="c").fit()
    np.testing.assert_allclose(fit.series[1:], np.diff(walk))
    np.testing.assert_allclose(fit.innovations[fit.order + 1 :], expected.resid, atol=1e-9)
    assert np.isnan(fit.series[0])
    assert not fit.observed[0]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 500), st.floats(-1e3, 1e3), st.floats(0.01, 1e3), st.booleans())
def test_units_and_offset_only_scale_the_innovations(seed, offset, unit, difference):
    x = simulate(70, [0.5], seed)
    before = fitted(x, difference=difference)
    after = fitted(offset + unit * x, difference=difference)
    assert after.order == before.order
    np.testing.assert_allclose(after.innovations, unit * before.innovations, atol=1e-7 * unit)


def test_redundant_terms_change_nothing():
    x = simulate(100, [0.5], 4)
    ones, ramp = np.ones(100), np.arange(100.0)
    lean = fitted(x, terms=np.column_stack([ones, ramp]))
    fat = fitted(x, terms=np.column_stack([ones, ramp, ramp + 5 * ones, 0 * ones]))
    np.testing.assert_allclose(fat.innovations, lean.innovations, atol=1e-9)
    assert fat.terms.shape[1] == 2


# --- gaps --------------------------------------------------------------------------------------


@pytest.mark.parametrize("difference", [False, True], ids=["level", "difference"])
def test_a_missing_value_is_never_an_observation(difference):
    x = simulate(200, [0.6], 5)
    x = x.cumsum() if difference else x
    x[[50, 51, 120]] = np.nan
    fit = fitted(x, difference=difference)
    assert np.isnan(fit.innovations[[50, 51, 120]]).all()
    assert not fit.observed[[50, 51, 120]].any()
    assert np.isfinite(fit.series[[50, 51, 120]]).all()
    assert fit.bridged == 3
    rest = np.setdiff1d(np.arange(fit.order + difference, 200), [50, 51, 120])
    assert np.isfinite(fit.innovations[rest]).all()


def test_a_gap_is_bridged_by_the_forecast_from_the_past():
    x = simulate(200, [0.9, -0.6], 6) + 10
    x[[40, 41, 42, 150]] = np.nan
    fit = fitted(x)
    assert fit.order >= 2
    constants = [
        fit.series[t] - sum(c * fit.series[t - j] for j, c in enumerate(fit.coefficients, start=1))
        for t in (40, 41, 42, 150)
    ]
    np.testing.assert_allclose(constants, constants[0], rtol=1e-9)
    # That constant over (1 - sum of coefficients) is the mean of the series.
    assert constants[0] / (1 - fit.coefficients.sum()) == pytest.approx(np.nanmean(x), abs=0.3)


def test_the_difference_behind_a_gap_holds_what_happened_meanwhile():
    walk = simulate(200, [0.4], 7).cumsum()
    walk[60:65] = np.nan
    fit = fitted(walk, difference=True)
    assert fit.series[60:66].sum() == pytest.approx(walk[65] - walk[59])
    assert fit.observed[65]


@pytest.mark.parametrize("difference", [False, True], ids=["level", "difference"])
def test_late_starts_and_early_ends_shift_nothing(difference):
    x = simulate(200, [0.6], 8)
    framed = np.r_[np.full(30, np.nan), x, np.full(12, np.nan)]
    alone, inside = fitted(x, difference=difference), fitted(framed, difference=difference)
    assert inside.order == alone.order
    np.testing.assert_allclose(inside.innovations[30:230], alone.innovations, atol=1e-9)
    assert np.isnan(inside.innovations[230:]).all()
    assert np.isnan(inside.series[:30]).all()
    assert inside.bridged == 0


@pytest.mark.parametrize("every", [2, 3, 7])
@pytest.mark.parametrize("memory", [0.0, 0.6, 1.0])
def test_a_series_known_every_few_periods_does_not_run_off(every, memory):
    line = np.column_stack([np.ones(300), np.arange(300) - 149.5])
    for seed in range(12):
        x = simulate(300, [memory], seed) if memory < 1 else simulate(300, [0.0], seed).cumsum()
        known = np.where(np.arange(300) % every, np.nan, x)
        fit = autoregress(known, line, max_order=14, difference=False)
        spread = (1 + 1e-9) * (np.nanmax(known) - np.nanmin(known))
        assert np.nanmax(fit.series) <= np.nanmax(known) + spread
        assert np.nanmin(fit.series) >= np.nanmin(known) - spread
        if memory == 0.0 and every == 2:
            # Its values are their own news: neither the next one nor their neighbour tells them.
            news = np.isfinite(fit.innovations)
            assert np.corrcoef(fit.innovations[news], x[news])[0, 1] > 0.9


def test_coefficients_survive_a_fifth_missing():
    found = []
    for seed in range(30):
        x = simulate(300, [0.7], seed)
        x[np.random.default_rng(seed).random(300) < 0.2] = np.nan
        fit = autoregress(x, constant(x), max_order=4, difference=False)
        found.append(fit.coefficients[0] if fit.order else 0.0)
    assert np.mean(found) == pytest.approx(0.7, abs=0.06)


# --- calibration -------------------------------------------------------------------------------


def test_white_noise_has_order_zero_and_memory_is_found():
    orders = [fitted(simulate(200, [], seed), max_order=20).order for seed in range(100)]
    assert np.mean(np.array(orders) == 0) >= 0.85
    orders = [fitted(simulate(200, [0.4, 0.3], seed), max_order=20).order for seed in range(60)]
    assert np.mean(np.array(orders) >= 2) >= 0.8
    assert np.mean(orders) < 3


def test_innovations_of_the_right_order_are_white():
    lag_one = []
    for seed in range(40):
        e = fitted(simulate(200, [0.5, 0.3], seed)).innovations
        e = e[np.isfinite(e)]
        lag_one.append(e[1:] @ e[:-1] / (e @ e))
    assert abs(np.mean(lag_one)) < 0.03


def test_series_that_share_bases_are_fitted_as_they_are_alone():
    rng = np.random.default_rng(3)
    n = 240
    terms = np.column_stack([np.ones(n), np.arange(n) / n, np.eye(7)[np.arange(n) % 7][:, 1:]])
    memo = Memo(4)
    for _ in range(6):
        x = 100 + np.cumsum(rng.standard_normal(n))
        x[rng.random(n) < rng.choice([0.0, 0.05])] = np.nan
        alone = autoregress(x, terms, max_order=10, difference=False)
        shared = autoregress(x, terms, max_order=10, difference=False, memo=memo)
        assert shared.order == alone.order
        np.testing.assert_array_equal(shared.innovations, alone.innovations)
