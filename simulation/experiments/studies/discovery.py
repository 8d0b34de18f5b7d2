"""Under which assumptions a policy fails: boxes of assumptions in which it does so more often."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import qmc

from simulation.experiments.engine.cost import Cost, check_cost
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.measures import OUTCOME_NAMES
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.progress import Progress
from simulation.experiments.engine.serialization import as_csv, json_number
from simulation.experiments.findings import Finished
from simulation.experiments.statistics.boxes import (
    CHANCE,
    HALVES,
    MOST_LIMITED,
    MOST_LOOKED_AT,
    SHUFFLES,
    Box,
    Limit,
    Search,
    find_boxes,
)
from simulation.experiments.statistics.noise import (
    SIGNAL,
    chance_variance,
    least_variance,
    noise_entry,
    noise_share,
)
from simulation.experiments.statistics.paired import COVERAGE
from simulation.experiments.studies.design_points import (
    ANALYSED,
    Points,
    Values,
    central_differences,
    check_count,
    free_records,
    points_csv,
    trials,
)
from simulation.experiments.studies.sensitivity import check_assumptions, record_entry
from simulation.parameters.records import Record
from simulation.scenario import Scenario

Array = npt.NDArray[np.float64]
_MOST = 100_000


@dataclass(frozen=True)
class Question:
    """A way in which a policy can fail.

    Attributes:
        key: Its name in files.
        outcome: The outcome whose difference decides.
        fails: Whether a difference (scenario less baseline) is such a failure.
    """

    key: str
    outcome: str
    fails: Callable[[Array], npt.NDArray[np.bool_]]


QUESTIONS = (
    Question("no_help", "channel_arrivals", lambda gap: gap >= 0.0),
    Question("more_deaths", "channel_deaths", lambda gap: gap > 0.0),
)


@dataclass(frozen=True)
class Plan:
    """How much is run.

    Attributes:
        only: Groups or records to vary; all uncertain ones when empty.
        samples: Points of the Latin hypercube.
        replications: Seeds of every point.
        noise: Seeds of the central point.
    """

    only: tuple[str, ...] = ()
    samples: int = 200
    replications: int = 1
    noise: int = 8

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            InputError: A number is out of range.
        """
        check_count("--samples", self.samples, 20, _MOST)
        check_count("--replications", self.replications, 1, _MOST)
        check_count("--noise", self.noise, 3, _MOST)


