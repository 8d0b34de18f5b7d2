"""The lever `operation`: more of the usual work on named ground for a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from simulation.corridor import Corridor
from simulation.scenario.field_types import Authority, LegIds, Places, Positive
from simulation.scenario.levers.base import Timed, no_boats_supplied, on_ground, optional
from simulation.scenario.levers.declaration import (
    OPERATIONS,
    Form,
    Inputs,
    PolicyPart,
    SweepTarget,
    adds_lever,
    authority_and,
    read_only,
    rows_of,
)
from simulation.scenario.levers.funding import Funding, cost_of
from simulation.scenario.names import Names
from simulation.scenario.validation_errors import field_error

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

_WORK = {
    "patrol": "patrols",
    "arrests": "arrests",
    "boat_supply": "work against boat deliveries",
}


def _supply(inputs: Inputs, day: int) -> np.ndarray:
    """Multiplier of the effort against boat deliveries, by authority, float (A,).

    Money for this work is spread evenly over the authorities on the supply chain (those of the
    beneficiary, if there is one); in each it adds amount / cost to the multiplier, the cost being
    that of as much effort as there is today.
    """
    corridor, cost = inputs.corridor, cost_of("boat_supply", inputs.parameters)
    surge = np.ones(len(corridor.authorities))
    for payment, part in inputs.of(Funding, day):
        share = payment.spend_on.get("boat_supply", 0.0)
        here = _on_supply_chain(corridor, payment.beneficiary)
        if part > 0.0 and share > 0.0 and here:
            yearly = payment.eur_per_year(inputs.parameters)
            surge[here] += part * share * yearly / len(here) / cost
    for operation, part in inputs.of(Operation, day):
        if part > 0.0 and operation.kind == "boat_supply":
            surge[list(rows_of(corridor, operation.authority))] *= operation.factor(part)
    return read_only(surge)


def _patrol_surge(inputs: Inputs, day: int) -> np.ndarray:
    """Multiplier of patrols from operations, by authority and leg, float (A, L)."""
    corridor = inputs.corridor
    surge = np.ones((len(corridor.authorities), len(corridor.legs)))
    return _surge(surge, inputs.of(Operation, day), inputs.once(_patrols))


def _arrest_surge(inputs: Inputs, day: int) -> np.ndarray:
    """Multiplier of arrests from operations, by authority and place, float (A, P)."""
    corridor = inputs.corridor
    surge = np.ones((len(corridor.authorities), len(corridor.places)))
    return _surge(surge, inputs.of(Operation, day), inputs.once(_arrests))


#: of each operation: the legs or places it covers, by row of the authority
_Ground = list[dict[int, list[int]]]


def _patrols(inputs: Inputs) -> _Ground:
    operations = inputs.scenario.of(Operation)
    return [_covered(one, inputs.corridor) if one.kind == "patrol" else {} for one in operations]


def _arrests(inputs: Inputs) -> _Ground:
    operations = inputs.scenario.of(Operation)
    return [_searched(one, inputs.corridor) if one.kind == "arrests" else {} for one in operations]


def _surge(
    surge: np.ndarray, operations: list[tuple[Operation, float]], ground: _Ground
) -> np.ndarray:
    for (operation, part), covered in zip(operations, ground, strict=True):
        for row, columns in covered.items() if part > 0.0 else ():
            surge[row, columns] *= operation.factor(part)
    return read_only(surge)


def _vary(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    form = "operation.AUTHORITY.PLACE"
    authority, place = authority_and(rest, form, names, "place", tuple(names.places))
    lay = adds_lever("operation", "strength", authority=authority, places=[place])
    label = f"Patrols of {authority} at {place}"
    return SweepTarget(f"operation.{authority}.{place}", label, "times the effort", "number", lay)


class Operation(Timed):
    """A surge of existing work on named ground for a time.

    Patrols stop more people on the legs concerned, cases there end sooner in an arrest, or more
    deliveries of boats are seized. People who are stopped can try again or take another way.
    """

    group: ClassVar = OPERATIONS
    assumes: ClassVar = (
        "patrol.sweep_foot",
        "patrol.sweep_road",
        "evasion.share",
        "evasion.days",
        "intelligence.case_threshold",
        "intelligence.arrest_rate",
        "supply.routine_seizure",
        "supply.case_seizure",
    )
    template: ClassVar = """\
