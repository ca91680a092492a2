"""What `compare` is given: which columns are versions, when each is known, and the calendar."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from leadlag.core.lags import lagged
from leadlag.data.catalog import Catalog
from leadlag.data.cohort import periods_after, window_of
from leadlag.data.duration import Duration, parse_duration
from leadlag.data.grid import Grid
from leadlag.data.layout import check_stamped
from leadlag.data.notice import Notice
from leadlag.data.panel import Panel
from leadlag.data.screen import MIN_PAIRS, screen_metrics
from leadlag.errors import CatalogError, ConfigurationError, Exclusion, listing, shown
from leadlag.iterations.needed import usual_reach
from leadlag.iterations.nesting import Counted, Window
from leadlag.wording.words import listed

__all__ = [
    "Asked",
    "Version",
    "by_cohort",
    "choose_reach",
    "periods_of",
    "read_versions",
]

Floats = npt.NDArray[np.float64]

# 273 years of days: what takes longer is a slip of the pen, and ends after all calendars.
_LONGEST = 100_000
_NEED = 'name -> (column, maturation in periods), such as {"90 days": ("retention_90d", 90)}'


@dataclass(frozen=True)
class Asked:
    """A version as it was asked for: the maturation as it was written, what it counts if known."""

    name: str
    column: str
    maturation: object
    counted: Counted | None = None


@dataclass(frozen=True, eq=False)
class Version:
    """One version of a metric, dated by cohort.

    Parameters
    ----------
    name, column : str
        What it is called, and where it is in the data.
    delay : int, periods
        From the row of a cohort to the row in which its value is known.
    values : ndarray, shape (n,)
        By the row of the cohort; NaN where it was not known before the data end.
    reason : str
        Why it can't be used; "" where it can.
    counted : Counted or None
        What it counts, where that was said.
    """

    name: str
    column: str
    delay: int
    values: Floats
    reason: str = ""
    counted: Counted | None = None

    @property
    def known(self) -> Floats:
        """By the row in which each value was known."""
        return lagged(self.values, self.delay)


def read_versions(versions: object, catalog: Catalog, notices: list[Notice]) -> list[Asked]:
    """Read which columns are versions and how long each takes to be known.

    Parameters
    ----------
    versions : mapping or sequence
        As for `compare`.
    catalog : Catalog
        Declares windows, for versions that are names of columns alone.
    notices : list of Notice
        Says where a window was read from a name.

    Returns
    -------
    list of Asked
        In the order given.

    Raises
    ------
    ConfigurationError
        If there is none, one can't be read, or nothing says when it is known.

    Examples
    --------
    >>> read_versions({"late": ("r90", 90)}, Catalog({}), [])
    [Asked(name='late', column='r90', maturation=90, counted=None)]
    """
    out: list[Asked] = []
    guessed: list[str] = []
    if isinstance(versions, Mapping):
        for name, entry in versions.items():
            out.append(_entry(str(name), entry, catalog, guessed))
    elif isinstance(versions, str):
        out.append(_entry(versions, versions, catalog, guessed))
    elif isinstance(versions, Sequence):
        for name in versions:
            if not isinstance(name, str):
                raise ConfigurationError("a version is no name", got=shown(name), need=_NEED)
            out.append(_entry(name, name, catalog, guessed))
    else:
        raise ConfigurationError("versions can't be read", got=shown(versions), need=_NEED)
    if not out:
        raise ConfigurationError("versions is empty", need=_NEED)
    for one in out:
        if not one.name.strip():
            raise ConfigurationError(
                f"the version of '{one.column}' has no name", got=shown(one.name), need="a name"
            )
        if isinstance(one.maturation, (int, float)) and _LONGEST < one.maturation < math.inf:
            raise _too_long(one)
    names = [asked.name for asked in out]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise ConfigurationError("two versions share a name", got=listing(twice))
    if guessed:
        text = (
            f"When {listed(guessed)} {'is' if len(guessed) == 1 else 'are'} known was read from "
            f"{'its name' if len(guessed) == 1 else 'their names'}. Say it as (column, maturation "
            "in periods), or declare the window in catalog=."
        )
        notices.append(Notice("window_from_name", text))
    return out


def periods_of(asked: Asked, grid: Grid | None) -> int:
    """Maturation in whole periods, a part of one counted as a whole.

    Parameters
    ----------
    asked : Asked
        The version.
    grid : Grid or None
        The periods; None for plain integers.

    Returns
    -------
    int

    Raises
    ------
    ConfigurationError
        If it is no length of time.

    Examples
    --------
    >>> periods_of(Asked("a", "a", "30D"), Grid("D", 7)), periods_of(Asked("a", "a", 4.0), None)
    (5, 4)
    """
    field = f"the maturation of '{asked.name}'"
    parts = asked.maturation if isinstance(asked.maturation, tuple) else (asked.maturation,)
    lengths = []
    for part in parts:
        number = isinstance(part, (int, float, np.integer, np.floating))
        if number and not isinstance(part, bool):
            if not (math.isfinite(part) and part >= 0):
                raise ConfigurationError(
                    f"{field} is no length of time", got=shown(part), need="0 or more periods"
                )
            if part != int(part):
                raise ConfigurationError(
                    f"{field} is no whole number of periods",
                    got=shown(part),
                    need="the row in which its value is known, counted from the cohort's",
                    do=f"Write {math.ceil(part)}: a part of a period counts as a whole",
                )
            lengths.append(Duration(float(part), "period"))
            continue
        try:
            lengths.append(parse_duration(part, field=field))
        except CatalogError as error:
            raise ConfigurationError(
                error.what, got=error.got, need=error.need, do=error.do
            ) from error
    made = periods_after(lengths, grid, [field] * len(lengths))
    days = grid.days if grid is not None else None
    if made * max(days or 1.0, 1.0) > _LONGEST:
        raise _too_long(asked)
    return made


def _too_long(asked: Asked) -> ConfigurationError:
    return ConfigurationError(
        f"the maturation of '{asked.name}' is longer than any data",
        got=shown(asked.maturation),
        need=f"at most {_LONGEST:,} days or periods",
    )


def by_cohort(
    panel: Panel, asked: Sequence[Asked], stamped: str, raw: Mapping[str, Floats]
) -> list[Version]:
    """Date every version by cohort, and drop what was not known before the data end.

    Parameters
    ----------
    panel : Panel
        The data on their calendar.
    asked : sequence of Asked
        Versions.
    stamped : str
        "cohort" or "availability": what the rows of the panel are.
    raw : mapping of str to ndarray
        From `columns_as_they_are`.

    Returns
    -------
    list of Version
        The same for the same world under both stampings.
    """
    check_stamped(stamped)
    n = len(panel.y)
    out = []
    for one in asked:
        delay = periods_of(one, panel.grid)
        values, reason = np.full(n, np.nan), panel.excluded.get(one.column, "")
        if one.column in raw:
            values = raw[one.column].copy()
        if one.column in panel.metrics:
            values = panel.X[:, panel.metrics.index(one.column)].copy()
        if stamped == "availability":
            values = lagged(values, -delay)
        else:
            values[max(n - delay, 0) :] = np.nan
        out.append(Version(one.name, one.column, delay, values, reason, one.counted))
    numbers = {*raw, *panel.metrics}
    return _not_yet_mature(out, panel, [one.column in numbers for one in out])


def _not_yet_mature(
    versions: Sequence[Version], panel: Panel, numbers: Sequence[bool]
) -> list[Version]:
    """Say of versions that hold no value yet when they will have their first."""
    known = [np.flatnonzero(np.isfinite(version.values)) for version in versions]
    # Where the others have cohorts, this one has some as well.
    first = min((int(rows[0]) for rows in known if rows.size), default=0)
    out = []
    for version, rows, numeric in zip(versions, known, numbers, strict=True):
        row = first + version.delay
        empty = numeric or version.reason == Exclusion.ALL_MISSING
        if rows.size or not empty or row < len(panel.y):
            out.append(version)
            continue
        begun, then = panel.period_label(first), panel.period_label(row)
        reason = f"no cohort is mature yet: the value of the first ({begun}) is known by {then}"
        out.append(replace(version, reason=reason))
    return out


def choose_reach(
    versions: Sequence[Version],
    panel: Panel,
    max_lag: object,
    stamped: str,
    notices: list[Notice],
) -> tuple[int, list[Version]]:
    """Longest lag from a cohort's row, and which versions are long enough for it.

    Parameters
    ----------
    versions : sequence of Version
        Dated by cohort.
    panel : Panel
        The data.
    max_lag : int or None
        As given: in periods between rows as they are stamped.
    stamped : str
        "cohort" or "availability".
    notices : list of Notice
        Says where the reach had to be lowered, or ends before a version is known.

    Returns
    -------
    reach : int, periods
    versions : list of Version
        Those that are too short for it have a reason.

    Raises
    ------
    ConfigurationError
        If `max_lag` is no count.
    """
    n = len(panel.y)
    # What has no value yet asks for no search of its own.
    held = [version for version in versions if np.isfinite(version.values).any()]
    slowest = max(version.delay for version in held or versions)
    if max_lag is None:
        reach = usual_reach(slowest, panel.freq, n)
    else:
        whole = isinstance(max_lag, (int, np.integer)) and not isinstance(max_lag, bool)
        if not whole or not 1 <= int(max_lag) <= n - MIN_PAIRS:  # type: ignore[call-overload]
            raise ConfigurationError(
                "max_lag can't be used",
                got=shown(max_lag),
                need=f"a whole number from 1 to {max(n - MIN_PAIRS, 1)}",
                do="Lower max_lag or supply more history" if whole and int(max_lag) > 1 else "",  # type: ignore[call-overload]
            )
        reach = int(max_lag) + (slowest if stamped == "availability" else 0)  # type: ignore[call-overload]
    asked = reach
    reach = min(reach, n - MIN_PAIRS)
    usable = [version for version in versions if not version.reason]
    known = [int(np.isfinite(version.values).sum()) for version in usable]
    # A version with far fewer values than the others costs them nothing, and is too short itself.
    longest = max(known, default=0)
    room = [count - MIN_PAIRS for count in known if 2 * count >= longest]
    reach = max(1, min([reach, *room]))
    if not usable:
        return reach, list(versions)
    if max_lag is not None and reach < asked:
        text = f"Lags were searched up to {reach} from a cohort's row, not {asked}: the data are "
        notices.append(Notice("max_lag", f"{text}too short for more."))
    table = np.column_stack([version.values for version in usable])
    reasons = screen_metrics([v.name for v in usable], table, panel.y, reach)
    late = [one for one in usable if one.delay >= reach and one.name not in reasons]
    if late:
        names = listing([version.name for version in late])
        text = f"Lags up to {reach} from a cohort's row end before {names} can be known: whether "
        text += f"{'it precedes' if len(late) == 1 else 'they precede'} '{panel.target}' in time "
        notices.append(Notice("reach_before_known", f"{text}was not asked."))
    return reach, [
        replace(version, reason=reasons.get(version.name, version.reason)) for version in versions
    ]


def _entry(name: str, entry: Any, catalog: Catalog, guessed: list[str]) -> Asked:
    if isinstance(entry, (tuple, list)):
        if len(entry) != 2 or not isinstance(entry[0], str):
            raise ConfigurationError(
                f"version '{name}' can't be read", got=shown(entry), need=_NEED
            )
        counted = entry.counted if isinstance(entry, Window) else None
        return Asked(name, entry[0], entry[1], counted)
    if not isinstance(entry, str):
        raise ConfigurationError(f"version '{name}' can't be read", got=shown(entry), need=_NEED)
    declared = catalog.get(entry)
    if declared is not None and (declared.window is not None or declared.latency is not None):
        lengths = tuple(x for x in (declared.window, declared.latency) if x is not None)
        return Asked(name, entry, lengths)
    window = window_of(entry)
    if not window:
        raise ConfigurationError(
            f"nothing says when version '{name}' is known",
            got=shown(entry),
            need=_NEED,
            do="Write 0 where a value is known in the period it is stamped with",
        )
    guessed.append(entry)
    return Asked(name, entry, window)
