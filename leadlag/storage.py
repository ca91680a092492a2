"""The file of a ranking: plain values, versioned JSON, written in one step."""

from __future__ import annotations

import errno
import json
import math
import os
import secrets
from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from leadlag.errors import ConfigurationError, InputError, listing

# Raised by one whenever an older leadlag could no longer read what is written.
SCHEMA_VERSION = 1
# A disk, a user or a file has as much as it may.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Settings that every ranking has; a reader of its file may rely on them.
SETTINGS = (
    "version", "target", "n", "span", "freq", "max_lag", "alpha", "controls", "transform", "terms",
    "smallest_effect", "unpredicted",
)  # fmt: skip


def plain(value: Any) -> Any:
    """Turn a value into what JSON has: dicts, lists, text, numbers; a missing number is None.

    Parameters
    ----------
    value : object
        Nested mappings and sequences of Python and NumPy values, dates, paths, or anything with a
        `to_dict`.

    Returns
    -------
    object

    Raises
    ------
    TypeError
        If a value has no plain form.

    Examples
    --------
    >>> import numpy as np
    >>> plain({"lag": np.int64(3), "q": float("nan"), "span": ("2024-01", "2025-12")})
    {'lag': 3, 'q': None, 'span': ['2024-01', '2025-12']}
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float | np.generic):
        number = value.item() if isinstance(value, np.generic) else value
        if isinstance(number, float):
            return number if math.isfinite(number) else None
        return plain(number)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [plain(item) for item in items]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    raise TypeError(f"{type(value).__name__} has no plain form")


def text_of(values: Mapping[str, Any]) -> str:
    """Write plain values as JSON, one line a row, so that two files can be compared by line.

    Parameters
    ----------
    values : mapping
        As `Ranking.to_dict` returns it.

    Returns
    -------
    str

    Examples
    --------
    >>> print(text_of({"schema_version": 1, "table": [{"lag": 3}, {"lag": None}]}), end="")
    {
    "schema_version": 1,
    "table": [
    {"lag": 3},
    {"lag": null}
    ]
    }
    """
    parts = []
    for key, value in values.items():
        if isinstance(value, list) and value:
            body = "[\n" + ",\n".join(map(_json, value)) + "\n]"
        else:
            body = _json(value)
        parts.append(f"{_json(key)}: {body}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file in one step, so that no reader ever sees half of it.

    Parameters
    ----------
    path : str or path
        The file to write or replace.
    text : str
        What to write, as UTF-8.

    Raises
    ------
    InputError
        If the folder does not exist or can't be written to.
    ConfigurationError
        If `path` is not a path.
    """
    write_all({_path(path): text})


def write_all(texts: Mapping[Path, str]) -> None:
    """Write text files, each in one step, and none before all of them have found room.

    Parameters
    ----------
    texts : mapping of Path to str
        What to write, as UTF-8.

    Raises
    ------
    InputError
        If a folder does not exist or can't be written to.
    """
    scratch: dict[Path, Path] = {}
    target = Path()
    try:
        try:
            for target, text in texts.items():
                # Beside the target: a rename is one step only within one file system.
                scratch[target] = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
                with scratch[target].open("x", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                    file.flush()
                    # Else a power failure could leave the new name on an empty file.
                    os.fsync(file.fileno())
            for target, made in scratch.items():
                made.replace(target)
        finally:
            for made in scratch.values():
                made.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        # The system names the scratch file, which nobody asked for.
        reason = getattr(error, "strerror", None) or str(error)
        there = target.absolute().parent.is_dir()
        if getattr(error, "errno", None) in _FULL:
            raise InputError(
                f"'{target}' can't be written",
                got=reason,
                need=f"room for {sum(len(text.encode()) for text in texts.values()):,} bytes",
                do="Make room on that disk, and write again",
            ) from error
        raise InputError(
            f"'{target}' can't be written",
            got=reason if there else f"a folder that is not there: '{target.parent}'",
            need="a folder that is there and may be written to",
            do="Name a folder that you may write to" if there else "Make the folder first",
        ) from error


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the plain values of a saved ranking.

    Parameters
    ----------
    path : str or path
        A JSON file.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If the file is missing or holds no JSON object.
    ConfigurationError
        If `path` is not a path.
    """
    file = _path(path)
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"'{path}' can't be read",
            got=error.strerror or str(error),
            need="a file that Ranking.save wrote",
            do="Check the path, or rank and save again",
        ) from error
    except ValueError as error:
        draws = file.suffix == ".nc"
        raise InputError(
            f"'{path}' is not JSON",
            got=str(error),
            need="a file that Ranking.save wrote",
            do="Read draws by LagModel.load" if draws else "Check the path, or rank and save again",
        ) from error
    if not isinstance(values, dict):
        raise InputError(
            f"'{path}' is not a saved ranking",
            got=f"a JSON {type(values).__name__}",
            need="a file that Ranking.save wrote",
            do="Check the path, or rank and save again",
        )
    return values


def check_version(values: Mapping[str, Any]) -> None:
    """Refuse what another version of the schema wrote.

    Parameters
    ----------
    values : mapping
        As `Ranking.to_dict` returns it.

    Raises
    ------
    InputError
        If it is no mapping, or its "schema_version" is not ours.
    """
    if not isinstance(values, Mapping):
        raise _incomplete(f"a {type(values).__name__}")
    found = values.get("schema_version")
    if found != SCHEMA_VERSION:
        raise InputError(
            "this is not a ranking that this leadlag can read",
            got="no schema_version" if found is None else f"schema_version {found}",
            need=f"schema_version {SCHEMA_VERSION}",
            do="Read it with the leadlag that wrote it, or rank again",
        )


def check_parts(values: Mapping[str, Any], settings: Iterable[str], columns: Iterable[str]) -> None:
    """Refuse a ranking that lacks a part.

    Parameters
    ----------
    values : mapping
        As `Ranking.to_dict` returns it.
    settings, columns : iterable of str
        Names that its settings and each row of its table must have.

    Raises
    ------
    InputError
        If a part, a setting or a column is not there, or is of another type.
    """
    kinds = {
        "settings": Mapping, "warnings": list, "table": list, "curves": Mapping,
        "observed": Mapping, "judgements": Mapping,
    }  # fmt: skip
    for part, kind in kinds.items():
        if not isinstance(values.get(part), kind):
            found = f"a {type(values[part]).__name__} as {part!r}" if part in values else ""
            raise _incomplete(found or f"no {part!r}")
    lacking = [name for name in settings if name not in values["settings"]]
    if lacking:
        raise _incomplete(f"settings without {listing(lacking)}")
    wanted = ("metric", *columns)
    for number, row in enumerate(values["table"]):
        if not isinstance(row, Mapping):
            raise _incomplete(f"a {type(row).__name__} as row {number} of the table")
        lacking = [name for name in wanted if name not in row]
        if lacking:
            raise _incomplete(f"row {number} of the table without {listing(lacking)}")


def _incomplete(got: str) -> InputError:
    return InputError(
        "this is not a complete ranking",
        got=got,
        need="what Ranking.to_dict wrote",
        do="Rank again, and save that",
    )


def _path(path: object) -> Path:
    if isinstance(path, str | os.PathLike):
        return Path(path)
    raise ConfigurationError(
        "the path of a ranking is not a path",
        got=repr(path),
        need="text or a pathlib.Path",
        do="Pass a file name such as 'ranking.json'",
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
