"""The columns of `compare`'s data as they are, before anything is asked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from leadlag.data.arrange import arrange
from leadlag.data.asof import rows_until
from leadlag.data.catalog import Catalog
from leadlag.data.clock import choose_grids, pick_clock
from leadlag.data.frame import Frame, read_frame
from leadlag.data.grid import Grid
from leadlag.data.notice import Notice
from leadlag.data.panel import Panel
from leadlag.data.timeline import read_time
from leadlag.errors import InputError, listing, unknown_name
from leadlag.iterations.reading import Asked, Version

__all__ = ["check_columns", "columns_as_they_are", "sizes_notices", "what_there_is"]

Floats = npt.NDArray[np.float64]


def columns_as_they_are(
    data: object,
    target: str,
    names: Sequence[str],
    panel: Panel,
    *,
    time: str | None,
    freq: str | None,
    aggregate: str | Mapping[str, Any] | None,
    as_of: Any,
    catalog: Catalog,
) -> dict[str, Floats]:
    """Columns that are too short or too steady to be tested, on the calendar of the panel.

    Parameters
    ----------
    data, target, time, freq, aggregate, as_of, catalog
        As for `build_panel`.
    names : sequence of str
        The columns.
    panel : Panel
        What was made of the others.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        Those that hold numbers: a few cohorts can't be tested, but they can be counted.
    """
    if not names:
        return {}
    frame = read_frame(data)
    timeline = read_time(frame, time, [])
    if as_of is not None:
        rows = rows_until(as_of, timeline, [])
        frame, timeline = frame.only(rows), timeline.only(rows)
    columns = {name: frame.column(name) for name in frame.names if name != timeline.column}
    held = [name for name in names if _finite(columns[name].values)]
    sheet = arrange(
        timeline, columns, [target, *held], catalog,
        freq=freq, aggregate=aggregate, as_of=as_of, notices=[],
    )  # fmt: skip
    out = {}
    for name in held:
        values = sheet.columns[name]
        if len(values) == len(panel.y) and sheet.first == panel.first:
            out[name] = np.where(np.isfinite(values), values, np.nan)
    return out


def _finite(values: Any) -> bool:
    return values is not None and not bool(np.isinf(np.asarray(values, dtype=np.float64)).any())


def check_columns(frame: Frame, asked: Sequence[Asked], sizes: object) -> None:
    """Check that the columns of versions and sizes are there.

    Parameters
    ----------
    frame : Frame
        The data.
    asked : sequence of Asked
        Versions.
    sizes : object
        As for `compare`.

    Raises
    ------
    InputError
        If one is not.
    """
    wanted = [(f"version '{one.name}': '{one.column}'", one.column) for one in asked]
    if isinstance(sizes, str):
        wanted.append((f"sizes '{sizes}'", sizes))
    for label, column in wanted:
        if column not in frame.names:
            raise unknown_name(f"{label} is not a column", column, frame.names, kind=InputError)


def sizes_notices(versions: Sequence[Version], sizes: Floats) -> list[Notice]:
    """Say which cohorts have no size, and which versions are no rates: sizes mean nothing there.

    Parameters
    ----------
    versions : sequence of Version
        Those that are compared.
    sizes : ndarray, shape (n,)
        Users in each cohort.

    Returns
    -------
    list of Notice
        One where there are such cohorts, one where there is such a version.

    Examples
    --------
    >>> percent = Version("kept", "kept", 4, np.array([12.0, 14.5]))
    >>> print(sizes_notices([percent], np.array([90.0, 80.0]))[0].text)
    sizes= says what chance makes of rates, and kept (12 to 14.5) is none. ... by 100.
    """
    notices = []
    there = np.any([np.isfinite(version.values) for version in versions], axis=0)
    unsized = int((there & ~(sizes >= 1)).sum())
    if unsized:
        text = (
            f"{unsized} of {int(there.sum())} cohorts have a value and no size: they count neither "
            "towards fidelity nor towards what chance makes of it."
        )
        notices.append(Notice("no_size", text))
    odd = {}
    for version in versions:
        known = version.values[np.isfinite(version.values)]
        if known.size and (known.min() < 0 or known.max() > 1):
            odd[version.name] = f"{version.name} ({known.min():.4g} to {known.max():.4g})"
    if not odd:
        return notices
    are = "is none" if len(odd) == 1 else "are none"
    text = (
        f"sizes= says what chance makes of rates, and {listing(odd.values())} {are}. Where a "
        "version or the yardstick is no rate there is no ceiling, and what lasts no longer than a "
        "period counts as chance in the sensitivity. Divide per cents by 100."
    )
    return [*notices, Notice("no_rates", text)]


def what_there_is(
    frame: Frame, asked: Sequence[Asked], *, time: str | None, as_of: Any, freq: str | None
) -> tuple[dict[str, int], Grid | None]:
    """Count the values that each version had at a moment, and find the calendar of the rows.

    Parameters
    ----------
    frame : Frame
        The data.
    asked : sequence of Asked
        Versions.
    time : str, optional
        The column of times.
    as_of : date, datetime, str or int, optional
        The moment.
    freq : str, optional
        The frequency that is wanted.

    Returns
    -------
    counts : dict of str to int
        Values by column.
    grid : Grid or None
        None where a single row has none.

    Raises
    ------
    LeadLagError
        If there were no rows, or they lie on no calendar.
    """
    timeline = read_time(frame, time, [])
    if as_of is not None:
        rows = rows_until(as_of, timeline, [])
        frame, timeline = frame.only(rows), timeline.only(rows)
    values = {one.column: frame.column(one.column).values for one in asked}
    counts = {
        name: 0 if held is None else int(np.isfinite(held).sum()) for name, held in values.items()
    }
    unique = np.unique(pick_clock(timeline).stamps)
    grid = choose_grids(timeline, unique, freq, [])[1] if len(unique) > 1 else None
    return counts, grid
