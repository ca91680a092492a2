"""P-values of unrelated metrics: how often are they at most .05, .01 and .001?"""

import numpy as np
import pandas as pd

from benchmarks.validity import records
from benchmarks.validity.markdown import number, table
from benchmarks.validity.scores import ratio
from benchmarks.validity.tables import KINDS, LEAST_PANELS
from leadlag.data.simulate.table import HELD_OUT, SITUATIONS

TITLE = "P-values where nothing leads"
LEVELS = (0.05, 0.01, 0.001)


def collect(part: str) -> pd.DataFrame:
    """Share of unrelated metrics' p-values at most each level, by situation."""
    truth, found = records.load(part, "truth"), records.ours(part)
    rows = []
    for kind in KINDS:
        null = (SITUATIONS | HELD_OUT)[kind].null
        panels = {}
        for (name, seed), made in found.items():
            if name == kind:
                role = truth[name, seed]["role"]
                panels[seed] = made.loc[role.index[role == "unrelated"], "p_value"].dropna()
        if not panels:
            continue
        counts = {seed: float(len(p)) for seed, p in panels.items()}
        row = {
            "situation": kind,
            "null": null,
            "panels": len(panels),
            "metrics": sum(counts.values()),
        }
        for level in LEVELS:
            share = ratio({k: float((p <= level).sum()) for k, p in panels.items()}, counts)
            row |= {f"at_{level}": share.value, f"at_{level}_se": share.error}
        rows.append(row)
    return pd.DataFrame(rows)


def section(made: pd.DataFrame) -> list[str]:
    """Null situations first, then the unrelated metrics that stand beside leaders."""
    made = made.sort_values("null", ascending=False, kind="stable")
    cells = []
    for row in made.to_dict("records"):
        shares = [number(row[f"at_{a}"], row[f"at_{a}_se"], digits=3) for a in LEVELS]
        above = row["panels"] >= LEAST_PANELS and row["at_0.05"] - 2 * row["at_0.05_se"] > 0.05
        cells.append(
            [f"`{row['situation']}`", "nothing" if row["null"] else "some", f"{row['metrics']:.0f}",
             *shares, "above" if above else ""]
        )  # fmt: skip
    null = made[made["null"]]
    means = ", ".join(
        number(null[f"at_{a}"].mean(), np.linalg.norm(null[f"at_{a}_se"]) / len(null), digits=4)
        + f" at {a}"
        for a in LEVELS
    )
    return [
        "Shares of the p-values of metrics that have nothing to do with the target, beside the"
        " nominal levels; standard errors clustered by panel. Mean over the null situations:"
        f" {means}. The last column marks a share at .05 that is above it by more than two"
        f" standard errors, where there are {LEAST_PANELS} panels.",
        "",
        *table(["situation", "what leads", "metrics", *(f"p ≤ {a}" for a in LEVELS), ""], cells),
    ]
