"""Combining the rows of a coarser period, by each column's declared form or a stated rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from leadlag.data.catalog import Catalog
from leadlag.errors import ConfigurationError, InputError, listing, unknown_name

__all__ = ["RULES", "Rule", "collapse", "needed_columns", "rules_for"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Rule = str | tuple[str, str]

# The share of a period's parts that must be known. A sum or an extreme of some of the parts is
# wrong; a mean of some is only less sure; the last known value of a stock is its value.
NEEDED_SHARE = {
    "sum": 1.0,
    "min": 1.0,
    "max": 1.0,
    "mean": 0.5,
    "median": 0.5,
    "ratio": 0.5,
    "first": 0.0,
    "last": 0.0,
}
RULES = ("sum", "mean", "median", "min", "max", "first", "last")
# A windowed value is a level at the end of its window.
BY_FORM = {"flow": "sum", "stock": "last", "windowed": "last"}


def rules_for(
    names: Sequence[str],
    columns: Iterable[str],
    catalog: Catalog,
    aggregate: str | Mapping[str, Any] | None,
    *,
    why: str,
) -> dict[str, Rule]:
    """Decide how each column's values are combined.

    Parameters
    ----------
    names : sequence of str
        The columns that need a rule.
    columns : iterable of str
        All columns of the data.
    catalog : Catalog
        Declared forms: a flow is summed, of a stock the last value counts, a rate is the sum of
        its numerator over the sum of its denominator.
    aggregate : str, mapping or None
        Rules by column, which come before the forms, or one rule for the columns without a form.
    why : str
        What makes the rules necessary, for the error.

    Returns
    -------
    dict
        Column to a rule, or to its numerator and denominator.

    Raises
    ------
    ConfigurationError
        If a rule isn't known.
    InputError
        If columns have no rule; the message lists them.

    Examples
    --------
    >>> catalog = Catalog({"visits": {"form": "flow"}})
    >>> rules_for(["visits", "price"], ["visits", "price"], catalog, "mean", why="")
    {'visits': 'sum', 'price': 'mean'}
    """
    known = list(columns)
    stated: Mapping[str, Any] = {}
    if isinstance(aggregate, Mapping):
        stated = {str(name): rule for name, rule in aggregate.items()}
        for name in stated:
            if name not in known:
                raise unknown_name(f"aggregate names '{name}', which is not a column", name, known)
    default = None if isinstance(aggregate, Mapping) or aggregate is None else aggregate
    rules: dict[str, Rule] = {}
    lacking: list[str] = []
    for name in names:
        metric = catalog.get(name)
        form = None if metric is None else metric.form
        if name in stated:
            rules[name] = _rule(stated[name], known)
        elif form in BY_FORM:
            rules[name] = BY_FORM[form]
        elif metric is not None and form == "rate" and len(metric.components) == 2:
            rules[name] = _rule(metric.components, known)
        elif default is not None:
            rules[name] = _rule(default, known)
        else:
            lacking.append(f"{name} (a rate without components)" if form == "rate" else name)
    if lacking:
        raise InputError(
            f"{why}, and columns have no rule to combine their values",
            got=listing(lacking, limit=20),
            need="a form in the catalogue (flow, stock, or rate with its numerator and "
            "denominator as components) or a rule in aggregate=",
            do=f"Pass aggregate='sum', or aggregate={{{lacking[0].split(' (')[0]!r}: 'mean', ...}}",
        )
    return rules


def needed_columns(rules: Mapping[str, Rule]) -> list[str]:
    """Columns that the rules read, each once.

    Parameters
    ----------
    rules : mapping
        Column to rule.

    Returns
    -------
    list of str
        The columns themselves, and for ratios their numerators and denominators.

    Examples
    --------
    >>> needed_columns({"a": "sum", "b": ("a", "c")})
    ['a', 'c']
    """
    names: dict[str, None] = {}
    for name, rule in rules.items():
        names.update(dict.fromkeys(rule if isinstance(rule, tuple) else (name,)))
    return list(names)


def collapse(
    columns: Mapping[str, Floats],
    rules: Mapping[str, Rule],
    starts: Integers,
    parts: Integers,
) -> tuple[dict[str, Floats], dict[str, int]]:
    """Combine runs of rows.

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (n_rows,)
        Values in order of time, NaN where missing.
    rules : mapping
        Column to rule.
    starts : ndarray of int, shape (n_groups,)
        Where each run of rows begins; runs are not empty.
    parts : ndarray of int, shape (n_groups,)
        How many parts a period has when complete.

    Returns
    -------
    combined : dict of str to ndarray, shape (n_groups,)
        The values; NaN where too few parts are known.
    partial : dict of str to int
        By column, in how many periods some but not all parts are known.

    Examples
    --------
    >>> values, partial = collapse({"a": np.array([1.0, 2.0, 3.0, np.nan])}, {"a": "sum"},
    ...                            np.array([0, 2]), np.array([2, 2]))
    >>> values["a"].tolist(), partial
    ([3.0, nan], {'a': 1})
    """
    combined: dict[str, Floats] = {}
    partial: dict[str, int] = {}
    for name, rule in rules.items():
        if isinstance(rule, tuple):
            top, bottom = columns[rule[0]], columns[rule[1]]
            both = np.isfinite(top) & np.isfinite(bottom)
            count = _add(both.astype(np.float64), starts)
            below = _add(np.where(both, bottom, 0.0), starts)
            above = _add(np.where(both, top, 0.0), starts)
            # A rate of nothing is missing, not infinite.
            values = np.divide(above, below, out=np.full(len(starts), np.nan), where=below != 0)
            share = NEEDED_SHARE["ratio"]
        else:
            values, count = _combine(columns[name], rule, starts)
            share = NEEDED_SHARE[rule]
        enough = (count > 0) & (count >= share * parts)
        combined[name] = np.where(enough, values, np.nan)
        partial[name] = int(((count > 0) & (count < parts)).sum())
    return combined, partial


def _combine(values: Floats, rule: str, starts: Integers) -> tuple[Floats, Floats]:
    known = np.isfinite(values)
    count = _add(known.astype(np.float64), starts)
    if rule in ("sum", "mean"):
        total = _add(np.where(known, values, 0.0), starts)
        return (total / np.maximum(count, 1.0) if rule == "mean" else total), count
    if rule == "min":
        return np.fmin.reduceat(values, starts), count
    if rule == "max":
        return np.fmax.reduceat(values, starts), count
    rows = np.arange(len(values))
    if rule == "last":
        # Where nothing is known this reads some other row, which the count then masks.
        return values[np.maximum.reduceat(np.where(known, rows, -1), starts)], count
    if rule == "first":
        beyond = len(values) - 1
        return values[np.minimum.reduceat(np.where(known, rows, beyond), starts)], count
    groups = np.split(values[starts[0] :], starts[1:] - starts[0])
    middle = [
        float(np.median(g[np.isfinite(g)])) if np.isfinite(g).any() else np.nan for g in groups
    ]
    return np.array(middle), count


def _add(values: Floats, starts: Integers) -> Floats:
    return np.asarray(np.add.reduceat(values, starts), dtype=np.float64)


def _rule(rule: object, columns: Sequence[str]) -> Rule:
    if isinstance(rule, (tuple, list)) and len(rule) == 2:
        for name in rule:
            if str(name) not in columns:
                raise unknown_name(f"component '{name}' is not a column", name, columns)
        return (str(rule[0]), str(rule[1]))
    if isinstance(rule, str) and rule in RULES:
        return rule
    raise unknown_name(
        f"aggregate {rule!r} is not a rule", rule, RULES, kind=ConfigurationError, plural="Rules"
    )
