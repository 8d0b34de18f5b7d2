"""Boats on their way to the coast: who orders and loses them, and what a shortage does."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simulation.chain import link
from simulation.corridor.stages import BOAT, SUPPLY
from simulation.engine.observed_run import simulate_observed
from simulation.model.agents.smuggler import Role, SmugglerColumns, Status
from simulation.model.processes.adaptation import (
    best_load,
    manned_by_boats,
    seat_fee,
)
from simulation.model.processes.operators import inherit
from simulation.model.processes.supply import (
    Supply,
    boat_price,
    brought_at,
    order_space,
    place_orders,
    set_price,
    squeeze_begins,
)
from simulation.model.processes.world import World
from simulation.scenario import load_scenario
from tests.model.processes.small_worlds import assuming
from tests.runs import ARRESTS, Steps, scenario_from

ORDINAL = 738_000


def launchers_of(world) -> np.ndarray:
    s = world.smugglers
    return np.flatnonzero((s.stage == BOAT) & (s.role == Role.LAUNCHER))


def orders(
    order: np.ndarray, ordinal: int = ORDINAL, dark_until: np.ndarray | None = None
) -> list[tuple[int, int, int]]:
    """Buyer, supplier and boats when 30 launchers want boats of 4 suppliers who carry a few."""
    size = order.size
    supplies = np.arange(size) >= size - 4
    s = SmugglerColumns()
    s.append(
        uid=order,
        stage=np.where(supplies, SUPPLY, BOAT)[order],
        role=np.where(supplies, Role.BOAT_SUPPLIER, Role.LAUNCHER)[order],
        dark_until=-1 if dark_until is None else dark_until[order],
        teams=1.0,
    )
    space = order_space(size)
    now = assuming({"supply.depot_boats": 5.0, "supply.consignment_boats": 10})
    now["day"], now["ordinal"], now["seed"] = 10, ordinal, 5
    count = place_orders(now[0], s.rows, 3.0, 0.0, np.where(s.stage == SUPPLY, 5.0, 0.0), space)
    sent = space.sent[:count]
    np.testing.assert_array_equal(np.bincount(sent[:, 0], sent[:, 2], size), s.ordered)
    return [(int(s.uid[b]), int(s.uid[c]), n) for b, c, n in sent[:, :3].tolist()]


def test_scarce_boats_do_not_go_by_birth():
    usual = orders(np.arange(34))
    assert sum(boats for _, _, boats in usual) == 20
    for number in range(5):
        assert orders(np.random.default_rng(number).permutation(34)) == usual


def test_who_lies_low_orders_no_boats():
    """Until the day is over up to which it does."""
    order = np.arange(34)
    dark = np.full(34, -1, dtype=np.int32)
    dark[:15] = 10  # up to today
    dark[15:29] = 11
    assert {buyer for buyer, _, _ in orders(order, dark_until=dark)} <= {*range(15), 29}


@pytest.fixture
def trade(steps):
    """The world on its first morning, the operators, and the supply of boats."""
    return steps.world, steps.world.smugglers, steps.model.processes.supply


# -- draws of a consignment -----------------------------------------------------------------------


def test_what_is_confiscated_is_of_that_operator_and_no_more_than_asked(trade):
    """The stock at the coast; of a supplier the depot, and then what is under way."""
    world, s, supply = trade
    buyer, launcher = launchers_of(world)[:2].tolist()
    s.boats[launcher] = 5
    assert [supply.confiscate(world, launcher, 3, most) for most in (2, 9)] == [2, 3]
    assert s.boats[launcher] == 0
    one, other = np.flatnonzero(s.stage == SUPPLY)[:2].tolist()
    s.boats[[one, other]], s.ordered[buyer] = 0, 12
    parcels = np.zeros((3, 7), dtype=np.int64)
    parcels[:, [0, 1, 2, 6]] = [[buyer, one, 3, 1], [buyer, other, 4, 2], [buyer, one, 5, 3]]
    supply.under_way = parcels
    cash = float(s.cash[buyer])
    supply.carried[[one, other]] = 4.5
    assert [supply.confiscate(world, one, 3, most) for most in (3, 7)] == [3, 7]
    assert supply.carried[[one, other]].tolist() == [0.5, 4.5]
    # the first consignment whole, three of the five of the other one, nothing of the rival's
    assert supply.under_way[:, [1, 2, 6]].tolist() == [[other, 4, 2], [one, 2, 3]]
    assert s.ordered[buyer] == 6
    assert cash - s.cash[buyer] == pytest.approx(6 * world.boat_price)
    assert [supply.confiscate(world, one, 3, 100) for _ in range(2)] == [2, 0]
    assert world.ledger.boats_seized[world.day] == 5 + 10 + 2


# -- launchers who are gone -----------------------------------------------------------------------


def all_boats(supply: Supply, world: World) -> float:
    """All boats in stock, on their way, or ready to be ordered."""
    s = world.smugglers
    return float(s.boats.sum() + supply.under_way[:, 2].sum() + supply.carried.sum())


def on_order(supply: Supply, world: World) -> np.ndarray:
    """Boats on their way to each operator."""
    return np.bincount(*supply.under_way[:, [0, 2]].T, world.smugglers.count)


@pytest.mark.parametrize("recruitment", ["true", "false"])
def test_no_boat_goes_to_somebody_who_is_gone(tmp_path, recruitment):
    """Morning after morning what the gone have or ordered is somebody else's, and none is lost."""
    text = f"[adaptation]\nrecruitment = {recruitment}\n" + ARRESTS
    steps = Steps(scenario_from(tmp_path, text, days=250, warm_up=0))
    world, supply = steps.world, steps.model.processes.supply
    handed, hand_on = [], supply.hand_on

    def watch(world: World) -> None:
        s = world.smugglers
        before = all_boats(supply, world)
        gone = s.status == Status.RETIRED
        handed.append(s.boats[gone].sum() + s.ordered[gone].sum())
        hand_on(world)
        assert all_boats(supply, world) == pytest.approx(before)
        assert not s.boats[gone].any()
        assert not s.ordered[gone].any()
        np.testing.assert_array_equal(on_order(supply, world), s.ordered)

    supply.hand_on = watch
    steps.to_the_end(
        after=lambda model: np.testing.assert_array_equal(
            on_order(supply, world), world.smugglers.ordered
        )
    )
    assert np.count_nonzero(handed) >= 2


