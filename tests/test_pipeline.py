"""`leadlag.rank` from the outside: what it must keep whatever the data look like."""

import io
import json
import sys

import numpy as np
import pandas as pd
import pytest

import leadlag
from leadlag.errors import ConfigurationError, LeadLagError
from leadlag.progress import progress_bar

N = 170
# Columns that no other column may change.
MARGINAL = [
    "p_value", "granger_p", "granger_reverse_p", "granger_order", "gain_forward", "gain_reverse",
    "n", "transform",
]  # fmt: skip
TIMING = ["lag", "lag_low", "lag_high", "onset"]


def frame_of(seed=0, n=N):
    """A target that follows `leader` by three days and `counts` by one, and two strangers."""
    rng = np.random.default_rng(seed)
    leader, noise = rng.standard_normal((2, n + 5))
    counts = rng.poisson(1.5, n + 5).astype(float)
    y = leader[2 : n + 2] + 0.7 * counts[4 : n + 4] + noise[:n]
    return pd.DataFrame(
        {
            "y": y,
            "leader": leader[5:],
            "counts": counts[5:],
            "walk": rng.standard_normal(n).cumsum(),
            "growth": np.exp(3 + np.cumsum(0.05 * rng.standard_normal(n))),
        },
        index=pd.date_range("2024-01-01", periods=n),
    )


def rank(frame, **arguments):
    return leadlag.rank(frame, "y", max_lag=arguments.pop("max_lag", 8), **arguments)


def assert_marginals_equal(one, other, metrics, *, exact=True):
    for metric in metrics:
        a, b = one.loc[metric], other.loc[metric]
        for column in MARGINAL:
            if exact or column in ("transform", "n", "granger_order"):
                assert a[column] == b[column], (metric, column)
            else:
                assert b[column] == pytest.approx(a[column], rel=1e-5, abs=1e-9), (metric, column)
        if a["role"] == b["role"]:
            pd.testing.assert_series_equal(a[TIMING], b[TIMING], check_names=False)
            np.testing.assert_allclose(
                float(a["correlation"]), float(b["correlation"]), rtol=0, atol=1e-12
            )


@pytest.fixture(scope="module")
def table():
    return rank(frame_of()).table


# --- what must not matter ----------------------------------------------------------------------


def test_the_planted_leads_are_found(table):
    assert table.loc["leader", ["role", "lag"]].tolist() == ["leading", 3]
    assert table.loc["counts", ["role", "lag"]].tolist() == ["leading", 1]
    assert (table.loc[["leader", "counts"], "correlation"] > 0).all()


def test_an_unrelated_column_changes_no_marginal_statistic(table):
    more = frame_of().assign(stranger=np.random.default_rng(5).standard_normal(N), flat=1.0)
    assert_marginals_equal(table, rank(more).table, table.index)


def test_the_order_of_columns_changes_nothing(table):
    frame = frame_of()
    turned = rank(frame[frame.columns[::-1]]).table
    pd.testing.assert_frame_equal(turned, table)


@pytest.mark.parametrize("metric", ["leader", "counts", "walk", "growth"])
@pytest.mark.parametrize("unit", [1000.0, 1e-3])
def test_units_of_a_metric_change_no_marginal_statistic(table, metric, unit):
    frame = frame_of()
    frame[metric] *= unit
    assert_marginals_equal(table, rank(frame).table, table.index, exact=False)


def test_units_of_the_target_change_no_marginal_statistic(table):
    frame = frame_of()
    frame["y"] *= 1000
    assert_marginals_equal(table, rank(frame).table, table.index, exact=False)


@pytest.mark.parametrize("unit", [2.0**996, 2.0**-530, 2.0**-1040])
@pytest.mark.parametrize("columns", [["leader"], ["leader", "y"]])
@pytest.mark.filterwarnings("error")
def test_units_at_the_ends_of_what_numbers_hold_change_no_role(table, unit, columns):
    frame = frame_of()
    frame[columns] *= unit
    found = rank(frame).table
    assert found.loc["leader", ["role", "lag"]].tolist() == ["leading", 3.0]
    assert found.loc["leader", "p_value"] == pytest.approx(table.loc["leader", "p_value"], rel=0.1)


