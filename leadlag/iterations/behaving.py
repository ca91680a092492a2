"""`behaviours`: early behaviours of users who come back, thresholds judged on later cohorts."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadlag.core.threshold import Association, association
from leadlag.data import cohorts
from leadlag.data.behaviour import BehaviourCounts, column_of, count_behaviours, read_cells
from leadlag.data.events import open_log
from leadlag.data.grid import Grid
from leadlag.data.layout import Laid, lay_out
from leadlag.data.notice import Notice
from leadlag.data.retention import DayCounts, Extent, check_log
from leadlag.data.spans import Span, days_of
from leadlag.errors import ConfigurationError, shown
from leadlag.iterations.comparison import records
from leadlag.iterations.nesting import Window, counted_of
from leadlag.wording import behaviours as words
from leadlag.wording.words import LINE, wrapped

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Behaviours", "behaviours"]

# A threshold that hardly anybody, or nearly everybody, reaches is none.
_LEAST_SHARE = 0.02
_LEAST_USERS = 30


@dataclass(frozen=True, eq=False, repr=False)
class Behaviours:
    """Early behaviours over a grid of thresholds.

    Attributes
    ----------
    table : DataFrame, one row a cohort and threshold
        `cohort_start`, `cohort_end`; `count` and `days`, the threshold: at least so many events in
        the first so many days; `n` users, how many of them `did`, the `rate` with its interval,
        `available_at` and `mature`, as in a retention.
    curve : DataFrame, one row a threshold
        `share` of users who reach it; `chosen_phi`, its association with coming back over users of
        the earlier cohorts; `judged_phi` with its interval over users of the later ones;
        `kept_if` and `kept_else`, who of those comes back; `chosen`.
    chosen : (int, int) or None
        The threshold with the largest association in the earlier cohorts.
    finding : str
        In words, with how much of it was left in the later cohorts.
    warnings : tuple
        Facts about the log, each with a `.code` and a `.text`.
    settings : dict
        What was asked.
    """

    table: pd.DataFrame
    curve: pd.DataFrame
    chosen: tuple[int, int] | None
    finding: str
    warnings: tuple[Notice, ...]
    settings: Mapping[str, Any]
    _grid: Grid = field(repr=False)

    @property
    def maturation(self) -> dict[str, int]:
        """Periods from a cohort's row to the row in which its value is known, by wide column."""
        late = self.settings["latency"]
        return {
            column_of(count, days): cohorts.shift_of(Span(days, 0, days - 1), self._grid, late)
            for count, days in self._cells()
        }

    @property
    def versions(self) -> dict[str, tuple[str, int]]:
        """What `compare` takes: name -> (column of the wide table, maturation in periods).

        Each also knows what it counts, and so whether it is a part of another one.
        """
        late = self.maturation
        out: dict[str, tuple[str, int]] = {}
        for count, days in self._cells():
            name = column_of(count, days)
            counted = counted_of(0, days - 1, count, self.settings, "did")
            out[name] = Window.of(name, late[name], counted)
        return out

    def wide(self, stamped: str) -> pd.DataFrame:
        """One row a period, one column a threshold, such as `did_3_in_2d`.

        Parameters
        ----------
        stamped : {"availability", "cohort"}
            What the date of a row means: when the values were known, or when the cohort began.

        Returns
        -------
        DataFrame
            Indexed by the start of each period, none skipped; NaN where a value is not known.

        Examples
        --------
        >>> import leadlag
        >>> orders = leadlag.datasets.cdnow()
        >>> early = leadlag.behaviours(
        ...     orders, user="customer_id", time="date", counts=2, days=(1, 7)
        ... )
        >>> early.wide("cohort").columns.tolist()
        ['did_2_in_1d', 'did_2_in_7d']
        """
        late = self.maturation
        columns = {}
        for count, days in self._cells():
            rows = self.table[(self.table["count"] == count) & (self.table["days"] == days)]
            name = column_of(count, days)
            columns[name] = Laid(
                rows["cohort_start"].to_numpy(), rows["rate"].to_numpy(np.float64), late[name]
            )
        return lay_out(columns, self._grid, stamped, self.settings["as_of"])

    def plot(self) -> alt.LayerChart:
        """Draw the whole curve: association by threshold, in the earlier and the later cohorts.

        Returns
        -------
        altair.LayerChart
            `.save(path)` writes PNG, SVG, HTML or JSON.
        """
        from leadlag.figures.behaviours import thresholds

        return thresholds(self.curve, self.finding, self.settings)

    def __repr__(self) -> str:
        """Notes, the curve, and the finding."""
        notes = [wrapped(f"Note: {notice.text}", LINE) for notice in self.warnings]
        curve = self.curve.round(3).to_string(index=False)
        return "\n".join([*notes, curve, "", wrapped(self.finding, LINE)])

    def _cells(self) -> list[tuple[int, int]]:
        pairs = self.curve[["count", "days"]].itertuples(index=False)
        return [(int(count), int(days)) for count, days in pairs]


