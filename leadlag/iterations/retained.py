"""`retention`: who came back, by cohort and window, from an event log of any size."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from leadlag.data import cohorts
from leadlag.data.catalog import Catalog, Metric
from leadlag.data.cohorts import INTERVALS
from leadlag.data.events import open_log
from leadlag.data.grid import Grid
from leadlag.data.layout import Laid, check_stamped, lay_out
from leadlag.data.notice import Notice
from leadlag.data.retention import check_log, count_days
from leadlag.data.spans import Span, days_of, read_definition, read_spans
from leadlag.data.truncation import truncation_notices
from leadlag.errors import ConfigurationError, InsufficientDataError, shown, unknown_name
from leadlag.iterations.nesting import Counted, Window, counted_of
from leadlag.wording import cohorts as words
from leadlag.wording.words import LINE, wrapped

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Retention", "retention"]

# Cohorts that are printed.
_NEWEST = 12
_WIDE = ("rate", "n", "retained", "low", "high", "value", "value_per_user")


@dataclass(frozen=True, eq=False, repr=False)
class Retention:
    """Retention by cohort and window.

    Attributes
    ----------
    table : DataFrame, one row a cohort and window
        `cohort_start` and `cohort_end`, its first and last day; `window`; `n` users in the cohort;
        `retained`, how many of them; `rate` with its interval `low` to `high`; `available_at`, the
        day at whose end the value is known: cohort end + window + latency; `mature`, whether that
        day was over. What is not mature is missing, never 0. With a value also `value`, added up
        over the window, and `value_per_user`.
    overall : DataFrame, indexed by window
        The same over every user whose own window is over, whatever the cohort.
    mix : DataFrame or None
        With ``mix=``: each rate, the rate if every cohort were made up alike, and the difference.
    warnings : tuple
        Facts about the log, each with a `.code` and a `.text`.
    settings : dict
        What was asked.
    """

    table: pd.DataFrame
    overall: pd.DataFrame
    mix: pd.DataFrame | None
    warnings: tuple[Notice, ...]
    settings: Mapping[str, Any]
    _grid: Grid = field(repr=False)
    _spans: tuple[Span, ...] = field(repr=False)

    @property
    def maturation(self) -> dict[str, int]:
        """Periods from a cohort's row to the row in which its value is known, by wide column."""
        latency = self.settings["latency"]
        return {span.column: cohorts.shift_of(span, self._grid, latency) for span in self._spans}

    @property
    def versions(self) -> dict[str, tuple[str, int]]:
        """What `compare` takes: name -> (column of the wide table, maturation in periods).

        Each also knows which days it counts, and so whether it is a part of another one.
        """
        late = self.maturation
        return {
            span.column: Window.of(span.column, late[span.column], self._counted(span))
            for span in self._spans
        }

    def _counted(self, span: Span) -> Counted:
        kind = "active"
        if self.settings["definition"] == "still subscribed":
            # Who is subscribed on day 30 need not be on day 90: none of them is a part of another.
            kind = f"still subscribed on day {span.high}"
        return counted_of(span.low, span.high, 1, self.settings, kind)

    def wide(self, stamped: str, *, value: str = "rate") -> pd.DataFrame:
        """One row a period, one column a window: `retention_30d`, or the name of the window.

        Parameters
        ----------
        stamped : {"availability", "cohort"}
            What the date of a row means: when the values were known (to rank them), or when the
            cohort began (to see mechanisms). One table has one meaning.
        value : str
            The column of `.table` that is laid out.

        Returns
        -------
        DataFrame
            Indexed by the start of each period, none skipped; NaN where a value is not known.

        Raises
        ------
        ConfigurationError
            If `stamped` or `value` is not known.

        Examples
        --------
        >>> import leadlag
        >>> orders = leadlag.datasets.cdnow()
        >>> kept = leadlag.retention(orders, user="customer_id", time="date")
        >>> kept.wide(stamped="cohort").columns.tolist()
        ['retention_5d', 'retention_30d', 'retention_90d']
        """
        held = [name for name in _WIDE if name in self.table]
        if value not in held:
            raise unknown_name(f"value {shown(value)} is not a column", value, held)
        late = self.maturation
        columns = {}
        for span in self._spans:
            mine = self.table[self.table["window"] == span.name]
            columns[span.column] = Laid(
                mine["cohort_start"].to_numpy(),
                mine[value].to_numpy(dtype=np.float64),
                late[span.column],
            )
        return lay_out(columns, self._grid, stamped, self.settings["as_of"])

    def catalog(self, stamped: str) -> Catalog:
        """Declare the columns of ``wide(stamped)``: `rank` then dates them by when they are known.

        Parameters
        ----------
        stamped : {"availability", "cohort"}
            As for `wide`.

        Returns
        -------
        Catalog

        Examples
        --------
        >>> import leadlag
        >>> orders = leadlag.datasets.cdnow()
        >>> kept = leadlag.retention(orders, user="customer_id", time="date")
        >>> kept.catalog("cohort")["retention_30d"].window
        '30D'
        """
        check_stamped(stamped)
        latency = f"{self.settings['latency']}D" if self.settings["latency"] else None
        return Catalog(
            {
                span.column: Metric(
                    "product outcome",
                    form="rate",
                    window=f"{span.high}D",
                    latency=latency,
                    stamped=stamped,
                )
                for span in self._spans
            }
        )

    def plot(self) -> alt.LayerChart:
        """Draw the triangle: cohorts by windows, cells that are not mature hatched.

        Returns
        -------
        altair.LayerChart
            `.save(path)` writes PNG, SVG, HTML or JSON.
        """
        from leadlag.figures.cohorts import triangle

        days = {span.name: (span.low, span.high) for span in self._spans}
        return triangle(self.table, self.settings, days)

    def __repr__(self) -> str:
        """Notes, then the rates of the newest cohorts."""
        notes = [wrapped(f"Note: {notice.text}", LINE) for notice in self.warnings]
        known = self.wide(stamped="cohort").dropna(how="all")
        rates = known.tail(_NEWEST)
        rates.index = pd.Index([f"{stamp:%Y-%m-%d}" for stamp in rates.index], name="cohort")
        last = self.settings["as_of"]
        head = f"Retention by cohort, {self.settings['definition']}; known up to {last}"
        if len(known) > len(rates):
            head += f"; the newest {len(rates)} of {len(known)} cohorts"
        body = rates.round(4).to_string() if len(rates) else words.first_known(self.table)
        return "\n".join([*notes, head, body])


