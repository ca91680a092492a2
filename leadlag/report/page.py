"""The page: the run record as one self-contained HTML file, and as Markdown and a short text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from leadlag.wording.amounts import amount, interval_cell, share_cell, signed_cell, with_range
from leadlag.wording.numbers import missing, plain, probability
from leadlag.wording.words import listed, periods, role_word

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["markdown", "page", "short_text"]

_NONE = "–"
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
        called=_called(record),
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
        called=_called(record),
    )  # fmt: skip


def _called(record: Mapping[str, Any]) -> dict[str, str]:
    """Labels by name, where one is declared."""
    declared = record["ranking"]["observed"]["declared"]
    return {name: one["label"] for name, one in declared.items() if one.get("label")}


def short_text(record: Mapping[str, Any]) -> str:
    """Write a run record as a few lines for a chat or an e-mail.

    Parameters
    ----------
    record : mapping

    Returns
    -------
    str
    """
    lines = [f"{record['title']} (data through {record['target']['through']})"]
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
    return environment


def _file(name: str) -> str:
    return resources.files("leadlag.report").joinpath("templates", name).read_text("utf-8")


def _number(value: Any) -> str:
    if missing(value):
        return _NONE
    size = abs(float(value))
    if 1000 <= size < 1e9:
        text = f"{size:,.0f}"
    elif 10 <= size < 1000:
        text = f"{size:.2f}".rstrip("0").rstrip(".")
    else:
        text = f"{size:.3f}".rstrip("0").rstrip(".") if 0.01 <= size < 10 else amount(size)
    return f"−{text}" if value < 0 and text != "0" else text


def _ranged(row: Mapping[str, Any], which: int) -> str:
    values = row["expected"], row["low"], row["high"]
    return _signed(values[which], with_range(*values)[which])


def _came(row: Mapping[str, Any]) -> str:
    return _number(row["actual"])


def _signed(value: float, text: str) -> str:
    return f"−{text}" if value < 0 and text != "0" else text


def _percent(share: Any) -> str:
    if missing(share):
        return _NONE
    text = f"{100 * abs(share):.1f}" if abs(share) < 0.0995 else f"{100 * abs(share):.0f}"
    sign = "−" if share < 0 else "+"
    return f"{'' if float(text) == 0 else sign}{text}{_SPACE}%"


def _lead(row: Mapping[str, Any], freq: str) -> str:
    text = periods(row["lag"], freq).replace(" ", _SPACE)
    if not (missing(row["lag_low"]) or row["lag_low"] == row["lag_high"]):
        text += f" ({plain(row['lag_low'])}–{plain(row['lag_high'])})"
    if not missing(row["usable_lead"]) and row["usable_lead"] != row["lag"]:
        text += f", {plain(row['usable_lead'])} usable"
    return text


def _cell(value: Any, field: str) -> str:
    if value is None or value == "":
        return _NONE
    if isinstance(value, str):
        return role_word(value) if field == "role" else value
    if field in ("skill", "alpha"):
        return share_cell(value)
    return signed_cell(value) if field == "effect" else plain(value)


def _setting(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or _NONE
    if isinstance(value, float):
        return _number(value)
    return _NONE if value is None else str(value)


def _md(value: Any) -> str:
    """Text inside Markdown: nothing in it is markup, and a table's cell is one line."""
    text = " ".join(str(value).split())
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, f"\\{mark}")
    return text


_FILTERS = {
    "number": _number,
    "ranged": _ranged,
    "came": _came,
    "percent": _percent,
    "lead": _lead,
    "cell": _cell,
    "setting": _setting,
    "listed": listed,
    "spelt": periods,
    "fixed": lambda value: _NONE if missing(value) else f"{value:.2f}".replace("-", "−"),
    "plain": lambda value: plain(value) or _NONE,
    "chance": lambda value: probability(value) or _NONE,
    "share": lambda value: share_cell(value) or _NONE,
    "role": role_word,
    "effect": lambda row: interval_cell(row["effect"], row["effect_low"], row["effect_high"]),
    "md": _md,
}
