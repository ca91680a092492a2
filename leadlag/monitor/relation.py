"""Whether the relation of a leader and the target weakened lately, and how it went over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from leadlag.core.lags import lagged, lagged_matrix
from leadlag.core.posterior import lag_posterior
from leadlag.errors import LeadLagError
from leadlag.monitor.state import State
from leadlag.wording.numbers import missing

__all__ = ["lag_chances", "rolling_lead", "weakening"]

Floats = npt.NDArray[np.float64]

# Own lags taken out of each side: what is left is news.
_OWN_LAGS = 5
# The recent stretch: an eighth of the rows, within these bounds.
_RECENT_SHARE, _RECENT_LEAST, _RECENT_MOST = 8, 30, 60
_FEWEST = 24


def weakening(state: State, row: Mapping[str, Any]) -> float | None:
    """How far the recent correlation of a leader's news with the target's fell below the earlier.

    Parameters
    ----------
    state : State
    row : mapping
        A row of the table with a lag and its interval.

    Returns
    -------
    float or None
        Standard errors; positive is weaker, or reversed. None where it can't be told.

    Notes
    -----
    News are the residuals of each prepared series on its own last values. The leader's are summed
    over the lags of the interval with the weights that the earlier rows give; Fisher's z of the
    correlation of the recent rows is compared with that of the earlier ones.

    References
    ----------
    Fisher, R. A. (1921). On the "probable error" of a coefficient of correlation deduced from a
    small sample. *Metron* 1, 3–32.
    """
    news = _news(state, row)
    if news is None:
        return None
    leader, target = news
    both = np.flatnonzero(np.isfinite(leader).all(axis=1) & np.isfinite(target))
    recent = int(np.clip(both.size // _RECENT_SHARE, _RECENT_LEAST, _RECENT_MOST))
    if both.size - recent < 2 * _FEWEST:
        return None
    early, late = both[:-recent], both[-recent:]
    weights, *_ = np.linalg.lstsq(leader[early], target[early], rcond=None)
    window = leader @ weights
    # What the weights were fitted to flatters the earlier rows by their number.
    first = _correlation(window[early], target[early])
    excess = leader.shape[1] / early.size
    first = float(np.sqrt(max(first**2 - excess * (1 - first**2), 0.0)))
    second = _correlation(window[late], target[late])
    error = np.sqrt(1 / (early.size - 3) + 1 / (late.size - 3))
    return float((np.arctanh(first) - np.arctanh(second)) / error)


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
    news = _news(state, row, width=1)
    if news is None:
        return []
    leader, target = news
    both = np.flatnonzero(np.isfinite(leader[:, 0]) & np.isfinite(target))
    step = both.size // (windows + 1)
    if step < _FEWEST // 2:
        return []
    ends = range(2 * step, both.size + 1, step)
    return [
        {
            "at": int(both[end - 1]),
            "correlation": _correlation(
                leader[both[end - 2 * step : end], 0], target[both[end - 2 * step : end]]
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


def _news(
    state: State, row: Mapping[str, Any], *, width: int | None = None
) -> tuple[Floats, Floats] | None:
    if missing(row["lag"]) or row["lag"] < 1:
        return None
    x = _residual(state.curves.prepared[:, state.curves.metrics.index(row["metric"])])
    y = _residual(state.curves.target)
    if x is None or y is None:
        return None
    low = high = int(row["lag"])
    if width is None and not (missing(row["lag_low"]) or missing(row["lag_high"])):
        low, high = max(int(row["lag_low"]), 1), int(row["lag_high"])
    columns = [lagged(x, k) for k in range(low, min(high, low + 9) + 1)]
    return np.column_stack(columns), y


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
