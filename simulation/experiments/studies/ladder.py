"""The adaptation ladder: a comparison without adaptation, then with one response after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulation.experiments.engine.runs import ExperimentRuns
from simulation.experiments.engine.serialization import as_csv
from simulation.experiments.engine.trials import Case
from simulation.experiments.findings import Count, Effect, Finding
from simulation.experiments.statistics.paired import paired_differences
from simulation.experiments.studies.paired_effects import effects_of_run


class StepEffect(Finding):
    """What a response changes of an effect, in the unit of the outcome.

    Attributes:
        pairs: Pairs of runs behind it.
        before: Mean effect before.
        after: Mean effect after.
        difference: Mean difference of the two.
        low: Lower end of its interval.
        high: Upper end.
        probability: That the true mean difference has the sign of the mean, 0 to 1.
        detectable: Whether the difference may be called a rise or a fall.
        before_detectable: Whether the effect before may.
    """

    pairs: Count
    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None
    probability: float | None
    detectable: bool
    before_detectable: bool = True


class LadderRung(Finding):
    """The effect with some responses of smugglers.

    Attributes:
        scenario: Title of the scenario.
        responses: What smugglers are capable of.
        outcomes: The effect on each outcome over the whole run.
        step: What the last response changes, by outcome; None for the first rung.
        together: What all responses change, at the last rung.
    """

    scenario: str
    responses: list[str]
    outcomes: dict[str, Effect]
    step: dict[str, StepEffect] | None = None
    together: dict[str, StepEffect] | None = None


@dataclass(frozen=True)
class Rung:
    """One step of the adaptation ladder: the same comparison with some responses switched off.

    Attributes:
        scenario: Title of the scenario it is of.
        responses: What smugglers are capable of.
        base: The baseline with these responses.
        other: The scenario with them.
    """

    scenario: str
    responses: tuple[str, ...]
    base: Case
    other: Case


def ladder_of(base: Case, other: Case) -> list[Rung]:
    """From no adaptation to all of it, one response added at a time."""
    responses = tuple(type(base.scenario.adaptation).model_fields)
    rungs = []
    for count in range(len(responses) + 1):
        allowed = responses[:count]
        cases = []
        for case in (base, other):
            switches = {
                # a response the scenario itself rules out stays out
                name: name in allowed and getattr(case.scenario.adaptation, name)
                for name in responses
            }
            adaptation = case.scenario.adaptation.model_copy(update=switches)
            scenario = case.scenario.model_copy(update={"adaptation": adaptation})
            words = ", ".join(name.replace("_", " ") for name in allowed) or "none"
            cases.append(Case(f"{case.name} (responses: {words})", scenario))
        rungs.append(Rung(other.name, allowed, *cases))
    return rungs


def describe_ladder(
    runs: ExperimentRuns, rungs: Sequence[Rung], seeds: Sequence[int]
) -> list[LadderRung]:
    """What each rung of one ladder gives, and what its response changes.

    `step` is the effect with one response more less the effect before, seed by seed; `together`,
    at the last rung, is that of all responses.
    """
    entries: list[LadderRung] = []
    gaps: list[npt.NDArray[np.float64]] = []  # of the whole run, (seeds, outcomes)
    for rung in rungs:
        base, other = (runs.totals(case, seeds) for case in (rung.base, rung.other))
        gaps.append(other[:, 0] - base[:, 0])
        step = together = None
        if entries:
            step = _steps(gaps[-2], gaps[-1], entries[-1].outcomes)
            together = _steps(gaps[0], gaps[-1], entries[0].outcomes) if rung is rungs[-1] else None
        entries.append(
            LadderRung(
                scenario=rung.scenario,
                responses=list(rung.responses),
                outcomes=effects_of_run(paired_differences(base, other)),
                step=step,
                together=together,
            )
        )
    return entries


def ladder_csv(rungs: Sequence[LadderRung]) -> str:
    """Every rung and outcome: the effect, and what the last response changed of it."""
    values = ("pairs", "baseline", "scenario", "difference", "low", "high")
    change = ("difference", "low", "high", "probability")
    rows = [
        [
            rung.scenario,
            " ".join(rung.responses) or "none",
            outcome,
            *(getattr(entry, name) for name in values),
            *(getattr((rung.step or {}).get(outcome), name, None) for name in change),
        ]
        for rung in rungs
        for outcome, entry in rung.outcomes.items()
    ]
    steps = (f"step_{name}" for name in change)
    return as_csv(["scenario_title", "responses", "outcome", *values, *steps], rows)


def _steps(
    before: npt.NDArray[np.float64], after: npt.NDArray[np.float64], known: dict[str, Effect]
) -> dict[str, StepEffect]:
    """By outcome: an effect, the effect after it, and the paired difference of the two."""
    shared = ("pairs", "difference", "low", "high", "probability", "detectable")
    return {
        name: StepEffect(
            before=entry.baseline,
            after=entry.scenario,
            before_detectable=known[name].detectable,
            **{field: getattr(entry, field) for field in shared},
        )
        for name, entry in effects_of_run(paired_differences(before, after)).items()
    }
