"""What each method found, kept: one line a panel and method, so that a run can be resumed.

A line has the situation, the seed, the seconds, what was found by metric, and a fingerprint of the
code that found it. Lines of other code stay in the file and are not read.
"""

import hashlib
import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "out" / "validity"
# What `rank` computes with; words, pages and pictures change nothing here.
_OURS = ("core", "data", "decide.py", "evidence.py", "examine.py", "pipeline.py", "placing.py")
_RIVALS = ("methods.py", "oracle.py")
Key = tuple[str, int]


@cache
def fingerprint(method: str) -> str:
    """Digest of the sources that a method's findings depend on."""
    package = REPOSITORY / "leadlag"
    sources = sorted((package / "data" / "simulate").glob("*.py"))
    sources = [path for path in sources if path.name != "lessons.py"]
    if method.startswith("leadlag"):
        for name in _OURS:
            path = package / name
            sources += sorted(path.rglob("*.py")) if path.is_dir() else [path]
        sources = [path for path in sources if path.name != "lessons.py"]
    elif method != "truth":
        sources += [Path(__file__).parent / name for name in _RIVALS]
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def part_name(held_out: bool) -> str:
    return "held-out" if held_out else "tuning"


def path_of(part: str, method: str, folder: Path = FOLDER) -> Path:
    return folder / part / f"{method}.jsonl"


def line(kind: str, seed: int, method: str, seconds: float, found: pd.DataFrame) -> str:
    """One record as a line of JSON."""
    columns = {name: [_plain(v) for v in found[name]] for name in found}
    record = {
        "kind": kind, "seed": seed, "code": fingerprint(method), "seconds": round(seconds, 3),
        "metric": list(found.index), "found": columns,
    }  # fmt: skip
    return json.dumps(record, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    number = float(value)
    return float(f"{number:.6g}") if math.isfinite(number) else None


def read(part: str, method: str, folder: Path = FOLDER) -> Iterator[dict[str, Any]]:
    """Records of today's code."""
    path, code = path_of(part, method, folder), fingerprint(method)
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for text in lines:
            # A run that was stopped can leave half a line.
            if f'"code":"{code}"' in text and text.endswith("}\n"):
                yield json.loads(text)


def done(part: str, method: str, folder: Path = FOLDER) -> set[Key]:
    """Situations and seeds that have a record."""
    return {(record["kind"], record["seed"]) for record in read(part, method, folder)}


def load(part: str, method: str, folder: Path = FOLDER) -> dict[Key, pd.DataFrame]:
    """What was found in each panel, indexed by metric."""
    return {
        (record["kind"], record["seed"]): pd.DataFrame(record["found"], index=record["metric"])
        for record in read(part, method, folder)
    }


def seconds(part: str, method: str, folder: Path = FOLDER) -> dict[Key, float]:
    return {(r["kind"], r["seed"]): r["seconds"] for r in read(part, method, folder)}


def ours(part: str, folder: Path = FOLDER, *, at_rows: bool = False) -> dict[Key, pd.DataFrame]:
    """What `leadlag` found: the whole of `rank` where that was run, else its tests.

    In the situations as they are, or in those of other lengths ("situation@rows").
    """
    every = load(part, "leadlag-tests", folder) | load(part, "leadlag", folder)
    return {key: made for key, made in every.items() if ("@" in key[0]) == at_rows}
