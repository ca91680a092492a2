"""Coarser periods: by declared form or stated rule; what is incomplete is dropped and named."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlag.data.aggregate import RULES, collapse
from leadlag.data.catalog import Metric
from leadlag.data.panel import build_panel
from leadlag.errors import ConfigurationError, InputError, InsufficientDataError

DAYS = pd.date_range("2022-01-03", periods=7 * 60, name="day")  # a Monday; whole weeks
LONG = pd.date_range("2022-01-03", "2024-01-30", name="day")
COLUMNS = ["revenue", "visits", "users", "orders"]
FORMS = {
    "revenue": {"form": "flow"},
    "visits": {"form": "flow"},
    "users": {"form": "stock"},
    "orders": {"form": "flow"},
    "conversion": {"form": "rate", "components": ["orders", "visits"]},
}


def _frame(index=DAYS) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.integers(1, 100, (len(index), 4)), index=index, columns=COLUMNS)
    frame = frame.astype(float)
    frame["conversion"] = frame["orders"] / frame["visits"]
    return frame


def _metric(panel, name):
    return panel.X[:, panel.metrics.index(name)]


def _text(panel, code):
    return [notice.text for notice in panel.notices if notice.code == code]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_forms_say_how_values_are_combined(library):
    frame = _frame()
    data = frame if library == "pandas" else pl.from_pandas(frame.reset_index())
    panel = build_panel(data, "revenue", freq="W", catalog=FORMS)
    weeks = frame.resample("W-MON", closed="left", label="left")
    assert panel.freq == "W"
    assert panel.index.equals(pd.DatetimeIndex(weeks["users"].last().index.as_unit("us")))
    np.testing.assert_allclose(panel.y, weeks["revenue"].sum())
    np.testing.assert_allclose(_metric(panel, "users"), weeks["users"].last())
    rate = weeks["orders"].sum() / weeks["visits"].sum()
    np.testing.assert_allclose(_metric(panel, "conversion"), rate)
    assert _text(panel, "incomplete") == []


@pytest.mark.parametrize("rule", RULES)
def test_stated_rules_agree_with_pandas(rule):
    frame = _frame(LONG)
    panel = build_panel(frame, "revenue", freq="M", aggregate=rule)
    complete = getattr(frame.resample("MS"), rule)().iloc[1:-1]
    np.testing.assert_allclose(panel.y, complete["revenue"])
    np.testing.assert_allclose(_metric(panel, "users"), complete["users"])


def test_a_rule_for_a_column_comes_before_its_form_and_the_form_before_the_rule_for_all():
    weeks = _frame().resample("W-MON", closed="left", label="left")
    catalog = {"users": {"form": "stock"}, "visits": {"form": "flow"}}
    panel = build_panel(_frame(), "revenue", freq="W", catalog=catalog, aggregate="mean")
    np.testing.assert_allclose(_metric(panel, "visits"), weeks["visits"].sum())
    np.testing.assert_allclose(_metric(panel, "orders"), weeks["orders"].mean())
    rules = dict.fromkeys(_frame().columns, "sum") | {
        "users": "max",
        "conversion": ("orders", "visits"),
    }
    panel = build_panel(_frame(), "revenue", freq="W", catalog=FORMS, aggregate=rules)
    np.testing.assert_allclose(_metric(panel, "users"), weeks["users"].max())


def test_columns_without_a_rule_are_listed_in_one_error():
    with pytest.raises(InputError) as caught:
        build_panel(
            _frame(), "revenue", freq="W", catalog={"users": {"form": "stock"}}, aggregate={}
        )
    message = str(caught.value)
    assert "freq='W' is coarser than the data (day rows)" in message
    assert "got revenue, visits, orders, conversion" in message
    assert "aggregate='sum'" in message


def test_a_rate_without_components_has_no_rule():
    with pytest.raises(InputError, match=r"conversion \(a rate without components\)"):
        build_panel(_frame(), "revenue", freq="W", catalog=FORMS | {"conversion": {"form": "rate"}})


def test_columns_that_take_no_part_need_no_rule():
    frame = _frame().assign(country="DE")
    panel = build_panel(
        frame,
        "revenue",
        metrics=["visits"],
        freq="W",
        aggregate={"revenue": "sum", "visits": "sum"},
    )
    assert panel.metrics == ("visits",)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"aggregate": "sum"}, "aggregate is given without freq"),
        (
            {"freq": "W", "aggregate": "total"},
            "got 'total', need one of the rules: sum, mean",
        ),
        ({"freq": "W", "aggregate": {"visit": "sum"}}, "Did you mean 'visits'?"),
        ({"freq": "W", "aggregate": {"visits": ("order", "visits")}}, "Did you mean 'orders'?"),
        (
            {"freq": "h", "aggregate": "sum"},
            "freq='h' is finer than the data: got one row a day",
        ),
        ({"freq": "weakly"}, "freq 'weakly' is not known: got 'weakly', need one of the choices:"),
        ({"freq": "B", "aggregate": "sum"}, "would cut periods of the data in two"),
    ],
)
def test_wrong_options_give_one_clear_error(options, says):
    with pytest.raises(ConfigurationError) as caught:
        build_panel(_frame(), "revenue", **options)
    assert says in str(caught.value)


def test_weeks_do_not_fit_into_months():
    weeks = _frame().resample("W-MON", closed="left", label="left").sum()
    with pytest.raises(ConfigurationError, match="freq='M' would cut periods of the data in two"):
        build_panel(weeks, "revenue", freq="M", aggregate="sum")


def test_plain_periods_have_no_freq():
    with pytest.raises(ConfigurationError, match="freq needs dates"):
        build_panel(_frame().reset_index(drop=True), "revenue", freq="W", aggregate="sum")


def test_incomplete_first_and_last_periods_are_dropped_and_named():
    panel = build_panel(_frame(LONG), "revenue", freq="M", aggregate="sum")
    assert _text(panel, "incomplete") == [
        "2022-01 is not complete and was dropped.",
        "2024-01 is not complete and was dropped.",
    ]
    assert panel.index[[0, -1]].tolist() == [pd.Timestamp("2022-02-01"), pd.Timestamp("2023-12-01")]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.sampled_from(["W", "W-SUN", "W-TUE", "M", "Q"]))
def test_periods_are_complete_whatever_day_the_data_begin_and_end(skip, cut, freq):
    index = pd.date_range("2016-01-03", periods=2400)[skip : 2400 - cut]
    frame = pd.DataFrame({"revenue": 1.0, "visits": 1.0}, index=index)
    frame["visits"] += np.arange(len(index)) % 3
    frame["revenue"] += np.arange(len(index)) % 2
    panel = build_panel(frame, "revenue", freq=freq, aggregate="sum")
    ends = panel.index.shift(1)
    assert index[0] <= panel.index[0]
    assert ends[-1] <= index[-1] + pd.Timedelta(days=1)
    assert index[0] > panel.index.shift(-1)[0]
    assert ends.shift(1)[-1] > index[-1] + pd.Timedelta(days=1)
    for start, end, total in zip(panel.index, ends, panel.y, strict=True):
        assert total == frame.loc[start : end - pd.Timedelta(days=1), "revenue"].sum()


@pytest.mark.parametrize("how", ["row left out", "value missing"])
def test_a_sum_with_a_missing_part_is_missing_and_a_mean_rests_on_the_others(how):
    frame = _frame()
    frame.loc[DAYS[8], "visits"] = np.nan
    frame.loc[DAYS[9], "users"] = np.nan
    frame.loc[DAYS[22:26], "users"] = np.nan
    if how == "row left out":
        frame = frame.drop(DAYS[30])
    rules = {"revenue": "mean", "visits": "sum", "users": "mean", "orders": "last",
             "conversion": ("orders", "visits")}  # fmt: skip
    panel = build_panel(frame, "revenue", freq="W", aggregate=rules)
    gone = [1, 4] if how == "row left out" else [1]
    assert np.flatnonzero(np.isnan(_metric(panel, "visits"))).tolist() == gone
    # Of week 3 four days of seven are missing: less than half are known.
    assert np.flatnonzero(np.isnan(_metric(panel, "users"))).tolist() == [3]
    assert _metric(panel, "users")[1] == frame["users"].iloc[7:14].mean()
    both = frame.iloc[7:14].dropna(subset="visits")
    assert _metric(panel, "conversion")[1] == both["orders"].sum() / both["visits"].sum()
    assert _text(panel, "partly_missing")[0].endswith("is: visits.")
    assert "users" in _text(panel, "partly_known")[0]


def test_the_last_known_value_of_a_stock_stands_for_its_period():
    frame = _frame()
    frame.loc[DAYS[13], "users"] = np.nan
    panel = build_panel(frame, "revenue", freq="W", catalog=FORMS)
    assert _metric(panel, "users")[1] == frame["users"].iloc[12]


def test_a_rate_of_nothing_is_missing():
    frame = _frame()
    frame.loc[DAYS[7:14], "visits"] = 0.0
    panel = build_panel(frame.drop(columns="conversion").assign(conversion=1.0), "revenue",
                        freq="W", catalog=FORMS)  # fmt: skip
    assert np.isnan(_metric(panel, "conversion")[1])
    assert np.isfinite(np.delete(_metric(panel, "conversion"), 1)).all()


@pytest.mark.parametrize(("value", "says"), [("x", "holds text"), (np.inf, "infinite values")])
def test_a_component_that_is_no_number_is_named(value, says):
    frame = _frame().astype({"orders": object})
    frame["orders"] = [value, *frame["orders"].iloc[1:]]
    with pytest.raises(InputError, match=f"component 'orders' .*{says}"):
        build_panel(frame, "revenue", freq="W", catalog=FORMS)


def test_components_need_not_be_metrics():
    panel = build_panel(_frame(), "revenue", metrics="conversion", freq="W", catalog=FORMS)
    assert panel.metrics == ("conversion",)


def test_months_make_quarters_and_quarters_years():
    months = pd.date_range("1999-02-01", periods=400, freq="ME")
    panel = build_panel(_frame(months), "revenue", freq="Q", aggregate="sum")
    assert panel.index[0] == pd.Timestamp("1999-04-01")
    assert panel.y[0] == _frame(months)["revenue"].iloc[2:5].sum()
    years = build_panel(_frame(months), "revenue", freq="Y", aggregate="sum")
    assert years.index[0] == pd.Timestamp("2000-01-01")
    assert len(years) == 32


def test_business_days_make_weeks_of_five():
    index = pd.bdate_range("2022-01-03", periods=200)
    panel = build_panel(_frame(index), "revenue", freq="W", aggregate="sum")
    np.testing.assert_allclose(panel.y, _frame(index)["revenue"].to_numpy().reshape(40, 5).sum(1))


def test_hours_of_a_zone_make_local_days_with_23_and_25_hours():
    hours = pd.date_range("2023-01-15 10:00", "2023-12-20 15:00", freq="h", tz="Europe/Paris")
    frame = pd.DataFrame({"y": 1.0, "x": np.arange(len(hours)) % 5}, index=hours)
    frame["y"] += (np.arange(len(hours)) == 5).astype(float)
    panel = build_panel(frame, "y", freq="D", aggregate="sum")
    assert panel.index[[0, -1]].tolist() == [pd.Timestamp("2023-01-16"), pd.Timestamp("2023-12-19")]
    by_day = pd.Series(panel.y, panel.index)
    assert (by_day["2023-03-26"], by_day["2023-10-29"]) == (23.0, 25.0)
    assert (by_day.drop(pd.DatetimeIndex(["2023-03-26", "2023-10-29"])) == 24.0).all()


def test_quarter_hours_of_a_zone_make_hours_without_merging_the_doubled_one():
    moments = pd.date_range("2023-10-28", periods=400, freq="15min", tz="Europe/Paris")
    frame = pd.DataFrame({"y": np.arange(400) % 6, "x": np.arange(400) % 5}, index=moments)
    panel = build_panel(frame, "y", freq="h", aggregate="sum")
    assert (panel.freq, len(panel)) == ("h", 100)
    np.testing.assert_array_equal(panel.y, frame["y"].to_numpy().reshape(100, 4).sum(axis=1))


def test_events_at_irregular_moments_are_combined_by_local_day():
    rng = np.random.default_rng(0)
    seconds = np.sort(rng.integers(0, 86400 * 50, 900))
    moments = pd.Timestamp("2023-03-01 00:00:00", tz="Europe/Paris") + pd.to_timedelta(
        seconds, unit="s"
    )
    frame = pd.DataFrame({"y": rng.normal(size=900), "x": rng.normal(size=900)}, index=moments)
    panel = build_panel(frame, "y", freq="D", aggregate="sum")
    days = frame.groupby(moments.tz_localize(None).floor("D")).sum()
    np.testing.assert_allclose(panel.y, days["y"].to_numpy(), atol=1e-12)
    assert panel.index[0] == days.index[0]
    assert "irregular within a day: only the first day" in _text(panel, "irregular")[0]


def test_edges_of_irregular_weeks_are_dropped():
    days = pd.DatetimeIndex(
        np.sort(np.random.default_rng(1).choice(DAYS[2:-2], 150, replace=False))
    )
    panel = build_panel(_frame(days), "revenue", freq="W", aggregate="mean")
    assert panel.index[[0, -1]].tolist() == [pd.Timestamp("2022-01-10"), DAYS[-14]]
    assert len(_text(panel, "incomplete")) == 2


def test_a_frequency_that_is_stated_is_believed():
    days = DAYS[np.random.default_rng(4).random(len(DAYS)) < 0.35]
    panel = build_panel(_frame(days), "revenue", freq="D", max_lag=5)
    assert panel.freq == "D"
    assert np.isfinite(panel.y).sum() == len(days)


def test_too_few_whole_periods_are_an_error():
    with pytest.raises(InsufficientDataError, match="'revenue' is too short: got 12 usable rows"):
        build_panel(_frame(), "revenue", freq="M", aggregate="sum")
    with pytest.raises(InsufficientDataError, match="no quarter is complete"):
        build_panel(_frame().iloc[:60], "revenue", freq="Q", aggregate="sum")


@given(
    st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(np.nan)), min_size=12, max_size=12),
    st.sampled_from(RULES),
)
def test_combining_agrees_with_a_slow_twin(values, rule):
    column = np.array(values)
    starts, parts = np.array([0, 3, 8]), np.array([3, 5, 4])
    combined, partial = collapse({"a": column}, {"a": rule}, starts, parts)
    needed = {"sum": 1.0, "min": 1.0, "max": 1.0, "mean": 0.5, "median": 0.5}.get(rule, 0.0)
    seen = 0
    for got, group in zip(combined["a"], np.split(column, starts[1:]), strict=True):
        known = [value for value in group if value == value]
        seen += 0 < len(known) < len(group)
        if not known or len(known) < needed * len(group):
            assert np.isnan(got)
            continue
        twin = {
            "sum": sum, "mean": np.mean, "median": np.median, "min": min, "max": max,
            "first": lambda v: v[0], "last": lambda v: v[-1],
        }[rule](known)  # fmt: skip
        assert got == pytest.approx(twin, rel=1e-9, abs=1e-9)
    assert partial == {"a": seen}


def test_a_declared_metric_object_works_like_a_dict():
    catalog = {name: Metric(**fields) for name, fields in FORMS.items()}
    panel = build_panel(_frame(), "revenue", freq="W", catalog=catalog)
    other = build_panel(_frame(), "revenue", freq="W", catalog=FORMS)
    assert panel.X.tobytes() == other.X.tobytes()
