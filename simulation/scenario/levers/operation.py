"""The lever `operation`: more of the usual work on named ground for a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from simulation.corridor import Corridor
from simulation.corridor.stages import PATROLS
from simulation.scenario.capability import cannot_act, join_words
from simulation.scenario.field_types import Authority, LegIds, Places, Positive
from simulation.scenario.levers.base import Timed, no_boats_supplied, on_ground, optional
from simulation.scenario.levers.declaration import (
    OPERATIONS,
    Form,
    Inputs,
    PartPair,
    PolicyDifference,
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


def _supply(inputs: Inputs) -> Callable[[list[float]], np.ndarray]:
    """Multiplier of the effort against boat deliveries, by authority, float (A,).

    Money for this work is spread evenly over the authorities on the supply chain (those of the
    beneficiary, if there is one); in each it adds amount / cost to the multiplier, the cost being
    that of as much effort as there is today.
    """
    scenario, corridor = inputs.scenario, inputs.corridor
    cost = cost_of("boat_supply", inputs.parameters)
    operations = [(one, list(rows_of(corridor, one.authority))) for one in scenario.of(Operation)]
    # of each payment: the share for this work, EUR a year, and for whom
    payments = [
        (
            one.spend_on.get("boat_supply", 0.0),
            one.eur_per_year(inputs.parameters),
            _on_supply_chain(corridor, one.beneficiary),
        )
        for one in scenario.of(Funding)
    ]

    def today(progress: list[float]) -> np.ndarray:
        surge = np.ones(len(corridor.authorities))
        of_operations, of_payments = progress[: len(operations)], progress[len(operations) :]
        for (share, yearly, here), part in zip(payments, of_payments, strict=True):
            if part > 0.0 and share > 0.0 and here:
                surge[here] += part * share * yearly / len(here) / cost
        for (operation, here), part in zip(operations, of_operations, strict=True):
            if part > 0.0 and operation.kind == "boat_supply":
                surge[here] *= operation.factor(part)
        return read_only(surge)

    return today


def _compare_patrols(difference: PolicyDifference, both: PartPair[np.ndarray]) -> None:
    units = sum(policy.staff[kind] for policy in (both.mine, both.theirs) for kind in PATROLS)
    difference.note(both.one != both.other, np.asarray(units > 0.0)[:, None])


def _compare_arrests(difference: PolicyDifference, both: PartPair[np.ndarray]) -> None:
    officers = both.mine.staff["investigation"] + both.theirs.staff["investigation"] > 0.0
    able = officers & difference.capability.can_use_staff("investigation")
    difference.note(both.one != both.other, able[:, None] & difference.capability.operators)


def _compare_supply(difference: PolicyDifference, both: PartPair[np.ndarray]) -> None:
    difference.note(both.one != both.other, difference.capability.can_use_staff("boat_supply"))


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
            table=lambda inputs: ground_table(inputs, "patrol"),
            set_by="`operation` (patrol)",
            compare=_compare_patrols,
            by_staff=True,
        ),
        PolicyPart(
            name="arrest_surge",
            does="multiplies an authority's rate of arrests of those who work at a place",
            table=lambda inputs: ground_table(inputs, "arrests"),
            set_by="`operation` (arrests)",
            compare=_compare_arrests,
            by_staff=True,
        ),
        PolicyPart(
            name="supply_surge",
            does="multiplies the watch for consignments",
            table=_supply,
            sections=("operation", "funding"),
            set_by="`operation` (boat_supply), `funding`",
            compare=_compare_supply,
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

    def why(self, difference: PolicyDifference) -> str:
        if self.kind == "patrol":
            return f"{self.authority} has no patrols there."
        members = difference.corridor.members(self.authority)
        able = difference.capability.can_use_staff("investigation")
        idle = [code for code in members if not able[difference.corridor.authority_index[code]]]
        if self.kind == "arrests" and len(idle) == len(members):
            return cannot_act(idle, difference.capability)
        where = f" at {join_words(self.places)}" if self.places else ""
        return f"no smuggler works{where} whom {self.authority} could arrest."

    def factor(self, part: float) -> float:
        """The multiplier of the effort, of which a part (0 to 1) is in force."""
        return 1.0 + part * (self.strength - 1.0)


def ground_table(
    inputs: Inputs, kind: Literal["patrol", "arrests"]
) -> Callable[[list[float]], np.ndarray]:
    """Multipliers of patrols or arrests from operations.

    A patrol operation at a place covers the legs that leave or reach it and touch the ground of
    the authority; one by a hub (Frontex, Europol) covers the ground of its host, whose place it is.
    An operation of arrests is of the authority alone, whoever else works cases at the place; one
    by a hub is of its host.

    Args:
        inputs: The operations, and places and legs.
        kind: `patrol` for effort on legs, `arrests` for arrests at places.

    Returns:
        From the progress of each operation, 0 to 1, to the multiplier by authority and leg
        (patrols) or place (arrests), float, read-only.
    """
    corridor = inputs.corridor
    find, where = (_covered, corridor.legs) if kind == "patrol" else (_searched, corridor.places)
    # of each operation: authorities, and the legs or places it covers for each
    operations = [
        (one, find(one, corridor) if one.kind == kind else {})
        for one in inputs.scenario.of(Operation)
    ]

    def today(progress: list[float]) -> np.ndarray:
        surge = np.ones((len(corridor.authorities), len(where)))
        for (operation, covered), part in zip(operations, progress, strict=True):
            for row, columns in covered.items() if part > 0.0 else ():
                surge[row, columns] *= operation.factor(part)
        return read_only(surge)

    return today


def _covered(operation: Operation, corridor: Corridor) -> dict[int, list[int]]:
    """Legs a patrol operation covers, by the authority on whose ground it works."""
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
    """Places where an operation makes arrests likelier, by the authority that makes them."""
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
