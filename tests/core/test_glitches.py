"""Outage zeros and lone spikes are marked; what a series is made of is not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlag.core.glitches import outage_zeros, spikes


def walk(rng, n=300):
    return np.cumsum(rng.standard_normal(n))


def autoregressive(rng, n=300):
    x = rng.standard_normal(n)
    for t in range(1, n):
        x[t] += 0.9 * x[t - 1]
    return x


ORDINARY = {
    "noise": lambda rng: rng.standard_normal(300),
    "walk": walk,
    "autoregressive": autoregressive,
    "counts": lambda rng: rng.poisson(6.0, 300).astype(float),
    "week": lambda rng: 5.0 * (np.arange(301) % 7 == 0) + rng.standard_normal(301),
    "level shift": lambda rng: 20.0 * (np.arange(300) > 150) + rng.standard_normal(300),
    "growth": lambda rng: 0.1 * np.arange(300) + rng.standard_normal(300),
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_series_have_no_spikes(kind):
    marked = [
        spikes(ORDINARY[kind](np.random.default_rng(seed)), season=7).sum() for seed in range(20)
    ]
    assert sum(marked) == 0


@pytest.mark.parametrize("kind", ["noise", "walk", "autoregressive", "week"])
def test_a_lone_spike_is_marked_and_nothing_else(kind):
    for seed in range(10):
        x = ORDINARY[kind](np.random.default_rng(seed))
        x[77] += 40.0
        assert np.flatnonzero(spikes(x, season=7)).tolist() == [77]


def test_a_series_made_of_rare_values_keeps_them():
    frost = np.zeros(400)
    frost[np.random.default_rng(0).choice(400, 10, replace=False)] = 30.0
    assert not spikes(frost).any()


def test_many_spikes_are_the_series_itself():
    x = np.random.default_rng(1).standard_normal(200)
    x[::20] += 50.0
    assert not spikes(x).any()


def test_zeros_of_an_outage():
    x = np.random.default_rng(0).uniform(80, 120, 200)
    x[[5, 6, 150]] = 0.0
    assert np.flatnonzero(outage_zeros(x)).tolist() == [5, 6, 150]


@pytest.mark.parametrize(
    "x",
    [
        np.random.default_rng(0).poisson(2.0, 200).astype(float),
        np.r_[0.0, np.random.default_rng(0).normal(0, 1, 100)],
        np.tile([0.0, 5.0], 50),
        np.r_[np.zeros(3), np.geomspace(0.1, 100, 200)],
        np.full(50, np.nan),
    ],
    ids=["counts", "signed", "half", "growth from zero", "missing"],
)
def test_zeros_that_belong(x):
    assert not outage_zeros(x).any()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([1e-6, 3.0, 1e6]))
def test_units_change_nothing(seed, unit):
    rng = np.random.default_rng(seed)
    x = rng.uniform(50, 60, 120)
    x[rng.integers(120)] = 0.0
    x[rng.integers(120)] *= 9.0
    np.testing.assert_array_equal(outage_zeros(unit * x), outage_zeros(x))
    np.testing.assert_array_equal(spikes(unit * x), spikes(x))


def test_missing_values_are_no_glitches():
    x = np.random.default_rng(3).standard_normal(200)
    x[20:60] = np.nan
    assert not spikes(x)[20:60].any()
