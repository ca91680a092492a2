"""Seconds that `rank` takes on 200 metrics, 730 days and 30 lags.

python -m benchmarks.validity.timing
"""

import platform
import time

import numpy as np
import pandas as pd

import leadlag
from benchmarks.validity import records

TITLE = "Time"
GOAL = 5.0
_PATH = records.FOLDER / "timing.csv"


def collect(part: str) -> pd.DataFrame:
    """What was measured last."""
    return pd.read_csv(_PATH) if part == "held-out" and _PATH.exists() else pd.DataFrame()


def section(made: pd.DataFrame) -> list[str]:
    row = made.iloc[0]
    return [
        f"`leadlag.rank` on {row['metrics']} metrics × {row['rows']} days × {row['lags']} lags,"
        f" {row['leaders']} of the metrics leading: {row['seconds']:.1f} s, best of {row['runs']}"
        f" runs in one process, wall time, other work on the machine included ({row['machine']});"
        f" goal {GOAL:.0f} s."
    ]


def frame(metrics: int, rows: int, leaders: int = 5) -> pd.DataFrame:
    """Autoregressive metrics, of which the first few lead by 3, 4, … days."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows + 50, metrics))
    for t in range(1, len(x)):
        x[t] += 0.5 * x[t - 1]
    x = x[50:]
    y = rng.standard_normal(rows)
    for j in range(leaders):
        y[3 + j :] += 0.4 * x[: rows - 3 - j, j]
    days = pd.date_range("2023-01-02", periods=rows, name="date")
    names = ["target", *(f"metric_{j:03d}" for j in range(metrics))]
    return pd.DataFrame(100 + np.column_stack([y, x]), index=days, columns=names)


def main(runs: int = 3) -> None:
    data = frame(200, 730)
    # The first call loads libraries and the tables of the null.
    leadlag.rank(data.iloc[:, :4], "target", max_lag=30, progress=False)
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        table = leadlag.rank(data, "target", max_lag=30, progress=False).table
        seconds.append(time.perf_counter() - start)
    made = {
        "metrics": 200, "rows": 730, "lags": 30, "runs": runs, "seconds": min(seconds),
        "leaders": int(table["role"].isin(["leading", "feedback"]).sum()),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
    }  # fmt: skip
    _PATH.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame([made]).to_csv(_PATH, index=False)
    print([round(s, 2) for s in seconds])


if __name__ == "__main__":
    main()
