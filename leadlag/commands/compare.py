"""`leadlag compare`: which version of a metric to use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from leadlag.commands.codes import codes
from leadlag.commands.outputs import check_outputs, write_result
from leadlag.errors import ConfigurationError

__all__ = ["run"]

_NAMES = "target|time|versions|stamped|max_lag|fidelity_to|mature|sizes|keep|controls|holidays|"
_ARGUMENT = re.compile(
    rf"(?<![\w'])(?P<name>{_NAMES}catalog|as_of|alpha|seed)=(?:'(?P<value>[^']*)'|[\d.]*\d)?"
)
# Without a sign only where it can't be a word of the sentence or the name of a column.
_BARE = re.compile(
    r"^(?P<name>versions|stamped|max_lag|fidelity_to|mature|sizes|keep|controls|as_of|alpha|seed)"
    r"(?= )|(?<=[Ll]ower )max_lag\b|(?<=[Rr]aise )max_lag\b|(?<=later )as_of\b"
    r"|(?<=out of )(versions|controls)\b"
)
_OPTIONS = {"versions": "version", "controls": "control"}


def run(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet: one row a period.")],
    target: Annotated[str, typer.Option(help="Column of the business outcome.")],
    version: Annotated[
        list[str],
        typer.Option(
            help="COLUMN:MATURATION or NAME=COLUMN:MATURATION, in periods or as 90D; the column "
            "alone if its name or --catalog says it. Repeat it."
        ),
    ],
    stamped: Annotated[
        str, typer.Option(help="What the date of a row is: cohort or availability.")
    ],
    time: Annotated[
        str | None,
        typer.Option(help="Column that says when. By default the first, if it holds dates."),
    ] = None,
    max_lag: Annotated[
        int | None, typer.Option(help="Longest lag, in periods. By default by the versions.")
    ] = None,
    fidelity_to: Annotated[
        str, typer.Option(help="What fidelity is measured against: mature or target.")
    ] = "mature",
    mature: Annotated[
        str | None, typer.Option(help="The version that is the yardstick. By default the slowest.")
    ] = None,
    sizes: Annotated[
        str | None, typer.Option(help="Column with the users in each cohort, or their number.")
    ] = None,
    keep: Annotated[
        float, typer.Option(help="Share of the best version's worth that an early one must keep.")
    ] = 0.5,
    control: Annotated[
        list[str] | None, typer.Option(help="Column held constant, such as spend. Repeat it.")
    ] = None,
    holidays: Annotated[
        list[str] | None, typer.Option(help="Country code, such as US. Repeat it.")
    ] = None,
    catalog: Annotated[
        Path | None, typer.Option(help="TOML or YAML file that declares the windows.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Compare as if today were this date: 2026-01-31.")
    ] = None,
    alpha: Annotated[
        float, typer.Option(help="Share of false leaders that is tolerated among those shown.")
    ] = 0.10,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            help="Also write .json (everything), .csv (the table), .png, .svg or .html (the "
            "frontier). Repeat it."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No table; errors only.")] = False,
) -> None:
    """Compare versions of a metric in FILE: how early each is known, and what it tells by then."""
    with codes(_as_options):
        check_outputs(out or [])
        from leadlag.files import read_file
        from leadlag.iterations.comparing import compare

        data, found = read_file(file, time)
        result = compare(
            data,
            target,
            _versions(version),
            stamped=stamped,
            max_lag=max_lag,
            fidelity_to=fidelity_to,
            mature=mature,
            sizes=_number_or_name(sizes),
            keep=keep,
            controls=control or None,
            time=found,
            as_of=int(as_of) if as_of is not None and as_of.isdigit() else as_of,
            holidays=holidays or None,
            catalog=catalog,
            alpha=alpha,
            seed=seed,
        )
        for path in out or []:
            write_result(path, result.to_dict(), result.table, result.plot)
    if as_json:
        from leadlag.storage import plain, text_of

        typer.echo(text_of(plain(result.to_dict())), nl=False)
    elif not quiet:
        typer.echo(repr(result))


def _as_options(text: str) -> str:
    def option(found: re.Match[str]) -> str:
        name = _OPTIONS.get(found["name"], found["name"]).replace("_", "-")
        return f"--{name} {found['value']}" if found["value"] else f"--{name}"

    def bare(found: re.Match[str]) -> str:
        return f"--{_OPTIONS.get(found[0], found[0]).replace('_', '-')}"

    return _BARE.sub(bare, _ARGUMENT.sub(option, text))


def _versions(texts: list[str]) -> list[str] | dict[str, Any]:
    """NAME=COLUMN:MATURATION as `compare` takes it; columns alone are a list."""
    if not any(":" in text for text in texts):
        return texts
    out: dict[str, Any] = {}
    for text in texts:
        # The last sign divides: names and columns may have one of their own.
        rest, sign, written = text.rpartition(":")
        if not sign:
            rest, written = text, ""
        name, equals, column = rest.rpartition("=")
        label = name if equals else column
        if not label.strip() or not column.strip() or (sign and not written.strip()):
            raise ConfigurationError(
                "a version can't be read",
                got=text,
                need="COLUMN:MATURATION, NAME=COLUMN:MATURATION, or the column alone",
                do="Write it as late=retention_90d:90, the maturation in periods, or with a unit "
                "as 90D",
            )
        if label in out:
            raise ConfigurationError("two versions share a name", got=label)
        out[label] = (column, _maturation(written)) if sign else column
    return out


def _maturation(text: str) -> float | str:
    """A bare number is periods, and `compare` says what is wrong with a part of one."""
    value = _number_or_name(text)
    whole = isinstance(value, float) and value.is_integer()
    return text if value is None else int(value) if whole else value


def _number_or_name(text: str | None) -> str | float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return text
