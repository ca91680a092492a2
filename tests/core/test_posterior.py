"""The lag posterior: equal to the slow twin, calibrated, and not led astray by memory."""

import numpy as np
import pandas as pd
import pytest

import leadlag
from benchmarks.validity.lag_calibration import closed_form_ranks, uniformity
from leadlag import lag_posterior
from leadlag.core.autoregression import autoregress
from leadlag.core.lag_sums import whitened
from tests.core import naive_posterior
from tests.core.simulated import ar1


def _follower(n: int, lag: int, effect: float, rng: np.random.Generator):
    x = rng.standard_normal(n)
    late = np.concatenate([np.zeros(lag), x[: n - lag]])
    return x, effect * late + ar1(n, 0.5, rng)


def _gaps(series: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    out = series.copy()
    out[rng.random(series.size) < share] = np.nan
    return out


@pytest.mark.parametrize("gaps", ["none", "metric", "target", "both", "late"])
@pytest.mark.parametrize("memory", [0.0, 0.9])
def test_it_equals_dense_multivariate_t_densities(gaps: str, memory: float):
    rng = np.random.default_rng(5)
    x = ar1(140, memory, rng)
    y = np.concatenate([np.zeros(3), 0.3 * x[:-3]]) + 0.3 * x + ar1(140, 0.6, rng)
    if gaps in ("metric", "both"):
        x = _gaps(x, 0.1, rng)
    if gaps in ("target", "both"):
        y = _gaps(y, 0.1, rng)
    if gaps == "late":
        x[:20] = np.nan
        x[-9:] = np.nan
    found = lag_posterior(x, y, max_lag=7)
    probability, leads, same = naive_posterior.lag_posterior(x, y, 7)
    np.testing.assert_allclose(found.probability[0], probability, rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.prob_leads, leads, rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.prob_coincident, same, rtol=0, atol=1e-10)


def test_whitening_equals_the_autoregression_of_the_tests():
    rng = np.random.default_rng(3)
    season = 2 * np.sin(2 * np.pi * np.arange(240) / 7)
    series = np.vstack(
        [ar1(240, 0.0, rng), ar1(240, 0.95, rng), np.cumsum(ar1(240, 0.3, rng)),
         season + ar1(240, 0.5, rng)]
    )  # fmt: skip
    line = np.column_stack([np.ones(240), np.arange(240.0)])
    for row, news in zip(series, whitened(series, 20), strict=True):
        slow = autoregress(row, line, max_order=20, difference=False)
        np.testing.assert_allclose(news, np.nan_to_num(slow.innovations), rtol=0, atol=1e-9)


def test_a_planted_lag_is_found_and_its_interval_holds_it():
    rng = np.random.default_rng(0)
    x, y = _follower(300, 6, 0.5, rng)
    found = lag_posterior(x, y, max_lag=12)
    assert found.lags.tolist() == list(range(1, 13))
    assert found.prob_leads[0] > 0.99
    assert found.probability[0].sum() == pytest.approx(1)
    assert found.lags[found.probability[0].argmax()] == 6
    low, high = found.interval(0.9)
    assert low[0] <= 6 <= high[0]
    assert found.interval(0.5)[1] - found.interval(0.5)[0] <= high - low


def test_a_spread_out_response_leads_as_well():
    rng = np.random.default_rng(1)
    x = rng.standard_normal(400)
    kernel = np.concatenate([np.zeros(4), 0.4 * 0.8 ** np.arange(20)])
    y = np.convolve(x, kernel)[:400] + rng.standard_normal(400)
    found = lag_posterior(x, y, max_lag=15)
    assert found.prob_leads[0] > 0.95
    assert abs(found.lags[found.probability[0].argmax()] - 4) <= 1


def test_the_same_period_is_a_state_of_its_own():
    rng = np.random.default_rng(2)
    x = ar1(400, 0.5, rng)
    found = lag_posterior(x, 0.8 * x + ar1(400, 0.5, rng), max_lag=10)
    assert found.prob_coincident[0] > 0.5 > found.prob_leads[0]


@pytest.mark.parametrize("memory", [0.5, 0.8, 0.95])
def test_the_same_period_beside_noise_with_a_memory_is_no_lead(memory: float):
    rng = np.random.default_rng(8)
    x = rng.standard_normal((30, 240))
    found = [lag_posterior(one, 0.8 * one + ar1(240, memory, rng), max_lag=12) for one in x]
    assert np.mean([one.prob_leads[0] for one in found]) < 0.35
    assert np.mean([one.prob_coincident[0] for one in found]) > 0.65


def test_a_lag_is_found_beside_the_same_period_and_noise_with_a_memory():
    rng = np.random.default_rng(9)
    x = rng.standard_normal(400)
    y = 0.8 * x + 0.5 * np.concatenate([np.zeros(3), x[:-3]]) + ar1(400, 0.8, rng)
    found = lag_posterior(x, y, max_lag=12)
    assert found.prob_leads[0] > 0.99
    assert found.interval(0.9) == (3.0, 3.0)


def test_a_lead_beside_a_stronger_effect_in_the_same_period_is_a_lead():
    rng = np.random.default_rng(2)
    x = rng.standard_normal(400)
    y = x + 0.4 * np.concatenate([np.zeros(3), x[:-3]]) + rng.standard_normal(400)
    found = lag_posterior(x, y, max_lag=10)
    assert found.prob_leads[0] > 0.99
    assert found.interval(0.9) == (3.0, 3.0)


@pytest.mark.parametrize("kind", ["ar", "walk", "drift", "growth", "weekly"])
def test_memory_does_not_make_a_lead(kind: str):
    rng = np.random.default_rng(11)
    noise = rng.standard_normal((41, 300))
    series = {
        "ar": lambda: np.array([ar1(300, 0.9, rng) for _ in range(41)]),
        "walk": lambda: noise.cumsum(axis=1),
        "drift": lambda: (noise + 0.3).cumsum(axis=1),
        "growth": lambda: np.exp((0.05 * noise + 0.01).cumsum(axis=1)),
        "weekly": lambda: noise + 3 * np.sin(2 * np.pi * np.arange(300) / 7),
    }[kind]()
    found = lag_posterior(series[1:].T, series[0], max_lag=20)
    assert found.prob_leads.mean() < 0.45
    assert (found.prob_leads > 0.9).mean() <= 0.05


def test_series_m_leads_by_three():
    data = leadlag.datasets.box_jenkins()
    found = lag_posterior(data[["lead"]], data["sales"], max_lag=12)
    assert found.prob_leads[0] > 0.999
    assert found.interval(0.9) == (3.0, 3.0)
    assert found.labels == ("lead",)


@pytest.mark.requires_shared
def test_rain_precedes_groundwater(shared_data):
    data = pd.read_csv(shared_data / "groundwater.csv")
    found = lag_posterior(data["rain"], data["head"], max_lag=12)
    assert found.prob_leads[0] > 0.99
    assert 1 <= found.lags[found.probability[0].argmax()] <= 3


def test_other_columns_and_units_change_nothing():
    rng = np.random.default_rng(4)
    x, y = _follower(200, 4, 0.4, rng)
    others = np.column_stack([x, _gaps(x, 0.3, rng), rng.standard_normal(200)])
    alone, among = lag_posterior(x, y, max_lag=8), lag_posterior(others, y, max_lag=8)
    np.testing.assert_array_equal(alone.probability[0], among.probability[0])
    np.testing.assert_array_equal(alone.prob_leads[0], among.prob_leads[0])
    scaled = lag_posterior(-1000 * x, 3 * y, max_lag=8)
    np.testing.assert_allclose(scaled.probability, alone.probability, atol=1e-9)


def test_columns_that_say_nothing_are_missing_and_spoil_no_other():
    rng = np.random.default_rng(6)
    x, y = _follower(120, 2, 0.6, rng)
    empty, short = np.full(120, np.nan), np.full(120, np.nan)
    short[:12] = rng.standard_normal(12)
    found = lag_posterior(np.column_stack([np.ones(120), empty, x, short]), y, max_lag=6)
    assert np.isnan(found.prob_leads).tolist() == [True, True, False, True]
    assert np.isnan(found.probability).all(axis=1).tolist() == [True, True, False, True]
    low, high = found.interval(0.9)
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, True, False, True]
    assert found.n_obs.tolist()[:2] == [0, 0]


