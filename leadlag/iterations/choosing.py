"""Which version to use: the frontier of earliness against fidelity, and the rule of the choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["choose", "frontier"]

Floats = npt.NDArray[np.float64]


def frontier(lead: Floats, worth: Floats) -> npt.NDArray[np.bool_]:
    """Versions that no other one beats in both earliness and worth.

    Parameters
    ----------
    lead : ndarray, shape (n_versions,), periods
        Usable lead; one that is missing, or no lead at all, is not on the frontier.
    worth : ndarray, shape (n_versions,)
        Fidelity or accuracy.

    Returns
    -------
    ndarray of bool, shape (n_versions,)

    Examples
    --------
    >>> frontier(np.array([30.0, 90.0, 60.0, -5.0]), np.array([0.9, 0.5, 0.4, 1.0]))
    array([ True,  True, False, False])
    """
    fit = np.isfinite(lead) & (lead > 0) & np.isfinite(worth)
    out = np.zeros(lead.size, dtype=bool)
    for i in np.flatnonzero(fit):
        as_good = fit & (lead >= lead[i]) & (worth >= worth[i])
        better = as_good & ((lead > lead[i]) | (worth > worth[i]))
        out[i] = not better.any()
    return out


def choose(
    table: pd.DataFrame, pairs: pd.DataFrame, *, keep: float, worth: str
) -> dict[str, Any] | None:
    """Choose the earliest version that keeps enough of the best one's worth.

    Parameters
    ----------
    table : DataFrame, indexed by name
        `Comparison.table`.
    pairs : DataFrame
        `Comparison.differences`.
    keep : float
        Share of the best version's worth that an earlier one has to keep.
    worth : str
        Column of the table: "accuracy" or "fidelity".

    Returns
    -------
    dict or None
        `name`, the chosen version; `best`, the one of the largest worth; `slowest`, the one that is
        known last among those that could be used; `loss`, `loss_low`, `loss_high` and `p_value`:
        what the slowest would add; `settled`, whether the interval leaves no doubt that enough is
        kept; `dates`, on how many common dates, and `dates_needed`, about how many it would take.
        None where no version could be chosen.
    """
    fit = table[table["precedes"] & (table["usable_lead"] > 0) & (table[worth] > 0)]
    if not len(fit):
        return None
    best = str(fit[worth].idxmax())
    most = float(fit[worth].max())
    enough = fit[fit[worth] >= keep * most]
    # Of two that are known at the same time, the better one.
    order = enough.sort_values(["usable_lead", worth], ascending=False, kind="stable")
    name = str(order.index[0])
    slowest = str(fit["usable_lead"].idxmin())
    out: dict[str, Any] = {"name": name, "best": best, "slowest": slowest, "settled": True}
    out |= _against(pairs, name, slowest, worth, "loss")
    against_best = _against(pairs, name, best, worth, "best")
    if name != best:
        allowed, high = (1 - keep) * most, against_best["best_high"]
        out["settled"] = bool(np.isfinite(high) and high <= allowed)
        out["dates"] = against_best["n"]
        # The interval shrinks with the root of the number of dates.
        room, half = allowed - against_best["best"], high - against_best["best"]
        enough_dates = against_best["n"] * (half / room) ** 2 if room > 0 else np.nan
        out["dates_needed"] = float(enough_dates)
    return out


def _against(
    pairs: pd.DataFrame, name: str, other: str, worth: str, prefix: str
) -> dict[str, float]:
    """How much more another version is worth, with its interval and p-value."""
    keys = ("difference", "low", "high", "p_value")
    if worth == "fidelity":
        keys = ("fidelity_difference", "fidelity_low", "fidelity_high", "fidelity_p")
    nan = {part: float("nan") for part in (prefix, f"{prefix}_low", f"{prefix}_high")}
    nan |= {"p_value": float("nan"), "n": 0.0}
    for rows, sign in (
        (pairs[(pairs["a"] == other) & (pairs["b"] == name)], 1.0),
        (pairs[(pairs["a"] == name) & (pairs["b"] == other)], -1.0),
    ):
        if len(rows):
            row = rows.iloc[0]
            ends = sorted((sign * float(row[keys[1]]), sign * float(row[keys[2]])))
            return {
                prefix: sign * float(row[keys[0]]),
                f"{prefix}_low": ends[0],
                f"{prefix}_high": ends[1],
                "p_value": float(row[keys[3]]),
                "n": float(row["n"]),
            }
    return nan
