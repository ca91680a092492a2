"""What was known at a moment."""

from __future__ import annotations

import datetime
import operator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadlag.data.clock import pick_clock
from leadlag.data.notice import Notice
from leadlag.data.timeline import Timeline
from leadlag.errors import ConfigurationError, InsufficientDataError

__all__ = ["read_limit", "rows_until"]


def rows_until(as_of: object, timeline: Timeline, notices: list[Notice]) -> npt.NDArray[np.bool_]:
    """Find the rows whose stamp does not lie after `as_of`.

    Parameters
    ----------
    as_of : date, datetime, str or int
        As in `read_limit`.
    timeline : Timeline
        When each row happened.
    notices : list of Notice
        Says how many rows came later.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
        True for the rows to keep. A period that had begun, but was not over, is among them.

    Raises
    ------
    ConfigurationError
        If `as_of` can't be read, or doesn't suit the data.
    InsufficientDataError
        If every row came later.
    """
    clock = pick_clock(timeline)
    rows = np.asarray(clock.stamps < read_limit(as_of, timeline, clock.zone))
    if not rows.any():
        first = timeline.stamps.min()
        raise InsufficientDataError(
            f"no period was over as of {as_of}",
            got=f"data that begin with {pd.Timestamp(first) if timeline.dated else first}",
            need="rows before that moment",
            do="Pass a later as_of",
        )
    later = int((~rows).sum())
    if later:
        text = f"{later} rows" if later > 1 else "1 row"
        were = "were" if later > 1 else "was"
        notices.append(Notice("as_of", f"{text} after {as_of} {were} dropped."))
    return rows


def read_limit(as_of: object, timeline: Timeline, zone: str | datetime.tzinfo) -> Any:
    """Find the moment before which a period must have ended to be known.

    Parameters
    ----------
    as_of : date, datetime, str or int
        A date, or midnight, means the end of that day; for plain periods, the last one.
    timeline : Timeline
        When each row happened.
    zone : str or tzinfo
        The time zone, where periods are counted in UTC.

    Returns
    -------
    numpy.datetime64 or int
        The moment on the clock that periods are counted by; for plain periods the first integer
        that was not known.

    Raises
    ------
    ConfigurationError
        If `as_of` can't be read, or doesn't suit the data.
    """
    if not timeline.dated:
        try:
            return operator.index(as_of) + 1  # type: ignore[arg-type]
        except TypeError as error:
            raise _unreadable(as_of, "an integer, as the periods are plain integers") from error
    if isinstance(as_of, (bool, int)):
        raise _unreadable(as_of, "a date, such as '2024-06-30'")
    if not isinstance(as_of, (str, datetime.date, np.datetime64)):
        raise _unreadable(as_of, "a date, such as '2024-06-30'")
    try:
        moment = pd.Timestamp(as_of)
    except ValueError as error:
        raise _unreadable(as_of, "a date, such as '2024-06-30'") from error
    if pd.isna(moment):
        raise _unreadable(as_of, "a date, such as '2024-06-30'")
    if moment.tz is not None:
        local = zone or timeline.zone
        named = local and local != "offsets from UTC"
        moment = moment.tz_convert(local if named else "UTC").tz_localize(None)
    if moment == moment.normalize():
        moment += pd.Timedelta(days=1)
    if zone:
        moment = moment.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
        moment = moment.tz_convert("UTC").tz_localize(None)
    return moment.to_datetime64().astype("datetime64[us]")


def _unreadable(as_of: object, need: str) -> ConfigurationError:
    return ConfigurationError("as_of can't be used", got=repr(as_of), need=need)
