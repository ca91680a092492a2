"""The numbers behind each leader, and past forecasts of the target: what the pictures show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from leadlag.core.roles import SHOWN_LEADING
from leadlag.curves import stamps_text
from leadlag.figures.series import shifted_lines
from leadlag.monitor.outlook import Made, look_back
from leadlag.monitor.relation import lag_chances, rolling_lead
from leadlag.monitor.state import State
from leadlag.ranking import Ranking
from leadlag.report import goals
from leadlag.wording.spans import label

__all__ = ["detail"]

Values = dict[str, Any]

# Past forecasts that are shown: a page has to stay small.
_FORECASTS = 52


def detail(
    ranking: Ranking, look: Made, tradeoffs: Sequence[Mapping[str, Any]] = ()
) -> list[Values]:
    """The numbers behind each leader, and past forecasts of the target with all of them.

    Parameters
    ----------
    ranking : Ranking
    look : Made
    tradeoffs : sequence of mapping
        Of counterweights with a margin.

    Returns
    -------
    list of dict
        One a leader: "metric", "explain", "profile", "overlay", "posterior", "rolling", "ahead" and
        "forecasts" (with the leader and without, so far ahead); last one without a metric, of all
        leaders together.
    """
    state = ranking._state()
    stamps = stamps_text(state.curves.index)
    shown = [row for row in state.rows if row["role"] in SHOWN_LEADING][: goals.DETAILED]
    made = []
    for row in shown:
        name = row["metric"]
        at = state.curves.metrics.index(name)
        back = look_back(state, name)
        made.append(
            {
                "metric": name,
                "explain": goals.explained(ranking, name, tradeoffs),
                "profile": [
                    {"lag": int(k), "correlation": float(r), "band": float(half)}
                    for k, r, half in zip(
                        state.curves.lags, state.curves.profile[at], state.curves.band[at],
                        strict=True,
                    )
                ],
                "overlay": _overlay(state, row),
                "posterior": lag_chances(state, name),
                "rolling": [
                    {**one, "at": stamps[one["at"]], "label": _label(state, stamps[one["at"]])}
                    for one in rolling_lead(state, row)
                ],
                **(_forecasts(state, back) if back else {"ahead": 0, "forecasts": []}),
            }
        )  # fmt: skip
    return [*made, {"metric": None, **_forecasts(state, look)}] if shown else []


def _label(state: State, stamp: Any) -> str:
    return label(stamp, state.settings["freq"], ends=state.observed.ends)


def _overlay(state: State, row: Mapping[str, Any]) -> Values:
    """Both lines of the shifted overlay, by period."""
    lines = shifted_lines(state.curves, row, state.settings)
    target, _ = lines["series"]
    points: dict[Any, Values] = {}
    for one in lines["rows"]:
        side = "target" if one["series"] == target else "metric"
        point = points.setdefault(one["at"], {"target": None, "metric": None})
        point[side] = one["value"] if np.isfinite(one["value"]) else None
    return {
        "axis": lines["axis"],
        "rows": [
            {"label": _label(state, stamp), **points[stamp]}
            for stamp in sorted(points)
            if any(value is not None for value in points[stamp].values())
        ],
    }


def _forecasts(state: State, made: Made) -> Values:
    """What was forecast so far ahead, with the leaders and without, and what came."""
    forecast = made.forecast
    recent = slice(-_FORECASTS, None)
    stamps = stamps_text(made.past[recent])
    columns = (
        state.observed.target[forecast.past_date[recent]],
        forecast.past_with[recent],
        forecast.past_alone[recent],
    )
    rows = [
        {
            "date": stamp,
            "label": _label(state, stamp),
            "actual": actual,
            "with": with_it,
            "alone": alone,
        }
        for stamp, actual, with_it, alone in zip(stamps, *columns, strict=True)
    ]
    return {"ahead": int(forecast.horizon[-1]), "forecasts": rows}
