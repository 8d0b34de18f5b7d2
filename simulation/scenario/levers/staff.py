"""The lever `staff`: more or fewer units of a kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple, get_args

import numpy as np
from pydantic import Field

from simulation.corridor import Corridor
from simulation.corridor.jurisdiction import workplaces
from simulation.errors import InputError
from simulation.scenario.field_types import Authority, StaffKind, Units
from simulation.scenario.levers.base import Timed
from simulation.scenario.levers.declaration import (
    MONEY,
    Form,
    Inputs,
    OneOf,
    PolicyPart,
    SweepTarget,
    adds_lever,
    authority_and,
    read_only,
)
from simulation.scenario.names import Names
from simulation.scenario.timeline import Span
from simulation.scenario.validation_errors import field_error

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario


#: kind of staff to the units of each authority, float (A,)
type UnitsByKind = Mapping[str, np.ndarray]


class Step(NamedTuple):
    """A change to the units of one kind.

    Attributes:
        kind: The kind of staff.
        here: Indices of the authorities concerned, int (n,).
        factor: Multiplier of the units of each.
        add: Units added, shared out by size.
    """

    kind: str
    here: np.ndarray
    factor: float
    add: float

    def apply(self, units: np.ndarray, part: float) -> None:
        """Change the units of all authorities, float (A,), by a part (0 to 1) of this step."""
        changed = units[self.here] * (1.0 + part * (self.factor - 1.0))
        if self.add:
            changed += part * self.add * _by_size(changed)
        units[self.here] = np.maximum(changed, 0.0)


def _units(inputs: Inputs, day: int) -> UnitsByKind:
    """Units of each kind, of each authority, on a day; never below 0, float (A,)."""
    staff = inputs.corridor.staff
    units = {kind: np.array(base, dtype=float) for kind, base in staff.items()}
    for span, steps in inputs.once(_steps):
        part = span.progress(day)
        for step in steps if part > 0.0 else ():
            step.apply(units[step.kind], part)
    return {kind: read_only(array) for kind, array in units.items()}


def _steps(inputs: Inputs) -> list[tuple[Span, list[Step]]]:
    """The levers that change units in order, each with its days and its steps."""
    useful = workplaces(inputs.corridor)
    return [
        (lever.span, lever.steps(inputs, useful))
        for section in _SECTIONS
        for lever in getattr(inputs.scenario, section)
    ]


def rows_with_work(corridor: Corridor, codes: Sequence[str], useful: Sequence[str]) -> np.ndarray:
    """Rows of some authorities, without those of a group whose share would have no effect."""
    here = [code for code in codes if code in useful] or codes
    return np.array([corridor.authority_index[code] for code in here], dtype=np.intp)


def _by_size(units: np.ndarray) -> np.ndarray:
    """Shares in proportion to the units there are, even shares where there are none."""
    total = units.sum()
    return units / total if total > 0 else np.full(len(units), 1.0 / len(units))


#: levers that change units, in the order in which they are applied
_SECTIONS = ("staff", "funding")
UNITS = PolicyPart(
    name="staff",
    does="units of each kind, of each authority",
    value=_units,
    sections=_SECTIONS,
)


def _vary(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    form = "staff.AUTHORITY.KIND"
    authority, kind = authority_and(rest, form, names, "kind of staff", get_args(StaffKind))
    members = set(names.members(authority))
    added = any(
        lever.kind == kind
        and (lever.add or 0.0) > 0.0
        and not members.isdisjoint(names.members(lever.authority))
        for lever in scenario.of(Staff)
    )
    if members.isdisjoint(names.staffed[kind]) and not added:
        staffed = [other for other, who in names.staffed.items() if not members.isdisjoint(who)]
        raise InputError(
            f"{authority} has no {kind} staff to multiply",
            allowed=", ".join(staffed) or "an authority with staff",
        )
    lay = adds_lever("staff", "change", authority=authority, kind=kind)
    words = kind.replace("_", " ").capitalize()
    label = f"{words} staff of {authority}"
    return SweepTarget(f"staff.{authority}.{kind}", label, "times what it is", "number", lay)


class Staff(Timed):
    """More or fewer units of a kind.

    Patrols go where their authority expects crossings, and each further unit on a leg adds
    less. Teams work cases until an arrest, analysts read more reports a day. People and
    smugglers learn where patrols are stronger, and avoid them in part.
    """

    group: ClassVar = MONEY
    assumes: ClassVar = (
        "patrol.sweep_foot",
        "patrol.sweep_road",
        "patrol.sweep_launch",
        "patrol.routine_share",
        "evasion.share",
        "evasion.days",
        "channel.handled_launches",
        "intelligence.arrest_rate",
    )
    template: ClassVar = """\
