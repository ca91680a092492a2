"""The full lag model: exact, calibrated, honest where it did not converge, and kept in a file."""

import dataclasses
import sys
import time
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import leadlag
from benchmarks.validity.lag_model_calibration import ranks_of_the_truth, simulate
from leadlag import fit_lag_model
from leadlag.bayes.conditional import delay_kernels_of
from leadlag.bayes.fit import fit_panel
from leadlag.bayes.model import build
from leadlag.bayes.priors import EFFECT_SD, SAME_SD, phi_sd
from leadlag.bayes.recover import recover
from leadlag.data.panel import build_panel

# One worker: each would compile the model again. All tests use the one shape (order 3, 12 lags).
pytestmark = [pytest.mark.xdist_group("lag_model"), pytest.mark.timeout(900)]
MAX_LAG, ORDER = 12, 3


def _two_metrics(n: int = 160) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    x, z, noise = rng.standard_normal((3, n))
    kernel = np.concatenate([np.zeros(4), 0.5 * 0.6 ** np.arange(9)])
    y = np.convolve(x, kernel)[:n] + noise
    return pd.DataFrame({"revenue": y, "visits": x, "page_likes": z})


@pytest.fixture(scope="module")
def series_m():
    return fit_lag_model(leadlag.datasets.box_jenkins(), "sales", max_lag=MAX_LAG, draws=500)


@pytest.fixture(scope="module")
def two():
    return fit_lag_model(
        _two_metrics(), "revenue", max_lag=MAX_LAG, draws=500, compare=True, seed=3
    )


def test_series_m_has_its_published_response(series_m):
    row = series_m.summary.loc["lead"]
    assert (row["lag"], row["onset"]) == (3, 3)
    assert 5 <= row["mean_delay"] <= 6
    assert row["mean_delay_low"] <= 5.57 <= row["mean_delay_high"]
    # 4.82 / (1 - 0.72) for a move of one unit, the part beyond twelve lags left out.
    assert row["effect"] == pytest.approx(row["typical_move"] * 17.2 * (1 - 0.72**10), rel=0.15)
    assert series_m.converged
    assert series_m.diagnostics.loc["lead", "r_hat"] <= 1.01
    assert series_m.diagnostics.loc["lead", "divergences"] == 0


def test_a_planted_delay_comes_out_and_noise_has_no_effect(two):
    led, idle = two.summary.loc["visits"], two.summary.loc["page_likes"]
    assert led["lag_low"] <= 4 <= led["lag_high"]
    assert led["effect_low"] <= 1.25 <= led["effect_high"]
    assert led["mean_delay_low"] <= 5.5 <= led["mean_delay_high"]
    assert idle["effect_low"] <= 0 <= idle["effect_high"]
    assert two.comparison.loc["visits", "difference"] > 4
    assert two.comparison.loc["page_likes", "difference"] < 4


def test_free_lags_find_the_same_response_and_predict_no_better(two):
    compared = two.comparison.loc["visits"]
    assert compared["elpd_free_lags"] > compared["elpd_no_lead"]
    assert compared["free_lags_difference"] < 2 * compared["free_lags_difference_se"]
    response = two.data["free_lags"]["response"].sel(metric="visits")
    assert int(response["at_lag"][np.abs(response.mean(("chain", "draw")).values).argmax()]) in (
        4,
        5,
    )
    total = response.sum("at_lag").values
    low, high = np.quantile(total, [0.05, 0.95])
    assert low <= 1.25 <= high


@pytest.mark.parametrize("target", ["orders/day", "period", "draw"])
def test_a_target_may_have_any_name(target):
    frame = _two_metrics().rename(columns={"revenue": target})
    fit = fit_lag_model(
        frame, target, metrics="visits", max_lag=MAX_LAG, draws=400, seed=np.int64(1)
    )
    assert list(fit.data["observed_data"].data_vars) == ["target"]
    assert fit.plot(kind="predictive").to_dict()["title"]
    assert fit.settings["target"] == target


