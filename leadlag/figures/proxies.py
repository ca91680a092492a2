"""Past experiments as a picture: effects on a proxy against effects on the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from leadlag.figures.style import BLUE, LIGHT, MIDDLE, ORANGE, WIDTH, finite, styled
from leadlag.wording import proxies
from leadlag.wording.numbers import missing

if TYPE_CHECKING:
    import altair as alt

__all__ = ["scatter"]

_TRUE, _NAIVE = "true effects", "estimates as they are"


def scatter(
    points: Sequence[Mapping[str, float]],
    proxy: Mapping[str, Any],
    slopes: tuple[float, float],
    target: str,
) -> alt.LayerChart:
    """Draw effects with their errors, the noise-corrected line and the naive one.

    Parameters
    ----------
    points : sequence of mapping
        x, x_se, y, y_se of each experiment.
    proxy : mapping
        A row of `Experiments.table`, with its name as "metric".
    slopes : tuple of float
        Of true effects, and of the estimates; NaN where there is none.
    target : str

    Returns
    -------
    altair.LayerChart
    """
    import altair as alt

    values = [
        {
            "x": finite(p["x"]),
            "y": finite(p["y"]),
            "x0": finite(p["x"] - p["x_se"]),
            "x1": finite(p["x"] + p["x_se"]),
            "y0": finite(p["y"] - p["y_se"]),
            "y1": finite(p["y"] + p["y_se"]),
        }
        for p in points
    ]
    base = alt.Chart(alt.InlineData(values=values))
    axis = alt.Axis(tickCount=6)
    x = alt.X("x:Q", title=f"effect on {proxy['metric']}", axis=axis)
    y = alt.Y("y:Q", title=f"effect on {target}", axis=axis)
    lines = alt.Chart(alt.InlineData(values=_lines(points, slopes)))
    zero = alt.Chart(alt.InlineData(values=[{"zero": 0}]))
    kinds = [_TRUE, _NAIVE]
    layers: list[Any] = [
        zero.mark_rule(color=MIDDLE).encode(x=alt.X("zero:Q")),
        zero.mark_rule(color=MIDDLE).encode(y=alt.Y("zero:Q")),
        base.mark_rule(color=LIGHT).encode(x=x, y=alt.Y("y0:Q"), y2="y1:Q"),
        base.mark_rule(color=LIGHT).encode(x=alt.X("x0:Q"), x2="x1:Q", y=y),
        base.mark_circle(size=36, color=MIDDLE, opacity=0.9).encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("x:Q", title=str(proxy["metric"]), format=".3~g"),
                alt.Tooltip("y:Q", title=target, format=".3~g"),
            ],
        ),
        lines.mark_line(strokeWidth=2.5, clip=True).encode(
            x=alt.X("x:Q"),
            y=alt.Y("y:Q"),
            color=alt.Color(
                "line:N",
                title=None,
                scale=alt.Scale(domain=kinds, range=[BLUE, ORANGE]),
                legend=alt.Legend(orient="top", direction="horizontal"),
            ),
            strokeDash=alt.StrokeDash(
                "line:N", legend=None, scale=alt.Scale(domain=kinds, range=[[1, 0], [6, 4]])
            ),
        ),
    ]
    chart = alt.layer(*layers).properties(width=WIDTH - 60, height=360)
    return styled(
        cast("alt.LayerChart", chart),
        title=proxies.scatter_title(proxy, target),
        subtitle=proxies.scatter_subtitle(target),
        description=proxies.scatter_alternative(proxy, target),
    )


def _lines(
    points: Sequence[Mapping[str, float]], slopes: tuple[float, float]
) -> list[dict[str, Any]]:
    """Both lines through the middle of the points."""
    xs, ys = ([p[name] for p in points] for name in ("x", "y"))
    middle, level = sum(xs) / len(xs), sum(ys) / len(ys)
    return [
        {"line": name, "x": x, "y": level + slope * (x - middle)}
        for name, slope in zip((_TRUE, _NAIVE), slopes, strict=True)
        for x in (min(xs), max(xs))
        if not missing(slope)
    ]
