"""What was ranked and how: the settings that every ranking holds."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from leadlag.assign.unpredicted import unpredicted_share
from leadlag.assign.verdict import SMALLEST_EFFECT
from leadlag.storage import plain

if TYPE_CHECKING:
    from leadlag.data.panel import Panel
    from leadlag.evidence import Evidence

__all__ = ["settings_of"]


def settings_of(panel: Panel, evidence: Evidence, given: Mapping[str, Any]) -> dict[str, Any]:
    """Collect the settings of a ranking as plain values.

    Parameters
    ----------
    panel : Panel
        What was given, after validation.
    evidence : Evidence
        The statistics, by metric.
    given : mapping
        Further arguments of the call to be kept, such as the seed.

    Returns
    -------
    dict
        `leadlag.storage.SETTINGS` and what was given.
    """
    known = np.flatnonzero(np.isfinite(panel.y))
    facts = {
        "version": _version(),
        "target": panel.target,
        "n": len(known),
        "span": [panel.period_label(int(i)) for i in known[[0, -1]]],
        "freq": panel.freq,
        "max_lag": evidence.max_lag,
        "alpha": evidence.alpha,
        "controls": panel.controls,
        "transform": evidence.target_transform,
        "terms": evidence.terms,
        "smallest_effect": SMALLEST_EFFECT,
        "unpredicted": unpredicted_share(evidence),
    }
    return dict(plain({**given, **facts}))


def _version() -> str:
    try:
        return metadata.version("leadlag")
    except metadata.PackageNotFoundError:
        # A source tree that was put on the path and never installed.
        return "source"
