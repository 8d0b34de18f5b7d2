"""Values that a browser sends, taken only where they are possible.

The page sends only what it offers. A WebSocket message made by hand can hold anything: no such
value may raise in a visitor's session or change what is set there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def message(said: object) -> Mapping[str, object]:
    """The keys and values of a message; none at all if it is no mapping."""
    return said if isinstance(said, Mapping) else {}


def one_of[T](value: object, allowed: Iterable[T]) -> T | None:
    """The one of some values that was sent; None if it is none of them.

    Args:
        value: What was sent, which need not be hashable.
        allowed: What is possible, without None.
    """
    # 1, 1.0 and True are equal but not the same choice
    return next((one for one in allowed if type(one) is type(value) and one == value), None)


def number_of(value: object, count: int) -> int | None:
    """The number of an entry of a list that was sent; None if the list has no such entry.

    Args:
        value: What was sent.
        count: Entries of the list, which are counted from 0.
    """
    return value if type(value) is int and 0 <= value < count else None
