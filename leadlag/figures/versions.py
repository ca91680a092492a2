"""Versions of a metric: earliness against fidelity, and their lag profiles on one axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from leadlag.figures.labels import FONT, Box, place_labels, text_width
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
from leadlag.wording import version_captions as captions
from leadlag.wording.layout import squeezed
from leadlag.wording.numbers import missing
from leadlag.wording.versions import share

if TYPE_CHECKING:
    import altair as alt

# Okabe and Ito's colours in an order in which neighbours differ in lightness as well.
_COLOURS = (BLUE, ORANGE, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", DARK, MIDDLE)
_DASHES = ([1, 0], [5, 3], [1, 2])
# Size of the frontier, letters of a name beside a dot, and the lowest share that has room.
_WIDE, _HIGH = WIDTH - 60, 320
_NAME = 30
_PALE = "#E69F00"
# Areas of a dot and of a ring.
_DOT, _RING = 110.0, 130.0
# More at one place would cover what lies beside them; the names say how many there are.
_MOST_RINGS = 3
_LOWEST = -0.5
_MOST_ROOM = 0.2
_MOST_TICKS = 15
# In how many parts names give way to the line of the frontier.
_PARTS = 24

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
    drawn = [row for row in rows if captions.timed(row) and not missing(row[column])]
    heading = {
        "title": captions.frontier_title(rows, settings),
        "description": captions.frontier_alternative(rows, column, settings),
    }
    if not drawn:
        return sentence(captions.NO_LEAD, subtitle="", **heading)
    frame = _frame_of(drawn, column)
    values = _under_one_another([_dot(row, column, frame) for row in drawn], "lead", "drawn", _DOT)
    base = alt.Chart(alt.InlineData(values=values))
    x = alt.X(
        "lead:Q",
        title=captions.lead_axis(settings),
        scale=alt.Scale(domain=[frame.left, frame.right], nice=False),
        axis=_periods((frame.left, frame.right)),
    )
    y = alt.Y(
        "drawn:Q",
        title=captions.worth_axis(column, settings),
        scale=alt.Scale(domain=[frame.bottom, frame.top], nice=False),
        axis=alt.Axis(format=".0%", values=frame.ticks),
    )
    places = {
        captions.ON: BLUE,
        captions.BEHIND: MIDDLE,
        captions.PERHAPS: _PALE,
        captions.LATE: ORANGE,
    }
    there = [place for place in places if any(value["where"] == place for value in values)]
    colour = alt.Color(
        "where:N",
        title=None,
        scale=alt.Scale(domain=there, range=[places[place] for place in there]),
        legend=alt.Legend(orient="top", direction="horizontal", labelLimit=320),
    )
    line = base.transform_filter(alt.datum.where == captions.ON)
    layers: list[Any] = [
        line.mark_line(color=LIGHT, strokeWidth=3).encode(x=x, y=y, order="lead:Q"),
        base.mark_rule(color=MIDDLE).encode(x=x, y="low:Q", y2="high:Q"),
        base.transform_filter("isValid(datum.ceiling)")
        .mark_rule(color=MIDDLE, strokeDash=[1, 3])
        .encode(x=x, y=y, y2="ceiling:Q"),
        base.transform_filter("isValid(datum.ceiling)")
        .mark_tick(color=DARK, thickness=1.5, width=14, orient="horizontal")
        .encode(x=x, y=alt.Y("ceiling:Q")),
        base.mark_circle(opacity=1, strokeWidth=1.2).encode(
            x=x,
            y=y,
            color=colour,
            size=alt.Size("size:Q", scale=None),
            stroke=alt.condition("datum.crowd > 1", alt.value("white"), alt.value(None)),
            tooltip=[
                alt.Tooltip("name:N", title="version"),
                alt.Tooltip("lead:Q", title="usable lead"),
                alt.Tooltip("worth:Q", title=column, format=".0%"),
                alt.Tooltip("ceiling:Q", format=".0%"),
            ],
        ),
    ]
    if min(float(value["lead"]) for value in values) <= 0:
        zero = alt.Chart(alt.InlineData(values=[{"lead": 0}]))
        layers.insert(0, zero.mark_rule(color=MIDDLE, strokeDash=[3, 3]).encode(x=x))
    names = _names(values, frame)
    chart = alt.layer(*layers[:-1], names[0], layers[-1], *names[1:])
    chart = chart.properties(width=_WIDE, height=_HIGH)
    left_out = [str(row["name"]) for row in rows if row not in drawn]
    subtitle = captions.frontier_subtitle(column, left_out)
    return styled(cast("alt.LayerChart", chart), subtitle=subtitle, **heading)


def _under_one_another(
    values: Sequence[dict[str, Any]], x: str, y: str, size: float
) -> list[dict[str, Any]]:
    """Sizes of marks: of some at one place each is a ring around the ones over it, none hidden."""
    places = [(value[x], value[y]) for value in values]
    grown = [
        value
        | {
            "size": size * (1 + 0.4 * min(places[i + 1 :].count(places[i]), _MOST_RINGS)) ** 2,
            "crowd": places.count(places[i]),
        }
        for i, value in enumerate(values)
    ]
    # The largest are drawn first, and lie below.
    return sorted(grown, key=lambda value: -value["size"])


@dataclass(frozen=True)
class _Frame:
    """The axes of a frontier: what their ends are, and where a value is in pixels."""

    left: float
    right: float
    bottom: float
    top: float
    ticks: list[float]

    def pixels(self, lead: float, worth: float) -> tuple[float, float]:
        across = (lead - self.left) / (self.right - self.left)
        return _WIDE * across, _HIGH * (self.top - worth) / (self.top - self.bottom)

    def values(self, x: float, y: float) -> tuple[float, float]:
        lead = self.left + x / _WIDE * (self.right - self.left)
        return lead, self.top - y / _HIGH * (self.top - self.bottom)


def _frame_of(rows: Sequence[Row], column: str) -> _Frame:
    leads = [0.0, *[float(row["usable_lead"]) for row in rows]]
    ends = ("fidelity_low", "fidelity") if column == "fidelity" else (column,)
    worths = [float(row[end]) for row in rows for end in ends if not missing(row[end])]
    low = max(min([0.0, *worths]), _LOWEST)
    # A margin, so that no dot lies on an axis and a name has room to its right.
    first, last = min(leads), max(*leads, min(leads) + 5.0)
    wide = last - first
    widest = max(text_width(squeezed(str(row["name"]), _NAME)) for row in rows) + 20
    room = min(widest / _WIDE, _MOST_ROOM)
    ticks = [0.2 * step for step in range(math.ceil(5 * low - 1e-9), 6)]
    return _Frame(
        first - 0.03 * wide, last + wide * room / (1 - room), low - 0.04, 1.05,
        [round(tick, 1) for tick in ticks],
    )  # fmt: skip


def _dot(row: Row, column: str, frame: _Frame) -> dict[str, Any]:
    """One version; what lies below the frame is drawn at its edge, and its name says the value."""
    worth = float(row[column])
    ends = ("fidelity_low", "fidelity_high") if column == "fidelity" else ()
    low, high = [finite(row[end]) for end in ends] or (None, None)
    lowest = frame.bottom + 0.04
    name = squeezed(str(row["name"]), _NAME)
    return {
        "name": row["name"],
        "text": name if worth >= lowest else f"{name} ({share(worth)})",
        "lead": finite(row["usable_lead"]),
        "worth": finite(worth),
        "drawn": finite(max(worth, lowest)),
        "low": None if low is None else max(low, frame.bottom),
        "high": None if high is None else min(max(high, frame.bottom), frame.top),
        "ceiling": finite(row["fidelity_ceiling"]) if column == "fidelity" else None,
        "where": captions.place(row),
    }


def _names(values: Sequence[Mapping[str, Any]], frame: _Frame) -> list[Any]:
    """The names of the dots, and lines to those that had to stand further off."""
    import altair as alt

    dots = [frame.pixels(value["lead"], value["drawn"]) for value in values]
    marks: list[Box] = []
    for (x, y), value in zip(dots, values, strict=True):
        around = (value["size"] / math.pi) ** 0.5 + 2
        if value["size"] > _DOT:
            marks.append((x - around, y - around, x + around, y + around))
        if value["low"] is not None:
            ends = [frame.pixels(value["lead"], value[end])[1] for end in ("high", "low")]
            marks.append((x - 1, ends[0], x + 1, ends[1]))
        if value["ceiling"] is not None:
            top = frame.pixels(value["lead"], value["ceiling"])[1]
            marks += [(x - 9, top - 3, x + 9, top + 3), (x - 1, top, x + 1, y)]
    on = sorted(
        dot for dot, value in zip(dots, values, strict=True) if value["where"] == captions.ON
    )
    for (x, y), (x2, y2) in pairwise(on):
        for part in range(1, _PARTS):
            at = x + (x2 - x) * part / _PARTS, y + (y2 - y) * part / _PARTS
            marks.append((at[0] - 4, at[1] - 2, at[0] + 4, at[1] + 2))
    labels = place_labels(
        dots, [value["text"] for value in values], width=_WIDE, height=_HIGH, marks=marks
    )
    rows = []
    for value, label in zip(values, labels, strict=True):
        x, y = frame.values(label.x, label.y)
        rows.append(
            {"text": value["text"], "lead": value["lead"], "drawn": value["drawn"],
             "x": x, "y": y, "align": label.align, "tied": label.tied}
        )  # fmt: skip
    tied = alt.Chart(alt.InlineData(values=[row for row in rows if row["tied"]]))
    layers: list[Any] = [
        tied.mark_rule(color=MIDDLE, strokeWidth=0.7).encode(
            x="lead:Q", y="drawn:Q", x2="x:Q", y2="y:Q"
        )
    ]
    for align in dict.fromkeys(row["align"] for row in rows):
        data = alt.InlineData(values=[row for row in rows if row["align"] == align])
        base = alt.Chart(data).encode(x="x:Q", y="y:Q", text="text:N")
        font = {"align": align, "baseline": "middle", "fontSize": FONT}
        # A white edge keeps a name readable where it has to cross a line.
        layers.append(base.mark_text(stroke="white", strokeWidth=3, opacity=0.85, **font))
        layers.append(base.mark_text(color=DARK, **font))
    return layers


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
    texts = _apart(names)
    values: list[dict[str, Any]] = [
        {"lead": int(lead), "correlation": finite(r), "version": name, "text": texts[name]}
        for name in names
        for lead, r in zip(table.index.tolist(), table[name].tolist(), strict=True)
        if not missing(r)
    ]
    heading = {
        "title": captions.profile_title(rows, settings),
        "description": captions.profile_alternative(rows, settings),
    }
    if not values:
        return sentence(captions.NO_PROFILE, subtitle="", **heading)
    found = {(row["name"], float(row["usable_lead"])) for row in rows if captions.timed(row)}
    peaks = [value for value in values if (value["version"], value["lead"]) in found]
    peaks = _under_one_another(peaks, "lead", "correlation", _RING)
    reach = min(value["lead"] for value in values), max(value["lead"] for value in values)
    # A single lag would leave the axis without a length.
    ends = reach if reach[0] < reach[1] else (reach[0] - 1, reach[1] + 1)
    x = alt.X(
        "lead:Q",
        title=captions.lead_axis(settings),
        scale=alt.Scale(domain=list(ends), nice=False),
        axis=_periods(ends),
    )
    y = alt.Y("correlation:Q", title=captions.PROFILE_AXIS, axis=alt.Axis(tickCount=5))
    shown = list(texts.values())
    # A second round of the colours is dashed: no two versions look alike.
    colours = [_COLOURS[i % len(_COLOURS)] for i in range(len(names))]
    dashes = [_DASHES[i // len(_COLOURS) % len(_DASHES)] for i in range(len(names))]
    widest = max(text_width(text, 12.5) for text in shown) + 50
    legend = alt.Legend(
        orient="top", columns=max(1, int(WIDTH // widest)), labelLimit=420, symbolType="stroke"
    )
    colour = alt.Color(
        "text:N",
        title=None,
        sort=shown,
        scale=alt.Scale(domain=shown, range=colours),
        legend=legend,
    )
    dash = alt.StrokeDash("text:N", title=None, scale=alt.Scale(domain=shown, range=dashes))
    origin = alt.Chart(alt.InlineData(values=[{"zero": 0}]))
    lines = alt.Chart(alt.InlineData(values=values))
    layers: list[Any] = [
        origin.mark_rule(color=MIDDLE).encode(y="zero:Q"),
        origin.mark_rule(color=MIDDLE, strokeDash=[3, 3]).encode(x="zero:Q"),
        lines.mark_line(strokeWidth=1.4, opacity=0.85).encode(
            x=x,
            y=y,
            color=colour,
            **({"strokeDash": dash} if len(names) > len(_COLOURS) else {}),
            tooltip=["version:N", "lead:Q", alt.Tooltip("correlation:Q", format="+.2f")],
        ),
        alt.Chart(alt.InlineData(values=peaks))
        .mark_point(shape="circle", strokeWidth=2, fill="white", fillOpacity=0)
        .encode(x=x, y=y, color=colour, size=alt.Size("size:Q", scale=None)),
    ]
    chart = alt.layer(*layers).properties(width=WIDTH - 20, height=280)
    subtitle = captions.profile_subtitle(ringed=bool(peaks))
    return styled(cast("alt.LayerChart", chart), subtitle=subtitle, **heading)


def _apart(names: Sequence[str]) -> dict[str, str]:
    """Names as a legend writes them: cut in the middle, and never two alike."""
    out: dict[str, str] = {}
    for name in names:
        text = squeezed(name, 2 * _NAME)
        out[name] = f"{text} ({len(out) + 1})" if text in out.values() else text
    return out


def _periods(ends: tuple[float, float]) -> alt.Axis:
    """Whole periods: there is no half of one."""
    import altair as alt

    least = (ends[1] - ends[0]) / _MOST_TICKS
    steps = (size * 10**power for power in range(9) for size in (1, 2, 5))
    step = next(step for step in steps if step >= least)
    ticks = range(math.ceil(ends[0] / step) * step, math.floor(ends[1]) + 1, step)
    return alt.Axis(grid=False, values=list(ticks), format=",.0f", labelFlush=False)
