"""Least squares that rows which break a relation don't move, and the steps that values are in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leadlag.core.arrays import BoolArray, FloatArray, median

__all__ = [
    "HELD",
    "LEAST_ROWS",
    "Fit",
    "may_hold",
    "robust_fit",
    "spread",
    "standard_columns",
    "step_of",
]

# Rows that may break a relation: level shifts, corrections, glitches.
HELD = 0.8
LEAST_ROWS = 20
_CLIP = 4.0
# A relation that holds to 2 % leaves less than this of the typical change of a change.
_PLAIN = 0.1


@dataclass(frozen=True, eq=False)
class Fit:
    """Least squares on the rows that keep the relation.

    Parameters
    ----------
    rows : ndarray of bool, shape (n,)
        Rows in which nothing is missing.
    kept : ndarray of bool, shape (n_rows,)
        Which of them keep the relation.
    beta : ndarray, shape (n_columns,)
    residual : ndarray, shape (n_rows,)
    """

    rows: npt.NDArray[np.bool_]
    kept: npt.NDArray[np.bool_]
    beta: FloatArray
    residual: FloatArray

    @property
    def left(self) -> float:
        """Scale of what is left."""
        return spread(self.residual[self.kept])


def robust_fit(y: FloatArray, X: FloatArray) -> Fit | None:
    """Fit with a constant over complete rows, leaving out rows that break the relation.

    Parameters
    ----------
    y : ndarray, shape (n,)
    X : ndarray, shape (n, n_columns)

    Returns
    -------
    Fit or None
        None where too few rows are complete, or fewer than `HELD` of them keep the relation.

    Examples
    --------
    >>> x = np.arange(40.0)
    >>> y = 2 * x
    >>> y[7] = 500
    >>> robust_fit(y, x[:, None]).beta.round(6)
    array([2.])
    """
    rows = np.isfinite(y) & np.isfinite(X).all(axis=1)
    a, b = X[rows], y[rows]
    if len(b) < max(LEAST_ROWS, 2 * X.shape[1] + 4):
        return None
    kept = np.ones(len(b), dtype=np.bool_)
    beta, residual = np.zeros(X.shape[1]), b
    tiny = 1e-12 * float(np.abs(b).max(initial=0.0))
    for _ in range(6):
        middle, centre = a[kept].mean(axis=0), b[kept].mean()
        beta = np.linalg.lstsq(a[kept] - middle, b[kept] - centre, rcond=None)[0]
        residual = b - centre - (a - middle) @ beta
        size = np.abs(residual - median(residual))
        again = size <= max(_CLIP * 1.4826 * median(size), tiny)
        if again.sum() < HELD * len(b) or (again == kept).all():
            break
        kept = again
    if kept.sum() < LEAST_ROWS:
        return None
    return Fit(rows, kept, beta, residual)


def may_hold(y: FloatArray, X: FloatArray) -> BoolArray:
    """Tell which columns may be a series but for a factor and a constant, at a glance.

    Parameters
    ----------
    y : ndarray, shape (n,)
    X : ndarray, shape (n, n_columns)

    Returns
    -------
    ndarray of bool, shape (n_columns,)
        False where :func:`robust_fit` of that column leaves more than a few percent of y. True
        says only that it is worth fitting.

    Notes
    -----
    Where four fifths of the rows keep a relation, more than half of the steps between neighbours
    do, so the median of their ratios is its factor.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(40, 2))
    >>> may_hold(3 * x[:, 0] + 7, x)
    array([ True, False])
    """
    out = np.zeros(X.shape[1], dtype=np.bool_)
    for j, x in enumerate(X.T):
        rows = np.isfinite(y) & np.isfinite(x)
        if np.count_nonzero(rows) < LEAST_ROWS:
            continue
        up, along = np.diff(y[rows]), np.diff(x[rows])
        typical, moves = median(np.abs(up)), along != 0
        if typical > 0 and 2 * np.count_nonzero(moves) > moves.size:
            factor = median(up[moves] / along[moves])
            out[j] = median(np.abs(up - factor * along)) <= _PLAIN * typical
        else:
            # Counts that seldom move: no glance tells.
            out[j] = True
    return out


def spread(values: FloatArray) -> float:
    """A standard deviation that a fifth of wrong values does not move far.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where missing.

    Returns
    -------
    float
        0 where nothing moves.

    Examples
    --------
    >>> spread(np.array([0.0, 1, 2, 3, 4, 1000])) < 4
    True
    """
    known = values[np.isfinite(values)]
    if known.size < 2:
        return 0.0
    middle = 1.4826 * median(np.abs(known - median(known)))
    if middle > 0:
        return middle
    # More than half of the values are equal: counts that seldom move.
    low, high = np.quantile(known, [0.05, 0.95])
    return float(np.std(np.clip(known, low, high)))


def standard_columns(X: FloatArray) -> FloatArray:
    """Centre, clip and scale columns to unit length; a gap becomes 0.

    Parameters
    ----------
    X : ndarray, shape (n, n_columns)

    Returns
    -------
    ndarray, shape (n, n_columns)
        A column that does not move is 0.

    Notes
    -----
    To choose by only: their products are correlations that gaps make smaller.

    Examples
    --------
    >>> float(np.linalg.norm(standard_columns(np.arange(5.0)[:, None])))
    1.0
    """
    out = np.zeros(X.shape)
    for j, column in enumerate(X.T):
        rows = np.isfinite(column)
        known = column[rows]
        size = spread(known)
        if size > 0:
            out[rows, j] = np.clip((known - median(known)) / size, -_CLIP, _CLIP)
    length = np.linalg.norm(out, axis=0)
    return np.asarray(out / np.where(length > 0, length, 1.0))


def step_of(values: FloatArray) -> float:
    """Find the step that values are written in: 0.01 for 3.14, 1000 for 5000.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where missing.

    Returns
    -------
    float
        A power of ten; 0 where none is seen.

    Examples
    --------
    >>> step_of(np.array([3.14, 2.7, 1.0])), step_of(np.array([np.pi, np.e]))
    (0.01, 0.0)
    """
    known = np.abs(values[np.isfinite(values)])
    if known.size == 0:
        return 0.0
    largest = float(known.max())
    few = known.size // 10 + 8
    for digits in range(-6, 9):
        step = 10.0**-digits
        if step > largest:
            continue
        # More than a twentieth off already among the first: no need to look at the others.
        if _off_step(known[:few], step).sum() > 0.05 * known.size:
            continue
        if np.mean(~_off_step(known, step)) >= 0.95:
            return float(step)
    return 0.0


def _off_step(known: FloatArray, step: float) -> BoolArray:
    off = np.abs(known / step - np.round(known / step)) * step
    return np.asarray(off > 1e-9 * np.maximum(known, step))
