"""The ranking: its table, its order, its file, and the frame it gives to forecasting models."""

import dataclasses
import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import leadlag
from leadlag.data.metric import Metric
from leadlag.data.notice import Notice
from leadlag.errors import LeadLagError
from leadlag.loading import load
from leadlag.placing import order
from leadlag.ranking import Ranking
from leadlag.storage import plain
from tests.builders import (
    COINCIDENT,
    EVERY_ROLE,
    EXCLUDED,
    FEEDBACK,
    LAGGING,
    LEADING,
    NEGATIVE,
    QUIET,
    WINDOWED,
    Truth,
    make_evidence,
    make_panel,
    make_ranking,
)

# The contract's columns in its order, without those whose evidence is not built.
COLUMNS = [
    "rank", "verdict", "role", "kind", "lag", "lag_low", "lag_high", "usable_lead", "typical_move",
    "effect",
    "effect_low", "effect_high", "skill", "skill_low", "skill_high", "horizon", "q_value", "tier",
    "stability", "redundant_with", "notes", "score", "p_value", "prob_leads", "prob_top3",
    "rank_low", "rank_high", "onset", "correlation", "p_conditional", "q_conditional",
    "detectable_effect", "gain_forward", "gain_reverse", "granger_p", "granger_reverse_p",
    "granger_order", "n", "transform",
]  # fmt: skip
NOTICES = (Notice("gaps", "revenue has 3 gaps."), Notice("tail", "The last week was dropped."))


@pytest.fixture(scope="module")
def ranking() -> Ranking:
    return make_ranking(notices=NOTICES)


# --- the table ---------------------------------------------------------------------------------


def test_the_columns_are_the_contract_s(ranking: Ranking):
    assert list(ranking.table.columns) == COLUMNS
    assert ranking.table.index.name == "metric"


def test_rows_are_in_order_of_role_then_of_score(ranking: Ranking):
    # "active_users" has feedback, which shares a place with "leading" and lowers the score; those
    # that were not shown to lead go by score, whatever they are;
    # "office_plants" and "page_likes" tie and go by name
    assert list(ranking.table.index) == [
        "trial_starts", "complaints", "retention_90d", "active_users",
        "office_plants", "page_likes", "orders", "refunds", "beta_flag", "plan_name",
    ]  # fmt: skip


def test_a_higher_tier_comes_before_a_higher_score():
    strong = dataclasses.replace(LEADING, name="strong", forward=0.9)
    steady = dataclasses.replace(LEADING, name="steady", forward=0.1)
    panel = make_panel((strong, steady), excluded={})
    evidence = make_evidence(panel, (strong, steady))
    assert evidence.score[0] > evidence.score[1]
    for tier, names in (([1, 3], ["steady", "strong"]), ([2, 2], ["strong", "steady"])):
        rank = order(panel.metrics, [0, 0], tier, evidence.score)
        ordered = dataclasses.replace(evidence, rank=rank)
        assert list(Ranking.from_evidence(panel, ordered, {}).table.index) == names


def test_order_does_not_depend_on_the_order_of_columns(ranking: Ranking):
    assert list(make_ranking(EVERY_ROLE[::-1]).table.index) == list(ranking.table.index)


def test_ranks_count_from_one_and_stop_at_what_was_excluded(ranking: Ranking):
    assert ranking.table["rank"].dropna().tolist() == list(range(1, 9))
    assert ranking.table["rank"].tail(2).isna().all()


def test_excluded_columns_have_a_reason_and_no_numbers(ranking: Ranking):
    rows = ranking.table.tail(2)
    assert rows["role"].tolist() == ["excluded", "excluded"]
    assert rows["notes"].to_dict() == EXCLUDED
    assert rows.select_dtypes("number").isna().all(axis=None)


def test_a_usable_lead_is_the_lag_less_the_delay_of_what_leads():
    late = dataclasses.replace(WINDOWED, delay=13.0)
    early = dataclasses.replace(FEEDBACK, delay=0.5)
    table = make_ranking((late, early, LAGGING, COINCIDENT, QUIET), excluded={}).table
    assert table["usable_lead"].dropna().to_dict() == {"retention_90d": 1.0, "active_users": 0.5}


def test_kinds_come_from_the_catalogue(ranking: Ranking):
    assert ranking.table["kind"].value_counts().to_dict() == {
        "unclassified": 8, "traction": 1, "sentiment": 1,
    }  # fmt: skip


def test_an_excluded_column_keeps_its_declared_kind():
    panel = make_panel((QUIET,), excluded={"nps": "has no values"})
    panel.metrics_info["nps"] = Metric("sentiment")
    ranking = Ranking.from_evidence(panel, make_evidence(panel, (QUIET,)), {})
    assert ranking.table.at["nps", "kind"] == "sentiment"


