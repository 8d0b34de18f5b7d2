"""What a shortage of boats, or of launches that get through, does to prices, crews and loads."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simulation.agents.smuggler import Role, Status
from simulation.chain import link
from simulation.corridor.stages import BOAT, SUPPLY
from simulation.experiments.observed_run import simulate_observed
from simulation.processes.adaptation import manned_by_boats
from simulation.processes.fees import best_load, cost_per_seat, pull_of_queue, seat_fee
from simulation.processes.operators import join_market
from simulation.processes.supply import (
    boat_price,
    brought_at,
    rivals_factor,
    squeeze_begins,
    squeeze_progress,
)
from simulation.scenario import load_scenario
from tests.runs import Steps, scenario_from

# -- rules ----------------------------------------------------------------------------------------


def price(stock: float, wanted: float) -> float:
    return boat_price(stock, wanted, 1.5, 6000.0, 1.0, 0.5, 5.0)


def test_a_boat_has_its_usual_price_at_the_usual_stock():
    assert price(150.0, 100.0) == pytest.approx(6000.0)


def test_a_boat_is_dearer_the_shorter_the_stock_within_bounds():
    assert price(75.0, 100.0) == pytest.approx(12_000.0)
    assert price(200.0, 100.0) == pytest.approx(4500.0)
    assert price(0.0, 100.0) == price(1.0, 1e6) == 30_000.0
    assert price(1e6, 100.0) == price(10.0, 0.0) == 3000.0


def test_what_launches_cost_falls_on_those_who_land():
    """Half the launches stopped, four boats in five of these seized: 0.9 boats a launch."""
    cost = cost_per_seat(50.0, 0.5, 10_000.0, 2000.0, 0.8)
    assert cost == pytest.approx((0.9 * 10_000 + 0.1 * 2000) / 25)
    dearer = cost_per_seat(50.0, 0.5, 20_000.0, 2000.0, 0.8)
    stopped = cost_per_seat(50.0, 0.8, 10_000.0, 2000.0, 0.8)
    fuller = cost_per_seat(60.0, 0.5, 10_000.0, 2000.0, 0.8)
    assert dearer > cost > fuller
    assert stopped > 2.0 * cost


def fee(queue: float, cost: float) -> float:
    pull = float(pull_of_queue(np.array(queue), 0.5))
    return seat_fee(2000.0, pull, cost, 0.5 * (cost - 300.0), 1.1, 4.0)


def test_a_seat_has_its_usual_fee_where_nothing_is_short():
    assert fee(1.0, 300.0) == pytest.approx(2000.0)


def test_a_seat_is_dearer_where_the_queue_is_longer_or_boats_are_dearer():
    assert fee(4.0, 300.0) == pytest.approx(4000.0)
    assert fee(0.25, 300.0) == pytest.approx(1000.0)
    assert fee(1.0, 700.0) == pytest.approx(2200.0)


def test_a_seat_costs_no_less_than_it_takes_to_offer_and_no_more_than_the_bound():
    assert fee(0.0001, 900.0) == pytest.approx(1.1 * 900.0)
    assert fee(1e6, 300.0) == 8000.0


def test_a_further_seat_is_taken_where_it_earns_more():
    load = best_load(50.0, np.array([1.0, 2.0, 1.0]), np.array([1.0, 1.0, 2.0]), 4.0, 0.2)
    np.testing.assert_allclose(load, [50.0, 50.0 * 2 ** (1 / 3), 50.0 * 2**0.2])


def test_a_squeeze_comes_into_force_evenly_over_its_days():
    """Half way between two New Years' Days begins what takes a hundred days."""
    first = date(2023, 1, 1).toordinal() + 182.5
    begins = squeeze_begins(2023.5)
    found = [squeeze_progress(int(first + k), begins, 100.0) for k in (-400, 0, 50, 100, 900)]
    np.testing.assert_allclose(found, [0.0, 0.0, 0.5, 1.0, 1.0], atol=0.006)


