"""What a dbt project declares in `meta`, as entries of a catalogue."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from leadlag.data.metric import Metric
from leadlag.errors import CatalogError, shown

__all__ = ["dbt_entries"]

_FIELDS = frozenset(field.name for field in dataclasses.fields(Metric))
_PARTS = ("models", "sources", "seeds", "snapshots", "metrics", "semantic_models", "nodes")
_NOT_OURS = frozenset({"dbt_packages", "dbt_modules", "target", "logs", "venv"})
_INSIDE = ("columns", "tables", "measures", "dimensions")


def dbt_entries(source: Mapping[str, Any] | str | os.PathLike[str]) -> dict[str, dict[str, Any]]:
    """Collect the metrics that a dbt project declares.

    Parameters
    ----------
    source : mapping or path
        A properties file (``schema.yml``), a ``manifest.json``, or what either holds; or the folder
        of a project, all of whose properties files are read.

    Returns
    -------
    dict
        Column or metric to the fields of its `Metric`: what stands under ``meta: leadlag:``, or the
        fields of a metric that stand in ``meta`` itself. Other keys of ``meta`` are left alone.

    Raises
    ------
    CatalogError
        If it can't be read, or declares one name in two ways.

    Examples
    --------
    >>> project = {"models": [{"name": "weeks", "columns": [
    ...     {"name": "csat", "meta": {"owner": "Care", "leadlag": {"kind": "sentiment"}}},
    ...     {"name": "id", "meta": {"pii": True}}]}]}
    >>> dbt_entries(project)
    {'csat': {'kind': 'sentiment'}}
    """
    out: dict[str, dict[str, Any]] = {}
    for held in _documents(source):
        for part in _PARTS:
            for node in _nodes(_listed(held.get(part), part)):
                for name, entry in _declared(node):
                    if out.setdefault(name, entry) != entry:
                        raise CatalogError(
                            f"dbt declares '{name}' in two ways",
                            got=f"{shown(out[name])} and {shown(entry)}",
                            do="Name the column differently, or declare it once",
                        )
    return out


def _documents(source: Mapping[str, Any] | str | os.PathLike[str]) -> list[Mapping[str, Any]]:
    if not isinstance(source, (Mapping, str, os.PathLike)):
        raise CatalogError(
            "this is no dbt project",
            got=shown(source),
            need="a project's folder, one of its files, or what such a file holds, as a dict",
        )
    if isinstance(source, Mapping) or not Path(source).is_dir():
        held = source if isinstance(source, Mapping) else _read(Path(source))
        if not _has_parts(held):
            raise CatalogError(
                "this is no dbt properties file or manifest",
                got=f"the keys {shown(sorted(map(str, held)))}",
                need=f"one of {', '.join(_PARTS)}",
            )
        return [held]
    folder = Path(source)
    files = sorted(
        file
        for file in folder.rglob("*.y*ml")
        if file.suffix in (".yml", ".yaml") and not _foreign(file.relative_to(folder))
    )
    # Profiles, packages and workflows lie beside them.
    made = [held for held in map(_read, files) if _has_parts(held)]
    if not made:
        raise CatalogError(
            f"folder '{folder}' holds no dbt properties file",
            got=f"{len(files)} YAML files",
            need=f"one with {', '.join(_PARTS)}",
            do="Pass the project's folder, or its target/manifest.json",
        )
    return made


def _has_parts(held: Mapping[str, Any]) -> bool:
    return any(part in held for part in _PARTS)


def _foreign(file: Path) -> bool:
    """Packages of others, what dbt has compiled, hidden folders."""
    return any(part in _NOT_OURS or part.startswith(".") for part in file.parts)


def _listed(value: object, part: str) -> object:
    """What stands under a heading, if it is a list of tables, or tables by name."""
    rows = value if isinstance(value, (list, tuple)) else ()
    if value is None or isinstance(value, Mapping) or (rows is value and _tables(rows)):
        return value
    raise CatalogError(
        f"'{part}' of the dbt project can't be read",
        got=shown(value),
        need="a list of tables, each with a name",
    )


def _tables(rows: Sequence[object]) -> bool:
    return all(isinstance(row, Mapping) for row in rows)


def _nodes(part: object) -> Iterator[Mapping[str, Any]]:
    """A list in a properties file; in a manifest a dict by id."""
    listed = list(part.values()) if isinstance(part, Mapping) else part
    if isinstance(listed, (list, tuple)):
        yield from (node for node in listed if isinstance(node, Mapping))


def _declared(node: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    config = node.get("config")
    configured = config.get("meta") if isinstance(config, Mapping) else None
    meta = {**_mapping(configured), **_mapping(node.get("meta"))}
    entry = meta.get("leadlag")
    if isinstance(entry, str):
        entry = {"kind": entry}
    if entry is not None and not isinstance(entry, Mapping):
        raise CatalogError(
            f"the entry under meta: leadlag: of '{node.get('name')}' declares nothing",
            got=shown(entry),
            need="a kind, or the fields of a Metric",
        )
    if not isinstance(entry, Mapping):
        entry = {key: value for key, value in meta.items() if key in _FIELDS}
        # An owner alone stands in many projects for other reasons.
        entry = entry if "kind" in entry or len(entry) > 1 else {}
    if entry and isinstance(node.get("name"), str):
        label = node.get("label")
        named = {"label": label} if isinstance(label, str) and "label" not in entry else {}
        yield node["name"], {**entry, **named}
    for part in _INSIDE:
        # Older files list the names of their dimensions, which declare nothing.
        held = node.get(part) if part == "dimensions" else _listed(node.get(part), part)
        for inner in _nodes(held):
            yield from _declared(inner)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _read(file: Path) -> Mapping[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(
            f"dbt file '{file}' can't be read",
            got=getattr(error, "strerror", None) or str(error),
            need="a schema.yml or manifest.json in UTF-8",
        ) from error
    import yaml  # only those who import from dbt pay for it

    try:
        held = json.loads(text) if file.suffix.lower() == ".json" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise CatalogError(f"dbt file '{file}' is not well formed", got=str(error)) from error
    if held is None:
        return {}  # nothing but comments
    if not isinstance(held, Mapping):
        raise CatalogError(f"dbt file '{file}' holds no mapping", got=type(held).__name__)
    return held
