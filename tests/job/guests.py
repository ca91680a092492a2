"""Someone who may read a folder and not write to it, also where the tests run as root."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534


@contextmanager
def read_only(fill: Callable[[Path], object]) -> Iterator[Path]:
    """A folder that was filled, for someone who may only read it."""
    folder = Path(tempfile.mkdtemp(prefix="leadlag-guest-")).resolve()
    user = os.geteuid()
    try:
        fill(folder)
        for one in (*folder.rglob("*"), folder):
            one.chmod(0o555 if one.is_dir() else 0o444)
        if user == 0:
            os.seteuid(_NOBODY)
        yield folder
    finally:
        os.seteuid(user)
        for one in (folder, *folder.rglob("*")):
            one.chmod(0o755)
        shutil.rmtree(folder)
