"""The adaptation ladder: a comparison without adaptation, then with one response after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.experiments.engine.measures import OUTCOME_NAMES
from simulation.experiments.engine.runs import ExperimentRuns
from simulation.experiments.engine.serialization import as_csv
from simulation.experiments.engine.trials import Case
from simulation.experiments.statistics.paired import paired_differences
from simulation.experiments.studies.compare import compare_totals, difference_entry

_STEP = ("pairs", "before", "after", "difference", "low", "high", "probability", "detectable")
#: whether the effect that a step starts from is itself told from nothing
BEFORE_DETECTABLE = "before_detectable"


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
) -> list[dict[str, Any]]:
    """What each rung of one ladder gives, and what its response changes, as JSON knows it.

    `step` is the effect with one response more less the effect before, seed by seed; `together`,
    at the last rung, is that of all responses.
    """
    effects = [_effect(runs, rung, seeds) for rung in rungs]
    entries: list[dict[str, Any]] = []
    for number, rung in enumerate(rungs):
        found = compare_totals(runs, rung.base, rung.other, seeds)
        last = number == len(rungs) - 1
        before = entries[number - 1]["outcomes"] if number else None
        entries.append(
            {
                "scenario": rung.scenario,
                "responses": list(rung.responses),
                "outcomes": {
                    name: difference_entry(found, (0, column))
                    for column, name in enumerate(OUTCOME_NAMES)
                },
                "step": _steps(effects[number - 1], effects[number], before) if before else None,
                "together": _steps(effects[0], effects[number], entries[0]["outcomes"])
                if number and last
                else None,
            }
        )
    return entries


def ladder_csv(rungs: Sequence[dict[str, Any]]) -> str:
    """Every rung and outcome: the effect, and what the last response changed of it."""
    effect = ("baseline", "scenario", "difference", "low", "high")
    change = ("difference", "low", "high", "probability")
    header = ["scenario_title", "responses", "outcome", "pairs", *effect]
    header += [f"step_{name}" for name in change]
    rows: list[list[Any]] = []
    for rung in rungs:
        for outcome, entry in rung["outcomes"].items():
            step = rung["step"][outcome] if rung["step"] else {}
            row = [rung["scenario"], " ".join(rung["responses"]) or "none", outcome]
            row += [entry["pairs"], *(entry[name] for name in effect)]
            rows.append(row + [step.get(name) for name in change])
    return as_csv(header, rows)


def _effect(runs: ExperimentRuns, rung: Rung, seeds: Sequence[int]) -> npt.NDArray[np.float64]:
    """What the scenario changes with each seed over the whole run, (seeds, outcomes)."""
    base, other = (runs.totals(case, seeds)[:, 0, :] for case in (rung.base, rung.other))
    gaps: npt.NDArray[np.float64] = other - base
    return gaps


def _steps(
    before: npt.NDArray[np.float64],
    after: npt.NDArray[np.float64],
    known: dict[str, dict[str, Any]],
) -> dict[str, dict[str, Any]]:
    """By outcome: an effect, the effect after it, and the paired difference of the two.

    Args:
        before: Effects before, (seeds, outcomes).
        after: Effects after.
        known: What is known of the effects before.
    """
    found = paired_differences(before, after)
    steps = {}
    for column, name in enumerate(OUTCOME_NAMES):
        entry = difference_entry(found, (column,))
        entry |= {"before": entry["baseline"], "after": entry["scenario"]}
        steps[name] = {key: entry[key] for key in _STEP}
        steps[name][BEFORE_DETECTABLE] = known[name]["detectable"]
    return steps
