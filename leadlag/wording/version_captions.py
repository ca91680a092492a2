"""Titles, axes and alternative texts of the figures of versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadlag.wording.numbers import missing, plain
from leadlag.wording.versions import share, surely_late
from leadlag.wording.words import listed, periods, unit

Row = Mapping[str, Any]

# More letters of names than this are not read in a title.
_ROOM = 110
ON, BEHIND, LATE = "on the frontier", "another is no later and tells no less", "known too late"
PERHAPS = "perhaps known too late"
PROFILE_AXIS = "correlation of surprises"
NO_LEAD = "No version has a lead that could be drawn."
NO_PROFILE = "No version has values enough for a profile."


def place(row: Row) -> str:
    """Where a version stands to the frontier.

    Parameters
    ----------
    row : mapping
        A row of `Comparison.table`.

    Returns
    -------
    str

    Examples
    --------
    >>> row = {"usable_lead": -3.0, "lag": 9.0, "lag_high": 10.0, "frontier": False}
    >>> place(row), place(row | {"lag_high": 20.0})
    ('known too late', 'perhaps known too late')
    """
    if row["usable_lead"] <= 0:
        return LATE if surely_late(row) else PERHAPS
    return ON if row["frontier"] else BEHIND


def timed(row: Row) -> bool:
    """Tell whether a version has a lead that can be drawn, late or not.

    Parameters
    ----------
    row : mapping
        A row of `Comparison.table`.

    Returns
    -------
    bool
        False where it only seems to lead in a table by cohort, and may do so in time or not.

    Examples
    --------
    >>> row = {"usable_lead": 0.0, "lag": 2.0, "lag_high": 22.0, "only_by_cohort": True}
    >>> timed(row), timed(row | {"only_by_cohort": False})
    (False, True)
    """
    if missing(row["usable_lead"]):
        return False
    return not row["only_by_cohort"] or surely_late(row)


def lead_axis(settings: Mapping[str, Any]) -> str:
    """Title of the axis of usable leads.

    Parameters
    ----------
    settings : mapping
        `Comparison.settings`.

    Returns
    -------
    str

    Examples
    --------
    >>> lead_axis({"target": "renewals", "freq": "D"})
    'days from when it is known to renewals'
    """
    return f"{unit(settings['freq'])}s from when it is known to {settings['target']}"


def worth_axis(column: str, settings: Mapping[str, Any]) -> str:
    """Title of the axis of fidelity, or of accuracy where there is none.

    Parameters
    ----------
    column : str
        "fidelity" or "accuracy".
    settings : mapping
        `Comparison.settings`.

    Returns
    -------
    str

    Examples
    --------
    >>> worth_axis("fidelity", {"mature": "retention_90d"})
    'share of retention_90d predicted (R², out of sample)'
    """
    if column == "fidelity":
        return f"share of {settings['mature']} predicted (R², out of sample)"
    return f"share of squared forecast error of {settings['target']} taken away"


def frontier_title(rows: Sequence[Row], settings: Mapping[str, Any]) -> str:
    """State what the frontier shows.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `Comparison.table`.
    settings : mapping
        `Comparison.settings`.

    Returns
    -------
    str
    """
    best = [str(row["name"]) for row in rows if row["frontier"]]
    if not best:
        return f"No version was shown to precede {settings['target']} in time"
    word = "are" if len(best) > 1 else "is"
    names = _some(best, f"of {len(rows)} versions")
    return f"{names} {word} on the frontier of earliness and fidelity"


def frontier_subtitle(column: str, left_out: Sequence[str] = ()) -> str:
    """Say how to read the frontier.

    Parameters
    ----------
    column : str
        "fidelity" or "accuracy".
    left_out : sequence of str
        Versions that have no place on it.

    Returns
    -------
    str

    Examples
    --------
    >>> frontier_subtitle("accuracy", ["retention_5d"])
    'Further right is earlier, further up tells more. No lead can be drawn for retention_5d.'
    """
    text = "Further right is earlier, further up tells more."
    if column == "fidelity":
        text += " Line: 90 % interval; stroke above: the most that chance leaves."
    if left_out:
        text += f" No lead can be drawn for {_some(left_out, 'others')}."
    return text


def _some(names: Sequence[str], rest: str) -> str:
    """Names where they are few and short, else how many there are."""
    text = listed(list(names))
    return text if len(text) <= _ROOM else f"{len(names)} {rest}"


def frontier_alternative(rows: Sequence[Row], column: str, settings: Mapping[str, Any]) -> str:
    """Say what the frontier shows, for those who can't see it.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `Comparison.table`.
    column : str
        "fidelity" or "accuracy".
    settings : mapping
        `Comparison.settings`.

    Returns
    -------
    str
    """
    said = [
        f"{row['name']}: usable lead {plain(row['usable_lead'])}, {column} {share(row[column])}"
        for row in rows
        if timed(row) and not missing(row[column])
    ]
    return f"{frontier_title(rows, settings)}. {'; '.join(said)}."


def profile_title(rows: Sequence[Row], settings: Mapping[str, Any]) -> str:
    """State what the profiles show.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `Comparison.table`.
    settings : mapping
        `Comparison.settings`.

    Returns
    -------
    str
    """
    found = [row for row in rows if timed(row) and row["usable_lead"] > 0]
    if not found:
        return f"No version was shown to precede {settings['target']} in time"
    most = max(float(row["usable_lead"]) for row in found)
    first = [str(row["name"]) for row in found if row["usable_lead"] == most]
    names, word = _some(first, f"of {len(rows)} versions"), "are" if len(first) > 1 else "is"
    return f"{names} {word} known earliest, {periods(most, settings['freq'])} before " + str(
        settings["target"]
    )


def profile_subtitle(*, ringed: bool) -> str:
    """Say how to read the profiles.

    Parameters
    ----------
    ringed : bool
        Whether there is a lead to be ringed.

    Returns
    -------
    str

    Examples
    --------
    >>> profile_subtitle(ringed=True)
    'A line is a version, by when it is known: right of zero before the outcome, ... lead found.'
    """
    text = "A line is a version, by when it is known: right of zero before the outcome, left of it"
    return f"{text} after.{' Ring: the lead found.' if ringed else ''}"


def profile_alternative(rows: Sequence[Row], settings: Mapping[str, Any]) -> str:
    """Say what the profiles show, for those who can't see them.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of `Comparison.table`.
    settings : mapping
        `Comparison.settings`.

    Returns
    -------
    str
    """
    said = [
        f"{row['name']} {periods(row['usable_lead'], settings['freq'])}"
        for row in rows
        if timed(row)
    ]
    tail = f" Usable leads: {'; '.join(said)}." if said else ""
    return f"{profile_title(rows, settings)}.{tail}"
