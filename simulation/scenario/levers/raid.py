"""The lever `raid`: persons of whom it is known that they were arrested on a day."""

from __future__ import annotations

from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field

from simulation.corridor.stages import SEGMENTS
from simulation.scenario.field_types import Authority, Persons, Places, Stages
from simulation.scenario.levers.base import OneDay, on_ground, only_of, optional, percent
from simulation.scenario.levers.declaration import (
    OPERATIONS,
    Form,
    Inputs,
    PolicyPart,
    rows_of,
)
from simulation.scenario.names import Names
from simulation.scenario.validation_errors import field_error


class RaidOrder(NamedTuple):
    """A raid of today.

    Attributes:
        authorities: Rows of those who take part.
        arrests: Persons to be arrested.
        boats: Boats to be taken.
        places: Rows of the places where they work; empty for any.
        stages: Stages they work; empty for any.
        share: Share of what each of the stages carries that those arrested did; None to work
            it out from the persons.
    """

    authorities: tuple[int, ...]
    arrests: int
    boats: int
    places: tuple[int, ...]
    stages: tuple[str, ...]
    share: float | None = None


def _orders(inputs: Inputs, day: int) -> tuple[RaidOrder, ...]:
    """The raids of today, in the order in which they are written."""
    corridor = inputs.corridor
    return tuple(
        RaidOrder(
            rows_of(corridor, raid.authority),
            raid.arrests,
            raid.boats,
            tuple(corridor.place_index[place] for place in raid.places or ()),
            raid.stages or (),
            raid.share,
        )
        for raid, part in inputs.of(Raid, day)
        if part > 0.0
    )


class Raid(OneDay):
    """A coordinated raid on one day, whose arrests are given and not worked out.

    What is reported of a raid is a number of persons. How many persons stand for one operator of
    the model is assumed.

    Of those at work there, the strongest case goes first, and by chance where nothing is known.
    Others take over the clients in time.
    """

    group: ClassVar = OPERATIONS
    assumes: ClassVar = (
        "intelligence.persons_per_operator",
        "market.helper_pool",
        "market.replacement_days_helper",
        "market.replacement_days_organiser",
    )
    template: ClassVar = f"""\
# [[raid]]                    # arrests of one day, given and not worked out
# authority = "CALAIS"
# on = 2027-07-05
# arrests = 39                # persons, of cells of several
# share = 0.1                 # of what the stages carry, where it is known; else from the persons
# boats = 150                 # of those arrested, then of others who work there
# stages = ["boat", "supply"] # {", ".join(SEGMENTS)}
# places = ["dunkirk"]        # where those arrested work
"""
    form: ClassVar = Form(button="Add a raid", noun="raids", rarely=frozenset({"share", "stages"}))
    parts: ClassVar = (
        PolicyPart(
            name="raids",
            does="who is raided today, and how many persons are arrested",
            value=_orders,
        ),
    )

    authority: Authority = Field(
        title="Who takes part",
        description="Who takes part: an authority or a group, each on its own ground. Europol "
        "alone has none.",
    )
    arrests: Persons = Field(
        title="Persons arrested",
        description="Persons arrested in it, of cells of several persons.",
    )
    boats: Annotated[int, Field(ge=0, le=100_000)] = Field(
        default=0,
        title="Boats taken",
        description="Boats taken, none unless said otherwise: of those arrested, then of others "
        "who work there, suppliers first.",
    )
    share: Annotated[float, Field(gt=0.0, le=1.0)] | None = optional(
        "Share of what the stages carry",
        "Where it is known, the share of what each of the stages carries that those "
        "arrested carried; then the persons left are suppliers of boats. Worked out from the "
        "persons where it is not given.",
    )
    places: Places | None = optional(
        "Places",
        "Where those arrested work; anywhere unless said otherwise. Suppliers of boats "
        "work all along their chain.",
    )
    stages: Stages | None = optional(
        "Stages",
        "Which stages of the way they work, any unless said otherwise: lorry and boat "
        "are those to the UK, supply is that of boats.",
    )

    def check_names(self, names: Names) -> None:
        here = {stage for code in names.members(self.authority) for stage in names.stages[code]}
        if not here:
            able = sorted(code for code, some in names.stages.items() if some)
            raise field_error("has no ground on which to arrest anybody", "authority", allowed=able)
        on_ground("places", self.places, self.authority, names)
        wrong = f"no operator of this stage works on the ground of {self.authority}"
        only_of([stage for stage in SEGMENTS if stage in here], "stages", self.stages, wrong)

    def sentence(self) -> str:
        who = "person" if self.arrests == 1 else "people"
        stages = f" of the stages {', '.join(self.stages)}" if self.stages else ""
        where = f" at {', '.join(self.places)}" if self.places else ""
        noun = "boat" if self.boats == 1 else "boats"
        boats = f" and takes {self.boats:,} {noun}" if self.boats else ""
        share = "" if self.share is None else f", who carry {percent(self.share)} of their stages,"
        return (
            f"A raid of {self.authority} arrests {self.arrests:,} {who}{stages}{where}{share}"
            f"{boats}"
        )
