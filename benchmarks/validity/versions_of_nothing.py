"""How often `compare` recommends a version where none says anything of the target.

python -m benchmarks.validity.versions_of_nothing --sets 500
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

import leadlag

WEEKS = 200
VERSIONS = {"a": ("a", 1), "b": ("b", 4), "c": ("c", 8)}


def noise(seed: int) -> pd.DataFrame:
    """Three versions and a target, white and independent."""
    values = np.random.default_rng([seed, 11]).standard_normal((WEEKS, 4))
    weeks = pd.date_range("2020-01-06", periods=WEEKS, freq="W-MON")
    return pd.DataFrame(values, columns=[*VERSIONS, "outcome"], index=weeks)


def main() -> None:
    """Print the shares of sets in which something was said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=500)
    sets = parser.parse_args().sets
    said = dict.fromkeys(("precedes", "only by cohort", "beyond the search", "recommended"), 0)
    for seed in range(sets):
        found = leadlag.compare(noise(seed), "outcome", VERSIONS, stamped="cohort", max_lag=20)
        table = found.table
        said["precedes"] += bool((table["q_value"] <= found.settings["alpha"]).any())
        said["only by cohort"] += bool(table["only_by_cohort"].any())
        said["beyond the search"] += bool(table["beyond_search"].any())
        said["recommended"] += found.recommended is not None
    print(
        ", ".join(f"{name} {count / sets:.3f}" for name, count in said.items()), f"of {sets} sets"
    )


if __name__ == "__main__":
    main()
