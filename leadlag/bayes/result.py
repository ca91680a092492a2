"""`LagModel`: what `fit_lag_model` returns, made from draws and read back from a file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.bayes.ahead import Ahead
from leadlag.bayes.design import Design
from leadlag.bayes.models import kept_draws
from leadlag.bayes.recover import FreeLags, Recovered
from leadlag.bayes.robust import DEGREES
from leadlag.bayes.sampling import TUNE, Draws
from leadlag.bayes.tables import compared, diagnosed, summarised
from leadlag.bayes.trees import native, read_tree, tree_of, write_tree
from leadlag.data.notice import Notice
from leadlag.data.panel import Panel
from leadlag.errors import InputError, shown, unknown_name

if TYPE_CHECKING:
    import altair as alt
    import xarray as xr

__all__ = ["LagModel", "Metricwise", "assemble"]

Floats = npt.NDArray[np.float64]

_FORMAT = "leadlag lag model 1"
_SMALL = 1e-30


@dataclass(frozen=True, eq=False)
class Metricwise:
    """The fit of one metric, and what its rivals expect of the rows.

    Parameters
    ----------
    name : str
    made : Design
    draws, recovered
        Of the model that was asked for.
    densities : dict of ndarray, shape (n_kept, n_rows)
        Log densities of the rows by "leads", "no lead" and "free lags", as far as they were fitted.
    ahead : dict of Ahead
        By the same names: each row given those before it.
    free : FreeLags or None
        Responses of free lags.
    """

    name: str
    made: Design
    draws: Draws
    recovered: Recovered
    densities: dict[str, Floats]
    ahead: dict[str, Ahead]
    free: FreeLags | None = None


@dataclass(frozen=True, eq=False)
class LagModel:
    """Posterior of each metric's delay and effect.

    Attributes
    ----------
    data : xarray.DataTree
        All draws in ArviZ's groups: "posterior", "sample_stats", "posterior_predictive",
        "log_likelihood" and "observed_data", with the dimension "metric"; "free_lags" beside them
        where models were compared or `kernel="free"`: the response at each lag, in target
        surprises; and "leave_future_out": the log density of each row given those before it.
    summary : pandas.DataFrame
        One row a metric: lag, mean delay, half-life, effect, each with its 90 % interval.
    diagnostics : pandas.DataFrame
        One row a metric: R-hat, effective sample sizes, divergences, E-BFMI, `converged`, advice.
    converged : bool
        Whether every metric's fit converged.
    arrived : pandas.DataFrame
        Mean share of the effect that arrived by each lag, one column a metric.
    comparison : pandas.DataFrame or None
        With and without a lead, and under free lags, by expected log density of rows left out one
        by one, and of rows to come given the past (columns that begin with "lfo_"); None unless
        asked for.
    settings : dict
        Target, seed, draws, chains and others.
    left_out : dict of str to str
        Metrics that could not be fitted, with the reason.
    warnings : tuple of Notice
        What was found and done to the data, as `leadlag.rank` says it.
    """

    data: xr.DataTree
    summary: pd.DataFrame
    diagnostics: pd.DataFrame
    converged: bool
    arrived: pd.DataFrame
    comparison: pd.DataFrame | None
    settings: dict[str, Any]
    left_out: dict[str, str]
    warnings: tuple[Notice, ...] = ()

    @classmethod
    def from_tree(cls, tree: xr.DataTree) -> LagModel:
        """Read everything from the draws.

        Parameters
        ----------
        tree : xarray.DataTree
            As `data`.

        Returns
        -------
        LagModel

        Raises
        ------
        InputError
            If it is not a tree that `fit_lag_model` made.
        """
        if tree.attrs.get("format") != _FORMAT:
            raise InputError(
                "this is not a lag model that this leadlag can read",
                got=shown(tree.attrs.get("format")),
                need=repr(_FORMAT),
                do="Fit and save it again",
            )
        settings = json.loads(tree.attrs["settings"])
        posterior = tree["posterior"].to_dataset()
        facts = tree["constant_data"].to_dataset()
        diagnostics = diagnosed(posterior, tree["sample_stats"].to_dataset())
        arrived = posterior["arrived"].mean(("chain", "draw")).transpose("at_lag", "metric")
        return cls(
            data=tree,
            summary=summarised(posterior, facts, diagnostics),
            diagnostics=diagnostics,
            converged=bool(diagnostics["converged"].all()),
            arrived=pd.DataFrame(
                arrived.values,
                index=pd.Index(arrived["at_lag"].values, name="lag"),
                columns=[str(name) for name in arrived["metric"].values],
            ),
            comparison=compared(
                tree["log_likelihood"].to_dataset(),
                tree["leave_future_out"].to_dataset() if "leave_future_out" in tree else None,
            ),
            settings=settings,
            left_out=json.loads(tree.attrs["left_out"]),
            warnings=tuple(Notice(**one) for one in json.loads(tree.attrs.get("warnings", "[]"))),
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> LagModel:
        """Read what `save` wrote.

        Parameters
        ----------
        path : str or path
            A netCDF file.

        Returns
        -------
        LagModel

        Raises
        ------
        InputError
            If the file is missing or is not a saved lag model.
        """
        return cls.from_tree(read_tree(path))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save all draws as netCDF, which ArviZ reads as well.

        Parameters
        ----------
        path : str or path
        """
        write_tree(self.data, path)

    def to_arviz(self) -> Any:
        """All draws as the functions of the installed ArviZ take them.

        Returns
        -------
        arviz.InferenceData or xarray.DataTree
            The first with ArviZ 0, where the dimension "metric" is called "series"; from ArviZ 1 on
            the second, which is `data`.
        """
        return native(self.data)

    def plot(self, metric: str | None = None, *, kind: str = "delay") -> alt.LayerChart:
        """Draw a metric's posterior.

        Parameters
        ----------
        metric : str, optional
            By default the first one.
        kind : {"delay", "trace", "forest", "predictive"}
            Share of the effect that arrived by each lag; draws in order, by chain; effects and
            delays of all metrics with their intervals; what the model expected beside what was.

        Returns
        -------
        altair chart

        Raises
        ------
        ConfigurationError
            If there is no such metric or kind.
        """
        from leadlag.bayes import plots

        names = [str(name) for name in self.summary.index]
        name = names[0] if metric is None else metric
        if name not in names:
            raise unknown_name(
                f"metric {shown(name)} was not fitted", name, names, plural="Metrics"
            )
        if kind not in plots.KINDS:
            raise unknown_name(
                f"kind {shown(kind)} is not a picture", kind, plots.KINDS, plural="Kinds"
            )
        draw = plots.KINDS[kind]
        chart: alt.LayerChart = draw(self.data, self.summary, name, str(self.settings["target"]))
        return chart

    def __repr__(self) -> str:
        """Write the summary, and whether it can be used."""
        shown_columns = ["lag", "mean_delay", "mean_delay_low", "mean_delay_high",
                         "effect", "effect_low", "effect_high", "converged"]  # fmt: skip
        head = f"Lag models of {self.settings['target']} ({self.settings['freq']})"
        return f"{head}\n{self.summary[shown_columns].round(3).to_string()}"


