"""Every verdict, reached by `leadlag.rank` from data and a catalogue; what may never be said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag.assign.verdict import VERDICTS
from leadlag.data.metric import KINDS, Metric

DAYS = 500
CATALOG = {
    "solved_first_case": Metric("product outcome", aim="up", counterweights=("page_speed",)),
    "report_views": "traction",
    "csat": "sentiment",
    "bookings": "business outcome",
    "features_shipped": "output",
    "refunds": "product outcome",
    "office_plants": "product outcome",
    "new_survey": "product outcome",
    "orders": "product outcome",
    "basket": "product outcome",
    "page_speed": Metric(aim="up"),
}


def world(seed: int = 3) -> pd.DataFrame:
    """Daily revenue with leaders of every kind, a factor pair, followers, noise, a young column."""
    rng = np.random.default_rng(seed)
    leaders = ["solved_first_case", "report_views", "bookings", "features_shipped", "trial_starts"]
    made = {name: rng.normal(0, 1, DAYS) for name in leaders}
    revenue = 0.6 * rng.normal(0, 1, DAYS)
    for lag, name in enumerate(leaders, start=2):
        revenue[lag:] += made[name][:-lag]
    made["csat"] = rng.normal(0, 1, DAYS)
    made["csat"][1:] += 0.8 * revenue[:-1]
    made["refunds"] = rng.normal(0, 1, DAYS)
    made["refunds"][3:] += revenue[:-3]
    made["office_plants"] = rng.normal(0, 1, DAYS)
    made["page_speed"] = rng.normal(0, 1, DAYS)
    made["new_survey"] = np.where(np.arange(DAYS) < DAYS - 50, np.nan, rng.normal(0, 1, DAYS))
    revenue += 60
    made["orders"] = 30 + rng.normal(0, 1, DAYS)
    made["basket"] = revenue / made["orders"]
    index = pd.date_range("2024-01-01", periods=DAYS, freq="D")
    return pd.DataFrame({"revenue": revenue, **made}, index=index)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return world()


@pytest.fixture(scope="module")
def ranking(frame: pd.DataFrame) -> leadlag.Ranking:
    return leadlag.rank(frame, target="revenue", max_lag=10, catalog=CATALOG)


@pytest.mark.parametrize(
    ("metric", "verdict"),
    [
        ("solved_first_case", "assign"),
        ("trial_starts", "learn first"),  # not in the catalogue
        ("report_views", "learn first"),
        ("csat", "counterweight"),
        ("page_speed", "counterweight"),
        ("orders", "component"),
        ("basket", "component"),
        ("bookings", "watch"),
        ("features_shipped", "watch"),
        ("refunds", "watch"),
        ("office_plants", "not shown"),
        ("new_survey", "insufficient data"),
    ],
)
def test_every_verdict_is_reached(ranking: leadlag.Ranking, metric: str, verdict: str):
    assert ranking.table.at[metric, "verdict"] == verdict, ranking.explain(metric, steps=True)
    assert f"Verdict: {verdict}, as " in ranking.explain(metric, steps=True)


def test_no_verdict_is_missing(ranking: leadlag.Ranking):
    assert set(ranking.table["verdict"]) == set(VERDICTS)


@pytest.mark.parametrize("kind", ["business outcome", "output"])
def test_an_outcome_of_the_business_or_an_output_is_never_assigned(frame: pd.DataFrame, kind: str):
    # All but a copy of what comes: nothing correlates more.
    tomorrow = frame["revenue"].shift(-1) + np.random.default_rng(0).normal(0, 0.3, DAYS)
    wide = frame[["revenue", "solved_first_case"]].assign(tomorrow=tomorrow)
    declared = Metric(kind, aim="up", controllable_by="Growth", owner="Growth", value_moment=True)
    table = leadlag.rank(wide, target="revenue", max_lag=5, catalog={"tomorrow": declared}).table
    assert table.index[0] == "tomorrow"
    assert abs(table.at["tomorrow", "correlation"]) > 0.95
    assert table.at["tomorrow", "verdict"] == "watch"


def test_no_kind_but_a_product_outcome_is_ever_assigned(frame: pd.DataFrame):
    found = {}
    narrow = frame[["revenue", "solved_first_case", "bookings"]]
    for kind in KINDS:
        declared = dict.fromkeys(narrow.columns[1:], kind)
        table = leadlag.rank(narrow, target="revenue", max_lag=10, catalog=declared).table
        found[kind] = bool((table["verdict"] == "assign").any())
    assert found == {kind: kind == "product outcome" for kind in KINDS}


def test_without_a_catalogue_a_leader_is_learned_about_and_told_how_to_be_declared(
    frame: pd.DataFrame,
):
    table = leadlag.rank(frame, target="revenue", max_lag=10).table
    assert "assign" not in set(table["verdict"])
    leading = table[table["verdict"] == "learn first"]
    assert {"solved_first_case", "trial_starts"} <= set(leading.index)
    for name in leading.index:
        (line,) = [part for part in table.at[name, "notes"].split("; ") if "catalog=" in part]
        declared = line[line.index("catalog=") :]
        # The line works as it stands.
        catalog = eval(declared.removeprefix("catalog="), {"Metric": Metric})
        assert set(catalog) == {name}
        again = leadlag.rank(
            frame[["revenue", name]], target="revenue", max_lag=10, catalog=catalog
        )
        assert again.table.at[name, "kind"] != "unclassified"


def test_a_learning_goal_has_a_criterion_for_each_reason(ranking: leadlag.Ranking):
    for name, row in ranking.table.iterrows():
        text = ranking.explain(str(name), steps=True)
        assert ("It becomes a performance goal once " in text) == (row["verdict"] == "learn first")
