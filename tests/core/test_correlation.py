import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadlag.core.correlation import cross_correlation, cross_correlation_matrix
from leadlag.errors import LeadLagError
from tests.core import naive

TOLERANCE = 1e-12


def brute_force(X, y, max_lag):
    lags = range(-max_lag, max_lag + 1)
    return np.array([[naive.correlation(x.tolist(), y.tolist(), k) for k in lags] for x in X.T])


def with_gaps(values, share, rng):
    values = values.copy()
    values[rng.random(values.shape) < share] = np.nan
    return values


def spike(values, row, size=1e8):
    values = values.copy()
    values[row] = size
    return values


SHAPES = {
    "white noise": lambda e: e,
    "an offset of 1e8": lambda e: e + 1e8,
    "an offset of 1e12": lambda e: e + 1e12,
    "an outlier at the first row": lambda e: spike(e, 0),
    "an outlier at the last row": lambda e: spike(e, -1),
    "an outlier in the middle": lambda e: spike(e, len(e) // 2),
    "random walks": lambda e: e.cumsum(axis=0),
    "walks with drift, far from zero": lambda e: (e + 1).cumsum(axis=0) + 1e6,
    "a trend with little around it": lambda e: (np.arange(len(e)) + 1e-3 * e.T).T,
    "nothing before the launch": lambda e: np.where(np.arange(len(e)) < len(e) - 5, 0.0, e.T).T,
    "an outlier that squares to infinity": lambda e: spike(e, 0, 1e155),
    "huge units": lambda e: e * 1e200,
    "tiny units": lambda e: e * 1e-200,
    "small counts": lambda e: np.round(e),
}


@pytest.mark.parametrize("missing", [0.0, 0.2], ids=["complete", "gaps"])
@pytest.mark.parametrize(("n", "max_lag"), [(50, 12), (24, 12), (20, 18)])
@pytest.mark.parametrize("shape", SHAPES)
def test_equals_exact_arithmetic(shape, n, max_lag, missing):
    rng = np.random.default_rng([n, max_lag, list(SHAPES).index(shape)])
    X = with_gaps(SHAPES[shape](rng.standard_normal((n, 2))), missing, rng)
    y = with_gaps(SHAPES[shape](rng.standard_normal(n)), missing, rng)
    result = cross_correlation(X, y, max_lag=max_lag)
    expected = brute_force(X, y, max_lag)
    np.testing.assert_allclose(result.correlation, expected, rtol=0, atol=TOLERANCE)
    for metric, x in enumerate(X.T):
        counts = [len(naive.pairs(x.tolist(), y.tolist(), k)) for k in result.lags]
        assert result.n_obs[metric].tolist() == counts


@pytest.mark.parametrize("missing", [0.0, 0.2], ids=["complete", "gaps"])
@pytest.mark.parametrize("shape", SHAPES)
def test_matrix_equals_exact_arithmetic(shape, missing):
    rng = np.random.default_rng(list(SHAPES).index(shape))
    X = with_gaps(SHAPES[shape](rng.standard_normal((22, 3))), missing, rng)
    for max_lag in (4, 12):
        result = cross_correlation_matrix(X, max_lag=max_lag)
        assert result.lags.tolist() == list(range(max_lag + 1))
        for j in range(3):
            expected = brute_force(X, X[:, j], max_lag)[:, max_lag:]
            np.testing.assert_allclose(result.correlation[:, j], expected, rtol=0, atol=TOLERANCE)


def test_a_target_that_repeats_the_metric_two_periods_later_peaks_at_plus_two():
    x = np.random.default_rng(0).standard_normal(40)
    y = np.concatenate([[5.0, -5.0], x[:-2]])
    result = cross_correlation(np.column_stack([x, -x]), y, max_lag=4)
    at = result.lags.tolist().index(2)
    np.testing.assert_allclose(result.correlation[:, at], [1.0, -1.0], rtol=1e-15)
    others = np.delete(result.correlation, at, axis=1)
    assert (np.abs(others) < 0.6).all()


def test_waves_a_quarter_period_apart():
    # Over whole periods, corr(sin(wt - w k), sin(wt - w d)) = cos(w (d - k)).
    period, delay, n = 20, 5, 2000
    t = np.arange(n)
    x = np.sin(2 * np.pi * t / period)
    y = np.sin(2 * np.pi * (t - delay) / period)
    result = cross_correlation(x, y, max_lag=10)
    expected = np.cos(2 * np.pi * (delay - result.lags) / period)
    np.testing.assert_allclose(result.correlation[0], expected, atol=2e-4)
    whole = np.abs(result.lags) % period == 0
    np.testing.assert_allclose(result.correlation[0][whole], expected[whole], atol=1e-12)


def test_a_level_far_from_the_median_keeps_its_digits():
    # Both medians lie in the lower half and every pair in the upper: sums around them cancel.
    rng = np.random.default_rng(4)
    x, y = rng.standard_normal((2, 60))
    x[35:] += 1e8
    y[35:] += 1e8
    y[:30:2] = x[1:30:2] = np.nan
    x[30:35] = y[30:35] = np.nan
    x[40:] = np.where(rng.random(20) < 0.2, np.nan, x[40:])
    only_late = np.where(np.arange(60) < 35, np.nan, rng.standard_normal(60))
    X = np.column_stack([x, y, only_late])
    expected = brute_force(X, only_late, 6)
    result = cross_correlation(X, only_late, max_lag=6)
    np.testing.assert_allclose(result.correlation, expected, rtol=0, atol=TOLERANCE)
    matrix = cross_correlation_matrix(X, max_lag=6).correlation
    np.testing.assert_allclose(matrix[:, 2], expected[:, 6:], rtol=0, atol=TOLERANCE)


def test_two_rows_correlate_perfectly_and_one_not_at_all():
    result = cross_correlation([1.0, 2.0, np.nan], [3.0, 1.0, 7.0], max_lag=1)
    np.testing.assert_allclose(result.correlation, [[np.nan, -1.0, 1.0]], rtol=1e-15)
    assert result.n_obs.tolist() == [[1, 2, 2]]


def test_constant_overlaps_are_missing_and_leave_the_others_alone():
    x = np.array([2.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])  # varies only while its first row is in
    y = np.array([1.0, 5.0, 2.0, 8.0, 3.0, 9.0, 4.0])
    result = cross_correlation(np.column_stack([x, np.full(7, 0.3)]), y, max_lag=2)
    assert np.isnan(result.correlation[0]).tolist() == [True, True, False, False, False]
    assert np.isnan(result.correlation[1]).all()


def test_equals_pandas_shift_and_corr():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(with_gaps(rng.standard_normal((90, 3)), 0.1, rng), columns=list("abc"))
    target = pd.Series(with_gaps(rng.standard_normal(90), 0.1, rng))
    result = cross_correlation(frame, target, max_lag=8)
    assert result.labels == ("a", "b", "c")
    for row, name in enumerate("abc"):
        theirs = [frame[name].shift(int(k)).corr(target) for k in result.lags]
        np.testing.assert_allclose(result.correlation[row], theirs, rtol=0, atol=1e-12)


SERIES = st.lists(
    st.one_of(st.integers(-4, 4).map(float), st.just(float("nan"))), min_size=24, max_size=24
)


@settings(max_examples=60, deadline=None)
@given(x=SERIES, y=SERIES, max_lag=st.integers(0, 14))
def test_reversing_time_negates_every_lag(x, y, max_lag):
    forward = cross_correlation(x, y, max_lag=max_lag)
    backward = cross_correlation(x[::-1], y[::-1], max_lag=max_lag)
    np.testing.assert_allclose(
        backward.correlation, forward.correlation[:, ::-1], rtol=0, atol=TOLERANCE
    )
    np.testing.assert_array_equal(backward.n_obs, forward.n_obs[:, ::-1])


@settings(max_examples=60, deadline=None)
@given(x=SERIES, y=SERIES, max_lag=st.integers(0, 14))
def test_swapping_the_series_negates_every_lag(x, y, max_lag):
    forward = cross_correlation(x, y, max_lag=max_lag)
    swapped = cross_correlation(y, x, max_lag=max_lag)
    np.testing.assert_allclose(
        swapped.correlation, forward.correlation[:, ::-1], rtol=0, atol=TOLERANCE
    )


@settings(max_examples=60, deadline=None)
@given(
    x=SERIES,
    y=SERIES,
    scale=st.floats(1e-6, 1e6),
    shift=st.floats(-1e3, 1e3),
    negate=st.booleans(),
)
def test_units_change_nothing_but_a_sign(x, y, scale, shift, negate):
    x = np.array(x)
    sign = -1.0 if negate else 1.0
    # Adding a shift can round small differences away; a scaled value is stored as it is.
    before = cross_correlation(x * scale, y, max_lag=6).correlation
    np.testing.assert_allclose(
        before, cross_correlation(x, y, max_lag=6).correlation, rtol=0, atol=TOLERANCE
    )
    after = cross_correlation(sign * (x + np.round(shift)), y, max_lag=6).correlation
    np.testing.assert_allclose(after, sign * before, rtol=0, atol=TOLERANCE)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 1000), missing=st.sampled_from([0.0, 0.1]), max_lag=st.integers(0, 25))
