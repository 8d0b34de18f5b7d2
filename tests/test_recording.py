"""The record of a run agrees with itself."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from simulation import Crossings
from simulation.model.agents.migrant import State
from simulation.model.corridor_model import simulate
from simulation.model.recording import make_record
from simulation.outcomes import DAILY, OUTCOMES, RunRecord
from simulation.scenario import Scenario, load_scenario
from tests.runs import Steps, scenario_from

#: how often something happens is stated below for recorded values
pytestmark = pytest.mark.usefixtures("recorded")

FLOWS = [name for name, spec in OUTCOMES.items() if spec.kind == "flow"]
#: a fifth of the people and four fifths: what is scaled by mistake, or not, is 4 times off
SCALES = 0.2, 0.8
#: agents (or boats, or operators) counted at the smaller scale; fewer say nothing of a factor
ENOUGH = 20
#: what cannot be told so: some ten people die in these months at sea and as many on land, which at
#: the smaller scale is two agents; arrests on a case are few
RARE = {"channel_deaths", "corridor_deaths", "arrests_on_case"}


@pytest.fixture(scope="module")
def record() -> RunRecord:
    return simulate(load_scenario("baseline"), seed=3, scale=0.02, days=60)


def test_every_outcome_is_recorded(record):
    assert set(record.daily) == set(DAILY)


def totals(scenario: Scenario, scale: float) -> dict[str, float]:
    """Each flow over two runs."""
    records = [simulate(scenario, seed=seed, scale=scale) for seed in (1, 2)]
    return {name: sum(float(record.daily[name].sum()) for record in records) for name in FLOWS}


#: some of those who land are returned, or nobody would be
RETURNS = '[[return_after_arrival]]\npartner = "FR"\nplaces_per_week = 40\nfrom = 2023-06-01\n'


@pytest.mark.slow
def test_a_flow_has_the_same_size_at_every_scale(tmp_path):
    scenario = scenario_from(tmp_path, RETURNS, days=90)
    small, large = (totals(scenario, scale) for scale in SCALES)
    assert {name for name in FLOWS if small[name] * SCALES[0] < ENOUGH} == RARE
    ratios = {name: round(small[name] / large[name], 2) for name in FLOWS if name not in RARE}
    wrong = {name: ratio for name, ratio in ratios.items() if not 0.5 < ratio < 2.0}
    assert not wrong, (
        f"a scale of {SCALES[0]} against {SCALES[1]}: {wrong}; in model/recording.py what "
        "counts agents is multiplied by people, and nothing else is"
    )


#: states of somebody whose journey goes on
ON_THE_WAY = (State.WAITING, State.TRAVELLING, State.DETAINED, State.QUEUED)


HALF, DAYS = 0.5, 365


class Evenings(NamedTuple):
    """A run of a year with half of the people, and the agents on the way each evening."""

    model: Crossings
    record: RunRecord
    on_the_way: np.ndarray


@pytest.fixture(scope="module")
def evenings(tmp_path_factory) -> Evenings:
    # a sea in which some ten of these people die
    text = '[parameters]\n"hazards.boat" = 0.002\n'
    scenario = scenario_from(tmp_path_factory.mktemp("recording"), text, days=DAYS)
    steps = Steps(scenario, seed=5, scale=HALF)
    counted: list[int] = []

    def count(model: Crossings) -> None:
        counted.append(int(np.isin(model.world.migrants.state, ON_THE_WAY).sum()))

    model = steps.to_the_end(after=count)
    record = make_record(model.world, "A case", model.first_counted)
    return Evenings(model, record, np.array(counted[model.first_counted :]))


def test_people_on_the_way_are_those_whose_journey_goes_on(evenings):
    assert evenings.on_the_way.min() > 0
    states = evenings.model.world.ledger.states[evenings.model.first_counted :]
    assert states[:, State.QUEUED].sum() > 0
    assert states[:, State.DETAINED].sum() > 0
    np.testing.assert_allclose(evenings.record.daily["in_transit"], evenings.on_the_way / HALF)


def test_an_attempt_ends_in_an_arrival_a_prevention_or_a_death(evenings):
    daily = evenings.record.daily
    assert daily["channel_deaths"].sum() > 0
    ends = daily["channel_arrivals"] + daily["channel_prevented"] + daily["channel_deaths"]
    np.testing.assert_allclose(daily["channel_attempts"], ends)


def test_money_in_escrow_is_that_of_all_people(evenings):
    people = evenings.model.world.migrants
    held = int(people.escrow[np.isin(people.state, ON_THE_WAY)].sum())
    assert held > 0
    assert evenings.record.totals["escrow_held"] == pytest.approx(held / HALF)


def test_days_on_the_way_are_known_of_everyone_counted_as_arrived(evenings):
    """Also of those who arrive on the first day counted, and of nobody before it."""
    people = evenings.model.world.migrants
    second = int(np.unique(people.end_day[people.state == State.ARRIVED_BOAT])[1])
    record = make_record(evenings.model.world, "From the second day with arrivals", second)
    journeys = sum(len(days) for days in record.transit_days_by_year.values())
    assert journeys == round(record.daily["channel_arrivals"].sum() * HALF)
    assert journeys == (people.end_day[people.state == State.ARRIVED_BOAT] >= second).sum()
