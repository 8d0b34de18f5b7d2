"""A what-if while it is being made: where it starts from, and what is changed in it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import tomli_w

from simulation.errors import InputError
from simulation.scenario import Scenario, load_scenario, parse_scenario
from simulation.scenario.shipped import base_covering, base_under, base_with_dates

BASELINE = "baseline"
#: what messages call a what-if that has no file yet
SHOWN = "the what-if"
_UNTITLED = "What if"
#: a lever as a scenario file says it
Entry = Mapping[str, Any]
_HEAD = ("title", "description", "extends", "clear", "drop", "run")


@dataclass(frozen=True)
class Draft:
    """A what-if as a scenario file would say it.

    Attributes:
        start: Name of the shipped scenario it extends; empty if it stands alone.
        data: What it says itself, as a scenario file does, without `extends`: `title`, lists of
            levers by section such as `sharing`, tables such as `adaptation`. Never changed in
            place.
        shown: What messages call it.
    """

    start: str = BASELINE
    data: Mapping[str, Any] = field(default_factory=dict)
    shown: str = SHOWN

    @property
    def changed(self) -> bool:
        """Whether it says anything but its title."""
        return any(key not in ("title", "description") for key in self.data)

    @property
    def title(self) -> str:
        """Its title, or that of the scenario it starts from as long as nothing is changed."""
        if "title" in self.data:
            return str(self.data["title"])
        return _UNTITLED if self.changed or not self.start else shipped(self.start).title

    def entries(self, section: str) -> list[Entry]:
        """The levers of a section that it sets itself."""
        levers = self.data.get(section, [])
        return list(levers) if isinstance(levers, (list, tuple)) else []

    def with_(self, **keys: Any) -> Draft:
        """The same with some keys set; a key set to None or to nothing at all is taken out."""
        data = {**self.data, **keys}
        return replace(self, data={key: v for key, v in data.items() if v not in (None, {}, [])})

    def text(self) -> str:
        """The TOML file that reproduces it."""
        data = {"title": self.title, **({"extends": self.start} if self.start else {}), **self.data}
        ordered = {key: data[key] for key in _HEAD if key in data}
        return tomli_w.dumps({**ordered, **data}, multiline_strings=True)

    def scenario(self) -> Scenario:
        """The what-if, checked and resolved.

        Raises:
            InputError: Something in it cannot be used.
        """
        if not self.data and self.start:
            return shipped(self.start)
        return parse_scenario(self.text(), self.shown, has_lines=False)

    @classmethod
    def of_file(cls, content: bytes, shown: str) -> Draft:
        """The what-if that a scenario file gives.

        Args:
            content: The file.
            shown: Its name in messages.

        Raises:
            InputError: It is no scenario, or extends what is not shipped.
        """
        from simulation.scenario.files import toml_of

        scenario = parse_scenario(content, shown)
        data = toml_of(content, shown)
        start = data.pop("extends", "")
        title = data.pop("title", scenario.title)
        draft = cls(start, data)
        # a title that it has anyway is none that somebody chose
        return draft if draft.title == title else draft.with_(title=title)

    @classmethod
    def of_file_or_scenario(cls, scenario: Scenario) -> Draft:
        """The what-if that a scenario gives; it keeps its start where that is a shipped one."""
        if scenario.file is not None:
            with suppress(InputError):  # one that extends a file beside it is read below
                draft = cls.of_file(scenario.file.read_bytes(), scenario.slug)
                if draft.scenario().hash() == scenario.hash():
                    return draft
        return cls("", {**scenario.as_toml_data()}, scenario.slug)


@cache
def shipped(name: str) -> Scenario:
    """A scenario of the package, read once."""
    return load_scenario(name)


def baseline_beside(scenario: Scenario) -> Scenario:
    """The baseline of a what-if: the shipped scenario it stands on, over its days.

    For one that extends the outlook this is the outlook, whatever days it runs. One that extends
    nothing is compared with the shipped scenario of its days.
    """
    days = scenario.run.start, scenario.run.end
    name = base_under(scenario) or base_with_dates(*days) or base_covering(*days) or BASELINE
    baseline = shipped(name)
    if scenario.run == baseline.run:
        return baseline
    run = scenario.run.model_dump()
    text = tomli_w.dumps({"title": baseline.title, "extends": name, "run": run})
    return parse_scenario(text, name)


@dataclass
class AppOptions:
    """The options of the server, equal for all visitors and never changed by one.

    Attributes:
        draft: The what-if that a page shows first.
        results: The folder whose results can be read, and into which estimates are written.
    """

    draft: Draft = field(default_factory=Draft)
    results: Path = Path("results")


#: set by the server before it serves
OPTIONS = AppOptions()
