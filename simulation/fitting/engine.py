"""A fit from its first run to its files.

1. Members are drawn from the prior; each is run twice, and the difference between its runs tells
   what chance does to every figure.
2. The observed figures are assimilated four times (`smoother`); each generation is run.
3. Each assumption is judged against controls. Those of which the figures tell nothing are drawn
   again from their prior: what narrowed them was chance, and to keep it would be false confidence,
   above all in the strength of sharing (`judgement`).
4. The generation that leaves is run four times a member and weighted (`discrepancies`, `weights`).
   What is checked against the past is thus exactly what is packaged.

Every run lies in a journal. Everything else follows from the runs and the seed, so the same command
takes up a fit that was stopped wherever it was, and ends with the same numbers on any number of
workers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.corridor import Observed
from simulation.errors import InputError
from simulation.experiments.cost import Cost, check_cost
from simulation.experiments.experiment import Options
from simulation.experiments.replications import Progress
from simulation.fitting import identifiability, predictive
from simulation.fitting.discrepancies import log_likelihood
from simulation.fitting.experiment import FitExperiment
from simulation.fitting.judgement import Judgement, judge, redrawn
from simulation.fitting.plan import ASSIMILATIONS, CONTROLS, KEPT, LAST_REPLICATES, REPLICATES, Plan
from simulation.fitting.priors import Prior, first_scores, load_prior, table_of, values_of
from simulation.fitting.provenance import provenance
from simulation.fitting.series import Data, observed_data
from simulation.fitting.smoother import MOST_FAILED, TooManyFailedError, smooth
from simulation.fitting.weights import Weights, importance, systematic
from simulation.parameters.fitted import ensemble_hash, fitted_text
from simulation.scenario import Scenario

Array = npt.NDArray[np.float64]
FITTED = "fitted.json"
#: digits of a weight
_DIGITS = 6


@dataclass(frozen=True)
class Fitted:
    """What a fit left behind.

    Attributes:
        folder: Its folder.
        summary: Content of `summary.json`.
        ran: Runs done by this attempt.
    """

    folder: Path
    summary: dict[str, Any]
    ran: int

    @property
    def file(self) -> Path:
        """The fitted ensemble."""
        return self.folder / FITTED


def fit(
    scenario: Scenario,
    options: Options,
    plan: Plan,
    *,
    own: Mapping[str, tuple[Sequence[str], Array]] | None = None,
    observed: Observed | None = None,
    origins: Mapping[int, Mapping[str, int]] | None = None,
    prior: Prior | None = None,
    announce: Callable[[Cost], None] | None = None,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
    simulate: Callable[..., Any] | None = None,
) -> Fitted:
    """Fit the chosen assumptions to what was observed.

    Args:
        scenario: What is run.
        options: What every experiment can be told.
        plan: Window and budget.
        own: A user's own monthly series, (months, values) by name.
        observed: Stands in for the observed tables.
        origins: Stands in for the table of arrivals by origin.
        prior: Stands in for the records that are fitted.
        announce: Called with the cost before the first run.
        command: Command that reproduces it.
        progress: Called as runs go on.
        simulate: Stands in for the model.

    Raises:
        InputError: Something asked for cannot be used, or too many runs failed.
        Interrupted: Ctrl-C; finished runs are kept.
    """
    data = observed_data(plan.window, own, observed, origins)
    chosen = load_prior(scenario, plan.window.last) if prior is None else prior
    experiment = FitExperiment(
        scenario, options, plan, data, chosen, command=command, progress=progress, simulate=simulate
    )
    size = len(chosen.names)
    first = first_scores(size + CONTROLS, plan.members, options.seed)
    members = experiment.trials(0, first[:size], REPLICATES)
    known = [trial for trials in members for trial in trials]
    check_cost(experiment, known, plan.runs - len(known), yes=True, announce=announce)
    with experiment:
        runs = experiment.figures(members)
        chance = _chance(experiment, data, runs)
        observations = data.transformed(np.array(data.observed))
        variance = (chance + data.discrepancy) / data.weight

        def forward(generation: int, scores: Array) -> Array:
            trials = experiment.trials(generation, scores[:size], REPLICATES)
            return _predicted(data, experiment.figures(trials)).T

        try:
            smoothed = smooth(
                forward, first, observations, variance, ASSIMILATIONS, options.seed + 1
            )
        except TooManyFailedError as error:
            raise _failed(experiment) from error
        judgement = judge(first, smoothed.generations[-1], size)
        last = redrawn(smoothed.generations[-1], judgement, options.seed + 2)
        runs = experiment.figures(experiment.trials(ASSIMILATIONS, last[:size], LAST_REPLICATES))
        there = ~np.isnan(runs).any(axis=(1, 2))
        if there.sum() < (1.0 - MOST_FAILED) * plan.members:
            raise _failed(experiment)
        last, runs = last[:, there], runs[there]
        # what was drawn from the prior has its density: the two cancel, and are left out
        weights = _weigh(data, last[:size][judgement.informed], runs)
        summary = _summary(
            experiment, smoothed.generations, judgement, last, runs, weights, chance, variance
        )
        summary["provenance"] = provenance(experiment, weights, summary["uninformed"], own)
        return _write(experiment, summary, last[:size], weights)


def _predicted(data: Data, runs: Array) -> Array:
    """Mean of each member's runs on the transformed scale, (members, figures)."""
    means: Array = data.transformed(runs).mean(axis=1)
    return means


