"""Student-t noise: outliers weighed down, rows that the model explains at full weight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import special

from leadlag.bayes.conditional import good_start, regress
from leadlag.bayes.design import Design

__all__ = ["DEGREES", "log_density", "weighed"]

Floats = npt.NDArray[np.float64]

# Heavy tails with a finite variance; estimating them needs thousands of rows.
DEGREES = 4.0
_ROUNDS = 8


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
    The sampler takes the precisions as they come out.

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
    return current


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
