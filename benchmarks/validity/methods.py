"""What a user would pick, each on its own terms: a panel in, role and lag of every metric out.

Every method gets the same frame and `max_lag`. Rows are indexed by metric: `role`, `lag`, `low` and
`high` (90 % interval of the lag, where the method has one) and `order` (larger is better). Those
of `leadlag` have more columns, for the studies.
"""

import importlib.util
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import special

import leadlag
from benchmarks.validity.oracle import oracle
from benchmarks.validity.ours import by_leadlag, by_tests
from leadlag.core.multiplicity import benjamini_hochberg
from leadlag.data.panel import Panel, build_panel
from leadlag.data.simulate import Simulated

ALPHA = 0.10
# Orders of the Granger test that a user tries.
_MOST_ORDERS = 14


def by_correlation(panel: Simulated) -> pd.DataFrame:
    """Largest absolute correlation over all lags, its p as if that lag had been given."""
    return _largest(_built(panel), differences=False)


def by_differences(panel: Simulated) -> pd.DataFrame:
    """The same on first differences."""
    return _largest(_built(panel), differences=True)


def by_granger(panel: Simulated) -> pd.DataFrame:
    """`grangercausalitytests` both ways, the best p of its orders, Benjamini-Hochberg."""
    from statsmodels.tsa.stattools import grangercausalitytests

    built = _built(panel)
    orders = min(_MOST_ORDERS, built.max_lag)
    p = np.ones((2, len(built.metrics)))
    lag = np.ones((2, len(built.metrics)))
    for j in range(len(built.metrics)):
        pair = np.column_stack([built.y, built.X[:, j]])
        pair = pair[np.isfinite(pair).all(axis=1)]
        for way, columns in enumerate((pair, pair[:, ::-1])):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tests = grangercausalitytests(columns, maxlag=orders)
            values = {k: tests[k][0]["ssr_ftest"][1] for k in tests}
            lag[way, j] = min(values, key=values.__getitem__)
            p[way, j] = values[int(lag[way, j])]
    q = [benjamini_hochberg(row) for row in p]
    forward, reverse = q[0] <= ALPHA, q[1] <= ALPHA
    role = np.select(
        [forward & reverse, forward, reverse], ["feedback", "leading", "lagging"], "unrelated"
    )
    return _rows(built.metrics, role, np.where(forward, lag[0], -lag[1]), -p[0]).reindex(
        panel.truth.index
    )


