"""One ranking as monitoring sees it: its table, its settings, its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadlag.curves import Curves
from leadlag.observed import Observed
from leadlag.wording.names import Names, names_of

__all__ = ["State"]


@dataclass(frozen=True, eq=False)
class State:
    """What a ranking holds.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of the table in order, each with its name as "metric".
    settings : mapping
        `Ranking.settings`.
    curves : Curves
        Periods, profiles and prepared series.
    observed : Observed
        Raw values, the calendar, what was declared.
    """

    rows: Sequence[Mapping[str, Any]]
    settings: Mapping[str, Any]
    curves: Curves
    observed: Observed

    @property
    def by_name(self) -> dict[str, Mapping[str, Any]]:
        """The rows by metric."""
        return {row["metric"]: row for row in self.rows}

    @property
    def names(self) -> Names:
        """What the columns are called."""
        columns = (self.settings["target"], *(row["metric"] for row in self.rows))
        return names_of(self.observed.declared, columns=columns)
