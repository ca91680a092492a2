"""The whole curve of thresholds: chosen on earlier cohorts, judged on later ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from leadlag.figures.style import (
    BLUE,
    DARK,
    LIGHT,
    MIDDLE,
    ORANGE,
    WIDTH,
    finite,
    sentence,
    styled,
)
from leadlag.wording import behaviours as words
from leadlag.wording.layout import squeezed

if TYPE_CHECKING:
    import altair as alt

# Letters of a kind of event within the name of a threshold.
_KIND = 24


def thresholds(curve: pd.DataFrame, finding: str, settings: Mapping[str, Any]) -> alt.LayerChart:
    """Draw the association of every threshold with coming back.

    Parameters
    ----------
    curve : DataFrame
        `Behaviours.curve`.
    finding : str
        `Behaviours.finding`.
    settings : mapping
        `Behaviours.settings`.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    rows = [{str(name): value for name, value in row.items()} for row in curve.to_dict("records")]
    heading: dict[str, Any] = {"title": words.headline(rows, settings), "description": finding}
    if curve[["chosen_phi", "judged_phi"]].isna().to_numpy().all():
        return sentence(words.reason(finding), subtitle="", **heading)
    did = settings["did"] and squeezed(settings["did"], _KIND)
    names = [words.threshold(row["count"], row["days"], did) for row in rows]
    values = [
        {
            "threshold": name,
            "earlier": finite(row["chosen_phi"]),
            "later": finite(row["judged_phi"]),
            "low": finite(row["low"]),
            "high": finite(row["high"]),
            "chosen": bool(row["chosen"]),
        }
        for name, row in zip(names, rows, strict=True)
    ]
    base = alt.Chart(alt.InlineData(values=values))
    y = alt.Y(
        "threshold:N",
        sort=names,
        title=None,
        axis=alt.Axis(labelLimit=400, labelPadding=10, ticks=False, domain=False),
    )
    x = alt.X("phi:Q", title=words.Y_AXIS, axis=alt.Axis(tickCount=8, labelFlush=False))
    parts = {words.EARLIER: "earlier", words.LATER: "later"}
    dots = {
        label: [
            {"threshold": v["threshold"], "phi": v[part], "cohorts": label}
            for v in values
            if v[part] is not None
        ]
        for label, part in parts.items()
    }
    # A ring and a dot: where both are one, the dot lies in its ring.
    marks: dict[str, dict[str, Any]] = {
        words.EARLIER: {"size": 150, "strokeWidth": 2},
        words.LATER: {"size": 50, "strokeWidth": 1},
    }
    legend = alt.Legend(orient="top", direction="horizontal", labelLimit=300, symbolSize=90)
    edge, inside = (
        alt.Scale(domain=list(parts), range=list(colours))
        for colours in ((ORANGE, BLUE), ("transparent", BLUE))
    )
    colour = {
        "stroke": alt.Stroke("cohorts:N", title=None, scale=edge, legend=legend),
        "fill": alt.Fill("cohorts:N", title=None, scale=inside, legend=legend),
    }
    tooltip = ["threshold:N", "cohorts:N", alt.Tooltip("phi:Q", format="+.2f")]
    nothing = [v for v in values if v["earlier"] is None and v["later"] is None]
    layers: list[Any] = [
        base.transform_filter("datum.chosen")
        .mark_bar(color=LIGHT, height=22)
        .encode(y=y, x=alt.value(0), x2=alt.value(WIDTH - 260)),
        alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=MIDDLE).encode(x="zero:Q"),
        base.mark_rule(color=DARK).encode(y=y, x=alt.X("low:Q", title=words.Y_AXIS), x2="high:Q"),
        *(
            alt.Chart(alt.InlineData(values=dots[label]))
            .mark_point(opacity=1, **mark)
            .encode(y=y, x=x, tooltip=tooltip, **colour)
            for label, mark in marks.items()
        ),
        alt.Chart(alt.InlineData(values=nothing))
        .mark_text(align="right", fontSize=11, color=MIDDLE, dx=-4)
        .encode(y=y, x=alt.value(WIDTH - 260), text=alt.value(words.NOT_TOLD)),
    ]
    height = max(24 * len(values), 60)
    chart = alt.layer(*layers).properties(width=WIDTH - 260, height=height)
    return styled(cast("alt.LayerChart", chart), subtitle=words.curve_subtitle(settings), **heading)
