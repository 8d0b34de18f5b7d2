"""What a lever declares of itself: the parts of the policy it sets, its form, group and `--vary`.

A lever's module declares the parts that its levers set. `simulation.scenario.policy` works them out
day by day.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from simulation.errors import InputError, closest, listed

if TYPE_CHECKING:
    from simulation.corridor import Corridor
    from simulation.parameters import Parameters
    from simulation.scenario.levers.base import Lever
    from simulation.scenario.names import Names
    from simulation.scenario.policy import PolicyDay
    from simulation.scenario.scenario import Scenario


# -- the parts of the policy of a day -------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a part of the policy is computed from.

    Attributes:
        scenario: What is asked.
        corridor: Where it applies.
        parameters: What is assumed.
        origins: The origins of people, in order.
    """

    scenario: Scenario
    corridor: Corridor
    parameters: Parameters
    origins: tuple[str, ...]
    _cache: dict[Any, Any] = field(default_factory=dict, init=False)

    def of[L: Lever](self, kind: type[L], day: int) -> list[tuple[L, float]]:
        """The levers of a kind in order, each with its progress on a day, 0 to 1."""
        if kind not in self._cache:
            self._cache[kind] = [(lever, lever.span) for lever in self.scenario.of(kind)]
        return [(lever, span.progress(day)) for lever, span in self._cache[kind]]

    def once[T](self, make: Callable[[Inputs], T]) -> T:
        """What a function makes of the inputs, which is the same on every day and made once."""
        if make not in self._cache:
            self._cache[make] = make(self)
        value: T = self._cache[make]
        return value

    def origin_rows(self, origins: Sequence[str]) -> list[int]:
        """Rows of some origins of people."""
        return [self.origins.index(origin) for origin in origins]


@dataclass(frozen=True, eq=False)
class PolicyPart[T]:
    """A part of the policy of a day. Without levers it must be what is usual.

    Attributes:
        name: Its name. Where `PolicyDay` has a field of this name it is that field; otherwise
            `of` reads it.
        does: What it does in the model, in a few words, for the table of the ODD.
        value: From the inputs and a day, as an ordinal, to the part.
        sections: The sections whose levers it is worked out from, in order; that of its own lever
            alone if it names none.
        set_by: The levers in words for the ODD, where the sections alone do not say it.
    """

    name: str
    does: str
    value: Callable[[Inputs, int], T]
    sections: tuple[str, ...] = ()
    set_by: str = ""

    def of(self, policy: PolicyDay) -> T:
        """The part in the policy of a day."""
        part: T = policy.part(self.name)
        return part


def rows_of(corridor: Corridor, name: str) -> tuple[int, ...]:
    """Rows of the authorities that an authority or a group stands for."""
    return tuple(corridor.authority_index[code] for code in corridor.members(name))


def read_only(array: np.ndarray) -> np.ndarray:
    """Make an array read-only and return it."""
    array.setflags(write=False)
    return array


def equal(one: Any, other: Any) -> bool:
    """Whether two values are equal to the last bit; False for types that cannot be compared."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        alike = one.dtype == other.dtype and one.shape == other.shape
        return bool(alike and one.tobytes() == other.tobytes())
    if isinstance(one, float):
        return bool(one.hex() == other.hex())
    if dataclasses.is_dataclass(one):
        names = [field.name for field in dataclasses.fields(one)]
        return all(equal(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other)


# -- where a lever stands, and its form ------------------------------------------------------------


@dataclass(frozen=True)
class LeverGroup:
    """A group of levers, shown together in the template and in the app.

    Attributes:
        heading: Heading in the template.
        panel: Title of the panel of the app in which their forms are.
        sections: The sections of its levers in order; others follow in the order of the alphabet.
        before: Lines of the template before the levers.
        after: Lines of the template after them.
    """

    heading: str
    panel: str
    sections: tuple[str, ...] = ()
    before: str = ""
    after: str = ""


SHARING = LeverGroup(
    heading="Intelligence sharing",
    panel="Agreements, one by one",
    before="""\
# level: none, low, medium, high, full, or a number from 0 (none) to 1 (full).
# between: two authorities or groups. Authorities are country codes (TR GR BG MK XK AL ME RS BA RO
# HU HR SI IT AT DE CH BE FR), UK-CI, UK-BI, UK-IN, EUROPOL and FRONTEX; groups are UK, EU, WB6,
# CALAIS and EPC. The same group twice means within the group. Later entries override earlier ones.
{common}
""",
    after="""\
