"""`Ranking.table`: its columns, how each is read from the evidence, and the order of rows.

A later statistic is one line in `COLUMNS`; a column is not there before its evidence is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from leadlag.core.roles import SHOWN_LEADING
from leadlag.errors import ConfigurationError, shown, unknown_name
from leadlag.wording.numbers import missing
from leadlag.wording.verdicts import UNDECLARED, catalog_line, power_note

if TYPE_CHECKING:
    from leadlag.assign.verdict import Judgement
    from leadlag.data.panel import Panel
    from leadlag.evidence import Evidence

Records = list[dict[str, Any]]


@dataclass(frozen=True)
class Column:
    """One column: its name, what its cells are, and how they are read, one value a metric.

    None: it is read from the judgements, not from the evidence.
    """

    name: str
    cells: Literal["number", "count", "text"]
    read: Callable[[Panel, Evidence], Iterable[Any]] | None


def _kinds(panel: Panel, evidence: Evidence) -> list[str]:
    return [_kind(panel, name) for name in evidence.metrics]


def _usable_leads(panel: Panel, evidence: Evidence) -> list[float]:
    """How long before the outcome a leading metric's value is known: its lag less its delay."""
    delay = dict(zip(panel.metrics, panel.delay, strict=True))
    return [
        float(lag - delay[name]) if role in SHOWN_LEADING else float("nan")
        for name, role, lag in zip(evidence.metrics, evidence.role, evidence.lag, strict=True)
    ]


def _notes(evidence: Evidence, judgements: Mapping[str, Judgement]) -> list[str]:
    """What was done to each metric; what a leader's declaration, or "not shown", still needs."""
    return [
        "; ".join([*notes, *_lacking(name, judgements[name])])
        for name, notes in zip(evidence.metrics, evidence.notes, strict=True)
    ]


def _lacking(name: str, judgement: Judgement) -> list[str]:
    if "no_power" in judgement.because:
        return [power_note(judgement.facts)]
    return [f"{UNDECLARED}: {catalog_line(name)}"] if judgement.facts.get("undeclared") else []


# In the order in which they are read.
COLUMNS: tuple[Column, ...] = (
    Column("rank", "count", lambda p, e: e.rank),
    Column("verdict", "text", None),
    Column("role", "text", lambda p, e: e.role),
    Column("kind", "text", _kinds),
    Column("lag", "number", lambda p, e: e.lag),
    Column("lag_low", "number", lambda p, e: e.lag_low),
    Column("lag_high", "number", lambda p, e: e.lag_high),
    Column("usable_lead", "number", _usable_leads),
    Column("typical_move", "number", lambda p, e: e.typical_move),
    Column("effect", "number", lambda p, e: e.effect),
    Column("effect_low", "number", lambda p, e: e.effect_low),
    Column("effect_high", "number", lambda p, e: e.effect_high),
    Column("skill", "number", lambda p, e: e.skill),
    Column("skill_low", "number", lambda p, e: e.skill_low),
    Column("skill_high", "number", lambda p, e: e.skill_high),
    Column("horizon", "number", lambda p, e: e.horizon),
    Column("q_value", "number", lambda p, e: e.q_value),
    Column("tier", "text", lambda p, e: e.tier),
    Column("stability", "number", lambda p, e: e.stability),
    Column("redundant_with", "text", lambda p, e: e.redundant_with),
    Column("notes", "text", None),
    Column("score", "number", lambda p, e: e.score),
    Column("p_value", "number", lambda p, e: e.p_value),
    Column("prob_leads", "number", lambda p, e: e.prob_leads),
    Column("prob_top3", "number", lambda p, e: e.prob_top3),
    Column("rank_low", "count", lambda p, e: e.rank_low),
    Column("rank_high", "count", lambda p, e: e.rank_high),
    Column("onset", "number", lambda p, e: e.onset),
    Column("correlation", "number", lambda p, e: e.correlation),
    Column("p_conditional", "number", lambda p, e: e.p_conditional),
    Column("q_conditional", "number", lambda p, e: e.q_conditional),
    Column("detectable_effect", "number", lambda p, e: e.detectable_effect),
    Column("gain_forward", "number", lambda p, e: e.gain_forward),
    Column("gain_reverse", "number", lambda p, e: e.gain_reverse),
    Column("granger_p", "number", lambda p, e: e.granger_p),
    Column("granger_reverse_p", "number", lambda p, e: e.granger_reverse_p),
    Column("granger_order", "count", lambda p, e: e.granger_order),
    Column("n", "count", lambda p, e: e.n),
    Column("transform", "text", lambda p, e: e.transform),
)


