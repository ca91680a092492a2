"""`leadlag compare` on the command line."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import leadlag
from leadlag.cli import app
from leadlag.commands.codes import Code


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    quality = rng.standard_normal(169)
    frame = pd.DataFrame(
        {
            "kept_7d": quality[9:] + 0.6 * rng.standard_normal(160),
            "kept_28d": quality[9:],
            "outcome": 50 + quality[:160] + 0.5 * rng.standard_normal(160),
        },
        index=pd.date_range("2022-01-03", periods=160, freq="W-MON", name="week"),
    )
    path = tmp_path / "weeks.csv"
    frame.to_csv(path)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["compare", *[str(argument) for argument in arguments]])


def test_a_file_in_a_recommendation_out(file: Path, tmp_path: Path):
    asked = [file, "--target", "outcome", "--stamped", "cohort", "--version", "early=kept_7d:1",
             "--version", "kept_28d:28D"]  # fmt: skip
    outs = [tmp_path / name for name in ("found.json", "found.csv", "found.svg")]
    done = run(*asked, *[part for path in outs for part in ("--out", path)])
    assert done.exit_code == Code.RAN, done.stderr
    expected = leadlag.compare(
        pd.read_csv(file, index_col="week", parse_dates=True), "outcome",
        {"early": ("kept_7d", 1), "kept_28d": ("kept_28d", 4)}, stamped="cohort",
    )  # fmt: skip
    assert done.stdout == f"{expected!r}\n"
    assert json.loads(outs[0].read_text(encoding="utf-8"))["recommended"] == "early"
    table = pd.read_csv(outs[1], index_col="name")
    assert table["usable_lead"].tolist() == expected.table["usable_lead"].tolist()
    assert "<svg" in outs[2].read_text(encoding="utf-8")


def test_columns_alone_say_their_windows_and_json_is_what_a_file_gets(file: Path, tmp_path: Path):
    out = tmp_path / "found.json"
    done = run(file, "--target", "outcome", "--stamped", "cohort", "--version", "kept_7d",
               "--version", "kept_28d", "--json", "--out", out)  # fmt: skip
    assert done.exit_code == Code.RAN, done.stderr
    assert done.stdout == out.read_text(encoding="utf-8")
    rows = json.loads(done.stdout)["table"]
    assert [row["maturation"] for row in rows] == [1, 4]


@pytest.mark.parametrize(
    ("change", "said", "code"),
    [
        (["--stamped", "date"], "stamped 'date' is not known", Code.WRONG),
        (["--stamped", "cohort", "--version", "kept:4"], "'kept'", Code.WRONG),
        (["--stamped", "cohort", "--version", "kept_28d:soon"], "not a length of time", Code.WRONG),
        (["--stamped", "cohort", "--version", "kept_7d:2"], "share a name", Code.WRONG),
        (
            ["--stamped", "cohort", "--version", "late=kept_28d:1.5"],
            "no whole number of periods: got 1.5, need",
            Code.WRONG,
        ),
        (["--stamped", "cohort", "--version", "late=kept_28d:-3"], "0 or more", Code.WRONG),
        (["--stamped", "cohort", "--version", "late=kept_28d:"], "late=retention_90d", Code.WRONG),
        (["--stamped", "cohort", "--version", "=kept_28d:4"], "can't be read", Code.WRONG),
        (["--stamped", "cohort", "--out", "a.xlsx"], "no kind of file", Code.WRONG),
        (["--stamped", "cohort", "--max-lag", "0"], "--max-lag can't be used", Code.WRONG),
        (["--stamped", "cohort", "--max-lag", "999"], "Lower --max-lag or supply", Code.WRONG),
        (["--stamped", "cohort", "--keep", "2"], "--keep is not a share", Code.WRONG),
        (["--stamped", "cohort", "--mature", "x"], "--mature 'x' is not a version", Code.WRONG),
        (
            ["--stamped", "cohort", "--control", "kept_7d"],
            "Leave it out of --version, or out of --control",
            Code.WRONG,
        ),
        ([], "Missing option '--stamped'", Code.USAGE),
    ],
)
def test_mistakes_are_one_line_and_a_code(file: Path, change: list[str], said: str, code: int):
    done = run(file, "--target", "outcome", "--version", "kept_7d:1", *change)
    assert done.exit_code == code
    assert said in " ".join(done.stderr.split())
