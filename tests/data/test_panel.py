"""The panel: which columns take part, which are left out and why, and how far lags reach."""

import pickle
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlag.data.panel import Notice, Panel, build_panel
from leadlag.errors import (
    ConfigurationError,
    InputError,
    InsufficientDataError,
    LeadLagError,
)

N = 300
DAYS = pd.date_range("2023-01-01", periods=N, name="day")


def _frame(n: int = N) -> pd.DataFrame:
    values = np.random.default_rng(8).normal(size=(n, 5))
    columns = ["revenue", "visits", "csat", "web_signups", "web_trials"]
    return pd.DataFrame(values, index=pd.date_range("2023-01-01", periods=n), columns=columns)


def _text(panel, code):
    return [notice.text for notice in panel.notices if notice.code == code]


# --- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", [pd.RangeIndex(N), DAYS])
def test_a_column_whose_name_is_empty_is_a_column(index):
    frame = _frame().set_index(index)
    panel = build_panel(frame.rename(columns={"csat": ""}), "revenue")
    assert panel.metrics == ("visits", "", "web_signups", "web_trials")
    held = build_panel(frame.rename(columns={"csat": ""}), "revenue", controls="")
    assert held.controls == ("",)
    assert build_panel(frame.rename(columns={"revenue": ""}), "").target == ""


@pytest.mark.parametrize(
    ("options", "metrics", "controls"),
    [
        ({}, "visits csat web_signups web_trials", ""),
        ({"metrics": "visits"}, "visits", ""),
        ({"metrics": ["web_trials", "csat"]}, "csat web_trials", ""),
        ({"metrics": "web_*"}, "web_signups web_trials", ""),
        ({"metrics": ["web_*", "csat", "csat"]}, "csat web_signups web_trials", ""),
        ({"metrics": "*"}, "visits csat web_signups web_trials", ""),
        ({"metrics": "[vc]*"}, "visits csat", ""),
        ({"metrics": pd.Index(["csat"])}, "csat", ""),
        ({"controls": "csat"}, "visits web_signups web_trials", "csat"),
        ({"controls": "web_*"}, "visits csat", "web_signups web_trials"),
        ({"metrics": "*", "controls": "csat"}, "visits web_signups web_trials", "csat"),
        ({"metrics": "web_trials", "controls": "web_*"}, "web_trials", "web_signups"),
        ({"metrics": "v*", "controls": ["csat"]}, "visits", "csat"),
    ],
)
def test_names_and_globs_choose_columns_in_the_order_of_the_data(options, metrics, controls):
    panel = build_panel(_frame(), "revenue", **options)
    assert panel.metrics == tuple(metrics.split())
    assert panel.controls == tuple(controls.split())
    assert panel.X.shape == (N, len(panel.metrics))
    assert panel.controls_values.shape == (N, len(panel.controls))
    for name, column in zip(panel.metrics, panel.X.T, strict=True):
        np.testing.assert_array_equal(column, _frame()[name])
    for name, column in zip(panel.controls, panel.controls_values.T, strict=True):
        np.testing.assert_array_equal(column, _frame()[name])


@pytest.mark.parametrize(
    ("target", "options", "says"),
    [
        (
            pd.Series(range(N)),
            {},
            "target is not the name of a column: got a Series, need",
        ),
        (
            "revenu",
            {},
            "got 'revenu', need one of the columns: revenue, visits",
        ),
        ("revenu", {}, "Did you mean 'revenue'?"),
        (None, {}, "target None is not a column"),
        (3, {}, "target 3 is not a column"),
        (["revenue", "visits"], {}, "one target a call: got a list of 2"),
        (["revenue", "visits"], {}, "{t: leadlag.rank(data, target=t) for t in ['revenue', ...]}"),
        (("revenue",), {}, "one target a call: got a tuple of 1"),
        ([], {}, "one target a call: got a list of 0"),
        ("revenue", {"metrics": "visit"}, "metrics name 'visit' is not a column"),
        ("revenue", {"metrics": "visit"}, "Did you mean 'visits'?"),
        ("revenue", {"metrics": ["visits", "app_*"]}, "metrics glob 'app_*' matches no column"),
        ("revenue", {"metrics": ["revenue"]}, "'revenue' is the target, so it can't be in metrics"),
        ("revenue", {"metrics": []}, "there is no metric to rank"),
        ("revenue", {"metrics": 7}, "metrics can't be read: got 7"),
        ("revenue", {"controls": "prices"}, "controls name 'prices' is not a column"),
        ("revenue", {"controls": "revenue"}, "'revenue' is the target, so it can't be in controls"),
        ("revenue", {"controls": "*"}, "there is no metric to rank"),
        ("revenue", {"metrics": "csat", "controls": "csat"}, "both a metric and a control"),
        ("revenue", {"time": "day"}, "time 'day' is not a column"),
        ("visits", {"time": "visits"}, ""),
    ],
)
def test_wrong_names_give_one_clear_error(target, options, says):
    with pytest.raises(LeadLagError) as caught:
        build_panel(_frame(), target, **options)
    assert says in str(caught.value)


