"""How often `leadlag.counterweights` shows a planted sentiment trap, and one where there is none.

A trap: the metric precedes revenue, and what customers say gets worse behind it. Prints one line a
situation, with Wilson intervals at 95 %, and how many of the missed traps are called underpowered
(the others are called safe): `python benchmarks/planning/sentiment.py [repetitions [first seed
[situation]]]`.
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


def main(repetitions: int, first: int, words: str) -> None:
    print(f"{'situation':42} {'caught':20}  {'false alarms':20}  said so")
    for name, how in SITUATIONS.items():
        if words not in name:
            continue
        catalog = {"said": leadlag.Metric("sentiment", aim="down" if "down" in how else "up")}
        trap, clean = (
            Counter(
                leadlag.counterweights(
                    simulated(np.random.default_rng([7, i]), **{"harm": 1.0, **how, **off}),
                    "revenue", "pushes", "said", margin=0.25,
                    catalog=catalog,
                ).verdict
                for i in range(first, first + repetitions)
            )
            for off in ({}, {"harm": 0.0})
        )  # fmt: skip
        missed = repetitions - trap["harm"]
        print(
            f"{name:42} {share(trap['harm'], repetitions)}  {share(clean['harm'], repetitions)}  "
            f"{trap['underpowered']} of {missed}; clean: no harm shown in "
            f"{clean['no harm within the margin']}",
            flush=True,
        )


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:3]]
    main(*given, *[200, 0][len(given) :], " ".join(sys.argv[3:]))