def test_numbers_are_numbers(ranking: Ranking):
    types = ranking.table.dtypes.astype(str)
    assert set(types[["lag", "usable_lead", "q_value", "gain_forward"]]) == {"float64"}
    assert set(types[["rank", "granger_order", "n"]]) == {"Int64"}


def test_values_are_the_evidence_s(ranking: Ranking):
    row = ranking.table.loc["complaints"]
    assert row[["lag", "lag_low", "lag_high"]].tolist() == [5.0, 3.0, 8.0]
    assert row["correlation"] == -0.287
    assert row["notes"] == "2 missing values bridged from the past"
    assert row["transform"] == "log difference"


def test_settings_say_what_was_ranked(ranking: Ranking):
    settings = ranking.settings
    assert {"version", "target", "n", "span", "freq", "max_lag", "alpha", "seed", "terms"} <= set(
        settings
    )
    assert settings["span"] == ["week of 2022-01-03", "week of 2025-06-09"]
    assert (settings["target"], settings["freq"], settings["n"]) == ("revenue", "W", 180)


def test_the_span_ends_with_the_target(ranking: Ranking):
    panel = make_panel((QUIET,), freq="M")
    panel.y[-2:] = np.nan
    settings = Ranking.from_evidence(panel, make_evidence(panel, (QUIET,)), {}).settings
    assert settings["span"][1] == "2029-10"
    assert settings["n"] == 178


# --- frozen ------------------------------------------------------------------------------------


def test_nothing_can_be_changed(ranking: Ranking):
    with pytest.raises(dataclasses.FrozenInstanceError):
        ranking.warnings = ()  # type: ignore[misc]
    before = ranking.to_dict()
    table = ranking.table
    table.loc["trial_starts", "lag"] = 99.0
    ranking.settings["terms"].append("luck")
    assert ranking.to_dict() == before


def test_equal_by_content(ranking: Ranking):
    assert make_ranking(notices=NOTICES) == ranking
    assert make_ranking() != ranking  # without the notices
    assert make_ranking(notices=NOTICES, seed=1) != ranking  # other series
    assert ranking != ranking.to_dict()
    with pytest.raises(TypeError):
        hash(ranking)


def test_length_counts_every_row(ranking: Ranking):
    assert len(ranking) == 10


# --- the file ----------------------------------------------------------------------------------


@pytest.mark.parametrize("freq", ["h", "D", "B", "W", "M", "Q", "Y", "period"])
def test_a_saved_ranking_reads_and_draws_the_same(tmp_path, freq: str):
    ranking = make_ranking(freq=freq, n=60, max_lag=16, notices=NOTICES)
    ranking.save(tmp_path / "ranking.json")
    loaded = load(tmp_path / "ranking.json")
    assert loaded == ranking
    pd.testing.assert_frame_equal(loaded.table, ranking.table)
    assert loaded.warnings == ranking.warnings
    assert repr(loaded) == repr(ranking)
    assert loaded._repr_html_() == ranking._repr_html_()
    assert loaded.summary() == ranking.summary()
    for metric in ranking.table.index:
        assert loaded.explain(metric) == ranking.explain(metric)
    assert loaded.plot("complaints").to_json() == ranking.plot("complaints").to_json()


@pytest.mark.parametrize("metric", [None, "refunds", "office_plants"])
def test_a_loaded_ranking_draws_every_role_the_same(ranking: Ranking, metric: str | None):
    loaded = Ranking.from_dict(ranking.to_dict())
    assert loaded.plot(metric).to_json() == ranking.plot(metric).to_json()


def test_the_same_ranking_gives_the_same_bytes(tmp_path):
    make_ranking().save(tmp_path / "a.json")
    again = make_ranking()
    again.save(tmp_path / "b.json")
    load(tmp_path / "b.json").save(tmp_path / "c.json")
    a, b, c = ((tmp_path / f"{name}.json").read_bytes() for name in "abc")
    assert a == b == c


def test_the_dict_survives_strict_json(ranking: Ranking):
    values = ranking.to_dict()
    text = json.dumps(values, allow_nan=False)
    assert json.loads(text) == values
    assert values["schema_version"] == 1
    last = values["table"][-1]
    assert (last["metric"], last["lag"], last["rank"]) == ("plan_name", None, None)


def test_a_ranking_pickles(ranking: Ranking):
    copy = pickle.loads(pickle.dumps(ranking))
    assert copy == ranking
    assert repr(copy) == repr(ranking)


def test_saving_replaces_the_file_and_leaves_nothing_else(tmp_path, ranking: Ranking):
    path = tmp_path / "ranking.json"
    path.write_text("older")
    ranking.save(path)
    assert load(path) == ranking
    assert [file.name for file in tmp_path.iterdir()] == ["ranking.json"]


