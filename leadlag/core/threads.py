"""One BLAS thread while we work: our products are many and small.

Starting and joining threads for a product of a few hundred rows costs more than the product. With
BLAS left to itself, a ranking that takes 3 seconds took 90 to 250 on two busy cores, because its
idle workers spin.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import TypeVar

from threadpoolctl import ThreadpoolController

__all__ = ["on_threads", "one_blas_thread", "thread_count"]

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    # Looking for the loaded libraries costs a millisecond; a kept controller costs a hundredth.
    return ThreadpoolController()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS at one thread inside the block, and give back what was set before.

    Yields
    ------
    None

    Examples
    --------
    >>> with one_blas_thread():
    ...     pass
    """
    with _controller().limit(limits=1, user_api="blas"):
        yield


def thread_count() -> int:
    """Threads that a large job may use: as many as BLAS may now, and no more than cores are ours.

    So ``OMP_NUM_THREADS``, ``OPENBLAS_NUM_THREADS`` or a surrounding ``threadpool_limits`` are
    respected, and inside :func:`one_blas_thread` it is one.

    Returns
    -------
    int

    Examples
    --------
    >>> with one_blas_thread():
    ...     thread_count()
    1
    """
    allowed = [pool.num_threads for pool in _controller().select(user_api="blas").lib_controllers]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min([cores or 1, *(count or 1 for count in allowed)]))


def on_threads(
    do: Callable[[_Item], _Made], items: Sequence[_Item], *, threads: int
) -> list[_Made]:
    """Do all items on threads of our own, BLAS held at one: it would start others inside each.

    Parameters
    ----------
    do : callable
        Does one item; mostly without the interpreter's lock.
    items : sequence
        Each goes to the next thread that is free.
    threads : int
        1 runs them here: small jobs lose by threads.

    Returns
    -------
    list
        What came back, in the order of the items.

    Examples
    --------
    >>> on_threads(abs, [-1, 2], threads=1)
    [1, 2]
    """
    with one_blas_thread():
        if threads == 1 or len(items) < 2:
            return [do(item) for item in items]
        with ThreadPoolExecutor(min(threads, len(items))) as pool:
            return list(pool.map(do, items))
