"""How faithful an early value is: predictions of a later one, each from what was known by then."""

from dataclasses import dataclass

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray
from leadlag.core.paired import block_length, block_means

__all__ = ["Fidelity", "fidelity_of", "known_then"]

# A line through fewer points than this is no prediction.
_FEWEST_TRAINED = 12
_FEWEST_JUDGED = 10
_DRAWS = 999


@dataclass(frozen=True, eq=False)
class Fidelity:
    """Predictions of later values from early ones, out of sample.

    Attributes
    ----------
    r2 : float
        ``1 - MSE of the line / MSE of the mean``, both from rows known by then; NaN where too few.
    low, high : float
        Interval, block bootstrap.
    n : int
        Predictions made.
    loss, mean_loss : ndarray, shape (n_obs,)
        Weighted squared errors of the line and of the mean; NaN where none was made.
    """

    r2: float
    low: float
    high: float
    n: int
    loss: FloatArray
    mean_loss: FloatArray


def fidelity_of(
    later: FloatArray,
    early: FloatArray,
    *,
    gap: int,
    weight: FloatArray | None = None,
    rows: BoolArray | None = None,
    level: float = 0.90,
    seed: int = 0,
) -> Fidelity:
    """R² of a line from the early value to the later one, out of sample.

    Parameters
    ----------
    later, early : ndarray, shape (n_obs,)
        In order of time; NaN where missing.
    gap : int, periods
        A row's prediction learns from rows at least so much earlier: those whose later value was
        known when this row's early one was.
    weight : ndarray, shape (n_obs,), optional
        Such as the size of each cohort.
    rows : ndarray of bool, shape (n_obs,), optional
        Rows that are judged; by default all whose prediction could be made.
    level : float
        Of the interval.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Fidelity

    Notes
    -----
    At least 12 rows are learnt from, and a third of those that are known at all.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> early = rng.standard_normal(2000)
    >>> result = fidelity_of(early + rng.standard_normal(2000), early, gap=10)
    >>> round(result.r2, 1)
    0.5
    """
    count = np.ones(later.size) if weight is None else weight
    line, mean = known_then(later, early, gap=gap, weight=count)
    judged = np.isfinite(line) if rows is None else np.isfinite(line) & rows
    loss = np.where(judged, count * (later - line) ** 2, np.nan)
    mean_loss = np.where(judged, count * (later - mean) ** 2, np.nan)
    n = int(judged.sum())
    if n < _FEWEST_JUDGED or not float(mean_loss[judged].sum()) > 0:
        nan = float("nan")
        return Fidelity(nan, nan, nan, n, loss, mean_loss)
    both = np.column_stack([loss[judged], mean_loss[judged]])
    r2 = 1 - float(both[:, 0].sum() / both[:, 1].sum())
    block = block_length(both[:, 1] - both[:, 0], longest=max(gap, 1))
    rng = np.random.default_rng(seed)
    drawn = block_means(both, block=max(block, round(n ** (1 / 3))), draws=_DRAWS, rng=rng)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(1 - drawn[:, 0] / drawn[:, 1], tails)
    return Fidelity(r2, min(float(low), r2), max(float(high), r2), n, loss, mean_loss)


def known_then(
    later: FloatArray, early: FloatArray, *, gap: int, weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Predict each later value from a line, and from a mean, through rows known by then.

    Parameters
    ----------
    later, early : ndarray, shape (n_obs,)
        NaN where missing.
    gap : int, periods
        As for `fidelity_of`.
    weight : ndarray, shape (n_obs,)
        At least 0.

    Returns
    -------
    line, mean : ndarray, shape (n_obs,)
        NaN where too few rows were known.

    Examples
    --------
    >>> x = np.arange(20.0)
    >>> line, mean = known_then(2 * x, x, gap=2, weight=np.ones(20))
    >>> float(line[-1]), float(mean[-1])
    (38.0, 17.0)
    """
    both = np.isfinite(later) & np.isfinite(early) & np.isfinite(weight)
    empty = np.full(later.size, np.nan)
    if int(both.sum()) < _FEWEST_TRAINED:
        return empty, empty
    # A constant taken off both sides moves no prediction, and spares digits.
    x0, y0 = float(early[both].mean()), float(later[both].mean())
    w = np.where(both, weight, 0.0)
    x, y = np.where(both, early - x0, 0.0), np.where(both, later - y0, 0.0)
    sums = np.cumsum(np.column_stack([both, w, w * x, w * y, w * x * x, w * x * y]), axis=0)
    then = np.full((later.size, 6), np.nan)
    gap = max(gap, 1)
    then[gap:] = sums[:-gap]
    count, total, sx, sy, sxx, sxy = then.T
    enough = count >= max(_FEWEST_TRAINED, int(both.sum()) // 3)
    total = np.where(enough & (total > 0), total, np.nan)
    centre, level = sx / total, sy / total
    spread = sxx - sx * centre
    tiny = ~(spread > 1e-12 * np.maximum(sxx, 1e-300))
    slope = np.where(tiny, 0.0, (sxy - sx * level) / np.where(tiny, 1.0, spread))
    line = y0 + level + slope * (np.where(both, x, np.nan) - centre)
    return line, np.where(np.isfinite(line), y0 + level, np.nan)
