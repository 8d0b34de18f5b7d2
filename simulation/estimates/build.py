"""The build of a library of estimates: every policy is run in the same worlds.

A build goes on where it was stopped, and with more pairs from those there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulation.corridor.in_use import in_use
from simulation.engine.argument import check_arguments
from simulation.engine.arguments import EMULATOR_BUILD
from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.findings import ExperimentFindings, Failure
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.engine.trials import Case, Trial
from simulation.engine.world_design import PARTS
from simulation.errors import InputError
from simulation.estimates.library import Library, load_library
from simulation.estimates.stored_runs import StoredRuns, load_stored_runs
from simulation.outcomes import HEADLINE
from simulation.regular_files import renamed
from simulation.scenario import Scenario
from simulation.source_hash import simulator_hash
from simulation.statistics.finding import Count, Finding
from simulation.statistics.paired import own_percentages
from simulation.statistics.variance_components import numbered
from simulation.studies.effect_chain import LINK_SUMS
from simulation.studies.paired_effects import link_values
from simulation.studies.study import Cost, Study, check_cost
from simulation.studies.world_effects import design_of

#: the library in the folder of its build
FILE = "library.npz"
#: an interpolated median may be off by so many points, or that share of it
_POINTS, _SHARE = 1.5, 0.15


class Interpolation(Finding):
    """A strength that is run, beside what the two about it give.

    Attributes:
        lever: The lever.
        strength: Its strength.
        median: Median effect on small-boat arrivals over the whole run, in percent.
        interpolated: The same between the strength below and the one above.
        passed: Whether the two are near enough for the lever to be interpolated.
    """

    lever: str
    strength: float
    median: float
    interpolated: float
    passed: bool


class LibraryBuilt(Finding):
    """The findings of a build.

    Attributes:
        policies: Policies that were run.
        pairs: Pairs of runs of each, all of which finished.
        bytes: Size of the file.
        card: How near interpolation comes, by lever and strength.
        failed: Runs that failed; their seeds are left out.
    """

    policies: Count
    pairs: Count
    bytes: Count
    card: list[Interpolation]
    failed: list[Failure]


class EmulatorFindings(ExperimentFindings, LibraryBuilt):
    """`summary.json` of a build."""


@dataclass(frozen=True)
class LibraryBuild(Study[EmulatorFindings]):
    """What do the policies of a library do?

    Attributes:
        base: What they are laid over, one of `BASES`.
        pairs: Pairs of runs of each policy.
        announce: Called with the cost before the first run.
    """

    kind: ClassVar[str] = "emulator"
    findings = EmulatorFindings
    crossed: ClassVar[bool] = True
    base: str
    pairs: int
    announce: Callable[[Cost], None] | None = None

    @property
    def library(self) -> Library:
        """The policies."""
        return load_library(self.base)

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """What policies are laid over."""
        return [self.library.base]

    @property
    def settings(self) -> Mapping[str, Any]:
        """The policies, and not how many pairs of them: more go on with the same folder."""
        return {"library": self.library.hash}

    def check(self) -> None:
        """Refuse a number of pairs that no library has."""
        check_arguments(EMULATOR_BUILD, self)

    def prepare(self, experiment: Experiment) -> None:
        """Tell what it costs."""
        trials = self._trials(self._cases(), experiment.seeds(self.pairs))
        experiment.most_runs = len(trials)
        check_cost(experiment, trials, 0, yes=True, announce=self.announce)

    def run(self, experiment: Experiment) -> StudyResult:
        """Run every policy in every world, and write what the runs gave."""
        runs, folder, cases = experiment.runs, experiment.folder, self._cases()
        asked = experiment.seeds(self.pairs)
        runs.add(self._trials(cases, asked))
        seeds = runs.seeds(cases, asked)
        if not seeds:
            problem = f"no world in which every run succeeded{runs.first_error(cases)}"
            raise InputError(problem, run_folder=folder.path)
        worlds = runs.worlds(seeds)
        thirds = [design_of(experiment).part(seed) for seed in seeds]
        about: dict[str, object] = {
            "base": self.library.base.hash(),
            "library": self.library.hash,
            "model": simulator_hash(),
            "fit": experiment.identity.fitted_hash,
            "data": in_use().hash(),
            "scale": experiment.setting.scale,
            "seed": experiment.options.seed,
            "days": experiment.setting.days,
        }
        stored = StoredRuns(
            about,
            experiment.axes.periods,
            OUTCOME_NAMES,
            np.array([runs.values(case, seeds) for case in cases]),
            np.array([link_values(runs, case, seeds) for case in cases]),
            numbered(worlds.sets),
            numbered(worlds.paths),
            np.array([0 if one is None else PARTS.index(one) for one in thirds]),
        )
        card = interpolations(self.library, stored)
        # a lever is interpolated where that was tried, and near enough each time
        far = {line.lever for line in card if not line.passed}
        tried = [lever for lever in dict.fromkeys(line.lever for line in card) if lever not in far]
        about |= {"interpolated": tried, "links": list(LINK_SUMS)}
        content = replace(stored, about=about).as_bytes()
        with folder.writing(FILE) as scrap:
            scrap.write_bytes(content)
        findings = LibraryBuilt(
            policies=len(cases) - 1,
            pairs=len(seeds),
            bytes=len(content),
            card=card,
            failed=runs.failures(cases),
        )
        return StudyResult(findings, [], [], tables=False)

    def _cases(self) -> list[Case]:
        return [Case(one.title, one) for one in (self.library.base, *self.library.scenarios())]

    def _trials(self, cases: Sequence[Case], seeds: Sequence[int]) -> list[Trial]:
        """World by world, so that a part of a build has all policies in some worlds."""
        return [Trial(case, seed) for seed in seeds for case in cases]


def interpolations(library: Library, stored: StoredRuns) -> list[Interpolation]:
    """Every strength with one on each side, beside what those two give."""
    arrivals = stored.totals[:, :, 0, stored.outcomes.index(HEADLINE)]

    def effect(weights: Mapping[int, float]) -> float:
        """Median effect of a mixture of policies, in percent."""
        mixed = sum(weight * arrivals[number] for number, weight in weights.items())
        return float(np.median(own_percentages(arrivals[0], np.asarray(mixed))))

    lines = []
    for name in library.levers:
        nodes = library.nodes(name)
        order = sorted(nodes)
        for below, at, above in zip(order, order[1:], order[2:], strict=False):
            share = (at - below) / (above - below)
            if nodes[at] == 0:
                continue  # the base itself
            median = effect({nodes[at]: 1.0})
            between = effect({nodes[below]: 1.0 - share, nodes[above]: share})
            near = abs(median - between) <= max(_POINTS, _SHARE * abs(median))
            lines.append(Interpolation(lever=name, strength=at, median=median,
                                       interpolated=between, passed=near))  # fmt: skip
    return lines


def install(file: Path, target: Path) -> Path:
    """Put the runs of a library into the package.

    Args:
        file: The runs.
        target: Where the package has them.

    Raises:
        InputError: It is damaged, too large, or cannot be written; what was there stays.
    """
    load_stored_runs(file)
    try:
        with renamed(target) as scrap:
            scrap.write_bytes(file.read_bytes())
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", file=target,
                         key="--install", allowed="an installation you may write to",
                         ) from error  # fmt: skip
    return target
