"""Time the people's day on land: the reference implementation against the compiled one.

    python benchmarks/reference.py

Runs the benchmark's year with few people. On every fifteenth day the same people in the same
state are moved by both. The last line printed is JSON: `reference_ns` and `kernel_ns`, CPU per
agent-day, or `missing`, why there is no figure.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from year import SCENARIO, scale_for, warm_up

import simulation.processes.movement
from simulation.model import Crossings, run
from simulation.scenario import load_scenario

ROOT = Path(__file__).resolve().parents[1]
ENTRANTS = 20_000
EVERY = 15  # days


class BothMove:
    """Stands in for the compiled `move`, and on some days lets the reference go first.

    Args:
        move: The compiled day.
        reference_move: The reference's day.
        people_from_columns: What turns rows into its people.
        stand_in: What makes a copy of a world and its assumptions for the reference.
    """

    def __init__(
        self,
        move: Any,
        reference_move: Callable[..., Any],
        people_from_columns: Callable[..., list[Any]],
        stand_in: Callable[[Any], tuple[Any, Any]],
    ) -> None:
        self._move, self._reference_move = move, reference_move
        self._people_from_columns = people_from_columns
        self._stand_in = stand_in
        self.agent_days = 0
        self.reference_seconds = self.kernel_seconds = 0.0

    def __call__(self, world: Any, space: Any) -> Any:
        """One day, as `simulation.processes.movement.move` takes it."""
        sampled = world.day % EVERY == 0 and world.live.size > 0
        if sampled:
            self.agent_days += world.live.size
            people = self._people_from_columns(world.migrants, world.live)
            self.reference_seconds += self._timed(world, people)
            self.reference_seconds -= self._timed(world, [])  # laying out the legs
        started = time.process_time()
        result = self._move(world, space)
        if sampled:
            self.kernel_seconds += time.process_time() - started
        return result

    def _timed(self, world: Any, people: list[Any]) -> float:
        """Seconds the reference takes, on copies of everything it may change."""
        copy, parameters = self._stand_in(world)
        started = time.process_time()
        self._reference_move(people, copy, parameters)
        return time.process_time() - started


def both_move() -> BothMove | None:
    """The compiled day beside the reference in `tests`; None if that is not there."""
    sys.path.insert(0, str(ROOT))
    try:
        from tests.reference import copied, plain, reference_move
        from tests.reference_people import people_from_columns
    except ModuleNotFoundError:
        return None

    def stand_in(world: Any) -> tuple[Any, Any]:
        return copied(world), plain(world.now[0])

    return BothMove(
        simulation.processes.movement.move, reference_move, people_from_columns, stand_in
    )


def main() -> None:
    """Measure and print."""
    both = both_move()
    if both is None:
        print(json.dumps({"missing": "tests/reference.py is not there"}))
        return
    scenario = load_scenario(SCENARIO)
    warm_up(scenario)
    simulation.processes.movement.move = both
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
