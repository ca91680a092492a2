"""`leadlag report --check` refuses what a run refuses, in the same words, and leaves nothing."""

import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from leadlag.cli import app
from leadlag.errors import InputError
from leadlag.job.check import check
from leadlag.job.config import read_config
from tests.job.guests import read_only
from tests.report.conftest import weekly

CONFIG = """
target = "revenue"
time = "week"
#top
[source]
kind = "csv"
path = "weeks.csv"
[output]
folder = "out/report"
#end
"""


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    fill(tmp_path)
    return tmp_path


def fill(folder: Path) -> None:
    frame = weekly(90)[["revenue", "signups", "other"]].assign(words="text")
    frame.index.name = "week"
    frame.to_csv(folder / "weeks.csv")
    (folder / "leadlag.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "metrics.toml").write_text(
        '[signups]\nkind = "product outcome"\ncounterweights = ["other", "gone"]\n',
        encoding="utf-8",
    )
    (folder / "past.csv").write_text("signups,revenue\n1,2\n", encoding="utf-8")
    (folder / "loader.py").write_text("def load():\n    return 3\n", encoding="utf-8")
    connection = sqlite3.connect(folder / "weeks.sqlite")
    frame.reset_index().to_sql("weeks", connection, index=False)
    connection.close()


def change(folder: Path, old: str, new: str) -> None:
    text = (folder / "leadlag.toml").read_text(encoding="utf-8")
    assert old in text
    (folder / "leadlag.toml").write_text(text.replace(old, new, 1), encoding="utf-8")


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(folder)): one.read_bytes() if one.is_file() else b""
        for one in folder.rglob("*")
        if "__pycache__" not in one.parts
    }


SOURCE = 'kind = "csv"\npath = "weeks.csv"'


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("#top", 'metrics = ["none*"]', 4),
        ("#top", 'metrics = ["words"]', 3),
        ("#top", 'controls = ["none"]', 4),
        ("#top", 'controls = ["words"]', 4),
        ("#top", 'holidays = ["XX"]', 4),
        ("#top", 'freq = "M"', 4),
        ("#top", "max_lag = 80", 4),
        ("#top", "goal = {revenue = inf}", 4),
        ("#top", "margin = {words2 = 1.0}", 4),
        ("#top", 'segment = "signups"', 3),
        ("#top", 'segment = "land"', 4),
        ("#top", 'segment = "revenue"', 4),
        ('target = "revenue"', 'target = ["revenue", "words"]', 4),
        ("#end", '[experiments]\npath = "past.csv"', 4),
        (SOURCE, 'kind = "sqlite"\npath = "weeks.sqlite"\nquery = "SELECT * FROM none"', 4),
        (SOURCE, 'kind = "duckdb"\nquery = "SELECT week FROM \'weeks.csv\'"', 4),
        (SOURCE, 'kind = "python"\nfunction = "loader:load"', 4),
        (SOURCE, 'kind = "python"\nfunction = "loader:none"', 4),
        (SOURCE, 'kind = "python"\nfunction = "no_such_loader:load"', 4),
        (SOURCE, 'kind = "postgres"\nquery = "SELECT 1"\ndsn_env = "NO_SUCH_DSN"', 4),
        ("out/report", "weeks.csv/report", 4),
    ],
)
def test_what_a_run_refuses_is_refused_in_the_same_words(
    folder: Path, old: str, new: str, code: int
):
    change(folder, old, new)
    before = files(folder)
    told = call("report", "--check")
    assert (told.exit_code, files(folder)) == (code, before), told.output
    assert told.stderr.startswith("leadlag: ")
    assert told.stderr == call("report", "--quiet").stderr


@pytest.mark.parametrize(
    "source",
    [
        'kind = "sqlite"\npath = "weeks.sqlite"\nquery = "SELECT * FROM weeks"',
        'kind = "duckdb"\nquery = "SELECT * FROM \'weeks.csv\'"',
    ],
)
def test_what_is_right_passes_and_leaves_nothing(folder: Path, source: str):
    change(folder, SOURCE, source)
    change(folder, "#end", '[alerts]\nfile = "out/report/alerts.jsonl"')
    before = files(folder)
    done = call("report", "--check")
    assert (done.exit_code, done.stdout) == (0, "leadlag.toml is right: revenue\n"), done.output
    assert files(folder) == before
    (folder / "out/report").mkdir(parents=True)
    before = files(folder)
    assert call("report", "--check").exit_code == 0
    assert files(folder) == before


def test_what_is_passed_over_is_said(folder: Path):
    change(folder, "#top", 'catalog = "metrics.toml"\nmargin = {signups = 1.0, other = 1.0}')
    done = call("report", "--check")
    assert done.exit_code == 0, done.output
    assert "The counterweight gone of signups is not in the data." in done.stdout
    assert "margin.signups changes nothing" in done.stdout
    assert "margin.other" not in done.stdout


def test_a_history_that_a_run_could_not_go_on_from_is_refused(folder: Path):
    (folder / "out/report").mkdir(parents=True)
    (folder / "out/report/history.sqlite").write_text("no database " * 100, encoding="utf-8")
    done = call("report", "--check")
    assert done.exit_code == 4
    assert "can't be used" in done.stderr


def test_a_record_that_a_run_could_not_go_on_from_is_refused(folder: Path):
    assert call("report", "--now", "2021-09-27").exit_code == 0
    assert call("report", "--check").exit_code == 0
    weekly(93)[["revenue", "signups", "other"]].rename_axis("week").to_csv(folder / "weeks.csv")
    connection = sqlite3.connect(folder / "out/report/history.sqlite")
    connection.execute("UPDATE runs SET record = ?", (b"nothing",))
    connection.commit()
    connection.close()
    told = call("report", "--check")
    assert told.exit_code == 4
    assert "a run in the history can't be read" in told.stderr
    assert told.stderr == call("report", "--quiet").stderr


def test_where_nothing_may_be_written_is_said():
    def made(folder: Path) -> None:
        fill(folder)
        (folder / "out/report").mkdir(parents=True)

    with read_only(made) as folder:
        with pytest.raises(InputError) as caught:
            check(read_config(folder / "leadlag.toml"))
        assert f"output.folder '{folder}/out/report' can't be written to" in str(caught.value)


def test_a_file_of_alerts_that_cannot_be_written_is_said(folder: Path):
    change(folder, "#end", '[alerts]\nfile = "none/alerts.jsonl"')
    done = call("report", "--check")
    assert done.exit_code == 4
    assert "alerts.file" in done.stderr
    assert not (folder / "out").exists()
