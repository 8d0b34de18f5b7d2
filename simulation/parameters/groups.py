"""Values read as attributes. What each group of records holds, and its types, is in `groups.pyi`.

The stub is generated (`simulation.parameters.stub`); here the attributes come from the records.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from simulation.errors import closest


class RecordGroup:
    """Values read as attributes; cannot be changed.

    Args:
        name: What the group is called; empty for the set of all groups.
        values: The values by name.
    """

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)
        self.__dict__["_name"] = name

    def __getattr__(self, key: str) -> NoReturn:
        if key.startswith("__"):
            raise AttributeError(key)
        names = [name for name in self.__dict__ if not name.startswith("_")]
        nearest = closest(key, names)
        hint = f'; did you mean "{nearest}"?' if nearest else ""
        full = ".".join(part for part in (self.__dict__.get("_name"), key) if part)
        raise AttributeError(f"no parameter {full}; known: {', '.join(names)}{hint}")

    def __setattr__(self, key: str, value: object) -> NoReturn:
        raise AttributeError("parameters are frozen; use with_values()")

    def __delattr__(self, key: str) -> NoReturn:
        raise AttributeError("parameters are frozen; use with_values()")


class Groups(RecordGroup):
    """Every group of records as an attribute."""
