"""`Comparison`: read it, plot it, keep it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadlag.data.notice import Notice
from leadlag.errors import shown, unknown_name
from leadlag.wording import version_table

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Comparison"]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Versions of a metric against one another.

    Attributes
    ----------
    table : DataFrame, indexed by name
        One row a version, in the order given. `lag` and its 90 % interval count from the row as it
        is stamped; `usable_lead` from when the value is known, whatever the stamping; `fidelity`,
        the R² out of sample for the mature metric or the target, its interval, and
        `fidelity_ceiling`, the most that chance leaves; `remainder`, where the
        version is a part of the mature metric, the same for the share of those who came after it
        among those who were not in it; `skill` as in a ranking; `accuracy`, the same on
        the dates that all versions share, in parts of the error at the longest lead;
        `sensitivity`, how far it moves in standard deviations of chance; `cycles_per_quarter`;
        `frontier`: no other version is both earlier and more faithful.
    differences : DataFrame, one row a pair
        Paired tests on common dates; positive: `a` is better.
    recommendation : str
        Which version to use, what waiting for a later one costs and would add, or that the data
        can't tell.
    recommended : str or None
        Its name; None where the data can't tell.
    settled : bool
        Whether the data leave no doubt that it is the one. Where all that is open is how much a
        later version would add, an early one is named, and the words say "for now".
    warnings : tuple
        Facts about the data, each with a `.code` and a `.text`.
    settings : dict
        What was asked.
    profiles : DataFrame
        Correlation of surprises by usable lead (index) and version (columns).
    """

    table: pd.DataFrame
    differences: pd.DataFrame
    recommendation: str
    recommended: str | None
    settled: bool
    warnings: tuple[Notice, ...]
    settings: Mapping[str, Any]
    profiles: pd.DataFrame = field(repr=False)

    def plot(self, kind: str = "frontier") -> alt.LayerChart:
        """Draw the frontier of earliness against fidelity, or the lag profiles on one axis.

        Parameters
        ----------
        kind : {"frontier", "profile"}
            Which picture.

        Returns
        -------
        altair.LayerChart
            `.save(path)` writes PNG, SVG, HTML or JSON.

        Raises
        ------
        ConfigurationError
            If there is no such picture.
        """
        from leadlag.figures import versions as figures

        if kind == "frontier":
            return figures.frontier(records(self.table.reset_index()), self.settings)
        if kind == "profile":
            rows = records(self.table.reset_index())
            return figures.profiles(self.profiles, rows, self.settings)
        kinds = ("frontier", "profile")
        raise unknown_name(f"kind {shown(kind)} is not a picture", kind, kinds, plural="Kinds")

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values; a missing number is None.

        Returns
        -------
        dict
        """
        return {
            "table": records(self.table.reset_index()),
            "differences": records(self.differences),
            "recommendation": self.recommendation,
            "recommended": self.recommended,
            "settled": self.settled,
            "warnings": [{"code": n.code, "text": n.text} for n in self.warnings],
            "settings": dict(self.settings),
        }

    def __repr__(self) -> str:
        """Notes, the main columns, and the recommendation."""
        return version_table.terminal(
            records(self.table.reset_index()),
            self.recommendation,
            [notice.text for notice in self.warnings],
            self.settings,
        )


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values.

    Parameters
    ----------
    table : DataFrame

    Returns
    -------
    list of dict
        A missing number is None.

    Examples
    --------
    >>> records(pd.DataFrame({"a": [1.5, float("nan")], "b": ["x", "y"]}))
    [{'a': 1.5, 'b': 'x'}, {'a': None, 'b': 'y'}]
    """
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
