"""A scenario with some of its levers or assumptions varied: what follows, point by point.

Everything is paired by seed. A run that failed is NaN and counts for nothing it would be in.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import ConfigDict, Field

from simulation.engine.argument import check_arguments
from simulation.engine.arguments import SWEEP
from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.findings import Effect, ExperimentFindings, Failure
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.engine.runs import ExperimentRuns
from simulation.engine.time_budget import in_words
from simulation.engine.trials import Case, Trial
from simulation.engine.world_design import WorldDesign
from simulation.errors import InputError
from simulation.outcomes import HEADLINE, OUTCOMES
from simulation.scenario import Scenario
from simulation.scenario.levers.declaration import Scale, Value
from simulation.serialization import as_csv
from simulation.statistics.finding import Count, Finding
from simulation.statistics.paired import (
    COVERAGE,
)
from simulation.studies.paired_effects import (
    COLUMNS,
    Measured,
    effects_of_run,
    measure,
    pairs_needed,
)
from simulation.studies.study import Study, no_pairs, seconds_per_run
from simulation.studies.vary import Variable, read_variables, varied, written
from simulation.studies.world_effects import (
    PathEffects,
    VarianceSplit,
    WorldEffects,
    design_of,
    of_worlds,
    write_by_world,
)

Array = npt.NDArray[np.float64]

#: runs above which a sweep has to be confirmed
MOST_RUNS = 200


class SweptVariable(Finding):
    """A variable of a sweep.

    Attributes:
        vary: As it was typed.
        name: As it is typed, in its usual form.
        label: As a planner reads it.
        unit: Unit of its values; empty for a switch.
        scale: `level` (a word or 0 to 1), `number` or `switch`.
        values: Its values, from low to high.
        about: A sentence that explains it, if the label does not.
    """

    vary: str
    name: str
    label: str
    unit: str
    scale: Scale
    values: list[Value]
    about: str = ""


class SweepPoint(Finding):
    """A point of the design against the reference.

    Attributes:
        number: Its number, from 1.
        name: As it is typed.
        values: The value of each variable.
        file: Its scenario in the folder.
        identical: Whether its outcomes are those of the reference to the last bit.
        outcomes: The effect on each outcome over the whole run; None if all its runs failed.
        by_path: The effects by third of the future paths.
        variance: By outcome, where the variance of the effect comes from; empty for too few pairs.
    """

    number: Count
    name: str
    values: dict[str, Value]
    file: str
    identical: bool
    outcomes: dict[str, Effect] | None
    by_path: list[PathEffects] = Field(default_factory=list)
    variance: dict[str, VarianceSplit] = Field(default_factory=dict)


class VariableEffects(Finding):
    """The effects of each value of a variable, averaged over the values of the others.

    Attributes:
        variable: Its name.
        values: Its values.
        against: What they are compared with: the reference, or the lowest value of the variable.
        outcomes: Effects on each outcome, for each value; None where too many runs failed.
    """

    variable: str
    values: list[Value]
    against: Literal["reference", "lowest"]
    outcomes: list[dict[str, Effect]] | None


class Contrast(Finding):
    """The effects from the lowest value of a variable to its highest.

    Attributes:
        variable: Its name; None for all variables together.
        lowest: The lowest value, or that of each variable.
        highest: The highest.
        outcomes: The effect on each outcome; None where too many runs failed.
        pairs_to_settle: Pairs that would probably show the effect on arrivals.
        by_path: The effects by third of the future paths.
        variance: By outcome, where the variance of the effect comes from; empty for too few pairs.
    """

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    variable: str | None
    lowest: Value | list[Value] = Field(validation_alias="from", serialization_alias="from")
    highest: Value | list[Value] = Field(validation_alias="to", serialization_alias="to")
    outcomes: dict[str, Effect] | None
    pairs_to_settle: int | None
    by_path: list[PathEffects] = Field(default_factory=list)
    variance: dict[str, VarianceSplit] = Field(default_factory=dict)


class Swept(Finding):
    """The findings of a sweep.

    Attributes:
        scenario: Title of what is varied.
        as_it_stands: Whether the points are compared with it as it stands.
        reference: Title of what the points are compared with.
        coverage: Of the intervals, 0 to 1.
        headline: The outcome of the headline.
        variables: What was varied.
        points: Each point against the reference.
        effects: Of each variable, by value.
        contrasts: Of each variable, from end to end, then of all together.
        replications: Seeds each point was run with.
        seeds: These seeds.
        failed: Runs that failed.
        pairs_to_split: Pairs with which a variance is split; None where chance is all there is.
    """

    scenario: str
    as_it_stands: bool
    reference: str
    coverage: float
    headline: str
    variables: list[SweptVariable]
    points: list[SweepPoint]
    effects: list[VariableEffects]
    contrasts: list[Contrast]
    replications: Count
    seeds: list[int]
    failed: list[Failure]
    pairs_to_split: int | None = None

    @property
    def finished(self) -> list[SweepPoint]:
        """The points that have figures."""
        return [point for point in self.points if point.outcomes is not None]

    def variable(self, name: str) -> SweptVariable:
        """A variable by its name."""
        return next(variable for variable in self.variables if variable.name == name)


class SweepFindings(ExperimentFindings, Swept):
    """`summary.json` of a sweep."""


@dataclass(frozen=True)
class Point:
    """One point of a design.

    Attributes:
        number: Its number, from 1.
        values: A value for each variable.
        case: The scenario with these values.
    """

    number: int
    values: tuple[Value, ...]
    case: Case

    @property
    def file(self) -> str:
        """Where its scenario lies in the folder of a sweep."""
        return f"points/{self.number:04d}.toml"


@dataclass(frozen=True)
class Sweep(Study[SweepFindings]):
    """A scenario at every point of a design, each compared with a reference.

    Attributes:
        scenario: What is varied.
        vary: Each `--vary` as typed.
        replications: Seeds each point is run with.
        reference: What the points are compared with; the scenario as it stands when None.
        yes: Run however many runs there are.
    """

    kind = "sweep"
    crossed = True
    findings = SweepFindings
    scenario: Scenario
    vary: tuple[str, ...]
    replications: int = 8
    reference: Scenario | None = None
    yes: bool = False

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """The reference, if it is another one, and what is varied."""
        return [self.scenario] if self.reference is None else [self.reference, self.scenario]

    @property
    def settings(self) -> Mapping[str, Any]:
        """What is varied; how that was typed and what it is called make no other numbers."""
        described = [swept(variable).as_json() for variable in self.variables]
        return {"vary": [{key: one[key] for key in ("name", "values")} for one in described]}

    @cached_property
    def variables(self) -> list[Variable]:
        """The variables of the sweep."""
        return read_variables(self.vary, self.scenario)

    @property
    def base(self) -> Case:
        """The case that the points are compared with."""
        return Case(self.scenarios[0].title, self.scenarios[0])

    def check(self) -> None:
        """Refuse numbers out of range, and what cannot be varied."""
        check_arguments(SWEEP, self)
        assert self.variables  # read before anything else is looked at

    def prepare(self, experiment: Experiment) -> None:
        """Refuse very many runs."""
        count = math.prod(len(variable.values) for variable in self.variables)
        if (count + 1) * self.replications > MOST_RUNS and not self.yes:
            raise self._too_many(count, experiment)

    @property
    def points(self) -> list[Point]:
        """The points: every combination of values, the last varied fastest."""
        variables = self.variables
        rows = itertools.product(*(one.values for one in variables))
        points = []
        for number, row in enumerate(rows, start=1):
            settings = list(zip(variables, row, strict=True))
            name = " ".join(f"{one.target.name}={written(value)}" for one, value in settings)
            points.append(Point(number, row, Case(name, varied(self.scenario, settings))))
        return points

    def run(self, experiment: Experiment) -> StudyResult:
        """Run every point, and say how each differs from the reference."""
        runs, folder = experiment.runs, experiment.folder
        points = self.points
        (folder.path / "points").mkdir(exist_ok=True)
        for point in points:
            folder.write_text(point.file, point.case.scenario.resolved_toml())
        seeds = list(experiment.seeds(self.replications))
        cases = [self.base, *(point.case for point in points)]
        # seed by seed: an interrupted sweep has whole pairs of all points
        runs.add(Trial(case, seed) for seed in seeds for case in cases)
        base, *totals = (outcomes(runs, case, seeds) for case in cases)
        design = design_of(experiment)
        results = SweepRuns(self.variables, points, base, np.array(totals), design, seeds)
        if not any(results.finished(number) for number in range(len(points))):
            raise no_pairs(experiment, cases, "the reference and of a point")
        each = range(len(self.variables))
        findings = Swept(
            scenario=self.scenario.title,
            as_it_stands=self.reference is None,
            reference=self.base.name,
            coverage=COVERAGE,
            headline=HEADLINE,
            variables=[swept(variable) for variable in self.variables],
            points=[results.point(number) for number in range(len(points))],
            effects=[results.effects(k) for k in each],
            contrasts=results.contrasts(),
            replications=len(seeds),
            seeds=seeds,
            failed=experiment.runs.failures(cases),
            pairs_to_split=design.pairs_to_split(),
        )
        folder.write_text("points.csv", points_csv(results))
        write_by_world(experiment, self.base, [*results.by_world.values()])
        alive = [case for case in cases if runs.seeds([case], seeds)]
        return StudyResult(findings, alive, runs.seeds(alive, seeds))

    def _too_many(self, count: int, experiment: Experiment) -> InputError:
        """The error for very many runs, with how long they would take here, not on a cluster."""
        runs, workers = (count + 1) * self.replications, experiment.options.processes
        setting, about = experiment.setting, ""
        if workers is not None and (seconds := seconds_per_run(setting, self.scenario)) is not None:
            about = f", about {in_words(runs * seconds / workers)} with {workers} workers"
        return InputError(
            f"{count:,} points and the reference with {self.replications} seeds each are {runs:,} "
            f"runs{about}",
            key="--vary",
            value=" ".join(self.vary),
            allowed=f"up to {MOST_RUNS} runs, or --yes to run them all",
        )


def swept(variable: Variable) -> SweptVariable:
    """A variable as the manifest and `summary.json` hold it."""
    target = variable.target
    return SweptVariable(
        vary=variable.text,
        name=target.name,
        label=target.label,
        unit=target.unit,
        scale=target.scale,
        values=list(variable.values),
        about=target.about,
    )


def outcomes(runs: ExperimentRuns, case: Case, seeds: Sequence[int]) -> Array:
    """Outcomes of a case over the whole run, (seeds, outcomes); NaN for a run that failed."""
    nothing = np.full(len(OUTCOME_NAMES), np.nan)
    return np.array(
        [runs.measures(case, s).totals[0] if runs.has(case, s) else nothing for s in seeds]
    )


@dataclass(frozen=True)
class SweepRuns:
    """The runs of a sweep; NaN for what failed.

    Attributes:
        variables: What varies.
        points: The points.
        base: Outcomes of the reference, (seeds, outcomes).
        totals: Outcomes of the points, (points, seeds, outcomes).
        design: The sets and paths of the seeds.
        seeds: The seeds.
    """

    variables: Sequence[Variable]
    points: Sequence[Point]
    base: Array
    totals: Array
    design: WorldDesign
    seeds: Sequence[int]

    def finished(self, point: int) -> bool:
        """Whether a point has any pair with the reference."""
        column = OUTCOME_NAMES.index(HEADLINE)
        pair = self.base[:, column] + self.totals[point, :, column]
        return bool(np.isfinite(pair).any())

    def compared(self, point: int) -> Measured:
        """A point against the reference; arrays (outcomes,)."""
        return self._measured(self.base, self.totals[point])

    def _measured(self, base: Array, other: Array) -> Measured:
        return measure(base, other, self.design.worlds(self.seeds), OUTCOME_NAMES)

    @cached_property
    def by_world(self) -> dict[int, WorldEffects]:
        """Each finished point against the reference, world by world, by its place."""
        return {
            number: self._paired(point.case.name, self.base, self.totals[number])
            for number, point in enumerate(self.points)
            if self.finished(number)
        }

    def _paired(self, name: str, base: Array, other: Array) -> WorldEffects:
        """Two sides world by world, with the seeds that both have a value of."""
        column = OUTCOME_NAMES.index(HEADLINE)
        both = np.flatnonzero(np.isfinite(base[:, column] + other[:, column])).tolist()
        seeds = [self.seeds[place] for place in both]
        return WorldEffects(name, self.design, seeds, base[both], other[both])

    def point(self, number: int) -> SweepPoint:
        """A point against the reference, by its place."""
        point, finished = self.points[number], self.finished(number)
        gaps = self.totals[number] - self.base
        return SweepPoint(
            number=point.number,
            name=point.case.name,
            values={
                variable.target.name: value
                for variable, value in zip(self.variables, point.values, strict=True)
            },
            file=point.file,
            # a failed run says nothing either way
            identical=finished and bool(np.all((gaps == 0.0) | np.isnan(gaps))),
            outcomes=effects_of_run(self.compared(number)) if finished else None,
            **of_worlds(self.by_world.get(number)),
        )

    def effects(self, k: int) -> VariableEffects:
        """Each value of a variable against the reference or, of several, against its lowest.

        Averaged over the values of the others, a difference from the reference would hold what
        those do as well.
        """
        variable, means = self.variables[k], self._averaged(k)
        alone = len(self.variables) == 1
        return VariableEffects(
            variable=variable.target.name,
            values=list(variable.values),
            against="reference" if alone else "lowest",
            outcomes=None
            if means is None
            else [
                effects_of_run(self._measured(self.base if alone else means[0], mean))
                for mean in means
            ],
        )

    def contrasts(self) -> list[Contrast]:
        """From the lowest value of a variable to its highest, averaged over the others' values.

        The last one is of all variables together, if there are several: all at their lowest
        against all at their highest.
        """
        contrasts = []
        for k, variable in enumerate(self.variables):
            ends, means = (variable.values[0], variable.values[-1]), self._averaged(k)
            between = None if means is None else (means[0], means[-1])
            contrasts.append(self._contrast(variable.target.name, *ends, between))
        if len(self.variables) > 1:
            low, high = ([v.values[end] for v in self.variables] for end in (0, -1))
            first, last = 0, len(self.points) - 1  # every combination, from low to high
            both_finished = self.finished(first) and self.finished(last)
            between = (self.totals[first], self.totals[last]) if both_finished else None
            contrasts.append(self._contrast(None, low, high, between))
        return contrasts

    def _contrast(
        self,
        variable: str | None,
        lowest: Value | list[Value],
        highest: Value | list[Value],
        ends: tuple[Array, Array] | None,
    ) -> Contrast:
        """The effects between two ends, and the pairs that would settle the one on arrivals."""
        at = (OUTCOME_NAMES.index(HEADLINE),)
        measured = None if ends is None else self._measured(*ends)
        return Contrast(
            variable=variable,
            lowest=lowest,
            highest=highest,
            outcomes=None if measured is None else effects_of_run(measured),
            pairs_to_settle=None if measured is None else pairs_needed(measured.mean, at, HEADLINE),
            **of_worlds(None if ends is None else self._paired(variable or "", *ends)),
        )

    def _averaged(self, k: int) -> list[Array] | None:
        """Outcomes for each value of a variable, averaged over the others; (seeds, outcomes) each.

        Only combinations of the others' values for which every value of this one finished are in
        it, or the averages would differ for another reason than this variable.
        """
        at = {point.values: number for number, point in enumerate(self.points)}
        own = self.variables[k].values
        others = itertools.product(
            *(v.values for number, v in enumerate(self.variables) if number != k)
        )
        groups = [[at[(*rest[:k], value, *rest[k:])] for value in own] for rest in others]
        whole = [group for group in groups if all(self.finished(point) for point in group)]
        if not whole:
            return None
        return [self.totals[[group[n] for group in whole]].mean(axis=0) for n in range(len(own))]


def points_csv(results: SweepRuns) -> str:
    """One row for each point and outcome, as the text of a CSV file."""
    names = [variable.target.name for variable in results.variables]
    values = {"reference": "baseline", "value": "scenario"}
    values |= {name: name for name in COLUMNS if not name.startswith(("baseline", "scenario"))}
    rows: list[list[Any]] = []
    for place, point in enumerate(results.points):
        effects = effects_of_run(results.compared(place))
        settings = [written(value) for value in point.values]
        for outcome, entry in effects.items():
            numbers = (getattr(entry, field) for field in ("pairs", *values.values()))
            quote = OUTCOMES[outcome].quote
            rows.append([point.number, *settings, point.file, outcome, quote, *numbers])
    return as_csv(["point", *names, "file", "outcome", "quote", "pairs", *values], rows)
