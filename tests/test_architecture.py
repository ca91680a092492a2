"""The house as it is drawn in docs/architecture.md: imports point one way, and rooms stay small."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import leadlag

PACKAGE = Path(leadlag.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# A room may import itself and the rooms before it; docs/architecture.md says what each is for.
ORDER = (
    "errors",
    "progress",
    "core",
    "data",
    "bayes",
    "examine",
    "decide",
    "placing",
    "evidence",
    "assign",
    "refine",
    "wording",
    "columns",
    "curves",
    "observed",
    "figures",
    "alignment",
    "storage",
    "facts",
    "monitor",
    "ranking",
    "loading",
    "report",
    "pipeline",
    "pooled",
    "segments",
    "planning",
    "iterations",
    "files",
    "job",
    "commands",
    "cli",
    "__main__",
)
# Rooms that import the menu, as a user does.
MAY_IMPORT_THE_MENU = {"cli"}
# The one exception to the order: a ranking can write its own page.
LOOKS_AHEAD = {("ranking", "leadlag.report.write")}
CORE_MAY_IMPORT = {"numpy", "scipy", "numba", "threadpoolctl"}
# Each takes seconds to import; none is needed before it is used.
NOT_WITH_THE_PACKAGE = ("pymc", "arviz", "statsmodels", "scipy.stats", "numba", "altair")
MOST_LINES = 400


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str) -> str:
    """`leadlag.data.panel` is in the room "data"; the menu itself is in the room ""."""
    return [*module.split("."), ""][1]


def _imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every imported module with its line, those inside functions and for type checkers too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} has a relative import"
            for alias in node.names:
                # `from scipy import stats` imports scipy.stats; `from x import name` imports x.
                yield f"{node.module}.{alias.name}", node.lineno


def _is_or_is_in(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")


MODULES = [_module(path) for path in FILES]


def _misdirected(path: Path) -> list[str]:
    room = _room(_module(path))
    wrong = []
    for name, line in _imports(path):
        if not _is_or_is_in(name, "leadlag"):
            continue
        # The longest module of ours that the name begins with; the rest is a name inside it.
        source = max((m for m in MODULES if _is_or_is_in(name, m)), key=len)
        if source == "leadlag":
            if room not in MAY_IMPORT_THE_MENU:
                wrong.append(f"{path.name}:{line} imports the menu ({name})")
        elif (room, source) in LOOKS_AHEAD:
            continue
        elif ORDER.index(_room(source)) > ORDER.index(room):
            wrong.append(f"{path.name}:{line} in {room} imports {name}")
    return wrong


def test_every_room_has_its_place_in_the_order():
    rooms = {_room(module) for module in MODULES} - {""}
    assert sorted(rooms - set(ORDER)) == [], "add the room to ORDER and to docs/architecture.md"
    assert [room for room in ORDER if room not in rooms] == [], "rooms are made when filled"


@pytest.mark.parametrize("path", FILES, ids=MODULES)
def test_imports_point_one_way(path: Path):
    if path != PACKAGE / "__init__.py":
        assert _misdirected(path) == []


def test_the_direction_check_sees_a_wrong_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path / "leadlag")
    path = tmp_path / "leadlag" / "data" / "panel.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        "from leadlag import figures, errors\n"
        "def f():\n    import leadlag.ranking\n"
        "    from leadlag.core.lags import overlap\n"
        "from leadlag import rank\n"
    )
    assert sorted(_misdirected(path)) == [
        "panel.py:1 in data imports leadlag.figures",
        "panel.py:3 in data imports leadlag.ranking",
        "panel.py:5 imports the menu (leadlag.rank)",
    ]


def test_core_imports_numpy_scipy_and_nothing_with_labels():
    for path in sorted((PACKAGE / "core").rglob("*.py")):
        for name, line in _imports(path):
            top = name.split(".")[0]
            where = f"{path.name}:{line} imports {name}"
            assert not _is_or_is_in(name, "scipy.stats"), where
            if top == "leadlag":
                assert _room(name) in {"core", "errors"}, where
            else:
                assert top in CORE_MAY_IMPORT or top in sys.stdlib_module_names, where


def test_nothing_imports_scipy_stats():
    """It takes longer to import than the rest together; `scipy.special` has what is needed."""
    for path in FILES:
        for name, line in _imports(path):
            assert not _is_or_is_in(name, "scipy.stats"), f"{path}:{line}"


def test_importing_the_package_loads_nothing_heavy():
    program = (
        "import sys, leadlag\n"
        f"heavy = {NOT_WITH_THE_PACKAGE!r}\n"
        "print(*[name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=PACKAGE.parent,
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize("path", FILES, ids=MODULES)
def test_rooms_stay_small(path: Path):
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= MOST_LINES


def test_no_module_hides_behind_a_name_of_its_package():
    """`leadlag.rank` is the function and nothing else; its module has another name."""
    for module in MODULES:
        package, _, name = module.rpartition(".")
        if package:
            importlib.import_module(module)
            assert isinstance(getattr(importlib.import_module(package), name), ModuleType), module


# --- the menu ----------------------------------------------------------------------------------

PUBLIC = [name for name in leadlag.__all__ if not name.startswith("_")]
CALLABLE = [
    name
    for name in PUBLIC
    if callable(getattr(leadlag, name)) and not inspect.isclass(getattr(leadlag, name))
]


def _documented(doc: str, section: str) -> set[str]:
    """Names in a numpydoc section."""
    found = re.search(rf"^{section}\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", doc, re.M | re.S)
    names: set[str] = set()
    for line in found.group(1).splitlines() if found else []:
        if line and not line.startswith(" "):
            names.update(part.strip().lstrip("*") for part in line.split(" :")[0].split(","))
    return names


def test_the_menu_lists_what_it_offers():
    assert len(leadlag.__all__) == len(set(leadlag.__all__))
    assert all(hasattr(leadlag, name) for name in leadlag.__all__)
    assert set(dir(leadlag)) >= set(leadlag.__all__)


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_have_a_docstring(name: str):
    doc = inspect.getdoc(getattr(leadlag, name)) or ""
    assert len(doc.split("\n")[0]) > 10, name


@pytest.mark.parametrize("name", CALLABLE)
def test_public_functions_document_every_parameter_and_show_an_example(name: str):
    function = getattr(leadlag, name)
    doc = inspect.getdoc(function) or ""
    parameters = inspect.signature(function).parameters
    assert set(parameters) == _documented(doc, "Parameters"), name
    assert "\nReturns\n" in doc, name
    assert ">>> " in doc, name


@pytest.mark.parametrize("name", CALLABLE)
def test_public_functions_take_options_by_keyword_only(name: str):
    parameters = inspect.signature(getattr(leadlag, name)).parameters.values()
    by_position = [
        p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is not p.empty
    ]
    assert by_position == [], name
