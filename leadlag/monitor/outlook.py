"""The outlook: where today's leaders say the target will go, with its interval and its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.core.outlook import Outlook as Forecast
from leadlag.core.outlook import direct_outlook
from leadlag.core.roles import SHOWN_LEADING
from leadlag.core.threads import one_blas_thread
from leadlag.curves import moved
from leadlag.monitor.state import State
from leadlag.monitor.terms import terms_ahead
from leadlag.wording.amounts import signed_cell
from leadlag.wording.words import listed

__all__ = ["COLUMNS", "Made", "look_ahead", "look_back", "outlook_table", "reason"]

Floats = npt.NDArray[np.float64]

COLUMNS = ("date", "expected", "low", "high", "because")
# More leaders than this say little that the first don't.
_MOST_LEADERS = 5
# Without a leader: a third of the lags that were searched.
_SHARE_ALONE = 3
# Leaders named in a reason.
_NAMED = 3


@dataclass(frozen=True, eq=False)
class Made:
    """The outlook in numbers.

    Attributes
    ----------
    leaders : tuple of str
        Leaders that were asked, best first.
    dates : pandas.Index
        Start of each period to come, or its number.
    forecast : leadlag.core.outlook.Outlook
        The numbers, one a horizon.
    past : pandas.Index
        Periods that were forecast from what was known before, at the longest horizon.
    """

    leaders: tuple[str, ...]
    dates: pd.Index[Any]
    forecast: Forecast
    past: pd.Index[Any]


def look_ahead(state: State) -> Made:
    """Forecast the target as far as its leaders are known ahead of it.

    Parameters
    ----------
    state : State
        The ranking.

    Returns
    -------
    Made
    """
    asked: list[tuple[str, int]] = []
    for row in state.rows:
        if row["role"] in SHOWN_LEADING and not row.get("redundant_with"):
            reach = _reach(state, row)
            if reach >= 1 and len(asked) < _MOST_LEADERS:
                asked.append((row["metric"], reach))
    names = tuple(name for name, _ in asked)
    longest = int(state.settings["max_lag"])
    horizons = max((reach for _, reach in asked), default=max(1, longest // _SHARE_ALONE))
    return _made(state, names, _known_ahead(state, horizons))


def look_back(state: State, metric: str) -> Made | None:
    """Forecast the past of the target with one leader alone, as far ahead as its lead is usable.

    Parameters
    ----------
    state : State
        The ranking.
    metric : str
        A leader.

    Returns
    -------
    Made or None
        Of one horizon; None where the leader is known too late for any.
    """
    reach = _known_ahead(state, _reach(state, state.by_name[metric]))
    return _made(state, (metric,), reach, first=reach) if reach >= 1 else None


def _origin(state: State) -> int:
    return int(np.flatnonzero(np.isfinite(state.observed.target))[-1])


def _reach(state: State, row: Mapping[str, Any]) -> int:
    """How far past the target's last period a leader tells: what is known later reaches further."""
    values = state.observed.values[:, state.observed.metrics.index(row["metric"])]
    newest = int(np.flatnonzero(np.isfinite(values))[-1])
    return int(row["lag"]) + newest - _origin(state)


def _known_ahead(state: State, horizons: int) -> int:
    """The calendar of the periods to come is known so far, counted from the last row."""
    return min(horizons, len(state.observed.calendar) - _origin(state) - 1)


def _made(state: State, names: tuple[str, ...], horizons: int, *, first: int = 1) -> Made:
    settings, curves, observed = state.settings, state.curves, state.observed
    origin = _origin(state)
    level, difference = terms_ahead(origin + 1, observed.calendar)
    with one_blas_thread():
        forecast = direct_outlook(
            observed.target,
            observed.values[:, [observed.metrics.index(name) for name in names]],
            level,
            difference,
            horizons=horizons,
            max_lag=int(settings["max_lag"]),
            season=observed.season,
            first=first,
        )
    last = curves.index[: origin + 1]
    dates = [moved(last, settings["freq"], int(h))[-1] for h in forecast.horizon]
    made: pd.Index[Any] = (
        pd.DatetimeIndex(dates).as_unit("us")
        if isinstance(last, pd.DatetimeIndex)
        else pd.Index(dates)
    )
    inside = forecast.past_date[forecast.past_date < len(curves.index)]
    return Made(leaders=names, dates=made, forecast=forecast, past=curves.index[inside])


def outlook_table(made: Made, state: State) -> pd.DataFrame:
    """Write an outlook as a table, one row a period to come.

    Parameters
    ----------
    made : Made
        The numbers.
    state : State
        The ranking.

    Returns
    -------
    pandas.DataFrame
        "date", "expected", "low", "high", "because".
    """
    forecast = made.forecast
    because = [
        reason(made.leaders, forecast.added[i], state.settings["target"])
        for i in range(len(forecast.horizon))
    ]
    # Whoever dates a week by its last day finds it under that day.
    dates = made.dates
    if state.observed.ends and isinstance(dates, pd.DatetimeIndex):
        dates = dates + pd.Timedelta(days=6)
    columns = (dates, forecast.expected, forecast.low, forecast.high, because)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def reason(leaders: Sequence[str], added: Floats, target: str) -> str:
    """Say in a sentence what an expectation rests on.

    Parameters
    ----------
    leaders : sequence of str
        Leaders that were asked.
    added : ndarray, shape (n_leaders,)
        What each moves the forecast by, in the target's units.
    target : str

    Returns
    -------
    str

    Examples
    --------
    >>> reason(["signups", "churn"], np.array([1200.0, -80.0]), "revenue")
    "signups +1,200 and churn −80, on top of revenue's own past and calendar"
    >>> reason([], np.empty(0), "revenue")
    "revenue's own past and calendar alone: no leader is known so far ahead"
    """
    order = sorted(np.flatnonzero(added).tolist(), key=lambda j: -abs(float(added[j])))
    if not order:
        none = "no leader is known so far ahead" if not leaders else "no leader adds to it so far"
        return f"{target}'s own past and calendar alone: {none}"
    parts = [f"{leaders[j]} {signed_cell(float(added[j]))}" for j in order[:_NAMED]]
    if len(order) > _NAMED:
        rest = float(sum(added[j] for j in order[_NAMED:]))
        parts.append(f"{len(order) - _NAMED} more {signed_cell(rest)}")
    return f"{listed(parts)}, on top of {target}'s own past and calendar"
