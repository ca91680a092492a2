"""Slow, obvious twin of the lag posterior: one dense multivariate t density for each state."""

import numpy as np
from numpy.typing import NDArray

from leadlag.core.autoregression import Autoregression, autoregress
from leadlag.core.lag_states import LEAD_SIZES, SAME_SIZES

FloatArray = NDArray[np.float64]


def lag_posterior(x: FloatArray, y: FloatArray, max_lag: int) -> tuple[FloatArray, float, float]:
    """P(lag | leads), P(leads), P(same period only), series on the scale that they are given on."""
    n = y.size
    line = np.column_stack([np.ones(n), np.arange(n)])
    news = np.nan_to_num(_own_past(x, line).innovations)
    own = _own_past(y, line)
    present = np.flatnonzero(np.isfinite(x))
    rows = [
        t
        for t in range(n)
        if np.isfinite(own.innovations[t])
        and present[0] + min(max_lag, n // 5) <= t <= present[-1] + max_lag
    ]
    nuisance = np.array([[1.0, t, *(own.series[t - i] for i in range(1, own.order + 1))]
                         for t in rows])  # fmt: skip
    response = own.series[rows]
    # A basis of all that the nuisance can't reach: the density of the rest is a multivariate t.
    basis = np.linalg.qr(nuisance, mode="complete")[0][:, nuisance.shape[1] :]

    def density(*regressors: tuple[FloatArray, float]) -> float:
        covariance = np.eye(basis.shape[1])
        for regressor, size in regressors:
            square = regressor @ regressor
            if square > 0:
                inside = basis.T @ regressor
                covariance += size * len(rows) / square * np.outer(inside, inside)
        u = basis.T @ response
        log_determinant = np.linalg.slogdet(covariance)[1]
        df = basis.shape[1]
        return float(-0.5 * log_determinant - df / 2 * np.log(u @ np.linalg.solve(covariance, u)))

    none, same, alone, beside = [density()], [], [], []
    for lags in _forms(news, rows, nuisance, response, own.order, max_lag):
        same += [density((lags[:, 0], s)) for s in SAME_SIZES]
        for kernel in _kernels(max_lag):
            f = lags @ kernel
            alone.append([density((f, s)) for s in LEAD_SIZES])
            beside.append(
                [density((f, s), (lags[:, 0], s0)) for s in LEAD_SIZES for s0 in SAME_SIZES]
            )
    top = max(np.max(part) for part in (none, same, alone, beside))
    by_kernel = 0.25 * np.exp(np.array(alone) - top).mean(axis=1)
    by_kernel += 0.25 * np.exp(np.array(beside) - top).mean(axis=1)
    by_lag = by_kernel.reshape(-1, max_lag, 4).mean(axis=(0, 2))
    leads = by_lag.mean()
    coincident = 0.25 * np.exp(np.array(same) - top).mean()
    total = leads + coincident + 0.25 * np.exp(none[0] - top)
    return by_lag / by_lag.sum(), leads / total, coincident / total


def _forms(
    news: FloatArray,
    rows: list[int],
    nuisance: FloatArray,
    response: FloatArray,
    order: int,
    max_lag: int,
) -> list[FloatArray]:
    """Lags of the metric's news; and of its news behind the filter of the target's noise."""
    lags = _lags(news, rows, max_lag)
    if order == 0:
        return [lags]
    beside = np.hstack([nuisance, lags[:, : min(max_lag, len(rows) // 8) + 1]])
    own = np.linalg.lstsq(beside, response, rcond=None)[0][2 : 2 + order]
    filtered = news.copy()
    for i, share in enumerate(own, start=1):
        filtered[i:] -= share * news[:-i]
    return [lags, _lags(filtered, rows, max_lag)]


def _lags(series: FloatArray, rows: list[int], max_lag: int) -> FloatArray:
    return np.array([[series[t - k] if t >= k else 0.0 for k in range(max_lag + 1)] for t in rows])


def _own_past(series: FloatArray, line: FloatArray) -> Autoregression:
    count = int(np.isfinite(series).sum())
    most = int(max(1, min(10 * np.log10(count), (count - 2) // 8)))
    return autoregress(series, line, max_order=most, difference=False)


def _kernels(max_lag: int) -> list[FloatArray]:
    kernels = []
    for peak in range(1, max_lag + 1):
        spike, bell, half, slow = np.zeros((4, max_lag + 1))
        spike[peak] = 1.0
        for k in range(1, max_lag + 1):
            bell[k] = max(0.0, 1 - abs(k - peak) / 2)
            if k >= peak:
                half[k] = 0.5 ** (k - peak)
                slow[k] = 0.8 ** (k - peak)
        kernels += [spike, bell, half, slow]
    return kernels
