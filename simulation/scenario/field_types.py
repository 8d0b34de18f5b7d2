"""Field types of a scenario file: names, levels, shares, days.

Each is checked where it stands, so that an error names the key. Names are checked against the
corridor when a `Names` is the validation context.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)

from simulation.corridor.stages import SEGMENTS
from simulation.errors import closest, listed
from simulation.scenario.levels import LEVEL_WORDS, LEVELS_ALLOWED
from simulation.scenario.names import Names
from simulation.scenario.validation_errors import field_error
from simulation.timeseries.months import last_day, month_at, number_of

QUALITIES = ("coverage", "delay_days", "fidelity", "third_party", "leak")
TOLERANCE = 1e-6
#: days a run may have: from the first year with small boats to as far as anybody would look
FIRST_DAY, LAST_DAY = date(2018, 1, 1), date(2050, 12, 31)

StaffKind = Literal["border_patrol", "checkpoint", "coast_patrol", "investigation", "analysis"]
Spending = Literal["investigation", "coast_patrol", "border_patrol", "analysis", "boat_supply"]
#: stages that operators work; type checkers want the words of a Literal written out
if TYPE_CHECKING:
    Stage = str
else:
    Stage = Literal[SEGMENTS]


@dataclass(frozen=True)
class Named:
    """Marks a text field as a name of some kind, from which forms are made.

    Attributes:
        kind: authority, place, leg, border, origin, route or level.
    """

    kind: str


def _name(kind: str) -> AfterValidator:
    """A validator that accepts the known names of a kind."""

    def check(value: str, info: ValidationInfo) -> str:
        names: Names | None = info.context
        if names is None or value in names.of_kind(kind):
            return value
        valid, noun = names.of_kind(kind), kind
        if kind == "authority":
            noun, called = "authority or group", names.names_by_code
            allowed = ", ".join(f"{n} ({called[n]})" if n in called else n for n in valid)
            suggestion = names.closest_authority(value)
        else:
            allowed, suggestion = listed(valid), closest(value, valid)
        raise field_error(f"unknown {noun}", allowed=allowed, suggestion=suggestion)

    return AfterValidator(check)


def _level(value: Any) -> Any:
    """A level is one of five words or a number from 0 to 1."""
    if isinstance(value, str):
        if value not in LEVEL_WORDS:
            raise field_error(
                "unknown level",
                allowed=LEVELS_ALLOWED,
                suggestion=closest(value, LEVEL_WORDS),
            )
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise field_error("level out of range", allowed=LEVELS_ALLOWED)
    return float(value)


def _override(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    # a whole number may be too large to be made a float of
    if not isinstance(value, (int, float)) or not abs(value) <= sys.float_info.max:
        raise field_error("must be a number, true or false")
    return float(value)


def _day_of_a_run(value: date) -> date:
    if not FIRST_DAY <= value <= LAST_DAY:
        raise field_error("out of range", allowed=f"{FIRST_DAY} to {LAST_DAY}")
    return value


def _printable(value: str) -> str:
    """Refuse control characters, which could change how a terminal behaves."""
    if not all(character.isprintable() or character in "\n\t" for character in value):
        raise field_error("holds a character that cannot be printed")
    return value


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a list that names a word twice, as its effect would count twice."""
    for index, value in enumerate(values):
        if value in values[:index]:
            raise field_error("is named twice", index, allowed="each name once")
    return values


def _one_line(value: str) -> str:
    if "\n" in value or "\t" in value:
        raise field_error("must be one line, without tabs")
    return value


def _month(value: Any) -> Any:
    """A month is a text such as `2027-01`."""
    allowed = 'a month in quotes such as "2027-01"'
    if isinstance(value, date):
        raise field_error(f'a day, not a month; write "{value:%Y-%m}"')
    if not isinstance(value, str):
        raise field_error("not a month", allowed=allowed)
    try:
        day = last_day(month_at(number_of(value)))
    except ValueError:
        raise field_error("not a month", allowed=allowed) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise field_error("out of range", allowed=f"{FIRST_DAY:%Y-%m} to {LAST_DAY:%Y-%m}")
    return value


Authority = Annotated[str, Named("authority"), _name("authority")]
Place = Annotated[str, Named("place"), _name("place")]
LegId = Annotated[str, Named("leg"), _name("leg")]
Border = Annotated[str, Named("border"), _name("border")]
Origin = Annotated[str, Named("origin"), _name("origin")]
Route = Annotated[str, Named("route"), _name("route")]
Level = Annotated[
    str | float,
    Named("level"),
    BeforeValidator(_level),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(LEVEL_WORDS)},
                {"type": "number", "minimum": 0, "maximum": 1},
            ]
        }
    ),
]
Share = Annotated[float, Field(ge=0, le=1)]
Effect = Annotated[float, Field(ge=0, le=1)]
#: a change of more than half of the baseline matters to everybody
MarginShare = Annotated[float, Field(ge=0, le=0.5)]
NotNegative = Annotated[float, Field(ge=0, le=1e12)]
#: of what enters; more would not fit into the memory of an ordinary machine
Inflow = Annotated[float, Field(ge=0, le=20)]
Units = Annotated[float, Field(ge=-1e5, le=1e5)]
Text = Annotated[str, AfterValidator(_printable)]
Title = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(_printable), AfterValidator(_one_line)
]
RunDay = Annotated[date, AfterValidator(_day_of_a_run)]
Month = Annotated[
    str, BeforeValidator(_month), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d$"})
]
Positive = Annotated[float, Field(gt=0, le=1000)]
Days = Annotated[int, Field(ge=0, le=3650)]
DaysOfMonth = Annotated[int, Field(ge=0, le=31)]
Persons = Annotated[int, Field(gt=0, le=100_000)]
LeverName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]


ParameterValue = Annotated[
    float | bool,
    PlainValidator(_override, json_schema_input_type=float | bool),
]
#: a list of names, of which each is there once
_LIST = (Field(min_length=1, strict=False), AfterValidator(_distinct))
Places = Annotated[tuple[Place, ...], *_LIST]
Stages = Annotated[tuple[Stage, ...], *_LIST]
Borders = Annotated[tuple[Border, ...], *_LIST]
LegIds = Annotated[tuple[LegId, ...], *_LIST]
Origins = Annotated[tuple[Origin, ...], *_LIST]
#: one route may be written without brackets
Routes = Annotated[
    tuple[Route, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    *_LIST,
]
#: factor on a flow; more people would not fit into the memory of an ordinary machine
ShockSize = Annotated[float, Field(ge=0, le=20)]
HalfLife = Annotated[float, Field(gt=0, le=36_500)]
