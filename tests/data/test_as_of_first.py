"""What happened after `as_of` decides nothing: not the values, nor what is left out and why."""

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag.data.panel import build_panel

N = 800
AS_OF = "2022-12-31"


def _frame() -> pd.DataFrame:
    days = pd.date_range("2021-01-01", periods=N, name="day")
    values = np.random.default_rng(12).normal(size=(N, 3))
    return pd.DataFrame(values, index=days, columns=["y", "visits", "price"])


def _infinite_metric(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(visits=frame["visits"].where(frame.index < frame.index[-1], np.inf))


def _infinite_target(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(y=frame["y"].where(frame.index < frame.index[-1], -np.inf))


def _conflict(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, frame.iloc[-3:] + 1])


def _text(frame: pd.DataFrame) -> pd.DataFrame:
    visits = frame["visits"].astype(object)
    visits.iloc[-1] = "soon"
    return frame.assign(visits=visits)


def _irregular(frame: pd.DataFrame) -> pd.DataFrame:
    late = frame.iloc[-1:].set_axis([pd.Timestamp("2093-01-01")]).rename_axis("day")
    return pd.concat([frame, late])


SPOILT = [_infinite_metric, _infinite_target, _conflict, _text, _irregular]


def _same(a, b):
    assert (a.metrics, a.excluded, a.freq, a.max_lag) == (b.metrics, b.excluded, b.freq, b.max_lag)
    np.testing.assert_array_equal(a.y, b.y)
    np.testing.assert_array_equal(a.X, b.X)
    assert a.index.equals(b.index)
    assert {n.code for n in a.notices} - {"as_of"} == {n.code for n in b.notices} - {"as_of"}


@pytest.mark.parametrize("spoil", SPOILT)
def test_rows_after_the_moment_decide_nothing(spoil):
    spoilt = build_panel(spoil(_frame()), "y", as_of=AS_OF)
    _same(spoilt, build_panel(_frame(), "y", as_of=AS_OF))
    frame = spoil(_frame())
    _same(spoilt, build_panel(frame[frame.index <= AS_OF], "y", as_of=AS_OF))
    assert spoilt.metrics == ("visits", "price")


@pytest.mark.parametrize("spoil", SPOILT)
def test_the_time_may_be_a_column(spoil):
    spoilt = build_panel(spoil(_frame()).reset_index(), "y", as_of=AS_OF)
    _same(spoilt, build_panel(_frame().reset_index(), "y", as_of=AS_OF))


def test_the_time_may_have_a_zone():
    hours = pd.date_range("2023-03-20", periods=N, freq="h", tz="Europe/Paris", name="hour")
    frame = _frame().set_index(hours)
    spoilt = build_panel(_conflict(_infinite_target(frame)), "y", as_of="2023-04-10 12:00")
    _same(spoilt, build_panel(frame, "y", as_of="2023-04-10 12:00"))


def test_integer_periods_are_cut_too():
    frame = _frame().reset_index(drop=True)
    _same(build_panel(_infinite_metric(frame), "y", as_of=600), build_panel(frame, "y", as_of=600))


def test_the_ranking_is_that_of_the_data_until_then():
    short = _frame().iloc[:300]
    as_of = short.index[200]
    spoilt = leadlag.rank(_infinite_metric(_conflict(short)), "y", as_of=as_of, max_lag=5)
    until = leadlag.rank(short.loc[:as_of], "y", as_of=as_of, max_lag=5)
    pd.testing.assert_frame_equal(spoilt.table, until.table)


def test_one_late_row_is_one_row():
    panel = build_panel(_frame(), "y", as_of=_frame().index[-2])
    assert [n.text for n in panel.notices if n.code == "as_of"] == [
        f"1 row after {_frame().index[-2]} was dropped."
    ]