def test_the_target_can_not_be_the_time():
    frame = _frame().reset_index(names="day")
    with pytest.raises(ConfigurationError, match="target 'day' is also the time"):
        build_panel(frame, "day")
    with pytest.raises(ConfigurationError, match="'day' is the time, so it can't be in metrics"):
        build_panel(frame, "revenue", metrics="day")


def test_a_target_alone_has_no_metric():
    with pytest.raises(InputError, match="there is no metric to rank: got columns revenue"):
        build_panel(_frame()[["revenue"]], "revenue")


# --- columns that can't be used ----------------------------------------------------------------

BAD = {
    "text": ("x", "holds text, not numbers"),
    "dates": (DAYS, "holds dates, not numbers"),
    "empty": (np.nan, "has no values: every row is missing"),
    "flat": (3.0, "never changes: every known value is 3"),
    "flat but for rounding": (np.where(np.arange(N) % 2, 0.3, 0.1 + 0.2), "never changes"),
    "flat with gaps": (np.where(np.arange(N) % 2, 7.0, np.nan), "never changes"),
    "one infinity": (np.r_[np.inf, np.arange(N - 1) % 7], "has 1 infinite value;"),
    "infinities": (np.where(np.arange(N) % 3, 1.0, -np.inf), "has 100 infinite values;"),
    "counter": (np.arange(N), "grows by the same step every period"),
    "steps below rounding": (1e9 + 2e-7 * np.arange(N), "never changes by more than the rounding"),
    "counter of sums": (np.cumsum(np.full(N, 0.1)), "grows by the same step every period"),
    "collapsed": (
        np.arange(N, dtype=np.uint64) % np.uint64(7) + np.uint64(2**63),
        "holds numbers that float64 can't hold apart: all of them become 9223372036854775808",
    ),
    "counter with gaps": (np.where(np.arange(N) % 9, 0.1 * np.arange(N), np.nan), "grows by the"),
    "short": (
        np.where(np.arange(N) < 50, np.arange(N) % 7, np.nan),
        "too short: 50 usable rows, 62 needed; supply more history or lower max_lag to 30",
    ),
    "very short": (
        np.where(np.arange(N) < 15, np.arange(N) % 7, np.nan),
        "too short: 15 usable rows, 62 needed; supply more history",
    ),
    "weekly": (
        np.where(np.arange(N) % 4 == 0, np.sin(np.arange(N)), np.nan),
        "too sparse: only 0 rows follow a known row directly, 20 needed",
    ),
}

COUNTERS = ("counter", "counter of sums", "counter with gaps")
UNTRIED_AS_TARGET = ("short", "steps below rounding", *COUNTERS)


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_metric_is_left_out_with_its_reason_and_the_others_stay(kind):
    values, reason = BAD[kind]
    panel = build_panel(_frame().assign(bad=values), "revenue")
    assert panel.excluded["bad"].startswith(reason)
    assert list(panel.excluded) == ["bad"]
    assert panel.metrics == ("visits", "csat", "web_signups", "web_trials")
    assert panel.X.tobytes() == build_panel(_frame(), "revenue").X.tobytes()


