"""The history: runs in turn, a crash at any point, company, older and newer files."""

import json
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from leadlag.errors import InputError
from leadlag.job.history import History
from tests.job.guests import read_only

REPOSITORY = Path(__file__).resolve().parents[2]


def run(name: str, number: int = 1) -> dict[str, Any]:
    return {
        "run": {"id": name, "made": None, "number": number},
        "target": {"through": "2024-01"},
        "leaders": [1, 2],
        "alerts": {"fired": []},
    }


def test_runs_of_a_stream_go_on_from_each_other(tmp_path: Path):
    history = History(tmp_path / "h.sqlite")
    assert history.runs() == []
    for name, stream in (("a", "x"), ("b", "y"), ("c", "x")):
        with history.turn() as turn:
            turn.add(stream, run(name))
    with history.turn() as turn:
        assert turn.before("x", "new") == run("c")
        assert turn.before("x", "c") == run("a")
        assert turn.before("x", "a") is None
        assert turn.before("z", "a") is None
    assert [one.id for one in history.runs()] == ["a", "b", "c"]
    assert [one.id for one in history.runs("x")] == ["a", "c"]
    assert history.record("b") == history.record(2) == run("b")
    with pytest.raises(InputError, match="run 'q' is not there"):
        history.record("q")


def test_a_number_that_is_not_there_finds_no_id(tmp_path: Path):
    history = History(tmp_path / "h.sqlite")
    add(history.path, "12abcdef", "99abcdef")
    assert history.record("2") == history.record("99ab") == run("99abcdef")
    with pytest.raises(InputError, match="run '99' is not there"):
        history.record("99")


def add(path: Path, *names: str) -> None:
    for name in names:
        with History(path).turn() as turn:
            turn.add("x", run(name))


def test_reading_needs_no_right_to_write():
    with read_only(lambda folder: add(folder / "history.sqlite", "a", "b")) as folder:
        history = History(folder / "history.sqlite")
        assert [one.id for one in history.runs()] == ["a", "b"]
        assert history.record("a") == run("a")
        assert [one.name for one in folder.iterdir()] == ["history.sqlite"]


def test_reading_leaves_the_file_as_it_is(tmp_path: Path):
    path = tmp_path / "h.sqlite"
    add(path, "a")
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    assert [one.id for one in History(path).runs()] == ["a"]
    assert [one.name for one in tmp_path.iterdir()] == ["h.sqlite"]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    with History(path).turn() as turn:
        turn.add("x", run("b"))
        # While another run has its turn, what was there before it is read.
        assert [one.id for one in History(path).runs()] == ["a"]
    assert [one.id for one in History(path).runs()] == ["a", "b"]


def test_the_same_run_is_there_once(tmp_path: Path):
    history = History(tmp_path / "h.sqlite")
    for number in (1, 2):
        with history.turn() as turn:
            turn.add("x", run("a", number))
    assert len(history.runs()) == 1
    assert history.record("a") == run("a", 2)


