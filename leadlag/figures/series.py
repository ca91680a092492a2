"""The two series over time: the metric, moved by its lag, over the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from leadlag.curves import Curves, Floats, moved, stamps_text
from leadlag.figures.style import DARK, ORANGE, WIDTH, finite, time_axis
from leadlag.wording import captions
from leadlag.wording.numbers import missing
from leadlag.wording.words import shortened

if TYPE_CHECKING:
    import altair as alt

# Single days or months of two series are a scribble, and slow drifts hide what moves: the eye
# follows a mean over a while, less the mean over a longer while. Both look back only and are the
# same for both series, so that neither is moved against the other.
_WHILE: Mapping[str, int] = {
    "h": 24, "D": 7, "B": 5, "W": 4, "M": 6, "Q": 2, "Y": 1, "period": 3,
}  # fmt: skip
_LONGER = 8
# In a row of 690 pixels: more points than this again are a scribble.
_MOST_POINTS = 150
_POINTS_A_MEAN = 6

# Characters of a name, and of both in one row.
_NAME = 28
_SIDE_BY_SIDE = 52
_UNLABELLED: Mapping[str, str] = {}


def overlay(
    curves: Curves,
    row: Mapping[str, Any],
    settings: Mapping[str, Any],
    *,
    labels: Mapping[str, str] = _UNLABELLED,
    width: int = WIDTH,
    height: int = 210,
) -> alt.Chart:
    """Draw the target, and the metric moved by its lag: each against its own slow mean.

    A metric with a negative correlation is drawn upside down, which its legend says; one whose lag
    is missing stays where it is. The newest values of a leading metric run past the target's end.

    Parameters
    ----------
    curves : Curves
        Series and profiles of the ranking.
    row : mapping
        The metric's row of the table, with its name as "metric".
    settings : mapping
        `Ranking.settings`.
    labels : mapping, optional
        What the two are called, where that is not their name.
    width, height : int
        Pixels of the panel.

    Returns
    -------
    altair.Chart
    """
    import altair as alt

    made = shifted_lines(curves, row, settings, labels=labels)
    names = made["series"]
    rows = [
        {"at": _universal(one["at"]), "value": finite(one["value"]), "series": one["series"]}
        for one in made["rows"]
    ]
    dates = isinstance(rows[0]["at"], str)
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(strokeWidth=1.7, opacity=0.9)
        .encode(
            x=alt.X(
                "at:T" if dates else "at:Q",
                title=None if dates else "period",
                axis=time_axis(dates=dates, grid=False, tickCount=9, labelFlush=False),
                scale=alt.Scale(type="utc") if dates else alt.Scale(zero=False, nice=False),
            ),
            y=alt.Y(
                "value:Q",
                title=made["axis"],
                axis=alt.Axis(tickCount=5, grid=True),
                scale=alt.Scale(zero=False),
            ),
            color=alt.Color(
                "series:N",
                title=None,
                scale=alt.Scale(domain=list(names), range=[DARK, ORANGE]),
                legend=alt.Legend(orient="top", direction=_direction(names), labelLimit=420),
            ),
            tooltip=[
                alt.Tooltip("series:N"),
                alt.Tooltip("at:N", title="date" if dates else "period"),
                alt.Tooltip("value:Q", format="+.2f"),
            ],
        )
        .properties(width=width, height=height)
    )
    return cast("alt.Chart", chart)


def _direction(names: Sequence[str]) -> Literal["horizontal", "vertical"]:
    """Side by side, or below one another where the edge would cut them off."""
    return "horizontal" if sum(map(len, names)) <= _SIDE_BY_SIDE else "vertical"


def shifted_lines(
    curves: Curves,
    row: Mapping[str, Any],
    settings: Mapping[str, Any],
    *,
    labels: Mapping[str, str] = _UNLABELLED,
) -> dict[str, Any]:
    """Work out what `overlay` draws.

    Parameters
    ----------
    curves : Curves
        Series and profiles of the ranking.
    row : mapping
        The metric's row of the table, with its name as "metric".
    settings : mapping
        `Ranking.settings`.
    labels : mapping, optional
        What the two are called, where that is not their name.

    Returns
    -------
    dict
        "axis" (what is measured), "series" (names of the target's line and the metric's) and
        "rows": "at", "value" and "series" of each point, the target's first.
    """
    freq = settings["freq"]
    shift = 0 if missing(row["lag"]) else int(row["lag"])
    upside_down = not missing(row["correlation"]) and row["correlation"] < 0
    whiles = _whiles(len(curves.index), freq)
    series = curves.prepared[:, curves.metrics.index(row["metric"])]
    target, metric = (labels.get(name, name) for name in (settings["target"], row["metric"]))
    names = (
        shortened(target, _NAME),
        captions.moved_series(shortened(metric, _NAME), shift, freq, upside_down),
    )
    if names[0] == names[1]:
        # Two long names can begin alike; lines of one name would be drawn as one.
        names = (f"{names[0]} (target)", names[1])
    at = stamps_text(curves.index), stamps_text(moved(curves.index, freq, shift))
    values = _for_the_eye(curves.target, *whiles), _for_the_eye(series, *whiles)
    # Neighbours of a long mean say the same; the newest is always drawn.
    every = max(whiles[0] // _POINTS_A_MEAN, 1)
    first = (len(curves.index) - 1) % every
    sign = -1.0 if upside_down else 1.0
    rows = [
        {"at": stamp, "value": factor * value, "series": name}
        for name, stamps, line, factor in zip(names, at, values, (1.0, sign), strict=True)
        for stamp, value in list(zip(stamps, line, strict=True))[first::every]
    ]
    return {"axis": captions.series_axis(*whiles, freq), "series": names, "rows": rows}


def trailing_mean(values: Floats, span: int) -> Floats:
    """Mean over the last `span` periods, of what is known in them; NaN where less than half is.

    Parameters
    ----------
    values : ndarray, shape (n,)
        A series, NaN where missing.
    span : int, periods
        1 returns the series itself.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> trailing_mean(np.array([1.0, 3.0, 5.0]), 2)
    array([1., 2., 4.])
    """
    known = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    end = np.arange(1, len(values) + 1)
    start = np.maximum(end - span, 0)
    inside = count[end] - count[start]
    enough = inside * 2 >= np.minimum(end, span)
    mean = (total[end] - total[start]) / np.maximum(inside, 1)
    return np.where(enough & (inside > 0), mean, np.nan)


def _whiles(n: int, freq: str) -> tuple[int, int]:
    """The two spans that suit a length; 0 where the series is too short for the longer one."""
    span = _WHILE.get(freq, 1)
    while n < 3 * _LONGER * span and span > 1:
        span //= 2
    while n > _MOST_POINTS * span:
        span *= 2
    return span, _LONGER * span if n >= 3 * _LONGER * span else 0


def _for_the_eye(values: Floats, span: int, longer: int) -> Floats:
    out = trailing_mean(values, span)
    if longer:
        out = out - trailing_mean(values, longer)
        out[: longer // 2] = np.nan  # a long mean of a few values is no longer one
    known = out[np.isfinite(out)]
    spread = float(known.std()) if len(known) else 0.0
    return out / spread if spread > 0 else out


def _universal(stamp: Any) -> Any:
    # A browser reads a time without a zone as its own; a date alone it reads as universal.
    return f"{stamp}Z" if isinstance(stamp, str) and "T" in stamp else stamp
