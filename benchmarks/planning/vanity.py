"""How often `leadlag.funnel` names a stage that grows and says nothing, and one that counts.

Prints one line a situation, with Wilson intervals at 95 %:
`python benchmarks/planning/vanity.py [repetitions [first seed [situation]]]`.
"""

import sys

import numpy as np
import pandas as pd

import leadlag
from leadlag.core.proportion import wilson_interval

# Weeks, sales a week, how much the traffic moves beside its growth.
SITUATIONS = {
    "3 years of weeks, 100 sales": {},
    "2 years of weeks, 100 sales": {"n": 104},
    "5 years of weeks, 100 sales": {"n": 260},
    "3 years of weeks, 20 sales": {"sales": 20},
    "3 years of weeks, traffic moves by 10 %": {"moves": 0.1},
    "3 years of weeks, sales grow as well": {"growth": 0.5},
}


def simulated(rng, *, n=156, sales=100, moves=0.2, growth=0.0):
    def wave(size, memory=0.6):
        out = rng.standard_normal(n) * size * np.sqrt(1 - memory**2)
        for t in range(1, n):
            out[t] += memory * out[t - 1]
        return out

    time = np.arange(n) / n
    traffic = rng.poisson(2000 * np.exp(1.5 * time + wave(moves)))
    gained = rng.poisson(200 * np.exp(wave(0.2)))
    own = sales * np.exp(growth * time + wave(0.15))
    return pd.DataFrame(
        {
            "traffic": traffic,
            "followers": 20_000 + np.cumsum(gained),
            "bought_by_traffic": rng.binomial(traffic, sales / traffic.mean()),
            "bought_by_followers": rng.binomial(gained, sales / max(sales, 400)),
            "bought_anyway": rng.poisson(own),
        },
        index=pd.date_range("2022-01-03", periods=n, freq="W-MON"),
    )


def share(hits: list[bool]) -> str:
    low, high = wilson_interval(np.array(float(sum(hits))), np.array(float(len(hits))), level=0.95)
    return f"{np.mean(hits):5.3f} [{low:.3f}, {high:.3f}]"


def main(repetitions: int, first: int, words: str) -> None:
    print(f"{'situation':40} {'trending, named':21} {'adds up, named':21} named where it counts")
    for name, how in SITUATIONS.items():
        if words not in name:
            continue
        frames = [
            simulated(np.random.default_rng([3, i]), **how)
            for i in range(first, first + repetitions)
        ]
        found = {
            (stage, outcome): share(
                [leadlag.funnel(one, [stage, outcome]).vanity == (stage,) for one in frames]
            )
            for stage, outcome in (
                ("traffic", "bought_anyway"),
                ("followers", "bought_anyway"),
                ("traffic", "bought_by_traffic"),
                ("followers", "bought_by_followers"),
            )
        }
        print(f"{name:40} {'  '.join(found.values())}", flush=True)


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:3]]
    main(*given, *[200, 0][len(given) :], " ".join(sys.argv[3:]))
