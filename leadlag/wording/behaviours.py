"""The words of early behaviours: which threshold was chosen, and what was left of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadlag.wording.numbers import missing
from leadlag.wording.versions import share

Row = Mapping[str, Any]

Y_AXIS = "association with coming back (phi, over users)"
NOT_TOLD = "all users reach it, or none"
EARLIER, LATER = "earlier cohorts, on which it was chosen", "later cohorts, on which it is judged"


def threshold(count: int, days: int, did: str | None = None) -> str:
    """Name a threshold.

    Parameters
    ----------
    count, days : int
    did : str, optional
        The kind of event.

    Returns
    -------
    str

    Examples
    --------
    >>> threshold(3, 2), threshold(1, 1, "upload")
    ('at least 3 events in the first 2 days', 'at least 1 upload event in the first day')
    """
    kind = f"{did} event" if did else "event"
    first = "the first day" if days == 1 else f"the first {days} days"
    return f"at least {count} {kind}{'s' * (count != 1)} in {first}"


def finding(curve: Sequence[Row], settings: Mapping[str, Any]) -> str:
    """Say which threshold was chosen, and how it did on later cohorts.

    Parameters
    ----------
    curve : sequence of mapping
        Rows of `Behaviours.curve`.
    settings : mapping
        `Behaviours.settings`.

    Returns
    -------
    str
    """
    chosen = next((row for row in curve if row["chosen"]), None)
    before, after = (
        f"{settings[part]} cohort{'s' * (settings[part] != 1)}"
        for part in ("cohorts_chosen", "cohorts_judged")
    )
    if chosen is None:
        users = settings["users_chosen"], settings["users_judged"]
        text = (
            f"No threshold could be judged: there are {before} (users: {users[0]:,}) to choose on "
            f"and {after} (users: {users[1]:,}) to judge on whose {settings['outcome']} days are "
            "over"
        )
        if min(users) < settings["least_users"]:
            return f"{text}, and {settings['least_users']} users are needed in either."
        return (
            f"{text}, but among the former no threshold is reached by some "
            f"({share(settings['least_share'])} at least) and missed by some, with some who came "
            "back and some who did not."
        )
    name = threshold(chosen["count"], chosen["days"], settings["did"])
    text = (
        f"Chosen on {before}: {name} (phi {_phi(chosen['chosen_phi'])}). On the {after} after "
        f"them: phi {_phi(chosen['judged_phi'])} ({_phi(chosen['low'])} to "
        f"{_phi(chosen['high'])})"
    )
    if not missing(chosen["kept_if"]) and not missing(chosen["kept_else"]):
        text += (
            f"; {share(chosen['kept_if'])} of those who did come back after day "
            f"{settings['first_day'] - 1}, {share(chosen['kept_else'])} of the others"
        )
    ending = "Whether making users do it would bring them back is a question for an experiment."
    return " ".join(part for part in (f"{text}.", _neighbours(chosen, curve), ending) if part)


def headline(curve: Sequence[Row], settings: Mapping[str, Any]) -> str:
    """State what the curve shows: the threshold that was chosen, by what was left of it.

    Parameters
    ----------
    curve : sequence of mapping
        Rows of `Behaviours.curve`.
    settings : mapping
        `Behaviours.settings`.

    Returns
    -------
    str

    Examples
    --------
    >>> row = {"count": 2, "days": 30, "chosen": True, "judged_phi": 0.25}
    >>> headline([row], {"did": None})
    'Chosen: at least 2 events in the first 30 days; phi .25 in later cohorts'
    """
    chosen = next((row for row in curve if row["chosen"]), None)
    if chosen is None:
        return "No threshold could be judged"
    name = threshold(chosen["count"], chosen["days"], settings["did"])
    return f"Chosen: {name}; phi {_phi(chosen['judged_phi'])} in later cohorts"


def reason(said: str) -> str:
    """Say why nothing is drawn.

    Parameters
    ----------
    said : str
        `Behaviours.finding`.

    Returns
    -------
    str

    Examples
    --------
    >>> reason("No threshold could be judged: there are 0 cohorts to choose on.")
    'There are 0 cohorts to choose on.'
    """
    text = said.partition(": ")[2] or said
    return text[:1].upper() + text[1:]


def curve_subtitle(settings: Mapping[str, Any]) -> str:
    """Say how to read the curve.

    Parameters
    ----------
    settings : mapping
        `Behaviours.settings`.

    Returns
    -------
    str

    Examples
    --------
    >>> curve_subtitle({"level": 0.9})
    'Every threshold that was tried. Line: 90 % interval in the later cohorts.'
    """
    level = f"{100 * settings['level']:.4g} %"
    return f"Every threshold that was tried. Line: {level} interval in the later cohorts."


def _neighbours(chosen: Row, curve: Sequence[Row]) -> str:
    """A curve that is flat has no threshold to speak of."""
    inside = [
        row
        for row in curve
        if not row["chosen"]
        and not missing(row["judged_phi"])
        and row["judged_phi"] >= chosen["low"]
    ]
    judged = [row for row in curve if not missing(row["judged_phi"])]
    if not inside:
        rest = len(judged) - 1
        if rest < 1:
            return ""
        none = "The other threshold does not do" if rest == 1 else f"None of the other {rest} does"
        return f"{none} as well within that interval."
    others = "threshold does" if len(inside) == 1 else "thresholds do"
    return f"{len(inside)} other {others} as well within that interval: the curve is flat there."


def _phi(value: float) -> str:
    text = f"{abs(value):.2f}".removeprefix("0")
    return f"−{text}" if value < 0 else text