def test_all_bad_metrics_keep_their_order_whatever_the_reason():
    frame = _frame().assign(**{kind: values for kind, (values, _) in BAD.items()})
    panel = build_panel(frame, "revenue")
    assert list(panel.excluded) == list(BAD)


def test_a_copy_of_the_target_is_left_out():
    frame = _frame().assign(copy=lambda f: f["revenue"], double=lambda f: 2 * f["revenue"])
    frame.loc[DAYS[5:9], "copy"] = np.nan
    panel = build_panel(frame, "revenue")
    assert panel.excluded == {
        "copy": "is an exact copy of the target, so it can't say anything in advance of it"
    }
    assert "double" in panel.metrics


def test_what_is_made_of_controls_alone_is_left_out():
    frame = _frame().assign(
        other=lambda f: np.random.default_rng(5).standard_normal(N),
        scaled=lambda f: f["visits"] / 7 + 2e6,
        mixed=lambda f: 3 * f["visits"] - f["other"],
        close=lambda f: f["visits"] + 1e-6 * f["visits"].std() * np.sin(np.arange(N) ** 2),
    )
    frame.loc[DAYS[3:6], "scaled"] = np.nan
    panel = build_panel(frame, "revenue", controls=["visits", "other"])
    assert {name for name, why in panel.excluded.items() if "controls" in why} == {
        "scaled", "mixed",
    }  # fmt: skip
    assert "close" in panel.metrics


def test_a_metric_without_a_row_beside_the_controls_is_no_warning_of_a_library():
    frame = _frame().assign(none=np.nan, held=lambda f: np.random.default_rng(5).standard_normal(N))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        panel = build_panel(frame, "revenue", controls=["held"])
    assert panel.excluded["none"] == "has no values: every row is missing"


def test_a_metric_that_ended_before_the_target_began_is_left_out():
    frame = _frame()
    frame.loc[DAYS[100:], "visits"] = np.nan
    frame.loc[DAYS[:110], "revenue"] = np.nan
    panel = build_panel(frame, "revenue")
    assert panel.excluded["visits"].startswith("overlaps too little with the target: 0 rows")


def test_where_no_metric_can_be_used_the_panel_says_why():
    panel = build_panel(_frame()[["revenue"]].assign(bad="x"), "revenue")
    assert panel.metrics == ()
    assert panel.X.shape == (N, 0)
    assert panel.delay.shape == (0,)
    assert [notice.code for notice in panel.notices] == ["no_metric"]


@pytest.mark.parametrize("kind", [k for k in BAD if k not in UNTRIED_AS_TARGET])
def test_a_bad_target_is_one_error_that_says_why(kind):
    values, reason = BAD[kind]
    with pytest.raises(InputError) as caught:
        build_panel(_frame().assign(bad=values), "bad", metrics="visits")
    wanted = {"very short": "is too short: got 15 usable rows", "weekly": f"is {reason}"}.get(
        kind, reason.split(";")[0]
    )
    assert f"target 'bad' {wanted}" in str(caught.value)


@pytest.mark.parametrize("kind", [k for k in BAD if k not in COUNTERS])
def test_a_bad_control_is_one_error_that_says_why(kind):
    values, reason = BAD[kind]
    with pytest.raises(InputError) as caught:
        build_panel(_frame().assign(bad=values), "revenue", controls="bad")
    assert f"control 'bad' {reason.split(';')[0]}" in str(caught.value)


@pytest.mark.parametrize("size", [1e-6, 2e-6, 1e-5])
def test_small_changes_of_large_values_are_changes(size):
    frame = _frame()
    frame["bad"] = frame["csat"] * size + 1e9
    assert "bad" in build_panel(frame, "revenue").metrics
    trend = frame.assign(bad=frame["bad"] + np.arange(N))
    assert "bad" in build_panel(trend, "revenue").metrics


def test_large_integers_that_stay_apart_are_numbers():
    large = np.random.default_rng(3).integers(2**54, 2**60, size=N)
    panel = build_panel(_frame().assign(large=large, same=np.uint64(2**60)), "revenue")
    assert "large" in panel.metrics
    assert panel.excluded["same"].startswith("never changes: every known value is")


