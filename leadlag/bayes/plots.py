"""Pictures of a lag model's draws, the same on both stacks: Altair from plain tables."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["KINDS"]

_BLUE, _GREY, _ORANGE = "#0072B2", "#8C8C8C", "#D55E00"
_WIDTH, _HEIGHT = 520, 220
_TAILS = (0.05, 0.95)
# Points in a line of a trace: more can't be told apart on the screen.
_MOST_POINTS = 250
# Letters of a title that fit over a picture, and of all labels under it.
_LETTERS, _LETTERS_BELOW = 76, 80


def _delay(tree: xr.DataTree, summary: pd.DataFrame, metric: str, target: str) -> Any:
    """Share of the effect that arrived by each lag."""
    import altair as alt

    arrived = tree["posterior"].to_dataset()["arrived"].sel(metric=metric)
    draws = arrived.values.reshape(-1, arrived.sizes["at_lag"])
    low, high = np.quantile(draws, _TAILS, axis=0)
    table = pd.DataFrame(
        {"lag": arrived["at_lag"].values, "share": draws.mean(axis=0), "low": low, "high": high}
    )
    base = alt.Chart(table).encode(x=alt.X("lag:Q", title="Lag", axis=alt.Axis(tickMinStep=1)))
    band = base.mark_area(opacity=0.25, color=_BLUE).encode(
        y=alt.Y("low:Q", title="Share of the effect that arrived", scale=alt.Scale(domain=[0, 1])),
        y2="high:Q",
    )
    line = base.mark_line(color=_BLUE, point=True).encode(y="share:Q")
    row = summary.loc[metric]
    title = (
        f"{metric} precedes {target} by {row['mean_delay']:.1f} periods on average "
        f"(90 %: {row['mean_delay_low']:.1f} to {row['mean_delay_high']:.1f})"
    )
    if not row["converged"]:
        title = f"{metric} and {target}: this fit did not converge, and can't be used"
    return _finished(alt.layer(band, line), title)


def _trace(tree: xr.DataTree, summary: pd.DataFrame, metric: str, target: str) -> Any:
    """Draws in order, by chain."""
    import altair as alt

    posterior = tree["posterior"].to_dataset().sel(metric=metric)
    step = max(1, posterior.sizes["draw"] // _MOST_POINTS)
    parts = []
    for name in ("mean_delay", "effect", "sigma"):
        values = posterior[name].values[:, ::step]
        for chain, line in enumerate(values):
            parts.append(
                pd.DataFrame(
                    {
                        "draw": posterior["draw"].values[::step],
                        "value": line,
                        "chain": str(chain + 1),
                        "quantity": name.replace("_", " "),
                    }
                )
            )
    lines = (
        alt.Chart(pd.concat(parts, ignore_index=True))
        .mark_line(strokeWidth=0.7)
        .encode(
            x=alt.X("draw:Q", title="Draw"),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
            color=alt.Color("chain:N", title="Chain"),
        )
        .properties(width=_WIDTH, height=90)
    )
    faceted = lines.facet(row=alt.Row("quantity:N", title=None)).resolve_scale(y="independent")
    title = textwrap.wrap(f"Draws for {metric}: the chains should overlap", _LETTERS)
    return faceted.properties(title=title)


def _forest(tree: xr.DataTree, summary: pd.DataFrame, metric: str, target: str) -> Any:
    """Effects and mean delays of all metrics, with their intervals."""
    import altair as alt

    panels = []
    for name, title in (
        ("mean_delay", "Mean delay, periods"),
        ("effect", f"Change of {target} after a typical move"),
    ):
        table = pd.DataFrame(
            {
                "metric": [str(one) for one in summary.index],
                "value": summary[name].to_numpy(),
                "low": summary[f"{name}_low"].to_numpy(),
                "high": summary[f"{name}_high"].to_numpy(),
                "converged": np.where(summary["converged"], "yes", "no"),
            }
        )
        color = alt.Color(
            "converged:N",
            title="Converged",
            scale=alt.Scale(domain=["yes", "no"], range=[_BLUE, _ORANGE]),
        )
        base = alt.Chart(table).encode(y=alt.Y("metric:N", title=None, sort=None), color=color)
        x = alt.X("low:Q", title=title, scale=alt.Scale(padding=10))
        rule = base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q")
        point = base.mark_point(filled=True, size=60, opacity=1).encode(x="value:Q")
        nothing = alt.Chart(pd.DataFrame({"at": [0.0]})).mark_rule(color=_GREY, strokeDash=[3, 3])
        layers = [nothing.encode(x="at:Q")] if name == "effect" else []
        panels.append(alt.layer(*layers, rule, point).properties(width=_WIDTH // 2))
    return alt.hconcat(*panels).properties(
        title=textwrap.wrap(f"What precedes {target}: 90 % intervals", _LETTERS)
    )


def _predictive(tree: xr.DataTree, summary: pd.DataFrame, metric: str, target: str) -> Any:
    """What the model expected of each period, one step ahead, beside what happened."""
    import altair as alt

    observed = _of_target(tree["observed_data"].to_dataset(), metric)
    replicated = _of_target(tree["posterior_predictive"].to_dataset(), metric)
    known = np.isfinite(observed)
    draws = replicated.reshape(-1, observed.size)[:, known]
    low, high = np.quantile(draws, _TAILS, axis=0)
    seen = observed[known]
    period = tree["observed_data"].to_dataset()["period"].values[known].astype(str)
    table = pd.DataFrame({"period": period, "observed": seen, "low": low, "high": high})
    inside = float(((seen >= low) & (seen <= high)).mean())
    # Dates of weeks and months are long: fewer of them, with room between.
    fit = max(2, _LETTERS_BELOW // (max(len(label) for label in period) + 3))
    some = period[:: max(1, -(-period.size // fit))].tolist()
    axis = alt.Axis(values=some, labelAngle=0, labelOverlap=True, ticks=True)
    base = alt.Chart(table).encode(x=alt.X("period:O", title="Period", sort=None, axis=axis))
    band = base.mark_area(opacity=0.3, color=_GREY).encode(
        y=alt.Y("low:Q", title=f"{target}, on the tested scale"), y2="high:Q"
    )
    points = base.mark_point(size=10, color=_BLUE, filled=True).encode(y="observed:Q")
    title = f"{inside:.0%} of the periods lie within their 90 % predictive interval"
    return _finished(alt.layer(band, points), title)


def _of_target(group: xr.Dataset, metric: str) -> Any:
    """The target's values beside one metric: the only variable of its group."""
    (variable,) = group.data_vars
    return group[variable].sel(metric=metric).values


def _finished(chart: Any, title: str) -> Any:
    lines = textwrap.wrap(title, _LETTERS)
    return chart.properties(width=_WIDTH, height=_HEIGHT, title=lines)


KINDS: dict[str, Callable[[xr.DataTree, pd.DataFrame, str, str], Any]] = {
    "delay": _delay,
    "trace": _trace,
    "forest": _forest,
    "predictive": _predictive,
}
