"""How often `leadlag.counterweights` shows a planted sentiment trap, and one where there is none.

A trap: the metric precedes revenue, and what customers say gets worse behind it. Prints one line a
situation, with Wilson intervals at 95 %: `python benchmarks/planning/sentiment.py [repetitions]`.
"""

import sys
from collections import Counter

import numpy as np
import pandas as pd

import leadlag
from leadlag.core.proportion import wilson_interval

# Rows, fall of the sentiment for a lasting typical move, in standard deviations of its own noise.
SITUATIONS = {
    "1 year of weeks": {"n": 52},
    "2 years of weeks": {"n": 104},
    "3 years of weeks": {"n": 156},
    "4 years of weeks": {"n": 208},
    "1 year of days": {"n": 365, "freq": "D"},
    "2 years of days": {"n": 730, "freq": "D"},
    "2 years of weeks, half the harm": {"n": 104, "harm": 0.5},
    "4 years of weeks, half the harm": {"n": 208, "harm": 0.5},
    "2 years of days, half the harm": {"n": 730, "freq": "D", "harm": 0.5},
    "2 years of weeks, harm spread over months": {"n": 104, "spread": True},
    "4 years of weeks, harm spread over months": {"n": 208, "spread": True},
    "3 years of weeks, a rise is worse": {"n": 156, "down": True},
    "6 years of months": {"n": 72, "freq": "MS"},
}


def simulated(rng, *, n, harm, freq="W-MON", spread=False, down=False):
    """Revenue, a metric that precedes it by two periods, and a sentiment behind the metric."""
    m = n + 40

    def memory(phi):
        out = rng.standard_normal(m) * np.sqrt(1 - phi**2)
        for t in range(1, m):
            out[t] += phi * out[t - 1]
        return out

    pushed, said, revenue = memory(0.6), memory(0.4), memory(0.5)
    lags = 0.7 ** np.arange(8) if spread else np.array([1.0])
    surprise = np.sqrt(1 - 0.6**2)  # a typical move of the metric
    for k, weight in enumerate(lags / lags.sum(), start=3 if not spread else 1):
        said[k:] -= (-1 if down else 1) * harm / surprise * weight * pushed[:-k]
    revenue[2:] += 0.6 * pushed[:-2]
    index = pd.date_range("2020-01-06", periods=n, freq=freq)
    columns = {"revenue": 100 + revenue, "pushes": 50 + pushed, "said": 80 + said}
    return pd.DataFrame({k: v[-n:] for k, v in columns.items()}, index=index)


def share(hits: int, n: int) -> str:
    low, high = wilson_interval(np.array(float(hits)), np.array(float(n)), level=0.95)
    return f"{hits / n:5.3f} [{low:.3f}, {high:.3f}]"


def main(repetitions: int) -> None:
    print(
        "situation                        trap: harm, safe, underpowered        clean: harm, safe"
    )
    for name, how in SITUATIONS.items():
        made = {}
        for harm in (how.get("harm", 1.0), 0.0):
            catalog = {"said": leadlag.Metric("sentiment", aim="down" if "down" in how else "up")}
            made[harm] = Counter(
                leadlag.counterweights(
                    simulated(np.random.default_rng([7, i]), **{**how, "harm": harm}),
                    "revenue", "pushes", "said", margin=0.25, catalog=catalog,
                ).verdict
                for i in range(repetitions)
            )  # fmt: skip
        trap, clean = made.values()
        print(
            f"{name:42} {share(trap['harm'], repetitions)}  {trap['no harm within the margin']:3} "
            f"{trap['underpowered']:4}   {share(clean['harm'], repetitions)} "
            f"{clean['no harm within the margin']:4}",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
