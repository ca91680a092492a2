"""`rank` from end to end, beside the same evidence put together from pandas and statsmodels."""

import warnings

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from threadpoolctl import threadpool_limits

import leadlag
from benchmarks.speed.measure import once
from benchmarks.speed.page import table
from leadlag.data.panel import build_panel

DAYS, METRICS, LEADERS = 1000, 1000, 10


def panel(days: int = DAYS, metrics: int = METRICS) -> pd.DataFrame:
    """Autocorrelated daily metrics with a week in them; the first ten precede the target."""
    rng = np.random.default_rng(0)
    X = lfilter([1.0], [1.0, -0.6], rng.standard_normal((days, metrics)), axis=0)
    y = lfilter([1.0], [1.0, -0.5], rng.standard_normal(days))
    for j in range(min(LEADERS, metrics)):
        lag = 3 + 2 * j
        y[lag:] += 0.4 * X[:-lag, j]
    week = np.sin(2 * np.pi * np.arange(days) / 7)
    frame = pd.DataFrame(X + 100 + week[:, None], columns=[f"m{j}" for j in range(metrics)])
    frame["target"] = y + 50 + 2 * week
    frame.index = pd.date_range("2022-01-03", periods=days, freq="D")
    return frame


def by_hand(frame: pd.DataFrame, names: list[str], max_lag: int, leads: int) -> dict[str, object]:
    """Unit roots, calendar, whitening, profile, both Granger tests, a lag, stability, skill.

    Skill, which `rank` measures for what it shows to lead, for the first `leads` of the names.
    """
    import statsmodels.api as sm
    from statsmodels.tsa.ar_model import AutoReg, ar_select_order
    from statsmodels.tsa.stattools import adfuller, grangercausalitytests

    days = pd.get_dummies(frame.index.dayofweek, drop_first=True, dtype=float).to_numpy()
    trend = np.arange(len(frame)) / len(frame)
    terms = sm.add_constant(np.column_stack([trend, days]))

    def prepared(series: pd.Series) -> tuple[pd.Series, pd.Series]:
        for kind in ("c", "ct"):
            adfuller(series, regression=kind)
        clean = pd.Series(sm.OLS(series.to_numpy(), terms).fit().resid, series.index)
        order = ar_select_order(clean.to_numpy(), 12, ic="hqic").ar_lags or [1]
        white = pd.Series(AutoReg(clean.to_numpy(), order).fit().resid)
        return clean, white.set_axis(series.index[-len(white) :])

    y, white_y = prepared(frame["target"])
    own = pd.concat([y.shift(j) for j in range(1, 8)], axis=1)
    found: dict[str, object] = {}
    for at, name in enumerate(names):
        x, white_x = prepared(frame[name])
        profile = [white_x.shift(k).corr(white_y) for k in range(-max_lag, max_lag + 1)]
        both = pd.concat([y, x], axis=1).to_numpy()
        tests = [grangercausalitytests(side, 8) for side in (both, both[:, ::-1])]
        fits = []
        for k in range(max_lag + 1):
            design = pd.concat([own, x.shift(k)], axis=1).dropna()
            fits.append(sm.OLS(y.loc[design.index], sm.add_constant(design)).fit())
        lag = int(np.argmax([fit.llf for fit in fits[1:]])) + 1
        design = sm.add_constant(pd.concat([own, x.shift(lag)], axis=1).dropna())
        sm.OLS(y.loc[design.index], design).fit(cov_type="HAC", cov_kwds={"maxlags": 12})
        for part in np.array_split(np.arange(len(design)), 4):
            sm.OLS(y.loc[design.index[part]], design.iloc[part]).fit()
        errors = []
        for origin in range(len(design) // 2, len(design) - lag) if at < leads else ():
            for columns in (design.iloc[:, :-1], design):
                fit = sm.OLS(y.loc[design.index[:origin]], columns.iloc[:origin]).fit()
                ahead = columns.iloc[origin + lag - 1]
                errors.append(y.iloc[-1] - float(ahead @ fit.params))
        found[name] = (profile, tests, lag, errors)
    return found


def section() -> str:
    frame = panel()
    with threadpool_limits(2, user_api="blas"):
        leadlag.rank(frame.iloc[:, -20:], "target", progress=False)  # compiled, loaded
        ranking = None

        def run() -> None:
            nonlocal ranking
            ranking = leadlag.rank(frame, "target", progress=False)

        seconds = min(once(run) for _ in range(2))
        smaller = panel(730, 200)
        leadlag.rank(smaller.iloc[:, -20:], "target", max_lag=30, progress=False)
        small = min(
            once(lambda: leadlag.rank(smaller, "target", max_lag=30, progress=False))
            for _ in range(2)
        )
        wide = panel(2000, 1000)
        built = min(once(lambda: build_panel(wide, "target")) for _ in range(3))
    max_lag = 42
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        by_hand(frame, ["m0"], max_lag, 0)
        plain = once(lambda: by_hand(frame, ["m20", "m21", "m22"], max_lag, 0)) / 3
        with_skill = once(lambda: by_hand(frame, ["m3"], max_lag, 1))
    shown = int(ranking.table["role"].isin(["leading", "feedback"]).sum())
    hand = plain * METRICS + (with_skill - plain) * shown
    rows = [
        ("`leadlag.rank`", f"{seconds:.1f} s", f"{METRICS} metrics, {shown} shown to lead"),
        ("`leadlag.rank`", f"{small:.1f} s", "200 metrics × 730 days × 30 lags; goal: < 5 s"),
        ("its panel alone", f"{built:.2f} s", "1000 metrics × 2000 days; goal: < 1 s"),
        ("pandas and statsmodels", f"{hand:,.0f} s", "3 metrics and 1 with skill, scaled up"),
        ("ratio", f"{hand / seconds:.0f}", "goal: ≥ 100"),
    ]
    note = (
        f"{METRICS} metrics × {DAYS} days × {max_lag} lags. By hand: unit roots, calendar terms, "
        "an autoregression for each side, the whitened profile, Granger tests both ways, a "
        "regression at each lag, its stability in four parts, and for what leads the skill by "
        "refitting at each origin. `rank` does more: windows of lags, intervals, the second look, "
        "uncertain ranks.\n\n"
    )
    return "## `rank` from end to end\n\n" + note + table(("what", "time", "on"), rows) + "\n"
