"""What an effect owes to the set of assumptions, to the future path, and to chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.run_store import OUTCOME_NAMES
from simulation.experiments.engine.serialization import as_csv
from simulation.experiments.engine.trials import Case
from simulation.experiments.engine.world_design import PARTS
from simulation.experiments.findings import Count, Effect, Finding, World
from simulation.experiments.statistics.paired import (
    Differences,
    own_percentages,
    paired_differences,
)
from simulation.experiments.statistics.variance_components import variance_components
from simulation.experiments.studies.paired_effects import (
    difference_csv,
    effects_of_run,
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
        outcomes: Effects by outcome.
    """

    part: str
    pairs: Count
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
        experiment: Under way.
        base: What is compared with.
        other: What is compared.
        seeds: Seeds with which both finished.
    """

    experiment: Experiment
    base: Case
    other: Case
    seeds: Sequence[int]

    @property
    def by_path(self) -> list[PathEffects]:
        """The effects in each third of the paths; none where no path is drawn."""
        return [
            PathEffects(part=part, pairs=len(own), outcomes=effects_of_run(found))
            for part, own, found in self.by_part
        ]

    @property
    def variance(self) -> dict[str, VarianceSplit]:
        """The split of each outcome's variance over the whole run; none of too few pairs."""
        design, (base, other) = self.experiment.setting.worlds, self._totals(self.seeds)
        if design is None:
            return {}
        found = paired_differences(base, other, groups=design.groups(self.seeds))
        labels = design.sets(self.seeds), design.paths(self.seeds)
        splits = {}
        for column, name in enumerate(OUTCOME_NAMES):
            percent = quote_of(name) == "percent" and not np.isnan(found.percent[column])
            one, two = base[:, column], other[:, column]
            effects = own_percentages(one, two) if percent else two - one
            parts = variance_components(effects, *labels)
            if quote_of(name) == "range" or parts is None or not parts.total > 0.0:
                continue
            shares = (
                None if part is None else part / parts.total for part in (parts.sets, parts.paths)
            )
            splits[name] = VarianceSplit(
                **dict(zip(("sets", "paths"), shares, strict=True)),
                chance=parts.chance / parts.total,
                sd=math.sqrt(parts.total),
                sd_chance=math.sqrt(parts.chance),
                percent=percent,
            )
        return splits

    @property
    def by_part(self) -> list[tuple[str, list[int], Differences]]:
        """Of each third of the paths its name, its seeds and its differences, (outcomes,)."""
        design, found = self.experiment.setting.worlds, []
        if design is None:
            return []
        for part in PARTS:
            own = [seed for seed in self.seeds if design.part(seed) == part]
            if own:
                both = paired_differences(*self._totals(own), groups=design.groups(own))
                found.append((part, own, both))
        return found

    def pair_rows(self, worlds: Sequence[World]) -> list[list[object]]:
        """A row for each pair and outcome, of those that are not quoted as a range only."""
        rows: list[list[object]] = []
        for world, *both in zip(worlds, *self._totals(self.seeds), strict=True):
            labels = [getattr(world, name) for name in World.model_fields]
            for name, before, after in zip(OUTCOME_NAMES, *both, strict=True):
                if (quote := quote_of(name)) == "range":
                    continue
                percent = own_percentages(before, after) if quote == "percent" else math.nan
                numbers = [before, after, after - before, float(percent)]
                rows.append([self.other.name, *labels, name, quote, *numbers])
        return rows

    def _totals(self, seeds: Sequence[int]) -> tuple[Values, Values]:
        """The whole run on both sides, (seeds, outcomes) each."""
        base, other = (
            self.experiment.runs.values(case, seeds)[:, 0] for case in (self.base, self.other)
        )
        return base, other


def write_by_world(experiment: Experiment, cases: Sequence[Case], seeds: Sequence[int]) -> None:
    """Write `pair_differences.csv`, and `path_differences.csv` where paths are drawn."""
    base, *others = cases
    each = [WorldEffects(experiment, base, case, seeds) for case in others]
    worlds = [experiment.setting.world(base, seed) for seed in seeds]
    rows = [row for one in each for row in one.pair_rows(worlds)]
    header = ["scenario_title", *World.model_fields, "outcome", "quote", *_OF_A_PAIR]
    experiment.folder.write_text("pair_differences.csv", as_csv(header, rows))
    parts = each[0].by_part
    if not parts:
        return
    counts = [count_worlds(experiment, own) for _, own, _ in parts]
    stacked = [(one.other.name, _stacked([d for *_, d in one.by_part])) for one in each]
    text = difference_csv(stacked, "path", [part for part, *_ in parts], OUTCOME_NAMES, counts)
    experiment.folder.write_text("path_differences.csv", text)


def count_worlds(experiment: Experiment, seeds: Sequence[int]) -> tuple[int, int]:
    """How many sets and paths some pairs have."""
    design = experiment.setting.worlds
    assert design is not None
    return len({*design.sets(seeds)}), len({*design.paths(seeds)})


def _stacked(found: Sequence[Differences]) -> Differences:
    """Differences of several quantities each, with one more axis before."""
    names = [field.name for field in fields(Differences)]
    return Differences(**{name: np.stack([getattr(one, name) for one in found]) for name in names})
