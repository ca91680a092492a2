"""How much of the target no listed metric predicts: the sign that the lever is not among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadlag.core.arrays import unit_size
from leadlag.core.roles import SHOWN_LEADING

if TYPE_CHECKING:
    from leadlag.core.arrays import FloatArray
    from leadlag.evidence import Evidence

__all__ = ["unpredicted_share"]

_OWN_LAGS = 6
_MOST_LEADERS = 10


def unpredicted_share(evidence: Evidence) -> float | None:
    """Share of the target's surprises that the leaders together leave unpredicted.

    Parameters
    ----------
    evidence : Evidence
        What was found.

    Returns
    -------
    float or None
        Between 0 and 1; 1 where nothing leads, None where too few rows are complete.

    Notes
    -----
    In the sample, on the tested scales, calendar and trend taken out: the error variance of the
    target given its own last six values and the leaders with something of their own, each at its
    lag and one period either side, over that given its own past alone. Both are divided by their
    degrees of freedom, so that many leaders don't look better for being many.

    Examples
    --------
    >>> import leadlag
    >>> ranking = leadlag.rank(leadlag.datasets.box_jenkins(), target="sales", max_lag=6)
    >>> 0 < ranking.settings["unpredicted"] < 0.5
    True
    """
    leaders = [
        j
        for j in np.argsort(evidence.rank)
        if evidence.role[j] in SHOWN_LEADING and not evidence.redundant_with[j]
    ][:_MOST_LEADERS]
    if not leaders:
        return 1.0
    y = evidence.prepared_target
    lags = min(_OWN_LAGS, max(len(y) // 20, 1))
    own = [_back(y, k) for k in range(1, lags + 1)]
    theirs = [
        _back(evidence.prepared[:, j], k)
        for j in leaders
        for k in range(max(int(evidence.lag[j]) - 1, 1), int(evidence.lag[j]) + 2)
    ]
    columns = np.column_stack([*own, *theirs])
    rows = np.isfinite(y) & np.isfinite(columns).all(axis=1)
    if rows.sum() < columns.shape[1] + 20:
        return None
    outcome, terms = unit_size(y[rows]), unit_size(columns[rows].T).T
    alone, together = _error(outcome, terms[:, :lags]), _error(outcome, terms)
    return float(np.clip(together / alone, 0.0, 1.0)) if alone > 0 else None


def _back(values: FloatArray, k: int) -> FloatArray:
    out = np.full(len(values), np.nan)
    out[k:] = values[:-k]
    return out


def _error(y: FloatArray, X: FloatArray) -> float:
    terms = np.column_stack([np.ones(len(y)), X])
    left = y - terms @ np.linalg.lstsq(terms, y, rcond=None)[0]
    return float(left @ left / max(len(y) - terms.shape[1], 1))
