"""What changed between two rankings: each planted cause is named."""

import json

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag import Ranking
from leadlag.errors import ConfigurationError
from leadlag.monitor.changes import CAUSES, COLUMNS, _tests_moved

N = 260


def panel(n: int = N, *, breaks: int | None = None, seed: int = 11) -> pd.DataFrame:
    """Signups precede revenue by 4 days, up to the row in which the relation ends."""
    rng = np.random.default_rng(seed)
    x, other, e = rng.standard_normal((3, 600))
    slope = np.where(np.arange(600) < (600 if breaks is None else breaks), 1.0, 0.0)
    y = 50 + slope * np.r_[np.zeros(4), x[:-4]] + 0.7 * e
    index = pd.date_range("2024-01-01", periods=600, freq="D")
    frame = pd.DataFrame({"revenue": y, "signups": 20 + x, "other": other}, index=index)
    return frame.iloc[:n]


@pytest.fixture(scope="module")
def before() -> Ranking:
    return leadlag.rank(panel(), "revenue", max_lag=14)


def causes(now: Ranking, before: Ranking, metric: str) -> set[str]:
    table = now.changes(before)
    assert tuple(table.columns) == COLUMNS
    assert set(table["cause"]) <= set(CAUSES)
    return set(table.loc[table["metric"] == metric, "cause"])


def test_the_same_ranking_has_no_changes(before: Ranking):
    again = Ranking.from_dict(json.loads(json.dumps(before.to_dict())))
    assert again.changes(before).empty
    assert tuple(again.changes(before).columns) == COLUMNS


def test_new_rows_that_end_the_relation_are_new_data(before: Ranking):
    now = leadlag.rank(panel(600, breaks=N), "revenue", max_lag=14)
    table = now.changes(before)
    assert table.iloc[0].tolist() == [
        "revenue", "data through", "2024-09-16", "2025-08-22", "new data",
    ]  # fmt: skip
    assert causes(now, before, "signups") == {"new data"}


def test_a_few_more_rows_of_the_same_bring_noise_at_most(before: Ranking):
    now = leadlag.rank(panel(N + 7), "revenue", max_lag=14)
    assert causes(now, before, "signups") <= {"noise"}
    assert causes(now, before, "other") <= {"noise"}


@pytest.mark.parametrize(
    ("before", "now", "n", "moved"),
    [
        (0.006, 0.03, 280, True),  # twice the rows should have made it surer
        (0.006, 0.006, 150, False),  # a few rows more
        (0.006, 1e-4, 280, False),  # as sure as it grows
        (0.6, 0.4, 280, False),  # nothing before, nothing now
        (0.5, 1e-4, 150, True),  # a lead that was not there
    ],
)
def test_a_lead_that_stays_as_sure_on_twice_the_rows_became_weaker(
    before: float, now: float, n: int, moved: bool
):
    old = {"p_value": before, "granger_reverse_p": 0.5, "n": 140, "role": "leading"}
    new = {"p_value": now, "granger_reverse_p": 0.5, "n": n, "role": "unrelated"}
    assert _tests_moved(old, new) is moved


def test_rows_that_were_taken_back_are_revised_data(before: Ranking):
    now = leadlag.rank(panel(N - 12), "revenue", max_lag=14)
    table = now.changes(before)
    assert set(table["cause"]) == {"revised data"}
    assert table.iloc[0]["field"] == "data through"
    line = table[(table["metric"] == "signups") & (table["field"] == "values")].iloc[0]
    assert line["before"] == "260 days known"
    assert line["after"] == "12 of 260 values no longer there"


def test_a_largest_lag_that_falls_with_the_rows_is_no_other_method():
    frame = panel(N)
    settings = [leadlag.rank(frame.iloc[:n], "revenue") for n in (N, 100)]
    table = settings[1].changes(settings[0])
    assert settings[0].settings["max_lag"] > settings[1].settings["max_lag"]
    assert set(table.loc[table["field"] == "max_lag", "cause"]) == {"revised data"}
    assert "method changed" not in set(table["cause"])


def test_values_that_went_missing_are_counted_apart(before: Ranking):
    frame = panel()
    frame.iloc[40:60, 1] = np.nan
    frame.iloc[100, 1] *= 1.2
    table = leadlag.rank(frame, "revenue", max_lag=14).changes(before)
    line = table[(table["metric"] == "signups") & (table["field"] == "values")].iloc[0]
    assert line["after"] == (
        "1 of 240 days revised, by up to 20 %; 20 of 260 values no longer there"
    )


def test_a_window_that_moves_on_revises_nothing(before: Ranking):
    table = leadlag.rank(panel(N + 12).iloc[12:], "revenue", max_lag=14).changes(before)
    assert "revised data" not in set(table["cause"])


