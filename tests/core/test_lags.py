import doctest
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlag.core.lags import future_windows, lag_grid, lagged, lagged_matrix, overlap

X = np.array([10.0, 11.0, 12.0, 13.0, 14.0])

CASES = [  # lag, rows of x, rows of y
    (0, [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
    (1, [0, 1, 2, 3], [1, 2, 3, 4]),
    (2, [0, 1, 2], [2, 3, 4]),
    (4, [0], [4]),
    (5, [], []),
    (7, [], []),
    (-1, [1, 2, 3, 4], [0, 1, 2, 3]),
    (-2, [2, 3, 4], [0, 1, 2]),
    (-5, [], []),
    (-7, [], []),
]


@pytest.mark.parametrize(("lag", "x_rows", "y_rows"), CASES)
def test_overlap_pairs_the_metric_at_t_minus_k_with_the_target_at_t(lag, x_rows, y_rows):
    rows = np.arange(5)
    x_slice, y_slice = overlap(5, lag)
    assert rows[x_slice].tolist() == x_rows
    assert rows[y_slice].tolist() == y_rows
    assert all(t - lag == s for s, t in zip(x_rows, y_rows, strict=True))


@settings(max_examples=60, deadline=None)
@given(n=st.integers(0, 30), lag=st.integers(-40, 40))
def test_overlap_is_every_pair_there_is(n, lag):
    rows = np.arange(n)
    x_slice, y_slice = overlap(n, lag)
    found = list(zip(rows[x_slice].tolist(), rows[y_slice].tolist(), strict=True))
    assert found == [(t - lag, t) for t in range(n) if 0 <= t - lag < n]


def test_the_grid_holds_lag_k_at_position_max_lag_plus_k():
    grid = lag_grid(3)
    assert grid.tolist() == [-3, -2, -1, 0, 1, 2, 3]
    assert lag_grid(0).tolist() == [0]


@pytest.mark.parametrize(
    ("lag", "expected"),
    [
        (0, [10, 11, 12, 13, 14]),
        (1, [np.nan, 10, 11, 12, 13]),
        (3, [np.nan, np.nan, np.nan, 10, 11]),
        (5, [np.nan] * 5),
        (-1, [11, 12, 13, 14, np.nan]),
        (-9, [np.nan] * 5),
    ],
)
def test_lagged_holds_the_value_of_k_periods_ago(lag, expected):
    np.testing.assert_array_equal(lagged(X, lag), expected)


def test_a_gap_stays_a_gap_and_shortens_no_lag():
    gappy = np.array([1.0, np.nan, 3.0, 4.0])
    np.testing.assert_array_equal(lagged(gappy, 2), [np.nan, np.nan, 1.0, np.nan])


def test_lagged_matrix_has_one_column_a_lag_for_each_series():
    both = np.stack([X, -X])
    columns = lagged_matrix(both, np.array([2, 0, -1]))
    assert columns.shape == (2, 5, 3)
    for series in range(2):
        for j, lag in enumerate((2, 0, -1)):
            np.testing.assert_array_equal(columns[series, :, j], lagged(both[series], lag))


@pytest.mark.parametrize("rows", [slice(0, 5), slice(1, 3)])
def test_future_windows_sum_products_over_each_overlap(rows):
    rng = np.random.default_rng(1)
    x, y = rng.integers(-9, 9, size=(2, 5)).astype(float)
    windows = future_windows(y, 3, rows)
    kept = np.zeros(5)
    kept[rows] = x[rows]
    for column, lag in enumerate(lag_grid(3)):
        x_rows, y_rows = overlap(5, int(lag))
        assert x[rows] @ windows[:, column] == kept[x_rows] @ y[y_rows]


def test_the_page_on_the_convention_runs():
    page = Path(__file__).resolve().parents[2] / "docs" / "lag-convention.md"
    result = doctest.testfile(str(page), module_relative=False)
    assert result.attempted > 5
    assert result.failed == 0
