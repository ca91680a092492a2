"""What the metrics of one call share: computed once, for the first that asks."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

__all__ = ["Memo"]

_Made = TypeVar("_Made")


class Memo:
    """Results by exactly what they depend on; lives as long as one call.

    Parameters
    ----------
    most : int, optional
        Results kept at a time, the latest that were asked for; by default all.

    Examples
    --------
    >>> memo = Memo()
    >>> memo.of(("square", 3), lambda: 3 * 3), memo.of(("square", 3), lambda: 0)
    (9, 9)
    """

    def __init__(self, most: int | None = None) -> None:
        self._kept: dict[Hashable, Any] = {}
        self._most = most

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
        made: _Made = self._kept.pop(key) if key in self._kept else make()
        # A dict keeps its order: the first is the one that was not asked for for longest.
        self._kept[key] = made
        if self._most is not None and len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        return made
