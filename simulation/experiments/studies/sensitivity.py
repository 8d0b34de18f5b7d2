"""Which assumptions drive the difference a scenario makes: screening, then shares of variance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError
from simulation.experiments.engine.cost import Cost, check_cost
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.progress import Progress
from simulation.experiments.engine.serialization import as_csv, json_number
from simulation.experiments.findings import Finished
from simulation.experiments.statistics.noise import SIGNAL, chance_variance, noise_entry
from simulation.experiments.statistics.paired import COVERAGE
from simulation.experiments.statistics.sensitivity_indices import (
    FALSE_SHARE,
    FEWEST_BLOCKS,
    FEWEST_TRAJECTORIES,
    LEVELS,
    STEP,
    Screening,
    Shares,
    design_variance,
    morris_design,
    screen,
    shares,
    sobol_design,
    survivors,
    whole_blocks,
)
from simulation.experiments.studies.design_points import (
    Points,
    Values,
    central_differences,
    check_count,
    free_records,
    outcome_names,
    points_csv,
    trials,
)
from simulation.outcomes import HEADLINE
from simulation.parameters.records import Record
from simulation.scenario import Scenario

Array = npt.NDArray[np.float64]
_MOST = 10_000


@dataclass(frozen=True)
class Plan:
    """How much is run.

    Attributes:
        outcome: The outcome whose difference decides which assumptions survive the screening.
        only: Groups or records to vary; all uncertain ones when empty.
        trajectories: Trajectories of the screening.
        survivors: Assumptions whose shares of variance are then found.
        samples: Base samples for that; a power of 2.
        replications: Seeds of every point.
        noise: Seeds of the central point.
    """

    outcome: str = HEADLINE
    only: tuple[str, ...] = ()
    trajectories: int = 4
    survivors: int = 6
    samples: int = 64
    replications: int = 1
    noise: int = 8

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            InputError: A number is out of range or the outcome unknown.
        """
        outcome_names(self.outcome)
        check_count("--trajectories", self.trajectories, FEWEST_TRAJECTORIES, _MOST)
        check_count("--survivors", self.survivors, 1, _MOST)
        check_count("--replications", self.replications, 1, _MOST)
        check_count("--noise", self.noise, 3, _MOST)
        check_count("--samples", self.samples, FEWEST_BLOCKS, 2**16)
        if self.samples & (self.samples - 1):
            above = 1 << self.samples.bit_length()
            raise InputError(
                "must be a power of 2, which the sequence is balanced for",
                key="--samples",
                value=self.samples,
                allowed=f"{FEWEST_BLOCKS}, 16, 32, ... such as {above // 2} or {above}",
            )


def check_assumptions(options: Options) -> None:
    """Refuse to draw at random what a design sets on purpose.

    Nor is the rest drawn: a point of the design needs one set of what it does not vary, and with
    another one for every seed their noise would drown what the design does.

    Raises:
        InputError: `--assumptions ranges` or `fitted` was asked for.
    """
    if options.assumptions != "records":
        raise InputError(
            "this command varies the assumptions itself",
            key="--assumptions",
            value=options.assumptions,
            allowed="records",
        )


