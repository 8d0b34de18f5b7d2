"""Base classes of levers: fields, days, descriptions and checks that every lever has.

A lever is a class in a module of this folder, named as its section, which `registry` finds. The
schema of a scenario, the template, `scenario show`, the app's forms, the tables of the pages and
`--vary` are made from it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from simulation.corridor import load_origins
from simulation.outcomes import listing, long_date
from simulation.scenario.field_types import Days, LeverName
from simulation.scenario.levers.declaration import (
    Form,
    LeverGroup,
    PolicyPart,
    SweepTarget,
)
from simulation.scenario.timeline import Span
from simulation.scenario.validation_errors import field_error

if TYPE_CHECKING:
    from simulation.corridor import Corridor
    from simulation.scenario.names import Names
    from simulation.scenario.scenario import Scenario


def check_order(first: date | None, last: date | None, key: str) -> None:
    """Refuse a last date before the first."""
    if first and last and last < first:
        raise field_error("ends before it starts", key, allowed=f"{first} or later")


def percent(share: float) -> str:
    """A share as a percentage: `35%`, `0.4%`."""
    return f"{100 * share:.4g}%"


def amount(value: float) -> str:
    """A number of 0 or more with thousands separators: `75,000,000`, `0.4`."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.4g}"


def days_in_words(first: date | None, last: date | None = None, ramp_days: int = 0) -> str:
    """Days in words, to follow a sentence.

    Args:
        first: The first of them, if there is one.
        last: The last of them, if there is one.
        ramp_days: Days of growth.
    """
    text = f" from {long_date(first)}" if first else ""
    text += f" to {long_date(last)}" if last else ""
    return text + (f", over {ramp_days} days" if ramp_days else "")


def origin_words(groups: Sequence[str]) -> str:
    """Where the people of some groups come from, in words: `Syria and Iraq`."""
    return listing(load_origins().in_sentence(groups))


def optional(title: str, description: str) -> Any:
    """A field of a lever that may be left out.

    Args:
        title: Label of the field.
        description: What the field is.
    """
    return Field(default=None, title=title, description=description)


def by_record(record: str, title: str, description: str) -> Any:
    """A field of a lever whose default is the value of a parameter record.

    Args:
        record: Name of the record.
        title: Label of the field.
        description: What the field is.
    """
    return optional(title, f"{description} Default: the parameter {record}.")


