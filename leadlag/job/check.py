"""What a run would refuse, told without ranking: all that it reads, and where it writes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from leadlag.data.catalog import Catalog
from leadlag.data.panel import Panel, build_panel
from leadlag.errors import ConfigurationError, InputError, LeadLagError
from leadlag.job.config import Config
from leadlag.job.failures import Failure, all_in_one
from leadlag.job.history import History
from leadlag.job.inputs import (
    check_margins,
    check_usable,
    make_folder,
    panel_arguments,
    past_experiments,
    report_name,
    stream_name,
)
from leadlag.job.run import HISTORY
from leadlag.job.segments import segments, unplaced
from leadlag.job.sources import read_source
from leadlag.ranking import Ranking
from leadlag.report.record import check_record

__all__ = ["check"]


def check(config: Config) -> list[str]:
    """Look for what a run would stumble over before it ranks.

    The source is read, and the panel of each segment and target is built, as a run does it.

    Parameters
    ----------
    config : Config

    Returns
    -------
    list of str
        What ends no run and may still be a mistake, a sentence each: a variable that is set where
        the job runs, a margin of what is nobody's counterweight.

    Raises
    ------
    LeadLagError
        If a run would end with it.
    """
    source = config.source
    if config.catalog is not None:
        Catalog.read(config.beside(config.catalog))
    for key, path in (
        ("experiments.path", config.experiments.path if config.experiments else None),
        ("source.path", source.path),
    ):
        if path is not None and not config.files(path):
            raise ConfigurationError(
                f"{key} '{path}' is not there",
                got=f"no such file in '{config.folder}'",
                do="Check the path: it is beside the configuration",
            )
    _check_places(config)
    data, time = read_source(config)
    history = History(config.beside(config.output.folder) / HISTORY)
    notes: list[str] = []
    failures: list[Failure] = []
    for segment, rows in segments(config, data, time):
        for target in config.targets:
            try:
                notes += _odd(config, _panel(config, rows, time, target))
                _check_before(history, stream_name(config, target, segment))
            except LeadLagError as error:
                failures.append((report_name(config, target, segment), error))
    if failures:
        raise all_in_one(failures, what="these reports would have no page")
    notes += unplaced(config, data)
    name = config.alerts.webhook_env
    if name is not None and not os.environ.get(name):
        notes.append(f"The variable {name} of alerts.webhook_env is not set here.")
    return list(dict.fromkeys(notes))


def _panel(config: Config, rows: object, time: str | None, target: str) -> Panel:
    panel = build_panel(rows, target, **panel_arguments(config, time))
    reasons = [panel.excluded[name] for name in sorted(panel.excluded)]
    check_usable(target, len(panel.metrics), reasons)
    check_margins(config, [*panel.metrics, *panel.excluded])
    past_experiments(config, target)
    return panel


def _check_before(history: History, stream: str) -> None:
    """Read the record that a run would go on from."""
    before = history.newest(stream)
    if before is not None:
        Ranking.from_dict(check_record(before)["ranking"])


def _odd(config: Config, panel: Panel) -> Iterator[str]:
    """What a run passes over."""
    columns = {panel.target, *panel.metrics, *panel.excluded, *panel.controls}
    guards: set[str] = set()
    for name, declared in panel.metrics_info.items():
        guards.update(declared.counterweights)
        for other in declared.counterweights:
            if other not in columns:
                yield f"The counterweight {other} of {name} is not in the data."
    for name in config.margin:
        if name not in guards:
            yield f"margin.{name} changes nothing: the catalogue names it as no counterweight."
        elif config.freq is not None:
            yield f"margin.{name} changes nothing: with freq no trade-off is examined."


def _check_places(config: Config) -> None:
    """Write where a run would, and take away what was written."""
    with _made(config) as folder:
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise _unwritable("output.folder", folder, error) from error
        history = folder / HISTORY
        if history.exists():
            _check_open(history, "the history in output.folder")
            History(history).check()
        if config.alerts.file is not None:
            _check_open(config.beside(config.alerts.file), "alerts.file")


def _check_open(path: Path, key: str) -> None:
    there = path.exists()
    try:
        with path.open("ab"):
            pass
        if not there:
            path.unlink()
    except OSError as error:
        raise _unwritable(key, path, error) from error


def _unwritable(key: str, path: Path, error: OSError) -> InputError:
    return InputError(
        f"{key} '{path}' can't be written to",
        got=error.strerror or str(error),
        need="a place that may be written to",
        do=f"Check {key}",
    )


@contextmanager
def _made(config: Config) -> Iterator[Path]:
    """The folder of the reports; those that were not there are gone at the end."""
    folder = config.beside(config.output.folder)
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        yield make_folder(config)
    finally:
        _take_away(new)


def _take_away(folders: Iterable[Path]) -> None:
    for one in folders:
        try:
            one.rmdir()
        except OSError:
            return  # it was never made, or a run has put something there
