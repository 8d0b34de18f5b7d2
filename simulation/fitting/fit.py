"""A fit from its first run to its files: calibrate, emulate, sample (Cleary et al. 2021).

1. Members are drawn from the prior of all uncertain records, and run once each.
2. A linear emulator is found from the runs (`emulation`), and what it says of the assumptions,
   given the observed figures, has a closed form.
3. Members of the next generation are drawn from that, nearer to what was observed, where a linear
   emulator holds better. The emulator is found anew from all runs.
4. Every run of every generation has a weight by what it gave. Sets drawn by weight are
   the ensemble, so what is checked against the past is what is packaged.

Why not an ensemble smoother (ES-MDA; Emerick and Reynolds 2013), which moves members along the
regressions across them: with more assumptions than members a run can pay for, it narrows what the
figures do not inform, or has to be damped until it moves nothing. Why not approximate Bayesian
computation: with some hundred assumptions its acceptance leaves a handful of distinct sets.

Every run lies in a journal. Everything else follows from the runs and the seed, so the same command
takes up a fit that was stopped wherever it was, and ends with the same numbers on any number of
workers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from simulation.corridor import Observed
from simulation.errors import InputError
from simulation.experiments.arguments import BUDGET
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.longer_run import HISTORY, past_to, run_to
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.progress import Progress
from simulation.experiments.engine.trials import Case, Setting, Trial
from simulation.experiments.findings import Count, ExperimentFindings, Finding, Seed
from simulation.experiments.study import Cost, Study, StudyResult, check_cost
from simulation.fitting import identifiability, predictive
from simulation.fitting.emulation import (
    Generation,
    Posterior,
    emulate,
    importance,
    systematic,
    update,
)
from simulation.fitting.plan import CONTROLS, KEPT, FitPlan, make_plan, own_series
from simulation.fitting.priors import Prior, first_scores, load_prior, values_of
from simulation.fitting.provenance import Provenance, provenance
from simulation.fitting.series import Data, observed_data
from simulation.outcomes import RunRecord
from simulation.parameters.fitted import ensemble_hash, fitted_text
from simulation.scenario import Scenario, scenario_of
from simulation.source_hash import NOT_MODEL, package_hash

Array = npt.NDArray[np.float64]
FITTED = "fitted.json"
#: largest share of the members of a generation that may fail
MOST_FAILED = 0.2
#: a figure farther than so many standard deviations from what was observed counts as this far: that
#: it is out of the question is all it tells, and how far out would bend the emulator
FARTHEST = 2.0
#: quartiles of a normal distribution lie so many standard deviations apart
_QUARTILES = 1.349
#: what changes nothing of a fit: how it is shown, and the ensemble an earlier one left
_NOT_FIT = NOT_MODEL - {"fitting"}


class WeightsFound(Finding):
    """What the weights of the runs are worth; see `simulation.fitting.emulation.Weights`."""

    power: float
    effective: float


class SeriesNoise(Finding):
    """How well the emulator gives one series, on the scale of the fit.

    Attributes:
        explained: Share of the variance that follows the assumptions.
        left: Standard deviation of what does not; `discrepancy` of what the model leaves out.
        figures: How many the series has.
    """

    explained: float
    left: float
    discrepancy: float
    weight: int | float
    figures: Count


class GenerationFound(Finding):
    """Members of a generation, and the root mean square distance of their figures."""

    members: Count
    distance: float


class FitRuns(Finding):
    """What was run for a fit, and how near it came.

    Attributes:
        window: First and last month that were fitted.
        budget: Runs that were asked for, as are `replications`.
        members: Members of each generation, one run each.
        members_used: Members whose run came to its end.
        controls: Assumptions that drive nothing, to judge the others by.
        misfit: Distance of the ensemble's mean from each series, in standard deviations.
    """

    scenario: str
    window: list[str]
    budget: Count
    members: list[Count]
    members_used: Count
    weights: WeightsFound
    controls: Count
    replications: Count
    seeds: list[Seed]
    noise: dict[str, SeriesNoise]
    generations: list[GenerationFound]
    misfit: dict[str, float]


class FitFound(predictive.CheckedFigure, identifiability.Identified, FitRuns):
    """What a fit finds.

    Attributes:
        provenance: What it rests on.
        ensemble: Hash of the fitted ensemble.
    """

    provenance: Provenance
    ensemble: str


class FitFindings(ExperimentFindings, FitFound):
    """`summary.json` of a fit; its `coverage` is counted by series, not that of the intervals."""

    coverage: list[predictive.Coverage]  # type: ignore[assignment]


@dataclass(frozen=True)
class FitSetting(Setting):
    """What the runs of a fit share; of each, only the figures that are fitted are kept.

    Attributes:
        data: What they are compared with.
    """

    data: Data = field(kw_only=True)

    def reduce(self, record: RunRecord) -> dict[str, Any]:
        """The figures of a run."""
        return {"figures": self.data.of(record).tolist()}

    def check(self, measures: dict[str, Any]) -> None:
        """Refuse what `reduce` does not give.

        Raises:
            ValueError: Says what is wrong.
        """
        figures = measures.get("figures")
        kinds = [type(one) for one in figures] if isinstance(figures, list) else []
        if set(measures) != {"figures"} or kinds != [float] * self.data.size:
            raise ValueError(f"not the {self.data.size} figures of a run")


class FitExperiment(Experiment):
    """A fit under way.

    Args:
        scenario: What is run.
        options: What it was told; its days are those of the plan.
        plan: How much is run.
        data: What was observed.
        prior: What is fitted.
        progress: Called as runs go on.
        how: `command` and `simulate` of `Experiment`.
    """

    def __init__(
        self,
        scenario: Scenario,
        options: Options,
        plan: FitPlan,
        data: Data,
        prior: Prior,
        *,
        progress: Callable[[Progress], None] | None = None,
        **how: Any,
    ) -> None:
        end = plan.window.days[1]
        # a record of a year after the window is drawn, as it is wherever the ensemble is used
        options = replace(options, days=(end - scenario.run.start).days + 1, assumptions="ranges")
        super().__init__(
            "fit",
            [scenario],
            options,
            settings={
                "window": [plan.window.first, plan.window.last],
                "members": list(plan.sizes),
                "data": data.as_json(),
                "parameters": list(prior.names),
            },
            model=package_hash(_NOT_FIT),
            progress=self._tell if progress is not None else None,
            **how,
        )
        self.setting: Setting = FitSetting(**vars(self.setting), data=data)
        self.plan, self.data, self.prior = plan, data, prior
        #: every case that was run, for what failed
        self.seen: list[Case] = []
        self._shown = progress

    @property
    def size(self) -> int:
        """How many assumptions are fitted."""
        return len(self.prior.names)

    @property
    def planned(self) -> int:
        """Runs of the whole fit, whose generations are asked for one after the other."""
        return max(super().planned, self.plan.budget)

    def trials(self, generation: int, scores: Array) -> list[Trial]:
        """The run of each member of a generation; no two of a fit share a seed.

        With a seed of its own each, chance in the runs stays chance: with shared seeds a fit would
        take one sequence of weather for the model's.

        Args:
            generation: Its number.
            scores: (records, members).
        """
        seeds = self.seeds(scores.shape[1], sum(self.plan.sizes[:generation]))
        members = enumerate(zip(values_of(self.prior, scores), seeds, strict=True))
        return [
            Trial(Case(f"generation {generation}, member {n + 1}", self.scenario, values), seed)
            for n, (values, seed) in members
        ]

    @property
    def scenario(self) -> Scenario:
        """What is run."""
        return self._scenarios[0]

    def generation(self, number: int, scores: Array) -> tuple[Array, Array]:
        """Run what is missing of a generation, and read what all gave.

        Args:
            number: Its number.
            scores: Of assumptions and controls, (assumptions, members).

        Returns:
            Scores, and figures (members, figures), of the members whose run came to its end.

        Raises:
            InputError: Too many failed.
        """
        runs, trials = self.runs, self.trials(number, scores[: self.size])
        self.seen += [trial.case for trial in trials]
        runs.add(trials)
        found = np.full((len(trials), self.data.size), np.nan)
        for row, trial in zip(found, trials, strict=True):
            if runs.has(trial.case, trial.seed):
                row[:] = runs.reduced(trial.case, trial.seed)["figures"]
        there = ~np.isnan(found).any(axis=1)
        if there.sum() < (1.0 - MOST_FAILED) * len(found):
            failed, first = runs.failures(self.seen), runs.first_error(self.seen)
            raise InputError(
                f"{len(failed)} runs failed, more than {MOST_FAILED:.0%} of the members of a "
                f"generation; nothing was fitted{first}",
                kept=self.folder.path,
            )
        return scores[:, there], found[there]

    def _tell(self, progress: Progress) -> None:
        """Show what is left of the whole fit, not of the generation in hand."""
        assert self._shown is not None
        left = max(progress.replications, self.plan.budget - self.runs.taken_over)
        self._shown(replace(progress, replications=left, days_total=left * self.setting.days))


@dataclass(frozen=True)
class Fit(Study[FitFindings]):
    """Which assumptions agree with what was observed?

    Attributes:
        scenario: What is run.
        plan: Window and budget.
        own: A user's own monthly series, (months, values) by name.
        announce: Called with the cost before the first run.
        observed: Stands in for the observed tables.
        origins: Stands in for the table of arrivals by origin.
        prior: Stands in for the records that are fitted.
    """

    kind: ClassVar[str] = "fit"
    findings = FitFindings
    scenario: Scenario
    plan: FitPlan
    own: Mapping[str, tuple[Sequence[str], Array]] | None = None
    announce: Callable[[Cost], None] | None = None
    observed: Observed | None = None
    origins: Mapping[int, Mapping[str, int]] | None = None
    prior: Prior | None = None

    @property
    def scenarios(self) -> list[Scenario]:
        """What is run."""
        return [self.scenario]

    def begin(self, options: Options, **how: Any) -> FitExperiment:
        """The experiment, which keeps of each run the figures that are fitted."""
        data = observed_data(self.plan.window, self.own, self.observed, self.origins)
        prior = self.prior or load_prior(self.scenario, self.plan.window.last)
        return FitExperiment(self.scenario, options, self.plan, data, prior, **how)

    def prepare(self, experiment: Experiment) -> None:
        """Tell what it costs."""
        assert isinstance(experiment, FitExperiment)
        known = experiment.trials(0, self._first_scores(experiment)[: experiment.size])
        later = self.plan.budget - len(known)
        check_cost(experiment, known, later, yes=True, announce=self.announce)

    def run(self, experiment: Experiment) -> StudyResult:
        """Run the generations, and write the ensemble that their weights make."""
        assert isinstance(experiment, FitExperiment)
        plan, data, seed = self.plan, experiment.data, experiment.options.seed
        scores = self._first_scores(experiment)
        known_of = Posterior(np.zeros(len(scores)), np.eye(len(scores)))
        generations: list[Generation] = []
        drawn_from: list[Posterior] = []
        figures: list[Array] = []
        for number, count in enumerate(plan.sizes):
            if number:
                scores = known_of.draw(count, seed + number)
            scores, runs = experiment.generation(number, scores)
            figures.append(runs)
            drawn_from.append(known_of)
            gaps = distances(data, runs, reach(data, figures[0]))
            generations.append(Generation(scores, gaps))
            emulator = emulate(generations)
            known_of = update(emulator)
        weights, runs = importance(generations, drawn_from), np.vstack(figures)
        identified = identifiability.identify(experiment.prior, known_of)
        checked = predictive.check(data, runs, weights.values)
        errors = data.discrepancy / data.weight
        left = np.diag(emulator.noise) * errors
        rests_on = provenance(experiment, weights, identified.uninformed, self.own)
        # the file of sets drawn by weight from all runs
        times = systematic(weights.values, KEPT, seed)
        drawn = np.hstack([one.scores[: experiment.size] for one in generations])[:, times > 0]
        sets, names = values_of(experiment.prior, drawn), experiment.prior.names
        rows = [[one[name] for name in names] for one in sets]
        shares = (times[times > 0] / times.sum()).tolist()
        text = fitted_text(names, rows, shares, rests_on.as_json())
        found = FitFound(
            scenario=self.scenario.title,
            window=[plan.window.first, plan.window.last],
            budget=plan.budget,
            members=list(plan.sizes),
            members_used=len(runs),
            weights=WeightsFound(power=weights.power, effective=weights.effective),
            controls=CONTROLS,
            replications=plan.budget,
            seeds=[seed],
            noise={
                block.spec.name: SeriesNoise(
                    explained=float(emulator.explained[where].mean()),
                    left=float(np.sqrt(left[where].mean())),
                    discrepancy=float(np.sqrt(data.discrepancy[where].mean())),
                    weight=block.spec.weight,
                    figures=block.size,
                )
                for block, where in data.slices
            },
            generations=[
                GenerationFound(members=len(of), distance=float(np.sqrt((of**2).mean())))
                for of in (one.figures for one in generations)
            ],
            misfit=predictive.misfit(data, runs, weights.values, left + errors),
            **dict(identified),
            **dict(checked),
            provenance=rests_on,
            ensemble=ensemble_hash(text),
        )
        folder = experiment.folder
        folder.write_text(FITTED, text)
        folder.write_text("parameters.csv", identifiability.parameters_csv(identified))
        folder.write_text("correlations.csv", identifiability.correlations_csv(identified))
        folder.write_text("predictive.csv", predictive.figures_csv(checked))
        return StudyResult(found, experiment.seen, [], tables=False)

    def _first_scores(self, experiment: FitExperiment) -> Array:
        """Scores of assumptions and controls of the first generation."""
        return first_scores(experiment.size + CONTROLS, self.plan.sizes[0], experiment.options.seed)


def fit_of(
    scenario: Scenario | str | Path,
    first: str | None,
    last: str | None,
    budget: int | None,
    own_data: str | Path | None,
    announce: Callable[[Cost], None] | None = None,
) -> tuple[Fit, tuple[str, ...]]:
    """The fit that is asked for.

    Args:
        scenario: The past, or its file or name; `history` is made as long as the months need it.
        first: First month; see `make_plan`.
        last: Last month.
        budget: Runs in all; the default when None.
        own_data: File with monthly series of a user's own.
        announce: Called with the cost before the first run.

    Returns:
        The fit, and what is to be known of the user's own series.

    Raises:
        InputError: Any of them cannot be used.
    """
    asked = scenario_of(scenario)
    own = None if own_data is None else own_series(Path(own_data), asked)
    plan = make_plan(asked, first, last, BUDGET.default if budget is None else budget, own=own)
    end = plan.window.days[1]
    asked = past_to(end) if scenario == HISTORY else run_to(asked, end)
    months = None if own is None else {name: own.monthly(name) for name in own.series}
    return Fit(asked, plan, months, announce), () if own is None else own.notes


def reach(data: Data, runs: Array) -> Array:
    """From where on a figure is out of the question, (figures,): see `distances`.

    Args:
        data: What was observed.
        runs: The first generation, (members, figures).
    """
    low, high = np.quantile(data.transformed(runs), (0.25, 0.75), axis=0)
    errors = data.discrepancy / data.weight
    spread = ((high - low) / _QUARTILES) ** 2
    return np.asarray(FARTHEST * np.sqrt(1.0 + spread / errors))


def distances(data: Data, runs: Array, farthest: Array) -> Array:
    """Figures as distances from what was observed, in standard deviations of their errors.

    Args:
        data: What was observed.
        runs: (members, figures).
        farthest: No distance is larger, (figures,).
    """
    gaps = data.transformed(runs) - data.transformed(np.array(data.observed))
    return np.asarray(np.clip(gaps / np.sqrt(data.discrepancy / data.weight), -farthest, farthest))
