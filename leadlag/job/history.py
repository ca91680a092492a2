"""The history of runs: an SQLite file beside the reports, safe against crashes and company.

Whoever writes takes a turn: the run before is read, and the new one added, under one lock. A
process that dies in the middle leaves what was there before. It also knows which run has written
which page, and which alerts were told where.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadlag.errors import InputError
from leadlag.job.turn import Turn, unpacked

__all__ = ["History", "Run"]

# How long one run waits for another, in seconds.
_PATIENCE = 600.0
# How often it asks, where it has to do so itself.
_PAUSE = 0.02
# What SQLite says, and what it takes; anything else is about the folder.
_SAID = (
    ("locked", "its turn within ten minutes", "See which other run holds it, and run again"),
    ("full", "room for one more run", "Make room on that disk, and run again"),
    ("not a database", "an SQLite file that leadlag wrote", "Move the file away to begin anew"),
    ("malformed", "an undamaged file", "Take it from a backup, or move it away to begin anew"),
    ("no such", "a file that leadlag wrote", "Take it from a backup, or move it away"),
    ("already exists", "a file that leadlag wrote", "Move it away, or name another folder"),
    ("disk I/O", "a disk with room on it that works", "Make room on that disk, and run again"),
)
# One step a version; a file of an older version is taken through the steps it lacks.
_STEPS = (
    """
    CREATE TABLE runs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL,
        stream TEXT NOT NULL,
        through TEXT NOT NULL,
        made TEXT,
        leaders INTEGER NOT NULL,
        alerts INTEGER NOT NULL,
        record BLOB NOT NULL,
        UNIQUE (stream, id)
    )
    """,
    "CREATE INDEX runs_by_stream ON runs (stream, number)",
    """
    CREATE TABLE alerts (
        sink TEXT NOT NULL,
        stream TEXT NOT NULL,
        run TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        alert TEXT NOT NULL,
        told INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (sink, stream, run, kind, subject)
    )
    """,
    """
    CREATE TABLE pages (
        name TEXT PRIMARY KEY,
        stream TEXT,
        given INTEGER NOT NULL DEFAULT 0,
        written INTEGER NOT NULL DEFAULT 0
    )
    """,
)


@dataclass(frozen=True)
class Run:
    """One line of the history.

    Parameters
    ----------
    number : int
        In the order of writing.
    id : str
        Name by content.
    stream : str
        Target, and segment where there is one: runs of one stream go on from each other.
    through : str
        The last period of the data.
    made : str or None
        When, if it was told.
    leaders, alerts : int
        How many were shown, and how many fired.
    """

    number: int
    id: str
    stream: str
    through: str
    made: str | None
    leaders: int
    alerts: int


class History:
    """Runs in an SQLite file.

    Parameters
    ----------
    path : Path
        Made when first written to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def runs(self, stream: str | None = None) -> list[Run]:
        """List the runs, oldest first.

        Parameters
        ----------
        stream : str, optional
            Of one stream only.

        Returns
        -------
        list of Run
        """
        if not self.path.is_file():
            return []
        rows = self._read(
            "SELECT number, id, stream, through, made, leaders, alerts FROM runs "
            "WHERE ?1 IS NULL OR stream = ?1 ORDER BY number",
            stream,
        )
        return [Run(*row) for row in rows]

    def check(self) -> None:
        """Look whether the file is undamaged, and of a version that can be read.

        Raises
        ------
        InputError
        """
        if not self.path.is_file():
            return
        query = "SELECT quick_check FROM pragma_quick_check WHERE ?1 IS NULL"
        ((said,), *_) = self._read(query, None)
        if said != "ok":
            raise self._unusable(sqlite3.DatabaseError("database disk image is malformed"))

    def record(self, which: str | int) -> dict[str, Any]:
        """Read the record of one run.

        Parameters
        ----------
        which : str or int
            Its number, its id, or four letters at least from the beginning of it.

        Returns
        -------
        dict

        Raises
        ------
        InputError
            If there is no such run, or several.
        """
        found: list[tuple[bytes]] = []
        if self.path.is_file():
            for query in (
                "SELECT record FROM runs WHERE id = ?1",
                "SELECT record FROM runs WHERE CAST(number AS TEXT) = ?1",
                # Fewer letters would find a run where a number is not there.
                "SELECT record FROM runs WHERE length(?1) >= 4 AND substr(id, 1, length(?1)) = ?1",
            ):
                found = found or self._read(query, str(which))
        if len(found) != 1:
            raise InputError(
                f"run '{which}' is {'not there' if not found else 'not one run'}",
                got=f"{len(found)} runs of that name in '{self.path.name}'",
                do="List them with leadlag history",
            )
        return unpacked(found[0][0])

    def newest(self, stream: str) -> dict[str, Any] | None:
        """Read the record of the newest run of a stream.

        Parameters
        ----------
        stream : str

        Returns
        -------
        dict or None

        Raises
        ------
        InputError
            If it can't be read.
        """
        if not self.path.is_file():
            return None
        query = "SELECT record FROM runs WHERE stream = ?1 ORDER BY number DESC LIMIT 1"
        found = self._read(query, stream)
        return unpacked(found[0][0]) if found else None

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Take a turn: read the run before and add one, while no other run does.

        Yields
        ------
        Turn
            What was added is there when the block ends without an error, and not otherwise.
        """
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Turn(connection)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _read(self, query: str, value: str | None) -> list[Any]:
        """Ask for what is there, with no right to write; a file of an older version stays one."""
        while True:
            # Where no run is under way there is no log, and without the right to write none can be
            # made: the file is read as it is, and once more if a run came meanwhile.
            quiet, seen = not self._logged(), self.path.stat().st_mtime_ns
            how = "mode=ro&immutable=1" if quiet else "mode=ro"
            address = f"{self.path.resolve().as_uri()}?{how}"
            try:
                with (
                    closing(sqlite3.connect(address, timeout=_PATIENCE, uri=True)) as connection,
                    closing(self._current(connection)) as current,
                ):
                    found = current.execute(query, (value,)).fetchall()
            except sqlite3.Error as error:
                if quiet and self._came(seen):
                    continue
                raise self._unusable(error) from error
            if not quiet or not self._came(seen):
                return found

    def _logged(self) -> bool:
        """Whether a run is under way, or died, with more than the file itself holds."""
        log = self.path.with_name(f"{self.path.name}-wal")
        # An empty one is left where the disk was full.
        return log.exists() and log.stat().st_size > 0

    def _came(self, seen: int) -> bool:
        return self._logged() or self.path.stat().st_mtime_ns != seen

    def _current(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """The same runs in this version: of an older file a copy, taken through its steps."""
        if self._version(connection) == len(_STEPS):
            return connection
        copy = sqlite3.connect(":memory:", isolation_level=None)
        connection.backup(copy)
        self._migrate(copy)
        return copy

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            self._log(connection)
            connection.execute("PRAGMA synchronous = FULL")
            self._migrate(connection)
            yield connection
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        finally:
            connection.close()

    def _log(self, connection: sqlite3.Connection) -> None:
        """Keep a log beside the file; where several runs begin it at once, they wait here.

        SQLite does not wait for the right to change the way of writing, whatever its timeout.
        """
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(_PAUSE)

    def _migrate(self, connection: sqlite3.Connection) -> None:
        if self._version(connection) == len(_STEPS):
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another run may have done it while this one waited.
            version = self._version(connection)
            if version > len(_STEPS):
                raise InputError(
                    f"history '{self.path}' was written by a newer leadlag",
                    got=f"version {version}",
                    need=f"at most {len(_STEPS)}",
                    do="Use that leadlag, or name another folder",
                )
            for step in _STEPS[version:]:
                connection.execute(step)
            connection.execute(f"PRAGMA user_version = {len(_STEPS)}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    @staticmethod
    def _version(connection: sqlite3.Connection) -> int:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])

    def _unusable(self, error: sqlite3.Error) -> InputError:
        said = str(error)
        for words, need, do in _SAID:
            if words in said:
                return InputError(
                    f"history '{self.path}' can't be used", got=said, need=need, do=do
                )
        return InputError(
            f"history '{self.path}' can't be used",
            got=said,
            need="an SQLite file in a folder that may be written to",
            do="Check output.folder",
        )
