"""Which alerts each sink has still to be told, kept in the history."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Deliveries", "Owed"]


@dataclass(frozen=True)
class Owed:
    """An alert that a sink has still to be told.

    Parameters
    ----------
    row : int
        Its place in the history.
    run : str
        Id of the run in which it fired.
    alert : dict
    """

    row: int
    run: str
    alert: dict[str, Any]


class Deliveries:
    """What was told to whom.

    Parameters
    ----------
    connection : sqlite3.Connection
        In a turn.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def owe(
        self, sinks: Iterable[str], stream: str, run: str, fired: Sequence[Mapping[str, Any]]
    ) -> None:
        """Note the alerts of a run that each sink is to be told, unless it was told before.

        Parameters
        ----------
        sinks : iterable of str
        stream, run : str
        fired : sequence of mapping
            With "kind" and "subject".
        """
        for sink in sinks:
            # With other lines the same run may fire less: what no longer does is not told late.
            self._connection.execute(
                "DELETE FROM alerts WHERE sink = ? AND stream = ? AND run = ? AND NOT told",
                (sink, stream, run),
            )
            self._connection.executemany(
                "INSERT OR IGNORE INTO alerts (sink, stream, run, kind, subject, alert) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (sink, stream, run, one["kind"], one["subject"],
                     json.dumps(one, ensure_ascii=False))
                    for one in fired
                ],
            )  # fmt: skip

    def owed(self, sink: str, streams: Iterable[str]) -> list[Owed]:
        """List what a sink has still to be told, oldest first.

        Parameters
        ----------
        sink : str
        streams : iterable of str

        Returns
        -------
        list of Owed
        """
        rows = self._connection.execute(
            "SELECT rowid, run, alert, stream FROM alerts WHERE sink = ? AND NOT told "
            "ORDER BY rowid",
            (sink,),
        )
        wanted = set(streams)
        return [
            Owed(row, run, json.loads(alert))
            for row, run, alert, stream in rows
            if stream in wanted
        ]

    def told(self, owed: Iterable[Owed]) -> None:
        """Note that alerts were told.

        Parameters
        ----------
        owed : iterable of Owed
        """
        self._connection.executemany(
            "UPDATE alerts SET told = 1 WHERE rowid = ?", [(one.row,) for one in owed]
        )
