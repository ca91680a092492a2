"""The triangle: cohorts by windows, coloured by rate; what is not known yet is hatched."""

from __future__ import annotations

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
# Width of a cell, and of a letter of its name.
_CELL, _LETTER = 110, 7
# Hatching: lines from the lower edge to the right one, where they begin along the cell.
_STROKES = (0.0, 1 / 3, 2 / 3)


def triangle(table: pd.DataFrame, settings: Mapping[str, Any]) -> alt.LayerChart:
    """Draw retention by cohort and window.

    Parameters
    ----------
    table : DataFrame
        `Retention.table`.
    settings : mapping
        `Retention.settings`.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    windows = list(dict.fromkeys(table["window"]))
    cohorts = list(dict.fromkeys(table["cohort_start"]))
    drawn = cohorts[-_MOST_COHORTS:]
    names = [f"{start:%Y-%m-%d}" for start in drawn]
    heads = [words.window(window) for window in windows]
    wide = max(_CELL, _LETTER * max(map(len, heads)) + 14)
    width = min(WIDTH - 60, wide * len(windows))
    place = {start: row for row, start in enumerate(drawn)}
    cells = [
        {
            "left": windows.index(row["window"]),
            "right": windows.index(row["window"]) + 1,
            "top": place[row["cohort_start"]],
            "bottom": place[row["cohort_start"]] + 1,
            "cohort": f"{row['cohort_start']:%Y-%m-%d}",
            "window": words.window(row["window"]),
            "rate": finite(row["rate"]),
            "text": words.rate_cell(row["rate"]),
            "users": int(row["n"]),
            "interval": words.interval(row["low"], row["high"]),
            "known": f"{row['available_at']:%Y-%m-%d}",
        }
        for row in table[table["cohort_start"].isin(drawn)].to_dict("records")
    ]
    mature = [cell for cell in cells if cell["rate"] is not None]
    open_cells = [cell for cell in cells if cell["rate"] is None]
    x = alt.X(
        "left:Q",
        title=words.WINDOW_AXIS,
        scale=alt.Scale(domain=[0, len(windows)], nice=False),
        axis=alt.Axis(
            values=[i + 0.5 for i in range(len(windows))],
            labelExpr=_labels(heads),
            labelLimit=width / len(windows) - 4,
            labelOverlap=False,
            # Vega draws no more of the values than this.
            tickCount=len(windows),
            orient="top",
            grid=False,
            ticks=False,
            domain=False,
        ),
    )
    y = alt.Y(
        "top:Q",
        title=None,
        scale=alt.Scale(domain=[0, len(drawn)], reverse=True, nice=False),
        axis=alt.Axis(
            values=[i + 0.5 for i in range(len(drawn))],
            labelExpr=_labels(names),
            labelOverlap=False,
            tickCount=len(drawn),
            grid=False,
            ticks=False,
            domain=False,
        ),
    )
    box = {"x": x, "x2": "right:Q", "y": y, "y2": "bottom:Q"}
    tips = ["cohort:N", "window:N", "users:Q", "text:N", "interval:N", "known:N"]
    tooltip = [alt.Tooltip(name, title=words.TIPS.get(name[:-2], name[:-2])) for name in tips]
    top = max(0.01, float(table["rate"].max())) if mature else 1.0
    colour = alt.Color(
        "rate:Q",
        title="rate",
        scale=alt.Scale(domain=[0, top], range=["#F4F8FB", BLUE]),
        legend=alt.Legend(format=".0%", gradientLength=120),
    )
    dark = alt.condition(alt.datum.rate > 0.6 * top, alt.value("white"), alt.value(DARK))
    layers: list[Any] = [
        alt.Chart(alt.InlineData(values=mature))
        .mark_rect(stroke="white", strokeWidth=1)
        .encode(**box, color=colour, tooltip=tooltip),
        alt.Chart(alt.InlineData(values=open_cells))
        .mark_rect(fill="white", stroke=LIGHT, strokeWidth=1)
        .encode(**box, tooltip=tooltip),
        alt.Chart(alt.InlineData(values=[line for cell in open_cells for line in _hatch(cell)]))
        .mark_rule(color=MIDDLE, strokeWidth=0.8)
        .encode(x="left:Q", x2="right:Q", y="top:Q", y2="bottom:Q"),
        alt.Chart(alt.InlineData(values=mature))
        .transform_calculate(
            middle="(datum.left + datum.right) / 2", line="(datum.top + datum.bottom) / 2"
        )
        .mark_text(fontSize=11)
        .encode(x="middle:Q", y="line:Q", text="text:N", color=dark),
    ]
    chart = alt.layer(*layers).properties(width=width, height=max(_ROW * len(drawn), 60))
    return styled(
        cast("alt.LayerChart", chart),
        title=words.triangle_title(settings),
        subtitle=words.triangle_subtitle(len(cohorts), len(drawn), len(open_cells)),
        description=words.triangle_alternative(table, settings),
    )


def _labels(names: list[str]) -> str:
    """A Vega expression that names the cell in whose middle a tick lies."""
    quoted = ", ".join("'" + name.replace("\\", "").replace("'", "’") + "'" for name in names)
    return f"[{quoted}][floor(datum.value)]"


def _hatch(cell: Mapping[str, Any]) -> list[dict[str, float]]:
    """Parallel strokes of an open cell, each from its lower or left edge up to the right."""
    left, top = float(cell["left"]), float(cell["top"])
    lines = [(at, 1.0, 1.0, at) for at in _STROKES]
    lines += [(0.0, 1.0 - at, 1.0 - at, 0.0) for at in _STROKES[1:]]
    return [
        {"left": left + x, "top": top + y, "right": left + x2, "bottom": top + y2}
        for x, y, x2, y2 in lines
    ]
