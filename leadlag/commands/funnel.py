"""`leadlag funnel`: what changed an outcome, stage by stage, and which raise would pay."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from leadlag.commands.codes import codes
from leadlag.commands.outputs import check_outputs, write_result
from leadlag.errors import ConfigurationError

__all__ = ["run"]

_ARGUMENT = re.compile(
    r"(?<![\w'])(?P<name>stages|time|freq|split)="
    r"(?:\[(?P<list>[^\]]*)\]|'(?P<value>[^']*)'|[^\s,]*)?"
)


def run(
    file: Annotated[
        Path, typer.Argument(help="CSV or Parquet: one row a period, or one of totals.")
    ],
    stage: Annotated[
        list[str],
        typer.Option(
            help="Column of a stage, first to last; NAME:DELAY declares how many periods after the "
            "one before it follows. Repeat it."
        ),
    ],
    time: Annotated[
        str | None,
        typer.Option(help="Column that says when. By default the first, if it holds dates."),
    ] = None,
    freq: Annotated[str | None, typer.Option(help="Sum by a coarser period: W, M, Q or Y.")] = None,
    split: Annotated[
        str | None, typer.Option(help="Where the second span begins. By default half way.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            help="Also write .json (everything), .csv (the decomposition), .png, .svg or .html "
            "(its picture). Repeat it."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No text; errors only.")] = False,
) -> None:
    """Take the funnel in FILE apart: what changed its outcome, which raise pays, what is a trap."""
    with codes(_as_options):
        check_outputs(out or [])
        from leadlag.files import read_file
        from leadlag.planning.stage_flow import funnel

        data, found = read_file(file, time)
        made = funnel(
            data,
            _stages(stage, set(map(str, data.columns))),
            time=found,
            freq=freq,
            split=int(split) if split is not None and split.isdigit() else split,
        )
        for path in out or []:
            write_result(path, made.to_dict(), made.decomposition, made.plot)
    if as_json:
        from leadlag.storage import plain, text_of

        typer.echo(text_of(plain(made.to_dict())), nl=False)
    elif not quiet:
        typer.echo(repr(made))


def _stages(texts: list[str], columns: set[str]) -> list[str] | dict[str, int | None]:
    if not any(":" in text for text in texts):
        return texts
    made: dict[str, int | None] = {}
    for text in texts:
        # A colon may be part of a column's name.
        name, sign, delay = ("", "", "") if text in columns else text.rpartition(":")
        if sign and not delay.strip().isdigit():
            raise ConfigurationError(
                "a delay is not a number of periods",
                got=repr(text),
                need="NAME:DELAY, such as sales:2",
            )
        name = name if sign else text
        if name in made:
            raise ConfigurationError("a stage is named twice", got=repr(name))
        made[name] = int(delay) if sign else None
    return made


def _as_options(text: str) -> str:
    def option(found: re.Match[str]) -> str:
        if found["list"]:
            return " ".join(
                f"--stage {one.strip(' ' + chr(39))}" for one in found["list"].split(",")
            )
        name = "stage" if found["name"] == "stages" else found["name"]
        return f"--{name} {found['value']}" if found["value"] else f"--{name}"

    return _ARGUMENT.sub(option, text)