def test_values_that_were_corrected_are_revised_data(before: Ranking):
    frame = panel()
    frame.loc[frame.index[100:110], "signups"] *= 1.2
    now = leadlag.rank(frame, "revenue", max_lag=14)
    table = now.changes(before)
    line = table[(table["metric"] == "signups") & (table["field"] == "values")].iloc[0]
    assert line["after"] == "10 of 260 days revised, by up to 20 %"
    assert causes(now, before, "signups") == {"revised data"}


def test_another_window_is_another_definition(before: Ranking):
    catalog = {"signups": leadlag.Metric("traction", window=3, stamped="cohort")}
    now = leadlag.rank(panel(), "revenue", max_lag=14, catalog=catalog)
    table = now.changes(before).set_index(["metric", "field"])
    assert table.loc[("signups", "window"), "after"] == 3
    assert causes(now, before, "signups") == {"definition changed"}


def test_a_history_that_was_restated_is_another_definition(before: Ranking):
    frame = panel()
    frame["signups"] = frame["signups"].rolling(7, min_periods=1).mean()
    now = leadlag.rank(frame, "revenue", max_lag=14)
    assert causes(now, before, "signups") == {"definition changed"}


def test_another_setting_is_another_method(before: Ranking):
    now = leadlag.rank(panel(), "revenue", max_lag=10)
    table = now.changes(before)
    assert table.iloc[0].tolist() == ["revenue", "max_lag", 14, 10, "method changed"]
    assert set(table["cause"]) == {"method changed"}


def test_a_largest_lag_that_grows_with_the_rows_is_no_other_method():
    few, more = (leadlag.rank(panel(n), "revenue") for n in (120, 125))
    table = more.changes(few).set_index("field")
    assert table.loc["max_lag", ["before", "after", "cause"]].tolist() == [24, 25, "new data"]
    assert "method changed" not in set(table["cause"])


def test_metrics_come_and_go(before: Ranking):
    frame = panel().rename(columns={"other": "another"})
    table = leadlag.rank(frame, "revenue", max_lag=14).changes(before)
    named = table[table["field"] == "metric"].set_index("metric")
    assert named.loc["another", "before"] == "absent"
    assert named.loc["other", "after"] == "absent"


def two_leaders(n: int = N) -> pd.DataFrame:
    """Signups lead, and trials behind them."""
    frame = panel(n)
    rng = np.random.default_rng(5)
    trials = rng.standard_normal(600)[:n]
    return frame.assign(
        revenue=frame["revenue"] + 0.7 * np.r_[np.zeros(2), trials[:-2]], trials=trials
    )


@pytest.mark.parametrize("more", [0, 4])
def test_a_place_that_moved_with_another_metric_has_the_cause_of_that(more: int):
    both = leadlag.rank(two_leaders(), "revenue", max_lag=14)
    assert both.table["rank"][["signups", "trials"]].tolist() == [1, 2]
    later = two_leaders(N + more)
    alone = leadlag.rank(later.drop(columns="signups"), "revenue", max_lag=14)
    table = alone.changes(both).set_index(["metric", "field"])
    assert table.loc[("signups", "metric"), "cause"] == "definition changed"
    assert table.loc[("trials", "rank"), ["before", "after", "cause"]].tolist() == [
        2, 1, "definition changed",
    ]  # fmt: skip
    back = leadlag.rank(two_leaders(N + 2 * more), "revenue", max_lag=14)
    table = back.changes(alone).set_index(["metric", "field"])
    assert table.loc[("trials", "rank"), ["before", "after", "cause"]].tolist() == [
        1, 2, "new data",
    ]  # fmt: skip


def test_what_a_metric_said_the_same_as_may_leave():
    frame = two_leaders()
    rng = np.random.default_rng(6)
    frame["double"] = frame["signups"] + 0.05 * rng.standard_normal(N)
    with_double = leadlag.rank(frame, "revenue", max_lag=14)
    row = with_double.table["redundant_with"]
    (name,) = [one for one in ("signups", "double") if row[one] in ("signups", "double")]
    alone = leadlag.rank(
        two_leaders(N + 3).rename(columns={"signups": name}), "revenue", max_lag=14
    )
    table = alone.changes(with_double).set_index(["metric", "field"])
    assert table.loc[(name, "redundant_with"), "after"] == ""
    assert table.loc[(name, "redundant_with"), "cause"] == "definition changed"


def test_what_is_no_ranking_and_what_has_another_target_are_refused(before: Ranking):
    with pytest.raises(ConfigurationError, match="previous is not a ranking"):
        before.changes("last.json")  # type: ignore[arg-type]
    other = leadlag.rank(panel(), "signups", max_lag=14)
    with pytest.raises(ConfigurationError, match="has another target: got 'signups'"):
        before.changes(other)