def test_permuting_columns_permutes_rows(seed, missing, max_lag):
    rng = np.random.default_rng(seed)
    X = with_gaps(rng.standard_normal((40, 7)), missing, rng)
    y = rng.standard_normal(40)
    order = rng.permutation(7)
    plain = cross_correlation(X, y, max_lag=max_lag)
    permuted = cross_correlation(X[:, order], y, max_lag=max_lag)
    np.testing.assert_allclose(permuted.correlation, plain.correlation[order], rtol=0, atol=1e-13)


@pytest.mark.parametrize("others", [1, 70, 1100])
def test_other_columns_change_nothing(others):
    # Across one block of a product, several, and several chunks; one neighbour is full of gaps.
    rng = np.random.default_rng(others)
    X = rng.standard_normal((60, 3))
    X[4, 2] = np.nan
    y = rng.standard_normal(60)
    crowd = rng.standard_normal((60, others)) * 1e6
    crowd[::3, 0] = np.nan
    alone = cross_correlation(X, y, max_lag=10)
    beside = cross_correlation(np.hstack([crowd, X]), y, max_lag=10)
    np.testing.assert_allclose(beside.correlation[others:], alone.correlation, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(beside.n_obs[others:], alone.n_obs)
    for k in (-7, 0, 3):
        expected = naive.correlation(crowd[:, -1].tolist(), y.tolist(), k)
        assert beside.correlation[others - 1, 10 + k] == pytest.approx(
            expected, abs=1e-12, nan_ok=True
        )


def test_many_rows_are_laid_out_in_parts():
    rng = np.random.default_rng(9)
    n = 9001
    X = rng.standard_normal((n, 2)).cumsum(axis=0)
    X[17, 1] = np.nan
    y = rng.standard_normal(n).cumsum()
    result = cross_correlation(X, y, max_lag=3)
    frame, target = pd.DataFrame(X), pd.Series(y)
    for row in range(2):
        theirs = [frame[row].shift(int(k)).corr(target) for k in result.lags]
        np.testing.assert_allclose(result.correlation[row], theirs, rtol=0, atol=1e-12)


def test_matrix_holds_both_directions():
    rng = np.random.default_rng(12)
    X = rng.standard_normal((60, 4))
    matrix = cross_correlation_matrix(X, max_lag=5).correlation
    for i in range(4):
        for j in range(4):
            profile = cross_correlation(X[:, i], X[:, j], max_lag=5).correlation[0]
            np.testing.assert_allclose(matrix[i, j], profile[5:], rtol=0, atol=1e-13)
            np.testing.assert_allclose(matrix[j, i], profile[5::-1], rtol=0, atol=1e-13)
    np.testing.assert_allclose(matrix[:, :, 0], matrix[:, :, 0].T, rtol=0, atol=1e-15)


@pytest.mark.parametrize(("n", "max_lag"), [(90, 8), (200, 20), (517, 64)])
def test_matrix_by_blocks_is_what_one_target_after_the_other_gives(n, max_lag):
    # Fit for blocks or not, far from zero, gaps: side by side in one matrix.
    rng = np.random.default_rng(n)
    X = rng.standard_normal((n, 23))
    X[:, 1] = X[:, 1].cumsum()
    X[:, 2] += 1e8
    X[0, 3] = X[-1, 4] = X[n // 2, 5] = 1e8
    X[7, 6] = np.nan
    X[:, 7] = 3.0
    X[: n - 3, 8] = 0.5
    X[5:, 9] = X[:-5, 0]
    matrix = cross_correlation_matrix(X, max_lag=max_lag).correlation
    for j in range(X.shape[1]):
        one = cross_correlation(X, X[:, j], max_lag=max_lag).correlation[:, max_lag:]
        np.testing.assert_allclose(matrix[:, j], one, rtol=0, atol=TOLERANCE)
    assert matrix[0, 9, 5] == pytest.approx(1.0, abs=1e-14)


def test_matrix_with_a_constant_and_an_empty_series():
    rng = np.random.default_rng(13)
    X = rng.standard_normal((30, 4))
    X[:, 1], X[:, 2] = 0.1, np.nan
    matrix = cross_correlation_matrix(X, max_lag=2).correlation
    assert np.isnan(matrix[1:3]).all()
    assert np.isnan(matrix[:, 1:3]).all()
    assert not np.isnan(matrix[np.ix_([0, 3], [0, 3])]).any()


def test_an_all_missing_metric_or_target_gives_missing():
    gone = np.full(20, np.nan)
    some = np.arange(20.0)
    for x, y in ((gone, some), (some, gone)):
        result = cross_correlation(x, y, max_lag=3)
        assert np.isnan(result.correlation).all()
        assert (result.n_obs == 0).all()


def test_inputs_stay_as_they_are_and_results_are_read_only():
    X, y = np.random.default_rng(14).standard_normal((30, 2)), np.arange(30.0)
    before = X.copy()
    result = cross_correlation(X, y, max_lag=2)
    np.testing.assert_array_equal(X, before)
    for array in (result.lags, result.correlation, result.n_obs):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(AttributeError):
        result.lags = None


def test_frames_of_any_kind():
    numbers = {"a": [1, 2, None, 4, 7, 5], "b": [2.0, 1.0, 3.0, 1.0, 0.5, 9.0]}
    target = [1.0, 2.0, 1.0, 3.0, 1.0, 5.0]
    expected = cross_correlation(
        np.array([[np.nan if v is None else v for v in column] for column in numbers.values()]).T,
        target,
        max_lag=1,
    )
    nullable = pd.DataFrame(numbers).astype({"a": "Int64", "b": "Float64"})
    arrow = pd.DataFrame(numbers).astype({"a": "int64[pyarrow]", "b": "double[pyarrow]"})
    for frame in (pd.DataFrame(numbers), nullable, arrow, pl.DataFrame(numbers)):
        result = cross_correlation(frame, target, max_lag=1)
        assert result.labels == ("a", "b")
        np.testing.assert_array_equal(result.correlation, expected.correlation)
        assert cross_correlation_matrix(frame, max_lag=1).labels == ("a", "b")
    series = pd.Series(target, name="revenue")
    assert cross_correlation(series, series.to_frame(), max_lag=1).labels == ("revenue",)


BAD = {
    "text": (["a", "b", "c", "d"], [1, 2, 3, 4], 1, "must hold numbers"),
    "an infinity": ([1, 2, np.inf, 4], [1, 2, 3, 4], 1, "infinite"),
    "an infinite target": ([1, 2, 3, 4], [1, -np.inf, 3, 4], 1, "y holds infinite"),
    "different rows": ([1, 2, 3], [1, 2, 3, 4], 1, "same rows"),
    "three dimensions": (np.ones((2, 2, 2)), [1, 2], 0, "3 dimensions"),
    "a wide target": ([1, 2], [[1, 2], [3, 4]], 0, "one series"),
    "ragged rows": ([[1, 2], [3]], [1, 2], 0, "not an array"),
    "a negative lag": ([1, 2, 3], [1, 2, 3], -1, "max_lag"),
    "half a lag": ([1, 2, 3], [1, 2, 3], 1.5, "max_lag"),
    "a lag of True": ([1, 2, 3], [1, 2, 3], True, "max_lag"),
    "no overlap": ([1, 2, 3], [1, 2, 3], 2, "Lower max_lag to 1"),
    "one row": ([1], [1], 0, "need 2 rows"),
    "dates": (pd.DataFrame({"d": pd.date_range("2020", periods=3)}), [1, 2, 3], 0, "'d'"),
    "digits as text": (pd.DataFrame({"d": ["1", "2", "3"]}), [1, 2, 3], 0, "'d'"),
    "other rows": (pd.Series([1, 2, 3]), pd.Series([1, 2, 3], index=[1, 2, 3]), 0, "index"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_error(case):
    x, y, max_lag, message = BAD[case]
    with pytest.raises(LeadLagError, match=message):
        cross_correlation(x, y, max_lag=max_lag)


def test_no_metrics_give_no_rows():
    result = cross_correlation(np.empty((10, 0)), np.arange(10), max_lag=2)
    assert result.correlation.shape == (0, 5)
    assert cross_correlation_matrix(np.empty((10, 0)), max_lag=2).correlation.shape == (0, 0, 3)
