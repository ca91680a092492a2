"""Back from a wanted change to the move of a leader: exact inverses, honest "not determined"."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag.data.panel import build_panel
from leadlag.data.prepare import prepare, terms_of
from leadlag.errors import ConfigurationError
from leadlag.planning.past_moves import past_moves


def growing(n: int = 260) -> pd.DataFrame:
    """Weekly and positive: signups precede revenue by three weeks, both grow in relative terms."""
    rng = np.random.default_rng(11)
    signups = np.cumsum(0.004 + 0.05 * rng.standard_normal(n + 3))
    revenue = 8 + 0.6 * signups[:n] + np.cumsum(0.01 * rng.standard_normal(n))
    return pd.DataFrame(
        {
            "revenue": np.exp(revenue),
            "signups": np.exp(4 + signups[3:]),
            "noise": np.exp(3 + 0.1 * rng.standard_normal(n)),
        },
        index=pd.date_range("2020-01-06", periods=n, freq="W-MON"),
    )


@pytest.fixture(scope="module")
def business() -> leadlag.Ranking:
    return leadlag.rank(growing(), target="revenue", max_lag=8, progress=False)


@pytest.fixture(scope="module")
def sales() -> leadlag.Ranking:
    return leadlag.rank(leadlag.datasets.box_jenkins(), target="sales", max_lag=6)


def changed(ranking: leadlag.Ranking, metric: str, **cells: Any) -> leadlag.Ranking:
    values = ranking.to_dict()
    for row in values["table"]:
        if row["metric"] == metric:
            row.update(cells)
    return leadlag.Ranking.from_dict(values)


def test_the_effect_of_a_typical_move_asks_for_that_move(
    business: leadlag.Ranking, sales: leadlag.Ranking
):
    for ranking, metric in ((business, "signups"), (sales, "lead")):
        row = ranking.table.loc[metric]
        for part in ("effect", "effect_low", "effect_high"):
            needed = leadlag.required_move(ranking, metric, change=row[part])
            edge = {"effect": needed.move, "effect_low": needed.high, "effect_high": needed.low}
            assert edge[part] == pytest.approx(row["typical_move"])
        assert needed.low < needed.move < needed.high


def test_the_planted_relation_is_found(business: leadlag.Ranking):
    """Six per cent more revenue go with ten per cent more signups."""
    needed = leadlag.required_move(business, "signups", change="6%")
    assert needed.determined
    assert needed.change == pytest.approx(0.06 * needed.target_level)
    base = past_moves(growing()["signups"].to_numpy(), "log difference", "W").base
    assert needed.low < 0.1 * base < needed.high
    assert needed.move / base == pytest.approx(0.1, rel=0.25)


def test_a_series_tested_as_a_logarithm_has_the_level_of_the_tests():
    panel = build_panel(growing(), "revenue", max_lag=8)
    for values in (panel.y, panel.X[:, 0]):
        made = prepare(values, panel, terms_of(panel))
        assert "log" in made.transform
        assert past_moves(values, made.transform, "W").base == pytest.approx(made.base)


def test_moves_are_those_between_stretches():
    values = np.array([1.0, 2, 3, 10, 11, 12, 4, 5, 6] + [5.0] * 9)
    made = past_moves(values, "level", "M")
    assert made.stretch == 3
    means = [values[i : i + 3].mean() for i in range(16)]
    expected = sorted(means[i + 3] - means[i] for i in range(13))
    assert made.moves == pytest.approx(expected)
    assert made.reached(9.0) == pytest.approx(1 / 13)
    assert made.reached(-6.0) == pytest.approx(1 / 13)
    assert made.larger_than(100.0) == 1.0


def test_a_gap_costs_only_the_stretches_that_it_empties():
    values = np.sin(np.arange(120.0)) + 5
    values[50:53] = np.nan
    full, gap = (
        past_moves(np.sin(np.arange(120.0)) + 5, "level", "W"),
        past_moves(values, "level", "W"),
    )
    assert np.isfinite(gap.moves).all()
    assert len(full.moves) == len(gap.moves) == 120 - 26 + 1


def test_no_lead_or_an_interval_over_zero_is_not_determined(sales: leadlag.Ranking):
    wide = changed(sales, "lead", effect_low=-0.4)
    unshown = changed(sales, "lead", role="unrelated", effect=None, lag=None)
    for ranking, reason in ((wide, "covers 0"), (unshown, "was not shown to precede sales")):
        needed = leadlag.required_move(ranking, "lead", change=5, believed=(0.1, 0.4))
        assert not needed.determined
        assert needed.status == "not determined"
        assert math.isnan(needed.move)
        assert math.isnan(needed.low)
        assert reason in needed.reason
        assert "not determined" in repr(needed)
    # With an effect, however unsure, a chance can be given; without, it can't.
    assert 0 < leadlag.required_move(wide, "lead", change=5, believed=(0.1, 0.4)).probability < 1
    assert math.isnan(needed.probability)


def test_the_chance_is_that_of_a_simulation(sales: leadlag.Ranking):
    row = sales.table.loc["lead"]
    rng = np.random.default_rng(0)
    # One metric tested and shown: the interval's level is .90.
    sd = (row["effect_high"] - row["effect_low"]) / 2 / 1.645
    slope = rng.normal(row["effect"], sd, 400_000) / row["typical_move"]
    move = rng.normal(0.5, 0.2 / 1.645, 400_000)
    for change in (4.0, -4.0, 6.0):
        needed = leadlag.required_move(sales, "lead", change=change, believed=(0.3, 0.7))
        expected = np.mean(slope * move >= change if change > 0 else slope * move <= change)
        assert needed.probability == pytest.approx(expected, abs=0.01)
    sure = leadlag.required_move(sales, "lead", change=4.0, believed=100)
    assert sure.probability == pytest.approx(1)


def test_the_dates_count_back_by_the_lag(business: leadlag.Ranking):
    assert business.table.loc["signups", "lag"] == 3
    last = growing().index[-1]
    soon = leadlag.required_move(business, "signups", change="5%").due
    assert soon.move_by == str((last + pd.Timedelta(weeks=1)).date())
    assert soon.shows == str((last + pd.Timedelta(weeks=4)).date())
    wanted = last + pd.Timedelta(weeks=30, days=2)
    later = leadlag.required_move(business, "signups", change="5%", by=wanted.date()).due
    assert later.shows == str((last + pd.Timedelta(weeks=30)).date())
    assert later.move_by == str((last + pd.Timedelta(weeks=27)).date())
    late = leadlag.required_move(business, "signups", change="5%", by=last + pd.Timedelta(weeks=2))
    assert late.due.late
    assert "That has passed" in repr(late)


def test_a_saved_ranking_asks_for_the_same(business: leadlag.Ranking, tmp_path: Path):
    business.save(tmp_path / "ranking.json")
    again = leadlag.load(tmp_path / "ranking.json")
    one, two = (
        leadlag.required_move(ranking, "signups", change="3%", believed=(1, 20))
        for ranking in (business, again)
    )
    assert one.to_dict() == two.to_dict()
    assert repr(one) == repr(two)
    assert json.loads(json.dumps(one.to_dict()))["status"] == "determined"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metric": "signup"}, "Did you mean 'signups'"),
        ({"metric": 3}, "metric 3 is not in this ranking"),
        ({"change": 0}, "change is 0"),
        ({"change": "much"}, "change is not a change"),
        ({"change": "%"}, "change is not a change"),
        ({"change": float("inf")}, "change is not a change"),
        ({"change": -1e9}, "would take the series below zero"),
        ({"believed": (3, 1)}, "believed is not a range"),
        ({"believed": "much"}, "believed is not a range"),
        ({"believed": (1, 2, 3)}, "believed is not a range"),
        ({"by": "someday"}, "by is not a date"),
        ({"by": 12}, "by is not a date"),
        ({"by": "2019-01-01"}, "by is not after the data"),
    ],
)
def test_what_can_t_be_asked_says_why(
    business: leadlag.Ranking, arguments: dict[str, Any], message: str
):
    arguments = {"metric": "signups", "change": 100.0, **arguments}
    with pytest.raises(ConfigurationError, match=message):
        leadlag.required_move(business, arguments.pop("metric"), **arguments)


def test_only_a_ranking_and_only_a_ranked_metric(sales: leadlag.Ranking):
    with pytest.raises(ConfigurationError, match="ranking is not a ranking"):
        leadlag.required_move(sales.table, "lead", change=1)  # type: ignore[arg-type]
    frame = leadlag.datasets.box_jenkins().assign(flat=1.0)
    ranking = leadlag.rank(frame, target="sales", max_lag=6)
    with pytest.raises(ConfigurationError, match="'flat' was not ranked: never changes"):
        leadlag.required_move(ranking, "flat", change=1)
    with pytest.raises(ConfigurationError, match="by is not a period"):
        leadlag.required_move(ranking, "lead", change=1, by="2026-01-01")


def test_months_are_named_by_themselves():
    index = pd.date_range("2015-01-01", periods=130, freq="MS")
    rng = np.random.default_rng(0)
    trials = 100 + rng.normal(0, 5, 130)
    revenue = 500 + 2 * np.roll(trials - 100, 2) + rng.normal(0, 2, 130)
    frame = pd.DataFrame({"revenue": revenue, "trials": trials}, index=index)
    text = repr(
        leadlag.required_move(leadlag.rank(frame, "revenue", max_lag=6), "trials", change=5)
    )
    assert "It has to move by 2025-11 to show in 2026-01 (2 months later;" in " ".join(text.split())
