"""Whether a leader still says what it did: a CUSUM of the forecast errors with it and without."""

from dataclasses import dataclass

import numpy as np

from leadlag.core.arrays import BoolArray, FloatArray, freeze

__all__ = ["BreakWatch", "watch_break"]

# What is weighed against the relation as it was: so much of it is left. Without a rest a relation
# that fell by half would look like neither; with one half, an end is seen later (200 simulated
# companies: 81 instead of 91 % within 35 rows, at the same rate of false alerts).
_LEFT = 0.25
# An error counts for at most so many standard deviations: one outlier ends no relation.
_MOST = 3.0


@dataclass(frozen=True, eq=False)
class BreakWatch:
    """The evidence that a relation ended, row by row.

    Attributes
    ----------
    path : ndarray, shape (n_watched,)
        Page's statistic after each watched row, in nats: how much likelier the rows since it was
        last zero are without the relation than with it.
    began : int
        The watched row after which it has not been zero: where the relation probably ended. Equal
        to n_watched where it is zero now.
    strength : float
        Variance of what the leader says over the variance of what is left, before the watched rows.
    """

    path: FloatArray
    began: int
    strength: float

    @property
    def evidence(self) -> float:
        """After the last row, in nats."""
        return float(self.path[-1])


def watch_break(
    leader: FloatArray, own: FloatArray, y: FloatArray, watched: BoolArray
) -> BreakWatch:
    """Follow a relation through rows that it was not fitted on.

    Parameters
    ----------
    leader : ndarray, shape (n_obs, n_lags)
        The leader at its lags.
    own : ndarray, shape (n_obs, n_own)
        Constant and the target's own past.
    y : ndarray, shape (n_obs,)
        Target. Rows are complete and in order of time.
    watched : ndarray of bool, shape (n_obs,)
        Rows that are followed; the others are fitted, and are more than there are columns.

    Returns
    -------
    BreakWatch

    Notes
    -----
    With the fitted part of the leader p[t] and the errors e[t], each watched row adds
    ``(e² - (e + 3/4 p)²) / (2 s²)``, the log-likelihood ratio of a relation of which a quarter is
    left to the one that was fitted, with errors beyond 3 s cut; the sum starts again wherever it
    falls below zero. s² is the larger of the errors' variance in the fitted rows and, with level
    and size of the leader's part fitted anew, in the watched ones. Where the relation holds, the
    sum drifts down by ``9/32 strength`` a row; where it ended, up by ``15/32 strength``.

    References
    ----------
    Page, E. S. (1954). Continuous inspection schemes. *Biometrika* 41, 100–115.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, e = rng.standard_normal((2, 300))
    >>> own, watched = np.ones((300, 1)), np.arange(300) >= 250
    >>> steady = watch_break(x[:, None], own, x + e, watched)
    >>> ended = watch_break(x[:, None], own, np.where(watched, 0, x) + e, watched)
    >>> round(steady.evidence, 1), round(ended.evidence, 1), ended.began
    (0.0, 13.6, 5)
    """
    fitted = ~watched
    design = np.hstack([own, leader])
    slopes, *_ = np.linalg.lstsq(design[fitted], y[fitted], rcond=None)
    part = leader @ slopes[own.shape[1] :]
    error = y - design @ slopes
    free = max(int(fitted.sum()) - design.shape[1], 1)
    before = float(error[fitted] @ error[fitted]) / free
    variance = max(before, _spread_now(error[watched], part[watched]), 1e-300)
    with_it = _cut(error[watched], variance)
    without = _cut(error[watched] + (1 - _LEFT) * part[watched], variance)
    path = np.empty(int(watched.sum()))
    total, began = 0.0, 0
    for row, gain in enumerate((with_it**2 - without**2) / 2):
        total = max(0.0, total + float(gain))
        path[row] = total
        if total == 0.0:
            began = row + 1
    centred = part[fitted] - part[fitted].mean()
    strength = float(np.mean(centred**2)) / max(before, 1e-300)
    return BreakWatch(path=freeze(path), began=began, strength=strength)


def _spread_now(error: FloatArray, part: FloatArray) -> float:
    """Variance of the errors in the watched rows, whatever became of the relation."""
    terms = np.column_stack([np.ones(error.size), part])
    slopes, *_ = np.linalg.lstsq(terms, error, rcond=None)
    left = error - terms @ slopes
    return float(left @ left) / max(error.size - 2, 1)


def _cut(error: FloatArray, variance: float) -> FloatArray:
    return np.asarray(np.clip(error / np.sqrt(variance), -_MOST, _MOST))
