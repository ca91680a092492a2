"""Calendar regressors: the right rows are marked, and no term repeats another."""

import datetime
import itertools

import holidays as calendars
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlag.data.holiday_dates import holiday_dates
from leadlag.data.panel import build_panel
from leadlag.errors import ConfigurationError


def _panel(alias="D", n=400, start="2022-01-01", **options):
    index = pd.date_range(start, periods=n, freq=alias, unit="us")
    values = np.random.default_rng(6).normal(size=(n, 2))
    return build_panel(pd.DataFrame(values, index=index, columns=["y", "x"]), "y", **options)


def _marked(panel, name):
    """Starts of the periods for which a term is above its mean."""
    column = panel.calendar[:, panel.calendar_names.index(name)]
    return panel.index[column > 0]


def _days(*days):
    return [pd.Timestamp(day) for day in days]


@settings(max_examples=20, deadline=None)
@given(
    st.sampled_from(["h", "D", "B", "W-SUN", "MS", "QS", "YS", "2W-MON", "6h"]),
    st.integers(25, 1300),
    st.sampled_from([None, "US", ["US", "DE-BY"], ["2022-07-04", "2023-07-04"]]),
)
def test_terms_have_mean_zero_and_full_rank(alias, n, holidays):
    panel = _panel(alias, n, "2019-03-02", holidays=holidays)
    assert panel.calendar.shape == (n, len(panel.calendar_names))
    assert len(set(panel.calendar_names)) == len(panel.calendar_names)
    assert panel.calendar.flags.c_contiguous
    if panel.calendar_names:
        np.testing.assert_allclose(panel.calendar.mean(axis=0), 0.0, atol=1e-12)
        scaled = panel.calendar / np.linalg.norm(panel.calendar, axis=0)
        assert np.linalg.svd(scaled, compute_uv=False)[-1] > 1e-7


@pytest.mark.parametrize(
    ("alias", "n", "season"),
    [("h", 72, 24), ("h", 71, 0), ("D", 25, 7), ("B", 25, 5), ("W-MON", 156, 52),
     ("W-MON", 155, 0), ("MS", 36, 12), ("MS", 35, 0), ("QS", 25, 4), ("YS", 60, 0),
     ("2W-MON", 78, 26), ("6h", 40, 4)],
)  # fmt: skip
def test_the_season_needs_three_cycles(alias, n, season):
    assert _panel(alias, n).season == season


