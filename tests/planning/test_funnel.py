"""A funnel taken apart: sums that leave nothing, the break-even, traps planted and not planted."""

import json
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import leadlag
from leadlag.core.stages import elasticity, spread_over, stage_delay
from leadlag.errors import LeadLagError

STAGES = ["visits", "opt_ins", "sales"]
TOTALS = {"visits": 1800, "opt_ins": 18, "sales": 5}


def simulated(seed: int, *, trap: bool, n: int = 140, delay: int = 2) -> pd.DataFrame:
    """Weekly counts; in a trap a higher form rate is lost to a lower close rate."""
    rng = np.random.default_rng(seed)
    m = n + delay

    def wave(size: float) -> np.ndarray[Any, Any]:
        out = rng.standard_normal(m) * size * 0.8
        for t in range(1, m):
            out[t] += 0.6 * out[t - 1]
        return out

    came = rng.poisson(4000 * np.exp(wave(0.15)))
    form = wave(0.2)
    opted = rng.binomial(came, np.clip(0.05 * np.exp(form), 0, 1))
    won = rng.binomial(opted, np.clip(0.2 * np.exp(wave(0.05) - form if trap else wave(0.2)), 0, 1))
    frame = pd.DataFrame(
        {"visits": came[delay:], "opt_ins": opted[delay:], "sales": won[: m - delay]}
    )
    return frame.set_index(pd.date_range("2022-01-03", periods=n, freq="W-MON"))


def test_doubling_opt_ins_pays_while_the_close_rate_stays_above_13_9_percent():
    made = leadlag.funnel(TOTALS, STAGES)
    assert made.break_even_rate("opt_ins") == pytest.approx(5 / 36)
    assert made.break_even.loc["opt_ins", "break_even_if_doubled"] == pytest.approx(0.139, abs=5e-4)
    assert made.break_even_rate("visits", factor=3) == pytest.approx(5 / 5400)
    assert made.rates == pytest.approx({"opt_ins / visits": 0.01, "sales / opt_ins": 5 / 18})
    assert "Doubling opt_ins pays only while more than 13.9 % of them become sales" in repr(made)
    assert made.parts == ()
    frame = pd.DataFrame([TOTALS])
    assert leadlag.funnel(frame, STAGES).to_dict() == made.to_dict()


def test_the_parts_leave_nothing():
    for seed in range(5):
        frame = simulated(seed, trap=False)
        made = leadlag.funnel(frame, {"visits": None, "opt_ins": 0, "sales": 2})
        assert made.residual == 0.0
        table = made.decomposition
        assert table["log_change"].sum() == made.change
        whole = frame.iloc[2:]
        half = len(whole) // 2
        before, after = whole["sales"].iloc[:half].sum(), whole["sales"].iloc[half:].sum()
        assert made.change == pytest.approx(np.log(after / before), abs=1e-11)
        assert table["units"].sum() == pytest.approx(after - before, abs=1e-6)
        assert table.loc["visits", "before"] == frame["visits"].iloc[:half].sum()


