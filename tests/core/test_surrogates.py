"""Phase surrogates: a slow twin, stopping early, the level under a true null."""

import numpy as np
import pytest

from leadlag.core import surrogates
from leadlag.core.surrogates import best_lag_p_values, phase_surrogates
from tests.core.simulated import ar1


def naive(X, y, max_lag, draws, rng, batches):
    """Every surrogate and lag by itself, in double precision; no early stop."""

    def best(x, target):
        return max(abs(np.corrcoef(x[:-k], target[k:])[0, 1]) for k in range(1, max_lag + 1))

    centred = y - y.mean()
    surrogates = np.concatenate([phase_surrogates(centred, count, rng) for count in batches])
    assert len(surrogates) == draws
    return np.array(
        [(1 + sum(best(x, s) >= best(x, y) for s in surrogates)) / (1 + draws) for x in X.T]
    )


def test_equals_a_plain_loop():
    rng = np.random.default_rng(0)
    X = np.column_stack([ar1(120, 0.5, rng) for _ in range(6)])
    y = ar1(120, 0.7, rng)
    y[3:] += 0.4 * X[:-3, 0]
    found = best_lag_p_values(
        X, y, max_lag=7, rng=np.random.default_rng(1), draws=99, stop_after=99
    )
    expected = naive(X, y, 7, 99, np.random.default_rng(1), [32, 67])
    np.testing.assert_allclose(found.p_value, expected, rtol=1e-12)
    assert found.draws.tolist() == [99] * 6


def test_a_metric_that_was_beaten_often_meets_no_more():
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((200, 40)), rng.standard_normal(200)
    found = best_lag_p_values(X, y, max_lag=8, rng=rng, draws=999, stop_after=10)
    stopped = found.draws < 999
    assert stopped.mean() > 0.8
    assert found.draws.mean() < 200
    np.testing.assert_allclose(found.p_value[stopped], 10 / found.draws[stopped])


def test_a_surrogate_keeps_the_spectrum_and_the_mean_and_nothing_else():
    rng = np.random.default_rng(3)
    for n in (101, 128):
        y = ar1(n, 0.9, rng) + 5
        made = phase_surrogates(y, 50, rng)
        spectra = np.abs(np.fft.rfft(made))
        np.testing.assert_allclose(spectra, np.tile(np.abs(np.fft.rfft(y)), (50, 1)), rtol=1e-8)
        assert np.abs(np.corrcoef(y, made)[0, 1:]).mean() < 0.4


@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_rejects_a_true_null_as_often_as_it_says(memory):
    rng = np.random.default_rng([4, int(10 * memory)])
    p = []
    for _ in range(12):
        X = np.column_stack([ar1(250, memory, rng) for _ in range(30)])
        p += best_lag_p_values(
            X, ar1(250, memory, rng), max_lag=12, rng=rng, draws=199
        ).p_value.tolist()
    # Three binomial standard errors at 360 are .034; metrics that share a target are alike.
    assert 0.02 < np.mean(np.array(p) <= 0.05) < 0.09


def test_what_has_no_statistic_has_no_p_value():
    rng = np.random.default_rng(5)
    X, y = rng.standard_normal((100, 3)), rng.standard_normal(100)
    X[4, 0], X[:, 1] = np.nan, 2.0
    found = best_lag_p_values(X, y, max_lag=5, rng=rng, draws=49)
    assert np.isnan(found.p_value).tolist() == [True, True, False]
    assert found.draws[:2].tolist() == [0, 0]


def uneven(rng):
    """Metrics that single precision takes for others: outliers at an end, walks, a steep trend."""
    X = rng.standard_normal((300, 6))
    X[-1, 0], X[-3, 1], X[0, 2] = 1e3, 1e6, -1e5
    X[:, 3:5] = np.cumsum(X[:, 3:5], axis=0) + 1e4
    X[:, 5] += 10 * np.arange(300)
    return X


def test_equals_a_plain_loop_where_windows_are_far_smaller_than_the_whole():
    rng = np.random.default_rng(6)
    X, y = uneven(rng), ar1(300, 0.5, rng)
    found = best_lag_p_values(
        X, y, max_lag=9, rng=np.random.default_rng(7), draws=60, stop_after=60
    )
    expected = naive(X, y, 9, 60, np.random.default_rng(7), [32, 28])
    np.testing.assert_allclose(found.p_value, expected, rtol=1e-12)


def test_single_precision_is_not_further_off_than_it_is_taken_to_be():
    rng = np.random.default_rng(8)
    for n in (300, 3000):
        X = np.column_stack([uneven(rng), np.cumsum(rng.standard_normal((300, 20)), axis=0)])
        x = np.repeat(X.T, n // 300, axis=1)
        y = np.cumsum(rng.standard_normal((40, n)), axis=1)
        largest, error = surrogates._largest(surrogates._Metrics.of(x, 9), y)
        exact = np.array(
            [
                [max(abs(np.corrcoef(a[:-k], b[k:])[0, 1]) for k in range(1, 10)) for b in y]
                for a in x
            ]
        )
        known = np.isfinite(error)
        assert known.mean() > 0.8
        assert np.all(np.abs(largest - exact)[known] < 0.5 * error[known])
