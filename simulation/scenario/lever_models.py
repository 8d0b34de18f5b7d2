"""The kinds of lever a scenario may set: what a policy does, or what happens, and when.

With a `Names` as validation context, every name is checked against the corridor.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from simulation.scenario.effects import (
    money_has_work,
    operation_has_means,
    places_on_ground,
    staff_has_work,
)
from simulation.scenario.kinds import (
    LEVEL_WORDS,
    QUALITIES,
    STAGES,
    TOLERANCE,
    Authority,
    Days,
    Effect,
    HalfLife,
    LegIds,
    Level,
    LeverName,
    NotNegative,
    Origin,
    Origins,
    Persons,
    Places,
    Positive,
    Route,
    Routes,
    Share,
    ShockSize,
    Spending,
    StaffKind,
    Stages,
    Units,
)
from simulation.scenario.names import Names, pairs_of
from simulation.scenario.problems import problem
from simulation.scenario.timeline import Span


def in_order(first: date | None, last: date | None, key: str) -> None:
    """Refuse dates of which the last comes before the first."""
    if first and last and last < first:
        raise problem("ends before it starts", at=(key,), allowed=f"{first} or later")


class Strict(BaseModel):
    """The rules every part of a scenario keeps: frozen, nothing unknown, no silent conversion."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        serialize_by_alias=True,
    )


class Lever(Strict):
    """What every lever has: a name to drop it by, and the days on which it is in force."""

    section: ClassVar[str] = ""

    name: LeverName | None = Field(default=None, description="A name by which a child can drop it.")

    @property
    def span(self) -> Span:
        """The days on which it is in force."""
        raise NotImplementedError


class Lasting(Lever):
    """A lever that is in force for a time.

    One without `from` has always been in force, one without `to` stays. Both days are included.
    With `ramp_days` it grows linearly from nothing on its first day to all of it.
    """

    from_: date | None = Field(default=None, alias="from", description="First day in force.")
    to: date | None = Field(default=None, description="Last day in force.")
    ramp_days: Days = Field(default=0, description="Days from no effect to full effect.")

    @model_validator(mode="after")
    def _dates(self) -> Self:
        in_order(self.from_, self.to, "to")
        if self.ramp_days and not self.from_:
            raise problem('a ramp needs the date it starts ("from")', at=("ramp_days",))
        return self

    @property
    def span(self) -> Span:
        """The days on which it is in force, with its ramp."""
        return Span.of(self.from_, self.to, self.ramp_days)


class Growing(Lever):
    """What was smaller before a day and has grown, over `ramp_days`, to what it is today.

    It has no last day: what it says holds *before* `from`, and after the ramp it says nothing more.
    """

    from_: date = Field(alias="from", description="First day of the growth to what is today.")
    ramp_days: Days = Field(default=0, description="Days from what was before to what is today.")

    @model_validator(mode="before")
    @classmethod
    def _stays_grown(cls, data: Any) -> Any:
        if isinstance(data, dict) and "to" in data:
            keys = ", ".join(field.alias or name for name, field in cls.model_fields.items())
            raise problem("has no last day, for it stays as it is today", at=("to",), allowed=keys)
        return data

    @property
    def span(self) -> Span:
        """The days from the first of its growth, for ever."""
        return Span.of(self.from_, None, self.ramp_days)


class Sharing(Lasting):
    """Intelligence sharing between two authorities, or between all members of two groups."""

    section: ClassVar[str] = "sharing"

    between: Annotated[tuple[Authority, Authority], Field(strict=False)] = Field(
        description="Two authorities or groups; the same group twice means within the group."
    )
    one_way: bool = Field(default=False, description="Only from the first to the second.")
    level: Level | None = Field(
        default=None, description="none, low, medium, high, full, or 0 to 1."
    )
    coverage: Share | None = Field(default=None, description="Share of reports passed on.")
    delay_days: NotNegative | None = Field(default=None, description="Mean days a report takes.")
    fidelity: Annotated[float, Field(ge=0.5, le=1)] | None = Field(
        default=None, description="Chance that a report survives as information; 0.5 tells nothing."
    )
    third_party: bool | None = Field(default=None, description="May the receiver pass it on?")
    leak: Share | None = Field(default=None, description="Chance that a shared report leaks.")

    @model_validator(mode="after")
    def _says_something(self, info: ValidationInfo) -> Self:
        if self.level is None and all(getattr(self, quality) is None for quality in QUALITIES):
            raise problem("needs a level", at=("level",), allowed=", ".join(LEVEL_WORDS))
        names: Names | None = info.context
        if names is not None:
            first, second = (names.members(name) for name in self.between)
            if not pairs_of(first, second, self.one_way):
                raise problem("needs two different authorities", at=("between",))
        return self