# [[operation]]
# authority = "RS"
# kind = "patrol"             # patrol, arrests, boat_supply
# places = ["subotica"]       # or legs = ["subotica>szeged:foot"]
# strength = 3.0              # times the effort there (at least the usual presence on a leg)
# from = 2027-04-01
# to = 2027-12-31
"""
    form: ClassVar = Form(
        button="Add an operation",
        noun="operations",
        rarely=frozenset({"legs"}),
        unused={("kind", "boat_supply"): ("places", "legs"), ("kind", "arrests"): ("legs",)},
    )
    parts: ClassVar = (
        PolicyPart(
            name="patrol_surge",
            does="multiplies effort on legs",
            value=_patrol_surge,
            set_by="`operation` (patrol)",
        ),
        PolicyPart(
            name="arrest_surge",
            does="multiplies an authority's rate of arrests of those who work at a place",
            value=_arrest_surge,
            set_by="`operation` (arrests)",
        ),
        PolicyPart(
            name="supply_surge",
            does="multiplies the watch for consignments",
            value=_supply,
            sections=("operation", "funding"),
            set_by="`operation` (boat_supply), `funding`",
        ),
    )
    vary: ClassVar = _vary

    authority: Authority = Field(title="Who acts", description="Who acts, on its own ground.")
    kind: Literal["patrol", "arrests", "boat_supply"] = Field(
        default="patrol",
        title="Kind",
        description="Patrols, arrests, or work against deliveries of boats.",
    )
    strength: Positive = Field(
        title="Times the effort",
        description="Multiplier of the effort there. Of a patrol: of the authority's effort, "
        "counted from its usual presence on a leg where that is more. Of arrests: of the rate at "
        "which its cases there end in an arrest. Of boat supply: of its watch for consignments.",
    )
    places: Places | None = optional(
        "Places",
        "Where. A patrol needs places or legs, arrests may name places, "
        "work against boat deliveries names none.",
    )
    legs: LegIds | None = optional(
        "Ways from place to place", "Ways from place to place, for a patrol."
    )

    def check(self) -> None:
        if self.kind == "patrol" and not self.places and not self.legs:
            raise field_error("a patrol operation needs places or legs", "places")
        if self.kind == "arrests" and self.legs:
            raise field_error("arrests are made at places", "legs", allowed="places, or neither")
        if self.kind == "boat_supply" and (self.places or self.legs):
            at = "places" if self.places else "legs"
            raise field_error("acts on all of the authority's ground", at, allowed="neither")

    def check_names(self, names: Names) -> None:
        # a hub has no ground; its officers serve their host
        if names.hubs.isdisjoint(names.members(self.authority)):
            on_ground("places", self.places, self.authority, names)
            on_ground("legs", self.legs, self.authority, names)
        self._has_means(names)

    def _has_means(self, names: Names) -> None:
        """Refuse arrests without investigators, and work against boats where none are delivered.

        An agency without ground of its own has the investigators of its hosts, whose places it
        names.
        """
        who = set(names.members(self.authority))
        if self.kind == "arrests":
            hubs = who & names.hubs
            if hubs:
                who |= {names.places[place] for place in self.places or ()}
            able = names.staffed["investigation"]
            if not who & set(able):
                allowed = [*able, "or places of a host"] if hubs else able
                wrong = "has no investigators to make arrests"
                raise field_error(wrong, "authority", allowed=allowed)
        elif self.kind == "boat_supply" and not who & names.supply:
            raise no_boats_supplied(names, "authority")

    def sentence(self) -> str:
        where = ", ".join((*(self.places or ()), *(self.legs or ())))
        ground = f" at {where}" if where else ""
        return (
            f"Operation of {self.authority}: {self.strength:g} times the {_WORK[self.kind]}{ground}"
        )

    def factor(self, part: float) -> float:
        """The multiplier of the effort, of which a part (0 to 1) is in force."""
        return 1.0 + part * (self.strength - 1.0)


def _covered(operation: Operation, corridor: Corridor) -> dict[int, list[int]]:
    """Legs a patrol operation covers, by the authority on whose ground it works.

    A patrol operation at a place covers the legs that leave or reach it and touch the ground of
    the authority; one by a hub (Frontex, Europol) covers the ground of its host, whose place it is.
    """
    members = set(corridor.members(operation.authority))
    by_hub = bool(members & _hubs(corridor))
    covered: dict[int, list[int]] = {}
    for index, leg in enumerate(corridor.legs):
        ground = {leg.authority_from, leg.authority_to}
        owners: set[str] = set()
        if leg.id in (operation.legs or ()):
            owners = ground if by_hub else ground & members
        for name in {leg.origin, leg.target}.intersection(operation.places or ()):
            host = {corridor.places[corridor.place_index[name]].authority}
            owners = owners | (ground & (host if by_hub else members))
        for owner in owners:
            covered.setdefault(corridor.authority_index[owner], []).append(index)
    return covered


def _searched(operation: Operation, corridor: Corridor) -> dict[int, list[int]]:
    """Places where an operation makes arrests likelier, by the authority that makes them.

    It is of the authority alone, whoever else works cases at the place; one by a hub is of its
    host.
    """
    members, hubs = set(corridor.members(operation.authority)), _hubs(corridor)
    searched: dict[int, list[int]] = {}
    for index, place in enumerate(corridor.places):
        if operation.places and place.id not in operation.places:
            continue
        by_host = {place.authority} if operation.places and members & hubs else set()
        for owner in (members - hubs) | by_host:
            searched.setdefault(corridor.authority_index[owner], []).append(index)
    return searched


def _hubs(corridor: Corridor) -> set[str]:
    return {authority.code for authority in corridor.authorities if authority.kind == "hub"}


def _on_supply_chain(corridor: Corridor, beneficiary: str | None) -> Sequence[int]:
    chain = {code for supply_chain in corridor.supply_chains for code in supply_chain.authorities}
    if beneficiary is not None:
        chain &= set(corridor.members(beneficiary))
    else:
        chain -= {authority.code for authority in corridor.authorities if authority.kind == "uk"}
    return sorted(corridor.authority_index[code] for code in chain)
