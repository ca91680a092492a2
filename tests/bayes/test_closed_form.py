"""The closed-form lag posterior is what PyMC samples when every parameter is left in."""

import warnings

import numpy as np
import pytest

from leadlag import lag_posterior
from leadlag.core.lag_states import LEAD_SIZES, SAME_SIZES
from tests.core import naive_posterior

pytestmark = [pytest.mark.xdist_group("lag_model"), pytest.mark.timeout(300)]
MAX_LAG, CHAINS, DRAWS = 3, 2, 1000


def _states(x: np.ndarray, y: np.ndarray):
    """Rows, and for each state its log prior and scaled regressors: lead, same period."""
    n = y.size
    line = np.column_stack([np.ones(n), np.linspace(-1, 1, n)])
    news = np.nan_to_num(naive_posterior._own_past(x, line).innovations)
    own = naive_posterior._own_past(y, line)
    rows = [t for t in range(MAX_LAG, n) if np.isfinite(own.innovations[t])]
    nuisance = np.column_stack(
        [line[rows], *(own.series[np.array(rows) - i] for i in range(1, own.order + 1))]
    )
    response = own.series[rows]
    forms = naive_posterior._forms(news, rows, nuisance, response, own.order, MAX_LAG)

    def scaled(f: np.ndarray, size: float) -> np.ndarray:
        return f * np.sqrt(size * len(rows) / (f @ f))

    nothing = np.zeros(len(rows))
    states = [(0.25, nothing, nothing, -1)]
    kernels = naive_posterior._kernels(MAX_LAG)
    for lags in forms:
        same = [scaled(lags[:, 0], size) for size in SAME_SIZES]
        states += [(0.25 / len(same) / len(forms), nothing, g, 0) for g in same]
        for i, kernel in enumerate(kernels):
            lag = 1 + i * MAX_LAG // len(kernels)
            for size in LEAD_SIZES:
                lead = scaled(lags @ kernel, size)
                share = 0.25 / len(kernels) / len(LEAD_SIZES) / len(forms)
                states.append((share, lead, nothing, lag))
                states += [(share / len(same), lead, g, lag) for g in same]
    return response, nuisance, states


def test_the_closed_form_agrees_with_what_pymc_samples():
    import pymc as pm

    from leadlag.bayes.model import around
    from leadlag.bayes.trees import diagnose, groups_of

    rng = np.random.default_rng(3)
    x = rng.standard_normal(80)
    y = 0.25 * np.concatenate([np.zeros(2), x[:-2]]) + 0.2 * x + rng.standard_normal(80)
    response, nuisance, states = _states(x, y)
    log_prior = np.log([state[0] for state in states])
    sides = [np.column_stack([response, nuisance, lead, same]) for _, lead, same, _ in states]
    products = np.array([(side.T @ side).ravel() for side in sides])
    width = nuisance.shape[1]

    def by_state(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log density under each state, from [coefficients, log sigma, beta, gamma]."""
        sigma = np.exp(point[width])
        weight = np.concatenate([[1 / sigma], -point[:width] / sigma, -point[width + 1 :]])
        squares = products @ np.outer(weight, weight).ravel()
        normal = -0.5 * (point[width + 1 :] ** 2).sum()
        return log_prior - 0.5 * squares - response.size * point[width] + normal, weight

    def density(point: np.ndarray) -> tuple[float, np.ndarray]:
        each, weight = by_state(point)
        value = np.logaddexp.reduce(each)
        gram = (np.exp(each - value) @ products).reshape(weight.size, weight.size)
        slope = -gram @ weight
        sigma = np.exp(point[width])
        gradient = np.concatenate(
            [-slope[1 : width + 1] / sigma,
             [-slope[: width + 1] @ weight[: width + 1] - response.size],
             -slope[width + 1 :] - point[width + 1 :]]
        )  # fmt: skip
        return float(value), gradient

    start = np.concatenate([np.linalg.lstsq(nuisance, response, rcond=None)[0], np.zeros(3)])
    with around(density, start.size), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampled = pm.sample(
            draws=DRAWS, tune=500, chains=CHAINS, cores=1, random_seed=1, progressbar=False,
            nuts_sampler="pymc", compute_convergence_checks=False,
            initvals=[{"point": start}] * CHAINS, compile_kwargs={"mode": "FAST_COMPILE"},
        )  # fmt: skip
    posterior = groups_of(sampled)["posterior"]
    points = posterior["point"].values.reshape(-1, start.size)
    logs = np.array([by_state(point)[0] for point in points])
    share = np.exp(logs - np.logaddexp.reduce(logs, axis=1)[:, None])
    share = share.reshape(CHAINS, DRAWS, -1)
    lag = np.array([s[3] for s in states])
    got = np.stack([share[..., lag == k].sum(axis=-1) for k in range(-1, MAX_LAG + 1)], axis=-1)
    posterior = posterior.assign(by_lag=(("chain", "draw", "state"), got))
    r_hat, ess, _ = diagnose(posterior)
    assert float(r_hat["by_lag"].max()) < 1.02
    error = got.std(axis=(0, 1)) / np.sqrt(ess["by_lag"].values)
    found = lag_posterior(x, y, max_lag=MAX_LAG)
    exact = np.concatenate(
        [[1 - found.prob_leads[0] - found.prob_coincident[0], found.prob_coincident[0]],
         found.prob_leads[0] * found.probability[0]]
    )  # fmt: skip
    # The case is one in which the data leave much open.
    assert 0.2 < found.prob_leads[0] < 0.8
    assert error.max() < 0.02
    assert (np.abs(got.mean(axis=(0, 1)) - exact) < 4 * error).all()
