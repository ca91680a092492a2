"""The demonstration: reports that go on from week to week."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).resolve().parents[2] / "examples" / "report_demo.py"


def test_its_last_page_has_changes_and_a_scoreboard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    spec = importlib.util.spec_from_file_location("report_demo", FILE)
    assert spec is not None
    assert spec.loader is not None
    demo: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(demo)
    monkeypatch.setattr(demo, "WEEKS", 2)
    demo.main(tmp_path)
    record = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert {"new data", "revised data"} <= {one["cause"] for one in record["changes"]}
    assert record["scoreboard"]["count"] == 7
    assert len(record["scoreboard"]["shown"]) == 7
    assert {one["owner"] for one in record["leaders"]} >= {"Ann, growth", "Ben, onboarding"}
    assert "week  2: data through 2024-07-14" in capsys.readouterr().out
    for suffix in ("html", "md", "txt"):
        assert (tmp_path / "report" / f"report.{suffix}").stat().st_size > 100
