"""`compare`: the usable leads of a world that is known, and what it says where data can't tell."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import leadlag
from leadlag import LeadLagError, compare
from leadlag.iterations.choosing import choose
from leadlag.iterations.tabulating import ceiling_notices
from leadlag.wording.versions import recommendation

WORLDS = [(11, "cohort"), (11, "availability"), (13, "cohort")]
SEEDS = (11, 13)
LEADS = [30, 90, 115, 118]


@pytest.fixture(scope="module")
def found() -> dict[tuple[int, str], leadlag.Comparison]:
    out = {}
    for seed, stamped in WORLDS:
        world = leadlag.datasets.renewals(seed=seed, n_days=500, stamped=stamped)
        out[seed, stamped] = compare(
            world.data, "renewals", world.versions, stamped=stamped, sizes="signups"
        )
    return out


@pytest.mark.parametrize(("seed", "stamped"), WORLDS)
def test_usable_leads_are_those_of_the_world_under_both_stampings(found, seed: int, stamped: str):
    table = found[seed, stamped].table
    assert np.abs(table["usable_lead"] - LEADS).max() <= 3
    late = table["maturation"] if stamped == "cohort" else 0
    assert (table["usable_lead"] == table["lag"] - late).all()
    assert (table["lag_low"] <= table["lag"]).all()
    assert (table["lag"] <= table["lag_high"]).all()
    assert table["precedes"].all()
    by_cohort = found[seed, "cohort"].table
    np.testing.assert_allclose(table["fidelity"], by_cohort["fidelity"], atol=0.03)


def test_the_own_past_is_forecast_sanely_over_a_long_horizon():
    """A trend drawn on over 118 days once made day 5 look better than the behaviour behind it."""
    world = leadlag.datasets.renewals(seed=24, n_days=500)
    result = compare(world.data, "renewals", world.versions, stamped="cohort", sizes="signups")
    assert result.recommended == "behaviour_2d"
    accuracy = result.table["accuracy"]
    assert accuracy["retention_90d"] > accuracy["retention_30d"] > accuracy["behaviour_2d"]
    assert accuracy["behaviour_2d"] > accuracy["retention_5d"] + 0.1


def test_standing_nearer_to_a_target_that_grows_is_no_merit_of_a_late_version():
    """Its own trend is forecast better over 30 days than over 118, whatever the version says."""
    world = leadlag.datasets.renewals(seed=7, n_days=600)
    grown = np.exp(0.5 * np.arange(600) / 365)
    data = world.data.assign(renewals=world.data["renewals"] * grown)
    result = compare(
        data, "renewals", world.versions, stamped="cohort", sizes="signups", max_lag=150
    )
    table = result.table
    assert np.abs(table["usable_lead"] - LEADS).max() <= 3
    assert table["accuracy"]["behaviour_2d"] > 0.5 * table["accuracy"].max()
    assert result.recommended == "behaviour_2d"


@pytest.mark.parametrize("seed", SEEDS)
def test_an_early_version_is_recommended_with_the_price_of_waiting(found, seed: int):
    result = found[seed, "cohort"]
    assert result.recommended in ("behaviour_2d", "retention_5d", "retention_30d")
    assert result.recommendation.startswith(f"Use {result.recommended}")
    assert "price of waiting for retention_90d" in result.recommendation
    assert "feedback cycles a quarter" in result.recommendation
    table = result.table
    assert table.loc["behaviour_2d", "frontier"]
    assert not table.loc["retention_5d", "frontier"]
    assert table["cycles_per_quarter"].round(1).tolist() == [1.0, 2.9, 15.2, 30.4]
    assert table.loc["retention_90d", "fidelity"] == 1.0
    assert (table["fidelity"] <= table["fidelity_ceiling"] + 0.05).all()
    assert (table["fidelity_low"] <= table["fidelity"]).all()
    assert (table["fidelity"] <= table["fidelity_high"]).all()
    # The behaviour is measured on more of a difference, day 5 on less.
    assert table["sensitivity"].idxmax() == "behaviour_2d"
    assert table["sensitivity"].idxmin() == "retention_5d"


def test_every_pair_is_tested_on_common_dates(found):
    pairs = found[SEEDS[0], "cohort"].differences
    assert len(pairs) == 6
    assert pairs["n"].nunique() == 1
    assert (pairs["low"] <= pairs["difference"]).all()
    assert (pairs["difference"] <= pairs["high"]).all()
    assert pairs[["p_value", "p_bootstrap", "q_value", "fidelity_p"]].notna().all().all()
    row = pairs[(pairs["a"] == "retention_30d") & (pairs["b"] == "retention_5d")].iloc[0]
    assert row["difference"] > 0
    assert row["fidelity_difference"] > 0.3
    assert row["fidelity_p"] < 0.001
    table = found[SEEDS[0], "cohort"].table["accuracy"]
    for _, pair in pairs.iterrows():
        assert pair["difference"] == pytest.approx(table[pair["a"]] - table[pair["b"]])


def test_a_ranking_on_cohort_dates_picks_the_wrong_one(found):
    """Undeclared, the slowest version comes first, with a lead that nobody has."""
    world = leadlag.datasets.renewals(seed=11, n_days=625)
    data = world.data[["renewals", "retention_90d", "behaviour_2d"]]
    ranking = leadlag.rank(data, "renewals", max_lag=125)
    assert ranking.table.index[0] == "retention_90d"
    assert ranking.table.loc["retention_90d", "usable_lead"] == pytest.approx(120, abs=3)
    assert "stamping_unknown" in [notice.code for notice in ranking.warnings]
    assert "retention_90d" in str(ranking.warnings)
    assert found[11, "cohort"].recommended != "retention_90d"


def test_the_result_prints_plots_and_writes_itself(found):
    result = found[SEEDS[0], "cohort"]
    text = repr(result)
    assert "behaviour_2d" in text
    assert "on the frontier" in text
    assert json.loads(json.dumps(result.to_dict()))["recommended"] == result.recommended
    for kind in ("frontier", "profile"):
        assert result.plot(kind).to_dict()["description"]
    assert result.profiles["retention_90d"].idxmax() == 30
    assert result.profiles["behaviour_2d"].idxmax() == 118
    with pytest.raises(LeadLagError, match="kind 'pie' is not a picture"):
        result.plot("pie")


# --- when the data can't tell --------------------------------------------------------------------


def test_few_common_dates_settle_nothing():
    """On 28 dates day 5 looked better than the behaviour behind it: .28 (-.27 to .83)."""
    world = leadlag.datasets.renewals(n_days=400, seed=302)
    until = str(world.data.index[300].date())
    result = compare(world.data, "renewals", world.versions, stamped="cohort", as_of=until)
    assert result.differences["n"].max() < 40
    assert result.recommended is None
    assert not result.settled
    assert result.recommendation.startswith("The data can't tell which version to use")
    assert "too few for forecasts so far ahead" in result.recommendation
    assert "Use " not in repr(result)
    assert result.to_dict()["settled"] is False


def _choice(low: float = 0.2, high: float = 0.3, n: int = 200, skill_p: float = 0.001):
    """Early and late, the late one worth .6: what is said of early, worth `.6 - difference`."""
    table = pd.DataFrame(
        {
            "usable_lead": [100.0, 30.0],
            "accuracy": [0.6 - (low + high) / 2, 0.6],
            "skill_p": [skill_p, 0.001],
            "precedes": True,
            "frontier": True,
            "maturation": [5, 75],
        },
        index=["early", "late"],
    )
    row = {"a": "late", "b": "early", "difference": (low + high) / 2, "low": low, "high": high}
    pairs = pd.DataFrame([row | {"p_value": 0.01, "n": n}])
    return choose(table, pairs, keep=0.5, worth="accuracy", alpha=0.1)


def test_what_leaves_a_choice_open():
    assert _choice()["doubt"] == ""
    assert _choice()["name"] == "early"
    # Half of .6 may be lost, and the interval goes beyond it.
    kept = _choice(0.1, 0.4)
    assert (kept["name"], kept["doubt"], kept["other"]) == ("early", "keeps", "late")
    assert kept["dates_needed"] == pytest.approx(200 * (0.15 / 0.05) ** 2)
    # Of an early one that tells too little it has to be shown that it does.
    assert _choice(0.3, 0.5)["name"] == "late"
    assert _choice(0.3, 0.5)["doubt"] == ""
    refused = _choice(-0.1, 0.9)
    assert (refused["name"], refused["doubt"], refused["other"]) == ("late", "earlier", "early")
    # The late one may be better as well where it has not looked so.
    assert _choice(-0.6, 0.4)["doubt"] == "keeps"
    assert _choice(n=49)["doubt"] == "dates"
    assert _choice(skill_p=0.2)["doubt"] == "skill"
    assert _choice(skill_p=float("nan"))["doubt"] == "skill"
    # Without a forecast in common there is nothing to choose by.
    assert _choice(n=0)["doubt"] == "dates"


@pytest.mark.parametrize(
    ("change", "begins", "says"),
    [
        ({}, "Use early: it is known 100", "it would add 25 % (20 % to 30 %)"),
        ({"low": 0.1, "high": 0.4}, "Use early for now", "can't tell whether early keeps 50 %"),
        (
            {"low": -0.1, "high": 0.9},
            "The data can't tell",
            "that early, whose lead is 70 periods longer",
        ),
        ({"n": 49}, "The data can't tell", "on 49 dates alone"),
        ({"skill_p": 0.2}, "The data can't tell", "own past does was not shown (p .2)"),
    ],
)
def test_words_say_what_is_open(change: dict[str, float], begins: str, says: str):
    choice = _choice(**change)
    rows = [
        {"name": name, "usable_lead": lead, "skill": 0.4, "skill_p": change.get("skill_p"),
         "cycles_per_quarter": None, "only_by_cohort": False, "beyond_search": False,
         "q_value": 0.01, "precedes": True, "reason": "", "signal": None}
        for name, lead in (("early", 100.0), ("late", 30.0))
    ]  # fmt: skip
    settings = {"target": "outcome", "freq": "period", "worth": "accuracy", "keep": 0.5}
    text = recommendation(rows, choice, settings | {"alpha": 0.1})
    assert text.startswith(begins)
    assert says in text


def test_a_lead_that_is_not_sure_is_said_with_its_interval():
    rows = [
        {"name": name, "usable_lead": lead, "lag": lead + 5, "lag_low": low, "lag_high": lead + 5,
         "skill": 0.4, "skill_p": 0.01, "cycles_per_quarter": None, "only_by_cohort": False,
         "beyond_search": False, "q_value": 0.01, "precedes": True, "reason": "", "signal": None}
        for name, lead, low in (("early", 100.0, 1.0), ("late", 30.0, 35.0))
    ]  # fmt: skip
    settings = {"target": "outcome", "freq": "D", "worth": "accuracy", "keep": 0.5, "alpha": 0.1}
    text = recommendation(rows, _choice(), settings)
    assert text.startswith(
        "Use early: it is known 100 days before outcome (90 % interval −4 to 100), and"
    )
    rows[0]["lag_low"] = 105.0
    assert "interval" not in recommendation(rows, _choice(), settings).split(",")[0]


# --- how far lags are searched -------------------------------------------------------------------


@pytest.mark.parametrize("seed", [302, 311])
def test_a_version_alone_has_the_lead_that_it_has_among_others(seed: int):
    """Both once were searched to 114: from when it is known that holds 90, from its cohort not."""
    leads = []
    for stamped in ("cohort", "availability"):
        world = leadlag.datasets.renewals(n_days=400, seed=seed, stamped=stamped)
        alone = {"r": ("retention_30d", 30)}
        leads.append(compare(world.data, "renewals", alone, stamped=stamped).table["usable_lead"])
    assert leads[0].tolist() == leads[1].tolist()
    assert abs(leads[0]["r"] - 90) <= 3


def test_a_lead_beyond_the_search_is_said_to_be_beyond_it():
    """A response that rises to a lag of 20 shows before it."""
    rng = np.random.default_rng(4)
    quality = rng.standard_normal(275)
    rises = np.convolve(quality, [0.0, 0.0, 0.3, 0.6, 1.2, 0.6, 0.3])[9:259]
    data = pd.DataFrame(
        {"fast": quality[25:], "outcome": 50 + rises + rng.standard_normal(250)},
        index=pd.date_range("2020-01-06", periods=250, freq="W-MON"),
    )
    one = {"fast": ("fast", 4)}
    for reach in (18, 19):
        result = compare(data, "outcome", one, stamped="cohort", max_lag=reach)
        assert result.table.loc["fast", "p_value"] < 0.1
        assert result.table.loc["fast", "beyond_search"]
        assert np.isnan(result.table.loc["fast", "usable_lead"])
        assert result.recommended is None
        assert "none was shown" not in result.recommendation
        assert "Raise max_lag" in result.recommendation
        assert "beyond the search" in repr(result)
    for reach in (20, 40, None):
        result = compare(data, "outcome", one, stamped="cohort", max_lag=reach)
        assert result.table["usable_lead"].tolist() == [16.0]


@pytest.mark.parametrize(("seed", "reach"), [(7, 116), (500, 118)])
def test_versions_in_the_same_situation_are_beyond_the_search_together(seed: int, reach: int):
    """Renewals follow by 120 days; once those known within five days alone were seen to."""
    for stamped, asked in (("cohort", reach), ("availability", reach - 90)):
        world = leadlag.datasets.renewals(n_days=600, seed=seed, stamped=stamped)
        result = compare(
            world.data, world.target, world.versions, stamped=stamped, sizes="signups",
            max_lag=asked,
        )  # fmt: skip
        table = result.table
        assert table["beyond_search"].all()
        assert (table["p_beyond"] < 1e-6).all()
        assert not table["only_by_cohort"].any()
        assert table[["lag", "usable_lead"]].isna().all().all()
        assert result.recommended is None
        assert "Dated by cohort" not in result.recommendation


def test_what_is_known_early_is_tested_no_further_from_its_cohort_than_the_search():
    data = _weeks(lag=9)
    result = compare(data, "outcome", {"fast": ("fast", 3)}, stamped="cohort", max_lag=8)
    assert result.table.loc["fast", "p_value"] > 0.01
    assert result.table.loc["fast", "p_beyond"] < 1e-6
    assert result.table.loc["fast", "beyond_search"]


def test_a_search_that_ends_before_a_version_is_known_says_that_nothing_was_asked():
    data = _weeks()
    late = {"fast": ("fast", 1), "slow": ("slow", 12)}
    result = compare(data, "outcome", late, stamped="cohort", max_lag=10)
    assert "reach_before_known" in [notice.code for notice in result.warnings]
    assert result.table["usable_lead"].tolist() == [8.0, -3.0]
    assert np.isnan(result.table.loc["slow", "p_value"])


# --- small worlds --------------------------------------------------------------------------------


def _weeks(n: int = 220, lag: int = 9, seed: int = 0) -> pd.DataFrame:
    """A quality that shows in an outcome `lag` weeks later; versions see it with noise."""
    rng = np.random.default_rng(seed)
    quality = rng.standard_normal(n + lag)
    outcome = 50 + quality[:n] + 0.5 * rng.standard_normal(n)
    frame = pd.DataFrame(
        {"fast": quality[lag:] + 0.6 * rng.standard_normal(n), "slow": quality[lag:]},
        index=pd.date_range("2022-01-03", periods=n, freq="W-MON"),
    )
    return frame.assign(outcome=outcome)


def test_a_version_known_after_the_outcome_has_a_negative_usable_lead():
    data = _weeks()
    versions = {"fast": ("fast", 1), "slow": ("slow", 12)}
    for stamped in ("cohort", "availability"):
        frame = data.copy()
        if stamped == "availability":
            for column, late in versions.values():
                frame[column] = frame[column].shift(late)
        result = compare(frame, "outcome", versions, stamped=stamped)
        assert result.table["usable_lead"].tolist() == [8.0, -3.0]
        assert result.recommended == "fast"
        assert "slow is known only after outcome" in result.recommendation
        assert not result.table.loc["slow", "frontier"]
        assert np.isnan(result.table.loc["slow", "skill"])


def test_fidelity_may_be_for_the_target():
    data = _weeks()
    versions = {"fast": ("fast", 1), "slow": ("slow", 4)}
    result = compare(data, "outcome", versions, stamped="cohort", fidelity_to="target")
    fidelity = result.table["fidelity"]
    # The quality makes 1 / 1.25 of the outcome's variance; the fast version sees 1 / 1.36 of it.
    assert fidelity["slow"] == pytest.approx(0.8, abs=0.08)
    assert fidelity["fast"] == pytest.approx(0.8 / 1.36, abs=0.1)
    assert result.settings["mature"] == "outcome"


def test_versions_may_be_columns_whose_windows_are_declared_or_in_their_names():
    data = _weeks().rename(columns={"fast": "kept_7d", "slow": "kept_28d"})
    result = compare(data, "outcome", ["kept_7d", "kept_28d"], stamped="cohort")
    assert result.table["maturation"].tolist() == [1, 4]
    said = [notice.text for notice in result.warnings if notice.code == "window_from_name"]
    assert said[0].startswith("When kept_7d and kept_28d are known was read from their names.")
    one = compare(data, "outcome", ["kept_7d"], stamped="cohort").warnings
    assert "When kept_7d is known was read from its name." in str(one)
    catalog = {
        "kept_7d": leadlag.Metric(window="7D", latency="7D"),
        "kept_28d": leadlag.Metric(window="28D", stamped="cohort"),
    }
    result = compare(data, "outcome", ["kept_7d", "kept_28d"], stamped="cohort", catalog=catalog)
    assert result.table["maturation"].tolist() == [2, 4]
    assert "window_from_name" not in [notice.code for notice in result.warnings]
    same = compare(
        pl.from_pandas(data.reset_index()), "outcome",
        {"kept_7d": ("kept_7d", "14D"), "kept_28d": ("kept_28d", 4)}, stamped="cohort",
    )  # fmt: skip
    pd.testing.assert_frame_equal(same.table, result.table)


def test_nothing_that_was_known_after_the_data_end_is_used():
    data = _weeks()
    versions = {"fast": ("fast", 1), "slow": ("slow", 6)}
    wild = data.copy()
    wild.iloc[-6:, wild.columns.get_loc("slow")] = 999.0
    expected = compare(data, "outcome", versions, stamped="cohort").table
    pd.testing.assert_frame_equal(
        compare(wild, "outcome", versions, stamped="cohort").table, expected
    )
    cut = compare(wild, "outcome", versions, stamped="cohort", as_of=wild.index[-1])
    assert cut.table.loc["slow", "n"] <= expected.loc["slow", "n"]


def test_versions_of_nothing_are_not_recommended(tmp_path: Path):
    rng = np.random.default_rng(1)
    data = _weeks().assign(fast=rng.standard_normal(220), slow=rng.standard_normal(220))
    result = compare(data, "outcome", {"a": ("fast", 1), "b": ("slow", 4)}, stamped="cohort")
    assert result.recommended is None
    assert "can't tell which version to use" in result.recommendation
    assert result.table["usable_lead"].isna().all()
    assert not result.table["frontier"].any()
    few = compare(data.iloc[:12], "outcome", {"a": ("fast", 1), "b": ("slow", 4)}, stamped="cohort")
    assert "has 12 cohorts" in few.recommendation
    assert [notice.code for notice in few.warnings] == ["too_short"]
    # As many as in data that are just long enough, and by the same calendar.
    more = compare(data.iloc[:30], "outcome", {"a": ("fast", 1), "b": ("slow", "4W")},
                   stamped="cohort")  # fmt: skip
    few = compare(data.iloc[:12], "outcome", {"a": ("fast", 1), "b": ("slow", "4W")},
                  stamped="cohort")  # fmt: skip
    assert few.settings["needed"] == more.settings["needed"]
    assert few.table["maturation"].tolist() == more.table["maturation"].tolist() == [1, 4]
    assert f"about {few.settings['needed']} cohorts, one a week" in few.recommendation
    for found in (result, few):
        for kind in ("frontier", "profile"):
            found.plot(kind).save(str(tmp_path / f"{kind}.png"))


def test_a_version_that_can_t_be_used_is_a_row_with_the_reason():
    data = _weeks().assign(slow=5.0)
    result = compare(data, "outcome", {"a": ("fast", 1), "b": ("slow", 4)}, stamped="cohort")
    assert "never changes" in result.table.loc["b", "reason"]
    assert "b: never changes" in result.recommendation
    assert result.table.loc["a", "usable_lead"] == 8.0


# --- parts of the mature metric ------------------------------------------------------------------


@pytest.fixture(scope="module")
def visits() -> pd.DataFrame:
    """Daily cohorts that are all alike: users come back at random."""
    rng = np.random.default_rng(0)
    days = np.repeat(np.arange(160), 150)
    back = [rng.random(days.size) < chance for chance in (0.3, 0.2, 0.3)]
    log = [days, *(days[came] + day for came, day in zip(back, (3, 9, 25), strict=True))]
    user = np.arange(days.size)
    who = [user, *(user[came] for came in back)]
    frame = pd.DataFrame({"user": np.concatenate(who), "day": np.concatenate(log)})
    frame["at"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(frame["day"], unit="D")
    return frame


def _told(log: pd.DataFrame, windows: object, definition: str) -> pd.DataFrame:
    kept = leadlag.retention(
        log, user="user", time="at", period="D", windows=windows, definition=definition
    )
    data = kept.wide("cohort").asfreq("D")
    data["joined"] = kept.wide("cohort", value="n").max(axis=1)
    data["outcome"] = np.random.default_rng(1).standard_normal(len(data))
    found = compare(data, "outcome", kept.versions, stamped="cohort", sizes="joined", max_lag=40)
    return found.table


def test_a_part_says_nothing_of_what_came_after_it_where_cohorts_are_alike(visits: pd.DataFrame):
    row = _told(visits, {"early": 5, "late": 30}, "returned by").loc["early"]
    assert row["fidelity"] > 0.15
    assert abs(row["remainder"]) < 0.1
    assert row["remainder_low"] <= 0 <= row["remainder_high"]
    assert row["remainder_ceiling"] < 0.2


@pytest.mark.parametrize(
    ("windows", "definition", "part"),
    [
        ({"first": 5, "quarter": 30}, "returned by", True),
        ({"first": (1, 5), "quarter": (1, 30)}, "bracket", True),
        ({"kept_5d": (1, 5), "kept_30d": (6, 30)}, "bracket", False),
        ({"kept_9d": 9, "kept_25d": 25}, "active on", False),
    ],
)
def test_parts_are_those_whose_days_lie_within(
    visits: pd.DataFrame, windows: dict[str, object], definition: str, part: bool
):
    table = _told(visits, windows, definition)
    assert table["remainder"].notna().tolist() == [part, False]


def test_brackets_that_end_on_one_day_have_the_widest_as_yardstick_and_are_its_parts(
    visits: pd.DataFrame,
):
    kept = leadlag.retention(
        visits, user="user", time="at", period="D", definition="bracket",
        windows={"late": (24, 30), "all": (1, 30), "early": (1, 5), "middle": (6, 30)},
    )  # fmt: skip
    data = kept.wide("cohort").asfreq("D")
    data["outcome"] = np.random.default_rng(1).standard_normal(len(data))
    result = compare(data, "outcome", kept.versions, stamped="cohort", max_lag=40)
    assert result.settings["mature"] == "all"
    said = [notice.text for notice in result.warnings if notice.code == "yardsticks"]
    assert said == [
        "late, all and middle are known last, and at the same time: fidelity is measured against "
        "all. Pass mature= for another one."
    ]
    # Everyone in them is in the yardstick, whenever they are known.
    assert result.table["remainder"].notna().to_dict() == {
        "late": True, "all": False, "early": True, "middle": True,
    }  # fmt: skip
    chosen = compare(data, "outcome", kept.versions, stamped="cohort", max_lag=40, mature="early")
    assert "yardsticks" not in [notice.code for notice in chosen.warnings]


def test_versions_known_at_one_time_have_no_price_of_waiting_for_one_another():
    data = _weeks(150)
    same = {"fast": ("fast", 4), "slow": ("slow", 4)}
    result = compare(data, "outcome", same, stamped="cohort")
    assert result.recommended == "slow"
    assert result.settings["mature"] == "outcome"
    assert "price of waiting" not in result.recommendation
    assert "known last" not in str(result.warnings)


# --- real logs -----------------------------------------------------------------------------------


def test_twelve_cohorts_can_t_tell_and_it_says_how_many_it_takes():
    orders = leadlag.datasets.cdnow()
    kept = leadlag.retention(orders, user="customer_id", time="date")
    week = orders["date"].dt.to_period("W").dt.start_time
    wide = kept.wide(stamped="cohort")
    sizes = kept.wide("cohort", value="n").iloc[:, 0].rename("joined")
    revenue = orders.groupby(week)["revenue"].sum()
    long = pd.concat([revenue, wide, sizes], axis=1, sort=True).asfreq("W-MON")
    for data in (long, long.loc[wide.index]):
        result = compare(data, "revenue", kept.versions, stamped="cohort", sizes="joined")
        assert result.recommended is None
        assert "The data can't tell" in result.recommendation
        assert "takes about" in result.recommendation
        assert result.settings["needed"] > 100


@pytest.mark.requires_shared
def test_a_leader_of_a_table_by_cohort_that_nobody_had_in_time_is_said_to_be_one(
    shared_data: Path,
):
    log = pd.read_csv(shared_data / "events_homebrew_contributors.csv", parse_dates=["date"])
    kept = leadlag.retention(log, user="customer_id", time="date", period="M")
    month = log["date"].dt.to_period("M").dt.start_time
    active = log.groupby(month)["customer_id"].nunique().rename("active").iloc[:-1]
    data = kept.wide("cohort").join(active)
    result = compare(data, "active", kept.versions, stamped="cohort")
    row = result.table.loc["retention_30d"]
    assert row["p_cohort"] < 0.05 < row["p_value"]
    assert row["only_by_cohort"]
    assert result.recommended is None
    assert "Dated by cohort, retention_30d" in result.recommendation
    assert "no lead was shown" in result.recommendation
    # Said once, and nothing else of when it is known: its lag may be longer.
    assert "no earlier than" not in result.recommendation
    # The 5-day window sits inside the 90-day one, and tells little of what comes after it.
    assert result.table.loc["retention_5d", "fidelity"] > 0.4
    assert result.table.loc["retention_5d", "remainder"] < 0.2


# --- what can't be compared ----------------------------------------------------------------------

GOOD = {"fast": ("fast", 1), "slow": ("slow", 4)}


@pytest.mark.parametrize(
    ("versions", "change", "said"),
    [
        ({}, {}, "versions is empty"),
        (None, {}, "versions can't be read"),
        (5, {}, "versions can't be read"),
        ([("fast", 1)], {}, "a version is no name"),
        ({"a": 3}, {}, "version 'a' can't be read"),
        ({"a": ("fast",)}, {}, "version 'a' can't be read"),
        ({"a": ("fast", -1)}, {}, "no length of time"),
        ({"a": ("fast", float("nan"))}, {}, "no length of time"),
        ({"a": ("fast", 2.5)}, {}, "no whole number of periods.*Write 3"),
        ({"a": ("fast", "soon")}, {}, "not a length of time"),
        ({"a": ("fast", 10**9)}, {}, "longer than any data.*at most 100,000"),
        ({"a": ("fast", "9000000D")}, {}, "longer than any data"),
        ({"a": ("fast", 90_000)}, {}, "longer than any data"),
        ({"": ("fast", 1)}, {}, "the version of 'fast' has no name"),
        (GOOD, {"controls": "fast"}, "both a version and a control"),
        (GOOD, {"controls": ["slow"]}, "Leave it out of versions, or out of controls"),
        ({"a": ("fats", 1)}, {}, "version 'a': 'fats' is not a column.*Did you mean 'fast'"),
        (["fast"], {}, "nothing says when version 'fast' is known"),
        (["fast", "fast"], {"catalog": {"fast": {"window": 2}}}, "share a name"),
        ({"a": ("outcome", 1)}, {}, "is one of the versions"),
        (GOOD, {"target": ["outcome"]}, "one target a call.*Pass target='outcome'"),
        (GOOD, {"target": ["outcome", "slow"]}, "of 2.*leadlag.compare.data, t, versions"),
        (GOOD, {"target": pd.Series([1.0])}, "target is not the name of a column"),
        (GOOD, {"stamped": "date"}, "stamped 'date' is not known"),
        (GOOD, {"max_lag": 0}, r"max_lag can't be used: .* from 1 to \d+\.$"),
        (GOOD, {"max_lag": 2.5}, r"max_lag can't be used: .*\d+\.$"),
        (GOOD, {"max_lag": 9999}, "max_lag can't be used"),
        (GOOD, {"fidelity_to": "truth"}, "fidelity_to 'truth' is not known"),
        (GOOD, {"mature": "slwo"}, "Did you mean 'slow'"),
        (GOOD, {"sizes": "joined"}, "sizes 'joined' is not a column"),
        (GOOD, {"as_of": "2000-01-01"}, "no period was over"),
        (GOOD, {"sizes": -3}, "sizes can't be used"),
        (GOOD, {"sizes": float("inf")}, "sizes can't be used"),
        (GOOD, {"keep": 2}, "keep is not a share"),
        (GOOD, {"alpha": "low"}, "alpha is not a share"),
        (GOOD, {"seed": -1}, "seed is not a seed"),
        (
            GOOD,
            {"catalog": {"fast": {"window": 2, "stamped": "availability"}}},
            "dated in two ways",
        ),
    ],
)
def test_wrong_arguments_are_one_clear_error(versions, change, said: str):
    with pytest.raises(LeadLagError, match=said):
        compare(
            _weeks(60), versions=versions, **{"target": "outcome", "stamped": "cohort", **change}
        )


def test_sizes_that_are_no_numbers_of_users_are_one_clear_error():
    for joined in (-5.0, 0.0, np.where(np.arange(60) == 7, -1.0, 50.0)):
        with pytest.raises(LeadLagError, match="sizes 'joined' can't be the numbers of users"):
            compare(
                _weeks(60).assign(joined=joined), "outcome", GOOD, stamped="cohort", sizes="joined"
            )


def test_a_maturation_that_ends_after_all_calendars_is_refused_however_short_the_data_are():
    for rows in (5, 60):
        with pytest.raises(LeadLagError, match="longer than any data"):
            compare(_weeks(60).iloc[:rows], "outcome", {"a": ("fast", 10**9)}, stamped="cohort")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", [1e-300, 1e160, 1e300])
@pytest.mark.parametrize("towards", ["mature", "target"])
def test_a_scale_changes_no_evidence(scale: float, towards: str):
    data = _weeks(160)
    asked = {"stamped": "cohort", "max_lag": 12, "fidelity_to": towards}
    plain, scaled = (compare(d, "outcome", GOOD, **asked) for d in (data, data * scale))
    numbers = plain.table.select_dtypes("number").columns
    assert plain.table["sensitivity"].notna().all()
    pd.testing.assert_frame_equal(scaled.table[numbers], plain.table[numbers], rtol=1e-6)
    assert scaled.recommendation == plain.recommendation


def test_sizes_may_be_held_constant_or_be_the_outcome():
    rng = np.random.default_rng(5)
    data = _rates().assign(joined=rng.integers(200, 400, 200).astype(float))
    asked = {"stamped": "cohort", "sizes": "joined", "max_lag": 12}
    plain = compare(data, "outcome", GOOD, **asked)
    held = compare(data, "outcome", GOOD, controls="joined", **asked)
    own = compare(data, "joined", GOOD, **asked)
    for other in (held, own):
        assert other.table["fidelity_ceiling"].tolist() == plain.table["fidelity_ceiling"].tolist()


def _rates(n: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    quality = np.clip(0.3 + 0.05 * rng.standard_normal(n + 6), 0.05, 0.6)
    return pd.DataFrame(
        {"fast": 0.3 + quality[6:] + 0.005 * rng.standard_normal(n), "slow": quality[6:],
         "outcome": 50 + 20 * quality[:n] + 0.3 * rng.standard_normal(n)},
        index=pd.date_range("2022-01-03", periods=n, freq="W-MON"),
    )  # fmt: skip


def test_sizes_of_versions_that_are_no_rates_are_said_to_mean_nothing():
    data = _rates()
    result = compare(data * 100, "outcome", GOOD, stamped="cohort", sizes=5000)
    said = [notice.text for notice in result.warnings if notice.code == "no_rates"]
    assert len(said) == 1
    assert "fast (" in said[0]
    assert "slow (" in said[0]
    assert "Divide per cents by 100" in said[0]
    fine = compare(data, "outcome", GOOD, stamped="cohort", sizes=5000)
    assert {"no_rates", "above_ceiling", "at_ceiling"}.isdisjoint(n.code for n in fine.warnings)


def test_cohorts_without_a_size_are_counted():
    sizes = np.where(np.arange(200) % 4 == 0, np.nan, 5000.0)
    data = _rates().assign(joined=sizes)
    result = compare(data, "outcome", GOOD, stamped="cohort", sizes="joined")
    said = [notice.text for notice in result.warnings if notice.code == "no_size"]
    assert len(said) == 1
    assert said[0].startswith("50 of 199 cohorts have a value and no size")


def test_a_fidelity_above_its_ceiling_is_commented_on():
    # Of 300 users a cohort chance alone would move a rate by far more than these differ.
    result = compare(_rates(), "outcome", GOOD, stamped="cohort", sizes=300)
    row = result.table.loc["fast"]
    assert row["fidelity"] > row["fidelity_ceiling"]
    said = [notice.text for notice in result.warnings if notice.code == "above_ceiling"]
    assert len(said) == 1
    assert said[0].startswith(f"The fidelity of fast ({row['fidelity']:.2f}, ceiling ")
    table = pd.DataFrame(
        {"fidelity": [0.83, 0.4], "fidelity_low": [0.7, 0.3], "fidelity_ceiling": [0.8, 0.9]},
        index=["close", "below"],
    )
    notices = ceiling_notices(table)
    assert [notice.code for notice in notices] == ["at_ceiling"]
    assert "close (0.83, ceiling 0.80)" in notices[0].text


def test_an_infinite_version_is_a_row_with_the_reason():
    data = _weeks(120).assign(slow=np.inf)
    result = compare(data, "outcome", {"a": ("fast", 1), "b": ("slow", 4)}, stamped="cohort")
    assert "infinite" in result.table.loc["b", "reason"]
    assert result.recommended == "a"


def test_of_copies_and_of_the_only_usable_version_no_earlier_one_is_said_to_tell_less():
    data = _weeks(150)
    copies = {"a": ("slow", 4), "b": ("slow", 4)}
    alone = {"a": ("slow", 4), "late": ("fast", 140)}
    for versions in (copies, alone):
        result = compare(data, "outcome", versions, stamped="cohort")
        assert result.recommended == "a"
        assert "No earlier version" not in result.recommendation
    assert "reach_before_known" not in [notice.code for notice in result.warnings]


def test_an_unknown_target_is_one_clear_error():
    with pytest.raises(LeadLagError, match="Did you mean 'outcome'"):
        compare(_weeks(60), "outcom", GOOD, stamped="cohort")


def test_a_lead_that_tells_no_more_than_the_own_past_is_not_called_unseen():
    row = {"precedes": True, "usable_lead": 2.0, "n": 90, "only_by_cohort": False, "reason": ""}
    row |= {"beyond_search": False, "q_value": 0.01, "p_value": 0.01}
    rows = [row | {"name": "fast", "signal": None}]
    settings = {"target": "outcome", "needed": 80, "freq": "W", "max_lag": 9, "alpha": 0.1}
    text = recommendation(rows, None, settings)
    assert "fast was shown to precede outcome, but not to tell more of it than its own" in text
    none = recommendation([rows[0] | {"precedes": False, "usable_lead": None}], None, settings)
    assert "none was shown to precede outcome" in none
    assert "up to 9 weeks four times out of five" in none
    rows[0]["q_value"] = 0.5
    rows[0] |= {"lag": 4.0, "precedes": False}
    late = [rows[0] | {"usable_lead": 0.0, "lag_high": 4.0}]
    late += [rows[0] | {"usable_lead": -3.0, "lag_high": 5.0}]
    assert "known only after outcome. fast is known no earlier than outcome." in recommendation(
        late, None, settings
    )
    for one in late:
        text = recommendation([one | {"lag_high": 30.0}], None, settings)
        assert "Whether fast is known before outcome can't be said" in text
        assert "known only after" not in text
        assert "known no earlier" not in text


def test_of_a_leader_by_cohort_alone_one_thing_is_said():
    row = {"name": "slow", "precedes": False, "usable_lead": 0.0, "lag": 2.0, "lag_high": 22.0,
           "n": 90, "only_by_cohort": True, "beyond_search": False, "reason": "", "signal": None,
           "q_value": 0.8, "p_value": 0.8, "p_cohort": 0.01}  # fmt: skip
    settings = {"target": "outcome", "needed": 80, "freq": "M", "max_lag": 9, "alpha": 0.1}
    text = recommendation([row], None, settings)
    assert "Dated by cohort, slow (p .01 by cohort, .8 when known)" in text
    sure = recommendation([row | {"p_cohort": 3e-46}], None, settings)
    assert "slow (p < .001 by cohort, .8 when known)" in sure
    assert "before outcome can't be said" not in text
    assert "known no earlier" not in text


def test_a_version_without_a_mature_cohort_says_when_the_first_will_be():
    data = _weeks(60)
    late = {**GOOD, "year": ("kept_420d", 60)}
    for stamped in ("cohort", "availability"):
        for column in (np.nan, 0.4, np.arange(60.0)):
            frame = data.assign(kept_420d=column if stamped == "cohort" else np.nan)
            alone = compare(data, "outcome", GOOD, stamped=stamped)
            beside = compare(frame, "outcome", late, stamped=stamped)
            reason = beside.table.loc["year", "reason"]
            assert reason.startswith("no cohort is mature yet: the value of the first (week of")
            # Dated by availability the first cohorts of the others lie before the table.
            known = data.index[0] + pd.Timedelta(weeks=60)
            assert f"is known by week of {known:%Y-%m-%d}" in reason
            assert "no cohort is mature yet" in beside.recommendation
            # The others are compared as if it were not there, with a yardstick that has values.
            kept = beside.table.loc[list(GOOD)]
            pd.testing.assert_frame_equal(kept, alone.table)
            assert beside.settings["mature"] == "slow"


def test_a_version_that_should_have_values_by_now_and_has_none_is_said_to_have_none():
    data = _weeks(60).assign(gone=np.nan)
    result = compare(data, "outcome", {**GOOD, "gone": ("gone", 8)}, stamped="cohort")
    assert result.table.loc["gone", "reason"] == "has no values: every row is missing"


def test_what_was_not_shown_does_not_decide_how_the_others_are_measured():
    data = _weeks(220)
    rng = np.random.default_rng(0)
    junk = {f"junk{i}": (f"junk{i}", 13) for i in range(2)}
    data = data.assign(**{name: rng.standard_normal(220) for name in junk})
    alone = compare(data, "outcome", GOOD, stamped="cohort")
    beside = compare(data, "outcome", {**GOOD, **junk}, stamped="cohort")
    assert not beside.table.loc[list(junk), "precedes"].any()
    for column in ("accuracy", "skill", "usable_lead"):
        kept = beside.table.loc[list(GOOD), column]
        pd.testing.assert_series_equal(kept, alone.table[column])
    assert beside.recommendation.split(",")[0] == alone.recommendation.split(",")[0]
    assert not (beside.table["accuracy"] > 1).any()


def test_versions_as_good_as_each_other_are_not_settled():
    data = _weeks(220)
    rng = np.random.default_rng(1)
    data = data.assign(
        twin=data["fast"] + 0.3 * data["fast"].std() * rng.standard_normal(220),
        other=data["fast"] + 0.3 * data["fast"].std() * rng.standard_normal(220),
    )
    pair = {"twin": ("twin", 4), "other": ("other", 4)}
    result = compare(data, "outcome", pair, stamped="cohort")
    assert result.recommended in pair
    assert not result.settled
    assert "can't be told apart" in result.recommendation
    assert "price of waiting" not in result.recommendation
    assert result.table.loc[result.recommended, "frontier"]


def test_so_many_cohorts_are_enough_for_what_is_then_searched():
    from leadlag.iterations.needed import fewest_rows, needed_rows, usual_reach

    for slowest, freq in ((13, "W"), (3, "M"), (90, "D"), (400, "D")):
        needed = needed_rows(slowest, freq, None)
        assert fewest_rows(usual_reach(slowest, freq, needed)) <= needed
        assert usual_reach(slowest, freq, needed) > slowest