def test_a_rate_that_halves_is_what_changed():
    rng = np.random.default_rng(0)
    visits = rng.poisson(1000, 60)
    forms = np.where(np.arange(60) < 30, 100, 50)
    frame = pd.DataFrame({"visits": visits, "forms": forms, "deals": forms // 10})
    made = leadlag.funnel(frame, {"visits": 0, "forms": 0, "deals": 0}, split=30)
    table = made.decomposition["log_change"]
    assert table["forms / visits"] == pytest.approx(np.log(0.5), abs=0.02)
    assert table["deals / forms"] == pytest.approx(0, abs=1e-11)
    assert made.residual == 0


def test_traps_are_caught_and_clean_funnels_raise_none():
    found = {
        trap: [leadlag.funnel(simulated(seed, trap=trap), STAGES) for seed in range(25)]
        for trap in (True, False)
    }
    assert np.mean([made.traps == ("opt_ins / visits",) for made in found[True]]) >= 0.95
    assert np.mean([made.traps == () for made in found[False]]) >= 0.95
    assert {made.raises["opt_ins / visits"] for made in found[True]} <= {"trap", "underpowered"}
    assert all(made.vanity == () for made in found[False])
    assert np.mean([made.delays["sales"] == 2 for made in found[False]]) >= 0.95
    slope = [
        made.elasticities.loc[("opt_ins / visits", "outcome"), "elasticity"] for made in found[True]
    ]
    assert np.mean(slope) == pytest.approx(0, abs=0.15)
    assert "Trap: 1 % more in opt_ins / visits" in repr(found[True][0])


def test_too_little_to_tell_is_said_and_is_no_clean_bill():
    few = [simulated(seed, trap=True, n=60).floordiv(25) for seed in range(12)]
    made = [leadlag.funnel(frame + 1, {"visits": 0, "opt_ins": 0, "sales": 2}) for frame in few]
    assert {one.raises["opt_ins / visits"] for one in made} <= {"trap", "underpowered"}
    unsure = [one for one in made if not one.traps]
    assert unsure
    assert "Underpowered: whether rises of opt_ins / visits reach sales" in repr(unsure[0])
    assert leadlag.funnel(TOTALS, STAGES).raises == {"opt_ins / visits": "underpowered"}


def test_intervals_hold_the_truth_as_often_as_they_say():
    held = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x, noise = np.zeros((2, 150))
        shocks = rng.standard_normal((2, 150))
        for t in range(1, 150):
            x[t] = 0.7 * x[t - 1] + shocks[0, t]
            noise[t] = 0.5 * noise[t - 1] + shocks[1, t]
        low, high = elasticity(
            0.4 * x + noise, x, np.ones((150, 1)), sampling=0.0, max_order=8
        ).interval(0.9)
        held.append(low <= 0.4 <= high)
    assert 0.8 <= np.mean(held) <= 0.98


def test_chance_in_a_rate_does_not_hide_a_trap():
    """Half of what moves x is chance, with a slope of 0; the other half has a slope of -1."""
    rng = np.random.default_rng(1)
    real, chance, noise = rng.standard_normal((3, 2000))
    found = elasticity(
        -real + 0.3 * noise, real + chance, np.ones((2000, 1)), sampling=1.0, max_order=4
    )
    assert found.estimate == pytest.approx(-1, abs=0.1)
    assert found.kept == pytest.approx(0.5, abs=0.05)


def grown(seed: int, *, n: int = 140) -> pd.DataFrame:
    """Traffic that grows, followers that add up, and sales that take after neither or the first."""
    rng = np.random.default_rng(seed)
    growth = np.exp(np.linspace(0, 1, n))
    traffic = rng.poisson(3000 * growth * np.exp(0.15 * rng.standard_normal(n)))
    gained = rng.poisson(80 * growth * np.exp(0.4 * rng.standard_normal(n)))
    own = 150 * np.exp(0.1 * rng.standard_normal(n))
    return pd.DataFrame(
        {
            "traffic": traffic,
            "followers": 20_000 + np.cumsum(gained),
            "bought_by_traffic": rng.binomial(traffic, 0.05),
            "bought_anyway": rng.poisson(own),
        },
        index=pd.date_range("2022-01-03", periods=n, freq="W-MON"),
    )


@pytest.mark.parametrize("stage", ["traffic", "followers"])
def test_what_grows_and_says_nothing_is_vanity(stage: str):
    found = [leadlag.funnel(grown(i), [stage, "bought_anyway"]).vanity for i in range(10)]
    assert np.mean([names == (stage,) for names in found]) >= 0.9
    used = [leadlag.funnel(grown(i), ["traffic", "bought_by_traffic"]).vanity for i in range(5)]
    assert all(names == () for names in used)
    assert f"Vanity: {stage} grows" in repr(leadlag.funnel(grown(0), [stage, "bought_anyway"]))


def test_delays_that_spread_are_found_and_moved():
    rng = np.random.default_rng(2)
    cases = np.exp(6 + 0.3 * rng.standard_normal(200))
    shape = np.array([0.0, 0.5, 0.3, 0.15, 0.05])
    later = spread_over(cases, shape[None])[0] * 0.1 * np.exp(0.03 * rng.standard_normal(200))
    found = stage_delay(
        np.where(np.isfinite(later), later, np.nan), cases, np.ones((200, 1)),
        max_order=8, max_delay=8,
    )  # fmt: skip
    assert np.argmax(found) == 1
    assert found @ np.arange(9) == pytest.approx(shape @ np.arange(5), abs=0.6)
    assert found.sum() == pytest.approx(1)


def test_frames_of_any_library_and_a_time_column():
    frame = simulated(4, trap=False)
    expected = leadlag.funnel(frame, STAGES).to_dict()
    column = frame.rename_axis("week").reset_index()
    assert leadlag.funnel(pl.from_pandas(column), STAGES, time="week").to_dict() == expected
    assert (
        leadlag.funnel(column.sample(frac=1, random_state=0), STAGES, time="week").to_dict()
        == expected
    )
    assert json.loads(json.dumps(expected))["residual"] == 0
    coarse = leadlag.funnel(
        frame.set_axis(pd.date_range("2022-01-01", periods=140)), STAGES, freq="W"
    )
    assert coarse.freq == "W"
    assert coarse.links == ()
    assert "Too few periods" in repr(coarse)


@pytest.mark.parametrize(
    ("data", "arguments", "message"),
    [
        (TOTALS, {"stages": ["visits", "optins", "sales"]}, "Did you mean 'opt_ins'"),
        (TOTALS, {"stages": ["visits"]}, "stages are not the stages"),
        (TOTALS, {"stages": "visits"}, "stages are not the stages"),
        (TOTALS, {"stages": ["visits", "visits"]}, "named twice"),
        (TOTALS, {"stages": {"visits": 0, "sales": -1}}, "not a number of periods"),
        (TOTALS, {"stages": {"visits": 0, "sales": 1.5}}, "not a number of periods"),
        ({**TOTALS, "sales": 0}, {}, "stage 'sales' has no case"),
        ({**TOTALS, "sales": -5}, {}, "holds no counts"),
        ({**TOTALS, "sales": "five"}, {}, "stage 'sales' holds text"),
        ([1, 2, 3], {}, "data is not a dataframe"),
    ],
)
def test_what_is_no_funnel_says_why(data: Any, arguments: dict[str, Any], message: str):
    with pytest.raises(LeadLagError, match=message):
        leadlag.funnel(data, **{"stages": STAGES, **arguments})


def test_asking_for_what_is_not_there():
    made = leadlag.funnel(TOTALS, STAGES)
    with pytest.raises(LeadLagError, match="has no rate to the outcome"):
        made.break_even_rate("sales")
    with pytest.raises(LeadLagError, match="factor is not above 0"):
        made.break_even_rate("visits", factor=0)
    frame = simulated(0, trap=False)
    for split in ("2040-01-01", "someday"):
        with pytest.raises(LeadLagError, match="split"):
            leadlag.funnel(frame, STAGES, split=split)
    later = leadlag.funnel(frame, STAGES, split="2023-01-02")
    assert later.spans[1] == "2023-01-02"


def test_stages_that_move_together_slowly_are_not_put_a_month_apart():
    """The form is filled in on the day of the visit, and the visits' year is smooth."""
    rng = np.random.default_rng(0)
    days = 1900
    visits = rng.poisson(300 * np.exp(0.3 * np.sin(np.arange(days) / 200)))
    forms = rng.binomial(visits, 0.06 * np.exp(0.1 * rng.standard_normal(days)))
    frame = pd.DataFrame(
        {"visits": visits, "forms": forms}, pd.date_range("2020-01-10", periods=days)
    )
    for freq in (None, "W", "M"):
        assert leadlag.funnel(frame, ["visits", "forms"], freq=freq).delays == {"forms": 0.0}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"visits": 1000}, ""),  # steady: nothing to learn from it, and nothing wrong
        ({"sales": 0}, "no case"),
        ({"sales": np.nan}, "no values"),
        ({"sales": -1}, "got negative values"),
        ({"sales": np.inf}, "got infinite values"),
    ],
)
def test_odd_counts_are_judged_or_are_one_clear_error(change: dict, says: str):
    frame = simulated(1, trap=False).assign(**change)
    if says:
        with pytest.raises(LeadLagError, match=says):
            leadlag.funnel(frame, STAGES)
    else:
        made = leadlag.funnel(frame, STAGES)
        assert made.vanity == ()
        assert made.residual == 0


