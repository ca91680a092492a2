"""The page: the run record as one self-contained HTML file, and as Markdown and a short text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from leadlag.wording.amounts import interval_cell, reading, share_cell, with_range
from leadlag.wording.fields import TIERS, field_value, field_word, setting_value, setting_word
from leadlag.wording.names import Names
from leadlag.wording.numbers import missing, plain, probability
from leadlag.wording.spans import dated
from leadlag.wording.words import listed, periods, role_word, unit

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["markdown", "page", "short_text"]

_NONE = "–"
# What stands in the list of what not to follow: key in `others`, heading, and the field that says
# more about each metric.
_NOT_TO_FOLLOW = (
    ("redundant", "Lead, but say the same as another leader", "redundant_with"),
    ("outputs", "Outputs: things made or shipped, easily counted, rarely an outcome", ""),
    ("coincident", "Move in the same period", ""),
    ("lagging", "Follow the target", ""),
    ("not_shown", "Not shown to lead (not the same as useless)", ""),
    ("unclassified", "Unclassified: say in the catalogue what they are", ""),
    ("excluded", "Left out", "notes"),
)
# Keeps a number and its unit on one line.
_SPACE = "\u00a0"


def page(record: Mapping[str, Any]) -> str:
    """Render a run record as a page.

    Parameters
    ----------
    record : mapping
        As `leadlag.report.record.build_record` makes it.

    Returns
    -------
    str
        HTML that needs no network; names and texts of the data are shown as text.
    """
    from leadlag.report.charts import pictures

    return _environment().get_template("page.html.jinja").render(
        **{key: value for key, value in record.items() if key != "ranking"},
        pictures=pictures(record),
        has_verdict=any(one["verdict"] for one in record["leaders"]),
        called=record["names"],
        named_settings=Names(record["names"]).settings(record["settings"]),
        style=Markup(_file("style.css")),
        script=Markup(_file("script.js")),
    )  # fmt: skip


def markdown(record: Mapping[str, Any]) -> str:
    """Write a run record as Markdown.

    Parameters
    ----------
    record : mapping

    Returns
    -------
    str
    """
    return _environment(markup=False).get_template("report.md.jinja").render(
        **{key: value for key, value in record.items() if key not in ("ranking", "detail")},
        has_verdict=any(one["verdict"] for one in record["leaders"]),
        called=record["names"],
    )  # fmt: skip


def short_text(record: Mapping[str, Any]) -> str:
    """Write a run record as a few lines for a chat or an e-mail.

    Parameters
    ----------
    record : mapping

    Returns
    -------
    str
    """
    lines = [f"{record['title']} (data through {dated(record['target']['through'])})"]
    lines += [f"Alert: {one['text']}." for one in record["alerts"]["fired"]]
    lines += [f"Still on: {one['text']}." for one in record["alerts"]["on"] if one["text"]]
    return "\n".join([*lines, *record["headline"]]) + "\n"


@lru_cache(maxsize=2)
def _environment(*, markup: bool = True) -> Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("leadlag.report"),
        autoescape=markup,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters.update(_FILTERS)
    environment.globals["not_to_follow"] = _NOT_TO_FOLLOW
    return environment


def _file(name: str) -> str:
    return resources.files("leadlag.report").joinpath("templates", name).read_text("utf-8")


def _ranged(row: Mapping[str, Any], which: int) -> str:
    values = row["expected"], row["low"], row["high"]
    return _signed(values[which], with_range(*values)[which])


def _came(row: Mapping[str, Any]) -> str:
    return reading(row["actual"])


def _signed(value: float, text: str) -> str:
    return f"−{text}" if value < 0 and text != "0" else text


def _percent(share: Any) -> str:
    if missing(share):
        return _NONE
    text = f"{100 * abs(share):.1f}" if abs(share) < 0.0995 else f"{100 * abs(share):.0f}"
    sign = "−" if share < 0 else "+"
    return f"{'' if float(text) == 0 else sign}{text}{_SPACE}%"


def _changed(made: Mapping[str, Any]) -> str:
    """A change as a share of what was before, or in units where a share would say nothing."""
    change = made["change"]
    if not missing(made["share"]) or missing(change):
        return _percent(made["share"])
    text = reading(abs(change))
    return text if text == "0" else f"{'−' if change < 0 else '+'}{text}"


def _lead(row: Mapping[str, Any], freq: str) -> str:
    text = periods(row["lag"], freq).replace(" ", _SPACE)
    if not (missing(row["lag_low"]) or row["lag_low"] == row["lag_high"]):
        text += f" ({plain(row['lag_low'])}–{plain(row['lag_high'])})"
    if not missing(row["usable_lead"]) and row["usable_lead"] != row["lag"]:
        text += f", {plain(row['usable_lead'])} usable"
    return text


def _md(value: Any) -> str:
    """Text inside Markdown: nothing in it is markup, and a table's cell is one line."""
    text = " ".join(str(value).split())
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, f"\\{mark}")
    return text


_FILTERS = {
    "number": reading,
    "ranged": _ranged,
    "came": _came,
    "percent": _percent,
    "changed": _changed,
    "lead": _lead,
    "field": field_word,
    "value": lambda value, field, freq: field_value(field, value, freq),
    "named": setting_word,
    "setting": lambda value, key, freq: setting_value(key, value, freq),
    "dated": dated,
    "listed": listed,
    "spelt": periods,
    "units": lambda freq: f"{unit(freq)}s",
    "called": lambda names, labels: [labels.get(name, name) for name in names],
    "times": lambda z: f"{abs(z):.1f}{_SPACE}times",
    "tier": lambda tier: TIERS.get(tier, TIERS["T0"]),
    "fixed": lambda value: _NONE if missing(value) else f"{value:.2f}".replace("-", "−"),
    "plain": lambda value: plain(value) or _NONE,
    "chance": lambda value: probability(value) or _NONE,
    "share": lambda value: share_cell(value) or _NONE,
    "role": role_word,
    "effect": lambda row: interval_cell(row["effect"], row["effect_low"], row["effect_high"]),
    "md": _md,
}
