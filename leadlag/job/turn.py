"""What one run does in its turn: the run before, its own, its page."""

from __future__ import annotations

import json
import sqlite3
import zlib
from typing import Any

from leadlag.errors import InputError
from leadlag.job.deliveries import Deliveries

__all__ = ["Turn", "unpacked"]


class Turn:
    """What may be done while no other run writes.

    Parameters
    ----------
    connection : sqlite3.Connection

    Attributes
    ----------
    deliveries : Deliveries
        Who is told of alerts.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.deliveries = Deliveries(connection)

    def before(self, stream: str, run: str) -> dict[str, Any] | None:
        """The record that a run goes on from: the newest of its stream, itself left out.

        Parameters
        ----------
        stream : str
        run : str
            Id of the run. If it is there already, what came before it counts.

        Returns
        -------
        dict or None
        """
        found = self._connection.execute(
            "SELECT record FROM runs WHERE stream = ?1 AND number < coalesce("
            "(SELECT number FROM runs WHERE stream = ?1 AND id = ?2), 1 << 62) "
            "ORDER BY number DESC LIMIT 1",
            (stream, run),
        ).fetchone()
        return None if found is None else unpacked(found[0])

    def add(self, stream: str, record: dict[str, Any]) -> None:
        """Add a run, or replace the same run.

        Parameters
        ----------
        stream : str
        record : dict
        """
        values = {
            "id": record["run"]["id"],
            "stream": stream,
            "through": record["target"]["through"],
            "made": record["run"]["made"],
            "leaders": len(record["leaders"]),
            "alerts": len(record["alerts"]["fired"]),
            "record": zlib.compress(json.dumps(record, ensure_ascii=False).encode(), 6),
        }
        # Not in one statement: an insertion that ends as an update uses up a number.
        done = self._connection.execute(
            "UPDATE runs SET made = :made, alerts = :alerts, record = :record "
            "WHERE stream = :stream AND id = :id",
            values,
        )
        if not done.rowcount:
            self._connection.execute(
                "INSERT INTO runs (id, stream, through, made, leaders, alerts, record) "
                "VALUES (:id, :stream, :through, :made, :leaders, :alerts, :record)",
                values,
            )

    def place(self, page: str) -> int:
        """Take a number for the files of a page: later runs have higher ones.

        Parameters
        ----------
        page : str
            Name of its files.

        Returns
        -------
        int
        """
        self._connection.execute("INSERT OR IGNORE INTO pages (name) VALUES (?)", (page,))
        self._connection.execute("UPDATE pages SET given = given + 1 WHERE name = ?", (page,))
        found = self._connection.execute("SELECT given FROM pages WHERE name = ?", (page,))
        return int(found.fetchone()[0])

    def writer(self, page: str) -> tuple[int, str | None]:
        """Say who has written the files of a page last.

        Parameters
        ----------
        page : str

        Returns
        -------
        number : int
            As `place` gave it; 0 where nobody has.
        stream : str or None
        """
        found = self._connection.execute(
            "SELECT written, stream FROM pages WHERE name = ?", (page,)
        ).fetchone()
        return found or (0, None)

    def wrote(self, page: str, number: int, stream: str) -> None:
        """Note who writes the files of a page.

        Parameters
        ----------
        page : str
        number : int
            As `place` gave it.
        stream : str
        """
        self._connection.execute(
            "UPDATE pages SET written = ?, stream = ? WHERE name = ?", (number, stream, page)
        )


def unpacked(packed: bytes) -> dict[str, Any]:
    """Read a record as it is kept.

    Parameters
    ----------
    packed : bytes

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If it was damaged.
    """
    try:
        values: dict[str, Any] = json.loads(zlib.decompress(packed))
    except (zlib.error, TypeError, ValueError) as error:
        raise InputError(
            "a run in the history can't be read",
            got=str(error),
            need="what leadlag wrote",
            do="Take the history from a backup, or move it away to begin anew",
        ) from error
    return values
