"""How far `leadlag.experiments` can be believed: simulated experiments, the truth known.

Prints, for each situation, the naive correlation, the noise-corrected one, how often its interval
holds the truth, and what it is called:
`python benchmarks/planning/proxies.py [repetitions [seed]]`.
"""

import sys

import numpy as np
import pandas as pd

import leadlag

SITUATIONS = (  # experiments, true correlation, signal to noise, correlation of the noise
    (30, 0.0, 1.0, 0.9),
    (100, 0.0, 1.0, 0.9),
    (30, 0.0, 0.25, 0.6),
    (100, 0.0, 0.25, 0.6),
    (30, 0.8, 1.0, 0.5),
    (100, 0.8, 1.0, 0.5),
    (100, 0.8, 4.0, 0.5),
    (60, 0.95, 1.0, 0.5),
    (100, 0.95, 1.0, 0.5),
)


def simulated(rng: np.random.Generator, count: int, true: float, signal: float, noise: float):
    effects = rng.multivariate_normal([0, 0], [[1, true], [true, 1]], count)
    error = rng.multivariate_normal([0, 0], [[1, noise], [noise, 1]], count) / np.sqrt(signal)
    made = pd.DataFrame(effects + error, columns=["proxy", "target"])
    return made.assign(proxy_se=signal**-0.5, target_se=signal**-0.5)


def main(repetitions: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    print("experiments  true  signal/noise  noise  naive  corrected  coverage  verdicts")
    for count, true, signal, noise in SITUATIONS:
        rows = [
            leadlag.experiments(
                simulated(rng, count, true, signal, noise), "target", noise_correlation=noise
            ).table.loc["proxy"]
            for _ in range(repetitions)
        ]
        table = pd.DataFrame(rows)
        covered = ((table["low"] <= true) & (true <= table["high"])).mean()
        verdicts = table["verdict"].value_counts(normalize=True).round(2).to_dict()
        print(
            f"{count:11} {true:5} {signal:13} {noise:6}  {table['naive_correlation'].median():5.2f}"
            f"  {table['correlation'].median():9.2f}  {covered:8.2f}  {verdicts}",
            flush=True,
        )


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:3]]
    main(*given, *[200, 0][len(given) :])
