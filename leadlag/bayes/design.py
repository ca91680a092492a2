"""One metric and the target, ready for a lag model: rows, lags, units, and sums of products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leadlag.core.autoregression import orthonormal
from leadlag.core.lags import lagged_matrix
from leadlag.data.prepare import Prepared
from leadlag.errors import InsufficientDataError

__all__ = ["Design", "design", "noise_order"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Orders of the noise model: the least one, and one for a target with a long memory.
_ORDERS = (3, 8)
_SPARE_ROWS = 10


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
    df : int
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
    weight : ndarray, shape (n_rows,), optional
        How much each row counts; all alike unless outliers were weighed down.
    """

    y: Floats
    x: Floats
    at: npt.NDArray[np.int64]
    df: int
    order: int
    max_lag: int
    target_unit: float
    metric_unit: float
    base: float
    logged: bool
    typical_move: float
    weight: Floats | None = None

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
        root = np.ones((len(self.at), 1)) if self.weight is None else np.sqrt(self.weight)[:, None]
        y, x = self.y * root, self.x * root
        blocks = [x[:, i : i + width] * kept for i in range(p)]
        xx = np.array([[a.T @ b for b in blocks] for a in blocks])
        xy = np.array([[a.T @ y[:, j] for j in range(p)] for a in blocks])
        return {
            "xx": xx.reshape(p * p, width * width),
            "xy": xy.reshape(p * p, width),
            "yy": (y.T @ y).reshape(p * p),
            "df": np.array(float(self.df)),
        }


def noise_order(target: Prepared) -> int:
    """Order of the autoregressive noise for a target.

    Parameters
    ----------
    target : Prepared

    Returns
    -------
    int, periods
        The next larger of a few orders.
    """
    return next((order for order in _ORDERS if order >= target.fit.order), _ORDERS[-1])


def design(target: Prepared, metric: Prepared, name: str, *, order: int, max_lag: int) -> Design:
    """Lay out one metric against the target.

    Parameters
    ----------
    target, metric : Prepared
        Both sides on their own scales.
    name : str
        What messages call the metric.
    order, max_lag : int, periods
        Of the noise, and the longest lag.

    Returns
    -------
    Design

    Raises
    ------
    InsufficientDataError
        If too few rows are left.

    Notes
    -----
    Calendar, trend and controls are taken out of both sides (Frisch–Waugh–Lovell). An
    autoregressive filter maps constant, trend and seasonal terms into their own span, so this
    integrates them out with a flat prior, up to the first rows. Where only one side was
    differenced, the metric enters in the form whose lags explain more.

    Examples
    --------
    >>> import pandas as pd
    >>> from leadlag.data.panel import build_panel
    >>> from leadlag.data.prepare import prepare, terms_of
    >>> rng = np.random.default_rng(0)
    >>> panel = build_panel(pd.DataFrame(rng.standard_normal((90, 2)), columns=["y", "x"]), "y")
    >>> sides = [prepare(column, panel, terms_of(panel)) for column in (panel.y, panel.X[:, 0])]
    >>> made = design(*sides, "x", order=3, max_lag=6)
    >>> made.y.shape[1], made.x.shape[1]
    (4, 10)
    """
    y = _without(target.fit.terms, target.fit.series, target.fit.observed)
    forms = [_form(x, target.fit.terms) for x in _forms(target, metric)]
    known = np.flatnonzero(metric.fit.observed)
    calendar = np.arange(y.size)
    first = max(int(known[0]) + min(max_lag, y.size // 5), int(np.argmax(target.fit.observed)))
    rows = target.fit.observed & (calendar >= first + order)
    rows &= calendar <= known[-1] + max_lag
    # What stands before the first value is unknown, not zero: the noise filter must not see it.
    basis = orthonormal(target.fit.terms[rows]) if rows.any() else np.zeros((0, 0))
    df = int(rows.sum()) - basis.shape[1]
    if df < 2 * order + _SPARE_ROWS:
        raise InsufficientDataError(
            f"'{name}' meets the target in too few rows for a lag model",
            got=f"{max(df, 0)} rows beside the calendar terms",
            need=f"{2 * order + _SPARE_ROWS}",
            do="Lower max_lag, or supply more history",
        )

    def laid_out(series: Floats, last: int) -> Floats:
        lags = np.nan_to_num(lagged_matrix(series, np.arange(last + 1)))[rows]
        return np.asarray(lags - basis @ (basis.T @ lags))

    own = laid_out(np.nan_to_num(y), order)
    sides = [laid_out(form, order + max_lag) for form in forms]
    lags = min(sides, key=lambda x: _left(own, x[:, : max_lag + 1])) if len(sides) > 1 else sides[0]
    target_unit, metric_unit = _surprise(target), _surprise(metric)
    return Design(
        y=own / target_unit,
        x=lags / metric_unit,
        at=np.flatnonzero(rows).astype(np.int64),
        df=df,
        order=order,
        max_lag=max_lag,
        target_unit=target_unit,
        metric_unit=metric_unit,
        base=target.base,
        logged="log" in target.transform,
        typical_move=metric.in_units(metric_unit),
    )


def _forms(target: Prepared, metric: Prepared) -> list[Floats]:
    """The metric on each scale that could meet the target's."""
    series = metric.fit.series
    if target.differenced == metric.differenced:
        return [series]
    if metric.differenced:
        return [series, metric.level_fit.series]
    return [series, np.diff(series, prepend=np.nan)]


def _form(x: Floats, terms: Floats) -> Floats:
    present = np.isfinite(x)
    return np.where(present, _without(terms, x, present), 0.0)


def _without(terms: Floats, x: Floats, rows: Bools) -> Floats:
    solution = np.linalg.lstsq(terms[rows], x[rows], rcond=None)[0]
    return np.asarray(x - terms @ solution)


def _left(own: Floats, lags: Floats) -> float:
    """Square of the target that its own past and these lags leave over."""
    basis = orthonormal(np.hstack([own[:, 1:], lags]))
    left = own[:, 0] - basis @ (basis.T @ own[:, 0])
    return float(left @ left)


def _surprise(side: Prepared) -> float:
    known = side.fit.innovations[np.isfinite(side.fit.innovations)]
    size = float(np.sqrt(np.mean(known**2))) if known.size else 0.0
    return size if size > 0 else 1.0