class Strict(BaseModel):
    """The rules every part of a scenario keeps: frozen, nothing unknown, no silent conversion."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        serialize_by_alias=True,
    )


class Lever(Strict, ABC):
    """What every lever has: a name to drop it by, and the days on which it is in force.

    A lever's class declares what follows. The app shows its docstring: first what it is, then what
    the model does with it.

    Attributes:
        section: Its key in a scenario file: the name of its class with _ between small words.
        group: With which levers it stands in the template and in the app.
        template: Its lines in the template that `scenario new` writes.
        form: Its form in the app.
        assumes: Records on which its effect rests beside those of every run, and groups of such.
        parts: The parts of the policy of a day that its module works out.
        vary: From what stands after the section in `--vary` (`UK-RS` of `sharing.UK-RS`) to what is
            set; it raises an `InputError` for other names. None if it cannot be swept.
    """

    section: ClassVar[str] = ""
    group: ClassVar[LeverGroup]
    assumes: ClassVar[tuple[str, ...]] = ()
    template: ClassVar[str]
    form: ClassVar[Form]
    parts: ClassVar[tuple[PolicyPart[Any], ...]] = ()
    vary: ClassVar[Callable[[str, Names, Scenario], SweepTarget] | None] = None

    name: LeverName | None = optional(
        "Name", "A name by which another scenario can drop it: small letters, digits, hyphens."
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if not cls.__abstractmethods__:
            cls.section = re.sub(r"\B(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def example(cls) -> str:
        """Its lines in the template as TOML, with every key in use and without remarks."""
        lines = (line.removeprefix("# ").partition("  # ")[0] for line in cls.template.split("\n"))
        return "\n".join(line.rstrip() for line in lines).strip()

    @property
    @abstractmethod
    def span(self) -> Span:
        """The days on which it is in force."""

    # -- words --

    @abstractmethod
    def sentence(self) -> str:
        """Describe what it does, without its days and without a full stop."""

    @abstractmethod
    def when(self) -> str:
        """Its days in words, to follow the sentence."""

    def in_words(self) -> str:
        """The whole sentence."""
        return f"{self.sentence()}{self.when()}."

    def phrases(self, **texts: str) -> list[str]:
        """Phrases on the fields that are given.

        Args:
            **texts: A phrase for each field, with `{value}`, or `{percent}` of a share.
        """
        return [
            text.format(value=value, percent=percent(value))
            for name, text in texts.items()
            if (value := getattr(self, name)) is not None
        ]

    def against(self, before: Sequence[Self], scenario: Scenario, corridor: Corridor) -> str:
        """The sentence that says what it changes.

        Args:
            before: Levers of this kind that it is added to.
            scenario: The scenario that has it.
            corridor: Tells which authorities a group has.
        """
        return self.in_words()

    # -- checks --

    @model_validator(mode="after")
    def _checked(self, info: ValidationInfo) -> Self:
        self.check_days()
        self.check()
        if info.context is not None:
            self.check_names(info.context)
        return self

    def check_days(self) -> None:
        """Refuse days that contradict each other, by a `field_error`."""

    def check(self) -> None:
        """Refuse keys that do not go together, by a `field_error`."""

    def check_names(self, names: Names) -> None:
        """Refuse what no authority of a corridor can do, by a `field_error`.

        Args:
            names: What the corridor knows.
        """

    @classmethod
    def check_all(cls, scenario: Scenario, names: Names) -> None:
        """Refuse levers that are impossible beside the other levers of a scenario.

        Args:
            scenario: Resolved.
            names: What the corridor knows.

        Raises:
            InputError: For the first such lever, in the file in which it is written.
        """


class OneDay(Lever):
    """A lever that acts on one day."""

    on: date = Field(title="On", description="The day.")

    @property
    def span(self) -> Span:
        """The one day."""
        return Span.of(self.on, self.on, 0)

    def when(self) -> str:
        """The day in words."""
        return f" on {long_date(self.on)}"


class Dated(Lever):
    """A lever of a policy that may have been announced and signed before it works.

    These two dates are information: they are shown, and nothing is worked out from them.
    """

    announced: date | None = optional(
        "Announced on", "Day on which it was announced; shown, and without effect."
    )
    signed: date | None = optional(
        "Signed on", "Day on which it was signed; shown, and without effect."
    )

    def dates_in_order(self, starts: date | None) -> None:
        """Refuse days that are not in the order announced, signed, in force.

        Args:
            starts: First day in force.
        """
        days = [("announced", self.announced), ("signed", self.signed), ("from", starts)]
        dated = [(key, day) for key, day in days if day is not None]
        for (key, day), (later_key, later) in pairwise(dated):
            if day > later:
                raise field_error(f"is after {later_key}", key, allowed=f"{later} or earlier")

    def _steps(self) -> str:
        """The days before it works, in words."""
        days = (("announced", self.announced), ("signed", self.signed))
        steps = [f"{word} on {long_date(day)}" for word, day in days if day is not None]
        return f" ({', '.join(steps)})" if steps else ""


class Timed(Dated):
    """A lever that is in force for a time.

    One without `from` has always been in force, one without `to` stays. Both days are included.
    With `ramp_days` it grows linearly from nothing on its first day to all of it.
    """

    from_: date | None = Field(
        default=None, alias="from", title="From",
        description="First day in force; without it, it always was.",
    )  # fmt: skip
    to: date | None = optional("To", "Last day in force; without it, it stays.")
    ramp_days: Days = Field(
        default=0, title="Grows over days",
        description="Days from no effect to full effect.",
    )  # fmt: skip
    replaces: LeverName | None = optional(
        "Replaces", "Name of an earlier lever of this kind that ends the day before this begins."
    )

    @property
    def first_day(self) -> date | None:
        """First day in force; None if it always was."""
        return self.from_

    @property
    def last_day(self) -> date | None:
        """Last day in force; None if it stays."""
        return self.to

    def check_days(self) -> None:
        check_order(self.from_, self.to, "to")
        self.dates_in_order(self.first_day)
        if self.ramp_days and not self.first_day:
            raise field_error('a ramp needs the date it starts ("from")', "ramp_days")
        if self.replaces and not self.first_day:
            raise field_error("needs the day of the change", "from", allowed="a date")
        if self.replaces and self.ramp_days:
            raise field_error(
                "what it replaces would end at once and this grow from nothing",
                "ramp_days",
                allowed="0; or the increase alone, as a lever without replaces",
            )

    @property
    def span(self) -> Span:
        """The days on which it is in force, with its ramp."""
        return Span.of(self.first_day, self.last_day, self.ramp_days)

    def in_force(self, day: date) -> bool:
        """Whether a day is one of its days."""
        return self.span.covers(day.toordinal())

    def when(self) -> str:
        """Its days in words."""
        return days_in_words(self.first_day, self.last_day, self.ramp_days) + self._steps()


class PhasedIn(Dated):
    """What was smaller before a day and has grown, over `ramp_days`, to what it is today.

    It has no last day: what it says holds *before* `from`, and after the ramp it says nothing more.
    """

    from_: date = Field(
        alias="from", title="From",
        description="First day of the growth to what is today; required.",
    )  # fmt: skip
    ramp_days: Days = Field(
        default=0, title="Grows over days",
        description="Days from what was before to what is today; none unless said otherwise.",
    )  # fmt: skip

    def check_days(self) -> None:
        self.dates_in_order(self.from_)

    @property
    def span(self) -> Span:
        """The days from the first of its growth, for ever."""
        return Span.of(self.from_, None, self.ramp_days)

    def when(self) -> str:
        """Its days in words."""
        return days_in_words(self.from_, ramp_days=self.ramp_days) + self._steps()


def no_boats_leave(names: Names, key: str) -> PydanticCustomError:
    """The error for an authority from whose ground no boats leave."""
    leaving = sorted(names.launching)
    return field_error("no boats to the UK leave from there", key, allowed=leaving)


def no_boats_supplied(names: Names, key: str) -> PydanticCustomError:
    """The error for an authority over whose ground no boats are brought."""
    supplied = sorted(names.supply)
    return field_error("no boats are supplied through this authority", key, allowed=supplied)


def on_ground(
    key: Literal["places", "legs"], named: Sequence[str] | None, authority: str, names: Names
) -> None:
    """Refuse places or legs that are not on the ground of an authority, or of a group's members."""
    members = names.members(authority)
    for index, name in enumerate(named or ()):
        owners = names.legs[name] if key == "legs" else (names.places[name],)
        if not set(owners) & set(members):
            allowed = f"authority {' or '.join(dict.fromkeys(owners))} there"
            raise field_error(f"not on the ground of {authority}", key, index, allowed=allowed)


def only_of(able: Sequence[str], key: str, named: Sequence[str] | None, wrong: str) -> None:
    """Refuse names that are none of those that have a meaning.

    Args:
        able: Those that have one.
        key: The key.
        named: The names that it lists, if it is given.
        wrong: What is wrong with any other, in words.
    """
    for index, name in enumerate(named or ()):
        if name not in able:
            raise field_error(wrong, key, index, allowed=able)
