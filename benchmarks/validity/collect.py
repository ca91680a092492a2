"""Records to results: the small tables behind docs/validity.md, kept with the sources.

Scores come from both parts, each study from the held-out part where that has records.

    python -m benchmarks.validity.collect
"""

import json
import platform
from pathlib import Path

import numpy as np
import pandas as pd
import scipy

import leadlag
from benchmarks.validity import (
    effects,
    levels,
    ordering,
    real_series,
    reliability,
    tables,
    timing,
    weekly_looks,
)

RESULTS = Path(__file__).parent / "results"
PARTS = ("held-out", "tuning")
STUDIES = {
    "levels": levels,
    "reliability": reliability,
    "effects": effects,
    "ordering": ordering,
    "weekly-looks": weekly_looks,
    "known-answers": real_series,
    "timing": timing,
}


def save(name: str, made: pd.DataFrame) -> None:
    """Write a result; where nothing was measured by today's code, what was there stays."""
    if made.empty:
        return
    RESULTS.mkdir(exist_ok=True)
    numbers = made.select_dtypes("float").columns
    rounded = made.assign(**{c: made[c].map(lambda v: float(f"{v:.4g}")) for c in numbers})
    rounded.to_csv(RESULTS / f"{name}.csv", index=False)


def main() -> None:
    for part in PARTS:
        save(f"scores-{part}", tables.frame(part))
        save(
            f"goals-{part}",
            pd.DataFrame([vars(g) | {"verdict": g.verdict} for g in tables.goals(part)]),
        )
    for name, study in STUDIES.items():
        for part in PARTS:
            made = study.collect(part)
            if not made.empty:
                save(name, made.assign(part=part))
                break
    about = {
        "leadlag": leadlag.__version__, "python": platform.python_version(),
        "numpy": np.__version__, "scipy": scipy.__version__, "machine": platform.machine(),
    }  # fmt: skip
    (RESULTS / "about.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
