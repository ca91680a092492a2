"""Stated probabilities and intervals of ranks: as often right as they say?"""

import numpy as np
import pandas as pd

from benchmarks.validity import records
from benchmarks.validity.markdown import number, table
from benchmarks.validity.scores import LEADS, ratio
from leadlag.core.score import score

TITLE = "Stated probabilities and rank intervals"
QUESTIONS = {
    "prob_leads": "`prob_leads`: the metric leads",
    "prob_top3": "`prob_top3`: it leads and is among the first three",
}
ASIDES = {
    "prob_leads": " (it takes half of all metrics to lead beforehand; where fewer do, as here, more"
    " of those in the middle are wrong)"
}


def collect(part: str) -> pd.DataFrame:
    """By decile of the stated probability: how often it was so; and the rank intervals."""
    truth = records.load(part, "truth")
    metrics = []
    for key, made in records.ours(part).items():
        one = truth[key].join(made, rsuffix="_found")
        one["leads"] = one["role"].isin(LEADS)
        one["place"] = population_place(one)
        one["seed"] = f"{key[0]} {key[1]}"
        metrics.append(one[one["scored"].astype(bool)])
    if not metrics:
        return pd.DataFrame()
    every = pd.concat(metrics)
    every["top3"] = every["leads"] & (every["place"] <= 3)
    rows = [*_deciles(every, "prob_leads", "leads"), *_deciles(every, "prob_top3", "top3")]
    if "rank_low" in every:
        led = every[every["leads"] & every["rank_low"].notna()]
        held = (led["rank_low"] <= led["place"]) & (led["place"] <= led["rank_high"])
        width = float((led["rank_high"] - led["rank_low"] + 1).mean())
        rows.append({"question": "rank_interval", "stated": 0.90, "width": width}
                    | _share(led["seed"], held))  # fmt: skip
    return pd.DataFrame(rows)


def population_place(truth: pd.DataFrame) -> pd.Series:
    """Place by role and score if the gains were known: the same order on population values."""
    leads = truth["leads"].to_numpy(float)
    gains = (truth[c].to_numpy(float) for c in ("gain_forward", "gain_reverse"))
    value = score(*gains, leads, np.zeros(leads.size))
    return pd.Series(-(value + leads), truth.index).rank(method="first")


def _deciles(every: pd.DataFrame, stated: str, true: str) -> list[dict[str, object]]:
    if stated not in every:
        return []
    known = every[every[stated].notna()]
    decile = np.minimum((known[stated].astype(float) * 10).astype(int), 9)
    rows = []
    for number_of, part in known.groupby(decile):
        mean = float(part[stated].astype(float).mean())
        rows.append({"question": stated, "decile": int(number_of), "stated": mean}
                    | _share(part["seed"], part[true]))  # fmt: skip
    return rows


def _share(panel: pd.Series, true: pd.Series) -> dict[str, float]:
    by_panel = true.astype(float).groupby(panel.to_numpy()).agg(["sum", "count"])
    keys = range(len(by_panel))
    share = ratio(
        dict(zip(keys, by_panel["sum"], strict=True)),
        dict(zip(keys, by_panel["count"].astype(float), strict=True)),
    )
    return {"metrics": float(true.size), "share": share.value, "share_se": share.error}


def at_one_half(deciles: pd.DataFrame) -> list[tuple[float, float]]:
    """Shares and their standard errors if half of all metrics led: the prior that is stated.

    Fewer do here, and the same evidence is right less often among fewer.
    """
    share, error = (deciles[c].to_numpy(float) for c in ("share", "share_se"))
    led = float((share * deciles["metrics"]).sum() / deciles["metrics"].sum())
    held, gone = share / led, (1 - share) / (1 - led)
    half = held / (held + gone)
    # The odds are multiplied by a constant, so the logit's error stays.
    spread = np.maximum(share * (1 - share), 1e-300)
    return list(zip(half.tolist(), (error / spread * half * (1 - half)).tolist(), strict=True))


def section(made: pd.DataFrame) -> list[str]:
    lines = []
    for question, title in QUESTIONS.items():
        part = made[made["question"] == question]
        if part.empty:
            continue
        cells = [
            [f"{row['decile'] / 10:.1f} to {row['decile'] / 10 + 0.1:.1f}", f"{row['metrics']:.0f}",
             number(row["stated"]), number(row["share"], row["share_se"])]
            for row in part.to_dict("records")
        ]  # fmt: skip
        header = ["stated", "metrics", "mean stated", "so"]
        if question == "prob_leads":
            header.append("so, if half of all led")
            for line, (share, error) in zip(cells, at_one_half(part), strict=True):
                line.append(number(share, error))
        lines += [f"{title}, by decile{ASIDES.get(question, '')}:", ""]
        lines += [*table(header, cells), ""]
    for row in made[made["question"] == "rank_interval"].to_dict("records"):
        lines.append(
            "The 90 % rank interval (`rank_low` to `rank_high`) holds the place that a leader would"
            " have by its population gains in"
            f" {number(row['share'], row['share_se'])} of {row['metrics']:.0f} cases; its mean"
            f" width is {row['width']:.1f} places."
        )
    return lines