def test_a_write_that_fails_keeps_the_old_file_and_no_scraps(tmp_path, ranking, monkeypatch):
    path = tmp_path / "ranking.json"
    path.write_text("older")

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(LeadLagError, match="disk full"):
        ranking.save(path)
    assert path.read_text() == "older"
    assert [file.name for file in tmp_path.iterdir()] == ["ranking.json"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "is not JSON"),
        ("[1, 2]", "is not a saved ranking: got a JSON list"),
        ("{}", "got no schema_version, need schema_version 1"),
        ('{"schema_version": 99}', "got schema_version 99, need schema_version 1"),
        ('{"schema_version": 1, "table": []}', "is not a complete ranking"),
    ],
)
def test_other_files_are_refused_in_words(tmp_path, text: str, message: str):
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(LeadLagError, match=message):
        load(path)


def test_a_missing_file_is_refused_in_words(tmp_path):
    with pytest.raises(LeadLagError, match=r"none\.json' can't be read.*Ranking\.save"):
        load(tmp_path / "none.json")


def test_a_settings_value_without_a_plain_form_is_refused():
    with pytest.raises(TypeError, match="object has no plain form"):
        plain({"x": object()})


# --- what can be asked -------------------------------------------------------------------------


def test_an_unknown_metric_gets_the_nearest_name(ranking: Ranking):
    for ask in (ranking.explain, ranking.plot):
        with pytest.raises(LeadLagError, match=r"'complaint' is not in.*Did you mean 'complaints'"):
            ask("complaint")


def test_an_excluded_metric_can_be_explained_but_not_drawn(ranking: Ranking):
    assert "holds text" in ranking.explain("plan_name")
    with pytest.raises(LeadLagError, match="was not ranked: holds text"):
        ranking.plot("plan_name")


def test_the_shortlist_names_leaders_only(ranking: Ranking):
    # By verdict, then rank: complaints are sentiment, to be kept from getting worse.
    assert ranking.shortlist() == ["trial_starts", "retention_90d", "active_users"]
    assert ranking.shortlist(99) == [*ranking.shortlist(), "complaints"]
    assert ranking.shortlist(0) == []
    assert make_ranking((QUIET, LAGGING)).shortlist() == []


def test_the_shortlist_leaves_out_what_adds_nothing():
    copy = dataclasses.replace(LEADING, name="trials", redundant_with="complaints", forward=0.9)
    asks = dataclasses.replace(NEGATIVE, info=Metric("product outcome"))
    ranking = make_ranking((copy, asks, FEEDBACK), excluded={})
    assert ranking.table.index[0] == "trials"  # redundancy never moves a rank
    assert ranking.table["verdict"].tolist() == ["watch", "assign", "learn first"]
    assert ranking.shortlist(1) == ["complaints"]
    # Behind a metric that nobody can be given, the one that a team moves is the one to name.
    assert make_ranking((copy, NEGATIVE, FEEDBACK), excluded={}).shortlist(1) == ["trials"]
    assert ranking.plot().to_json() == ranking.plot("trials").to_json()
    # A forecasting model weighs what it is given.
    data = _wide(pd.date_range("2024-01-01", periods=8, freq="W-MON"))
    given = data.assign(trials=data["trial_starts"], active_users=data["revenue"])
    assert list(ranking.shifted(given).columns) == ["trials", "complaints", "active_users"]


def test_a_ranking_of_nothing_usable_still_speaks():
    ranking = make_ranking(())
    assert ranking.table["role"].tolist() == ["excluded", "excluded"]
    assert "no leading indicator was shown" in repr(ranking)
    assert "no leading indicator was shown" in ranking.summary()
    assert Ranking.from_dict(ranking.to_dict()) == ranking
    ranking.plot().to_dict()


# --- aligned for a forecasting model -----------------------------------------------------------


def _wide(index: pd.Index, *, seed: int = 0) -> pd.DataFrame:
    values = np.random.default_rng(seed).standard_normal((len(index), 3))
    return pd.DataFrame(values, index=index, columns=["complaints", "trial_starts", "revenue"])


LEADERS = (LEADING, NEGATIVE, LAGGING, QUIET)


def test_leaders_move_by_their_lags_and_run_past_the_end():
    data = _wide(pd.date_range("2024-01-01", periods=20, freq="W-MON"))
    moved = make_ranking(LEADERS).shifted(data)
    assert list(moved.columns) == ["trial_starts", "complaints"]
    assert moved.index[-1] == data.index[-1] + pd.Timedelta(weeks=5)
    assert len(moved) == 25
    for name, lag in (("trial_starts", 3), ("complaints", 5)):
        expected = data[name].reindex(moved.index).shift(lag)
        pd.testing.assert_series_equal(moved[name], expected, check_freq=False)


