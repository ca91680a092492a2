"""Partial pooling over segments: a noisy one moves, a sure one stays, and failures take no part."""

import numpy as np
import pytest

import leadlag
from leadlag.bayes.pooling import partial_pool


def test_it_equals_a_brute_force_grid():
    mean, sd, spread = np.array([0.3, 1.2, 0.8]), np.array([0.2, 0.5, 1.0]), 0.7
    tau, mu = np.linspace(0.0035, 2.7965, 400), np.linspace(-6, 8, 2801)
    log = -0.5 * (tau[:, None] / spread) ** 2 + np.zeros((1, mu.size))
    for m, s in zip(mean, sd, strict=True):
        total = s**2 + tau[:, None] ** 2
        log += -0.5 * np.log(total) - 0.5 * (m - mu) ** 2 / total
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    segments, common, between = partial_pool(mean, sd, spread=spread)
    assert common[0] == pytest.approx((weight * mu).sum(), abs=1e-3)
    assert between[0] == pytest.approx((weight * tau[:, None]).sum(), abs=5e-3)
    pull = sd[0] ** 2 / (sd[0] ** 2 + tau[:, None] ** 2)
    assert segments[0, 0] == pytest.approx(
        (weight * ((1 - pull) * mean[0] + pull * mu)).sum(), abs=1e-3
    )


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(0)
    held = []
    for _ in range(150):
        truth = rng.normal(1.0, abs(rng.normal(0, 0.5)), size=6)
        sd = rng.uniform(0.2, 1.0, size=6)
        segments = partial_pool(rng.normal(truth, sd), sd, spread=0.5)[0]
        held.append((segments[:, 1] <= truth) & (truth <= segments[:, 2]))
    # 900 segments, with a standard error of one percentage point.
    assert np.mean(held) == pytest.approx(0.90, abs=0.03)


@pytest.mark.parametrize("fits", [None, {}, {"a": 1}, []])
def test_only_fits_by_segment_can_be_pooled(fits):
    with pytest.raises(leadlag.LeadLagError, match=r"segment"):
        leadlag.pool_lag_models(fits)
