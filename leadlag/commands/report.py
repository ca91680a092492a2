"""`leadlag report` and `leadlag init`: the report of a configuration."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from leadlag.commands.codes import Code, code_of, codes
from leadlag.errors import ConfigurationError

__all__ = ["ReportCommand", "init", "run"]

# What a scheduler reads: the same number as a command that can't be understood has elsewhere, which
# is why that is code 4 here.
_ALERT = 2
# What a command line that can't be understood raises; Typer has no public name for it.
_UsageError: Any = typer.BadParameter.__mro__[1]


class ReportCommand(TyperCommand):
    """A command whose mistakes in options count as mistakes of the configuration."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Parse the options; what can't be understood ends with code 4, since 2 is an alert."""
        try:
            return super().make_context(*args, **kwargs)
        except _UsageError as error:
            error.exit_code = int(Code.WRONG)
            raise


def run(
    configuration: Annotated[
        Path, typer.Argument(help="TOML file; leadlag init writes one.")
    ] = Path("leadlag.toml"),
    check: Annotated[
        bool,
        typer.Option("--check", help="Only check the configuration, and what it names."),
    ] = False,
    now: Annotated[
        str | None,
        typer.Option(help="Today, by which late data are noticed: 2026-01-31. By default it is."),
    ] = None,
    made: Annotated[
        str | None, typer.Option(help="What the page says about when it was made.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Nothing but errors.")] = False,
) -> None:
    """Rank the data of CONFIGURATION and write a report that goes on from the last one.

    Exit codes: 0 fine, 2 an alert fired, 3 too little data, 4 the configuration is wrong, 1 it
    broke. Where some targets or segments have no page, it is theirs: 3 or 4.
    """
    with codes(str):
        from leadlag.job.config import read_config

        config = read_config(configuration)
        today = _date(now)
        if check:
            from leadlag.job.check import check as look

            notes = look(config)
            if not quiet:
                typer.echo(
                    "\n".join([f"{configuration} is right: {', '.join(config.targets)}", *notes])
                )
            return
        from leadlag.job.failures import sentences
        from leadlag.job.run import run_report

        outcome = run_report(
            config, now=today, made=made, progress=False if quiet else None
        )  # fmt: skip
    for problem in outcome.problems:
        typer.echo(f"leadlag: {problem}", err=True)
    if not quiet:
        from leadlag.report.page import short_text

        for record, page in zip(outcome.records, outcome.pages, strict=True):
            typer.echo(short_text(record), nl=False)
            typer.echo(f"Page: {page}")
    for sentence in sentences(outcome.failures):
        typer.echo(f"leadlag: {sentence}", err=True)
    # What has no page is to be mended; an alert was told by its own ways.
    if outcome.failures:
        raise typer.Exit(max(code_of(error) for _, error in outcome.failures))
    if outcome.alerted:
        raise typer.Exit(_ALERT)


def init(
    data: Annotated[Path, typer.Argument(help="CSV or Parquet: one row a period.")],
    target: Annotated[
        str | None, typer.Option(help="Column of the business outcome; by default a guess.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("leadlag.toml"),
) -> None:
    """Look at DATA and write a configuration with comments for `leadlag report`."""
    with codes(str):
        from leadlag.job.example import example
        from leadlag.storage import write

        if out.exists():
            raise ConfigurationError(
                f"'{out}' is there already", do="Name another file with --out, or move it away"
            )
        write(out, example(data, target, out=out))
    typer.echo(f"{out}: look it over, then run leadlag report {out}")


def _date(text: str | None) -> datetime.date:
    if text is None:
        return datetime.datetime.now(tz=datetime.UTC).date()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            "--now is not a date", got=repr(text), do="Write it as 2026-01-31"
        ) from error
