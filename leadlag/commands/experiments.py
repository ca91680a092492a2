"""`leadlag experiments`: which metrics' effects went with the target's, in past experiments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from leadlag.commands.codes import codes
from leadlag.commands.outputs import check_outputs, write_result
from leadlag.errors import ConfigurationError

__all__ = ["run"]

_ARGUMENT = re.compile(r"(?<![\w'])(?P<name>metrics|noise_correlation|effects)\b(?P<sign>=?)")
_OPTIONS = {"metrics": "metric", "noise_correlation": "noise"}


def run(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV or Parquet: one row an experiment and metric, with the columns experiment, "
            "metric, estimate, standard_error; or one row an experiment, NAME beside NAME_se."
        ),
    ],
    target: Annotated[str, typer.Option(help="The metric that counts.")],
    metric: Annotated[
        list[str] | None, typer.Option(help="A proxy to be judged. By default all. Repeat it.")
    ] = None,
    noise: Annotated[
        list[str] | None,
        typer.Option(
            help="Correlation over users with the target: 0.4, or METRIC=0.4. Repeat it. By "
            "default it is learnt, and intervals are wide."
        ),
    ] = None,
    plot: Annotated[
        str | None, typer.Option(help="The proxy that is drawn. By default the best one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            help="Also write .json (everything), .csv (the table), .png, .svg or .html (a proxy's "
            "effects). Repeat it."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No text; errors only.")] = False,
) -> None:
    """Judge by past experiments in FILE which metrics moved when the target truly moved."""
    with codes(_as_options):
        check_outputs(out or [])
        from leadlag.files import read_file
        from leadlag.planning.past_experiments import experiments

        data, _ = read_file(file)
        made = experiments(data, target, metrics=metric or None, noise_correlation=_noise(noise))
        for path in out or []:
            write_result(path, made.to_dict(), made.table, lambda: made.plot(plot))
    if as_json:
        from leadlag.storage import plain, text_of

        typer.echo(text_of(plain(made.to_dict())), nl=False)
    elif not quiet:
        typer.echo(repr(made))


def _noise(texts: list[str] | None) -> float | dict[str, float] | None:
    if not texts:
        return None
    made: dict[str, float] = {}
    for text in texts:
        name, sign, value = text.rpartition("=")
        try:
            number = float(value)
        except ValueError as error:
            raise ConfigurationError(
                "--noise is no correlation", got=repr(text), need="0.4, or METRIC=0.4"
            ) from error
        if not sign:
            if len(texts) > 1:
                raise ConfigurationError(
                    "--noise is given twice", got=repr(texts), need="one number, or METRIC=0.4 each"
                )
            return number
        made[name] = number
    return made


def _as_options(text: str) -> str:
    def option(found: re.Match[str]) -> str:
        if found["name"] in ("metrics", "effects") and not found["sign"]:
            return found[0]  # a word of the sentence
        name = _OPTIONS.get(found["name"], found["name"])
        return f"--{name}{' ' * bool(found['sign'])}"

    return _ARGUMENT.sub(option, text)
