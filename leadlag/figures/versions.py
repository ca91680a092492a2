"""Versions of a metric: earliness against fidelity, and their lag profiles on one axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from leadlag.figures.style import BLUE, DARK, LIGHT, MIDDLE, ORANGE, WIDTH, finite, styled
from leadlag.wording import version_captions as captions
from leadlag.wording.numbers import missing

if TYPE_CHECKING:
    import altair as alt

# Okabe and Ito's colours in an order in which neighbours differ in lightness as well.
_COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", DARK, MIDDLE)

Row = Mapping[str, Any]


def frontier(rows: Sequence[Row], settings: Mapping[str, Any]) -> alt.LayerChart:
    """Draw usable lead against fidelity, the frontier as a line.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `Comparison.table`, each with its name as "name".
    settings : mapping
        `Comparison.settings`.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    column = "accuracy" if all(missing(row["fidelity"]) for row in rows) else "fidelity"
    values = [
        {
            "name": row["name"],
            "lead": finite(row["usable_lead"]),
            "worth": finite(row[column]),
            "low": finite(row["fidelity_low"]) if column == "fidelity" else None,
            "high": finite(row["fidelity_high"]) if column == "fidelity" else None,
            "ceiling": finite(row["fidelity_ceiling"]),
            "where": captions.place(row),
        }
        for row in rows
        if not missing(row["usable_lead"]) and not missing(row[column])
    ]
    leads = [0.0, *[float(value["lead"]) for value in values]]
    x = alt.X(
        "lead:Q",
        title=captions.lead_axis(settings),
        scale=alt.Scale(domain=[min(leads), 1.12 * max([*leads, 5.0])], nice=False),
        axis=_periods(),
    )
    y = alt.Y(
        "worth:Q",
        title=captions.worth_axis(column, settings),
        scale=alt.Scale(domain=[_bottom(values), 1.05], nice=False),
        axis=alt.Axis(format=".0%", tickCount=6),
    )
    base = alt.Chart(alt.InlineData(values=values))
    colour = alt.Color(
        "where:N",
        title=None,
        scale=alt.Scale(
            domain=[captions.ON, captions.BEHIND, captions.LATE], range=[BLUE, MIDDLE, ORANGE]
        ),
        legend=alt.Legend(orient="top", direction="horizontal", labelLimit=320),
    )
    line = base.transform_filter(alt.datum.where == captions.ON)
    layers: list[Any] = [
        line.mark_line(color=LIGHT, strokeWidth=3).encode(x=x, y=y, order="lead:Q"),
        base.mark_rule(color=MIDDLE).encode(x=x, y="low:Q", y2="high:Q"),
        base.transform_filter("isValid(datum.ceiling)")
        .mark_tick(color=DARK, thickness=1.5, width=18, orient="horizontal")
        .encode(x=x, y=alt.Y("ceiling:Q")),
        base.mark_circle(size=110, opacity=1).encode(
            x=x,
            y=y,
            color=colour,
            tooltip=[
                alt.Tooltip("name:N", title="version"),
                alt.Tooltip("lead:Q", title="usable lead"),
                alt.Tooltip("worth:Q", title=column, format=".0%"),
                alt.Tooltip("ceiling:Q", format=".0%"),
            ],
        ),
        base.mark_text(align="left", dx=10, dy=-8, fontSize=12, color=DARK).encode(
            x=x, y=y, text="name:N"
        ),
    ]
    if not values:
        layers.append(_nothing(captions.NO_LEAD))
    chart = alt.layer(*layers).properties(width=WIDTH - 60, height=300)
    return styled(
        cast("alt.LayerChart", chart),
        title=captions.frontier_title(rows, settings),
        subtitle=captions.frontier_subtitle(column),
        description=captions.frontier_alternative(rows, column, settings),
    )


def profiles(
    table: pd.DataFrame, rows: Sequence[Row], settings: Mapping[str, Any]
) -> alt.LayerChart:
    """Draw every version's correlation by the time from when it is known to the outcome.

    Parameters
    ----------
    table : DataFrame
        `Comparison.profiles`.
    rows : sequence of mapping
        Rows of `Comparison.table`.
    settings : mapping
        `Comparison.settings`.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    names = [str(name) for name in table.columns]
    values = [
        {"lead": int(lead), "correlation": finite(r), "version": name}
        for name in names
        for lead, r in zip(table.index.tolist(), table[name].tolist(), strict=True)
        if not missing(r)
    ]
    marks = [
        {"lead": finite(row["usable_lead"]), "version": row["name"]}
        for row in rows
        if row["name"] in names and not missing(row["usable_lead"])
    ]
    x = alt.X(
        "lead:Q",
        title=captions.lead_axis(settings),
        # Where there is no line there is still an axis.
        scale=alt.Scale(nice=False) if values else alt.Scale(domain=[-1, 10]),
        axis=_periods(),
    )
    colour = alt.Color(
        "version:N",
        title=None,
        sort=names,
        scale=alt.Scale(domain=names or ["none"], range=list(_COLOURS[: len(names) or 1])),
        legend=alt.Legend(orient="top", direction="horizontal", labelLimit=200) if names else None,
    )
    origin = alt.Chart(alt.InlineData(values=[{"zero": 0}]))
    layers: list[Any] = [
        origin.mark_rule(color=MIDDLE).encode(y="zero:Q"),
        origin.mark_rule(color=MIDDLE, strokeDash=[3, 3]).encode(x="zero:Q"),
        alt.Chart(alt.InlineData(values=values))
        .mark_line(strokeWidth=1.4, opacity=0.85)
        .encode(
            x=x,
            y=alt.Y("correlation:Q", title=captions.PROFILE_AXIS, axis=alt.Axis(tickCount=5)),
            color=colour,
            tooltip=["version:N", "lead:Q", alt.Tooltip("correlation:Q", format="+.2f")],
        ),
        alt.Chart(alt.InlineData(values=marks))
        .mark_rule(strokeDash=[6, 3], strokeWidth=1.5)
        .encode(x=x, color=colour),
    ]
    if not values:
        layers.append(_nothing(captions.NO_PROFILE))
    chart = alt.layer(*layers).properties(width=WIDTH - 20, height=280)
    return styled(
        cast("alt.LayerChart", chart),
        title=captions.profile_title(rows, settings),
        subtitle=captions.PROFILE_SUBTITLE,
        description=captions.profile_alternative(rows, settings),
    )


def _periods() -> alt.Axis:
    """Whole periods: there is no half of one."""
    import altair as alt

    return alt.Axis(grid=False, tickMinStep=1, format=",.0f")


def _nothing(text: str) -> alt.Chart:
    """A sentence where there is nothing to draw."""
    import altair as alt

    sentence = (
        alt.Chart(alt.InlineData(values=[{"text": text}]))
        .mark_text(fontSize=13, color=DARK)
        .encode(x=alt.value((WIDTH - 60) / 2), y=alt.value(115), text="text:N")
    )
    return cast("alt.Chart", sentence)


def _bottom(values: Sequence[Mapping[str, Any]]) -> float:
    lowest = [float(v) for value in values for v in (value["worth"], value["low"]) if v is not None]
    return max(min([0.0, *lowest]), -0.5)
