"""Published leads, found without being told; the table is outside the repository."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import leadlag

pytestmark = pytest.mark.requires_shared


def frame_of(folder, name, rows):
    frame = pd.read_csv(folder / f"{name}.csv")
    if "date" in frame:
        frame = frame.set_index(pd.to_datetime(frame.pop("date")))
        start, end = (v if isinstance(v, str) else None for v in rows.iloc[0][["start", "end"]])
        return frame.loc[start:end]
    return frame.set_index("period")


@pytest.fixture(scope="module")
def known(shared_data):
    return pd.read_csv(shared_data / "known_answers.csv")


@pytest.fixture(scope="module")
def rankings(shared_data, known):
    """One call for each data set; all metrics of the US series compete."""
    found = {}
    for (name, target), rows in known.groupby(["data", "target"], sort=False):
        metrics = None if name == "us_leading_a" else list(rows["metric"])
        found[name] = leadlag.rank(
            frame_of(shared_data, name, rows),
            target,
            metrics=metrics,
            max_lag=int(rows["max_lag"].iloc[0]),
        )
    return found


@pytest.fixture(scope="module")
def table(rankings, known) -> pd.DataFrame:
    """Role, lag and sign of every published pair, and whether each is as published."""
    found: list[dict[str, Any]] = []
    for answer in known.itertuples():
        row = rankings[answer.data].table.loc[answer.metric]
        lag_holds = pd.isna(answer.lag_low) or answer.lag_low <= row["lag"] <= answer.lag_high
        sign_holds = answer.sign == 0 or np.sign(row["correlation"]) == answer.sign
        holds = row["role"] in answer.roles.split("|") and lag_holds and sign_holds
        found.append({"data": answer.data, "metric": answer.metric, "holds": holds, **row})
    return pd.DataFrame(found).set_index(["data", "metric"])


def test_published_answers_are_found(table, known):
    wrong = table.index[~table["holds"]].tolist()
    assert len(table) == len(known) == 17
    assert table["holds"].sum() >= 16, f"not as published: {wrong}"


def test_series_m(table):
    row = table.loc[("bjsales", "lead")]
    assert (row["role"], row["lag"], row["onset"]) == ("leading", 3, 3)
    assert row["correlation"] > 0


def test_series_m_is_not_led_by_its_target(shared_data):
    frame = pd.read_csv(shared_data / "bjsales.csv").set_index("period")
    reverse = leadlag.rank(frame, "lead", metrics=["sales"], max_lag=12).table.loc["sales"]
    assert reverse["p_value"] > 0.1


def test_southern_oscillation_and_recruitment(table):
    row = table.loc[("soi_recruitment", "soi")]
    assert row["role"] in ("leading", "feedback")
    assert row["lag"] in (5, 6)
    assert row["correlation"] < 0


def test_the_egg_leads_the_chicken(table):
    assert table.loc[("chickegg", "egg"), "role"] == "leading"


def test_the_chicken_does_not_lead_the_egg(shared_data):
    frame = pd.read_csv(shared_data / "chickegg.csv", index_col="date", parse_dates=True)
    reverse = leadlag.rank(frame, "egg", max_lag=6).table.loc["chicken"]
    assert reverse["role"] not in ("leading", "feedback")
    assert reverse["p_value"] > 0.1


def test_egg_and_chicken_by_granger(shared_data):
    frame = pd.read_csv(shared_data / "chickegg.csv")
    egg, chicken = frame[["egg"]].to_numpy(float), frame["chicken"].to_numpy(float)
    found = leadlag.granger(egg, chicken, max_order=3, rows="per order")
    assert found.f_statistic[0, 2] == pytest.approx(5.405, abs=5e-4)
    assert found.p_value[0, 2] == pytest.approx(0.002966, abs=5e-7)
    assert found.reverse_p_value[0, 2] > 0.5


@pytest.mark.parametrize(
    ("name", "metric"), [("milk_electricity", "log_electricity"), ("bluebird_chips", "price")]
)
def test_pairs_that_only_share_a_season_or_a_moment_do_not_lead(table, name, metric):
    assert table.loc[(name, metric), "role"] != "leading"


# --- monthly series of the United States, all in one call --------------------------------------


@pytest.fixture(scope="module")
def united_states(rankings):
    return rankings["us_leading_a"].table


def test_building_permits_lead_and_stand_first(united_states):
    row = united_states.loc["PERMIT"]
    assert row["role"] == "leading"
    assert 1 <= row["lag"] <= 4
    assert row["gain_reverse"] / (row["gain_forward"] + row["gain_reverse"]) <= 0.25
    assert row["q_value"] <= 1e-4


def test_building_permits_stand_first(united_states):
    assert united_states.index[0] == "PERMIT"


def test_initial_claims_precede_with_a_negative_sign(united_states):
    row = united_states.loc["CLAIMSx"]
    assert row["role"] in ("leading", "feedback", "coincident")
    assert row["correlation"] < 0


def test_the_term_spread_stays_in_levels_and_precedes(united_states):
    row = united_states.loc["T10YFFM"]
    assert row["transform"] == "level"
    assert row["role"] in ("leading", "feedback")


@pytest.mark.parametrize("metric", ["UEMPMEAN", "BUSLOANS"])
def test_lagging_series_lag(united_states, metric):
    assert united_states.loc[metric, "role"] == "lagging"
    assert united_states.loc[metric, "lag"] < 0


def test_payrolls_stand_below_permits(united_states):
    order = list(united_states.index)
    assert order.index("PAYEMS") > order.index("PERMIT")
