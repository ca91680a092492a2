"""What rankings of many segments say together: one table of all, one row a metric over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from leadlag.core.combination import cauchy_combination
from leadlag.core.multiplicity import benjamini_hochberg
from leadlag.core.pooling import Pooled, panel_granger, pool_effects
from leadlag.core.roles import SHOWN_LEADING
from leadlag.ranking import Ranking

__all__ = ["pooled_tables"]

Tests = Mapping[str, float]


def pooled_tables(
    rankings: Mapping[Any, Ranking], effects: Sequence[Mapping[str, Tests]], alpha: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the rankings of segments into one table, and pool each metric over it.

    Parameters
    ----------
    rankings : mapping
        Segment to its ranking.
    effects : sequence of mapping
        In the same order, by metric: "standard_effect", "standard_error", and the Granger test of
        one order: "f", "df", "order".
    alpha : float
        Level of the false discovery rate.

    Returns
    -------
    table, pooled : pandas.DataFrame
        As the attributes of `leadlag.Segments`.
    """
    if not rankings:
        names = ["segment", "metric"]
        empty = pd.MultiIndex.from_arrays([[], []], names=names)
        return pd.DataFrame(index=empty), pd.DataFrame(index=pd.Index([], name="metric"))
    table = pd.concat(
        {label: ranking.table for label, ranking in rankings.items()}, names=["segment", "metric"]
    )
    table["q_over_all"] = benjamini_hochberg(table["p_value"].to_numpy(dtype=np.float64))
    found = {
        (label, name): values
        for label, made in zip(rankings, effects, strict=True)
        for name, values in made.items()
    }
    for part in ("standard_effect", "standard_error"):
        table[part] = [found.get(key, {}).get(part, float("nan")) for key in table.index]
    for part in ("pooled_effect", "pooled_low", "pooled_high"):
        table[part] = float("nan")
    rows = []
    for name in dict.fromkeys(table.index.get_level_values("metric")):
        here = table.index.get_level_values("metric") == name
        part = table[here]
        tests = [found.get(key, {}) for key in part.index]
        made = pool_effects(part["standard_effect"].to_numpy(), part["standard_error"].to_numpy())
        table.loc[here, "pooled_effect"] = made.shrunk
        table.loc[here, "pooled_low"] = made.shrunk_low
        table.loc[here, "pooled_high"] = made.shrunk_high
        rows.append({"metric": name, **_pooled_row(part, made, tests, alpha)})
    pooled = pd.DataFrame(rows).set_index("metric")
    pooled.insert(9, "q_value", benjamini_hochberg(pooled["p_value"].to_numpy()))
    order = pooled.assign(name=pooled.index, size=-pooled["effect"].abs()).sort_values(
        ["q_value", "p_value", "size", "name"], kind="stable"
    )
    return table, pooled.loc[order.index]


def _pooled_row(
    part: pd.DataFrame, made: Pooled, tests: Sequence[Tests], alpha: float
) -> dict[str, Any]:
    leads = part["role"].isin(SHOWN_LEADING)
    p_values = part["p_value"].to_numpy(dtype=np.float64)
    orders = [test["order"] for test in tests if "order" in test]
    order = int(min(orders)) if orders else 0
    # One order for all: a segment with a shorter search has another test.
    same = [test if test.get("order") == order else {} for test in tests]
    f, df = (np.array([test.get(key, np.nan) for test in same], dtype=float) for key in ("f", "df"))
    z, dh = panel_granger(f, df, order) if order else (float("nan"), float("nan"))
    return {
        "n_segments": int((part["role"] != "excluded").sum()),
        "n_leading": int(leads.sum()),
        "n_over_all": int((part["q_over_all"] <= alpha).sum()),
        "lag": float(part.loc[leads, "lag"].median()) if leads.any() else float("nan"),
        "effect": made.mean,
        "effect_low": made.low,
        "effect_high": made.high,
        "spread": made.spread,
        "p_value": cauchy_combination(p_values, np.ones(len(p_values))),
        "heterogeneity": made.heterogeneity,
        "heterogeneity_p": made.p_value,
        "dh_z": z,
        "dh_p_value": dh,
    }
