"""Intervals of a share: closed forms, and how often they hold the truth."""

import numpy as np
import pytest
from scipy import special
from statsmodels.stats.proportion import proportion_confint

from leadlag.core.proportion import jeffreys_interval, wilson_interval

METHODS = {"wilson": wilson_interval, "jeffreys": jeffreys_interval}


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
@pytest.mark.parametrize("method", METHODS)
def test_intervals_equal_those_of_statsmodels(method: str, level: float):
    for n in (1, 7, 40, 3000):
        k = np.unique(np.linspace(0, n, 9).astype(int)).astype(float)
        low, high = METHODS[method](k, np.full(k.size, float(n)), level=level)
        theirs = proportion_confint(k, n, alpha=1 - level, method=method)
        inner = (k > 0) & (k < n)
        np.testing.assert_allclose(low[inner], theirs[0][inner], rtol=1e-9)
        np.testing.assert_allclose(high[inner], theirs[1][inner], rtol=1e-9)
        assert ((low <= k / n) & (k / n <= high)).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("share", [0.02, 0.2, 0.5])
def test_intervals_hold_the_share_about_as_often_as_they_say(method: str, share: float):
    n = 200
    k = np.arange(n + 1.0)
    chance = special.comb(n, k) * share**k * (1 - share) ** (n - k)
    low, high = METHODS[method](k, np.full(n + 1, float(n)), level=0.90)
    held = chance[(low <= share) & (share <= high)].sum()
    assert 0.85 <= held <= 0.96


@pytest.mark.parametrize("method", METHODS)
def test_nobody_to_count_has_no_interval(method: str):
    low, high = METHODS[method](np.array([0.0, np.nan]), np.array([0.0, 5.0]))
    assert np.isnan([low, high]).all()
