"""Policies that add levers of the library to a scenario, and a search for the best of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.corridor import load_corridor
from simulation.engine.findings import Effect
from simulation.engine.world_design import Worlds
from simulation.errors import InputError
from simulation.estimates.estimate import stored_runs_for
from simulation.estimates.library import OUTLOOK, Library, LibraryLever, load_library
from simulation.estimates.stored_runs import StoredRuns
from simulation.scenario import Scenario
from simulation.scenario.levers.sharing import Sharing, lever_pairs
from simulation.serialization import json_number
from simulation.statistics.plausible_range import plausible_effects
from simulation.studies.effect_chain import spec_of
from simulation.studies.options import UK_TOTAL
from simulation.studies.paired_effects import effect, measure, outcome_sum

#: outcomes that a goal may be of, and what they are called
ESTIMATED = {
    name: spec_of(name).label
    for name in ("channel_arrivals", UK_TOTAL, "lorry_arrivals", "channel_boats",
                 "channel_attempts", "seat_price_eur", "in_transit")
}  # fmt: skip
#: size below which a lever is left out
_LEAST = 0.01
#: added to both sides of a ratio, so that nothing is divided by zero
_SMALL = 1e-9
_THOUSAND = 1000.0
Array = npt.NDArray[np.float64]
Policy = Mapping[str, float]


def chosen_levers(library: Library) -> list[LibraryLever]:
    """The levers of the library that authorities choose."""
    return [one for one in library.levers.values() if one.step is not None]


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        scenario: What levers are added to.
        stored: The runs that proposals are made from.
        library: Their policies.
        year: The year that is judged.
    """

    scenario: Scenario
    stored: StoredRuns
    library: Library
    year: int

    @classmethod
    def read(cls, scenario: Scenario, by: int | None, emulator: Path | None) -> Question:
        """The question from what was typed.

        Raises:
            InputError: There is no library, or the scenario or the year is of other days.
        """
        library = load_library(OUTLOOK)
        stored = stored_runs_for(
            library, emulator, "--emulator FILE, from crossings emulator build"
        )
        if scenario.run != library.base.run:
            days = f"{scenario.run.start} to {scenario.run.end}"
            raise InputError("levers are added to scenarios of other days",
                             file=scenario.file or scenario.title, key="run", value=days,
                             allowed=f"one that extends {OUTLOOK}, over its days")  # fmt: skip
        first = library.start.year
        years = sorted(int(one) for one in stored.periods if one.isdigit() and int(one) >= first)
        year = years[-1] if by is None and years else by
        if year not in years:
            allowed = ", ".join(map(str, years)) or "a year of the library"
            raise InputError("not a year of outlook from the first day of levers on", key="--by",
                             value=by, allowed=allowed)  # fmt: skip
        return cls(scenario, stored, library, year)

    def log_ratios(self, number: int, outcome: str) -> Array:
        """Effects of a policy of the library in the year, pair by pair, (pairs,)."""
        period = self.stored.periods.index(str(self.year))
        usual, changed = (
            outcome_sum(self.stored.totals[one][:, period], outcome) for one in (0, number)
        )
        ratios = np.log((changed + _SMALL) / (usual + _SMALL))
        return np.where(np.isfinite(ratios), ratios, 0.0)

    def estimate(self, outcome: str, values: Array) -> Effect:
        """An effect from its logarithms, (pairs,); chance removed as in a comparison."""
        # of a thousand each: a percentage needs no small counts
        base = np.full((len(values), 1), _THOUSAND)
        worlds = self.stored.worlds(np.arange(len(values)))
        return effect(
            measure(base, base * np.exp(values)[:, None], worlds, [outcome]), (0,), outcome
        )

    def share(self, beyond: Array, *, most: bool) -> float | None:
        """Share of worlds in which an effect is at most zero, or at least; None of too few sets.

        Args:
            beyond: What lies beyond what it may be, (pairs,).
            most: Whether it may be zero at most.
        """
        worlds = self.stored.worlds(np.arange(len(beyond)))
        return share_of_worlds(beyond - _SMALL if most else beyond + _SMALL, worlds, most=most)


def share_of_worlds(beyond: Array, worlds: Worlds, *, most: bool) -> float | None:
    """Share of worlds in which an effect is below zero, or above; None of too few sets.

    Args:
        beyond: What lies beyond what it may be, (pairs,).
        worlds: The world of each pair.
        most: Whether it may be zero at most.
    """
    over = plausible_effects(beyond, *worlds, resamples=0)
    return json_number(float(over.fall if most else over.rise))


