"""A fit from its first run to its files.

1. Waves of runs move members to where their own runs agree with what was observed (`waves`):
   emulate and sample, then Gauss-Newton steps of randomised maximum likelihood.
2. Sets of the last waves whose own runs are near enough run again with a new seed. Those that are
   near enough again are the ensemble (`selection`).
3. Each of its sets is run once more with a new seed. By these runs the ensemble is judged (`gate`).
4. The most central values are found, which a single run takes (`centre`).

Why not importance weights of all runs: the likelihood of one run has the chance of that run in it,
in hundreds of figures, so weights have to be flattened until they hardly weigh. Why not approximate
Bayesian computation: with some hundred assumptions its acceptance leaves a handful of sets.

Every run lies in a journal. Everything else follows from the runs and the seed, so the same command
takes up a fit that was stopped wherever it was, and ends with the same numbers on any number of
workers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from simulation.corridor import Observed
from simulation.engine.arguments import BUDGET
from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.findings import ExperimentFindings, Seed
from simulation.engine.longer_run import HISTORY, past_to, run_to
from simulation.engine.options import Options
from simulation.fitting import identifiability, predictive
from simulation.fitting.ahead import Ahead, ahead_of
from simulation.fitting.centre import EnsembleMedian, central_values, most_central, slopes_towards
from simulation.fitting.experiment import FitExperiment
from simulation.fitting.gate import GateLine, Judged, judge_gate
from simulation.fitting.plan import CONTROLS, CentreRounds, FitPlan, make_plan, own_series
from simulation.fitting.priors import Prior, first_wave, load_prior, values_of
from simulation.fitting.provenance import Provenance, provenance
from simulation.fitting.selection import TOLERANCE, Sets, accepted, confirm, select
from simulation.fitting.series import Array, Data, observed_data
from simulation.fitting.waves import Waves, clipped, run_waves
from simulation.parameters.fitted import ensemble_hash, fitted_text
from simulation.parameters.records import Value
from simulation.scenario import Scenario, scenario_of
from simulation.statistics.finding import Count, Finding
from simulation.studies.study import Cost, Study, check_cost

FITTED = "fitted.json"


class SetsSummary(Finding):
    """The sets of the ensemble; see `simulation.fitting.selection`.

    Attributes:
        accepted: Runs of the last waves that were near enough, of `candidates`.
        again: Sets that were near enough in their second run too, of `tried`.
        tolerance: Declared discrepancies within which arrivals and boats of a year had to be.
        moved: Assumptions that were moved.
    """

    sets: Count
    accepted: Count
    candidates: Count
    again: Count
    tried: Count
    tolerance: float
    moved: Count


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


class WaveSummary(Finding):
    """Runs of a wave, the distance of their figures, and how many are near enough.

    Attributes:
        members: Runs that came to their end.
        distance: Root mean square, in declared discrepancies; far ones are clipped.
        accepted: Runs that could be in an ensemble.
    """

    members: Count
    distance: float
    accepted: Count


class FitRuns(Finding):
    """What was run for a fit, and how near it came.

    Attributes:
        window: First and last month that were fitted.
        budget: Runs that were asked for, as are `replications`.
        members: Members of each wave, one run each.
        members_used: Members whose run came to its end.
        controls: Assumptions that drive nothing, to judge the others by.
        misfit: Distance of the ensemble's mean from each series, in standard deviations.
        gate: What the ensemble must do before it can be installed, and whether it does.
    """

    scenario: str
    window: list[str]
    budget: Count
    members: list[Count]
    members_used: Count
    selection: SetsSummary
    controls: Count
    replications: Count
    seeds: list[Seed]
    noise: dict[str, SeriesNoise]
    waves: list[WaveSummary]
    misfit: dict[str, float]
    gate: list[GateLine]


class FitSummary(predictive.CheckedFigure, identifiability.Identified, FitRuns):
    """What a fit finds.

    Attributes:
        provenance: What it rests on.
        ensemble: Hash of the fitted ensemble.
    """

    provenance: Provenance
    ensemble: str


class FitFindings(ExperimentFindings, FitSummary):
    """`summary.json` of a fit; its `coverage` is counted by series, not that of the intervals."""

    coverage: list[predictive.Coverage]  # type: ignore[assignment]


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
        ahead: What is run after the data, by which the most central values are judged as well.
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
    ahead: Ahead | None = None

    @property
    def scenarios(self) -> list[Scenario]:
        """What is run."""
        return [self.scenario]

    def begin(self, options: Options, **how: Any) -> FitExperiment:
        """The experiment, which keeps of each run the figures that are fitted."""
        data = observed_data(self.plan.window, self.own, self.observed, self.origins)
        prior = self.prior or load_prior(self.scenario, self.plan.window.last)
        return FitExperiment(
            self.scenario, options, self.plan, data, prior, ahead=self.ahead, **how
        )

    def prepare(self, experiment: Experiment) -> None:
        """Tell what it costs."""
        assert isinstance(experiment, FitExperiment)
        plan, prior = self.plan, experiment.prior
        scores = first_wave(prior, CONTROLS, plan.sizes[0], experiment.options.seed)
        trials = experiment.trials(0, values_of(prior, scores[: experiment.size]))
        later = plan.budget - len(trials)
        check_cost(experiment, trials, later, yes=True, announce=self.announce)

    def run(self, experiment: Experiment) -> StudyResult:
        """Run the waves, select the ensemble, judge it by new runs, and write it."""
        assert isinstance(experiment, FitExperiment)
        plan, data, prior = self.plan, experiment.data, experiment.prior
        seed = experiment.options.seed
        waves = run_waves(experiment.wave, data, prior, plan.sizes, seed)
        first = select(data, waves.runs, plan.candidates)
        experiment.most_runs = plan.budget - plan.candidates + first.weights.size
        sets = confirm(data, first, *experiment.wave(len(plan.sizes), first.scores), plan.sets)
        experiment.most_runs -= plan.sets - sets.weights.size
        figures, ended = experiment.wave(len(plan.sizes) + 1, sets.scores)
        weights = sets.weights[ended] / sets.weights[ended].sum()
        runs = figures[:, : data.size]
        checked = predictive.check(data, runs, weights)
        identified = identifiability.identify(prior, sets.scores, sets.weights)
        of_years = None
        if self.ahead is not None:
            seeds = compress(experiment.seeds_of(len(plan.sizes) + 1, ended.size), ended)
            figures, of_years = self.ahead.on_central_path(figures, seeds), self.ahead.data
        middle = EnsembleMedian.of(data, figures, weights, of_years)
        central, of_centre = _centre(experiment, waves, sets, middle, set(identified.uninformed))
        gate = judge_gate(Judged(data, sets, runs, weights, checked.coverage, middle, of_centre))
        used = sum(len(wave.members) for wave in waves.runs)
        rests_on = provenance(experiment, identified.uninformed, gate, used, self.own)
        text = _ensemble_text(prior, sets, rests_on, central)
        noise, each_wave, misfit = _emulated(data, waves, runs, weights)
        findings = FitSummary(
            scenario=self.scenario.title,
            window=[plan.window.first, plan.window.last],
            budget=plan.budget,
            members=list(plan.sizes),
            members_used=used,
            selection=SetsSummary(
                sets=sets.weights.size,
                accepted=first.accepted,
                candidates=first.candidates,
                again=sets.accepted,
                tried=sets.candidates,
                tolerance=TOLERANCE,
                moved=int(waves.moved.sum()),
            ),
            controls=CONTROLS,
            replications=plan.budget,
            seeds=[seed],
            noise=noise,
            waves=each_wave,
            misfit=misfit,
            gate=gate,
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
        return StudyResult(findings, experiment.seen, [], tables=False)


def _centre(
    experiment: FitExperiment,
    waves: Waves,
    sets: Sets,
    middle: EnsembleMedian,
    uninformed: set[str],
) -> tuple[Mapping[str, Value], Array]:
    """The most central values, and the mean figures of their runs."""
    plan, prior, before = experiment.plan, experiment.prior, len(experiment.plan.sizes) + 2
    tried = sets.scores[:, : plan.centres]
    fewer = sum(CentreRounds(plan.centres).runs) - sum(CentreRounds(tried.shape[1]).runs)
    experiment.most_runs -= fewer
    informed = np.zeros(len(tried), dtype=bool)
    informed[: len(prior.names)] = [name not in uninformed for name in prior.names]
    slopes = slopes_towards(middle.data, waves.runs, waves.moved, informed)
    values = central_values(prior, uninformed)
    scores, figures = most_central(
        middle, tried, slopes, values, lambda number, of: experiment.run_values(before + number, of)
    )
    return values(scores[:, None])[0], figures


def _ensemble_text(
    prior: Prior, sets: Sets, rests_on: Provenance, central: Mapping[str, Value]
) -> str:
    """The content of the file of the ensemble."""
    values = values_of(prior, sets.scores[: len(prior.names)])
    rows = [[one[name] for name in prior.names] for one in values]
    centre = [central[name] for name in prior.names]
    return fitted_text(prior.names, rows, sets.weights.tolist(), rests_on.as_json(), centre)


def _emulated(
    data: Data, waves: Waves, runs: Array, weights: Array
) -> tuple[dict[str, SeriesNoise], list[WaveSummary], dict[str, float]]:
    """How well the emulator gives each series, how near each wave came, and the misfit."""
    errors = data.discrepancy / data.weight
    left = np.diag(waves.emulator.figure_noise) * errors
    noise = {
        block.spec.name: SeriesNoise(
            explained=float(waves.emulator.explained[where].mean()),
            left=float(np.sqrt(left[where].mean())),
            discrepancy=float(np.sqrt(data.discrepancy[where].mean())),
            weight=block.spec.weight,
            figures=block.size,
        )
        for block, where in data.slices
    }
    each = [
        WaveSummary(
            members=len(wave.members),
            distance=float(np.sqrt((clipped(data, wave.figures) ** 2).mean())),
            accepted=int(accepted(data, wave.figures).sum()),
        )
        for wave in waves.runs
    ]
    return noise, each, predictive.misfit(data, runs, weights, left + errors)


def fit_of(
    scenario: Scenario | str | Path,
    first: str | None,
    last: str | None,
    budget: int | None,
    own_data: str | Path | None,
    announce: Callable[[Cost], None] | None = None,
) -> Fit:
    """The fit that is asked for.

    Args:
        scenario: The past, or its file or name; `history` is made as long as the months need it.
        first: First month; see `make_plan`.
        last: Last month.
        budget: Runs in all; the default when None.
        own_data: File with monthly series of a user's own.
        announce: Called with the cost before the first run.

    Raises:
        InputError: Any of them cannot be used.
    """
    asked = scenario_of(scenario)
    own = None if own_data is None else own_series(Path(own_data), asked)
    plan = make_plan(asked, first, last, BUDGET.default if budget is None else budget, own=own)
    end = plan.window.days[1]
    ahead = ahead_of(plan.window) if scenario == HISTORY else None
    asked = past_to(end) if scenario == HISTORY else run_to(asked, end)
    months = None if own is None else {name: own.monthly(name) for name in own.series}
    return Fit(asked, plan, months, announce, ahead=ahead)
