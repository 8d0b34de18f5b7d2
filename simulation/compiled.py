"""How functions are compiled to machine code. `compiled_cache` keeps the compiled code."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numba
import numpy as np
import numpy.typing as npt
from numba.extending import register_jitable

from simulation.compiled_cache import PACKAGE, CompiledCode

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


#: functions that can be compiled, not those in them
KERNELS: list[Any] = []


def compiled(function: Callable[..., Any]) -> Any:
    """Compile `function` with Numba: cached, exact arithmetic, divisions as in NumPy."""
    return _compiled_and_cached(function)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that allocates nothing, without reference counting.

    Numba counts a reference each time an array is taken out of a named tuple; in the migrant's day
    that costs several times the work itself. Arrays stay alive because the caller holds them.
    Helpers of a kernel must be kernels, or `inner`; they become part of it (`forceinline`), for a
    call would hand over hundreds of numbers, seven for each array of a named tuple. Nothing in C
    calls a kernel, so no way in from C is made (`no_cfunc_wrapper`).
    """
    return _compiled_and_cached(function, _nrt=False, forceinline=True, no_cfunc_wrapper=True)


def inner(function: Callable[..., Any]) -> Any:
    """Mark a function that only kernels call: it becomes part of each of them.

    It is not compiled alone, for a way in from Python, by which hundreds of numbers are handed
    over, would take longer to compile than the function itself. Python can still call it, slowly.
    """
    return register_jitable(_nrt=False, forceinline=True, error_model="numpy")(function)


def with_room[T: tuple[Any, ...]](kind: type[T], rows: int, **others: int | tuple[int, ...]) -> T:
    """Columns for so many rows, still to be filled in.

    Args:
        kind: A named tuple of arrays, (rows,), which says the type of each.
        rows: How many.
        **others: The shapes of arrays that have another one, by name.
    """
    types = _types_of(kind).items()
    columns: T = kind._make([np.empty(others.get(name, rows), of) for name, of in types])  # type: ignore[attr-defined]
    return columns


def zeros[T: tuple[Any, ...]](kind: type[T], rows: int) -> T:
    """Columns of zeros; a row takes memory once something is written into it.

    Args:
        kind: As for `with_room`.
        rows: How many.
    """
    columns: T = kind._make([np.zeros(rows, of) for of in _types_of(kind).values()])  # type: ignore[attr-defined]
    return columns


def table(kind: type[tuple[Any, ...]], rows: int) -> Any:
    """Rows still to be filled in, whose fields are the columns of a named tuple; (rows,).

    Compiled code has the columns by the same names, and takes the table as one array.
    """
    types = tuple((name, np.dtype(of)) for name, of in _types_of(kind).items())
    return np.empty(rows, dtype=_record_type(types))


@cache
def _types_of(kind: type) -> dict[str, npt.DTypeLike]:
    """The types of the numbers in the arrays of a named tuple, by name."""
    types = get_type_hints(kind)
    while any(map(get_args, types.values())):  # an alias in one version of NumPy or another
        types = {name: (get_args(hint) or (hint,))[-1] for name, hint in types.items()}
    return types


def packed(
    values: Mapping[str, float], groups: Collection[str], **more: float | np.integer
) -> npt.NDArray[np.void]:
    """Numbers as the only row of a structured array, (1,), by which kernels take them cheaply.

    Numba looks at each element of a tuple at each call, which takes 0.2 us for each; an array is
    one thing to look at. In the kernel `row = numbers[0]` has `row.group.name`, as `Parameters` has
    `parameters.group.name` outside.

    Args:
        values: Integers, floats and truth values by `group.name`.
        groups: The groups that are wanted.
        more: Numbers that are in no group, by name.
    """
    by_group: dict[str, dict[str, float]] = {group: {} for group in groups}
    for full, value in values.items():
        group, name = full.split(".")
        if group in by_group:
            by_group[group][name] = value
    types = tuple(
        (group, _record_type(tuple((name, np.asarray(value).dtype) for name, value in of.items())))
        for group, of in by_group.items()
    )
    types += tuple((name, np.asarray(value).dtype) for name, value in more.items())
    row = *(tuple(of.values()) for of in by_group.values()), *more.values()
    return np.array([row], dtype=_record_type(types))


@cache
def _record_type(fields: tuple[tuple[str, np.dtype[Any]], ...]) -> np.dtype[Any]:
    """A structure whose fields are attributes in Python too.

    It is the same object at each call: Numba compares structures at each call of a kernel, field by
    field unless they are one object.
    """
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


def _compiled_and_cached(function: Callable[..., Any], **options: Any) -> Any:
    """A function that is compiled at its first call and, if of this package, kept on disk."""
    dispatcher = numba.njit(error_model="numpy", **options)(function)
    if Path(function.__code__.co_filename).is_relative_to(PACKAGE):
        dispatcher._cache = CompiledCode(function)  # what `cache=True` does, with Numba's own
        KERNELS.append(dispatcher)
    return dispatcher
