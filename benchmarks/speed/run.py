"""Measure every case and write docs/performance.md: machine, versions and rivals are named in it.

python -m benchmarks.speed.run               # prints, and writes the page
python -m benchmarks.speed.run --only granger --rounds 3
python -m benchmarks.speed.run --minutes 11  # what comes later keeps its former numbers
"""

import argparse
import itertools
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.speed import growth, kept, page, rank_case, skill_case, whole
from benchmarks.speed.cases import CASES, Case
from benchmarks.speed.inputs import Size
from benchmarks.speed.measure import in_turn, once, ratio, timing
from benchmarks.speed.page import Beside, Line

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"


def measure(case: Case, size: Size, threads: int, rounds: int) -> Line:
    """Ours beside the bare product, and beside each rival on as many metrics as it gets through."""
    data = case.inputs(size)
    with threadpool_limits(threads, user_api="blas"):
        ours, bare = in_turn([lambda: case.ours(data), lambda: case.bare(data)], rounds=rounds)
    return Line(
        case.name,
        str(size),
        threads,
        timing(ours),
        ratio(ours, bare),
        case.bare_goal.get(size),
    )


def beside(case: Case, size: Size, ours: float) -> list[Beside]:
    """How many times a rival takes, scaled from its share of the metrics."""
    data = case.inputs(size)
    found = []
    for rival in case.rivals:
        share = data.first(min(rival.metrics, size.p))
        rival.run(share)
        seconds = min(once(lambda r=rival, s=share: r.run(s)) for _ in range(2))
        scale = (size.p / share.size.p) ** (2 if case.name.endswith("all pairs") else 1)
        found.append(
            Beside(
                case.name, str(size), rival.library, share.size.p, seconds * scale / ours,
                rival.goal,
            )
        )  # fmt: skip
    return found


SECTIONS = {
    "growth": growth.section,
    "rolling forecasts": skill_case.section,
    "rank": rank_case.section,
    "memory": whole.memory,
    "start": whole.start,
}


def write_page() -> None:
    """The page from all that is kept: after each step, so that a run cut short loses one step."""
    lines = [page.line_of(**entry) for entry in kept.entries("kernels")]
    rivals = [page.Beside(**entry) for entry in kept.entries("beside")]
    texts = map(kept.section, SECTIONS)
    PAGE.write_text(
        page.whole_page(
            [page.kernels(lines), page.beside(rivals), *(text for text in texts if text)]
        ),
        encoding="utf-8",
    )


def measure_kernels(cases: list[Case], rounds: int) -> Iterator[None]:
    for case in cases:
        for size in case.sizes:
            for threads in (1, 2):
                line = measure(case, size, threads, rounds)
                kept.put("kernels", (line.case, line.size, line.threads), line)
                print(line, flush=True)
                yield


def measure_sections(only: str) -> Iterator[None]:
    for name, section in SECTIONS.items():
        if only in name:
            try:
                text = section()
            except subprocess.CalledProcessError as error:
                print(f"{name}: {error.stderr}", flush=True)
                continue
            kept.put("sections", (name,), text)
            print(text, flush=True)
            yield


def measure_rivals(cases: list[Case]) -> Iterator[None]:
    for case in cases:
        size = case.sizes[0]
        data = case.inputs(size)
        with threadpool_limits(2, user_api="blas"):
            case.ours(data)
            ours = min(once(lambda c=case, d=data: c.ours(d)) for _ in range(3))
        for rival in beside(case, size, ours):
            kept.put("beside", (rival.case, rival.library), rival)
            print(rival, flush=True)
        yield


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="part of a case's or a section's name")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--no-rivals", action="store_true")
    parser.add_argument("--minutes", type=float, default=60.0, help="begin nothing after so many")
    options = parser.parse_args()
    started = time.perf_counter()
    cases = [case for case in CASES if options.only in case.name]
    steps = [measure_kernels(cases, options.rounds), measure_sections(options.only)]
    if not options.no_rivals:
        steps.append(measure_rivals(cases))
    for _ in itertools.chain.from_iterable(steps):
        write_page()
        if time.perf_counter() - started > 60 * options.minutes:
            print(f"{options.minutes:g} minutes are over; the rest keeps its former numbers")
            break


if __name__ == "__main__":
    main()
