"""Gives the memory of models that are gone back to the operating system.

A model is some hundred arrays and many agents that refer to each other. Once it is collected, the
allocator of the GNU C library keeps most of its memory for later use: it has a pool for each thread
and returns only what lies at the end of a pool. With a thread for each visitor, a server would
therefore keep, for each of them, the memory of the largest model they ran.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Collect what is garbage, and return freed memory to the operating system where that helps."""
    gc.collect()
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """`malloc_trim` of the GNU C library; None where there is another one."""
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    return trim
