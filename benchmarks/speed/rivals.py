"""What a user would write instead, by the library it uses. Each returns the same array as ours."""

import warnings

import numpy as np
import pandas as pd

from benchmarks.speed.inputs import Array, Inputs


def lags_of(data: Inputs) -> range:
    return range(-data.size.L, data.size.L + 1)


# --- correlation at every lag ---------------------------------------------------------------------


def pandas_shift(data: Inputs) -> Array:
    frame, target = pd.DataFrame(data.X), pd.Series(data.y)
    return np.array([[frame[c].shift(k).corr(target) for k in lags_of(data)] for c in frame])


def polars_shift(data: Inputs) -> Array:
    import polars as pl

    names = [f"m{i}" for i in range(data.size.p)]
    frame = pl.DataFrame(data.X, schema=names).with_columns(pl.Series("target", data.y))
    frame = frame.fill_nan(None)
    made = frame.select(
        pl.corr(pl.col(name).shift(k), "target").alias(f"{name}_{k}")
        for name in names
        for k in lags_of(data)
    )
    return made.to_numpy().reshape(data.size.p, -1)


def numpy_corrcoef(data: Inputs) -> Array:
    out = np.empty((data.size.p, 2 * data.size.L + 1))
    n = data.size.n
    for i, x in enumerate(data.X.T):
        for j, k in enumerate(lags_of(data)):
            a, b = (x[: n - k], data.y[k:]) if k >= 0 else (x[-k:], data.y[: n + k])
            out[i, j] = np.corrcoef(a, b)[0, 1]
    return out


def statsmodels_ccf(data: Inputs) -> Array:
    """Full-sample moments, so not the same number: close for lags far below n."""
    from statsmodels.tsa.stattools import ccf

    out = np.empty((data.size.p, 2 * data.size.L + 1))
    for i, x in enumerate(data.X.T):
        ahead = ccf(data.y, x, adjusted=False, nlags=data.size.L + 1)
        behind = ccf(x, data.y, adjusted=False, nlags=data.size.L + 1)
        out[i] = np.concatenate([behind[:0:-1], ahead])
    return out


def scipy_correlate(data: Inputs) -> Array:
    """Full-sample moments as well; the fastest thing that a library has."""
    from scipy.signal import correlate

    n, L = data.size.n, data.size.L
    y = (data.y - data.y.mean()) / data.y.std()
    out = np.empty((data.size.p, 2 * L + 1))
    for i, x in enumerate(data.X.T):
        whole = correlate(y, (x - x.mean()) / x.std(), mode="full", method="auto") / n
        out[i] = whole[n - 1 - L : n + L]
    return out


# --- all pairs ------------------------------------------------------------------------------------


def tigramite_dependencies(data: Inputs) -> Array:
    """Its values lie on the rows that every lag shares, so they are close, not the same."""
    from tigramite.data_processing import DataFrame
    from tigramite.independence_tests.parcorr import ParCorr
    from tigramite.pcmci import PCMCI

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = PCMCI(dataframe=DataFrame(data.X), cond_ind_test=ParCorr(), verbosity=0)
        made = search.get_lagged_dependencies(tau_max=data.size.L)
    return np.asarray(made["val_matrix"])


def numpy_pairs(data: Inputs) -> Array:
    n = data.size.n
    out = np.empty((data.size.p, data.size.p, data.size.L + 1))
    for k in range(data.size.L + 1):
        both = np.corrcoef(data.X[: n - k], data.X[k:], rowvar=False)
        out[:, :, k] = both[: data.size.p, data.size.p :]
    return out


# --- Granger --------------------------------------------------------------------------------------


def statsmodels_granger(data: Inputs) -> Array:
    """F of every order, both directions, (2, p, K)."""
    from statsmodels.tsa.stattools import grangercausalitytests

    out = np.empty((2, data.size.p, data.size.L))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for i, x in enumerate(data.X.T):
            for side, pair in enumerate(([data.y, x], [x, data.y])):
                made = grangercausalitytests(np.column_stack(pair), data.size.L)
                out[side, i] = [made[k + 1][0]["ssr_ftest"][0] for k in range(data.size.L)]
    return out


# --- posterior of the lag -------------------------------------------------------------------------


def least_squares_at_each_lag(data: Inputs) -> Array:
    """Weights by BIC of one regression a lag, on four own lags: no kernels, no gaps, no own past.

    (p, L): the least that gives each lag a weight.
    """
    n, L, own = data.size.n, data.size.L, 4
    first = max(L, own)
    y = data.y[first:]
    past = np.column_stack([data.y[first - j : n - j] for j in range(1, own + 1)])
    base = np.column_stack([np.ones(y.size), past])
    out = np.empty((data.size.p, L))
    for i, x in enumerate(data.X.T):
        for k in range(1, L + 1):
            design = np.column_stack([base, x[first - k : n - k]])
            rest = y - design @ np.linalg.lstsq(design, y)[0]
            out[i, k - 1] = -0.5 * y.size * np.log(rest @ rest)
        out[i] = np.exp(out[i] - out[i].max())
        out[i] /= out[i].sum()
    return out
