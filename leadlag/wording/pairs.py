"""A behaviour to be moved and what must not get worse by it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadlag.wording.words import listed

__all__ = ["guard_in_report", "guard_step", "pair"]

Judged = Mapping[str, Any]

_MOST_GUARDS = 2


def pair(metric: str, judged: Judged | None) -> str:
    """Write a behaviour and what must not get worse as one goal; "" where nothing is known to.

    Parameters
    ----------
    metric : str
    judged : mapping, optional
        With the fact "guards": declared counterweights, else the sentiments of the catalogue.

    Returns
    -------
    str

    Examples
    --------
    >>> pair("reorders", {"facts": {"guards": ["csat"], "aim": "up"}})
    'increase reorders without csat getting worse'
    >>> pair("reorders", {"facts": {}})
    ''
    """
    facts = judged["facts"] if judged else {}
    guards = facts.get("guards")
    if not guards:
        return ""
    verb = {"up": "increase", "down": "reduce"}.get(facts.get("aim") or "", "move")
    return f"{verb} {metric} without {listed(guards[:_MOST_GUARDS])} getting worse"


def guard_step(metric: str, judged: Judged) -> str:
    """Say what to do with a counterweight.

    Parameters
    ----------
    metric : str
    judged : mapping

    Returns
    -------
    str

    Examples
    --------
    >>> guard_step("csat", {"facts": {"guarded": ["reorders"]}})
    'say how far csat may get worse, and ask leadlag.counterweights whether reorders precedes that'
    """
    moved, verb = _guarded(judged)
    return (
        f"say how far {metric} may get worse, and ask leadlag.counterweights whether {moved} "
        f"{verb} that"
    )


def guard_in_report(metric: str, judged: Judged, *, examined: bool) -> str:
    """Say what to do with a counterweight on the page of a report.

    Parameters
    ----------
    metric : str
    judged : mapping
    examined : bool
        Whether a margin was named, so that the page says what was found.

    Returns
    -------
    str

    Examples
    --------
    >>> judged = {"facts": {"guarded": ["reorders", "visits"]}}
    >>> guard_in_report("csat", judged, examined=True)
    'watch csat while reorders and visits are moved; section 6 says what was found'
    >>> guard_in_report("csat", judged, examined=False)
    'name in [margin] how far csat may get worse, to see whether reorders and visits precede that'
    """
    moved, verb = _guarded(judged)
    if examined:
        are = "is" if verb == "precedes" else "are"
        return f"watch {metric} while {moved} {are} moved; section 6 says what was found"
    return f"name in [margin] how far {metric} may get worse, to see whether {moved} {verb} that"


def _guarded(judged: Judged) -> tuple[str, str]:
    names = judged["facts"].get("guarded") or ["a metric to be moved"]
    return listed(names), "precedes" if len(names) == 1 else "precede"
