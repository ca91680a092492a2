"""The small words: periods, lists and roles as people read them.

Examples
--------
>>> periods(3, "M"), periods(1, "W"), periods(2.5, "D")
('3 months', '1 week', '2.5 days')
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from leadlag.wording.numbers import plain

# Our own letters for a frequency, and the unit in which people count its periods.
# Most characters of a line in a terminal.
LINE = 100
UNITS: Mapping[str, str] = {
    "h": "hour",
    "D": "day",
    "B": "business day",
    "W": "week",
    "M": "month",
    "Q": "quarter",
    "Y": "year",
    "period": "period",
}

ROLE_WORDS: Mapping[str, str] = {"unrelated": "none shown"}


def unit(freq: str) -> str:
    """Name one period of a frequency.

    Parameters
    ----------
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    str

    Examples
    --------
    >>> unit("Q")
    'quarter'
    """
    return UNITS.get(freq, "period")


def periods(count: float, freq: str) -> str:
    """Count periods in words.

    Parameters
    ----------
    count : float
        A number of periods.
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    str

    Examples
    --------
    >>> periods(26, "W")
    '26 weeks'
    """
    name = unit(freq)
    return f"{plain(count)} {name if abs(count) == 1 else name + 's'}"


def same_period(freq: str) -> str:
    """Say that two things happen in one period.

    Parameters
    ----------
    freq : str
        One of "h", "D", "B", "W", "M", "Q", "Y", "period".

    Returns
    -------
    str

    Examples
    --------
    >>> same_period("D"), same_period("W")
    ('on the same day', 'in the same week')
    """
    return f"{'on' if freq in ('D', 'B') else 'in'} the same {unit(freq)}"


def role_word(role: str) -> str:
    """Name a role as people read it: "unrelated" would claim more than a test can.

    Parameters
    ----------
    role : str
        A role of the table.

    Returns
    -------
    str

    Examples
    --------
    >>> role_word("unrelated"), role_word("leading")
    ('none shown', 'leading')
    """
    return ROLE_WORDS.get(role, role)


def listed(names: Iterable[str], conjunction: str = "and") -> str:
    """Join names as a sentence does.

    Parameters
    ----------
    names : iterable of str
        What to join.
    conjunction : str
        The word before the last name.

    Returns
    -------
    str

    Examples
    --------
    >>> listed(["visits", "sign-ups", "orders"])
    'visits, sign-ups and orders'
    """
    items = list(names)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def span_text(span: Sequence[str]) -> str:
    """Write a span of periods, the words that both ends share only once.

    Parameters
    ----------
    span : sequence of str
        Labels of the first and the last period.

    Returns
    -------
    str

    Examples
    --------
    >>> span_text(["week of 2024-01-01", "week of 2025-12-22"]), span_text(["2024-Q1", "2025-Q4"])
    ('week of 2024-01-01 to 2025-12-22', '2024-Q1 to 2025-Q4')
    """
    first, last = span
    words, stamp = first.rpartition(" ")[0], last.rpartition(" ")[2]
    # An hour has its date before the space: that is no word to be left out.
    shared = words and words[0].isalpha() and last.startswith(f"{words} ")
    return f"{first} to {stamp if shared else last}"


def terms_text(settings: Mapping[str, Any]) -> str:
    """Write what a test takes as given: the single terms of a calendar are one, many controls too.

    Parameters
    ----------
    settings : mapping
        `Ranking.settings`: "terms" and "controls" are read.

    Returns
    -------
    str

    Examples
    --------
    >>> terms_text({"terms": ["trend", "Tuesday", "New Year's Day", "own past"], "controls": []})
    "the target's own past, a trend and the calendar"
    >>> terms_text({"terms": ["price and its last 3 values", "own past"], "controls": ["price"]})
    "the target's own past and price"
    """
    controls = list(settings.get("controls", []))
    held = {term for term in settings["terms"] for name in controls if term.startswith(name)}
    parts = ["the target's own past"]
    if "trend" in settings["terms"]:
        parts.append("a trend")
    if set(settings["terms"]) - held - {"trend", "own past"}:
        parts.append("the calendar")
    parts.extend(controls if len(controls) <= 3 else [f"{len(controls)} controls"])
    return listed(parts)


def shortened(text: str, width: int) -> str:
    """Cut a text to a width, an ellipsis for the rest.

    Parameters
    ----------
    text : str
        Any text.
    width : int
        Most characters kept.

    Returns
    -------
    str

    Examples
    --------
    >>> shortened("activation_rate", 8)
    'activat…'
    """
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def wrapped(text: str, width: int, *, indent: str = "") -> str:
    """Wrap one paragraph; continuation lines are indented.

    Parameters
    ----------
    text : str
        One paragraph.
    width : int
        Most characters a line.
    indent : str
        What continuation lines start with.

    Returns
    -------
    str

    Examples
    --------
    >>> print(wrapped("Note: one two three", 10, indent="  "))
    Note: one
      two
      three
    >>> print(wrapped("predicts 25 % more", 11))
    predicts
    25 % more
    """
    # A number keeps its per cent sign: textwrap breaks at plain spaces only.
    bound = text.replace(" %", "\u00a0%")
    filled = textwrap.fill(bound, width, subsequent_indent=indent, break_on_hyphens=False)
    return filled.replace("\u00a0%", " %")


def sentence(text: str) -> str:
    """Give a note the full stop it may lack.

    Parameters
    ----------
    text : str
        One note.

    Returns
    -------
    str

    Examples
    --------
    >>> sentence("3 gaps were bridged"), sentence("Why?")
    ('3 gaps were bridged.', 'Why?')
    """
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else text + "."


def within(limit: int, parts: Sequence[tuple[float, str]], ending: str) -> str:
    """Put sentences together within a number of words; they stay in order, the ending is kept.

    Parameters
    ----------
    limit : int
        Most words, counted as a person would: by the spaces.
    parts : sequence of (float, str)
        Sentences in the order in which they are read, each with its importance: 0 is always kept,
        then 1, 2 and so on as far as there is room.
    ending : str
        The last sentence.

    Returns
    -------
    str

    Examples
    --------
    >>> within(6, [(0, "One two."), (2, "Three four five."), (1, "Six.")], "The end.")
    'One two. Six. The end.'
    """
    room = limit - len(ending.split())
    kept = set()
    for place, (importance, text) in sorted(enumerate(parts), key=lambda part: part[1][0]):
        words = len(text.split())
        if words and (importance == 0 or words <= room):
            kept.add(place)
            room -= words
    return " ".join([*(text for place, (_, text) in enumerate(parts) if place in kept), ending])
