"""How the compiled loops of this floor are compiled. Import it inside functions alone.

Importing numba takes half a second, so `import leadlag` never does: modules that hold compiled
loops are imported by the function that needs them, at its first call. Machine code is kept beside
the source (or, where that can't be written, in the user's cache), so it is made once.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

__all__ = ["compiled"]

_Function = TypeVar("_Function", bound=Callable[..., Any])

# Sums may be reordered, products fused; NaN and infinity keep their meaning (`nnan` would let the
# compiler take every test for a missing value as false).
_FAST = {"reassoc", "contract", "nsz"}


def compiled(function: _Function) -> _Function:
    """Compile at the first call; runs without the interpreter's lock.

    Parameters
    ----------
    function : callable
        Loops over arrays and numbers.

    Returns
    -------
    callable
        The same, compiled for the types it is called with.

    """
    # numpy's rule for a division by zero: a test for it in every loop would keep it scalar.
    wrap = njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST)
    return cast(_Function, wrap(function))
