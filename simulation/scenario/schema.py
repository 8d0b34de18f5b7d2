"""What a scenario may say: a model of a file as written and one of what it comes to.

`ScenarioFile` is a file as written, in which almost everything may be left to the parent;
`Scenario` is what remains after a file has been laid over its parents. With a `Names` as
validation context, every name is checked against the corridor.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self

import tomli_w
from pydantic import (
    Field,
    PrivateAttr,
    ValidationInfo,
    create_model,
    model_validator,
)

from simulation.scenario.field_types import (
    Days,
    Inflow,
    Level,
    ParameterValue,
    Route,
    RunDay,
    Text,
    Title,
)
from simulation.scenario.levers.base import Lever, Strict, check_order
from simulation.scenario.levers.registry import LEVERS, SECTIONS
from simulation.scenario.names import Names

#: letters of the name of a folder, to which others are added
_MOST_SLUG = 120


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


class FullRun(Strict):
    """The days to simulate, with nothing left open."""

    start: date
    end: date
    warm_up_days: Days = 180

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        check_order(self.start, self.end, "end")
        return self

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
        description="A smuggler who hears through a leak of being known lies low.",
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


TABLES = ("sharing_default", "adaptation", "future", "entries", "parameters")
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


class _Common(_WithLevers):
    sharing_default: SharingDefault = SharingDefault()
    adaptation: Adaptation = Adaptation()
    future: Future = Future()
    entries: dict[Route, Inflow] = Field(
        default_factory=dict, description="Multipliers of what enters, by route."
    )
    parameters: dict[str, ParameterValue] = Field(
        default_factory=dict, description='Overrides of assumptions: "group.name" = value.'
    )

    def of[L: Lever](self, kind: type[L]) -> tuple[L, ...]:
        """The levers of a kind, in the order in which they apply."""
        found: tuple[L, ...] = getattr(self, kind.section)
        return found

    @model_validator(mode="after")
    def _known_parameters(self, info: ValidationInfo) -> Self:
        names: Names | None = info.context
        if names is not None:
            for name, value in self.parameters.items():
                names.parameters.record(name).accept(value)
        return self


class ScenarioFile(_Common):
    """A scenario as written in a file: levers, and the scenario they are laid over."""

    extends: str | None = Field(default=None, description="The scenario this one is laid over.")
    clear: Annotated[tuple[Clearable, ...], Field(strict=False)] = Field(
        default=(), description="Sections of the parent to forget."
    )
    drop: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description="Names of the parent's levers to forget."
    )
    run: Run = Run()


class LeftOut(NamedTuple):
    """An inherited lever that is not in a scenario, for none of its days is simulated.

    Attributes:
        lever: The lever.
        file: The file in which it is written.
        place: Its place in that file's section.
        position: Its place among all levers of its section, before any was left out.
    """

    lever: Lever
    file: str
    place: int
    position: int


class Scenario(_Common):
    """A scenario after everything it extends has been laid under it; cannot be changed.

    Get one with `load`, `from_toml` or `with_`.
    """

    run: FullRun

    _file: Path | None = PrivateAttr(default=None)
    _parent: Scenario | None = PrivateAttr(default=None)
    _parent_on_its_days: Scenario | None = PrivateAttr(default=None)
    _origins: dict[str, list[tuple[str, int]]] = PrivateAttr(default_factory=dict)
    _left_out: list[LeftOut] = PrivateAttr(default_factory=list)
    _packaged: frozenset[str] = PrivateAttr(default_factory=frozenset)

    @classmethod
    def load(cls, path_or_name: str | Path) -> Scenario:
        """Read a scenario file, or a scenario that comes with the package.

        Args:
            path_or_name: A file, or the name of a shipped scenario such as `baseline`.

        Raises:
            InputError: There is none, or something in it cannot be used.
        """
        from simulation.scenario.load import load_scenario

        return load_scenario(path_or_name)

    @classmethod
    def from_toml(cls, text: str) -> Scenario:
        """Read the text of a scenario file that lies in no file.

        Args:
            text: TOML. It may extend a shipped scenario, and nothing else.

        Raises:
            InputError: Something in it cannot be used.
        """
        from simulation.scenario.load import parse_scenario

        return parse_scenario(text, "the scenario")

    def with_(self, title: str = "What if", **keys: Any) -> Scenario:
        """A what-if over this scenario, as a file that extends it would say it.

        Levers are added to those there are, unless `clear` or `drop` takes some away first; tables
        such as `adaptation` or `parameters` are laid over those there are key by key.

        Args:
            title: What tables and pages call it, one line.
            **keys: Any key of a scenario file but `extends`. A section such as `sharing` is a list
                of levers, each a dict with the keys of the file; days are `datetime.date`.

        Returns:
            The what-if, checked; this scenario is its parent and stays as it is.

        Raises:
            InputError: Something in it cannot be used.
        """
        from simulation.scenario.load import lay_over

        return lay_over(self, {"title": title, **keys})

    @property
    def file(self) -> Path | None:
        """The file it was read from."""
        return self._file

    @property
    def slug(self) -> str:
        """A short name for folders: the stem of the file, or of the title without a file.

        It is one part of a path, whatever the file is called: "...toml" has the stem "..".
        """
        if self._file is not None:
            shown = "".join(c if c.isprintable() else "-" for c in self._file.stem)
            return shown.lstrip(".-")[:_MOST_SLUG] or "scenario"
        kept = "".join(c if c.isalnum() and c.isascii() else " " for c in self.title.lower())
        return "-".join(kept.split()) or "scenario"

    @property
    def parent(self) -> Scenario | None:
        """The scenario it extends, resolved, or None."""
        return self._parent

    @property
    def parent_on_its_days(self) -> Scenario | None:
        """The scenario it extends over the days of this one, to be compared with it, or None."""
        return self._parent_on_its_days

    def source_of(self, section: str, index: int) -> tuple[str, int]:
        """The file in which a lever is written, and its place in that file's section."""
        return self._origins[section][index]

    def is_packaged(self, file: str) -> bool:
        """Whether a file in which some lever is written is a shipped scenario."""
        return file in self._packaged

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Inherited levers that were left out, for none of their days is simulated."""
        return tuple(self._left_out)

    def as_toml_data(self) -> dict[str, Any]:
        """The scenario as plain values, without what is left at its default."""
        data = self.model_dump(exclude_none=True, exclude_defaults=True)
        data["run"] = self.run.model_dump()
        return {key: data[key] for key in sorted(data, key=_written_order)}

    def resolved_toml(self) -> str:
        """A file that gives this scenario again, extending nothing."""
        return tomli_w.dumps(toml_ready(self.as_toml_data()), multiline_strings=True)

    def hash(self) -> str:
        """A fingerprint of everything but title and description (hexadecimal, 64 characters)."""
        data = self.as_toml_data()
        data.pop("title")
        data.pop("description", None)
        text = json.dumps(data, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def _written_order(key: str) -> int:
    order = ("title", "description", "run", "sharing_default", *SECTIONS, *TABLES[1:])
    return order.index(key)


def toml_ready(value: Any) -> Any:
    """Tuples as lists, as TOML knows them."""
    if isinstance(value, dict):
        return {key: toml_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [toml_ready(item) for item in value]
    return value