def sensitivity(
    baseline: Scenario,
    scenario: Scenario,
    options: Options,
    plan: Plan,
    *,
    yes: bool = False,
    announce: Callable[[Cost], None] | None = None,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
    simulate: Callable[..., Any] | None = None,
) -> Finished[dict[str, Any]]:
    """Find the assumptions on which the difference between two scenarios depends most.

    Args:
        baseline: What the scenario is compared with.
        scenario: What is asked about.
        options: What every experiment can be told.
        plan: How much is run.
        yes: Many runs are meant.
        announce: Called with the cost before the first run.
        command: Command that reproduces it.
        progress: Called as runs go on.
        simulate: Stands in for the model.

    Returns:
        Where the results are and what they say.

    Raises:
        InputError: Something asked for cannot be used.
        Interrupted: Ctrl-C; finished runs are kept.
    """
    plan.check()
    check_assumptions(options)
    points = Points(baseline, scenario, free_records([baseline, scenario], plan.only))
    experiment = Experiment(
        "sensitivity",
        [baseline, scenario],
        options,
        settings={"only": sorted(plan.only)},
        command=command,
        progress=progress,
        simulate=simulate,
    )
    design = morris_design(points.names, plan.trajectories, options.seed)
    screened = points.cases(design, "screening point")
    seeds = list(experiment.seeds(plan.replications))
    first = trials([points.central], experiment.seeds(plan.noise)) + trials(screened, seeds)
    kept = min(plan.survivors, len(points.records))
    # as many as there can be: which assumptions survive is not known yet
    later = 2 * plan.samples * (kept + 2) * plan.replications
    if _complete(experiment, plan):
        later = 0
    check_cost(experiment, first, later, yes=yes, announce=announce)
    with experiment:
        noise_seeds, central = central_differences(experiment, points, plan.noise)
        analysis = _Analysis(plan, points, central, options.scale, options.seed)
        found = points.run(experiment, screened, design, seeds)
        analysis.add_screening(found)
        stages = [("screening", screened, found)]
        if analysis.kept:
            names = [points.names[column] for column in analysis.kept]
            base = sobol_design(names, plan.samples, options.seed)
            sampled = points.cases(base, "variance point", analysis.kept)
            varied = points.run(experiment, sampled, base, seeds)
            analysis.add_shares(varied)
            stages.append(("variance", sampled, varied))
        summary = {
            "baseline": baseline.title,
            "scenario": scenario.title,
            "plan": _as_json(plan),
            "coverage": COVERAGE,
            "headline": plan.outcome,
            "fixed_by_scenarios": sorted({*baseline.parameters, *scenario.parameters}),
            "replications_per_point": plan.replications,
            "point_seeds": seeds,
            "noise_seeds": noise_seeds,
            **analysis.summary(),
            "failed": points.failures(experiment),
        }
        summary["replications"] = len(noise_seeds) + plan.replications * sum(
            int((~values.failed).sum()) for _, _, values in stages
        )
        folder = experiment.folder
        folder.write_text("morris.csv", _morris_csv(summary))
        folder.write_text("sobol.csv", _sobol_csv(summary))
        outcomes = outcome_names(plan.outcome)
        folder.write_text("points.csv", points_csv(points, stages, seeds, outcomes))
        content = experiment.finish(summary, points.central, noise_seeds)
        return Finished(folder.path, content, experiment.runs.ran)


def _complete(experiment: Experiment, plan: Plan) -> bool:
    """Whether an earlier attempt at the same came to its end."""
    manifest = experiment.folder.manifest() or {}
    summary = experiment.folder.summary() or {}
    return manifest.get("status") == "complete" and summary.get("plan") == _as_json(plan)


def _as_json(plan: Plan) -> dict[str, Any]:
    return {**asdict(plan), "only": list(plan.only)}


