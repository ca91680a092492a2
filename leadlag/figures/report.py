"""Charts of a report: the target with its outlook, forecasts of the past, a lead over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from leadlag.figures.style import BLUE, DARK, MIDDLE, ORANGE, WIDTH, finite, time_axis
from leadlag.wording.amounts import amount
from leadlag.wording.numbers import missing, with_minus

if TYPE_CHECKING:
    import altair as alt

Row = Mapping[str, Any]


def outlook_chart(
    recent: Sequence[Row],
    rows: Sequence[Row],
    *,
    goal: float | None = None,
    width: int = WIDTH,
    height: int = 230,
) -> alt.LayerChart:
    """Draw the target's recent past and what is expected of it, with the interval.

    Parameters
    ----------
    recent : sequence of mapping
        "date", "label" and "value", oldest first.
    rows : sequence of mapping
        "date", "label", "expected", "low" and "high".
    goal : float, optional
        A line.
    width, height : int
        Pixels of the panel.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    past = [
        {
            "at": one["date"],
            "value": finite(one["value"]),
            "text": _said(one["label"], one["value"]),
        }
        for one in recent
    ]
    # The band begins where what is known ends.
    known = [one for one in past if one["value"] is not None][-1:]
    ahead: list[dict[str, Any]] = [
        {"at": one["at"], "expected": one["value"], "low": one["value"], "high": one["value"]}
        for one in known
    ]
    ahead += [
        {
            "at": one["date"],
            **{name: finite(one[name]) for name in _ENDS},
            "text": f"{_said(one['label'], one['expected'])}, nine in ten between "
            f"{amount(one['low'])} and {amount(one['high'])}",
        }
        for one in rows
    ]
    x = _time(past)
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
    base = alt.Chart(alt.InlineData(values=past))
    coming = alt.Chart(alt.InlineData(values=ahead))
    layers: list[Any] = [
        coming.mark_area(color=BLUE, opacity=0.2).encode(
            x=x, y=alt.Y("low:Q", title=None, scale=alt.Scale(zero=False)), y2="high:Q"
        ),
        base.mark_line(color=DARK, strokeWidth=1.8).encode(x=x, y=y),
        coming.mark_line(color=BLUE, strokeWidth=2.2, strokeDash=[6, 3]).encode(
            x=x, y="expected:Q"
        ),
        base.mark_circle(opacity=0, size=60).encode(x=x, y=y, description="text:N"),
        coming.transform_filter("datum.low < datum.high")
        .mark_circle(opacity=0, size=60)
        .encode(x=x, y="expected:Q", description="text:N"),
    ]
    if goal is not None:
        line = alt.Chart(alt.InlineData(values=[{"goal": goal}]))
        layers.append(line.mark_rule(color=ORANGE, strokeDash=[2, 2]).encode(y="goal:Q"))
    chart = alt.layer(*layers).properties(width=width, height=height)
    return cast("alt.LayerChart", chart)


_ENDS = ("expected", "low", "high")


def forecasts_chart(
    rows: Sequence[Row],
    *,
    helped: str = "with the leaders",
    width: int = WIDTH,
    height: int = 200,
) -> alt.Chart:
    """Draw what was forecast of the target in the past, with the leaders and without, and came.

    Parameters
    ----------
    rows : sequence of mapping
        "date", "actual", "with" and "alone".
    helped : str
        Name of the line with the leaders.
    width, height : int
        Pixels of the panel.

    Returns
    -------
    altair.Chart
    """
    import altair as alt

    names = {"actual": "what came", "with": helped, "alone": "without"}
    values = [
        {"at": row["date"], "value": finite(row[key]), "series": name}
        for key, name in names.items()
        for row in rows
    ]
    colour = alt.Color(
        "series:N",
        title=None,
        scale=alt.Scale(domain=list(names.values()), range=[DARK, BLUE, ORANGE]),
        legend=alt.Legend(orient="top", direction="horizontal"),
    )
    dash = alt.StrokeDash(
        "series:N",
        legend=None,
        scale=alt.Scale(domain=list(names.values()), range=[[1, 0], [6, 3], [2, 2]]),
    )
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=5))
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_line(strokeWidth=1.7)
        .encode(x=_time(values), y=y, color=colour, strokeDash=dash)
        .properties(width=width, height=height)
    )
    return chart


def rolling_chart(rows: Sequence[Row], *, width: int = WIDTH, height: int = 150) -> alt.LayerChart:
    """Draw the correlation at the lag, stretch by stretch.

    Parameters
    ----------
    rows : sequence of mapping
        "at", "label" and "correlation".
    width, height : int
        Pixels of the panel.

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    values = [
        {
            "at": row["at"],
            "correlation": finite(row["correlation"]),
            "text": f"up to {row['label']}: {with_minus(format(row['correlation'], '+.2f'))}",
        }
        for row in rows
    ]
    y = alt.Y("correlation:Q", title="correlation", axis=alt.Axis(tickCount=4))
    base = alt.Chart(alt.InlineData(values=values))
    zero = alt.Chart(alt.InlineData(values=[{"zero": 0}]))
    chart = alt.layer(
        zero.mark_rule(color=MIDDLE).encode(y="zero:Q"),
        base.mark_line(color=BLUE, strokeWidth=1.8).encode(x=_time(values), y=y),
        base.mark_circle(color=BLUE, size=50, opacity=1).encode(
            x=_time(values), y=y, description="text:N"
        ),
    ).properties(width=width, height=height)
    return cast("alt.LayerChart", chart)


def posterior_chart(rows: Sequence[Row], *, width: int = WIDTH, height: int = 140) -> alt.Chart:
    """Draw the probability of each lag.

    Parameters
    ----------
    rows : sequence of mapping
        "lag" and "probability".
    width, height : int
        Pixels of the panel.

    Returns
    -------
    altair.Chart
    """
    import altair as alt

    values = [
        {
            "lag": row["lag"],
            "probability": finite(row["probability"]),
            "text": f"lag {row['lag']}: {row['probability']:.2f}",
        }
        for row in rows
    ]
    chart: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar(color=BLUE, size=max(2, min(14, width // (2 * len(values)))))
        .encode(
            x=alt.X(
                "lag:Q", title="lag", axis=alt.Axis(grid=False, tickMinStep=1),
                scale=alt.Scale(domain=[0.4, len(values) + 0.6], nice=False),
            ),
            y=alt.Y("probability:Q", title="probability", axis=alt.Axis(tickCount=4)),
            description="text:N",
        )
        .properties(width=width, height=height)
    )  # fmt: skip
    return chart


def _time(values: Sequence[Row]) -> alt.X:
    import altair as alt

    dates = bool(values) and isinstance(values[0]["at"], str)
    return alt.X(
        "at:T" if dates else "at:Q",
        title=None if dates else "period",
        axis=time_axis(dates=dates, grid=False, tickCount=6, labelFlush=False, labelOverlap=True),
        scale=alt.Scale(type="utc") if dates else alt.Scale(zero=False, nice=False),
    )


def _said(when: Any, value: Any) -> str:
    """What a point says to a pointer; negative amounts keep their sign."""
    if missing(value):
        return f"{when}: not known"
    return f"{when}: {'−' if value < 0 else ''}{amount(value)}"
