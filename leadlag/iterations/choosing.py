"""Which version to use: the frontier of earliness against fidelity, and the rule of the choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["choose", "frontier"]

Floats = npt.NDArray[np.float64]

# Errors of forecasts so far ahead may hang together over as many dates: on fewer than this share
# of the longest lead they are hardly more than one.
_DATES_A_LEAD = 0.5


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
    table: pd.DataFrame, pairs: pd.DataFrame, *, keep: float, worth: str, alpha: float
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
    alpha : float
        P-value of a skill that counts as shown.

    Returns
    -------
    dict or None
        `name`, the chosen version; `best`, the one of the largest worth; `slowest`, the one that is
        known last among those that could be used; `loss`, `loss_low`, `loss_high` and `p_value`:
        what the slowest would add; `doubt`, what leaves the choice open: "dates" (too few in
        common), "skill" (not shown beyond the target's own past), "earlier" (one that is known
        earlier was not shown to tell less), "keeps" (whether enough is kept of what another one
        tells), "tie" (another one is known as early, and was not shown to tell less) or "" for
        none; `other`, the version that the doubt is about, and `gap`, `gap_low`,
        `gap_high`, how much more the chosen one tells; `dates`, common dates, and `dates_needed`,
        about how many would settle what is kept. None where no version could be chosen.
    """
    fit = table[table["precedes"] & (table["usable_lead"] > 0) & (table[worth] > 0)]
    if not len(fit):
        return None
    best = str(fit[worth].idxmax())
    most = float(fit[worth].max())
    enough = fit[fit[worth] >= keep * most]
    # Of two that are known at the same time, the better one.
    order = enough.sort_values(["usable_lead", "frontier", worth], ascending=False, kind="stable")
    name = str(order.index[0])
    # Waiting buys what takes longer to mature, and costs lead.
    later = fit[(fit["maturation"] > float(order["maturation"].iloc[0]))
                & (fit["usable_lead"] < float(order["usable_lead"].iloc[0]))]  # fmt: skip
    slowest = str(later["usable_lead"].idxmin()) if len(later) else name
    out: dict[str, Any] = {"name": name, "best": best, "slowest": slowest}
    out |= _against(pairs, name, slowest, worth, "loss")
    out |= {"dates": 0.0, "dates_needed": np.nan, "other": "", "doubt": ""}
    out |= dict.fromkeys(("gap", "gap_low", "gap_high"), np.nan)
    ahead = table[table["precedes"] & (table["usable_lead"] > 0)]
    leads = dict(zip(map(str, ahead.index), ahead["usable_lead"].to_numpy(float), strict=True))
    if len(ahead) > 1:
        out["dates"] = float(pairs["n"].max())
        if out["dates"] < max(leads.values()) * _DATES_A_LEAD:
            return out | {"doubt": "dates"}
    if not ahead["skill_p"].to_numpy(float)[list(leads).index(name)] <= alpha:
        return out | {"doubt": "skill"}
    for other in [one for one, lead in leads.items() if lead > leads[name]]:
        gap = _against(pairs, other, name, worth, "gap")
        if not gap["gap_low"] > 0:
            part = {key: gap[key] for key in ("gap", "gap_low", "gap_high")}
            return out | part | {"doubt": "earlier", "other": other}
    allowed = (1 - keep) * most
    for other in [str(one) for one in fit.index if leads[str(one)] < leads[name]]:
        more = _against(pairs, name, other, worth, "best")
        if not more["best_high"] <= allowed:
            # The interval shrinks with the root of the number of dates.
            room, half = allowed - more["best"], more["best_high"] - more["best"]
            needed = more["n"] * (half / room) ** 2 if room > 0 else np.nan
            kept = {"dates": more["n"], "dates_needed": float(needed)}
            return out | kept | {"doubt": "keeps", "other": other}
    for other in [one for one, lead in leads.items() if lead == leads[name] and one != name]:
        gap = _against(pairs, other, name, worth, "gap")
        if not gap["gap_low"] > 0:
            part = {key: gap[key] for key in ("gap", "gap_low", "gap_high")}
            return out | part | {"doubt": "tie", "other": other}
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
