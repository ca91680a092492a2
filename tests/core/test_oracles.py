"""Correlation and Granger tests against R and statsmodels."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.stattools import ccf, grangercausalitytests

from leadlag.core.correlation import cross_correlation
from leadlag.core.granger import granger
from tests.core import naive
from tests.core.reference import full_sample, shared_series, shipped_series


def test_correlation_agrees_with_statsmodels_on_what_they_share():
    rng = np.random.default_rng(6)
    x, y = rng.standard_normal((2, 80)).cumsum(axis=1)
    result = cross_correlation(x, y, max_lag=9)
    theirs = [
        *ccf(x, y, adjusted=False, fft=False)[9:0:-1],  # statsmodels: x[t + k] with y[t]
        *ccf(y, x, adjusted=False, fft=False)[:10],
    ]
    ours = list(full_sample(result.correlation[0], result.lags, x, y))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-13)
    twin = [naive.r_ccf(x.tolist(), y.tolist(), int(k)) for k in result.lags]
    np.testing.assert_allclose(twin, theirs, rtol=0, atol=1e-13)


def agrees_with_r(x, y, lags, expected):
    """R pairs by the moments of the full series, on the rows where both are known."""
    known = ~np.isnan(x) & ~np.isnan(y)
    x, y = x[known], y[known]
    result = cross_correlation(x, y, max_lag=int(np.abs(lags).max()))
    ours = dict(
        zip(
            result.lags.tolist(),
            full_sample(result.correlation[0], result.lags, x, y),
            strict=True,
        )
    )
    np.testing.assert_allclose([ours[int(k)] for k in lags], expected, rtol=0, atol=1e-10)


def test_correlation_equals_r_on_shipped_data(oracle):
    entries = oracle("ccf")
    assert len(entries) >= 5
    for entry in entries:
        x, y = shipped_series(entry["data"], entry)
        agrees_with_r(x, y, np.array(entry["lag"]), entry["raw"])


@pytest.mark.requires_shared
def test_correlation_equals_r_on_shared_data(shared_data):
    table = pd.read_csv(shared_data / "oracle_ccf_shared.csv")
    keys = ["data", "target", "predictor", "tx", "ty"]
    groups = list(table.groupby(keys))
    assert len(groups) == 30
    for _, group in groups:
        x, y = shared_series(shared_data, group.iloc[0])
        agrees_with_r(x, y, group["lead"].to_numpy(), group["raw_ccf"].to_numpy())


@pytest.mark.parametrize("walk", [False, True], ids=["noise", "walks"])
def test_granger_per_order_equals_statsmodels(walk):
    rng = np.random.default_rng(24)
    X = rng.standard_normal((200, 2))
    y = 0.8 * np.roll(X[:, 0], 2) + rng.standard_normal(200)
    if walk:
        X, y = X.cumsum(axis=0), y.cumsum()
    result = granger(X, y, max_order=5, rows="per order")
    for i, x in enumerate(X.T):
        for first, second, f, p in (
            (y, x, result.f_statistic, result.p_value),
            (x, y, result.reverse_f_statistic, result.reverse_p_value),
        ):
            theirs = grangercausalitytests(np.column_stack([first, second]), 5)
            for column in range(5):
                test = theirs[column + 1][0]["ssr_ftest"]
                assert f[i, column] == pytest.approx(test[0], rel=1e-9)
                assert p[i, column] == pytest.approx(test[1], rel=1e-9)
                assert (result.df_denom[i, column], result.df_num[column]) == test[2:]


def test_granger_equals_r_on_shipped_data(oracle):
    entries = oracle("granger")
    assert len(entries) >= 10
    for entry in entries:
        x, y = shipped_series(entry["data"], entry)
        result = granger(x, y, max_order=entry["order"], rows="per order")
        assert result.df_denom[0, -1] == entry["df_denominator"]
        for ours, name in (
            (result.f_statistic, "f_statistic"),
            (result.p_value, "p_value"),
            (result.reverse_f_statistic, "reverse_f_statistic"),
            (result.reverse_p_value, "reverse_p_value"),
        ):
            assert ours[0, -1] == pytest.approx(entry[name], rel=1e-8), (entry["metric"], name)


@pytest.mark.requires_shared
def test_granger_equals_r_on_shared_data(shared_data):
    table = pd.read_csv(shared_data / "oracle_granger_shared.csv")
    assert len(table) == 30
    for _, row in table.iterrows():
        x, y = shared_series(shared_data, row)
        for rows in ("common", "per order"):  # at its largest order the two agree
            result = granger(x, y, max_order=row["order"], rows=rows)
            assert result.df_denom[0, -1] == row["granger_resdf"]
            for ours, name in (
                (result.f_statistic, "granger_F"),
                (result.p_value, "granger_p"),
                (result.reverse_f_statistic, "reverse_F"),
                (result.reverse_p_value, "reverse_p"),
            ):
                assert ours[0, -1] == pytest.approx(row[name], rel=1e-8), (row["data"], name)
