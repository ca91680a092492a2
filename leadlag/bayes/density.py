"""The posterior density of delay and noise filter with its gradient, written out and compiled.

The same model as :func:`leadlag.bayes.model.build` writes in PyTensor; a test holds both together.
Compiling that graph takes most of a minute in each process. This compiles in seconds, once for
every shape, and is kept on disk. It works on sums of products, whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from leadlag.bayes.design import Design
from leadlag.bayes.noise import ROUNDING, filter_prior, noise_filter
from leadlag.bayes.priors import (
    EFFECT_SD,
    SAME_SD,
    SHAPE_MEDIAN,
    SHAPE_SD,
    SPREAD_SD,
    phi_sd,
    spread_median,
)
from leadlag.core.jit import compiled

__all__ = ["Packed", "log_density", "log_density_around", "packed", "steps_around"]

Floats = npt.NDArray[np.float64]

# Shares of a response below this are over: they change no sum.
_OVER = 1e-13
# Curvature: by gradients so far apart. The priors are at most one wide.
_NUDGE, _LONGEST = 1e-4, 1.8
_EFFECT_VARIANCE, _SAME_PRECISION = EFFECT_SD**2, 1.0 / SAME_SD**2
_LOG_SHAPE_MEDIAN = float(np.log(SHAPE_MEDIAN))


@dataclass(frozen=True, eq=False)
class Packed:
    """What the density needs of one metric.

    Parameters
    ----------
    sums : ndarray, shape (n_pairs, width)
        By pairs ``i <= j`` of noise lags, both orders added up: square of the same period, its
        products with lags 1..max_lag, the lags' products among themselves by diagonals, the
        products of lags 0..max_lag with the target, the target's square.
    phi_sd : ndarray, shape (order,)
        Prior standard deviations of the noise filter.
    log_factorial : ndarray, shape (max_lag,)
        Of 0..max_lag-1.
    df : float
        Rows less the terms that were taken out.
    log_median : float
        Log of the prior median of the mean delay behind the start.
    """

    sums: Floats
    phi_sd: Floats
    log_factorial: Floats
    df: float
    log_median: float

    def arguments(self) -> dict[str, Any]:
        """Arguments of :func:`log_density` behind the point."""
        return dict(vars(self))


def packed(made: Design, *, lead: bool = True) -> Packed:
    """Lay a metric's sums of products out for the density.

    Parameters
    ----------
    made : Design
        The metric.
    lead : bool
        False: the model in which the metric does not lead.

    Returns
    -------
    Packed

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> made = Design(
    ...     y=rng.standard_normal((40, 3)), x=rng.standard_normal((40, 7)), at=np.arange(40),
    ...     df=40, order=2, max_lag=4, target_unit=1.0, metric_unit=1.0, base=1.0, logged=False,
    ...     typical_move=1.0,
    ... )
    >>> packed(made).sums.shape
    (6, 21)
    """
    sums = made.sums(lead=lead)
    p, width = made.order + 1, made.max_lag + 1
    xx = sums["xx"].reshape(p, p, width, width)
    xy, yy = sums["xy"].reshape(p, p, width), sums["yy"].reshape(p, p)
    rows = []
    for i in range(p):
        for j in range(i, p):
            lags = xx[i, j] if i == j else xx[i, j] + xx[j, i]
            along = xy[i, j] if i == j else xy[i, j] + xy[j, i]
            total = yy[i, j] if i == j else yy[i, j] + yy[j, i]
            among = [np.diagonal(lags[1:, 1:], d) for d in range(made.max_lag)]
            rows.append(np.concatenate([lags[0], *among, along, [total]]))
    return Packed(
        sums=np.ascontiguousarray(rows),
        phi_sd=np.asarray(phi_sd(made.order), dtype=np.float64),
        log_factorial=np.asarray(special.gammaln(np.arange(made.max_lag) + 1.0)),
        df=float(made.df),
        log_median=float(np.log(spread_median(made.max_lag))),
    )


@compiled
def _delays(
    log_spread: float, log_shape: float, log_factorial: Floats, share: Floats, slopes: Floats
) -> int:
    """Negative binomial shares and their slopes in both parameters; how many are not over."""
    spread, shape = np.exp(log_spread), np.exp(log_shape)
    both = spread + shape
    log_first, log_fade = np.log(shape / both), np.log(spread / both)
    rising, harmonic = 0.0, 0.0
    for age in range(share.size):
        value = rising - log_factorial[age] + shape * log_first + age * log_fade
        share[age] = np.exp(value)
        slopes[0, age] = share[age] * shape * (age - spread) / both
        slopes[1, age] = share[age] * shape * (harmonic + log_first + (spread - age) / both)
        if age > spread and share[age] < _OVER:
            return age
        rising += np.log(age + shape)
        harmonic += 1.0 / (age + shape)
    return share.size


@compiled
def log_density(
    point: Floats,
    sums: Floats,
    phi_sd: Floats,
    log_factorial: Floats,
    df: float,
    log_median: float,
) -> tuple[float, Floats]:
    """Log posterior density up to a constant, and its gradient.

    Parameters
    ----------
    point : ndarray, shape (2 + order,)
        "log_spread", "log_shape" and "phi".
    sums, phi_sd, log_factorial, df, log_median
        See :class:`Packed`.

    Returns
    -------
    value : float
    gradient : ndarray, shape (2 + order,)

    Notes
    -----
    Differentiated backwards by hand: from the density of each start to its sums, from there to the
    shares of the response and to the noise filter.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> made = Design(
    ...     y=rng.standard_normal((40, 3)), x=rng.standard_normal((40, 7)), at=np.arange(40),
    ...     df=40, order=2, max_lag=4, target_unit=1.0, metric_unit=1.0, base=1.0, logged=False,
    ...     typical_move=1.0,
    ... )
    >>> arguments = packed(made).arguments()
    >>> value, gradient = log_density(np.zeros(4), **arguments)
    >>> ahead = log_density(np.array([1e-6, 0.0, 0.0, 0.0]), **arguments)[0]
    >>> bool(abs((ahead - value) / 1e-6 - gradient[0]) < 1e-3)
    True
    """
    order, L, width = phi_sd.size, log_factorial.size, sums.shape[1]
    share, slopes = np.zeros(L), np.zeros((2, L))
    ages = _delays(point[0], point[1], log_factorial, share, slopes)

    # The noise filter on both sides.
    packed_, along_at = np.zeros(width), 1 + L + L * (L + 1) // 2
    filter_ = noise_filter(point)
    row = 0
    for i in range(order + 1):
        for j in range(i, order + 1):
            both = filter_[i] * filter_[j]
            for k in range(width):
                packed_[k] += both * sums[row, k]
            row += 1
    same = packed_[0] + _SAME_PRECISION
    across, along = packed_[1 : 1 + L], packed_[along_at + 1 : along_at + 1 + L]
    first, total = packed_[along_at], packed_[width - 1]

    # Every start at once: its square, and its products with the same period and the target.
    size, met, told = np.zeros(L), np.zeros(L), np.zeros(L)
    for i in range(ages):
        for s in range(L - i):
            met[s] += share[i] * across[s + i]
            told[s] += share[i] * along[s + i]
    at = 1 + L
    for d in range(L):
        for i in range(max(ages - d, 0)):
            both = share[i] * share[i + d] * (1.0 if d == 0 else 2.0)
            for s in range(L - d - i):
                size[s] += both * packed_[at + s + i]
        at += L - d

    left = total - first * first / same
    by_start, top = np.empty(L), -np.inf
    grows, products, rests = np.empty(L), np.empty(L), np.empty(L)
    for s in range(L):
        grow = 1.0 + _EFFECT_VARIANCE * (size[s] - met[s] * met[s] / same)
        product = told[s] - met[s] * first / same
        # A perfect predictor leaves less than rounding.
        rest = max(left - _EFFECT_VARIANCE * product * product / grow, ROUNDING * total)
        grows[s], products[s], rests[s] = grow, product, rest
        by_start[s] = -0.5 * np.log(grow) - 0.5 * df * np.log(rest)
        top = max(top, by_start[s])
    weight = np.exp(by_start - top)
    all_weight = weight.sum()
    value = top + np.log(all_weight) - 0.5 * np.log(same)

    # Backwards.
    back = np.zeros(width)
    to_size, to_met, to_told = np.empty(L), np.empty(L), np.empty(L)
    back[0] = -0.5 / same
    for s in range(L):
        w = weight[s] / all_weight
        grow, product, rest = grows[s], products[s], rests[s]
        shrunk = _EFFECT_VARIANCE * product / grow
        by_size = w * (-0.5 * _EFFECT_VARIANCE / grow - 0.5 * df * shrunk * shrunk / rest)
        by_product = w * df * shrunk / rest
        by_left = -0.5 * w * df / rest
        to_size[s], to_told[s] = by_size, by_product
        to_met[s] = -2.0 * met[s] / same * by_size - first / same * by_product
        back[along_at] -= met[s] / same * by_product + 2.0 * first / same * by_left
        back[0] += (
            met[s] * met[s] * by_size + met[s] * first * by_product + first * first * by_left
        ) / (same * same)
        back[width - 1] += by_left
    to_share = np.zeros(L)
    for i in range(ages):
        toward = 0.0
        for s in range(L - i):
            toward += to_met[s] * across[s + i] + to_told[s] * along[s + i]
            back[1 + s + i] += to_met[s] * share[i]
            back[along_at + 1 + s + i] += to_told[s] * share[i]
        to_share[i] += toward
    at = 1 + L
    for d in range(L):
        double = 1.0 if d == 0 else 2.0
        for i in range(max(ages - d, 0)):
            both, toward = share[i] * share[i + d] * double, 0.0
            for s in range(L - d - i):
                toward += to_size[s] * packed_[at + s + i]
                back[at + s + i] += both * to_size[s]
            to_share[i] += double * share[i + d] * toward
            to_share[i + d] += double * share[i] * toward
        at += L - d

    gradient = np.zeros(2 + order)
    for i in range(ages):
        gradient[0] += to_share[i] * slopes[0, i]
        gradient[1] += to_share[i] * slopes[1, i]
    row = 0
    for i in range(order + 1):
        for j in range(i, order + 1):
            toward = 0.0
            for k in range(width):
                toward += back[k] * sums[row, k]
            if i > 0:
                gradient[1 + i] -= filter_[j] * toward
            if j > 0:
                gradient[1 + j] -= filter_[i] * toward
            row += 1

    # Priors.
    spread, shape = point[0] - log_median, point[1] - _LOG_SHAPE_MEDIAN
    value -= 0.5 * (spread / SPREAD_SD) ** 2 + 0.5 * (shape / SHAPE_SD) ** 2
    gradient[0] -= spread / SPREAD_SD**2
    gradient[1] -= shape / SHAPE_SD**2
    return value + filter_prior(point, phi_sd, gradient), gradient


@compiled
def log_density_around(
    point: Floats,
    middle: Floats,
    steps: Floats,
    sums: Floats,
    phi_sd: Floats,
    log_factorial: Floats,
    df: float,
    log_median: float,
) -> tuple[float, Floats]:
    """The density of ``middle + steps @ point``, and its gradient in `point`.

    Parameters
    ----------
    point, middle : ndarray, shape (2 + order,)
    steps : ndarray, shape (2 + order, 2 + order)
        From :func:`steps_around`.
    sums, phi_sd, log_factorial, df, log_median
        As :func:`log_density` takes them.

    Returns
    -------
    value : float
    gradient : ndarray, shape (2 + order,)
    """
    at = middle.copy()
    for i in range(at.size):
        for j in range(at.size):
            at[i] += steps[i, j] * point[j]
    value, slope = log_density(at, sums, phi_sd, log_factorial, df, log_median)
    gradient = np.zeros(at.size)
    for i in range(at.size):
        for j in range(at.size):
            gradient[j] += slope[i] * steps[i, j]
    return value, gradient


def steps_around(middle: Floats, density: Callable[[Floats], tuple[float, Floats]]) -> Floats:
    """Directions in which a density falls off alike, from its curvature at one point.

    Parameters
    ----------
    middle : ndarray, shape (n_parameters,)
        Near the highest point.
    density : callable
        From a point to the log density and its gradient.

    Returns
    -------
    ndarray, shape (n_parameters, n_parameters)
        A column a direction, one standard deviation long.

    Notes
    -----
    Where the density is flat, or bends upwards, a step is no longer than `_LONGEST`.

    Examples
    --------
    >>> steps_around(np.zeros(1), lambda x: (-2.0 * float(x @ x), -4.0 * x)).round(3)
    array([[0.5]])
    """
    slopes = [
        [density(middle + way * step)[1] for way in (1.0, -1.0)]
        for step in _NUDGE * np.eye(middle.size)
    ]
    bend = np.array([(behind - ahead) / (2 * _NUDGE) for ahead, behind in slopes])
    # A perfect predictor has a peak too sharp to measure.
    bend = np.where(np.isfinite(bend).all(), (bend + bend.T) / 2, 0.0)
    size, direction = np.linalg.eigh(bend)
    return np.ascontiguousarray(direction / np.sqrt(np.maximum(size, _LONGEST**-2)))
