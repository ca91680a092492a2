"""What columns are called where people read of them: by the label that the catalogue gives them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Names", "names_of"]

Values = Mapping[str, Any]

# Facts of a judgement that name other columns: lists of them, and a single one.
_LISTS, _ONE = ("guards", "guarded", "with"), "beside"


@dataclass(frozen=True)
class Names:
    """Labels by column; what has none is called as its column is.

    Parameters
    ----------
    labels : mapping of str to str

    Examples
    --------
    >>> names = Names({"csat": "Satisfaction"})
    >>> names("csat"), names("visits")
    ('Satisfaction', 'visits')
    """

    labels: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, column: str) -> str:
        """Say what a column is called."""
        return self.labels.get(column, column)

    def row(self, row: Values) -> dict[str, Any]:
        """Call the metrics of a row of the table by their labels; "column" keeps its own.

        Parameters
        ----------
        row : mapping

        Returns
        -------
        dict
        """
        made = {**row, "metric": self(row["metric"]), "column": row["metric"]}
        if row.get("redundant_with"):
            made["redundant_with"] = self(row["redundant_with"])
        return made

    def settings(self, settings: Values) -> dict[str, Any]:
        """Call the target and the controls by their labels.

        Parameters
        ----------
        settings : mapping
            `Ranking.settings`.

        Returns
        -------
        dict

        Examples
        --------
        >>> names = Names({"ads": "Spend"})
        >>> names.settings({"target": "sales", "controls": ["ads"], "terms": ["trend", "ads"]})
        {'target': 'sales', 'controls': ['Spend'], 'terms': ['trend', 'Spend']}
        """
        controls = list(settings.get("controls") or [])
        return {
            **settings,
            "target": self(settings["target"]),
            "controls": [self(name) for name in controls],
            "terms": [self._term(term, controls) for term in settings.get("terms") or []],
        }

    def judged(self, judged: Values) -> dict[str, Any]:
        """Call the columns in the facts behind a verdict by their labels.

        Parameters
        ----------
        judged : mapping
            "verdict", "because" and "facts".

        Returns
        -------
        dict
        """
        facts = dict(judged["facts"])
        for key in _LISTS:
            if facts.get(key):
                facts[key] = [self(name) for name in facts[key]]
        if facts.get(_ONE):
            facts[_ONE] = self(facts[_ONE])
        return {**judged, "facts": facts}

    def _term(self, term: str, controls: list[str]) -> str:
        for name in sorted(controls, key=len, reverse=True):
            if term == name or term.startswith(f"{name} "):
                return self(name) + term[len(name) :]
        return term


def names_of(*declared: Mapping[str, Values], columns: Iterable[str] = ()) -> Names:
    """Read the labels of a catalogue, as it was kept with rankings.

    Parameters
    ----------
    *declared : mapping of str to mapping
        What is declared by column, the newest last: a column that is gone keeps its label.
    columns : iterable of str
        Further columns, which no label may be taken for.

    Returns
    -------
    Names
        A label that two columns share, or that is the name of another, has its column behind it.

    Examples
    --------
    >>> names_of({"a": {"label": "Visits"}, "b": {"label": "Visits"}, "c": {"label": "Sales"}})
    Names(labels={'a': 'Visits (a)', 'b': 'Visits (b)', 'c': 'Sales'})
    """
    entries = {name: entry for one in declared for name, entry in one.items()}
    called = {name: str(entry.get("label") or name) for name, entry in entries.items()}
    called |= {name: name for name in columns if name not in called}
    shared = Counter(called.values())
    return Names(
        {
            name: label if shared[label] == 1 else f"{label} ({name})"
            for name, label in called.items()
            if label != name
        }
    )
