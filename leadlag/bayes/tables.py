"""Tables from draws: the summary, whether they can be used, with against without a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.bayes.trees import diagnose, leave_one_out

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["LEVEL", "agree", "compared", "diagnosed", "summarised", "whole_interval"]

Floats = npt.NDArray[np.float64]

LEVEL = 0.90
# What Stan's developers advise (Vehtari et al. 2021): R-hat at most 1.01, a hundred effective draws
# a chain; E-BFMI from Betancourt (2016).
_MOST_R_HAT = 1.01
_EFFECTIVE_PER_CHAIN = 100
_LEAST_BFMI = 0.3
# A smoothed tail this heavy makes the estimate for that row unreliable.
_HEAVY_TAIL = 0.7
_JUDGED = ("log_spread", "log_shape", "phi", "effect_standardised", "sigma", "mean_delay")


def whole_interval(values: Floats, *, level: float = LEVEL) -> tuple[float, float, float]:
    """Most frequent whole number and a central interval that holds it.

    Parameters
    ----------
    values : ndarray, shape (n_draws,)
        Whole numbers.
    level : float
        Least share of the draws inside.

    Returns
    -------
    mode, low, high : float

    Examples
    --------
    >>> whole_interval(np.array([3.0, 3.0, 3.0, 4.0]))
    (3.0, 3.0, 4.0)
    """
    found, counts = np.unique(values, return_counts=True)
    mode = float(found[counts.argmax()])
    tail = (1 - level) / 2
    low, high = np.quantile(values, [tail, 1 - tail], method="inverted_cdf")
    return mode, min(float(low), mode), max(float(high), mode)


def summarised(posterior: xr.Dataset, facts: xr.Dataset, diagnostics: pd.DataFrame) -> pd.DataFrame:
    """One row a metric, from the draws.

    Parameters
    ----------
    posterior, facts : xarray.Dataset
        Draws, and constants by metric.
    diagnostics : pandas.DataFrame
        Says which fits converged.

    Returns
    -------
    pandas.DataFrame
    """
    rows: list[dict[str, Any]] = []
    names = [str(name) for name in posterior["metric"].values]
    for i, name in enumerate(names):
        draws = {
            variable: posterior[variable].values[:, :, i].ravel()
            for variable in ("peak", "onset", "mean_delay", "half_life", "effect")
        }
        lag, lag_low, lag_high = whole_interval(draws["peak"])
        row = {"metric": name, "lag": lag, "lag_low": lag_low, "lag_high": lag_high,
               "onset": whole_interval(draws["onset"])[0]}  # fmt: skip
        for variable in ("mean_delay", "half_life"):
            row |= _with_interval(variable, draws[variable])
        row["typical_move"] = float(facts["typical_move"].values[i])
        row |= _with_interval("effect", draws["effect"])
        row["prob_positive"] = float((draws["effect"] > 0).mean())
        row["n"] = int(facts["n"].values[i])
        row["converged"] = bool(diagnostics.loc[name, "converged"])
        rows.append(row)
    return pd.DataFrame(rows).set_index("metric")


def _with_interval(name: str, draws: Floats) -> dict[str, float]:
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return {name: float(draws.mean()), f"{name}_low": float(low), f"{name}_high": float(high)}


def diagnosed(posterior: xr.Dataset, stats: xr.Dataset) -> pd.DataFrame:
    """Whether the draws of each metric can be used, and what to do where they can't.

    Parameters
    ----------
    posterior, stats : xarray.Dataset
        Draws, and the sampler's own record.

    Returns
    -------
    pandas.DataFrame
        Indexed by metric.
    """
    r_hat, bulk, tail = diagnose(posterior[list(_JUDGED)])
    chains = posterior.sizes["chain"]
    rows: list[dict[str, Any]] = []
    for i, name in enumerate(posterior["metric"].values):
        # A quantity that is the same in every draw has no R-hat, and needs none.
        worst = np.nanmax([np.nanmax(r_hat[v].values[i]) for v in _JUDGED])
        fewest_bulk = np.nanmin([np.nanmin(bulk[v].values[i]) for v in _JUDGED])
        fewest_tail = np.nanmin([np.nanmin(tail[v].values[i]) for v in _JUDGED])
        energy = stats["energy"].values[:, :, i]
        spread = np.maximum(energy.var(axis=1), np.finfo(float).tiny)
        bfmi = float(((np.diff(energy, axis=1) ** 2).mean(axis=1) / spread).min())
        diverging = int(stats["diverging"].values[:, :, i].sum())
        advice = _advice(worst, min(fewest_bulk, fewest_tail), chains, diverging, bfmi)
        rows.append(
            {
                "metric": str(name),
                "r_hat": float(worst),
                "ess_bulk": float(fewest_bulk),
                "ess_tail": float(fewest_tail),
                "divergences": diverging,
                "e_bfmi": bfmi,
                "converged": advice == "",
                "advice": advice,
            }
        )
    return pd.DataFrame(rows).set_index("metric")


def agree(values: dict[str, Floats]) -> bool:
    """Whether chains agree on every parameter, by R-hat.

    Parameters
    ----------
    values : dict of ndarray, each of shape (chains, draws, ...)

    Returns
    -------
    bool
    """
    import xarray as xr

    data = xr.Dataset(
        {
            name: (("chain", "draw", *(f"{name}_{i}" for i in range(v.ndim - 2))), v)
            for name, v in values.items()
        }
    )
    r_hat = diagnose(data)[0]
    return bool(max(float(r_hat[name].max()) for name in values) <= _MOST_R_HAT)


def _advice(r_hat: float, ess: float, chains: int, diverging: int, bfmi: float) -> str:
    """What stands in the way of using the draws, and what to do; empty where nothing does."""
    wanted = _EFFECTIVE_PER_CHAIN * chains
    if diverging:
        what = "1 draw" if diverging == 1 else f"{diverging} draws"
        return f"{what} diverged: the data say too little about the delay; lower max_lag."
    if not r_hat <= _MOST_R_HAT:
        return f"The chains disagree (R-hat {r_hat:.3f}, at most {_MOST_R_HAT}); raise draws."
    if ess < wanted:
        return f"Too few effective draws ({ess:.0f} of {wanted}); raise draws."
    if bfmi < _LEAST_BFMI:
        return f"The sampler explored slowly (E-BFMI {bfmi:.2f}); raise draws or lower max_lag."
    return ""


def compared(log_likelihood: xr.Dataset) -> pd.DataFrame | None:
    """With against without a lead and free lags, by what each expects of rows it has not seen.

    Parameters
    ----------
    log_likelihood : xarray.Dataset
        "leads" and, where they were asked for, "no lead" and "free lags".

    Returns
    -------
    pandas.DataFrame or None
        Indexed by metric; None where only one model was fitted.
    """
    if not {"no lead", "free lags"} <= set(log_likelihood):
        return None
    rows: list[dict[str, Any]] = []
    for i, name in enumerate(log_likelihood["metric"].values):
        known = np.isfinite(log_likelihood["leads"].values[0, 0, i])
        each = {}
        for model in ("leads", "no lead", "free lags"):
            values = log_likelihood[model].values[:, :, i][:, :, known].astype(np.float64)
            # Free lags whose chains did not agree have no densities.
            if np.isfinite(values).all():
                each[model] = leave_one_out(values)
        gain = each["leads"][0] - each["no lead"][0]
        row = {
            "metric": str(name),
            "elpd_leads": float(each["leads"][0].sum()),
            "elpd_no_lead": float(each["no lead"][0].sum()),
            "difference": float(gain.sum()),
            "difference_se": _of_sum(gain),
            "elpd_free_lags": np.nan,
            "free_lags_difference": np.nan,
            "free_lags_difference_se": np.nan,
            "unreliable_rows": int(max((k > _HEAVY_TAIL).sum() for _, k in each.values())),
        }
        if "free lags" in each:
            gain = each["free lags"][0] - each["leads"][0]
            row["elpd_free_lags"] = float(each["free lags"][0].sum())
            row["free_lags_difference"] = float(gain.sum())
            row["free_lags_difference_se"] = _of_sum(gain)
        rows.append(row)
    return pd.DataFrame(rows).set_index("metric")


def _of_sum(gain: Floats) -> float:
    """Standard error of a sum over rows."""
    return float(np.sqrt(gain.size * gain.var(ddof=1)))
