"""A comparison of versions as a table in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from leadlag.wording.numbers import missing, plain
from leadlag.wording.versions import cycles, share, surely_late
from leadlag.wording.words import LINE, periods, wrapped

Row = Mapping[str, Any]

_HEAD = ("version", "known after", "lag", "usable lead", "fidelity", "skill", "cycles", "")


def terminal(
    rows: Sequence[Row], advice: str, notes: Sequence[str], settings: Mapping[str, Any]
) -> str:
    """Notes, one line a version, and the recommendation.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table, each with its name as "name".
    advice : str
        The recommendation.
    notes : sequence of str
        Facts about the data.
    settings : mapping
        `Comparison.settings`.

    Returns
    -------
    str
    """
    cells = [_HEAD, *[_cells(row, settings) for row in rows]]
    widths = [max(len(line[i]) for line in cells) for i in range(len(_HEAD))]
    lines = [
        "  ".join(
            text.ljust(width) if i in (0, 7) else text.rjust(width)
            for i, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    head = f"Versions of a metric against {settings['target']}, dated by {settings['stamped']}"
    said = wrapped(advice, LINE)
    noted = [wrapped(f"Note: {note}", LINE) for note in notes]
    return "\n".join([*noted, head, *lines, "", said])


def _cells(row: Row, settings: Mapping[str, Any]) -> tuple[str, ...]:
    freq = settings["freq"]
    return (
        str(row["name"]),
        "" if missing(row["maturation"]) else periods(row["maturation"], freq),
        "" if missing(row["lag"]) else plain(row["lag"]),
        "" if missing(row["usable_lead"]) else plain(row["usable_lead"]),
        "" if missing(row["fidelity"]) else share(row["fidelity"]),
        "" if missing(row["skill"]) else share(row["skill"]),
        "" if missing(row["cycles_per_quarter"]) else cycles(row["cycles_per_quarter"]),
        _remark(row),
    )


def _remark(row: Row) -> str:
    if row["reason"]:
        return "left out"
    if row["beyond_search"]:
        return "beyond the search"
    if row["only_by_cohort"]:
        return "leads only in a table by cohort"
    if not missing(row["usable_lead"]) and row["usable_lead"] <= 0:
        return "known too late" if surely_late(row) else "perhaps known too late"
    if not row["precedes"]:
        return "none shown"
    return "on the frontier" if row["frontier"] else ""
