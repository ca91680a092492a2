"""Logs that begin late: users who were there before it look new in its first days."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from leadlag.data.events import EventLog
from leadlag.data.notice import Notice
from leadlag.data.retention import DAY, DayCounts, Extent

__all__ = ["log_begins_late", "old_among_new", "truncation_notice"]

Ints = npt.NDArray[np.int64]

# A log that begins late shows this many times the usual number of new users in its first period.
_EXCESS = 2.0
# Fewer new users than this say nothing about an excess.
_FEWEST_NEW = 20
# Of the seemingly new users; as many old ones move no rate by more than a twentieth of the gap.
_FEW_OLD = 0.05


def log_begins_late(counts: DayCounts, extent: Extent, bin_days: int) -> tuple[int, float] | None:
    """Whether the first days of a log have far more new users than usual: old ones, unseen before.

    Parameters
    ----------
    counts : DayCounts
        Users by first day.
    extent : Extent
        Days of the log.
    bin_days : int, days
        Length of a bin; the first begins with the log.

    Returns
    -------
    (int, float) or None
        New users in the first bin, and in a usual later one; None where there is no excess.
    """
    age = (counts.day - extent.first) // bin_days
    bins = np.bincount(age, weights=counts.users)
    whole = bins[: (extent.last - extent.first + 1) // bin_days]
    later = whole[max(1, whole.size // 3) :]
    later = later[later > 0]
    if later.size < 3:
        return None
    usual = float(np.median(later))
    if whole[0] < _FEWEST_NEW or whole[0] < _EXCESS * usual:
        return None
    return int(whole[0]), usual


def truncation_notice(first: int, usual: float, seeming: Ints, old: Ints, bin_days: int) -> Notice:
    """Say that a log begins late, and how many of its first days to leave out.

    Parameters
    ----------
    first : int
        New users in the first bin.
    usual : float
        In a usual one.
    seeming, old : ndarray of int, shape (n_bins,)
        From `old_among_new`.
    bin_days : int, days

    Returns
    -------
    Notice
    """
    share = old / np.maximum(seeming, 1)
    many = np.flatnonzero(share > _FEW_OLD)
    begin = int(many[-1]) + 1 if many.size else 0
    days = begin * bin_days
    cure = (
        f"Cut off at its middle, the log takes {days} days until fewer than one in twenty of the "
        f"seemingly new are old. Pass burn_in={days} to leave those cohorts out."
        if begin < share.size
        else "Cut off at its middle, old users look new to its very end: the log is too short to "
        "say how many days to leave out. Supply more history, or the dates on which users joined."
    )
    text = (
        f"{first:,} users look new in the first {bin_days} days of the log, {usual:,.0f} in as "
        "many usual days: most of them were there before the log begins, and their retention is "
        f"not that of new users. {cure}"
    )
    return Notice("left_truncated", text)


def old_among_new(log: EventLog, extent: Extent, *, bin_days: int) -> tuple[Ints, Ints]:
    """Pretend that the log began in its middle, and count the old users that would look new.

    Parameters
    ----------
    log : EventLog
        The events.
    extent : Extent
        Days that count.
    bin_days : int, days
        Length of the bins of time since that middle.

    Returns
    -------
    seeming, old : ndarray of int, shape (n_bins,)
        Users first seen after the middle, by bin of the time until then; and those of them who had
        been seen before it.
    """
    middle = (extent.first + extent.last) // 2
    table = log.ask(
        f"WITH e AS (SELECT u, {DAY} AS d FROM log WHERE u IS NOT NULL AND t IS NOT NULL "
        f"AND {DAY} <= {extent.last}), "
        f"f AS (SELECT u, min(d) < {middle} AS old, min(d) FILTER (d >= {middle}) AS again "
        "FROM e GROUP BY u) "
        f"SELECT (again - {middle}) // {bin_days} AS age, count(*) AS n, "
        "count(*) FILTER (old) AS old FROM f WHERE again IS NOT NULL GROUP BY age ORDER BY age"
    )
    bins = max(1, (extent.last - middle + 1) // bin_days)
    table = table.set_index("age").reindex(range(bins), fill_value=0)
    return table["n"].to_numpy(dtype=np.int64), table["old"].to_numpy(dtype=np.int64)