def retention(
    events: object,
    *,
    user: str,
    time: str,
    windows: object = (5, 30, 90),
    period: str = "W",
    value: str | None = None,
    as_of: str | datetime.date | None = None,
    latency: int | str = 0,
    definition: str = "returned by",
    ended: str | None = None,
    mix: str | None = None,
    day_zero: bool = False,
    time_zone: str | None = None,
    burn_in: int | str = 0,
    interval: str = "wilson",
    level: float = 0.90,
    memory: str = "1GB",
    threads: int | None = None,
) -> Retention:
    """Count who came back, by cohort and window.

    Parameters
    ----------
    events : dataframe or path
        One row an event, in any order: pandas, polars, pyarrow, a DuckDB relation; or the path of a
        Parquet or CSV file, a folder or a pattern of Parquet files, of any size.
    user, time : str
        Columns that say who and when. Events without one of them are left out, and a warning says
        how many.
    windows : int, sequence or mapping
        Days after a user's first day, such as ``(5, 30, 90)``; pairs are brackets of days, both
        included; a mapping names them.
    period : str
        Cohorts are users first seen in the same "D", "W" (Monday to
        Sunday), "W-SAT" (Sunday to Saturday), "M", "Q" or "Y".
    value : str, optional
        A column to add up over the days of each window. A copy of an event is added up again; an
        event without a value adds nothing.
    as_of : date or datetime, optional
        What was known then. A date means its end. By default the end of the log's last day.
    latency : int or str
        Days until an event has arrived in the log.
    definition : str
        "returned by": active on any day from 1 to N; "active on": on day N itself; "bracket": on
        any day of a pair; "still subscribed": the last event up to day N did not end it.
    ended : str, optional
        For "still subscribed": the column that is true where an event ends the subscription; where
        nothing stands, it goes on.
    mix : str, optional
        A column, such as the channel of the first event, whose mix is held constant in `.mix`.
    day_zero : bool
        Whether later events of the first day count as well. They need times of day.
    time_zone : str, optional
        Zone whose calendar days count, such as "Europe/Berlin". By default the zone of the data,
        in a file UTC. Times without a zone are taken as they stand.
    burn_in : int or str, days
        Cohorts that began less than this after the first event are left out.
    interval : {"wilson", "jeffreys"}
        Binomial interval of a rate.
    level : float
        Of that interval.
    memory : str
        How much DuckDB may hold in memory before it writes to a temporary folder.
    threads : int, optional
        By default all cores.

    Returns
    -------
    Retention
        `.table`, long; `.wide(stamped=...)`, one column a window; `.overall`, `.mix`, `.plot()`.

    Raises
    ------
    LeadLagError
        If a column is missing, a time can't be read, or an argument can't be used.

    Notes
    -----
    A user's first day is the day of the first event in the log; the window covers whole calendar
    days after it. Numerator and denominator are the same users: all of a cohort, and only once the
    last possible member has had the whole window. Moving `as_of` back never changes a value that
    was mature then.

    Examples
    --------
    >>> import leadlag
    >>> orders = leadlag.datasets.cdnow()
    >>> kept = leadlag.retention(orders, user="customer_id", time="date", windows=(30, 90))
    >>> kept.table[["cohort_start", "window", "n", "retained", "mature"]].head(2)
      cohort_start  window     n  retained  mature
    0   1996-12-30      30  1102     195.0    True
    1   1996-12-30      90  1102     325.0    True
    """
    meant = read_definition(definition)
    subscribed = meant == "still subscribed"
    if subscribed is (ended is None):
        raise ConfigurationError(
            "'still subscribed' needs to know which events end a subscription"
            if subscribed
            else "ended= has a meaning for 'still subscribed' alone",
            got=f"definition={definition!r}, ended={ended!r}",
            do="Pass ended= with a column of true and false"
            if subscribed
            else "Pass definition='still subscribed', or leave ended out",
        )
    _check_choices(day_zero, interval)
    cohorts.check_level(level)
    spans = read_spans(windows, meant, day_zero=day_zero)
    grid = cohorts.cohort_grid(period)
    late = days_of(latency, "latency")
    skipped = days_of(burn_in, "burn_in")
    until = cohorts.last_whole_day(as_of, time_zone)
    names = {"u": user, "t": time}
    names |= {
        role: name for role, name in (("v", value), ("m", mix), ("x", ended)) if name is not None
    }
    notices: list[Notice] = []
    with open_log(events, names, zone=time_zone, memory=memory, threads=threads) as log:
        extent = check_log(
            log, time, value, ended,
            as_of_day=until, zone_stated=time_zone is not None, notices=notices,
        )  # fmt: skip
        counts = count_days(
            log, spans, extent, subscribed=subscribed, day_zero=day_zero, mix=mix is not None
        )
        if not skipped:
            notices += truncation_notices(log, counts, extent, bin_days=round(grid.days or 1))
    if skipped:
        start = grid.starts(grid.ordinals(counts.day.astype("M8[D]"))).astype("M8[D]")
        counts = counts.only(start.astype(np.int64) >= extent.first + skipped)
        if not counts.day.size:
            raise InsufficientDataError(
                "no cohort began after burn_in", got=f"{skipped} days", do="Lower burn_in"
            )
    if day_zero and not extent.clocked:
        text = (
            "The log has dates without times of day: a second event of the first day can't be told "
            "from the first, so day_zero=True counts nothing more."
        )
        notices.append(Notice("day_zero_dates", text))
    bounds = cohorts.Bounds(interval, float(level))
    table = cohorts.cohort_table(counts, spans, grid, extent, latency=late, bounds=bounds)
    overall = cohorts.overall_table(counts, spans, extent, latency=late, bounds=bounds)
    if not table["mature"].any():
        text = "No cohort is mature yet: every rate is missing."
        notices.append(Notice("none_mature", text))
    return Retention(
        table=table,
        overall=overall,
        mix=cohorts.at_constant_mix(counts, spans, grid, extent, late) if mix else None,
        warnings=tuple(notices),
        settings={
            "definition": meant,
            "period": grid.letter,
            "as_of": str(cohorts.as_dates(np.array([extent.last]))[0].date()),
            "first_day": str(cohorts.as_dates(np.array([extent.first]))[0].date()),
            "latency": late,
            "time_zone": time_zone,
            "events": extent.events,
            "day_zero": day_zero,
            "burn_in": skipped,
            "level": float(level),
            "source": os.fspath(events) if isinstance(events, (str, os.PathLike)) else "",
        },
        _grid=grid,
        _spans=spans,
    )


def _check_choices(day_zero: object, interval: object) -> None:
    if not isinstance(day_zero, bool):
        raise ConfigurationError("day_zero is not a choice", got=shown(day_zero), need="a bool")
    if not isinstance(interval, str) or interval not in INTERVALS:
        raise unknown_name(
            f"interval {shown(interval)} is not known", interval, INTERVALS, plural="Choices"
        )
