"""The same scores for every method; standard errors clustered by panel.

Each score of a situation is the ratio of two totals over its panels. What one panel adds to the
ratio's error, (sum - ratio * count) / total count, gives the standard error of a score, and of the
difference between two methods on the same panels.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

LEADS = ("leading", "feedback")
COLUMNS = (
    "fdr", "recall", "role_accuracy", "lag_error", "coverage", "width", "ndcg",
)  # fmt: skip
TITLES = {
    "fdr": "FDR",
    "recall": "recall",
    "role_accuracy": "role accuracy",
    "lag_error": "lag error",
    "coverage": "coverage of the 90 % interval",
    "width": "its width",
    "ndcg": "NDCG@5",
}


@dataclass(frozen=True)
class Tally:
    """Sums and counts of one panel.

    A panel without any finding has no false one: its share of false discoveries is 0 of 1.
    """

    sums: dict[str, float]
    counts: dict[str, float]


@dataclass(frozen=True, eq=False)
class Score:
    """A score, its standard error, and what each panel adds to its error."""

    value: float
    error: float
    by_panel: dict[int, float]

    def less(self, other: "Score") -> tuple[float, float]:
        """Difference between two methods, and its standard error over the panels of both."""
        both = self.by_panel.keys() & other.by_panel.keys()
        apart = [self.by_panel[k] - other.by_panel[k] for k in both]
        lone = [
            one.by_panel[k]
            for one, rest in ((self, both), (other, both))
            for k in one.by_panel.keys() - rest
        ]
        error = float(np.sqrt(np.sum(np.square(apart)) + np.sum(np.square(lone))))
        return self.value - other.value, error


def tally(truth: pd.DataFrame, found: pd.DataFrame) -> Tally:
    """Score what a method found in a panel.

    Parameters
    ----------
    truth : DataFrame, indexed by metric
        Of the simulated panel.
    found : DataFrame, indexed by metric
        `role`, `lag`, `low`, `high`, and `order` (larger is better).
    """
    truth = truth[truth["scored"].astype(bool)]
    found = found.reindex(truth.index)
    leads = truth["role"].isin(LEADS).to_numpy()
    said = found["role"].isin(LEADS).to_numpy()
    hit = leads & said
    lag = truth["lag"].to_numpy(float)
    error = np.abs(found["lag"].to_numpy(float) - lag)
    low, high = (found[c].to_numpy(float) for c in ("low", "high"))
    bounded = hit & np.isfinite(low)
    sums = {
        "fdr": float((said & ~leads).sum()) / max(1, int(said.sum())),
        "recall": float(hit.sum()),
        "role_accuracy": float((found["role"] == truth["role"]).sum()),
        "lag_error": float(error[hit].sum()),
        "coverage": float(((low <= lag) & (lag <= high))[bounded].sum()),
        "width": float((high - low + 1)[bounded].sum()),
        "ndcg": _ndcg(leads, found["order"].to_numpy(float)),
    }
    counts = {
        "fdr": 1.0,
        "recall": float(leads.sum()),
        "role_accuracy": float(len(truth)),
        "lag_error": float(hit.sum()),
        "coverage": float(bounded.sum()),
        "width": float(bounded.sum()),
        "ndcg": float(leads.any()),
    }
    return Tally(sums, counts)


def _ndcg(leads: np.ndarray, order: np.ndarray, at: int = 5) -> float:
    if not leads.any():
        return 0.0
    best = np.argsort(-np.nan_to_num(order, nan=-np.inf), kind="stable")[:at]
    discount = 1 / np.log2(np.arange(2, at + 2))
    ideal = discount[: min(at, int(leads.sum()))].sum()
    return float((leads[best] * discount[: best.size]).sum() / ideal)


def ratio(sums: dict[int, float], counts: dict[int, float]) -> Score:
    """Ratio of two totals over panels, keyed by panel."""
    total = sum(counts.values())
    if not total > 0:
        return Score(float("nan"), float("nan"), {})
    value = sum(sums.values()) / total
    by_panel = {k: (sums[k] - value * counts[k]) / total for k in sums}
    return Score(value, float(np.sqrt(sum(v**2 for v in by_panel.values()))), by_panel)


def summary(tallies: dict[int, Tally]) -> dict[str, Score]:
    """Each score over the panels of one situation, keyed by seed."""
    return {
        name: ratio(
            {k: t.sums[name] for k, t in tallies.items()},
            {k: t.counts[name] for k, t in tallies.items()},
        )
        for name in COLUMNS
    }
