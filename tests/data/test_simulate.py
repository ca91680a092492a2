"""The laboratory: same seed, same panel; the truth is what a regression finds at great length."""

import re

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag.data.simulate.kernels import Draw, gamma
from leadlag.data.simulate.lessons import LESSONS
from leadlag.data.simulate.linear import (
    Process,
    autoregression_of,
    covariance,
    gains,
    inverse_series,
    memory_weights,
    projection,
)
from leadlag.data.simulate.links import LINKS, remainder, remainder_weights
from leadlag.data.simulate.panel import finish
from leadlag.data.simulate.table import HELD_OUT, SITUATIONS
from leadlag.data.simulate.truth import role_of
from leadlag.data.simulate.world import World

KINDS = {**SITUATIONS, **HELD_OUT}
ROLES = {"leading", "coincident", "lagging", "feedback", "unrelated"}
LEADS = ("leading", "feedback")


def _panel(kind: str, seed: int, n: int | None = None) -> leadlag.Simulated:
    return leadlag.simulate(kind, n=n, seed=seed, held_out=kind in HELD_OUT)


# --- every situation ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_panel(kind: str):
    one, two, other = _panel(kind, 3), _panel(kind, 3), _panel(kind, 4)
    pd.testing.assert_frame_equal(one.data, two.data)
    pd.testing.assert_frame_equal(one.truth, two.truth)
    assert not one.data["target"].equals(other.data["target"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_panel_and_its_truth_belong_together(kind: str):
    panel = _panel(kind, 5)
    metrics = [name for name in panel.data.columns if name not in ("target", *panel.controls)]
    assert list(panel.truth.index) == metrics
    assert set(panel.truth["role"]) <= ROLES
    assert panel.data.index.is_unique
    assert panel.data.attrs["simulated"] is True
    assert np.isfinite(panel.data["target"]).mean() > 0.85
    assert set(panel.catalog) <= set(metrics)
    lag, role = panel.truth["lag"], panel.truth["role"]
    assert (lag[role.isin(LEADS)] >= 1).all()
    assert (lag[role == "lagging"] <= -1).all()
    assert (lag[role == "coincident"] == 0).all()
    assert lag[role == "unrelated"].isna().all()
    onset = panel.truth["onset"]
    assert (onset[role.isin(LEADS)] <= lag[role.isin(LEADS)]).all()
    assert (panel.truth.loc[role == "unrelated", ["sign", "gain_forward"]] == 0).all(axis=None)
    assert (panel.truth["effect"].notna() == role.isin(LEADS)).all()
    assert not KINDS[kind].null or set(role) == {"unrelated"}


def test_every_situation_has_its_lesson():
    assert set(LESSONS) == {kind.removeprefix("null_") for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_every_situation_can_be_ranked(kind: str):
    short = {"many_metrics": 60, "short_weekly": 60, "annual": 50}
    n = short.get(kind.removeprefix("null_"), 150)
    panel = _panel(kind, 1, n)
    if kind == "many_metrics":
        data, options = panel.data.iloc[:, :12], panel.options
    else:
        data, options = panel.data, panel.options
    table = leadlag.rank(data, target="target", progress=False, **options).table
    assert len(table) == data.shape[1] - 1 - len(panel.controls)
    assert not (table["role"] == "excluded").any()


@pytest.mark.parametrize("kind", SITUATIONS)
def test_the_held_out_part_draws_other_parameters(kind: str):
    assert not leadlag.simulate(kind, seed=1, held_out=True).data.equals(
        leadlag.simulate(kind, seed=1).data
    )


def test_situations_that_are_held_out_are_kept_out_of_sight():
    assert set(leadlag.situations()) == set(SITUATIONS)
    assert set(leadlag.situations(held_out=True)) == set(KINDS)
    for kind in HELD_OUT:
        with pytest.raises(leadlag.LeadLagError, match="held_out=True"):
            leadlag.simulate(kind)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "sharp_leads"}, "Did you mean 'sharp_lead'"),
        ({"kind": "sharp_lead", "n": 10}, "n, the number of rows, can't be used: got 10"),
        ({"kind": "sharp_lead", "seed": -1}, "seed can't be used: got -1"),
    ],
)
def test_what_cannot_be_simulated_is_said(arguments: dict[str, object], message: str):
    with pytest.raises(leadlag.LeadLagError, match=re.escape(message)):
        leadlag.simulate(**arguments)  # type: ignore[arg-type]


# --- the truth against regressions at great length ---------------------------------------------


