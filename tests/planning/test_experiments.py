"""Past experiments: noise taken out of covariances, and "insufficient" where that is the truth."""

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import leadlag
from leadlag.core.proxies import corrected_correlation, proxy_posterior, sign_agreement
from leadlag.errors import ConfigurationError, InputError, LeadLagError


def simulated(
    seed: int, count: int, *, true: float, signal: float = 1.0, noise: float = 0.9,
    metrics: int = 1,
) -> pd.DataFrame:  # fmt: skip
    """Wide: true effects of unit variance that correlate, estimates whose noise does."""
    rng = np.random.default_rng(seed)
    error = 1 / np.sqrt(signal)
    target, shared = rng.standard_normal((2, count))
    mix = np.sqrt([1 - true**2, 1 - noise])
    columns = {
        "revenue": target + error * (np.sqrt(noise) * shared + mix[1] * rng.standard_normal(count)),
        "revenue_se": np.full(count, error),
    }
    for j in range(metrics):
        effect = true * target + mix[0] * rng.standard_normal(count)
        own = error * (np.sqrt(noise) * shared + mix[1] * rng.standard_normal(count))
        columns |= {f"proxy{j}": effect + own, f"proxy{j}_se": np.full(count, error)}
    return pd.DataFrame(columns)


def proxy(frame: pd.DataFrame, noise: Any = 0.9) -> pd.Series:
    return leadlag.experiments(frame, "revenue", noise_correlation=noise).table.loc["proxy0"]


@pytest.mark.parametrize(("signal", "noise"), [(1.0, 0.9)])
def test_with_no_true_correlation_a_hundred_experiments_say_so(signal: float, noise: float):
    made = [proxy(simulated(i, 100, true=0, signal=signal, noise=noise), noise) for i in range(60)]
    assert abs(np.median([one["correlation"] for one in made])) < 0.1
    assert 0.4 < np.median([one["naive_correlation"] for one in made]) < 0.55
    assert np.mean([one["supported"] for one in made]) <= 0.1
    # Thirty of them can't tell.
    few = [proxy(simulated(i, 30, true=0, signal=signal, noise=noise), noise) for i in range(20)]
    assert np.mean([one["verdict"] == "insufficient experiments" for one in few]) > 0.7


def test_a_true_proxy_is_supported():
    made = [proxy(simulated(i, 100, true=0.8)) for i in range(25)]
    assert np.mean([one["supported"] for one in made]) > 0.8
    assert np.median([one["correlation"] for one in made]) == pytest.approx(0.8, abs=0.1)
    assert np.mean([one["low"] <= 0.8 <= one["high"] for one in made]) > 0.75
    assert np.median([one["quality"] for one in made]) == pytest.approx(0.8 / 2**0.5, abs=0.1)


def test_many_precise_experiments_tell_a_metric_that_is_no_proxy():
    assert proxy(simulated(1, 300, true=0.0, signal=4.0))["verdict"] == "not a proxy"
    assert proxy(simulated(1, 100, true=-0.9, signal=4.0))["verdict"] == "opposed"


def test_quality_and_sign_agreement_are_what_a_simulation_gives():
    rng = np.random.default_rng(3)
    rho, ratio = 0.7, 0.5
    true = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 400_000)
    measured = true[:, 0] + rng.standard_normal(len(true)) / np.sqrt(ratio)
    assert np.corrcoef(measured, true[:, 1])[0, 1] == pytest.approx(
        rho / np.sqrt(1 + 1 / ratio), abs=0.005
    )
    same = np.mean(np.sign(true[:, 0]) == np.sign(true[:, 1]))
    assert same == pytest.approx(sign_agreement(rho), abs=0.003)


def test_the_correction_is_the_covariance_less_the_average_sampling_covariance():
    rng = np.random.default_rng(0)
    s, y = rng.standard_normal((2, 50))
    error_s, error_y = rng.uniform(0.1, 0.4, (2, 50))
    noise = rng.uniform(-0.5, 0.5, 50)
    found = corrected_correlation(s, y, error_s, error_y, noise)
    average = np.mean(
        [
            [[a * a, r * a * b], [r * a * b, b * b]]
            for a, b, r in zip(error_s, error_y, noise, strict=True)
        ],
        axis=0,
    )
    left = np.cov(s, y) - average
    expected = left[0, 1] / np.sqrt(left[0, 0] * left[1, 1])
    assert found == pytest.approx((expected, left[0, 1], left[0, 0], left[1, 1]))


