"""Is the full lag model calibrated? Truth drawn from the prior, then its rank among the draws.

    .venv/bin/python -m benchmarks.validity.lag_model_calibration --runs 300 [--student]

The ranks of effect, mean delay, noise and (randomised) start have to be uniform (Talts et al.
2018), and nine in ten of the 90 % intervals hold the truth. The noise filter is drawn from its
prior, given that it is stationary.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.validity.lag_calibration import uniformity
from leadlag.bayes.conditional import delay_kernels_of
from leadlag.bayes.design import Design
from leadlag.bayes.models import fit_model
from leadlag.bayes.priors import (
    EFFECT_SD,
    SAME_SD,
    SHAPE_MEDIAN,
    SHAPE_SD,
    SPREAD_SD,
    phi_sd,
    spread_median,
)
from leadlag.bayes.robust import DEGREES, weighed

FloatArray = NDArray[np.float64]
QUANTITIES = ("start", "mean_delay", "effect", "same", "sigma")
# An effective draw in about two: ranks among thinned draws are those among independent ones.
_THIN = 4


@dataclass(frozen=True)
class Ranks:
    """Ranks of the truth in [0, 1], and whether the central 90 % interval holds it."""

    ranks: dict[str, FloatArray]
    covered: dict[str, FloatArray]
    divergences: int
    heavy_tails: int


def simulate(
    rng: np.random.Generator, *, n: int, max_lag: int, order: int, student: bool = False
) -> tuple[Design, dict[str, float]]:
    """One metric and one target from the prior."""
    phi = _stationary(rng, order)
    spread = np.exp(rng.normal(np.log(spread_median(max_lag)), SPREAD_SD))
    shape = np.exp(rng.normal(np.log(SHAPE_MEDIAN), SHAPE_SD))
    start = int(rng.integers(1, max_lag + 1))
    kernel = delay_kernels_of(np.array([spread]), np.array([shape]), max_lag)[0, start - 1]
    effect, same = rng.normal(0, EFFECT_SD), rng.normal(0, SAME_SD)
    early = 100 + max_lag + order
    x = rng.standard_normal(n + early)
    size = n + early
    noise = rng.standard_t(DEGREES, size) if student else rng.standard_normal(size)
    for t in range(order, n + early):
        noise[t] += phi @ noise[t - order : t][::-1]
    weights = np.concatenate([[same], effect * kernel])
    y = np.convolve(x, weights)[: n + early] + noise
    rows = np.arange(early, n + early)
    made = Design(
        y=np.column_stack([y[rows - i] for i in range(order + 1)]),
        x=np.column_stack([x[rows - i] for i in range(order + max_lag + 1)]),
        at=np.arange(n),
        df=n,
        order=order,
        max_lag=max_lag,
        target_unit=1.0,
        metric_unit=1.0,
        base=1.0,
        logged=False,
        typical_move=1.0,
    )
    truth = {"start": float(start), "mean_delay": start + spread, "effect": effect * kernel.sum(),
             "same": same, "sigma": 1.0}  # fmt: skip
    return made, truth


def ranks_of_the_truth(
    runs: int,
    *,
    n: int = 150,
    max_lag: int = 12,
    order: int = 3,
    draws: int = 250,
    seed: int = 0,
    student: bool = False,
) -> Ranks:
    """Simulate, fit, and look the truth up among the draws."""
    rng = np.random.default_rng(seed)
    ranks: dict[str, list[float]] = {name: [] for name in QUANTITIES}
    covered: dict[str, list[float]] = {name: [] for name in QUANTITIES}
    divergences = heavy = 0
    for _ in range(runs):
        made, truth = simulate(rng, n=n, max_lag=max_lag, order=order, student=student)
        made = weighed(made) if student else made
        fit = fit_model(made, "leads", draws=draws, chains=4, stream=rng)
        divergences += int(fit.draws.diverging.sum())
        heavy += fit.draws.pareto_k > 0.7
        for name in QUANTITIES:
            values = getattr(fit.recovered, name)[::_THIN]
            below, tied = (values < truth[name]).mean(), (values == truth[name]).mean()
            ranks[name].append(below + tied * rng.random())
            low, high = np.quantile(values, [0.05, 0.95], method="inverted_cdf")
            covered[name].append(low <= truth[name] <= high)
    return Ranks(
        {name: np.array(values) for name, values in ranks.items()},
        {name: np.array(values) for name, values in covered.items()},
        divergences,
        heavy,
    )


def _stationary(rng: np.random.Generator, order: int) -> FloatArray:
    while True:
        phi = rng.normal(0, phi_sd(order))
        companion = np.eye(order, k=-1)
        companion[0] = phi
        if np.abs(np.linalg.eigvals(companion)).max() < 0.98:
            return phi


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--student", action="store_true", help="Student-t noise")
    arguments = parser.parse_args()
    found = ranks_of_the_truth(arguments.runs, seed=arguments.seed, student=arguments.student)
    print(f"{arguments.runs} simulations, {found.divergences} divergent draws, "
          f"{found.heavy_tails} with heavy weights")  # fmt: skip
    print("quantity    ranks uniform, p   90 % interval holds it")
    for name in QUANTITIES:
        p = uniformity(found.ranks[name], bins=20)
        print(f"{name:10s}  {p:16.3f}   {found.covered[name].mean():.3f}")


if __name__ == "__main__":
    main()
