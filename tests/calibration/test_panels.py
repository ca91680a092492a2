"""Whole panels of unrelated metrics through `leadlag.rank`: no leader, at the stated level."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import leadlag

PANELS = 50
METRICS = 6
N = 210
WEEK = np.tile([3.0, 1, 0, 0, 0, -2, -2], N // 7)[:, None]


def walks_with_drift(rng):
    return (0.1 + rng.standard_normal((N, METRICS + 1))).cumsum(axis=0)


def a_shared_week_and_trend(rng):
    slopes = rng.uniform(0.5, 2, METRICS + 1)
    trend = np.arange(N)[:, None] * 0.03
    return slopes * (WEEK + trend) + rng.standard_normal((N, METRICS + 1))


def growing_counts(rng):
    """Many zeros at first, fewer later."""
    return rng.poisson(np.linspace(0.5, 6, N)[:, None], (N, METRICS + 1)).astype(float)


@pytest.mark.parametrize("draw", [walks_with_drift, a_shared_week_and_trend, growing_counts])
def test_panels_of_strangers_seldom_have_a_leader(draw):
    rng = np.random.default_rng(11)
    index = pd.date_range("2024-01-01", periods=N)
    names = ["y", *(f"metric_{i}" for i in range(METRICS))]
    with_leader, p = 0, []
    for _ in range(PANELS):
        frame = pd.DataFrame(draw(rng), index, names)
        table = leadlag.rank(frame, "y", max_lag=14).table
        with_leader += table["role"].isin(["leading", "feedback"]).any()
        p += table["p_value"].tolist()
    assert with_leader <= stats.binom.ppf(0.9995, PANELS, 0.10)
    # Metrics of one panel share their target: a wider margin than independent tests would need.
    assert np.mean(np.array(p) <= 0.05) < 0.10
    assert 0.35 < np.median(p) < 0.7
