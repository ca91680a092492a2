"""What is chance in a rate: simulated cohorts whose parts are known."""

import numpy as np
import pytest

from leadlag.core.cohort_noise import binomial_noise, chance_left, passing_noise
from leadlag.core.fidelity import fidelity_of, known_then


def _cohorts(seed: int, n: int = 4000) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(seed)
    size = rng.integers(150, 450, n)
    return rng.normal(0.4, 0.05, n).clip(0.05, 0.95), size, rng


@pytest.mark.parametrize("seed", range(3))
def test_the_ceiling_is_the_share_of_the_true_variance(seed: int):
    true, size, rng = _cohorts(seed)
    rate = rng.binomial(size, true) / size
    found = binomial_noise(rate, size.astype(float))
    weight = size / size.sum()
    mean = weight @ true
    share = (weight @ (true - mean) ** 2) / (weight @ (rate - weight @ rate) ** 2)
    assert found.ceiling == pytest.approx(share, abs=0.04)
    assert found.sensitivity == pytest.approx(np.sqrt(share / (1 - share)), rel=0.1)


@pytest.mark.parametrize("seed", range(3))
def test_no_early_value_predicts_more_than_the_ceiling(seed: int):
    """A part of the same users reaches it; another sample of the same cohorts stays below."""
    true, size, rng = _cohorts(seed)
    early = rng.binomial(size, true)
    later = rng.binomial(early, 0.7) / size
    n = size.astype(float)
    inside = fidelity_of(later, early / size, gap=1, weight=n)
    top = chance_left(later, early / size, n)
    assert inside.r2 == pytest.approx(top.ceiling, abs=0.03)
    other = rng.binomial(size, true) / size
    outside = fidelity_of(later, other, gap=1, weight=n).r2
    assert outside < binomial_noise(later, n).ceiling < top.ceiling


def test_what_is_no_share_has_no_binomial_noise():
    many = np.linspace(1.0, 3.0, 50)
    assert np.isnan(binomial_noise(many, np.full(50, 100.0)).noise)
    assert np.isnan(binomial_noise(many[:3] / 5, np.full(3, 100.0)).ceiling)
    assert np.isnan(binomial_noise(np.full(9, 0.5), np.full(9, 100.0)).sensitivity) is np.False_


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_noise_that_passes_is_told_from_a_signal_that_lasts(share: float):
    rng = np.random.default_rng(1)
    signal = np.zeros(2500)
    for t in range(1, signal.size):
        signal[t] = 0.8 * signal[t - 1] + rng.normal(0, 0.6)
    series = np.sqrt(1 - share) * signal + np.sqrt(share) * rng.standard_normal(signal.size)
    series[::17] = np.nan
    assert 1 - passing_noise(series).ceiling == pytest.approx(share, abs=0.08)
    assert np.isnan(passing_noise(series[:30]).noise)


def test_predictions_equal_a_line_fitted_again_for_every_row():
    rng = np.random.default_rng(0)
    early = rng.normal(5, 1, 80)
    later = 2 * early + rng.normal(size=80)
    early[::9] = np.nan
    later[5::11] = np.nan
    weight = rng.uniform(1, 3, 80)
    line, mean = known_then(later, early, gap=4, weight=weight)
    both = np.isfinite(early) & np.isfinite(later)
    need = max(12, both.sum() // 3)
    for t in range(80):
        rows = np.flatnonzero(both[: max(t - 3, 0)])
        if rows.size < need or not both[t]:
            assert np.isnan(line[t])
            continue
        slope, level = np.polyfit(early[rows], later[rows], 1, w=np.sqrt(weight[rows]))
        assert line[t] == pytest.approx(slope * early[t] + level, rel=1e-9)
        assert mean[t] == pytest.approx(np.average(later[rows], weights=weight[rows]), rel=1e-12)


def test_fidelity_holds_the_truth_about_as_often_as_it_says():
    held = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        early = rng.standard_normal(200)
        later = early + rng.standard_normal(200)
        made = fidelity_of(later, early, gap=5, seed=seed)
        held += made.low <= 0.5 <= made.high
    assert 0.8 <= held / 100 <= 0.97
