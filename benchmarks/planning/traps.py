"""How often `leadlag.funnel` catches a planted form-rate trap, and raises one where there is none.

A trap: what a higher form rate wins is lost to a lower close rate. Prints one line a situation:
`python benchmarks/planning/traps.py [repetitions]`.
"""

import sys
import time

import numpy as np
import pandas as pd

import leadlag

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


def main(repetitions: int) -> None:
    print("situation                           caught  false alarms  vanity  seconds")
    for name, how in SITUATIONS.items():
        started = time.perf_counter()
        found = [
            [leadlag.funnel(simulated(np.random.default_rng(i), trap=t, **how), STAGES)
             for i in range(repetitions)]
            for t in (True, False)
        ]  # fmt: skip
        caught, alarms = (np.mean([bool(one.traps) for one in made]) for made in found)
        vain = np.mean([bool(one.vanity) for one in found[1]])
        each = (time.perf_counter() - started) / (2 * repetitions)
        print(f"{name:35} {caught:6.2f}  {alarms:12.2f}  {vain:6.2f}  {each:7.2f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
