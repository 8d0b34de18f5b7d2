"""What an effect owes to the set of assumptions, to the future path, and to chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from simulation.engine.experiment import Experiment
from simulation.engine.findings import Effect, World
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.engine.trials import Case
from simulation.engine.world_design import PARTS, WorldDesign
from simulation.serialization import as_csv
from simulation.statistics.finding import Count, Finding
from simulation.statistics.paired import Differences, has_direction, own_percentages
from simulation.statistics.plausible_range import PlausibleEffects
from simulation.statistics.variance_components import variance_components
from simulation.studies.options import Sides
from simulation.studies.paired_effects import (
    Measured,
    difference_csv,
    difference_rows,
    effects_of_run,
    measure,
    quote_of,
)

#: what a row of a pair holds
_OF_A_PAIR = ("baseline", "scenario", "difference", "percent")
Values = npt.NDArray[np.float64]


class PathEffects(Finding):
    """The effects over the whole run in the pairs of one third of the paths.

    Attributes:
        part: Which third, as in `PARTS`.
        pairs: Its pairs.
        sets: Their sets of assumptions.
        paths: Their paths.
        outcomes: Effects by outcome. An interval counts each set once, as everywhere. Deaths have
            none that leaves out zero where those of all paths together have no direction.
    """

    part: str
    pairs: Count
    sets: Count
    paths: Count
    outcomes: dict[str, Effect]


class VarianceSplit(Finding):
    """Where the variance of an effect between pairs comes from.

    Attributes:
        sets: Share that lies between sets of assumptions; None where all pairs have one.
        paths: Share that lies between paths under one set; None where all pairs have one.
        chance: Share that lies between seeds of one set and path.
        sd: Standard deviation between pairs.
        sd_chance: That between seeds of one set and path.
        percent: Whether both are of the difference in percent; else in the unit of the outcome.
    """

    sets: float | None
    paths: float | None
    chance: float
    sd: float
    sd_chance: float
    percent: bool


@dataclass(frozen=True)
class WorldEffects:
    """The effects of one case against another, world by world.

    Attributes:
        name: What is compared.
        design: The sets and paths of the seeds.
        seeds: Seeds with which both sides finished.
        base: The whole run of what is compared with, (seeds, outcomes).
        other: The whole run of what is compared, (seeds, outcomes).
        comparisons: Intervals looked at together.
    """

    name: str
    design: WorldDesign
    seeds: Sequence[int]
    base: Values
    other: Values
    comparisons: int = 1

    @classmethod
    def of_cases(
        cls,
        experiment: Experiment,
        base: Case,
        other: Case,
        seeds: Sequence[int],
        comparisons: int = 1,
    ) -> Self:
        """The effects of a case of an experiment against another, with seeds both finished with."""
        one, two = (experiment.runs.values(case, seeds)[:, 0] for case in (base, other))
        return cls(other.name, design_of(experiment), seeds, one, two, comparisons)

    @property
    def sides(self) -> Sides:
        """Both sides, pair by pair."""
        return Sides(self.base, self.other, self.design.worlds(self.seeds))

    @property
    def by_path(self) -> list[PathEffects]:
        """The effects in each third of the paths; none where no path is drawn."""
        return [
            PathEffects(
                part=part,
                pairs=len(own),
                **dict(zip(("sets", "paths"), self.design.counts(own), strict=True)),
                outcomes=effects_of_run(measured),
            )
            for part, own, measured in self.by_part
        ]

    @property
    def variance(self) -> dict[str, VarianceSplit]:
        """The split of each outcome's variance over the whole run; none of too few pairs."""
        labels = self.design.worlds(self.seeds)
        splits = {}
        for column, name in enumerate(OUTCOME_NAMES):
            percent = quote_of(name) == "percent" and not np.isnan(self._whole.mean.percent[column])
            one, two = self.base[:, column], self.other[:, column]
            effects = own_percentages(one, two) if percent else two - one
            parts = variance_components(effects, *labels)
            if quote_of(name) == "range" or parts is None or not parts.total > 0.0:
                continue
            splits[name] = VarianceSplit(
                sets=None if parts.sets is None else parts.sets / parts.total,
                paths=None if parts.paths is None else parts.paths / parts.total,
                chance=parts.chance / parts.total,
                sd=math.sqrt(parts.total),
                sd_chance=math.sqrt(parts.chance),
                percent=percent,
            )
        return splits

    @cached_property
    def by_part(self) -> list[tuple[str, list[int], Measured]]:
        """For each third of the paths: its name, its seeds and its differences, (outcomes,)."""
        parts = []
        for part in PARTS:
            places = [n for n, seed in enumerate(self.seeds) if self.design.part(seed) == part]
            if places:
                own = [self.seeds[n] for n in places]
                parts.append((part, own, self._without_directions(self._compared(places))))
        return parts

    @cached_property
    def _whole(self) -> Measured:
        return self._compared(range(len(self.seeds)))

    def _compared(self, places: Sequence[int]) -> Measured:
        """The differences of some pairs, by their places."""
        worlds = self.design.worlds([self.seeds[n] for n in places])
        both = self.base[places], self.other[places]
        return measure(*both, worlds, OUTCOME_NAMES, comparisons=self.comparisons)

    def _without_directions(self, part: Measured) -> Measured:
        """A third without the ranges of deaths that would say more than all paths together."""
        whole, ranged = self._whole, np.array([quote_of(one) == "range" for one in OUTCOME_NAMES])

        def one_sided(ends: Differences | PlausibleEffects) -> npt.NDArray[np.bool]:
            return np.asarray((ends.low > 0.0) | (ends.high < 0.0))

        directions = np.array(
            [
                has_direction(*each)
                for each in zip(whole.mean.low, whole.mean.high, whole.mean.groups, strict=True)
            ]
        )
        silent = ranged & one_sided(part.mean) & ~directions
        over = silent | (ranged & one_sided(part.worlds) & ~one_sided(whole.worlds))
        return Measured(
            _blank(part.mean, silent, "low", "high", "sign_probability"),
            _blank(part.worlds, over, "low", "high", "low_error", "high_error", "fall", "rise"),
        )

    def pair_rows(self, worlds: Sequence[World]) -> list[list[object]]:
        """A row for each pair and outcome, of those that are not quoted as a range only."""
        rows: list[list[object]] = []
        for world, *both in zip(worlds, self.base, self.other, strict=True):
            labels = [getattr(world, name) for name in World.model_fields]
            for name, before, after in zip(OUTCOME_NAMES, *both, strict=True):
                quote = quote_of(name)
                percent = own_percentages(before, after) if quote == "percent" else math.nan
                numbers = [before, after, after - before, float(percent)]
                if quote != "range":
                    rows.append([self.name, *labels, name, quote, *numbers])
        return rows

    def part_rows(self) -> list[list[object]]:
        """A row for each third of the paths and outcome."""
        if not self.by_part:
            return []
        parts, seeds, each = zip(*self.by_part, strict=True)
        counts = [self.design.counts(own) for own in seeds]
        measured = Measured.of_parts(each)
        return difference_rows(self.name, measured, parts, OUTCOME_NAMES, counts)


