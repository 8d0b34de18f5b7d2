"""A scenario with some of its levers or assumptions varied: what follows, point by point."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import qmc

from simulation.errors import InputError
from simulation.experiments.engine.cost import seconds_per_run
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.measures import OUTCOME_NAMES
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.progress import Progress
from simulation.experiments.engine.runs import ExperimentRuns
from simulation.experiments.engine.time_budget import in_words
from simulation.experiments.engine.trials import Case, Setting, Trial
from simulation.experiments.findings import Finished
from simulation.experiments.statistics.paired import FEWEST_PAIRS
from simulation.experiments.studies.sweep_results import Results, describe, points_csv
from simulation.experiments.studies.vary import Value, Variable, read_variables, varied, written
from simulation.scenario import Scenario

#: runs above which a sweep has to be confirmed
MOST_RUNS = 200
#: points of a Latin hypercube, at least: fewer say nothing of an order
LEAST_LHS = 5
_MOST = 100_000


@dataclass(frozen=True)
class Plan:
    """How a sweep goes about it.

    Attributes:
        vary: Each `--vary` as typed.
        lhs: Points of a Latin hypercube; None for every combination of values.
        replications: Seeds each point is run with.
        yes: Run however many runs there are.
    """

    vary: tuple[str, ...]
    lhs: int | None = None
    replications: int = 8
    yes: bool = False

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            InputError: A number is out of range.
        """
        if not 2 <= self.replications <= _MOST:
            raise InputError(
                "out of range",
                key="--replications",
                value=self.replications,
                allowed=f"2 to {_MOST} (an interval needs {FEWEST_PAIRS} pairs)",
            )
        if self.lhs is not None and not LEAST_LHS <= self.lhs <= _MOST:
            raise InputError(
                "out of range", key="--lhs", value=self.lhs, allowed=f"{LEAST_LHS} to {_MOST}"
            )


@dataclass(frozen=True)
class Point:
    """One point of a design.

    Attributes:
        values: A value for each variable.
        case: The scenario with these values.
    """

    values: tuple[Value, ...]
    case: Case


def sweep(
    scenario: Scenario,
    plan: Plan,
    options: Options,
    *,
    reference: Scenario | None = None,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
    simulate: Callable[..., Any] | None = None,
) -> Finished[dict[str, Any]]:
    """Run a scenario at every point of a design, and compare each with the reference.

    Args:
        scenario: What is varied.
        plan: What is varied and how.
        options: What every experiment can be told.
        reference: What the points are compared with; the scenario as it stands when None.
        command: Command that reproduces it.
        progress: Called as runs go on.
        simulate: Stands in for the model.

    Returns:
        Where the results are and what they say.

    Raises:
        InputError: Something asked for cannot be used, there are too many runs, or none succeeded.
        Interrupted: Ctrl-C; finished runs are kept.
    """
    plan.check()
    variables = read_variables(plan.vary, scenario, ranges=plan.lhs is not None)
    count = plan.lhs or int(np.prod([float(len(variable.values)) for variable in variables]))
    experiment = Experiment(
        "sweep",
        [reference, scenario] if reference is not None else [scenario],
        options,
        settings={
            # how it was typed and what it is called make no other numbers
            "vary": [
                {key: variable.as_json()[key] for key in ("name", "values", "range")}
                for variable in variables
            ],
            "lhs": plan.lhs,
        },
        command=command,
        progress=progress,
        simulate=simulate,
    )
    runs = (count + 1) * plan.replications
    if runs > MOST_RUNS and not plan.yes:
        raise too_many(runs, count, plan, experiment.setting, scenario, options.processes)
    base = Case((reference or scenario).title, reference or scenario)
    points = list(design(scenario, variables, plan.lhs, options.seed))
    experiment.note_cases(base, [point.case for point in points], "points")
    with experiment:
        write_points(experiment, points)
        seeds = list(experiment.seeds(plan.replications))
        cases = [base, *(point.case for point in points)]
        # seed by seed: an interrupted sweep has whole pairs of all points
        experiment.runs.add(Trial(case, seed) for seed in seeds for case in cases)
        results = gather(experiment, base, points, variables, seeds, grid=plan.lhs is None)
        summary = {
            "scenario": scenario.title,
            "as_it_stands": reference is None,
            "design": "grid" if plan.lhs is None else "lhs",
            **describe(results),
            "replications": len(seeds),
            "seeds": seeds,
            "failed": [f._asdict() for f in experiment.runs.failures(cases)],
        }
        alive = [case for case in cases if experiment.runs.seeds([case], seeds)]
        experiment.folder.write_text("points.csv", points_csv(results))
        content = experiment.finish(summary, alive, experiment.runs.seeds(alive, seeds))
        return Finished(experiment.folder.path, content, experiment.runs.ran)


