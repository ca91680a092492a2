"""How the compiled loops of this floor are compiled. Import it inside functions alone.

Importing numba takes half a second, so `import leadlag` never does: modules that hold compiled
loops are imported by the function that needs them, at its first call. Machine code is kept beside
the source (or, where that can't be written, in the user's cache), so it is made once.

numba takes kept code for good while the file of the function is the same. But the constants and
loops of other files are compiled in as well: after an update that touched only those, it would go
on with the old ones. So the name under which code is kept tells what was compiled in.
"""

import hashlib
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

__all__ = ["compiled"]

_Function = TypeVar("_Function", bound=Callable[..., Any])

# Sums may be reordered, products fused; NaN and infinity keep their meaning (`nnan` would let the
# compiler take every test for a missing value as false).
_FAST = {"reassoc", "contract", "nsz"}


def _stamp(function: Callable[..., Any]) -> str:
    """Short digest of a function's code and of the constants and compiled functions it names."""
    digest = hashlib.sha256(repr(sorted(_FAST)).encode())
    for part in _parts(function.__code__, function.__globals__):
        digest.update(part.encode())
    return digest.hexdigest()[:12]


def _parts(code: CodeType, known: dict[str, Any]) -> Iterator[str]:
    yield code.co_code.hex()
    yield repr(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts(constant, known)
        else:
            yield repr(constant)
    for name in code.co_names:
        value = known.get(name)
        if isinstance(value, (bool, int, float, str, tuple)):
            yield f"{name} = {value!r}"
        elif isinstance(value, np.ndarray):
            yield f"{name} = {value.dtype} {value.shape} {value.tobytes().hex()}"
        elif (inner := getattr(value, "py_func", None)) is not None:
            # Compiled before, so its name holds its own stamp.
            yield f"{name} = {inner.__qualname__}"


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
    function.__qualname__ += f"-{_stamp(function)}"
    # numpy's rule for a division by zero: a test for it in every loop would keep it scalar.
    wrap = njit(cache=True, nogil=True, error_model="numpy", fastmath=_FAST, no_cfunc_wrapper=True)
    return cast(_Function, wrap(function))
