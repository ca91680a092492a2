"""From records to tables: scores by situation and method, and which goals hold."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from benchmarks.validity import records, scores
from benchmarks.validity.scores import COLUMNS, Score, Tally
from leadlag.data.simulate.table import HELD_OUT, SITUATIONS

# Fewer clusters give no standard error worth the name.
LEAST_PANELS = 10
# In the order of the tables.
METHODS = (
    "oracle", "leadlag", "correlation", "differences", "granger", "prewhitening", "pcmci",
)  # fmt: skip
KINDS = tuple(SITUATIONS | HELD_OUT)


@dataclass(frozen=True)
class Goal:
    """A bound on a score or on its distance from the oracle's; `holds` if value - 2 s.e. is in."""

    name: str
    bound: float
    situation: str
    value: float
    error: float
    ours: float
    oracle: float
    panels: int

    @property
    def verdict(self) -> str:
        """ "holds", "missed", or "open" where there are too few panels for a standard error."""
        if self.situation != "mean" and self.panels < LEAST_PANELS:
            return "open"
        return "missed" if self.value - 2 * self.error > self.bound else "holds"


Scored = dict[str, dict[str, dict[str, Score]]]
Tallied = dict[str, dict[str, dict[int, Tally]]]


def scored(part: str) -> Scored:
    """Scores by method and situation, of all records of today's code."""
    return {
        method: {kind: scores.summary(panels) for kind, panels in kinds.items()}
        for method, kinds in tallied(part).items()
    }


@lru_cache(maxsize=4)
def tallied(part: str) -> Tallied:
    """Tallies by method, situation and seed.

    The row of `leadlag` has the whole of `rank` where that was run and its tests elsewhere: roles
    and lags are the same. The order is the whole's alone, where there is any.
    """
    truth = records.load(part, "truth")
    out: Tallied = {}
    for method in METHODS:
        whole = _tallies(truth, records.load(part, method))
        if method == "leadlag":
            tests = _tallies(truth, records.load(part, "leadlag-tests"))
            for kind, panels in tests.items():
                mine = whole.get(kind, {})
                if mine:
                    panels = {seed: _without_order(made) for seed, made in panels.items()}
                whole[kind] = panels | mine
        if whole:
            out[method] = {kind: whole[kind] for kind in KINDS if kind in whole}
    return out


def _tallies(
    truth: dict[records.Key, pd.DataFrame], found: dict[records.Key, pd.DataFrame]
) -> dict[str, dict[int, Tally]]:
    out: dict[str, dict[int, Tally]] = {}
    for kind, seed in found.keys() & truth.keys():
        made = scores.tally(truth[kind, seed], found[kind, seed])
        out.setdefault(kind, {})[seed] = made
    return out


def _without_order(made: Tally) -> Tally:
    return Tally({**made.sums, "ndcg": 0.0}, {**made.counts, "ndcg": 0.0})


def frame(part: str) -> pd.DataFrame:
    """One row a situation and method."""
    rows = []
    for method, kinds in scored(part).items():
        spent: dict[str, list[float]] = {}
        for (kind, _), seconds in records.seconds(part, method).items():
            spent.setdefault(kind, []).append(seconds)
        for kind, row in kinds.items():
            rows.append({"situation": kind, "method": method, "panels": len(row["fdr"].by_panel)})
            rows[-1]["seconds"] = float(np.mean(spent[kind])) if kind in spent else np.nan
            for name in COLUMNS:
                rows[-1] |= {name: row[name].value, f"{name}_se": row[name].error}
    return pd.DataFrame(rows)


def _mean(values: list[tuple[float, float]]) -> tuple[float, float]:
    known = [pair for pair in values if np.isfinite(pair[0])]
    if not known:
        return float("nan"), float("nan")
    error = np.sqrt(np.sum(np.square([e for _, e in known]))) / len(known)
    return float(np.mean([v for v, _ in known])), float(error)


# Name, score, bound in each situation, bound on average; against the oracle or by itself.
_BELOW_ORACLE = (
    ("recall below the oracle's", "recall", 0.05, 0.02),
    ("role accuracy below the oracle's", "role_accuracy", 0.05, 0.02),
    ("NDCG@5 below the oracle's", "ndcg", None, 0.02),
)


def goals(part: str) -> list[Goal]:
    """Every goal in every situation, then on average (`situation` is "mean").

    The oracle is taken on the panels that `leadlag` has seen.
    """
    every = tallied(part)
    if "leadlag" not in every or "oracle" not in every:
        return []
    out, pairs = [], {}
    for kind, panels in every["leadlag"].items():
        same = {k: made for k, made in every["oracle"].get(kind, {}).items() if k in panels}
        row, told, count = scores.summary(panels), scores.summary(same), len(panels)
        pairs[kind] = (row, told, count)
        fdr, held = row["fdr"], row["coverage"]
        out.append(
            Goal("FDR", 0.10, kind, fdr.value, fdr.error, fdr.value, told["fdr"].value, count)
        )
        if np.isfinite(held.value):
            out.append(
                Goal("lag intervals short of 88 %", 0.0, kind, 0.88 - held.value, held.error,
                     held.value, float("nan"), count)
            )  # fmt: skip
    for name, column, each, on_average in _BELOW_ORACLE:
        apart = []
        for kind, (row, told, count) in pairs.items():
            if not (np.isfinite(row[column].value) and np.isfinite(told[column].value)):
                continue
            value, error = told[column].less(row[column])
            apart.append((value, error, row[column].value, told[column].value))
            if each is not None:
                out.append(Goal(name, each, kind, *apart[-1], count))
        value, error = _mean([pair[:2] for pair in apart])
        means = [float(np.mean([p[i] for p in apart])) if apart else np.nan for i in (2, 3)]
        total = sum(count for _, _, count in pairs.values())
        out.append(Goal(name, on_average, "mean", value, error, *means, total))
    return out


def report(part: str, *, weakest: int = 12) -> str:
    """Means, goals that fail and the weakest situations, for a terminal."""
    table = frame(part)
    if table.empty:
        return "No records of today's code yet."
    means = table.groupby("method", sort=False)[["panels", *COLUMNS]].agg(
        {"panels": "sum", **dict.fromkeys(COLUMNS, "mean")}
    )
    lines = [f"{part} part, means over situations", means.round(3).to_string(), ""]
    made = goals(part)
    for name in dict.fromkeys(goal.name for goal in made):
        of_name = [g for g in made if g.name == name]
        said = Counter(g.verdict for g in of_name if g.situation != "mean")
        lines.append(f"{name}: " + ", ".join(f"{said[v]} {v}" for v in said))
        for goal in sorted(of_name, key=lambda g: -(g.value - g.bound))[:weakest]:
            if goal.value > goal.bound or goal.situation == "mean":
                mark = f"  {goal.verdict}"
                lines.append(
                    f"   {goal.situation:24s} {goal.value:+.3f} ({goal.error:.3f}), bound"
                    f" {goal.bound:.2f}; ours {goal.ours:.3f}, oracle {goal.oracle:.3f}{mark}"
                )
    return "\n".join(lines)
