"""How a metric is in an arithmetic identity with the target, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadlag.wording.words import listed

__all__ = ["member_of"]


def member_of(target: str, metric: str, facts: Mapping[str, Any]) -> str:
    """Say how a metric is in an identity with the target.

    Parameters
    ----------
    target, metric : str
    facts : mapping
        "identity" and "with", the other members.

    Returns
    -------
    str

    Examples
    --------
    >>> member_of("revenue", "new", {"identity": "sum", "with": ["old"]})
    'revenue is a sum of new with old'
    """
    others = f" with {listed(facts['with'])}" if facts.get("with") else ""
    its = "its product" if metric == "it" else f"a product of {metric}"
    return {
        "copy": f"{metric} is {target} in other units",
        "sum": f"{target} is a sum of {metric}{others}",
        "product": f"{target} is {its}{others}",
        "ratio": f"{target} is a ratio of {metric}{others}",
        "part of": f"{metric} is a part of {target}",
        "flow → stock": f"{metric} flows into {target}, its stock{others}",
        "declared": f"{metric} is declared as a component of {target}",
    }[facts["identity"]]
