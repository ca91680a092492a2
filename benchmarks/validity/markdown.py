"""Pieces of a page."""

import math
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table."""
    return [_row(head), _row(["---"] * len(head)), *(_row(cells) for cells in rows)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def number(value: float, error: float | None = None, *, digits: int = 2) -> str:
    """A number, with its standard error in parentheses where it has one."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{value:.{digits}f}"
    if error is None or not math.isfinite(error):
        return text
    return f"{text} ({error:.{digits}f})"
