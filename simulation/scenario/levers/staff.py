"""The lever `staff`: more or fewer units of a kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, get_args

from pydantic import Field, ValidationInfo, model_validator

from simulation.errors import InputError
from simulation.scenario.field_types import Authority, StaffKind, Units
from simulation.scenario.levers.base import Form, OneOf, Timed
from simulation.scenario.levers.declaration import Inputs
from simulation.scenario.levers.groups import MONEY
from simulation.scenario.levers.units import UNITS, Step, rows_with_work
from simulation.scenario.names import Names
from simulation.scenario.reasons import join_words
from simulation.scenario.validation_errors import field_error
from simulation.scenario.variation import SweepTarget, Value, Vary, add_lever, known_name, two_parts

if TYPE_CHECKING:
    from simulation.scenario.schema import Scenario


def _vary(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    authority, kind = two_parts(rest, "staff.AUTHORITY.KIND")
    known_name(authority, "authority or group", tuple(names.authorities))
    known_name(kind, "kind of staff", get_args(StaffKind))
    members = set(names.members(authority))
    added = any(
        lever.kind == kind
        and (lever.add or 0.0) > 0.0
        and not members.isdisjoint(names.members(lever.authority))
        for lever in scenario.of(Staff)
    )
    if members.isdisjoint(names.staffed[kind]) and not added:
        there = [other for other, who in names.staffed.items() if not members.isdisjoint(who)]
        raise InputError(
            f"{authority} has no {kind} staff to multiply",
            allowed=", ".join(there) or "an authority with staff",
        )

    def lay(data: dict[str, Any], value: Value) -> None:
        lever = {"authority": authority, "kind": kind, "change": value}
        add_lever(data, Staff.section, lever)

    words = kind.replace("_", " ").capitalize()
    label = f"{words} staff of {authority}"
    return SweepTarget(f"staff.{authority}.{kind}", label, "times what it is", "number", lay)


class Staff(Timed):
    """More or fewer units of a kind."""

    section: ClassVar = "staff"
    group: ClassVar = MONEY
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
    vary: ClassVar = Vary(_vary)

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

    @model_validator(mode="after")
    def _one_change(self, info: ValidationInfo) -> Self:
        if (self.change is None) == (self.add is None):
            raise field_error("needs one of change and add", at=("change",))
        names: Names | None = info.context
        if names is not None and names.idle(names.members(self.authority), self.kind):
            raise field_error(
                f"{self.kind} has no effect here",
                at=("authority",),
                allowed=", ".join(names.workplaces[self.kind]),
            )
        return self

    def sentence(self) -> str:
        """See `Lever.sentence`."""
        kind = self.kind.replace("_", " ")
        if self.change is not None:
            return f"{self.authority} has {self.change:g} times its {kind} staff"
        sign = "more" if (self.add or 0) >= 0 else "fewer"
        return f"{self.authority} has {abs(self.add or 0):g} {sign} {kind} units"

    @property
    def buys(self) -> Mapping[str, float]:
        """See `Lever.buys`."""
        return {self.kind: 1.0}

    def idle_words(self, idle: Mapping[str, tuple[float, list[str]]]) -> str:
        """See `Lever.idle_words`."""
        parts = [f"those of {join_words(codes)}" for _, codes in idle.values()]
        return f"its units ({'; '.join(parts)})"

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
        """Refuse to multiply or take away staff of which there is none, nor added before.

        Args:
            scenario: Resolved; its staff levers apply in order.
            names: Who has staff of a kind.

        Raises:
            InputError: For the first such lever, in the file in which it is written.
        """
        levers = scenario.of(Staff)
        for index, lever in enumerate(levers):
            who, some = set(names.members(lever.authority)), names.staffed[lever.kind]
            if who & set(some) or (lever.add is not None and lever.add >= 0):
                continue
            if any(_gives(before, lever, who, names) for before in levers[:index]):
                continue
            key, verb, other = ("add", "take away", "above 0")
            if lever.change is not None:
                key, verb, other = ("change", "multiply", "add")
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
    if before.kind != lever.kind or not before.add or before.add < 0:
        return False
    there, here = before.span, lever.span
    if there.last is not None and there.last < here.first:
        return False
    if here.last is not None and here.last < there.first:
        return False
    return not who.isdisjoint(names.members(before.authority))
