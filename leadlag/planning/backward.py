"""`plan`: from a growth target back to deals, accepted leads, forms and visits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from leadlag.errors import ConfigurationError, shown, unknown_name
from leadlag.planning.quantities import Quantity, chance_of, product, read_quantity, read_rate
from leadlag.wording import plans

__all__ = ["Belief", "Driver", "Plan", "Profit", "plan"]

Parts = tuple[Fraction, ...]
_STEPS = ("deals", "accepted", "forms", "visits")
# Where an input has no range of its own, the tornado shows what a tenth more or less would do.
_ASSUMED = Fraction(1, 10)


@dataclass(frozen=True)
class Driver:
    """One bar of the tornado: an input at both ends of its range, the others at their middle.

    Attributes
    ----------
    name : str
    value, low, high : float
        The input and its range.
    assumed : bool
        No range was given: a tenth either side.
    at_low, at_high : float
        Visits with the input at its low and its high end.
    """

    name: str
    value: float
    low: float
    high: float
    assumed: bool
    at_low: float
    at_high: float

    @property
    def swing(self) -> float:
        """Width of the bar, in visits."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Profit:
    """What the growth is worth at a margin.

    Attributes
    ----------
    margin : Quantity
        Share of the revenue that is left, such as EBITDA.
    now, then : Quantity
        Profit today, and after the growth if the margin stays what it is.
    growth_a_point_lower : float
        Growth of the profit if the margin ends one point lower.
    revenue_growth_a_point_lower : float
        Growth of the revenue that would then be needed for the same growth of the profit.
    """

    margin: Quantity
    now: Quantity
    then: Quantity
    growth_a_point_lower: float
    revenue_growth_a_point_lower: float


