"""Any wide dataframe, adapted once at the door: columns by name, as numbers where they are."""

from __future__ import annotations

import decimal
import math
import numbers
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.errors import Exclusion, InputError, InsufficientDataError, listing

__all__ = ["Column", "Frame", "read_frame"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Column:
    """One column as numbers, or the reason why it isn't.

    Parameters
    ----------
    values : ndarray, shape (n_rows,), or None
        NaN where missing; infinities kept.
    reason : str
        "" where there are values.
    codes : ndarray of int, shape (n_rows,), or None
        Equal where the values of a column that isn't numeric are equal.
    """

    values: Floats | None
    reason: str = ""
    codes: npt.NDArray[np.int64] | None = None


@dataclass(frozen=True, eq=False)
class Frame:
    """A dataframe of any library.

    Parameters
    ----------
    table : narwhals DataFrame
        The columns, by string names.
    index : pandas.Index or None
        The row labels, for a pandas frame; other libraries have none.
    """

    table: nw.DataFrame[Any]
    index: pd.Index[Any] | None

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return self.table.columns

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.table)

    def dates(self) -> list[str]:
        """Names of the columns that hold dates or datetimes."""
        return [name for name, kind in self.table.schema.items() if _is_date(kind)]

    def texts(self) -> list[str]:
        """Names of the columns that hold text."""
        return [name for name in self.names if _is_text(self.table[name])]

    def only(self, rows: npt.NDArray[np.bool_]) -> Frame:
        """Return some of the rows.

        Parameters
        ----------
        rows : ndarray of bool, shape (n_rows,)
            True for those to keep.

        Returns
        -------
        Frame
            The same columns.
        """
        index = None if self.index is None else self.index[rows]
        return Frame(self.table.filter(rows.tolist()), index)

    def column(self, name: str) -> Column:
        """One column as float64, or the reason why it has no numbers.

        Parameters
        ----------
        name : str
            The column.

        Returns
        -------
        Column
            Integers, booleans, decimals and nullable types become float64; missing becomes NaN.
        """
        return _column(self.table[name])


def read_frame(data: object) -> Frame:
    """Adapt a dataframe of any library.

    Parameters
    ----------
    data : dataframe
        pandas, polars (eager or lazy), a pyarrow table, a DuckDB relation, or whatever else
        narwhals reads.

    Returns
    -------
    Frame
        The same data, with names as strings.

    Raises
    ------
    InputError
        If it isn't a dataframe, has no rows or columns, or two columns share a name.

    Examples
    --------
    >>> read_frame(pd.DataFrame({2023: [1, 2], "b": [3, 4]})).names
    ['2023', 'b']
    """
    _check_names(data)
    index = None
    if isinstance(data, pd.DataFrame):
        index = data.index
        data = data.set_axis([str(name) for name in data.columns], axis="columns")
        # Rows are matched by position; labels would make narwhals align them.
        data = data.reset_index(drop=True)
    try:
        table = nw.from_native(data)  # type: ignore[call-overload]
    except TypeError as error:
        raise InputError(
            "data is not a dataframe",
            got=type(data).__name__,
            need="a pandas, polars, pyarrow or DuckDB table with one column a metric",
            do=_advice(data),
        ) from error
    if isinstance(table, nw.LazyFrame):
        try:
            table = table.collect()
        except ModuleNotFoundError as error:
            raise InputError(
                "data can't be read from its library", got=str(error), do="Install what is missing"
            ) from error
    if not table.columns:
        raise InputError("data has no columns", need="the target and at least one metric")
    if not len(table):
        raise InsufficientDataError(
            "data has no rows", got="an empty table", do="Check what the source gives"
        )
    return Frame(table, index)


def _check_names(data: object) -> None:
    if isinstance(data, pd.DataFrame) and data.columns.nlevels > 1:
        raise InputError(
            "data has column names of several levels",
            got=f"{data.columns.nlevels} levels",
            need="one name a column",
            do="Join the levels, such as data.columns = ['_'.join(c) for c in data.columns]",
        )
    if isinstance(data, pd.DataFrame):
        names = list(data.columns)
    elif nw.dependencies.is_pyarrow_table(data):
        names = data.column_names
    elif type(data).__name__ == "DuckDBPyRelation":
        names = data.columns  # type: ignore[attr-defined]
    else:
        return  # polars has no two columns of one name; narwhals checks whatever else there is
    written = pd.Index([str(name) for name in names])
    if written.has_duplicates:
        twice = list(dict.fromkeys(written[written.duplicated()]))
        raise InputError(
            "two columns share a name",
            got=listing(repr(name) for name in twice),
            need="a name of its own for each column",
            do="Rename or drop the copies",
        )


