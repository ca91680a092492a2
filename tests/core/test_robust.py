"""Relations that broken rows don't move, and the glance that comes before the fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlag.core.robust import HELD, may_hold, robust_fit, spread, standard_columns


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(25, 200),
    factor=st.sampled_from([-1e6, -1.0, 1e-6, 0.5, 3.0]),
    broken=st.floats(0, 0.15),
    gaps=st.floats(0, 0.1),
)
def test_the_glance_passes_whatever_the_fit_would_hold(seed, n, factor, broken, gaps):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    y = factor * (x + 0.005 * rng.standard_normal(n)) + 7
    y[rng.random(n) < broken] += 10 * factor
    x[rng.random(n) < gaps] = np.nan
    fit = robust_fit(y, x[:, None])
    holds = (
        fit is not None and fit.kept.sum() >= HELD * fit.kept.size and fit.left <= 0.02 * spread(y)
    )
    if holds:
        assert may_hold(y, x[:, None])[0]


def test_the_glance_turns_away_what_is_merely_correlated():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((300, 20))
    y = x.sum(axis=1)
    assert not may_hold(y, x).any()


def test_the_glance_leaves_counts_that_seldom_move_to_the_fit():
    x = np.zeros((60, 1))
    x[::10] = 1.0
    assert may_hold(x[:, 0].cumsum(), x).all()


def test_standard_columns_are_correlations_where_nothing_is_missing():
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, (400, 2)) @ np.array([[1.0, 0.5], [0.0, 1.0]])
    made = standard_columns(x)
    assert made[:, 0] @ made[:, 1] == pytest.approx(np.corrcoef(x.T)[0, 1], abs=0.02)


def test_standard_columns_put_zero_for_gaps_and_for_what_stands_still():
    x = np.column_stack([np.arange(30.0), np.full(30, 5.0), np.full(30, np.nan)])
    x[3, 0] = np.nan
    made = standard_columns(x)
    assert made[3, 0] == 0
    assert not made[:, 1:].any()
