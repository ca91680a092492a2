"""What a ranking saw: raw values, the calendar with the periods to come, what was declared.

Kept and saved with the ranking, so that an outlook can be made from it and two rankings can be told
apart by their data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from leadlag.data.panel import Panel

__all__ = ["Observed"]

Floats = NDArray[np.float64]

# Enough to hold a count of ten digits apart from the next.
_FIGURES = 10
_DECIMALS = 6


@dataclass(frozen=True, eq=False)
class Observed:
    """The data behind a ranking.

    Attributes
    ----------
    metrics : tuple of str
        Names, in the order of the columns below.
    target : ndarray, shape (n,)
        Raw values, to ten figures; NaN where missing.
    values : ndarray, shape (n, n_metrics)
        The metrics likewise.
    calendar : ndarray, shape (n + n_ahead, n_terms)
        Calendar terms of the rows and of the periods to come.
    season : int
        Length of the main season in rows, or 0.
    labels : tuple of str
        Names of the first and of the last row's period.
    ends : bool
        Whether weeks are named by their last day.
    declared : dict
        Column to what the catalogue declares about it, as plain values.
    """

    metrics: tuple[str, ...]
    target: Floats
    values: Floats
    calendar: Floats
    season: int
    labels: tuple[str, ...]
    ends: bool
    declared: dict[str, dict[str, Any]]

    @classmethod
    def from_panel(cls, panel: Panel) -> Observed:
        """Take from the panel what is kept."""
        n = len(panel.y)
        ahead = panel.calendar_ahead
        return cls(
            metrics=tuple(panel.metrics),
            target=_rounded(panel.y),
            values=_rounded(panel.X),
            calendar=np.empty((n + panel.max_lag, 0)) if ahead is None else ahead.round(_DECIMALS),
            season=panel.season,
            labels=(panel.period_label(0), panel.period_label(n - 1)),
            ends=panel.grid is not None and panel.grid.ends,
            declared={name: metric.to_dict() for name, metric in panel.metrics_info.items()},
        )

    def to_dict(self) -> dict[str, Any]:
        """Write it as plain values; a missing number is None."""
        return {
            "metrics": list(self.metrics),
            "target": _to_lists(self.target),
            "values": _to_lists(self.values.T),
            "calendar": _to_lists(self.calendar.T),
            "ahead": len(self.calendar) - len(self.target),
            "season": self.season,
            "labels": list(self.labels),
            "ends": self.ends,
            "declared": self.declared,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Observed:
        """Read what `to_dict` wrote."""
        metrics = tuple(values["metrics"])
        target = np.array(values["target"], dtype=np.float64)
        terms = np.array(values["calendar"], dtype=np.float64)
        rows = len(target) + int(values["ahead"])
        return cls(
            metrics=metrics,
            target=target,
            values=np.array(values["values"], dtype=np.float64).reshape(len(metrics), -1).T
            if metrics
            else np.empty((len(target), 0)),
            calendar=terms.T if terms.size else np.empty((rows, 0)),
            season=int(values["season"]),
            labels=tuple(values["labels"]),
            ends=bool(values["ends"]),
            declared={name: dict(entry) for name, entry in values["declared"].items()},
        )


def _rounded(values: Floats) -> Floats:
    """To so many figures, so that a file stays short; what is in memory is what is in the file."""
    size = np.abs(values)
    known = np.isfinite(size) & (size > 0)
    digits = np.zeros(values.shape, dtype=np.int64)
    digits[known] = _FIGURES - 1 - np.floor(np.log10(size[known])).astype(np.int64)
    # Beyond these powers ten can't be raised exactly: such values are kept as they are.
    plain = known & (np.abs(digits) <= 22)
    up = 10.0 ** np.clip(digits, 0, 22)
    down = 10.0 ** np.clip(-digits, 0, 22)
    return np.where(plain, np.round(values * up / down) / up * down, values)


def _to_lists(values: Floats) -> list[Any]:
    out = values.astype(object)
    out[~np.isfinite(values)] = None
    return list(out.tolist())
