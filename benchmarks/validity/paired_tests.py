"""How often paired tests reject where forecasts are equally good: the table of docs/versions.md.

python -m benchmarks.validity.paired_tests --pairs 400
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from leadlag.core.paired import block_length, block_means, diebold_mariano, paired_bootstrap

Floats = NDArray[np.float64]

SIZES = (60, 130, 250)
LONGEST = 60
DRAWS = 399
WORLDS = (
    ("white", 0.0), ("AR(1), .5", 0.5), ("AR(1), .8", 0.8), ("AR(1), .9", 0.9),
    ("sums of 5", 5), ("sums of 20", 20), ("squared errors, 5 ahead", 5),
    ("squared errors, 30 ahead", 30),
)  # fmt: skip


def difference(world: str, size: float, n: int, rng: np.random.Generator) -> Floats:
    """Differences of two losses whose mean is zero."""
    if world.startswith(("white", "AR")):
        noise = rng.standard_normal(n + 200)
        return np.asarray(signal.lfilter([1.0], [1.0, -size], noise)[200:], dtype=np.float64)
    width = int(size)
    window = np.ones(width) / np.sqrt(width)
    if world.startswith("sums"):
        return np.convolve(rng.standard_normal(n + width - 1), window, "valid")
    # Errors of both overlap over the horizon, and share half of their variance.
    shared = rng.standard_normal(n + width - 1)
    own = rng.standard_normal((2, n + width - 1))
    errors = [np.convolve((shared + one) / np.sqrt(2), window, "valid") for one in own]
    return np.asarray(errors[0] ** 2 - errors[1] ** 2)


def rejected(world: str, size: float, n: int, pairs: int) -> np.ndarray:
    """Shares of p-values up to .10: Diebold-Mariano, plain blocks, studentised blocks."""
    rng = np.random.default_rng([n, int(10 * size), len(world)])
    found = np.zeros(3)
    for _ in range(pairs):
        d = difference(world, size, n, rng)
        block = block_length(d, longest=LONGEST)
        length = max(block, round(n ** (1 / 3)))
        means = block_means(d[:, None], block=length, draws=DRAWS, rng=rng)[:, 0]
        plain = (1 + (np.abs(means - d.mean()) >= abs(d.mean())).sum()) / (DRAWS + 1)
        ours = paired_bootstrap(d, block=block, level=0.9, draws=DRAWS, rng=rng)
        p = diebold_mariano(d, np.zeros(n), horizon=block).p_value, plain, ours.p_value
        found += np.array(p) <= 0.1
    return np.asarray(found / pairs)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=400)
    pairs = parser.parse_args().pairs
    print("| difference of losses | n | Diebold–Mariano | plain blocks | studentised blocks |")
    print("|---|---|---|---|---|")
    for world, size in WORLDS:
        for n in SIZES:
            shares = " | ".join(f"{share:.3f}" for share in rejected(world, size, n, pairs))
            print(f"| {world} | {n} | {shares} |", flush=True)


if __name__ == "__main__":
    main()
