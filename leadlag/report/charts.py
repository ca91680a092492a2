"""Charts as pictures inside the page: no script, no network, readable in light and dark."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from leadlag.figures.lags import lag_profile
from leadlag.figures.report import forecasts_chart, outlook_chart, posterior_chart, rolling_chart
from leadlag.figures.series import overlay
from leadlag.figures.style import bare
from leadlag.ranking import Ranking
from leadlag.wording import captions
from leadlag.wording.names import Names

__all__ = ["pictures"]

_WIDTH = 460
# Marks speak for themselves to a pointer; to a screen reader the picture has one text.
_ROLES = re.compile(r' (?:role|aria-roledescription|aria-hidden)="[^"]*"')
_LABELS = re.compile(r' aria-label="([^"]*)"')
_SIZE = re.compile(r'(<svg[^>]*?) width="([\d.]+)" height="([\d.]+)"')
_GEOMETRY = re.compile(r' (?:d|transform|x2|y2)="[^"]*"')
_LONG = re.compile(r"(\d+\.\d\d)\d+")
_IDENTITY = re.compile(r"((?:clip|gradient_)\d+)")


def pictures(record: Mapping[str, Any]) -> dict[str, Any]:
    """Draw the charts of a report.

    Parameters
    ----------
    record : mapping
        The run record.

    Returns
    -------
    dict
        "outlook", "forecasts" and "metrics" (by name: "profile", "overlay", "posterior",
        "rolling", "forecasts"); each an SVG, or None where there is nothing to draw.
    """
    from altair.utils import schemapi

    # Charts of ours are checked against Vega-Lite's schema by the tests; here that takes seconds.
    with schemapi.debug_mode(False):
        return _drawn(record)


def _drawn(record: Mapping[str, Any]) -> dict[str, Any]:
    ranking = Ranking.from_dict(record["ranking"])
    state = ranking._state()
    target, freq = record["target"]["label"], record["target"]["freq"]
    called = Names(record["names"])
    settings = called.settings(ranking.settings)
    look = record["outlook"]
    drawn: dict[str, Any] = {"metrics": {}, "forecasts": None}
    drawn["outlook"] = _svg(
        outlook_chart(
            look["recent"], look["rows"], goal=record["target"]["goal"], width=_WIDTH
        ),
        f"{target}: the recent past and the outlook with its interval; the numbers are in the "
        "table below.",
        "outlook",
    )  # fmt: skip
    rows = state.by_name
    for number, one in enumerate(record["detail"]):
        name = one["metric"]
        if name is None:
            if one["forecasts"]:
                text = f"{target}: what came, and what was forecast with the leaders and without."
                drawn["forecasts"] = _svg(
                    forecasts_chart(one["forecasts"], width=_WIDTH), text, "forecasts"
                )
            continue
        row = rows[name]
        label = called(name)
        at = state.curves.metrics.index(name)
        profile = lag_profile(
            state.curves.lags, state.curves.profile[at], state.curves.band[at],
            metric=label, target=target, freq=freq, lag=row["lag"], lag_low=row["lag_low"],
            lag_high=row["lag_high"], width=_WIDTH, height=180,
        )  # fmt: skip
        over = overlay(
            state.curves, row, ranking.settings, labels=called.labels, width=_WIDTH, height=180
        )
        drawn["metrics"][name] = {
            "profile": _svg(
                profile, captions.profile_alternative(called.row(row), settings), f"p{number}"
            ),
            "overlay": _svg(over, f"{label}, moved by its lead, over {target}.", f"o{number}"),
            "posterior": _svg(
                posterior_chart(one["posterior"], width=_WIDTH),
                f"Probability of each lead, given that {label} leads.",
                f"q{number}",
            )
            if one["posterior"]
            else None,
            "rolling": _svg(
                rolling_chart(one["rolling"], width=_WIDTH),
                f"Correlation of {label} with {target} at its lead, stretch by stretch.",
                f"r{number}",
            )
            if one["rolling"]
            else None,
            "forecasts": _svg(
                forecasts_chart(one["forecasts"], width=_WIDTH, helped="with it"),
                f"{target}: what came, and what was forecast with {label} and without.",
                f"f{number}",
            )
            if one["forecasts"]
            else None,
        }
    return drawn


def _svg(chart: Any, description: str, name: str) -> Markup:
    """Render a chart; its identifiers are its own, its size follows the page."""
    import vl_convert

    spec = json.dumps(bare(chart, description=description).to_dict())
    text = vl_convert.vegalite_to_svg(spec)
    text = _ROLES.sub("", text)
    text = _LABELS.sub(lambda found: f' data-tip="{found[1]}"', text)
    seen: dict[str, str] = {}
    # Counted afresh in each picture: the renderer counts on through a process.
    text = _IDENTITY.sub(
        lambda found: seen.setdefault(found[1], f"{name}-{len(seen)}"), text
    )  # fmt: skip
    text = _GEOMETRY.sub(lambda found: _LONG.sub(r"\1", found[0]), text)
    text = _SIZE.sub(r"\1", text, count=1)
    label = html.escape(description, quote=True)
    text = text.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
    # The renderer escapes what it draws; what comes out is markup.
    return Markup(text)
