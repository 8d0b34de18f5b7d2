"""The adaptation ladder, with runs whose differences are known by hand."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from simulation.experiments.engine.measures import OUTCOME_NAMES
from simulation.experiments.engine.trials import Case
from simulation.experiments.studies.ladder import describe_ladder, ladder_csv, ladder_of
from simulation.scenario import parse_scenario

RESPONSES = ("route", "price", "load", "recruitment", "going_dark", "beliefs")
SEEDS = tuple(range(1, 9))


def case(title: str, more: str = "") -> Case:
    return Case(title, parse_scenario(f'title = "{title}"\nextends = "baseline"\n{more}'))


@pytest.fixture(scope="module")
def rungs():
    return ladder_of(case("Base"), case("Other", "[adaptation]\nload = false"))


class Ensemble:
    """Each response takes ten back of an effect of -100, with a little chance by seed."""

    def totals(self, of: Case, seeds) -> np.ndarray:
        switches = dict(of.scenario.adaptation)
        effect = -100.0 + 10.0 * sum(switches.values()) if of.name.startswith("Other") else 0.0
        noise = np.array(seeds) * (1.0 if of.name.startswith("Other") else 0.9)
        totals = np.full((len(seeds), 2, len(OUTCOME_NAMES)), 1000.0)
        totals[:, 0, 0] += effect + noise
        totals[:, 1, 0] += 7777.0  # another period, which a ladder does not look at
        return totals


def test_one_response_is_added_at_a_time(rungs):
    assert [rung.responses for rung in rungs] == [RESPONSES[:count] for count in range(7)]
    assert all(rung.scenario == "Other" for rung in rungs)
    for rung in rungs:
        allowed = {name: name in rung.responses for name in RESPONSES}
        assert dict(rung.base.scenario.adaptation) == allowed
        # what the scenario itself rules out stays out
        assert dict(rung.other.scenario.adaptation) == {**allowed, "load": False}


def test_a_rung_is_named_after_its_responses(rungs):
    assert rungs[0].base.name == "Base (responses: none)"
    assert rungs[2].other.name == "Other (responses: route, price)"
    assert rungs[5].other.name.endswith("recruitment, going dark)")


def test_steps_and_all_of_them_together(rungs):
    found = describe_ladder(Ensemble(), rungs, SEEDS)
    first = OUTCOME_NAMES[0]
    effects = [entry.outcomes[first].difference for entry in found]
    noise = 0.1 * np.mean(SEEDS)
    wanted = [-100, -90, -80, -80, -70, -60, -50]
    assert effects == pytest.approx([value + noise for value in wanted])
    assert found[0].step is None
    assert [entry.together is None for entry in found] == [True] * 6 + [False]
    for number in range(1, 7):
        step = found[number].step[first]
        assert step.difference == pytest.approx(wanted[number] - wanted[number - 1], abs=1e-9)
        assert step.before == pytest.approx(effects[number - 1])
        assert step.after == pytest.approx(effects[number])
        assert step.pairs == len(SEEDS)
        assert step.before_detectable
        assert not found[number].step[OUTCOME_NAMES[1]].before_detectable
    together = found[6].together[first]
    assert together.difference == pytest.approx(50.0)
    assert together.before == pytest.approx(effects[0])
    assert together.detectable
    assert [entry.responses for entry in found] == [list(RESPONSES[:n]) for n in range(7)]


def test_the_table_has_a_line_for_each_rung_and_outcome(rungs):
    found = describe_ladder(Ensemble(), rungs, SEEDS)
    lines = list(csv.DictReader(io.StringIO(ladder_csv(found))))
    assert len(lines) == 7 * len(OUTCOME_NAMES)
    assert lines[0]["responses"] == "none"
    assert lines[0]["step_difference"] == ""
    last = lines[6 * len(OUTCOME_NAMES)]
    assert last["responses"] == " ".join(RESPONSES)
    assert last["scenario_title"] == "Other"
    assert last["outcome"] == OUTCOME_NAMES[0]
    assert float(last["difference"]) == pytest.approx(-50 + 0.1 * np.mean(SEEDS))
    assert float(last["step_difference"]) == pytest.approx(10.0, abs=1e-9)
    assert int(last["pairs"]) == len(SEEDS)