class Money(Strict):
    """An amount in pounds or euros."""

    GBP: NotNegative | None = Field(default=None, description="Pounds.")
    EUR: NotNegative | None = Field(default=None, description="Euros.")

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        if (self.GBP is None) == (self.EUR is None):
            raise problem("needs one currency", allowed="{ GBP = ... } or { EUR = ... }")
        return self

    def in_eur(self, gbp_eur: float) -> float:
        """The amount in EUR at a rate in EUR per GBP."""
        return self.EUR if self.EUR is not None else (self.GBP or 0.0) * gbp_eur


class Funding(Lasting):
    """Money an authority spends on staff, its own or somebody else's."""

    section: ClassVar[str] = "funding"

    authority: Authority = Field(description="Who pays.")
    amount: Money = Field(description="How much, in pounds or euros.")
    per: Literal["year", "once"] = Field(
        default="year",
        description='"once" is all spent from its first to its last day, evenly but for a ramp.',
    )
    spend_on: dict[Spending, Share] = Field(description="Shares of the amount; sum to 1.")
    beneficiary: Authority | None = Field(
        default=None, description="Who gets it, if not the payer."
    )

    @model_validator(mode="after")
    def _all_spent(self, info: ValidationInfo) -> Self:
        total = sum(self.spend_on.values())
        if abs(total - 1) > TOLERANCE:
            raise problem(f"shares sum to {total:g}", at=("spend_on",), allowed="a sum of 1")
        if self.per == "once" and self.ramp_days and self.from_ == self.to:
            raise problem(
                "one day is no ramp", at=("ramp_days",), allowed="0, or a later day in to"
            )
        names: Names | None = info.context
        if names is None:
            return self
        money_has_work(self, names)
        if not self.beneficiary or not self.spend_on.get("boat_supply"):
            return self
        if not names.supply & set(names.members(self.beneficiary)):
            raise problem(
                "no boats are supplied through this authority",
                at=("beneficiary",),
                allowed=", ".join(sorted(names.supply)),
            )
        return self


class Staff(Lasting):
    """More or fewer units of a kind."""

    section: ClassVar[str] = "staff"

    authority: Authority = Field(description="Whose staff.")
    kind: StaffKind = Field(description="Which kind of unit or team.")
    change: Annotated[float, Field(ge=0, le=1000)] | None = Field(
        default=None, description="Multiplier of the staff there is."
    )
    add: Units | None = Field(default=None, description="Units added (a group's share by size).")

    @model_validator(mode="after")
    def _one_change(self, info: ValidationInfo) -> Self:
        if (self.change is None) == (self.add is None):
            raise problem("needs one of change and add", at=("change",))
        names: Names | None = info.context
        if names is not None:
            staff_has_work(self, names)
        return self


class Operation(Lasting):
    """A surge of existing work on named ground for a time."""

    section: ClassVar[str] = "operation"

    authority: Authority = Field(description="Who acts, on its own ground.")
    kind: Literal["patrol", "arrests", "boat_supply"] = Field(
        default="patrol", description="Patrols, arrests, or work against deliveries of boats."
    )
    places: Places | None = Field(
        default=None,
        description="Where. A patrol needs places or legs, arrests may name places, "
        "work against boat deliveries names none.",
    )
    legs: LegIds | None = Field(default=None, description="Ways from place to place, for a patrol.")
    strength: Positive = Field(description="Multiplier of the effort there.")

    @model_validator(mode="after")
    def _has_ground(self, info: ValidationInfo) -> Self:
        if self.kind == "patrol" and not self.places and not self.legs:
            raise problem("a patrol operation needs places or legs", at=("places",))
        if self.kind == "arrests" and self.legs:
            raise problem("arrests are made at places", at=("legs",), allowed="places, or neither")
        if self.kind == "boat_supply" and (self.places or self.legs):
            at = "places" if self.places else "legs"
            raise problem("acts on all of the authority's ground", at=(at,), allowed="neither")
        names: Names | None = info.context
        if names is not None:
            self._on_own_ground(names)
            operation_has_means(self, names)
        return self

    def _on_own_ground(self, names: Names) -> None:
        members = set(names.members(self.authority))
        if members & names.hubs:  # a hub has no ground; its officers serve their host
            return
        places_on_ground(self.places, self.authority, names)
        for index, leg in enumerate(self.legs or ()):
            if not members & set(names.legs[leg]):
                both = " or ".join(dict.fromkeys(names.legs[leg]))
                raise problem(
                    f"not on the ground of {self.authority}",
                    at=("legs", index),
                    allowed=f"authority {both} there",
                )


