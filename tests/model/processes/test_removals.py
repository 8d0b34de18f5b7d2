"""Returns after arrival: who is put back and admitted, that nobody is lost, and what it deters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.corridor import DESTINATIONS
from simulation.corridor.stages import BOAT
from simulation.model.agents.migrant import State
from simulation.model.processes.removals import opt_out_chance
from simulation.model.recording import landings, make_record
from simulation.parameters import load_parameters
from tests.runs import Steps, differences, scenario_from
from tests.test_conservation import keep_books

#: more than ever were, so that a small run has some; from the first day counted
MANY = """
[[return_after_arrival]]
partner = "FR"
places_per_week = 400
eligible = 1.0
retry = 0.5
from = 2023-06-01
"""
#: the same, and those who wait hear of it
DETERRING = MANY + "deterrence = true\n"
#: people take a return as hard as the records allow
HARD = """
[parameters]
"removal.loss" = 10000.0
"removal.opt_out_elasticity" = 1.0
"""
UK = DESTINATIONS.index("uk")
DEAF = "[adaptation]\nbeliefs = false\n"


def run(folder, text: str, name: str, days: int = 75):
    return Steps(scenario_from(folder, text, name=name, days=days), scale=0.1).to_the_end()


@pytest.fixture(scope="module")
def without(folder):
    return run(folder, "", "without")


@pytest.fixture(scope="module")
def model(folder):
    return run(folder, MANY, "many")


@pytest.fixture(scope="module")
def deterring(folder):
    return run(folder, DETERRING, "deterring")


@pytest.fixture(scope="module")
def deaf(folder):
    """Nobody hears of anything, so nobody is deterred."""
    return run(folder, DEAF, "deaf-without"), run(folder, DEAF + DETERRING, "deaf")


@pytest.fixture(scope="module")
def beginning(folder):
    """The first morning of a run of more than 120 days."""
    model = Steps(scenario_from(folder, MANY, name="beginning", days=130), scale=0.1).model
    world = model.world
    from_france = world.ground.authority_from == world.corridor.authority_index["FR"]
    boats = np.flatnonzero((world.ground.segment == BOAT) & from_france)
    return world, model.processes.removals, boats


def test_people_are_returned_and_as_many_admitted(model):
    ledger = model.world.ledger
    assert ledger.removed.sum() > 20
    # whom nobody waiting could be found for comes later
    assert 0 <= ledger.removed.sum() - ledger.admitted.sum() <= 1
    assert (model.migrants.state == State.ADMITTED).sum() == ledger.admitted.sum()


def test_the_first_return_comes_when_the_days_of_referral_and_answer_are_over(model):
    world = model.world
    first = int(np.flatnonzero(world.ledger.removed)[0])
    # landings of the referral's days before the first day count too
    assert first >= model.first_counted + 14
    for row, landed in world.undone_landings:
        assert landed >= model.first_counted - 3, row


def test_no_more_are_returned_than_there_are_places(model):
    removed = model.world.ledger.removed
    weeks = (removed.size - model.first_counted) / 7.0
    # places of one week may be left over from before
    assert removed.sum() <= 400 * model.world.scale * (weeks + 1.0)
    assert removed[: model.first_counted].sum() == 0


def test_nothing_is_lost(folder):
    world = keep_books(scenario_from(folder, MANY, name="books", days=75), scale=0.1)
    assert world.ledger.removed.sum() > 20


def test_a_landing_stays_one_and_a_second_counts_again(model):
    world, record = model.world, make_record(model.world, "x", model.first_counted)
    boats = world.ground.segment == BOAT
    landed = world.ledger.arrivals[:, boats].sum()
    rows, days = landings(world)
    assert rows.size == landed
    assert (days >= 0).all()
    counted = sum(series.sum() for series in record.arrivals_by_origin.values())
    assert counted == pytest.approx(record.daily["channel_arrivals"].sum())
    assert record.daily["returned_after_arrival"].sum() > 0
    assert record.states["admitted"] > 0


def test_those_who_try_again_can_arrive_again(folder):
    text = MANY.replace("retry = 0.5", "retry = 1.0")
    steps = Steps(scenario_from(folder, DEAF + text, name="retry", days=150), scale=0.1)
    paris, seen = steps.world.corridor.place_index["paris"], 0

    def look(model):
        nonlocal seen
        new = [row for row, _ in model.world.undone_landings[seen:]]
        seen += len(new)
        assert (model.migrants.place[new] == paris).all()
        assert (model.migrants.state[new] == State.WAITING).all()

    model = steps.to_the_end(after=look)
    rows = [row for row, _ in model.world.undone_landings]
    assert (model.migrants.state[rows] == State.ARRIVED_BOAT).sum() > 5
    # nobody who was returned is admitted
    assert (model.migrants.state[rows] == State.ADMITTED).sum() == 0


@pytest.mark.parametrize("change", [("2023-06-01", "2023-08-20"), ("= 400", "= 0")])
def test_before_the_first_referral_and_without_places_nothing_differs(folder, without, change):
    assert differences(run(folder, MANY.replace(*change), "idle"), without) == []


def bound_for_uk(model) -> int:
    """People whose destination is the UK; who gives up makes for another, or stays."""
    return int((model.migrants.destination == UK).sum())


def test_nobody_is_deterred_unless_the_scenario_asks_for_it(folder, without, model):
    """People are returned, and what the records say of deterrence changes nothing at all."""
    assert model.world.ledger.removed.sum() > 20
    (account,) = model.processes.removals.accounts.values()
    assert account.landed > 0.0
    assert account.returned == 0.0
    assert bound_for_uk(model) > 0.98 * bound_for_uk(without)
    assert differences(run(folder, HARD + MANY, "hard"), model) == []


def test_what_is_heard_deters_and_deters_nobody_where_nobody_hears(
    folder, without, model, deterring, deaf
):
    assert bound_for_uk(deterring) < 0.9 * bound_for_uk(model)
    assert bound_for_uk(run(folder, HARD + DETERRING, "hard-deterring")) < bound_for_uk(deterring)
    assert deaf[1].world.ledger.removed.sum() > 20
    assert bound_for_uk(deaf[1]) > 0.98 * bound_for_uk(deaf[0])


def test_people_weigh_the_share_returned_into_the_boat_alone(folder):
    model = Steps(scenario_from(folder, DETERRING, name="risk", days=60), scale=0.1).model
    model.run_for(75)
    world, removals = model.world, model.processes.removals
    france = world.corridor.authority_index["FR"]
    account = removals.accounts[france]
    assert removals.believed_odds(world, account) > 0.0
    assert account.returned <= account.landed  # there are places for everybody who lands
    boats = (world.ground.segment == BOAT) & (world.ground.authority_from == france)
    before = world.legs.other_cost.copy()
    removals.update_beliefs(world)
    added = world.legs.other_cost - before
    assert (added[boats] > 0).all()
    assert (added[~boats] == 0).all()


@given(loss=st.lists(st.floats(0.0, 40.0), min_size=2, max_size=6), elasticity=st.floats(0.05, 2.0))
def test_a_higher_loss_makes_more_give_up(loss, elasticity):
    loss = np.sort(np.array(loss))
    chance = opt_out_chance(loss, elasticity)
    assert ((chance >= 0.0) & (chance < 1.0)).all()
    assert (np.diff(chance) >= 0.0).all()
    assert opt_out_chance(np.zeros(1), elasticity)[0] == 0.0


def test_a_return_deters_as_a_price_of_the_same_worth():
    """Where prices rose by 30%, migration fell by 10% (Gathmann 2004)."""
    elasticity = load_parameters().removal.opt_out_elasticity
    assert opt_out_chance(np.array([0.3]), elasticity)[0] == pytest.approx(0.1, abs=0.01)


def test_fifty_a_week_by_arithmetic():
    """A landing stays one: only those admitted, and with deterrence who gives up, are missing.

    50 a week are 2,600 a year of some 40,000 who land, 6.5%. As many are admitted, and half of
    those returned land again. One in 15 returned costs others some 0.17 of a fee of EUR 3,000.
    """
    parameters, landed, returned, fee = load_parameters(), 40_000.0, 52 * 50.0, 3_000.0
    migrants, removal = parameters.migrants, parameters.removal
    fewer = returned * (removal.admitted_ratio - removal.retry_share) / landed
    odds = returned / (landed - returned)
    days = removal.referral_days + removal.answer_days
    loss = fee + migrants.stop_cost + migrants.day_value * days + removal.loss
    deterred = opt_out_chance(np.array([odds * loss / fee]), removal.opt_out_elasticity)[0]
    assert fewer == pytest.approx(0.0325)
    assert deterred == pytest.approx(0.065, abs=0.01)
