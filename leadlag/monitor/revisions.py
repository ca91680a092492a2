"""Two states of the same data: what is new, what was revised, what is no longer the same thing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leadlag.monitor.state import State

__all__ = ["Revision", "revisions"]

Floats = npt.NDArray[np.float64]

# Values are kept to ten figures; below this they are the same.
_SAME = 1e-8
# More of the history than this, and by more than this share of its spread: it counts another thing.
_RESTATED = 0.5
_RESTATED_BY = 0.1


@dataclass(frozen=True)
class Revision:
    """What became of one column's values.

    Parameters
    ----------
    overlap : int
        Periods known in both states.
    revised : int
        Periods known before that have another value, or none any more. Periods before the first
        one that both states hold don't count: a window that moves on leaves them behind.
    gone : int
        Of these, how many have none any more.
    added : int
        Periods that are known only now.
    largest : float
        Largest revision, as a share of the earlier value's size.
    restated : bool
        Whether so much of the history changed, by so much, that it counts another thing.
    """

    overlap: int
    revised: int
    gone: int
    added: int
    largest: float
    restated: bool


def revisions(before: State, now: State) -> dict[str, Revision]:
    """Compare the target and every shared metric, period by period.

    Parameters
    ----------
    before, now : State

    Returns
    -------
    dict of str to Revision
        By column; the target under its name.
    """
    rows = {stamp: i for i, stamp in enumerate(before.curves.index.tolist())}
    places = [(rows[s], i) for i, s in enumerate(now.curves.index.tolist()) if s in rows]
    old = np.array([i for i, _ in places], dtype=np.int64)
    new = np.array([i for _, i in places], dtype=np.int64)
    made = {
        now.settings["target"]: _compared(before.observed.target, now.observed.target, old, new)
    }
    earlier = {name: j for j, name in enumerate(before.observed.metrics)}
    for j, name in enumerate(now.observed.metrics):
        if name in earlier:
            values = before.observed.values[:, earlier[name]], now.observed.values[:, j]
            made[name] = _compared(*values, old, new)
    return made


def _compared(
    before: Floats, now: Floats, old: npt.NDArray[np.int64], new: npt.NDArray[np.int64]
) -> Revision:
    a, b = before[old], now[new]
    known = np.isfinite(a)
    both = known & np.isfinite(b)
    size = np.maximum(np.abs(a), np.abs(b))
    moved = both & (np.abs(np.where(both, b - a, 0.0)) > _SAME * np.where(both, size, 1.0))
    # In rows that both have, and in rows that were taken back.
    gone = int(np.isfinite(before[old[0] :]).sum() - both.sum()) if old.size else 0
    change = np.abs(b - a)[moved]
    spread = float(np.std(a[both])) if both.any() else 0.0
    share = moved.sum() / max(int(both.sum()), 1)
    by = float(np.median(change)) / spread if change.size and spread > 0 else 0.0
    scale = np.maximum(np.abs(a), 1e-300)
    return Revision(
        overlap=int(both.sum()),
        revised=int(moved.sum()) + gone,
        gone=gone,
        added=int(np.isfinite(now).sum() - both.sum()),
        largest=float((np.abs(b - a) / scale)[moved].max()) if moved.any() else 0.0,
        restated=bool(share > _RESTATED and by > _RESTATED_BY),
    )
