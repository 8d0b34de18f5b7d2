"""A fit from its first run to its files: calibrate, emulate, sample (Cleary et al. 2021).

1. Members are drawn from the prior of all uncertain records, and run once each.
2. A linear emulator is found from the runs (`emulation`), and what it says of the assumptions,
   given the observed figures, has a closed form (`posterior`).
3. Members of the next generation are drawn from that, nearer to what was observed, where a linear
   emulator holds better. The emulator is found anew from all runs.
4. Every run of every generation has a weight by what it gave (`weights`). Sets drawn by weight are
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.corridor import Observed
from simulation.errors import InputError
from simulation.experiments.engine.cost import Cost, check_cost
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.progress import Progress
from simulation.fitting import identifiability, predictive
from simulation.fitting.emulation import Emulator, Generation, emulate
from simulation.fitting.experiment import FitExperiment
from simulation.fitting.judgement import judge
from simulation.fitting.plan import CONTROLS, KEPT, Plan
from simulation.fitting.posterior import Posterior, update
from simulation.fitting.priors import Prior, first_scores, load_prior, table_of, values_of
from simulation.fitting.provenance import provenance
from simulation.fitting.series import Data, observed_data
from simulation.fitting.weights import Weights, importance, systematic
from simulation.parameters.fitted import ensemble_hash, fitted_text
from simulation.scenario import Scenario

Array = npt.NDArray[np.float64]
FITTED = "fitted.json"
#: largest share of the members of a generation that may fail
MOST_FAILED = 0.2
#: a figure farther than so many standard deviations from what was observed counts as this far: that
#: it is out of the question is all it tells, and how far out would bend the emulator
FARTHEST = 2.0
#: quartiles of a normal distribution lie so many standard deviations apart
_QUARTILES = 1.349


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
    """Fit the uncertain assumptions to what was observed.

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
    scores = first_scores(size + CONTROLS, plan.sizes[0], options.seed)
    known = experiment.trials(0, scores[:size])
    check_cost(experiment, known, plan.budget - len(known), yes=True, announce=announce)
    with experiment:
        known_of = Posterior(np.zeros(len(scores)), np.eye(len(scores)))
        generations: list[Generation] = []
        drawn_from: list[Posterior] = []
        figures: list[Array] = []
        for number, count in enumerate(plan.sizes):
            if number:
                scores = known_of.draw(count, options.seed + number)
            scores, runs = _run(experiment, number, scores)
            figures.append(runs)
            drawn_from.append(known_of)
            gaps = distances(data, runs, reach(data, figures[0]))
            generations.append(Generation(scores, gaps))
            emulator = emulate(generations)
            known_of = update(emulator)
        weights = importance(generations, drawn_from)
        summary = _summary(experiment, generations, emulator, known_of, np.vstack(figures), weights)
        times = systematic(weights.values, KEPT, options.seed)
        sets = np.hstack([one.scores[:size] for one in generations])[:, times > 0]
        summary["provenance"] = provenance(experiment, weights, summary["uninformed"], own)
        return _write(experiment, summary, sets, times[times > 0])


def reach(data: Data, runs: Array) -> Array:
    """From where on a figure is out of the question, (figures,): see `distances`.

    Args:
        data: What was observed.
        runs: The first generation, (members, figures).
    """
    low, high = np.quantile(data.transformed(runs), (0.25, 0.75), axis=0)
    errors = data.discrepancy / data.weight
    spread = ((high - low) / _QUARTILES) ** 2
    found: Array = FARTHEST * np.sqrt(1.0 + spread / errors)
    return found


def distances(data: Data, runs: Array, farthest: Array) -> Array:
    """Figures as distances from what was observed, in standard deviations of their errors.

    Args:
        data: What was observed.
        runs: (members, figures).
        farthest: No distance is larger, (figures,).
    """
    gaps = data.transformed(runs) - data.transformed(np.array(data.observed))
    found: Array = np.clip(gaps / np.sqrt(data.discrepancy / data.weight), -farthest, farthest)
    return found


def _run(experiment: FitExperiment, number: int, scores: Array) -> tuple[Array, Array]:
    """Run a generation; scores and figures of the members whose run came to its end."""
    size = len(experiment.prior.names)
    runs = experiment.figures(experiment.trials(number, scores[:size]))
    there = ~np.isnan(runs).any(axis=1)
    if there.sum() < (1.0 - MOST_FAILED) * len(runs):
        raise _failed(experiment)
    return scores[:, there], runs[there]


def _summary(
    experiment: FitExperiment,
    generations: Sequence[Generation],
    emulator: Emulator,
    posterior: Posterior,
    runs: Array,
    weights: Weights,
) -> dict[str, Any]:
    plan, data, prior = experiment.plan, experiment.data, experiment.prior
    errors = data.discrepancy / data.weight
    left = np.diag(emulator.noise) * errors
    judgement = judge(posterior, len(prior.names))
    return {
        "scenario": experiment.scenario.title,
        "window": [plan.window.first, plan.window.last],
        "budget": plan.budget,
        "members": list(plan.sizes),
        "members_used": len(runs),
        "weights": {"power": weights.power, "effective": weights.effective},
        "controls": CONTROLS,
        "replications": plan.budget,
        "seeds": [experiment.options.seed],
        "noise": {
            block.spec.name: {
                "explained": float(emulator.explained[where].mean()),
                "left": float(np.sqrt(left[where].mean())),
                "discrepancy": float(np.sqrt(data.discrepancy[where].mean())),
                "weight": block.spec.weight,
                "figures": block.size,
            }
            for block, where in data.slices
        },
        "generations": [
            {
                "members": len(one.figures),
                "distance": float(np.sqrt((one.figures**2).mean())),
            }
            for one in generations
        ],
        "misfit": predictive.misfit(data, runs, weights.values, left + errors),
        **identifiability.table(prior, posterior, judgement),
        **predictive.check(data, runs, weights.values),
    }


def _write(
    experiment: FitExperiment,
    summary: dict[str, Any],
    scores: Array,
    times: npt.NDArray[np.int64],
) -> Fitted:
    folder, names = experiment.folder, experiment.prior.names
    rows = table_of(values_of(experiment.prior, scores), names)
    shares = (times / times.sum()).tolist()
    text = fitted_text(names, rows, shares, summary["provenance"])
    folder.write_text(FITTED, text)
    folder.write_text("parameters.csv", identifiability.parameters_csv(summary))
    folder.write_text("correlations.csv", identifiability.correlations_csv(summary))
    folder.write_text("predictive.csv", predictive.figures_csv(summary))
    summary["ensemble"] = ensemble_hash(text)
    content = experiment.finish(summary, experiment.seen, [], tables=False)
    return Fitted(folder.path, content, experiment.runs.ran)


def _failed(experiment: FitExperiment) -> InputError:
    failures = experiment.runs.failures(experiment.seen)
    first = f"; the first error: {failures[0].error}" if failures else ""
    return InputError(
        f"{len(failures)} runs failed, more than {MOST_FAILED:.0%} of the members of a generation; "
        f"nothing was fitted{first}",
        kept=experiment.folder.path,
    )
