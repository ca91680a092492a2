"""What `compare` refuses before it looks at a value."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from numbers import Real

import numpy as np

from leadlag.data.catalog import Catalog
from leadlag.errors import ConfigurationError, shown, unknown_name
from leadlag.iterations.reading import Asked

__all__ = ["check_choices", "check_controls", "check_stamps", "check_target"]

_TOWARDS = ("mature", "target")


def check_choices(fidelity_to: object, keep: object, alpha: object, seed: object) -> None:
    """Check the arguments that know no data.

    Parameters
    ----------
    fidelity_to, keep, alpha, seed : object
        As for `compare`.

    Raises
    ------
    ConfigurationError
        If one can't be used.
    """
    if fidelity_to not in _TOWARDS:
        raise unknown_name(
            f"fidelity_to {shown(fidelity_to)} is not known", fidelity_to, _TOWARDS,
            plural="Choices",
        )  # fmt: skip
    for name, value in (("keep", keep), ("alpha", alpha)):
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < 1:
            raise ConfigurationError(
                f"{name} is not a share", got=shown(value), need="a number between 0 and 1"
            )
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ConfigurationError(
            "seed is not a seed", got=shown(seed), need="an integer, 0 or more"
        )


def check_target(target: object) -> None:
    """Check that the target is one column.

    Parameters
    ----------
    target : object
        As for `compare`.

    Raises
    ------
    ConfigurationError
        If it is no name.
    """
    if isinstance(target, str) or not hasattr(target, "__len__"):
        return
    if not isinstance(target, (list, tuple, set, frozenset)):
        raise ConfigurationError(
            "target is not the name of a column",
            got=shown(target),
            need="the name of the business outcome's column",
            do="Pass the name, such as target='revenue'",
        )
    name = str(next(iter(target), "revenue"))
    raise ConfigurationError(
        "versions are compared against one target a call",
        got=f"a {type(target).__name__} of {len(target)}",
        need="the name of one column",
        do=f"Pass target={name!r}"
        if len(target) < 2
        else f"Loop over them: {{t: leadlag.compare(data, t, versions, stamped=...) for t in "
        f"[{name!r}, ...]}}",
    )


def check_controls(columns: Sequence[str], held: Collection[str]) -> None:
    """Check that no version is held constant.

    Parameters
    ----------
    columns : sequence of str
        Of the versions.
    held : collection of str
        The controls.

    Raises
    ------
    ConfigurationError
        If one is.
    """
    both = [column for column in columns if column in held]
    if both:
        raise ConfigurationError(
            f"'{both[0]}' is both a version and a control",
            do="Leave it out of versions, or out of controls",
        )


def check_stamps(asked: Sequence[Asked], catalog: Catalog, stamped: str) -> None:
    """Check that the catalogue dates no version in another way.

    Parameters
    ----------
    asked : sequence of Asked
        Versions.
    catalog : Catalog
        What is declared.
    stamped : str
        What the rows are dated by.

    Raises
    ------
    ConfigurationError
        If it does.
    """
    for one in asked:
        declared = catalog.get(one.column)
        if declared is not None and declared.stamped not in (None, stamped):
            raise ConfigurationError(
                f"'{one.column}' is dated in two ways",
                got=f"stamped={stamped!r}, and {declared.stamped!r} in the catalogue",
                need="one of the two",
            )