def behaviours(
    events: object,
    *,
    user: str,
    time: str,
    event: str | None = None,
    did: str | None = None,
    counts: object = (1, 2, 3, 5),
    days: object = (1, 2, 7),
    outcome: int | str = 90,
    period: str = "W",
    as_of: str | datetime.date | None = None,
    latency: int | str = 0,
    choose_on: float = 0.5,
    time_zone: str | None = None,
    level: float = 0.90,
    memory: str = "1GB",
    threads: int | None = None,
) -> Behaviours:
    """Find early behaviours of users who come back, over a grid of thresholds.

    A behaviour is "at least `count` events in the first `days` days". The threshold is chosen on
    the earlier cohorts and judged on the later ones, and the whole curve is shown: the best of
    many on one sample always looks better than it is.

    Parameters
    ----------
    events : dataframe or path
        As for `retention`.
    user, time : str
        Columns that say who and when.
    event, did : str, optional
        The column of kinds, and the kind that counts; by default every event does.
    counts : int or sequence of int
        Least numbers of events.
    days : int or sequence of int
        Numbers of first days, a user's first day included.
    outcome : int or str, days
        Coming back means an event after the longest of `days`, up to this day: no event counts on
        both sides.
    period : str
        Cohorts: "D", "W", "W-SUN", "M", "Q" or "Y".
    as_of : date or datetime, optional
        What was known then.
    latency : int or str
        Days until an event has arrived in the log.
    choose_on : float
        Share of the mature cohorts, the earlier ones, on which the threshold is chosen.
    time_zone, memory, threads
        As for `retention`.
    level : float
        Of the intervals.

    Returns
    -------
    Behaviours
        `.table`, `.curve`, `.chosen`, `.finding`, `.wide(stamped)`, `.plot()`.

    Raises
    ------
    LeadLagError
        If a column is missing, a time can't be read, or an argument can't be used.

    Notes
    -----
    Copies of an event at one moment count once where times have more than dates. The association is
    the correlation of two yes-or-no answers over users (phi), its interval by Fisher's
    transformation.

    Examples
    --------
    >>> import leadlag
    >>> orders = leadlag.datasets.cdnow()
    >>> early = leadlag.behaviours(
    ...     orders, user="customer_id", time="date", counts=(2, 3), days=(7, 30), outcome=180
    ... )
    >>> early.chosen
    (2, 30)
    """
    cells = read_cells(counts, days)
    if (event is None) is not (did is None):
        raise ConfigurationError(
            "event= and did= go together",
            got=f"event={event!r}, did={did!r}",
            do="Name the column of kinds in event=, and the kind that counts in did=",
        )
    if did is not None and not isinstance(did, str):
        raise ConfigurationError(
            "did is not a kind of event",
            got=f"did={did!r}",
            need="text, as the column of kinds reads when it is written out",
            do=f"Pass did={str(did)!r}",
        )
    _check_share("choose_on", choose_on)
    cohorts.check_level(level)
    grid = cohorts.cohort_grid(period)
    late, last_day = days_of(latency, "latency"), days_of(outcome, "outcome")
    first_day = max(span for _, span in cells)
    if last_day < first_day:
        raise ConfigurationError(
            "outcome ends before the first days do",
            got=f"outcome={last_day}",
            need=f"a day from {first_day} on",
        )
    until = cohorts.last_whole_day(as_of, time_zone)
    names = {"u": user, "t": time} | ({"k": event} if event is not None else {})
    notices: list[Notice] = []
    with open_log(events, names, zone=time_zone, memory=memory, threads=threads) as log:
        extent = check_log(
            log, time, as_of_day=until, zone_stated=time_zone is not None, notices=notices
        )
        counted = count_behaviours(
            log, cells, extent,
            did=did, outcome=(first_day, last_day), clocked=extent.clocked,
        )  # fmt: skip
    if did is not None and not counted.did.any():
        notices.append(Notice("never", f"No event of kind {did!r} is in the log."))
    table = _table(counted, cells, grid, extent, late, cohorts.Bounds(level=float(level)))
    settings = {
        "source": os.fspath(events) if isinstance(events, (str, os.PathLike)) else "",
        "events": extent.events,
        "user": user,
        "event": event,
        "did": did,
        "outcome": last_day,
        "first_day": first_day,
        "period": grid.letter,
        "as_of": str(cohorts.as_dates(np.array([extent.last]))[0].date()),
        "latency": late,
        "time_zone": time_zone,
        "choose_on": float(choose_on),
        "level": float(level),
    }
    split = _split(counted, grid, extent, last_day + late, choose_on)
    curve, chosen = _curve(counted, cells, split, float(level))
    settings |= {"cohorts_chosen": split.before, "cohorts_judged": split.after}
    settings |= {
        "users_chosen": int(counted.users[split.early].sum()),
        "users_judged": int(counted.users[split.late].sum()),
        "least_users": _LEAST_USERS,
        "least_share": _LEAST_SHARE,
    }
    return Behaviours(
        table=table,
        curve=curve,
        chosen=chosen,
        finding=words.finding(records(curve), settings),
        warnings=tuple(notices),
        settings=settings,
        _grid=grid,
    )


