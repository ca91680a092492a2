"""One p-value from several that may depend on each other."""

import numpy as np

from leadlag.core.arrays import FloatArray

__all__ = ["cauchy_combination"]

# Beyond this the tangent is 1 / (pi p) to double precision.
_SMALL = 1e-15
# A p-value near 1 has a score near minus infinity and would drown small ones beside it. Cut here,
# the level of the combination stays (1,608 unrelated pairs: .047 at .05, .008 at .01).
_LARGEST = 0.9


def cauchy_combination(p_values: FloatArray, weights: FloatArray) -> float:
    """Combine p-values by a weighted mean of Cauchy scores.

    Parameters
    ----------
    p_values : ndarray, shape (n_tests,)
        NaN are left out and their weight is shared by the others.
    weights : ndarray, shape (n_tests,)
        Positive; they need not add up to 1.

    Returns
    -------
    float
        NaN where no test exists.

    Notes
    -----
    ``T = sum w_i tan((1/2 - p_i) pi)`` is close to standard Cauchy in its tail whatever the
    dependence, so ``p = 1/2 - arctan(T) / pi``.

    References
    ----------
    Liu, Y. and Xie, J. (2020). Cauchy combination test: a powerful test with analytic p-value
    calculation under arbitrary dependency structures. *JASA* 115, 393–402.

    Examples
    --------
    >>> round(cauchy_combination(np.array([0.04, 0.04]), np.ones(2)), 6)
    0.04
    >>> round(cauchy_combination(np.array([1e-20, 0.9]), np.ones(2)) / 1e-20, 3)
    2.0
    """
    exists = np.isfinite(p_values)
    if not exists.any():
        return float("nan")
    p = np.clip(p_values[exists], 1e-300, _LARGEST)
    w = weights[exists] / weights[exists].sum()
    score = np.where(p < _SMALL, 1 / (np.pi * p), 1 / np.tan(np.pi * np.maximum(p, _SMALL)))
    total = float(w @ score)
    if total > 1 / _SMALL:
        return 1 / (np.pi * total)
    return 0.5 - float(np.arctan(total)) / np.pi
