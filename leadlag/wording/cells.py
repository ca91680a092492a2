"""The columns that people see, and the text of each cell: one table for terminal and notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadlag.wording.words import figures, missing, plain, probability, role_word

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """One column for people: its heading, the table's columns it needs, and how a row reads."""

    heading: str
    needs: tuple[str, ...]
    text: Callable[[Row], str]
    right: bool = False


def shown_cells(columns: Sequence[str]) -> list[Cell]:
    """Choose the columns that the evidence at hand can fill; the verdict stands for the role.

    Parameters
    ----------
    columns : sequence of str
        Columns of `Ranking.table`.

    Returns
    -------
    list of Cell

    Examples
    --------
    >>> [cell.heading for cell in shown_cells(["role", "lag", "lag_low", "lag_high", "q_value"])]
    ['metric', 'role', 'lag [low–high]', 'q']
    """
    known = {"metric", *columns}
    cells = [cell for cell in CELLS if known.issuperset(cell.needs)]
    return [c for c in cells if c.heading != "role" or "verdict" not in known]


def lag_text(row: Row) -> str:
    """Write a lag with its interval; negative lags take "to", as a dash would read as a sign.

    Parameters
    ----------
    row : mapping
        A row of the table.

    Returns
    -------
    str

    Examples
    --------
    >>> lag_text({"lag": 3.0, "lag_low": 2.0, "lag_high": 5.0})
    '3 [2–5]'
    >>> lag_text({"lag": -3.0, "lag_low": -5.0, "lag_high": -1.0})
    '-3 [-5 to -1]'
    """
    if missing(row["lag"]):
        return ""
    if missing(row["lag_low"]) or missing(row["lag_high"]) or row["lag"] == 0:
        return plain(row["lag"])
    dash = "–" if row["lag_low"] >= 0 else " to "
    return f"{plain(row['lag'])} [{plain(row['lag_low'])}{dash}{plain(row['lag_high'])}]"


def why(row: Row) -> str:
    """Say in a few words why a metric stands where it stands.

    Parameters
    ----------
    row : mapping
        A row of the table.

    Returns
    -------
    str

    Examples
    --------
    >>> why({"role": "leading", "correlation": -0.4})
    'high → later low'
    """
    return _WHY[row["role"]](row)


def _then(row: Row) -> str:
    return "low" if row["correlation"] < 0 else "high"


_WHY: Mapping[str, Callable[[Row], str]] = {
    "leading": lambda row: f"high → later {_then(row)}",
    "feedback": lambda row: f"both ways, high → {_then(row)}",
    "coincident": lambda row: (
        f"same period, {'opposite' if row['correlation'] < 0 else 'same'} way"
    ),
    "lagging": lambda row: "target comes first",
    "unrelated": lambda row: "not told from chance",
    "excluded": lambda row: str(row["notes"]),
}


CELLS: tuple[Cell, ...] = (
    Cell("metric", ("metric",), lambda row: str(row["metric"])),
    Cell("verdict", ("verdict",), lambda row: str(row["verdict"])),
    Cell("role", ("role",), lambda row: role_word(row["role"])),
    Cell("lag [low–high]", ("lag", "lag_low", "lag_high"), lag_text, right=True),
    Cell("usable lead", ("usable_lead",), lambda row: plain(row["usable_lead"]), right=True),
    # Their intervals would leave no room for the reason; they stand in the table.
    Cell("effect", ("effect",), lambda row: figures(row["effect"]), right=True),
    Cell("skill", ("skill",), lambda row: figures(row["skill"]), right=True),
    Cell("q", ("q_value",), lambda row: probability(row["q_value"]), right=True),
    Cell("why", ("role", "correlation", "notes"), why),
)