class Raid(Lever):
    """A coordinated raid on one day, whose arrests are given and not worked out.

    What was reported of a raid is persons; how many persons an operator is, is the parameter
    intelligence.persons_per_operator.
    """

    section: ClassVar[str] = "raid"

    authority: Authority = Field(description="Who takes part, each on its own ground.")
    on: date = Field(description="The day of the raid.")
    arrests: Persons = Field(description="Persons arrested in it, of cells of several persons.")
    boats: Annotated[int, Field(ge=0, le=100_000)] = Field(
        default=0, description="Boats taken: of those arrested, then of others who work there."
    )
    share: Annotated[float, Field(gt=0.0, le=1.0)] | None = Field(
        default=None,
        description=(
            "Share of what the stages carry that those arrested did; worked out from persons where "
            "it is not given."
        ),
    )
    places: Places | None = Field(default=None, description="Where those arrested work.")
    stages: Stages | None = Field(default=None, description="Stages of the way they work.")

    @model_validator(mode="after")
    def _has_ground(self, info: ValidationInfo) -> Self:
        names: Names | None = info.context
        if names is None:
            return self
        here = {stage for code in names.members(self.authority) for stage in names.stages[code]}
        if not here:
            raise problem(
                "has no ground on which to arrest anybody",
                at=("authority",),
                allowed=", ".join(sorted(code for code, some in names.stages.items() if some)),
            )
        places_on_ground(self.places, self.authority, names)
        for index, stage in enumerate(self.stages or ()):
            if stage not in here:
                raise problem(
                    f"nobody of this stage works on the ground of {self.authority}",
                    at=("stages", index),
                    allowed=", ".join(known for known in STAGES if known in here),
                )
        return self

    @property
    def span(self) -> Span:
        """The one day of the raid."""
        return Span.of(self.on, self.on, 0)


class Visa(Lasting):
    """Origins that now need a visa and so stop entering at an authority's places."""

    section: ClassVar[str] = "visa"

    authority: Authority
    origins: Origins
    effect: Effect | None = Field(
        default=None, description="Default: the parameter policy.visa_effect."
    )

    @model_validator(mode="after")
    def _is_entered(self, info: ValidationInfo) -> Self:
        names: Names | None = info.context
        if names is not None and not names.entered & set(names.members(self.authority)):
            raise problem(
                "nobody enters the corridor here",
                at=("authority",),
                allowed=", ".join(sorted(names.entered)),
            )
        return self


class Returns(Lasting):
    """An agreement to take people back, so that fewer of that origin set out for the UK."""

    section: ClassVar[str] = "returns"

    partner: Origin
    effect: Effect | None = Field(
        default=None, description="Default: the parameter policy.returns_effect."
    )


class LegalRoute(Lasting):
    """Places on a legal way to the UK, taken up by people who would have come irregularly."""

    section: ClassVar[str] = "legal_route"

    origins: Origins
    people_per_year: NotNegative = Field(description="Over all the origins named, evenly.")


class Wave(Lasting):
    """More people of some origins set out on a route than its indicator tells.

    They come on top of those usual, and with and without the wave everybody else is the same.
    Visas, returns agreements and legal routes apply to them too; places on a legal route are as
    many as before.
    """

    section: ClassVar[str] = "wave"

    origins: Origins
    route: Route
    people_per_year: NotNegative | None = Field(
        default=None,
        description="Over all the origins named, evenly. Default: the parameter "
        "entries.wave_people.",
    )


class Shock(Lever):
    """The flow on some routes is multiplied from a day on, for good, for a time, or less and less.

    It acts on whoever would have set out, waves included: more people are added and fewer kept
    away, and everybody else is the same with and without it. Shocks on the same day multiply.
    """

    section: ClassVar[str] = "shock"

    on: date = Field(description="First day.")
    to: date | None = Field(default=None, description="Last day, of one that ends at once.")
    size: ShockSize = Field(description="Factor on the flow on its first day; 0 closes a route.")
    route: Routes | None = Field(default=None, description="A route or several. Default: all.")
    origins: Origins | None = Field(default=None, description="Whom it concerns. Default: all.")
    half_life_days: HalfLife | None = Field(
        default=None, description="Days after which half of it is left. Default: all of it stays."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        in_order(self.on, self.to, "to")
        return self

    @property
    def span(self) -> Span:
        """The days from its first to its last; less and less of it is no end."""
        return Span.of(self.on, self.to, 0)


class Boats(Growing):
    """Smaller boats on the market until a day, growing to those of today over the ramp."""

    section: ClassVar[str] = "boats"

    size: Positive | None = Field(
        default=None,
        description="Size before the first day, against today's. Default: the parameter "
        "channel.boat_size_before.",
    )


class Freight(Growing):
    """Freight to the UK searched less until a day, growing to today's searches over the ramp."""

    section: ClassVar[str] = "freight"

    search: Positive | None = Field(
        default=None,
        description="Search effort before the first day, against today's. Default: the parameter "
        "patrol.freight_before.",
    )


LEVERS: tuple[type[Lever], ...] = (
    Sharing, Funding, Staff, Operation, Raid, Visa, Returns, LegalRoute, Wave, Shock, Boats,
    Freight,
)  # fmt: skip
SECTIONS = tuple(lever.section for lever in LEVERS)
#: sections of levers that say how things were before they grew to those of today
GROWING = (Boats.section, Freight.section)
