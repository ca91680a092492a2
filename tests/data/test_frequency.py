"""Which grid stamps lie on, what its periods are called, and which grids nest."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlag.data.frequency import grid_for, infer_grid, infer_integers
from leadlag.data.grid import Grid, period_label
from leadlag.data.panel import build_panel
from leadlag.errors import ConfigurationError, InputError

N = 60


def _stamps(freq: str, n: int = N, start: str = "2021-01-01") -> np.ndarray:
    return pd.date_range(start, periods=n, freq=freq).to_numpy().astype("datetime64[us]")


# pandas alias, our letter, length in words, first period, label of the first row
INFERRED = [
    ("h", "h", "hour", "2021-01-01 00:00", "2021-01-01 00:00"),
    ("D", "D", "day", "2021-01-01", "2021-01-01"),
    ("B", "B", "business day", "2021-01-01", "2021-01-01"),
    ("W-MON", "W", "week", "2021-01-04", "week of 2021-01-04"),
    ("W-WED", "W", "week", "2021-01-06", "week of 2021-01-06"),
    ("W-SAT", "W", "week", "2020-12-27", "week ending 2021-01-02"),
    ("W-SUN", "W", "week", "2020-12-28", "week ending 2021-01-03"),
    ("2W-FRI", "period", "2 weeks", "2021-01-01", "2 weeks from 2021-01-01"),
    ("4W-MON", "period", "4 weeks", "2021-01-04", "4 weeks from 2021-01-04"),
    ("MS", "M", "month", "2021-01-01", "2021-01"),
    ("ME", "M", "month", "2021-01-01", "2021-01"),
    ("BMS", "M", "month", "2021-01-01", "2021-01"),
    ("BME", "M", "month", "2021-01-01", "2021-01"),
    ("WOM-2TUE", "M", "month", "2021-01-01", "2021-01"),
    ("QS", "Q", "quarter", "2021-01-01", "2021-Q1"),
    ("QE", "Q", "quarter", "2021-01-01", "2021-Q1"),
    ("QE-JAN", "Q", "quarter", "2021-01-01", "2021-Q1"),
    ("YS", "Y", "year", "2021-01-01", "2021"),
    ("YE", "Y", "year", "2021-01-01", "2021"),
    ("YS-JUL", "Y", "year", "2021-01-01", "2021"),
    ("6MS", "period", "6 months", "2021-01-01", "6 months from 2021-01-01"),
    ("6h", "period", "6 hours", "2021-01-01 00:00", "6 hours from 2021-01-01 00:00"),
    ("15min", "period", "15 minutes", "2021-01-01 00:00", "15 minutes from 2021-01-01 00:00"),
    ("2D", "period", "2 days", "2021-01-01", "2 days from 2021-01-01"),
]


@pytest.mark.parametrize(("alias", "letter", "words", "start", "label"), INFERRED)
def test_regular_stamps_are_recognised(alias, letter, words, start, label):
    stamps = _stamps(alias)
    grid = infer_grid(stamps)
    assert grid is not None
    numbers = grid.ordinals(stamps)
    assert (np.diff(numbers) == 1).all()
    assert (grid.letter, grid.words) == (letter, words)
    assert grid.starts(numbers[:1])[0] == np.datetime64(start)
    assert grid.label(int(numbers[0])) == label


@pytest.mark.parametrize(("alias", "letter"), [(row[0], row[1]) for row in INFERRED])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_gaps_do_not_hide_the_grid(alias, letter, data):
    stamps = _stamps(alias, 120)
    drop = data.draw(st.sets(st.integers(1, 118), max_size=25))
    kept = np.delete(stamps, sorted(drop))
    grid = infer_grid(kept)
    assert grid is not None
    assert grid == infer_grid(stamps)
    assert grid.letter == letter


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([row[0] for row in INFERRED]),
    st.datetimes(pd.Timestamp("1901-01-01"), pd.Timestamp("2150-01-01")),
)
def test_starts_and_stops_enclose_their_stamps(alias, start):
    stamps = _stamps(alias, start=str(start.date()))
    grid = infer_grid(stamps)
    assert grid is not None
    numbers = grid.ordinals(stamps)
    assert (grid.starts(numbers) <= stamps).all()
    assert (stamps < grid.stops(numbers)).all()
    np.testing.assert_array_equal(grid.ordinals(grid.starts(numbers)), numbers)


def test_business_days_step_over_the_weekend():
    grid = Grid("B")
    friday, monday = np.array(["2024-01-05", "2024-01-08"], dtype="datetime64[us]")
    first, second = grid.ordinals(np.array([friday, monday]))
    assert second - first == 1
    assert grid.stops(np.array([first]))[0] == np.datetime64("2024-01-06")
    assert grid.starts(np.array([second]))[0] == monday


def test_jitter_within_the_period_is_forgiven():
    rng = np.random.default_rng(0)
    hours = _stamps("h") + rng.integers(0, 900, N) * np.timedelta64(1, "s")
    days = _stamps("D") + rng.integers(0, 86400, N) * np.timedelta64(1, "s")
    weeks = _stamps("W-MON") + rng.integers(0, 2, N) * np.timedelta64(1, "D")
    assert [infer_grid(s).letter for s in (hours, days, weeks)] == ["h", "D", "W"]


def test_quarters_with_wandering_stamps_are_quarters():
    rng = np.random.default_rng(0)
    stamps = _stamps("QS") + rng.integers(25, 60, N) * np.timedelta64(1, "D")
    assert infer_grid(stamps).letter == "Q"


@pytest.mark.parametrize(
    "stamps",
    [
        np.sort(np.random.default_rng(1).choice(_stamps("D", 2000), N, replace=False)),
        np.r_[_stamps("D", 30), _stamps("MS", 30, "2022-01-01")],
        _stamps("D", 40)[np.r_[0:3, 30:33]],
    ],
)
def test_irregular_stamps_are_not_guessed(stamps):
    assert infer_grid(stamps) is None


def test_irregular_rows_are_an_error_that_says_what_to_pass():
    days = pd.DatetimeIndex(
        np.sort(np.random.default_rng(1).choice(_stamps("D", 900), N, replace=False))
    )
    frame = pd.DataFrame({"y": np.arange(N) ** 2, "x": np.arange(N) % 7}, index=days)
    with pytest.raises(InputError) as caught:
        build_panel(frame, "y")
    assert "not regularly spaced: got a typical step of" in str(caught.value)
    assert "Pass freq=" in str(caught.value)


@pytest.mark.parametrize("alias", [row[0] for row in INFERRED])
def test_the_index_is_regular_and_labels_reach_beyond_it(alias):
    stamps = _stamps(alias)
    frame = pd.DataFrame({"y": np.arange(N) ** 2, "x": np.arange(N) % 7}, index=stamps)
    panel = build_panel(frame, "y")
    assert len(panel.index) == N
    if panel.freq == "period":
        assert panel.index.equals(pd.RangeIndex(N))
    else:
        assert panel.index.freq is not None
        later = panel.index.shift(1)
        assert panel.period_label(N).endswith(
            period_label(later[-1], panel.freq).removeprefix("week of ")
        ) or panel.period_label(N).startswith("week ending")
    assert panel.period_label(-1) == panel.period_label(N - 1)
    assert len({panel.period_label(i) for i in range(N + 5)}) == N + 5


@pytest.mark.parametrize(
    ("text", "grid"),
    [
        ("D", Grid("D")),
        ("daily", Grid("D")),
        ("w", Grid("D", 7, 4)),
        ("W-SUN", Grid("D", 7, 4)),
        ("W-SAT", Grid("D", 7, 3)),
        ("ME", Grid("M")),
        ("monthly", Grid("M")),
        ("QE-DEC", Grid("M", 3)),
        ("YS-JAN", Grid("M", 12)),
        ("H", Grid("s", 3600)),
        ("B", Grid("B")),
    ],
)
def test_frequencies_are_read_as_people_write_them(text, grid):
    assert grid_for(text) == grid


@pytest.mark.parametrize("freq", ["fortnightly", "2W", "YE-JUN", "W-XXX", "", 7, None])
def test_an_unknown_frequency_lists_the_choices(freq):
    with pytest.raises(ConfigurationError, match=r"is not known: .*the choices: h, D, B, W, M, Q"):
        grid_for(freq)


@pytest.mark.parametrize(
    ("coarse", "fine", "nests"),
    [
        ("D", "h", True), ("W", "h", True), ("M", "h", True), ("W", "D", True), ("M", "D", True),
        ("Q", "D", True), ("Y", "D", True), ("W", "B", True), ("M", "B", True), ("Q", "M", True),
        ("Y", "M", True), ("Y", "Q", True), ("M", "W", False), ("Q", "W", False),
        ("D", "W", False), ("M", "Q", False), ("B", "D", False), ("D", "M", False),
        ("h", "D", False),
    ],
)  # fmt: skip
def test_which_periods_fall_whole_into_which(coarse, fine, nests):
    assert grid_for(coarse).holds(grid_for(fine)) is nests


def test_plain_integers_never_nest():
    assert not Grid("M").holds(Grid("int"))
    assert not Grid("int").holds(Grid("D"))


@given(st.integers(1, 9), st.integers(-1000, 1000))
def test_integer_periods_find_their_step(step, first):
    values = first + step * np.arange(N)
    grid = infer_integers(values)
    assert grid.step == step
    assert (np.diff(grid.ordinals(values)) == 1).all()
    number = int(grid.ordinals(values[:1])[0])
    assert grid.index(number, N).equals(pd.RangeIndex(first, first + N * step, step))


@pytest.mark.parametrize(
    ("stamp", "freq", "label"),
    [
        (pd.Timestamp("2024-04-01 05:00"), "h", "2024-04-01 05:00"),
        (pd.Timestamp("2024-04-01"), "D", "2024-04-01"),
        (pd.Timestamp("2024-04-01"), "B", "2024-04-01"),
        (pd.Timestamp("2024-04-01"), "W", "week of 2024-04-01"),
        (pd.Timestamp("2024-04-01"), "M", "2024-04"),
        (pd.Timestamp("2024-04-01"), "Q", "2024-Q2"),
        (pd.Timestamp("2024-04-01"), "Y", "2024"),
        (12, "period", "period 12"),
    ],
)
def test_periods_have_names_for_people(stamp, freq, label):
    assert period_label(stamp, freq) == label


def test_stamps_within_one_second_have_no_grid():
    stamps = pd.date_range("2020-01-01", periods=40, freq="10ms").to_numpy("datetime64[us]")
    assert infer_grid(stamps) is None
