"""Where the time comes from: an index, a column, or the order of the rows."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

from leadlag.data.panel import build_panel
from leadlag.errors import ConfigurationError, InputError

N = 60
MONTHS = pd.date_range("2019-01-01", periods=N, freq="MS")


def _frame(index=None, n: int = N) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(rng.normal(size=(n, 2)), columns=["y", "x"], index=index)


def _codes(panel):
    return [notice.code for notice in panel.notices]


def _text(panel, code: str) -> str:
    return next(notice.text for notice in panel.notices if notice.code == code)


MONTHLY = {
    "datetimes": MONTHS,
    "nanoseconds": MONTHS.astype("datetime64[ns]"),
    "seconds": MONTHS.astype("datetime64[s]"),
    "month ends": MONTHS + pd.offsets.MonthEnd(0),
    "last business days": MONTHS + pd.offsets.BMonthEnd(0),
    "mid month": MONTHS + pd.Timedelta(days=14),
    "dates": [day.date() for day in MONTHS],
    "ISO days": MONTHS.strftime("%Y-%m-%d"),
    "ISO months": MONTHS.strftime("%Y-%m"),
    "ISO moments": MONTHS.strftime("%Y-%m-%dT%H:%M:%S"),
    "ISO in UTC": MONTHS.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "periods": MONTHS.to_period("M"),
    "arrow moments": pd.array(MONTHS, dtype="timestamp[us][pyarrow]"),
    "arrow days": pd.array([day.date() for day in MONTHS], dtype="date32[pyarrow]"),
    "categories": pd.Categorical(MONTHS.strftime("%Y-%m-%d")),
    "with a zone": MONTHS.tz_localize("America/New_York"),
}


@pytest.mark.parametrize("kind", MONTHLY)
@pytest.mark.parametrize("place", ["index", "column"])
def test_months_are_read_however_they_are_written(kind, place):
    if place == "index":
        panel = build_panel(_frame(pd.Index(MONTHLY[kind], name="when")), "y")
    else:
        panel = build_panel(_frame().assign(when=MONTHLY[kind]), "y", time="when")
    assert panel.freq == "M"
    assert panel.metrics == ("x",)
    assert list(panel.index) == list(MONTHS)
    np.testing.assert_array_equal(panel.y, _frame()["y"])


@pytest.mark.parametrize(
    ("words", "freq", "first"),
    [
        ([f"{2005 + i // 4}-Q{i % 4 + 1}" for i in range(N)], "Q", "2005-01-01"),
        ([f"{2005 + i // 4}Q{i % 4 + 1}" for i in range(N)], "Q", "2005-01-01"),
        (
            [d.strftime("%G-W%V") for d in pd.date_range("2020-12-28", periods=N, freq="W-MON")],
            "W",
            "2020-12-28",
        ),
        ([str(1950 + i) for i in range(N)], "Y", "1950-01-01"),
    ],
)
def test_quarters_weeks_and_years_as_text(words, freq, first):
    panel = build_panel(_frame().assign(when=words), "y", time="when")
    assert panel.freq == freq
    assert panel.index[0] == pd.Timestamp(first)
    assert len(panel) == N


def test_a_period_index_keeps_the_week_that_it_states():
    weeks = pd.period_range("2023-01-01", periods=N, freq="W-SAT")
    panel = build_panel(_frame(weeks), "y")
    assert panel.freq == "W"
    assert panel.index.equals(pd.DatetimeIndex(weeks.start_time.as_unit("us")))
    assert panel.period_label(0) == "week of 2023-01-01"


@pytest.mark.parametrize("freq", ["h", "D", "Q-DEC", "Q-JAN", "Y-DEC", "15min"])
def test_period_indexes_of_other_lengths(freq):
    panel = build_panel(_frame(pd.period_range("2015-01-01", periods=N, freq=freq)), "y")
    assert panel.freq == {"15min": "period"}.get(freq, freq[0])
    assert len(panel) == N
    assert np.isfinite(panel.y).all()


def test_a_column_is_found_by_name_or_the_index_is():
    frame = _frame(pd.Index(MONTHS, name="month"))
    assert list(build_panel(frame, "y", time="month").index) == list(MONTHS)
    with pytest.raises(ConfigurationError, match=r"time 'monht' is not a column: .*y, x"):
        build_panel(frame, "y", time="monht")


@pytest.mark.parametrize("as_text", [False, True])
def test_plain_rows_with_one_column_of_dates_use_it_and_say_so(as_text):
    dates = MONTHS.strftime("%Y-%m-%d") if as_text else MONTHS
    panel = build_panel(_frame().assign(day=dates), "y")
    assert panel.freq == "M"
    assert "time_column" in _codes(panel)
    assert panel.excluded == {}


def test_two_columns_of_dates_are_an_error_that_names_both():
    frame = pl.from_pandas(_frame().assign(start=MONTHS, end=MONTHS + pd.Timedelta(days=27)))
    with pytest.raises(InputError, match=r"could be the time: got start, end\. Pass time='start'"):
        build_panel(frame, "y")


def test_other_columns_of_dates_are_excluded():
    frame = _frame(MONTHS).assign(updated=MONTHS[::-1])
    panel = build_panel(frame, "y")
    assert panel.excluded["updated"].startswith("holds dates")


def test_an_index_with_the_name_of_a_column_does_not_hide_the_column():
    frame = _frame(pd.Index(MONTHS, name="x"))
    assert build_panel(frame, "y").metrics == ("x",)


@pytest.mark.parametrize(
    "frame", [_frame(), pl.from_pandas(_frame()), pl.from_pandas(_frame()).to_arrow()]
)
def test_without_dates_rows_are_plain_periods_in_order(frame):
    panel = build_panel(frame, "y")
    assert panel.freq == "period"
    assert isinstance(panel.index, pd.RangeIndex)
    assert len(panel) == N
    assert "no_dates" in _codes(panel)
    assert panel.calendar.shape == (N, 0)
    assert panel.season == 0


@pytest.mark.parametrize("kind", ["int64", "float64", "object", "Int64"])
def test_integer_periods_from_a_column(kind):
    frame = _frame().assign(week=pd.Series(range(5, 5 + N)).astype(kind))
    panel = build_panel(frame, "y", time="week")
    assert panel.index.equals(pd.RangeIndex(5, 5 + N))
    assert panel.period_label(0) == "period 5"
    assert panel.metrics == ("x",)


def test_integer_labels_are_the_time_and_gaps_in_them_are_gaps():
    labels = np.delete(np.arange(100, 100 + N + 2), [5, 6])
    panel = build_panel(_frame(pd.Index(labels, name="period")), "y")
    assert len(panel) == N + 2
    assert np.flatnonzero(np.isnan(panel.y)).tolist() == [5, 6]
    assert "period 105, period 106" in _text(panel, "gaps")


def test_leftover_integer_labels_do_not_hide_a_column_of_dates():
    frame = _frame().assign(month=MONTHS).sample(frac=1, random_state=0)
    assert build_panel(frame, "y").freq == "M"


def test_rows_one_minute_apart_are_said_so():
    index = pd.date_range("2024-01-01", periods=120, freq="min")
    values = np.random.default_rng(1).normal(size=(120, 2))
    panel = build_panel(pd.DataFrame(values, index=index, columns=["y", "x"]), "y")
    assert _text(panel, "step") == "Rows are 1 minute apart: one period is 1 minute."


def test_integers_several_apart_are_one_period_apart():
    panel = build_panel(_frame(pd.Index(range(1950, 1950 + 5 * N, 5), name="year")), "y")
    assert len(panel) == N
    assert panel.index.equals(pd.RangeIndex(1950, 1950 + 5 * N, 5))
    assert "5 apart" in _text(panel, "step")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([int(d.strftime("%Y%m")) for d in MONTHS], "got 201901, 201902, ..., 202312"),
        (
            [int(d.timestamp()) + i % 7 for i, d in enumerate(MONTHS)],
            "don't look like consecutive periods",
        ),
        (MONTHS.strftime("%d/%m/%Y"), "got '01/01/2019'"),
        (MONTHS.strftime("%b %Y"), "got 'Jan 2019'"),
        (np.arange(N) + 0.5, "got '0.5'"),
        ([True, False] * (N // 2), "got 'True'"),
        (["2024-01-01", "yesterday"] * (N // 2), "got 'yesterday'"),
        (["2024-13-01"] * N, "can't be read as the time"),
    ],
)
def test_what_is_no_time_gives_one_clear_error(values, says):
    with pytest.raises((InputError, ConfigurationError)) as caught:
        build_panel(_frame().assign(when=values), "y", time="when")
    assert says in str(caught.value)
    assert "Convert" in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        [pd.NaT, pd.NaT, *MONTHS[2:]],
        [None, None, *MONTHS[2:].strftime("%Y-%m-%d")],
        [None, None, *range(2, N)],
        pd.PeriodIndex([pd.NaT, pd.NaT, *MONTHS[2:].to_period("M")], freq="M"),
    ],
)
@pytest.mark.parametrize("place", ["index", "column"])
def test_missing_times_are_counted(values, place):
    if place == "index":
        frame, time = _frame(pd.Index(values, name="when")), None
    else:
        frame, time = _frame().assign(when=values), "when"
    with pytest.raises(InputError) as caught:
        build_panel(frame, "y", time=time)
    assert "'when' has rows without a time: got 2 missing of 60 (rows 0, 1)" in str(caught.value)


def test_row_labels_that_are_neither_dates_nor_integers_are_an_error():
    with pytest.raises(InputError, match=r"neither dates nor integers: got .*'a0', 'a1'.*time="):
        build_panel(_frame([f"a{i}" for i in range(N)]), "y")


def test_row_labels_of_several_levels_are_an_error():
    index = pd.MultiIndex.from_product([["DE", "FR"], range(N // 2)])
    with pytest.raises(InputError, match="several levels: got an index with 2 levels"):
        build_panel(_frame(index), "y")


def test_daily_moments_with_a_zone_are_local_days():
    paris = pd.date_range("2023-01-01", periods=N, freq="D", tz="Europe/Paris")
    panel = build_panel(_frame(paris), "y")
    assert panel.freq == "D"
    assert panel.index.tz is None
    assert panel.index[0] == pd.Timestamp("2023-01-01")
    assert "local clock (Europe/Paris)" in _text(panel, "time_zone")


def test_local_midnights_stored_in_utc_are_still_one_a_day():
    paris = pd.date_range("2023-03-01", periods=N, freq="D", tz="Europe/Paris").tz_convert("UTC")
    panel = build_panel(_frame(paris), "y")
    assert (panel.freq, len(panel)) == ("D", N)
    assert np.isfinite(panel.y).all()


@pytest.mark.parametrize("library", ["pandas", "polars", "text"])
@pytest.mark.parametrize("start", ["2023-03-25", "2023-10-28"])
def test_hours_with_a_zone_survive_both_clock_changes(library, start):
    hours = pd.date_range(start, periods=100, freq="h", tz="Europe/Paris")
    frame = _frame(n=100).assign(when=hours)
    if library == "polars":
        frame = pl.from_pandas(frame)
    if library == "text":
        frame["when"] = [moment.isoformat() for moment in hours]
    panel = build_panel(frame, "y", time="when")
    assert panel.freq == "h"
    assert len(panel) == 100
    assert np.isfinite(panel.y).all()
    assert panel.index[0] == hours[0].tz_convert("UTC").tz_localize(None)
    assert "UTC" in _text(panel, "time_zone")


def test_fixed_offsets_without_a_name_work_too():
    zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    panel = build_panel(_frame(pd.date_range("2023-01-01", periods=N, freq="h", tz=zone)), "y")
    assert panel.freq == "h"
    assert len(panel) == N
