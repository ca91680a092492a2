"""How often a metric has moved as far as a plan would need it to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leadlag.core.arrays import FloatArray

__all__ = ["Movability", "movability"]

_LEAST_MOVES = 20


@dataclass(frozen=True)
class Movability:
    """Past moves of a metric beside one that is needed.

    Parameters
    ----------
    needed : float
        The move, in the metric's units; its sign is its direction.
    share : float
        Of past moves over as many periods: those in its direction and at least as large.
    periods : int
        Over which moves are counted.
    n_obs : int
        Past moves, overlapping.
    """

    needed: float
    share: float
    periods: int
    n_obs: int


def movability(values: FloatArray, needed: float, *, over: int) -> Movability | None:
    """Count how often history moved a metric so far.

    Parameters
    ----------
    values : ndarray, shape (n,)
        The metric; NaN where missing.
    needed : float
        The move in question.
    over : int, periods
        The time that it may take.

    Returns
    -------
    Movability or None
        None where fewer than 20 moves are known.

    Notes
    -----
    Moves overlap, so their number is no number of independent ones: the share is a description of
    the past, not a probability.

    Examples
    --------
    >>> movability(np.arange(30.0), 2.0, over=3).share
    1.0
    >>> movability(np.arange(30.0), -1.0, over=3).share
    0.0
    """
    moves = values[over:] - values[:-over]
    moves = moves[np.isfinite(moves)]
    if moves.size < _LEAST_MOVES:
        return None
    share = np.mean(moves * np.sign(needed) >= abs(needed))
    return Movability(float(needed), float(share), over, int(moves.size))
