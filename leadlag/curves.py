"""What the figures of a ranking are drawn from: lag profiles with their bands, prepared series.

The numbers are for the eye and are kept short, at four decimals, so that a saved ranking stays
small and draws the same picture; every number that a person reads is in `Ranking.table`, at full
precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadlag.core.arrays import unit_size

if TYPE_CHECKING:
    from leadlag.data.panel import Panel
    from leadlag.evidence import Evidence

Floats = NDArray[np.float64]
Index: TypeAlias = "pd.Index[Any]"


@dataclass(frozen=True, eq=False)
class Curves:
    """Series and lag profiles of one ranking, by metric.

    Attributes
    ----------
    metrics : tuple of str
        Names, in the order of the columns below.
    index : pandas.Index
        Start of each period, or its number; n periods.
    lags : ndarray of int, shape (2L+1,)
        -L..L, in periods.
    profile, band : ndarray, shape (n_metrics, 2L+1)
        Correlation of the prepared series at each lag, and the half-width of its 95 % band.
    target : ndarray, shape (n,)
        The target on its tested scale, fixed terms taken out, standardised; NaN where missing. What
        was tested in differences is added up again: the eye reads levels.
    prepared : ndarray, shape (n, n_metrics)
        The metrics likewise.
    """

    metrics: tuple[str, ...]
    index: Index
    lags: NDArray[np.int64]
    profile: Floats
    band: Floats
    target: Floats
    prepared: Floats

    @classmethod
    def from_evidence(cls, panel: Panel, evidence: Evidence) -> Curves:
        """Take from the evidence what figures need."""
        return cls(
            metrics=tuple(evidence.metrics),
            index=panel.index,
            lags=np.asarray(evidence.lags, dtype=np.int64),
            profile=np.round(evidence.profile, 4),
            band=np.round(evidence.band, 4),
            target=_drawn(evidence.prepared_target, evidence.target_transform),
            prepared=_columns(
                [
                    _drawn(series, transform)
                    for series, transform in zip(
                        evidence.prepared.T, evidence.transform, strict=True
                    )
                ],
                len(evidence.prepared_target),
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """Write the curves as plain values; a missing number is None."""
        return {
            "metrics": list(self.metrics),
            "index": stamps_text(self.index),
            "lags": self.lags.tolist(),
            "profile": _to_lists(self.profile),
            "band": _to_lists(self.band),
            "target": _to_lists(self.target),
            # By metric: a file then shows one series a list.
            "prepared": _to_lists(self.prepared.T),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Curves:
        """Read what `to_dict` wrote."""
        metrics = tuple(values["metrics"])
        lags = np.array(values["lags"], dtype=np.int64)
        index = _index_from_list(values["index"])
        shape = (len(metrics), len(lags))
        return cls(
            metrics=metrics,
            index=index,
            lags=lags,
            profile=_from_lists(values["profile"]).reshape(shape),
            band=_from_lists(values["band"]).reshape(shape),
            target=_from_lists(values["target"]),
            prepared=_from_lists(values["prepared"]).reshape(len(metrics), len(index)).T,
        )


def moved(index: Index, freq: str, count: int) -> Index:
    """Move the periods of a panel by a number of calendar periods.

    Parameters
    ----------
    index : pandas.DatetimeIndex or pandas.Index of int, shape (n,)
        Starts of periods, or their numbers.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".
    count : int
        Periods; negative is earlier.

    Returns
    -------
    pandas.Index, shape (n,)

    Examples
    --------
    >>> import pandas as pd
    >>> str(moved(pd.DatetimeIndex(["2024-12-01"]), "Q", 1)[0].date())
    '2025-03-01'
    """
    values = index.to_numpy()
    if not isinstance(index, pd.DatetimeIndex):
        # Plain periods may be numbered in steps: 0, 5, 10.
        step = int(values[1] - values[0]) if len(values) > 1 else 1
        return pd.Index(np.asarray(values + step * count, dtype=np.int64))
    if freq == "B":
        return pd.DatetimeIndex(np.busday_offset(values.astype("M8[D]"), count, roll="backward"))
    if freq in _MONTHS:
        # Months have no fixed length, but all of them start on a first.
        months = values.astype("M8[M]") + np.timedelta64(_MONTHS[freq] * count, "M")
        return pd.DatetimeIndex(months.astype("M8[s]"))
    return pd.DatetimeIndex(values + np.timedelta64(_HOURS[freq] * count, "h"))


_MONTHS = {"M": 1, "Q": 3, "Y": 12}
_HOURS = {"h": 1, "D": 24, "W": 168}


def _drawn(series: Floats, transform: str) -> Floats:
    """A level, centred and scaled over what is known; a constant one stays at zero."""
    known = np.isfinite(series)
    if "difference" in transform:
        # Across a gap the level goes on where it stopped; the gap itself stays open.
        series = np.where(known, np.cumsum(np.where(known, series, 0.0)), np.nan)
    if not known.any():
        return series
    series = unit_size(series)
    centred = series - series[known].mean()
    spread = float(np.sqrt((centred[known] ** 2).mean()))
    return np.asarray(np.round(centred / (spread if spread > 0 else 1.0), 4))


def _columns(series: list[Floats], n: int) -> Floats:
    return np.column_stack(series) if series else np.empty((n, 0))


def _to_lists(values: Floats) -> list[Any]:
    out = values.astype(object)
    out[~np.isfinite(values)] = None
    return list(out.tolist())


def _from_lists(values: list[Any]) -> Floats:
    # None becomes NaN; a ragged list is an error of the file, raised by NumPy as ValueError.
    return np.array(values, dtype=np.float64)


def stamps_text(index: Index) -> list[Any]:
    """Write period starts as ISO text, dates where all are whole days; integers stay integers.

    Parameters
    ----------
    index : pandas.DatetimeIndex or an index of integers
        Starts of periods.

    Returns
    -------
    list of str or int

    Examples
    --------
    >>> import pandas as pd
    >>> stamps_text(pd.DatetimeIndex(["2024-12-01"])), stamps_text(pd.RangeIndex(2))
    (['2024-12-01'], [0, 1])
    """
    if not isinstance(index, pd.DatetimeIndex):
        return [int(i) for i in index]
    stamps = index.to_numpy()
    whole_days = bool((stamps == stamps.astype("M8[D]")).all())
    return [str(stamp) for stamp in np.datetime_as_string(stamps, "D" if whole_days else "s")]


def _index_from_list(values: list[Any]) -> Index:
    if values and isinstance(values[0], str):
        return pd.DatetimeIndex(np.array(values, dtype="M8[s]"))
    return pd.Index(np.array(values, dtype=np.int64))
