"""Machine code that is kept on disk is made anew when what was compiled into it changes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOOPS = """
import numpy as np
from leadlag.core.jit import compiled
from constants import FACTOR
from helper import risen

TABLE = np.array([1.0, 2.0])

@compiled
def value(x):
    return risen(x) * FACTOR + TABLE[1]
"""
HELPER = """
from leadlag.core.jit import compiled

@compiled
def risen(x):
    return x + {step}
"""


def answer(room: Path) -> tuple[float, int]:
    """What a new process gets from the loops, and how often it took kept code."""
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import loops; print(loops.value(1.0), sum(loops.value.stats.cache_hits.values()))",
        ],
        cwd=room,
        env={
            **os.environ,
            "NUMBA_CACHE_DIR": str(room / "kept"),
            "PYTHONPATH": os.pathsep.join([str(room), str(Path(__file__).parents[2])]),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return float(said[0]), int(said[1])


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "constants.py").write_text("FACTOR = 10.0\n")
    (tmp_path / "helper.py").write_text(HELPER.format(step=1.0))
    (tmp_path / "loops.py").write_text(LOOPS)
    return tmp_path


def test_code_is_kept_while_nothing_in_it_changes(room: Path) -> None:
    assert answer(room) == (22.0, 0)
    assert answer(room) == (22.0, 1)


def test_a_constant_of_another_file_is_compiled_in_anew(room: Path) -> None:
    answer(room)
    (room / "constants.py").write_text("FACTOR = 20.0\n")
    assert answer(room) == (42.0, 0)


def test_a_loop_of_another_file_is_compiled_in_anew(room: Path) -> None:
    answer(room)
    (room / "helper.py").write_text(HELPER.format(step=2.0))
    assert answer(room) == (32.0, 0)
