"""Seconds that `fit_lag_model` takes: the first fit of a new process, the next metric, twenty.

python -m benchmarks.speed.lag_model

One metric has 400 periods and 30 lags; 4 chains of 1000 draws. Each figure is of a process of its
own, with the machine code of earlier processes at hand; the very first run on a machine compiles.
"""

import subprocess
import sys
import time
import warnings

import numpy as np
import pandas as pd

METRICS, ROWS, LAGS = 20, 400, 30


def frame(metrics: int) -> pd.DataFrame:
    """Metrics with memory, and a target that follows the first three from lag 4 on."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((ROWS, metrics))
    for t in range(1, ROWS):
        x[t] += 0.5 * x[t - 1]
    y = rng.standard_normal(ROWS)
    for metric in range(min(3, metrics)):
        for lag, share in ((4, 0.3), (5, 0.2), (6, 0.1)):
            y[lag:] += share * x[:-lag, metric]
    days = pd.date_range("2024-01-01", periods=ROWS, name="date")
    names = ["target", *(f"metric_{j:02d}" for j in range(metrics))]
    return pd.DataFrame(100 + np.column_stack([y, x]), index=days, columns=names)


def run(metrics: int) -> None:
    """Fit a metric, then another, or all at once; print seconds and diagnostics."""
    start = time.perf_counter()
    import leadlag

    data = frame(max(metrics, 2))
    calls = [["metric_00"], ["metric_01"]] if metrics == 1 else [list(data.columns[1:])]
    for names in calls:
        fit = leadlag.fit_lag_model(data, "target", metrics=names, max_lag=LAGS, progress=False)
        seconds, found = time.perf_counter() - start, fit.diagnostics
        print(
            f"{len(names)} metrics: {seconds:.1f} s; R-hat at most {found['r_hat'].max():.3f},"
            f" {found[['ess_bulk', 'ess_tail']].min().min():,.0f} effective draws or more,"
            f" {found['divergences'].sum()} divergences, converged: {found['converged'].all()}",
            flush=True,
        )
        start = time.perf_counter()


def main(rounds: int = 3) -> None:
    for metrics in (1,) * rounds + (METRICS,):
        subprocess.run([sys.executable, "-m", __spec__.name, str(metrics)], check=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if len(sys.argv) > 1:
        run(int(sys.argv[1]))
    else:
        main()