def test_a_gap_is_a_gap_and_order_does_not_matter():
    whole = _wide(pd.date_range("2024-01-01", periods=20, freq="W-MON"))
    holed = whole.drop(whole.index[[4, 5]]).sample(frac=1, random_state=0)
    ranking = make_ranking(LEADERS)
    expected = ranking.shifted(whole)
    moved = ranking.shifted(holed)
    rest = moved.reindex(expected.index)
    known = rest.notna()
    assert (rest[known] == expected[known]).sum().to_dict() == {
        "trial_starts": 18,
        "complaints": 18,
    }
    assert moved.at[whole.index[6], "trial_starts"] == whole.at[whole.index[3], "trial_starts"]


@pytest.mark.parametrize(
    ("freq", "index", "after"),
    [
        ("M", pd.date_range("2024-10-31", periods=4, freq="ME"), ["2025-02-28", "2025-03-31"]),
        ("M", pd.date_range("2024-10-01", periods=4, freq="MS"), ["2025-02-01", "2025-03-01"]),
        ("Q", pd.date_range("2024-01-01", periods=4, freq="QS"), ["2025-01-01", "2025-04-01"]),
        ("Y", pd.date_range("2020-12-31", periods=4, freq="YE"), ["2024-12-31", "2025-12-31"]),
        ("W", pd.date_range("2024-12-01", periods=4, freq="W-SUN"), ["2024-12-29", "2025-01-05"]),
        ("D", pd.date_range("2024-12-27", periods=4, freq="D"), ["2024-12-31", "2025-01-01"]),
        ("h", pd.date_range("2024-12-31 19:00", periods=4, freq="h"),
         ["2024-12-31 23:00", "2025-01-01 00:00"]),
        ("B", pd.date_range("2024-12-31", periods=4, freq="B"), ["2025-01-06", "2025-01-07"]),
    ],
)  # fmt: skip
def test_new_stamps_are_of_the_same_kind(freq: str, index: pd.DatetimeIndex, after: list[str]):
    ranking = make_ranking((LEADING, NEGATIVE), freq=freq)
    moved = ranking.shifted(_wide(index))
    assert list(moved.index[4:6]) == [pd.Timestamp(stamp) for stamp in after]
    assert moved["trial_starts"].tolist()[3:7] == _wide(index)["trial_starts"].tolist()


def test_plain_periods_move_by_their_step():
    ranking = make_ranking((LEADING,), freq="period")
    moved = ranking.shifted(_wide(pd.Index([0, 5, 10, 20])))
    assert moved.index.tolist() == [0, 5, 10, 15, 20, 25, 35]
    assert np.flatnonzero(moved["trial_starts"].notna()).tolist() == [3, 4, 5, 6]


def test_other_frames_and_a_column_of_dates_are_taken():
    data = _wide(pd.date_range("2024-01-01", periods=8, freq="W-MON", name="week"))
    ranking = make_ranking(LEADERS)
    expected = ranking.shifted(data)
    from_polars = ranking.shifted(pl.from_pandas(data.reset_index()))
    pd.testing.assert_frame_equal(from_polars, expected, check_freq=False, check_index_type=False)


def test_nothing_leads_nothing_moves():
    data = _wide(pd.date_range("2024-01-01", periods=8, freq="W-MON"))
    moved = make_ranking((QUIET,)).shifted(data)
    assert moved.shape == (8, 0)


def test_what_can_t_be_aligned_is_said():
    ranking = make_ranking(LEADERS)
    data = _wide(pd.date_range("2024-01-01", periods=20, freq="W-MON"))
    with pytest.raises(LeadLagError, match=r"'complaints' is not a column.*'complaint'"):
        ranking.shifted(data.rename(columns={"complaints": "complaint"}))
    daily = _wide(pd.date_range("2024-01-01", periods=20, freq="D"))
    with pytest.raises(LeadLagError, match=r"two rows are in one period.*one row a week"):
        ranking.shifted(daily)
    with pytest.raises(LeadLagError, match=r"'complaints'.*text"):
        ranking.shifted(data.assign(complaints="many"))


# --- from real evidence ------------------------------------------------------------------------


def test_a_real_ranking_is_whole():
    ranking = leadlag.rank(leadlag.datasets.box_jenkins(), target="sales", max_lag=6)
    assert list(ranking.table.columns) == COLUMNS
    assert ranking.shortlist() == ["lead"]
    assert "lead precedes sales by 3 periods" in ranking.explain("lead")
    assert pickle.loads(pickle.dumps(ranking)) == ranking
    assert ranking.plot().to_dict()["title"]["text"] == ["lead precedes sales by 3 periods"]


def test_truths_are_told_apart():
    """The builders themselves: a truth that is not in the table would test nothing."""
    table = make_ranking((Truth("x", q=0.123),)).table
    assert table.at["x", "q_value"] == 0.123
