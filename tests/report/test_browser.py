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


def looked_at(record: dict[str, Any], folder: Path) -> dict[str, Any]:
    file = folder / "report.html"
    file.write_text(page(record), encoding="utf-8")
    done = subprocess.run(
        [str(NODE), str(HERE / "browser.mjs"), str(file), str(BROWSER)],
        env={**os.environ, "LEADLAG_NODE_MODULES": str(MODULES)},
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def seen(record: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return looked_at(record, tmp_path_factory.mktemp("page"))


@pytest.mark.parametrize("view", ["phone", "desk", "dark", "print"])
def test_every_view_is_whole_quiet_and_accessible(seen: dict[str, Any], view: str):
    told = seen[view]
    assert told["errors"] == []
    assert told["requests"] == []
    assert told["violations"] == []
    assert told["wide"] <= 0
    assert told["cut"] == []
    assert [head[0] for head in told["sections"]] == list("123456789")


def test_the_policy_of_the_page_forbids_nothing_that_it_does(seen: dict[str, Any]):
    assert seen["complaints"] == []


def test_a_pointer_is_told_what_a_mark_is(seen: dict[str, Any]):
    assert seen["tip"]


def test_on_paper_what_is_folded_is_open_and_is_no_book(seen: dict[str, Any]):
    # Without scripts as well: three leaders with their numbers, in columns.
    assert seen["printed"]["figures"] >= 10
    assert seen["printed"]["cut"] == 0
    assert 8 <= seen["pages"] <= 30


def test_long_words_push_no_page_sideways(record: dict[str, Any], tmp_path: Path):
    long = "Anteil_der_Neukundinnen_die_innerhalb_von_sieben_Tagen_zurueckkehren"
    leaders = [{**one, "label": long, "owner": long} for one in record["leaders"]]
    names = dict.fromkeys([one["metric"] for one in record["leaders"]], long)
    told = looked_at(
        {**record, "leaders": leaders, "names": {**record["names"], **names}}, tmp_path
    )
    assert {view: told[view]["wide"] for view in ("phone", "print")} == {"phone": 0, "print": 0}
    assert {view: told[view]["cut"] for view in ("phone", "desk")} == {"phone": [], "desk": []}


def test_without_scripts_every_number_is_there(seen: dict[str, Any], record: dict[str, Any]):
    for one in (*record["outlook"]["rows"], *record["scoreboard"]["settled"]):
        assert one["label"] in seen["text"]
