"""The whole curve of thresholds: chosen on earlier cohorts, judged on later ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from leadlag.figures.style import BLUE, DARK, LIGHT, MIDDLE, ORANGE, WIDTH, finite, styled
from leadlag.wording import behaviours as words

if TYPE_CHECKING:
    import altair as alt


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

    rows = curve.to_dict("records")
    names = [words.threshold(row["count"], row["days"], settings["did"]) for row in rows]
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
        axis=alt.Axis(labelLimit=260, labelPadding=10, ticks=False, domain=False),
    )
    dots = [
        {"threshold": v["threshold"], "phi": v[part], "cohorts": label}
        for v in values
        for part, label in (("earlier", words.EARLIER), ("later", words.LATER))
        if v[part] is not None
    ]
    layers: list[Any] = [
        base.transform_filter("datum.chosen")
        .mark_bar(color=LIGHT, height=22)
        .encode(y=y, x=alt.value(0), x2=alt.value(WIDTH - 260)),
        alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=MIDDLE).encode(x="zero:Q"),
        base.mark_rule(color=DARK).encode(y=y, x=alt.X("low:Q", title=words.Y_AXIS), x2="high:Q"),
        alt.Chart(alt.InlineData(values=dots))
        .mark_circle(size=80, opacity=1)
        .encode(
            y=y,
            x=alt.X("phi:Q", title=words.Y_AXIS),
            color=alt.Color(
                "cohorts:N",
                title=None,
                scale=alt.Scale(domain=[words.EARLIER, words.LATER], range=[ORANGE, BLUE]),
                legend=alt.Legend(orient="top", direction="horizontal", labelLimit=300),
            ),
            tooltip=["threshold:N", "cohorts:N", alt.Tooltip("phi:Q", format="+.2f")],
        ),
    ]
    height = max(24 * len(values), 60)
    chart = alt.layer(*layers).properties(width=WIDTH - 260, height=height)
    return styled(
        cast("alt.LayerChart", chart),
        title=finding.split(". ")[0].removesuffix("."),
        subtitle="Every threshold that was tried, with its interval in the later cohorts.",
        description=finding,
    )
