"""What follows a lasting move of one series in another, in all, and how surely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leadlag.core.arrays import FloatArray

__all__ = ["TotalResponse", "total_response"]

_ROUNDS = 6
_ROWS_A_TERM = 4


@dataclass(frozen=True)
class TotalResponse:
    """A sum of lag coefficients and its standard error.

    Parameters
    ----------
    total : float
        Change of the response in all, per unit of a lasting move.
    error : float
        Its standard error.
    same_period, same_error : float
        Coefficient of lag 0, which is not in the total, and its standard error.
    whole, whole_error : float
        The total with it.
    df : int
        Degrees of freedom.
    n_obs : int
        Rows used.
    """

    total: float
    error: float
    same_period: float
    same_error: float
    whole: float
    whole_error: float
    df: int
    n_obs: int


def total_response(
    y: FloatArray, x: FloatArray, *, max_lag: int, order: int, held: int = 0
) -> TotalResponse | None:
    """Sum the response of y at lags 1..L of x, with autoregressive noise.

    Parameters
    ----------
    y, x : ndarray, shape (n,)
        NaN where missing.
    max_lag : int, periods
        L.
    order : int
        Own lags of the noise.
    held : int
        Slow terms, trend and calendar, that were taken out of both series before.

    Returns
    -------
    TotalResponse or None
        None where fewer than four rows a coefficient are complete.

    Notes
    -----
    ``y[t] = c + sum_k v_k x[t-k] + n[t]`` with ``n`` autoregressive, by Cochrane–Orcutt iteration
    [1]_: regress, fit the noise, filter both sides, regress again. The total is the sum of ``v_k``
    over k = 1..L, lag 0 held constant; its standard error allows for heteroskedasticity [2]_ in
    the form that holds in short samples, HC3 [3]_. The coefficients are free: nothing shrinks the
    total to zero, which would make harm look small.

    References
    ----------
    .. [1] Cochrane and Orcutt (1949). Application of least squares regression to relationships
       containing auto-correlated error terms. JASA 44.
    .. [2] White (1980). A heteroskedasticity-consistent covariance matrix estimator. Econometrica
       48.
    .. [3] MacKinnon and White (1985). Some heteroskedasticity-consistent covariance matrix
       estimators with improved finite sample properties. Journal of Econometrics 29.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=400)
    >>> y = rng.normal(size=400)
    >>> y[2:] -= 0.7 * x[:-2]
    >>> found = total_response(y, x, max_lag=4, order=1)
    >>> abs(found.total + 0.7) < 2.5 * found.error
    True
    """
    n = len(y)
    terms = np.column_stack([np.ones(n), *(_back(x, k) for k in range(max_lag + 1))])
    if np.sum(np.isfinite(y) & np.isfinite(terms).all(axis=1)) < _ROWS_A_TERM * (
        terms.shape[1] + order
    ):
        return None
    noise = np.zeros(order)
    beta = np.zeros(terms.shape[1])
    for _ in range(_ROUNDS):
        a, b = _filtered(terms, noise), _filtered(y[:, None], noise)[:, 0]
        rows = np.isfinite(b) & np.isfinite(a).all(axis=1)
        beta = np.linalg.lstsq(a[rows], b[rows], rcond=None)[0]
        if order == 0:
            break
        left = y - terms @ beta
        past = np.column_stack([_back(left, k) for k in range(1, order + 1)])
        known = np.isfinite(left) & np.isfinite(past).all(axis=1)
        again = np.linalg.lstsq(past[known], left[known], rcond=None)[0]
        if np.allclose(again, noise, atol=1e-4):
            break
        noise = again
    df = int(rows.sum()) - terms.shape[1] - order
    if df < 5:
        return None
    residual = b[rows] - a[rows] @ beta
    inverse = np.linalg.pinv(a[rows].T @ a[rows])
    # Lags 1 to L, lag 0, and both together.
    later, same = np.ones(len(beta)), np.zeros(len(beta))
    later[:2], same[1] = 0.0, 1.0
    weights = inverse @ np.column_stack([later, same, later + same])
    leverage = np.einsum("ij,jk,ik->i", a[rows], inverse, a[rows])
    scores = (a[rows] @ weights) * (residual / np.maximum(1 - leverage, 0.05))[:, None]
    # The noise's own coefficients are estimated as well: they are paid for here.
    variance = (scores**2).sum(axis=0) * (df + order) / df
    # So are slow terms, twice: a total is what is slow, and without them so is less of the noise.
    variance *= rows.sum() / max(rows.sum() - 2 * held, df)
    error, same_error, whole_error = map(float, np.sqrt(variance))
    return TotalResponse(
        total=float(later @ beta),
        error=error,
        same_period=float(same @ beta),
        same_error=same_error,
        whole=float((later + same) @ beta),
        whole_error=whole_error,
        df=df,
        n_obs=int(rows.sum()),
    )


def _back(values: FloatArray, k: int) -> FloatArray:
    out = np.full(len(values), np.nan)
    out[k:] = values[: len(values) - k]
    return out


def _filtered(columns: FloatArray, noise: FloatArray) -> FloatArray:
    out = columns.copy()
    for i, phi in enumerate(noise, start=1):
        out[i:] -= phi * columns[:-i]
        out[:i] = np.nan
    return out
