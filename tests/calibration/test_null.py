"""Where a metric's past says nothing, a lead is shown as often as the level allows, not more."""

import numpy as np
import pytest
from scipy import special, stats

from leadlag.core import window_test
from leadlag.core.direction import examine_direction
from tests.core.simulated import ar1, fitted

PAIRS = 400
N = 200


def walk(rng):
    return rng.standard_normal(N).cumsum()


def moving_average_walk(rng):
    return np.convolve(rng.standard_normal(N + 1), [1, 0.5], mode="valid").cumsum()


# What both sides are, and whether they are differenced.
UNRELATED = {
    "white noise": (lambda rng: rng.standard_normal(N), False),
    "long memories": (lambda rng: ar1(N, 0.8, rng), False),
    "heavy tails": (lambda rng: rng.standard_t(3, N), False),
    "random walks": (walk, True),
    "walks with a moving average": (moving_average_walk, True),
    "walks with drift": (lambda rng: walk(rng) + 0.2 * np.arange(N), True),
}


def p_values(draw, *, pairs=PAIRS, differenced, seed=0):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(pairs):
        y, x = (fitted(side, difference=differenced) for side in draw(rng))
        found.append(examine_direction(y, x, max_lag=12, stationary=not differenced).p_value)
    return np.array(found)


def independent(series):
    return lambda rng: (series(rng), series(rng))


def inside_binomial_limits(p, level):
    low, high = stats.binom.ppf([0.0005, 0.9995], p.size, level)
    return low <= (p <= level).sum() <= high


@pytest.mark.parametrize("kind", UNRELATED)
def test_unrelated_pairs_are_rejected_at_the_level(kind):
    series, differenced = UNRELATED[kind]
    p = p_values(independent(series), differenced=differenced)
    assert inside_binomial_limits(p, 0.05)
    assert inside_binomial_limits(p, 0.01)
    assert stats.kstest(p, "uniform").statistic < 0.12


def loud_half(rng):
    return rng.standard_normal(N) * np.where(np.arange(N) < N / 2, 1, 2)


# Where an assumption is broken, the level may be missed, by at most a factor of two.
STRAINED = {
    "unit roots left in levels": independent(walk),
    "noise that doubles on both sides at once": independent(loud_half),
    "noise that doubles in the target": lambda rng: (loud_half(rng), rng.standard_normal(N)),
    "noise that doubles in the metric": lambda rng: (rng.standard_normal(N), loud_half(rng)),
}


@pytest.mark.parametrize("kind", STRAINED)
def test_broken_assumptions_cost_at_most_twice_the_level(kind):
    p = p_values(STRAINED[kind], differenced=False)
    for level in (0.05, 0.01):
        assert (p <= level).sum() <= stats.binom.ppf(0.9995, PAIRS, 2 * level)


def test_a_search_that_is_not_paid_for_is_seen(monkeypatch):
    """The test above must fail when the best window is judged as if it had been named before."""

    def unpaid(score, *, max_lag, df, changing=False):
        assert max_lag > 0
        return float(special.betainc(df / 2, 0.5, df / (df + score**2)))

    monkeypatch.setattr(window_test, "best_window_p_value", unpaid)
    p = p_values(independent(walk), pairs=100, differenced=True)
    assert not inside_binomial_limits(p, 0.05)
    assert (p <= 0.05).mean() > 0.2


def coincident_walks(rng):
    e, u = rng.standard_normal((2, N))
    return e.cumsum(), (0.8 * e + 0.6 * u).cumsum()


def test_walks_that_move_together_are_not_called_leading():
    p = p_values(coincident_walks, differenced=True, seed=1)
    assert inside_binomial_limits(p, 0.05)
    assert inside_binomial_limits(p, 0.01)


def test_following_is_not_leading():
    """The target moves first by three periods; its follower's past says nothing more."""

    def follower(rng):
        y = rng.standard_normal(N)
        return y, 0.5 * np.r_[rng.standard_normal(3), y[:-3]] + rng.standard_normal(N)

    p = p_values(follower, differenced=False, seed=2)
    assert inside_binomial_limits(p, 0.05)
    assert inside_binomial_limits(p, 0.01)
