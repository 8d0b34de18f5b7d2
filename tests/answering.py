"""A stand-in for the model whose answer is known: its difference hangs on two assumptions."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from simulation.parameters import load_parameters
from simulation.scenario import Scenario, load_scenario
from simulation.statistics import boxes
from tests import synthetic

#: the two assumptions on which the difference depends, and two more that can make a run fail
FIRST, SECOND = "sharing.low_coverage", "sharing.high_delay_days"
THIRD, FOURTH = "sharing.none_fidelity", "sharing.medium_leak"
#: these, and two that it does not read
FEW = (FIRST, SECOND, THIRD, FOURTH, "sharing.medium_fidelity", "sharing.low_leak")
BASE = synthetic.SCENARIO
OTHER = (
    synthetic.SCENARIO.replace("A small test", "A policy")
    + """
[sharing_default]
level = "full"
"""
)


def sides_in(folder: Path) -> tuple[Scenario, Scenario]:
    """A baseline and a policy, from files in a folder."""
    for name, text in (("base", BASE), ("policy", OTHER)):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_scenario(folder / "base.toml"), load_scenario(folder / "policy.toml")


def few_shuffles(monkeypatch) -> None:
    """As few as can still give a probability of 0.05."""
    monkeypatch.setattr(boxes, "SHUFFLES", 19)
    monkeypatch.setattr(boxes, "HALVES", 4)


def place(parameters, name: str) -> float:
    """Where an assumption stands between its low and its high, 0 to 1."""
    record = parameters.record(name)
    whole = load_parameters().record(name)
    return (float(record.value) - float(whole.low)) / (float(whole.high) - float(whole.low))


def graded(first: float, second: float) -> tuple[float, float]:
    """Differences in arrivals and in deaths: arrivals by both, deaths by the second."""
    return -900.0 + 800.0 * first + 500.0 * first * second, 400.0 * second


def cornered(first: float, second: float) -> tuple[float, float]:
    """The policy fails where the first is high and the second low; deaths never rise."""
    return (60.0 if first > 0.5 and second < 0.4 else -300.0), -1.0


class Answering:
    """Stands in for `simulate`.

    Args:
        effect: From the places of the two assumptions to the two differences.
        chance: Standard deviation of what chance adds to the arrivals of each run.
        fails: From the places of the third and fourth assumption: whether the run fails.
    """

    def __init__(self, effect=graded, chance=0.0, fails=lambda third, fourth: False):
        self.effect, self.chance, self.fails = effect, chance, fails

    def __call__(self, scenario, *, seed, parameters=None, **more):
        parameters = load_parameters() if parameters is None else parameters
        if self.fails(place(parameters, THIRD), place(parameters, FOURTH)):
            raise RuntimeError("the sea was too rough")
        record = synthetic.simulate(scenario, seed=seed, **more)
        # by what is not as recorded, so that one more record in the package changes no draw
        usual = load_parameters().values()
        own = {name: value for name, value in parameters.values().items() if value != usual[name]}
        text = json.dumps([scenario.title, seed, own], sort_keys=True)
        rng = np.random.default_rng(int(hashlib.sha256(text.encode()).hexdigest()[:12], 16))
        arrivals = rng.normal(0.0, self.chance) if self.chance else 0.0
        if scenario.title == "A policy":
            gaps = self.effect(place(parameters, FIRST), place(parameters, SECOND))
            arrivals += gaps[0]
            record.daily["channel_deaths"][0] += gaps[1]
        record.daily["channel_arrivals"][0] += arrivals
        return record
