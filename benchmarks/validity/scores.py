"""The same scores for every method; standard errors clustered by panel."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from leadlag.data.simulate import Simulated

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
    """Sums and counts of one panel: each score is the ratio of their totals over panels.

    A panel without any finding has no false one: its share of false discoveries is 0 of 1.
    """

    sums: dict[str, float]
    counts: dict[str, float]


def tally(panel: Simulated, found: pd.DataFrame) -> Tally:
    """Score what a method found in a panel.

    Parameters
    ----------
    panel : Simulated
    found : DataFrame, indexed by metric
        `role`, `lag`, `low`, `high`, and `order` (larger is better).
    """
    truth = panel.truth[panel.truth["scored"]]
    found = found.reindex(truth.index)
    leads = truth["role"].isin(LEADS).to_numpy()
    said = found["role"].isin(LEADS).to_numpy()
    hit = leads & said
    error = (found["lag"] - truth["lag"]).abs().to_numpy(float)
    low, high = (found[c].to_numpy(float) for c in ("low", "high"))
    lag = truth["lag"].to_numpy(float)
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


def summary(tallies: list[Tally]) -> dict[str, float]:
    """Each score and its standard error, clustered by panel."""
    row: dict[str, float] = {"panels": len(tallies)}
    for name in COLUMNS:
        sums = np.array([t.sums[name] for t in tallies])
        counts = np.array([t.counts[name] for t in tallies])
        total = counts.sum()
        ratio = sums.sum() / total if total > 0 else np.nan
        row[name] = ratio
        row[f"{name}_se"] = (
            float(np.sqrt(((sums - ratio * counts) ** 2).sum()) / total) if total > 0 else np.nan
        )
    return row