def _regressed(y: np.ndarray, x: np.ndarray, depth: int = 40) -> tuple[float, float]:
    """Forward and reverse log-variance ratios by least squares with many lags."""

    def lags(v: np.ndarray) -> np.ndarray:
        return np.column_stack([v[depth - k : v.size - k] for k in range(1, depth + 1)])

    def variance(response: np.ndarray, *past: np.ndarray) -> float:
        design = np.hstack([np.ones((response.size, 1)), *past])
        left = response - design @ np.linalg.lstsq(design, response, rcond=None)[0]
        return float(left @ left) / (response.size - design.shape[1])

    past_y, past_x = lags(y), lags(x)
    forward = variance(y[depth:], past_y) / variance(y[depth:], past_y, past_x)
    reverse = variance(x[depth:], past_x) / variance(x[depth:], past_x, past_y)
    return float(np.log(forward)), float(np.log(reverse))


@pytest.mark.parametrize(
    "kind",
    [
        "sharp_lead", "gamma_lead", "feedback", "driver_hidden", "near_duplicates", "threshold",
        "lag_zero_too", "aggregated", "log_growth",
    ],
)  # fmt: skip
def test_the_truth_is_what_a_long_regression_finds(kind: str, monkeypatch: pytest.MonkeyPatch):
    """Effects sized for 400 rows, seen over 20,000: standard errors of a gain are near .003."""
    monkeypatch.setattr(World, "rows_that_count", property(lambda world: 400.0))
    rows = 20_000
    draw = Draw(np.random.default_rng(7), held_out=False)
    world, look = SITUATIONS[kind].build(draw, rows // (7 if kind == "aggregated" else 1))
    panel = finish(kind, world, look)
    prepared = panel.structure.prepared.dropna()
    tolerance = 0.03 if kind == "aggregated" else 0.015
    related = panel.truth[panel.truth["role"] != "unrelated"]
    assert len(related) >= 5
    for metric, row in related.iterrows():
        forward, reverse = _regressed(prepared["target"].to_numpy(), prepared[metric].to_numpy())
        assert abs(forward - row["gain_forward"]) < tolerance + 0.08 * row["gain_forward"], metric
        assert abs(reverse - row["gain_reverse"]) < tolerance + 0.08 * row["gain_reverse"], metric


@pytest.mark.parametrize("kind", ["sharp_lead", "gamma_lead", "driver_hidden"])
def test_the_lag_is_where_a_long_regression_peaks(kind: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(World, "rows_that_count", property(lambda world: 400.0))
    world, look = SITUATIONS[kind].build(Draw(np.random.default_rng(8), held_out=False), 20_000)
    panel = finish(kind, world, look)
    prepared = panel.structure.prepared
    for metric, row in panel.truth[panel.truth["role"] == "leading"].iterrows():
        x, y = prepared[metric].to_numpy(), prepared["target"].to_numpy()
        depth = 45
        lags = np.column_stack([x[depth - k : x.size - k] for k in range(depth + 1)])
        phi = panel.structure.whitening[str(metric)]
        filtered = np.apply_along_axis(lambda c, f=phi: np.convolve(c, f)[: c.size], 0, lags)
        response = np.convolve(y, phi)[depth : y.size]
        slope = np.linalg.lstsq(filtered[60:], response[60:], rcond=None)[0]
        # A flat top has no sharp peak: at the true lag the response is near its largest.
        assert abs(slope[int(row["lag"])]) > 0.8 * np.abs(slope[1:]).max() - 0.02, metric
        assert np.sign(slope[int(row["lag"])]) == row["sign"], metric


@pytest.mark.parametrize("kind", ["sharp_lead", "near_duplicates"])
def test_the_effect_is_what_a_long_regression_sums_up(kind: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(World, "rows_that_count", property(lambda world: 400.0))
    world, look = SITUATIONS[kind].build(Draw(np.random.default_rng(9), held_out=False), 20_000)
    panel = finish(kind, world, look)
    y, depth = panel.data["target"].to_numpy(), 16
    for metric, row in panel.truth[panel.truth["role"] == "leading"].iterrows():
        x = panel.data[metric].to_numpy()
        lags = np.column_stack([x[depth - k : x.size - k] for k in range(depth + 1)])
        design = np.column_stack([np.ones(len(lags)), lags])
        phi = panel.structure.whitening[str(metric)]
        filtered = np.column_stack([np.convolve(c, phi)[: c.size] for c in design.T])[60:]
        response = np.convolve(y[depth:], phi)[60 : y.size - depth]
        slope = np.linalg.lstsq(filtered, response, rcond=None)[0]
        past = np.delete(design, 1, axis=1)
        surprise = lags[:, 0] - past @ np.linalg.lstsq(past, lags[:, 0], rcond=None)[0]
        assert slope[2:].sum() * surprise.std() == pytest.approx(row["effect"], rel=0.2), metric


def test_a_relation_that_ends_is_gone_from_the_data():
    world, _ = SITUATIONS["breaking"].build(Draw(np.random.default_rng(3), held_out=False), 4000)
    whole, broken = world.path(world.target), world.target_path()
    later = np.arange(4000) >= 0.6 * 4000
    np.testing.assert_array_equal(whole[~later], broken[~later])
    assert np.abs(whole - broken)[later].mean() > 0.01


def test_an_oracle_could_find_most_leaders():
    """The sizes hold: a t test on the true lag sees a clear leader at its drawn strength."""
    strengths = []
    for seed in range(40):
        draw = Draw(np.random.default_rng(seed), held_out=False)
        world = World(draw, 500)
        x = world.cause(np.array([0.0, 0.0, 1.0]), memory=0.5, strength=6.0)
        world.settle(noise=0.0)
        y, x_path = world.target_path()[2:], world.path(x)[:-2]
        slope = (x_path @ y) / (x_path @ x_path)
        left = y - slope * x_path
        strengths.append(slope / np.sqrt((left @ left) / (y.size - 1) / (x_path @ x_path)))
    assert np.mean(strengths) == pytest.approx(6.0, abs=4 / np.sqrt(40))


# --- the algebra -------------------------------------------------------------------------------


def test_covariances_of_a_first_order_autoregression():
    process = Process({0: memory_weights(0.6)})
    np.testing.assert_allclose(covariance(process, process, 3), 0.6 ** np.abs(np.arange(-3, 4)))


def test_averaging_a_white_series_leaves_it_white():
    process = Process({0: memory_weights(0.0)})
    averaged = covariance(process, process, 2, step=4)
    np.testing.assert_allclose(averaged, [0, 0, 0.25, 0, 0], atol=1e-12)


def test_the_covariance_with_a_delayed_series_is_at_its_delay():
    x = Process({0: memory_weights(0.0)})
    np.testing.assert_allclose(covariance(x.delayed(2), x, 3), [0, 0, 0, 0, 0, 1, 0], atol=1e-12)


def test_gains_in_closed_form():
    """y[t] = b x[t-1] + u[t], both white: the forward ratio is log(1 + b²), the reverse 0."""
    x, noise = Process({0: memory_weights(0.0)}), Process({1: memory_weights(0.0)})
    forward, reverse = gains(x.delayed(1) * 0.5 + noise, x)
    assert forward == pytest.approx(np.log(1.25), abs=1e-6)
    assert reverse == pytest.approx(0.0, abs=1e-6)


def test_a_projection_finds_the_kernel():
    kernel = gamma(6.0, 2.0)
    x, noise = Process({0: memory_weights(0.7)}), Process({1: memory_weights(0.4)})
    found = projection(x.filtered(kernel) + noise, x)
    np.testing.assert_allclose(found[: kernel.size], kernel, atol=1e-6)


def test_an_inverse_series_undoes_its_kernel():
    kernel = np.array([1.0, -0.5, 0.2])
    product = np.convolve(kernel, inverse_series(kernel))[:50]
    np.testing.assert_allclose(product, np.eye(1, 50)[0], atol=1e-12)


def test_an_autoregression_is_found_from_its_covariances():
    coefficients, variance = autoregression_of(0.6 ** np.arange(10.0), 4)
    np.testing.assert_allclose(coefficients, [0.6, 0, 0, 0], atol=1e-6)
    assert variance == pytest.approx(1 - 0.36, abs=1e-6)


@pytest.mark.parametrize("mean", [5.0, 12.0, 30.0])
def test_gamma_kernels_have_their_mean(mean: float):
    kernel = gamma(mean, 2.0)
    assert kernel.sum() == pytest.approx(1.0)
    assert kernel[0] == 0
    # Half a period: mass within a period is put at its beginning.
    assert kernel @ np.arange(kernel.size) == pytest.approx(mean - 0.5, abs=0.06 * mean)


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_what_a_line_leaves_of_a_bent_response_has_the_covariances_that_are_claimed(
    name: str, memory: float
):
    rng = np.random.default_rng(1)
    shocks = rng.standard_normal(200_000)
    x = np.convolve(shocks, memory_weights(memory)[:80])[: shocks.size]
    left = remainder(LINKS[name], x)
    process = Process({0: remainder_weights(LINKS[name], memory)})
    claimed = covariance(process, process, 3)[3:]
    found = [np.mean(left[k:] * left[: left.size - k]) for k in range(4)]
    np.testing.assert_allclose(found, claimed, atol=0.006)
    assert abs(np.mean(left[2:] * x[:-2])) < 0.01


@pytest.mark.parametrize(
    ("forward", "reverse", "role", "clear"),
    [
        (0.2, 0.0, "leading", True),
        (0.2, 0.05, "leading", False),  # s = .2: within .05 of the cut
        (0.2, 0.2, "feedback", True),
        (0.005, 0.2, "lagging", True),
        (0.005, 0.0, "leading", False),  # too small for any sample to tell
        (0.0, 0.0, "coincident", True),
    ],
)
def test_roles_by_gains(forward: float, reverse: float, role: str, clear: bool):
    assert role_of(forward, reverse, leads=None, follows=None, same=True) == (role, clear)