def test_arviz_takes_the_draws(two):
    import arviz

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        two.to_arviz()
    assert "mean_delay[visits]" in arviz.summary(two.to_arviz(), var_names=["mean_delay"]).index


def test_an_interrupted_fit_is_no_fit(monkeypatch):
    import xarray as xr

    from leadlag.bayes import sampling

    some = {"point": (("chain", "draw", "at"), np.zeros((2, 7, 5)))}
    stats = {name: (("chain", "draw"), np.zeros((2, 7))) for name in ("diverging", "energy")}
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(some), "sample_stats": xr.Dataset(stats)})
    for sampler in ("_by_nutpie", "_by_pymc"):
        monkeypatch.setattr(sampling, sampler, lambda *_: tree)
    with pytest.raises(KeyboardInterrupt):
        fit_lag_model(_two_metrics(), "revenue", metrics="visits", max_lag=MAX_LAG, draws=50)


def test_a_sampler_that_cannot_be_loaded_is_not_used(monkeypatch):
    from leadlag.bayes.sampling import sampler_name

    monkeypatch.setitem(sys.modules, "nutpie", None)
    assert sampler_name() == "pymc"


def test_what_was_done_to_the_data_is_said(tmp_path):
    frame = _two_metrics().set_index(pd.date_range("2021-01-04", periods=160, freq="W-MON"))
    twice = pd.concat([frame, frame.iloc[[5]]])
    fit = fit_lag_model(twice, "revenue", metrics="visits", max_lag=MAX_LAG, draws=400)
    codes = [notice.code for notice in leadlag.rank(twice, "revenue", max_lag=MAX_LAG).warnings]
    assert {notice.code for notice in fit.warnings} & set(codes)
    fit.save(tmp_path / "fit.nc")
    assert leadlag.LagModel.load(tmp_path / "fit.nc").warnings == fit.warnings
    # Labels of weeks are long: they would run into one another.
    band = fit.plot(kind="predictive").to_dict()["layer"][0]
    labels = band["encoding"]["x"]["axis"]["values"]
    assert len(labels) >= 2
    assert sum(len(label) for label in labels) <= 80


def test_strong_effects_lie_in_their_intervals():
    rng = np.random.default_rng(4)
    response = 4.82 * 0.72 ** np.arange(80)
    held = []
    for _ in range(12):
        x = 0.276 * rng.standard_normal(230)
        y = np.convolve(x, np.r_[0, 0, 0, response])[:230] + 0.23 * rng.standard_normal(230)
        frame = pd.DataFrame({"x": x[80:], "y": y[80:]})
        row = fit_lag_model(frame, "y", max_lag=24, draws=500).summary.iloc[0]
        effect = response[:22].sum() * row["typical_move"]
        delay = 3 + 0.72 / 0.28
        held.append((row["effect_low"] <= effect <= row["effect_high"],
                     row["mean_delay_low"] <= delay <= row["mean_delay_high"]))  # fmt: skip
    # At 90 %, eight of twelve or fewer come about once in 40; a prior of 2 had six of twenty.
    assert np.sum(held, axis=0).min() >= 9


def test_a_bar_is_there_while_the_first_metric_is_fitted(monkeypatch, capsys):
    from leadlag import progress

    monkeypatch.setattr(progress, "_PATIENCE", 0.05)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    seen = []
    with progress.progress_bar("fitting") as step:
        step(0, 1)
        deadline = time.monotonic() + 5
        while not seen and time.monotonic() < deadline:
            time.sleep(0.02)
            seen += [text for text in [capsys.readouterr().err] if "fitting" in text]
    assert seen
    steps = []
    panel = build_panel(_two_metrics(), "revenue", metrics="visits", max_lag=MAX_LAG)
    fit_panel(
        panel, ["visits"], draws=20, chains=2, seed=0, progress=lambda *done: steps.append(done)
    )
    assert steps == [(0, 1), (1, 1)]


