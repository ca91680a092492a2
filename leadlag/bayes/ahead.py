"""How well each model expects the next row from those before it: leave-future-out.

Given the noise filter and the shape of the response, everything else is a linear regression whose
predictions are Student-t in closed form, at every row. So one set of draws serves many rows: those
given all rows, weighed back to the rows seen so far. Where the weights become unreliable, the model
is sampled again on the rows up to there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import special

from leadlag.bayes.conditional import delay_kernels_of
from leadlag.bayes.design import Design
from leadlag.bayes.priors import EFFECT_SD, SAME_SD
from leadlag.bayes.trees import smoothed_weights

__all__ = ["Ahead", "Draw", "leave_future_out"]

Floats = npt.NDArray[np.float64]
# From a design to draws of the sampled parameters, by name.
Draw = Callable[[Design], dict[str, Floats]]

# Draws that are weighed, and the weight's tail up to which they serve (Bürkner et al. 2020).
_DRAWS = 200
_HEAVY_TAIL = 0.7
# Refits a model and metric: an ill-behaved series shows in `pareto_k` instead of taking minutes.
_MOST_REFITS = 5


@dataclass(frozen=True, eq=False)
class Ahead:
    """Log density of each row given the rows before it.

    Parameters
    ----------
    elpd : ndarray, shape (n_rows,)
        On the target's own scale; NaN in the first half, which is only learned from.
    pareto_k : float
        Heaviest tail of the weights that were used.
    refits : int
        How often the model was sampled again.
    """

    elpd: Floats
    pareto_k: float
    refits: int


def leave_future_out(
    made: Design, values: dict[str, Floats], draw: Draw, *, lead: bool = True
) -> Ahead:
    """Expected log density of each row of the second half given the rows before it.

    Parameters
    ----------
    made : Design
        The metric; errors normal.
    values : dict of ndarray
        Draws given all rows: "phi", and "log_spread" and "log_shape" for a delay, "log_size" and
        "log_smooth" for free lags.
    draw : callable
        Samples the same model on fewer rows.
    lead : bool
        False: the model in which the metric does not lead.

    Returns
    -------
    Ahead

    References
    ----------
    Bürkner, P.-C., Gabry, J. and Vehtari, A. (2020). Approximate leave-future-out cross-validation
    for Bayesian time series models. *Journal of Statistical Computation and Simulation* 90,
    2499–2523.
    """
    n = len(made.at)
    first, end, refits, worst = n // 2, n, 0, 0.0
    elpd = np.full(n, np.nan)
    while end >= first:
        density, height = _paths(made, _thinned(values), first, end, lead=lead)
        # Row first + i is expected from the first + i rows before it.
        weights, tail = smoothed_weights((height - height[:, -1:]).T)
        rows = density.shape[1]
        weights, tail = weights[:rows], tail[:rows]
        bad = np.flatnonzero(tail > _HEAVY_TAIL)
        begin = int(bad[-1]) + 1 if bad.size and refits < _MOST_REFITS else 0
        expected = np.logaddexp.reduce(weights + density.T, axis=1)
        elpd[first + begin : first + rows] = expected[begin:]
        worst = max(worst, float(tail[begin:].max(initial=0.0)))
        end = first + begin - 1
        if begin:
            refits += 1
            values = draw(_up_to(made, end))
    return Ahead(elpd, worst, refits)


def _up_to(made: Design, rows: int) -> Design:
    """The first rows of a design."""
    return replace(
        made, y=made.y[:rows], x=made.x[:rows], at=made.at[:rows],
        df=max(int(made.df * rows / len(made.at)), 1),
        same=None if made.same is None else made.same[:rows],
        scale=None if made.scale is None else made.scale[:rows],
    )  # fmt: skip


def _thinned(values: dict[str, Floats]) -> dict[str, Floats]:
    count = len(values["phi"])
    at = np.linspace(0, count - 1, min(count, _DRAWS)).astype(np.int64)
    return {name: value[at] for name, value in values.items()}


def _paths(
    made: Design, values: dict[str, Floats], first: int, end: int, *, lead: bool
) -> tuple[Floats, Floats]:
    """Densities of rows first..end, and heights of the posterior after first..end rows, by draw."""
    root = made.root()
    blocks = [made.lags(i) * root[:, None] for i in range(made.order + 1)]
    own = made.y * root[:, None]
    # In the target's own units.
    shift = np.log(root) - np.log(made.natural_unit)
    density, height = [], []
    for i, phi in enumerate(values["phi"]):
        filter_ = np.concatenate([[1.0], -phi])
        lags = sum(share * block for share, block in zip(filter_, blocks, strict=True))
        regressors, prior = _regressors(made, np.asarray(lags), values, i, lead=lead)
        d, h = _path(regressors, own @ filter_, prior, made.df / len(made.at), first, end)
        density.append(d + shift[first : first + d.size])
        height.append(h)
    return np.array(density), np.array(height)


def _regressors(
    made: Design, lags: Floats, values: dict[str, Floats], i: int, *, lead: bool
) -> tuple[Floats, Floats]:
    """Regressors (n_starts, n_rows, n_regressors) of one draw and their prior precision."""
    if "log_size" in values:
        # Loads numba, which is not loaded with the package.
        from leadlag.bayes.free_lags import free_precisions

        return lags[None], free_precisions(
            values["log_size"][i : i + 1], values["log_smooth"][i : i + 1], made.max_lag
        )[0]
    if not lead:
        return lags[None, :, :1], np.eye(1) / SAME_SD**2
    kernels = delay_kernels_of(
        np.exp(values["log_spread"][i : i + 1]), np.exp(values["log_shape"][i : i + 1]),
        made.max_lag,
    )[0]  # fmt: skip
    response = (lags[:, 1:] @ kernels.T).T
    same = np.broadcast_to(lags[:, 0], response.shape)
    return np.stack([same, response], axis=2), np.diag([SAME_SD**-2.0, EFFECT_SD**-2.0])


def _path(
    z: Floats, y: Floats, prior: Floats, share: float, first: int, end: int
) -> tuple[Floats, Floats]:
    """One draw: densities of the rows to come, and heights, for each number of rows seen."""
    n = y.size
    seen = np.arange(first, end + 1)
    gram = np.cumsum(z[:, :, :, None] * z[:, :, None, :], axis=1)[:, seen - 1] + prior
    along = np.cumsum(z * y[None, :, None], axis=1)[:, seen - 1]
    total = np.cumsum(y * y)[seen - 1]
    # Terms that were taken out cost each row its share.
    df = share * seen
    to_come = seen[seen < n]
    count = to_come.size
    ahead = np.swapaxes(z[:, to_come], 0, 1).swapaxes(0, 1)
    sides = np.zeros((*along.shape, 2))
    sides[..., 0] = along
    sides[:, :count, :, 1] = ahead
    solved = np.linalg.solve(gram, sides)
    left = np.maximum(total - (along * solved[..., 0]).sum(axis=2), np.finfo(float).tiny)
    height = -0.5 * np.linalg.slogdet(gram)[1] - 0.5 * df * np.log(left)
    mean = (ahead * solved[:, :count, :, 0]).sum(axis=2)
    grow = 1.0 + (ahead * solved[:, :count, :, 1]).sum(axis=2)
    nu = df[:count]
    variance = left[:, :count] / nu * grow
    density = special.gammaln((nu + 1) / 2) - special.gammaln(nu / 2)
    density = density - 0.5 * np.log(np.pi * nu * variance)
    density -= 0.5 * (nu + 1) * np.log1p((y[to_come] - mean) ** 2 / (nu * variance))
    all_starts = np.logaddexp.reduce(height, axis=0)
    mixed = np.logaddexp.reduce(height[:, :count] + density, axis=0) - all_starts[:count]
    return mixed, all_starts
