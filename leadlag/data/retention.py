"""Counts behind a retention, by the day on which users were first seen.

The database answers in days; what is a cohort, what is mature and when a value is known is settled
here afterwards, on a few thousand rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.event_columns import infinite, not_boolean, not_numbers
from leadlag.data.events import EventLog
from leadlag.data.moments import OFFSET, mixed_offsets, unreadable
from leadlag.data.notice import Notice
from leadlag.data.spans import Span
from leadlag.errors import InputError, InsufficientDataError

__all__ = ["DAY", "DayCounts", "Extent", "check_log", "count_days"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# From here on a day is taken for complete: logs are cut at midnight, not in the evening.
_EVENING = 22
# DuckDB counts days as people do: whole calendar days from 1970-01-01.
DAY = "date_diff('day', DATE '1970-01-01', CAST(t AS DATE))"


@dataclass(frozen=True)
class Extent:
    """The days that a log covers.

    Parameters
    ----------
    first, last : int
        First and last day that count, from 1970-01-01; the last is complete.
    events : int
        Events with a user and a time up to the last day.
    clocked : bool
        Whether times have more than dates.
    """

    first: int
    last: int
    events: int
    clocked: bool = False


@dataclass(frozen=True, eq=False)
class DayCounts:
    """Users by the day they were first seen.

    Parameters
    ----------
    day : ndarray of int, shape (n_days,)
        First days, from 1970-01-01, in order; with a mix each day has a row a group.
    users : ndarray of int, shape (n_days,)
        Users first seen on that day.
    retained : ndarray of int, shape (n_days, n_windows)
        Those of them who were retained.
    value : ndarray, shape (n_days, n_windows), or None
        Values added up over the days of the window.
    group : tuple of str, or None
        Where the first event of a user belonged.
    """

    day: Ints
    users: Ints
    retained: Ints
    value: Floats | None = None
    group: tuple[str, ...] | None = None

    def only(self, rows: npt.NDArray[np.bool_]) -> DayCounts:
        """Return some of the rows.

        Parameters
        ----------
        rows : ndarray of bool, shape (n_days,)

        Returns
        -------
        DayCounts
        """
        return DayCounts(
            day=self.day[rows],
            users=self.users[rows],
            retained=self.retained[rows],
            value=None if self.value is None else self.value[rows],
            group=None if self.group is None else tuple(np.array(self.group)[rows].tolist()),
        )


def check_log(
    log: EventLog,
    time: str,
    value: str | None = None,
    ended: str | None = None,
    *,
    as_of_day: int | None,
    zone_stated: bool,
    notices: list[Notice],
) -> Extent:
    """Look at every event once: what can't be read, what has to be left out, which days there are.

    Parameters
    ----------
    log : EventLog
        The events.
    time, value, ended : str
        Names of the columns of times and, where there are any, of values and of ends, for messages.
    as_of_day : int, optional
        Last day that was over at `as_of`; by default the last day of the log.
    zone_stated : bool
        Whether the user named a time zone.
    notices : list of Notice
        Facts are appended.

    Returns
    -------
    Extent

    Raises
    ------
    LeadLagError
        If a time or a value can't be read, or no event is left.
    """
    held = dict.fromkeys(("raw", "word", "unclear"), "CAST(NULL AS VARCHAR)")
    held |= {column: column for column in log.written}
    bad = f"trim({held['raw']}) <> '' AND t IS NULL"
    aware = f"t IS NOT NULL AND regexp_matches({held['raw']}, '{OFFSET}')"
    plain = f"t IS NOT NULL AND NOT regexp_matches({held['raw']}, '{OFFSET}')"
    endless = "count(*) FILTER (isinf(v))" if "v" in log.roles else "0"
    valued = "count(v)" if "v" in log.roles else "0"
    before = "TRUE" if as_of_day is None else f"{DAY} <= {as_of_day}"
    seen = f"u IS NOT NULL AND t IS NOT NULL AND {before}"
    row = log.ask(
        f"SELECT count(*) AS n, count(*) FILTER (u IS NULL) AS nobody, "
        f"count(*) FILTER (t IS NULL) AS never, "
        f"count(*) FILTER ({bad}) AS bad, any_value({held['raw']}) FILTER ({bad}) AS example, "
        + (
            f"any_value(raw) FILTER ({aware}) AS aware, any_value(raw) FILTER ({plain}) AS plain, "
            if log.text_times
            else "NULL AS aware, NULL AS plain, "
        )
        + f"any_value({held['word']}) AS word, any_value({held['unclear']}) AS unclear, "
        f"{endless} AS endless, {valued} AS valued, "
        f"count(*) FILTER ({seen}) AS events, min({DAY}) FILTER ({seen}) AS first, "
        f"max({DAY}) FILTER ({seen}) AS last, max({DAY}) AS very_last, max(t) AS moment, "
        "bool_or(t <> date_trunc('day', t)) AS clocked FROM log"
    ).iloc[0]
    if int(row["bad"]):
        raise unreadable(time, row["example"], int(row["bad"]))
    if not pd.isna(row["aware"]) and not pd.isna(row["plain"]):
        raise mixed_offsets(time, row["aware"], row["plain"])
    if not pd.isna(row["word"]):
        raise not_numbers(value or "", repr(str(row["word"])))
    if int(row["endless"]):
        raise infinite(value or "", int(row["endless"]))
    if not pd.isna(row["unclear"]):
        raise not_boolean(ended or "", repr(str(row["unclear"])))
    if not int(row["n"]):
        raise InputError("the events have no rows", got="an empty table", need="one row an event")
    for count, what in ((int(row["nobody"]), "user"), (int(row["never"]), "time")):
        if count:
            rows = "1 event has" if count == 1 else f"{count:,} events have"
            left = "was" if count == 1 else "were"
            notices.append(Notice(f"no_{what}", f"{rows} no {what} and {left} left out."))
    if value is not None and not int(row["valued"]):
        text = f"No event has a value in '{value}': every sum of values is 0."
        notices.append(Notice("no_value", text))
    if not int(row["events"]):
        if as_of_day is not None and not pd.isna(row["very_last"]):
            raise InsufficientDataError(
                "no day of the log was over as of then",
                got=f"as_of={np.datetime64(as_of_day, 'D')}",
                need="a day with an event before it",
                do="Pass a later as_of",
            )
        raise InsufficientDataError("no event has both a user and a time")
    last = int(row["last"]) if as_of_day is None else as_of_day
    if as_of_day is not None and int(row["very_last"]) < as_of_day:
        text = (
            f"The log ends on {np.datetime64(int(row['very_last']), 'D')}, before as_of: the days "
            "between count as days without events."
        )
        notices.append(Notice("ends_early", text))
    moment = pd.Timestamp(row["moment"])
    if as_of_day is None and bool(row["clocked"]) and moment.hour < _EVENING:
        text = (
            f"The log ends at {moment:%H:%M} on {moment:%Y-%m-%d}, and that day is taken as over. "
            "Pass as_of= with the day before if it was not."
        )
        notices.append(Notice("last_day", text))
    if zone_stated and bool(row["clocked"]) and not log.zoned:
        text = "Times have no zone of their own: they are taken as wall-clock times of time_zone."
        notices.append(Notice("wall_clock", text))
    return Extent(int(row["first"]), last, int(row["events"]), bool(row["clocked"]))


def count_days(
    log: EventLog,
    spans: Sequence[Span],
    extent: Extent,
    *,
    subscribed: bool = False,
    day_zero: bool = False,
    mix: bool = False,
) -> DayCounts:
    """Count users and who of them was retained, by first day.

    Parameters
    ----------
    log : EventLog
        The events.
    spans : sequence of Span
        Windows.
    extent : Extent
        Days that count.
    subscribed : bool
        Whether a user is retained by not having ended: ``x`` is true where an event ends a
        subscription.
    day_zero : bool
        Whether events on the first day count, if they come later than the first one.
    mix : bool
        Whether to count by the kind ``k`` of a user's first event.

    Returns
    -------
    DayCounts

    Notes
    -----
    A user counts once a window, however many events there are and in whatever order they lie.
    """
    value = "v" in log.roles
    columns = f"u, t, {DAY} AS d" + ", v" * value + ", k" * mix + ", x" * subscribed
    seen = f"u IS NOT NULL AND t IS NOT NULL AND {DAY} <= {extent.last}"
    longest = max(span.high for span in spans)
    flags = [
        f"{_flag(span, subscribed=subscribed, day_zero=day_zero)} AS w{i}"
        for i, span in enumerate(spans)
    ]
    sums = [
        f"coalesce(sum(v) FILTER (e.d - f.d0 BETWEEN {span.low} AND {span.high}), 0) AS v{i}"
        for i, span in enumerate(spans)
        if value
    ]
    group = "f.g, " if mix else ""
    counted = [f"count(*) FILTER (w{i}) AS w{i}" for i in range(len(spans))]
    added = [f"sum(v{i}) AS v{i}" for i in range(len(spans)) if value]
    table = log.ask(
        f"WITH e AS (SELECT {columns} FROM log WHERE {seen}), "
        f"f AS (SELECT u, min(d) AS d0, min(t) AS t0"
        f"{', arg_min(k, t) AS g' if mix else ''} FROM e GROUP BY u), "
        f"users AS (SELECT f.d0, {group}{', '.join([*flags, *sums])} FROM e JOIN f USING (u) "
        f"WHERE e.d - f.d0 <= {longest} GROUP BY u, f.d0{', f.g' if mix else ''}) "
        f"SELECT d0, {'g, ' if mix else ''}count(*) AS n, {', '.join([*counted, *added])} "
        f"FROM users GROUP BY d0{', g' if mix else ''} ORDER BY d0{', g' if mix else ''}"
    )
    flagged = [f"w{i}" for i in range(len(spans))]
    if value and not np.isfinite(table[[f"v{i}" for i in range(len(spans))]].to_numpy()).all():
        raise InputError(
            "the values add up to more than a number can hold",
            got="a sum that is infinite",
            need="values whose sum is below 1.8e308",
            do="Correct them or change their unit",
        )
    return DayCounts(
        day=table["d0"].to_numpy(dtype=np.int64),
        users=table["n"].to_numpy(dtype=np.int64),
        retained=table[flagged].to_numpy(dtype=np.int64),
        value=table[[f"v{i}" for i in range(len(spans))]].to_numpy(np.float64) if value else None,
        group=tuple("none" if pd.isna(g) else str(g) for g in table["g"]) if mix else None,
    )


def _flag(span: Span, *, subscribed: bool, day_zero: bool) -> str:
    if subscribed:
        # The newest event up to that day decides; of two at one moment, the ending one.
        going, ended = (
            f"max(t) FILTER (e.d - f.d0 <= {span.high} AND {which})"
            for which in ("NOT coalesce(x, FALSE)", "x")
        )
        return f"coalesce({going} > {ended}, {ended} IS NULL)"
    inside = f"e.d - f.d0 BETWEEN {span.low} AND {span.high}"
    if day_zero and span.low == 0:
        inside += " AND e.t > f.t0"
    return f"bool_or({inside})"
