"""How soon the end of a relation is seen, by its strength, and how often a steady one alerts.

    python -m benchmarks.report.relations --companies 1000 --jobs 2

The sum behind the alert "relation weakened" on simulated series, without the ranking around it: two
leaders of known lags, a run for every seven new rows, one relation's end after three runs.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise

import numpy as np

from leadlag.core.break_watch import BreakWatch, watch_break
from leadlag.core.lags import lagged_matrix
from leadlag.monitor.alerts import RULES

RUNS, STEP, BEFORE = 15, 7, 3
LINE = RULES["relation weakened"].enter
# A leader's variance over what is left: below the first cut it is hardly shown.
CUTS = (0.1, 0.2, 0.4, 0.8, 3.0)
OWN, SHARE, LEAST, MOST = 5, 6, 36, 60


def _ar(rng: np.random.Generator, n: int, phi: float) -> np.ndarray:
    x = rng.standard_normal(n + 50)
    for t in range(1, x.size):
        x[t] += phi * x[t - 1]
    return np.asarray(x[50:] * np.sqrt(1 - phi**2))


def _series(seed: int, left: float) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Target and two leaders; of both relations so much is left from the break on."""
    rng = np.random.default_rng([seed, 5])
    n = int(rng.integers(150, 420))
    breaks = n - STEP * (RUNS - BEFORE)
    y = _ar(rng, n, rng.uniform(0, 0.7))
    leaders, lags = [], []
    for _ in range(2):
        x, lag = _ar(rng, n, rng.uniform(0, 0.6)), int(rng.integers(2, 9))
        size = rng.choice([-1, 1]) * rng.uniform(0.3, 0.9)
        held = np.where(np.arange(n) < breaks, 1.0, left)
        y[lag:] += size * (held[lag:] * x[:-lag])
        leaders.append(x)
        lags.append(lag)
    return y, np.array(leaders), lags


def _watched(y: np.ndarray, x: np.ndarray, lag: int) -> BreakWatch:
    leader = lagged_matrix(x, np.arange(lag, lag + 2))
    past = lagged_matrix(y, np.arange(1, OWN + 1))
    rows = np.flatnonzero(np.isfinite(leader).all(axis=1) & np.isfinite(past).all(axis=1))
    watched = int(np.clip(rows.size // SHARE, LEAST, MOST))
    own = np.column_stack([np.ones(rows.size), past[rows]])
    seen = np.arange(rows.size) >= rows.size - watched
    return watch_break(leader[rows], own, y[rows], seen)


def one(task: tuple[int, float]) -> tuple[np.ndarray, list[float]]:
    """Evidence by run and leader, and the strength of each leader before the break."""
    seed, left = task
    y, leaders, lags = _series(seed, left)
    made = [
        [
            _watched(y[:m], x[:m], lag)
            for m in (len(y) - STEP * (RUNS - 1 - run) for run in range(RUNS))
        ]
        for x, lag in zip(leaders, lags, strict=True)
    ]
    evidence = np.array([[run.evidence for run in runs] for runs in made])
    return evidence.T, [runs[BEFORE - 1].strength for runs in made]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    seeds = range(options.companies)
    with ProcessPoolExecutor(options.jobs) as pool:
        for left in (1.0, 0.0, 0.5, -1.0):
            told = list(pool.map(one, [(seed, left) for seed in seeds], chunksize=20))
            evidence = np.array([part[0] for part in told])
            strength = np.array([part[1] for part in told])
            above = evidence >= LINE
            shown = strength.max(axis=1) >= CUTS[0]
            print(f"{left:g} of the relations is left, {int(shown.sum())} companies")
            if left == 1.0:
                new = above[shown, 1:] & ~above[shown, :-1]
                print(f"  runs with a new alert: {new.any(axis=2).mean():.4f}")
                continue
            _print("any leader", above[shown].any(axis=2))
            for low, high in pairwise(CUTS):
                at = (strength >= low) & (strength < high)
                _print(f"strength {low} to {high}", above.transpose(0, 2, 1)[at])


def _print(name: str, above: np.ndarray) -> None:
    after = above[:, BEFORE:]
    within = " ".join(f"{k}: {after[:, :k].any(axis=1).mean():.2f}" for k in (2, 3, 4, 5, 6, 8, 12))
    print(f"  {name}, {len(after)}; within so many runs {within}")


if __name__ == "__main__":
    main()