def design(
    scenario: Scenario, variables: Sequence[Variable], lhs: int | None, seed: int
) -> list[Point]:
    """The points: every combination of values, or a Latin hypercube.

    Args:
        scenario: What is varied.
        variables: What varies; the last one fastest.
        lhs: Points of a Latin hypercube; None for all combinations.
        seed: Seed of the hypercube.
    """
    rows: list[tuple[Value, ...]]
    if lhs is None:
        rows = list(itertools.product(*(variable.values for variable in variables)))
    else:
        # the order of the generator's numbers is fixed by NumPy's PCG64, whatever the SciPy
        sampler = qmc.LatinHypercube(len(variables), rng=np.random.default_rng(seed))
        rows = [
            tuple(variable.at(float(u)) for variable, u in zip(variables, row, strict=True))
            for row in sampler.random(lhs)
        ]
    points = []
    for row in rows:
        changed = varied(scenario, list(zip(variables, row, strict=True)))
        points.append(Point(row, Case(point_name(variables, row), changed)))
    return points


def point_name(variables: Sequence[Variable], values: Sequence[Value]) -> str:
    """A point as it is typed: `sharing.UK-RS=high entries.balkan=0.8`."""
    return " ".join(
        f"{variable.target.name}={written(value)}"
        for variable, value in zip(variables, values, strict=True)
    )


def write_points(experiment: Experiment, points: Sequence[Point]) -> None:
    """Write every point as a scenario file that runs by itself."""
    folder = experiment.folder.path / "points"
    folder.mkdir(exist_ok=True)
    for number, point in enumerate(points, start=1):
        experiment.folder.write_text(point_file(number), point.case.scenario.resolved_toml())


def point_file(number: int) -> str:
    """Where a point's scenario lies in the folder of a sweep."""
    return f"points/{number:04d}.toml"


def gather(
    experiment: Experiment,
    base: Case,
    points: Sequence[Point],
    variables: Sequence[Variable],
    seeds: Sequence[int],
    *,
    grid: bool,
) -> Results:
    """Outcomes over the whole run of all points with all seeds; NaN for a run that failed.

    Raises:
        InputError: With no seed did both the reference and a point finish.
    """
    runs = experiment.runs
    cases = [base, *(point.case for point in points)]
    totals = np.full((len(cases), len(seeds), len(OUTCOME_NAMES)), np.nan)
    for number, case in enumerate(cases):
        for row in _finished(runs, case, seeds):
            totals[number, row] = runs.measures(case, seeds[row]).totals[0]
    there = [set(_finished(runs, case, seeds)) for case in cases]
    if not any(there[0] & other for other in there[1:]):
        failures = runs.failures(cases)
        first = f"; the first error: {failures[0].error}" if failures else ""
        raise InputError(
            f"no seed gave a run of the reference and of a point ({len(failures)} runs failed"
            f"{first})",
            kept=experiment.folder.path,
        )
    return Results(
        reference=base.name,
        variables=tuple(variables),
        names=tuple(point.case.name for point in points),
        values=tuple(point.values for point in points),
        files=tuple(point_file(number) for number in range(1, len(points) + 1)),
        base=totals[0],
        totals=totals[1:],
        grid=grid,
    )


def _finished(runs: ExperimentRuns, case: Case, seeds: Sequence[int]) -> list[int]:
    """Which of the seeds, by their place, a case finished with."""
    done = set(runs.seeds([case], seeds))
    return [row for row, seed in enumerate(seeds) if seed in done]


def too_many(
    runs: int, count: int, plan: Plan, setting: Setting, scenario: Scenario, workers: int | None
) -> InputError:
    """The error for more runs than anybody asks for by mistake, with how long they would take.

    Not so on a cluster, of whose workers nobody knows (None).
    """
    about = ""
    seconds = None if workers is None else seconds_per_run(setting, scenario)
    if seconds is not None and workers is not None:
        about = f", about {in_words(runs * seconds / workers)} with {workers} workers"
    return InputError(
        f"{count:,} points and the reference with {plan.replications} seeds each are {runs:,} runs"
        f"{about}",
        key="--vary" if plan.lhs is None else "--lhs",
        value=" ".join(plan.vary) if plan.lhs is None else plan.lhs,
        allowed=f"up to {MOST_RUNS} runs, or --yes to run them all",
    )
