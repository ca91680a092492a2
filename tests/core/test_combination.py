import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from leadlag.core.combination import cauchy_combination
from tests.core import naive_leads

P = st.floats(1e-6, 0.999)
SEVERAL = st.lists(st.tuples(P, st.floats(0.05, 1)), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(SEVERAL)
def test_equals_its_twin(tests):
    p, weights = (list(column) for column in zip(*tests, strict=True))
    combined = cauchy_combination(np.array(p), np.array(weights))
    assert combined == pytest.approx(naive_leads.cauchy_combination(p, weights), rel=1e-7)


@settings(max_examples=60, deadline=None)
@given(SEVERAL, st.floats(0.1, 10))
def test_lies_between_the_smallest_and_the_largest_whatever_the_order(tests, factor):
    p, weights = (np.array(column) for column in zip(*tests, strict=True))
    combined = cauchy_combination(p, weights)
    assert min(p.min(), 0.9) * (1 - 1e-9) <= combined <= min(p.max(), 0.9) * (1 + 1e-9)
    again = cauchy_combination(p[::-1], factor * weights[::-1])
    assert again == pytest.approx(combined, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(SEVERAL, st.floats(0.1, 0.9))
def test_a_smaller_p_never_raises_the_result(tests, factor):
    p, weights = (np.array(column) for column in zip(*tests, strict=True))
    smaller = p.copy()
    smaller[0] *= factor
    assert cauchy_combination(smaller, weights) <= cauchy_combination(p, weights)


@pytest.mark.parametrize("p", [1e-300, 1e-200, 1e-100, 1e-16, 1e-15, 1e-14, 1e-8, 0.05, 0.5, 0.9])
def test_equal_p_values_combine_to_themselves(p):
    assert cauchy_combination(np.full(3, p), np.array([0.2, 0.5, 0.3])) == pytest.approx(
        p, rel=1e-6
    )


def test_a_p_value_near_one_does_not_drown_a_small_one():
    p = np.array([0.001, 0.002, 0.99999])
    assert cauchy_combination(p, np.ones(3)) < 0.005


def test_one_overwhelming_test_costs_the_inverse_of_its_weight():
    combined = cauchy_combination(np.array([1e-40, 0.3, 0.9]), np.array([0.25, 0.5, 0.25]))
    assert combined == pytest.approx(4e-40, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(SEVERAL)
def test_a_missing_test_is_as_if_it_had_not_been_named(tests):
    p, weights = (np.array(column) for column in zip(*tests, strict=True))
    longer = cauchy_combination(np.append(p, np.nan), np.append(weights, 0.7))
    assert longer == cauchy_combination(p, weights)


def test_no_test_at_all_is_missing():
    assert np.isnan(cauchy_combination(np.array([np.nan, np.nan]), np.ones(2)))


def test_the_edges_stay_inside_0_and_1():
    assert 0 <= cauchy_combination(np.array([0.0, 0.5]), np.ones(2)) < 1e-290
    assert 0.5 < cauchy_combination(np.array([1.0, 0.5]), np.ones(2)) < 1


@pytest.mark.parametrize("together", [0.0, 0.5, 0.99])
def test_keeps_its_level_whatever_the_dependence(together):
    rng = np.random.default_rng(7)
    draws = 4000
    z = np.sqrt(together) * rng.standard_normal((draws, 1)) + np.sqrt(
        1 - together
    ) * rng.standard_normal((draws, 4))
    p = 2 * special.ndtr(-np.abs(z))
    weights = np.array([0.45, 0.25, 0.2, 0.1])
    combined = np.array([cauchy_combination(row, weights) for row in p])
    for level in (0.05, 0.01):
        low, high = stats.binom.ppf([0.0005, 0.9995], draws, level)
        # Cauchy's tail is exact for independent tests and close for dependent ones.
        assert 0.9 * low <= (combined <= level).sum() <= 1.1 * high
