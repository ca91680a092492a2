"""Columns of text within a width: what gives way first, so that numbers are never cut."""

import textwrap
from collections.abc import Sequence

from leadlag.wording.cells import Cell, Row
from leadlag.wording.words import shortened

_GAP = "  "
# Names and reasons are narrowed so far and no further; see `laid_out` for the order.
_NAME, _NARROW_NAME, _SHORT_NAME, _LEAST_NAME = 24, 16, 12, 10
_REASON, _LEAST_REASON = 15, 13


def laid_out(cells: Sequence[Cell], rows: Sequence[Row], width: int) -> list[str]:
    r"""Write rows under their headings, within a width.

    Parameters
    ----------
    cells : sequence of Cell
        Columns, the metric's name first.
    rows : sequence of mapping
        Rows of the table.
    width : int
        Most characters a line.

    Returns
    -------
    list of str
        Lines, the headings first.

    Notes
    -----
    Too wide a table gives way in this order: headings break over two lines, verdicts are written
    short, long names are cut,
    skills leave their intervals to `Ranking.table`, names are cut again, lags whose interval is
    one lag leave it out, reasons are cut; those that would be cut to nothing are left out, and only
    then do effects leave their intervals to the table.

    Examples
    --------
    >>> from leadlag.wording.cells import shown_cells
    >>> row = {"metric": "visits", "role": "leading", "usable_lead": 12.0, "q_value": 0.003}
    >>> cells = shown_cells(list(row))
    >>> print("\n".join(laid_out(cells, [row], 34)))
    metric  role     usable lead     q
    visits  leading           12  .003
    >>> print("\n".join(laid_out(cells, [row], 30)))
                     usable
    metric  role       lead     q
    visits  leading      12  .003
    """
    columns = [_Column(cell, rows) for cell in cells]

    def excess() -> int:
        return sum(c.width for c in columns) + len(_GAP) * (len(columns) - 1) - width

    def narrow(heading: str, least: int) -> None:
        for column in columns:
            if column.cell.heading == heading:
                column.narrow(max(excess(), 0), least)

    def shorten(heading: str) -> None:
        for column in columns:
            if column.cell.heading == heading and excess() > 0:
                column.shorten()

    if excess() > 0:
        for column in columns:
            column.break_heading()
    shorten("verdict")
    narrow("metric", _NAME)
    shorten("skill")
    narrow("metric", _NARROW_NAME)
    shorten("lag [low–high]")
    narrow("why", _REASON)
    narrow("metric", _SHORT_NAME)
    narrow("why", _LEAST_REASON)
    if excess() > 0:
        columns = [column for column in columns if column.cell.heading != "why"]
    narrow("metric", _LEAST_NAME)
    shorten("effect")
    for heading in ("why", "metric"):
        # What a concession freed goes back to whatever was cut.
        for column in columns:
            if column.cell.heading == heading:
                column.widen(max(-excess(), 0))
    lines = zip(*(column.lines() for column in columns), strict=True)
    heads = max((len(column.heading) for column in columns), default=0)
    skip = max((_HEADING_LINES - heads), 0)
    return [_GAP.join(texts).rstrip() for texts in list(lines)[skip:]]


def squeezed(text: str, width: int) -> str:
    """Cut a name in its middle: names of one family differ at their ends.

    Parameters
    ----------
    text : str
        Any name.
    width : int
        Most characters kept.

    Returns
    -------
    str

    Examples
    --------
    >>> squeezed("retention_90d", 10), squeezed("visits", 10)
    ('reten…_90d', 'visits')
    """
    if len(text) <= width or width < 3:
        return shortened(text, width)
    tail = 2 * width // 5
    return f"{text[: width - 1 - tail]}…{text[-tail:]}"


_HEADING_LINES = 2


class _Column:
    """One column while it is fitted: its texts, its width, its heading in one line or two."""

    def __init__(self, cell: Cell, rows: Sequence[Row]) -> None:
        self.cell = cell
        self.rows = rows
        self.texts = [cell.text(row) for row in rows]
        self.heading = [cell.heading]
        # The reason for an exclusion is as long as it is: it takes the room that is left.
        wanted = [
            text
            for text, row in zip(self.texts, rows, strict=True)
            if cell.heading != "why" or row["role"] != "excluded"
        ]
        least = _LEAST_REASON if cell.heading == "why" and len(wanted) < len(rows) else 0
        self.width = max([least, len(cell.heading), *map(len, wanted)])

    def break_heading(self) -> None:
        words = self.cell.heading.split()
        body = max(map(len, self.texts), default=0)
        if len(words) > 1 and body < self.width:
            self.width = max([body, *map(len, words)])
            self.heading = textwrap.wrap(self.cell.heading, self.width)

    def shorten(self) -> None:
        if self.cell.short is not None:
            self.texts = [self.cell.short(row) for row in self.rows]
            self.width = max([len(self.cell.heading), *map(len, self.texts)])
            self.break_heading()

    def narrow(self, excess: int, least: int) -> None:
        self.width = max(self.width - excess, min(self.width, least))

    def widen(self, room: int) -> None:
        self.width = min(self.width + room, max([self.width, *map(len, self.texts)]))

    def lines(self) -> list[str]:
        blank = [""] * (_HEADING_LINES - len(self.heading))
        body = [
            # A sentence is cut at its end; what ends with a name keeps both of its own.
            (shortened if self.cell.heading == "why" and row["role"] == "excluded" else squeezed)(
                text, self.width
            )
            for text, row in zip(self.texts, self.rows, strict=True)
        ]
        texts = [*blank, *self.heading, *body]
        return [t.rjust(self.width) if self.cell.right else t.ljust(self.width) for t in texts]
