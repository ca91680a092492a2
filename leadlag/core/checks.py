"""The door of the numeric floor: what comes in is checked once; all behind it trusts that.

Frames and series are recognised by their attributes (``columns``, ``index``), never by importing
the library that made them.
"""

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from leadlag.core.arrays import FloatArray
from leadlag.errors import ConfigurationError, InputError, InsufficientDataError, listing

__all__ = [
    "as_count",
    "as_matrix",
    "as_p_values",
    "as_series",
    "as_table",
    "need_finite",
    "need_overlap",
    "need_same_rows",
]

# Kinds of dtype that count as numbers: booleans, integers, floats (nullable and Arrow ones too).
_NUMERIC = "biuf"


def as_matrix(data: ArrayLike, name: str) -> tuple[FloatArray, tuple[str, ...] | None]:
    """Return float64 values (n_obs, n_columns), and column names where a frame was given.

    Parameters
    ----------
    data : array_like or frame, shape (n_obs, n_columns) or (n_obs,)
        NaN, or whatever the frame's library calls missing, where missing.
    name : str
        What messages call it.

    Returns
    -------
    values : ndarray, shape (n_obs, n_columns)
    labels : tuple of str, or None

    Raises
    ------
    LeadLagError
        If the data are not numeric, have other dimensions, or hold infinities.

    Examples
    --------
    >>> as_matrix([1, 2, 3], "X")
    (array([[1.],
           [2.],
           [3.]]), None)
    """
    values, labels = as_table(data, name)
    values = np.array(values, dtype=np.float64)
    need_finite(values, name)
    return values, labels


def as_table(data: ArrayLike, name: str) -> tuple[NDArray[Any], tuple[str, ...] | None]:
    """Return numbers (n_obs, n_columns) as they lie, without a copy, and column names.

    Infinite values are not looked for: who goes through the values anyway sees them, and calls
    :func:`need_finite`. A memory map is not read.

    Parameters
    ----------
    data : array_like or frame, shape (n_obs, n_columns) or (n_obs,)
        NaN, or whatever the frame's library calls missing, where missing.
    name : str
        What messages call it.

    Returns
    -------
    values : ndarray, shape (n_obs, n_columns)
        Of any number type. Not to be written to.
    labels : tuple of str, or None

    Raises
    ------
    LeadLagError
        If the data are not numeric, or have other dimensions.

    Examples
    --------
    >>> as_table([1, 2, 3], "X")[0].shape
    (3, 1)
    """
    values = _as_numbers(data, name)
    if values.ndim not in (1, 2):
        raise InputError(
            f"{name} has {values.ndim} dimensions",
            need="an array of shape (n_obs, n_metrics) or (n_obs,)",
        )
    labels = _labels(data)
    return (values[:, None] if values.ndim == 1 else values), labels


def need_finite(values: NDArray[Any], name: str) -> None:
    """Raise if a value is infinite.

    Parameters
    ----------
    values : ndarray
        NaN where missing.
    name : str
        What the message calls it.

    Raises
    ------
    LeadLagError
        With the number of infinite values.

    Examples
    --------
    >>> need_finite(np.array([1.0, np.nan]), "X")
    """
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise InputError(
            f"{name} holds infinite values",
            got=infinite,
            need="numbers, NaN where a value is missing",
            do="Replace them by NaN, or correct what divides by zero",
        )


def as_series(data: ArrayLike, name: str) -> FloatArray:
    """Return one series as float64 values of shape (n_obs,); a single column is one too.

    Parameters
    ----------
    data : array_like or series, shape (n_obs,) or (n_obs, 1)
        NaN where missing.
    name : str
        What messages call it.

    Returns
    -------
    ndarray, shape (n_obs,)

    Raises
    ------
    LeadLagError
        If the data are not one numeric series, or hold infinities.

    Examples
    --------
    >>> as_series([[1], [2]], "y")
    array([1., 2.])
    """
    values = _as_floats(data, name)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise InputError(f"{name} must be one series", got=f"shape {values.shape}", need="(n_obs,)")
    return values


def as_p_values(data: ArrayLike) -> FloatArray:
    """Return p-values as float64, shape (n_tests,).

    Parameters
    ----------
    data : array_like, shape (n_tests,)
        In [0, 1], or NaN.

    Returns
    -------
    ndarray, shape (n_tests,)

    Raises
    ------
    LeadLagError
        If the data are not one list of numbers in [0, 1] or NaN.

    Examples
    --------
    >>> as_p_values([0.5, float("nan")])
    array([0.5, nan])
    """
    p = as_series(data, "p_values")
    outside = p[(p < 0.0) | (p > 1.0)]
    if outside.size:
        raise InputError(
            "p_values must lie between 0 and 1",
            got=f"{outside[0]:g}",
            need="numbers in [0, 1], NaN where there was no test",
        )
    return p


