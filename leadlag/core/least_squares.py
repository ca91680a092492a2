"""Least squares that knows its rank and its rounding: orthonormal bases, never normal equations.

Normal equations square the condition of a problem; projections on an orthonormal basis do not. Rows
that are not in the sample are rows of zeros: they change no sum of squares. That is how metrics
with different gaps share one array.
"""

import numpy as np
from scipy.linalg import qr

from leadlag.core.arrays import BoolArray, FloatArray, IntArray, unit_size

__all__ = ["centred", "independent_basis", "noise_floor", "residualised"]


def noise_floor(n_rows: IntArray | int) -> FloatArray:
    """Length below which a column of numbers of size 1 is nothing but rounding.

    Parameters
    ----------
    n_rows : int or ndarray of int
        Rows in the sample.

    Returns
    -------
    ndarray, same shape
        ``64 eps sqrt(n_rows)``: a difference of a few stored values carries a few roundings of eps
        each; 64 leaves room for the coefficients in front of them.

    Examples
    --------
    >>> bool(noise_floor(100) < 1e-12)
    True
    """
    return 64.0 * np.finfo(np.float64).eps * np.sqrt(np.asarray(n_rows, dtype=np.float64))


def centred(x: FloatArray) -> FloatArray:
    """Series scaled by a power of two to a size of at most 1, minus the mean of what is present.

    An intercept makes both steps harmless to a regression. The stored values have size 1 before the
    mean is taken off, which is what makes :func:`noise_floor` a statement about their last digit.

    Parameters
    ----------
    x : ndarray, shape (..., n_obs)
        NaN where missing.

    Returns
    -------
    ndarray, shape (..., n_obs)
        NaN where missing.

    Examples
    --------
    >>> centred(np.array([2.0, 4.0, np.nan]))
    array([-0.125,  0.125,    nan])
    """
    x = unit_size(x)
    missing = np.isnan(x)
    present = np.maximum((~missing).sum(axis=-1, keepdims=True), 1)
    return np.asarray(x - np.where(missing, 0.0, x).sum(axis=-1, keepdims=True) / present)


def independent_basis(columns: FloatArray, rows: BoolArray) -> FloatArray:
    """Orthonormal basis of an intercept and columns over some rows; redundant ones drop out.

    Parameters
    ----------
    columns : ndarray, shape (n_obs, n_columns)
        Regressors beside the intercept, as :func:`centred` leaves them; finite in ``rows``.
    rows : ndarray of bool, shape (n_obs,)
        The sample.

    Returns
    -------
    ndarray, shape (n_obs, rank)
        Orthonormal columns, zero outside ``rows``; the first is the intercept.

    Notes
    -----
    Householder QR with column pivoting on columns of length 1; the rank ends where a
    pivot is no larger than the rounding of its column. A dummy that never occurs in ``rows``, or a
    set of dummies that adds up to the intercept, costs no degree of freedom.

    References
    ----------
    Golub, G. H. and Van Loan, C. F. (2013). *Matrix Computations*, 4th ed., section 5.4.

    Examples
    --------
    Two dummies that add up to the intercept are worth one:

    >>> dummies = np.array([[0.5, -0.5], [-0.5, 0.5], [0.5, -0.5], [-0.5, 0.5]])
    >>> independent_basis(dummies, np.array([True, True, True, True])).shape
    (4, 2)
    """
    m = int(rows.sum())
    if m == 0:
        return np.zeros((rows.size, 0))
    sample = columns[rows]
    sample = sample - sample.mean(axis=0)
    length = np.linalg.norm(sample, axis=0)
    floor = noise_floor(m)
    varying = length > floor
    sample, length = sample[:, varying] / length[varying], length[varying]
    sample = sample - sample.mean(axis=0)  # dividing by a small length blew up the first rounding
    basis = np.zeros((rows.size, 1))
    basis[rows] = 1.0 / np.sqrt(m)
    if sample.shape[1] == 0:
        return basis
    q, r, order = qr(sample, mode="economic", pivoting=True)
    size = min(r.shape)
    negligible = np.abs(np.diagonal(r)[:size]) <= floor / length[order[:size]] + floor
    rank = int(np.argmax(negligible)) if negligible.any() else size
    further = np.zeros((rows.size, rank))
    further[rows] = q[:, :rank]
    return np.hstack([basis, further])


def residualised(columns: FloatArray, basis: FloatArray) -> FloatArray:
    """Columns minus their projection on an orthonormal basis (the Frisch–Waugh–Lovell step).

    Parameters
    ----------
    columns : ndarray, shape (..., n_obs, n_columns)
        Zero outside the sample.
    basis : ndarray, shape (n_obs, rank)
        Orthonormal, zero outside the sample.

    Returns
    -------
    ndarray, shape (..., n_obs, n_columns)

    Notes
    -----
    Taken off twice: one pass leaves a component of the size of the rounding of the column, which
    matters where little else is left.

    Examples
    --------
    >>> intercept = np.full((2, 1), np.sqrt(0.5))
    >>> residualised(np.array([[1.0], [3.0]]), intercept).round(12)
    array([[-1.],
           [ 1.]])
    """
    for _ in range(2):
        columns = columns - basis @ (basis.T @ columns)
    return columns
