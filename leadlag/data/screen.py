"""Which columns can be used: errors for the target and controls, reasons for metrics."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from leadlag.data.frame import Column
from leadlag.data.notice import Notice
from leadlag.errors import (
    ConfigurationError,
    Exclusion,
    InputError,
    InsufficientDataError,
)

__all__ = [
    "DEFAULT_MAX_LAG",
    "MIN_PAIRS",
    "check_column",
    "check_target",
    "choose_max_lag",
    "made_of_controls",
    "metrics_with_numbers",
    "screen_metrics",
]

Floats = npt.NDArray[np.float64]

# DESIGN: one to two of the cycles that people plan by. Business days: six weeks of five days.
DEFAULT_MAX_LAG = {"h": 48, "D": 42, "B": 30, "W": 26, "M": 12, "Q": 8}
OTHER_MAX_LAG = 10
# Pairs of known values that are left at the longest lag; below it a correlation is mostly noise.
MIN_PAIRS = 20
# Relative to a value's size: what rounding may make of equal numbers.
_LAST_BITS = 8 * float(np.finfo(float).eps)
# Share of a metric's spread below which what controls leave of it is rounding.
_NOTHING_LEFT = 1e-9


def check_column(part: str, name: str, column: Column) -> None:
    """Refuse a target or control that has no usable numbers.

    Parameters
    ----------
    part : str
        "target" or "control".
    name : str
        The column.
    column : Column
        Its values.

    Raises
    ------
    InputError
        If it holds no numbers, infinities, or nothing that changes.
    """
    values = column.values
    reason = column.reason
    if values is not None:
        known = values[np.isfinite(values)]
        if np.isinf(values).any():
            reason = _infinite(values)
        elif not len(known):
            reason = Exclusion.ALL_MISSING.sentence()
        elif part == "target" and len(known) <= MIN_PAIRS:
            check_target(name, values)
        else:
            reason = _unchanging(known.min(), known.max())
    if reason:
        raise InputError(f"{part} '{name}' {reason}")


def check_target(name: str, values: Floats, max_lag: int = 1) -> None:
    """Refuse a target with too few values.

    Parameters
    ----------
    name : str
        The column.
    values : ndarray, shape (n,)
        Its values.
    max_lag : int
        The largest lag, in periods.

    Raises
    ------
    InsufficientDataError
        If fewer than ``max_lag + 20`` values are known, or hardly any two in a row.
    """
    known = np.isfinite(values)
    got, need = int(known.sum()), max_lag + MIN_PAIRS
    if got >= need:
        runs = int((known[1:] & known[:-1]).sum())
        if runs < MIN_PAIRS:
            reason = Exclusion.SPARSE.sentence(got=runs, need=MIN_PAIRS)
            raise InsufficientDataError(f"target '{name}' is {reason}")
        return
    what = f"target '{name}' has {got} usable rows; max_lag={max_lag} needs {need}"
    lower = got - MIN_PAIRS
    if lower < 1:
        raise InsufficientDataError(
            f"target '{name}' is too short",
            got=f"{got} usable rows",
            need=f"at least {1 + MIN_PAIRS}",
            do="Supply more history, or data by shorter periods",
        )
    raise InsufficientDataError(what, do=f"Lower max_lag to {lower} or supply more history")


def choose_max_lag(
    max_lag: object, freq: str, target: str, values: Floats, notices: list[Notice]
) -> int:
    """Check the largest lag, or choose it by the frequency.

    Parameters
    ----------
    max_lag : int or None
        As given.
    freq : str
        Letter of the frequency.
    target : str
        Name of the target.
    values : ndarray, shape (n,)
        The target.
    notices : list of Notice
        Says so when the usual value had to be lowered.

    Returns
    -------
    int
        At least 1, at most a fifth of the rows.

    Raises
    ------
    ConfigurationError
        If it isn't an integer, or is out of range.
    InsufficientDataError
        If the target has too few values for it.
    """
    n = len(values)
    most = n // 5
    if max_lag is not None:
        try:
            number = -1 if isinstance(max_lag, (bool, np.bool_)) else operator.index(max_lag)  # type: ignore[arg-type]
        except TypeError:
            number = -1
        if not 1 <= number <= most:
            raise ConfigurationError(
                "max_lag is out of range" if number > most else "max_lag can't be used",
                got=repr(max_lag),
                need=f"an integer from 1 to {most} (a fifth of the {n} rows)",
                do="Lower max_lag or supply more history" if number > most else "",
            )
        check_target(target, values, number)
        return number
    check_target(target, values)
    usual = DEFAULT_MAX_LAG.get(freq, OTHER_MAX_LAG)
    known = int(np.isfinite(values).sum())
    chosen = min(usual, most, known - MIN_PAIRS)
    if chosen < usual:
        text = f"max_lag is {chosen}, not the usual {usual}: there are {known} values of the target"
        notices.append(Notice("max_lag", f"{text} in {n} rows."))
    return chosen


def metrics_with_numbers(
    names: Iterable[str], columns: Mapping[str, Column]
) -> tuple[list[str], dict[str, str]]:
    """Split metrics into those with finite numbers and those without.

    Parameters
    ----------
    names : iterable of str
        The metrics.
    columns : mapping of str to Column
        Their values.

    Returns
    -------
    usable : list of str
        In the same order.
    excluded : dict of str to str
        Name to reason.
    """
    usable: list[str] = []
    excluded: dict[str, str] = {}
    for name in names:
        values = columns[name].values
        if values is None:
            excluded[name] = columns[name].reason
        elif np.isinf(values).any():
            excluded[name] = _infinite(values)
        else:
            usable.append(name)
    return usable, excluded


def made_of_controls(names: Sequence[str], X: Floats, controls: Floats) -> dict[str, str]:
    """Find the metrics of which nothing is left once the controls are held constant.

    What rounding leaves of a multiple of a control would be tested like any other series, and a
    lead of it be found in some of them.

    Parameters
    ----------
    names : sequence of str
        The metrics.
    X : ndarray, shape (n, n_metrics)
        Their values, NaN where missing.
    controls : ndarray, shape (n, n_controls)
        NaN where missing.

    Returns
    -------
    dict of str to str
        Name to reason.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> held, other = rng.standard_normal((2, 40))
    >>> list(made_of_controls(["same", "other"], np.c_[2 - 3 * held, other], held[:, None]))
    ['same']
    """
    if not controls.shape[1]:
        return {}
    found: dict[str, str] = {}
    known = np.isfinite(controls).all(axis=1)
    for i, name in enumerate(names):
        rows = known & np.isfinite(X[:, i])
        if rows.sum() <= controls.shape[1] + 1:
            continue
        design = controls[rows] - controls[rows].mean(axis=0)
        length = np.linalg.norm(design, axis=0)
        varying = length > 0
        if not varying.any():
            continue
        # Twice: one pass leaves the rounding of the larger part.
        basis = np.linalg.qr(design[:, varying] / length[varying])[0]
        left = X[rows, i] - X[rows, i].mean()
        size = float(np.linalg.norm(left))
        for _ in range(2):
            left = left - basis @ (basis.T @ left)
        if float(np.linalg.norm(left)) <= _NOTHING_LEFT * size:
            found[name] = Exclusion.HELD.sentence()
    return found


def screen_metrics(names: Sequence[str], X: Floats, y: Floats, max_lag: int) -> dict[str, str]:
    """Find the metrics that can't be used.

    Parameters
    ----------
    names : sequence of str
        The metrics.
    X : ndarray, shape (n, n_metrics)
        Their values, NaN where missing.
    y : ndarray, shape (n,)
        The target.
    max_lag : int
        The largest lag, in periods.

    Returns
    -------
    dict of str to str
        Name to reason, for those that can't be used.

    Examples
    --------
    >>> y = np.arange(40.0) ** 2
    >>> screen_metrics(["flat", "same"], np.column_stack([np.ones(40), y]), y, 5)["flat"]
    'never changes: every known value is 1'
    """
    known, target = np.isfinite(X), np.isfinite(y)
    count = known.sum(axis=0)
    low = np.where(known, X, np.inf).min(axis=0)
    high = np.where(known, X, -np.inf).max(axis=0)
    copy = ((y[:, None] == X) | ~(known & target[:, None])).all(axis=0)
    straight, hidden = _straight(X, known)
    ahead = (known[:-max_lag] & target[max_lag:, None]).sum(axis=0)
    behind = (known[max_lag:] & target[:-max_lag, None]).sum(axis=0)
    overlap = np.minimum(np.minimum(ahead, behind), (known & target[:, None]).sum(axis=0))
    runs = (known[1:] & known[:-1]).sum(axis=0)
    need = max_lag + MIN_PAIRS
    excluded: dict[str, str] = {}
    for i, name in enumerate(names):
        if not count[i]:
            reason = Exclusion.ALL_MISSING.sentence()
        elif unchanging := _unchanging(low[i], high[i]):
            reason = unchanging
        elif count[i] < need:
            lower = int(count[i]) - MIN_PAIRS
            kind = Exclusion.TOO_SHORT if lower >= 1 else Exclusion.MUCH_TOO_SHORT
            reason = kind.sentence(got=int(count[i]), need=need, lower=lower)
        elif overlap[i] < MIN_PAIRS:
            reason = Exclusion.LITTLE_OVERLAP.sentence(got=int(overlap[i]), need=MIN_PAIRS)
        elif straight[i]:
            reason = Exclusion.COUNTER.sentence()
        elif hidden[i]:
            reason = Exclusion.ROUNDING.sentence(value=f"{low[i]:.15g}")
        elif copy[i]:
            reason = Exclusion.COPY.sentence()
        elif runs[i] < MIN_PAIRS:
            reason = Exclusion.SPARSE.sentence(got=int(runs[i]), need=MIN_PAIRS)
        else:
            continue
        excluded[name] = reason
    return excluded


def _unchanging(low: float, high: float) -> str:
    """Why values between two bounds don't change; "" where they do."""
    if low == high:
        return Exclusion.CONSTANT.sentence(value=f"{low:g}")
    # Sums such as 0.1 + 0.2 differ from 0.3 in the last bits: that isn't a change.
    if high - low <= _LAST_BITS * max(abs(low), abs(high)):
        return Exclusion.ROUNDING.sentence(value=f"{low:.15g}")
    return ""


def _straight(
    X: Floats, known: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Columns on one straight line over time, to the last bits; those whose step is as small."""
    rows, places = np.arange(len(X), dtype=np.float64), np.arange(X.shape[1])
    first, last = known.argmax(axis=0), len(X) - 1 - known[::-1].argmax(axis=0)
    start, end = X[first, places], X[last, places]
    slope = (end - start) / np.maximum(last - first, 1)
    line = start + slope * (rows[:, None] - first)
    size = np.where(known, np.abs(X), 0.0).max(axis=0, initial=0.0)
    last_bits = _LAST_BITS * size
    # A counter of steps such as 0.1 gathers rounding: far less than its step, if more than bits.
    gathered = np.minimum(8 * last_bits, 1e-6 * np.abs(slope))
    off = np.abs(X - line)
    straight = ((off <= np.maximum(last_bits, gathered)) | ~known).all(axis=0)
    small = np.abs(slope) <= last_bits
    return np.asarray(straight & ~small), np.asarray(straight & small)


def _infinite(values: Floats) -> str:
    count = int(np.isinf(values).sum())
    return Exclusion.INFINITE.sentence(
        count=f"{count} infinite value" if count == 1 else f"{count} infinite values"
    )