def build(panel: Panel, evidence: Evidence, judgements: Mapping[str, Judgement]) -> pd.DataFrame:
    """Build the table of a ranking.

    Parameters
    ----------
    panel : Panel
        What was given, after validation.
    evidence : Evidence
        The statistics, by metric.
    judgements : mapping of str to Judgement
        The verdict on every metric.

    Returns
    -------
    pandas.DataFrame
        Indexed by metric, sorted; metrics that could not be used are at the end.
    """
    read = {c.name: list(c.read(panel, evidence)) for c in COLUMNS if c.read is not None}
    read["verdict"] = [judgements[name].verdict for name in evidence.metrics]
    read["notes"] = _notes(evidence, judgements)
    records: Records = [
        {"metric": name, **{column: values[i] for column, values in read.items()}}
        for i, name in enumerate(evidence.metrics)
    ]
    records.sort(key=lambda record: int(record["rank"]))
    return frame(records + _excluded_rows(panel, judgements))


def frame(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Put records into a table with the types of `COLUMNS`; None is a missing number.

    Parameters
    ----------
    records : sequence of mapping
        One a row: "metric" and the columns.

    Returns
    -------
    pandas.DataFrame
        Numbers are float64 with NaN, counts Int64 with NA, texts str.

    Examples
    --------
    >>> frame([{"metric": "visits", "rank": 1, "role": "leading", "lag": 2.0}])
            rank     role  lag
    metric
    visits     1  leading  2.0
    """
    known = records[0].keys() if records else {column.name for column in COLUMNS}
    data: dict[str, Any] = {}
    for column in COLUMNS:
        if column.name not in known:
            continue
        values = [record[column.name] for record in records]
        if column.cells == "text":
            data[column.name] = pd.Series(values, dtype="str" if not values else None)
        elif column.cells == "count":
            data[column.name] = pd.array(
                [pd.NA if missing(v) else int(v) for v in values], dtype="Int64"
            )
        else:
            data[column.name] = np.array(
                [np.nan if missing(v) else float(v) for v in values], dtype=np.float64
            )
    table = pd.DataFrame(data)
    table.index = pd.Index([str(record["metric"]) for record in records], name="metric")
    return table


def records_of(table: pd.DataFrame) -> Records:
    """Read the rows of a table, each with its name as "metric", as plain values.

    Parameters
    ----------
    table : pandas.DataFrame
        `Ranking.table`.

    Returns
    -------
    list of dict
        Python numbers and text; a missing number is None.

    Examples
    --------
    >>> records_of(frame([{"metric": "visits", "rank": None, "lag": 2.0}]))
    [{'metric': 'visits', 'rank': None, 'lag': 2.0}]
    """
    columns = {name: table[name].tolist() for name in table.columns}
    return [
        {
            "metric": name,
            **{
                column: None if not isinstance(values[i], str) and missing(values[i]) else values[i]
                for column, values in columns.items()
            },
        }
        for i, name in enumerate(table.index)
    ]


def how_many(n: object) -> int:
    """Check a number of rows that is asked for.

    Parameters
    ----------
    n : int
        How many at most.

    Returns
    -------
    int

    Raises
    ------
    ConfigurationError
        If it is not an integer, 0 or more.
    """
    if isinstance(n, bool) or not isinstance(n, Integral) or n < 0:
        raise ConfigurationError(
            "n is not a number of metrics",
            got=repr(n),
            need="an integer, 0 or more",
            do="Pass an integer such as n=3",
        )
    return int(n)


def row_of(table: pd.DataFrame, metric: object) -> dict[str, Any]:
    """Read one row of a table as plain values, with its name as "metric".

    Parameters
    ----------
    table : pandas.DataFrame
        `Ranking.table`.
    metric : object
        Name of the row.

    Returns
    -------
    dict

    Raises
    ------
    ConfigurationError
        If there is no such row; the nearest name is suggested.

    Examples
    --------
    >>> row_of(frame([{"metric": "visits", "rank": 1, "lag": 2.0}]), "visits")["lag"]
    2.0
    """
    if not isinstance(metric, str) or metric not in table.index:
        what = f"metric {shown(metric)} is not in this ranking"
        raise unknown_name(what, metric, table.index, plural="Metrics")
    return records_of(table.loc[[metric]])[0]


def _excluded_rows(panel: Panel, judgements: Mapping[str, Judgement]) -> Records:
    return [
        {
            "metric": name,
            **{column.name: "" if column.cells == "text" else None for column in COLUMNS},
            "verdict": judgements[name].verdict,
            "role": "excluded",
            "kind": _kind(panel, name),
            "notes": reason,
        }
        for name, reason in sorted(panel.excluded.items())
    ]


def _kind(panel: Panel, name: str) -> str:
    info = panel.metrics_info.get(name)
    return info.kind if info is not None and info.kind else "unclassified"
