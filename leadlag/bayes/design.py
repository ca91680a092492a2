"""One metric and the target, ready for a lag model: rows, lags, units, and sums of products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Design"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Design:
    """Rows on which one metric meets the target, both in units of their own surprises.

    Parameters
    ----------
    y : ndarray, shape (n_rows, order + 1)
        The target and its own lags 1..order; calendar, trend and controls taken out.
    x : ndarray, shape (n_rows, order + max_lag + 1)
        Lags 0.. of the metric, likewise.
    at : ndarray of int, shape (n_rows,)
        Position of each row in the panel.
    df : float
        Rows less the terms that were taken out.
    order, max_lag : int, periods
        Of the noise, and the longest lag of a response.
    target_unit, metric_unit : float
        One standard deviation of each side's surprises, on its prepared scale.
    base : float
        What a change of 1 on the target's prepared scale is worth, before a logarithm is undone.
    logged : bool
        Whether the target's scale is logarithmic.
    typical_move : float
        The metric's standard deviation in its own units.
    same : ndarray, shape (n_rows, order + 1), optional
        What meets the target in the same period, and its own lags; by default the metric itself.
    scale : ndarray, shape (n_rows,), optional
        How large the target's surprises are around each row, mean square 1; alike by default.
    weight : ndarray, shape (n_rows,), optional
        How much each row counts besides; all alike unless outliers were weighed down.
    """

    y: Floats
    x: Floats
    at: npt.NDArray[np.int64]
    df: float
    order: int
    max_lag: int
    target_unit: float
    metric_unit: float
    base: float
    logged: bool
    typical_move: float
    same: Floats | None = None
    scale: Floats | None = None
    weight: Floats | None = None

    def lags(self, i: int) -> Floats:
        """The metric's lags 0..max_lag, i periods back.

        Parameters
        ----------
        i : int, periods
            0..order.

        Returns
        -------
        ndarray, shape (n_rows, max_lag + 1)
        """
        block = self.x[:, i : i + self.max_lag + 1]
        if self.same is None:
            return block
        return np.column_stack([self.same[:, i], block[:, 1:]])

    def root(self) -> Floats:
        """By how much each row is multiplied, so that all errors are alike, shape (n_rows,)."""
        weight = np.ones(len(self.at)) if self.weight is None else self.weight
        return np.asarray(np.sqrt(weight) / (1.0 if self.scale is None else self.scale))

    @property
    def natural_unit(self) -> float:
        """One surprise of the target in its own units; of its logarithm where that is taken."""
        return self.target_unit * (1.0 if self.logged else self.base)

    def in_units(self, effect: Floats) -> Floats:
        """Effects in target surprises, as changes of the target in its own units.

        Parameters
        ----------
        effect : ndarray

        Returns
        -------
        ndarray
        """
        change = effect * self.target_unit
        return np.asarray(self.base * (np.expm1(change) if self.logged else change))

    def sums(self, *, lead: bool = True) -> dict[str, npt.NDArray[np.float64]]:
        """Sums of products that the Gaussian likelihood needs, whatever the number of rows.

        Parameters
        ----------
        lead : bool
            False leaves the lags 1.. out: the model in which the metric does not lead.

        Returns
        -------
        dict of ndarray
            "xx" ((order + 1)², (max_lag + 1)²), "xy" ((order + 1)², max_lag + 1) and "yy"
            ((order + 1)²,), by pairs of noise lags; "df".
        """
        p, width = self.order + 1, self.max_lag + 1
        kept = np.arange(width) <= (self.max_lag if lead else 0)
        root = self.root()[:, None]
        y = self.y * root
        blocks = [self.lags(i) * root * kept for i in range(p)]
        xx = np.array([[a.T @ b for b in blocks] for a in blocks])
        xy = np.array([[a.T @ y[:, j] for j in range(p)] for a in blocks])
        return {
            "xx": xx.reshape(p * p, width * width),
            "xy": xy.reshape(p * p, width),
            "yy": (y.T @ y).reshape(p * p),
            "df": np.array(float(self.df)),
        }
