"""Fixed terms of forecasts: those of every test, with the periods to come."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["terms_ahead"]

Floats = npt.NDArray[np.float64]

_PERIODS_PER_COSINE = 40
_MOST_COSINES = 4


def terms_ahead(n: int, calendar: Floats) -> tuple[Floats, Floats]:
    """Fixed regressors of n rows and of those that the calendar has beyond them.

    Parameters
    ----------
    n : int
        Rows of the data.
    calendar : ndarray, shape (n + n_ahead, n_terms)

    Returns
    -------
    level : ndarray, shape (n + n_ahead, 2 + n_terms)
        Constant, trend and calendar.
    difference : ndarray, shape (n + n_ahead, 1 + n_slow + n_terms)
        Constant, slow cosines held at their last value, and the calendar's differences.

    Notes
    -----
    As in the tests, but for a season that changes slowly: what is learnt once in a while is
    uncertain where it must be extended.

    Examples
    --------
    >>> level, difference = terms_ahead(50, np.zeros((55, 0)))
    >>> level.shape, difference.shape
    ((55, 2), (55, 2))
    """
    rows = len(calendar)
    time = (np.arange(rows) - (n - 1) / 2) / n
    cosines = int(np.clip(n // _PERIODS_PER_COSINE, 0, _MOST_COSINES))
    at = np.minimum(np.arange(rows), n - 1)
    slow = [np.cos(np.pi * j * (at + 0.5) / n) for j in range(1, cosines + 1)]
    change = np.diff(calendar, axis=0, prepend=calendar[:1])
    return (
        np.column_stack([np.ones(rows), time, calendar]),
        np.column_stack([np.ones(rows), *slow, change]),
    )
