"""The columns that people see, and the text of each cell: one table for terminal and notebook."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadlag.core.roles import SHOWN_LEADING
from leadlag.wording.amounts import interval_cell, share_cell, signed_cell
from leadlag.wording.numbers import missing, plain, probability
from leadlag.wording.words import role_word

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """One column for people.

    Its heading, the table's columns it needs, how a row reads, how it reads where there is little
    room (None: the same), and the side on which it stands.
    """

    heading: str
    needs: tuple[str, ...]
    text: Callable[[Row], str]
    short: Callable[[Row], str] | None = None
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


def lag_text(row: Row, *, short: bool = False) -> str:
    """Write a lag with its interval; negative ends take a comma, as a dash would read as a sign.

    Parameters
    ----------
    row : mapping
        A row of the table.
    short : bool
        Leave out an interval of one lag.

    Returns
    -------
    str

    Examples
    --------
    >>> lag_text({"lag": 3.0, "lag_low": 2.0, "lag_high": 5.0})
    '3 [2–5]'
    >>> lag_text({"lag": -3.0, "lag_low": -5.0, "lag_high": -1.0})
    '−3 [−5, −1]'
    """
    lag, low, high = (plain(row[name]) for name in ("lag", "lag_low", "lag_high"))
    if not lag or not low or not high or row["lag"] == 0 or (short and low == high):
        return lag
    return f"{lag} [{low}{'–' if row['lag_low'] >= 0 else ', '}{high}]"


def why(row: Row) -> str:
    """Say in a few words why a metric stands where it stands.

    Parameters
    ----------
    row : mapping
        A row of the table.

    Returns
    -------
    str

    Notes
    -----
    "predicts 31 %" is ``1 - exp(-gain_forward)``: the share of the squared error that the metric's
    past takes off, of what the target's own past and the calendar leave.

    Examples
    --------
    >>> row = {"role": "leading", "gain_forward": 0.37, "usable_lead": 3.0, "redundant_with": ""}
    >>> why(row), why({**row, "redundant_with": "visits"}), why({**row, "usable_lead": 0.0})
    ('predicts 31 %', 'beside visits', 'known too late')
    """
    if row.get("verdict") in _OF_A_VERDICT:
        return _OF_A_VERDICT[row["verdict"]]
    return _WHY[row["role"]](row)


def _why_leading(row: Row) -> str:
    if not missing(row["usable_lead"]) and row["usable_lead"] <= 0:
        return "known too late"
    if row.get("verdict") == "watch" and row.get("kind") in ("business outcome", "output"):
        return str(row["kind"])
    if row.get("redundant_with"):
        return f"beside {row['redundant_with']}"
    share = _share(row["gain_forward"])
    return f"both ways, {share}" if row["role"] == "feedback" else f"predicts {share}"


_OF_A_VERDICT: Mapping[str, str] = {"component": "by arithmetic"}


def _share(gain: float) -> str:
    if missing(gain):
        return "some"
    share = -100 * math.expm1(-max(float(gain), 0.0))
    return f"{share:.0f} %" if share >= 1 else "<1 %"


_WHY: Mapping[str, Callable[[Row], str]] = {
    **dict.fromkeys(SHOWN_LEADING, _why_leading),
    "coincident": lambda row: "same period",
    "lagging": lambda row: "follows",
    "unrelated": lambda row: (
        "too few rows" if row.get("verdict") == "insufficient data" else "could be chance"
    ),
    "excluded": lambda row: str(row["notes"]),
}


def _q(row: Row) -> str:
    # It is about a lead: beside "follows" or "same period" it would read as their own.
    return "" if row.get("role") in ("lagging", "coincident") else probability(row["q_value"])


def _effect(row: Row) -> str:
    return interval_cell(row["effect"], row["effect_low"], row["effect_high"])


def _skill(row: Row) -> str:
    skill = share_cell(row["skill"])
    if not skill or missing(row["skill_low"]) or missing(row["skill_high"]):
        return skill
    return f"{skill} [{share_cell(row['skill_low'])}, {share_cell(row['skill_high'])}]"


def _verdict(row: Row) -> str:
    # A column that was left out has a reason of its own; what was tested has a verdict.
    return "excluded" if row.get("role") == "excluded" else str(row["verdict"])


_SHORT_VERDICT: Mapping[str, str] = {"insufficient data": "too few data"}

CELLS: tuple[Cell, ...] = (
    Cell("metric", ("metric",), lambda row: str(row["metric"])),
    Cell(
        "verdict",
        ("verdict",),
        _verdict,
        short=lambda row: _SHORT_VERDICT.get(_verdict(row), _verdict(row)),
    ),
    Cell("role", ("role",), lambda row: role_word(row["role"])),
    Cell(
        "lag [low–high]",
        ("lag", "lag_low", "lag_high"),
        lag_text,
        short=lambda row: lag_text(row, short=True),
        right=True,
    ),
    Cell("usable lead", ("usable_lead",), lambda row: plain(row["usable_lead"]), right=True),
    Cell(
        "effect",
        ("effect", "effect_low", "effect_high"),
        _effect,
        short=lambda row: signed_cell(row["effect"]),
        right=True,
    ),
    Cell(
        "skill",
        ("skill", "skill_low", "skill_high"),
        _skill,
        short=lambda row: share_cell(row["skill"]),
        right=True,
    ),
    Cell("q", ("q_value",), _q, right=True),
    Cell("why", ("role", "usable_lead", "gain_forward", "notes"), why),
)
