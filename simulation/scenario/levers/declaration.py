"""What a lever declares of itself: the parts of the policy it sets, its form, group and `--vary`.

A lever's module declares the parts that its levers set. `simulation.scenario.policy` works them out
day by day; `simulation.scenario.policy_difference` compares them between two scenarios.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError, closest, listed

if TYPE_CHECKING:
    from simulation.corridor import Corridor
    from simulation.parameters import Parameters
    from simulation.scenario.capability import Capability, People
    from simulation.scenario.levers.base import Lever
    from simulation.scenario.names import Names
    from simulation.scenario.policy import PolicyDay
    from simulation.scenario.scenario import Scenario
    from simulation.scenario.timeline import Span


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
    _spans: dict[type[Lever], list[tuple[Any, Span]]] = field(default_factory=dict, init=False)

    def of[L: Lever](self, kind: type[L], day: int) -> list[tuple[L, float]]:
        """The levers of a kind in order, each with its progress on a day, 0 to 1."""
        if kind not in self._spans:
            self._spans[kind] = [(lever, lever.span) for lever in self.scenario.of(kind)]
        return [(lever, span.progress(day)) for lever, span in self._spans[kind]]

    def origin_rows(self, origins: Sequence[str]) -> list[int]:
        """Rows of some origins of people."""
        return [self.origins.index(origin) for origin in origins]


class PartPair[T](NamedTuple):
    """A part of the policy in two scenarios on a day.

    Attributes:
        one: The part in the first scenario.
        other: The part in the second scenario.
        mine: The whole policy in the first scenario.
        theirs: The whole policy in the second scenario.
        year: Year of the day.
    """

    one: T
    other: T
    mine: PolicyDay
    theirs: PolicyDay
    year: int


@dataclass
class PolicyDifference:
    """How two policies differ within some days.

    Attributes:
        capability: Who can act on what where either is in force.
        corridor: Where.
        people: Who can set out under each.
        differs: The policies differ on some day.
        reaches: Some of the difference can have an effect.
        leaks: Some of it can have an effect through leaks alone.
        sources: Rows of authorities that would share more or less, but have nothing to share.
        receivers: Rows of authorities that would receive more or less, but cannot act on it.
    """

    capability: Capability
    corridor: Corridor
    people: tuple[People, People]
    differs: bool = False
    reaches: bool = False
    leaks: bool = False
    sources: set[int] = field(default_factory=set)
    receivers: set[int] = field(default_factory=set)

    @property
    def inert(self) -> bool:
        """Whether both runs are the same to the last bit."""
        return not self.reaches and not self.leaks

    def note(self, differs: npt.ArrayLike, can_act: npt.ArrayLike) -> None:
        """Note a difference, and whether what differs can act."""
        differs = np.asarray(differs)
        if differs.any():
            self.differs = True
            self.reaches |= bool((differs & can_act).any())

    def note_orders[T](self, both: PartPair[tuple[T, ...]], can_act: Callable[[T], bool]) -> None:
        """Note a difference of orders; in another sequence those that can act may do other work."""
        one, other = (list(filter(can_act, orders)) for orders in (both.one, both.other))
        self.note(both.one != both.other, one != other)


def bound_for_uk(difference: PolicyDifference, both: PartPair[np.ndarray]) -> None:
    """Note a difference by origin, which can act on those who set out for the UK."""
    one, other = (people.bound_for_uk(both.year) for people in difference.people)
    difference.note(both.one != both.other, one | other)


def reaches_everybody(difference: PolicyDifference, both: PartPair[Any]) -> None:
    """Record any difference as one that has an effect."""
    difference.note(not equal(both.one, both.other), True)


@dataclass(frozen=True, eq=False)
class PolicyPart[T]:
    """A part of the policy of a day. Without levers it must be what is usual.

    Attributes:
        name: Its name. Where `PolicyDay` has a field of this name it is that field; otherwise
            `of` reads it.
        does: What it does in the model, in a few words, for the table of the ODD.
        value: From the inputs and a day, as an ordinal, to the part.
        table: Of a part that keeps something between days, and has no `value`: from the inputs to
            a function of the progress of each lever (0 to 1, in the order of `sections`).
        sections: The sections whose levers it is worked out from, in order; that of its own lever
            alone if it names none.
        set_by: The levers in words for the ODD, where the sections alone do not say it.
        compare: Notes how the part differs between two scenarios, and whether that can act.
        apart: Whether levers act on it each for itself: what one changes, and who can act on that,
            does not depend on others, which can only hide it.
        by_staff: Whether the same difference can act with some staff and not with other.
    """

    name: str
    does: str
    value: Callable[[Inputs, int], T] | None = None
    table: Callable[[Inputs], Callable[[list[float]], T]] | None = None
    sections: tuple[str, ...] = ()
    set_by: str = ""
    compare: Callable[[PolicyDifference, PartPair[T]], None] = reaches_everybody
    apart: bool = False
    by_staff: bool = False

    def of(self, policy: PolicyDay) -> T:
        """The part in the policy of a day."""
        part: T = policy.part(self.name)
        return part


class InTurn[T]:
    """What levers, one after the other, make of something that they change.

    What stands before the first lever whose ramp is under way serves for many days: it is kept.

    Args:
        usual: What there is without any lever.
        change: What levers make of such a thing: from it, their progress (0 to 1), and the number
            of the first of these levers; it leaves what it gets as it was.
    """

    def __init__(self, usual: T, change: Callable[[T, list[float], int], T]) -> None:
        self._usual, self._change = usual, change
        self._before: tuple[list[float], T] = ([], usual)

    def after(self, progress: list[float]) -> T:
        """What there is at some progress of each lever."""
        steady = next((n for n, part in enumerate(progress) if 0.0 < part < 1.0), len(progress))
        if self._before[0] != progress[:steady]:
            self._before = progress[:steady], self._change(self._usual, progress[:steady], 0)
        return self._change(self._before[1], progress[steady:], steady)


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
        alike = one.dtype == other.dtype and one.shape == other.shape and not one.dtype.hasobject
        return alike and one.tobytes() == other.tobytes()
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
