"""The outlook of a ranking: its dates, its reasons, and the same from a file."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag import Ranking
from leadlag.monitor.outlook import COLUMNS


@pytest.fixture(scope="module")
def weekly() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 160
    signups = 100 + 10 * rng.standard_normal(n)
    revenue = 900.0 + np.r_[np.zeros(4), 6 * (signups[:-4] - 100)] + 10 * rng.standard_normal(n)
    index = pd.date_range("2023-01-02", periods=n, freq="W-MON")
    return pd.DataFrame(
        {"revenue": revenue, "signups": signups, "noise": rng.standard_normal(n)}, index=index
    )


@pytest.fixture(scope="module")
def ranking(weekly: pd.DataFrame) -> Ranking:
    return leadlag.rank(weekly, "revenue")


def test_it_reaches_as_far_as_the_leader_and_says_why(ranking: Ranking, weekly: pd.DataFrame):
    table = ranking.outlook()
    assert tuple(table.columns) == COLUMNS == ("date", "expected", "low", "high", "because")
    first = weekly.index[-1] + pd.Timedelta(weeks=1)
    assert table["date"].tolist() == list(pd.date_range(first, periods=4, freq="W-MON"))
    assert (table["low"] < table["expected"]).all()
    assert (table["expected"] < table["high"]).all()
    assert all(text.startswith("signups ") for text in table["because"])
    expected = 900 + 6 * (weekly["signups"].to_numpy()[-4:] - 100)
    np.testing.assert_allclose(table["expected"], expected, atol=15)


def test_a_loaded_ranking_looks_the_same_way(ranking: Ranking):
    loaded = Ranking.from_dict(json.loads(json.dumps(ranking.to_dict())))
    pd.testing.assert_frame_equal(loaded.outlook(), ranking.outlook())


def test_without_a_leader_it_rests_on_the_target_alone(weekly: pd.DataFrame):
    table = leadlag.rank(weekly[["revenue", "noise"]], "revenue").outlook()
    assert len(table) > 1
    assert "revenue's own past and calendar alone" in table["because"][0]


def test_plain_periods_are_numbered_on(weekly: pd.DataFrame):
    table = leadlag.rank(weekly.reset_index(drop=True), "revenue").outlook()
    assert table["date"].tolist() == [160, 161, 162, 163]


def test_metrics_that_are_newer_than_the_target_reach_further(weekly: pd.DataFrame):
    frame = weekly.copy()
    frame.loc[frame.index[-3:], "revenue"] = np.nan
    table = leadlag.rank(frame, "revenue").outlook()
    assert len(table) == 7
    assert table["date"][0] == frame.index[-3]


@pytest.mark.parametrize("freq", ["D", "B", "MS", "QS", "W-SUN"])
def test_every_calendar_goes_on(freq: str):
    rng = np.random.default_rng(6)
    x, e = rng.standard_normal((2, 120))
    frame = pd.DataFrame(
        {"y": 50 + np.r_[np.zeros(2), x[:-2]] + 0.3 * e, "x": x},
        index=pd.date_range("2015-01-01", periods=120, freq=freq),
    )
    table = leadlag.rank(frame, "y").outlook()
    offset: Any = pd.tseries.frequencies.to_offset(freq)
    assert table["date"][0] == frame.index[-1] + offset
