"""From the evidence on each version to `Comparison.table` and its profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from leadlag.core.multiplicity import benjamini_hochberg
from leadlag.data.notice import Notice
from leadlag.errors import listing
from leadlag.iterations.choosing import frontier
from leadlag.iterations.measure import Measured
from leadlag.iterations.pairs import common_errors, preceding
from leadlag.iterations.reading import Asked

__all__ = ["ceiling_notices", "profiles_of", "table_of", "table_without_evidence"]

# Fewer common dates than this say nothing about an accuracy.
_FEWEST = 20


def table_of(measured: Sequence[Measured], n: int, *, stamped: str, alpha: float) -> pd.DataFrame:
    """One row a version.

    Parameters
    ----------
    measured : sequence of Measured
        The evidence.
    n : int
        Periods of the panel.
    stamped : str
        How the rows of the data are dated, which is what `lag` counts from.
    alpha : float
        Level of the false discovery rate.

    Returns
    -------
    DataFrame, indexed by name
    """
    leading = preceding(measured, alpha)
    errors, own = common_errors([m for m, led in zip(measured, leading, strict=True) if led], n)
    p = np.array([one.p_value for one in measured])
    by_cohort_p = np.array([one.p_cohort for one in measured])
    q, q_cohort = benjamini_hochberg(p), benjamini_hochberg(by_cohort_p)
    # Asked of those alone that peak there, which is a choice among all.
    past = np.array([one.p_beyond for one in measured])
    q_beyond = benjamini_hochberg(np.where(np.isnan(past) & np.isfinite(by_cohort_p), 1.0, past))
    rows = []
    for at, one in enumerate(measured):
        version, skill = one.version, one.skill
        told = bool(q[at] <= alpha)
        led = leading[at]
        seen = told or bool(q_cohort[at] <= alpha)
        beyond = one.beyond and (seen or bool(q_beyond[at] <= alpha))
        # Where neither dating shows a lead there is no lag to speak of.
        lag, low, high = (one.lag, one.low, one.high) if seen else (np.nan,) * 3
        shift = version.delay if stamped == "availability" else 0
        error = errors.get(version.name)
        made, rest = one.fidelity, one.remainder
        rows.append(
            {
                "name": version.name,
                "column": version.column,
                "maturation": version.delay,
                "lag": lag - shift,
                "lag_low": low - shift,
                "lag_high": high - shift,
                "usable_lead": lag - version.delay,
                "fidelity": made.r2 if made else np.nan,
                "fidelity_low": made.low if made else np.nan,
                "fidelity_high": made.high if made else np.nan,
                "fidelity_ceiling": one.ceiling,
                "remainder": rest.fidelity.r2 if rest else np.nan,
                "remainder_low": rest.fidelity.low if rest else np.nan,
                "remainder_high": rest.fidelity.high if rest else np.nan,
                "remainder_ceiling": rest.ceiling if rest else np.nan,
                "skill": skill.skill if led else np.nan,
                "skill_low": skill.low if led else np.nan,
                "skill_high": skill.high if led else np.nan,
                "skill_p": skill.p_value if led else np.nan,
                "accuracy": 1 - float(error.mean() / own.mean())
                if led and error is not None and own.size >= _FEWEST
                else np.nan,
                "sensitivity": one.noise.sensitivity,
                "signal": one.signal,
                "cycles_per_quarter": one.cycles,
                "p_value": one.p_value,
                "q_value": q[at],
                "p_cohort": one.p_cohort,
                "p_beyond": one.p_beyond,
                "precedes": led,
                # What peaks beyond the search may still be known in time.
                "only_by_cohort": bool(q_cohort[at] <= alpha) and not told and not beyond,
                "beyond_search": beyond,
                "n": int(np.isfinite(version.values).sum()),
                "reason": version.reason,
            }
        )
    table = pd.DataFrame(rows).set_index("name")
    worth = table["fidelity"].fillna(table["accuracy"]).to_numpy(dtype=np.float64)
    lead = table["usable_lead"].where(table["precedes"]).to_numpy(dtype=np.float64)
    table["frontier"] = frontier(lead, worth)
    return table[list(COLUMNS)]


def ceiling_notices(table: pd.DataFrame) -> list[Notice]:
    """Say which versions stand above their ceilings, and what that means.

    Parameters
    ----------
    table : DataFrame
        `Comparison.table`.

    Returns
    -------
    list of Notice
        One for those whose interval reaches down to the ceiling, one for the others.
    """
    above = table[table["fidelity"].round(2) > table["fidelity_ceiling"].round(2)]
    within = above["fidelity_low"] <= above["fidelity_ceiling"]
    out = []
    for rows, code, meaning in (
        (above[within], "at_ceiling", "within its interval: read it as all that chance leaves."),
        (
            above[~within],
            "above_ceiling",
            "by more than its interval. Its users are then not those that the yardstick counts, "
            "their number is not sizes=, or the cohorts' level moved: the ceiling is that of a "
            "level that stays.",
        ),
    ):
        if len(rows):
            said = [
                f"{name} ({row['fidelity']:.2f}, ceiling {row['fidelity_ceiling']:.2f})"
                for name, row in rows.iterrows()
            ]
            text = f"The fidelity of {listing(said)} stands above its ceiling, {meaning}"
            out.append(Notice(code, text))
    return out


def profiles_of(measured: Sequence[Measured]) -> pd.DataFrame:
    """Correlations of surprises on one axis: the time from when a value is known to the outcome.

    Parameters
    ----------
    measured : sequence of Measured
        The evidence.

    Returns
    -------
    DataFrame
        Indexed by usable lead in periods, one column a version; NaN outside what was searched.
    """
    drawn = {
        one.version.name: pd.Series(
            one.profile, index=np.arange(1, one.profile.size + 1) - one.version.delay
        )
        for one in measured
        if one.profile.size
    }
    if not drawn:
        return pd.DataFrame()
    table = pd.DataFrame(drawn).sort_index()
    table.index.name = "usable_lead"
    return table


def table_without_evidence(
    asked: Sequence[Asked], delays: Sequence[int], reason: str, counts: Mapping[str, int]
) -> pd.DataFrame:
    """The same columns where the data are too short for any of them.

    Parameters
    ----------
    asked : sequence of Asked
        Versions.
    delays : sequence of int, periods
        How long each takes until it is known.
    reason : str
        Why.
    counts : mapping of str to int
        Values there are, by column.

    Returns
    -------
    DataFrame, indexed by name
    """
    flags = ("frontier", "precedes", "only_by_cohort", "beyond_search")
    rows: list[dict[str, Any]] = []
    for one, delay in zip(asked, delays, strict=True):
        row: dict[str, Any] = dict.fromkeys(COLUMNS, np.nan)
        row |= {"name": one.name, "column": one.column, "maturation": delay, "reason": reason}
        row |= {"n": counts[one.column]} | dict.fromkeys(flags, False)
        rows.append(row)
    return pd.DataFrame(rows).set_index("name")[list(COLUMNS)]


COLUMNS = (
    "column", "maturation", "lag", "lag_low", "lag_high", "usable_lead", "fidelity",
    "fidelity_low", "fidelity_high", "fidelity_ceiling", "remainder", "remainder_low",
    "remainder_high", "remainder_ceiling", "skill", "skill_low", "skill_high", "skill_p",
    "accuracy", "sensitivity", "signal", "cycles_per_quarter", "frontier", "p_value", "q_value",
    "p_cohort", "p_beyond", "precedes", "only_by_cohort", "beyond_search", "n", "reason",
)  # fmt: skip
