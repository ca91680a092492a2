import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from leadlag.core.scale import clipped, local_scale, robust_scale
from tests.core import naive_leads

# Far from the smallest doubles, where a change of units rounds.
SIZES = st.floats(1e-9, 1e6)
VALUES = st.one_of(SIZES, SIZES.map(lambda v: -v), st.just(0.0), st.just(np.nan))


def noise(n, *, missing=0.0, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n) * np.linspace(1, 3, n)
    x[rng.random(n) < missing] = np.nan
    return x


# --- robust_scale ------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(arrays(float, st.integers(0, 30), elements=VALUES))
def test_robust_scale_equals_its_twin(x):
    assert robust_scale(x) == pytest.approx(naive_leads.robust_scale(x.tolist()), rel=1e-12)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([], 0.0),
        ([np.nan], 0.0),
        ([0.0, 0.0], 0.0),
        ([0.0, 0.0, 0.0, 4.0], 2.0),
        ([2.0, np.nan, -2.0], 2 * 1.4826),
    ],
    ids=["empty", "all missing", "all zero", "mostly zero", "gap"],
)
def test_robust_scale_at_its_edges(x, expected):
    assert robust_scale(np.array(x)) == pytest.approx(expected)


def test_robust_scale_is_the_standard_deviation_of_a_normal_sample():
    x = np.random.default_rng(1).standard_normal(100_000)
    assert robust_scale(5 * x) == pytest.approx(5, rel=0.015)


def test_robust_scale_stands_a_third_of_wild_values():
    x = np.random.default_rng(2).standard_normal(3000)
    x[::3] *= 1e9
    assert robust_scale(x) < 2


# --- local_scale -------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [50, 119, 120, 121, 400])
@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_local_scale_equals_its_twin(n, missing):
    x = noise(n, missing=missing, seed=n)
    x[n // 2 : n // 2 + 5] *= 100
    np.testing.assert_allclose(local_scale(x), naive_leads.local_scale(x.tolist()), rtol=1e-10)


def test_local_scale_equals_its_twin_across_a_long_gap():
    x = noise(600)
    x[200:400] = np.nan
    np.testing.assert_allclose(local_scale(x), naive_leads.local_scale(x.tolist()), rtol=1e-10)


@settings(max_examples=25, deadline=None)
@given(
    arrays(float, st.integers(1, 200), elements=VALUES),
    st.integers(-20, 20),
)
def test_local_scale_is_positive_and_in_the_series_units(x, power):
    scale = local_scale(x)
    assert scale.shape == x.shape
    assert (scale > 0).all()
    if np.nansum(np.abs(x)) > 0:
        np.testing.assert_allclose(local_scale(x * 2.0**power), scale * 2.0**power, rtol=1e-9)


def test_local_scale_does_not_know_the_direction_of_time():
    x = noise(300, missing=0.1)
    np.testing.assert_allclose(local_scale(x[::-1])[::-1], local_scale(x), rtol=1e-10)


def test_local_scale_follows_a_change_of_noise_level():
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.standard_normal(500), 4 * rng.standard_normal(500)])
    scale = local_scale(x)
    assert 2.0 < scale[800:].mean() / scale[:200].mean() < 4.0


def test_local_scale_of_steady_noise_is_its_standard_deviation():
    rng = np.random.default_rng(4)
    middle = [local_scale(rng.standard_normal(400)).mean() for _ in range(50)]
    assert np.mean(middle) == pytest.approx(1.0, abs=0.03)


def test_local_scale_of_nothing_but_zeros_divides_safely():
    assert (local_scale(np.zeros(200)) == 1.0).all()


# --- clipped -----------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(arrays(float, st.integers(1, 150), elements=VALUES), st.floats(0.5, 8))
def test_clipped_values_stay_or_meet_the_bound(x, at):
    out, bound = clipped(x, at=at), at * local_scale(x)
    np.testing.assert_array_equal(np.isnan(out), np.isnan(x))
    inside = np.abs(x) <= bound
    np.testing.assert_array_equal(out[inside], x[inside])
    beyond = np.abs(x) > bound
    np.testing.assert_allclose(out[beyond], (np.sign(x) * bound)[beyond])


def test_gaussian_noise_is_hardly_clipped_at_six():
    x = np.random.default_rng(5).standard_normal(1000)
    np.testing.assert_array_equal(clipped(x, at=6.0), x)
