"""Agreement over windows of time and the test of constancy, beside loops and known situations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from leadlag.core.stability import measure_stability


def _slow(response: np.ndarray, regressor: np.ndarray, max_lag: int) -> tuple[float, float]:
    """Agreement and Cochran's Q by ordinary regressions, one window at a time."""
    n = response.size
    count = min(n // max(60, 3 * max_lag), 8)
    windows = np.arange(n) * count // n
    slopes, left = [], 0.0
    for w in range(count):
        x, y = regressor[windows == w, None], response[windows == w]
        solution, rest = np.linalg.lstsq(x, y, rcond=None)[:2]
        slopes.append(solution[0])
        left += rest[0]
    noise = left / (n - count)
    size = np.array([np.sum(regressor[windows == w] ** 2) for w in range(count)])
    common = np.sum(size * slopes) / np.sum(size)
    q = np.sum((slopes - common) ** 2 * size / noise)
    changes = []
    for cut in range(1, count):
        early, late = windows < cut, windows >= cut
        one, two = (
            np.linalg.lstsq(regressor[part, None], response[part], rcond=None)[0][0]
            for part in (early, late)
        )
        variance = noise / np.sum(regressor[early] ** 2) + noise / np.sum(regressor[late] ** 2)
        changes.append((one - two) ** 2 / variance)
    z = common**2 * np.sum(size) / noise
    return z / (z + max(q - (count - 1), max(changes) - 1, 0.0)), q


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.floats(-2.0, 2.0))
@settings(max_examples=40, deadline=None)
def test_agreement_equals_regressions_window_by_window(seed, max_lag, later):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(400, 700))
    x, noise = rng.standard_normal((2, n))
    y = np.where(np.arange(n) < 0.6 * n, 0.5, 0.5 * later) * x + noise
    made = measure_stability(y, x, max_lag=max_lag)
    agreement, q = _slow(y, x, max_lag)
    assert made.agreement == pytest.approx(agreement, rel=1e-9)
    assert made.p_value == pytest.approx(stats.chi2.sf(q, made.n_windows - 1), rel=1e-8)


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100.0), st.floats(-100.0, -0.01))
@settings(max_examples=30, deadline=None)
def test_units_and_signs_do_not_matter(seed, unit, other):
    x, noise = np.random.default_rng(seed).standard_normal((2, 500))
    y = 0.3 * x + noise
    one = measure_stability(y, x, max_lag=10)
    two = measure_stability(unit * y, other * x, max_lag=10)
    assert two.agreement == pytest.approx(one.agreement, rel=1e-9)
    assert two.p_value == pytest.approx(one.p_value, rel=1e-7)


def test_constancy_is_rejected_at_its_level():
    rng = np.random.default_rng(5)
    p = []
    for _ in range(1500):
        x, noise = rng.standard_normal((2, 300))
        p.append(measure_stability(0.3 * x + noise, x, max_lag=10).p_value)
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 1500))


@pytest.mark.parametrize(("later", "below"), [(0.0, 0.80), (-1.0, 0.25)])
def test_relations_that_end_or_turn_agree_less(later, below):
    rng = np.random.default_rng(6)
    lasting, broken = [], []
    for _ in range(150):
        x, noise = rng.standard_normal((2, 730))
        factor = np.where(np.arange(730) < 438, 1.0, later)
        lasting.append(measure_stability(0.3 * x + noise, x, max_lag=42).agreement)
        broken.append(measure_stability(0.3 * factor * x + noise, x, max_lag=42).agreement)
    apart = np.array(lasting)[:, None] - np.array(broken)
    assert np.mean(lasting) > 0.93
    assert np.mean(broken) < below
    assert np.mean(apart > 0) + 0.5 * np.mean(apart == 0) >= 0.9


def test_too_short_for_four_windows_says_nothing():
    made = measure_stability(np.ones(230), np.ones(230), max_lag=5)
    assert np.isnan(made.agreement)
    assert made.n_windows == 3
