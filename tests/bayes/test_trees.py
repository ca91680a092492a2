"""Importance weights mean the same with either generation of ArviZ."""

import numpy as np
import pytest

from leadlag.bayes.trees import smoothed_weights


def test_smoothed_weights_of_light_tails_are_the_plain_ones():
    ratios = 0.3 * np.random.default_rng(0).standard_normal((3, 4000))
    log_weights, pareto_k = smoothed_weights(ratios)
    plain = ratios - np.log(np.exp(ratios).sum(axis=1, keepdims=True))
    assert np.exp(log_weights).sum(axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert np.abs(log_weights - plain).max() < 0.3
    assert np.corrcoef(log_weights.ravel(), plain.ravel())[0, 1] > 0.999
    assert (pareto_k < 0.4).all()


def test_a_heavy_tail_is_told_by_its_index():
    draws = np.random.default_rng(1).standard_normal((1, 4000))
    assert smoothed_weights(0.45 * draws**2)[1][0] > 0.6


def test_draws_that_all_count_the_same_stay_so():
    log_weights, pareto_k = smoothed_weights(np.full((1, 10), 7.0))
    assert log_weights == pytest.approx(-np.log(10))
    assert pareto_k[0] == -np.inf