def assemble(
    panel: Panel,
    fits: Sequence[Metricwise],
    left_out: Mapping[str, str],
    draws: int,
    chains: int,
    seed: int,
) -> LagModel:
    """Put the fits of a panel's metrics together.

    Parameters
    ----------
    panel : Panel
        Names the rows.
    fits : sequence of Metricwise
        At least one.
    left_out : mapping of str to str
        Metrics without a fit, with the reason.
    draws, chains, seed : int
        How it was sampled.

    Returns
    -------
    LagModel
    """
    import xarray as xr

    names = [fit.name for fit in fits]
    kept = kept_draws(draws, chains)
    kept = kept[kept < draws]
    sampled = {"chain": np.arange(chains), "draw": np.arange(draws), "metric": names}
    each = ("chain", "draw", "metric")

    def by_metric(values: list[Floats]) -> Floats:
        return np.stack([v.reshape(chains, draws, *v.shape[1:]) for v in values], axis=2)

    posterior: dict[str, Any] = {
        name: (each, np.stack([fit.draws.values[name] for fit in fits], axis=2))
        for name in fits[0].draws.values
        if name != "phi"
    }
    posterior["phi"] = (
        (*each, "order"),
        np.stack([fit.draws.values["phi"] for fit in fits], axis=2),
    )
    for name in ("start", "same", "sigma", "mean_delay", "half_life", "onset"):
        posterior[name] = (each, by_metric([getattr(fit.recovered, name) for fit in fits]))
    posterior["peak"] = (each, by_metric([fit.recovered.lag for fit in fits]))
    posterior["effect_standardised"] = (each, by_metric([fit.recovered.effect for fit in fits]))
    posterior["effect"] = (
        each,
        by_metric([fit.made.in_units(fit.recovered.effect) for fit in fits]),
    )
    posterior["arrived"] = ((*each, "at_lag"), by_metric([fit.recovered.arrived for fit in fits]))

    at = np.unique(np.concatenate([fit.made.at for fit in fits]))
    rows = {"metric": names, "period": [panel.period_label(int(i)) for i in at]}
    thinned = {"chain": np.arange(chains), "draw": kept, **rows}
    across = ("chain", "draw", "metric", "period")

    def on_rows(fit: Metricwise, values: Floats) -> Floats:
        wide = np.full((*values.shape[:-1], at.size), np.nan)
        wide[..., np.searchsorted(at, fit.made.at)] = values
        return wide

    def thin(values: list[Floats]) -> npt.NDArray[np.floating[Any]]:
        stacked = np.stack([v.reshape(chains, kept.size, at.size) for v in values], axis=2)
        largest = np.nanmax(np.abs(stacked), initial=0.0)
        # Half the memory, unless the target's units lie beyond what single precision holds.
        return stacked.astype(np.float32) if _SMALL < largest < 1 / _SMALL else stacked

    rng = np.random.default_rng([seed, 1])
    predicted = []
    for fit in fits:
        sigma = fit.recovered.sigma[kept_draws(draws, chains), None]
        shape = fit.recovered.mean.shape
        heavy = fit.made.weight is not None
        sigma = sigma * (1.0 if fit.made.scale is None else fit.made.scale)
        noise = sigma * (rng.standard_t(DEGREES, shape) if heavy else rng.standard_normal(shape))
        predicted.append(on_rows(fit, fit.made.natural_unit * (fit.recovered.mean + noise)))
    densities = {
        model: [on_rows(fit, fit.densities[model]) for fit in fits] for model in fits[0].densities
    }
    free = [fit.free for fit in fits if fit.free is not None]
    observed = [on_rows(fit, fit.made.natural_unit * fit.made.y[:, 0]) for fit in fits]
    settings = {
        "target": panel.target, "freq": panel.freq, "max_lag": panel.max_lag, "n": len(panel),
        "draws": draws, "chains": chains, "tune": TUNE, "seed": seed,
        "noise": "normal" if fits[0].made.weight is None else "student",
        "kernel": "free" if "log_size" in fits[0].draws.values else "delay",
    }  # fmt: skip
    # A name with a stroke would be a path in the tree, and a dimension can't be a variable.
    taken = {"metric", "period", "chain", "draw"}
    variable = "target" if "/" in panel.target or panel.target in taken else panel.target
    groups = {
        "posterior": xr.Dataset(
            posterior, coords={**sampled, "at_lag": np.arange(1, panel.max_lag + 1)}
        ),
        "sample_stats": xr.Dataset(
            {
                "diverging": (each, np.stack([fit.draws.diverging for fit in fits], axis=2)),
                "energy": (each, np.stack([fit.draws.energy for fit in fits], axis=2)),
                "pareto_k": ("metric", [fit.draws.pareto_k for fit in fits]),
            },
            coords=sampled,
        ),
        "posterior_predictive": xr.Dataset({variable: (across, thin(predicted))}, thinned),
        "log_likelihood": xr.Dataset(
            {name: (across, thin(values)) for name, values in densities.items()}, thinned
        ),
        "observed_data": xr.Dataset({variable: (("metric", "period"), np.stack(observed))}, rows),
        "constant_data": xr.Dataset(
            {
                "typical_move": ("metric", [fit.made.typical_move for fit in fits]),
                "n": ("metric", [len(fit.made.at) for fit in fits]),
            },
            {"metric": names},
        ),
    }
    if len(free) == len(fits):
        lags = {"at_lag": np.arange(1, panel.max_lag + 1)}
        response = [one.response.reshape(chains, kept.size, -1) for one in free]
        groups["free_lags"] = xr.Dataset(
            {"response": (("chain", "draw", "metric", "at_lag"), np.stack(response, axis=2))},
            {**{name: thinned[name] for name in ("chain", "draw", "metric")}, **lags},
        )
    if fits[0].ahead:
        groups["leave_future_out"] = xr.Dataset(
            {
                **{
                    model: (
                        ("metric", "period"),
                        np.stack([on_rows(fit, fit.ahead[model].elpd) for fit in fits]),
                    )
                    for model in fits[0].ahead
                },
                **{
                    f"{model} pareto_k": ("metric", [fit.ahead[model].pareto_k for fit in fits])
                    for model in fits[0].ahead
                },
            },
            rows,
        )
    attributes = {
        "format": _FORMAT,
        "settings": json.dumps(settings),
        "left_out": json.dumps(dict(left_out)),
        "warnings": json.dumps([vars(notice) for notice in panel.notices]),
    }
    return LagModel.from_tree(tree_of(groups, attributes))
