"""What is declared about one metric."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from typing import Any

from leadlag.data.duration import parse_duration
from leadlag.errors import CatalogError, unknown_name

__all__ = ["AIMS", "FORMS", "KINDS", "STAGES", "STAMPS", "Metric"]

KINDS = (
    "business outcome",
    "product outcome",
    "traction",
    "sentiment",
    "output",
    "unclassified",
)
FORMS = ("flow", "stock", "rate", "windowed")
STAMPS = ("cohort", "availability")
AIMS = ("up", "down", "hold")
STAGES = ("acquisition", "activation", "retention", "referral", "revenue")
# As product people say them, and as the pirate wrote them.
_STAGE_WORDS = {
    "acquire": "acquisition",
    "activate": "activation",
    "retain": "retention",
    "refer": "referral",
    "monetisation": "revenue",
    "monetization": "revenue",
}
CHOICES = {"kind": KINDS, "form": FORMS, "stamped": STAMPS, "aim": AIMS}
LISTS = ("components", "counterweights")
TEXTS = ("label", "group", "unit", "owner", "stage")


@dataclass(frozen=True)
class Metric:
    """What is declared about one metric; everything is optional.

    Parameters
    ----------
    kind : str
        "business outcome", "product outcome", "traction", "sentiment", "output" or
        "unclassified".
    label : str, optional
        The name that people read.
    group : str, optional
        A heading under which metrics are listed together.
    aim : str, optional
        "up", "down" or "hold": the direction that is wanted.
    unit : str, optional
        What it is counted in.
    form : str, optional
        "flow" (adds up over time), "stock" (a level at a moment), "rate" (a ratio) or "windowed"
        (gathered over `window`).
    window : int, str or timedelta, optional
        The length of time over which a value is gathered; an integer is periods, ``"90D"`` is days.
    latency : int, str or timedelta, optional
        How long after its window closes a value arrives.
    stamped : str, optional
        "cohort" (the row's date is when the cohort began) or "availability" (the row's date is
        when the value was known).
    owner : str, optional
        Who answers for it.
    controllable_by : str or sequence of str, optional
        Who can move it.
    stage : str, optional
        Where in the funnel it belongs: "acquisition", "activation", "retention", "referral" or
        "revenue", or a stage of your own.
    value_moment : bool or str, optional
        Whether it counts a moment at which users get value, or which moment.
    components : sequence of str
        Columns that it is made of; for a rate, the numerator and the denominator.
    counterweights : sequence of str
        Columns that must not get worse when it improves.

    Raises
    ------
    CatalogError
        If a value is not among those that are known, with the nearest one suggested.

    Examples
    --------
    >>> Metric("product outcome", window="90D", latency="2D", stamped="cohort").window
    '90D'
    """

    kind: str = "unclassified"
    label: str | None = None
    group: str | None = None
    aim: str | None = None
    unit: str | None = None
    form: str | None = None
    window: int | str | None = None
    latency: int | str | None = None
    stamped: str | None = None
    owner: str | None = None
    controllable_by: str | tuple[str, ...] | None = None
    stage: str | None = None
    value_moment: bool | str | None = None
    components: tuple[str, ...] = ()
    counterweights: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check what was declared, and bring it into one spelling."""
        for field, choices in CHOICES.items():
            value = getattr(self, field)
            if value is not None or field == "kind":
                object.__setattr__(self, field, _choice(field, value, choices))
        for field in TEXTS:
            value = getattr(self, field)
            if value is not None and not isinstance(value, str):
                raise CatalogError(f"{field} is not text", got=repr(value), need="a string")
        if self.stage is not None:
            object.__setattr__(self, "stage", _stage(self.stage))
        for field in ("window", "latency"):
            object.__setattr__(self, field, _written(field, getattr(self, field)))
        for field in LISTS:
            object.__setattr__(self, field, _names(field, getattr(self, field)))
        if self.controllable_by is not None and not isinstance(self.controllable_by, str):
            names = _names("controllable_by", self.controllable_by)
            object.__setattr__(self, "controllable_by", names)
        if not (self.value_moment is None or isinstance(self.value_moment, (bool, str))):
            raise CatalogError(
                "value_moment is neither true, false nor text", got=repr(self.value_moment)
            )

    def to_dict(self) -> dict[str, Any]:
        """Return what was declared, without the fields that were left at their default.

        Returns
        -------
        dict
            Plain values only: strings, integers, booleans and lists of strings.

        Examples
        --------
        >>> Metric("sentiment", unit="points").to_dict()
        {'kind': 'sentiment', 'unit': 'points'}
        """
        out: dict[str, Any] = {"kind": self.kind}
        for field in dataclasses.fields(self)[1:]:
            value = getattr(self, field.name)
            if value != field.default:
                out[field.name] = list(value) if isinstance(value, tuple) else value
        return out


def _stage(text: str) -> str:
    """One of the five stages in one spelling; a stage of one's own stays as it is."""
    plain = " ".join(text.casefold().split())
    plain = _STAGE_WORDS.get(plain, plain)
    return plain if plain in STAGES else text


def _choice(field: str, value: object, choices: tuple[str, ...]) -> str:
    if isinstance(value, str):
        plain = " ".join(value.replace("_", " ").replace("-", " ").casefold().split())
        if plain in choices:
            return plain
    raise unknown_name(
        f"{field} {value!r} is not known", value, choices, kind=CatalogError, plural="Choices"
    )


def _written(field: str, value: object) -> int | str | None:
    if value is None:
        return None
    duration = parse_duration(value, field=field)
    if duration.unit == "period":
        return int(duration.count)
    if isinstance(value, datetime.timedelta):
        return f"{duration.count:g}{duration.unit}"
    return str(value).strip()


def _names(field: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (list, tuple)) and all(isinstance(name, str) for name in value):
        return tuple(value)
    raise CatalogError(f"{field} is not a list of names", got=repr(value), need="strings")
