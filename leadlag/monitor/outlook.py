"""The outlook: where today's leaders say the target will go, with its interval and its reason."""

from __future__ import annotations

from collections.abc import Sequence
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

__all__ = ["COLUMNS", "Made", "look_ahead", "outlook_table"]

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
    settings, curves, observed = state.settings, state.curves, state.observed
    origin = int(np.flatnonzero(np.isfinite(observed.target))[-1])
    asked: list[tuple[str, int]] = []
    for row in state.rows:
        if row["role"] in SHOWN_LEADING and not row.get("redundant_with"):
            values = observed.values[:, observed.metrics.index(row["metric"])]
            newest = int(np.flatnonzero(np.isfinite(values))[-1])
            # From the target's last period: what is known later, or sooner, moves the reach.
            reach = int(row["lag"]) + newest - origin
            if reach >= 1 and len(asked) < _MOST_LEADERS:
                asked.append((row["metric"], reach))
    names = tuple(name for name, _ in asked)
    longest = int(settings["max_lag"])
    horizons = max((reach for _, reach in asked), default=max(1, longest // _SHARE_ALONE))
    # The calendar of the periods to come is known so far, counted from the last row.
    horizons = min(horizons, len(observed.calendar) - origin - 1)
    level, difference = terms_ahead(origin + 1, observed.calendar)
    with one_blas_thread():
        forecast = direct_outlook(
            observed.target,
            observed.values[:, [observed.metrics.index(name) for name in names]],
            level,
            difference,
            horizons=horizons,
            max_lag=longest,
            season=observed.season,
        )
    freq = settings["freq"]
    last = curves.index[: origin + 1]
    dates = [moved(last, freq, int(h))[-1] for h in forecast.horizon]
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
