"""What the metrics of one call share: computed once, for the first that asks."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

__all__ = ["Memo"]

_Made = TypeVar("_Made")


class Memo:
    """Results by exactly what they depend on; lives as long as one call.

    Examples
    --------
    >>> memo = Memo()
    >>> memo.of(("square", 3), lambda: 3 * 3), memo.of(("square", 3), lambda: 0)
    (9, 9)
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, Any] = {}

    def of(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """The result for a key, made by `make` if nobody has asked yet.

        Parameters
        ----------
        key : hashable
            All that the result depends on, beyond what is fixed for the life of this object.
        make : callable

        Returns
        -------
        object
            Not to be written to.
        """
        if key not in self._kept:
            self._kept[key] = make()
        made: _Made = self._kept[key]
        return made
