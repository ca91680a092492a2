"""The documentation is complete, its links lead somewhere, and its examples run."""

import doctest
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import leadlag
from leadlag.columns import COLUMNS

REPOSITORY = Path(__file__).resolve().parent.parent
DOCS = REPOSITORY / "docs"
PAGES = sorted(
    path
    for path in [*REPOSITORY.glob("*.md"), *DOCS.rglob("*.md"), *REPOSITORY.glob("leadlag/**/*.md")]
    if not {"_build", "generated"} & set(path.parts)
)
IDS = [str(path.relative_to(REPOSITORY)) for path in PAGES]
API = (DOCS / "api.md").read_text(encoding="utf-8")
ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")


def _blocks(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)


WITH_EXAMPLES = [path for path in PAGES if _blocks(path)]


# The version is no call.
@pytest.mark.parametrize("name", [n for n in leadlag.__all__ if not n.startswith("_")])
def test_every_public_name_is_on_the_page_of_calls(name: str):
    assert re.search(rf"^\.\. auto\w+:: leadlag\.{name}\b", API, re.M), name


def test_the_calls_are_in_three_groups():
    assert re.findall(r"^## (.+)$", API, re.M) == ["Rank", "Compare versions", "Decide"]


def test_every_column_names_the_file_behind_it():
    table = ARCHITECTURE.split("## The file behind each column")[1]
    rows = re.findall(r"^\| (`.+?) \| (`leadlag/\S+`.*) \|$", table, re.M)
    named = [name for cell, _ in rows for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(column.name for column in COLUMNS)


def test_every_file_and_room_that_the_architecture_names_exists():
    paths = re.findall(r"`((?:leadlag|tests|docs|examples)/[\w/.]*)`", ARCHITECTURE)
    assert len(paths) > 15
    for path in paths:
        assert (REPOSITORY / path).exists(), path
    rooms = {
        f"leadlag/{path.name}" + "/" * path.is_dir()
        for path in (REPOSITORY / "leadlag").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert rooms <= set(paths)


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_inside_the_repository_lead_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("https://", "#", "mailto:")):
            assert (page.parent / target.split("#")[0]).exists(), target


@pytest.mark.parametrize(
    "page", WITH_EXAMPLES, ids=[str(path.relative_to(REPOSITORY)) for path in WITH_EXAMPLES]
)
def test_the_python_on_the_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Blocks of one page share their names, as a reader who types them in would have it."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    for number, block in enumerate(_blocks(page), start=1):
        where = f"{page.name}, block {number}"
        if ">>> " in block:
            test = doctest.DocTestParser().get_doctest(block, names, where, str(page), 0)
            runner = doctest.DocTestRunner(optionflags=flags, verbose=False)
            runner.run(test, clear_globs=False)
            names.update(test.globs)
            assert runner.failures == 0, capsys.readouterr().out
        else:
            exec(compile(block, where, "exec"), names)


def test_the_readme_shows_what_its_example_prints(capsys: pytest.CaptureFixture[str]):
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", text, re.M | re.S)
    assert shown is not None
    exec(compile(shown[1], "README.md", "exec"), {})
    assert capsys.readouterr().out == shown[2]


def _run(example: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "examples" / example), "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_picture_of_the_readme_can_be_drawn_again(tmp_path: Path):
    said = _run("unrelated_metrics.py", tmp_path)
    assert "The usual scan names 20 of 20" in said
    assert "no leading indicator was shown" in said
    drawn = (tmp_path / "unrelated.svg").read_text(encoding="utf-8")
    assert "leadlag: no leading indicator was shown" in drawn
    assert (tmp_path / "unrelated.png").read_bytes().startswith(b"\x89PNG")


def test_the_example_on_the_us_series_prints_a_ranking_and_saves_a_picture(tmp_path: Path):
    said = _run("us_leading.py", tmp_path)
    assert "\nPERMIT precedes INDPRO by " in said
    named = re.search(r"^Picture: (.+)$", said, re.M)
    assert named is not None
    assert (tmp_path / named.group(1)).read_bytes().startswith(b"\x89PNG")
