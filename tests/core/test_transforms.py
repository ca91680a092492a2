import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from leadlag.core.transforms import log_offset, prefers_log


def growth(n, seed, *, volatility=0.1):
    rng = np.random.default_rng(seed)
    return np.exp(3 + np.cumsum(volatility * rng.standard_normal(n)))


def counts(n, seed, *, mean=6.0):
    return np.random.default_rng(seed).poisson(mean, n).astype(float)


# --- log_offset --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([1.0, 2.0], 0.0),
        ([0.0, 4.0, 2.0], 1.0),
        ([0.0, np.nan, 0.5], 0.25),
        ([3.0, np.nan], 0.0),
    ],
    ids=["positive", "zero", "zero and gap", "gap"],
)
def test_log_offset(x, expected):
    assert log_offset(np.array(x)) == expected


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=2, max_size=20), st.floats(1e-6, 1e6))
def test_a_change_of_units_moves_the_logarithm_by_a_constant(values, unit):
    x = np.array([1.0, 0.0, *values])
    before = np.log(x + log_offset(x))
    after = np.log(unit * x + log_offset(unit * x))
    np.testing.assert_allclose(after - before, np.log(unit), atol=1e-9)


# --- prefers_log -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (growth(200, 0), True),
        (counts(200, 1, mean=400.0), False),
        (growth(200, 0) + 1e4, False),
        (-growth(200, 0), False),
        (np.r_[growth(200, 0), -1e-9], False),
        (np.where(np.arange(200) % 3 > 0, 0.0, growth(200, 0)), False),
        (growth(11, 0, volatility=1.0), False),
        (np.random.default_rng(2).standard_normal(200), False),
    ],
    ids=[
        "growth",
        "counts",
        "far from zero",
        "negative",
        "one negative",
        "mostly zero",
        "short",
        "noise",
    ],
)
def test_which_series_are_logged(x, expected):
    assert prefers_log(x) is expected


def test_gaps_are_closed_up():
    x = growth(200, 3)
    gappy = np.insert(x, [0, 50, 50, 120, 200], np.nan)
    assert prefers_log(gappy) == prefers_log(x)


def between(seed):
    """A slow series to the power of 1 to 5, so that both answers occur."""
    rng = np.random.default_rng(seed)
    x = np.zeros(150)
    for t in range(1, 150):
        x[t] = 0.8 * x[t - 1] + rng.standard_normal()
    return (x + 8).clip(0.1) ** (1 + seed / 4)


def better_in_logs(x, lags):
    def likelihood(z):
        t = np.arange(max(lags), z.size)
        design = np.column_stack([np.ones(t.size), t, *(z[t - k] for k in lags)])
        return OLS(z[t], design).fit().llf

    jacobian = -np.log(x)[max(lags) :].sum()
    return bool(likelihood(np.log(x)) + jacobian - likelihood(x) > 2)


@pytest.mark.parametrize(("season", "lags"), [(0, [1, 2, 3]), (7, [1, 2, 3, 7]), (52, [1, 2, 3])])
def test_equals_statsmodels_likelihoods_with_the_jacobian(season, lags):
    answers = [prefers_log(between(seed), season=season) for seed in range(16)]
    assert answers == [better_in_logs(between(seed), lags) for seed in range(16)]
    assert set(answers) == {False, True}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 500), st.sampled_from([1e-6, 1e-3, 60.0, 1000.0, 1e9]), st.booleans())
def test_units_do_not_decide(seed, unit, sparse):
    x = counts(80, seed, mean=1.5) if sparse else growth(80, seed, volatility=0.02)
    assert prefers_log(unit * x) == prefers_log(x)
