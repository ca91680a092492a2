"""The few metrics to look at: by verdict, without those that say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadlag.core.roles import SHOWN_LEADING

__all__ = ["shortlisted"]

_ORDER = ("assign", "learn first", "counterweight", "watch")


def shortlisted(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the leaders by verdict, then rank, near-copies and components left out.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table in order, each with its name as "metric".

    Returns
    -------
    list of str

    Notes
    -----
    Of two that say the same, the first in this order stays: a behaviour that can be assigned, not
    the business outcome that it goes with, whichever has the larger gain.

    Examples
    --------
    >>> rows = [{"metric": "bookings", "role": "leading", "verdict": "watch", "redundant_with": ""},
    ...         {"metric": "demos", "role": "leading", "verdict": "assign",
    ...          "redundant_with": "bookings"}]
    >>> shortlisted(rows)
    ['demos']
    """
    leaders = [r for r in rows if r["role"] in SHOWN_LEADING and r["verdict"] in _ORDER]
    # A copy that was judged not to be needed is "watch" for it, and stays out.
    leaders.sort(key=lambda row: _ORDER.index(row["verdict"]))
    out: list[str] = []
    spoken: set[str] = set()
    for row in leaders:
        other = row.get("redundant_with") or ""
        if other in out or row["metric"] in spoken:
            continue
        if other and row["verdict"] not in ("assign", "learn first"):
            continue
        out.append(row["metric"])
        if other:
            spoken.add(other)
    return out