class Lever(NamedTuple):
    """A lever that may be added.

    Attributes:
        of: The lever of the library.
        strengths: (nodes,) strengths that were run, from what stands now to the strongest.
        sizes: (nodes,) their sizes, from 0 to 1.
        numbers: (nodes,) their policies in the library; 0 for what stands now.
        whole: Whether only strengths that were run can be proposed.
    """

    of: LibraryLever
    strengths: Array
    sizes: Array
    numbers: list[int]
    whole: bool

    def strength(self, size: float) -> float:
        """The strength of a size, rounded up to what people would write."""
        if self.whole:
            return float(self.strengths[np.searchsorted(self.sizes, size - 1e-9)])
        assert self.of.step is not None, "no authority chooses it"
        step = self.of.step
        exact = float(np.interp(size, self.sizes, self.strengths))
        return min(round(math.ceil(exact / step - 1e-6) * step, 6), float(self.strengths[-1]))


class Space:
    """Policies that add levers to a scenario, by the size of each lever.

    A size is a share of the way from what stands now to the strongest that was run. Effects of
    several levers are taken to add up, as logarithms of ratios and world by world.

    Args:
        question: What levers are added to.
        levers: The levers.
    """

    def __init__(self, question: Question, levers: Sequence[LibraryLever]) -> None:
        self.question = question
        self.levers = [self._lever(one) for one in levers]
        self._tables: dict[str, list[Array]] = {}

    @cached_property
    def apart(self) -> list[tuple[int, int]]:
        """Levers of sharing between the same authorities, of which one only may be added."""
        corridor = load_corridor()
        pairs = {
            number: set(lever_pairs(Sharing.model_validate(
                {**lever.of.keys, "level": "full"}), corridor))
            for number, lever in enumerate(self.levers)
            if lever.of.section == "sharing"
        }  # fmt: skip
        return [(a, b) for a, b in combinations(pairs, 2) if pairs[a] & pairs[b]]

    def log_ratios(self, sizes: Array, outcomes: Sequence[str]) -> Array:
        """Effects of policies, (n, pairs, outcomes), from sizes (n, levers)."""
        return np.stack([self._of_outcome(sizes, one) for one in outcomes], axis=-1)

    def _of_outcome(self, sizes: Array, outcome: str) -> Array:
        if outcome not in self._tables:
            self._tables[outcome] = [
                np.array([self.question.log_ratios(number, outcome) for number in lever.numbers])
                for lever in self.levers
            ]
        total = np.zeros((len(sizes), self.question.stored.pairs))
        for column, (lever, table) in enumerate(
            zip(self.levers, self._tables[outcome], strict=True)
        ):
            place = np.interp(sizes[:, column], lever.sizes, np.arange(len(lever.sizes)))
            below = np.minimum(place.astype(int), len(lever.sizes) - 2)
            part = (place - below)[:, None]
            total += (1.0 - part) * table[below] + part * table[below + 1]
        return total

    def exact(self, policy: Policy, outcome: str) -> Array:
        """Effects of a policy with its rounded strengths, (pairs,)."""
        return np.asarray(self._of_outcome(self.sizes(policy)[None], outcome)[0])

    def policy(self, sizes: Array) -> dict[str, float]:
        """The levers of a policy with rounded strengths, by name."""
        return {
            lever.of.name: lever.strength(size)
            for lever, size in zip(self.levers, sizes, strict=True)
            if size >= _LEAST
        }

    def sizes(self, policy: Policy) -> Array:
        """The size of each lever in a policy, (levers,)."""
        return np.array([
            np.interp(policy[one.of.name], one.strengths, one.sizes)
            if one.of.name in policy else 0.0
            for one in self.levers
        ])  # fmt: skip

    def scenario(self, policy: Policy, title: str) -> Scenario:
        """The scenario with a policy laid over it."""
        return self.question.library.with_levers(policy, title, self.question.scenario)

    def _lever(self, of: LibraryLever) -> Lever:
        nodes = self.question.library.nodes(of.name)
        interpolated = of.name in self.question.stored.about["interpolated"]
        if of.usual is None:
            # what stands now is no single strength: the first that was run is half of the way
            strengths = np.array([2.0 * of.strengths[0] - of.strengths[-1], *of.strengths])
            numbers = [0, *(nodes[one] for one in of.strengths)]
        else:
            order = sorted(one for one in nodes if one >= of.usual)
            strengths, numbers = np.array(order), [nodes[one] for one in order]
        sizes = (strengths - strengths[0]) / (strengths[-1] - strengths[0])
        return Lever(of, strengths, sizes, numbers, of.usual is None or not interpolated)
