"""The lag profile: the correlation at every lag over the band of no relation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from leadlag.figures.style import BLUE, LIGHT, MIDDLE, ORANGE, WIDTH, finite
from leadlag.wording import captions
from leadlag.wording.numbers import missing

if TYPE_CHECKING:
    import altair as alt

# Ticks where people count: half a day, a week, a quarter of a year.
_TICKS: Mapping[str, int] = {"h": 12, "D": 7, "B": 5, "W": 4, "M": 3, "Q": 2, "Y": 1, "period": 2}
_MOST_TICKS = 17

# A sign on every lag but zero.
_SIGNED = "datum.value == 0 ? '0' : format(datum.value, '+d')"


def lag_profile(
    lags: Sequence[int] | np.ndarray[Any, Any],
    correlation: Sequence[float] | np.ndarray[Any, Any],
    band: Sequence[float] | np.ndarray[Any, Any],
    *,
    metric: str,
    target: str,
    freq: str = "period",
    lag: float | None = None,
    lag_low: float | None = None,
    lag_high: float | None = None,
    width: int = WIDTH,
    height: int = 210,
) -> alt.LayerChart:
    """Draw the correlation at every lag over the band in which it falls without a relation.

    Parameters
    ----------
    lags : sequence of int, shape (2L+1,)
        Periods; positive where the metric moves first.
    correlation, band : sequence of float, shape (2L+1,)
        Correlation at each lag, and the half-width of its pointwise 95 % band.
    metric, target : str
        Names for the axis.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".
    lag, lag_low, lag_high : float, optional
        The chosen lag and its interval; nothing is marked where they are missing.
    width, height : int
        Pixels of the panel.

    Returns
    -------
    altair.LayerChart

    Examples
    --------
    >>> chart = lag_profile([-1, 0, 1], [0.0, 0.1, 0.4], [0.2, 0.2, 0.2], metric="visits",
    ...                     target="revenue", freq="W", lag=1)
    >>> chart.to_dict()["width"]
    690
    """
    import altair as alt

    rows = [
        {
            "lag": int(k),
            "correlation": finite(r),
            "low": finite(-half),
            "high": finite(half),
            "mark": _mark(k, r, half, lag),
        }
        for k, r, half in zip(lags, correlation, band, strict=True)
    ]
    longest = int(np.max(np.abs(lags)))
    x = alt.X(
        "lag:Q",
        title=captions.lag_axis(metric, target, freq),
        scale=alt.Scale(domain=[-longest - 0.7, longest + 0.7], nice=False),
        axis=alt.Axis(values=_ticks(longest, freq), labelExpr=_SIGNED, grid=False),
    )
    bottom, top = _room(correlation, band)
    y = alt.Y(
        "correlation:Q",
        title="correlation",
        scale=alt.Scale(domain=[bottom, top], nice=False),
        axis=alt.Axis(tickCount=5, grid=False),
    )
    colour = alt.Color(
        "mark:N",
        legend=None,
        scale=alt.Scale(domain=["inside", "outside", "chosen"], range=[MIDDLE, BLUE, ORANGE]),
    )
    base = alt.Chart(alt.InlineData(values=rows))
    layers: list[Any] = [base.mark_area(color=LIGHT).encode(x=x, y="low:Q", y2="high:Q")]
    if lag_low is not None and lag_high is not None and not missing(lag_low + lag_high):
        span = alt.InlineData(values=[{"from": float(lag_low) - 0.5, "to": float(lag_high) + 0.5}])
        layers.append(
            alt.Chart(span).mark_rect(color=ORANGE, opacity=0.17).encode(x="from:Q", x2="to:Q")
        )
    origin = alt.Chart(alt.InlineData(values=[{"zero": 0}]))
    layers += [
        origin.mark_rule(color=MIDDLE).encode(y="zero:Q"),
        origin.mark_rule(color=MIDDLE, strokeDash=[3, 3]).encode(x="zero:Q"),
        base.transform_calculate(zero="0")
        .mark_rule(strokeWidth=2)
        .encode(x=x, y=y, y2="zero:Q", color=colour),
        base.mark_circle(size=44, opacity=1).encode(
            x=x,
            y=y,
            color=colour,
            tooltip=[
                alt.Tooltip("lag:Q", format="+d"),
                alt.Tooltip("correlation:Q", format="+.2f"),
                alt.Tooltip("high:Q", format=".2f", title="95 % band ±"),
            ],
        ),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return cast("alt.LayerChart", chart)


def _mark(k: int, r: float, half: float, lag: float | None) -> str:
    if not missing(lag) and k == lag:
        return "chosen"
    return "outside" if abs(r) > half else "inside"


def _ticks(longest: int, freq: str) -> list[int]:
    step = _TICKS.get(freq, 1)
    if longest < 3 * step:
        step = max(longest // 4, 1)
    while 2 * (longest // step) + 1 > _MOST_TICKS:
        step *= 2
    reach = longest // step * step
    return list(range(-reach, reach + 1, step))


def _room(correlation: Any, band: Any) -> tuple[float, float]:
    """The y range: everything drawn, and a little air."""
    drawn = np.concatenate([np.asarray(correlation), np.asarray(band), -np.asarray(band), [0.0]])
    drawn = drawn[np.isfinite(drawn)]
    air = 0.08 * (drawn.max() - drawn.min()) or 0.1
    return float(np.round(drawn.min() - air, 4)), float(np.round(drawn.max() + air, 4))
