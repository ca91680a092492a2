"""What can be told of a configuration without ranking anything: files, catalogue, columns."""

from __future__ import annotations

import os
from glob import glob

import narwhals.stable.v2 as nw

from leadlag.data.catalog import Catalog
from leadlag.errors import ConfigurationError, InputError, unknown_name
from leadlag.job.config import Config
from leadlag.job.sources import read_source

__all__ = ["check"]

# Sources that lie beside the configuration: looking at their columns costs little.
_FILES = ("csv", "parquet")


def check(config: Config) -> list[str]:
    """Look for what a run would stumble over before it ranks.

    Parameters
    ----------
    config : Config

    Returns
    -------
    list of str
        What can't be told from here, a sentence each: a variable that is set where the job runs.

    Raises
    ------
    LeadLagError
        If a file, the catalogue or a column of the configuration is not there.
    """
    source = config.source
    if config.catalog is not None:
        Catalog.read(config.beside(config.catalog))
    for key, path in (
        ("experiments.path", config.experiments.path if config.experiments else None),
        ("source.path", source.path),
    ):
        if path is not None and not glob(str(config.beside(path))):
            raise ConfigurationError(
                f"{key} '{path}' is not there",
                got=f"no such file in '{config.folder}'",
                do="Check the path: it is beside the configuration",
            )
    if source.kind in _FILES:
        _check_columns(config)
    names = {"source.dsn_env": source.dsn_env, "alerts.webhook_env": config.alerts.webhook_env}
    return [
        f"The variable {name} of {key} is not set here."
        for key, name in names.items()
        if name is not None and not os.environ.get(name)
    ]


def _check_columns(config: Config) -> None:
    data, time = read_source(config)
    frame = nw.from_native(data, eager_only=True)
    if not len(frame):
        raise InputError("the source has no rows", do="Check source.path")
    wanted = {f"target '{name}'": name for name in config.targets}
    wanted |= {f"{key} '{name}'": name for key, name in _columns(config, time)}
    for what, name in wanted.items():
        if name not in frame.columns:
            raise unknown_name(f"{what} is not a column", name, frame.columns)


def _columns(config: Config, time: str | None) -> list[tuple[str, str]]:
    named = [("time", time), ("segment", config.segment), *(("margin", m) for m in config.margin)]
    return [(key, name) for key, name in named if name is not None]