def discover(
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
    """Look for the assumptions under which a scenario does not lower arrivals, or costs lives.

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
        "discover",
        [baseline, scenario],
        options,
        # a hypercube is spread over its points: another number of them is another hypercube
        settings={"only": sorted(plan.only), "samples": plan.samples},
        command=command,
        progress=progress,
        simulate=simulate,
    )
    units = hypercube(len(points.records), plan.samples, options.seed)
    pairs = points.cases(units, "point")
    seeds = list(experiment.seeds(plan.replications))
    everything = trials([points.central], experiment.seeds(plan.noise)) + trials(pairs, seeds)
    check_cost(experiment, everything, 0, yes=yes, announce=announce)
    with experiment:
        noise_seeds, central = central_differences(experiment, points, plan.noise)
        values = points.run(experiment, pairs, units, seeds)
        used = ~values.failed
        frame = frame_of(points, units[used])
        answers = {
            question.key: _answer(question, points, frame, values, central, options, plan)
            for question in QUESTIONS
        }
        summary = {
            "baseline": baseline.title,
            "scenario": scenario.title,
            "coverage": COVERAGE,
            "plan": {**asdict(plan), "only": list(plan.only)},
            "fixed_by_scenarios": sorted({*baseline.parameters, *scenario.parameters}),
            "signal_wanted": SIGNAL,
            "points": plan.samples,
            "points_used": int(used.sum()),
            "points_left_out": int((~used).sum()),
            "replications_per_point": plan.replications,
            "point_seeds": seeds,
            "noise_seeds": noise_seeds,
            "replications": len(noise_seeds) + plan.replications * int(used.sum()),
            "method": {
                "most_limited": MOST_LIMITED,
                "most_looked_at": MOST_LOOKED_AT,
                "shuffles": SHUFFLES,
                "halves": HALVES,
                "chance": CHANCE,
            },
            "records": {record.name: record_entry(record) for record in points.records},
            "questions": answers,
            "failed": points.failures(experiment),
        }
        folder = experiment.folder
        folder.write_text("boxes.csv", _boxes_csv(summary))
        stages = [("hypercube", pairs, values)]
        folder.write_text("points.csv", points_csv(points, stages, seeds, ANALYSED))
        content = experiment.finish(summary, points.central, noise_seeds)
        return Finished(folder.path, content, experiment.runs.ran)


def hypercube(records: int, samples: int, seed: int) -> Array:
    """A Latin hypercube, (samples, records)."""
    found: Array = qmc.LatinHypercube(records, rng=np.random.default_rng(seed)).random(samples)
    return found


def frame_of(points: Points, units: Array) -> pd.DataFrame:
    """What each record is at each point, in its own unit; switches as 0 and 1."""
    rows = [list(points.overrides(row).values()) for row in units]
    values = np.array(rows, dtype=float).reshape(len(units), len(points.names))
    return pd.DataFrame(values, columns=list(points.names))


def _answer(
    question: Question,
    points: Points,
    frame: pd.DataFrame,
    values: Values,
    central: Values,
    options: Options,
    plan: Plan,
) -> dict[str, Any]:
    """How often a policy fails in this way, where, and how often by chance alone."""
    gaps = values.difference(question.outcome)[~values.failed]
    known = ~np.isnan(gaps)
    cases = question.fails(gaps[known])
    search = (
        find_boxes(frame[known].reset_index(drop=True), cases, options.seed)
        if known.any()
        else Search((), None, "no point could be used")
    )
    records = {record.name: record for record in points.records}
    middle = central.difference(question.outcome)
    return {
        "outcome": question.outcome,
        "points": int(known.sum()),
        "cases": int(cases.sum()),
        "central_runs": len(middle),
        "central_cases": int(question.fails(middle).sum()),
        "differences": {
            "low": json_number(np.quantile(gaps[known], 0.05)) if known.any() else None,
            "median": json_number(np.quantile(gaps[known], 0.5)) if known.any() else None,
            "high": json_number(np.quantile(gaps[known], 0.95)) if known.any() else None,
        },
        "noise": _noise(question.outcome, values, central, options, plan),
        "reason": search.reason,
        "boxes": [_box_entry(box, records) for box in search.boxes],
        "rejected": None if search.rejected is None else _box_entry(search.rejected, records),
    }


def _noise(
    outcome: str, values: Values, central: Values, options: Options, plan: Plan
) -> dict[str, Any]:
    """How much of what differs between the sets is chance.

    With several pairs for each set chance is what differs within the sets; with one it is what
    differs at the central assumptions.
    """
    gaps = values.difference(outcome)
    known = ~np.isnan(gaps)
    gaps, middle = gaps[known], central.difference(outcome)
    middle = middle[~np.isnan(middle)]
    seeds = plan.replications
    if seeds > 1:
        within = values.within[known, OUTCOME_NAMES.index(outcome)]
        least = least_variance(len(within) * seeds, outcome, options.scale)
        alone = max(float(within.mean()), least) if len(within) else math.nan
        freedom = len(within) * (seeds - 1)
    else:
        alone = chance_variance(middle, outcome, options.scale)
        freedom = len(middle) - 1
    spread = float(np.var(gaps, ddof=1)) if len(gaps) > 1 else math.nan
    return {
        **noise_entry(alone, spread, seeds),
        **noise_share(alone, spread, seeds, freedom, len(gaps)),
        "measured": "within" if seeds > 1 else "central",
    }


def _box_entry(box: Box, records: dict[str, Record]) -> dict[str, Any]:
    return {
        "coverage": box.coverage,
        "density": box.density,
        "mass": box.mass,
        "chance": json_number(box.chance),
        "limits": [_limit_entry(limit, records[limit.record]) for limit in box.limits],
        "trajectory": box.trajectory,
    }


def _limit_entry(limit: Limit, record: Record) -> dict[str, Any]:
    """A limit; of a whole number it is one, and not half-way between two."""
    low, high = limit.low, limit.high
    if record.whole or record.is_switch:
        low = None if low is None else math.ceil(low)
        high = None if high is None else math.floor(high)
    return {**asdict(limit), "low": low, "high": high}


def _boxes_csv(summary: dict[str, Any]) -> str:
    header = [
        "question", "box", "counts", "coverage", "density", "mass", "chance", "record", "low",
        "high", "unit", "quasi_p", "kept_in_halves",
    ]  # fmt: skip
    rows = [
        [
            key, number, int(counts), box["coverage"], box["density"], box["mass"], box["chance"],
            limit["record"], limit["low"], limit["high"],
            summary["records"][limit["record"]]["unit"], limit["quasi_p"], limit["kept"],
        ]
        for key, answer in summary["questions"].items()
        for number, (box, counts) in enumerate(found_boxes(answer), start=1)
        for limit in box["limits"]
    ]  # fmt: skip
    return as_csv(header, rows)


def found_boxes(answer: dict[str, Any]) -> Sequence[tuple[dict[str, Any], bool]]:
    """The boxes of an answer, and whether each is better than chance."""
    found = [(box, True) for box in answer["boxes"]]
    return [*found, (answer["rejected"], False)] if answer["rejected"] else found
