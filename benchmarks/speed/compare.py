"""This tree's kernels beside those of another revision, in turn, so that a regression is seen.

python -m benchmarks.speed.compare main
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.speed.measure import ratio
from benchmarks.speed.page import table

REPOSITORY = Path(__file__).resolve().parents[2]
WORKER = """
import sys, time
from benchmarks.speed.cases import CASES
import leadlag
print(leadlag.__file__, flush=True)
kept = {}
for line in sys.stdin:
    index, at = map(int, line.split())
    case = CASES[index]
    size = case.sizes[at]
    if (index, at) not in kept:
        kept.clear()
        kept[index, at] = case.inputs(size)
        try:
            case.ours(kept[index, at])
        except ImportError:  # a revision that doesn't have it yet
            kept[index, at] = None
    if kept[index, at] is None:
        print("nan", flush=True)
        continue
    time.sleep(0.1)
    start = time.perf_counter()
    case.ours(kept[index, at])
    print(time.perf_counter() - start, flush=True)
"""


class Tree:
    """An interpreter that runs the cases on the package of one tree."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", WORKER],
            env={**os.environ, "PYTHONPATH": str(root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
        )
        self.package = Path(self.process.stdout.readline().strip())
        if root.resolve() not in self.package.resolve().parents:
            raise SystemExit(f"{self.package} was imported in place of the package in {root}")

    def seconds(self, case: int, size: int) -> float:
        print(case, size, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())


def main() -> None:
    from benchmarks.speed.cases import CASES

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "tree"
        git = ["git", "-C", str(REPOSITORY), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", other, options.revision], check=True)
        try:
            # The cases of this tree on both packages.
            shutil.rmtree(other / "benchmarks", ignore_errors=True)
            shutil.copytree(REPOSITORY / "benchmarks", other / "benchmarks")
            here, there = Tree(REPOSITORY), Tree(other)
            rows = []
            for index, case in enumerate(CASES):
                for at, size in enumerate(case.sizes):
                    pairs = [
                        (here.seconds(index, at), there.seconds(index, at))
                        for _ in range(options.rounds)
                    ]
                    now, before = (list(side) for side in zip(*pairs, strict=True))
                    found = ratio(now, before)
                    rows.append(
                        (case.name, str(size), f"{found.median:.2f}",
                         f"{found.low:.2f}–{found.high:.2f}")
                    )  # fmt: skip
                    print(*rows[-1], sep=" | ", flush=True)
            for tree in (here, there):
                tree.process.stdin.close()
                tree.process.wait()
        finally:
            subprocess.run([*git, "remove", "--force", other], check=True)
    print(table(("kernel", "size", f"time / {options.revision}", "quartiles"), rows))


if __name__ == "__main__":
    main()
