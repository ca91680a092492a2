"""Releases as dashed lines over a chart of time: marks, not causes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from leadlag.curves import Curves, stamps_text
from leadlag.errors import ConfigurationError, shown
from leadlag.figures.style import DARK, MIDDLE

if TYPE_CHECKING:
    import altair as alt

__all__ = ["release_marks"]


def release_marks(releases: object, curves: Curves) -> alt.LayerChart | None:
    """Draw a dashed line with a name at each release within the data, before and after marked.

    Parameters
    ----------
    releases : sequence, mapping or None
        Dates, or dates with names; numbers of periods where the data have no dates.
    curves : Curves
        Their index says which dates are within the data.

    Returns
    -------
    altair.LayerChart or None
        None where there is nothing to mark.

    Raises
    ------
    ConfigurationError
        If a release is not a date.
    """
    marks = _marks(releases, curves)
    if not marks:
        return None
    import altair as alt

    dates = isinstance(marks[0]["at"], str)
    x = alt.X("at:T" if dates else "at:Q")
    base = alt.Chart(alt.InlineData(values=marks)).encode(x=x, tooltip=["name:N", "when:N"])
    rules = base.mark_rule(strokeDash=[4, 3], color=MIDDLE, strokeWidth=1.4)
    names = base.mark_text(align="left", dx=4, dy=8, color=DARK, fontSize=11).encode(
        y=alt.value(0), text="name:N"
    )
    foot = base.encode(y=alt.value("height"))
    before = foot.mark_text(align="right", dx=-4, dy=-6, color=MIDDLE, fontSize=10)
    after = foot.mark_text(align="left", dx=4, dy=-6, color=MIDDLE, fontSize=10)
    sides = (before.encode(text=alt.value("before")), after.encode(text=alt.value("after")))
    return cast("alt.LayerChart", alt.layer(rules, names, *sides))


def _marks(releases: object, curves: Curves) -> list[dict[str, Any]]:
    if releases is None:
        return []
    if isinstance(releases, str) or not hasattr(releases, "__iter__"):
        releases = [releases]
    named = (
        list(releases.items())
        if isinstance(releases, Mapping)
        else [(when, "release") for when in cast("Any", releases)]
    )
    dated = isinstance(curves.index, pd.DatetimeIndex)
    out = []
    for when, name in named:
        at = _stamp(when) if dated else _number(when)
        if curves.index[0] <= at <= curves.index[-1]:
            shown_at = stamps_text(pd.DatetimeIndex([at]))[0] if dated else at
            out.append({"at": shown_at, "name": str(name), "when": str(shown_at)})
    return out


def _stamp(when: object) -> Any:
    try:
        if isinstance(when, (int, float)):
            raise ValueError("a number")
        stamp = pd.Timestamp(cast("Any", when))
    except (ValueError, TypeError) as error:
        raise _not_a_date(when, "a date such as '2026-01-31'") from error
    if pd.isna(stamp):
        raise _not_a_date(when, "a date such as '2026-01-31'")
    return stamp.tz_localize(None)


def _number(when: object) -> Any:
    if isinstance(when, bool) or not isinstance(when, (int, float)):
        raise _not_a_date(when, "the number of a period: the data have no dates")
    return when


def _not_a_date(when: object, need: str) -> ConfigurationError:
    return ConfigurationError("a release is not a date", got=shown(when), need=need)
