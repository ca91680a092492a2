"""How far a series moved in the past, over stretches of about a quarter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leadlag.core.arrays import unit_size
from leadlag.core.glitches import outage_zeros
from leadlag.core.transforms import log_offset

__all__ = ["PastMoves", "past_moves", "stretch"]

Floats = npt.NDArray[np.float64]

# A stretch is a quarter, where the periods are shorter; of hourly data a week.
_STRETCH = {"h": 168, "D": 91, "B": 65, "W": 13, "M": 3, "Q": 1, "Y": 1, "period": 10}
_ROWS_A_YEAR = {"h": 8766, "D": 365, "B": 261, "W": 52, "M": 12, "Q": 4, "Y": 1}
# Fewer stretches say little about what is usual.
_STRETCHES = 6


@dataclass(frozen=True, eq=False)
class PastMoves:
    """Moves of one series.

    Attributes
    ----------
    moves : ndarray, shape (n_moves,)
        Mean of each stretch less the mean of the one before it, at every possible start, sorted;
        of a series tested as a logarithm the relative move, at last year's level.
    level : float
        Lately: the mean of the last stretch; of a series tested as a logarithm the median of the
        last year, at which effects are stated.
    base : float
        What a change of 1 on the tested scale is worth in units; 1 unless tested as a logarithm.
    stretch : int, periods
    """

    moves: Floats
    level: float
    base: float
    stretch: int

    @property
    def n_stretches(self) -> int:
        """Stretches that don't overlap: how many moves there really were."""
        return max(0, len(self.moves) // self.stretch)

    def reached(self, move: float) -> float:
        """Share of past moves at least as far, in the same direction.

        Parameters
        ----------
        move : float

        Returns
        -------
        float
            NaN where there are no past moves.
        """
        if not self.moves.size:
            return float("nan")
        far = self.moves >= move if move >= 0 else self.moves <= move
        return float(np.mean(far))

    def larger_than(self, move: float) -> float:
        """Share of past moves, in either direction, that were smaller.

        Parameters
        ----------
        move : float

        Returns
        -------
        float
            NaN where there are no past moves.
        """
        return float(np.mean(np.abs(self.moves) < abs(move))) if self.moves.size else float("nan")


def stretch(freq: str, n: int) -> int:
    """Length of the stretches that are compared.

    Parameters
    ----------
    freq : str
        "h", "D", "B", "W", "M", "Q", "Y" or "period".
    n : int, periods
        Of history.

    Returns
    -------
    int, periods
        A quarter (a week of hourly data), shorter where history would hold fewer than six.

    Examples
    --------
    >>> stretch("W", 200), stretch("D", 200), stretch("Q", 40)
    (13, 33, 1)
    """
    return max(1, min(_STRETCH[freq], n // _STRETCHES))


def past_moves(values: Floats, transform: str, freq: str) -> PastMoves:
    """Measure the past moves of one series.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Raw values; NaN where missing. Zeros of an outage are left out.
    transform : str
        Scale on which it was tested, as in `Ranking.table`.
    freq : str

    Returns
    -------
    PastMoves

    Examples
    --------
    >>> made = past_moves(np.arange(24.0), "level", "M")
    >>> made.stretch, made.level, float(made.moves.min()), made.reached(3.0), made.larger_than(3.5)
    (3, 22.0, 3.0, 1.0, 1.0)
    """
    values = np.where(outage_zeros(unit_size(values)), np.nan, values)
    known = np.isfinite(values)
    width = stretch(freq, int(known.sum()))
    base, scaled = 1.0, values
    if "log" in transform:
        offset = log_offset(values)
        base = float(np.median(values[known][-_ROWS_A_YEAR.get(freq, known.sum()) :])) + offset
        scaled = np.log(values + offset)
    means = _means(scaled, width)
    moves = means[width:] - means[:-width]
    moves = moves[np.isfinite(moves)]
    if "log" in transform:
        return PastMoves(np.sort(base * np.expm1(moves)), base - offset, base, width)
    return PastMoves(np.sort(moves), float(values[known][-width:].mean()), base, width)


def _means(values: Floats, width: int) -> Floats:
    """Mean of every stretch of `width`; NaN where less than half of it is known."""
    known = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    inside = count[width:] - count[:-width]
    sums = total[width:] - total[:-width]
    return np.where(2 * inside >= width, sums / np.maximum(inside, 1), np.nan)
