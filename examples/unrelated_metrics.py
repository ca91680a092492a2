"""What do twenty metrics show that have nothing to do with revenue? The README's picture.

    python examples/unrelated_metrics.py [folder]

Simulates a year of daily revenue and of twenty metrics that share its weekly pattern and its
growth, and nothing else. Left, the usual scan: the largest correlation over all lags against
±1.96/√n. Right, leadlag on the same data. Saves unrelated.png and unrelated.svg, by default in
docs/images.
"""

import sys
from pathlib import Path
from typing import cast

import altair as alt
import numpy as np
import pandas as pd

import leadlag

DAYS = 365
METRICS = 20
SEED = 0

FALSE, GREY, MIDDLE, DARK = "#D55E00", "#8C8C8C", "#555555", "#333333"


def simulate(seed: int = SEED) -> pd.DataFrame:
    """Random walks of their own, beside a weekly pattern and a growth that all of them share."""
    rng = np.random.default_rng(seed)
    day = np.arange(DAYS)
    weekday = rng.normal(size=7)[day % 7]
    growth = 10 * day / DAYS
    names = ["revenue", *(f"metric {j:02d}" for j in range(1, METRICS + 1))]
    values = {name: 100 + weekday + growth + np.cumsum(rng.standard_normal(DAYS)) for name in names}
    return pd.DataFrame(values, index=pd.date_range("2025-01-01", periods=DAYS, name="date"))


def compare(frame: pd.DataFrame) -> tuple[pd.DataFrame, leadlag.Ranking]:
    """The usual scan's largest correlation and leadlag's q-value, one row a metric."""
    ranking = leadlag.rank(frame, target="revenue", progress=False)
    metrics = frame.drop(columns="revenue")
    scan = leadlag.cross_correlation(metrics, frame["revenue"], max_lag=ranking.settings["max_lag"])
    largest = np.abs(scan.correlation[:, scan.lags > 0]).max(axis=1)
    table = ranking.table.loc[list(metrics.columns)]
    rows = pd.DataFrame(
        {
            "metric": list(metrics.columns),
            "correlation": largest,
            "named": largest > band(len(frame)),
            "q": table["q_value"].to_numpy(),
            "shown": table["role"].isin(["leading", "feedback"]).to_numpy(),
        }
    )
    return rows.sort_values("correlation", ascending=False, ignore_index=True), ranking


def band(n: int) -> float:
    """Half width of the band that a correlogram draws: right for white noise alone."""
    return float(1.96 / np.sqrt(n))


def draw(rows: pd.DataFrame, ranking: leadlag.Ranking) -> alt.HConcatChart:
    """Both panels, the metrics in one order, stronger evidence farther to the right."""
    alpha, limit = ranking.settings["alpha"], band(ranking.settings["n"])
    shown = int(rows["shown"].sum())
    left = _panel(
        rows,
        value="correlation",
        flag="named",
        title=f"The usual scan: {rows['named'].sum()} of {METRICS} “lead”",
        subtitle=f"largest |correlation| over lags of 1 to {ranking.settings['max_lag']} days",
        axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], labelFlush=False, format=".2~f"),
        scale=alt.Scale(domain=[0, 1]),
        grey=(0, limit, "← within ±1.96/√n"),
        names=True,
    )
    right = _panel(
        rows,
        value="q",
        flag="shown",
        title=f"leadlag: {shown} of {METRICS} lead"
        if shown
        else "leadlag: no leading indicator was shown",
        subtitle="q-value, which pays for the search over lags and metrics",
        axis=alt.Axis(values=[1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01], labelFlush=False, format=".2~f"),
        scale=alt.Scale(type="log", domain=[0.01, 1], reverse=True),
        grey=(1, alpha, f"← q above {alpha:g}"),
        names=False,
    )
    heading = alt.TitleParams(
        text=f"{METRICS} metrics that have nothing to do with revenue",
        subtitle="A simulated year of days: they share its weekly pattern and its growth, no more.",
        anchor="start",
        fontSize=18,
        subtitleFontSize=13,
        subtitleColor=MIDDLE,
        subtitlePadding=5,
        offset=18,
    )
    chart = (
        alt.hconcat(left, right, spacing=36)
        .properties(title=heading, padding=14, background="white")
        .configure(font="Helvetica, Arial, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, labelColor=DARK, gridColor="#EEEEEE", tickColor=GREY)
    )
    return cast("alt.HConcatChart", chart)


def _panel(
    rows: pd.DataFrame,
    *,
    value: str,
    flag: str,
    title: str,
    subtitle: str,
    axis: alt.Axis,
    scale: alt.Scale,
    grey: tuple[float, float, str],
    names: bool,
) -> alt.LayerChart:
    """Sticks from no evidence to what was found; the grey is what counts as chance."""
    start, end, word = grey
    data = rows.assign(start=start, colour=np.where(rows[flag], FALSE, GREY))
    ends = pd.DataFrame({"start": [start], "end": [end], "word": [word]})
    labels = alt.Axis(labelFontSize=11, labelPadding=8, ticks=False, domain=False)
    x = alt.X(f"{value}:Q", title=None, axis=axis, scale=scale)
    y = alt.Y("metric:N", sort=list(rows["metric"]), title=None, axis=labels if names else None)
    colour = alt.Color("colour:N", scale=None)
    zone = alt.Chart(ends).encode(x=alt.X("end:Q", title=None, axis=axis, scale=scale))
    base = alt.Chart(data).encode(x=x, y=y, color=colour)
    chart = alt.layer(
        zone.mark_rect(color="#E4E4E4").encode(x2="start:Q"),
        base.mark_rule(strokeWidth=2).encode(x2="start:Q"),
        base.mark_circle(size=70, opacity=1),
        zone.mark_text(
            align="left", baseline="bottom", dx=4, y=-3, fontSize=11.5, color=MIDDLE
        ).encode(text="word:N"),
    ).properties(
        width=305,
        height=320,
        title=alt.TitleParams(
            text=title,
            subtitle=subtitle,
            anchor="start",
            frame="group",
            fontSize=14.5,
            subtitleFontSize=12,
            subtitleColor=MIDDLE,
            offset=20,
        ),
    )
    return cast("alt.LayerChart", chart)


def main(folder: Path) -> None:
    rows, ranking = compare(simulate())
    print(f"The usual scan names {rows['named'].sum()} of {METRICS} unrelated metrics as leading.")
    print(ranking.summary())
    folder.mkdir(parents=True, exist_ok=True)
    chart = draw(rows, ranking)
    chart.save(folder / "unrelated.png", scale_factor=2)
    chart.save(folder / "unrelated.svg")
    print(f"Picture: {folder / 'unrelated.png'}")


if __name__ == "__main__":
    default = Path(__file__).resolve().parent.parent / "docs" / "images"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
