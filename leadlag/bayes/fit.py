"""`fit_lag_model`: how long, how strong, how sure, for the metrics that matter."""

from __future__ import annotations

import datetime
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np

from leadlag.bayes.ahead import Ahead, leave_future_out
from leadlag.bayes.design import Design
from leadlag.bayes.layout import design, noise_order
from leadlag.bayes.models import MODELS, RIVALS, Fit, again, fit_model
from leadlag.bayes.result import LagModel, Metricwise, assemble
from leadlag.bayes.robust import weighed
from leadlag.bayes.sampling import sampler_name
from leadlag.data.catalog import Catalog, Metric
from leadlag.data.panel import Panel, build_panel
from leadlag.data.prepare import prepare, terms_of
from leadlag.errors import ConfigurationError, InputError, LeadLagWarning, listing
from leadlag.progress import progress_bar

__all__ = ["fit_lag_model", "fit_panel"]


def fit_lag_model(
    data: object,
    target: str,
    *,
    metrics: str | list[str] | None = None,
    controls: str | list[str] | None = None,
    time: str | None = None,
    freq: str | None = None,
    aggregate: str | Mapping[str, Any] | None = None,
    as_of: str | int | datetime.date | None = None,
    holidays: object = None,
    max_lag: int | None = None,
    catalog: Catalog | Mapping[str, Metric | Mapping[str, Any] | str] | str | Path | None = None,
    kernel: str = "delay",
    noise: str = "normal",
    compare: bool = False,
    draws: int = 1000,
    chains: int = 4,
    seed: int = 0,
    progress: bool | None = None,
) -> LagModel:
    """Fit a Bayesian lag model to each metric: its delay, its effect, and how sure both are.

    Parameters
    ----------
    data : dataframe
        pandas, polars, a pyarrow table, a DuckDB relation: one row a period, one column a metric.
    target : str
        The business outcome's column.
    metrics : str or list of str, optional
        Names or globs of the metrics; by default every other column.
    controls : str or list of str, optional
        Names or globs of observed drivers that are held constant.
    time, freq, aggregate, as_of, holidays, catalog : optional
        As `leadlag.rank` takes them.
    max_lag : int, optional, periods
        Longest lag of a response. By default that of `leadlag.rank`.
    kernel : {"delay", "free"}, optional
        "delay": one response with a start, a mean and a shape. "free": a response of its own at
        each lag under a smoothness prior, for one with two peaks, or that turns round; lags are
        then weighed by their absolute response.
    noise : {"normal", "student"}, optional
        "student": errors have a t distribution with 4 degrees of freedom, so that a few wild
        periods do not decide.
    compare : bool, optional
        Also fit each metric's model without a lead and those of both kernels; compare them in
        `comparison`, by rows left out one by one (PSIS-LOO) and by rows to come (leave-future-out,
        with normal noise).
    draws : int, optional
        Draws a chain that are kept, after 400 that adapt the sampler.
    chains : int, optional
        Independent chains, 2 or more: one alone can't show that it converged.
    seed : int, optional
        The same input and seed give the same draws.
    progress : bool, optional
        True or False; by default a bar after two seconds in a terminal or notebook, else silence.

    Returns
    -------
    LagModel
        `.summary` has one row a metric, `.data` all draws, `.diagnostics` and `.converged` say
        whether they can be used.

    Raises
    ------
    LeadLagError
        If the input, the target, an argument or each metric can't be used.

    Warns
    -----
    LeadLagWarning
        If a metric's fit did not converge, or a metric was left out.

    Notes
    -----
    ``y[t] = γ x[t] + β Σ_k h[k] x[t-k] + u[t]``, ``u[t] = Σ_i φ_i u[t-i] + σ e[t]``, where h is a
    negative binomial delay with a start of its own, calendar, trend and controls are taken out, and
    both sides are on the scale that `rank` tests them on. Each metric is fitted by itself; all
    share one compiled density. The page "Bayesian lag models" has the priors and how to read it.

    References
    ----------
    Box, G. E. P., Jenkins, G. M. and Reinsel, G. C. (2008). *Time Series Analysis*, 4th ed.,
    chapter 12. Carpenter, B. et al. (2017). Stan: a probabilistic programming language. *Journal
    of Statistical Software* 76.

    Examples
    --------
    >>> import leadlag
    >>> series_m = leadlag.datasets.box_jenkins()
    >>> fit = leadlag.fit_lag_model(series_m, "sales", max_lag=12)  # doctest: +SKIP
    >>> fit.summary.loc["lead", ["lag", "mean_delay"]]  # doctest: +SKIP
    """
    _check(draws, chains, seed, kernel, noise, compare, progress)
    draws, chains, seed = int(draws), int(chains), int(seed)
    panel = build_panel(
        data, target, metrics=metrics, controls=controls, time=time, freq=freq,
        aggregate=aggregate, as_of=as_of, holidays=holidays, max_lag=max_lag, catalog=catalog,
    )  # fmt: skip
    label = f"Fitting lag models of {panel.target} by {sampler_name()}"
    if "leadlag.bayes.density" not in sys.modules:
        label += ", which is loaded first, or compiled where it never was"
    with progress_bar(label, show=progress) as step:
        fitted = fit_panel(
            panel, panel.metrics, draws=draws, chains=chains, seed=seed, kernel=kernel,
            noise=noise, compare=compare, progress=step,
        )  # fmt: skip
    left_out = panel.excluded | fitted.left_out
    if not fitted.fits:
        raise InputError(
            f"no metric could be fitted to {panel.target}",
            got="; ".join(f"{name}: {reason}" for name, reason in left_out.items()) or "none",
            need="a metric that changes and is known for long enough",
            do="Correct the columns, or name others in metrics=",
        )
    result = assemble(panel, fitted.fits, left_out, draws, chains, seed)
    _say(result)
    return result


