"""The command line: `leadlag rank FILE --target NAME`, and the commands of `leadlag/commands/`.

Exit codes are for schedulers: 0 it ran, 1 it broke, 2 the command can't be understood, 3 the data
are too short or no column could be used, 4 a name, a value or a file is wrong.
"""

from __future__ import annotations

import re
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadlag.commands import coach, compare, experiments, funnel, history, plan, report
from leadlag.commands.codes import Code, codes
from leadlag.commands.outputs import check_outputs
from leadlag.errors import ConfigurationError

if TYPE_CHECKING:
    from leadlag.ranking import Ranking

# What reads, ranks and draws is imported when a command needs it: `--help` should not wait.


# Arguments of `rank` whose option is written otherwise.
_OPTIONS = {"metrics": "metric", "controls": "control", "max_lag": "max-lag", "as_of": "as-of"}
_NAMES = "target|time|metrics|controls|freq|aggregate|max_lag|holidays|catalog|as_of|alpha|seed"
_ARGUMENT = re.compile(
    rf"(?<![\w'])(?P<name>{_NAMES})=(?:'(?P<value>[^']*)'|\[[^]]*\]|{{[^}}]*}}|[\d.]*\d)?"
)
# Without a sign only where it can't be a word of the sentence or the name of a column.
_BARE = re.compile(
    r"^(metrics|controls|freq|aggregate|max_lag|holidays|as_of|alpha|seed)(?= )"
    r"|(?<=without )freq\b|(?<=Lower )max_lag\b|(?<=lower )max_lag\b|(?<=later )as_of\b"
)


app = typer.Typer(
    name="leadlag",
    help="Find which metrics move before a business outcome, by how many periods, how surely.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


app.command(name="coach")(coach.run)
app.command(name="compare")(compare.run)
app.command(name="plan")(plan.run)
app.command(name="funnel")(funnel.run)
app.command(name="experiments")(experiments.run)
app.command(name="report", cls=report.ReportCommand)(report.run)
app.command(name="init")(report.init)
app.command(name="history")(history.run)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        # A scheduler's log may know no dash or ellipsis: that is no reason to break.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"leadlag {version('leadlag')}")
        except PackageNotFoundError:
            typer.echo("leadlag, from a source tree that is not installed")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and stop.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Options of the program itself."""


@app.command()
def rank(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet: one row a period.")],
    target: Annotated[str, typer.Option(help="Column of the business outcome.")],
    time: Annotated[
        str | None,
        typer.Option(help="Column that says when. By default the first, if it holds dates."),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(help="Column to rank, or a pattern such as 'signup*'. Repeat it. All others."),
    ] = None,
    control: Annotated[
        list[str] | None,
        typer.Option(help="Column held constant and never ranked, such as spend. Repeat it."),
    ] = None,
    freq: Annotated[
        str | None, typer.Option(help="Coarser period: D, W, M, Q or Y. By default the data's.")
    ] = None,
    aggregate: Annotated[
        list[str] | None,
        typer.Option(
            help="HOW or NAME=HOW for --freq: sum, mean, last; NAME=ABOVE/BELOW is a rate. "
            "Repeat it."
        ),
    ] = None,
    max_lag: Annotated[
        int | None, typer.Option(help="Longest lag, in periods. By default by frequency.")
    ] = None,
    holidays: Annotated[
        list[str] | None, typer.Option(help="Country code, such as US. Repeat it.")
    ] = None,
    catalog: Annotated[
        Path | None, typer.Option(help="TOML or YAML file that declares the metrics.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Rank as if today were this date: 2026-01-31.")
    ] = None,
    alpha: Annotated[
        float, typer.Option(help="Share of false leaders that is tolerated among those shown.")
    ] = 0.10,
    seed: Annotated[int, typer.Option(help="Same seed, same result.")] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole ranking as JSON.")
    ] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            help="Also write .json (for leadlag.load), .csv (the table), .png, .svg or .html "
            "(the picture). Repeat it."
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No table and no progress; errors only.")
    ] = False,
) -> None:
    """Rank the columns of FILE by how they precede --target."""
    with codes(_as_options):
        check_outputs(out or [])
        from leadlag.files import read_file
        from leadlag.pipeline import rank as rank_frame

        data, found = read_file(file, time)
        ranking = rank_frame(
            data,
            target,
            metrics=metric or None,
            controls=control or None,
            time=found,
            freq=freq,
            aggregate=_ways(aggregate or []),
            # Plain periods are counted, not dated.
            as_of=int(as_of) if as_of is not None and as_of.isdigit() else as_of,
            holidays=holidays or None,
            max_lag=max_lag,
            catalog=catalog,
            alpha=alpha,
            seed=seed,
            progress=False if quiet else None,
        )
        for path in out or []:
            _write(ranking, path)
    if as_json:
        from leadlag.storage import text_of

        # The bytes that --out ranking.json writes: what is piped into a file can be loaded.
        typer.echo(text_of(ranking.to_dict()), nl=False)
    elif not quiet:
        typer.echo(repr(ranking))
    if (ranking.table["role"] == "excluded").all():
        typer.echo("leadlag: no column could be ranked; the notes say why", err=True)
        raise typer.Exit(Code.INSUFFICIENT)


def _as_options(text: str) -> str:
    """Name the options of the command where the library names its arguments."""

    def option(found: re.Match[str]) -> str:
        name = found["name"]
        # Lists and dicts of Python have no place on a command line.
        value = f" {found['value']}" if found["value"] else ""
        return f"--{_OPTIONS.get(name, name)}{value}"

    text = _ARGUMENT.sub(option, text)
    return _BARE.sub(lambda found: f"--{_OPTIONS.get(found[0], found[0])}", text)


def _ways(texts: list[str]) -> str | dict[str, str | tuple[str, str]] | None:
    """How columns are combined: one way for all, or by name; (above, below) is a rate."""
    if len(texts) == 1 and "=" not in texts[0]:
        return texts[0]
    pairs: dict[str, str | tuple[str, str]] = {}
    for text in texts:
        # The last sign divides: a column may have one in its name, a way of aggregating has none.
        name, sign, how = text.rpartition("=")
        if not (sign and name and how):
            raise ConfigurationError(
                "--aggregate takes HOW for all columns, or NAME=HOW for each",
                got=repr(text),
                do="Write it as --aggregate orders=sum",
            )
        above, slash, below = how.partition("/")
        pairs[name] = (above, below) if slash else how
    return pairs or None


def _write(ranking: Ranking, path: Path) -> None:
    suffix = path.suffix.lower()
    if suffix == ".json":
        ranking.save(path)
    elif suffix == ".csv":
        from leadlag.storage import write

        write(path, ranking.table.to_csv(lineterminator="\n"))
    else:
        ranking.plot().save(str(path))