def test_shares_arrive_in_order(two):
    assert two.arrived.shape == (MAX_LAG, 2)
    assert two.arrived.index.tolist() == list(range(1, MAX_LAG + 1))
    assert (np.diff(two.arrived, axis=0) >= 0).all()
    assert two.arrived.to_numpy().max() <= 1


def test_a_metric_has_the_same_draws_alone(two):
    alone = fit_lag_model(
        _two_metrics(), "revenue", metrics=["visits"], max_lag=MAX_LAG, draws=500, seed=3
    )
    pd.testing.assert_frame_equal(alone.summary, two.summary.loc[["visits"]])
    assert alone.comparison is None


def test_outliers_are_weighed_down_on_request():
    frame = _two_metrics()
    frame.loc[[40, 90, 130], "revenue"] += [6.0, -7.0, 6.0]
    plain, robust = (
        fit_lag_model(
            frame, "revenue", metrics="visits", max_lag=MAX_LAG, draws=500, noise=noise
        ).summary.loc["visits"]
        for noise in ("normal", "student")
    )
    width = {
        name: row["effect_high"] - row["effect_low"]
        for name, row in (("plain", plain), ("robust", robust))
    }
    # The normal noise knows loud stretches as well; a sampler's own noise is a few per cent.
    assert width["robust"] < 1.1 * width["plain"]
    assert robust["effect_low"] <= 1.25 <= robust["effect_high"]


def test_segments_are_drawn_towards_one_another(two):
    other = fit_lag_model(
        _two_metrics(100), "revenue", metrics="visits", max_lag=MAX_LAG, draws=500, seed=9
    )
    pooled = leadlag.pool_lag_models({"north": two, "south": other})
    assert pooled.table.index.tolist() == [("visits", "north"), ("visits", "south")]
    apart = pooled.table["effect"].max() - pooled.table["effect"].min()
    assert pooled.table["pooled_effect"].max() - pooled.table["pooled_effect"].min() < apart
    assert pooled.overall.loc["visits", "segments"] == 2
    assert pooled.left_out == ("page_likes in north",)
    with pytest.raises(leadlag.LeadLagError, match="two segments"):
        leadlag.pool_lag_models({"north": two})
    with pytest.raises(leadlag.LeadLagError, match="one name"):
        leadlag.pool_lag_models({1: two, "1": other})
    elsewhere = dataclasses.replace(other, settings=other.settings | {"target": "orders"})
    with pytest.raises(leadlag.LeadLagError, match="different targets"):
        leadlag.pool_lag_models({"north": two, "south": elsewhere})


def test_draws_survive_a_file(two, tmp_path):
    two.save(tmp_path / "fit.nc")
    again = leadlag.LagModel.load(tmp_path / "fit.nc")
    pd.testing.assert_frame_equal(again.summary, two.summary)
    pd.testing.assert_frame_equal(again.comparison, two.comparison)
    assert again.settings == two.settings
    assert set(again.data.children) == {
        "posterior", "sample_stats", "posterior_predictive", "log_likelihood", "observed_data",
        "constant_data", "free_lags", "leave_future_out",
    }  # fmt: skip
    with pytest.raises(leadlag.LeadLagError, match="can't be read"):
        leadlag.LagModel.load(tmp_path / "other.nc")
    with pytest.raises(leadlag.LeadLagError, match="not a path"):
        leadlag.LagModel.load(None)
    (tmp_path / "text.nc").write_text("no draws here")
    with pytest.raises(leadlag.LeadLagError, match="no netCDF file"):
        leadlag.LagModel.load(tmp_path / "text.nc")


@pytest.mark.parametrize("kind", ["delay", "trace", "forest", "predictive"])
def test_there_are_pictures(two, kind):
    spec = two.plot("visits", kind=kind).to_dict()
    assert spec["title"]
    with pytest.raises(leadlag.LeadLagError, match="Did you mean 'visits'"):
        two.plot("visit", kind=kind)