def test_makers_bring_less_since_the_squeeze_and_more_before():
    before, after = (date(year, 6, 1).toordinal() for year in (2021, 2024))
    begins = squeeze_begins(2022.75)
    assert brought_at(before, 2.0, 1.5, begins, 100.0) == pytest.approx(3.0)
    assert brought_at(after, 2.0, 1.5, begins, 100.0) == pytest.approx(2.0)
    assert brought_at(before, 2.0, 1.0, begins, 100.0) == pytest.approx(2.0)


@pytest.mark.parametrize(("share", "boats"), [(0.0, 15.0), (0.5, 17.5), (1.0, 20.0)])
def test_makers_sell_to_rivals_what_suppliers_who_are_out_would_have_bought(share, boats):
    """Fifteen of twenty in business; each brings one boat when all are."""
    assert 15.0 * rivals_factor(15, 20.0, share) == pytest.approx(boats)
    assert rivals_factor(20, 20.0, share) == rivals_factor(25, 20.0, share) == 1.0
    assert rivals_factor(0, 20.0, share) == 1.0


# -- crews ----------------------------------------------------------------------------------------


def launchers_of(world) -> np.ndarray:
    s = world.smugglers
    return np.flatnonzero((s.stage == BOAT) & (s.role == Role.LAUNCHER))


@pytest.mark.parametrize("boats", [0, 1, 100])
def test_crews_are_hired_only_for_boats_that_exist(tmp_path, boats):
    """However many people wait."""
    steps = Steps(scenario_from(tmp_path, days=1, warm_up=0))
    world, market = steps.world, steps.model.processes.market
    rows = launchers_of(world)
    s = world.smugglers
    s.boats[rows], s.ordered[rows], s.teams[rows] = 0, boats, 1.0
    everybody, before = np.ones(s.count, dtype=bool), s.capacity.copy()
    per_crew = world.parameters.supply.boats_per_crew
    assert (manned_by_boats(s.ordered[rows], per_crew) == boats / per_crew).all()
    market._hire(world, np.full(s.count, 10.0), everybody)
    if boats / per_crew > 1.0:
        assert (s.teams[rows] > 1.0).all()
    else:
        assert (s.teams[rows] < 1.0).all()
    on_land = s.stage < BOAT
    assert (s.capacity[on_land] > before[on_land]).all()


def test_a_newcomer_brings_no_boats(tmp_path):
    world = Steps(scenario_from(tmp_path, days=1, warm_up=0)).world
    place = int(world.smugglers.place[launchers_of(world)[0]])
    ranks = [join_market(world, BOAT, place, rank) for rank in range(12)]
    s = world.smugglers
    assert (s.teams[ranks] > 0.0).any()
    assert not s.boats[ranks].any()


@pytest.mark.parametrize("boats", [0, 50])
def test_no_launcher_sets_up_where_there_are_no_boats(tmp_path, boats):
    certain = '[parameters]\n"market.entry_cap" = 1.0\n'
    steps = Steps(scenario_from(tmp_path, certain, days=1, warm_up=0))
    world, market = steps.world, steps.model.processes.market
    s = world.smugglers
    first = s.count
    s.boats[launchers_of(world)] = boats
    s.profit_rate[:] = 0.0
    s.profit_rate[s.stage == BOAT] = 1e4
    market._enter(world)
    assert (world.smugglers.count > first) == (boats > 0)


# -- the chain ------------------------------------------------------------------------------------


def test_the_trade_begins_with_the_usual_stock_at_the_usual_price(tmp_path):
    steps = Steps(scenario_from(tmp_path, days=1, warm_up=0))
    world, supply = steps.world, steps.model.processes.supply
    numbers = world.parameters.supply
    suppliers = world.smugglers.stage == SUPPLY
    assert (supply._carried[suppliers] <= numbers.depot_boats).all()
    assert not supply._carried[~suppliers].any()
    stock, wanted = supply.stock_and_wanted(world)
    s = world.smugglers
    assert stock == pytest.approx(s.boats.sum() + supply._carried.sum())
    assert wanted == pytest.approx(numbers.stock_target * s.teams.sum())
    assert stock == pytest.approx(numbers.usual_cover * wanted)
    assert world.boat_price == pytest.approx(numbers.boat_price)