# [sharing_default]           # all pairs that no [[sharing]] names
# level = "none"
""",
)
MONEY = LeverGroup(
    heading="Money and staff", panel="Staff and funding", sections=("funding", "staff")
)
OPERATIONS = LeverGroup(
    heading="Operations and raids",
    panel="Operations with dates",
    sections=("operation", "raid", "adverts", "freeze"),
)
ENTRY = LeverGroup(
    heading="Visas, returns, legal ways",
    panel="Visas, returns and legal ways",
    sections=("visa", "returns", "legal_route", "departures"),
)
ARRIVED = LeverGroup(heading="Returns after arrival", panel="Returns after arrival")
AT_BORDERS = LeverGroup(
    heading="At sea and at borders",
    panel="At sea and at borders",
    sections=("interception_at_sea", "border_control"),
)
TIMES = LeverGroup(
    heading="More people, smaller boats, less searched lorries",
    panel="More people, smaller boats, less searched lorries",
    sections=("wave", "shock", "boats", "taxi_boats", "freight"),
)
#: the groups in the order of the template and of the app; those of no other place come after them
GROUP_ORDER = (SHARING, MONEY, OPERATIONS, ENTRY, ARRIVED, AT_BORDERS, TIMES)


@dataclass(frozen=True)
class OneOf:
    """Keys of which a lever has one: the form has a number and a choice of what it means.

    Attributes:
        label: What the number is called.
        ways: Of each key, what the choice says, what the number is called in messages, and an
            example.
    """

    label: str
    ways: Mapping[str, tuple[str, str, str]]


@dataclass(frozen=True)
class Form:
    """What the app's form of a lever says beyond the fields of the lever.

    The label of a field is the title of the lever's field; its tip is the description.

    Attributes:
        button: What the button says that opens the form.
        noun: What several of these levers are called.
        start: What is chosen at first, by key, where the field has no default.
        rarely: Keys that are shown only when asked for.
        one_of: Keys of which a lever has one.
        unused: Keys that have no meaning, and are not shown, by a key and its value.
        empty: What an empty choice means, by key.
    """

    button: str
    noun: str
    start: Mapping[str, Any] = field(default_factory=dict)
    rarely: frozenset[str] = frozenset()
    one_of: OneOf | None = None
    unused: Mapping[tuple[str, str | None], tuple[str, ...]] = field(default_factory=dict)
    empty: Mapping[str, str] = field(default_factory=dict)


# -- what --vary sets ------------------------------------------------------------------------------


Value = str | float | int | bool
Scale = Literal["level", "number", "switch"]
#: sets a value in the plain data of a scenario
type Lay = Callable[[dict[str, Any], Value], None]


@dataclass(frozen=True)
class SweepTarget:
    """A value of a scenario that `--vary` can set.

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
    lay: Lay
    whole: bool = False
    pairs: frozenset[tuple[str, str]] = frozenset()
    about: str = ""


def add_lever(data: dict[str, Any], section: str, lever: Mapping[str, object]) -> None:
    """Append a lever to the data of a scenario."""
    data[section] = [*data.get(section, ()), lever]


def adds_lever(section: str, key: str, **others: object) -> Lay:
    """A function that appends a lever to the data of a scenario, with a value under one key.

    Args:
        section: Section of the lever.
        key: The key that takes the value.
        **others: Its other keys.
    """
    return lambda data, value: add_lever(data, section, {**others, key: value})


def authority_and(
    rest: str, form: str, names: Names, noun: str, others: Sequence[str]
) -> tuple[str, str]:
    """An authority or group and what is named after it, split at the first dot.

    Args:
        rest: What stands after the kind.
        form: How the whole name is written, for the message.
        names: The authorities and groups.
        noun: What is named after it.
        others: The names that this may have.

    Raises:
        InputError: One of them is missing, or is no such name.
    """
    authority, _, other = rest.partition(".")
    if not authority or not other:
        raise InputError("a part of the name is missing", allowed=f"{form}=VALUES")
    checked_name(authority, "authority or group", tuple(names.authorities))
    return authority, checked_name(other, noun, others)


def checked_name(name: str, noun: str, names: Sequence[str]) -> str:
    """Return a name after checking that it is one of `names`.

    Raises:
        InputError: It is none of them.
    """
    if name not in names:
        raise InputError(
            f"unknown {noun} {name}" if name else f"the {noun} is missing",
            allowed=listed(names),
            suggestion=closest(name, names),
        )
    return name
