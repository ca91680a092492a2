"""Two jobs at once on one folder, and two configurations that share one."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from leadlag.job import run
from leadlag.job.config import Config, read_config
from leadlag.job.history import History

CONFIG = """
target = "y"
time = "day"
max_lag = 5
[source]
kind = "csv"
path = "days.csv"
"""


def write(folder: Path, name: str, rows: int, extra: str = "") -> Config:
    rng = np.random.default_rng(0)
    x, e = rng.standard_normal((2, 120))
    days = pd.date_range("2024-01-01", periods=120, freq="D", name="day")
    data = pd.DataFrame({"y": 10 + np.r_[0, 0, x[:-2]] + 0.3 * e, "x": x}, index=days)
    data[:rows].to_csv(folder / f"{name}.csv")
    text = CONFIG.replace("days.csv", f"{name}.csv") + extra
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return read_config(folder / f"{name}.toml")


def through(folder: Path) -> tuple[str, str]:
    """The last day of the data, as the record and the page have it."""
    record = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))
    page = (folder / "report" / "report.html").read_text(encoding="utf-8")
    return record["target"]["through"], record["run"]["id"] if record["run"]["id"] in page else ""


def test_an_older_run_that_is_slow_leaves_the_page_of_the_newer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    old, new = write(tmp_path, "old", 110), write(tmp_path, "new", 120)
    usual, others = run._write, []

    def slow(*values: Any) -> list[str]:
        # Between what a run adds to the history and its files, a newer run comes and goes.
        monkeypatch.setattr(run, "_write", usual)
        others.append(run.run_report(new, progress=False))
        return usual(*values)

    monkeypatch.setattr(run, "_write", slow)
    first = run.run_report(old, progress=False)
    assert through(tmp_path) == ("2024-04-29", others[0].records[0]["run"]["id"])
    assert "report.html is of a run that came meanwhile" in first.problems[0]
    assert others[0].problems == ()
    runs = History(tmp_path / "report" / run.HISTORY).runs()
    assert [one.through for one in runs] == ["2024-04-19", "2024-04-29"]
    # Asked for again, with nobody else there, the older run has the page.
    again = run.run_report(old, progress=False)
    assert again.problems == ()
    assert through(tmp_path) == ("2024-04-19", runs[0].id)


def test_two_processes_at_once_lose_nothing(tmp_path: Path):
    for name, rows in (("a", 110), ("b", 120)):
        write(tmp_path, name, rows)
    code = (
        "import sys; from leadlag.job.config import read_config; "
        "from leadlag.job.run import run_report; "
        "config = read_config(sys.argv[1]); print('ready', flush=True); sys.stdin.readline(); "
        "run_report(config, progress=False)"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / f"{name}.toml")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in "ab"
    ]  # fmt: skip
    for one in processes:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in processes:
        one.communicate("go\n", timeout=200)
        assert one.returncode == 0
    history = History(tmp_path / "report" / run.HISTORY)
    first, second = history.runs()
    assert {first.through, second.through} == {"2024-04-19", "2024-04-29"}
    assert history.record(second.id)["run"]["previous"] == first.id
    assert through(tmp_path) == (second.through, second.id)
    assert sorted(one.name for one in (tmp_path / "report").iterdir()) == [
        "history.sqlite", "report.html", "report.json",
    ]  # fmt: skip


def test_reports_with_names_of_their_own_go_on_from_their_own(tmp_path: Path):
    one = write(tmp_path, "one", 110)
    two = write(tmp_path, "two", 110, '[output]\nname = "short"\n')
    for config in (one, two):
        outcome = run.run_report(config, progress=False)
        assert outcome.records[0]["run"]["number"] == 1
        assert outcome.problems == ()
    write(tmp_path, "one", 115)
    assert run.run_report(one, progress=False).records[0]["run"]["number"] == 2
    runs = History(tmp_path / "report" / run.HISTORY).runs()
    assert [one.stream for one in runs] == ["y", "short: y", "y"]


def test_two_configurations_that_write_one_page_are_told(tmp_path: Path):
    one = write(tmp_path, "one", 110)
    two = write(tmp_path, "two", 110).model_copy(update={"target": "x"})
    assert run.run_report(one, progress=False).problems == ()
    (said,) = run.run_report(two, progress=False).problems
    assert said.startswith("report.html was of 'y' before, and is of 'x' now")


def test_what_a_killed_run_left_half_written_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    one = write(tmp_path, "one", 110)
    out = tmp_path / "report"
    out.mkdir()
    for name in (".report.html.0123abcd", ".report.html.swp"):
        (out / name).write_text("half", encoding="utf-8")
    run.run_report(one, progress=False)
    # Another program may be at it just now.
    assert (out / ".report.html.0123abcd").exists()
    monkeypatch.setattr(run, "_LEFT", -1.0)
    run.run_report(one, progress=False)
    assert not (out / ".report.html.0123abcd").exists()
    assert (out / ".report.html.swp").exists()
