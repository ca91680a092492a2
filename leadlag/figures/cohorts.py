"""The triangle: cohorts by windows, coloured by rate; what is not known yet is hatched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from leadlag.figures.style import BLUE, DARK, LIGHT, MIDDLE, WIDTH, finite, styled
from leadlag.wording import cohorts as words

if TYPE_CHECKING:
    import altair as alt

# More rows than this can't be told apart on a page; the newest are drawn.
_MOST_COHORTS = 30
_ROW = 20
# Width of a cell, of a letter of its name, and how far the lines of a hatching lie apart.
_CELL, _LETTER, _APART = 110, 7, 9
_MOST_CELL, _LINE = 180, 14
# From this share of the largest rate on white is read more easily than dark: equal contrast.
_DEEP = 0.8


def triangle(
    table: pd.DataFrame, settings: Mapping[str, Any], days: Mapping[Any, tuple[int, int]]
) -> alt.LayerChart:
    """Draw retention by cohort and window.

    Parameters
    ----------
    table : DataFrame
        `Retention.table`.
    settings : mapping
        `Retention.settings`.
    days : mapping
        First and last day of each window, by its name.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    windows = list(dict.fromkeys(table["window"]))
    cohorts = list(dict.fromkeys(table["cohort_start"]))
    drawn = cohorts[-_MOST_COHORTS:]
    names = [words.cohort(start, settings["period"]) for start in drawn]
    longest = max(len(words.window(window)) for window in windows)
    wide = min(max(_CELL, _LETTER * longest + 14), _MOST_CELL)
    width = min(WIDTH - 60, wide * len(windows))
    room = int((width / len(windows) - 6) // _LETTER)
    heads = [words.heading(window, days[window], room) for window in windows]
    place = {start: row for row, start in enumerate(drawn)}
    cells: list[dict[str, Any]] = [
        {
            "left": windows.index(row["window"]),
            "right": windows.index(row["window"]) + 1,
            "top": place[row["cohort_start"]],
            "bottom": place[row["cohort_start"]] + 1,
            "cohort": words.cohort(row["cohort_start"], settings["period"]),
            "window": words.window(row["window"]),
            "rate": finite(row["rate"]),
            "text": words.rate_cell(row["rate"]),
            "users": int(row["n"]),
            "interval": words.interval(row["low"], row["high"]),
            "known": str(row["available_at"].date()),
        }
        for row in table[table["cohort_start"].isin(drawn)].to_dict("records")
    ]
    mature = [cell for cell in cells if cell["rate"] is not None]
    open_cells = [cell for cell in cells if cell["rate"] is None]
    most = max(map(len, heads))
    # Lines go down from where the first one stands: short headings stand low, over their cells.
    heads = [[""] * (most - len(lines)) + lines for lines in heads]
    plain: dict[str, Any] = {"grid": False, "ticks": False, "domain": False, "labelOverlap": False}
    x = alt.X(
        "left:Q",
        title=words.window_axis(windows),
        scale=alt.Scale(domain=[0, len(windows)], nice=False),
        axis=alt.Axis(
            values=[i + 0.5 for i in range(len(windows))],
            labelExpr=_labels(heads),
            # Vega draws no more of the values than this.
            tickCount=len(windows),
            orient="top",
            titleAnchor="start",
            labelLineHeight=_LINE,
            labelPadding=4 + _LINE * (most - 1),
            **plain,
        ),
    )
    y = alt.Y(
        "top:Q",
        title=None,
        scale=alt.Scale(domain=[0, len(drawn)], reverse=True, nice=False),
        axis=alt.Axis(
            values=[i + 0.5 for i in range(len(drawn))],
            labelExpr=_labels([[name] for name in names]),
            labelPadding=8,
            tickCount=len(drawn),
            **plain,
        ),
    )
    box = {"x": x, "x2": "right:Q", "y": y, "y2": "bottom:Q"}
    tips = ["cohort:N", "window:N", "users:Q", "text:N", "interval:N", "known:N"]
    tooltip = [alt.Tooltip(name, title=words.TIPS.get(name[:-2], name[:-2])) for name in tips]
    top = max([0.01, *(cell["rate"] for cell in mature)])
    # Each cell holds its number: a legend would say it a second time.
    colour = alt.Color(
        "rate:Q", scale=alt.Scale(domain=[0, top], range=["#F4F8FB", BLUE]), legend=None
    )
    dark = alt.condition(alt.datum.rate > _DEEP * top, alt.value("white"), alt.value(DARK))
    height = _ROW * len(drawn)
    sides = (width / len(windows), float(_ROW))
    strokes = [line for cell in open_cells for line in _hatch(cell, sides)]
    layers: list[Any] = [
        alt.Chart(alt.InlineData(values=mature))
        .mark_rect(stroke="white", strokeWidth=1)
        .encode(**box, color=colour, tooltip=tooltip),
        alt.Chart(alt.InlineData(values=open_cells))
        .mark_rect(fill="white", stroke=LIGHT, strokeWidth=1)
        .encode(**box, tooltip=tooltip),
        alt.Chart(alt.InlineData(values=strokes))
        .mark_rule(color=MIDDLE, strokeWidth=0.7, opacity=0.75)
        .encode(x="left:Q", x2="right:Q", y="top:Q", y2="bottom:Q"),
        alt.Chart(alt.InlineData(values=mature))
        .transform_calculate(
            middle="(datum.left + datum.right) / 2", line="(datum.top + datum.bottom) / 2"
        )
        .mark_text(fontSize=11)
        .encode(x="middle:Q", y="line:Q", text="text:N", color=dark),
    ]
    chart = alt.layer(*layers).properties(width=width, height=height)
    return styled(
        cast("alt.LayerChart", chart),
        title=words.triangle_title(settings),
        subtitle=words.triangle_subtitle(len(cohorts), len(drawn), len(open_cells)),
        description=words.triangle_alternative(table, settings),
    )


def _labels(names: list[list[str]]) -> str:
    """A Vega expression that names the cell in whose middle a tick lies; lines of a name apart."""
    quoted = ", ".join(json.dumps(lines, ensure_ascii=False) for lines in names)
    return f"[{quoted}][floor(datum.value)]"


def _hatch(cell: Mapping[str, Any], sides: tuple[float, float]) -> list[dict[str, float]]:
    """Strokes of an open cell at 45 degrees, each the part of a line across the whole picture."""
    wide, high = sides
    left, top = cell["left"] * wide, cell["top"] * high
    out = []
    first, last = left + top, left + wide + top + high
    # Along a stroke x + y is the same.
    for step in range(int(first // _APART) + 1, int(last / _APART) + 1):
        total = step * _APART
        low = max(left, total - top - high)
        high_end = min(left + wide, total - top)
        if high_end - low > 1e-6:
            out.append(
                {
                    "left": low / wide,
                    "top": (total - low) / high,
                    "right": high_end / wide,
                    "bottom": (total - high_end) / high,
                }
            )
    return out
