"""Lag models of several segments, each drawn towards what they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.bayes.result import LagModel
from leadlag.bayes.tables import LEVEL
from leadlag.core.effect import mixture_interval
from leadlag.errors import InputError, listing

__all__ = ["PooledLagModels", "partial_pool", "pool_lag_models"]

Floats = npt.NDArray[np.float64]

# Prior scale of the spread between segments: effects in target surprises, mean delays on the log
# scale, on which their posteriors are nearly normal. Half-normal, on a grid fine enough that its
# steps do not show.
_EFFECT_SPREAD = 1.0
_LOG_DELAY_SPREAD = 0.5
_GRID = 200


@dataclass(frozen=True, eq=False)
class PooledLagModels:
    """What segments have in common, and each segment given that.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by metric and segment: effect and mean delay by themselves and pooled, with 90 %
        intervals; effects in the target's units.
    overall : pandas.DataFrame
        One row a metric: mean over segments and spread between them, of the effect in target
        surprises and of the mean delay, with 90 % intervals. The spread of the delay is a share of
        it.
    left_out : tuple of str
        "metric in segment" for each fit that takes no part: it did not converge, or no other
        segment has the metric.
    """

    table: pd.DataFrame
    overall: pd.DataFrame
    left_out: tuple[str, ...]


def pool_lag_models(fits: Mapping[str, LagModel]) -> PooledLagModels:
    """Pool the effects and mean delays of segments in two stages: each fit, then all together.

    Parameters
    ----------
    fits : mapping of str to LagModel
        By segment, from `leadlag.fit_lag_model` on the rows of each.

    Returns
    -------
    PooledLagModels

    Raises
    ------
    LeadLagError
        If there are fewer than two segments, no metric was fitted in two of them, or the fits are
        of different targets, frequencies or longest lags.

    Notes
    -----
    Two-stage partial pooling, by a normal approximation: segment g has the estimate m_g with
    standard deviation s_g from its own fit, and ``m_g ~ N(t_g, s_g²)``, ``t_g ~ N(mu, tau²)``, mu
    flat, tau half-normal; tau is integrated out on a grid. m is the effect in target surprises, and
    the logarithm of the mean delay. A noisy segment moves far towards the others, a sure one
    hardly. The lag, the half-life and the shape of the response are not pooled. A fit that did not
    converge takes no part.

    References
    ----------
    Gelman, A. (2006). Prior distributions for variance parameters in hierarchical models.
    *Bayesian Analysis* 1, 515–534.

    Examples
    --------
    >>> import leadlag
    >>> fits = {
    ...     country: leadlag.fit_lag_model(rows.drop(columns="country"), "revenue")
    ...     for country, rows in frame.groupby("country")
    ... }  # doctest: +SKIP
    >>> leadlag.pool_lag_models(fits).overall  # doctest: +SKIP
    """
    if not _are_fits(fits):
        raise InputError(
            "fits are not lag models by segment",
            got=f"a {type(fits).__name__}",
            need="a dict of segment to the result of leadlag.fit_lag_model",
            do="Fit each segment, and pass {name: fit}",
        )
    _check_alike(fits)
    left_out: list[str] = []
    by_metric: dict[str, dict[str, LagModel]] = {}
    for segment, fit in fits.items():
        for metric, converged in fit.summary["converged"].items():
            if converged:
                by_metric.setdefault(str(metric), {})[str(segment)] = fit
            else:
                left_out.append(f"{metric} in {segment}")
    pooled = {metric: found for metric, found in by_metric.items() if len(found) > 1}
    left_out += [
        f"{metric} in {segment}"
        for metric, found in by_metric.items()
        if len(found) == 1
        for segment in found
    ]
    if not pooled:
        raise InputError(
            "nothing can be pooled",
            got=f"{len(fits)} segments" + (f"; {listing(left_out)} left out" if left_out else ""),
            need="a metric whose fit converged in two segments or more",
            do="Fit more segments, or more draws",
        )
    rows: list[dict[str, Any]] = []
    overall: list[dict[str, Any]] = []
    for metric, found in pooled.items():
        of_metric, common = _one_metric(metric, found)
        rows += of_metric
        overall.append(common)
    return PooledLagModels(
        table=pd.DataFrame(rows).set_index(["metric", "segment"]),
        overall=pd.DataFrame(overall).set_index("metric"),
        left_out=tuple(left_out),
    )


def partial_pool(
    mean: Floats, sd: Floats, *, spread: float, level: float = LEVEL
) -> tuple[Floats, Floats, Floats]:
    """Segments given one another, and what they have in common.

    Parameters
    ----------
    mean, sd : ndarray, shape (n_segments,)
        Each by itself.
    spread : float
        Prior scale of the standard deviation between segments.
    level : float
        Of the intervals.

    Returns
    -------
    segments : ndarray, shape (n_segments, 3)
        Mean and interval of each.
    common : ndarray, shape (3,)
        Of the mean over segments.
    between : ndarray, shape (3,)
        Of the standard deviation between segments.

    Examples
    --------
    >>> segments, common, _ = partial_pool(np.array([0.0, 1.0]), np.array([0.1, 2.0]), spread=1.0)
    >>> bool(abs(segments[0, 0]) < 0.05), bool(segments[1, 0] < 0.6)
    (True, True)
    """
    sd = np.maximum(sd, 1e-9 * max(float(np.abs(mean).max()), 1e-12))
    tau = (np.arange(_GRID) + 0.5) * (4 * spread / _GRID)
    total = sd**2 + tau[:, None] ** 2
    precision = 1 / total
    variance = 1 / precision.sum(axis=1)
    center = variance * (precision @ mean)
    log_weight = 0.5 * np.log(variance) - 0.5 * np.log(total).sum(axis=1)
    log_weight -= 0.5 * (precision * (mean - center[:, None]) ** 2).sum(axis=1)
    log_weight -= 0.5 * (tau / spread) ** 2
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    pull = sd**2 * precision
    each_mean = (1 - pull) * mean + pull * center[:, None]
    each_sd = np.sqrt((1 - pull) * sd**2 + pull**2 * variance[:, None])
    segments = [
        mixture_interval(each_mean[:, g], each_sd[:, g], weight, level=level)
        for g in range(mean.size)
    ]
    cumulated = np.cumsum(weight)
    tail = (1 - level) / 2
    ends = [tau[min(int(np.searchsorted(cumulated, q)), _GRID - 1)] for q in (tail, 1 - tail)]
    return (
        np.array(segments),
        np.array(mixture_interval(center, np.sqrt(variance), weight, level=level)),
        np.array([float(weight @ tau), *ends]),
    )


def _are_fits(fits: object) -> bool:
    return isinstance(fits, Mapping) and all(isinstance(fit, LagModel) for fit in fits.values())


def _check_alike(fits: Mapping[str, LagModel]) -> None:
    names = [str(segment) for segment in fits]
    if len(set(names)) < len(names):
        raise InputError(
            "two segments have one name",
            got=listing(names),
            need="a name of its own for each segment, as text",
            do="Rename them",
        )
    for setting, word in (("target", "targets"), ("freq", "frequencies"), ("max_lag", "max_lag")):
        found = sorted({str(fit.settings[setting]) for fit in fits.values()})
        if len(found) > 1:
            raise InputError(
                f"the fits are of different {word}",
                got=listing(found),
                need="fits of one target on one calendar and range of lags",
                do="Fit every segment in the same way, with max_lag= given",
            )


def _one_metric(
    metric: str, fits: dict[str, LagModel]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    draws = {}
    for segment, fit in fits.items():
        posterior = fit.data["posterior"].to_dataset().sel(metric=metric)
        draws[segment] = {
            name: posterior[name].values.ravel()
            for name in ("effect", "effect_standardised", "mean_delay")
        }
    pooled, common = {}, {"metric": metric, "segments": len(fits)}
    for name, spread, logged in (
        ("effect_standardised", _EFFECT_SPREAD, False),
        ("mean_delay", _LOG_DELAY_SPREAD, True),
    ):
        values = [np.log(one[name]) if logged else one[name] for one in draws.values()]
        mean = np.array([one.mean() for one in values])
        sd = np.array([one.std() for one in values])
        each, middle, between = partial_pool(mean, sd, spread=spread)
        if logged:
            each, middle = np.exp(each), np.exp(middle)
        pooled[name] = each
        common |= _named(name, middle) | _named(f"{name}_between", between)
    rows = []
    for g, (segment, fit) in enumerate(fits.items()):
        summary: Any = fit.summary.loc[metric]
        one = draws[segment]
        size = float(one["effect_standardised"] @ one["effect_standardised"])
        # Exact but for targets in logarithms, where it is the slope through the draws.
        unit = float(one["effect"] @ one["effect_standardised"]) / size if size > 0 else 0.0
        row: dict[str, Any] = {"metric": metric, "segment": segment}
        for name in ("effect", "mean_delay"):
            row |= {end: float(summary[end]) for end in (name, f"{name}_low", f"{name}_high")}
        row |= _named("pooled_effect", pooled["effect_standardised"][g] * unit)
        row |= _named("pooled_mean_delay", pooled["mean_delay"][g])
        rows.append(row)
    return rows, common


def _named(name: str, values: Floats) -> dict[str, Any]:
    return {name: float(values[0]), f"{name}_low": float(values[1]),
            f"{name}_high": float(values[2])}  # fmt: skip
