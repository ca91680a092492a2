"""A growth target worked back to visits: exact numbers, intervals that hold, errors that say so."""

import json
import pickle
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import leadlag
from leadlag.cli import Code, app
from leadlag.errors import ConfigurationError, LeadLagError
from leadlag.planning.quantities import Quantity

GIVEN: dict[str, Any] = {
    "revenue": 5_000_000,
    "growth": 0.20,
    "average_sale": 25_000,
    "win_rate": 0.25,
    "acceptance_rate": 0.40,
    "form_rate": 0.01,
}
STEPS = ("deals", "accepted", "forms", "visits")


def made(**changes: Any) -> leadlag.Plan:
    return leadlag.plan(**{**GIVEN, **changes})


def test_the_example_is_exact():
    plan = made()
    assert [getattr(plan, step) for step in STEPS] == [40, 160, 400, 40_000]
    assert plan.new_revenue == 1_000_000
    assert all(getattr(plan, step).interval == (getattr(plan, step),) * 2 for step in STEPS)


def test_a_decimal_counts_as_it_is_written():
    """In floats 5,000,000 x 0.07 is a hair above 350,000, and would round up to a deal too many."""
    plan = made(growth=0.07)
    assert plan.deals == 14
    assert plan.deals.whole == 14
    assert made(average_sale=24_000).deals.whole == 42


def test_one_range_gives_its_own_ends():
    plan = made(win_rate=(0.20, 0.30))
    assert plan.deals.interval == (40, 40)
    assert plan.accepted.interval == pytest.approx((40 / 0.3, 200))
    assert plan.visits.interval == pytest.approx((100_000 / 3, 50_000))
    assert plan.visits == 40_000


def test_intervals_hold_nine_in_ten_and_the_extremes_hold_all():
    ranges = {
        "average_sale": (20_000, 30_000),
        "win_rate": (0.15, 0.35),
        "acceptance_rate": (0.3, 0.5),
        "form_rate": (0.008, 0.012),
    }
    plan = made(**ranges)
    rng = np.random.default_rng(0)
    drawn = {
        name: rng.normal((low + high) / 2, (high - low) / 2 / 1.645, 200_000)
        for name, (low, high) in ranges.items()
    }
    visits = 1_000_000 / np.prod(list(drawn.values()), axis=0)
    inside = np.mean((visits > plan.visits.low) & (visits < plan.visits.high))
    assert 0.87 < inside < 0.93
    worst = 1_000_000 / np.prod([low for low, _ in ranges.values()])
    assert plan.visits.highest == pytest.approx(worst)
    assert plan.visits.lowest < plan.visits.low < plan.visits < plan.visits.high < worst


def test_the_tornado_has_every_input_widest_first():
    tornado = made(win_rate=(0.15, 0.35), form_rate=(0.009, 0.011)).tornado
    assert set(tornado.index) == set(GIVEN)
    assert tornado.index[0] == "win_rate"
    assert tornado["swing"].is_monotonic_decreasing
    assert tornado.loc["win_rate", "visits_at_low"] == pytest.approx(100 / 0.15 * 100)
    assert (tornado["range"] == "given").sum() == 2


def test_a_margin_says_what_growth_of_profit_hangs_on():
    profit = made(margin=0.20).profit
    assert profit is not None
    assert (profit.now, profit.then) == (1_000_000, 1_200_000)
    assert profit.growth_a_point_lower == pytest.approx(0.14)
    assert profit.revenue_growth_a_point_lower == pytest.approx(0.2632, abs=1e-4)
    assert "only if the margin stays at 20 %" in repr(made(margin=0.20))


def test_visits_have_a_cost():
    plan = made(visit_cost=2.5, margin=0.2)
    assert (plan.cost, plan.cost_per_deal) == (100_000, 2_500)
    assert "2,500 a deal, 10 % of the new revenue" in repr(plan)
    assert "more than the 80 %" in repr(made(visit_cost=25, margin=0.2))


