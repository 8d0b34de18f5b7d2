"""Under which assumptions a policy fails: boxes of assumptions in which it does so more often."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from simulation.engine.argument import check_arguments
from simulation.engine.arguments import DISCOVER
from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.findings import ExperimentFindings
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.serialization import as_csv, json_number
from simulation.statistics.boxes import (
    CHANCE,
    HALVES,
    MOST_LIMITED,
    MOST_LOOKED_AT,
    SHUFFLES,
    Box,
    Search,
    find_boxes,
)
from simulation.statistics.finding import Count, Finding
from simulation.statistics.noise import (
    DesignNoise,
    chance_variance,
    least_variance,
    noise_share,
    sample_variance,
)
from simulation.studies.design_points import (
    ANALYSED,
    Array,
    DesignPoints,
    DesignStudy,
    DesignSummary,
    PointValues,
    hypercube,
)

#: ways in which a policy can fail -> the outcome that decides, and which differences (scenario less
#: baseline) are such a failure when held against zero
QUESTIONS = {
    "no_help": ("channel_arrivals", np.greater_equal),
    "more_deaths": ("channel_deaths", np.greater),
}


class MiddleSets(Finding):
    """Between which differences the middle 90% of the sets of assumptions lie, in the unit."""

    low: float | None
    median: float | None
    high: float | None


class SetsNoise(DesignNoise):
    """Chance beside the differences between sets of assumptions.

    Attributes:
        share: Share of the variance between sets that chance alone gives; None where unknown.
        low: Lower end of its interval.
        high: Upper end.
        measured: Whether chance was measured within the sets or at the central assumptions.
    """

    share: float | None
    low: float | None
    high: float | None
    measured: Literal["within", "central"]


class FailureRegions(Finding):
    """How often a policy fails in one way, where, and how often by chance alone.

    Attributes:
        outcome: The outcome whose difference decides.
        points: Sets of assumptions with a value.
        cases: Those in which the policy fails.
        central_runs: Pairs of runs with every assumption at its value.
        central_cases: Those in which it fails.
        differences: Where the differences lie.
        noise: Chance beside them.
        reason: Why no box was looked for; empty if one was.
        boxes: Boxes better than chance.
        rejected: The best box that was not.
    """

    outcome: str
    points: Count
    cases: Count
    central_runs: Count
    central_cases: Count
    differences: MiddleSets
    noise: SetsNoise
    reason: str
    boxes: list[Box]
    rejected: Box | None

    @property
    def regions(self) -> list[tuple[Box, bool]]:
        """The boxes, and whether each is better than chance."""
        accepted = [(box, True) for box in self.boxes]
        return accepted if self.rejected is None else [*accepted, (self.rejected, False)]

    @property
    def noisy(self) -> bool:
        """Whether chance is too large a part of what differs between the sets."""
        # where all sets give the same there is nothing that luck could decide
        return not self.noise.enough and bool(self.noise.design_sd)


class SearchMethod(Finding):
    """How boxes were searched.

    Attributes:
        most_limited: Records that a box may limit.
        most_looked_at: Records looked at in a search.
        shuffles: Shuffles for the chance of a box.
        halves: Random halves for the stability of its limits.
        chance: Probability of a box as good by chance, above which it does not count.
    """

    most_limited: Count
    most_looked_at: Count
    shuffles: Count
    halves: Count
    chance: float


class Discovered(DesignSummary):
    """The findings of a scenario discovery.

    Attributes:
        points: Sets of assumptions, in all.
        points_used: Those without a failed run.
        points_left_out: Those with one.
        method: How boxes were searched.
        questions: The regions of failure, by way in which a policy can fail.
    """

    points: Count
    points_used: Count
    points_left_out: Count
    method: SearchMethod
    questions: dict[str, FailureRegions]
    filed = (
        "baseline", "scenario", "coverage", "plan", "fixed_by_scenarios", "signal_wanted",
        "points", "points_used", "points_left_out", "replications_per_point", "point_seeds",
        "noise_seeds", "method", "records", "questions",
    )  # fmt: skip


class DiscoveryFindings(ExperimentFindings, Discovered):
    """`summary.json` of a scenario discovery."""


@dataclass(frozen=True)
class Discover(DesignStudy[DiscoveryFindings]):
    """Look for the assumptions under which a scenario does not lower arrivals, or costs lives.

    Attributes:
        samples: Points of the Latin hypercube.
    """

    kind = "discover"
    findings = DiscoveryFindings
    planned = ("only", "samples", "replications", "noise")
    samples: int = 200

    @property
    def settings(self) -> Mapping[str, Any]:
        """What is varied, and over how many points: another number is another hypercube."""
        return {**super().settings, "samples": self.samples}

    def check(self) -> None:
        """Refuse numbers out of range."""
        check_arguments(DISCOVER, self)
        super().check()

    def design(self, seed: int) -> DesignPoints:
        """The hypercube."""
        units = hypercube(len(self.records), self.samples, seed)
        return self.points("hypercube", units, "point")

    def run(self, experiment: Experiment) -> StudyResult:
        """Run all sets of assumptions, then look for those in which the policy fails."""
        noise_seeds, central = self.run_central(experiment)
        values = self.run_points(experiment, self.design(experiment.options.seed))
        failed = int(values.failed.sum())
        findings = Discovered(
            **self.common(experiment, noise_seeds, [values]),
            points=self.samples,
            points_used=self.samples - failed,
            points_left_out=failed,
            method=SearchMethod(
                most_limited=MOST_LIMITED,
                most_looked_at=MOST_LOOKED_AT,
                shuffles=SHUFFLES,
                halves=HALVES,
                chance=CHANCE,
            ),
            questions={key: self._answer(experiment, key, values, central) for key in QUESTIONS},
        )
        experiment.folder.write_text("boxes.csv", _boxes_csv(findings))
        self.write_points(experiment, [values], ANALYSED)
        return StudyResult(findings, self.central, noise_seeds)

    def _answer(
        self, experiment: Experiment, key: str, values: PointValues, central: PointValues
    ) -> FailureRegions:
        """How often a policy fails in this way, where, and how often by chance alone."""
        outcome, fails = QUESTIONS[key]
        gaps = values.difference(outcome)
        finite = ~np.isnan(gaps)
        gaps = gaps[finite]
        cases = fails(gaps, 0.0)
        search = Search(reason="no point could be used")
        low = median = high = None
        if finite.any():
            # in the unit of each record, switches as 0 and 1
            assumed = pd.DataFrame(self.assumed(values.points.units[finite]), dtype=float)
            search = find_boxes(assumed, cases, experiment.options.seed)
            low, median, high = (json_number(np.quantile(gaps, at)) for at in (0.05, 0.5, 0.95))
        middle = central.difference(outcome)
        within = values.within[finite, OUTCOME_NAMES.index(outcome)]
        return FailureRegions(
            outcome=outcome,
            points=int(finite.sum()),
            cases=int(cases.sum()),
            central_runs=len(middle),
            central_cases=int(fails(middle, 0.0).sum()),
            differences=MiddleSets(low=low, median=median, high=high),
            noise=self._noise(outcome, gaps, within, middle, experiment.options.scale),
            reason=search.reason,
            boxes=[self._rounded(box) for box in search.boxes],
            rejected=None if search.rejected is None else self._rounded(search.rejected),
        )

    def _noise(
        self, outcome: str, gaps: Array, within: Array, middle: Array, scale: float
    ) -> SetsNoise:
        """How much of what differs between the sets is chance.

        With several pairs for each set chance is what differs within the sets; with one it is what
        differs at the central assumptions.
        """
        middle = middle[~np.isnan(middle)]
        seeds = self.replications
        if seeds > 1:
            least = least_variance(len(within) * seeds, outcome, scale)
            pair_variance = max(float(within.mean()), least) if len(within) else math.nan
            freedom = len(within) * (seeds - 1)
        else:
            pair_variance = chance_variance(middle, outcome, scale)
            freedom = len(middle) - 1
        point_variance = sample_variance(gaps)
        return SetsNoise.measured_from(
            pair_variance,
            point_variance,
            seeds,
            **noise_share(pair_variance, point_variance, seeds, freedom, len(gaps))._asdict(),
            measured="within" if seeds > 1 else "central",
        )

    def _rounded(self, box: Box) -> Box:
        """A box whose limits of whole numbers are such, and not half-way between two."""
        limits = list(box.limits)
        for number, limit in enumerate(limits):
            record = self.records[limit.record]
            if record.whole or record.is_switch:
                low = None if limit.low is None else math.ceil(limit.low)
                high = None if limit.high is None else math.floor(limit.high)
                limits[number] = limit.model_copy(update={"low": low, "high": high})
        return box.model_copy(update={"limits": limits})


def _boxes_csv(findings: Discovered) -> str:
    header = [
        "question", "box", "counts", "coverage", "density", "mass", "chance", "record", "low",
        "high", "unit", "quasi_p", "kept_in_halves",
    ]  # fmt: skip
    rows = [
        [
            key, number, int(counts), box.coverage, box.density, box.mass, box.chance,
            limit.record, limit.low, limit.high, findings.records[limit.record].unit, limit.quasi_p,
            limit.kept,
        ]
        for key, answer in findings.questions.items()
        for number, (box, counts) in enumerate(answer.regions, start=1)
        for limit in box.limits
    ]  # fmt: skip
    return as_csv(header, rows)
