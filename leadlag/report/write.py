"""`write_report`: the page and its run record, each in one step."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadlag import storage
from leadlag.errors import ConfigurationError, shown
from leadlag.ranking import Ranking
from leadlag.report.page import page
from leadlag.report.record import KIND, build_record, check_record

__all__ = ["as_previous", "record_text", "write_page", "write_report"]


def write_report(
    ranking: Ranking,
    path: str | os.PathLike[str],
    *,
    previous: Ranking | Mapping[str, Any] | str | os.PathLike[str] | None = None,
) -> dict[str, Any]:
    """Write one self-contained HTML file, and its run record as JSON beside it.

    Parameters
    ----------
    ranking : Ranking
        What `leadlag.rank` or `leadlag.load` returned.
    path : str or path
        The page, such as "report.html"; the record is "report.json". Both are replaced in one step.
    previous : Ranking, mapping or path, optional
        The run before: its ranking, or its run record (the JSON file beside its page), with which
        the scoreboard and the alerts go on where they stood.

    Returns
    -------
    dict
        The run record: everything on the page as plain values. The same input gives the same bytes
        in both files.

    Raises
    ------
    LeadLagError
        If something is no ranking, `previous` can't be read or has another target, or the file
        can't be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import leadlag
    >>> ranking = leadlag.rank(leadlag.datasets.box_jenkins(), target="sales", max_lag=6)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     record = leadlag.write_report(ranking, pathlib.Path(folder, "report.html"))
    ...     sorted(file.name for file in pathlib.Path(folder).iterdir())
    ['report.html', 'report.json']
    >>> record["leaders"][0]["metric"], len(record["outlook"]["rows"])
    ('lead', 3)
    """
    _check_ranking(ranking)
    file = _page_path(path)
    if file.suffix.lower() == ".json":
        raise ConfigurationError(
            "the path of a report is that of its run record",
            got=repr(str(path)),
            need="the page's name, such as 'report.html'",
            do="Name the page; the record is written beside it",
        )
    record = build_record(ranking, as_previous(previous))
    text = page(record)
    storage.write(file.with_suffix(".json"), record_text(record))
    storage.write(file, text)
    return record


def write_page(ranking: Ranking, path: str | os.PathLike[str]) -> None:
    """Write the page alone.

    Parameters
    ----------
    ranking : Ranking
    path : str or path
    """
    storage.write(_page_path(path), page(build_record(ranking)))


def record_text(record: Mapping[str, Any]) -> str:
    """Write a run record as JSON, one line a row.

    Parameters
    ----------
    record : mapping

    Returns
    -------
    str
    """
    return storage.text_of(record)


def as_previous(previous: object) -> Ranking | Mapping[str, Any] | None:
    """Read what was passed as ``previous=``.

    Parameters
    ----------
    previous : Ranking, mapping, path or None
        A ranking or a run record, or the file of either.

    Returns
    -------
    Ranking, mapping or None
    """
    if previous is None or isinstance(previous, Ranking):
        return previous
    if isinstance(previous, str | os.PathLike):
        values = storage.read(previous)
        return check_record(values) if values.get("kind") == KIND else Ranking.from_dict(values)
    if isinstance(previous, Mapping):
        return check_record(previous)
    raise ConfigurationError(
        "previous is not a run",
        got=shown(previous),
        need="a ranking, a run record, or the path of either",
        do="Pass the JSON file that was written beside the last report",
    )


def _check_ranking(ranking: object) -> None:
    if not isinstance(ranking, Ranking):
        raise ConfigurationError(
            "what is to be reported is not a ranking",
            got=shown(ranking),
            need="what leadlag.rank or leadlag.load returned",
            do="Rank first: leadlag.write_report(leadlag.rank(data, target), path)",
        )


def _page_path(path: object) -> Path:
    if isinstance(path, str | os.PathLike) and os.fspath(path):
        return Path(path)
    raise ConfigurationError(
        "the path of a report is not a path",
        got=shown(path),
        need="text or a pathlib.Path",
        do="Pass a file name such as 'report.html'",
    )
