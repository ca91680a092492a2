"""False discovery rates: what a p-value is worth when many metrics were tested.

Both procedures turn p-values into q-values: calling every metric with ``q <= alpha`` a discovery
keeps the expected share of false ones at ``alpha``. A p-value that is NaN was never a test: it
stays NaN and does not count among the others.

References
----------
Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate: a
practical and powerful approach to multiple testing. *Journal of the Royal Statistical Society B*
57, 289–300.

Benjamini, Y. and Yekutieli, D. (2001). The control of the false discovery rate in multiple testing
under dependency. *Annals of Statistics* 29, 1165–1188.
"""

import numpy as np
from numpy.typing import ArrayLike

from leadlag.core.arrays import FloatArray
from leadlag.core.checks import as_p_values

__all__ = ["benjamini_hochberg", "benjamini_yekutieli"]


def benjamini_hochberg(p_values: ArrayLike) -> FloatArray:
    """Benjamini–Hochberg q-values: the FDR at which each test becomes a discovery.

    Parameters
    ----------
    p_values : array_like, shape (n_tests,)
        In [0, 1]; NaN where no test could be made.

    Returns
    -------
    ndarray, shape (n_tests,)
        NaN where the p-value is NaN.

    Raises
    ------
    LeadLagError
        If the input is not one-dimensional or holds numbers outside [0, 1].

    Notes
    -----
    With the m valid p-values sorted, ``q(i) = min over j >= i of min(1, m p(j) / j)``. Valid for
    independent tests and for positive regression dependence.

    References
    ----------
    Benjamini and Hochberg (1995), see the module.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, float("nan"), 0.03])
    array([0.03, 0.04,  nan, 0.04])
    """
    return _step_up(as_p_values(p_values), any_dependence=False)


def benjamini_yekutieli(p_values: ArrayLike) -> FloatArray:
    """Benjamini–Yekutieli q-values: valid under any dependence, at a price in power.

    Parameters
    ----------
    p_values : array_like, shape (n_tests,)
        In [0, 1]; NaN where no test could be made.

    Returns
    -------
    ndarray, shape (n_tests,)
        NaN where the p-value is NaN.

    Raises
    ------
    LeadLagError
        If the input is not one-dimensional or holds numbers outside [0, 1].

    Notes
    -----
    The Benjamini–Hochberg step with every p-value multiplied by ``1 + 1/2 + … + 1/m``.

    References
    ----------
    Benjamini and Yekutieli (2001), see the module.

    Examples
    --------
    >>> benjamini_yekutieli([0.01, 0.5]).round(4)
    array([0.03, 0.75])
    """
    return _step_up(as_p_values(p_values), any_dependence=True)


def _step_up(p: FloatArray, *, any_dependence: bool) -> FloatArray:
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    position = np.arange(1, order.size + 1)
    penalty = float(np.sum(1.0 / position)) if any_dependence else 1.0
    # p * (m / i) and not (p * m) / i: the largest p then keeps its exact value (m / m is 1).
    raw = p[order] * (penalty * order.size / position)
    q = np.full(p.shape, np.nan)
    q[order] = np.minimum(1.0, np.minimum.accumulate(raw[::-1])[::-1])
    return q