def test_a_successor_has_the_orders_of_the_arrested(tmp_path):
    steps = Steps(scenario_from(tmp_path, days=30, warm_up=0))
    model, world, supply = steps.model, steps.world, steps.model.processes.supply
    model.run_for(20)
    parent, supplier = supply.under_way[0, :2].tolist()
    ordered = int(world.smugglers.ordered[parent])
    carried = supply.carried[supplier]
    for row in (parent, supplier):
        world.smugglers.retire(row)
    heir, other = (inherit(world, row, world.ordinal) for row in (parent, supplier))
    supply.carried = np.append(supply.carried, np.zeros(2))
    supply.hand_on(world)
    s = world.smugglers
    assert (s.ordered[parent], s.ordered[heir]) == (0, ordered)
    assert supply.under_way[0, :2].tolist() == [heir, other]
    assert supply.carried[[supplier, other]].tolist() == [0, carried]


# -- rules ----------------------------------------------------------------------------------------


def price(stock: float, wanted: float) -> float:
    return boat_price(stock, wanted, 1.5, 6000.0, 1.0, 0.5, 5.0)


def test_a_boat_is_dearer_the_shorter_the_stock_within_bounds():
    assert price(150.0, 100.0) == pytest.approx(6000.0)
    assert price(75.0, 100.0) == pytest.approx(12_000.0)
    assert price(200.0, 100.0) == pytest.approx(4500.0)
    assert price(0.0, 100.0) == price(1.0, 1e6) == 30_000.0
    assert price(1e6, 100.0) == price(10.0, 0.0) == 3000.0


def fee(queue: float, cost: float) -> float:
    return seat_fee(2000.0, queue**0.5, cost, 0.5 * (cost - 300.0), 1.1, 4.0)


