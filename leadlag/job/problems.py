"""What is wrong with a configuration, in words: where, what is wanted, and where a key belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from leadlag.errors import shown, unknown_name
from leadlag.wording.words import listed

__all__ = ["as_sentence", "mend", "misplaced", "problems_of"]

Place = tuple[int | str, ...]

# Where a value may be of several kinds, the kind that was tried is no key of the file.
_KINDS = re.compile(r"^(str|int|float|bool|list\[.*\]|dict\[.*\])$")
_VARIABLE = "it should be the name of an environment variable, not an address"
# By the type of error; the limits of numbers are filled in.
_WANTED: Mapping[str, str] = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list in brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "greater_than": "above {gt:g}",
    "greater_than_equal": "at least {ge}",
    "less_than": "below {lt:g}",
    "literal_error": "{expected}",
    "string_pattern_mismatch": (
        "a name of letters, digits, '-', '_' and '.', the first of which is no '-' or '.'"
    ),
}
_EMPTY = ("too_short", "string_too_short")


def problems_of(error: ValidationError, top: type[BaseModel]) -> list[str]:
    """Say all that is wrong, one sentence a place.

    Parameters
    ----------
    error : pydantic.ValidationError
    top : type of BaseModel
        Of the whole file.

    Returns
    -------
    list of str
        Nothing that could hold a password is in them.
    """
    found: dict[Place, list[Any]] = {}
    for one in error.errors(include_url=False):
        place = tuple(part for part in one["loc"] if not _KINDS.match(str(part)))
        found.setdefault(place, []).append(one)
    made = []
    for place, wrong in found.items():
        tried = len(wrong) + any(_KINDS.match(str(part)) for part in wrong[0]["loc"]) > 1
        if tried and any(other[: len(place)] == place and other != place for other in found):
            continue  # of a list, what is wrong is said of what is in it
        made.append(_problem(place, wrong, top))
    return made


def misplaced(key: str, place: Place, top: type[BaseModel]) -> str:
    """Say that a key is none there, and where it belongs.

    Parameters
    ----------
    key : str
    place : tuple
        Keys of the table in which it was found.
    top : type of BaseModel
        Of the whole file.

    Returns
    -------
    str
    """
    what = f"'{'.'.join([*map(str, place), key])}' is not a key"
    homes = [where for where, model in _tables(top) if key in _keys(model)]
    if "" in homes:
        return f"{what}. It is one of the whole file: write it above the first [table]"
    if homes:
        return f"{what}. It is one of {listed([f'[{where}]' for where in homes])}"
    wrong = unknown_name("", key, _keys(_model_at(place, top)), plural="Keys", show=30)
    near = wrong.do.startswith("Did you mean")
    return f"{what}. {wrong.do}" if near else f"{what}: need {wrong.need}"


def as_sentence(name: str, problems: list[str]) -> str:
    """Put problems into one message: a line each where there are several.

    Parameters
    ----------
    name : str
        Of the file.
    problems : list of str

    Returns
    -------
    str

    Examples
    --------
    >>> as_sentence("leadlag.toml", ["'target' is missing"])
    "configuration 'leadlag.toml' can't be used: 'target' is missing"
    """
    what = f"configuration '{name}' can't be used:"
    if len(problems) == 1:
        return f"{what} {problems[0]}"
    return "\n  ".join([what, *problems])


def mend(said: str, text: str) -> str:
    r"""Say how to mend a file that is no TOML.

    Parameters
    ----------
    said : str
        By the parser; it names the line.
    text : str
        Of the file.

    Returns
    -------
    str

    Examples
    --------
    >>> mend("Invalid hex value (at line 1, column 9)", 'path = "C:\\users\\weeks.csv"')
    "Write the path with / or in single quotes: 'C:\\new\\weeks.csv'"
    """
    lines, at = text.splitlines(), re.search(r"at line (\d+)", said)
    if at and int(at[1]) <= len(lines) and "\\" in lines[int(at[1]) - 1]:
        return "Write the path with / or in single quotes: 'C:\\new\\weeks.csv'"
    return "Mend that line"


def _problem(place: Place, wrong: list[Any], top: type[BaseModel]) -> str:
    kind, where = wrong[0]["type"], ".".join(map(str, place))
    if kind == "extra_forbidden":
        return misplaced(str(place[-1]), place[:-1], top)
    if kind == "missing":
        return f"'{where}' is missing"
    if kind == "value_error":
        return f"{where}: {wrong[0]['ctx']['error']}" if where else str(wrong[0]["ctx"]["error"])
    if "env" in where:
        return f"'{where}': {_VARIABLE}"
    if kind in _EMPTY:
        return f"'{where}' is empty"
    wanted = [_WANTED[one["type"]].format(**one.get("ctx", {})) for one in wrong
              if one["type"] in _WANTED]  # fmt: skip
    text = " or ".join(dict.fromkeys(wanted)) or wrong[0]["msg"]
    return f"'{where}' should be {text}, got {_given(wrong[0]['input'])}{_meant(wrong[0])}"


def _meant(wrong: Any) -> str:
    """Of a few words the nearest one."""
    if wrong["type"] != "literal_error":
        return ""
    words = re.findall("'([^']*)'", wrong["ctx"]["expected"])
    do = unknown_name("", str(wrong["input"]), words).do
    return f". {do.removesuffix('.')}" if do.startswith("Did you mean") else ""


def _given(value: object) -> str:
    """What was given, but for what could be an address with its password."""
    return "an address" if "://" in str(value) else shown(value)


def _keys(model: type[BaseModel]) -> list[str]:
    return [name for name, field in model.model_fields.items() if not field.exclude]


def _tables(model: type[BaseModel], where: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """The tables of a file by name; those that a user names are left out."""
    yield where, model
    for name, field in model.model_fields.items():
        inner = [field.annotation, *get_args(field.annotation)]
        for one in inner:
            if isinstance(one, type) and issubclass(one, BaseModel) and _is_table(field.annotation):
                yield from _tables(one, f"{where}.{name}".lstrip("."))


def _is_table(annotation: Any) -> bool:
    return not any(isinstance(one, type) and issubclass(one, str) for one in get_args(annotation))


def _model_at(place: Place, top: type[BaseModel]) -> type[BaseModel]:
    """The model whose keys are wanted at a place."""
    model = top
    for part in place:
        field = model.model_fields.get(str(part))
        if field is None:
            continue
        inner = field.annotation
        for one in (inner, *get_args(inner)):
            if isinstance(one, type) and issubclass(one, BaseModel):
                model = one
    return model
