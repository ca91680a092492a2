"""Pairs in which nothing leads: how often does each p-value reject?

    python benchmarks/validity/null_pairs.py [pairs] [periods] [situation ...]

One line a situation: the share of pairs whose p-value is at most .10, .05, .01 and .001, for the
forward and the reverse test, the plain Granger test at its order by BIC, and lag 0. In the
situations marked "tied" the two series move together in the same period, so that lag 0 should
reject, and the others should not. The standard error of a share near .05 is .22 / √pairs.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from leadlag.data.panel import build_panel
from leadlag.data.prepare import prepare, terms_of
from leadlag.examine import examine

LEVELS = (0.10, 0.05, 0.01, 0.001)
SEED = 20260101
BURN_IN = 100

# A maker gives two series, (periods, 2), neither of which precedes the other.
Maker = Callable[[np.random.Generator, int], np.ndarray]


def autoregressive(noise: np.ndarray, memory: float) -> np.ndarray:
    """Series with x[t] = memory * x[t - 1] + noise[t]; the first rows are dropped."""
    out = noise.copy()
    for row in range(1, len(out)):
        out[row] += memory * out[row - 1]
    return out[BURN_IN:]


def independent(rng: np.random.Generator, periods: int, memory: float) -> np.ndarray:
    return autoregressive(rng.standard_normal((periods + BURN_IN, 2)), memory)


def tied(rng: np.random.Generator, rows: int, correlation: float = 0.8) -> np.ndarray:
    """Noise whose two columns correlate in the same period."""
    root = np.linalg.cholesky(np.array([[1.0, correlation], [correlation, 1.0]]))
    return rng.standard_normal((rows, 2)) @ root.T


def white(rng: np.random.Generator, periods: int) -> np.ndarray:
    return independent(rng, periods, 0.0)


def persistent(rng: np.random.Generator, periods: int) -> np.ndarray:
    return independent(rng, periods, 0.9)


def random_walks(rng: np.random.Generator, periods: int) -> np.ndarray:
    return np.cumsum(0.1 + rng.standard_normal((periods, 2)), axis=0)


def geometric_walks(rng: np.random.Generator, periods: int) -> np.ndarray:
    return np.exp(5 + np.cumsum(0.002 + 0.03 * rng.standard_normal((periods, 2)), axis=0))


def heavy_tailed_walks(rng: np.random.Generator, periods: int) -> np.ndarray:
    return np.cumsum(rng.standard_t(3, (periods, 2)), axis=0)


def weekly_pattern_and_trend(rng: np.random.Generator, periods: int) -> np.ndarray:
    t = np.arange(periods)[:, None]
    pattern = 3 * rng.standard_normal(7)[t % 7]
    share = rng.uniform(0.5, 1.5, (2, 2))
    return 50 + 10 * t / periods * share[0] + pattern * share[1] + independent(rng, periods, 0.5)


def moving_weekly_pattern(rng: np.random.Generator, periods: int) -> np.ndarray:
    """A rhythm whose phase and size wander, shared by both."""
    phase = np.cumsum(0.02 * rng.standard_normal(periods))
    size = 3 + np.cumsum(0.03 * rng.standard_normal(periods))
    wave = size * np.sin(2 * np.pi * np.arange(periods) / 7 + phase)
    return 20 + wave[:, None] + independent(rng, periods, 0.5)


def growth_curves(rng: np.random.Generator, periods: int) -> np.ndarray:
    """Two logistic curves of the same middle, each with a speed of its own."""
    t = np.arange(periods)[:, None] / periods - 0.5
    return 100 / (1 + np.exp(-6 * t * rng.uniform(0.7, 1.3, 2))) + 2 * independent(
        rng, periods, 0.3
    )


def exponential_growth(rng: np.random.Generator, periods: int) -> np.ndarray:
    t = np.arange(periods)[:, None] / periods
    return np.exp(3 + 2 * t * rng.uniform(0.5, 1.5, 2) + 0.1 * independent(rng, periods, 0.5))


def shared_volatility(rng: np.random.Generator, periods: int) -> np.ndarray:
    """Walks of their own whose steps grow and shrink at the same times."""
    size = np.exp(0.5 * np.cumsum(0.1 * rng.standard_normal(periods)))
    return np.cumsum(size[:, None] * rng.standard_normal((periods, 2)), axis=0)


def tied_walks(rng: np.random.Generator, periods: int) -> np.ndarray:
    return np.cumsum(tied(rng, periods), axis=0)


def tied_persistent(rng: np.random.Generator, periods: int) -> np.ndarray:
    return autoregressive(tied(rng, periods + BURN_IN), 0.95)


def near_copies(rng: np.random.Generator, periods: int) -> np.ndarray:
    """A series with memory at lags 1 and 14, and a copy of it with a little noise."""
    x = rng.standard_normal(periods + BURN_IN)
    for t in range(14, x.size):
        x[t] += 0.5 * x[t - 1] + 0.15 * x[t - 14]
    copy = x[BURN_IN:] + 0.04 * rng.standard_normal(periods)
    return np.column_stack([x[BURN_IN:], copy])


SITUATIONS: dict[str, Maker] = {
    "white": white,
    "ar-0.9": persistent,
    "walks": random_walks,
    "geometric-walks": geometric_walks,
    "heavy-walks": heavy_tailed_walks,
    "volatility": shared_volatility,
    "weekly-trend": weekly_pattern_and_trend,
    "moving-weekly": moving_weekly_pattern,
    "growth-curves": growth_curves,
    "exponential": exponential_growth,
    "tied-walks": tied_walks,
    "tied-ar-0.95": tied_persistent,
    "tied-copies": near_copies,
}


def p_values(pair: np.ndarray) -> list[float]:
    """Forward, reverse, Granger and lag 0: the second series as the target, the first as metric."""
    days = pd.date_range("2024-01-01", periods=len(pair), name="date")
    panel = build_panel(pd.DataFrame(pair, index=days, columns=["metric", "target"]), "target")
    evidence = examine(panel.X[:, 0], prepare(panel.y, panel, terms_of(panel)), panel)
    forward, reverse = evidence.forward, evidence.reverse
    return [forward.p_value, reverse.p_value, forward.granger_p, evidence.coincident_p]


def main(pairs: int = 1500, periods: int = 400, *names: str) -> None:
    print(f"{pairs} pairs a situation, {periods} days; shares of p at most {LEVELS}")
    print(f"{'':<16}{'forward':<26}{'reverse':<26}{'granger':<26}lag 0")
    for name in names or SITUATIONS:
        start = time.perf_counter()
        rng = np.random.default_rng(SEED)
        p = np.array([p_values(SITUATIONS[name](rng, periods)) for _ in range(pairs)])
        rates = ("  ".join(f"{(p[:, j] <= a).mean():.3f}" for a in LEVELS) for j in range(4))
        each = 1000 * (time.perf_counter() - start) / pairs
        print(f"{name:<15} " + "    ".join(rates) + f"   {each:.0f} ms a pair", flush=True)


if __name__ == "__main__":
    counts = [int(word) for word in sys.argv[1:3]]
    main(*counts, *sys.argv[3:])
