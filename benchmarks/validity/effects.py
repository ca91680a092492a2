"""Intervals of effects and of lags: how often do they hold the truth?"""

import numpy as np
import pandas as pd

from benchmarks.validity import records
from benchmarks.validity.markdown import number, table
from benchmarks.validity.scores import LEADS, ratio
from benchmarks.validity.tables import KINDS

TITLE = "Intervals of effects and lags"


def collect(part: str) -> pd.DataFrame:
    """Coverage by situation, and over all of them ("all"), of leaders that were shown."""
    truth = records.load(part, "truth")
    shown = []
    for key, made in records.ours(part).items():
        one = truth[key].join(made, rsuffix="_found")
        one["kind"], one["panel"] = key[0], f"{key[0]} {key[1]}"
        both = one["role"].isin(LEADS) & one["role_found"].isin(LEADS)
        shown.append(one[both & one["scored"].astype(bool)])
    if not shown:
        return pd.DataFrame()
    every = pd.concat(shown)
    rows = [_row("all", every)]
    rows += [_row(kind, every[every["kind"] == kind]) for kind in KINDS]
    return pd.DataFrame([row for row in rows if row["shown"] > 0])


def _row(kind: str, part: pd.DataFrame) -> dict[str, object]:
    # A relation that breaks has no one effect.
    known = part[part["effect"].notna() & part["effect_low"].notna() & part["stable"].astype(bool)]
    effect, found = known["effect"].astype(float), known["effect_found"].astype(float)
    low, high = known["effect_low"].astype(float), known["effect_high"].astype(float)
    lag_low, lag_high = part["low"].astype(float), part["high"].astype(float)
    return {
        "situation": kind,
        "shown": len(part),
        **_share("effect", known["panel"], (low <= effect) & (effect <= high)),
        "effect_width": float(((high - low) / effect.abs()).median()) if len(known) else np.nan,
        "effect_ratio": float((found / effect).median()) if len(known) else np.nan,
        **_share("sign", known["panel"], np.sign(found) == np.sign(effect)),
        **_share("lag", part["panel"], (lag_low <= part["lag"]) & (part["lag"] <= lag_high)),
        "lag_width": float((lag_high - lag_low + 1).mean()),
    }


def _share(name: str, panel: pd.Series, true: pd.Series) -> dict[str, float]:
    by_panel = true.astype(float).groupby(panel.to_numpy()).agg(["sum", "count"])
    made = ratio(dict(enumerate(by_panel["sum"])), dict(enumerate(by_panel["count"].astype(float))))
    return {name: made.value, f"{name}_se": made.error}


def section(made: pd.DataFrame) -> list[str]:
    cells = [
        [
            "**all**" if row["situation"] == "all" else f"`{row['situation']}`",
            f"{row['shown']:.0f}",
            number(row["effect"], row["effect_se"]),
            number(row["effect_width"]),
            number(row["effect_ratio"]),
            number(row["sign"], row["sign_se"]),
            number(row["lag"], row["lag_se"]),
            number(row["lag_width"], digits=1),
        ]
        for row in made.to_dict("records")
    ]
    head = [
        "situation", "leaders shown", "effect held", "width / effect", "median ratio",
        "sign right", "lag held", "periods wide",
    ]  # fmt: skip
    return [
        "Of the true leaders that were shown: how often `effect_low` to `effect_high` holds the"
        " effect (after relations that break are left out), its median width as a multiple of the"
        " effect, the median of estimate over truth (above 1: what is shown was lucky), how often"
        " the sign is right, and how often `lag_low` to `lag_high` holds the lag. The effect's"
        " level is 90 %, adjusted for having been selected.",
        "",
        *table(head, cells),
    ]
