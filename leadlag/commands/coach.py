"""`leadlag coach`: findings on a metric's definition."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from leadlag.commands.codes import codes
from leadlag.errors import ConfigurationError

__all__ = ["run"]


def run(
    statement: Annotated[
        list[str] | None,
        typer.Argument(
            help='A definition in plain words: "Increase the number of course reviews".'
        ),
    ] = None,
    catalog: Annotated[
        Path | None, typer.Option(help="TOML or YAML file that declares the metrics.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Say what could mislead in a metric's definition, and ask the question that rewrites it."""
    with codes(str):
        from leadlag.assign.coach import coach

        text = " ".join(statement or [])
        if bool(text) == (catalog is not None):
            raise ConfigurationError(
                "coach takes a definition or a catalogue",
                got="both" if text else "neither",
                need="a definition in quotes, or --catalog PATH",
                do='Write it as leadlag coach "Increase the number of course reviews"',
            )
        found = coach(text if catalog is None else catalog)
    if as_json:
        import dataclasses

        from leadlag.storage import text_of

        typer.echo(text_of({"findings": [dataclasses.asdict(one) for one in found]}), nl=False)
        return
    for one in found:
        where = f"{one.metric}: " if one.metric else ""
        typer.echo(f"{where}{one.severity} ({one.code}): {one.message}\n  → {one.question}")
    if not found:
        typer.echo("Nothing to say.")
