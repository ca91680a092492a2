"""Declared metrics by name of column, from a dict or a TOML or YAML file."""

from __future__ import annotations

import dataclasses
import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from leadlag.data.dbt import dbt_entries
from leadlag.data.metric import Metric
from leadlag.errors import CatalogError, shown, unknown_name

__all__ = ["Catalog", "Metric", "as_catalog"]


class Catalog(Mapping[str, Metric]):
    """Declared metrics by name of column.

    Parameters
    ----------
    metrics : mapping
        Name of column to a `Metric`, a dict of its fields, or the kind alone.

    Raises
    ------
    CatalogError
        If an entry can't be read; the message names it.

    Examples
    --------
    >>> catalog = Catalog({"csat": "sentiment", "signups": {"kind": "traction", "form": "flow"}})
    >>> catalog["signups"].form
    'flow'
    """

    def __init__(self, metrics: Mapping[str, Metric | Mapping[str, Any] | str]) -> None:
        if not isinstance(metrics, Mapping):
            raise CatalogError(
                "a catalogue is not a mapping",
                got=type(metrics).__name__,
                need="column name -> Metric, dict or kind",
                do='Write it as {"csat": "sentiment"}',
            )
        self._metrics = {_key(name): _metric(name, entry) for name, entry in metrics.items()}

    def __getitem__(self, name: str) -> Metric:
        """What is declared about a column."""
        return self._metrics[name]

    def __iter__(self) -> Iterator[str]:
        """Names of the columns, in the order of their declaration."""
        return iter(self._metrics)

    def __len__(self) -> int:
        """Count the declared columns."""
        return len(self._metrics)

    def __repr__(self) -> str:
        """Show the declared metrics."""
        return f"Catalog({self._metrics!r})"

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Return the catalogue as plain values.

        Returns
        -------
        dict
            Column name to the dict of what was declared.

        Examples
        --------
        >>> Catalog({"csat": "sentiment"}).to_dict()
        {'csat': {'kind': 'sentiment'}}
        """
        return {name: metric.to_dict() for name, metric in self._metrics.items()}

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Catalog:
        """Read a catalogue from a TOML or YAML file: one table a column.

        Parameters
        ----------
        path : str or path
            A file whose name ends in .toml, .yaml or .yml.

        Returns
        -------
        Catalog
            What the file declares.

        Raises
        ------
        CatalogError
            If the file is missing or not well formed.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "metrics.toml")
        ...     _ = path.write_text('csat = "sentiment"', encoding="utf-8")
        ...     Catalog.read(path)["csat"].kind
        'sentiment'
        """
        file = _file(path)
        suffix = _suffix(file)
        try:
            # Some editors begin a file with a mark that is none of the text.
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CatalogError(
                f"catalogue '{file}' can't be read",
                got=getattr(error, "strerror", None) or str(error),
                need="a TOML or YAML file in UTF-8",
                do="Check the path",
            ) from error
        loaded = _from_toml(text, file) if suffix == ".toml" else _from_yaml(text, file)
        if not isinstance(loaded, Mapping):
            raise CatalogError(
                f"catalogue '{file}' holds no tables",
                got=type(loaded).__name__,
                need="one table a column, such as [csat] with kind = 'sentiment'",
            )
        return cls(cast("Mapping[str, Metric | Mapping[str, Any] | str]", loaded))

    @classmethod
    def from_dbt(cls, source: Mapping[str, Any] | str | os.PathLike[str]) -> Catalog:
        """Take over what a dbt project declares in ``meta``.

        Parameters
        ----------
        source : mapping or path
            The project's folder, a properties file (``schema.yml``), a ``manifest.json``, or what
            one of these files holds.

        Returns
        -------
        Catalog
            Columns and metrics with ``meta: leadlag:`` (a kind, or the fields of a `Metric`), or
            with fields of a `Metric` in ``meta`` itself.

        Raises
        ------
        CatalogError
            If it can't be read, or declares one name in two ways.

        Examples
        --------
        >>> column = {"name": "csat", "meta": {"leadlag": {"kind": "sentiment", "aim": "up"}}}
        >>> Catalog.from_dbt({"models": [{"name": "weeks", "columns": [column]}]})["csat"].aim
        'up'
        """
        return cls(dbt_entries(source))

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the catalogue to a TOML or YAML file that `read` takes back unchanged.

        Parameters
        ----------
        path : str or path
            A file whose name ends in .toml, .yaml or .yml.

        Raises
        ------
        CatalogError
            If the file can't be written.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "metrics.toml")
        ...     Catalog({"csat": "sentiment"}).write(path)
        ...     Catalog.read(path) == Catalog({"csat": "sentiment"})
        True
        """
        file = _file(path)
        if _suffix(file) == ".toml":
            text = _to_toml(self.to_dict())
        else:
            import yaml  # only those who keep YAML files pay for the import

            tables = self.to_dict()
            text = yaml.safe_dump(tables, allow_unicode=True, sort_keys=False)
            if yaml.safe_load(text) != tables:
                # Written plain, a few rare line separators are read back as spaces.
                text = yaml.safe_dump(tables, allow_unicode=False, sort_keys=False)
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CatalogError(
                f"catalogue '{file}' can't be written",
                got=error.strerror or str(error),
                need="a folder that exists and may be written to",
            ) from error