def test_the_posterior_is_that_of_a_slow_twin():
    rng = np.random.default_rng(5)
    s, y = rng.multivariate_normal([1, 2], [[1, 0.5], [0.5, 1]], 12).T
    error = np.full(12, 0.5)
    scales, shares = np.linspace(0.05, 1.95, 20), np.linspace(-0.97, 0.97, 33)
    log = np.empty((20, 20, 33))
    data = np.column_stack([s / s.std(ddof=1), y / y.std(ddof=1)])
    at = [error[0] / s.std(ddof=1), error[0] / y.std(ddof=1)]
    for i, a in enumerate(scales):
        for j, b in enumerate(scales):
            for k, r in enumerate(shares):
                cov = np.array([[a * a + at[0] ** 2, r * a * b], [r * a * b, b * b + at[1] ** 2]])
                inverse = np.linalg.inv(cov)
                d = data - data.mean(axis=0)
                # Equal covariances: the mean is estimated by the average, and leaves n - 1.
                log[i, j, k] = -5.5 * np.log(np.linalg.det(cov)) - 0.5 * np.sum(d @ inverse * d)
    weight = np.exp(log - log.max()).sum(axis=(0, 1))
    over = (np.cumsum(weight) - weight / 2) / weight.sum()
    fit = proxy_posterior(s, y, error, error, np.zeros(12))
    assert [fit.low, fit.median, fit.high] == pytest.approx(
        np.interp([0.05, 0.5, 0.95], over, shares), abs=0.03
    )


def test_tidy_and_wide_frames_of_any_library_give_the_same():
    wide = simulated(2, 60, true=0.6, metrics=2)
    tidy = pd.concat(
        pd.DataFrame(
            {
                "experiment": range(60),
                "metric": name,
                "estimate": wide[name],
                "standard_error": wide[f"{name}_se"],
            }
        )
        for name in ("proxy1", "revenue", "proxy0")
    )
    expected = leadlag.experiments(wide, "revenue", noise_correlation=0.5)
    for frame in (tidy, pl.from_pandas(tidy), tidy.sample(frac=1, random_state=0)):
        made = leadlag.experiments(frame, "revenue", noise_correlation=0.5)
        pd.testing.assert_frame_equal(made.table, expected.table, rtol=1e-9)
    renamed = tidy.rename(columns={"estimate": "effect", "standard_error": "se"})
    assert len(leadlag.experiments(renamed, "revenue", noise_correlation=0.5).table) == 2


def test_the_noise_can_be_given_in_three_forms_or_learnt():
    frame = simulated(4, 80, true=0.5)
    matrix = pd.DataFrame([[1, 0.6], [0.6, 1]], ["proxy0", "revenue"], ["proxy0", "revenue"])
    one, two, three = (proxy(frame, noise) for noise in (0.6, {"proxy0": 0.6}, matrix))
    pd.testing.assert_series_equal(one, two)
    pd.testing.assert_series_equal(one, three)
    learnt = leadlag.experiments(frame, "revenue")
    assert not learnt.noise_given
    # Equal standard errors say nothing about the noise: nothing is claimed.
    assert learnt.table.loc["proxy0", "high"] - learnt.table.loc["proxy0", "low"] > 0.7
    assert "pass noise_correlation=" in repr(learnt)


def test_the_index_weighs_proxies_and_beats_each():
    made = leadlag.experiments(
        simulated(6, 400, true=0.7, signal=4.0, noise=0.3, metrics=3), "revenue",
        noise_correlation=0.3,
    )  # fmt: skip
    assert made.index_verdict == "estimated"
    assert (made.index > 0).all()
    assert made.index_quality > made.table["quality"].max()
    few = leadlag.experiments(simulated(6, 25, true=0.7, metrics=3), "revenue")
    assert few.index.empty
    assert "insufficient experiments" in few.index_verdict


def test_the_next_experiment_has_a_size():
    frame = simulated(8, 200, true=0.8, signal=4.0, noise=0.0).assign(units=1000)
    made = leadlag.experiments(frame, "revenue", noise_correlation=0.0)
    # Standard error .5 at 1,000 users; an effect of 1 needs 1 / 2.8.
    assert made.sample_size("proxy0", effect=1.0) == pytest.approx(
        1000 * (0.5 * 2.8016) ** 2, rel=1e-3
    )
    assert made.table.loc["proxy0", "next_units"] == pytest.approx(made.sample_size("proxy0"))
    assert made.table.loc["proxy0", "size_factor"] == pytest.approx(
        made.sample_size("proxy0") / 1000
    )
    with pytest.raises(ConfigurationError, match="is no metric of the experiments"):
        made.sample_size("likes")
    with pytest.raises(ConfigurationError, match="power is not a probability"):
        made.sample_size("proxy0", power=80)


