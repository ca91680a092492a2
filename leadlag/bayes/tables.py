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
_JUDGED = ("log_spread", "log_shape", "log_size", "log_smooth", "phi", "effect_standardised",
           "sigma", "mean_delay")  # fmt: skip


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
    judged = [name for name in _JUDGED if name in posterior]
    r_hat, bulk, tail = diagnose(posterior[judged])
    chains = posterior.sizes["chain"]
    rows: list[dict[str, Any]] = []
    for i, name in enumerate(posterior["metric"].values):
        # A quantity that is the same in every draw has no R-hat, and needs none.
        worst, fewest_bulk, fewest_tail = (
            reduce(np.concatenate([np.atleast_1d(found[v].values[i]) for v in judged]))
            for found, reduce in ((r_hat, np.nanmax), (bulk, np.nanmin), (tail, np.nanmin))
        )
        energy = stats["energy"].values[:, :, i]
        spread = np.maximum(energy.var(axis=1), np.finfo(float).tiny)
        bfmi = float(((np.diff(energy, axis=1) ** 2).mean(axis=1) / spread).min())
        diverging = int(stats["diverging"].values[:, :, i].sum())
        tail_k = float(stats["pareto_k"].values[i]) if "pareto_k" in stats else -np.inf
        advice = _advice(worst, min(fewest_bulk, fewest_tail), chains, diverging, bfmi, tail_k)
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


def _advice(
    r_hat: float, ess: float, chains: int, diverging: int, bfmi: float, tail_k: float
) -> str:
    """What stands in the way of using the draws, and what to do; empty where nothing does."""
    wanted = _EFFECTIVE_PER_CHAIN * chains
    if diverging:
        what = "1 draw" if diverging == 1 else f"{diverging} draws"
        return f"{what} diverged: the data say too little about the delay; lower max_lag."
    if tail_k > _HEAVY_TAIL:
        return (
            f"A few draws stand for too much under Student-t noise (Pareto k {tail_k:.2f}, at most "
            f'{_HEAVY_TAIL}): the relation is strong beside its noise; use noise="normal".'
        )
    if not r_hat <= _MOST_R_HAT:
        return f"The chains disagree (R-hat {r_hat:.3f}, at most {_MOST_R_HAT}); raise draws."
    if ess < wanted:
        return f"Too few effective draws ({ess:.0f} of {wanted}); raise draws."
    if bfmi < _LEAST_BFMI:
        return f"The sampler explored slowly (E-BFMI {bfmi:.2f}); raise draws or lower max_lag."
    return ""


def compared(log_likelihood: xr.Dataset, ahead: xr.Dataset | None) -> pd.DataFrame | None:
    """With against without a lead and free lags, by what each expects of rows it has not seen.

    Parameters
    ----------
    log_likelihood : xarray.Dataset
        "leads" and, where they were asked for, "no lead" and "free lags".
    ahead : xarray.Dataset or None
        The same models: log density of each row given those before it.

    Returns
    -------
    pandas.DataFrame or None
        Indexed by metric; None where only one model was fitted. Rows left out one by one first,
        then, with the prefix "lfo_", the future left out.
    """
    if not {"leads", "no lead", "free lags"} <= set(log_likelihood):
        return None
    rows: list[dict[str, Any]] = []
    for i, name in enumerate(log_likelihood["metric"].values):
        known = np.isfinite(log_likelihood["leads"].values[0, 0, i])
        each: dict[str, Floats] = {}
        heavy = 0
        for model in ("leads", "no lead", "free lags"):
            values = log_likelihood[model].values[:, :, i][:, :, known].astype(np.float64)
            # Free lags whose chains did not agree have no densities.
            if np.isfinite(values).all():
                each[model], tail = leave_one_out(values)
                heavy = max(heavy, int((tail > _HEAVY_TAIL).sum()))
        row = {"metric": str(name)} | _differences(each, "") | {"unreliable_rows": heavy}
        if ahead is not None:
            future = {model: ahead[model].values[i] for model in each}
            # Models whose chains did not agree have none either.
            future = {m: v[np.isfinite(v)] for m, v in future.items() if np.isfinite(v).any()}
            row |= _differences(future, "lfo_")
            tails = [float(ahead[f"{model} pareto_k"].values[i]) for model in future]
            row["lfo_rows"] = max((v.size for v in future.values()), default=0)
            row["lfo_pareto_k"] = max(tails, default=float("nan"))
        rows.append(row)
    return pd.DataFrame(rows).set_index("metric")


def _differences(each: dict[str, Floats], prefix: str) -> dict[str, Any]:
    """Sums over rows of each model's log densities, and of the gains from one to another."""
    nothing = np.full(1, np.nan)
    row: dict[str, Any] = {}
    for model, column in (("leads", "elpd_leads"), ("no lead", "elpd_no_lead")):
        row[prefix + column] = float(each.get(model, nothing).sum())
    pairs = (("difference", "leads", "no lead"), ("free_lags_difference", "free lags", "leads"))
    for column, better, worse in pairs:
        if better == "free lags":
            row[f"{prefix}elpd_free_lags"] = float(each.get(better, nothing).sum())
        both = better in each and worse in each
        gain = each[better] - each[worse] if both else nothing
        row[prefix + column] = float(gain.sum())
        row[f"{prefix}{column}_se"] = _of_sum(gain) if both else float("nan")
    return row


def _of_sum(gain: Floats) -> float:
    """Standard error of a sum over rows."""
    return float(np.sqrt(gain.size * gain.var(ddof=1)))
