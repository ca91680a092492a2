"""Every situation and method, the same scores for all: prints the table and writes it.

    python -m benchmarks.validity.run --panels 200 --jobs 2
    python -m benchmarks.validity.run --panels 200 --held-out --out docs/validity-table

A change that is made after seeing a held-out run is logged in LOG.md beside this file.
"""

import argparse
import platform
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import scipy

import leadlag
from benchmarks.validity import scores
from benchmarks.validity.methods import METHODS, TITLES
from leadlag.data.simulate import simulate, situations

# What is cheap enough for a first look; the rest is named.
DEFAULT_METHODS = ("oracle", "leadlag", "correlation", "differences", "granger", "prewhitening")
Job = tuple[str, int, bool, tuple[str, ...]]
Result = tuple[str, dict[str, scores.Tally], dict[str, float]]


def one(job: Job) -> Result:
    """Every method on one panel, with its seconds."""
    kind, seed, held_out, methods = job
    panel = simulate(kind, seed=seed, held_out=held_out)
    tallies, seconds = {}, {}
    for method in methods:
        start = time.perf_counter()
        tallies[method] = scores.tally(panel, METHODS[method](panel))
        seconds[method] = time.perf_counter() - start
    return kind, tallies, seconds


def run(jobs: list[Job], workers: int) -> tuple[pd.DataFrame, dict[str, float]]:
    """One row a situation and method, and mean seconds a panel."""
    found: dict[tuple[str, str], list[scores.Tally]] = defaultdict(list)
    seconds: dict[str, list[float]] = defaultdict(list)
    if workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            results = list(pool.map(one, jobs, chunksize=4))
    else:
        results = [one(job) for job in jobs]
    for kind, tallies, spent in results:
        for method, made in tallies.items():
            found[kind, method].append(made)
            seconds[method].append(spent[method])
    rows = [
        {"situation": kind, "method": method, **scores.summary(made)}
        for (kind, method), made in found.items()
    ]
    return pd.DataFrame(rows), {method: float(np.mean(s)) for method, s in seconds.items()}


def markdown(table: pd.DataFrame, seconds: dict[str, float], note: str) -> str:
    """The page: means over situations, then a table a score."""
    methods = list(seconds)
    lines = ["---", "orphan: true", "---", "", "# Validity, situation by situation", "", note, ""]
    lines += ["## Means over situations", ""]
    head = ["method", *(scores.TITLES[c] for c in scores.COLUMNS), "seconds a panel"]
    lines += _row(head) + _row(["---"] * len(head))
    for method in methods:
        part = table[table["method"] == method]
        means = [part[c].mean() for c in scores.COLUMNS]
        lines += _row([TITLES[method], *(_number(v) for v in means), f"{seconds[method]:.2f}"])
    for column in scores.COLUMNS:
        lines += ["", f"## {scores.TITLES[column]}", ""]
        lines += _row(["situation", *(TITLES[m] for m in methods)])
        lines += _row(["---"] * (len(methods) + 1))
        for kind in dict.fromkeys(table["situation"]):
            cells = []
            for method in methods:
                at = table[(table["situation"] == kind) & (table["method"] == method)].iloc[0]
                cells.append(_number(at[column], at[f"{column}_se"]))
            lines += _row([f"`{kind}`", *cells])
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> list[str]:
    return ["| " + " | ".join(cells) + " |"]


def _number(value: float, error: float | None = None) -> str:
    if not np.isfinite(value):
        return "–"
    return f"{value:.2f}" if error is None else f"{value:.2f} ({error:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--panels", type=int, default=8, help="panels a situation")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--kinds", nargs="*", help="situations; all by default")
    parser.add_argument("--methods", nargs="*", choices=list(METHODS), default=DEFAULT_METHODS)
    parser.add_argument("--held-out", action="store_true", help="the held-out part")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument(
        "--out", default="docs/validity-table", help="stem of the files; '' for none"
    )
    given = parser.parse_args()
    kinds = given.kinds or list(situations(held_out=given.held_out))
    seeds = range(given.first, given.first + given.panels)
    jobs = [(kind, seed, given.held_out, tuple(given.methods)) for kind in kinds for seed in seeds]
    start = time.perf_counter()
    table, seconds = run(jobs, given.jobs)
    part = "held-out part" if given.held_out else "tuning part"
    note = (
        f"{given.panels} panels a situation, {part}, seeds from {given.first}; alpha .10. Standard"
        f" errors, clustered by panel, in parentheses. leadlag {leadlag.__version__}, Python"
        f" {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__},"
        f" {platform.machine()}. Written by `python -m benchmarks.validity.run`."
    )
    page = markdown(table, seconds, note)
    print(page)
    print(f"{time.perf_counter() - start:.0f} s")
    if given.out:
        Path(f"{given.out}.md").write_text(page, encoding="utf-8")
        table.round(4).to_csv(f"{given.out}.csv", index=False)


if __name__ == "__main__":
    main()