def test_what_fails_in_the_middle_leaves_nothing(tmp_path: Path):
    history = History(tmp_path / "h.sqlite")

    def interrupted() -> None:
        with history.turn() as turn:
            turn.add("x", run("a"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert history.runs() == []


def add_many(path: Path, who: str, count: int) -> None:
    history = History(path)
    for i in range(count):
        with history.turn() as turn:
            before = turn.before("x", f"{who}{i}")
            number = before["run"]["number"] if before else 0
            turn.add("x", run(f"{who}{i}", number + 1))


def test_two_at_once_lose_nothing(tmp_path: Path):
    path = tmp_path / "h.sqlite"
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for job in [pool.submit(add_many, path, who, 15) for who in "ab"]:
            job.result()
    history = History(path)
    runs = history.runs()
    assert len(runs) == 30
    # Each went on from the one before it: no link of the chain is missing or double.
    assert [history.record(one.id)["run"]["number"] for one in runs] == list(range(1, 31))


def test_an_older_file_is_taken_further(tmp_path: Path):
    path = tmp_path / "h.sqlite"
    history = History(path)
    with history.turn() as turn:
        turn.add("x", run("a"))
    connection = sqlite3.connect(path)
    connection.execute("DROP INDEX runs_by_stream")
    for table in ("alerts", "pages"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    # Who only reads leaves it as it is; who writes takes it further.
    assert [one.id for one in history.runs()] == ["a"]
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()
    add(path, "b")
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (4,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    with history.turn() as turn:
        assert turn.deliveries.owed("file", ["x"]) == []
        assert turn.place("report") == 1


def test_a_newer_file_and_no_history_are_refused(tmp_path: Path):
    path = tmp_path / "h.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(InputError, match="written by a newer leadlag"):
        History(path).runs()
    other = tmp_path / "text.sqlite"
    other.write_text("no database " * 100, encoding="utf-8")
    with pytest.raises(InputError, match="can't be used: got file is not a database"):
        History(other).runs()


def test_what_is_owed_is_told_once(tmp_path: Path):
    one = {"kind": "leader moved", "subject": "a", "text": "a rose"}
    two = {**one, "subject": "b"}
    history = History(tmp_path / "h.sqlite")
    with history.turn() as turn:
        turn.deliveries.owe(["file", "web"], "x", "r1", [one, two])
        turn.deliveries.owe(["file"], "y", "r2", [one])
    with history.turn() as turn:
        owed = turn.deliveries.owed("file", ["x"])
        assert [o.alert for o in owed] == [one, two]
        turn.deliveries.told(owed)
    with history.turn() as turn:
        # The same run again, with other lines: one of them is no alert any more.
        turn.deliveries.owe(["file", "web"], "x", "r1", [one])
        assert turn.deliveries.owed("file", ["x"]) == []
        assert [o.alert for o in turn.deliveries.owed("web", ["x", "y"])] == [one]
        assert [o.run for o in turn.deliveries.owed("file", ["x", "y"])] == ["r2"]


def test_the_files_of_a_page_have_the_last_place(tmp_path: Path):
    history = History(tmp_path / "h.sqlite")
    with history.turn() as turn:
        assert [turn.place("a"), turn.place("a"), turn.place("b")] == [1, 2, 1]
        assert turn.writer("a") == turn.writer("none") == (0, None)
        turn.wrote("a", 2, "x")
    with history.turn() as turn:
        assert turn.writer("a") == (2, "x")
        assert turn.writer("b") == (0, None)


def test_a_damaged_run_is_said(tmp_path: Path):
    history = History(tmp_path / "h.sqlite")
    add(history.path, "a")
    connection = sqlite3.connect(history.path)
    connection.execute("UPDATE runs SET record = ?", (b"nothing",))
    connection.commit()
    connection.close()
    with pytest.raises(InputError, match="a run in the history can't be read"):
        history.record("a")


def test_a_damaged_file_is_found_by_a_look(tmp_path: Path):
    history = History(tmp_path / "h.sqlite")
    history.check()
    for i in range(40):
        add(history.path, f"a{i}" + "x" * 500)
    history.check()
    held = bytearray(history.path.read_bytes())
    for i in range(4096 * 3, len(held), 7):
        held[i] ^= 0x5A
    history.path.write_bytes(bytes(held))
    with pytest.raises(InputError, match="malformed"):
        history.check()


def test_an_empty_log_is_no_hindrance(tmp_path: Path):
    history = History(tmp_path / "h.sqlite")
    add(history.path, "a")
    # As a run leaves them that found no room on the disk.
    (tmp_path / "h.sqlite-wal").touch()
    (tmp_path / "h.sqlite-shm").write_bytes(b"abc")
    tmp_path.chmod(0o555)
    try:
        assert [one.id for one in history.runs()] == ["a"]
    finally:
        tmp_path.chmod(0o755)
    assert (tmp_path / "h.sqlite-shm").read_bytes() == b"abc"


def test_a_file_of_another_program_is_refused(tmp_path: Path):
    path = tmp_path / "h.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE runs (a)")
    connection.close()
    with pytest.raises(InputError, match=r"need a file that leadlag wrote\. Move it away"):
        add(path, "a")


def test_a_turn_that_does_not_come_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    history = History(tmp_path / "h.sqlite")
    monkeypatch.setattr("leadlag.job.history._PATIENCE", 0.1)
    with history.turn(), pytest.raises(InputError, match=r"locked.*which other run"):
        add(history.path, "a")


def test_a_run_killed_at_any_line_leaves_what_was_there(tmp_path: Path):
    """Lines all through the job, the history and the storage are the last of some process."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed.py")), str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=REPOSITORY, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    # Python 3.13 counts fewer lines of the same code than 3.11.
    assert said["points"] > 25
    # Some died before the run was kept, some after: both sides of the commit were tried.
    assert 0 < said["kept"] < said["points"]
    assert said["wrong"] == []


def test_a_file_that_another_run_is_just_beginning_is_waited_for(tmp_path: Path):
    """SQLite would not wait for the right to keep a log, and the second run would be refused."""
    path = tmp_path / "h.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    later = threading.Timer(0.5, other.rollback)
    later.start()
    add(path, "a")
    later.join()
    other.close()
    assert [one.id for one in History(path).runs()] == ["a"]
