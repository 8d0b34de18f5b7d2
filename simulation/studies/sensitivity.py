"""Which assumptions drive the difference a scenario makes: screening, then shares of variance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from simulation.engine.argument import check_arguments
from simulation.engine.arguments import SENSITIVITY
from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.findings import ExperimentFindings
from simulation.errors import InputError, unknown_word
from simulation.outcomes import HEADLINE, OUTCOMES
from simulation.serialization import as_csv, json_number
from simulation.statistics.finding import Count, Finding
from simulation.statistics.noise import DesignNoise, chance_variance, sample_variance
from simulation.statistics.sensitivity_indices import (
    FALSE_SHARE,
    FEWEST_BLOCKS,
    LEVELS,
    STEP,
    ElementaryEffect,
    Screening,
    VarianceShare,
    VarianceShares,
    design_variance,
    filed,
    morris_design,
    screen,
    shares,
    sobol_design,
    survivors,
    whole_blocks,
)
from simulation.studies.design_points import (
    ANALYSED,
    DesignPoints,
    DesignStudy,
    DesignSummary,
    PointValues,
)


class StageNoise(DesignNoise):
    """Chance beside the last design that was run.

    Attributes:
        stage: Which design.
        screening_sd: Standard deviation of the differences over the screening.
    """

    stage: Literal["screening", "variance"] = "screening"
    screening_sd: float | None = None


class OutcomeSensitivity(Finding):
    """On which assumptions the difference in one outcome depends.

    Attributes:
        difference: Mean difference with every assumption at its value, in the outcome's unit.
        noise: Chance beside the design.
        screening: The effect of each assumption.
        variance: The shares of the survivors; None where none survived the screening.
    """

    difference: float | None = None
    noise: StageNoise = StageNoise(enough=True)
    screening: Screening
    variance: VarianceShares | None = None

    @property
    def significant(self) -> list[str]:
        """The assumptions that stand out from chance, the strongest first."""
        entries: Sequence[ElementaryEffect | VarianceShare] = self.screening.effects
        if self.variance is not None and self.variance.shares:
            entries = self.variance.shares
        return [one.record for one in entries if one.significant]


class SensitivityDesign(Finding):
    """The designs of a sensitivity analysis.

    Attributes:
        levels: Values of each assumption in the screening.
        step: Length of a step, as a share of the assumption's probability.
        trajectories: Trajectories of the screening.
        samples: Base samples for the shares of variance.
        points: Points of the screening.
    """

    levels: Count
    step: float
    trajectories: Count
    samples: Count
    points: Count


class SensitivitySummary(DesignSummary):
    """The findings of a sensitivity analysis.

    Attributes:
        headline: The outcome that decides which assumptions survive the screening.
        survivors: The assumptions with shares of variance, the strongest first.
        design: The designs.
        false_share: Share of the significant effects that may be chance.
        outcomes: The indices, by outcome.
    """

    headline: str
    survivors: list[str]
    design: SensitivityDesign
    false_share: float = FALSE_SHARE
    outcomes: dict[str, OutcomeSensitivity]
    filed = (
        "baseline", "scenario", "plan", "coverage", "headline", "fixed_by_scenarios",
        "replications_per_point", "point_seeds", "noise_seeds", "records", "survivors", "design",
        "signal_wanted", "false_share", "outcomes",
    )  # fmt: skip


class SensitivityFindings(ExperimentFindings, SensitivitySummary):
    """`summary.json` of a sensitivity analysis."""


@dataclass(frozen=True)
class Sensitivity(DesignStudy[SensitivityFindings]):
    """Find the assumptions on which the difference between two scenarios depends most.

    Attributes:
        outcome: The outcome whose difference decides which assumptions survive the screening.
        trajectories: Trajectories of the screening.
        survivors: Assumptions whose shares of variance are then estimated.
        samples: Base samples for that; a power of 2.
    """

    kind = "sensitivity"
    findings = SensitivityFindings
    planned = (
        "outcome", "only", "trajectories", "survivors", "samples", "replications", "noise",
    )  # fmt: skip
    outcome: str = HEADLINE
    trajectories: int = 4
    survivors: int = 6
    samples: int = 64

    @property
    def outcomes(self) -> list[str]:
        """The outcome that decides, then the others that are always looked at."""
        return [self.outcome, *(name for name in ANALYSED if name != self.outcome)]

    def check(self) -> None:
        """Refuse an unknown outcome and numbers out of range."""
        if self.outcome not in OUTCOMES:
            raise unknown_word("no outcome of this name", self.outcome, OUTCOMES, key="--outcome")
        check_arguments(SENSITIVITY, self)
        if self.samples & (self.samples - 1):
            above = 1 << self.samples.bit_length()
            raise InputError(
                "must be a power of 2, which the sequence is balanced for",
                key="--samples",
                value=self.samples,
                allowed=f"{FEWEST_BLOCKS}, 16, 32, ... such as {above // 2} or {above}",
            )
        super().check()

    def design(self, seed: int) -> DesignPoints:
        """The trajectories of the screening."""
        units = morris_design([*self.records], self.trajectories, seed)
        return self.points("screening", units, "screening point")

    def later_runs(self, experiment: Experiment) -> int:
        """Runs for the shares of variance, as many as there can be; none if all is complete."""
        manifest = experiment.folder.manifest()
        findings = experiment.folder.findings(SensitivityFindings)
        if manifest and manifest.status == "complete" and findings and findings.plan == self.plan:
            return 0
        surviving = min(self.survivors, len(self.records))
        return 2 * self.samples * (surviving + 2) * self.replications

    def run(self, experiment: Experiment) -> StudyResult:
        """Screen all assumptions, then vary those together that move the difference most."""
        seed, scale = experiment.options.seed, experiment.options.scale
        noise_seeds, central = self.run_central(experiment)
        screened = self.run_points(experiment, self.design(seed))
        stages = [screened]
        pair_variances = {
            name: chance_variance(central.difference(name), name, scale) for name in self.outcomes
        }
        noise = {name: value / self.replications for name, value in pair_variances.items()}
        resampling = seed + 1  # SALib takes 0 for no seed
        screenings = {
            name: screen(
                [*self.records],
                screened.points.units,
                screened.difference(name),
                noise[name],
                len(noise_seeds),
                resampling,
            )
            for name in self.outcomes
        }
        surviving = survivors(screenings[self.outcome], self.survivors)
        variances: dict[str, VarianceShares] = {}
        if surviving:
            units = sobol_design(surviving, self.samples, seed)
            varied = self.points("variance", units, "variance point", surviving)
            stages.append(self.run_points(experiment, varied))
            variances = {
                name: shares(surviving, stages[1].difference(name), noise[name], resampling)
                for name in self.outcomes
            }
        findings = SensitivitySummary(
            **self.common(experiment, noise_seeds, stages),
            headline=self.outcome,
            survivors=surviving,
            design=SensitivityDesign(
                levels=LEVELS,
                step=STEP,
                trajectories=self.trajectories,
                samples=self.samples if surviving else 0,
                points=self.trajectories * (len(self.records) + 1),
            ),
            false_share=FALSE_SHARE,
            outcomes={
                name: OutcomeSensitivity(
                    difference=json_number(np.nanmean(central.difference(name))),
                    noise=self._noise(name, pair_variances[name], stages, len(surviving)),
                    screening=screenings[name],
                    variance=variances.get(name),
                )
                for name in self.outcomes
            },
        )
        folder = experiment.folder
        folder.write_text("morris.csv", _morris_csv(findings))
        folder.write_text("sobol.csv", _sobol_csv(findings))
        self.write_points(experiment, stages, self.outcomes)
        return StudyResult(findings, self.central, noise_seeds)

    def _noise(
        self, outcome: str, pair_variance: float, stages: Sequence[PointValues], surviving: int
    ) -> StageNoise:
        """Chance beside the last design."""
        gaps, *later = (values.difference(outcome) for values in stages)
        screened = sample_variance(gaps[whole_blocks(gaps, len(self.records) + 1)])
        point_variance = screened
        for varied in later:
            point_variance = design_variance(varied, surviving + 2)
        return StageNoise.measured_from(
            pair_variance,
            point_variance,
            self.replications,
            stage="variance" if later else "screening",
            screening_sd=json_number(math.sqrt(screened)),
        )


def _morris_csv(findings: SensitivitySummary) -> str:
    rows = [
        [outcome, rank, *effect.as_json().values()]
        for outcome, entry in findings.outcomes.items()
        for rank, effect in enumerate(entry.screening.effects, start=1)
    ]
    return as_csv(["outcome", "rank", *filed(ElementaryEffect.model_fields)], rows)


def _sobol_csv(findings: SensitivitySummary) -> str:
    rows: list[list[Any]] = [
        [outcome, *share.as_json().values(), entry.variance.floor]
        for outcome, entry in findings.outcomes.items()
        if entry.variance is not None
        for share in entry.variance.shares
    ]
    return as_csv(["outcome", *filed(VarianceShare.model_fields), "floor"], rows)