def as_count(value: int, name: str, *, at_least: int) -> int:
    """Return a whole number that is large enough, as a Python int.

    Parameters
    ----------
    value : int
        Any integer type; booleans are not counts.
    name : str
        What messages call it.
    at_least : int
        The smallest allowed value.

    Returns
    -------
    int

    Raises
    ------
    LeadLagError
        If it is not a whole number, or too small.

    Examples
    --------
    >>> as_count(3, "max_lag", at_least=0)
    3
    """
    need = f"a whole number, {at_least} or more"
    try:
        count = operator.index(value)
    except TypeError:
        raise ConfigurationError(f"{name} is not a count", got=repr(value), need=need) from None
    if isinstance(value, (bool, np.bool_)) or count < at_least:
        raise ConfigurationError(f"{name} is not a count that can be used", got=value, need=need)
    return count


def need_same_rows(X: ArrayLike, X_values: FloatArray, y: ArrayLike, y_values: FloatArray) -> None:
    """Raise unless X and y have as many rows, and the same index where both have one.

    Parameters
    ----------
    X, y : array_like, frame or series
        As given by the user.
    X_values, y_values : ndarray
        Their values, shapes (n_obs, n_columns) and (n_obs,).

    Raises
    ------
    LeadLagError
        If they differ.

    Examples
    --------
    >>> need_same_rows([1, 2], np.ones((2, 1)), [3, 4], np.ones(2))
    """
    if X_values.shape[0] != y_values.shape[0]:
        raise InputError(
            "both sides need the same rows",
            got=f"{X_values.shape[0]} and {y_values.shape[0]}",
            do="Pass series that share one row for each period, NaN where a value is missing",
        )
    ours: Any = getattr(X, "index", None)
    theirs: Any = getattr(y, "index", None)
    # Lists have a method of that name; an index that can compare itself has `equals`.
    if hasattr(ours, "equals") and hasattr(theirs, "equals") and not ours.equals(theirs):
        raise InputError(
            "the rows carry different index labels, so they would be paired by position only",
            do="Align both on one index first, or pass plain arrays",
        )


def need_overlap(n_obs: int, max_lag: int) -> None:
    """Raise unless at least two rows meet at every lag.

    Parameters
    ----------
    n_obs : int
        Rows of each series.
    max_lag : int, periods
        Largest lag in either direction.

    Raises
    ------
    LeadLagError
        If ``n_obs < max_lag + 2``.

    Examples
    --------
    >>> need_overlap(10, 8)
    """
    if n_obs >= max_lag + 2:
        return
    lower = f"Lower max_lag to {n_obs - 2} or supply" if n_obs >= 2 else "Supply"
    raise InsufficientDataError(
        f"max_lag={max_lag} leaves fewer than two rows that meet",
        got=f"{n_obs} rows",
        need=f"{max_lag + 2} rows",
        do=f"{lower} more history",
    )


def _labels(data: Any) -> tuple[str, ...] | None:
    columns = getattr(data, "columns", None)
    if columns is not None:
        return tuple(str(column) for column in columns)
    label = getattr(data, "name", None)
    return None if label is None else (str(label),)


def _as_floats(data: Any, name: str) -> FloatArray:
    values = np.array(_as_numbers(data, name), dtype=np.float64)
    need_finite(values, name)
    return values


def _as_numbers(data: Any, name: str) -> NDArray[Any]:
    """Numbers as they lie, of any number type."""
    if hasattr(data, "to_numpy") and hasattr(data, "iloc"):
        # A frame turns dates and digits in text into numbers without a word, so ask each column.
        columns = data.dtypes.items() if hasattr(data, "columns") else [(name, data.dtype)]
        other = [f"{column!r} ({kind})" for column, kind in columns if kind.kind not in _NUMERIC]
        if other:
            raise InputError(
                f"{name} must hold numbers",
                got=listing(other),
                do="Convert them, or leave them out",
            )
        return np.asarray(data.to_numpy(dtype=np.float64, na_value=np.nan))
    values = _as_array(data, name)
    if values.dtype.kind not in _NUMERIC:
        raise InputError(
            f"{name} must hold numbers",
            got=f"values of type {values.dtype}",
            do="Convert them; write NaN where a value is missing",
        )
    return values


def _as_array(data: ArrayLike, name: str) -> NDArray[Any]:
    try:
        return np.asarray(data)
    except ValueError as problem:  # rows of different lengths
        raise InputError(f"{name} is not an array", got=problem) from None
