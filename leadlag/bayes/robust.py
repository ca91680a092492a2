"""Student-t noise: normal noise with weights for the rows, and each draw then weighed exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import special

from leadlag.bayes.conditional import good_start, regress
from leadlag.bayes.design import Design
from leadlag.bayes.trees import smoothed_weights

if TYPE_CHECKING:
    from leadlag.bayes.recover import Recovered

__all__ = ["DEGREES", "log_density", "resampled", "weighed"]

Floats = npt.NDArray[np.float64]

# Heavy tails with a finite variance; estimating them needs thousands of rows.
DEGREES = 4.0
_ROUNDS = 8
# With the weights taken as known, the posterior is too narrow by (v + 3) / (v + 1) in variance. All
# rows count less, so that the draws reach further than those that are wanted.
_TEMPER = 0.6


def weighed(made: Design) -> Design:
    """Rows with the weights that Student-t noise gives them.

    Parameters
    ----------
    made : Design
        The metric, every row at full weight.

    Returns
    -------
    Design

    Notes
    -----
    A t variable is normal with a random precision. Its expected precision given an error e is
    ``(v + 1) / (v + e² / sigma²)``; errors and precisions by turns (Lange, Little and Taylor 1989).
    What is sampled with these weights is near the posterior under Student-t noise, and a little
    wider: :func:`resampled` makes it exact.

    References
    ----------
    Lange, K. L., Little, R. J. A. and Taylor, J. M. G. (1989). Robust statistical modeling using
    the t distribution. *JASA* 84, 881–896.
    """
    current = replace(made, weight=np.ones(len(made.at)))
    for _ in range(_ROUNDS):
        sums = current.sums()
        point = good_start(current, sums)
        found = regress(
            current,
            sums,
            {"log_spread": point[:1], "log_shape": point[1:2], "phi": point[None, 2:]},
        )
        at = int(found.log_weight[0].argmax())
        response = found.effect[0, at] * found.kernels[0, at]
        same = (found.same_product[0] - found.across[0] @ response) / found.same_size[0]
        weights = np.concatenate([[same], response])
        filter_ = np.concatenate([[1.0], -point[2:]])
        error = made.y @ filter_
        for i, share in enumerate(filter_):
            error = error - share * (made.lags(i) @ weights)
        error = error * made.root()
        variance = found.left[0, at] / made.df
        current = replace(made, weight=(DEGREES + 1) / (DEGREES + error**2 / variance))
    weight = np.ones(len(made.at)) if current.weight is None else current.weight
    return replace(current, weight=_TEMPER * weight, df=_TEMPER * made.df)


def resampled(
    made: Design, found: Recovered, chains: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], float]:
    """Draws under Student-t noise, out of those with fixed weights.

    Parameters
    ----------
    made : Design
        From :func:`weighed`.
    found : Recovered
        Predictions kept for every draw.
    chains : int
    rng : numpy.random.Generator

    Returns
    -------
    at : ndarray of int, shape (n_draws,)
        Positions, in order within each chain; a draw that counts more comes more often.
    pareto_k : float
        Heaviest tail of the weights over the chains: up to 0.7 they can be trusted.

    Notes
    -----
    Priors are the same on both sides. What is left of the ratio of the posteriors is the product of
    the t densities over the tempered normal ones; terms that were taken out leave ``sigma`` to the
    power of their number. The weights are Pareto-smoothed, and the draws taken by systematic
    resampling.

    References
    ----------
    Vehtari, A. et al. (2024). Pareto smoothed importance sampling. *Journal of Machine Learning
    Research* 25.
    """
    log_sigma = np.log(found.sigma)
    error = (made.y[:, 0] - found.mean) * made.root() / found.sigma[:, None]
    rows, df = len(made.at), made.df / _TEMPER
    normal = -0.5 * (error**2).sum(axis=1) - made.df * log_sigma
    student = found.log_likelihood.sum(axis=1) + (rows - df) * log_sigma
    log_weight, tail = smoothed_weights((student - normal).reshape(chains, -1))
    draws = log_weight.shape[1]
    at = []
    for chain, weight in enumerate(np.exp(log_weight)):
        ladder = (np.arange(draws) + rng.random()) / draws
        place = np.searchsorted(np.cumsum(weight) / weight.sum(), ladder)
        at.append(chain * draws + np.minimum(place, draws - 1))
    return np.concatenate(at), float(tail.max())


def log_density(error: Floats, *, heavy: bool) -> Floats:
    """Log density of standardised errors, normal or Student-t.

    Parameters
    ----------
    error : ndarray
    heavy : bool
        Student-t.

    Returns
    -------
    ndarray, same shape

    Examples
    --------
    >>> [log_density(np.zeros(1), heavy=heavy).round(4) for heavy in (False, True)]
    [array([-0.9189]), array([-0.9808])]
    """
    if not heavy:
        return np.asarray(-0.5 * error**2 - 0.5 * np.log(2 * np.pi))
    constant = special.gammaln((DEGREES + 1) / 2) - special.gammaln(DEGREES / 2)
    constant -= 0.5 * np.log(DEGREES * np.pi)
    return np.asarray(constant - 0.5 * (DEGREES + 1) * np.log1p(error**2 / DEGREES))