@dataclass(frozen=True)
class Belief:
    """What the team thinks it can reach, beside what the plan needs.

    Attributes
    ----------
    step : str
        "deals", "accepted", "forms" or "visits".
    believed, needed : Quantity
    probability : float
        That the believed is at least the needed.
    """

    step: str
    believed: Quantity
    needed: Quantity
    probability: float


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """What a growth target takes, step by step; `leadlag.plan` makes it.

    Attributes
    ----------
    inputs : dict of str to Quantity
        What was given.
    new_revenue : Quantity
        Revenue to be added.
    deals, accepted, forms, visits : Quantity
        How many are needed: each is a number with `.low` and `.high`, the middle 90 % given the
        ranges of the inputs, and `.lowest` and `.highest`, their extremes.
    profit : Profit or None
        Where a margin was given.
    cost : Quantity or None
        Of the visits, where the cost of one was given.
    cost_per_deal : Quantity or None
    beliefs : tuple of Belief
    drivers : tuple of Driver
        Bars of the tornado, widest first.
    """

    inputs: dict[str, Quantity]
    new_revenue: Quantity
    deals: Quantity
    accepted: Quantity
    forms: Quantity
    visits: Quantity
    profit: Profit | None
    cost: Quantity | None
    cost_per_deal: Quantity | None
    beliefs: tuple[Belief, ...]
    drivers: tuple[Driver, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row a step: value, low, high, lowest, highest, and the number rounded up."""
        rows = {step: getattr(self, step) for step in _STEPS}
        return pd.DataFrame(
            {step: {**made.to_dict(), "whole": made.whole} for step, made in rows.items()}
        ).T.rename_axis("step")

    @property
    def tornado(self) -> pd.DataFrame:
        """One row an input, widest first: its range, and the visits at either end."""
        rows = [
            {
                "input": one.name,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "range": "a tenth either side" if one.assumed else "given",
                "visits_at_low": one.at_low,
                "visits_at_high": one.at_high,
                "swing": one.swing,
            }
            for one in self.drivers
        ]
        return pd.DataFrame(rows).set_index("input")

    def to_dict(self) -> dict[str, Any]:
        """Write everything as plain values that survive JSON.

        Returns
        -------
        dict
            "inputs", "new_revenue", "deals", "accepted", "forms", "visits", "tornado", and
            "profit", "cost", "cost_per_deal", "believed" where they were asked for.
        """
        out: dict[str, Any] = {
            "inputs": {name: given.to_dict() for name, given in self.inputs.items()},
            "new_revenue": self.new_revenue.to_dict(),
            **{step: getattr(self, step).to_dict() for step in _STEPS},
            "tornado": [{**vars(one), "swing": one.swing} for one in self.drivers],
        }
        if self.profit is not None:
            out["profit"] = {
                name: value.to_dict() if isinstance(value, Quantity) else value
                for name, value in vars(self.profit).items()
            }
        if self.cost is not None and self.cost_per_deal is not None:
            out["cost"] = self.cost.to_dict()
            out["cost_per_deal"] = self.cost_per_deal.to_dict()
        if self.beliefs:
            out["believed"] = {
                one.step: {**one.believed.to_dict(), "probability": one.probability}
                for one in self.beliefs
            }
        return out

    def __repr__(self) -> str:
        """Write the plan as a person reads it, from revenue down to visits."""
        return plans.plan_text(self.to_dict())


def plan(
    *,
    revenue: float | tuple[float, float],
    growth: float | tuple[float, float],
    average_sale: float | tuple[float, float],
    win_rate: float | tuple[float, float],
    acceptance_rate: float | tuple[float, float],
    form_rate: float | tuple[float, float],
    margin: float | tuple[float, float] | None = None,
    visit_cost: float | tuple[float, float] | None = None,
    believed: Mapping[str, float | tuple[float, float]] | None = None,
) -> Plan:
    """Work back from a growth target to the deals, accepted leads, forms and visits it takes.

    Every argument is a number or a range (low, high). Rates are fractions: 0.25, not 25.

    Parameters
    ----------
    revenue : float or (low, high), money
        Over the last period, such as a year.
    growth : float or (low, high)
        Wanted growth over the next one: 0.20 is a fifth more.
    average_sale : float or (low, high), money
        Revenue of one deal.
    win_rate : float or (low, high)
        Share of accepted leads that become deals.
    acceptance_rate : float or (low, high)
        Share of forms that sales accepts as leads.
    form_rate : float or (low, high)
        Share of visits that fill in the form.
    margin : float or (low, high), optional
        Share of the revenue that is left, such as EBITDA.
    visit_cost : float or (low, high), optional, money
        Cost of one visit.
    believed : dict, optional
        What the team thinks it can reach, by step: ``{"visits": (25_000, 35_000)}``.

    Returns
    -------
    Plan
        `.deals`, `.accepted`, `.forms`, `.visits` with intervals; `.tornado`; it prints as a table.

    Raises
    ------
    ConfigurationError
        If an argument is no number, not above zero, a percentage instead of a fraction, or a range
        whose ends are exchanged.

    Notes
    -----
    ``deals = revenue growth / average_sale``, ``accepted = deals / win_rate``, ``forms = accepted /
    acceptance_rate``, ``visits = forms / form_rate``. A range counts as the middle 90 % of what is
    plausible and its middle as the number; ranges are taken as independent. The plan says what a
    target takes if the rates stay what they are when volume grows: where more forms come from
    worse leads they don't, and `leadlag.funnel` looks for that.

    Examples
    --------
    >>> made = plan(revenue=5_000_000, growth=0.20, average_sale=25_000, win_rate=0.25,
    ...             acceptance_rate=0.40, form_rate=0.01)
    >>> made.deals, made.accepted, made.forms, made.visits
    (40, 160, 400, 40000)
    >>> wider = plan(revenue=5_000_000, growth=0.20, average_sale=25_000, win_rate=(0.20, 0.30),
    ...              acceptance_rate=0.40, form_rate=(0.008, 0.012))
    >>> wider.visits
    40000 [30908.7, 54841.8]
    >>> wider.tornado.index[0]
    'win_rate'
    """
    parts: dict[str, Parts] = {
        "revenue": read_quantity("revenue", revenue),
        "growth": read_rate("growth", growth, growth=True),
        "average_sale": read_quantity("average_sale", average_sale),
        "win_rate": read_rate("win_rate", win_rate),
        "acceptance_rate": read_rate("acceptance_rate", acceptance_rate),
        "form_rate": read_rate("form_rate", form_rate),
    }
    needed = _backwards(parts)
    inputs = {name: _stated(part) for name, part in parts.items()}
    profit = cost = cost_per_deal = None
    if margin is not None:
        share = read_rate("margin", margin)
        inputs["margin"] = _stated(share)
        profit = _profit(parts, share)
    if visit_cost is not None:
        price = read_quantity("visit_cost", visit_cost)
        inputs["visit_cost"] = _stated(price)
        rates = [parts[name] for name in ("win_rate", "acceptance_rate", "form_rate")]
        cost = product([price, parts["revenue"], parts["growth"]], [parts["average_sale"], *rates])
        cost_per_deal = product([price], rates)
    return Plan(
        inputs=inputs,
        new_revenue=product([parts["revenue"], parts["growth"]]),
        **needed,
        profit=profit,
        cost=cost,
        cost_per_deal=cost_per_deal,
        beliefs=_beliefs(believed, needed),
        drivers=_drivers(parts),
    )


def _backwards(parts: Mapping[str, Parts]) -> dict[str, Quantity]:
    above = [parts["revenue"], parts["growth"]]
    below = [parts["average_sale"]]
    made = {"deals": product(above, below)}
    for step, rate in zip(_STEPS[1:], ("win_rate", "acceptance_rate", "form_rate"), strict=True):
        below.append(parts[rate])
        made[step] = product(above, below)
    return made


def _drivers(parts: Mapping[str, Parts]) -> tuple[Driver, ...]:
    bars = []
    fixed = {name: (middle,) * 3 for name, (middle, _, _) in parts.items()}
    for name, (middle, low, high) in parts.items():
        assumed = low == high
        if assumed:
            low, high = middle * (1 - _ASSUMED), middle * (1 + _ASSUMED)
        ends = [float(_backwards({**fixed, name: (end,) * 3})["visits"]) for end in (low, high)]
        bars.append(Driver(name, float(middle), float(low), float(high), assumed, *ends))
    return tuple(sorted(bars, key=lambda bar: -bar.swing))


def _profit(parts: Mapping[str, Parts], margin: Parts) -> Profit:
    revenue, growth = parts["revenue"], parts["growth"]
    grown = tuple(1 + end for end in growth)
    lower = margin[0] - Fraction(1, 100)
    return Profit(
        margin=_stated(margin),
        now=product([revenue, margin]),
        then=product([revenue, grown, margin]),
        growth_a_point_lower=float(grown[0] * lower / margin[0] - 1),
        revenue_growth_a_point_lower=(
            float(grown[0] * margin[0] / lower - 1) if lower > 0 else float("inf")
        ),
    )


def _beliefs(believed: object, needed: Mapping[str, Quantity]) -> tuple[Belief, ...]:
    if believed is None:
        return ()
    if not isinstance(believed, Mapping):
        raise ConfigurationError(
            "believed is not a dict of steps",
            got=shown(believed),
            need="a dict such as {'visits': (25000, 35000)}",
            do="Name the step that the team can move",
        )
    made = []
    for step, given in believed.items():
        if step not in needed:
            raise unknown_name(
                f"believed names no step of the plan: {shown(step)}", step, _STEPS, plural="Steps"
            )
        have = _stated(read_quantity(f"believed {step}", given))
        made.append(Belief(step, have, needed[step], chance_of(have, needed[step])))
    return tuple(made)


def _stated(part: Parts) -> Quantity:
    middle, low, high = (float(end) for end in part)
    return Quantity(middle, low=low, high=high)