def design_of(experiment: Experiment) -> WorldDesign:
    """The sets and paths of the seeds of an experiment."""
    design = experiment.setting.worlds
    assert design is not None
    return design


def of_worlds(worlds: WorldEffects | None) -> dict[str, Any]:
    """The fields of a finding that its worlds give; none where nothing finished."""
    return {} if worlds is None else {"by_path": worlds.by_path, "variance": worlds.variance}


def write_by_world(experiment: Experiment, base: Case, each: Sequence[WorldEffects]) -> None:
    """Write `pair_differences.csv`, and `path_differences.csv` where paths are drawn.

    Args:
        experiment: Under way.
        base: What is compared with.
        each: What is compared.
    """
    rows = [
        row
        for one in each
        for row in one.pair_rows([experiment.setting.world(base, seed) for seed in one.seeds])
    ]
    header = ["scenario_title", *World.model_fields, "outcome", "quote", *_OF_A_PAIR]
    experiment.folder.write_text("pair_differences.csv", as_csv(header, rows))
    if parts := [row for one in each for row in one.part_rows()]:
        experiment.folder.write_text("path_differences.csv", difference_csv(parts, "path"))


def _blank[EndsT: (Differences, PlausibleEffects)](
    ends: EndsT, silent: npt.NDArray[np.bool], *names: str
) -> EndsT:
    """The same without some of its numbers, where nothing may be said."""
    return replace(ends, **{one: np.where(silent, np.nan, getattr(ends, one)) for one in names})
