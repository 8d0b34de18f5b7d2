"""The record of a run agrees with itself."""

from __future__ import annotations

import numpy as np

from simulation.model import simulate
from simulation.outcomes import DAILY, OUTCOMES
from simulation.scenario import Scenario, load_scenario
from tests.runs import scenario_from

FLOWS = [name for name, spec in OUTCOMES.items() if spec.kind == "flow"]
#: a fifth of the people and four fifths: what is scaled by mistake, or not, is 4 times off
SCALES = 0.2, 0.8
#: agents (or boats, or operators) counted at the smaller scale; fewer say nothing of a factor
ENOUGH = 20
#: what cannot be told so: some ten people die in these months at sea and as many on land, which at
#: the smaller scale is two agents
RARE = {"channel_deaths", "corridor_deaths"}


def test_origins_add_up_to_everyone():
    record = simulate(load_scenario("baseline"), seed=3, scale=0.02, days=60)
    for name, total in (
        ("arrivals_by_origin", "channel_arrivals"),
        ("entries_by_origin", "wb_entries"),
    ):
        series = getattr(record, name)
        assert len([origin for origin, people in series.items() if people.sum() > 0]) > 3
        # counts of agents, scaled back: equal up to rounding
        np.testing.assert_allclose(sum(series.values()), record.daily[total], rtol=1e-9)


def test_every_outcome_is_recorded():
    record = simulate(load_scenario("baseline"), seed=3, scale=0.02, days=1)
    assert set(record.daily) == set(DAILY)


def totals(scenario: Scenario, scale: float) -> dict[str, float]:
    """Each flow over two runs."""
    records = [simulate(scenario, seed=seed, scale=scale) for seed in (1, 2)]
    return {name: sum(float(record.daily[name].sum()) for record in records) for name in FLOWS}


def test_a_flow_has_the_same_size_at_every_scale(tmp_path):
    scenario = scenario_from(tmp_path, days=90)
    small, large = (totals(scenario, scale) for scale in SCALES)
    assert {name for name in FLOWS if small[name] * SCALES[0] < ENOUGH} == RARE
    ratios = {name: round(small[name] / large[name], 2) for name in FLOWS if name not in RARE}
    wrong = {name: ratio for name, ratio in ratios.items() if not 0.5 < ratio < 2.0}
    assert not wrong, (
        f"a scale of {SCALES[0]} against {SCALES[1]}: {wrong}; in simulation/recording.py what "
        "counts agents is multiplied by people, and nothing else is"
    )