def test_a_seat_is_dearer_where_the_queue_is_longer_or_boats_are_dearer_within_bounds():
    assert fee(1.0, 300.0) == pytest.approx(2000.0)
    assert fee(4.0, 300.0) == pytest.approx(4000.0)
    assert fee(0.25, 300.0) == pytest.approx(1000.0)
    assert fee(1.0, 700.0) == pytest.approx(2200.0)
    assert fee(0.0001, 900.0) == pytest.approx(1.1 * 900.0)
    assert fee(1e6, 300.0) == 8000.0


def test_at_the_best_load_a_person_costs_least():
    """The cost of a launch is spread over more people; losses rise with a power of the load."""
    convexity, usual, cost = 4.0, 50.0, 10_000.0
    k = cost / ((convexity - 1.0) * usual**convexity)
    loads = np.arange(20.0, 120.0, 0.1)
    for dearer in (0.5, 1.0, 3.0):
        cheapest = loads[np.argmin((dearer * cost + k * loads**convexity) / loads)]
        assert float(best_load(usual, np.array(dearer), convexity)) == pytest.approx(
            cheapest, abs=0.1
        )


@pytest.mark.parametrize("change", ["dear boats", "stopped launches", "nothing", "long queue"])
def test_boats_are_fuller_where_launches_cost_more_and_not_for_the_queue_itself(trade, change):
    world, s, _ = trade
    market, row = world.model.processes.market, int(launchers_of(world)[0])
    working = np.ones(s.count, dtype=bool)
    look = market.form_outlook(world, market.learn(world))
    look.failure[row] = look.usual_failure[row]
    world.boat_price = world.parameters.supply.boat_price
    if change == "dear boats":
        world.boat_price *= 3.0
    elif change == "stopped launches":
        look.failure[row] = 0.8
    elif change == "long queue":
        s.use[row] *= 5.0
    before = s.load[row] = world.parameters.channel.load_start * world.policy.boat_size
    market._set_loads(world, look, working)
    fuller = change in ("dear boats", "stopped launches")
    assert (s.load[row] > before) == fuller
    assert fuller or s.load[row] == pytest.approx(before)


# -- crews ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("boats", [0, 1, 100])
def test_crews_are_hired_only_for_boats_that_exist(steps, boats):
    """However many people wait."""
    world, market = steps.world, steps.model.processes.market
    rows = launchers_of(world)
    s = world.smugglers
    s.boats[rows], s.ordered[rows], s.teams[rows] = 0, boats, 1.0
    everybody, before = np.ones(s.count, dtype=bool), s.capacity.copy()
    per_crew = world.parameters.supply.boats_per_crew
    assert (manned_by_boats(s.ordered[rows], per_crew) == boats / per_crew).all()
    market.hire(world, np.full(s.count, 10.0), everybody)
    assert (s.teams[rows] != 1.0).all()
    assert ((s.teams[rows] > 1.0) == (boats / per_crew > 1.0)).all()
    on_land = s.stage < BOAT
    assert (s.capacity[on_land] > before[on_land]).all()


# -- the chain ------------------------------------------------------------------------------------


def set_price_of(world, supply):
    """Set the price of a boat, and what makers bring, where nobody trades."""
    counted, brought = supply._count(world), supply.brought
    world.boat_price, supply.brought = set_price(
        world.now[0], *counted, brought, supply.squeeze_begins
    )


def test_the_trade_begins_with_the_usual_stock_at_the_usual_price(trade):
    world, s, supply = trade
    numbers, suppliers = world.parameters.supply, s.stage == SUPPLY
    assert (supply.carried[suppliers] <= numbers.depot_boats).all()
    assert not supply.carried[~suppliers].any()
    stock, wanted = supply.stock_and_wanted(world)
    assert stock == pytest.approx(s.boats.sum() + supply.carried.sum())
    assert wanted == pytest.approx(numbers.stock_target * s.teams.sum())
    assert stock == pytest.approx(numbers.usual_cover * wanted)
    assert world.boat_price == pytest.approx(numbers.boat_price)