def _chance(experiment: FitExperiment, data: Data, runs: Array) -> Array:
    """Variance between runs that differ by seed alone, mean over members, (figures,)."""
    there = ~np.isnan(runs).any(axis=(1, 2))
    if there.sum() < (1.0 - MOST_FAILED) * runs.shape[0]:
        raise _failed(experiment)
    spread: Array = data.transformed(runs[there]).var(axis=1, ddof=1).mean(axis=0)
    return spread


def _weigh(data: Data, scores: Array, runs: Array) -> Weights:
    """Weights of the last generation."""
    replicates = runs.shape[1]
    chance = data.transformed(runs).var(axis=1, ddof=1).mean(axis=0)
    # what was observed is one run of the world, and the mean of a few runs is uncertain itself
    variance = chance * (1.0 + 1.0 / replicates) + data.discrepancy
    logs = np.array([log_likelihood(data, member, variance) for member in runs])
    return importance(scores, logs)


def _summary(
    experiment: FitExperiment,
    generations: tuple[Array, ...],
    judgement: Judgement,
    last: Array,
    runs: Array,
    weights: Weights,
    chance: Array,
    variance: Array,
) -> dict[str, Any]:
    plan, data, prior = experiment.plan, experiment.data, experiment.prior
    return {
        "scenario": experiment.scenario.title,
        "window": [plan.window.first, plan.window.last],
        "budget": plan.budget,
        "runs": plan.runs,
        "members": plan.members,
        "members_used": int(weights.values.size),
        "assimilations": ASSIMILATIONS,
        "replicates": [REPLICATES, LAST_REPLICATES],
        "controls": CONTROLS,
        "replications": plan.runs,
        "seeds": [experiment.options.seed],
        "weights": {
            "power": weights.power,
            "effective": weights.effective,
            "effective_raw": weights.effective_raw,
        },
        "noise": {
            block.spec.name: {
                "chance": float(np.sqrt(chance[where].mean())),
                "discrepancy": float(np.sqrt(data.discrepancy[where].mean())),
                "weight": block.spec.weight,
                "figures": block.size,
            }
            for block, where in data.slices
        },
        "generations": [
            {
                "members": int(scores.shape[1]),
                "spread": float(scores[: len(prior.names)].std(axis=1, ddof=1).mean()),
                "spread_controls": float(scores[len(prior.names) :].std(axis=1, ddof=1).mean()),
            }
            for scores in generations
        ],
        "misfit": predictive.misfit(data, runs, weights.values, variance),
        **identifiability.table(prior, judgement, last, weights.values),
        **predictive.check(data, runs, weights.values),
    }


def _write(
    experiment: FitExperiment, summary: dict[str, Any], scores: Array, weights: Weights
) -> Fitted:
    folder, names = experiment.folder, experiment.prior.names
    members, shares = values_of(experiment.prior, scores), weights.values
    if len(members) > KEPT:
        # so many are more than a file of the package should hold: as many, of equal weight
        kept = systematic(shares, KEPT, experiment.options.seed)
        members, shares = [members[number] for number in kept], np.full(KEPT, 1.0 / KEPT)
    rounded = [float(f"{weight:.{_DIGITS}g}") for weight in shares]
    text = fitted_text(names, table_of(members, names), rounded, summary["provenance"])
    folder.write_text(FITTED, text)
    folder.write_text("parameters.csv", identifiability.parameters_csv(summary))
    folder.write_text("correlations.csv", identifiability.correlations_csv(summary))
    folder.write_text("predictive.csv", predictive.figures_csv(summary))
    summary["ensemble"] = ensemble_hash(text)
    content = experiment.finish(summary, experiment.seen, [], tables=False)
    return Fitted(folder.path, content, experiment.ensemble.ran)


def _failed(experiment: FitExperiment) -> InputError:
    failures = experiment.ensemble.failures(experiment.seen)
    first = f"; the first error: {failures[0].error}" if failures else ""
    return InputError(
        f"{len(failures)} runs failed, and more than {MOST_FAILED:.0%} of the members with them; "
        f"nothing was fitted{first}",
        kept=experiment.folder.path,
    )
