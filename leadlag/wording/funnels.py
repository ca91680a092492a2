"""What a funnel says: what changed the outcome, what would pay, what to beware of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from math import prod
from typing import Any

from leadlag.wording.amounts import share_cell
from leadlag.wording.numbers import figures
from leadlag.wording.plans import count, percent
from leadlag.wording.words import periods

# A part is no more than the rounding of the outcome below this share of it.
_ROUNDING = 1e-9


def funnel_text(made: Mapping[str, Any]) -> str:
    """Write a funnel.

    Parameters
    ----------
    made : mapping
        As `Funnel.to_dict` returns it.

    Returns
    -------
    str
    """
    stages, totals = made["stages"], made["totals"]
    lines = [f"{count(totals[stages[0]])} {stages[0]}"]
    for before, stage in pairwise(stages):
        rate = made["rates"][f"{stage} / {before}"]
        delay = made["delays"][stage]
        when = f", {periods(round(delay, 1), made['freq'])} later" if delay >= 0.05 else ""
        part = f"{percent(rate)} of" if rate <= 1 else f"{count(rate)} for each of"
        lines.append(f"{count(totals[stage])} {stage}: {part} {before}{when}")
    lines += _change(made)
    lines.append("")
    for row in made["break_even"]:
        least, now = row["break_even_if_doubled"], row["rate"]
        becomes = (
            f"more than {percent(least)} of them become {stages[-1]} (now {percent(now)})"
            if now <= 1
            else f"each brings more than {count(least)} {stages[-1]} (now {count(now)})"
        )
        lines.append(f"Doubling {row['stage']} pays only while {becomes}.")
    lines += _warnings(made)
    return "\n".join(lines)


def totals(made: Mapping[str, Any]) -> tuple[float, float]:
    """Give the outcome in either span, as the product of the parts.

    Parameters
    ----------
    made : mapping

    Returns
    -------
    before, after : float
    """
    parts = made["parts"]
    return prod(part["before"] for part in parts), prod(part["after"] for part in parts)


def span_names(made: Mapping[str, Any]) -> tuple[str, str]:
    """Name both spans, for the bars at either end.

    Parameters
    ----------
    made : mapping

    Returns
    -------
    before, after : str
    """
    first, middle, last = made["spans"]
    second = last if middle == last else f"{middle} to {last}"
    return f"{made['stages'][-1]} from {first}", f"{made['stages'][-1]}, {second}"


def axis(made: Mapping[str, Any]) -> str:
    """Title the axis of a funnel's picture.

    Parameters
    ----------
    made : mapping

    Returns
    -------
    str
    """
    return f"{made['stages'][-1]}, in all of the span"


def total_label(value: float) -> str:
    """Write the outcome of a span.

    Parameters
    ----------
    value : float

    Returns
    -------
    str
    """
    return count(round(value))


def bar_label(part: Mapping[str, Any], made: Mapping[str, Any]) -> str:
    """Write what a part did, and from what to what it went.

    Parameters
    ----------
    part, made : mapping

    Returns
    -------
    str
    """
    write = _writer(part, made)
    return f"{_units(part, made)}  ({write(part['before'])} to {write(part['after'])})"


def waterfall_title(made: Mapping[str, Any]) -> str:
    """State which part did most.

    Parameters
    ----------
    made : mapping

    Returns
    -------
    str
    """
    before, after = totals(made)
    most = max(made["parts"], key=lambda part: abs(part["units"]))
    outcome = made["stages"][-1]
    if after == before:
        return f"{outcome} did not change; {most['part']} moved most"
    way = "rose" if after > before else "fell"
    return (
        f"{outcome} {way} from {total_label(before)} to {total_label(after)}; the largest part, "
        f"{most['part']}, made {_units(most, made)}"
    )


def waterfall_subtitle(made: Mapping[str, Any]) -> str:
    """Say how the picture is read, and what it does not show.

    Parameters
    ----------
    made : mapping

    Returns
    -------
    str
    """
    text = (
        "Each bar is one part's share of the change; together they make it, and nothing is left "
        "over. It is arithmetic, not causes."
    )
    traps = f" Trap: rises of {', '.join(made['traps'])} were lost later on."
    return text + (traps if made["traps"] else "")


def waterfall_alternative(made: Mapping[str, Any]) -> str:
    """Write the picture in words.

    Parameters
    ----------
    made : mapping

    Returns
    -------
    str
    """
    parts = "; ".join(f"{part['part']} {bar_label(part, made)}" for part in made["parts"])
    return f"{waterfall_title(made)}. {parts}."


def _change(made: Mapping[str, Any]) -> list[str]:
    if not made["parts"]:
        return []
    outcome = made["stages"][-1]
    first, middle, last = made["spans"]
    total = sum(part["units"] for part in made["parts"])
    second = f"in {last}" if middle == last else f"from {middle} to {last}"
    lines = ["", f"{outcome} {second}, against those from {first}: {_signed(total)}"]
    for part in made["parts"]:
        write = _writer(part, made)
        lines.append(
            f"  {_units(part, made)} by {part['part']}, {write(part['before'])} to "
            f"{write(part['after'])}"
        )
    return lines


def _warnings(made: Mapping[str, Any]) -> list[str]:
    lines = [
        f"{stage} is larger than {before}: the stages are out of order, one case of {before} makes "
        f"several, or {stage} is an amount, such as money, and its rate a mean."
        for before, stage in pairwise(made["stages"])
        if made["rates"][f"{stage} / {before}"] > 1
    ]
    for link in made["links"]:
        if link["responds"] == "outcome" and link["raised"] in made["traps"]:
            lines.append(
                f"Trap: 1 % more in {link['raised']} went with a change of "
                f"{share_cell(link['elasticity'])} % in {made['stages'][-1]} "
                f"[{share_cell(link['low'])}, {share_cell(link['high'])}]; the rest was lost later "
                f"on (p = {figures(link['p_value'])})."
            )
    for stage in made["vanity"]:
        lines.append(
            f"Vanity: {stage} grows, but says nothing about {made['stages'][-1]}, by a test that "
            "would have seen it."
        )
    for link in made["links"]:
        if link["responds"] == "outcome" and made["raises"].get(link["raised"]) == "underpowered":
            lines.append(
                f"Underpowered: whether rises of {link['raised']} reach {made['stages'][-1]} can't "
                f"be told from these data: 1 % more went with a change of "
                f"{share_cell(link['elasticity'])} % [{share_cell(link['low'])}, "
                f"{share_cell(link['high'])}]. More periods, or coarser ones, would tell."
            )
    if not made["links"]:
        lines.append("Too few periods to say what raising one stage does to the rest.")
    return ["", *lines] if lines else []


def _writer(part: Mapping[str, Any], made: Mapping[str, Any]) -> Callable[[float], str]:
    """How the values of a part are written: a rate above one is a mean, such as money a sale."""
    first = part["part"] == made["stages"][0]
    return count if first or max(part["before"], part["after"]) > 1 else percent


def _units(part: Mapping[str, Any], made: Mapping[str, Any]) -> str:
    """Units of the outcome that a part made; rounding is none."""
    rounding = _ROUNDING * max(totals(made))
    return _signed(part["units"]) if abs(part["units"]) > rounding else "0"


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{figures(abs(value))}"
