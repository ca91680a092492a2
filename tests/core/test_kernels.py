from itertools import pairwise

import numpy as np
import pytest

from leadlag.core.kernels import delay_kernels
from tests.core import naive_leads

LENGTHS = [1, 2, 5, 12, 30]


@pytest.mark.parametrize("max_lag", LENGTHS)
@pytest.mark.parametrize("times", [1, 2])
def test_shapes_equal_their_twins(max_lag, times):
    shapes = delay_kernels(max_lag, times * max_lag).shapes.round(9)
    assert {tuple(row) for row in shapes.tolist()} == naive_leads.kernels(max_lag, times * max_lag)


def test_no_decay_is_far_from_its_neighbours():
    """What a response of any decay adds up to is within 25 % of one in the dictionary."""
    sums = [1 / (1 - decay) for decay in naive_leads.DECAYS]
    assert all(longer / shorter < 1.25**2 for shorter, longer in pairwise(sums))
    assert sums[0] == pytest.approx(1.25)
    assert sums[-1] > 20


@pytest.mark.parametrize("max_lag", LENGTHS)
def test_short_delays_have_the_larger_prior(max_lag):
    found = delay_kernels(max_lag)
    prior = np.bincount(found.peak, weights=np.exp(found.log_prior), minlength=max_lag + 1)
    np.testing.assert_allclose(prior[1:] * np.arange(2, max_lag + 2), 2 * prior[1])
    assert prior.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("max_lag", LENGTHS)
def test_the_peak_is_where_the_response_is_largest(max_lag):
    found = delay_kernels(max_lag)
    assert (found.shapes >= 0).all()
    np.testing.assert_array_equal(found.shapes.max(axis=1), 1.0)
    for shape, peak in zip(found.shapes, found.peak, strict=True):
        assert shape[peak - 1] == 1.0
        assert (shape[: peak - 1] < 1).all()


@pytest.mark.parametrize("max_lag", LENGTHS)
def test_every_lag_has_its_spike(max_lag):
    shapes = delay_kernels(max_lag).shapes
    spikes = shapes[(shapes > 0).sum(axis=1) == 1]
    assert {int(row.argmax()) for row in spikes} == set(range(max_lag))


def test_a_spike_has_an_eighth_of_its_lags_prior():
    found = delay_kernels(12, 24)
    spike = (found.shapes > 0).sum(axis=1) == 1
    assert spike.sum() == 12
    prior = np.exp(found.log_prior)
    at = np.bincount(found.peak[spike], weights=prior[spike], minlength=13)
    whole = np.bincount(found.peak, weights=prior, minlength=13)
    np.testing.assert_allclose(at[1:], whole[1:] / 8)


def test_a_dictionary_is_made_once_and_cannot_be_written():
    assert delay_kernels(7) is delay_kernels(7)
    assert not delay_kernels(7).shapes.flags.writeable
    assert not delay_kernels(7).log_prior.flags.writeable