def test_what_the_team_believes_stands_beside_what_is_needed():
    plan = made(believed={"visits": (30_000, 50_000), "deals": 50, "forms": 300})
    chances = {belief.step: belief.probability for belief in plan.beliefs}
    assert chances["visits"] == pytest.approx(0.5)
    assert (chances["deals"], chances["forms"]) == (1, 0)
    assert "The plan needs 40,000 visits; the team believes in 40,000" in repr(plan)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"win_rate": 25}, "win_rate looks like a percentage: got 25, .* Pass win_rate=0.25"),
        ({"win_rate": (20, 30)}, r"Pass win_rate=\(0.2, 0.3\) for 20 to 30 %"),
        ({"growth": 20}, "growth looks like a percentage"),
        ({"margin": 20}, "margin looks like a percentage"),
        ({"form_rate": 4000}, "form_rate is not a rate"),
        ({"form_rate": 0}, "form_rate is not above 0"),
        ({"growth": -0.1}, "growth is not above 0"),
        ({"revenue": "5m"}, "revenue is not a number: got '5m'"),
        ({"revenue": float("nan")}, "revenue is not a number"),
        ({"revenue": True}, "revenue is not a number"),
        ({"average_sale": (1, 2, 3)}, "average_sale is not a number"),
        ({"average_sale": None}, "average_sale is not a number"),
        ({"win_rate": (0.3, 0.2)}, r"Pass win_rate=\(0.2, 0.3\)"),
        ({"believed": {"visit": 3}}, "Did you mean 'visits'"),
        ({"believed": 30_000}, "believed is not a dict of steps"),
        ({"visit_cost": -1}, "visit_cost is not above 0"),
        ({"revenue": 1e300, "average_sale": 1e-300}, "beyond what can be counted"),
        ({"revenue": 1e-300, "average_sale": 1e300}, "beyond what can be counted"),
    ],
)
def test_what_can_t_be_planned_says_why(changes: dict[str, Any], message: str):
    with pytest.raises(ConfigurationError, match=message):
        made(**changes)


def test_numpy_numbers_and_lists_will_do():
    plan = made(revenue=np.float64(5e6), win_rate=[0.2, 0.3], form_rate=np.array([0.008, 0.012]))
    assert plan.visits == 40_000
    assert plan.visits.is_range


def test_it_survives_json_and_pickle():
    plan = made(win_rate=(0.2, 0.3), margin=0.2, visit_cost=2, believed={"forms": 300})
    again = json.loads(json.dumps(plan.to_dict()))
    assert again["visits"]["value"] == 40_000
    assert set(again) >= {"profit", "cost", "believed", "tornado"}
    copy = pickle.loads(pickle.dumps(plan))
    assert copy.to_dict() == plan.to_dict()
    assert repr(Quantity(1.5)) == "1.5"


# --- the command -------------------------------------------------------------------------------


def run(*extra: str, growth: str = "0.2") -> Any:
    options = [
        "--revenue=5000000", f"--growth={growth}", "--average-sale=25000", "--win-rate=0.25",
        "--acceptance-rate=0.4", "--form-rate=0.01",
    ]  # fmt: skip
    return CliRunner().invoke(app, ["plan", *options, *extra])


def test_the_command_prints_the_plan():
    assert run().stdout == f"{made()!r}\n"
    ranged = run("--margin", "0.15:0.25", "--believed", "visits=25000:35000", "--json")
    values = json.loads(ranged.stdout)
    assert values["profit"]["margin"]["high"] == 0.25
    assert values["believed"]["visits"]["low"] == 25_000


def test_the_command_names_its_options():
    done = run(growth="20")
    assert done.exit_code == Code.WRONG
    assert "Pass --growth 0.2 for 20 %." in done.stderr
    for wrong in (("--margin", "x"), ("--believed", "visits")):
        done = run(*wrong)
        assert done.exit_code == Code.WRONG
        assert done.stderr.startswith("leadlag: ")


def test_errors_are_of_one_tree():
    assert issubclass(ConfigurationError, LeadLagError)
