"""`leadlag.rank` as a user calls it, and the same without what stands in no role and no lag."""

from unittest import mock

import numpy as np
import pandas as pd

import leadlag
from leadlag import evidence, placing
from leadlag.core.rank_uncertainty import RankUncertainty
from leadlag.data.simulate import Simulated

# What is kept of the table, beside role, lag and interval.
COLUMNS = (
    "p_value", "q_value", "p_conditional", "prob_leads", "gain_forward", "gain_reverse", "effect",
    "effect_low", "effect_high", "stability", "transform", "redundant_with",
)  # fmt: skip
# What only the whole of `rank` tells.
PLACES = ("rank", "rank_low", "rank_high", "prob_top3", "tier", "skill", "verdict")


def by_leadlag(panel: Simulated) -> pd.DataFrame:
    """`leadlag.rank` as it comes, with what the situation declares."""
    return _found(panel, (*COLUMNS, *PLACES))


def by_tests(panel: Simulated) -> pd.DataFrame:
    """`leadlag.rank` without skill out of sample and without the uncertainty of ranks.

    Roles, lags, effects and their intervals are those of `rank`, in a fraction of the time; the
    order is by role and score alone.
    """
    with (
        mock.patch.object(evidence, "measure_skills", _no_skills),
        mock.patch.object(evidence, "rank_uncertainty", _no_uncertainty),
    ):
        return _found(panel, COLUMNS)


def _found(panel: Simulated, columns: tuple[str, ...]) -> pd.DataFrame:
    table = leadlag.rank(panel.data, "target", progress=False, **panel.options).table
    return pd.DataFrame(
        {
            "role": table["role"],
            "lag": table["lag"],
            "low": table["lag_low"],
            "high": table["lag_high"],
            "order": -table["rank"].astype(float),
            **{name: table[name] for name in columns if name in table},
        }
    ).reindex(panel.truth.index)


def _no_skills(panel: object, lag: np.ndarray, leads: list[bool]) -> list[object]:
    return [placing.NO_SKILL] * len(leads)


def _no_uncertainty(*arguments: object) -> RankUncertainty:
    *_, place = (a for a in arguments if isinstance(a, np.ndarray) and a.dtype == np.int64)
    return RankUncertainty(np.full(place.size, np.nan), place, place)
