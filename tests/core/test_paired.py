"""Paired tests: closed forms, slow twins, and how often a true null is rejected."""

import numpy as np
import pytest
from scipy import stats

from leadlag.core.paired import block_length, block_means, bootstrap_p_value, diebold_mariano


@pytest.mark.parametrize("seed", range(3))
def test_one_step_ahead_is_a_paired_t_test(seed: int):
    """With h = 1 the corrected statistic is the t of the differences, exactly."""
    a, b = np.random.default_rng(seed).exponential(size=(2, 40))
    theirs = stats.ttest_rel(a, b)
    ours = diebold_mariano(a, b, horizon=1)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-10)
    assert (ours.df, ours.n) == (39.0, 40)


def _published(a: np.ndarray, b: np.ndarray, h: int) -> float:
    """S1* of Harvey, Leybourne and Newbold (1997), equations 1 to 9, term by term."""
    d = a - b
    n = len(d)
    mean = sum(d) / n

    def gamma(k: int) -> float:
        return sum((d[t] - mean) * (d[t - k] - mean) for t in range(k, n)) / n

    variance = (gamma(0) + 2 * sum(gamma(k) for k in range(1, h))) / n
    factor = (n + 1 - 2 * h + h * (h - 1) / n) / n
    return float(factor**0.5 * mean / variance**0.5)


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_the_statistic_equals_the_published_formula(horizon: int):
    rng = np.random.default_rng(horizon)
    a = np.convolve(rng.exponential(size=90), np.ones(horizon))
    b = np.convolve(rng.exponential(size=90), np.ones(horizon))
    ours = diebold_mariano(a, b, horizon=horizon)
    assert ours.statistic == pytest.approx(_published(a, b, horizon), rel=1e-12)


def test_swapping_the_forecasts_changes_the_sign_alone():
    a, b = np.random.default_rng(0).exponential(size=(2, 60))
    one, other = diebold_mariano(a, b, horizon=4), diebold_mariano(b, a, horizon=4)
    assert one.statistic == -other.statistic
    assert one.difference == -other.difference
    assert one.p_value == other.p_value


def test_no_difference_has_no_test():
    a = np.ones(10)
    assert np.isnan(diebold_mariano(a, a, horizon=1).p_value)
    assert np.isnan(diebold_mariano(a[:1], a[:1], horizon=3).p_value)


@pytest.mark.parametrize("width", [1, 5])
def test_equal_accuracy_is_rejected_about_as_often_as_stated(width: int):
    """Losses that hang together over 5 periods, the number of which the data have to say."""
    rng = np.random.default_rng(width)
    rejected = resampled = 0
    for _ in range(400):
        d = np.convolve(rng.standard_normal(200 + width - 1), np.ones(width), mode="valid")
        block = block_length(d, longest=30)
        rejected += diebold_mariano(d, np.zeros(200), horizon=block).p_value <= 0.1
        drawn = block_means(d[:, None], block=max(block, 6), draws=199, rng=rng)
        resampled += bootstrap_p_value(drawn[:, 0], float(d.mean())) <= 0.1
    assert 0.06 <= rejected / 400 <= 0.19
    assert 0.06 <= resampled / 400 <= 0.19


def test_block_means_equal_a_slow_twin():
    values = np.random.default_rng(0).normal(size=(11, 2))
    fast = block_means(values, block=4, draws=50, rng=np.random.default_rng(5))
    starts = np.random.default_rng(5).integers(0, 11, size=(50, 3))
    for draw, row in zip(starts, fast, strict=True):
        places = [int(start + step) % 11 for start in draw for step in range(4)][:11]
        np.testing.assert_allclose(row, values[places].mean(axis=0))


def test_the_spread_of_block_means_is_that_of_the_mean():
    """For a moving average of 4, var(mean) is 4 times that of independent values, nearly."""
    rng = np.random.default_rng(0)
    values = np.convolve(rng.standard_normal(2000), np.ones(4) / 2, mode="valid")
    drawn = block_means(values[:, None], block=40, draws=2000, rng=rng)
    assert drawn.std() * np.sqrt(values.size) == pytest.approx(2.0, rel=0.15)
