"""Facts about the data that a reader of the ranking should know."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Notice"]


@dataclass(frozen=True)
class Notice:
    """One fact about the data.

    Parameters
    ----------
    code : str
        A stable word for programs, such as "gaps".
    text : str
        One or two sentences for people.

    Examples
    --------
    >>> Notice("sorted", "Rows were sorted by time.").code
    'sorted'
    """

    code: str
    text: str
