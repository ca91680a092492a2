"""Ranks over resampled panels, beside a sort of one panel at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlag.core.rank_uncertainty import resampled_ranks, resampled_scores


@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_ranks_equal_a_sort_of_each_panel(seed, count):
    rng = np.random.default_rng(seed)
    draws = 30
    leads = rng.random((draws, count)) < 0.5
    group = rng.integers(1, 4, count)
    tier = rng.integers(1, 4, (draws, count))
    score = rng.random((draws, count))
    rank = rng.permutation(count) + 1
    made = resampled_ranks(leads, group, tier, score, rank)
    places = np.empty((draws, count), dtype=int)
    for d in range(draws):
        keys = [
            (0, -tier[d, j], -score[d, j]) if leads[d, j] else (group[j], 0, -score[d, j])
            for j in range(count)
        ]
        for place, j in enumerate(sorted(range(count), key=keys.__getitem__), start=1):
            places[d, j] = place
    np.testing.assert_allclose(made.prob_top3, ((places <= 3) & leads).mean(axis=0))
    inside = np.sort(places, axis=0)
    low, high = inside[int(np.ceil(0.05 * draws)) - 1], inside[int(np.ceil(0.95 * draws)) - 1]
    assert (made.low == np.minimum(low, rank)).all()
    assert (made.high == np.maximum(high, rank)).all()


def test_scores_move_by_one_standard_deviation_and_together():
    rng = np.random.default_rng(0)
    shared = rng.standard_normal((4000, 1))
    departure = np.hstack([0.01 * shared, 5.0 * shared, np.zeros((4000, 1))])
    alone = rng.standard_normal((4000, 3))
    made = resampled_scores(np.array([1.0, 3.0, 2.0]), departure, alone)
    np.testing.assert_allclose(made.mean(axis=0), [1.0, 3.0, 2.0], atol=0.06)
    np.testing.assert_allclose(made.std(axis=0), 1.0, atol=0.04)
    together = np.corrcoef(made.T)
    assert together[0, 1] == pytest.approx(1.0)
    assert abs(together[0, 2]) < 0.06
