"""What `--vary` can set: the target that a lever, or a table of a scenario, declares for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from simulation.errors import InputError, closest, listed

if TYPE_CHECKING:
    from simulation.scenario.names import Names
    from simulation.scenario.schema import Scenario

Value = str | float | int | bool
Scale = Literal["level", "number", "switch"]


@dataclass(frozen=True)
class SweepTarget:
    """Something of a scenario that can be set.

    Attributes:
        name: As it is typed, in its usual form.
        label: As a planner reads it.
        unit: Unit of its values; empty for a switch.
        scale: `level` (a word or 0 to 1), `number` or `switch`.
        lay: Sets a value in the plain data of a scenario.
        whole: Whether only whole numbers will do.
        pairs: The (source, receiver) pairs of authorities whose sharing it sets.
        about: A sentence that explains it, if the label does not.
    """

    name: str
    label: str
    unit: str
    scale: Scale
    lay: Callable[[dict[str, Any], Value], None]
    whole: bool = False
    pairs: frozenset[tuple[str, str]] = frozenset()
    about: str = ""


@dataclass(frozen=True)
class Vary:
    """What `--vary` can set of a kind of lever, or of a table.

    Attributes:
        find: From what stands after the kind (`UK-RS` of `sharing.UK-RS`) to the target. It checks
            the names and raises an `InputError` that says what is allowed.
    """

    find: Callable[[str, Names, Scenario], SweepTarget]


def add_lever(data: dict[str, Any], section: str, lever: dict[str, Any]) -> None:
    """Add a lever after those that the plain data of a scenario has."""
    data[section] = [*data.get(section, ()), lever]


def two_parts(rest: str, form: str) -> tuple[str, str]:
    """The two parts of a name, split at its first dot.

    Args:
        rest: What stands after the kind.
        form: How the whole name is written, for the message.

    Raises:
        InputError: One of them is missing.
    """
    first, dot, second = rest.partition(".")
    if not dot or not first or not second:
        raise InputError("a part of the name is missing", allowed=f"{form}=VALUES")
    return first, second


def known_name(name: str, noun: str, known: Sequence[str]) -> str:
    """A name that must be one of some names.

    Raises:
        InputError: It is none of them.
    """
    if name not in known:
        raise InputError(
            f"unknown {noun} {name}" if name else f"the {noun} is missing",
            allowed=listed(known),
            suggestion=closest(name, known),
        )
    return name