def _advice(data: object) -> str:
    if isinstance(data, str):
        return f"Read the file first, such as pandas.read_csv({data!r})"
    if isinstance(data, pd.Series):
        return "Pass a frame that also has the metrics"
    return "Make a frame of it, such as pandas.DataFrame(data)"


def _is_date(kind: nw.dtypes.DType) -> bool:
    return kind in (nw.Date, nw.Datetime)


def _is_text(series: nw.Series[Any]) -> bool:
    if series.dtype in (nw.String, nw.Categorical, nw.Enum):
        return True
    if series.dtype != nw.Object:
        return False
    first = next((value for value in series.to_list() if not _missing(value)), None)
    return isinstance(first, str)


def _column(series: nw.Series[Any]) -> Column:
    kind = series.dtype
    if kind.is_float():
        return Column(_floats(series))
    if kind == nw.Decimal:
        # Arrow refuses to cast a decimal of many digits that a float can't hold exactly.
        return _objects(series)
    if kind.is_numeric():
        return _told_apart(series, _floats(series.cast(nw.Float64)))
    if kind == nw.Boolean:
        return Column(_floats(series.cast(nw.Int8).cast(nw.Float64)))
    if kind == nw.Object:
        return _objects(series)
    if series.null_count() == len(series):
        return Column(np.full(len(series), math.nan))
    codes = _codes(series)
    if _is_date(kind):
        return Column(None, Exclusion.DATES.sentence(), codes)
    if _is_text(series):
        return Column(None, Exclusion.TEXT.sentence(), codes)
    native = series.to_native()
    if isinstance(native, pd.Series) and pd.api.types.is_any_real_numeric_dtype(native.dtype):
        return Column(np.asarray(native, dtype=np.float64))  # such as pandas' sparse columns
    unknown = kind == nw.Unknown and isinstance(native, pd.Series)
    words = str(native.dtype if unknown else kind).partition("(")[0].partition("[")[0].lower()
    return Column(None, Exclusion.NOT_NUMERIC.sentence(kind=words), codes)


def _told_apart(series: nw.Series[Any], values: Floats) -> Column:
    """Numbers as floats, unless different ones, such as integers beyond 2**53, become the same."""
    known = values[np.isfinite(values)]
    if len(known) and (known == known[0]).all() and abs(known[0]) >= 2.0**53:
        exact = [value for value in series.to_list() if not _missing(value)]
        if any(value != exact[0] for value in exact):
            reason = Exclusion.COLLAPSED.sentence(value=f"{known[0]:.0f}")
            return Column(None, reason, _codes(series))
    return Column(values)


def _floats(series: nw.Series[Any]) -> Floats:
    return np.asarray(series.to_numpy(), dtype=np.float64)


def _objects(series: nw.Series[Any]) -> Column:
    """Python objects: numbers, decimals and booleans with None among them are numbers."""
    values = series.to_list()
    kinds = {type(value) for value in values if not _missing(value)}
    if all(issubclass(kind, (numbers.Real, decimal.Decimal, np.bool_)) for kind in kinds):
        floats = [math.nan if _missing(value) else float(value) for value in values]
        return _told_apart(series, np.array(floats, dtype=np.float64))
    codes = pd.factorize(np.array([str(value) for value in values], dtype=object))[0]
    if any(issubclass(kind, str) for kind in kinds):
        return Column(None, Exclusion.TEXT.sentence(), codes)
    if all(hasattr(kind, "isoformat") for kind in kinds):
        return Column(None, Exclusion.DATES.sentence(), codes)
    words = min(kind.__name__ for kind in kinds)
    return Column(None, Exclusion.NOT_NUMERIC.sentence(kind=words), codes)


def _codes(series: nw.Series[Any]) -> npt.NDArray[np.int64]:
    return pd.factorize(np.array([str(v) for v in series.to_list()], dtype=object))[0]


def _missing(value: object) -> bool:
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    if isinstance(value, decimal.Decimal):
        return value.is_nan()  # a signalling NaN refuses to be compared
    return isinstance(value, (float, np.floating)) and value != value
