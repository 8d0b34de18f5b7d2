"""Libraries: policies on a scenario that are run, and those between two of their strengths.

A file of `libraries/` lists them, and has the name of the scenario. Another is answered from its
library if it is one of them, or if it has a single lever of the library whose strength lies between
two that are run.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import tomllib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from simulation.errors import InputError
from simulation.scenario import Scenario, load_scenario
from simulation.scenario.levels import LEVEL_WORDS, STEP, level_number
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.registry import SECTIONS
from simulation.scenario.scenario import asks_the_same, not_in
from simulation.scenario.shipped import is_shipped

_FOLDER = Path(__file__).with_name("libraries")
#: the scenarios that policies are laid over, no two of them of the same days
BASES = tuple(sorted(file.stem for file in _FOLDER.glob("*.toml")))
#: that of choices, goals and budgets
OUTLOOK = "outlook"
_MILLION = 1e6
#: keys of a lever that a run does not depend on
_WORDS = ("name", "announced", "signed")


@dataclass(frozen=True)
class LibraryLever:
    """A lever at several strengths.

    Attributes:
        name: What it is called.
        section: Its section of a scenario.
        keys: Its keys that do not differ.
        varies: The key that its strength is written to; money is in million GBP.
        strengths: Those that are run, in rising order.
        usual: Its strength in the base; None where that is no single number.
        step: What a strength that is proposed is a multiple of; None where no authority chooses it.
        start: First day in force.
    """

    name: str
    section: str
    keys: Mapping[str, Any]
    varies: str
    strengths: Sequence[float]
    usual: float | None
    step: float | None
    start: date

    def as_keys(self, strength: float) -> dict[str, object]:
        """The keys of the lever in a scenario."""
        begins = "on" if self.section == "shock" else "from"
        return {**self.keys, begins: self.start, self.varies: self._written(strength)}

    def _written(self, strength: float) -> dict[str, float] | str | float:
        if self.varies == "amount":
            return {"GBP": strength * _MILLION}
        if self.varies == "level":
            place = strength / STEP
            return LEVEL_WORDS[int(place)] if place.is_integer() else strength
        return int(strength) if float(strength).is_integer() else strength

    def strength_of(self, lever: Lever) -> float | None:
        """The strength of a lever of a scenario; None where it is another one, or of other days."""
        if lever.section != self.section:
            return None
        keys = _keys_of(lever)
        value = keys.pop(self.varies, None)
        expected = {key: one for key, one in self.as_keys(1.0).items() if key != self.varies}
        if value is None or keys != expected:
            return None
        if self.varies == "amount":
            return float(value["GBP"]) / _MILLION if set(value) == {"GBP"} else None
        return level_number(value) if self.varies == "level" else float(value)


def _keys_of(lever: Lever) -> dict[str, Any]:
    """The keys of a lever that a run depends on, with pairs in the order of the library."""
    data = lever.model_dump(mode="python", exclude_none=True, exclude_defaults=True)
    keys = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in data.items()
        if key not in _WORDS
    }
    if "between" in keys:
        keys["between"] = sorted(keys["between"], key=lambda code: (code != "UK", code))
    return keys


class Mix(NamedTuple):
    """Policies between which a scenario lies.

    Attributes:
        weights: By number of the policy, 0 for the base itself; they add up to 1.
        lever: The lever that is interpolated; empty where the policy is one that is run.
        between: The strengths that it lies between.
    """

    weights: Mapping[int, float]
    lever: str = ""
    between: tuple[float, ...] = ()


@dataclass(frozen=True)
class Library:
    """The policies that are run, numbered from 1; 0 is the base itself.

    Attributes:
        base: The scenario that they are laid over.
        shipped: Names of shipped scenarios, the first policies.
        start: First day of the levers.
        levers: The levers by name.
        strengths: Strengths by name of lever, of the policies after those.
    """

    base: Scenario
    shipped: Sequence[str]
    start: date
    levers: Mapping[str, LibraryLever]
    strengths: Sequence[Mapping[str, float]]

    @property
    def file(self) -> Path:
        """Where the package has their runs."""
        return _FOLDER / f"{self.base.slug}.npz"

    @cached_property
    def _shipped(self) -> list[Scenario]:
        return [load_scenario(name) for name in self.shipped]

    @cached_property
    def hash(self) -> str:
        """What identifies its policies, however they are written or proposed."""
        levers = [{**vars(lever), "step": None} for lever in self.levers.values()]
        shipped = [one.hash() for one in self._shipped]
        content = [self.base.hash(), shipped, levers, self.strengths]
        return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()[:16]

    def scenarios(self) -> list[Scenario]:
        """The what-if of every policy."""
        return [*self._shipped, *(self.with_levers(strengths) for strengths in self.strengths)]

    def with_levers(
        self, strengths: Mapping[str, float], title: str = "", over: Scenario | None = None
    ) -> Scenario:
        """The what-if with some levers, by name.

        Args:
            strengths: Of the levers.
            title: What it is called; its levers and their strengths when empty.
            over: What they are laid over; the base when None.
        """
        keys: dict[str, list[dict[str, object]]] = {}
        for name, strength in strengths.items():
            lever = self.levers[name]
            keys.setdefault(lever.section, []).append(lever.as_keys(strength))
        words = "; ".join(f"{name}: {strength:g}" for name, strength in strengths.items())
        return (over or self.base).with_(title or words, **keys)

    def place(self, scenario: Scenario) -> Mix:
        """The policies of the library between which a scenario lies.

        Raises:
            InputError: It lies between none; it names the command that runs the scenario.
        """
        if scenario.run != self.base.run:
            days = f"{scenario.run.start} to {scenario.run.end}"
            raise refusal(scenario, f"not the days of {' or '.join(BASES)}", key="run", value=days)
        strengths = self._strengths_of(scenario)
        if strengths:
            if strengths in self.strengths:
                return Mix({self._number(strengths): 1.0})
            if len(strengths) == 1:
                return self._between(scenario, *strengths.popitem())
        for number, shipped in enumerate(self._shipped, start=1):
            if asks_the_same(shipped, scenario):
                return Mix({number: 1.0})
        raise refusal(scenario, "none of the policies of the library")

    def _number(self, strengths: Mapping[str, float]) -> int:
        return 1 + len(self.shipped) + self.strengths.index(strengths)

    def _strengths_of(self, scenario: Scenario) -> dict[str, float]:
        """The levers that a scenario adds to the base; empty if it differs in anything else."""
        strengths: dict[str, float] = {}
        inherited = {section: getattr(self.base, section) for section in SECTIONS}
        if not asks_the_same(scenario.model_copy(update=inherited), self.base):
            return {}
        for section, usual in inherited.items():
            own = getattr(scenario, section)
            if not_in(usual, own):
                return {}
            for _, lever in not_in(own, usual):
                of = {name: one.strength_of(lever) for name, one in self.levers.items()}
                same = {name: strength for name, strength in of.items() if strength is not None}
                if not same:
                    return {}
                strengths |= same
        return strengths

    def nodes(self, name: str) -> dict[float, int]:
        """The strengths of a lever, and the number of the policy of each; 0 for the usual one."""
        lever = self.levers[name]
        nodes = {one: self._number({name: one}) for one in lever.strengths}
        return nodes if lever.usual is None else {**nodes, lever.usual: 0}

    def _between(self, scenario: Scenario, name: str, strength: float) -> Mix:
        lever, nodes = self.levers[name], self.nodes(name)
        order = sorted(nodes)
        if not order[0] <= strength <= order[-1]:
            why = f"the library has {order[0]:g} to {order[-1]:g}"
            raise refusal(scenario, why, key=lever.varies, value=strength)
        above = order[bisect_left(order, strength)]
        if above == strength:
            return Mix({nodes[above]: 1.0})
        below = order[order.index(above) - 1]
        share = (strength - below) / (above - below)
        return Mix({nodes[below]: 1.0 - share, nodes[above]: share}, name, (below, above))


@cache
def load_library(base: str) -> Library:
    """A library of the package.

    Args:
        base: One of `BASES`.
    """
    data = tomllib.loads((_FOLDER / f"{base}.toml").read_text(encoding="utf-8"))
    levers = {
        one["name"]: LibraryLever(**{"usual": None, "step": None, **one}, start=data["from"])
        for one in data["lever"]
    }
    single = [{lever.name: one} for lever in levers.values() for one in lever.strengths]
    strengths = [*single, *data["combination"]]
    return Library(load_scenario(base), data["shipped"], data["from"], levers, strengths)


def library_for(scenario: Scenario) -> Library:
    """The library whose days a scenario has; that on the outlook where none has."""
    every = map(load_library, BASES)
    return next((one for one in every if one.base.run == scenario.run), load_library(OUTLOOK))


def refusal(
    scenario: Scenario, why: str, *, key: str | None = None, value: object = None
) -> InputError:
    """The error for a scenario that cannot be estimated, with the command that runs it."""
    return InputError(
        f"cannot be estimated: {why}",
        file=scenario.file or scenario.title,
        key=key,
        value=value,
        allowed=f"{command(scenario)}, which runs it",
    )


def command(scenario: Scenario) -> str:
    """The command that runs a scenario."""
    file = scenario.file
    if file is None:
        return "crossings compare FILE"
    return f"crossings compare {scenario.slug if is_shipped(file) else shlex.quote(str(file))}"
