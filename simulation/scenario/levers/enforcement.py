"""Levers against operators: `raid`, `adverts` and `freeze`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

import numpy as np
from pydantic import Field

from simulation.corridor.stages import SEGMENTS
from simulation.scenario.field_types import Authority, NotNegative, Persons, Places, Share, Stages
from simulation.scenario.levers.base import (
    OneDay,
    Timed,
    amount,
    on_ground,
    only_of,
    optional,
    percent,
)
from simulation.scenario.levers.declaration import (
    OPERATIONS,
    Form,
    Inputs,
    PolicyPart,
    SweepTarget,
    adds_lever,
    checked_name,
    read_only,
    rows_of,
)
from simulation.scenario.names import Names
from simulation.scenario.timeline import DAYS_PER_YEAR
from simulation.scenario.validation_errors import field_error

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario


# -- raid ------------------------------------------------------------------------------------------


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


def _raid_orders(inputs: Inputs, day: int) -> tuple[RaidOrder, ...]:
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
            value=_raid_orders,
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


# -- adverts ---------------------------------------------------------------------------------------


_BOATS = ("boat",)


def _taken_down(inputs: Inputs, day: int) -> np.ndarray:
    """Share of adverts that is taken down a week, float (segments,)."""
    left = np.ones(len(SEGMENTS))
    for lever, part in inputs.of(Adverts, day):
        for stage in lever.stages or _BOATS:
            left[SEGMENTS.index(stage)] *= 1.0 - part * lever.taken_down
    return read_only(1.0 - left)


TAKEN_DOWN: PolicyPart[np.ndarray] = PolicyPart(
    name="adverts_taken_down",
    does="share of operators' adverts that is taken down a week, by stage",
    value=_taken_down,
)


class Adverts(Timed):
    """Adverts of operators are taken down, and come back from new accounts.

    While its adverts are down, an operator gets only a part of its new clients, by word of
    mouth.
    """

    group: ClassVar = OPERATIONS
    assumes: ClassVar = ("market.advert_clients", "market.advert_half_life")
    template: ClassVar = """\
# [[adverts]]                 # online adverts of operators are taken down
# taken_down = 0.5            # share of them a week
# stages = ["boat"]           # whose adverts
# from = 2027-04-01
"""
    form: ClassVar = Form(
        button="Add adverts taken down",
        noun="adverts taken down",
        rarely=frozenset({"stages"}),
    )
    parts: ClassVar = (TAKEN_DOWN,)

    taken_down: Share = Field(
        title="Share taken down a week", description="Share of adverts taken down a week."
    )
    stages: Stages | None = optional(
        "Of which stages", "Stages whose operators advertise. Default: boats."
    )

    def sentence(self) -> str:
        stages = ", ".join(self.stages or _BOATS)
        share = percent(self.taken_down)
        return f"{share} of the adverts of operators ({stages}) are taken down a week"


# -- freeze ----------------------------------------------------------------------------------------


class FreezeOrder(NamedTuple):
    """A lever of today.

    Attributes:
        authorities: Rows of those whose knowledge the list is drawn from.
        per_day: Operators listed a day.
        frozen_share: Share of an operator's cash that is frozen on the day it is listed.
    """

    authorities: tuple[int, ...]
    per_day: float
    frozen_share: float


def _freeze_orders(inputs: Inputs, day: int) -> tuple[FreezeOrder, ...]:
    """Who lists how many operators a day, in the order in which it is written."""
    usual: float = inputs.parameters.policy.frozen_share
    return tuple(
        FreezeOrder(
            rows_of(inputs.corridor, lever.authority),
            part * lever.per_year / DAYS_PER_YEAR,
            usual if lever.frozen_share is None else lever.frozen_share,
        )
        for lever, part in inputs.of(Freeze, day)
        if part * lever.per_year > 0.0
    )


FREEZES: PolicyPart[tuple[FreezeOrder, ...]] = PolicyPart(
    name="freezes",
    does="who lists known operators, how many a day, and which share of their cash is frozen",
    value=_freeze_orders,
)


def _vary_freeze(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    authority = checked_name(rest, "authority or group", tuple(names.authorities))
    lay = adds_lever("freeze", "per_year", authority=authority)
    label = f"More operators put on a sanctions list by {authority}"
    return SweepTarget(f"freeze.{authority}", label, "operators a year", "number", lay)


class Freeze(Timed):
    """Known operators are put on a sanctions list: money is frozen, and it is harder to be paid.

    Until they have a new name or a proxy, they have fewer clients and it costs more to move their
    money. Suppliers of boats can be paid on some days only.
    """

    group: ClassVar = OPERATIONS
    assumes: ClassVar = (
        "policy.frozen_share",
        "market.listed_channel",
        "market.listed_money_cost",
        "market.proxy_days",
    )
    template: ClassVar = """\
# [[freeze]]                  # known operators are put on a sanctions list
# authority = "UK"            # by what this authority or group knows
# per_year = 38               # operators listed a year
# frozen_share = 0.1          # of the cash of an operator
# from = 2023-07-01
"""
    form: ClassVar = Form(
        button="Add a freeze of money",
        noun="freezes of money",
        rarely=frozenset({"frozen_share"}),
    )
    parts: ClassVar = (FREEZES,)
    vary: ClassVar = _vary_freeze

    authority: Authority = Field(
        title="Who lists",
        description="Who lists: an authority or a group, by what any of its members knows. It "
        "needs no ground of its own.",
    )
    per_year: NotNegative = Field(
        title="Operators a year",
        description="Operators listed a year, as far as so many are known well enough.",
    )
    frozen_share: Share | None = optional(
        "Share of cash frozen",
        "Share of an operator's cash that is frozen on the day it is listed. Default: "
        "the parameter policy.frozen_share.",
    )

    def sentence(self) -> str:
        share = (
            "" if self.frozen_share is None else f" ({percent(self.frozen_share)} of their cash)"
        )
        many = f"{amount(self.per_year)} known operators a year"
        return f"{self.authority} puts {many} on a sanctions list and freezes their money{share}"