def test_depots_are_filled_up_to_their_size_and_makers_answer_the_price(tmp_path):
    """Nobody orders, so depots fill; where all is taken, boats are dear and more are made."""
    idle = Steps(scenario_from(tmp_path, days=120, warm_up=0))
    world, supply = idle.world, idle.model.processes.supply
    s, numbers = world.smugglers, world.parameters.supply
    for day in range(100):
        world.begin_day(day)
        s.boats[launchers_of(world)] = 100
        supply.step(world, idle.model.processes.investigation.cases)
    working = (s.stage == SUPPLY) & (s.status == Status.ACTIVE)
    np.testing.assert_allclose(supply._carried[working], numbers.depot_boats)
    assert world.boat_price == pytest.approx(numbers.price_least * numbers.boat_price)
    slack = supply._brought
    for day in range(100, 119):
        world.begin_day(day)
        s.boats[:], supply._carried[:] = 0, 0.0
        supply._under_way = supply._under_way[:0]
        supply._set_price(world)
    assert world.boat_price == numbers.price_most * numbers.boat_price
    assert supply._brought > slack


def test_makers_bring_no_boats_to_a_supplier_who_is_held(tmp_path):
    world = (steps := Steps(scenario_from(tmp_path, days=10, warm_up=0))).world
    s, supply = world.smugglers, steps.model.processes.supply
    held, briefly, free = np.flatnonzero(s.stage == SUPPLY)[:3].tolist()
    s.status[held], s.status[briefly] = Status.HELD, Status.DISRUPTED
    supply._carried[:] = 0.0
    for day in range(9):
        world.begin_day(day)
        s.boats[launchers_of(world)] = 100
        supply.step(world, steps.model.processes.investigation.cases)
    assert supply._carried[held] == 0.0
    assert supply._carried[briefly] == supply._carried[free] > 0.0


def test_the_squeeze_of_boats_is_the_same_whenever_a_run_begins(tmp_path):
    """It is a date, not a number of days since the first morning."""
    day = date(2023, 6, 1)
    brought = []
    for start in (date(2022, 3, 1), date(2023, 3, 1)):
        folder = tmp_path / str(start)
        folder.mkdir()
        lead = '[parameters]\n"supply.maker_days" = 15.0\n"supply.maker_response" = 0.0\n'
        lead += '"supply.rival_share" = 0.0\n'
        days = (day - start).days + 1
        steps = Steps(scenario_from(folder, lead, start=start, days=days, warm_up=0), scale=0.02)
        numbers = steps.world.parameters.supply
        assert steps.model.processes.supply._brought == pytest.approx(
            brought_at(
                start.toordinal(), numbers.boats_per_supplier_week, numbers.ease_before,
                squeeze_begins(numbers.squeeze_start), numbers.squeeze_days,
            )
        )  # fmt: skip
        for number in range(days):
            steps.world.begin_day(number)
            steps.model.processes.supply._set_price(steps.world)
        brought.append(steps.model.processes.supply._brought)
    assert brought[0] == pytest.approx(brought[1], rel=0.02)


def test_boats_of_somebody_who_is_held_are_no_stock(tmp_path):
    """Nobody can order them, so they do not make boats cheap."""
    world = (steps := Steps(scenario_from(tmp_path, days=1, warm_up=0))).world
    s, supply = world.smugglers, steps.model.processes.supply
    supplier, launcher = int(np.flatnonzero(s.stage == SUPPLY)[0]), int(launchers_of(world)[0])
    supply._carried[supplier], s.boats[launcher] = 4.0, 3
    before, _ = supply.stock_and_wanted(world)
    s.status[[supplier, launcher]] = Status.HELD
    assert supply.stock_and_wanted(world)[0] == pytest.approx(before - 7.0)
    s.status[[supplier, launcher]] = Status.DISRUPTED
    assert supply.stock_and_wanted(world)[0] == pytest.approx(before)