class _Analysis:
    """What is found, outcome by outcome, from the same runs."""

    def __init__(
        self, plan: Plan, points: Points, central: Values, scale: float, seed: int
    ) -> None:
        self._plan = plan
        self._points = points
        self._central = central
        self._seed = seed + 1  # SALib takes 0 for no seed
        self._outcomes = outcome_names(plan.outcome)
        self._noise = {
            name: chance_variance(central.difference(name), name, scale) for name in self._outcomes
        }
        self._screenings: dict[str, Screening] = {}
        self._shares: dict[str, Shares] = {}
        self._spread: dict[str, dict[str, float]] = {name: {} for name in self._outcomes}
        #: columns of the records that survived the screening
        self.kept: list[int] = []

    def add_screening(self, values: Values) -> None:
        """Take in the screening's runs."""
        names = self._points.names
        for outcome in self._outcomes:
            gaps = values.difference(outcome)
            self._screenings[outcome] = screen(
                names,
                values.units,
                gaps,
                self._noise[outcome] / self._plan.replications,
                len(self._central.units),
                self._seed,
            )
            used = gaps[whole_blocks(gaps, len(names) + 1)]
            spread = float(np.var(used, ddof=1)) if len(used) > 1 else math.nan
            self._spread[outcome]["screening"] = spread
        self.kept = survivors(self._screenings[self._plan.outcome], self._plan.survivors)

    def add_shares(self, values: Values) -> None:
        """Take in the runs in which only the survivors vary."""
        names = [self._points.names[column] for column in self.kept]
        size = len(names) + 2
        for outcome in self._outcomes:
            gaps = values.difference(outcome)
            noise = self._noise[outcome] / self._plan.replications
            self._shares[outcome] = shares(names, gaps, noise, self._seed)
            used = gaps[whole_blocks(gaps, size)]
            self._spread[outcome]["variance"] = design_variance(used, size)

    def summary(self) -> dict[str, Any]:
        """As JSON knows it."""
        records = self._points.records
        return {
            "records": {record.name: record_entry(record) for record in records},
            "survivors": [records[column].name for column in self.kept],
            "design": {
                "levels": LEVELS,
                "step": STEP,
                "trajectories": self._plan.trajectories,
                "samples": self._plan.samples if self.kept else 0,
                "points": self._plan.trajectories * (len(records) + 1),
            },
            "signal_wanted": SIGNAL,
            "false_share": FALSE_SHARE,
            "outcomes": {outcome: self._entry(outcome) for outcome in self._outcomes},
        }

    def _entry(self, outcome: str) -> dict[str, Any]:
        screening, found = self._screenings[outcome], self._shares.get(outcome)
        central = self._central.difference(outcome)
        entry: dict[str, Any] = {
            "difference": json_number(np.nanmean(central)),
            "noise": self._noise_entry(outcome),
            "screening": {
                "used": screening.used,
                "left_out": screening.left_out,
                "effects": _ranked(screening, [record.name for record in self._points.records]),
            },
            "variance": None,
        }
        if found is not None:
            names = [self._points.names[column] for column in self.kept]
            entry["variance"] = {
                "used": found.used,
                "left_out": found.left_out,
                "floor": json_number(found.floor),
                "shares": _share_entries(found, names),
            }
        return entry

    def _noise_entry(self, outcome: str) -> dict[str, Any]:
        """Chance beside the design: how far they can be told apart, and what it would take."""
        stage = "variance" if self.kept else "screening"
        spreads = self._spread[outcome]
        return {
            **noise_entry(self._noise[outcome], spreads[stage], self._plan.replications),
            "stage": stage,
            "screening_sd": json_number(math.sqrt(spreads["screening"])),
        }


def record_entry(record: Record) -> dict[str, Any]:
    """What a reader wants to know of an assumption."""
    return {
        "value": record.value,
        "unit": record.unit,
        "low": record.low,
        "high": record.high,
        "drives": record.drives,
        "confidence": record.confidence,
    }


def _ranked(found: Screening, names: Sequence[str]) -> list[dict[str, Any]]:
    """The effects, the strongest first."""
    order = np.argsort(-np.nan_to_num(found.mu_star), kind="stable")
    return [
        {
            "record": names[k],
            "mu": json_number(found.mu[k]),
            "mu_star": json_number(found.mu_star[k]),
            "half_width": json_number(found.half_width[k]),
            "sigma": json_number(found.sigma[k]),
            "p": json_number(found.p[k]),
            "told": bool(found.told[k]),
        }
        for k in order
    ]


def _share_entries(found: Shares, names: Sequence[str]) -> list[dict[str, Any]]:
    """The shares, the largest first."""
    order = np.argsort(-np.nan_to_num(found.total), kind="stable")
    return [
        {
            "record": names[k],
            "first": json_number(found.first[k]),
            "first_half": json_number(found.first_half[k]),
            "total": json_number(found.total[k]),
            "total_half": json_number(found.total_half[k]),
            "told": bool(found.told[k]),
        }
        for k in order
    ]


def _morris_csv(summary: dict[str, Any]) -> str:
    columns = ("record", "mu", "mu_star", "half_width", "sigma", "p", "told")
    rows = [
        [outcome, rank, *(effect[name] for name in columns)]
        for outcome, entry in summary["outcomes"].items()
        for rank, effect in enumerate(entry["screening"]["effects"], start=1)
    ]
    return as_csv(["outcome", "rank", *columns], rows)


def _sobol_csv(summary: dict[str, Any]) -> str:
    columns = ("record", "first", "first_half", "total", "total_half", "told")
    rows = [
        [outcome, *(share[name] for name in columns), entry["variance"]["floor"]]
        for outcome, entry in summary["outcomes"].items()
        if entry["variance"] is not None
        for share in entry["variance"]["shares"]
    ]
    return as_csv(["outcome", *columns, "floor"], rows)