@pytest.mark.parametrize("n", [60, 1000])
def test_rounding_is_no_news(n: int):
    rng = np.random.default_rng(0)
    x, y = _follower(n, 2, 0.6, rng)
    time = np.arange(n)
    gap = (time + 3.0) / 7
    gap[20] = np.nan
    # Many rows pile rounding up to something: a wave is known for one in short series alone.
    empty = [time / 3, 1e6 + time, gap, np.sin(2 * np.pi * time / 7) if n < 100 else 5 - time / 9]
    found = lag_posterior(np.column_stack([*empty, x, time + 1e-6 * x]), y, max_lag=5)
    assert np.isnan(found.prob_leads).tolist() == [True] * 4 + [False] * 2


def test_results_are_read_only():
    rng = np.random.default_rng(0)
    found = lag_posterior(rng.standard_normal((80, 2)), rng.standard_normal(80), max_lag=5)
    for array in (found.lags, found.probability, found.prob_leads, found.prob_coincident):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"max_lag": 0}, "max_lag"),
        ({"max_lag": 2.5}, "max_lag"),
        ({"max_lag": 90}, "Lower max_lag to 80"),
        ({"y": np.ones(100)}, "never changes"),
        ({"y": np.arange(100.0)}, "never changes"),
        ({"y": np.full(100, np.nan)}, "0 values"),
        ({"y": np.ones(99)}, "same rows"),
        ({"X": [["a"]] * 100}, "numbers"),
        ({"X": np.full((100, 1), np.inf)}, "infinite"),
    ],
)
def test_bad_input_is_one_clear_error(change, said):
    rng = np.random.default_rng(0)
    good = {"X": rng.standard_normal((100, 2)), "y": rng.standard_normal(100), "max_lag": 5}
    arguments = good | change
    with pytest.raises(leadlag.LeadLagError, match=said):
        lag_posterior(arguments.pop("X"), arguments.pop("y"), **arguments)


@pytest.mark.parametrize("level", [0, 1, 90, "0.9", True, None])
def test_a_level_is_a_probability(level):
    rng = np.random.default_rng(0)
    found = lag_posterior(rng.standard_normal(80), rng.standard_normal(80), max_lag=5)
    with pytest.raises(leadlag.LeadLagError, match="level"):
        found.interval(level)


def test_ranks_of_the_true_lag_are_uniform():
    assert uniformity(closed_form_ranks(200, seed=1).ranks, bins=10) > 0.01
