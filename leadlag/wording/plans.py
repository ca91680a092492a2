"""What a plan says: the steps from a growth target down to visits, and what they hang on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from leadlag.wording.numbers import with_minus

# Step, and what links it to the one above: the input, and its words.
_STEPS = (
    ("deals", "average_sale", "{} a sale"),
    ("accepted", "win_rate", "{} of accepted leads are won"),
    ("forms", "acceptance_rate", "{} of forms are accepted"),
    ("visits", "form_rate", "{} of visits fill in the form"),
)
_RATES = {"growth", "win_rate", "acceptance_rate", "form_rate", "margin"}
_WORDS = {
    "revenue": "revenue",
    "growth": "growth",
    "average_sale": "average sale",
    "win_rate": "win rate",
    "acceptance_rate": "acceptance rate",
    "form_rate": "form rate",
}
_BARS = 3


def percent(share: float) -> str:
    """Write a share as a percentage, three figures at most.

    Parameters
    ----------
    share : float

    Returns
    -------
    str

    Examples
    --------
    >>> percent(0.25), percent(0.0085), percent(0.2632), percent(-0.14)
    ('25 %', '0.85 %', '26.3 %', '−14 %')
    """
    return f"{with_minus(f'{100 * share:.3g}' if abs(share) < 1 else f'{100 * share:,.0f}')} %"


def count(value: float) -> str:
    """Write a number of things or an amount of money, cents only where they matter.

    Parameters
    ----------
    value : float

    Returns
    -------
    str

    Examples
    --------
    >>> count(40_000.0), count(33.3), count(0.85)
    ('40,000', '33.3', '0.85')
    """
    if abs(value) >= 100 or float(value).is_integer():
        return with_minus(f"{value:,.0f}")
    return with_minus(f"{value:.3g}")


def plan_text(made: Mapping[str, Any]) -> str:
    """Write a plan.

    Parameters
    ----------
    made : mapping
        As `Plan.to_dict` returns it.

    Returns
    -------
    str
    """
    inputs = made["inputs"]
    lines = [
        f"{_amount(made['new_revenue'])} more revenue: {_rate(inputs['growth'])} "
        f"on {_amount(inputs['revenue'])} takes",
        "",
    ]
    rows = [
        (step, _whole(made[step]["value"]), _interval(made[step]), _given(inputs, name, words))
        for step, name, words in _STEPS
    ]
    wide = [max(len(row[i]) for row in rows) for i in range(3)]
    for step, number, interval, words in rows:
        cells = [step.ljust(wide[0]), number.rjust(wide[1])]
        if wide[2]:
            cells.append(interval.ljust(wide[2]))
        lines.append(f"  {'  '.join([*cells, words])}")
    ranged = any(_wide(inputs[name]) for name in _WORDS)
    if ranged:
        lines += ["", "Intervals hold the middle 90 % if each range does and ranges are apart."]
    lines += ["", *_tornado(made["tornado"], ranged)]
    lines += [*_money(made), *_believed(made)]
    return "\n".join(lines)


def _tornado(bars: list[Mapping[str, Any]], ranged: bool) -> list[str]:
    if not ranged:
        rates = [bar["name"] for bar in bars if bar["name"] in _RATES - {"growth"}]
        tenth = next(bar for bar in bars if bar["name"] == rates[0])
        return [
            "A tenth off any one rate moves the visits to "
            f"{_whole(tenth['at_low'])}; pass ranges to see which matters most."
        ]
    lines = ["The visits hang most on:"]
    for bar in [bar for bar in bars if not bar["assumed"]][:_BARS]:
        write = percent if bar["name"] in _RATES else count
        ends = f"{write(bar['low'])} to {write(bar['high'])}"
        visits = f"{_whole(bar['at_low'])} to {_whole(bar['at_high'])}"
        lines.append(f"  {_WORDS[bar['name']]}, {ends}: {visits}")
    return lines


def _money(made: Mapping[str, Any]) -> list[str]:
    lines = []
    if "profit" in made:
        profit, growth = made["profit"], made["inputs"]["growth"]["value"]
        lines.append(
            f"Profit goes from {_amount(profit['now'])} to {_amount(profit['then'])}, "
            f"{percent(growth)} more, only if the margin stays at {_rate(profit['margin'])}."
        )
        lower, needed = profit["growth_a_point_lower"], profit["revenue_growth_a_point_lower"]
        change = f"{percent(abs(lower))} {'more' if lower >= 0 else 'less'}"
        lines.append(
            f"One point lower, the same revenue gives {change} profit"
            + (
                f"; for {percent(growth)} more profit it takes {percent(needed)} more revenue."
                if math.isfinite(needed)
                else "."
            )
        )
    if "cost" in made:
        share = made["cost"]["value"] / made["new_revenue"]["value"]
        lines.append(
            f"The visits cost {_amount(made['cost'])}: {_amount(made['cost_per_deal'])} a deal, "
            f"{percent(share)} of the new revenue."
        )
        if "profit" in made:
            margin = made["profit"]["margin"]["value"]
            if share > 1 - margin:
                lines.append(
                    f"That alone is more than the {percent(1 - margin)} that a "
                    f"{percent(margin)} margin leaves for all costs."
                )
    return ["", *lines] if lines else []


def _believed(made: Mapping[str, Any]) -> list[str]:
    lines = []
    for step, one in made.get("believed", {}).items():
        ends = f" ({count(one['low'])} to {count(one['high'])})" if _wide(one) else ""
        lines.append(
            f"The plan needs {_whole(made[step]['value'])} {step}; the team believes in "
            f"{count(one['value'])}{ends}: {_chance(one['probability'])} to reach it."
        )
    return ["", *lines] if lines else []


def _chance(probability: float) -> str:
    if probability >= 0.995:
        return "enough"
    if probability < 0.005:
        return "a chance below 1 %"
    return f"a chance of {percent(round(probability, 2))}"


def _given(inputs: Mapping[str, Any], name: str, words: str) -> str:
    one = inputs[name]
    return words.format(_rate(one) if name in _RATES else _amount(one))


def _rate(one: Mapping[str, Any]) -> str:
    if not _wide(one):
        return percent(one["value"])
    return f"{percent(one['low']).removesuffix(' %')}–{percent(one['high'])}"


def _amount(one: Mapping[str, Any]) -> str:
    if not _wide(one):
        return count(one["value"])
    return f"{count(one['value'])} ({count(one['low'])}–{count(one['high'])})"


def _interval(one: Mapping[str, Any]) -> str:
    return f"[{_whole(one['low'])}, {_whole(one['high'])}]" if _wide(one) else ""


def _wide(one: Mapping[str, Any]) -> bool:
    return bool(one["low"] < one["high"])


def _whole(value: float) -> str:
    """Rounded up, as no half deal can be closed; the last digits of a float are no deal."""
    return f"{math.ceil(value - 1e-9 * abs(value)):,}"