def test_hours_have_a_daily_and_a_weekly_pattern():
    panel = _panel("h", 24 * 21)
    assert panel.calendar_names[:23] == tuple(f"hour {hour}" for hour in range(1, 24))
    assert panel.calendar_names[23:] == (
        "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    )  # fmt: skip
    assert set(_marked(panel, "hour 5").hour) == {5}
    assert set(_marked(panel, "Sunday").day_name()) == {"Sunday"}


def test_hours_of_a_zone_follow_the_local_clock():
    hours = pd.date_range("2023-03-01", periods=24 * 60, freq="h", tz="Europe/Paris")
    frame = pd.DataFrame(
        np.random.default_rng(0).normal(size=(len(hours), 2)), index=hours, columns=["y", "x"]
    )
    panel = build_panel(frame, "y")
    local = _marked(panel, "hour 9").tz_localize("UTC").tz_convert("Europe/Paris")
    assert set(local.hour) == {9}
    assert set(_marked(panel, "hour 9").hour) == {7, 8}


def test_days_have_a_weekly_pattern_and_the_turn_of_the_month():
    panel = _panel("D", 181, "2022-01-01")
    assert panel.calendar_names == (
        "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
        "first day of month", "last day of month", "payday (15th)", "payday (last business day)",
    )  # fmt: skip
    assert set(_marked(panel, "first day of month").day) == {1}
    assert _marked(panel, "last day of month").tolist() == _days(
        "2022-01-31", "2022-02-28", "2022-03-31", "2022-04-30", "2022-05-31", "2022-06-30"
    )
    assert _marked(panel, "payday (15th)").tolist() == _days(
        "2022-01-14", "2022-02-15", "2022-03-15", "2022-04-15", "2022-05-13", "2022-06-15"
    )
    assert _marked(panel, "payday (last business day)").tolist() == _days(
        "2022-01-31", "2022-02-28", "2022-03-31", "2022-04-29", "2022-05-31", "2022-06-30"
    )


def test_business_days_have_four_weekdays_and_business_month_ends():
    panel = _panel("B", 130, "2022-01-03")
    assert panel.calendar_names == (
        "Tuesday", "Wednesday", "Thursday", "Friday",
        "first business day of month", "last business day of month", "payday (15th)",
    )  # fmt: skip
    assert _marked(panel, "first business day of month").tolist() == _days(
        "2022-01-03", "2022-02-01", "2022-03-01", "2022-04-01", "2022-05-02", "2022-06-01",
        "2022-07-01",
    )  # fmt: skip


@pytest.mark.parametrize(("alias", "n"), [("D", 25), ("W-MON", 155), ("MS", 35), ("QS", 11 + 14)])
def test_a_pattern_that_came_fewer_than_three_times_is_left_out(alias, n):
    names = _panel(alias, n).calendar_names
    assert not any("year" in name or "month" in name for name in names)
    assert ("quarter 2" in names) is (alias == "QS")


def test_months_and_quarters_have_their_names():
    assert _panel("MS", 36).calendar_names[0] == "February"
    assert set(_marked(_panel("MS", 36), "April").month) == {4}
    assert _panel("ME", 40).calendar_names[10] == "December"
    assert _panel("QE", 40).calendar_names == ("quarter 2", "quarter 3", "quarter 4")
    assert set(_marked(_panel("QE", 40), "quarter 3").month) == {7}


def test_months_differ_by_their_weekdays_and_the_leap_day():
    panel = _panel("MS", 72, "2019-01-01")
    assert panel.calendar_names[11:] == ("weekdays in month", "leap day")
    assert _marked(panel, "leap day").tolist() == _days("2020-02-01", "2024-02-01")
    days = [pd.date_range(start, start + pd.offsets.MonthEnd()) for start in panel.index]
    work = np.array([(month.day_of_week < 5).sum() for month in days])
    rest = np.array([(month.day_of_week >= 5).sum() for month in days])
    # A weekday counts as two fifths of a weekend day, so that four full weeks count for nothing.
    excess = work - 2.5 * rest
    term = panel.calendar[:, panel.calendar_names.index("weekdays in month")]
    np.testing.assert_allclose(term, excess - excess.mean(), atol=1e-12)


@pytest.mark.parametrize(("alias", "n"), [("MS", 35), ("QS", 40), ("2MS", 40)])
def test_the_length_of_a_month_is_for_three_years_of_months(alias, n):
    names = _panel(alias, n).calendar_names
    assert not {"weekdays in month", "leap day"} & set(names)


@pytest.mark.parametrize(("alias", "n"), [("D", 1096), ("B", 785), ("W-SUN", 157), ("2W-MON", 79)])
def test_three_years_have_a_yearly_cycle(alias, n):
    panel = _panel(alias, n)
    waves = [name for name in panel.calendar_names if name.startswith("yearly cycle")]
    assert len(waves) == 6
    first = panel.calendar[:, panel.calendar_names.index("yearly cycle, cosine 1")]
    if alias == "D":
        assert np.corrcoef(first[:-365], first[365:])[0, 1] > 0.99


@pytest.mark.parametrize("frame", [range(60), [f"{1950 + i}-01-01" for i in range(60)]])
def test_years_and_plain_periods_have_none(frame):
    data = pd.DataFrame({"y": np.arange(60) ** 2, "x": np.arange(60) % 7, "t": frame})
    assert build_panel(data, "y", time="t").calendar_names == ()


# --- holidays ----------------------------------------------------------------------------------


def test_each_holiday_that_came_three_times_has_its_terms_the_others_share_one():
    dates = {"2022-12-24": "Eve", "2020-12-24": "Eve", "2021-12-24": "Eve", "2021-05-05": "Once"}
    panel = _panel("D", 1300, "2020-01-01", holidays=dates)
    assert panel.calendar_names[-6:] == (
        "Eve", "other holiday", "day before Eve", "day before other holiday",
        "day after Eve", "day after other holiday",
    )  # fmt: skip
    assert _marked(panel, "Eve").tolist() == _days("2020-12-24", "2021-12-24", "2022-12-24")
    assert _marked(panel, "day after Eve")[0] == pd.Timestamp("2020-12-25")
    assert _marked(panel, "day before other holiday").tolist() == _days("2021-05-04")


def test_many_holidays_in_few_rows_are_pooled():
    panel = _panel("D", 300, holidays="US")
    assert panel.calendar_names[-3:] == ("holiday", "day before holiday", "day after holiday")
    us = calendars.country_holidays("US", years=2022)
    wanted = [day for day in map(pd.Timestamp, sorted(us)) if day <= panel.index[-1]]
    assert _marked(panel, "holiday").tolist() == wanted


def test_a_feast_of_several_days_has_one_day_before_and_one_after():
    days = [f"{year}-02-{day}" for year in (2020, 2021, 2022) for day in (10, 11, 12)]
    panel = _panel("D", 1200, "2020-01-01", holidays={"Carnival": days})
    assert len(_marked(panel, "Carnival")) == 9
    assert _marked(panel, "day before Carnival").tolist() == _days(
        "2020-02-09", "2021-02-09", "2022-02-09"
    )
    assert _marked(panel, "day after Carnival")[0] == pd.Timestamp("2020-02-13")


def test_the_day_after_a_holiday_just_before_the_data_counts():
    panel = _panel("D", 60, "2022-01-02", holidays="US")
    assert pd.Timestamp("2022-01-02") in _marked(panel, "day after holiday")


def test_business_days_round_a_holiday_are_business_days():
    mondays = ["2022-05-30", "2022-07-04", "2022-09-05", "2022-08-06"]
    panel = _panel("B", 400, "2022-01-03", holidays=mondays)
    assert _marked(panel, "holiday").tolist() == _days(*mondays[:3])
    assert _marked(panel, "day before holiday")[0] == pd.Timestamp("2022-05-27")


def test_hours_of_a_holiday_are_marked_the_whole_day():
    panel = _panel("h", 24 * 40, "2022-06-20", holidays=["2022-07-04"])
    assert len(_marked(panel, "holiday")) == 24
    assert set(_marked(panel, "day after holiday").date) == {datetime.date(2022, 7, 5)}


@pytest.mark.parametrize("alias", ["W-SUN", "W-MON", "MS", "QS"])
def test_longer_periods_count_their_holidays(alias):
    panel = _panel(alias, 60, "2015-01-01", holidays="DE")
    edges = [*panel.index, panel.index.shift(1)[-1]]
    days = [pd.Timestamp(day) for day in calendars.country_holidays("DE", years=range(2014, 2032))]
    counts = np.array([sum(a <= day < b for day in days) for a, b in itertools.pairwise(edges)])
    assert [name for name in panel.calendar_names if "holiday" in name] == ["holiday"]
    term = panel.calendar[:, panel.calendar_names.index("holiday")]
    np.testing.assert_allclose(term, counts - counts.mean(), atol=1e-12)


def test_weeks_keep_frequent_holidays_apart():
    dates = {"Feast": ["2015-05-05", "2015-12-24", "2016-05-05"], "Once": ["2015-07-14"]}
    panel = _panel("W-MON", 100, "2015-01-05", holidays=dates)
    assert panel.calendar_names == ("Feast", "other holiday")
    assert _marked(panel, "Feast").tolist() == _days("2015-05-04", "2015-12-21", "2016-05-02")


@pytest.mark.parametrize(
    "holidays",
    [
        {"2022-12-25": "Feast", "2023-12-25": "Feast"},
        {datetime.date(2022, 12, 25): "Feast", pd.Timestamp("2023-12-25"): "Feast"},
        {"Feast": ["2022-12-25", np.datetime64("2023-12-25")]},
        [("2022-12-25", "Feast"), (datetime.date(2023, 12, 25), "Feast")],
        {"2022-12-25": "Feast (observed)", "2023-12-25": "Feast"},
    ],
)
def test_dates_with_names_are_read_however_they_are_written(holidays):
    found = holiday_dates(holidays, range(2022, 2024))
    assert list(found) == ["Feast"]
    assert found["Feast"].astype("datetime64[D]").astype(str).tolist() == [
        "2022-12-25", "2023-12-25",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "holidays", [["2022-12-25"], pd.DatetimeIndex(["2022-12-25"]), {datetime.date(2022, 12, 25)}]
)
def test_dates_without_names_are_holidays(holidays):
    assert list(holiday_dates(holidays, range(2022, 2023))) == ["holiday"]


def test_a_calendar_object_is_a_mapping_of_dates():
    found = holiday_dates(calendars.country_holidays("US", years=2023), range(2023, 2024))
    assert found["Thanksgiving Day"].astype("datetime64[D]").astype(str).tolist() == ["2023-11-23"]


def test_holidays_that_fall_on_one_day_are_both_named():
    found = holiday_dates({"2022-01-06": "Epiphany; Feast"}, range(2022, 2023))
    assert sorted(found) == ["Epiphany", "Feast"]


@pytest.mark.parametrize(
    ("code", "name"), [("US", "Thanksgiving Day"), ("us", "Thanksgiving Day"),
                       ("DE-BY", "Corpus Christi"), ("XNYS", "Good Friday")],
)  # fmt: skip
def test_codes_of_countries_parts_and_markets(code, name):
    assert name in holiday_dates(code, range(2022, 2024))


def test_several_codes_keep_their_holidays_apart():
    found = holiday_dates(["US", "DE"], range(2022, 2024))
    assert {"US Labor Day", "DE Labor Day"} <= set(found)


@pytest.mark.parametrize(
    ("holidays", "says"),
    [
        ("UX", "holidays code 'UX' is not known: got 'UX', need one of the codes:"),
        (
            "DE-XX",
            "holidays code 'DE-XX' has no such part: got 'XX', need one of",
        ),
        (["DE", "ZZZ"], "holidays code 'ZZZ' is not known"),
        ("next Monday", "holidays can't be read: got 'next Monday'"),
        ([3], "holidays can't be read: got 3"),
        (7, "holidays can't be read: got 7"),
        ({"Feast": 3}, "holidays can't be read: got 3"),
    ],
)
def test_what_is_no_holiday_gives_one_clear_error(holidays, says):
    with pytest.raises(ConfigurationError) as caught:
        _panel("D", 60, holidays=holidays)
    assert says in str(caught.value)


def test_a_code_that_is_not_known_lists_each_country_once():
    with pytest.raises(ConfigurationError, match=r"the codes: AF, AX, AL, DZ, AS, AD, "):
        holiday_dates(["XX"], range(2024, 2025))


def test_plain_periods_have_no_holidays():
    data = pd.DataFrame({"y": np.arange(60) ** 2, "x": np.arange(60) % 7})
    with pytest.raises(ConfigurationError, match="holidays need dates"):
        build_panel(data, "y", holidays="US")
