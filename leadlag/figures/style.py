"""Colours, fonts and sizes of every chart."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from leadlag.wording.numbers import missing

if TYPE_CHECKING:
    import altair as alt

Chart = TypeVar("Chart")

# Okabe and Ito's colours: told apart with any of the usual colour deficiencies, and in grey.
BLUE = "#0072B2"
ORANGE = "#D55E00"
DARK = "#333333"
MIDDLE = "#8C8C8C"
LIGHT = "#E2E2E2"

WIDTH = 690

# Line breaks inside a name, and what no XML may hold.
_UNDRAWN = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff\\ufffe\\uffff]")

# Ticks in the order in which the texts have it: 26 May.
_DATES = {
    "year": "%Y", "quarter": "%b", "month": "%b", "week": "%-d %b", "date": "%-d %b",
    "hours": "%H:%M", "minutes": "%H:%M",
}  # fmt: skip


def time_axis(*, dates: bool, **options: Any) -> alt.Axis:
    """Make an axis of time whose ticks read as the texts do.

    Parameters
    ----------
    dates : bool
        False where periods are plain numbers.
    **options : object
        Of `altair.Axis`.

    Returns
    -------
    altair.Axis
    """
    import altair as alt

    return alt.Axis(**(options | ({"format": _DATES} if dates else {})))


def styled(chart: Chart, *, title: str, subtitle: str, description: str) -> Chart:
    """Give a chart its title, its text for those who can't see it, and the fonts of the house.

    Parameters
    ----------
    chart : altair chart
        One panel or several.
    title : str
        A sentence that states the finding.
    subtitle : str
        How to read it.
    description : str
        The alternative text.

    Returns
    -------
    altair chart
    """
    import altair as alt

    heading = alt.TitleParams(
        text=textwrap.wrap(title, 78),
        subtitle=textwrap.wrap(subtitle, 120),
        anchor="start",
        frame="bounds",
        fontSize=17,
        subtitleFontSize=12.5,
        subtitleColor="#555555",
        subtitleLineHeight=17,
        subtitlePadding=6,
        offset=14,
    )
    # Every kind of chart has these methods; Altair has no type that says so.
    anything: Any = chart
    finished: Chart = _dressed(
        anything.properties(title=heading, description=description, padding=14, background="white")
    )
    return finished


def sentence(text: str, *, title: str, subtitle: str, description: str) -> alt.LayerChart:
    """Write a sentence where there is nothing to draw: axes without values would be made up.

    Parameters
    ----------
    text : str
        The sentence.
    title, subtitle, description : str
        As for `styled`.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    words = (
        alt.Chart(alt.InlineData(values=[{"text": text}]))
        .mark_text(fontSize=13, color=DARK, align="left")
        .encode(x=alt.value(0), y=alt.value(20), text="text:N")
    )
    chart = alt.layer(words).properties(width=WIDTH - 60, height=40)
    return styled(
        cast("alt.LayerChart", chart), title=title, subtitle=subtitle, description=description
    )


def bare(chart: Chart, *, description: str) -> Chart:
    """Give a chart the fonts of the house, on whatever it stands, its title being elsewhere.

    Parameters
    ----------
    chart : altair chart
        One panel or several.
    description : str
        The alternative text.

    Returns
    -------
    altair chart
    """
    anything: Any = chart
    finished: Chart = _dressed(
        anything.properties(description=description, padding=4, background="transparent")
    )
    return finished


def _dressed(chart: Any) -> Any:
    return (
        _drawable(chart)
        .configure(font="Helvetica, Arial, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=12,
            titleFontSize=12.5,
            titleFontWeight="normal",
            titlePadding=9,
            labelColor=DARK,
            titleColor=DARK,
            gridColor="#EEEEEE",
            domainColor=MIDDLE,
            tickColor=MIDDLE,
        )
        .configure_legend(labelFontSize=12.5, symbolSize=140, symbolStrokeWidth=3, padding=2)
    )


def _drawable(value: Any) -> Any:
    """Texts on one line, without signs that the renderer can't draw: some of them end its process.

    A column from a spreadsheet may have a line break in its name.
    """
    import altair as alt

    if isinstance(value, str):
        return _UNDRAWN.sub(" ", value)
    if isinstance(value, list):
        return [_drawable(one) for one in value]
    if isinstance(value, dict):
        return {key: _drawable(one) for key, one in value.items()}
    if isinstance(value, alt.SchemaBase):
        for key, one in value._kwds.items():
            value._kwds[key] = _drawable(one)
    return value


def finite(value: Any) -> float | None:
    """Round a number for a chart; None, which draws nothing, where there is none.

    Parameters
    ----------
    value : float
        A number, NaN or None where missing.

    Returns
    -------
    float or None

    Examples
    --------
    >>> finite(0.123456), finite(float("nan"))
    (0.1235, None)
    """
    return None if missing(value) or not np.isfinite(value) else round(float(value), 4)
