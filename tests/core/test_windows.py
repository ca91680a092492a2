import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from leadlag.core.windows import (
    best_window_p_value,
    changing_windows,
    effective_windows,
    lag_windows,
    patterns,
)

MANY = 1e7  # degrees of freedom at which Student's t is normal
SMALL_P = (0.1, 0.01, 0.001)


def largest_scores(max_lag, *, draws=200_000, seed=0):
    """Brute force: the best window of white noise, draw by draw."""
    rng = np.random.default_rng(seed)
    windows = lag_windows(max_lag)
    largest = []
    for _ in range(draws // 5000):
        g = rng.standard_normal((5000, max_lag))
        largest.append(np.abs(g @ windows.T).max(axis=1))
    return np.concatenate(largest)


# --- the dictionary ----------------------------------------------------------------------------


@pytest.mark.parametrize("max_lag", [1, 2, 3, 12, 48])
def test_windows_have_length_one_and_are_all_different(max_lag):
    windows = lag_windows(max_lag)
    np.testing.assert_allclose((windows**2).sum(axis=1), 1.0)
    alike = np.abs(windows @ windows.T) - np.eye(len(windows))
    assert alike.max(initial=0) < 1 - 1e-6


@pytest.mark.parametrize("max_lag", [1, 2, 12, 48])
def test_every_single_lag_and_every_change_is_there(max_lag):
    windows = lag_windows(max_lag)

    def holds(shape):
        return np.isclose(windows @ (shape / np.linalg.norm(shape)), 1.0).any()

    lags = np.arange(max_lag)
    assert all(holds((lags == at).astype(float)) for at in lags)
    assert all(holds((lags == at).astype(float) - (lags == at + 1)) for at in lags[:-1])


@pytest.mark.parametrize("decay", [0.5, 0.75, 0.88, 0.94])
def test_slow_fading_has_its_windows(decay):
    for start in (0, 6):
        shape = np.r_[np.zeros(start), decay ** np.arange(48 - start)]
        closeness = lag_windows(48) @ (shape / np.linalg.norm(shape))
        assert closeness.max() > (0.999 if start == 0 else 0.9)


def test_a_dictionary_is_made_once_and_cannot_be_written():
    assert lag_windows(9) is lag_windows(9)
    assert not lag_windows(9).flags.writeable


# --- the price of the search -------------------------------------------------------------------


@pytest.mark.parametrize("max_lag", [1, 5, 12, 26])
def test_p_value_equals_brute_force(max_lag):
    """Within four standard errors of 200,000 draws and the few percent that the table may err."""
    largest = largest_scores(max_lag)
    for p in SMALL_P:
        score = np.quantile(largest, 1 - p)
        error = 4 * np.sqrt(p * (1 - p) / largest.size) + 0.04 * p
        assert best_window_p_value(score, max_lag=max_lag, df=MANY) == pytest.approx(p, abs=error)


@pytest.mark.parametrize(("df", "most"), [(30, 1.45), (150, 1.15)])
def test_few_degrees_of_freedom_never_cost_validity(df, most):
    """One noise estimate behind all windows makes the p-value too large, not too small."""
    rng = np.random.default_rng(1)
    largest = largest_scores(12)
    largest /= np.sqrt(rng.chisquare(df, largest.size) / df)
    for p in (0.1, 0.01):
        ratio = best_window_p_value(np.quantile(largest, 1 - p), max_lag=12, df=df) / p
        assert 0.95 < ratio < most


@pytest.mark.parametrize("df", [3.0, 20.0, 500.0])
@pytest.mark.parametrize("score", [0.6, 2.0, 5.0, 12.0])
def test_one_lag_is_the_two_sided_t_test(score, df):
    expected = 2 * stats.t.sf(score, df)
    assert best_window_p_value(score, max_lag=1, df=df) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("max_lag", [1, 2, 12, 48])
@pytest.mark.parametrize("df", [5.0, 60.0, 1e4])
def test_p_value_falls_with_the_score(max_lag, df):
    p = np.array([best_window_p_value(s, max_lag=max_lag, df=df) for s in np.linspace(0, 30, 1500)])
    assert p[0] == 1.0
    assert ((p > 0) & (p <= 1)).all()
    ordinary = p < 0.9
    assert (np.diff(p[ordinary]) < 0).all()
    # The table is drawn by lot: where nearly every draw exceeds the score it may waver a little.
    assert np.diff(p).max() < 1e-3


@settings(max_examples=40, deadline=None)
@given(st.floats(0.5, 14), st.integers(1, 40), st.floats(5, 1e5))
def test_p_value_lies_between_one_window_and_all_of_them(score, max_lag, df):
    p = best_window_p_value(score, max_lag=max_lag, df=df)
    single = 2 * stats.t.sf(score, df)
    assert p >= min(1.0, 0.9 * single)
    assert p <= min(1.0, 1.0001 * len(lag_windows(max_lag)) * single)


def test_the_far_tail_is_finite():
    p = best_window_p_value(30.0, max_lag=12, df=MANY)
    assert 1e-198 < p < 1e-192
    assert best_window_p_value(1e6, max_lag=12, df=MANY) > 0


@pytest.mark.parametrize("score", [0.0, -1.0, np.nan])
def test_no_score_is_no_evidence(score):
    assert best_window_p_value(score, max_lag=12, df=100) == 1.0


@pytest.mark.parametrize("max_lag", [1, 5, 26])
def test_effective_windows_is_the_price(max_lag):
    for score in (1.0, 3.0, 5.0):
        count = effective_windows(score, max_lag=max_lag, df=200.0)
        assert 1 <= count <= len(lag_windows(max_lag)) * 1.0001
        p = best_window_p_value(score, max_lag=max_lag, df=200.0)
        if p < 0.3:
            assert p == pytest.approx(count * 2 * stats.t.sf(score, 200.0), rel=1e-6)


def test_a_longer_search_costs_more():
    p = [best_window_p_value(3.5, max_lag=k, df=200.0) for k in (1, 2, 6, 12, 24, 48)]
    assert p == sorted(p)
    assert p[-1] > 10 * p[0]


# --- leads that change -------------------------------------------------------------------------


@pytest.mark.parametrize("max_lag", [1, 3, 12])
def test_what_a_changing_lead_may_do_is_one_direction_each(max_lag):
    directions = np.kron(patterns(), changing_windows(max_lag))
    np.testing.assert_allclose((directions**2).sum(axis=1), 1.0)
    alike = np.abs(directions @ directions.T) - np.eye(len(directions))
    assert alike.max() < 1 - 1e-6


@pytest.mark.parametrize("max_lag", [1, 5, 12])
def test_the_search_for_a_change_is_paid_for_as_brute_force_says(max_lag):
    rng = np.random.default_rng(0)
    directions = np.kron(patterns(), changing_windows(max_lag))
    largest = np.concatenate(
        [
            np.abs(rng.standard_normal((4000, directions.shape[1])) @ directions.T).max(axis=1)
            for _ in range(25)
        ]
    )
    for p in SMALL_P:
        score = np.quantile(largest, 1 - p)
        error = 4 * np.sqrt(p * (1 - p) / largest.size) + 0.06 * p
        found = best_window_p_value(score, max_lag=max_lag, df=MANY, changing=True)
        assert found == pytest.approx(p, abs=error)