def test_rivals_take_over_boats_of_suppliers_who_are_held(tmp_path):
    world = (steps := Steps(scenario_from(tmp_path, days=1, warm_up=0))).world
    s, supply = world.smugglers, steps.model.processes.supply
    rows = np.flatnonzero(s.stage == SUPPLY)

    def in_all() -> float:
        return np.count_nonzero(s.status[rows] != Status.HELD) * supply._wanted_of_makers(
            world, 1.0
        )

    whole = in_all()
    s.status[rows[:10]] = Status.HELD
    assert in_all() == pytest.approx((1.0 + world.parameters.supply.rival_share) / 2.0 * whole)


def test_boats_in_a_depot_can_be_confiscated(tmp_path):
    world = (steps := Steps(scenario_from(tmp_path, days=1, warm_up=0))).world
    supply = steps.model.processes.supply
    one, other = np.flatnonzero(world.smugglers.stage == SUPPLY)[:2].tolist()
    supply._carried[[one, other]] = 4.5
    assert supply.confiscate(world, one, 3, 3) == 3
    assert supply.confiscate(world, one, 3, 100) == 1
    assert supply._carried[[one, other]].tolist() == [0.5, 4.5]
    assert world.ledger.boats_seized[world.day] == 4


# -- the market -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def markets(tmp_path_factory):
    """Means over the last half year of a run, by what makers bring against the usual."""
    found = {}
    for times in (0.4, 1.0, 2.5):
        folder = tmp_path_factory.mktemp("supply")
        text = f'[parameters]\n"supply.boats_per_supplier_week" = {1.0 * times}\n'
        steps = Steps(scenario_from(folder, text, days=365, warm_up=0), seed=1, scale=0.1)
        boat_prices: list[float] = []
        steps.to_the_end(after=lambda model, seen=boat_prices: seen.append(model.world.boat_price))
        ledger, half = steps.world.ledger, slice(180, 365)
        landed = np.diff(ledger.states[:, 5], prepend=0)[half].sum() / 0.1
        boats = ledger.boats_landed[half].sum()
        price = np.nanmean(ledger.seat_price[half])
        found[times] = [price, landed / boats, landed, boats, np.mean(boat_prices[half])]
    return found


def test_few_boats_make_seats_dear_and_boats_full(markets):
    short, usual = markets[0.4], markets[1.0]
    assert short[0] > 1.15 * usual[0]
    assert short[1] > 1.05 * usual[1]
    assert short[3] < 0.8 * usual[3]
    assert short[2] / usual[2] > short[3] / usual[3]  # arrivals fall less than boats


def test_many_boats_make_boats_and_seats_cheap(markets):
    assert markets[2.5][0] < 0.99 * markets[1.0][0]
    assert markets[2.5][4] < 0.9 * markets[1.0][4]
    assert markets[0.4][4] > 1.3 * markets[1.0][4]


@pytest.mark.slow
def test_three_of_four_launches_stopped_hurt_those_who_launch_at_the_usual_prices(tmp_path):
    """Their boats are lost, and those with a guarantee are owed another seat.

    What they get back by asking more is the answer of the market, reported on the page of facts.
    """
    year = slice(365, 731)
    found = {}
    for name in ("baseline", "french-coast-2024"):
        file = tmp_path / f"{name}.toml"
        file.write_text(
            f'extends = "{name}"\ntitle = "Fees as usual"\n[adaptation]\nprice = false\n'
        )
        scenario = load_scenario(str(file))
        runs = [simulate_observed(scenario, seed=seed, scale=0.1) for seed in (1, 2)]
        found[name] = [
            sum(inside.boat_profit[year].sum() for _, inside in runs),
            sum(record.chain[year, link("launches_stopped")].sum() for record, _ in runs)
            / sum(record.chain[year, link("launches_tried")].sum() for record, _ in runs),
        ]
    (usual, _), (profit, stopped) = found.values()
    assert 0.65 < stopped < 0.95  # some three of four, and more where fewer launch
    assert usual > 0.0
    assert profit < 0.5 * usual
