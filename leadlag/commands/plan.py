"""`leadlag plan`: from a growth target back to the visits it takes."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from leadlag.commands.codes import codes
from leadlag.errors import ConfigurationError

__all__ = ["run"]

_NAMES = (
    "revenue", "growth", "average_sale", "win_rate", "acceptance_rate", "form_rate", "margin",
    "visit_cost", "believed",
)  # fmt: skip
_PAIR = re.compile(r"\((?P<low>[-\d.e]+), (?P<high>[-\d.e]+)\)")
_ARGUMENT = re.compile(rf"\b(?P<name>{'|'.join(_NAMES)})(?P<sign>=?)")


def run(
    revenue: Annotated[str, typer.Option(help="Revenue of the last period, such as a year.")],
    growth: Annotated[str, typer.Option(help="Wanted growth as a fraction: 0.2 is a fifth more.")],
    average_sale: Annotated[str, typer.Option(help="Revenue of one deal.")],
    win_rate: Annotated[str, typer.Option(help="Share of accepted leads that become deals.")],
    acceptance_rate: Annotated[str, typer.Option(help="Share of forms accepted as leads.")],
    form_rate: Annotated[str, typer.Option(help="Share of visits that fill in the form.")],
    margin: Annotated[
        str | None, typer.Option(help="Share of the revenue that is left, such as EBITDA.")
    ] = None,
    visit_cost: Annotated[str | None, typer.Option(help="Cost of one visit.")] = None,
    believed: Annotated[
        list[str] | None,
        typer.Option(help="What the team thinks it can reach: visits=25000:35000. Repeat it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Work back from a growth target to deals, accepted leads, forms and visits.

    Every value is a number or a range LOW:HIGH. Rates are fractions: 0.25, not 25.
    """
    with codes(_as_options):
        from leadlag.planning.backward import plan

        made = plan(
            revenue=_value(revenue),
            growth=_value(growth),
            average_sale=_value(average_sale),
            win_rate=_value(win_rate),
            acceptance_rate=_value(acceptance_rate),
            form_rate=_value(form_rate),
            margin=None if margin is None else _value(margin),
            visit_cost=None if visit_cost is None else _value(visit_cost),
            believed=_believed(believed or []),
        )
    if as_json:
        from leadlag.storage import plain, text_of

        typer.echo(text_of(plain(made.to_dict())), nl=False)
    else:
        typer.echo(repr(made))


def _value(text: str) -> float | tuple[float, float]:
    low, sign, high = text.partition(":")
    try:
        return (_number(low), _number(high)) if sign else _number(low)
    except ValueError as error:
        raise ConfigurationError(
            "a value is not a number", got=repr(text), need="a number, or a range LOW:HIGH"
        ) from error


def _number(text: str) -> float:
    """Read a number; 20% is 0.2."""
    return float(text.strip()[:-1]) / 100 if text.strip().endswith("%") else float(text)


def _believed(texts: list[str]) -> dict[str, float | tuple[float, float]] | None:
    made = {}
    for text in texts:
        step, sign, value = text.partition("=")
        if not sign:
            raise ConfigurationError(
                "--believed takes STEP=VALUE",
                got=repr(text),
                do="Write it as --believed visits=25000:35000",
            )
        made[step] = _value(value)
    return made or None


def _as_options(text: str) -> str:
    text = _PAIR.sub(lambda pair: f"{pair['low']}:{pair['high']}", text)

    def option(found: re.Match[str]) -> str:
        if found["name"] in ("revenue", "growth", "margin", "believed") and not found["sign"]:
            return found[0]  # a word of the sentence
        return f"--{found['name'].replace('_', '-')}{' ' * bool(found['sign'])}"

    return _ARGUMENT.sub(option, text)