def test_a_control_may_be_a_trend_or_a_boolean():
    frame = _frame().assign(trend=np.arange(N), launch=np.arange(N) > 150)
    panel = build_panel(frame, "revenue", controls=["trend", "launch"])
    assert panel.controls == ("trend", "launch")
    np.testing.assert_array_equal(panel.controls_values[:, 1], frame["launch"])


def test_a_copy_of_the_target_is_no_control():
    frame = _frame().assign(copy=lambda f: f["revenue"])
    with pytest.raises(InputError, match="control 'copy' is an exact copy of the target"):
        build_panel(frame, "revenue", controls="copy")


# --- max_lag -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alias", "n", "usual"),
    [("h", 300, 48), ("D", 300, 42), ("B", 300, 30), ("W-MON", 300, 26), ("MS", 300, 12),
     ("QS", 300, 8), ("YS", 300, 10), ("2W-MON", 300, 10)],
)  # fmt: skip
def test_the_usual_lag_follows_the_frequency(alias, n, usual):
    frame = _frame().set_axis(pd.date_range("1950-01-01", periods=n, freq=alias))
    panel = build_panel(frame, "revenue")
    assert panel.max_lag == usual
    assert _text(panel, "max_lag") == []


@pytest.mark.parametrize(("n", "lag"), [(21, 1), (22, 2), (24, 4), (25, 5), (50, 10), (209, 41)])
def test_a_short_history_lowers_it_and_says_so(n, lag):
    panel = build_panel(_frame(n), "revenue")
    assert panel.max_lag == lag
    assert _text(panel, "max_lag")[0].startswith(f"max_lag is {lag}, not the usual 42")
    assert len(panel.metrics) == 4


