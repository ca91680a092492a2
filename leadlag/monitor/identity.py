"""Arithmetic identities with the target: where data and catalogue differ, and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from leadlag.monitor.alerts import Signal
from leadlag.wording.identities import member_of
from leadlag.wording.names import Names
from leadlag.wording.words import listed

__all__ = ["identity_notes", "identity_signals"]

Judged = Mapping[str, Mapping[str, Any]]

_AS_THEY_ARE = Names()
# What the catalogue declares and the data do not show.
_DECLARED = "declared"


def identity_notes(
    judged: Judged, declared: Mapping[str, Any], target: str, names: Names = _AS_THEY_ARE
) -> list[str]:
    """Say where the catalogue and the data differ on what the target is made of.

    Parameters
    ----------
    judged : mapping
        Judgements by metric.
    declared : mapping
        The catalogue's entries by name; nothing differs from an empty one.
    target : str
    names : Names, optional
        What the columns are called.

    Returns
    -------
    list of str
        A sentence each.

    Examples
    --------
    >>> facts = {"identity": "sum", "with": ["old"], "window": None}
    >>> judged = {"new": {"facts": facts}, "old": {"facts": {**facts, "with": ["new"]}}}
    >>> identity_notes(judged, {"revenue": {"kind": "business outcome"}}, "revenue")
    ['In the data, revenue is a sum of new with old; the catalogue does not say so: declare
    components, or check the columns.']
    """
    if not declared:
        return []
    listed_there = set(declared.get(target, {}).get("components", ()))
    notes = [
        f"In the data, {_member(names, target, name, facts)}; the catalogue does not say so: "
        "declare components, or check the columns."
        for name, facts in _told_once(judged)
        if not {name, *facts["with"]} <= listed_there
    ]
    unseen = [name for name, facts in _facts(judged) if facts["identity"] == _DECLARED]
    if unseen:
        notes.append(
            f"The catalogue declares {listed(map(names, unseen))} as "
            f"{_components(len(unseen))} of {names(target)}; "
            "no identity with what is in the data was found."
        )
    return notes


def identity_signals(
    before: Judged, now: Judged, target: str, names: Names = _AS_THEY_ARE
) -> Iterator[Signal]:
    """Read where an identity came, went or changed its kind.

    Parameters
    ----------
    before, now : mapping
        Judgements by metric, of the run before and of this one.
    target : str
    names : Names, optional
        What the columns are called.

    Yields
    ------
    Signal
        One a metric that both runs have.
    """
    old, new = dict(_found(before)), dict(_found(now))
    for name in sorted(before.keys() & now.keys()):
        was, made = old.get(name), new.get(name)
        if (was and was["identity"]) == (made and made["identity"]):
            continue
        if made:
            member = _member(names, target, name, made)
            text = f"in the data, {member}; in the run before it was not"
        else:
            member = _member(names, target, name, was or {})
            text = f"in the data, no longer holds that {member}"
        yield Signal("definition changed", name, 1.0, f"{names(name)}: {text}")


def _member(names: Names, target: str, name: str, facts: Mapping[str, Any]) -> str:
    others = [names(one) for one in facts.get("with", ())]
    return member_of(names(target), names(name), {**facts, "with": others})


def _facts(judged: Judged) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return (
        (name, one["facts"]) for name, one in sorted(judged.items()) if "identity" in one["facts"]
    )


def _found(judged: Judged) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return ((name, facts) for name, facts in _facts(judged) if facts["identity"] != _DECLARED)


def _told_once(judged: Judged) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Identities that were found, each by the first of its members."""
    seen: set[tuple[str, ...]] = set()
    for name, facts in _found(judged):
        members = (facts["identity"], *sorted((name, *facts["with"])))
        if members not in seen:
            seen.add(members)
            yield name, facts


def _components(count: int) -> str:
    return "a component" if count == 1 else "components"
