"""Given the noise filter and the shape of the delays: one linear regression for each start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from leadlag.bayes.design import Design
from leadlag.bayes.priors import (
    EFFECT_SD,
    SAME_SD,
    SHAPE_MEDIAN,
    SHAPE_SD,
    SPREAD_SD,
    phi_sd,
    spread_median,
)

__all__ = ["Regressions", "delay_kernels_of", "good_start", "negative_binomial", "regress",
           "searched"]  # fmt: skip

Floats = npt.NDArray[np.float64]

# Where the search for a good start begins: means behind the start, in periods, and shapes.
_SPREADS = (0.1, 0.4, 1.2, 3.0, 8.0)
_SHAPES = (0.7, 1.5, 4.0)
_ROUNDS = 4


def delay_kernels_of(spread: Floats, shape: Floats, max_lag: int) -> Floats:
    """Negative binomial delays, for each draw and each lag at which a response may start.

    Parameters
    ----------
    spread, shape : ndarray, shape (n_draws,)
        Mean delay behind the start, and shape.
    max_lag : int, periods

    Returns
    -------
    ndarray, shape (n_draws, max_lag, max_lag)
        Entry ``[d, s, k]``: the share of lag ``k + 1`` in a response that starts at ``s + 1``.

    Notes
    -----
    What comes after `max_lag` is part of the response, and of its mean, but not of the regression.

    Examples
    --------
    >>> delay_kernels_of(np.array([1.0]), np.array([1.0]), 3)[0]
    array([[0.5  , 0.25 , 0.125],
           [0.   , 0.5  , 0.25 ],
           [0.   , 0.   , 0.5  ]])
    """
    share = np.hstack([negative_binomial(spread, shape, max_lag), np.zeros((len(spread), 1))])
    delay = np.arange(max_lag)[None, :] - np.arange(max_lag)[:, None]
    return np.asarray(share[:, np.where(delay >= 0, delay, max_lag)])


def negative_binomial(spread: Floats, shape: Floats, ages: int) -> Floats:
    """Negative binomial probabilities of 0..ages-1 periods behind the start.

    Parameters
    ----------
    spread, shape : ndarray, shape (n_draws,)
        Mean and shape.
    ages : int, periods

    Returns
    -------
    ndarray, shape (n_draws, ages)

    Examples
    --------
    >>> negative_binomial(np.array([1.0]), np.array([1.0]), 3)
    array([[0.5  , 0.25 , 0.125]])
    """
    age, spread, shape = np.arange(ages), spread[:, None], shape[:, None]
    log_share = special.gammaln(age + shape) - special.gammaln(shape) - special.gammaln(age + 1.0)
    log_share += shape * np.log(shape / (spread + shape)) + age * np.log(spread / (spread + shape))
    return np.asarray(np.exp(log_share))


@dataclass(frozen=True, eq=False)
class Regressions:
    """For each draw and each lag at which the response may start, what the data say.

    Parameters
    ----------
    kernels : ndarray, shape (n_draws, max_lag, max_lag)
    log_weight : ndarray, shape (n_draws, max_lag)
        Log marginal likelihood of each start, up to a constant.
    size, product, left : ndarray, shape (n_draws, max_lag)
        The filtered response's square, its product with the target, and what a shrunken effect
        leaves of the target's square; the same period taken out.
    same_size, same_product : ndarray, shape (n_draws,)
        Square of the same period, prior included, and its product with the target.
    across : ndarray, shape (n_draws, max_lag)
        Product of each lag with the same period.
    """

    kernels: Floats
    log_weight: Floats
    size: Floats
    product: Floats
    left: Floats
    same_size: Floats
    same_product: Floats
    across: Floats

    @property
    def effect(self) -> Floats:
        """Posterior mean of the effect under each start, (n_draws, max_lag)."""
        return np.asarray(self.product / (self.size + 1.0 / EFFECT_SD**2))


def regress(made: Design, sums: dict[str, Floats], values: dict[str, Floats]) -> Regressions:
    """Regress the filtered target on the filtered metric, once for each start.

    Parameters
    ----------
    made : Design
        The metric.
    sums : dict of ndarray
        From :meth:`Design.sums`.
    values : dict of ndarray
        "log_spread" and "log_shape", shape (n_draws,), and "phi", shape (n_draws, order).

    Returns
    -------
    Regressions

    Notes
    -----
    The numpy twin of what :func:`leadlag.bayes.model.build` writes in PyTensor.
    """
    n, width = len(values["phi"]), made.max_lag + 1
    kernels = delay_kernels_of(
        np.exp(values["log_spread"]), np.exp(values["log_shape"]), made.max_lag
    )
    filter_ = np.hstack([np.ones((n, 1)), -values["phi"]])
    pairs = (filter_[:, :, None] * filter_[:, None, :]).reshape(n, -1)
    gram = (pairs @ sums["xx"]).reshape(n, width, width)
    along, total = pairs @ sums["xy"], pairs @ sums["yy"]
    same_size = gram[:, 0, 0] + 1.0 / SAME_SD**2
    across = gram[:, 1:, 0]
    rest = gram[:, 1:, 1:] - across[:, :, None] * across[:, None, :] / same_size[:, None, None]
    rest_along = along[:, 1:] - across * (along[:, :1] / same_size[:, None])
    left = total - along[:, 0] ** 2 / same_size
    size = ((kernels @ rest) * kernels).sum(axis=2)
    product = (kernels @ rest_along[:, :, None])[:, :, 0]
    grow = 1.0 + EFFECT_SD**2 * size
    left_over = left[:, None] - EFFECT_SD**2 * product**2 / grow
    # Before the prior has pulled it in, a filter can leave less than rounding.
    left_over = np.maximum(left_over, np.finfo(float).tiny)
    return Regressions(
        kernels=kernels,
        log_weight=-0.5 * np.log(grow) - 0.5 * made.df * np.log(left_over),
        size=size,
        product=product,
        left=left_over,
        same_size=same_size,
        same_product=along[:, 0],
        across=across,
    )


def good_start(made: Design, sums: dict[str, Floats]) -> Floats:
    """Values of the free parameters near the highest point, to start every chain from.

    Parameters
    ----------
    made : Design
        The metric.
    sums : dict of ndarray
        From :meth:`Design.sums`.

    Returns
    -------
    ndarray, shape (2 + order,)
        "log_spread", "log_shape" and "phi", in this order.

    Notes
    -----
    Where an effect is large, delays that are merely similar leave separate peaks, all but one
    hopelessly low; a chain that began at one of them would stay. A grid of delays, the noise filter
    by turns with the rest.
    """
    return searched(made, sums)[0]


def searched(made: Design, sums: dict[str, Floats]) -> tuple[Floats, float]:
    """The point of :func:`good_start`, and the log posterior density there, up to a constant.

    Parameters
    ----------
    made : Design
        The metric.
    sums : dict of ndarray
        From :meth:`Design.sums`.

    Returns
    -------
    point : ndarray, shape (2 + order,)
    height : float
    """
    grid = np.array([[np.log(m), np.log(r)] for m in _SPREADS for r in _SHAPES])
    root = made.root()
    own = np.linalg.lstsq(made.y[:, 1:] * root[:, None], made.y[:, 0] * root, rcond=None)[0]
    values = {"log_spread": grid[:, 0], "log_shape": grid[:, 1],
              "phi": np.tile(own, (len(grid), 1))}  # fmt: skip
    for _ in range(_ROUNDS):
        found = regress(made, sums, values)
        best = found.log_weight.argmax(axis=1)
        for i, at in enumerate(best):
            response = found.effect[i, at] * found.kernels[i, at]
            same = (found.same_product[i] - found.across[i] @ response) / found.same_size[i]
            weights = np.concatenate([[same], response])
            noise = np.column_stack(
                [(made.y[:, j] - made.lags(j) @ weights) * root for j in range(made.order + 1)]
            )
            values["phi"][i] = np.linalg.lstsq(noise[:, 1:], noise[:, 0], rcond=None)[0]
    found = regress(made, sums, values)
    height = np.logaddexp.reduce(found.log_weight, axis=1) - 0.5 * np.log(found.same_size)
    height -= 0.5 * ((grid[:, 0] - np.log(spread_median(made.max_lag))) / SPREAD_SD) ** 2
    height -= 0.5 * ((grid[:, 1] - np.log(SHAPE_MEDIAN)) / SHAPE_SD) ** 2
    height -= 0.5 * ((values["phi"] / phi_sd(made.order)) ** 2).sum(axis=1)
    top = int(height.argmax())
    return np.concatenate([grid[top], values["phi"][top]]), float(height[top])