def test_predictive_intervals_hold_what_they_say(two):
    seen = two.data["observed_data"]["revenue"].sel(metric="visits").values
    draws = two.data["posterior_predictive"]["revenue"].sel(metric="visits").values
    low, high = np.quantile(draws.reshape(-1, seen.size), [0.05, 0.95], axis=0)
    assert 0.83 <= ((seen >= low) & (seen <= high)).mean() <= 0.97


def test_a_fit_that_did_not_converge_says_so():
    with pytest.warns(leadlag.LeadLagWarning, match="visits did not converge"):
        fit = fit_lag_model(
            _two_metrics(), "revenue", metrics="visits", max_lag=MAX_LAG, draws=20, chains=2
        )
    assert not fit.converged
    assert not fit.summary.loc["visits", "converged"]
    assert fit.diagnostics.loc["visits", "advice"]


def test_ranks_of_the_truth_are_not_far_from_uniform():
    found = ranks_of_the_truth(12, draws=100, seed=2)
    for name, ranks in found.ranks.items():
        # The largest gap to the uniform distribution: .45 is exceeded once in a hundred.
        at = np.sort(ranks)
        gap = np.abs(at - (np.arange(12) + 0.5) / 12).max()
        assert gap < 0.45, name


def test_the_likelihood_equals_dense_multivariate_t_densities():
    rng = np.random.default_rng(1)
    made, _ = simulate(rng, n=40, max_lag=5, order=2)
    model = build(made)
    points = [{"log_spread": 0.1, "log_shape": 0.5, "phi": np.array([0.3, -0.2])},
              {"log_spread": 1.2, "log_shape": -0.4, "phi": np.array([0.9, 0.05])}]  # fmt: skip
    logp = model.compile_logp(mode="FAST_COMPILE")
    fast = logp(points[0]) - logp(points[1])
    slow = _dense(made, points[0]) - _dense(made, points[1])
    assert fast == pytest.approx(slow, abs=1e-8)


def _dense(made, point) -> float:
    """Prior and likelihood, each start a regression with its covariance written out."""
    filter_ = np.concatenate([[1.0], -point["phi"]])
    width = made.max_lag + 1
    lags = sum(w * made.x[:, i : i + width] for i, w in enumerate(filter_))
    response = made.y @ filter_
    kernels = delay_kernels_of(
        np.exp([point["log_spread"]]), np.exp([point["log_shape"]]), made.max_lag
    )[0]
    each = []
    for kernel in kernels:
        f = lags[:, 1:] @ kernel
        covariance = np.eye(made.df) + SAME_SD**2 * np.outer(lags[:, 0], lags[:, 0])
        covariance += EFFECT_SD**2 * np.outer(f, f)
        each.append(
            -0.5 * np.linalg.slogdet(covariance)[1]
            - made.df / 2 * np.log(response @ np.linalg.solve(covariance, response))
        )
    prior = -0.5 * (point["log_spread"] - np.log(1.0)) ** 2
    prior -= 0.5 * ((point["log_shape"] - np.log(1.5)) / 0.6) ** 2
    prior -= 0.5 * ((point["phi"] / phi_sd(2)) ** 2).sum()
    return float(np.logaddexp.reduce(each) + prior)


