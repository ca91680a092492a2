"""How large the next experiment has to be, from the spread of true effects so far."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from leadlag.planning.effects import Effects

__all__ = ["mean_units", "next_size", "spread_of"]

Floats = npt.NDArray[np.float64]


def spread_of(found: Effects, name: str) -> tuple[float, float, float]:
    """Describe the effects on a metric so far.

    Parameters
    ----------
    found : Effects
    name : str

    Returns
    -------
    spread : float
        Standard deviation of true effects; 0 where noise explains all of it.
    error : float
        Average standard error.
    units : float
        Average units in an experiment; 1 where not told.
    """
    values, error = found.column(name)
    rows = np.isfinite(values)
    average = float(np.sqrt(np.mean(error[rows] ** 2))) if rows.any() else float("nan")
    variance = float(np.var(values[rows], ddof=1)) - average**2 if rows.sum() > 1 else 0.0
    return float(np.sqrt(max(variance, 0.0))), average, mean_units(found.units[rows])


def mean_units(units: Floats) -> float:
    """Average units of experiments; 1 where not told.

    Parameters
    ----------
    units : ndarray, shape (n_experiments,)

    Returns
    -------
    float
    """
    return float(np.nanmean(units)) if np.isfinite(units).any() else 1.0


def next_size(effect: float, error: float, units: float, power: float, alpha: float) -> float:
    """Size an experiment: errors fall with the root of it, (z_alpha + z_power) must be seen.

    Parameters
    ----------
    effect : float
        To be found.
    error, units : float
        Average standard error so far, and the units that gave it.
    power, alpha : float
        Two-sided.

    Returns
    -------
    float
        In units; NaN where there is no effect to find.

    Examples
    --------
    >>> round(next_size(0.1, 0.05, 1000, 0.8, 0.05))
    1962
    """
    if not effect > 0:
        return float("nan")
    wanted = effect / float(special.ndtri(1 - alpha / 2) + special.ndtri(power))
    return units * (error / wanted) ** 2
