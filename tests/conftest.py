"""What every test shares: the folder of data that may not be redistributed.

The folder is `LEADLAG_SHARED`, else `shared/data` beside the repository. A test that reads it
carries the mark `requires_shared`; where the folder is absent those tests are deselected, and one
line says how many. Everything that may be shipped is in `leadlag.datasets` or in `tests/oracles`,
so that a bare clone still compares with R and statsmodels.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
ORACLES = Path(__file__).resolve().parent / "oracles"
SHARED = Path(os.environ.get("LEADLAG_SHARED") or REPOSITORY.parent / "shared" / "data")

_deselected = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the data that stay outside the repository; use with the mark `requires_shared`."""
    if not SHARED.is_dir():
        raise FileNotFoundError(
            f"{SHARED} is absent: mark the test `requires_shared`, or set LEADLAG_SHARED."
        )
    return SHARED


@pytest.fixture(scope="session")
def oracle() -> Callable[[str], Any]:
    """Read frozen reference numbers: `oracle("granger")` is tests/oracles/granger.json."""

    def read(name: str) -> Any:
        return json.loads((ORACLES / f"{name}.json").read_text(encoding="utf-8"))

    return read


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if SHARED.is_dir():
        return
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        (dropped if item.get_closest_marker("requires_shared") else kept).append(item)
    if dropped:
        items[:] = kept
        config.hook.pytest_deselected(items=dropped)
        config.stash[_deselected] = len(dropped)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the count home: under xdist only the workers collect, and each collects everything."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["requires_shared"] = session.config.stash.get(_deselected, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    count = getattr(node, "workeroutput", {}).get("requires_shared", 0)
    if count:
        node.config.stash[_deselected] = count


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    count = config.stash.get(_deselected, 0)
    if count:
        terminalreporter.write_line(
            f"{count} tests compare with data that may not be shipped and were deselected; "
            "set LEADLAG_SHARED to their folder to run them."
        )