def by_prewhitening(panel: Simulated) -> pd.DataFrame:
    """Box-Jenkins: the metric's autoregression filters both, then the largest correlation.

    Differenced where a Dickey-Fuller test keeps the unit root; the search over lags is paid for by
    Sidak, the search over metrics by Benjamini-Hochberg.
    """
    from statsmodels.tsa.stattools import adfuller

    built = _built(panel)

    def stationary(x: np.ndarray) -> bool:
        known = x[np.isfinite(x)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(adfuller(known, maxlag=8)[1] <= 0.05)

    p, lag = [], []
    level_y = stationary(built.y)
    for j in range(len(built.metrics)):
        x, y = built.X[:, j], built.y
        if not (level_y and stationary(x)):
            x, y = np.diff(x), np.diff(y)
        x, y = x - np.nanmean(x), y - np.nanmean(y)
        filled = np.nan_to_num(x)
        order = int(min(10, filled.size // 10))
        lags = np.column_stack([filled[order - k : filled.size - k] for k in range(1, order + 1)])
        a = np.linalg.lstsq(lags, filled[order:], rcond=None)[0]
        phi = np.concatenate([[1.0], -a])
        white = [np.convolve(np.nan_to_num(v), phi)[: v.size] for v in (x, y)]
        for v, raw in zip(white, (x, y), strict=True):
            v[~np.isfinite(raw)] = np.nan
        best_p, best = _best_correlation(white[0][:, None], white[1], built.max_lag)
        p.append(1 - (1 - best_p[0]) ** (2 * built.max_lag + 1))
        lag.append(best[0])
    return _one_test(built.metrics, np.array(p), np.array(lag)).reindex(panel.truth.index)


def by_pcmci(panel: Simulated) -> pd.DataFrame:
    """Tigramite's PCMCI with partial correlations, rows with gaps left out, BH over metrics.

    Links to and from the target, and each metric's own, are asked for; links between metrics, which
    no score looks at and which take five times as long, are not.
    """
    from tigramite import data_processing
    from tigramite.independence_tests.parcorr import ParCorr
    from tigramite.pcmci import PCMCI

    built = _built(panel)
    values = np.column_stack([built.y, built.X])
    frame = data_processing.DataFrame(
        np.nan_to_num(values, nan=-9e9), missing_flag=-9e9, var_names=["target", *built.metrics]
    )
    made = PCMCI(dataframe=frame, cond_ind_test=ParCorr(), verbosity=0)
    width, lags = values.shape[1], range(1, built.max_lag + 1)
    links = {
        j: {(i, -k): "-?>" for i in ({0, j} if j else range(width)) for k in lags}
        | {(i, 0): "o?o" for i in ([0] if j else range(1, width))}
        for j in range(width)
    }
    found = made.run_pcmci(link_assumptions=links, tau_max=built.max_lag, pc_alpha=0.05)
    p = found["p_matrix"]
    forward, reverse, same = p[1:, 0, 1:], p[0, 1:, 1:], p[1:, 0, 0]
    best = np.minimum(1.0, built.max_lag * np.stack([forward.min(axis=1), reverse.min(axis=1)]))
    q = [benjamini_hochberg(np.ascontiguousarray(row)) for row in (*best, same)]
    f, r, s = (row <= ALPHA for row in q)
    role = np.select(
        [f & r, f, r, s], ["feedback", "leading", "lagging", "coincident"], "unrelated"
    )
    lag = np.where(f, 1 + forward.argmin(axis=1), -1 - reverse.argmin(axis=1))
    return _rows(built.metrics, role, np.where(role == "coincident", 0, lag), -best[0]).reindex(
        panel.truth.index
    )


def _built(panel: Simulated) -> Panel:
    return build_panel(panel.data, "target", **panel.options)


def _best_correlation(x: np.ndarray, y: np.ndarray, max_lag: int) -> tuple[np.ndarray, np.ndarray]:
    """Plain p of the largest absolute correlation, and its lag."""
    profile = leadlag.cross_correlation(np.ascontiguousarray(x), y, max_lag=max_lag)
    size = np.nan_to_num(np.abs(profile.correlation))
    at = size.argmax(axis=1)
    r = size[np.arange(len(at)), at]
    df = profile.n_obs[np.arange(len(at)), at] - 2
    return special.betainc(df / 2, 0.5, np.clip(1 - r**2, 0, 1)), profile.lags[at]


def _largest(built: Panel, *, differences: bool) -> pd.DataFrame:
    x, y = built.X, built.y
    if differences:
        x, y = np.diff(x, axis=0), np.diff(y)
    return _one_test(built.metrics, *_best_correlation(x, y, built.max_lag))


def _one_test(metrics: tuple[str, ...], p: np.ndarray, lag: np.ndarray) -> pd.DataFrame:
    shown = benjamini_hochberg(p) <= ALPHA
    role = np.select(
        [shown & (lag > 0), shown & (lag < 0), shown], ["leading", "lagging", "coincident"],
        "unrelated",
    )  # fmt: skip
    return _rows(metrics, role, lag, np.where(lag > 0, -p, -2.0))


def _rows(
    metrics: tuple[str, ...], role: np.ndarray, lag: np.ndarray, order: np.ndarray
) -> pd.DataFrame:
    lag = np.where(role == "unrelated", np.nan, lag)
    return pd.DataFrame(
        {"role": role, "lag": lag, "low": np.nan, "high": np.nan, "order": order}, index=metrics
    )


METHODS: dict[str, Callable[[Simulated], pd.DataFrame]] = {
    "oracle": oracle,
    "leadlag": by_leadlag,
    "leadlag-tests": by_tests,
    "correlation": by_correlation,
    "differences": by_differences,
    "granger": by_granger,
    "prewhitening": by_prewhitening,
}
TITLES = {
    "oracle": "oracle that is told the structure",
    "leadlag": "leadlag",
    "leadlag-tests": "leadlag, tests only",
    "correlation": "largest abs. correlation, plain p",
    "differences": "the same on differences",
    "granger": "`grangercausalitytests`, best p + BH",
    "prewhitening": "Box–Jenkins prewhitening + BH",
    "pcmci": "PCMCI (ParCorr) + BH",
}
if importlib.util.find_spec("tigramite") is not None:
    METHODS["pcmci"] = by_pcmci
