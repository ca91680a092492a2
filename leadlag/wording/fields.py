"""Settings, and what of a metric can change, in words; the key may stand beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadlag.wording.amounts import reading, share_cell, signed_cell
from leadlag.wording.numbers import missing, plain
from leadlag.wording.spans import dated
from leadlag.wording.words import periods, role_word, span_text, unit

__all__ = ["TIERS", "field_value", "field_word", "setting_value", "setting_word"]

NONE = "–"

TIERS: Mapping[str, str] = {
    "T0": "not shown", "T1": "precedes", "T2": "predicts", "T3": "holds over time",
}  # fmt: skip

_FIELDS: Mapping[str, str] = {
    "data through": "data through",
    "values": "history",
    "metric": "in the data",
    "tier": "evidence",
    "redundant_with": "says the same as",
    "lag": "lead",
    "skill": "skill in forecasts",
    "rank": "place",
    "freq": "length of a period",
    "version": "version of leadlag",
    "alpha": "share of leads that may be false",
    "max_lag": "longest lead searched",
    "controls": "held constant",
    "stamped": "dated by",
    "latency": "delay of its values",
    "window": "window it is counted over",
    "components": "what it is made of",
}
_SETTINGS: Mapping[str, str] = {
    "model": "how leads are tested",
    "seed": "seed of what is random",
    "time": "column of dates",
    "version": "version of leadlag",
    "target": "column of the target",
    "n": "periods in which the target is known",
    "span": "first and last of them",
    "freq": "length of a period",
    "max_lag": "longest lead searched",
    "alpha": "share of named leads that may be false",
    "controls": "held constant",
    "transform": "scale on which the target is tested",
    "terms": "taken as given in every test",
    "smallest_effect": "smallest effect that counts, in typical surprises of the target",
    "unpredicted": "share of the target that no metric here predicts",
}
_MODELS: Mapping[str, str] = {
    "screen": "every metric by the screen",
    "full": "every metric by the screen, the first of them again by the Bayesian lag model",
}
_SHARES = ("alpha", "unpredicted")


def field_word(field: str) -> str:
    """Name what changed.

    Parameters
    ----------
    field : str
        Of a change, such as a column of the table.

    Returns
    -------
    str

    Examples
    --------
    >>> field_word("redundant_with"), field_word("effect")
    ('says the same as', 'effect')
    """
    return _FIELDS.get(field, field.replace("_", " "))


def field_value(field: str, value: Any, freq: str) -> str:
    """Write a value of what changed.

    Parameters
    ----------
    field : str
    value : object
        Before or after.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    str

    Examples
    --------
    >>> field_value("lag", 3.0, "W"), field_value("role", "unrelated", "W")
    ('3 weeks', 'none shown')
    >>> field_value("tier", "T2", "W"), field_value("data through", "2024-07-14", "D")
    ('predicts (T2)', '14 July 2024')
    """
    if value is None or value == "":
        return NONE
    if isinstance(value, str):
        if field in ("role", "metric"):
            return "not there" if value == "absent" else role_word(value)
        if field == "tier":
            return f"{TIERS.get(value, value)} ({value})"
        return unit(value) if field == "freq" else dated(value)
    if missing(value):
        return NONE
    if field in ("lag", "max_lag"):
        return periods(value, freq)
    if field == "skill":
        return share_cell(value)
    if field == "alpha":
        return _percent(value)
    return signed_cell(value) if field == "effect" else plain(value)


def setting_word(key: str) -> str:
    """Name a setting.

    Parameters
    ----------
    key : str
        Of `Ranking.settings`.

    Returns
    -------
    str

    Examples
    --------
    >>> setting_word("max_lag")
    'longest lead searched'
    """
    return _SETTINGS.get(key, key.replace("_", " "))


def setting_value(key: str, value: Any, freq: str) -> str:
    """Write the value of a setting.

    Parameters
    ----------
    key : str
    value : object
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    str

    Examples
    --------
    >>> setting_value("max_lag", 28, "D"), setting_value("unpredicted", 0.337, "D")
    ('28 days', '34 %')
    >>> setting_value("span", ["2024-01-01", "2024-07-14"], "D"), setting_value("controls", [], "D")
    ('1 January 2024 to 14 July 2024', 'nothing')
    """
    if key == "span" and isinstance(value, (list, tuple)) and len(value) == 2:
        return dated(span_text(value))
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "nothing"
    if key == "freq":
        return f"one {unit(value)}"
    if key in ("n", "max_lag"):
        return periods(value, freq)
    if key in _SHARES and not missing(value):
        return _percent(value)
    if key == "model":
        return _MODELS.get(value, str(value))
    if isinstance(value, float):
        return reading(value)
    return NONE if value is None else str(value)


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %" if share < 0.1 else f"{100 * share:.0f} %"
