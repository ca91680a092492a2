"""A threshold chosen on one sample and judged on another: how far it tells users apart."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from leadlag.core.arrays import FloatArray

__all__ = ["Association", "association"]


@dataclass(frozen=True, eq=False)
class Association:
    """Two-by-two tables, one a threshold.

    Attributes
    ----------
    phi : ndarray, shape (n_cells,)
        Correlation of reaching the threshold with coming back, over users; NaN where all or none
        reach it.
    low, high : ndarray, shape (n_cells,)
        Its interval.
    share : ndarray, shape (n_cells,)
        Users who reach it.
    kept_if, kept_else : ndarray, shape (n_cells,)
        Who comes back, among those who reach it and among the others.
    n : float
        Users.
    """

    phi: FloatArray
    low: FloatArray
    high: FloatArray
    share: FloatArray
    kept_if: FloatArray
    kept_else: FloatArray
    n: float


def association(
    users: float, kept: float, did: FloatArray, did_kept: FloatArray, *, level: float = 0.90
) -> Association:
    """Measure how far each threshold tells who comes back from who does not.

    Parameters
    ----------
    users, kept : float
        Users, and those who came back.
    did, did_kept : ndarray, shape (n_cells,)
        Users who reached each threshold, and those of them who came back.
    level : float
        Of the interval, by Fisher's transformation.

    Returns
    -------
    Association

    References
    ----------
    Yule, G. U. (1912). On the methods of measuring association between two attributes. *JRSS* 75,
    579–652. Fisher, R. A. (1915). Frequency distribution of the values of the correlation
    coefficient. *Biometrika* 10, 507–521.

    Examples
    --------
    >>> found = association(100.0, 40.0, np.array([50.0]), np.array([35.0]))
    >>> float(found.phi[0].round(3)), float(found.kept_if[0]), float(found.kept_else[0])
    (0.612, 0.7, 0.1)
    """
    n = max(users, 1.0)
    p, q = did / n, kept / n
    spread = p * (1 - p) * q * (1 - q)
    safe = np.where(spread > 0, spread, 1.0)
    phi = np.where(spread > 0, (did_kept / n - p * q) / np.sqrt(safe), np.nan)
    z = float(special.ndtri((1 + level) / 2)) / np.sqrt(max(users - 3.0, 1.0))
    middle = np.arctanh(np.clip(phi, -1 + 1e-12, 1 - 1e-12))
    others = np.where(users > did, users - did, np.nan)
    return Association(
        phi=phi,
        low=np.tanh(middle - z),
        high=np.tanh(middle + z),
        share=p,
        kept_if=did_kept / np.where(did > 0, did, np.nan),
        kept_else=(kept - did_kept) / others,
        n=users,
    )
