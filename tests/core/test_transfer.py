import dataclasses

import numpy as np
import pytest
from scipy.linalg import null_space

from leadlag.core import transfer
from leadlag.core.kernels import delay_kernels
from leadlag.core.transfer import transfer_posterior
from leadlag.data import datasets
from tests.core.simulated import ar1, fitted, followed

SIGNAL_TO_NOISE = (4.0, 16.0, 64.0, 256.0, 1024.0)


def posterior(y, x, *, max_lag=8, difference=False, alternatives=()):
    return transfer_posterior(
        fitted(y, difference=difference),
        fitted(x, difference=difference),
        alternatives,
        max_order=8,
        max_lag=max_lag,
    )


# --- the marginal likelihood -------------------------------------------------------------------


def brute_force(y, x, phi, max_lag):
    """The same posterior by a multivariate density for each kernel and prior variance.

    With a known filter 1 - phi B: y is normal around fixed terms and a same-period response, both
    free, plus an effect whose prior variance is g times its sampling variance; the noise variance
    is integrated out. Free terms go by contrasts: all linear functions of y that do not see them.
    """
    reach = 2 * max_lag
    lagged = np.array([np.r_[np.zeros(k), x[: x.size - k]] for k in range(reach + 1)]).T
    start = max_lag + 1  # the first max_lag rows lack lags, the next one its filter's past

    def whitened(v):
        return v[start:] - phi * v[start - 1 : -1]

    nuisance = np.column_stack([np.ones(y.size - start), whitened(lagged[:, 0])])
    contrasts = null_space(nuisance.T).T
    v = contrasts @ whitened(y)
    power = (v.size - 1) / 2  # one more for the coefficient of the filter
    kernels = delay_kernels(max_lag, reach)
    weight = np.zeros(max_lag)
    base = -power * np.log(v @ v)
    for shape, peak, log_prior in zip(kernels.shapes, kernels.peak, kernels.log_prior, strict=True):
        f = contrasts @ whitened(lagged[:, 1:] @ shape)
        for g in SIGNAL_TO_NOISE:
            covariance = np.eye(v.size) + g * np.outer(f, f) / (f @ f)
            log_density = -0.5 * np.linalg.slogdet(covariance)[1]
            log_density -= power * np.log(v @ np.linalg.solve(covariance, v))
            weight[peak - 1] += np.exp(log_density - base + log_prior)
    return weight / weight.sum()


@pytest.mark.parametrize("size", [0.0, 0.2, 0.8])
def test_posterior_equals_a_multivariate_computation_with_a_known_filter(size, monkeypatch):
    rng = np.random.default_rng(0)
    x, y = followed(70, np.r_[0, 0, 0, size, size / 2], rng)
    x, y = x - x.mean(), y - y.mean()
    real = transfer.autoregress

    def known(series, terms, *, max_order, difference):
        fit = real(series, terms, max_order=max_order, difference=difference)
        return dataclasses.replace(fit, order=1, coefficients=np.array([0.5]))

    target, metric = fitted(y), fitted(x)
    monkeypatch.setattr(transfer, "autoregress", known)
    fit = transfer_posterior(target, metric, max_order=8, max_lag=4)
    np.testing.assert_allclose(fit.probability, brute_force(y, x, 0.5, 4), rtol=1e-6)


# --- definitions -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_probability_lag_interval_and_onset_belong_together(seed):
    rng = np.random.default_rng(seed)
    x, y = followed(150, np.r_[np.zeros(seed), 0.15, 0.15], rng)
    fit = posterior(y, x)
    assert fit.probability.shape == (8,)
    assert fit.response.shape == (16,)
    assert fit.probability.sum() == pytest.approx(1)
    assert (fit.probability >= 0).all()
    assert fit.lag == 1 + fit.probability.argmax()
    assert 1 <= fit.low <= fit.lag <= fit.high <= 8
    assert fit.probability[fit.low - 1 : fit.high].sum() >= 0.90 - 1e-9
    below = 0.0
    for k, value in enumerate(np.abs(fit.response), start=1):
        below += value
        if below >= 0.1 * np.abs(fit.response).sum():
            assert fit.onset == min(k, fit.lag)
            break


def test_the_interval_is_central():
    """At most 5 % lie on either side of it, unless it was widened to hold the lag."""
    rng = np.random.default_rng(1)
    x, y = followed(150, np.r_[np.zeros(4), 0.18], rng)
    fit = posterior(y, x)
    assert fit.low < fit.lag < fit.high
    assert fit.probability[: fit.low - 1].sum() <= 0.05 + 1e-9
    assert fit.probability[fit.high :].sum() <= 0.05 + 1e-9


def test_response_is_the_planted_one():
    rng = np.random.default_rng(2)
    truth = np.r_[0.0, 0, 0, 1.0, 0.7, 0.49, 0.343, 0.24, 0.168]
    x, y = followed(400, truth, rng)
    np.testing.assert_allclose(posterior(y, x).response[:8], truth[1:], atol=0.15)


