"""A bar for long work: in a terminal or notebook, after two seconds; silence elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress_bar"]

_PATIENCE = 2.0


@contextmanager
def progress_bar(
    label: str, *, show: bool | None = None
) -> Iterator[Callable[[int, int], None] | None]:
    """Yield a callback that draws a bar on standard error.

    Parameters
    ----------
    label : str
        What is being done.
    show : bool, optional
        True draws from the start, False never; None draws after two seconds, and only where
        standard error is a terminal or the code runs in a notebook.

    Yields
    ------
    callable or None
        Takes the number of steps done and their total.

    Examples
    --------
    >>> with progress_bar("testing", show=False) as step:
    ...     step is None
    True
    """
    if show is False or (show is None and not (sys.stderr.isatty() or _in_notebook())):
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    start = time.monotonic()
    with Progress(console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task: TaskID | None = None
        latest = 0, 1
        timer: threading.Timer | None = None
        lock = threading.Lock()

        def draw() -> None:
            nonlocal task
            with lock:
                done, total = latest
                if task is None:
                    task = bar.add_task(label, total=total)
                bar.update(task, completed=done, total=total, refresh=True)

        def step(done: int, total: int) -> None:
            nonlocal latest, timer
            latest = done, total
            left = _PATIENCE - (time.monotonic() - start)
            if task is not None or show or left <= 0:
                draw()
            elif timer is None:
                # The first step may take long: the bar does not wait for its end.
                timer = threading.Timer(left, draw)
                timer.daemon = True
                timer.start()

        try:
            yield step
        finally:
            if timer is not None:
                timer.cancel()


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and "IPKernelApp" in getattr(shell, "config", {})
