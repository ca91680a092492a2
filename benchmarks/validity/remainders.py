"""What a part tells of what came after it where cohorts are alike: nothing, if asked rightly.

python -m benchmarks.validity.remainders --samples 400
"""

from __future__ import annotations

import argparse

import numpy as np
import numpy.typing as npt

from leadlag.core.fidelity import fidelity_of
from leadlag.core.remainder import remainder_of

Floats = npt.NDArray[np.float64]

# Cohorts, and periods from the part's maturity to the whole's.
LENGTHS = ((60, 13), (200, 13), (500, 85))
USERS = 300


def cohorts(
    rng: np.random.Generator, n: int, differ: float, link: float
) -> tuple[Floats, Floats, Floats]:
    """Share in the whole and in the part, and users; a lasting quality is behind the rates."""
    quality = np.zeros(n)
    for t in range(1, n):
        quality[t] = 0.7 * quality[t - 1] + np.sqrt(0.51) * rng.standard_normal()
    users = rng.poisson(USERS, n)
    part = rng.binomial(users, 1 / (1 + np.exp(1.0 - differ * quality)))
    after = rng.binomial(users - part, 1 / (1 + np.exp(0.6 - link * quality)))
    return (part + after) / users, part / users, users.astype(np.float64)


def main() -> None:
    """Print R² and how often its interval holds 0, by length and world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=400)
    samples = parser.parse_args().samples
    for n, gap in LENGTHS:
        for differ, link in ((0.0, 0.0), (0.2, 0.0), (0.2, 0.2)):
            rows = []
            for seed in range(samples):
                whole, part, users = cohorts(np.random.default_rng([seed, n]), n, differ, link)
                made = remainder_of(whole, part, gap=gap, sizes=users, seed=seed)
                new, every = made.fidelity, whole - part
                old = fidelity_of(every, part, gap=gap, weight=users, seed=seed)
                held = [one.low <= 0 <= one.high for one in (new, old)]
                rows.append([new.r2, held[0], new.low > 0, made.ceiling, old.r2, held[1]])
            mean = np.mean(np.array(rows, dtype=np.float64), axis=0)
            print(
                f"{n} cohorts, part differs {differ}, rest follows {link}: among those left R² "
                f"{mean[0]:.3f}, interval holds 0 {mean[1]:.3f}, above 0 {mean[2]:.3f}, ceiling "
                f"{mean[3]:.2f}; among all R² {mean[4]:.3f}, holds 0 {mean[5]:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
