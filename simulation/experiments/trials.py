"""The unit of every experiment: one case run with one seed."""

from __future__ import annotations

import functools
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

from simulation.experiments.measures import Measures, measure
from simulation.experiments.warm import warm
from simulation.outcomes import RunRecord
from simulation.parameters import load_parameters
from simulation.parameters.records import Value
from simulation.parameters.sampling import sample
from simulation.scenario import Scenario

Assumptions = Literal["records", "ranges"]


@dataclass(frozen=True)
class Case:
    """A scenario, and the assumptions that differ from the records and from the scenario's own.

    Attributes:
        name: What a reader calls it.
        scenario: What is asked.
        assumptions: Values by record name.
    """

    name: str
    scenario: Scenario
    assumptions: Mapping[str, Value] = field(default_factory=dict)

    @functools.cached_property
    def key(self) -> str:
        """Identifies what is computed; cases of one key give the same numbers."""
        content = json.dumps([self.scenario.hash(), dict(self.assumptions)], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


class Trial(NamedTuple):
    """A case and a seed; what a worker is asked to run."""

    case: Case
    seed: int

    @property
    def key(self) -> tuple[str, int]:
        """Identifies the trial in a journal."""
        return self.case.key, self.seed


@dataclass(frozen=True)
class Setting:
    """What all trials of an experiment share.

    Attributes:
        scale: Share of the people simulated.
        days: Days counted.
        assumptions: Where the assumptions of a seed come from: `records` for the value of each
            record, `ranges` for a draw from between its low and its high.
        simulate: Stands in for `simulation.model.simulate`.
    """

    scale: float
    days: int
    assumptions: Assumptions = "records"
    simulate: Callable[..., Any] | None = None

    def warm(self, trial: Trial) -> None:
        """Compile what a trial needs, before workers are forked."""
        warm(self._simulate(), trial.case.scenario)

    def run(self, trial: Trial, report: Callable[[date], None] | None = None) -> dict[str, Any]:
        """Run a trial.

        Returns:
            The journal's entry: case, seed, seconds and measures.
        """
        started = time.perf_counter()
        scenario = trial.case.scenario
        drawn = sample(load_parameters(), trial.seed) if self.assumptions == "ranges" else {}
        # what a scenario or a case sets is set, whatever was drawn
        overrides = {**drawn, **scenario.parameters, **trial.case.assumptions}
        record = self._simulate()(
            scenario,
            seed=trial.seed,
            scale=self.scale,
            days=self.days,
            parameters=load_parameters(overrides),
            on_day=report,
        )
        return {
            "case": trial.case.key,
            "seed": trial.seed,
            "seconds": round(time.perf_counter() - started, 3),
            "measures": self.reduce(record),
        }

    def reduce(self, record: RunRecord) -> dict[str, Any]:
        """What is kept of a run, as JSON knows it."""
        return measure(record).as_json()

    def _simulate(self) -> Callable[..., Any]:
        if self.simulate is not None:
            return self.simulate
        from simulation.model import simulate

        return simulate


def failure(trial: Trial, error: str) -> dict[str, Any]:
    """The journal's entry for a trial that failed."""
    return {"case": trial.case.key, "seed": trial.seed, "error": error}


def measures_of(entry: dict[str, Any]) -> Measures:
    """The measures in a journal's entry."""
    return Measures.from_json(entry["measures"])
