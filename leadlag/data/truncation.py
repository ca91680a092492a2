"""Logs that begin late: users who were there before it look new in its first days."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from leadlag.data.events import EventLog
from leadlag.data.notice import Notice
from leadlag.data.retention import DAY, DayCounts, Extent

__all__ = ["FINE", "may_begin_late", "old_among_new", "truncation_notices"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# A log that begins late shows this many times the usual number of new users in its first period.
_EXCESS = 2.0
# Fewer new users than this say nothing about an excess.
_FEWEST_NEW = 20
# A smaller excess is looked for in bins of so many days, weighted by the old users that come back
# after a cut. At this bound 0 to 3 % of whole logs of 100 to 1,500 users were said to be cut, and
# of logs that were cut 8 to 20 % (100 users who stay a month) to all (who stay three).
FINE = 14
_SURE = 2.33
# Share of the old users that a cut at the middle would bring, at least.
_PART = 0.2
_FEWEST_OLD = 5
_COMPARED = 12
# Of the seemingly new users; as many old ones move no rate by more than a twentieth of the gap.
_FEW_OLD = 0.05


def truncation_notices(
    log: EventLog, counts: DayCounts, extent: Extent, *, bin_days: int
) -> list[Notice]:
    """Say whether a log begins late, and how many of its first days to leave out.

    Parameters
    ----------
    log : EventLog
        The events.
    counts : DayCounts
        Users by first day.
    extent : Extent
        Days of the log.
    bin_days : int, days
        Length of a cohort's period.

    Returns
    -------
    list of Notice
        One where it does, or may; else none.
    """
    excess = _log_begins_late(counts, extent, bin_days)
    if excess is not None:
        seeming, old = old_among_new(log, extent, bin_days=bin_days)
        return [_truncation_notice(*excess, seeming, old, bin_days)]
    if may_begin_late(counts, extent) is None:
        return []
    seeming, old = old_among_new(log, extent, bin_days=FINE)
    slight = may_begin_late(counts, extent, old)
    return [] if slight is None else [_slight_truncation_notice(*slight, seeming, old)]


def _log_begins_late(counts: DayCounts, extent: Extent, bin_days: int) -> tuple[int, float] | None:
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


def may_begin_late(
    counts: DayCounts, extent: Extent, old: Ints | None = None
) -> tuple[int, float, int] | None:
    """Whether new users early in a log are more than usual, in the way that old ones would be.

    Parameters
    ----------
    counts : DayCounts
        Users by first day.
    extent : Extent
        Days of the log.
    old : ndarray of int, shape (n_bins,), optional
        From `old_among_new` with bins of `FINE` days. Without it the answer costs no look at the
        log, and is not None wherever there may be an excess.

    Returns
    -------
    (int, float, int) or None
        New users in the first bins, how many would be usual, and the number of those bins.

    Notes
    -----
    A matched filter: excess over the mean of the bins that follow, weighted by the old users who
    would look new after a cut at the middle of the log, in its standard deviations, the counts'
    dispersion read from the bins that follow.
    """
    bins = np.bincount((counts.day - extent.first) // FINE, weights=counts.users)
    whole = bins[: (extent.last - extent.first + 1) // FINE].astype(np.float64)
    if old is None:
        sizes = [size for size in (1, 2, 4, 8) if 4 * size <= whole.size]
        weights = [np.ones(size) for size in sizes]
        return next((found for w in weights if (found := _excess(whole, w, sure=1.0))), None)
    if old.sum() < _FEWEST_OLD:
        return None
    half, most = (int(np.argmax(old.cumsum() >= part * old.sum())) + 1 for part in (0.5, 0.8))
    found = _excess(whole, old[:most].astype(np.float64), sure=_SURE, part=_PART)
    # Said of the bins in which half of them come back: of all, the excess would look small.
    return found and (int(whole[:half].sum()), found[1] * half / most, half)


def _excess(
    whole: Floats, weight: Floats, *, sure: float, part: float = 0.0
) -> tuple[int, float, int] | None:
    size = weight.size
    rest = whole[size : size + max(_COMPARED, 3 * size)]
    if rest.size < 4 or not rest.any():
        return None
    usual = float(rest.mean())
    spread = max(usual, float(rest.var(ddof=1)))
    excess = float(weight @ (whole[:size] - usual))
    square = float(weight @ weight)
    error = np.sqrt(spread * (square + weight.sum() ** 2 / rest.size))
    if excess <= sure * error or excess <= part * square:
        return None
    return int(whole[:size].sum()), usual * size, size


def _truncation_notice(first: int, usual: float, seeming: Ints, old: Ints, bin_days: int) -> Notice:
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
    cure = _cure(int(many[-1]) + 1 if many.size else 0, share.size, bin_days)
    text = (
        f"{first:,} users look new in the first {bin_days} days of the log, {usual:,.0f} in as "
        "many usual days: most of them were there before the log begins, and their retention is "
        f"not that of new users. {cure}"
    )
    return Notice("left_truncated", text)


def _slight_truncation_notice(
    first: int, usual: float, bins: int, seeming: Ints, old: Ints
) -> Notice:
    """Say that a log may begin late, where cohorts are small.

    Parameters
    ----------
    first, usual, bins
        From `may_begin_late`.
    seeming, old : ndarray of int, shape (n_bins,)
        From `old_among_new`, with bins of `FINE` days.

    Returns
    -------
    Notice
    """
    # A single bin of few users says little: all that come later are looked at together.
    left = old[::-1].cumsum()[::-1] / np.maximum(seeming[::-1].cumsum()[::-1], 1)
    many = np.flatnonzero(left > _FEW_OLD)
    text = (
        f"{first:,} users look new in the first {bins * FINE} days of the log, {usual:,.0f} in as "
        "many days after them. Some may have been there before the log begins: their retention "
        "is not that of new users. "
        f"{_cure(int(many[-1]) + 1 if many.size else 0, old.size, FINE)}"
    )
    return Notice("left_truncated", text)


def _cure(begin: int, bins: int, bin_days: int) -> str:
    """How many days to leave out, or that it can't be said."""
    days = begin * bin_days
    if 4 * begin >= 3 * bins:
        return (
            "Cut off at its middle, old users look new to its very end: the log is too short to "
            "say how many days to leave out. Supply more history, or the dates on which users "
            "joined."
        )
    return (
        f"Cut off at its middle, the log takes {days} days until fewer than one in twenty of the "
        f"seemingly new are old. Pass burn_in={days} to leave those cohorts out."
    )


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
