"""Whether the relation of a leader and the target weakened lately, and how it went over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from leadlag.core.break_watch import watch_break
from leadlag.core.lags import lagged, lagged_matrix
from leadlag.core.posterior import lag_posterior
from leadlag.errors import LeadLagError
from leadlag.monitor.state import State
from leadlag.wording.numbers import missing

__all__ = ["Weakening", "lag_chances", "rolling_lead", "weakening"]

Floats = npt.NDArray[np.float64]

# Own lags taken out of each side: what is left is news.
_OWN_LAGS = 5
# The newest rows, which are watched: a sixth, within these bounds.
_WATCHED_SHARE, _WATCHED_LEAST, _WATCHED_MOST = 6, 36, 60
_MOST_LAGS = 10
_FEWEST = 24


@dataclass(frozen=True)
class Weakening:
    """Whether a relation holds in the newest rows.

    Attributes
    ----------
    evidence : float
        How much likelier the newest rows are without the relation than with it, in nats; at least
        0.
    since : int or None
        Row from which on it probably no longer holds; None where nothing says so.
    strength : float
        Variance of what the leader says over the variance of what is left, before.
    """

    evidence: float
    since: int | None
    strength: float


def weakening(state: State, metric: str, window: Sequence[int]) -> Weakening | None:
    """Follow the relation of a leader and the target through the newest rows.

    Parameters
    ----------
    state : State
    metric : str
        A metric that was tested.
    window : (int, int)
        First and last lag at which it leads.

    Returns
    -------
    Weakening or None
        None where there are too few rows.

    Notes
    -----
    The prepared target is regressed on its own last values and the prepared leader's over the
    window (at most ten lags, one beyond it), without the newest sixth of the rows (36 to 60). Those
    are watched: `leadlag.core.break_watch`.
    """
    y = state.curves.target
    x = state.curves.prepared[:, state.curves.metrics.index(metric)]
    first = max(int(window[0]), 1)
    last = min(max(int(window[1]), first) + 1, first + _MOST_LAGS - 1)
    leader = lagged_matrix(x, np.arange(first, last + 1))
    past = lagged_matrix(y, np.arange(1, _OWN_LAGS + 1))
    whole = np.isfinite(leader).all(axis=1) & np.isfinite(past).all(axis=1) & np.isfinite(y)
    rows = np.flatnonzero(whole)
    watched = int(np.clip(rows.size // _WATCHED_SHARE, _WATCHED_LEAST, _WATCHED_MOST))
    if rows.size - watched < 2 * _FEWEST:
        return None
    own = np.column_stack([np.ones(rows.size), past[rows]])
    seen = np.arange(rows.size) >= rows.size - watched
    made = watch_break(leader[rows], own, y[rows], seen)
    since = int(rows[rows.size - watched + made.began]) if made.evidence > 0 else None
    return Weakening(evidence=made.evidence, since=since, strength=made.strength)


def rolling_lead(state: State, row: Mapping[str, Any], *, windows: int = 12) -> list[Any]:
    """Correlation of a leader's news with the target's, stretch by stretch.

    Parameters
    ----------
    state : State
    row : mapping
        A row of the table with a lag.
    windows : int
        How many stretches, each twice as long as the step from one to the next.

    Returns
    -------
    list of dict
        "at" (position of the last row) and "correlation"; empty where it can't be told.
    """
    news = _news(state, row)
    if news is None:
        return []
    leader, target = news
    both = np.flatnonzero(np.isfinite(leader) & np.isfinite(target))
    step = both.size // (windows + 1)
    if step < _FEWEST // 2:
        return []
    ends = range(2 * step, both.size + 1, step)
    return [
        {
            "at": int(both[end - 1]),
            "correlation": _correlation(
                leader[both[end - 2 * step : end]], target[both[end - 2 * step : end]]
            ),
        }
        for end in ends
    ]


def lag_chances(state: State, metric: str) -> list[dict[str, float]]:
    """Probability of each lag, given that the metric leads, on the prepared series.

    Parameters
    ----------
    state : State
    metric : str
        A metric that was tested.

    Returns
    -------
    list of dict
        "lag" and "probability"; empty where the series are too short.
    """
    prepared = state.curves.prepared[:, state.curves.metrics.index(metric)]
    try:
        made = lag_posterior(
            prepared[:, None], state.curves.target, max_lag=int(state.settings["max_lag"])
        )
    except LeadLagError:
        return []
    if not np.isfinite(made.probability[0]).all():
        return []
    return [
        {"lag": int(k), "probability": float(p)}
        for k, p in zip(made.lags, made.probability[0], strict=True)
    ]


def _news(state: State, row: Mapping[str, Any]) -> tuple[Floats, Floats] | None:
    if missing(row["lag"]) or row["lag"] < 1:
        return None
    x = _residual(state.curves.prepared[:, state.curves.metrics.index(row["metric"])])
    y = _residual(state.curves.target)
    if x is None or y is None:
        return None
    return lagged(x, int(row["lag"])), y


def _residual(series: Floats) -> Floats | None:
    past = lagged_matrix(series, np.arange(1, _OWN_LAGS + 1))
    rows = np.isfinite(past).all(axis=1) & np.isfinite(series)
    if rows.sum() < 3 * _FEWEST:
        return None
    design = np.column_stack([np.ones(series.size), np.nan_to_num(past)])
    slopes, *_ = np.linalg.lstsq(design[rows], series[rows], rcond=None)
    return np.where(rows, series - design @ slopes, np.nan)


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip(a @ b / size, -0.999, 0.999)) if size > 0 else 0.0
