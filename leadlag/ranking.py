"""`Ranking`: what `leadlag.rank` returns, to be read, explained, drawn, saved and built upon."""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from leadlag import alignment, columns, storage
from leadlag.assign.shortlist import shortlisted
from leadlag.assign.verdict import judge, judgements_of
from leadlag.core.roles import SHOWN_LEADING
from leadlag.curves import Curves
from leadlag.data.notice import Notice
from leadlag.errors import ConfigurationError, InputError, shown
from leadlag.facts import settings_of
from leadlag.figures import charts
from leadlag.monitor.changes import changes_between, changes_table
from leadlag.monitor.outlook import look_ahead, outlook_table
from leadlag.monitor.state import State
from leadlag.observed import Observed
from leadlag.wording import explain, summary, tables, verdicts

if TYPE_CHECKING:
    import altair as alt

    from leadlag.data.panel import Panel
    from leadlag.evidence import Evidence


@dataclass(frozen=True, eq=False, repr=False)
class Ranking:
    """Metrics in the order in which they precede a target, with the evidence for each.

    `leadlag.rank` builds it and `leadlag.load` reads it from a file; a loaded one equals the saved
    one and reads, explains and plots the same. It is frozen: `table` and `settings` are copies.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a metric, indexed by name, excluded metrics last. See `docs/reading-a-ranking.md`.
    warnings : tuple of Notice
        Facts about the data that a reader should know first: `.code` and `.text`.
    settings : dict
        What was ranked and how: version, target, n, span, freq, max_lag, alpha, seed, and others.

    Examples
    --------
    >>> import leadlag
    >>> ranking = leadlag.rank(leadlag.datasets.box_jenkins(), target="sales", max_lag=6)
    >>> ranking.table[["role", "lag", "usable_lead"]]
               role  lag  usable_lead
    metric
    lead    leading  3.0          3.0
    >>> ranking.shortlist()
    ['lead']
    >>> ranking.explain("lead")[:32]
    'lead precedes sales by 3 periods'
    >>> ranking.plot("lead").to_dict()["title"]["text"]
    ['lead precedes sales by 3 periods']
    >>> len(ranking.shifted(leadlag.datasets.box_jenkins()))
    153
    >>> Ranking.from_dict(ranking.to_dict()) == ranking
    True
    >>> ranking.outlook().columns.tolist(), len(ranking.outlook()), len(ranking.changes(ranking))
    (['date', 'expected', 'low', 'high', 'because'], 3, 0)
    """

    warnings: tuple[Notice, ...]
    _table: pd.DataFrame
    _settings: Mapping[str, Any]
    _curves: Curves
    _observed: Observed
    _judgements: Mapping[str, Any]

    @classmethod
    def from_evidence(
        cls, panel: Panel, evidence: Evidence, settings: Mapping[str, Any]
    ) -> Ranking:
        """Put the evidence on a panel into a ranking.

        Parameters
        ----------
        panel : Panel
            What was given, after validation.
        evidence : Evidence
            The statistics, by metric.
        settings : mapping
            Further arguments of the call to be kept, such as the seed.

        Returns
        -------
        Ranking
        """
        judgements = judge(panel, evidence)
        return cls(
            warnings=(
                *panel.notices,
                *(Notice("left_out", text) for text in evidence.target_notes),
            ),
            _table=columns.build(panel, evidence, judgements),
            _settings=settings_of(panel, evidence, settings),
            _curves=Curves.from_evidence(panel, evidence),
            _observed=Observed.from_panel(panel),
            _judgements=storage.plain(judgements),
        )

    @property
    def table(self) -> pd.DataFrame:
        """One row a metric, in order."""
        return self._table.copy()

    @property
    def settings(self) -> dict[str, Any]:
        """What was ranked and how."""
        return deepcopy(dict(self._settings))

    def summary(self) -> str:
        """Sum up in plain text: the target, the data, what was found, how it was tested.

        Returns
        -------
        str
        """
        return summary.summary(self._rows(), self._settings, self._notes())

    def explain(self, metric: str, *, steps: bool = False) -> str:
        """Say in at most 120 plain words what was found for a metric, and what to do next.

        Parameters
        ----------
        metric : str
            A row of the table.
        steps : bool
            Show the reasoning behind the verdict instead, one numbered question a line.

        Returns
        -------
        str

        Raises
        ------
        ConfigurationError
            If the ranking has no such metric; the nearest name is suggested.
        """
        row = self._row(metric)
        judged = self._judgements[row["metric"]]
        if steps:
            return verdicts.steps(row, judged, self._settings)
        return explain.explain(row, self._settings, judged)

    def plot(
        self, metric: str | None = None, *, releases: object = None
    ) -> alt.VConcatChart | alt.LayerChart:
        """Draw a metric's lag profile, and the metric moved by its lag over the target.

        Parameters
        ----------
        metric : str, optional
            A row of the table; by default the first that leads. Where none does, the chart is an
            overview of what each metric's past predicts.
        releases : list or dict, optional
            Dates to mark, or dates with names; what follows one is not caused by it.

        Returns
        -------
        altair chart
            `.save("chart.png")` also writes SVG, HTML and JSON, without a browser.

        Raises
        ------
        ConfigurationError
            If the ranking has no such metric, or it was excluded.
        """
        if metric is None:
            leaders = self._leaders()
            if not leaders:
                return charts.overview(self._rows(), self._settings)
            metric = leaders[0]
        row = self._row(metric)
        if row["role"] == "excluded":
            raise ConfigurationError(
                f"'{metric}' can't be drawn, as it was not ranked: {row['notes']}",
                do="Name another metric, or mend the column and rank again",
            )
        return charts.metric_chart(self._curves, row, self._settings, releases)

    def shortlist(self, n: int = 3) -> list[str]:
        """Name the metrics that lead the target, by verdict, then rank, without near-copies.

        Parameters
        ----------
        n : int
            How many at most.

        Returns
        -------
        list of str
            Metrics with the role "leading" or "feedback", those to assign first, then those to
            learn about; none where no lead was shown. Components of the target are left out.

        Raises
        ------
        ConfigurationError
            If `n` is not an integer, 0 or more.
        """
        return shortlisted(self._rows())[: columns.how_many(n)]

    def shifted(self, data: object) -> pd.DataFrame:
        """Align the leading metrics with the dates of the target that they precede.

        A value of a metric with lag k moves k calendar periods later, so that each row holds what
        was known ahead of that row's date; rows past the end of the data hold the newest values.

        Parameters
        ----------
        data : dataframe
            The frame that was ranked or a newer one, at the ranking's frequency.

        Returns
        -------
        pandas.DataFrame
            One column a metric that leads, best first; NaN where nothing is known.

        Raises
        ------
        ConfigurationError
            If a column is not there.
        InputError
            If the rows are not one a period.
        """
        lags = {name: int(self._row(name)["lag"]) for name in self._leaders()}
        return alignment.shifted(
            data, lags, freq=self._settings["freq"], time=self._settings.get("time")
        )

    def outlook(self) -> pd.DataFrame:
        """Forecast the target from the leaders that were shown, as far as they are known ahead.

        Returns
        -------
        pandas.DataFrame
            One row a period to come: "date" (its start, or its end where weeks are dated so),
            "expected", "low", "high" (90 %), "because" (without a leader: the target's own past).
        """
        return outlook_table(look_ahead(self._state()), self._state())

    def changes(self, previous: Ranking) -> pd.DataFrame:
        """List what changed since an earlier ranking of the same target, each with its cause.

        Parameters
        ----------
        previous : Ranking
            The earlier one, such as last week's from `leadlag.load`.

        Returns
        -------
        pandas.DataFrame
            "metric", "field", "before", "after" and "cause": "new data", "revised data",
            "definition changed", "method changed" or "noise"; empty where nothing changed.

        Raises
        ------
        ConfigurationError
            If `previous` is no ranking, or one of another target.
        """
        if not isinstance(previous, Ranking):
            raise ConfigurationError(
                "previous is not a ranking",
                got=shown(previous),
                need="what leadlag.rank or leadlag.load returned",
                do="Load the earlier one with leadlag.load(path)",
            )
        return changes_table(changes_between(previous._state(), self._state()))

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write the ranking as a page: one file, no network; `leadlag.write_report` keeps a record.

        Parameters
        ----------
        path : str or path
            Such as "report.html"; the file is replaced in one step.
        """
        # A page is made of rankings, so its room comes later; only this method looks ahead.
        from leadlag.report.write import write_page

        write_page(self, path)

    def to_dict(self) -> dict[str, Any]:
        """Write everything as plain values that survive JSON; a missing number is None.

        Returns
        -------
        dict
            "schema_version", "settings", "warnings", "table" (one dict a row, in order),
            "curves", "observed" (the data that were seen) and "judgements" (by metric).
        """
        return {
            "schema_version": storage.SCHEMA_VERSION,
            "settings": self.settings,
            "warnings": [{"code": notice.code, "text": notice.text} for notice in self.warnings],
            "table": storage.plain(self._rows()),
            "curves": self._curves.to_dict(),
            "observed": self._observed.to_dict(),
            "judgements": deepcopy(dict(self._judgements)),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Ranking:
        """Read what `to_dict` wrote.

        Parameters
        ----------
        values : mapping
            As `to_dict` returns it.

        Returns
        -------
        Ranking

        Raises
        ------
        InputError
            If it was written by another version of the schema, or is not a ranking.
        """
        storage.check_version(values)
        storage.check_parts(values, storage.SETTINGS, (column.name for column in columns.COLUMNS))
        try:
            return cls(
                warnings=tuple(Notice(**notice) for notice in values["warnings"]),
                _table=columns.frame(values["table"]),
                _settings=deepcopy(dict(values["settings"])),
                _curves=Curves.from_dict(values["curves"]),
                _observed=Observed.from_dict(values["observed"]),
                _judgements=judgements_of(values["judgements"], values["table"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                "this is not a complete ranking",
                got=f"{type(error).__name__}: {error}",
                need="what Ranking.to_dict wrote",
                do="Save the ranking again",
            ) from error

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save to a JSON file that `leadlag.load` reads; the same ranking gives the same bytes.

        Parameters
        ----------
        path : str or path
            Replaced in one step: a reader sees the old one or the new one.
        """
        storage.write(path, storage.text_of(self.to_dict()))

    def __len__(self) -> int:
        """Rows of the table, excluded ones too."""
        return len(self._table)

    def __eq__(self, other: object) -> bool:
        """Equal where all that a file would hold is equal."""
        if not isinstance(other, Ranking):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # equal by content, and the content is large

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what a file holds."""
        return Ranking.from_dict, (self.to_dict(),)

    def __repr__(self) -> str:
        """Write warnings, the top rows and what was left out, within 100 columns."""
        return tables.terminal(
            self._rows(), list(self._table.columns), self._settings, self._notes()
        )

    def _repr_html_(self) -> str:
        return tables.notebook(
            self._rows(), list(self._table.columns), self._settings, self._notes()
        )

    def _leaders(self) -> list[str]:
        leads = self._table["role"].isin(SHOWN_LEADING)
        return [str(name) for name in self._table.index[leads]]

    def _state(self) -> State:
        return State(self._rows(), self._settings, self._curves, self._observed)

    def _rows(self) -> columns.Records:
        return columns.records_of(self._table)

    def _row(self, metric: object) -> dict[str, Any]:
        return columns.row_of(self._table, metric)

    def _notes(self) -> list[str]:
        return [notice.text for notice in self.warnings]