@pytest.mark.parametrize("factor", ["2", None, True, 0, -1, float("nan")])
def test_a_factor_that_is_none_is_one_clear_error(factor: object):
    made = leadlag.funnel({"visits": 1800, "opt_ins": 18, "sales": 5}, STAGES)
    with pytest.raises(LeadLagError, match="factor"):
        made.break_even_rate("opt_ins", factor=factor)


def test_the_first_stage_has_nothing_to_follow():
    for stages in ({"visits": None, "opt_ins": 0, "sales": 2}, {"visits": 0, "opt_ins": 0}):
        assert leadlag.funnel(simulated(0, trap=False), stages).delays
    with pytest.raises(LeadLagError, match="first stage, 'visits', has a delay: got 3"):
        leadlag.funnel(simulated(0, trap=False), {"visits": 3, "opt_ins": 0, "sales": 2})


@pytest.mark.parametrize(
    ("index", "says"),
    [
        (["2024-01", "2024-02"], "sales in 2024-02, against those from 2024-01:"),
        (["2024-02", "2024-01"], "sales in 2024-02, against those from 2024-01:"),
        (["2024-01-01", "2024-07-15"], "sales in 2024-07-15, against those from 2024-01-01:"),
        (["before", "after"], "sales in after, against those from before:"),
        (None, "sales in period 1, against those from period 0:"),
        (pd.date_range("2024-01-01", periods=6, freq="10D"), "from 2024-01-31 to 2024-02-20"),
        (pd.period_range("2023Q1", periods=6, freq="Q"), "sales from 2023-Q4 to 2024-Q2,"),
        (["2024-01-01", "2024-03-15", "2024-03-20"], "from 2024-03-15 to 2024-03-20,"),
    ],
)
def test_a_short_funnel_names_its_periods(index: Any, says: str):
    n = 2 if index is None else len(index)
    labels = range(n) if index is None else index
    frame = simulated(0, trap=False).iloc[:n].set_axis(labels, axis=0)
    assert says in repr(leadlag.funnel(frame, STAGES))


