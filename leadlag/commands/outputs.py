"""Files that a command writes beside what it prints: JSON, CSV, a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadlag.errors import ConfigurationError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["check_outputs", "write_result"]

_OUTPUTS = (".json", ".csv", ".png", ".svg", ".html")


def check_outputs(paths: list[Path]) -> None:
    """Say what is wrong with --out before the work is done, not after.

    Parameters
    ----------
    paths : list of pathlib.Path

    Raises
    ------
    ConfigurationError
        If a kind of file can't be written, or a folder is not there.
    """
    for path in paths:
        if path.suffix.lower() not in _OUTPUTS:
            raise ConfigurationError(
                f"--out '{path}' has no kind of file that can be written",
                got=path.suffix or "no suffix",
                need=", ".join(_OUTPUTS),
            )
        if not path.absolute().parent.is_dir():
            raise ConfigurationError(
                f"--out '{path}' is in a folder that is not there",
                got=str(path.parent),
                do="Make the folder first",
            )


def write_result(
    path: Path, values: Mapping[str, Any], table: pd.DataFrame, plot: Callable[[], Any]
) -> None:
    """Write a result as the kind of file that its name asks for.

    Parameters
    ----------
    path : pathlib.Path
    values : mapping
        Everything, for JSON.
    table : DataFrame
        For CSV.
    plot : callable
        Makes the picture, for the others.
    """
    from leadlag.storage import plain, text_of, write

    suffix = path.suffix.lower()
    if suffix == ".json":
        write(path, text_of(plain(values)))
    elif suffix == ".csv":
        write(path, table.to_csv(lineterminator="\n"))
    else:
        plot().save(str(path))
