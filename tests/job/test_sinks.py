"""Alerts are told once, and not lost: runs again, servers that fail for a while, killed jobs."""

import contextlib
import json
import os
import resource
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from leadlag.job import sinks
from leadlag.job.config import Alerts, Config, Source
from leadlag.job.history import History

ALERT = {"kind": "leader moved", "subject": "a", "text": "a rose"}


class Web(BaseHTTPRequestHandler):
    """Answers with the codes that it was given, then with 200."""

    codes: list[int]
    slowly = threading.Event()
    posts: list[dict[str, Any]]
    asked: int

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Web.asked += 1
        code = Web.codes.pop(0) if Web.codes else 200
        if code == 0:
            self.close_connection = True
            return
        if code == 1:
            with contextlib.suppress(OSError):
                for byte in b"HTTP/1.1 200 OK\r\nSlow: " + b"y" * 40:
                    self.wfile.write(bytes([byte]))
                    Web.slowly.wait(0.1)
            return
        if code == 200:
            Web.posts.append(body)
        self.send_response(code)
        if 300 <= code < 400:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def do_GET(self) -> None:
        Web.asked += 1
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Web]]:
    Web.posts, Web.codes, Web.asked = [], [], 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ALERTS", f"http://127.0.0.1:{server.server_port}/secret-token")
    yield Web
    server.shutdown()
    server.server_close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    made: list[float] = []
    monkeypatch.setattr("time.sleep", made.append)
    return made


def config(folder: Path, **sinks: str) -> Config:
    return Config(
        source=Source(kind="csv", path="x.csv"), target="y", alerts=Alerts(**sinks), folder=folder
    )


def ran(
    one: Config, run: str, fired: int = 1, stream: str = "y", through: str = "2024-01"
) -> list[str]:
    """A run with so many alerts, and what could not be told of them."""
    record = {
        "run": {"id": run},
        "target": {"name": "y", "through": through},
        "alerts": {"fired": [{**ALERT, "subject": f"a{i}"} for i in range(fired)]},
    }
    history = History(one.folder / "history.sqlite")
    with history.turn() as turn:
        turn.deliveries.owe(sinks.sinks_of(one), stream, run, sinks.fired(record, stream))
    return sinks.tell(one, history, {stream: run})


def lines(folder: Path) -> list[str]:
    text = (folder / "alerts.jsonl").read_text(encoding="utf-8")
    return [f"{one['run']} {one['subject']}" for one in map(json.loads, text.splitlines())]


def test_the_same_run_again_tells_nothing_again(tmp_path: Path, web: type[Web]):
    both = config(tmp_path, file="alerts.jsonl", webhook_env="ALERTS")
    for _ in range(3):
        assert ran(both, "r1") == []
    assert lines(tmp_path) == ["r1 a0"]
    assert [len(one["alerts"]) for one in web.posts] == [1]
    # What is new in it is told alone.
    assert ran(both, "r1", fired=2) == []
    assert lines(tmp_path) == ["r1 a0", "r1 a1"]
    assert [one["subject"] for one in web.posts[1]["alerts"]] == ["a1"]


def test_a_sink_that_is_new_is_told_what_the_others_know(tmp_path: Path, web: type[Web]):
    assert ran(config(tmp_path, file="alerts.jsonl"), "r1") == []
    assert ran(config(tmp_path, file="alerts.jsonl", webhook_env="ALERTS"), "r1") == []
    assert lines(tmp_path) == ["r1 a0"]
    assert len(web.posts) == 1


@pytest.mark.parametrize("codes", [[500], [503, 429], [0, 0]])
def test_a_server_that_fails_for_a_moment_is_asked_again(
    tmp_path: Path, web: type[Web], waits: list[float], codes: list[int]
):
    web.codes = list(codes)
    assert ran(config(tmp_path, webhook_env="ALERTS"), "r1") == []
    assert len(web.posts) == 1
    assert web.asked == len(codes) + 1
    assert waits == [1.0, 4.0][: len(codes)]


