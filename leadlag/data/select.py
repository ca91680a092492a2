"""Which columns are the target, the controls and the metrics."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass

from leadlag.data.frame import Frame
from leadlag.errors import ConfigurationError, InputError, listing, shown, unknown_name

__all__ = ["Selection", "select_columns"]


@dataclass(frozen=True)
class Selection:
    """Names of columns by what they are for.

    Parameters
    ----------
    target : str
        The business outcome.
    metrics : tuple of str
        Candidates, in the order of the data's columns.
    controls : tuple of str
        Held constant, in the order of the data's columns.
    """

    target: str
    metrics: tuple[str, ...]
    controls: tuple[str, ...]


def select_columns(
    frame: Frame, target: object, time: str | None, metrics: object, controls: object
) -> Selection:
    """Find out which columns are the target, the controls and the metrics.

    Parameters
    ----------
    frame : Frame
        The data.
    target : str
        Name of the target.
    time : str or None
        Name of the column that was taken as the time; None where no column was.
    metrics, controls : str, list of str or None
        Names or globs.

    Returns
    -------
    Selection
        The names.

    Raises
    ------
    ConfigurationError
        If a name isn't a column, a glob finds nothing, or a column would have two parts to play.
    """
    if isinstance(target, (list, tuple, set, frozenset)):
        name = str(next(iter(target), "revenue"))
        raise ConfigurationError(
            "one target a call",
            got=f"a {type(target).__name__} of {len(target)}",
            need="the name of one column",
            do=f"Loop over them: {{t: leadlag.rank(data, target=t) for t in [{name!r}, ...]}}",
        )
    if hasattr(target, "__len__") and not isinstance(target, str):
        # A Series or an array is its values, and the message would be all of them.
        raise ConfigurationError(
            "target is not the name of a column",
            got=shown(target),
            need=f"one of the columns: {listing(frame.names, limit=12)}",
            do="Pass the name, such as target='revenue'",
        )
    chosen = str(target)
    if target is None or chosen not in frame.names:
        raise unknown_name(f"target {shown(target)} is not a column", target, frame.names)
    if chosen == time:
        raise ConfigurationError(
            f"target '{chosen}' is also the time",
            got="one column for both",
            need="two columns",
            do="Pass another column as target= or as time=",
        )
    others = [name for name in frame.names if name not in (chosen, time)]
    held, held_by_name = _match("controls", controls, others, (chosen, time))
    if metrics is None:
        found = [name for name in others if name not in held]
    else:
        found, named = _match("metrics", metrics, others, (chosen, time))
        twice = [name for name in named if name in held_by_name]
        if twice:
            raise ConfigurationError(
                f"'{twice[0]}' is both a metric and a control",
                do="Name it in metrics= to rank it, or in controls= to hold it constant",
            )
        # A name says more than a glob.
        held = [name for name in held if name in held_by_name or name not in named]
        found = [name for name in found if name not in held]
    if not found:
        raise InputError(
            "there is no metric to rank",
            got=f"columns {listing(frame.names, limit=12)}",
            need=f"at least one beside the target '{chosen}', the time and the controls",
            do="Supply a frame with one column a metric",
        )
    return Selection(chosen, tuple(found), tuple(held))


def _match(
    word: str, wanted: object, names: list[str], taken: tuple[str, str | None]
) -> tuple[list[str], set[str]]:
    """Columns that are wanted, and those of them that are wanted by name."""
    if wanted is None:
        return [], set()
    if isinstance(wanted, str):
        wanted = [wanted]
    try:
        patterns = [str(pattern) for pattern in wanted]  # type: ignore[attr-defined]
    except TypeError as error:
        raise ConfigurationError(
            f"{word} can't be read",
            got=shown(wanted),
            need="a name, a glob, or a list of them",
            do=f"Pass {word}=['visits', 'signups']",
        ) from error
    found: set[str] = set()
    by_name: set[str] = set()
    for pattern in patterns:
        if pattern in names:
            by_name.add(pattern)
        elif pattern in taken:
            part = "target" if pattern == taken[0] else "time"
            raise ConfigurationError(
                f"'{pattern}' is the {part}, so it can't be in {word}",
                got=shown(pattern),
                need=f"one of the columns: {listing(names, limit=12)}",
                do=f"Leave it out of {word}",
            )
        elif any(character in pattern for character in "*?["):
            hits = [name for name in names if fnmatch.fnmatchcase(name, pattern)]
            if not hits:
                raise unknown_name(f"{word} glob '{pattern}' matches no column", pattern, names)
            found.update(hits)
        else:
            raise unknown_name(f"{word} name '{pattern}' is not a column", pattern, names)
    found |= by_name
    return [name for name in names if name in found], by_name
