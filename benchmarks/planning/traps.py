"""How often `leadlag.funnel` catches a planted form-rate trap, and raises one where there is none.

A trap: what a higher form rate wins is lost to a lower close rate. Prints one line a situation,
with Wilson intervals at 95 %, how many of the missed traps are called underpowered or safe, and in
how many funnels without a trap a stage is called vanity:
`python benchmarks/planning/traps.py [repetitions [first seed [situation]]]`.
"""

import sys
import time

import numpy as np
import pandas as pd

import leadlag
from leadlag.core.proportion import wilson_interval

STAGES = ["visits", "opt_ins", "sales"]
SITUATIONS = {
    "weekly, 100 opt-ins": {},
    "weekly, 100 opt-ins, two years": {"n": 104},
    "weekly, 30 opt-ins": {"visits": 600},
    "weekly, 1,000 opt-ins": {"visits": 20_000},
    "a redesign doubles the form rate": {"step": True},
    "delay spread over weeks": {"spread": True},
    "slowly wandering rates": {"memory": 0.95},
    "growing visits": {"growth": 1.0},
    "6 sales a week, 2 years": {"visits": 600, "n": 104},
    "6 sales a week, 5 years": {"visits": 600, "n": 260},
    "10 sales a week, 2 years": {"visits": 1000, "n": 104},
    "10 sales a week, 3 years": {"visits": 1000},
    "3 sales a week, 3 years": {"visits": 300},
}


def simulated(
    rng, *, trap, n=156, visits=2000, form=0.05, close=0.2, delay=2, memory=0.6, sd=0.2,
    step=False, spread=False, growth=0.0,
):  # fmt: skip
    m = n + 30

    def wave(size):
        shock = rng.standard_normal(m) * size * np.sqrt(1 - memory**2)
        out = np.zeros(m)
        for t in range(1, m):
            out[t] = memory * out[t - 1] + shock[t]
        return out

    came = rng.poisson(visits * np.exp(wave(0.15) + growth * np.arange(m) / m))
    moved = wave(sd) + (np.log(2) * (np.arange(m) > m / 2) if step else 0.0)
    opted = rng.binomial(came, np.clip(form * np.exp(moved), 0, 1))
    closed = np.clip(close * np.exp(wave(0.05) - moved if trap else wave(sd)), 0, 1)
    won = rng.binomial(opted, closed)
    sold = np.zeros(m)
    if spread:
        for t, count in enumerate(won):
            late = np.minimum(t + rng.geometric(0.4, count) - 1, m - 1)
            np.add.at(sold, late, 1)
    else:
        sold[delay:] = won[:-delay]
    keep = slice(20, 20 + n)
    index = pd.date_range("2022-01-03", periods=n, freq="W-MON")
    return pd.DataFrame(
        np.column_stack([came[keep], opted[keep], sold[keep]]), index=index, columns=STAGES
    )


def share(hits: list[bool]) -> str:
    low, high = wilson_interval(np.array(float(sum(hits))), np.array(float(len(hits))), level=0.95)
    return f"{np.mean(hits):5.3f} [{low:.3f}, {high:.3f}]"


def main(repetitions: int, first: int, words: str) -> None:
    print("situation                           caught                false alarms          said so")
    for name, how in SITUATIONS.items():
        if words not in name:
            continue
        started = time.perf_counter()
        found = [
            [leadlag.funnel(simulated(np.random.default_rng(i), trap=t, **how), STAGES)
             for i in range(first, first + repetitions)]
            for t in (True, False)
        ]  # fmt: skip
        caught, alarms = ([bool(one.traps) for one in made] for made in found)
        missed = [one.raises["opt_ins / visits"] for one in found[0] if not one.traps]
        said = f"{missed.count('underpowered')} of {len(missed)}"
        safe = missed.count("reaches the outcome")
        vain = sum(bool(one.vanity) for one in found[1])
        each = (time.perf_counter() - started) / (2 * repetitions)
        told = f"{said:9}  safe {safe}  vanity {vain}  {each:.2f} s"
        print(f"{name:35} {share(caught)}  {share(alarms)}  {told}", flush=True)


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:3]]
    main(*given, *[200, 0][len(given) :], " ".join(sys.argv[3:]))
