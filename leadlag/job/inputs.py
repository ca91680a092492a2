"""What a run ranks, refuses and writes to: the same for the run and for the check before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from leadlag.errors import InputError, InsufficientDataError, unknown_name
from leadlag.files import read_file
from leadlag.job.config import Config, Output
from leadlag.planning.effects import read_effects
from leadlag.planning.past_experiments import experiments

__all__ = [
    "check_margins",
    "check_usable",
    "make_folder",
    "panel_arguments",
    "past_experiments",
    "report_name",
    "stream_name",
]


def panel_arguments(config: Config, time: str | None) -> dict[str, Any]:
    """Name what the panel of a target is built with.

    Parameters
    ----------
    config : Config
    time : str or None
        The column that says when.

    Returns
    -------
    dict
        Arguments of `leadlag.rank`, and of what makes its panel.
    """
    return {
        "metrics": config.metrics,
        "controls": config.controls,
        "time": time,
        "freq": config.freq,
        "aggregate": config.aggregate,
        "holidays": config.holidays,
        "max_lag": config.max_lag,
        "catalog": str(config.beside(config.catalog)) if config.catalog else None,
    }


def check_usable(target: str, usable: int, reasons: Iterable[str]) -> None:
    """Refuse a target none of whose columns can be ranked.

    Parameters
    ----------
    target : str
    usable : int
        How many metrics can be.
    reasons : iterable of str
        Why the others can't.

    Raises
    ------
    InsufficientDataError
    """
    if not usable:
        raise InsufficientDataError(
            f"no column could be ranked for '{target}'",
            got="; ".join(list(reasons)[:3]),
            do="Mend the columns, or supply more history",
        )


def check_margins(config: Config, metrics: Sequence[str]) -> None:
    """Refuse a margin of what is no metric.

    Parameters
    ----------
    config : Config
    metrics : sequence of str
        Of a target, those that can't be used as well.

    Raises
    ------
    ConfigurationError
    """
    for name in config.margin:
        if name not in metrics:
            raise unknown_name(f"margin '{name}' is not a metric", name, metrics, plural="Metrics")


def past_experiments(config: Config, target: str) -> dict[str, Any] | None:
    """Read what past experiments say about proxies for a target.

    Parameters
    ----------
    config : Config
    target : str

    Returns
    -------
    dict or None
        None where they are not named, or did not measure it.

    Raises
    ------
    LeadLagError
        If the file can't be used.
    """
    if config.experiments is None:
        return None
    frame, _ = read_file(config.beside(config.experiments.path))
    if len(config.targets) > 1 and target not in read_effects(frame).metrics:
        return None
    noise = config.experiments.noise_correlation
    return experiments(frame, target, noise_correlation=noise).to_dict()


def make_folder(config: Config) -> Path:
    """Make the folder of the reports, if it is not there.

    Parameters
    ----------
    config : Config

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If it can't be made.
    """
    folder = config.beside(config.output.folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"output.folder '{folder}' can't be made",
            got=error.strerror or str(error),
            need="a folder that may be written to",
            do="Name another one: [output] folder",
        ) from error
    return folder


def report_name(config: Config, target: str, segment: str | None) -> str | None:
    """Name a report among those of a job.

    Parameters
    ----------
    config : Config
    target : str
    segment : str or None

    Returns
    -------
    str or None
        None where the job has one report.
    """
    parts = ([target] if len(config.targets) > 1 else []) + (
        [segment] if segment is not None else []
    )
    return " / ".join(parts) or None


def stream_name(config: Config, target: str, segment: str | None) -> str:
    """Name what the history calls the runs that go on from one another.

    Parameters
    ----------
    config : Config
    target : str
    segment : str or None

    Returns
    -------
    str
    """
    name = config.output.name
    prefix = "" if name == Output().name else f"{name}: "
    return prefix + (target if segment is None else f"{target} / {segment}")
