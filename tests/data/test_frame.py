"""Every dataframe library gives the same panel; every dtype of numbers gives the same floats."""

import datetime
import decimal

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from leadlag.data.frame import read_frame
from leadlag.data.panel import build_panel
from leadlag.errors import InputError

WANTED = [1.0, np.nan, 0.0, 1.0]
NUMBERS = {
    "float64": pd.array([1.0, np.nan, 0.0, 1.0]),
    "float32": np.array(WANTED, dtype="float32"),
    "Float64": pd.array([1, None, 0, 1], dtype="Float64"),
    "Int64": pd.array([1, None, 0, 1], dtype="Int64"),
    "UInt8": pd.array([1, None, 0, 1], dtype="UInt8"),
    "boolean": pd.array([True, None, False, True], dtype="boolean"),
    "arrow int": pd.array([1, None, 0, 1], dtype="int64[pyarrow]"),
    "arrow double": pd.array([1.0, None, 0.0, 1.0], dtype="double[pyarrow]"),
    "arrow bool": pd.array([True, None, False, True], dtype="bool[pyarrow]"),
    "arrow decimal": pd.array(
        [decimal.Decimal(1), None, decimal.Decimal(0), decimal.Decimal(1)],
        dtype=pd.ArrowDtype(pa.decimal128(38, 20)),
    ),
    "decimals": np.array([decimal.Decimal(1), None, decimal.Decimal("0.0"), decimal.Decimal(1)]),
    "mixed objects": np.array([1, None, False, 1.0], dtype=object),
    "numpy objects": np.array([np.int8(1), None, np.bool_(False), np.float32(1)], dtype=object),
    "objects with pd.NA": np.array([1, pd.NA, 0, True], dtype=object),
    "sparse": pd.arrays.SparseArray(WANTED),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_every_kind_of_number_becomes_float64(kind):
    column = read_frame(pd.DataFrame({"a": NUMBERS[kind]})).column("a")
    assert column.reason == ""
    assert column.values is not None
    assert column.values.dtype == np.float64
    np.testing.assert_array_equal(column.values, WANTED)


def test_integers_and_booleans_without_gaps_become_float64():
    frame = read_frame(pd.DataFrame({"a": [3, 4], "b": [True, False]}))
    np.testing.assert_array_equal(frame.column("a").values, [3.0, 4.0])
    np.testing.assert_array_equal(frame.column("b").values, [1.0, 0.0])


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["x", None, "y"], "holds text"),
        (pd.array(["x", None, "y"], dtype="string"), "holds text"),
        (pd.Categorical(["x", None, "y"]), "holds text"),
        (np.array(["1", 2, None], dtype=object), "holds text"),
        (pd.to_datetime(["2024-01-01", None, "2024-01-03"]), "holds dates"),
        ([datetime.date(2024, 1, 1), None, datetime.date(2024, 1, 2)], "holds dates"),
        (pd.to_timedelta([1, 2, 3]), "holds duration values"),
        (pd.period_range("2024", periods=3, freq="M"), "holds period values"),
        ([1 + 2j, 2.0, 3.0], "holds complex128 values"),
        ([[1], [2], [3]], "holds "),
    ],
)
def test_what_is_no_number_has_a_reason(values, reason):
    column = read_frame(pd.DataFrame({"a": values})).column("a")
    assert column.values is None
    assert column.reason.startswith(reason)
    assert column.codes is not None


@pytest.mark.parametrize("values", [[None] * 3, [np.nan] * 3, pd.array([None] * 3, dtype="string")])
def test_a_column_without_any_value_is_missing_not_text(values):
    column = read_frame(pd.DataFrame({"a": values})).column("a")
    assert column.values is not None
    assert np.isnan(column.values).all()


def test_infinities_are_kept_for_the_check():
    column = read_frame(pd.DataFrame({"a": [1.0, np.inf, -np.inf]})).column("a")
    np.testing.assert_array_equal(column.values, [1.0, np.inf, -np.inf])


def _weekly(n: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=["revenue", "visits", "csat"])
    frame.loc[3, "visits"] = np.nan
    frame["shipped"] = rng.integers(0, 9, n)
    frame["promo"] = rng.integers(0, 2, n).astype(bool)
    frame.insert(0, "date", pd.date_range("2023-01-02", periods=n, freq="W-MON"))
    return frame


def _libraries(frame: pd.DataFrame):
    polars = pl.from_pandas(frame)
    return {
        "pandas column": frame,
        "pandas index": frame.set_index("date"),
        "pandas arrow": frame.convert_dtypes(dtype_backend="pyarrow"),
        "polars": polars,
        "polars lazy": polars.lazy(),
        "pyarrow": polars.to_arrow(),
        "duckdb": duckdb.from_arrow(polars.to_arrow()),
    }


@pytest.mark.parametrize("library", _libraries(_weekly()))
def test_every_library_gives_the_same_bytes(library):
    wanted = build_panel(_weekly(), "revenue", time="date", controls="promo")
    time = None if library == "pandas index" else "date"
    panel = build_panel(_libraries(_weekly())[library], "revenue", time=time, controls="promo")
    assert panel.metrics == wanted.metrics == ("visits", "csat", "shipped")
    assert panel.X.tobytes() == wanted.X.tobytes()
    assert panel.y.tobytes() == wanted.y.tobytes()
    assert panel.controls_values.tobytes() == wanted.controls_values.tobytes()
    assert panel.calendar.tobytes() == wanted.calendar.tobytes()
    assert panel.index.equals(wanted.index)
    assert panel.notices == wanted.notices


@pytest.mark.parametrize("library", ["polars", "polars lazy", "pyarrow", "duckdb"])
def test_the_only_dates_are_the_time_and_a_notice_says_so(library):
    panel = build_panel(_libraries(_weekly())[library], "revenue")
    assert panel.freq == "W"
    assert [notice.code for notice in panel.notices] == ["time_column", "max_lag"]
    assert "'date'" in panel.notices[0].text


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"a": [1]}, "data is not a dataframe: got dict"),
        ([[1, 2]], "got list"),
        (np.zeros((3, 2)), "got ndarray"),
        (None, "got NoneType"),
        ("kpis.csv", "pandas.read_csv('kpis.csv')"),
        (pd.Series([1.0]), "Pass a frame that also has the metrics"),
        (pd.DataFrame(), "data has no columns"),
        (pl.DataFrame(), "data has no columns"),
        (_weekly().head(0), "data has no rows"),
        (pl.from_pandas(_weekly()).head(0), "data has no rows"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns share a name: got 'a'"),
        (pa.table([[1], [2]], names=["a", "a"]), "two columns share a name: got 'a'"),
        (pd.DataFrame([[1, 2]], columns=[1, "1"]), "two columns share a name: got '1'"),
        (
            pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
            "column names of several levels: got 2 levels",
        ),
    ],
)
def test_what_is_no_usable_frame_gives_one_clear_error(data, says):
    with pytest.raises(InputError) as caught:
        build_panel(data, "a")
    assert says in str(caught.value)


def test_names_that_are_not_text_are_written_out():
    rng = np.random.default_rng(0)
    panel = build_panel(pd.DataFrame(rng.normal(size=(40, 3)), columns=[2023, 0, ("a", 1)]), 0)
    assert panel.target == "0"
    assert panel.metrics == ("2023", "('a', 1)")


def test_the_data_of_the_caller_are_left_alone():
    frame = _weekly().set_index("date").iloc[::-1]
    before = frame.copy()
    panel = build_panel(frame, "revenue")
    panel.X[:] = 0.0
    pd.testing.assert_frame_equal(frame, before)