# [[staff]]
# authority = "FR"
# kind = "coast_patrol"       # border_patrol, checkpoint, coast_patrol, investigation, analysis
# change = 1.2                # or add = 5 (units)
# from = 2027-04-01
"""
    form: ClassVar = Form(
        button="Add or take away staff",
        noun="staff changes",
        one_of=OneOf(
            label="How much",
            ways={
                "change": ("times", "Times the staff", "1.2"),
                "add": ("more units", "Units more", "5"),
            },
        ),
    )
    parts: ClassVar = (UNITS,)
    vary: ClassVar = _vary

    authority: Authority = Field(title="Whose staff", description="Whose staff.")
    kind: StaffKind = Field(title="Kind", description="Which kind of unit or team.")
    change: Annotated[float, Field(ge=0, le=1000)] | None = Field(
        default=None, description="Multiplier of the staff there is: 1.2 is a fifth more."
    )
    add: Units | None = Field(
        default=None,
        description="Units added (below 0: taken away). A group shares them by size among those "
        "who have work for them.",
    )

    def check(self) -> None:
        if (self.change is None) == (self.add is None):
            raise field_error("needs one of change and add", "change")

    def check_names(self, names: Names) -> None:
        if names.has_no_work(names.members(self.authority), self.kind):
            able = names.workplaces[self.kind]
            raise field_error(f"{self.kind} has no effect here", "authority", allowed=able)

    def sentence(self) -> str:
        kind = self.kind.replace("_", " ")
        if self.change is not None:
            return f"{self.authority} has {self.change:g} times its {kind} staff"
        sign = "more" if (self.add or 0) >= 0 else "fewer"
        return f"{self.authority} has {abs(self.add or 0):g} {sign} {kind} units"

    def steps(self, inputs: Inputs, useful: Mapping[str, tuple[str, ...]]) -> list[Step]:
        """How it changes the units of its kind.

        Args:
            inputs: The corridor.
            useful: The authorities for which more staff of a kind has any effect.
        """
        corridor = inputs.corridor
        here = rows_with_work(corridor, corridor.members(self.authority), useful[self.kind])
        factor = 1.0 if self.change is None else self.change
        return [Step(self.kind, here, factor, self.add or 0.0)]

    @classmethod
    def check_all(cls, scenario: Scenario, names: Names) -> None:
        """Refuse to multiply or take away staff of which there is none, nor added before."""
        levers = scenario.of(Staff)  # they apply in order
        for index, lever in enumerate(levers):
            who, some = set(names.members(lever.authority)), names.staffed[lever.kind]
            if who & set(some) or (lever.add is not None and lever.add >= 0):
                continue
            if any(_gives(before, lever, who, names) for before in levers[:index]):
                continue
            add = "add", "take away", "above 0"
            key, verb, other = add if lever.change is None else ("change", "multiply", "add")
            value = getattr(lever, key)
            file, place = scenario.source_of(cls.section, index)
            raise InputError(
                f"{lever.authority} has no {lever.kind} to {verb}",
                file=file,
                key=f"{cls.section}[{place}].{key}",
                value=int(value) if value == int(value) else value,
                allowed=f"{other}, or authority {', '.join(some)}",
            )


def _gives(before: Staff, lever: Staff, who: set[str], names: Names) -> bool:
    """Whether a lever adds some of the staff that another changes, on some day of both."""
    own = lever.span
    return (
        before.kind == lever.kind
        and (before.add or 0.0) > 0.0
        and before.span.overlaps(own.first, own.last)
        and not who.isdisjoint(names.members(before.authority))
    )
