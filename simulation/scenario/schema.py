"""What a scenario file may say: the keys of a file and of its tables.

With a `Names` as validation context, every name is checked against the corridor.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, create_model, model_validator

from simulation import margins
from simulation.scenario.field_types import (
    Days,
    DaysOfMonth,
    Inflow,
    Level,
    MarginShare,
    Month,
    ParameterValue,
    Route,
    RunDay,
    Text,
    Title,
)
from simulation.scenario.levers.base import Lever, Strict, check_order
from simulation.scenario.levers.registry import LEVERS, SECTIONS
from simulation.scenario.names import Names
from simulation.scenario.validation_errors import field_error


class Run(Strict):
    """The days to simulate."""

    start: RunDay | None = Field(default=None, description="First day counted.")
    end: RunDay | None = Field(default=None, description="Last day counted.")
    warm_up_days: Days | None = Field(
        default=None, description="Days simulated before the first day, to fill the corridor."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.start, self.end, "end")
        return self


class FullRun(Run):
    """The days to simulate, with nothing left open."""

    start: date
    end: date
    warm_up_days: Days = 365

    @property
    def first_simulated(self) -> date:
        """The first day of the warm-up."""
        return self.start - timedelta(days=self.warm_up_days)


class SharingDefault(Strict):
    """The sharing of all pairs of authorities that no [[sharing]] names."""

    level: Level = Field(default="none", description="none, low, medium, high, full, or 0 to 1.")


class Adaptation(Strict):
    """Which responses smugglers are capable of."""

    route: bool = Field(
        default=True,
        description="Smugglers move to the ways that pay, some of them to another place.",
    )
    price: bool = Field(
        default=True,
        description="The fee moves with demand and passes on a part of the risk.",
    )
    load: bool = Field(
        default=True, description="Boats are filled more when seats are dear or short."
    )
    recruitment: bool = Field(
        default=True,
        description="Smugglers take on helpers; those arrested for good are replaced after a time; "
        "those on a sanctions list find a proxy.",
    )
    going_dark: bool = Field(
        default=True,
        description="A smuggler who hears through a leak of being known may lie low.",
    )
    beliefs: bool = Field(
        default=True, description="People learn from others which ways are risky."
    )


#: the quantile of every month that a named future takes
QUANTILES = {"low": 0.1, "central": 0.5, "high": 0.9}


class Future(Strict):
    """Which of the possible months after the data a run takes."""

    path: Literal["spread", "central", "low", "high"] = Field(
        default="spread",
        description="spread: every run draws its own; central, low, high: the median, the 10th "
        "and the 90th percentile of each month on each route, the same in every run.",
    )
    draw: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = Field(
        default=None,
        description="With spread: every run takes the future that a run with this seed draws.",
    )

    @model_validator(mode="after")
    def _drawn(self) -> Self:
        if self.draw is not None and self.path != "spread":
            raise ValueError('draw goes with path = "spread" only')
        return self

    def __str__(self) -> str:
        return self.path if self.draw is None else f"{self.path}:{self.draw}"

    @property
    def kind(self) -> str:
        """The path, or `one` where every run takes the same drawn one."""
        return self.path if self.draw is None else "one"


TABLES = ("sharing_default", "adaptation", "future", "weather", "entries", "parameters", "margin")
#: what a child may forget of its parent; type checkers want the words of a Literal written out
if TYPE_CHECKING:
    Clearable = str
else:
    Clearable = Literal[(*SECTIONS, *TABLES)]


class _Titled(Strict):
    title: Title = Field(description="One line in quotes.")
    description: Text = Field(default="", description="What is asked, and where numbers come from.")


# A list of levers for each kind of the registry. Type checkers know the type of the levers from
# `Scenario.of`; by the name of a section they are levers of any kind.
if TYPE_CHECKING:

    class _WithLevers(_Titled):
        def __getattr__(self, section: str) -> tuple[Any, ...]: ...

else:
    _WithLevers = create_model(
        "_WithLevers",
        __base__=_Titled,
        **{
            lever.section: (Annotated[tuple[lever, ...], Field(strict=False)], ())
            for lever in LEVERS
        },
    )


class ScenarioContent(_WithLevers):
    """The fields that a written file and a resolved scenario share."""

    sharing_default: SharingDefault = SharingDefault()
    adaptation: Adaptation = Adaptation()
    future: Future = Future()
    weather: dict[Month, DaysOfMonth] = Field(
        default_factory=dict,
        description="Days with arrivals by sea, by month, in place of those of the climate.",
    )
    entries: dict[Route, Inflow] = Field(
        default_factory=dict, description="Multipliers of what enters, by route."
    )
    parameters: dict[str, ParameterValue] = Field(
        default_factory=dict, description='Overrides of assumptions: "group.name" = value.'
    )
    margin: dict[str, MarginShare] = Field(
        default_factory=dict,
        description="Largest change that does not matter, by outcome, as a share of the baseline.",
    )

    def of[L: Lever](self, kind: type[L]) -> tuple[L, ...]:
        """The levers of a kind, in the order in which they apply."""
        levers: tuple[L, ...] = getattr(self, kind.section)
        return levers

    @model_validator(mode="after")
    def _check_days(self) -> Self:
        for month, days in self.weather.items():
            most = monthrange(int(month[:4]), int(month[5:]))[1]
            if days > most:
                raise field_error("out of range", "weather", month, allowed=f"at most {most}")
        return self

    @model_validator(mode="after")
    def _check_margins(self) -> Self:
        for outcome in self.margin:
            if outcome not in margins.records():
                names = list(margins.records())
                raise field_error("no outcome with a margin", "margin", outcome, allowed=names)
        return self

    @model_validator(mode="after")
    def _check_parameters(self, info: ValidationInfo) -> Self:
        names: Names | None = info.context
        if names is not None:
            for name, value in self.parameters.items():
                names.parameters.record(name).accept(value)
        return self


class ScenarioFile(ScenarioContent):
    """A scenario as written in a file: levers, and the scenario they are laid over."""

    extends: str | None = Field(default=None, description="The scenario this one is laid over.")
    clear: Annotated[tuple[Clearable, ...], Field(strict=False)] = Field(
        default=(), description="Sections of the parent to forget."
    )
    drop: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description="Names of the parent's levers to forget."
    )
    run: Run = Run()
