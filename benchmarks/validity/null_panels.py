"""Panels in which nothing leads: how often is a leader shown all the same?

    python benchmarks/validity/null_panels.py [panels] [metrics] [periods]

Two kinds of unrelated metrics, the two on which the usual scan fails most: independent random
walks with drift, and series that share a weekly pattern and a trend. Beside leadlag stands the
usual scan: the largest correlation over all lags against ±1.96/√n. Prints the share of panels with
no leader at all, with its standard error.
"""

import sys
import time

import numpy as np
import pandas as pd

import leadlag

LEADERS = ("leading", "feedback")


def random_walks(rng: np.random.Generator, metrics: int, periods: int) -> pd.DataFrame:
    """Independent random walks, each with a drift of its own."""
    drift = rng.normal(0.05, 0.1, size=metrics + 1)
    walks = np.cumsum(drift + rng.standard_normal((periods, metrics + 1)), axis=0)
    return _frame(100 + walks)


def weekly_pattern_and_trend(rng: np.random.Generator, metrics: int, periods: int) -> pd.DataFrame:
    """Autoregressive series with one weekly pattern and one straight trend between them."""
    t = np.arange(periods)
    pattern = 2 * rng.standard_normal(7)
    memory = rng.uniform(0.0, 0.8, size=metrics + 1)
    noise = rng.standard_normal((periods + 100, metrics + 1))
    for row in range(1, len(noise)):
        noise[row] += memory * noise[row - 1]
    share = rng.uniform(0.5, 1.5, size=(2, metrics + 1))
    common = pattern[t % 7, None] * share[0] + 6 * t[:, None] / periods * share[1]
    return _frame(50 + common + noise[100:])


KINDS = {
    "independent random walks with drift": random_walks,
    "shared weekly pattern and trend": weekly_pattern_and_trend,
}


def usual_scan(frame: pd.DataFrame, max_lag: int) -> bool:
    """Whether any metric passes ±1.96/√n at some positive lag, as a correlogram is read."""
    profile = leadlag.cross_correlation(
        frame.drop(columns="target").to_numpy(), frame["target"].to_numpy(), max_lag=max_lag
    )
    forward = np.abs(profile.correlation[:, max_lag + 1 :])
    return bool((forward > 1.96 / np.sqrt(len(frame))).any())


def main(panels: int = 200, metrics: int = 100, periods: int = 365) -> None:
    print(f"{panels} panels of {metrics} unrelated metrics, {periods} days, alpha .10")
    for name, make in KINDS.items():
        start = time.perf_counter()
        clear = scan_clear = said = 0
        for seed in range(panels):
            frame = make(np.random.default_rng(seed), metrics, periods)
            ranking = leadlag.rank(frame, target="target", progress=False)
            none = not ranking.table["role"].isin(LEADERS).any()
            clear += none
            said += none and "no leading indicator was shown" in ranking.summary().lower()
            scan_clear += not usual_scan(frame, ranking.settings["max_lag"])
        share = clear / panels
        error = np.sqrt(max(share * (1 - share), 1 / panels) / panels)
        print(
            f"{name}: no leader in {share:.3f} (s.e. {error:.3f}) of panels, said so in"
            f" {said} of {clear}; usual scan: {scan_clear / panels:.3f};"
            f" {(time.perf_counter() - start) / panels:.2f} s a panel",
            flush=True,
        )


def _frame(values: np.ndarray) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=len(values), name="date")
    names = ["target", *(f"metric_{j:03d}" for j in range(1, values.shape[1]))]
    return pd.DataFrame(values, index=days, columns=names)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
