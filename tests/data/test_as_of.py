"""What was known at a moment, and what a cohort's value is known after."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadlag.data.catalog import Metric
from leadlag.data.cohort import delays
from leadlag.data.grid import Grid
from leadlag.data.panel import build_panel
from leadlag.errors import CatalogError, ConfigurationError, InsufficientDataError

DAYS = pd.date_range("2023-01-02", periods=210, name="day")


def _frame(index=DAYS) -> pd.DataFrame:
    values = np.random.default_rng(4).normal(size=(len(index), 3))
    return pd.DataFrame(values, index=index, columns=["y", "visits", "retention"])


def _text(panel, code):
    return [notice.text for notice in panel.notices if notice.code == code]


# --- as_of -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "as_of",
    [
        "2023-05-31",
        datetime.date(2023, 5, 31),
        datetime.datetime(2023, 5, 31),
        pd.Timestamp("2023-05-31"),
        np.datetime64("2023-05-31"),
        "2023-05-31T00:00",
        pd.Timestamp("2023-05-31", tz="UTC"),
    ],
)
def test_a_date_means_its_end(as_of):
    panel = build_panel(_frame(), "y", as_of=as_of)
    assert panel.index[-1] == pd.Timestamp("2023-05-31")
    assert _text(panel, "as_of")[0].startswith("60 rows after 2023-05-31")
    assert _text(panel, "incomplete") == []


def test_a_moment_within_a_day_drops_that_day_and_names_it():
    panel = build_panel(_frame(), "y", as_of="2023-05-31 14:00")
    assert panel.index[-1] == pd.Timestamp("2023-05-30")
    assert _text(panel, "incomplete") == [
        "2023-05-31 was not over as of 2023-05-31 14:00 and was dropped."
    ]


@pytest.mark.parametrize(
    ("alias", "as_of", "last"),
    [
        ("MS", "2024-02-28", "2024-01"),
        ("MS", "2024-02-29", "2024-02"),
        ("ME", "2024-02-28", "2024-01"),
        ("ME", "2024-02-29", "2024-02"),
        ("W-MON", "2021-01-30", "week of 2021-01-18"),
        ("W-MON", "2021-01-31", "week of 2021-01-25"),
        ("W-SUN", "2021-01-30", "week ending 2021-01-24"),
        ("W-SUN", "2021-01-31", "week ending 2021-01-31"),
        ("B", "2020-04-03", "2020-04-03"),
        ("B", "2020-04-05", "2020-04-03"),
        ("h", "2020-01-03 04:00", "2020-01-03 03:00"),
        ("h", "2020-01-03 04:30", "2020-01-03 03:00"),
    ],
)
def test_only_periods_that_were_over_are_kept(alias, as_of, last):
    panel = build_panel(_frame(pd.date_range("2020-01-01", periods=80, freq=alias)), "y",
                        as_of=as_of)  # fmt: skip
    assert panel.period_label(-1) == last


def test_nothing_is_said_where_nothing_is_dropped():
    panel = build_panel(_frame(), "y", as_of="2030-01-01")
    assert len(panel) == len(DAYS)
    assert panel.notices == ()


def test_coarser_periods_are_complete_only_if_their_days_were_known():
    panel = build_panel(_frame(), "y", freq="W", aggregate="sum", as_of="2023-07-15")
    assert panel.index[-1] == pd.Timestamp("2023-07-03")
    assert "week of 2023-07-10 is not complete and was dropped." in _text(panel, "incomplete")


def test_integer_periods_take_an_integer():
    panel = build_panel(_frame(pd.RangeIndex(100, 310)), "y", as_of=200)
    assert panel.index.equals(pd.RangeIndex(100, 201))


def test_a_moment_with_a_zone_is_taken_in_the_zone_of_the_data():
    hours = pd.date_range("2023-03-20", periods=200, freq="h", tz="Europe/Paris")
    panel = build_panel(_frame(hours), "y", as_of=pd.Timestamp("2023-03-26 10:00", tz="UTC"))
    assert panel.index[-1] == pd.Timestamp("2023-03-26 09:00")
    local = build_panel(_frame(hours), "y", as_of="2023-03-26 12:00")
    assert local.index.equals(panel.index)


@pytest.mark.parametrize("as_of", ["soon", 20230531, True, pd.NaT, "", [1]])
def test_what_is_no_date_is_an_error(as_of):
    with pytest.raises(ConfigurationError, match="as_of can't be used: got"):
        build_panel(_frame(), "y", as_of=as_of)


def test_a_date_for_integer_periods_is_an_error():
    with pytest.raises(ConfigurationError, match="need an integer"):
        build_panel(_frame(pd.RangeIndex(210)), "y", as_of="2023-05-31")


def test_a_moment_before_the_data_is_an_error():
    with pytest.raises(InsufficientDataError, match="no period was over as of 2022-01-01"):
        build_panel(_frame(), "y", as_of="2022-01-01")


def test_too_little_before_the_moment_is_an_error():
    with pytest.raises(InsufficientDataError, match="got 9 usable rows"):
        build_panel(_frame(), "y", as_of="2023-01-10")


# --- cohorts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "latency", "grid", "delay"),
    [
        (90, None, Grid("D"), 90),
        (90, 2, Grid("D", 7), 92),
        (4, None, None, 4),
        ("90D", None, Grid("D"), 90),
        ("90D", "2D", Grid("D"), 92),
        ("90D", "2D", Grid("D", 7), 14),
        ("91D", None, Grid("D", 7), 13),
        ("92D", None, Grid("D", 7), 14),
        ("12W", 1, Grid("D", 7), 13),
        ("3M", None, Grid("M"), 3),
        ("3M", "2D", Grid("M"), 4),
        ("1Y", None, Grid("M"), 12),
        ("2Q", None, Grid("M"), 6),
        ("36h", None, Grid("D"), 2),
        (None, "2D", Grid("D"), 2),
        (datetime.timedelta(days=30), datetime.timedelta(hours=6), Grid("D"), 31),
        (None, None, Grid("D"), 0),
        # The last of January's cohort is known in March after 30 days, in May after 90.
        ("28D", None, Grid("M"), 1),
        ("30D", None, Grid("M"), 2),
        ("90D", None, Grid("M"), 4),
        (0, "0D", Grid("M"), 0),
        ("90D", None, Grid("M", 3), 1),
        ("92D", None, Grid("M", 3), 2),
    ],
)
def test_the_delay_is_window_and_latency_in_whole_periods(window, latency, grid, delay):
    metric = Metric(window=window, latency=latency, stamped="cohort")
    assert delays(["r"], {"r": metric}, grid).tolist() == [delay]
    assert delays(["r"], {"r": Metric(window=window, latency=latency, stamped="availability")},
                  grid).tolist() == [0.0]  # fmt: skip


def test_the_delay_of_a_panel_follows_its_metrics():
    catalog = {"retention": {"window": "30D", "latency": "2D", "stamped": "cohort"}}
    panel = build_panel(_frame(), "y", catalog=catalog)
    assert dict(zip(panel.metrics, panel.delay, strict=True)) == {"visits": 0, "retention": 32}
    weekly = build_panel(_frame(), "y", catalog=catalog, freq="W", aggregate="mean")
    assert dict(zip(weekly.metrics, weekly.delay, strict=True)) == {"visits": 0, "retention": 5}


@given(st.integers(1, 60), st.integers(0, 5))
def test_a_cohort_is_missing_exactly_while_it_is_younger_than_its_delay(window, latency):
    catalog = {"retention": {"window": f"{window}D", "latency": f"{latency}D", "stamped": "cohort"}}
    panel = build_panel(_frame(), "y", catalog=catalog, as_of=DAYS[-1])
    known = np.flatnonzero(np.isfinite(panel.X[:, panel.metrics.index("retention")]))
    delay = int(panel.delay[panel.metrics.index("retention")])
    assert delay == window + latency
    assert known[-1] == len(panel) - 1 - delay
    text = _text(panel, "immature")
    if delay == 1:
        assert text == ["1 value of retention was not final yet and counts as missing."]
    else:
        assert text == [f"{delay} values of retention were not final yet and count as missing."]


@pytest.mark.parametrize(
    ("alias", "window", "gone"),
    [("W-MON", "90D", 13), ("W-SUN", "91D", 13), ("W-MON", "92D", 14), ("W-MON", 5, 5),
     ("MS", "3M", 3), ("MS", "1Q", 3), ("QS", "1Y", 4), ("D", "24h", 1)],
)  # fmt: skip
def test_maturing_agrees_with_the_delay_on_longer_periods(alias, window, gone):
    index = pd.date_range("1990-01-01", periods=120, freq=alias)
    catalog = {"retention": {"window": window, "stamped": "cohort"}}
    end = pd.Timestamp(build_panel(_frame(index), "y").index.shift(1)[-1]) - pd.Timedelta(hours=1)
    panel = build_panel(_frame(index), "y", catalog=catalog, as_of=end.date())
    assert len(panel) == 120
    column = panel.metrics.index("retention")
    assert panel.delay[column] == gone
    assert np.isnan(panel.X[:, column]).sum() == gone


def test_integer_periods_mature_by_integers():
    catalog = {"retention": {"window": 7, "stamped": "cohort"}}
    panel = build_panel(_frame(pd.RangeIndex(210)), "y", catalog=catalog, as_of=209)
    assert np.isnan(panel.X[:, panel.metrics.index("retention")]).sum() == 7


def test_without_as_of_young_cohorts_are_kept_and_named():
    catalog = {"retention": {"window": "30D", "stamped": "cohort"}}
    panel = build_panel(_frame(), "y", catalog=catalog)
    assert np.isfinite(panel.X).all()
    assert "retention (30 rows)" in _text(panel, "immature_kept")[0]


def test_one_young_cohort_is_one_row():
    panel = build_panel(_frame(), "y", catalog={"retention": {"window": "1D", "stamped": "cohort"}})
    assert "retention (1 row)." in _text(panel, "immature_kept")[0]


def test_the_target_is_never_masked_as_a_metric():
    catalog = {"y": {"window": "30D", "stamped": "cohort"}}
    panel = build_panel(_frame(), "y", catalog=catalog, as_of=DAYS[-1])
    assert np.isfinite(panel.y).all()


def test_days_for_plain_periods_are_an_error():
    catalog = {"retention": {"window": "30D", "stamped": "cohort"}}
    with pytest.raises(ConfigurationError, match="the window of 'retention' is given in units"):
        build_panel(_frame(pd.RangeIndex(210)), "y", catalog=catalog)


@pytest.mark.parametrize(
    "name",
    [
        "retention_90d",
        "repeat_30_days",
        "d7_retention",
        "ltv_12m",
        "churn_4w",
        "day30",
        "REPEAT_5D",
    ],
)
def test_names_that_speak_of_a_window_are_asked_about(name):
    frame = _frame().rename(columns={"retention": name})
    text = _text(build_panel(frame, "y"), "stamping_unknown")
    assert text[0].startswith(f"{name}: ")
    assert 'stamped = "cohort"' in text[0]
    for stamped in ("cohort", "availability"):
        catalog = {name: {"window": "7D", "stamped": stamped}}
        assert _text(build_panel(frame, "y", catalog=catalog), "stamping_unknown") == []


@pytest.mark.parametrize("name", ["users", "m2_supply", "covid19", "top10", "b2b", "CUSR0000SAS"])
def test_other_names_are_not(name):
    frame = _frame().rename(columns={"retention": name})
    assert _text(build_panel(frame, "y"), "stamping_unknown") == []


def test_a_declared_window_without_its_stamping_is_asked_about():
    panel = build_panel(_frame(), "y", catalog={"retention": {"window": "30D"}})
    assert _text(panel, "stamping_unknown")[0].startswith("retention: ")


@pytest.mark.parametrize("window", ["ninety", "90", "D", "-3D", -1, 1.5, True, [1], "3 fortnights"])
def test_what_is_no_length_of_time_is_an_error(window):
    with pytest.raises(CatalogError, match="window is not a length of time: got"):
        Metric(window=window)