@given(st.integers(1, N // 5))
@settings(max_examples=20, deadline=None)
def test_a_stated_lag_is_taken(lag):
    assert build_panel(_frame(), "revenue", max_lag=lag).max_lag == lag
    assert build_panel(_frame(), "revenue", max_lag=np.int32(lag)).max_lag == lag


@pytest.mark.parametrize("max_lag", [0, -3, 61, 10**9, True, 12.0, "12", None.__class__, [5]])
def test_any_other_lag_is_an_error_that_says_the_range(max_lag):
    with pytest.raises(
        ConfigurationError, match=r"max_lag .*need an integer from 1 to 60 \(a fift"
    ):
        build_panel(_frame(), "revenue", max_lag=max_lag)


def test_a_lag_for_which_the_target_is_too_short_says_what_would_do():
    frame = _frame()
    frame.loc[DAYS[45:], "revenue"] = np.nan
    with pytest.raises(InsufficientDataError) as caught:
        build_panel(frame, "revenue", max_lag=30)
    assert str(caught.value) == (
        "target 'revenue' has 45 usable rows; max_lag=30 needs 50. "
        "Lower max_lag to 25 or supply more history."
    )
    assert build_panel(frame, "revenue").max_lag == 25


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_too_few_rows_are_one_error(n):
    with pytest.raises(InsufficientDataError) as caught:
        build_panel(_frame(n), "revenue")
    assert f"got {n} usable rows, need at least 21" in str(caught.value)


def test_rows_of_one_moment_are_an_error():
    frame = _frame(40).set_axis([pd.Timestamp("2024-01-01")] * 40)
    with pytest.raises(InputError, match="all rows have the same time"):
        build_panel(frame, "revenue")


# --- the catalogue and the whole ---------------------------------------------------------------


def test_declared_columns_travel_with_the_panel_and_unknown_ones_are_named():
    catalog = {
        "csat": "sentiment",
        "revenue": "business outcome",
        "bad": "output",
        "nps": "sentiment",
    }
    panel = build_panel(_frame().assign(bad="x"), "revenue", catalog=catalog)
    assert {name: metric.kind for name, metric in panel.metrics_info.items()} == {
        "revenue": "business outcome", "csat": "sentiment", "bad": "output",
    }  # fmt: skip
    assert _text(panel, "catalog_names") == [
        "The catalogue names columns that the data don't have: nps."
    ]


def test_a_catalogue_from_a_file(tmp_path):
    path = tmp_path / "metrics.toml"
    path.write_text('csat = "sentiment"\n')
    assert build_panel(_frame(), "revenue", catalog=path).metrics_info["csat"].kind == "sentiment"


def test_a_panel_pickles():
    panel = build_panel(_frame().assign(bad="x"), "revenue", catalog={"csat": "sentiment"})
    again = pickle.loads(pickle.dumps(panel))
    assert again.X.tobytes() == panel.X.tobytes()
    assert again.notices == panel.notices
    assert again.metrics_info == panel.metrics_info
    assert again.period_label(0) == "2023-01-01"


def test_arrays_are_as_the_core_wants_them():
    panel = build_panel(_frame(), "revenue", metrics=["csat", "visits"], controls="web_*")
    for array in (panel.y, panel.X, panel.controls_values, panel.calendar, panel.delay):
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
    assert len(panel) == N
    assert panel.index.tz is None


@pytest.mark.parametrize(
    ("index", "freq", "labels"),
    [
        (pd.date_range("2024-01-01", periods=3, freq="MS"), "M", ["2024-01", "2024-03", "2024-05"]),
        (pd.date_range("2024-01-01", periods=3, freq="h"), "h",
         ["2024-01-01 00:00", "2024-01-01 02:00", "2024-01-01 04:00"]),
        (pd.RangeIndex(5, 11, 2), "period", ["period 5", "period 9", "period 13"]),
    ],
)  # fmt: skip
def test_a_panel_made_by_hand_has_labels_too(index, freq, labels):
    empty = np.empty((3, 0))
    panel = Panel(
        target="y", y=np.zeros(3), metrics=(), X=empty, controls=(), controls_values=empty,
        index=index, freq=freq, calendar=empty, calendar_names=(), season=0, max_lag=1,
        excluded={}, metrics_info={}, delay=np.zeros(0),
    )  # fmt: skip
    assert [panel.period_label(i) for i in (0, 2, 4)] == labels
    assert panel.period_label(-1) == labels[1]
    assert panel.notices == ()


def test_a_notice_is_a_code_and_a_text():
    assert Notice("gaps", "Two.") == Notice(code="gaps", text="Two.")


def test_no_work_in_python_grows_with_the_rows():
    """`benchmarks/speed/rank_case.py` times it; here the calls are counted."""

    def calls(rows):
        values = np.random.default_rng(0).normal(size=(rows, 40))
        frame = pd.DataFrame(values, index=pd.date_range("2018-01-01", periods=rows))
        counted = 0

        def count(*_):
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            panel = build_panel(frame, 0, max_lag=10)
        finally:
            sys.setprofile(None)
        assert panel.X.shape == (rows, 39)
        return counted

    calls(500)  # the first call imports what it needs
    few = calls(500)
    assert calls(4000) < few + 3500  # not one more a row, let alone a cell


def _with_control(share):
    rng = np.random.default_rng(0)
    values = rng.standard_normal((150, 3))
    values[rng.random(150) < share, 2] = np.nan
    return pd.DataFrame(
        values, columns=["y", "x", "c"], index=pd.date_range("2010", periods=150, freq="MS")
    )


def test_gaps_in_a_control_are_said():
    panel = build_panel(_with_control(0.1), "y", controls="c")
    texts = [notice.text for notice in panel.notices if notice.code == "controls_missing"]
    assert len(texts) == 1
    assert "'c'" in texts[0]


def test_a_control_that_leaves_too_little_is_an_error():
    with pytest.raises(LeadLagError, match="'c'"):
        build_panel(_with_control(0.9), "y", controls="c")


@pytest.mark.parametrize("holidays", [[], {}, ["1999-12-25"], {"2031-01-01": "New Year"}])
def test_holidays_that_are_not_in_the_data_are_said_so(holidays):
    assert _text(build_panel(_frame(), "revenue", holidays=holidays), "holidays") == [
        "None of the holidays lies within the data, so none is taken into account."
    ]
    inside = build_panel(_frame(), "revenue", holidays={"2023-03-01": "Fair"})
    assert _text(inside, "holidays") == _text(build_panel(_frame(), "revenue"), "holidays") == []
