"""Does a driver stand above what follows it, and is a broken relation less stable?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.validity import records
from benchmarks.validity.markdown import number, table
from benchmarks.validity.scores import LEADS, ratio

TITLE = "Drivers above their proxies, breaks below what lasts"
_DRAWS = 400
# Stability needs four windows of three times the largest lag: more rows than the situations have.
BREAKS = ("breaking@730", "reversal@730")


def collect(part: str) -> pd.DataFrame:
    """One row a question."""
    truth = records.load(part, "truth")
    whole = records.load(part, "leadlag")
    every, longer = records.ours(part), records.ours(part, at_rows=True)
    rows: list[dict[str, object]] = []
    if not every:
        return pd.DataFrame()
    for kind, what in (
        ("driver_observed", "observed driver above its proxy"),
        ("near_duplicates", "leader above its near-copy"),
    ):
        for name, found in (("rank", whole), ("tests only", every)):
            pairs = {
                key[1]: list(_above(truth[key], made))
                for key, made in found.items()
                if key[0] == kind
            }
            above = ratio(
                {k: float(sum(p)) for k, p in pairs.items()},
                {k: float(len(p)) for k, p in pairs.items()},
            )
            rows.append(
                {"question": what, "order": name, "pairs": sum(map(len, pairs.values())),
                 "value": above.value, "error": above.error}
            )  # fmt: skip
    for kind in BREAKS:
        groups = [_stabilities(truth[key], made) for key, made in longer.items() if key[0] == kind]
        name, days = kind.split("@")
        question = f"AUC of `stability`, `{name}`, {days} days"
        rows.append({"question": question, "order": "–"} | _auc(groups))
    return pd.DataFrame(rows)


def _above(truth: pd.DataFrame, found: pd.DataFrame) -> Iterator[bool]:
    """For every proxy that leads and whose driver was shown: whether the driver stands above it."""
    for proxy, driver in truth["behind"].items():
        proxy_leads = truth.loc[proxy, "role"] in LEADS
        if driver and proxy_leads and found.loc[driver, "role"] in LEADS:
            yield bool(found.loc[driver, "order"] > found.loc[proxy, "order"])


def _stabilities(truth: pd.DataFrame, found: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Of the leaders with a stability: relations that last, relations that break."""
    known = truth["role"].isin(LEADS) & found["stability"].notna()
    stable = truth["stable"].astype(bool)
    value = found["stability"].astype(float)
    return value[known & stable].to_numpy(), value[known & ~stable].to_numpy()


def _auc(groups: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Probability that a relation that lasts has the higher stability; error over panels."""

    def of(picked: list[tuple[np.ndarray, np.ndarray]]) -> float:
        if not picked:
            return np.nan
        lasting, broken = (np.concatenate(side) for side in zip(*picked, strict=True))
        if not (lasting.size and broken.size):
            return np.nan
        apart = lasting[:, None] - broken
        return float((apart > 0).mean() + 0.5 * (apart == 0).mean())

    rng = np.random.default_rng(0)
    drawn = [
        of([groups[i] for i in rng.integers(len(groups), size=len(groups))])
        for _ in range(_DRAWS if groups else 0)
    ]
    count = sum(lasting.size * broken.size > 0 for lasting, broken in groups)
    pairs = sum(lasting.size + broken.size for lasting, broken in groups)
    return {
        "pairs": pairs, "panels": count, "value": of(groups),
        "error": float(np.nanstd(drawn)) if drawn else np.nan,
    }  # fmt: skip


def section(made: pd.DataFrame) -> list[str]:
    cells = [
        [row["question"], row["order"], f"{row['pairs']:.0f}", number(row["value"], row["error"])]
        for row in made.to_dict("records")
    ]
    return [
        "How often the driver's rank is better than that of a metric that follows it (goal .95),"
        " where the driver was shown; and the probability that a lasting relation has a higher"
        " `stability` than one that breaks or reverses at 60 % of the rows (goal .90), among the"
        ' leaders that were shown. "Tests only" orders by role and score without skill.',
        "",
        *table(["question", "order by", "pairs or metrics", "share"], cells),
    ]
