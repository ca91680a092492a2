"""One BLAS thread while we work: our products are many and small.

Starting and joining threads for a product of a few hundred rows costs more than the product. With
BLAS left to itself, a ranking that takes 3 seconds took 90 to 250 on two busy cores, because its
idle workers spin.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from threadpoolctl import ThreadpoolController

__all__ = ["one_blas_thread"]


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
