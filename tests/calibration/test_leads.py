"""Leads that were planted are found, in the right direction and at the right lag."""

import numpy as np
import pytest

from leadlag.core.direction import examine_direction
from leadlag.core.transfer import transfer_posterior
from tests.core.simulated import fitted, followed

SIMULATIONS = 100
N = 200
MAX_LAG = 12


def decay(start, rate, size):
    return size * np.r_[np.zeros(start), rate ** np.arange(12)]


# The target's response over lags 0, 1, …, and how many of 100 are found at the 1 % level.
PLANTED = {
    "sharp": (np.r_[np.zeros(4), 0.5], 95),
    "sharp and negative": (np.r_[np.zeros(7), -0.5], 95),
    "at lag 1": (np.r_[0.0, 0.5], 95),
    "at the last lag": (np.r_[np.zeros(12), 0.5], 95),
    "fading": (decay(2, 0.7, 0.4), 85),
    "spread over six": (np.r_[0, 0, np.full(6, 0.25)], 70),
}


def simulated(response, *, walks=False, seed=0, simulations=SIMULATIONS):
    rng = np.random.default_rng(seed)
    for _ in range(simulations):
        x, y = followed(N, response, rng)
        if walks:
            x, y = x.cumsum(), y.cumsum()
        yield fitted(y, difference=walks), fitted(x, difference=walks)


@pytest.mark.parametrize("walks", [False, True], ids=["levels", "walks"])
@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_lead_is_found_and_its_reverse_is_not(kind, walks):
    response, expected = PLANTED[kind]
    forward = reverse = 0
    for y, x in simulated(response, walks=walks, simulations=50):
        forward += examine_direction(y, x, max_lag=MAX_LAG, stationary=not walks).p_value <= 0.01
        reverse += examine_direction(x, y, max_lag=MAX_LAG, stationary=not walks).p_value <= 0.05
    assert 2 * forward >= expected
    assert reverse <= 9  # the 99.9 % limit of the 5 % level in 50


SPIKES = {f"spike at {k}": (k, np.r_[np.zeros(k), 0.4]) for k in (1, 3, 8, 12)}
DECAYS = {
    f"decay {rate} from {k}": (k, decay(k, rate, 0.5)) for k, rate in ((1, 0.5), (2, 0.7), (5, 0.8))
}


@pytest.mark.parametrize("kind", [*SPIKES, *DECAYS])
def test_the_interval_holds_the_planted_lag(kind):
    lag, response = (SPIKES | DECAYS)[kind]
    held, width, found = 0, [], []
    for y, x in simulated(response, seed=lag):
        fit = transfer_posterior(y, x, max_order=10, max_lag=MAX_LAG)
        held += fit.low <= lag <= fit.high
        width.append(fit.high - fit.low)
        found.append(fit.lag)
    assert held >= 0.88 * SIMULATIONS
    # An interval that always holds everything says nothing.
    assert np.mean(width) < 4
    assert np.median(found) == lag


@pytest.mark.parametrize("kind", list(SPIKES))
def test_the_interval_of_differenced_series_holds_the_planted_lag(kind):
    lag, response = SPIKES[kind]
    fits = [
        transfer_posterior(y, x, max_order=10, max_lag=MAX_LAG)
        for y, x in simulated(response, walks=True, seed=lag, simulations=50)
    ]
    assert sum(fit.low <= lag <= fit.high for fit in fits) >= 44


def test_a_weak_lead_has_a_wide_interval():
    """The interval answers to how much the data say, not to a formula."""
    strong, weak = (
        np.mean(
            [
                fit.high - fit.low
                for y, x in simulated(np.r_[0, 0, 0, size], seed=5, simulations=30)
                for fit in [transfer_posterior(y, x, max_order=10, max_lag=MAX_LAG)]
            ]
        )
        for size in (0.6, 0.1)
    )
    assert strong < 0.5
    assert weak > 4