@dataclass(frozen=True, eq=False)
class _Split:
    """Which days belong to the earlier and which to the later mature cohorts, and how many."""

    early: Any
    late: Any
    before: int
    after: int


def _check_share(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < 1:
        raise ConfigurationError(
            f"{name} is not a share", got=shown(value), need="a number between 0 and 1"
        )


def _table(
    counted: BehaviourCounts,
    cells: list[tuple[int, int]],
    grid: Grid,
    extent: Extent,
    latency: int,
    bounds: cohorts.Bounds,
) -> pd.DataFrame:
    blocks = []
    for j, (count, days) in enumerate(cells):
        one = DayCounts(counted.day, counted.users, counted.did[:, [j]])
        block = cohorts.cohort_table(
            one, [Span(days, 0, days - 1)], grid, extent, latency=latency, bounds=bounds
        )
        block = block.rename(columns={"window": "days", "retained": "did"})
        block.insert(2, "count", count)
        blocks.append(block)
    table = pd.concat(blocks, ignore_index=True)
    return table.sort_values(["cohort_start", "days", "count"], ignore_index=True)


def _split(
    counted: BehaviourCounts, grid: Grid, extent: Extent, until: int, share: float
) -> _Split:
    number = grid.ordinals(counted.day.astype("datetime64[D]"))
    end = grid.starts(number + 1).astype("datetime64[D]").astype(np.int64) - 1
    mature = end + until <= extent.last
    there = np.unique(number[mature])
    before = round(share * there.size)
    first = there[before] if before < there.size else np.inf
    early, late = mature & (number < first), mature & (number >= first)
    return _Split(early, late, before, there.size - before)


def _curve(
    counted: BehaviourCounts, cells: list[tuple[int, int]], split: _Split, level: float
) -> tuple[pd.DataFrame, tuple[int, int] | None]:
    early, late = (_over(counted, rows, level) for rows in (split.early, split.late))
    fit = (early.share >= _LEAST_SHARE) & (early.share <= 1 - _LEAST_SHARE)
    fit &= np.isfinite(early.phi) & (early.n >= _LEAST_USERS) & (late.n >= _LEAST_USERS)
    chosen = np.zeros(len(cells), dtype=bool)
    if fit.any():
        chosen[int(np.nanargmax(np.where(fit, early.phi, np.nan)))] = True
    curve = pd.DataFrame(
        {
            "count": [count for count, _ in cells],
            "days": [days for _, days in cells],
            "share": late.share,
            "chosen_phi": early.phi,
            "judged_phi": late.phi,
            "low": late.low,
            "high": late.high,
            "kept_if": late.kept_if,
            "kept_else": late.kept_else,
            "chosen": chosen,
        }
    )
    return curve, cells[int(chosen.argmax())] if chosen.any() else None


def _over(counted: BehaviourCounts, rows: Any, level: float) -> Association:
    return association(
        float(counted.users[rows].sum()),
        float(counted.kept[rows].sum()),
        counted.did[rows].sum(axis=0).astype(np.float64),
        counted.did_kept[rows].sum(axis=0).astype(np.float64),
        level=level,
    )
