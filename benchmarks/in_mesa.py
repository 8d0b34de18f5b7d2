"""What the model costs as a Mesa model: a year without and with rules, and each look at it.

    uv run python benchmarks/in_mesa.py [ENTRANTS]

Prints processor time, with 100,000 entrants on the Balkan route unless another number is given.
What nobody asks for costs nothing: the first two lines differ by what the rules themselves take.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from year import SCENARIO, scale_for, warm_up

from simulation import Crossings
from simulation.model.agents.decisions import AllocationInputs, LearningInputs
from simulation.model.corridor_model import run
from simulation.scenario import load_scenario

REPEATS = 3


def by_picture(inputs: AllocationInputs) -> np.ndarray:
    return inputs.activity * inputs.stop_chance * inputs.interest


def as_usual(memory: LearningInputs) -> np.ndarray:
    return memory.usual_risk[memory.leg]


def seconds(work: Callable[[], Any]) -> float:
    """Processor time of some work; the least of some turns."""
    taken = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def main() -> None:
    scenario = load_scenario(SCENARIO)
    scale = scale_for(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    warm_up(scenario)
    models: list[Crossings] = []

    def year(**rules: Any) -> None:
        models[:] = [Crossings(scenario, scale=scale, **rules)]
        run(models[0])

    with_rules = seconds(lambda: year(allocation=by_picture, learning=as_usual))
    plain = seconds(year)
    model = models[0]
    lines = {
        "a year": plain,
        "a year with both rules given": with_rules,
        "its table of outcomes (datacollector)": seconds(
            lambda: model.datacollector.get_model_vars_dataframe()
        ),
        "its space, made": seconds(lambda: type(model.space)(model)),
        "all agents by place (space.agents)": seconds(lambda: model.space.agents),
        "the cell of every agent (agent.cell)": seconds(
            lambda: [agent.cell for agent in model.agents]
        ),
    }
    print(f"{len(model.agents):,} agents, {len(model.space.agents):,} of them at a place")
    for name, value in lines.items():
        print(f"{name:40}{value:10.3f} s")


if __name__ == "__main__":
    main()