def as_catalog(
    catalog: Catalog | Mapping[str, Metric | Mapping[str, Any] | str] | str | Path | None,
) -> Catalog:
    """Turn whatever was passed as ``catalog=`` into a Catalog.

    Parameters
    ----------
    catalog : Catalog, mapping, path or None
        A catalogue, a dict, the path of a TOML or YAML file, or nothing.

    Returns
    -------
    Catalog
        Empty if nothing was passed.

    Examples
    --------
    >>> len(as_catalog(None))
    0
    """
    if catalog is None:
        return Catalog({})
    if isinstance(catalog, Catalog):
        return catalog
    if isinstance(catalog, (str, os.PathLike)):
        return Catalog.read(catalog)
    return Catalog(catalog)


def _metric(name: object, entry: object) -> Metric:
    try:
        if isinstance(entry, Metric):
            return entry
        if isinstance(entry, str):
            return Metric(entry)
        if isinstance(entry, Mapping):
            known = [field.name for field in dataclasses.fields(Metric)]
            for key in entry:
                if key not in known:
                    raise unknown_name(
                        f"'{key}' is not a field of a metric",
                        key,
                        known,
                        kind=CatalogError,
                        plural="Fields",
                        show=len(known),
                    )
            return Metric(**entry)
    except CatalogError as error:
        raise CatalogError(
            f"catalogue entry '{name}': {error.what}", got=error.got, need=error.need, do=error.do
        ) from error
    raise CatalogError(
        f"catalogue entry '{name}' can't be read",
        got=type(entry).__name__,
        need="a Metric, a dict of its fields, or a kind",
    )


def _key(name: object) -> str:
    if isinstance(name, str):
        return name
    # YAML reads a bare `on:` or `2024:` as something else than text.
    raise CatalogError(
        "a name in the catalogue is not text", got=repr(name), do="Put the name in quotes"
    )


def _file(path: object) -> Path:
    if isinstance(path, (str, os.PathLike)):
        return Path(path)
    raise CatalogError(
        "a catalogue's path is no path", got=shown(path), need="a file's name, as a str or a Path"
    )


def _suffix(file: Path) -> str:
    suffix = file.suffix.lower()
    if suffix in (".toml", ".yaml", ".yml"):
        return suffix
    raise CatalogError(
        f"catalogue '{file}' is neither TOML nor YAML",
        got=suffix or "no suffix",
        need=".toml, .yaml or .yml",
    )


def _from_toml(text: str, file: Path) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"catalogue '{file}' is not TOML", got=str(error)) from error


def _from_yaml(text: str, file: Path) -> object:
    import yaml  # only those who keep YAML files pay for the import

    try:
        # YAML would take the last one without a word.
        root = yaml.compose(text)
        named = [key.value for key, _ in root.value] if isinstance(root, yaml.MappingNode) else []
        twice = [name for name in dict.fromkeys(named) if named.count(name) > 1]
        if twice:
            raise CatalogError(
                f"catalogue '{file}' declares '{twice[0]}' twice", do="Declare it once"
            )
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise CatalogError(f"catalogue '{file}' is not YAML", got=str(error)) from error


def _to_toml(tables: Mapping[str, Mapping[str, Any]]) -> str:
    blocks = []
    for name, fields in tables.items():
        lines = [f"{key} = {_toml_value(value)}" for key, value in fields.items()]
        blocks.append("\n".join([f"[{_toml_value(name)}]", *lines]))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _toml_value(value: object) -> str:
    # JSON's strings, integers, booleans and lists of strings are TOML's, but for the DEL character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
