"""Whole charts: one metric in two panels, and an overview of all metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from leadlag.curves import Curves
from leadlag.figures.lags import lag_profile
from leadlag.figures.releases import release_marks
from leadlag.figures.series import overlay
from leadlag.figures.style import BLUE, DARK, LIGHT, MIDDLE, WIDTH, finite, styled
from leadlag.wording import captions
from leadlag.wording.numbers import missing

if TYPE_CHECKING:
    import altair as alt

# A smaller gain than this fills no scale: noise would look like a finding.
_LEAST_GAIN = 0.05
_OVERVIEW_ROWS = 15


def metric_chart(
    curves: Curves,
    row: Mapping[str, Any],
    settings: Mapping[str, Any],
    releases: object = None,
) -> alt.VConcatChart:
    """Draw one metric: its lag profile above, the metric moved by its lag over the target below.

    Parameters
    ----------
    curves : Curves
        Series and profiles of the ranking.
    row : mapping
        The metric's row of the table, with its name as "metric".
    settings : mapping
        `Ranking.settings`.
    releases : sequence or mapping, optional
        Dates to mark, or dates with names.

    Returns
    -------
    altair.VConcatChart
        `.save(path)` writes PNG, SVG, HTML or JSON.
    """
    import altair as alt

    at = curves.metrics.index(row["metric"])
    profile = lag_profile(
        curves.lags,
        curves.profile[at],
        curves.band[at],
        metric=row["metric"],
        target=settings["target"],
        freq=settings["freq"],
        lag=row["lag"],
        lag_low=row["lag_low"],
        lag_high=row["lag_high"],
    )
    over_time = overlay(curves, row, settings)
    marked = release_marks(releases, curves)
    drawn = over_time if marked is None else alt.layer(over_time, marked)
    panels = alt.vconcat(profile, drawn, spacing=22)
    # Each panel has colours of its own: the first marks lags, the second names series.
    both = cast("alt.VConcatChart", panels.resolve_scale(color="independent"))
    how = captions.how_to_read(row, highest=_highest(curves, at, row["lag"]))
    return styled(
        both,
        title=captions.finding(row, settings),
        subtitle=how if marked is None else f"{how} {captions.RELEASES}",
        description=captions.alternative(row, settings),
    )


def overview(
    rows: Sequence[Mapping[str, Any]], settings: Mapping[str, Any], *, width: int = WIDTH - 190
) -> alt.LayerChart:
    """Draw by how much each metric's past predicts the target, and the target's past the metric.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table in order, each with its name as "metric".
    settings : mapping
        `Ranking.settings`.
    width : int
        Pixels of the panel, without names.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    ranked = [row for row in rows if row["role"] != "excluded"]
    ranked = sorted(ranked, key=lambda row: -_or_zero(row["gain_forward"]))[:_OVERVIEW_ROWS]
    order = [row["metric"] for row in ranked]
    forward, reverse = "metric's past → target", "target's past → metric"
    values = [
        {
            "metric": row["metric"],
            "gain": finite(row[column]),
            "direction": direction,
            "q": captions.q_label(row),
        }
        for row in ranked
        for column, direction in (("gain_reverse", reverse), ("gain_forward", forward))
    ]
    y = alt.Y(
        "metric:N",
        sort=order,
        title=None,
        axis=alt.Axis(labelLimit=170, labelPadding=12, ticks=False, domain=False),
    )
    gains = [value["gain"] for value in values if value["gain"] is not None]
    x = alt.X(
        "gain:Q",
        title=captions.GAIN_AXIS,
        axis=alt.Axis(tickCount=6, grid=True),
        scale=alt.Scale(domain=[min([0.0, *gains]), max([_LEAST_GAIN, *gains])], nice=True),
    )
    base = alt.Chart(alt.InlineData(values=values))
    dots = base.mark_circle(size=90, opacity=1).encode(
        x=x,
        y=y,
        color=alt.Color(
            "direction:N",
            title=None,
            scale=alt.Scale(domain=[forward, reverse], range=[BLUE, MIDDLE]),
            legend=alt.Legend(orient="top", direction="horizontal", labelLimit=300),
        ),
        tooltip=["metric:N", "direction:N", alt.Tooltip("gain:Q", format=".3f"), "q:N"],
    )
    lines = base.mark_line(color=LIGHT, strokeWidth=3).encode(x=x, y=y, detail="metric:N")
    labels = (
        base.transform_filter(alt.datum.direction == forward)
        .mark_text(align="left", color=DARK, fontSize=12)
        .encode(x=alt.value(width + 10), y=y, text="q:N")
    )
    chart = alt.layer(lines, dots, labels).properties(width=width, height=max(26 * len(order), 60))
    return styled(
        cast("alt.LayerChart", chart),
        title=captions.overview_title(rows, settings),
        subtitle=captions.overview_subtitle(rows, len(order)),
        description=captions.overview_alternative(rows, settings),
    )


def _highest(curves: Curves, at: int, lag: float | None) -> bool:
    """Whether no lag of the same sign, or zero, has a larger correlation than the chosen one."""
    if lag is None or missing(lag) or lag == 0:
        return True
    size = np.abs(curves.profile[at])
    side = curves.lags * np.sign(lag) >= 0
    chosen = size[curves.lags == int(lag)]
    return bool(chosen.size and chosen[0] >= np.nanmax(size[side]))


def _or_zero(value: Any) -> float:
    return 0.0 if missing(value) else float(value)
