"""Paired tests: closed forms, slow twins, and how often a true null is rejected."""

import numpy as np
import pytest
from scipy import stats

from leadlag.core.paired import block_length, block_means, diebold_mariano, paired_bootstrap
from tests.core.simulated import ar1


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


@pytest.mark.parametrize(
    ("n", "memory", "least", "most"),
    # Two standard errors of 400 pairs are .03. Means that aren't studentised reject .10, .25, .34.
    [(130, 0.0, 0.06, 0.15), (130, 0.8, 0.06, 0.16), (60, 0.8, 0.08, 0.22)],
)
def test_equal_accuracy_is_rejected_about_as_often_as_stated(
    n: int, memory: float, least: float, most: float
):
    """Losses whose difference hangs together, over how long the data have to say."""
    rng = np.random.default_rng([n, int(10 * memory)])
    resampled = covered = 0
    for _ in range(400):
        d = ar1(n, memory, rng)
        found = paired_bootstrap(
            d, block=block_length(d, longest=60), level=0.9, draws=199, rng=rng
        )
        resampled += found.p_value <= 0.1
        covered += found.low <= 0 <= found.high
    assert least <= resampled / 400 <= most
    # The interval holds what the test does not reject.
    assert abs(covered + resampled - 400) <= 12


@pytest.mark.parametrize("width", [1, 5])
def test_diebold_and_mariano_reject_about_as_often_as_stated(width: int):
    rng = np.random.default_rng(width)
    rejected = 0
    for _ in range(400):
        d = np.convolve(rng.standard_normal(200 + width - 1), np.ones(width), mode="valid")
        block = block_length(d, longest=30)
        rejected += diebold_mariano(d, np.zeros(200), horizon=block).p_value <= 0.1
    assert 0.06 <= rejected / 400 <= 0.16


def test_the_bootstrap_equals_a_slow_twin():
    d = 0.2 + np.convolve(np.random.default_rng(3).standard_normal(42), np.ones(3), mode="valid")
    n, block, draws = d.size, 5, 60
    fast = paired_bootstrap(d, block=block, level=0.9, draws=draws, rng=np.random.default_rng(7))
    lags = max(int(np.ceil(1.3 * np.sqrt(n))), 2 * block)

    def error(x: np.ndarray) -> float:
        c = x - x.mean()
        gamma = [sum(c[t] * c[t - k] for t in range(k, n)) / n for k in range(lags)]
        return float(
            np.sqrt((gamma[0] + 2 * sum((1 - k / lags) * gamma[k] for k in range(1, lags))) / n)
        )

    starts = np.random.default_rng(7).integers(0, n, size=(draws, -(-n // block)))
    far = []
    for row in starts:
        x = d[[int(start + step) % n for start in row for step in range(block)][:n]]
        far.append(abs(x.mean() - d.mean()) / error(x))
    there = abs(d.mean()) / error(d)
    assert fast.p_value == pytest.approx((1 + sum(t >= there for t in far)) / (draws + 1))
    half = np.quantile(far, 0.9) * error(d)
    assert (fast.low, fast.high) == pytest.approx((d.mean() - half, d.mean() + half))


def test_no_difference_has_no_bootstrap():
    rng = np.random.default_rng(0)
    assert np.isnan(paired_bootstrap(np.ones(9), block=2, level=0.9, draws=9, rng=rng).p_value)
    assert np.isnan(paired_bootstrap(np.arange(3.0), block=1, level=0.9, draws=9, rng=rng).low)


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
