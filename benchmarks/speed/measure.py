"""Timing in turn, and what a fresh process costs."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# OpenBLAS's idle workers spin for tens of milliseconds after a threaded product, and would take a
# core from whoever is timed next.
PAUSE = 0.1


@dataclass(frozen=True)
class Timing:
    """Seconds: the median, and the quartiles as its spread."""

    median: float
    low: float
    high: float
    rounds: int


def in_turn(sides: Sequence[Callable[[], object]], *, rounds: int) -> list[list[float]]:
    """Run the sides one after the other, round by round; each is run once before it counts."""
    for run in sides:
        run()
    seconds: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds):
        for run, kept in zip(sides, seconds, strict=True):
            time.sleep(PAUSE)
            start = time.perf_counter()
            run()
            kept.append(time.perf_counter() - start)
    return seconds


def timing(seconds: list[float]) -> Timing:
    low, median, high = _quartiles(seconds)
    return Timing(median, low, high, len(seconds))


def ratio(ours: list[float], other: list[float]) -> Timing:
    """Ratios of neighbours in time: what slows the machine for a while slows both."""
    return timing([a / b for a, b in zip(ours, other, strict=True)])


def once(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def fresh_process(program: str, **environment: str) -> str:
    """What a program prints in a new interpreter."""
    import os

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return done.stdout


def peak_memory() -> float:
    """Largest resident size of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _quartiles(values: list[float]) -> tuple[float, float, float]:
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, median, high
