"""`load`: a ranking from its file."""

from __future__ import annotations

import os

from leadlag import storage
from leadlag.ranking import Ranking

__all__ = ["load"]


def load(path: str | os.PathLike[str]) -> Ranking:
    """Read a ranking that `Ranking.save` wrote.

    Parameters
    ----------
    path : str or path
        A JSON file.

    Returns
    -------
    Ranking
        Equal to the one that was saved.

    Raises
    ------
    InputError
        If the file is missing, is not a saved ranking, or has another schema version.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import leadlag
    >>> ranking = leadlag.rank(leadlag.datasets.box_jenkins(), target="sales", max_lag=6)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ranking.save(pathlib.Path(folder, "ranking.json"))
    ...     leadlag.load(pathlib.Path(folder, "ranking.json")) == ranking
    True
    """
    return Ranking.from_dict(storage.read(path))
