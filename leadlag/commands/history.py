"""`leadlag history`: the runs of a report, and what changed between two of them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadlag.commands.codes import codes
from leadlag.errors import InputError

if TYPE_CHECKING:
    from leadlag.job.history import Run

__all__ = ["run"]


def run(
    folder: Annotated[
        Path, typer.Argument(help="Folder of the reports, or their configuration.")
    ] = Path("report"),
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Two runs, by number or id: what changed from the first to the second."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the runs of a report, oldest first, or compare two of them."""
    with codes(str):
        from leadlag.job.history import History

        history = History(_file(folder))
        if compare is None:
            runs = history.runs()
            text = json.dumps([dataclasses.asdict(one) for one in runs], indent=1)
            typer.echo(text if as_json else _listed(runs))
            return
        from leadlag.ranking import Ranking

        before, now = (Ranking.from_dict(history.record(which)["ranking"]) for which in compare)
        rows: list[Any] = now.changes(before).to_dict("records")
    if as_json:
        from leadlag.storage import plain

        typer.echo(json.dumps(plain(rows), indent=1, ensure_ascii=False))
    elif not rows:
        typer.echo("Nothing changed.")
    else:
        for row in rows:
            typer.echo(
                f"{row['metric']}: {row['field']} {_said(row['before'])} -> "
                f"{_said(row['after'])} ({row['cause']})"
            )


def _file(folder: Path) -> Path:
    from leadlag.job.run import HISTORY

    if folder.is_file():
        from leadlag.job.config import read_config

        config = read_config(folder)
        folder = config.beside(config.output.folder)
    file = folder / HISTORY
    if not file.is_file():
        raise InputError(
            f"there is no history in '{folder}'",
            got=f"no {HISTORY}",
            do="Name the folder of the reports; leadlag report makes it",
        )
    return file


def _listed(runs: list[Run]) -> str:
    head = ("run", "id", "report", "data through", "leaders", "alerts")
    rows = [
        (str(o.number), o.id, o.stream, o.through, str(o.leaders), str(o.alerts)) for o in runs
    ]  # fmt: skip
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    )


def _said(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