def test_depots_are_filled_up_to_their_size_and_makers_answer_the_price(tmp_path):
    """Nobody orders, so depots fill, but for those of suppliers who are held and not just out.

    Where all is taken, boats are dear and more are made.
    """
    idle = Steps(scenario_from(tmp_path, days=120, warm_up=0))
    world, supply = idle.world, idle.model.processes.supply
    s, numbers = world.smugglers, world.parameters.supply
    held, briefly = np.flatnonzero(s.stage == SUPPLY)[:2].tolist()
    s.status[held], s.status[briefly] = Status.HELD, Status.DISRUPTED
    supply.carried[:] = 0.0
    for day in range(100):
        world.begin_day(day)
        s.boats[launchers_of(world)] = 100
        supply.step(world, idle.model.processes.investigation)
    in_trade = (s.stage == SUPPLY) & (np.arange(s.count) != held)
    np.testing.assert_allclose(supply.carried, np.where(in_trade, numbers.depot_boats, 0.0))
    assert world.boat_price == pytest.approx(numbers.price_least * numbers.boat_price)
    slack = supply.brought
    for day in range(100, 119):
        world.begin_day(day)
        s.boats[:], supply.carried[:] = 0, 0.0
        supply.under_way = supply.under_way[:0]
        set_price_of(world, supply)
    assert world.boat_price == numbers.price_most * numbers.boat_price
    assert supply.brought > slack


def test_the_squeeze_of_boats_is_the_same_whenever_a_run_begins(tmp_path):
    """It is a date, not a number of days since the first morning."""
    day = date(2023, 6, 1)
    brought = []
    for start in (date(2022, 3, 1), date(2023, 3, 1)):
        lead = '[parameters]\n"supply.maker_days" = 15.0\n"supply.maker_response" = 0.0\n'
        lead += '"supply.rival_share" = 0.0\n'
        days = (day - start).days + 1
        steps = Steps(scenario_from(tmp_path, lead, start=start, days=days, warm_up=0), scale=0.02)
        numbers = steps.world.parameters.supply
        assert steps.model.processes.supply.brought == pytest.approx(
            brought_at(
                start.toordinal(), numbers.boats_per_supplier_week, numbers.ease_before,
                squeeze_begins(numbers.squeeze_start), numbers.squeeze_days,
            )
        )  # fmt: skip
        for number in range(days):
            steps.world.begin_day(number)
            set_price_of(steps.world, steps.model.processes.supply)
        brought.append(steps.model.processes.supply.brought)
    assert brought[0] == pytest.approx(brought[1], rel=0.02)


# -- the market -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def markets(tmp_path_factory):
    """Means over the last half year of a run, by what makers bring against the usual."""
    means = {}
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
        means[times] = [price, landed / boats, landed, boats, np.mean(boat_prices[half])]
    return means


def test_few_boats_make_seats_dear_and_boats_full_and_many_make_both_cheap(markets):
    short, usual = markets[0.4], markets[1.0]
    assert short[0] > 1.15 * usual[0]
    assert short[1] > 1.05 * usual[1]
    assert short[3] < 0.8 * usual[3]
    assert short[2] / usual[2] > short[3] / usual[3]  # arrivals fall less than boats
    assert markets[2.5][0] < 0.99 * markets[1.0][0]
    assert markets[2.5][4] < 0.9 * markets[1.0][4]
    assert markets[0.4][4] > 1.3 * markets[1.0][4]


@pytest.mark.slow
@pytest.mark.full
def test_three_of_four_launches_stopped_hurt_those_who_launch_at_the_usual_prices(tmp_path):
    """Their boats are lost, and those with a guarantee are owed another seat.

    What they get back by asking more is the answer of the market, reported on the page of facts.
    """
    year = slice(365, 731)
    by_scenario = {}
    for name in ("baseline", "french-coast-2024"):
        file = tmp_path / f"{name}.toml"
        file.write_text(
            f'extends = "{name}"\ntitle = "Fees as usual"\n[adaptation]\nprice = false\n'
        )
        scenario = load_scenario(str(file))
        runs = [simulate_observed(scenario, seed=seed, scale=0.1) for seed in (1, 2)]
        by_scenario[name] = [
            sum(inside.boat_profit[year].sum() for _, inside in runs),
            sum(record.chain[year, link("launches_stopped")].sum() for record, _ in runs)
            / sum(record.chain[year, link("launches_tried")].sum() for record, _ in runs),
        ]
    (usual, _), (profit, stopped) = by_scenario.values()
    assert 0.65 < stopped < 0.95  # some three of four, and more where fewer launch
    assert usual > 0.0
    assert profit < 0.5 * usual
