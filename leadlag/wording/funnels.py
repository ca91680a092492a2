"""What a funnel says: what changed the outcome, what would pay, what to beware of."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from leadlag.wording.amounts import share_cell
from leadlag.wording.numbers import figures
from leadlag.wording.plans import count, percent
from leadlag.wording.words import periods


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
        lines.append(f"{count(totals[stage])} {stage}: {percent(rate)} of {before}{when}")
    lines += _change(made)
    lines.append("")
    for row in made["break_even"]:
        lines.append(
            f"Doubling {row['stage']} pays only while more than "
            f"{percent(row['break_even_if_doubled'])} of them become {stages[-1]} "
            f"(now {percent(row['rate'])})."
        )
    lines += _warnings(made)
    return "\n".join(lines)


def _change(made: Mapping[str, Any]) -> list[str]:
    if not made["parts"]:
        return []
    outcome = made["stages"][-1]
    first, middle, last = made["spans"]
    total = sum(part["units"] for part in made["parts"])
    lines = ["", f"{outcome} from {middle} to {last}, against those from {first}: {_signed(total)}"]
    for part in made["parts"]:
        write = count if part["part"] == made["stages"][0] else percent
        lines.append(
            f"  {_signed(part['units'])} by {part['part']}, {write(part['before'])} to "
            f"{write(part['after'])}"
        )
    return lines


def _warnings(made: Mapping[str, Any]) -> list[str]:
    lines = []
    for link in made["links"]:
        if link["responds"] == "outcome" and link["raised"] in made["traps"]:
            lines.append(
                f"Trap: 1 % more in {link['raised']} went with {share_cell(link['elasticity'])} % "
                f"more {made['stages'][-1]} [{share_cell(link['low'])}, "
                f"{share_cell(link['high'])}]; the rest was lost later on "
                f"(p = {figures(link['p_value'])})."
            )
    for stage in made["vanity"]:
        lines.append(
            f"Vanity: {stage} grows, but says nothing about {made['stages'][-1]}, by a test that "
            "would have seen it."
        )
    for link in made["links"]:
        if link["responds"] == "outcome" and made["raises"].get(link["raised"]) == "underpowered":
            lines.append(
                f"Underpowered: whether rises of {link['raised']} reach {made['stages'][-1]} can't be "
                f"told from these data: 1 % more went with {share_cell(link['elasticity'])} % "
                f"[{share_cell(link['low'])}, {share_cell(link['high'])}]. More periods, or coarser "
                "ones, would tell."
            )
    if not made["links"]:
        lines.append("Too few periods to say what raising one stage does to the rest.")
    return ["", *lines] if lines else []


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{figures(abs(value))}"