def test_a_response_that_outlasts_the_largest_lag_keeps_its_peak():
    """Cut at lag 12, it looked early in most of these; what it adds up to is that of the window."""
    response = np.r_[0.0, np.arange(1.0, 81.0) ** 2 * np.exp(-np.arange(1.0, 81.0) / 5)]
    response *= 0.3 / response.max()
    rng = np.random.default_rng(11)
    found = []
    for _ in range(20):
        x, y = followed(900, response, rng, noise=0.5)
        fit = posterior(y, x, max_lag=12)
        found.append((fit.low <= 10 <= fit.high, fit.lag, float(fit.weight @ fit.total)))
    inside, lag, total = np.array(found).T
    assert inside.mean() >= 0.85
    assert abs(np.median(lag) - 10) <= 1
    assert abs(total.mean() / response[1:13].sum() - 1) < 0.05


def test_an_unrelated_metric_has_a_flat_posterior():
    rng = np.random.default_rng(3)
    largest = [
        posterior(rng.standard_normal(200), rng.standard_normal(200)).probability.max()
        for _ in range(20)
    ]
    assert np.median(largest) < 0.6


@pytest.mark.parametrize("difference", [False, True], ids=["level", "difference"])
def test_units_and_signs_change_nothing(difference):
    rng = np.random.default_rng(4)
    x, y = followed(150, np.r_[0, 0, 0.3, 0.2], rng)
    if difference:
        x, y = x.cumsum(), y.cumsum()
    before = posterior(y, x, difference=difference)
    for unit in (-1.0, 1e-6, 1e6):
        for after in (
            posterior(unit * y, x, difference=difference),
            posterior(y, unit * x, difference=difference),
        ):
            np.testing.assert_allclose(after.probability, before.probability, atol=1e-7)
            assert after.onset == before.onset


def test_a_response_in_the_same_period_is_not_a_lead():
    """It is a nuisance: a strong one neither hides the lag nor becomes lag 1."""
    rng = np.random.default_rng(5)
    x, y = followed(300, np.r_[3.0, 0, 0, 0, 0.4], rng)
    assert posterior(y, x).lag == 4


def test_own_memory_of_the_target_does_not_move_the_lag():
    rng = np.random.default_rng(6)
    for noise in (0.0, 0.6, 0.95):
        x, y = followed(300, np.r_[0, 0, 0, 0, 0, 0.7], rng, noise=noise)
        assert posterior(y, x).lag == 5


def test_gaps_cost_rows_not_the_lag():
    rng = np.random.default_rng(7)
    x, y = followed(300, np.r_[0, 0, 0, 0.7], rng)
    x[rng.random(300) < 0.05] = np.nan
    y[rng.random(300) < 0.05] = np.nan
    fit = posterior(y, x)
    assert (fit.low, fit.lag, fit.high) == (3, 3, 3)


def test_metrics_that_start_late_and_end_early_keep_their_lag():
    rng = np.random.default_rng(8)
    x, y = followed(300, np.r_[0, 0, 0, 0, 0.7], rng)
    x[:120] = np.nan
    x[260:] = np.nan
    assert posterior(y, x).lag == 4


def test_alternatives_find_a_change_that_leads_a_level():
    """The target follows the metric's change; the metric came in levels."""
    rng = np.random.default_rng(9)
    x = ar1(300, 0.9, rng)
    change = np.diff(x, prepend=np.nan)
    y = np.nan_to_num(np.r_[np.full(3, np.nan), change[:-3]]) + 0.5 * rng.standard_normal(300)
    fit = posterior(y, x, alternatives=((change, None),))
    assert (fit.low, fit.lag, fit.high) == (3, 3, 3)


# --- Box and Jenkins ---------------------------------------------------------------------------


def test_series_m():
    """4.82 B³ / (1 - .72 B): onset 3, lag 3."""
    data = datasets.box_jenkins()
    fit = posterior(
        data["sales"].to_numpy(float), data["lead"].to_numpy(float), max_lag=12, difference=True
    )
    assert (fit.low, fit.lag, fit.high, fit.onset) == (3, 3, 3, 3)
    np.testing.assert_allclose(fit.response[2:8], 4.82 * 0.72 ** np.arange(6), rtol=0.15)


def test_series_m_simulated():
    rng = np.random.default_rng(10)
    response = np.r_[np.zeros(3), 4.82 * 0.72 ** np.arange(30)]
    for _ in range(10):
        x = 0.3 * rng.standard_normal(150)
        y = np.convolve(x, response)[:150] + ar1(150, 0.5, rng)
        fit = posterior(y.cumsum(), x.cumsum(), max_lag=12, difference=True)
        assert (fit.lag, fit.onset) == (3, 3)
