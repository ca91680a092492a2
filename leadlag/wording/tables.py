"""A ranking in a terminal and in a notebook: warnings first, the top rows, what was left out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from leadlag.core.roles import SHOWN_LEADING
from leadlag.wording.cells import Row, shown_cells
from leadlag.wording.layout import laid_out
from leadlag.wording.summary import NOTHING_SHOWN, nothing_shown
from leadlag.wording.words import role_word, span_text, unit, wrapped

_TOP = 12
# With little or nothing shown, a few rows still say what was looked at.
_LEAST = 5
_NOTES = 6


def headline(rows: Sequence[Row], settings: Mapping[str, Any]) -> str:
    """Say what the table ranks, and in which unit its lags are.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table.
    settings : mapping
        `Ranking.settings`.

    Returns
    -------
    str

    Examples
    --------
    >>> headline([{"role": "unrelated"}], {"target": "mrr", "freq": "M",
    ...                                    "span": ["2024-01", "2025-12"]})
    'What precedes mrr: no leading indicator was shown (2024-01 to 2025-12, lags in months)'
    """
    ranked = sum(row["role"] != "excluded" for row in rows)
    count = sum(row["role"] in SHOWN_LEADING for row in rows)
    found = NOTHING_SHOWN if nothing_shown(rows) else f"{count} of {ranked} metrics"
    span = span_text(settings["span"])
    lags = f"lags in {unit(settings['freq'])}s"
    return f"What precedes {settings['target']}: {found} ({span}, {lags})"


def terminal(
    rows: Sequence[Row],
    columns: Sequence[str],
    settings: Mapping[str, Any],
    warnings: Iterable[str],
    *,
    width: int = 100,
) -> str:
    """Write a ranking for a terminal.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table in order, each with its name as "metric".
    columns : sequence of str
        Columns of the table.
    settings : mapping
        `Ranking.settings`.
    warnings : iterable of str
        Texts of `Ranking.warnings`.
    width : int
        Most characters a line.

    Returns
    -------
    str

    Examples
    --------
    >>> rows = [{"metric": "visits", "role": "leading", "q_value": 0.003}]
    >>> settings = {"target": "revenue", "freq": "W", "span": ["2024-01-01", "2025-12-22"]}
    >>> print(terminal(rows, ["role", "q_value"], settings, []))
    What precedes revenue: 1 of 1 metrics (2024-01-01 to 2025-12-22, lags in weeks)
    metric  role        q
    visits  leading  .003
    """
    shown, rest = _split(rows)
    lines = [
        *(wrapped(f"Note: {text}", width, indent="  ") for text in _few(warnings)),
        wrapped(headline(rows, settings), width, indent="  "),
        *laid_out(shown_cells(columns), shown, width),
    ]
    lines.extend(wrapped(text, width, indent="  ") for text in left_out(rest))
    return "\n".join(lines)


def left_out(rest: Sequence[Row]) -> list[str]:
    """Count the rows that a short table leaves out, by role.

    Parameters
    ----------
    rest : sequence of mapping
        Rows that are not shown.

    Returns
    -------
    list of str
        One line, or none.

    Examples
    --------
    >>> left_out([{"role": "lagging"}, {"role": "unrelated"}, {"role": "unrelated"}])
    ['… and 3 more: 1 lagging, 2 none shown']
    >>> left_out([{"role": "unrelated"}] * 41)
    ['… and 41 more: none shown']
    """
    counts = Counter(role_word(row["role"]) for row in rest)
    if not counts:
        return []
    if len(counts) == 1:
        return [f"… and {len(rest)} more: {next(iter(counts))}"]
    return [f"… and {len(rest)} more: " + ", ".join(f"{n} {role}" for role, n in counts.items())]


def notebook(
    rows: Sequence[Row],
    columns: Sequence[str],
    settings: Mapping[str, Any],
    warnings: Iterable[str],
) -> str:
    """Write a ranking as a fragment of HTML that loads nothing from elsewhere.

    Parameters
    ----------
    rows, columns, settings, warnings
        As for `terminal`.

    Returns
    -------
    str

    Examples
    --------
    >>> rows = [{"metric": "a<b", "role": "leading", "q_value": 0.003}]
    >>> settings = {"target": "revenue", "freq": "W", "span": ["2024-01-01", "2025-12-22"]}
    >>> "<b" in notebook(rows, ["role", "q_value"], settings, [])
    False
    """
    shown, rest = _split(rows)
    cells = shown_cells(columns)
    head = "".join(
        f'<th scope="col"{_RIGHT if cell.right else ""}>{escape(cell.heading)}</th>'
        for cell in cells
    )
    body = "".join(
        f'<tr class="{escape(row["role"])}">'
        + "".join(
            f"<td{_RIGHT if cell.right else ''}>{escape(cell.text(row))}</td>" for cell in cells
        )
        + "</tr>"
        for row in shown
    )
    notes = "".join(f'<p class="note">{escape(text)}</p>' for text in _few(warnings))
    more = "".join(f'<p class="more">{escape(text)}</p>' for text in left_out(rest))
    return (
        f'<div class="leadlag-ranking"><style>{_STYLE}</style>{notes}'
        f"<table><caption>{escape(headline(rows, settings))}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}</div>"
    )


_RIGHT = ' class="right"'

# Inherited colours keep the table readable on a dark page; the bar at the left marks what leads.
_STYLE = (
    ".leadlag-ranking{font-size:13px;line-height:1.45}"
    ".leadlag-ranking table{border-collapse:collapse;margin:.5em 0}"
    ".leadlag-ranking caption{text-align:left;font-weight:600;padding:0 0 .5em;caption-side:top}"
    ".leadlag-ranking th,.leadlag-ranking td{padding:.25em .9em;text-align:left;border:0;"
    "border-bottom:1px solid rgba(128,128,128,.3);background:transparent;vertical-align:top}"
    ".leadlag-ranking th{font-weight:600;border-bottom-width:2px;white-space:nowrap}"
    ".leadlag-ranking .right{text-align:right;font-variant-numeric:tabular-nums;"
    "white-space:nowrap}"
    ".leadlag-ranking td:first-child{font-weight:600;border-left:4px solid transparent}"
    ".leadlag-ranking .leading td:first-child{border-left-color:#0072b2}"
    ".leadlag-ranking .feedback td:first-child{border-left-color:#56b4e9}"
    ".leadlag-ranking .unrelated,.leadlag-ranking .excluded{opacity:.65}"
    ".leadlag-ranking .note{margin:.25em 0;padding-left:.7em;border-left:4px solid #e69f00}"
    ".leadlag-ranking .more{margin:.25em 0;opacity:.65}"
)


def _split(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Choose the rows to show: what was shown to relate first, a few others where that is short."""
    related = [row for row in rows if row["role"] not in ("unrelated", "excluded")]
    others = [row for row in rows if row["role"] in ("unrelated", "excluded")]
    room = max(_LEAST - len(related), 0)
    return [*related[:_TOP], *others[:room]], [*related[_TOP:], *others[room:]]


def _few(warnings: Iterable[str]) -> list[str]:
    texts = list(warnings)
    if len(texts) <= _NOTES:
        return texts
    return [*texts[:_NOTES], f"… and {len(texts) - _NOTES} more in .warnings"]
