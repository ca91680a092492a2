"""One metric beside the target, each on a scale on which a delay can join them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from leadlag.bayes.conditional import searched
from leadlag.bayes.design import Design
from leadlag.core.autoregression import orthonormal
from leadlag.core.lags import lagged_matrix
from leadlag.core.scale import local_scale
from leadlag.data.prepare import Prepared
from leadlag.errors import InsufficientDataError

__all__ = ["design", "noise_order"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Orders of the noise model: the least one, and one for a target with a long memory.
_ORDERS = (3, 8)
_SPARE_ROWS = 10


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
    need = max(target.fit.order, target.level_fit.order)
    return next((order for order in _ORDERS if order >= need), _ORDERS[-1])


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
    Calendar, trend and controls are taken out of both sides (Frisch–Waugh–Lovell), rows weighed by
    the local scale of the target's surprises as in the tests. An autoregressive filter maps
    constant, trend and seasonal terms into their own span, so this integrates them out with a flat
    prior, up to the first rows.

    Where only one side was differenced the target is taken in levels, as in its test, beside noise
    that may have a root near one: differences of a target beside the level of a metric would turn
    any response into a contrast, which a delay of one sign can't be. A metric in levels may then
    move the target's level or its change; the second is its running sum on the level. The form
    whose delay explains more is taken.

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
    alike = target.differenced == metric.differenced
    own_fit = target.fit if alike else target.level_fit
    terms = own_fit.terms
    y = _without(terms, own_fit.series, own_fit.observed)
    known = np.flatnonzero(metric.fit.observed)
    calendar = np.arange(y.size)
    first = max(int(known[0]) + min(max_lag, y.size // 5), int(np.argmax(own_fit.observed)))
    rows = own_fit.observed & (calendar >= first + order)
    rows &= calendar <= known[-1] + max_lag
    # What stands before the first value is unknown, not zero: the noise filter must not see it.
    scale = _relative(local_scale(own_fit.innovations)[rows])
    basis = orthonormal(terms[rows] / scale) if rows.any() else np.zeros((0, 0))
    df = int(rows.sum()) - basis.shape[1]
    if df < 2 * order + _SPARE_ROWS:
        raise InsufficientDataError(
            f"'{name}' meets the target in too few rows for a lag model",
            got=f"{max(df, 0)} rows beside the calendar terms",
            need=f"{2 * order + _SPARE_ROWS}",
            do="Lower max_lag, or supply more history",
        )

    def laid_out(series: Floats, last: int) -> Floats:
        lags = np.nan_to_num(lagged_matrix(series, np.arange(last + 1)))[rows] / scale
        return np.asarray((lags - basis @ (basis.T @ lags)) * scale)

    target_unit, metric_unit = _surprise(target), _surprise(metric)
    made = [
        Design(
            y=laid_out(np.nan_to_num(y), order) / target_unit,
            x=laid_out(_form(form, terms), order + max_lag) / metric_unit,
            at=np.flatnonzero(rows).astype(np.int64),
            df=df,
            order=order,
            max_lag=max_lag,
            target_unit=target_unit,
            metric_unit=metric_unit,
            base=target.base,
            logged="log" in target.transform,
            typical_move=metric.in_units(metric_unit),
            same=None if same is None else laid_out(same, order) / metric_unit,
            scale=scale[:, 0],
        )
        for form, same in _forms(target, metric)
    ]
    return made[0] if len(made) == 1 else max(made, key=_height)


def _forms(target: Prepared, metric: Prepared) -> list[tuple[Floats, Floats | None]]:
    """The metric on each scale that could meet the target's; its partner of the same period."""
    series = metric.fit.series
    if target.differenced == metric.differenced:
        return [(series, None)]
    if metric.differenced:
        return [(series, None), (metric.level_fit.series, None)]
    # Beside the level of a sum every kernel would be a contrast: its surprise is the partner.
    surprises = np.cumsum(np.nan_to_num(metric.fit.innovations))
    return [(series, None), (metric.running_sum, surprises)]


def _height(made: Design) -> float:
    """Highest log posterior density of a form, near enough."""
    return searched(made, made.sums())[1]


def _relative(scale: Floats) -> Floats:
    """Scales of mean square 1, as a column."""
    return np.asarray(scale / np.sqrt(np.mean(scale**2)))[:, None]


def _form(x: Floats, terms: Floats) -> Floats:
    present = np.isfinite(x)
    return np.where(present, _without(terms, x, present), 0.0)


def _without(terms: Floats, x: Floats, rows: Bools) -> Floats:
    solution = np.linalg.lstsq(terms[rows], x[rows], rcond=None)[0]
    return np.asarray(x - terms @ solution)


def _surprise(side: Prepared) -> float:
    known = side.fit.innovations[np.isfinite(side.fit.innovations)]
    size = float(np.sqrt(np.mean(known**2))) if known.size else 0.0
    return size if size > 0 else 1.0