@dataclass(frozen=True, eq=False)
class Fitted:
    """Fits of a panel's metrics, and why others have none."""

    fits: tuple[Metricwise, ...]
    left_out: dict[str, str]


def fit_panel(
    panel: Panel,
    names: Sequence[str],
    *,
    draws: int,
    chains: int,
    seed: int,
    kernel: str = "delay",
    noise: str = "normal",
    compare: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Fitted:
    """Fit some metrics of a panel, one after the other.

    Parameters
    ----------
    panel : Panel
        The data on their calendar.
    names : sequence of str
        Which of its metrics.
    draws, chains, seed : int
        See :func:`fit_lag_model`.
    kernel : {"delay", "free"}
        Shape of the response.
    noise : {"normal", "student"}
        Distribution of the errors.
    compare : bool
        Whether to fit the model without a lead, and the other kernel, as well.
    progress : callable, optional
        Called with the number of metrics done and their total.

    Returns
    -------
    Fitted
    """
    target = prepare(panel.y, panel, terms_of(panel))
    order = noise_order(target)
    fits, left_out = [], {}
    if progress is not None:
        # Before the first one is done: it may have to compile.
        progress(0, len(names))
    for i, name in enumerate(names):
        column = panel.X[:, panel.metrics.index(name)]
        metric = prepare(column, panel, target.terms)
        try:
            made = design(target, metric, name, order=order, max_lag=panel.max_lag)
        except InputError as error:
            left_out[name] = str(error)
            continue
        if noise == "student":
            made = weighed(made)
        # A metric's draws depend on its name and the seed, not on the metrics beside it.
        stream = np.random.default_rng([seed, *name.encode()])
        fits.append(_with_rivals(name, made, MODELS[kernel], compare, draws, chains, stream))
        if progress is not None:
            progress(i + 1, len(names))
    return Fitted(tuple(fits), left_out)


def _with_rivals(
    name: str,
    made: Design,
    model: str,
    compare: bool,
    draws: int,
    chains: int,
    stream: np.random.Generator,
) -> Metricwise:
    """Fit the model that was asked for, and the others where they are compared."""
    asked = fit_model(made, model, draws=draws, chains=chains, stream=stream)
    free, ahead = asked.free, {}
    densities = {model: asked.recovered.log_likelihood}
    for rival in RIVALS if compare else ():
        one = asked
        if rival != model:
            one = fit_model(made, rival, draws=draws, chains=chains, stream=stream)
            free = free or one.free
            density = one.recovered.log_likelihood
            # Free lags whose chains do not agree say nothing of the rows.
            trusted = one.agree or rival != "free lags"
            densities[rival] = density if trusted else np.full(density.shape, np.nan)
        if made.weight is None:
            ahead[rival] = _ahead(made, one, rival, stream)
    return Metricwise(name, made, asked.draws, asked.recovered, densities, ahead, free)


def _ahead(made: Design, one: Fit, model: str, stream: np.random.Generator) -> Ahead:
    if not one.agree:
        return Ahead(np.full(len(made.at), np.nan), float("inf"), 0)
    values = one.draws.flat()
    return leave_future_out(made, values, again(model, stream), lead=model != "no lead")


def _say(result: LagModel) -> None:
    if result.left_out:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in result.left_out.items())
        warnings.warn(f"Left out: {reasons}", LeadLagWarning, stacklevel=3)
    failed = result.diagnostics.index[~result.diagnostics["converged"]]
    if len(failed):
        advice = result.diagnostics.loc[failed[0], "advice"]
        warnings.warn(
            f"The fit of {listing(failed)} did not converge: its numbers can't be used. {advice}",
            LeadLagWarning,
            stacklevel=3,
        )


def _check(
    draws: object,
    chains: object,
    seed: object,
    kernel: object,
    noise: object,
    compare: object,
    progress: object,
) -> None:
    for name, value, least in (("draws", draws, 4), ("chains", chains, 2), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
            raise ConfigurationError(
                f"{name} is not a number that can be used",
                got=repr(value),
                need=f"an integer, {least} or more",
                do={
                    "draws": "Pass draws=1000, the default",
                    "chains": "Pass chains=4, the default; one alone can't show that it converged",
                    "seed": "Pass an integer such as seed=0",
                }[name],
            )
    for name, value, choices in (
        ("kernel", kernel, tuple(MODELS)),
        ("noise", noise, ("normal", "student")),
        ("compare", compare, (True, False)),
        ("progress", progress, (True, False, None)),
    ):
        if not any(type(value) is type(choice) and value == choice for choice in choices):
            raise ConfigurationError(
                f"{name} is not a choice",
                got=repr(value),
                need=listing(choices),
                do="Leave it out",
            )
