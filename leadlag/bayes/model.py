"""The lag model in PyMC: a delay kernel with a start, a mean and a shape, and autoregressive noise.

What is linear or discrete is integrated out: the effect, the effect in the same period, the noise
variance, and at which lag the response starts. What is left is smooth, low-dimensional and quickly
sampled; :mod:`leadlag.bayes.recover` draws the rest from its exact conditional distributions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
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

if TYPE_CHECKING:
    from collections.abc import Callable

    import pymc as pm

__all__ = ["around", "build"]


def build(made: Design) -> pm.Model:
    """Build the model for one metric, in PyTensor throughout.

    Parameters
    ----------
    made : Design
        The metric.

    Returns
    -------
    pymc.Model
        With the free variables "log_spread", "log_shape" and "phi".

    Notes
    -----
    ``y[t] = γ x[t] + β Σ_k h[k] x[t-k] + u[t]`` and ``u[t] = Σ_i φ_i u[t-i] + σ e[t]``. Given φ and
    h this is a linear regression on filtered series, whose marginal likelihood is
    ``|C|^(-1/2) (S - r)^(-df/2)`` with S the filtered target's square and r what the shrunken
    regressors take of it.

    :func:`leadlag.bayes.density.log_density` is this density with its gradient written out, which
    is what is sampled: it needs no compiler in each process.
    """
    import pymc as pm
    import pytensor.tensor as pt

    data, order, max_lag = made.sums(), made.order, made.max_lag
    age = np.arange(max_lag)
    # Products with constants: indexing and sums along the way cost several times their gradients.
    before = np.tri(max_lag, k=-1)
    laid_out = np.zeros((max_lag, max_lag, max_lag))
    for start in range(max_lag):
        laid_out[age[: max_lag - start], start, age[start:]] = 1.0
    layout = laid_out.reshape(max_lag, max_lag * max_lag)
    with pm.Model() as model:
        xx, xy = pm.Data("xx", data["xx"]), pm.Data("xy", data["xy"])
        yy, df = pm.Data("yy", data["yy"]), pm.Data("df", data["df"])
        log_spread = pm.Normal("log_spread", np.log(spread_median(max_lag)), SPREAD_SD)
        log_shape = pm.Normal("log_shape", np.log(SHAPE_MEDIAN), SHAPE_SD)
        phi = pm.Normal("phi", 0.0, phi_sd(order), shape=order)

        # Negative binomial delays, one row for each lag at which the response may start.
        spread, shape = pt.exp(log_spread), pt.exp(log_shape)
        log_share = pt.dot(before, pt.log(age + shape)) - special.gammaln(age + 1.0)
        log_share += shape * (log_shape - pt.log(spread + shape))
        log_share += age * (log_spread - pt.log(spread + shape))
        kernels = pt.dot(pt.exp(log_share), layout).reshape((max_lag, max_lag))

        # The noise filter 1 - Σ φ_i B^i on both sides, by the sums of products.
        filter_ = pt.concatenate([pt.ones(1), -phi])
        pairs = pt.outer(filter_, filter_).ravel()
        gram = pt.dot(pairs, xx).reshape((max_lag + 1, max_lag + 1))
        along, total = pt.dot(pairs, xy), pt.dot(pairs, yy)

        # The same period first, then each kernel given that.
        same = gram[0, 0] + 1.0 / SAME_SD**2
        across = gram[1:, 0]
        rest = gram[1:, 1:] - pt.outer(across, across) / same
        rest_along = along[1:] - across * along[0] / same
        left = total - along[0] ** 2 / same
        grow = 1.0 + EFFECT_SD**2 * (pt.dot(kernels, rest) * kernels).sum(axis=1)
        taken = EFFECT_SD**2 * pt.dot(kernels, rest_along) ** 2 / grow
        by_start = -0.5 * pt.log(grow) - 0.5 * df * pt.log(left - taken)
        pm.Potential("likelihood", pt.logsumexp(by_start) - 0.5 * pt.log(same))
    return model


def around(
    density: Callable[[np.ndarray[Any, Any]], tuple[float, np.ndarray[Any, Any]]], size: int
) -> pm.Model:
    """A PyMC model around a density that is compiled already.

    Parameters
    ----------
    density : callable
        From a point to the log density and its gradient.
    size : int
        Number of parameters.

    Returns
    -------
    pymc.Model
        With the one free variable "point".
    """
    import pymc as pm
    import pytensor.tensor as pt
    from pytensor.graph.basic import Apply
    from pytensor.graph.op import Op

    class Given(Op):  # type: ignore[misc]
        """The density; its gradient comes with it."""

        __props__ = ()

        def make_node(self, point: Any) -> Any:
            return Apply(self, [pt.as_tensor_variable(point)], [pt.dscalar(), pt.dvector()])

        def perform(self, node: Any, inputs: Any, outputs: Any) -> None:
            value, gradient = density(inputs[0])
            outputs[0][0], outputs[1][0] = np.asarray(value), gradient

        def grad(self, inputs: Any, upstream: Any) -> list[Any]:
            return [upstream[0] * self(inputs[0])[1]]

    with pm.Model() as model:
        point = pm.Flat("point", shape=size)
        pm.Potential("density", Given()(point)[0])
    return model