def test_a_server_that_goes_on_failing_is_told_later(
    tmp_path: Path, web: type[Web], waits: list[float]
):
    both = config(tmp_path, file="alerts.jsonl", webhook_env="ALERTS")
    web.codes = [500] * 3
    (said,) = ran(both, "r1")
    assert said == (
        "Alerts were not posted to the address in ALERTS: 500. The next run tells them."
    )
    assert web.asked == 3
    assert waits == [1.0, 4.0]
    assert lines(tmp_path) == ["r1 a0"]
    # The next run may be on other data, with no alert of its own.
    assert ran(both, "r2", fired=0, through="2024-02") == []
    assert web.posts[0]["text"] == "y (data through 2024-01): a rose"
    assert lines(tmp_path) == ["r1 a0"]


@pytest.mark.parametrize(
    ("code", "said"), [(404, "404"), (401, "401"), (302, "302, it sends on to another address")]
)
def test_what_will_not_pass_is_not_tried_again(
    tmp_path: Path, web: type[Web], waits: list[float], code: int, said: str
):
    web.codes = [code]
    (problem,) = ran(config(tmp_path, webhook_env="ALERTS"), "r1")
    assert f"Alerts were not posted to the address in ALERTS: {said}" in problem
    assert (web.asked, waits, web.posts) == (1, [], [])


def test_a_server_that_is_not_there_is_said_in_words(
    tmp_path: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ALERTS", "http://127.0.0.1:9/secret-token")
    (problem,) = ran(config(tmp_path, webhook_env="ALERTS"), "r1")
    assert "Connection refused" in problem
    assert "secret" not in problem
    assert len(waits) == 2


def test_a_server_that_answers_byte_by_byte_is_not_waited_for(
    tmp_path: Path, web: type[Web], waits: list[float], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sinks, "_PATIENCE", 0.3)
    web.codes = [1] * 3
    begun = time.monotonic()
    (said,) = ran(config(tmp_path, webhook_env="ALERTS"), "r1")
    assert "to the address in ALERTS: no answer. The next run tells them." in said
    assert len(waits) == 2
    # The whole answer would take more than six seconds, three times.
    assert time.monotonic() - begun < 5


def test_a_line_end_after_the_address_is_none_of_it(
    tmp_path: Path, web: type[Web], monkeypatch: pytest.MonkeyPatch
):
    """As a variable has it that was filled from a file."""
    monkeypatch.setenv("ALERTS", os.environ["ALERTS"] + "\n")
    assert ran(config(tmp_path, webhook_env="ALERTS"), "r1") == []
    assert len(web.posts) == 1


def test_each_report_of_a_job_is_named(tmp_path: Path, web: type[Web]):
    one = config(tmp_path, webhook_env="ALERTS")
    assert ran(one, "r1", stream="y / Chile") == []
    assert web.posts[0]["text"] == "y / Chile: a rose"
    assert web.posts[0]["alerts"][0]["report"] == "y / Chile"


def test_alerts_of_others_are_theirs_to_tell(tmp_path: Path, web: type[Web], waits: list[float]):
    one = config(tmp_path, webhook_env="ALERTS")
    web.codes = [500] * 3
    assert ran(one, "r1", stream="other") != []
    assert ran(one, "r2", stream="y") == []
    assert [alert["run"] for alert in web.posts[0]["alerts"]] == ["r2"]


def test_a_disk_that_is_full_leaves_no_half_line(tmp_path: Path):
    one = config(tmp_path, file="alerts.jsonl")
    file = tmp_path / "alerts.jsonl"
    file.write_text('{"run": "r0", "subject": "a0"}\n' * 20_000, encoding="utf-8")
    before = file.read_bytes()
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, usual[1]))
    try:
        (problem,) = ran(one, "r1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert "Alerts were not written to alerts.file 'alerts.jsonl': File too large." in problem
    assert file.read_bytes() == before
    assert ran(one, "r1") == []
    assert lines(tmp_path)[-1] == "r1 a0"
