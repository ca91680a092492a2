"""The page in a real headless browser, where one is installed: `.ci/browser` installs it."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from leadlag.report.page import page

HERE = Path(__file__).resolve().parent
MODULES = Path(os.environ.get("LEADLAG_NODE_MODULES") or HERE / "node_modules")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
NODE = shutil.which("node")
READY = bool(BROWSER and NODE and (MODULES / "axe-core").is_dir())

pytestmark = pytest.mark.skipif(not READY, reason="no browser; .ci/browser installs one")


@pytest.fixture(scope="module")
def seen(record: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(page(record), encoding="utf-8")
    done = subprocess.run(
        [str(NODE), str(HERE / "browser.mjs"), str(file), str(BROWSER)],
        env={**os.environ, "LEADLAG_NODE_MODULES": str(MODULES)},
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("view", ["phone", "desk", "dark", "print"])
def test_every_view_is_whole_quiet_and_accessible(seen: dict[str, Any], view: str):
    told = seen[view]
    assert told["errors"] == []
    assert told["requests"] == []
    assert told["violations"] == []
    assert told["wide"] <= 0
    assert [head[0] for head in told["sections"]] == list("123456789")


def test_the_policy_of_the_page_forbids_nothing_that_it_does(seen: dict[str, Any]):
    assert seen["complaints"] == []


def test_a_pointer_is_told_what_a_mark_is(seen: dict[str, Any]):
    assert seen["tip"]


def test_without_scripts_every_number_is_there(seen: dict[str, Any], record: dict[str, Any]):
    for one in (*record["outlook"]["rows"], *record["scoreboard"]["settled"]):
        assert one["label"] in seen["text"]
