"""Regressions in which lags enter one after the other: tests, orders and gains along the way."""

from dataclasses import dataclass

import numpy as np
from scipy import special
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dpotrf

from leadlag.core.arrays import BoolArray, FloatArray
from leadlag.core.autoregression import nested_basis

__all__ = ["LagPath"]

# What is left of a column of length 1 beside those before it, for sums of products to keep digits.
_APART = 0.05


@dataclass(frozen=True, eq=False)
class LagPath:
    """Residual sums of squares as regressors enter one after the other.

    Attributes
    ----------
    rss : ndarray, shape (K + 1,)
        Of the first 0..K regressors.
    df : ndarray, shape (K + 1,)
        Degrees of freedom that are left.
    n_rows : int
    surprise : ndarray, shape (n_rows,)
        The response without its nuisance.
    columns : ndarray, shape (n_rows, K)
        The regressors without the nuisance, of length 1.
    triangle : ndarray, shape (K, K)
        Upper: ``columns`` are directions of length 1, what each adds to those before it, times it.
    parts : ndarray, shape (K,)
        The response along each direction; 0 where a regressor adds nothing.
    alone : ndarray, shape (K,)
        Sum of squares that each regressor would take by itself; NaN where the nuisance holds it.
    """

    rss: FloatArray
    df: FloatArray
    n_rows: int
    surprise: FloatArray
    columns: FloatArray
    triangle: FloatArray
    parts: FloatArray
    alone: FloatArray

    @classmethod
    def of(cls, surprise: FloatArray, basis: FloatArray, lags: FloatArray) -> "LagPath":
        """Factor lags (n_rows, K), the span of ``basis`` taken out of them first."""
        size = np.linalg.norm(lags, axis=0)
        lags = lags - basis @ (basis.T @ lags)
        length = np.linalg.norm(lags, axis=0)
        own = length > 1e-9 * size
        alone = np.where(own, (lags.T @ surprise / np.where(own, length, 1.0)) ** 2, np.nan)
        scaled = lags / np.where(length > 0, length, 1.0)
        columns, triangle, live, parts = _directions(scaled, surprise)
        rss = surprise @ surprise - np.concatenate([[0.0], np.cumsum(parts**2)])
        used = np.concatenate([[0], np.cumsum(live)])
        return cls(
            rss=np.maximum(rss, np.finfo(float).tiny),
            df=surprise.size - basis.shape[1] - used.astype(float),
            n_rows=surprise.size,
            surprise=surprise,
            columns=columns,
            triangle=triangle,
            parts=parts,
            alone=alone,
        )

    def order_by_bic(self) -> int:
        """Order 1..K with the smallest BIC."""
        spent = self.df[0] - self.df
        criterion = self.n_rows * np.log(self.rss) + np.log(self.n_rows) * spent
        return 1 + int(np.argmin(criterion[1:]))

    def _aic(self) -> FloatArray:
        used = self.n_rows - self.df
        small = self.n_rows / np.maximum(self.n_rows - used - 2, 1)
        return np.asarray(self.n_rows * np.log(self.rss) + 2 * used * small)

    def order_by_aic(self) -> int:
        """Order 1..K with the smallest corrected AIC."""
        return 1 + int(np.argmin(self._aic()[1:]))

    def p_value(self, order: int) -> float:
        """Of the F test of the first ``order`` lags."""
        return _f_test(self.rss[0], self.df[0], self.rss[order], self.df[order])

    def p_value_beside(self, order: int) -> float:
        """Of the F test of the first ``order`` lags beside a free lag ``order + 1``."""
        free = np.isfinite(self.alone[order])
        rss = self.rss[0] - (self.alone[order] if free else 0.0)
        return _f_test(rss, self.df[0] - free, self.rss[order + 1], self.df[order + 1])

    def gains(self) -> FloatArray:
        """Geweke's ratio at orders 1..K from unbiased variances; 0 where no row is left."""
        ratio = np.log(self.rss[0] / self.df[0]) - np.log(self.rss / np.maximum(self.df, 1))
        return np.where(self.df >= 1, ratio, 0.0)[1:]

    def criteria(self) -> FloatArray:
        """Corrected AIC of orders 1..K, less that of no lag at all."""
        criterion = self._aic()
        return np.where(self.df >= 1, criterion - criterion[0], np.inf)[1:]

    def residual(self, order: int) -> FloatArray:
        """What is left of the surprise after the first ``order`` lags."""
        triangle, parts = self.triangle[:order, :order], self.parts[:order]
        return np.asarray(
            self.surprise
            - self.columns[:, :order] @ solve_triangular(triangle, parts, check_finite=False)
        )


def _directions(
    columns: FloatArray, surprise: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray, FloatArray]:
    """Columns, triangle, which of them add something, and the response along what they add."""
    factor, fault = dpotrf(columns.T @ columns, lower=0, clean=1)
    if not fault and np.diagonal(factor).min() >= _APART:
        # Sums of products keep their digits here, and no direction is ever written down.
        parts = solve_triangular(factor, columns.T @ surprise, trans=1, check_finite=False)
        return columns, factor, np.ones(parts.size, dtype=np.bool_), parts
    q, r = nested_basis(columns) or np.linalg.qr(columns)
    live = np.asarray(np.abs(np.diagonal(r)) > 1e-7, dtype=np.bool_)
    return q, np.eye(q.shape[1]), live, np.where(live, q.T @ surprise, 0.0)


def _f_test(rss: float, df: float, rss_full: float, df_full: float) -> float:
    numerator = df - df_full
    if numerator < 1 or df_full < 1:
        return float("nan")
    # A past that predicts exactly leaves nothing to divide by: F is infinite and p is 0.
    with np.errstate(over="ignore"):
        f = (rss - rss_full) / numerator / (rss_full / df_full)
    return float(special.fdtrc(numerator, df_full, max(f, 0.0)))