def test_rows_with_labels_are_split_at_one():
    frame = simulated(0, trap=False).iloc[:3].set_axis(["pilot", "before", "after"], axis=0)
    assert leadlag.funnel(frame, STAGES, split="after").spans[1] == "after"
    with pytest.raises(LeadLagError, match="split is not a period"):
        leadlag.funnel(frame, STAGES, split="later")


def test_lists_are_no_totals():
    with pytest.raises(LeadLagError, match="the total of 'visits' is not one number"):
        leadlag.funnel({"visits": [1800, 2000], "opt_ins": 18, "sales": 5}, STAGES)


def test_money_as_the_last_stage_is_a_mean_and_no_share():
    sold = {"visits": 1800, "sales": 5, "revenue": 25_000.0}
    said = repr(leadlag.funnel(sold, ["visits", "sales", "revenue"]))
    assert "25,000 revenue: 5,000 for each of sales" in said
    assert "Doubling sales pays only while each brings more than 2,500 revenue (now 5,000)." in said
    steady = pd.DataFrame({"visits": [100, 120] * 20, "sales": [10, 14] * 20})
    steady["revenue"] = 50.0 * steady["sales"]
    said = repr(leadlag.funnel(steady, ["visits", "sales", "revenue"]))
    assert "0 by revenue / sales, 50 to 50" in said
    assert "e-" not in said.split("by revenue / sales")[0].splitlines()[-1]


def test_a_stage_larger_than_the_one_before_is_pointed_out():
    swapped = leadlag.funnel(TOTALS, ["opt_ins", "visits", "sales"])
    assert "visits is larger than opt_ins: the stages are out of order" in repr(swapped)
    assert "is larger than" not in repr(leadlag.funnel(TOTALS, STAGES))
