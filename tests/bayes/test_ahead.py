"""Leave-future-out: exact given the parameters, and the same however often it is sampled again."""

import numpy as np
import pytest
from scipy import special

from benchmarks.validity.lag_model_calibration import simulate
from leadlag import fit_lag_model
from leadlag.bayes import ahead
from leadlag.bayes.models import again, fit_model
from tests.bayes.test_lag_model import MAX_LAG, _two_metrics

pytestmark = [pytest.mark.xdist_group("lag_model"), pytest.mark.timeout(900)]
KINDS = {
    "leads": {"log_spread": np.array([0.3]), "log_shape": np.array([0.2])},
    "no lead": {},
    "free lags": {"log_size": np.array([-0.5]), "log_smooth": np.array([0.4])},
}


def _log_marginal(z: np.ndarray, y: np.ndarray, prior: np.ndarray) -> float:
    """Of rows under one start: a dense multivariate t, the noise variance flat in its log."""
    covariance = np.eye(y.size) + z @ np.linalg.solve(prior, z.T)
    n, square = y.size, y @ np.linalg.solve(covariance, y)
    return float(
        special.gammaln(n / 2) - n / 2 * np.log(np.pi * square)
        - 0.5 * np.linalg.slogdet(covariance)[1]
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_densities_multiply_to_the_exact_marginal_likelihood(kind):
    made, _ = simulate(np.random.default_rng(5), n=40, max_lag=4, order=2)
    values = KINDS[kind] | {"phi": np.array([[0.3, -0.1]])}
    first, n = 20, 40
    lead = kind != "no lead"
    density, height = ahead._paths(made, values, first, n, lead=lead)
    filter_ = np.array([1.0, -0.3, 0.1])
    lags = sum(share * made.lags(i) for i, share in enumerate(filter_))
    z, prior = ahead._regressors(made, lags, values, 0, lead=lead)
    y = made.y @ filter_
    exact = [
        np.logaddexp.reduce([_log_marginal(one[:rows], y[:rows], prior) for one in z])
        for rows in (first, n)
    ]
    assert density.shape == (1, n - first)
    assert density.sum() == pytest.approx(exact[1] - exact[0], abs=1e-9)
    # Heights lack what is the same for all draws.
    assert height.shape == (1, n - first + 1)


@pytest.mark.parametrize("model", KINDS)
def test_draws_given_all_rows_serve_as_well_as_draws_given_the_past(model, monkeypatch):
    rng = np.random.default_rng(6)
    made, _ = simulate(rng, n=80, max_lag=6, order=2)
    values = fit_model(made, model, draws=400, chains=2, stream=rng).draws.flat()
    once = ahead.leave_future_out(made, values, again(model, rng), lead=model != "no lead")
    monkeypatch.setattr(ahead, "_HEAVY_TAIL", 0.1)
    often = ahead.leave_future_out(made, values, again(model, rng), lead=model != "no lead")
    assert often.refits > once.refits
    assert np.isfinite(once.elpd).sum() == 40
    assert np.nansum(once.elpd) == pytest.approx(np.nansum(often.elpd), abs=0.7)


def test_free_lags_are_a_kernel_and_both_ways_of_comparing_agree():
    fit = fit_lag_model(
        _two_metrics(), "revenue", metrics="visits", max_lag=MAX_LAG, kernel="free", compare=True
    )
    row, compared = fit.summary.loc["visits"], fit.comparison.loc["visits"]
    assert fit.settings["kernel"] == "free"
    assert fit.converged
    assert row["lag_low"] <= 4 <= row["lag_high"]
    assert row["effect_low"] <= 1.25 <= row["effect_high"]
    assert (np.diff(fit.arrived["visits"]) >= 0).all()
    assert fit.arrived["visits"].iloc[-1] == pytest.approx(1)
    for start in ("", "lfo_"):
        assert compared[f"{start}difference"] > compared[f"{start}difference_se"]
        assert compared[f"{start}free_lags_difference"] < 2
    assert compared["lfo_rows"] == 73
    assert compared["lfo_pareto_k"] <= 0.7
    assert fit.plot("visits", kind="trace").to_dict()["title"]
