"""Rows onto the calendar: unsorted, doubled, missing; a missing row never shortens a lag."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlag.data.panel import build_panel
from leadlag.errors import InputError

N = 80
DAYS = pd.date_range("2023-01-02", periods=N, name="day")


def _frame(index=DAYS) -> pd.DataFrame:
    values = np.random.default_rng(2).normal(size=(len(index), 3))
    return pd.DataFrame(values, index=index, columns=["y", "a", "b"])


def _codes(panel):
    return [notice.code for notice in panel.notices]


def _text(panel, code):
    return next(notice.text for notice in panel.notices if notice.code == code)


def _same(panel, other):
    assert panel.metrics == other.metrics
    for name in ("y", "X", "controls_values", "calendar", "delay"):
        assert getattr(panel, name).tobytes() == getattr(other, name).tobytes(), name
    assert panel.index.equals(other.index)
    assert (panel.freq, panel.season, panel.max_lag) == (other.freq, other.season, other.max_lag)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(N)), st.permutations(["y", "a", "b"]))
def test_the_order_of_rows_and_columns_does_not_matter(rows, columns):
    wanted = build_panel(_frame(), "y")
    panel = build_panel(_frame().iloc[list(rows)][list(columns)], "y")
    order = [panel.metrics.index(name) for name in wanted.metrics]
    assert panel.X[:, order].tobytes() == wanted.X.tobytes()
    assert panel.y.tobytes() == wanted.y.tobytes()
    assert panel.index.equals(wanted.index)
    assert ("sorted" in _codes(panel)) is (list(rows) != list(range(N)))


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.integers(1, N - 2), max_size=30),
    st.sampled_from(["h", "D", "B", "W-MON", "W-SUN", "MS", "ME", "QS", "YS"]),
)
def test_a_row_that_is_left_out_equals_a_row_of_missing_values(gone, alias):
    frame = _frame(pd.date_range("1990-01-01", periods=N, freq=alias))
    empty = frame.copy()
    empty.iloc[sorted(gone)] = np.nan
    panel = build_panel(frame.drop(frame.index[sorted(gone)]), "y")
    _same(panel, build_panel(empty, "y"))
    assert len(panel) == N
    assert np.flatnonzero(np.isnan(panel.y)).tolist() == sorted(gone)
    assert ("gaps" in _codes(panel)) is bool(gone)


def test_gaps_are_counted_and_named():
    panel = build_panel(_frame().drop(DAYS[[3, 10, 11, 12]]), "y")
    assert _text(panel, "gaps") == (
        "4 of 80 periods have no row and count as missing: 2023-01-05, 2023-01-12, 2023-01-13 "
        "and 1 more."
    )


def test_other_columns_do_not_change_a_column():
    few, many = build_panel(_frame()[["y", "a"]], "y"), build_panel(_frame(), "y")
    assert few.X[:, 0].tobytes() == many.X[:, many.metrics.index("a")].tobytes()


def test_the_same_input_gives_the_same_bytes():
    _same(build_panel(_frame(), "y"), build_panel(_frame(), "y"))


def test_no_notice_where_there_is_nothing_to_say():
    index = pd.date_range("2020-01-01", periods=300)
    assert build_panel(_frame(index), "y").notices == ()


def test_exact_copies_of_rows_are_dropped_with_a_notice():
    frame = _frame()
    frame.iloc[4, 1] = np.nan
    panel = build_panel(pd.concat([frame, frame.iloc[[4, 4, 7]]]), "y")
    _same(panel, build_panel(frame, "y"))
    assert _text(panel, "duplicates").startswith("3 rows were exact copies")


@pytest.mark.parametrize("column", ["y", "a", "note"])
def test_contradicting_rows_are_one_error_that_names_the_days(column):
    frame = _frame().assign(note="same")
    again = frame.iloc[[4, 7, 9, 30]].copy()
    again[column] = "other" if column == "note" else 99.0
    with pytest.raises(InputError) as caught:
        build_panel(pd.concat([frame, again]), "y")
    message = str(caught.value)
    assert "several rows with different values share a day" in message
    assert "2023-01-06, 2023-01-09, 2023-01-11 (4 in all)" in message
    assert "freq= and aggregate=" in message


def test_a_missing_value_contradicts_a_known_one():
    frame = _frame()
    again = frame.iloc[[4]].assign(a=np.nan)
    with pytest.raises(InputError, match="2023-01-06"):
        build_panel(pd.concat([frame, again]), "y")


def test_long_data_are_recognised_by_their_text():
    frame = pd.concat([_frame().assign(country="DE"), (_frame() + 1).assign(country="FR")])
    with pytest.raises(InputError, match="If 'country' tells the rows apart, pivot"):
        build_panel(frame, "y")


def test_doubled_integer_periods_are_an_error_too():
    index = pd.Index([*range(N - 1), 5], name="t")
    with pytest.raises(InputError, match=r"share a period: got period 5 \(1 in all\)"):
        build_panel(_frame(index), "y")


def test_hours_that_come_twice_are_told_about_clock_changes():
    hours = pd.date_range("2023-10-28", periods=N, freq="h", tz="Europe/Paris").tz_localize(None)
    with pytest.raises(InputError, match=r"share an hour: got 2023-10-29 02:00.*time zone"):
        build_panel(_frame(hours), "y")


@pytest.mark.parametrize("aggregate", ["mean", {"y": "mean", "a": "mean", "b": "mean"}])
def test_with_freq_and_aggregate_doubled_rows_are_combined(aggregate):
    frame = pd.concat([_frame(), _frame().iloc[[4, 9]] + 2.0])
    panel = build_panel(frame, "y", freq="D", aggregate=aggregate)
    wanted = _frame()["y"].to_numpy().copy()
    wanted[[4, 9]] += 1.0
    np.testing.assert_allclose(panel.y, wanted)
    assert "2 rows shared a day" in _text(panel, "combined")


def test_with_freq_alone_doubled_rows_stay_an_error():
    frame = pd.concat([_frame(), _frame().iloc[[4]] + 2.0])
    with pytest.raises(InputError, match="share a day"):
        build_panel(frame, "y", freq="D")


def test_events_that_look_alike_are_all_counted():
    events = pd.DataFrame({"y": 1.0, "a": np.arange(2.0 * N)}, index=DAYS.repeat(2))
    events.loc[DAYS[3], "a"] = 5.0
    events["y"] += np.arange(2 * N) // 10
    panel = build_panel(events, "y", freq="D", aggregate="sum")
    assert panel.X[3, 0] == 10.0


def test_a_stray_date_is_named():
    index = DAYS[:-1].append(pd.DatetimeIndex(["2200-12-31"]))
    with pytest.raises(InputError, match=r"80 rows in \d+ periods: .*2023-03-21, 2200-12-31"):
        build_panel(_frame(index), "y", freq="D")


def test_business_days_are_consecutive_and_a_holiday_is_a_gap():
    index = pd.bdate_range("2023-01-02", periods=N).delete(9)
    panel = build_panel(_frame(index), "y")
    assert panel.freq == "B"
    assert len(panel) == N
    assert np.isnan(panel.y[9])
    assert "business days, Monday to Friday" in _text(panel, "business_days")
    assert panel.max_lag == N // 5


def test_business_days_can_be_put_on_calendar_days():
    panel = build_panel(_frame(pd.bdate_range("2023-01-02", periods=N)), "y", freq="D")
    assert panel.freq == "D"
    assert np.isnan(panel.y[[5, 6]]).all()
    assert len(panel) == 7 * N // 5 - 2


def test_weeks_stamped_on_a_sunday_are_read_as_ending_then_and_can_be_told_otherwise():
    sundays = pd.date_range("2023-01-01", periods=N, freq="W-SUN")
    panel = build_panel(_frame(sundays), "y")
    assert panel.index[0] == pd.Timestamp("2022-12-26")
    assert panel.period_label(0) == "week ending 2023-01-01"
    assert "freq='W-SAT'" in _text(panel, "week_end")
    other = build_panel(_frame(sundays), "y", freq="W-SAT")
    assert other.index[0] == pd.Timestamp("2023-01-01")
    assert other.period_label(0) == "week of 2023-01-01"
    assert other.y.tobytes() == panel.y.tobytes()


def test_a_target_that_ends_early_keeps_the_newer_metrics():
    frame = _frame()
    frame.iloc[-3:, 0] = np.nan
    panel = build_panel(frame, "y")
    assert len(panel) == N
    assert np.isnan(panel.y[-3:]).all()
    assert np.isfinite(panel.X[-3:]).all()
    text = _text(panel, "target_ends_first")
    assert "y is known up to 2023-03-19, metrics up to 2023-03-22" in text


def test_polars_without_dates_keeps_the_order_of_its_rows():
    frame = pl.from_pandas(_frame().reset_index(drop=True))
    np.testing.assert_array_equal(build_panel(frame, "y").y, _frame()["y"])