def test_the_order_of_rows_changes_nothing(table):
    pd.testing.assert_frame_equal(rank(frame_of().sample(frac=1, random_state=3)).table, table)


def test_shuffled_values_do_not_lead():
    """Rows that lost their dates: nothing is left to find."""
    frame = frame_of()
    rng = np.random.default_rng(4)
    shuffled = pd.DataFrame(rng.permutation(frame.to_numpy()), frame.index, frame.columns)
    assert not rank(shuffled).table["role"].isin(["leading", "lagging", "feedback"]).any()


def test_a_copy_of_a_metric_has_its_row(table):
    found = rank(frame_of().assign(copy=lambda f: f["leader"])).table
    # Equals stand in the order of their names, and the second is redundant with the first: a
    # watch, with no kind to declare.
    across = ["rank", "rank_low", "rank_high", "redundant_with", "p_conditional", "q_conditional"]
    across += ["prob_top3", "verdict", "notes"]
    columns = found.columns.difference(across)
    pd.testing.assert_series_equal(
        found.loc["copy", columns], found.loc["leader", columns], check_names=False
    )


def test_same_input_same_bytes():
    first, second = (json.dumps(rank(frame_of(), seed=7).to_dict()) for _ in range(2))
    assert first == second


def test_the_data_stay_as_they_were():
    frame = frame_of()
    rank(frame)
    pd.testing.assert_frame_equal(frame, frame_of())


# --- incomplete and odd columns ----------------------------------------------------------------


def test_no_usable_metric_is_a_table_of_reasons():
    frame = frame_of()[["y"]].assign(flat=1.0, empty=np.nan, text="a")
    ranking = rank(frame)
    assert set(ranking.table["role"]) == {"excluded"}
    assert (ranking.table["notes"] != "").all()
    assert "no leading indicator" in ranking.summary().lower()
    json.dumps(ranking.to_dict())


def test_one_metric_is_enough():
    table = rank(frame_of()[["y", "leader"]]).table
    assert table.loc["leader", "role"] == "leading"
    assert table.loc["leader", "q_value"] == table.loc["leader", "p_value"]


def late(column):
    column.iloc[:70] = np.nan


def early(column):
    column.iloc[-60:] = np.nan


def blocks(column):
    column.iloc[20:35] = np.nan
    column.iloc[90:110] = np.nan


def sprinkled(column):
    column.iloc[::9] = np.nan


@pytest.mark.parametrize("spoil", [late, early, blocks, sprinkled])
@pytest.mark.parametrize("which", ["leader", "y"])
def test_a_lead_survives_missing_values(spoil, which):
    frame = frame_of()
    column = frame[which].copy()
    spoil(column)
    frame[which] = column
    found = rank(frame).table
    assert found.loc["leader", ["role", "lag"]].tolist() == ["leading", 3]
    assert 0 < found.loc["leader", "n"] < N


@pytest.mark.parametrize("spoil", [late, early, blocks, sprinkled])
def test_missing_values_of_one_metric_leave_the_others_alone(table, spoil):
    frame = frame_of()
    column = frame["walk"].copy()
    spoil(column)
    frame["walk"] = column
    assert_marginals_equal(table, rank(frame).table, ["leader", "counts", "growth"])


def test_a_target_that_ends_first_keeps_its_statistics():
    """Newer rows of the metrics are for the outlook; they change no test of the past but terms."""
    frame = frame_of()
    frame.loc[frame.index[-6:], "y"] = np.nan
    found = rank(frame)
    assert found.table.loc["leader", ["role", "lag"]].tolist() == ["leading", 3]
    assert any("y" in notice.text for notice in found.warnings)


def test_a_metric_without_common_rows_is_excluded():
    frame = frame_of()
    frame["walk"] = frame["walk"].where(np.arange(N) < 60)
    frame["y"] = frame["y"].where(np.arange(N) >= 90)
    row = rank(frame).table.loc["walk"]
    assert row["role"] == "excluded"
    assert "overlap" in row["notes"]


@pytest.mark.parametrize("dtype", ["int64", "Int64", "float32", "int8"])
def test_integers_are_numbers(table, dtype):
    frame = frame_of()
    frame["counts"] = frame["counts"].astype(dtype)
    assert_marginals_equal(table, rank(frame).table, table.index)