def test_what_was_integrated_out_is_drawn_from_its_exact_distribution():
    rng = np.random.default_rng(3)
    made, _ = simulate(rng, n=60, max_lag=4, order=2)
    count = 20000
    fixed = {"log_spread": np.zeros(count), "log_shape": np.full(count, 0.4),
             "phi": np.tile([0.2, 0.1], (count, 1))}  # fmt: skip
    got = recover(made, fixed, rng, kept=np.arange(1))
    kernels = delay_kernels_of(np.ones(1), np.exp([0.4]), 4)[0]
    filter_ = np.array([1.0, -0.2, -0.1])
    lags = sum(w * made.x[:, i : i + 5] for i, w in enumerate(filter_))
    response = made.y @ filter_
    means, weights = [], []
    for kernel in kernels:
        design = np.column_stack([lags[:, 0], lags[:, 1:] @ kernel])
        precision = design.T @ design + np.diag([1 / SAME_SD**2, 1 / EFFECT_SD**2])
        mean = np.linalg.solve(precision, design.T @ response)
        left = response @ response - mean @ precision @ mean
        means.append([mean[0], mean[1] * kernel.sum()])
        weights.append(-0.5 * np.linalg.slogdet(precision)[1] - made.df / 2 * np.log(left))
    share = np.exp(np.array(weights) - max(weights))
    share /= share.sum()
    starts = [(got.start == k).mean() for k in range(1, 5)]
    np.testing.assert_allclose(starts, share, atol=0.015)
    expected = share @ np.array(means)
    np.testing.assert_allclose([got.same.mean(), got.effect.mean()], expected, atol=0.02)


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_any_unit_keeps_its_predictions_and_one_free_lag_is_no_trouble(unit):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        fit = fit_lag_model(
            unit * _two_metrics(), "revenue", metrics="visits", max_lag=1, kernel="free"
        )
    replicated = fit.data["posterior_predictive"]["revenue"].values
    assert np.isfinite(replicated).all()
    assert (replicated / unit).std() == pytest.approx(1.2, rel=0.3)


@pytest.mark.parametrize("spread", [0.05, 0.8, 30.0, 400.0])
def test_half_life_and_onset_lie_as_far_behind_the_longest_lag_as_they_have_to(spread):
    made, _ = simulate(np.random.default_rng(3), n=60, max_lag=2, order=2)
    fixed = {"log_spread": np.full(8, np.log(spread)), "log_shape": np.full(8, 0.4),
             "phi": np.tile([0.2, 0.1], (8, 1))}  # fmt: skip
    got = recover(made, fixed, np.random.default_rng(0), kept=np.arange(1))
    shape = np.exp(0.4)
    delays = stats.nbinom(shape, shape / (shape + spread))
    assert (got.onset == got.start + delays.ppf(0.1)).all()
    age = delays.ppf(0.5)
    inside = (0.5 - delays.cdf(age - 1)) / delays.pmf(age) if age > 0 else 1.0
    np.testing.assert_allclose(got.half_life, got.start - 1 + age + inside, rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": "revenu"}, "Did you mean 'revenue'"),
        ({"metrics": ["visit"]}, "visit"),
        ({"draws": 0}, "draws"),
        ({"chains": 1}, "chains"),
        ({"seed": -1}, "seed"),
        ({"seed": 0.5}, "seed"),
        ({"max_lag": 100}, "max_lag"),
        ({"compare": "yes"}, "compare"),
        ({"noise": "cauchy"}, "noise"),
        ({"kernel": "gamma"}, "kernel"),
        ({"progress": 1.5}, "progress"),
    ],
)
def test_bad_input_is_one_clear_error(change, said):
    arguments = {"target": "revenue"} | change
    with pytest.raises(leadlag.LeadLagError, match=said):
        fit_lag_model(_two_metrics(), arguments.pop("target"), **arguments)


def test_a_frame_without_a_usable_metric_says_why():
    frame = _two_metrics().assign(visits=1.0)[["revenue", "visits"]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(leadlag.LeadLagError, match="never changes"):
            fit_lag_model(frame, "revenue", max_lag=MAX_LAG)


def test_a_perfect_predictor_breaks_nothing():
    frame = _two_metrics(100)[["revenue", "visits"]]
    frame["revenue"] = frame["visits"].shift(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = fit_lag_model(frame, "revenue", max_lag=6, draws=20, chains=2, compare=True)
    assert fit.summary.loc["visits", "lag"] == 3
    assert fit.comparison.loc["visits", "difference"] > 100
