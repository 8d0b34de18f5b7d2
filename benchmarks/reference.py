"""Time the people's day on land: the reference implementation against the compiled one.

    python benchmarks/reference.py

Runs the benchmark's year with few people. On every fifteenth day the same people in the same
state are moved by both. The last line printed is JSON: `reference_ns` and `kernel_ns`, CPU per
agent-day, or `missing`, why there is no figure.
"""

# ruff: noqa: E402 (the folder of the project comes before what lies in it)
from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from year import SCENARIO, scale_for, warm_up

import simulation.model.processes.movement
from simulation import Crossings
from simulation.model.corridor_model import run
from simulation.scenario import load_scenario
from tests.reference import copied, people_from_columns, plain, reference_move

ENTRANTS = 20_000
EVERY = 15  # days


class BothMove:
    """Stands in for the compiled `move`, and on some days lets the reference go first."""

    def __init__(self) -> None:
        self._move = simulation.model.processes.movement.move
        self.agent_days = 0
        self.reference_seconds = self.kernel_seconds = 0.0

    def __call__(self, world: Any, space: Any) -> Any:
        """One day, as `simulation.model.processes.movement.move` takes it."""
        sampled = world.day % EVERY == 0 and world.live.size > 0
        if sampled:
            self.agent_days += world.live.size
            people = people_from_columns(world.migrants, world.live)
            self.reference_seconds += self._timed(world, people)
            self.reference_seconds -= self._timed(world, [])  # laying out the legs
        started = time.process_time()
        result = self._move(world, space)
        if sampled:
            self.kernel_seconds += time.process_time() - started
        return result

    def _timed(self, world: Any, people: list[Any]) -> float:
        """Seconds the reference takes, on copies of everything it may change."""
        copy, parameters = copied(world), plain(world.now[0])
        started = time.process_time()
        reference_move(people, copy, parameters)
        return time.process_time() - started


def main() -> None:
    """Measure and print."""
    both = BothMove()
    scenario = load_scenario(SCENARIO)
    warm_up(scenario)
    simulation.model.processes.movement.move = both
    try:
        run(Crossings(scenario, scale=scale_for(ENTRANTS)))
    except (AssertionError, AttributeError, LookupError, TypeError) as error:
        print(json.dumps({"missing": f"the reference failed: {error}"}))
        return
    figures = {
        "reference_ns": both.reference_seconds / both.agent_days * 1e9,
        "kernel_ns": both.kernel_seconds / both.agent_days * 1e9,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
