"""The compiled density: equal to the model in PyTensor, and sampled alike by both samplers."""

import numpy as np
import pytest

from benchmarks.validity.lag_model_calibration import simulate
from leadlag.bayes import sampling
from leadlag.bayes.conditional import regress
from leadlag.bayes.density import log_density, packed
from leadlag.bayes.free_lags import free_density, free_sums
from leadlag.bayes.model import build
from leadlag.bayes.priors import SAME_SD, SHAPE_MEDIAN, SHAPE_SD, phi_sd, spread_median

pytestmark = pytest.mark.xdist_group("lag_model")


def _point(rng: np.random.Generator, order: int) -> np.ndarray:
    return np.concatenate([rng.normal(0, 1, 2), 0.4 * rng.standard_normal(order)])


@pytest.mark.parametrize(("max_lag", "order"), [(1, 3), (5, 2), (14, 8)])
def test_value_and_gradient_are_those_of_the_numpy_twin(max_lag: int, order: int):
    rng = np.random.default_rng(max_lag)
    made, _ = simulate(rng, n=80, max_lag=max_lag, order=order)
    arguments = packed(made).arguments()

    def slow(point: np.ndarray) -> float:
        values = {"log_spread": point[:1], "log_shape": point[1:2], "phi": point[None, 2:]}
        found = regress(made, made.sums(), values)
        height = np.logaddexp.reduce(found.log_weight[0]) - 0.5 * np.log(found.same_size[0])
        height -= 0.5 * (point[0] - np.log(spread_median(max_lag))) ** 2
        height -= 0.5 * ((point[1] - np.log(SHAPE_MEDIAN)) / SHAPE_SD) ** 2
        return float(height - 0.5 * ((point[2:] / phi_sd(order)) ** 2).sum())

    for _ in range(5):
        point = _point(rng, order)
        value, gradient = log_density(point, **arguments)
        assert value == pytest.approx(slow(point), abs=1e-8)
        steps = 1e-5 * np.eye(point.size)
        numeric = [(slow(point + step) - slow(point - step)) / 2e-5 for step in steps]
        np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-4)


def test_the_model_in_pytensor_has_the_same_density_and_gradient():
    rng = np.random.default_rng(1)
    made, _ = simulate(rng, n=60, max_lag=5, order=2)
    model = build(made)
    logp = model.compile_logp(mode="FAST_COMPILE")
    slope = model.compile_dlogp(mode="FAST_COMPILE")
    arguments = packed(made).arguments()
    points = [_point(rng, 2) for _ in range(3)]
    gaps = []
    for point in points:
        named = {"log_spread": point[0], "log_shape": point[1], "phi": point[2:]}
        value, gradient = log_density(point, **arguments)
        gaps.append(logp(named) - value)
        np.testing.assert_allclose(slope(named), gradient, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(gaps, gaps[0], atol=1e-9)


def test_pymc_samples_the_same_posterior_without_nutpie(monkeypatch: pytest.MonkeyPatch):
    made, _ = simulate(np.random.default_rng(4), n=120, max_lag=5, order=2)
    found = {}
    for name in ("nutpie", "pymc"):
        monkeypatch.setattr(sampling, "sampler_name", lambda name=name: name)
        found[name] = sampling.draw(made, draws=400, chains=2, seed=1)
    assert not found["pymc"].diverging.any()
    for name, values in found["nutpie"].values.items():
        # A draw in about two counts: five standard errors of the difference of two means.
        allowed = 5 * values.std(axis=(0, 1)) * np.sqrt(2 / 400)
        gap = values.mean(axis=(0, 1)) - found["pymc"].values[name].mean(axis=(0, 1))
        assert (np.abs(gap) < allowed).all(), name


@pytest.mark.parametrize(("max_lag", "order"), [(3, 3), (9, 2)])
def test_the_density_of_free_lags_is_a_dense_multivariate_t(max_lag: int, order: int):
    made, _ = simulate(np.random.default_rng(5), n=60, max_lag=max_lag, order=order)
    sums = free_sums(made)
    second = (2 * np.eye(max_lag) - np.eye(max_lag, k=1) - np.eye(max_lag, k=-1))[1:]

    def slow(point: np.ndarray) -> float:
        filter_ = np.concatenate([[1.0], -point[2:]])
        lags = sum(w * made.x[:, i : i + max_lag + 1] for i, w in enumerate(filter_))
        inner = np.linalg.inv(np.eye(max_lag) + np.exp(point[1]) * second.T @ second)
        covariance = np.eye(made.df) + SAME_SD**2 * np.outer(lags[:, 0], lags[:, 0])
        covariance += np.exp(2 * point[0]) * lags[:, 1:] @ inner @ lags[:, 1:].T
        response = made.y @ filter_
        value = -0.5 * np.linalg.slogdet(covariance)[1]
        value -= made.df / 2 * np.log(response @ np.linalg.solve(covariance, response))
        value -= 0.5 * (point[0] - sums[-1]) ** 2 + 0.5 * (point[1] / 2.0) ** 2
        return float(value - 0.5 * ((point[2:] / phi_sd(order)) ** 2).sum())

    rng = np.random.default_rng(6)
    points = [_point(rng, order) for _ in range(3)]
    gaps = []
    for point in points:
        value, gradient = free_density(point, *sums)
        gaps.append(slow(point) - value)
        steps = 1e-5 * np.eye(point.size)
        numeric = [(slow(point + step) - slow(point - step)) / 2e-5 for step in steps]
        np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(gaps, gaps[0], atol=1e-8)


@pytest.mark.parametrize("at", [-1e4, -300.0, 300.0, 1e4])
@pytest.mark.parametrize("which", [0, 1])
def test_free_lags_know_a_height_however_far_the_sampler_steps(which: int, at: float):
    made, _ = simulate(np.random.default_rng(3), n=60, max_lag=8, order=2)
    sums = free_sums(made)
    point = np.zeros(4)
    point[which] = at
    value, gradient = free_density(point, *sums)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
    # Downhill is towards the prior again.
    assert np.sign(gradient[which]) == -np.sign(at)
