"""Every situation and method on the same panels; what was found is kept, and a run resumes.

    python -m benchmarks.validity.run --panels 200 --null-panels 2000 --jobs 2
    python -m benchmarks.validity.run --panels 200 --held-out --seconds 300

Goes through the seeds, all situations at each, until the time is over: a run that was stopped has
seen every situation equally often. Prints the means, the goals and the weakest situations.
`python -m benchmarks.validity.page` makes docs/validity.md of what is kept. A change that is made
after seeing a held-out run is logged in LOG.md beside this file.
"""

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

from threadpoolctl import threadpool_limits

from benchmarks.validity import records, tables
from leadlag.data.simulate import simulate, situations
from leadlag.data.simulate.table import HELD_OUT, SITUATIONS

# What is cheap enough for a first look; the rest is named.
DEFAULT_METHODS = (
    "oracle", "leadlag-tests", "correlation", "differences", "granger", "prewhitening",
)  # fmt: skip
# A panel of 500 metrics takes as long as forty others: one seed in so many.
SELDOM = {"many_metrics": 5}
Job = tuple[str, int, bool, tuple[str, ...]]
Lines = list[tuple[str, str]]


def one(job: Job) -> Lines:
    """The lines of the methods on one panel."""
    from benchmarks.validity.methods import METHODS

    kind, seed, held_out, methods = job
    name, _, rows = kind.partition("@")
    panel = simulate(name, n=int(rows) if rows else None, seed=seed, held_out=held_out)
    lines = []
    for method in methods:
        start = time.perf_counter()
        found = panel.truth if method == "truth" else METHODS[method](panel)
        spent = time.perf_counter() - start
        lines.append((method, records.line(kind, seed, method, spent, found)))
    return lines


def is_null(kind: str) -> bool:
    return (SITUATIONS | HELD_OUT)[kind.partition("@")[0]].null


def open_jobs(given: argparse.Namespace) -> Iterator[Job]:
    """What has no record yet, seed by seed."""
    part = records.part_name(given.held_out)
    kinds = given.kinds or list(situations(held_out=given.held_out))
    methods = ("truth", *given.methods)
    have = {method: records.done(part, method) for method in methods}
    most = {kind: given.null_panels if is_null(kind) else given.panels for kind in kinds}
    for seed in range(given.first, given.first + max(most.values())):
        for kind in kinds:
            missing = tuple(m for m in methods if (kind, seed) not in have[m])
            due = seed % SELDOM.get(kind, 1) == 0 and seed < given.first + most[kind]
            if missing and due:
                yield kind, seed, given.held_out, missing


def run(jobs: Iterator[Job], part: str, *, workers: int, seconds: float) -> int:
    """Work the jobs off and keep each line as it comes; returns how many panels were done."""
    (records.FOLDER / part).mkdir(parents=True, exist_ok=True)
    start, finished = time.monotonic(), 0
    waiting: set[Future[Lines]] = set()
    # Processes share the cores: threads of their own would only slow them.
    with ProcessPoolExecutor(workers, initializer=threadpool_limits, initargs=(1,)) as pool:
        for job in jobs:
            if time.monotonic() - start > seconds:
                break
            waiting.add(pool.submit(one, job))
            if len(waiting) < 2 * workers:
                continue
            ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            finished += _keep(part, ready)
        finished += _keep(part, waiting)
    return finished


def _keep(part: str, ready: set[Future[Lines]]) -> int:
    for future in ready:
        for method, text in future.result():
            with records.path_of(part, method).open("a", encoding="utf-8") as file:
                file.write(text + "\n")
    return len(ready)


def main() -> None:
    from benchmarks.validity.methods import METHODS

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--panels", type=int, default=8, help="panels a situation with leaders")
    parser.add_argument("--null-panels", type=int, help="panels a null situation; as many")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--kinds", nargs="*", help="situations, or situation@rows; all by default")
    parser.add_argument("--methods", nargs="*", choices=list(METHODS), default=DEFAULT_METHODS)
    parser.add_argument("--held-out", action="store_true", help="the held-out part")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so many")
    given = parser.parse_args()
    if given.null_panels is None:
        given.null_panels = given.panels
    start = time.monotonic()
    part = records.part_name(given.held_out)
    count = run(open_jobs(given), part, workers=given.jobs, seconds=given.seconds)
    print(tables.report(part))
    print(f"{count} panels in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
