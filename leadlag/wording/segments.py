"""What rankings of many segments say together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadlag.wording.amounts import share_cell
from leadlag.wording.numbers import chance

_MOST = 10


def segments_text(made: Mapping[str, Any]) -> str:
    """Write what was found over segments.

    Parameters
    ----------
    made : mapping
        As `Segments.to_dict` returns it.

    Returns
    -------
    str
    """
    count = made["n_segments"]
    failed = len(made["failures"])
    head = f"What precedes {made['settings']['target']} over {count} segments"
    lines = [f"{head}{f', {failed} of which failed' if failed else ''}", *made["warnings"], ""]
    if not made["pooled"]:
        lines.append("No segment could be ranked; .failures says why.")
        return "\n".join(lines)
    rows = [_cells(one) for one in made["pooled"][:_MOST]]
    names = ("metric", "leads in", "effect", "between", "any segment")
    widths = [max(len(row[i]) for row in (names, *rows)) for i in range(len(names))]
    for row in (names, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    if len(made["pooled"]) > _MOST:
        lines.append(f"and {len(made['pooled']) - _MOST} more metrics")
    lines += [
        "",
        "effect: of a typical move, in typical surprises of the target, pooled, with its interval;",
        "between: its standard deviation from segment to segment.",
    ]
    return "\n".join(lines)


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    if one["effect"] is None:
        effect = ""
    else:
        interval = f"[{share_cell(one['effect_low'])}, {share_cell(one['effect_high'])}]"
        effect = f"{share_cell(one['effect'])} {interval}"
    return (
        one["metric"],
        f"{one['n_leading']} of {one['n_segments']}",
        effect,
        "" if one["spread"] is None else share_cell(one["spread"]),
        "" if one["q_value"] is None else chance("q", one["q_value"]),
    )
