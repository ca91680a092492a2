"""A funnel as a picture: what each part did to the change of the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from leadlag.figures.style import BLUE, DARK, MIDDLE, ORANGE, WIDTH, finite, styled
from leadlag.wording import funnels

if TYPE_CHECKING:
    import altair as alt

__all__ = ["waterfall"]

_TOTAL, _MORE, _LESS = "total", "more", "fewer"


def waterfall(made: Mapping[str, Any]) -> alt.LayerChart:
    """Draw the outcome before, what each part did to it, and the outcome after.

    Parameters
    ----------
    made : mapping
        As `Funnel.to_dict` returns it, with parts.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    values = _bars(made)
    order = [value["part"] for value in values]
    base = alt.Chart(alt.InlineData(values=values))
    y = alt.Y("part:N", sort=order, title=None, axis=alt.Axis(labelLimit=240, ticks=False))
    low, high = (edge([v[k] for v in values for k in ("start", "end")]) for edge, k in _EDGES)
    room = 0.3 * (high - low)
    x = alt.X(
        "start:Q",
        title=funnels.axis(made),
        scale=alt.Scale(domain=[min(low, 0.0) if low >= 0 else low - room, high + room]),
    )
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=[_TOTAL, _MORE, _LESS], range=[MIDDLE, BLUE, ORANGE]),
        legend=None,
    )
    chart = alt.layer(
        base.mark_bar(height=22).encode(
            x=x,
            x2="end:Q",
            y=y,
            color=colour,
            tooltip=[
                alt.Tooltip("part:N"),
                alt.Tooltip("units:Q", title=str(made["stages"][-1]), format=",.4~g"),
                alt.Tooltip("log:Q", title="change of the logarithm", format=".3f"),
            ],
        ),
        base.mark_text(align="left", dx=6, fontSize=12, color=DARK).encode(
            x=alt.X("right:Q"), y=y, text="label:N"
        ),
    ).properties(width=WIDTH - 170, height=36 * len(values))
    return styled(
        cast("alt.LayerChart", chart),
        title=funnels.waterfall_title(made),
        subtitle=funnels.waterfall_subtitle(made),
        description=funnels.waterfall_alternative(made),
    )


_EDGES = ((min, "start"), (max, "end"))


def _bars(made: Mapping[str, Any]) -> list[dict[str, Any]]:
    before, after = funnels.totals(made)
    names = funnels.span_names(made)
    ends = [
        {"part": name, "start": 0.0, "end": value, "kind": _TOTAL, "log": None}
        for name, value in zip(names, (before, after), strict=True)
    ]
    bars: list[dict[str, Any]] = [ends[0]]
    at = before
    for part in made["parts"]:
        moved = float(part["units"])
        bars.append(
            {
                "part": part["part"],
                "start": at,
                "end": at + moved,
                "kind": _MORE if moved >= 0 else _LESS,
                "log": finite(part["log_change"]),
                "units": moved,
                "label": funnels.bar_label(part, made),
            }
        )
        at += moved
    bars.append(ends[1])
    for bar in bars:
        bar["right"] = max(bar["start"], bar["end"])
        bar.setdefault("units", bar["end"])
        bar.setdefault("label", funnels.total_label(bar["end"]))
    return bars
