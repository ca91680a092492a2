"""Where the disk is full, nothing is half written, and the next run makes up for it."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from leadlag import storage
from leadlag.errors import InputError
from leadlag.job import run
from leadlag.job.history import History
from tests.job.test_at_once import through, write


@contextmanager
def room(most: int) -> Iterator[None]:
    """A file that may grow no further answers as a disk that is full does."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_run_without_room_leaves_the_page_and_a_readable_history(tmp_path: Path):
    first = run.run_report(write(tmp_path, "one", 110), progress=False)
    out = tmp_path / "report"
    before = {file.name: file.read_bytes() for file in out.glob("report.*")}
    config = write(tmp_path, "one", 115)
    said, kept = set(), set()
    for most in (10, 1_000, 9_000, 30_000, 50_000, 70_000, 90_000):
        with room(most), pytest.raises(InputError, match="room") as caught:
            run.run_report(config, progress=False)
        said.add(str(caught.value).partition("'")[0])
        assert {file.name: file.read_bytes() for file in out.glob("report.*")} == before
        assert not [file.name for file in out.iterdir() if file.name.startswith(".")]
        ids = [one.id for one in History(out / run.HISTORY).runs()]
        assert ids[0] == first.records[0]["run"]["id"]
        kept.add(len(ids))
    # Both sides of what the history keeps were tried.
    assert said == {"history ", ""}
    assert kept == {1, 2}
    done = run.run_report(config, progress=False)
    assert through(tmp_path) == ("2024-04-24", done.records[0]["run"]["id"])
    assert done.records[0]["run"]["number"] == 2


def test_files_that_belong_together_are_all_staged_first(tmp_path: Path):
    (tmp_path / "a.txt").write_text("old", encoding="utf-8")
    big = tmp_path / "c.txt"
    with room(100), pytest.raises(InputError, match="need room for 104 bytes"):
        storage.write_all({tmp_path / "a.txt": "new", big: "x" * 101})
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.txt"]