@pytest.mark.parametrize("dtype", ["bool", "boolean", "int64"])
def test_a_switch_is_a_metric(dtype):
    rng = np.random.default_rng(6)
    on = rng.random(N) < 0.3
    y = 1.5 * np.r_[False, False, on[:-2]] + rng.standard_normal(N)
    frame = pd.DataFrame({"y": y, "launch": pd.Series(on).astype(dtype)})
    assert rank(frame).table.loc["launch", ["role", "lag"]].tolist() == ["leading", 2]


@pytest.mark.parametrize("seed", range(4))
def test_what_leads_only_through_a_driver_is_not_shown_beside_it(seed):
    """The driver moves the metric a day later and the target three days later."""
    rng = np.random.default_rng(seed)
    driver = rng.standard_normal(N + 3)
    frame = pd.DataFrame(
        {
            "y": driver[:N] + 0.5 * rng.standard_normal(N),
            "x": driver[2 : N + 2] + 0.5 * rng.standard_normal(N),
            "driver": driver[3:],
        }
    )
    alone = rank(frame[["y", "x"]]).table.loc["x"]
    assert alone[["role", "lag"]].tolist() == ["leading", 2]
    beside = rank(frame, controls=["driver"])
    assert list(beside.table.index) == ["x"]
    assert beside.table.loc["x", "role"] not in ("leading", "feedback")
    assert beside.table.loc["x", "p_value"] > 0.02


@pytest.mark.parametrize("n", [31, 45, 60, 1000])
@pytest.mark.parametrize("freq", ["D", "W-MON", "MS", None])
def test_any_length_and_frequency_gives_a_row_each(n, freq):
    rng = np.random.default_rng(n)
    if freq == "MS" and n == 1000:
        n = 600
    frame = pd.DataFrame(rng.standard_normal((n, 3)), columns=["y", "a", "b"])
    if freq:
        frame.index = pd.date_range("1960-01-01", periods=n, freq=freq)
    table = leadlag.rank(frame, "y", max_lag=min(6, n // 6)).table
    assert sorted(table.index) == ["a", "b"]
    assert table["p_value"].between(0, 1, inclusive="right").all()


# --- arguments ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"alpha": 0}, {"alpha": 1}, {"alpha": True}, {"alpha": "0.1"}, {"alpha": float("nan")},
        {"model": "fuller"}, {"model": None}, {"seed": -1}, {"seed": 1.5}, {"seed": True},
        {"progress": "yes"}, {"progress": 3}, {"progress": 1},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_arguments_are_one_clear_error(wrong):
    with pytest.raises(ConfigurationError) as caught:
        rank(frame_of(), **wrong)
    assert isinstance(caught.value, LeadLagError)
    assert next(iter(wrong)) in str(caught.value)


def test_numpy_numbers_are_numbers():
    ranking = rank(frame_of(), alpha=np.float64(0.05), seed=np.int64(3))
    assert ranking.settings["seed"] == 3
    json.dumps(ranking.to_dict())


# --- progress ----------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_log_file_stays_silent(capsys):
    rank(frame_of())
    assert capsys.readouterr().err == ""


def test_a_bar_is_drawn_where_asked_for(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("Testing metrics", show=True) as step:
        step(1, 2)
        step(2, 2)
    assert "Testing metrics" in screen.getvalue()


def test_a_terminal_waits_two_seconds_for_its_bar(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("Testing metrics") as step:
        step(1, 2)
    assert "Testing metrics" not in screen.getvalue()
    now = [0.0]
    monkeypatch.setattr("leadlag.progress.time.monotonic", lambda: now[0])
    with progress_bar("Testing metrics") as step:
        now[0] = 2.5
        step(1, 2)
    assert "Testing metrics" in screen.getvalue()


def test_no_bar_where_not_wanted():
    with progress_bar("Testing metrics", show=False) as step:
        assert step is None


def test_progress_changes_no_number(table, capsys):
    pd.testing.assert_frame_equal(rank(frame_of(), progress=True).table, table)
    assert capsys.readouterr().out == ""