def test_too_few_is_an_answer_and_survives_json():
    made = leadlag.experiments(simulated(9, 3, true=0.9), "revenue")
    row = made.table.loc["proxy0"]
    assert (row["verdict"], row["supported"]) == ("insufficient experiments", False)
    assert made.t4 == []
    assert json.loads(json.dumps(made.to_dict()))["proxies"][0]["correlation"] is None
    assert "insufficient experiments: 3" in repr(made)


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({}, {"target": "revenu"}, "Did you mean 'revenue'"),
        ({}, {"metrics": "likes"}, "metric 'likes' is no metric"),
        ({}, {"metrics": "revenue"}, "no proxy of itself"),
        ({}, {"metrics": 3}, "metrics are no names"),
        ({}, {"noise_correlation": 1.0}, "noise_correlation is not a correlation"),
        ({}, {"noise_correlation": {"likes": 0.1}}, "does not name 'proxy0'"),
        ({"proxy0_se": 0.0}, {}, "a standard error is not above 0"),
        ({"proxy0": "x"}, {}, "column 'proxy0' holds text"),
        ({"revenue": np.nan}, {}, "no experiment has an effect on 'revenue': got 20 experiments"),
        ({"proxy0": np.nan}, {}, "no experiment has an effect on 'revenue' and on a metric"),
    ],
)
def test_what_can_t_be_used_says_why(
    change: dict[str, Any], arguments: dict[str, Any], message: str
):
    arguments = {"target": "revenue", **arguments}
    with pytest.raises(leadlag.LeadLagError, match=message):
        leadlag.experiments(simulated(0, 20, true=0).assign(**change), **arguments)


def test_frames_of_another_kind_are_refused():
    with pytest.raises(InputError, match="holds no effects with standard errors"):
        leadlag.experiments(pd.DataFrame({"a": [1.0], "b": [2.0]}), "a")
    tidy = pd.DataFrame({"experiment": [1, 1], "metric": "a", "estimate": 0.1, "se": 0.1})
    with pytest.raises(InputError, match="two rows for one metric"):
        leadlag.experiments(tidy, "a")
    for column in ("metric", "experiment"):
        with pytest.raises(InputError, match=f"column '{column}' has rows without a name: got 2 m"):
            leadlag.experiments(tidy.assign(**{column: np.nan}), "a")
    with pytest.raises(InputError, match="need the columns standard_error too"):
        leadlag.experiments(tidy.drop(columns="se"), "a")


def test_a_metric_named_twice_is_judged_once():
    made = leadlag.experiments(simulated(0, 20, true=0), "revenue", metrics=["proxy0"] * 2)
    assert list(made.table.index) == ["proxy0"]
    with pytest.raises(LeadLagError, match="there is no proxy to judge"):
        leadlag.experiments(simulated(0, 20, true=0), "revenue", metrics=[])
    with pytest.raises(LeadLagError, match="one of the proxies: proxy0"):
        made.plot("clicks")


def test_sizes_and_pictures_of_odd_input():
    rng = np.random.default_rng(0)
    true = rng.standard_normal(40)
    frame = pd.DataFrame({"clicks": true + 0.5 * rng.standard_normal(40), "clicks_se": 0.5})
    frame["revenue"], frame["revenue_se"] = true + 0.5 * rng.standard_normal(40), 0.5
    made = leadlag.experiments(frame, "revenue", noise_correlation=0.0)
    for wrong in ({"effect": "large"}, {"power": "high"}, {"power": 80}, {"effect": 0}):
        with pytest.raises(LeadLagError):
            made.sample_size("clicks", **wrong)
    with pytest.raises(LeadLagError, match="Did you mean 'clicks'"):
        made.sample_size("click")
    with pytest.raises(LeadLagError):
        made.sample_size(["clicks"])
    steady = leadlag.experiments(frame.assign(clicks=1.0), "revenue", noise_correlation=0.0)
    for one in (steady, leadlag.experiments(frame.iloc[:1], "revenue", noise_correlation=0.0)):
        assert one.table["verdict"].tolist() == ["insufficient experiments"]
        assert one.plot().to_dict()


def test_a_good_proxy_is_not_called_insufficient_for_landing_beyond_one():
    rng = np.random.default_rng(3)
    found = []
    for _ in range(12):
        effects = rng.multivariate_normal([0, 0], [[1, 0.95], [0.95, 1]], 100)
        noise = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], 100)
        frame = pd.DataFrame(effects + noise, columns=["proxy", "target"])
        frame["proxy_se"] = frame["target_se"] = 1.0
        (proxy,) = leadlag.experiments(frame, "target", noise_correlation=0.5).proxies
        assert proxy.verdict == "supported" or proxy.experiments_needed > proxy.n
        found.append(proxy.verdict)
    assert found.count("supported") >= 11
