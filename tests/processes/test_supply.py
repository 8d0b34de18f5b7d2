"""Boats on their way to the coast: who orders them, who loses them, and that none is lost."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.agents.smuggler import Role, Status
from simulation.corridor.stages import BOAT, SUPPLY
from simulation.processes.operators import inherit
from simulation.processes.supply import (
    OrderSpace,
    Supply,
    Traders,
    consignment_key,
    place_orders,
)
from simulation.processes.world import World
from tests.processes.small_worlds import assuming
from tests.runs import Steps, scenario_from

ORDINAL = 738_000


def orders(
    order: np.ndarray, ordinal: int = ORDINAL, dark_until: np.ndarray | None = None
) -> list[tuple[int, int, int]]:
    """Buyer, supplier and boats when 30 launchers want boats of 4 suppliers who carry a few."""
    size = order.size
    supplies = np.arange(size) >= size - 4
    s = Traders(
        uid=np.arange(size, dtype=np.uint64)[order],
        stage=np.where(supplies, SUPPLY, BOAT).astype(np.int8)[order],
        role=np.where(supplies, Role.BOAT_SUPPLIER, Role.LAUNCHER).astype(np.int8)[order],
        chain=np.zeros(size, dtype=np.int8),
        status=np.zeros(size, dtype=np.int8),
        dark_until=np.full(size, -1, dtype=np.int32) if dark_until is None else dark_until[order],
        teams=np.ones(size),
        boats=np.zeros(size, dtype=np.int32),
        ordered=np.zeros(size, dtype=np.int32),
    )
    space = OrderSpace.with_room(size)
    assumed = assuming({"supply.depot_boats": 5.0, "supply.consignment_boats": 10})[0].supply
    carried = np.where(s.stage == SUPPLY, 5.0, 0.0)
    count = place_orders(10, ordinal, 5, s, assumed, 3.0, 0.0, carried, space)
    sent = space.sent[:count]
    np.testing.assert_array_equal(np.bincount(sent[:, 0], sent[:, 2], size), s.ordered)
    return [(int(s.uid[b]), int(s.uid[c]), n) for b, c, n in sent[:, :3].tolist()]


def test_scarce_boats_do_not_go_by_birth():
    usual = orders(np.arange(34))
    assert sum(boats for _, _, boats in usual) == 20
    for number in range(5):
        assert orders(np.random.default_rng(number).permutation(34)) == usual


def test_everybody_has_boats_at_times():
    served = np.zeros(34)
    for day in range(300):
        served[[buyer for buyer, _, _ in orders(np.arange(34), ORDINAL + day)]] += 1
    assert served[:30].min() > 0.5 * served[:30].mean()
    assert served[:30].max() < 1.5 * served[:30].mean()


def test_who_lies_low_orders_no_boats():
    """Until the day is over up to which it does."""
    order = np.arange(34)
    dark = np.full(34, -1, dtype=np.int32)
    dark[:15] = 10  # up to today
    dark[15:29] = 11
    assert {buyer for buyer, _, _ in orders(order, dark_until=dark)} <= {*range(15), 29}


# -- draws of a consignment -----------------------------------------------------------------------


def test_two_consignments_of_a_supplier_tell_their_own_tale(tmp_path):
    """Seized on one day by one authority, each may tell of the supplier, and each is a fact."""
    steps = Steps(scenario_from(tmp_path, days=1, warm_up=0))
    world, supply = steps.world, steps.model.processes.supply
    s = world.smugglers
    supplier = int(np.flatnonzero(s.stage == SUPPLY)[0])
    buyers = np.flatnonzero(s.role == Role.LAUNCHER)
    keys = np.array([consignment_key(uid, ORDINAL) for uid in s.uid[buyers]])
    assert np.unique(keys).size == keys.size
    assert (keys >= 0).all()
    for buyer, key in zip(buyers.tolist(), keys.tolist(), strict=True):
        supply._seize(world, buyer, supplier, 1, 3, key)
    told = [key for _, row, _, key in world.seizure_facts if row == supplier]
    chance = world.parameters.supply.fact_yield
    assert 0 < len(told) < buyers.size
    assert abs(len(told) / buyers.size - chance) < 4 * np.sqrt(chance / buyers.size)
    assert len(set(told)) == len(told)


def test_what_is_confiscated_is_of_that_supplier_and_no_more_than_asked(tmp_path):
    world = (steps := Steps(scenario_from(tmp_path, days=1, warm_up=0))).world
    s, supply = world.smugglers, steps.model.processes.supply
    one, other = np.flatnonzero(s.stage == SUPPLY)[:2].tolist()
    buyer = int(np.flatnonzero(s.role == Role.LAUNCHER)[0])
    s.boats[[one, other]] = 0
    s.ordered[buyer] = 12
    parcels = [
        [buyer, one, 3, 0, 0, 0, 1],
        [buyer, other, 4, 0, 0, 0, 2],
        [buyer, one, 5, 0, 0, 0, 3],
    ]
    supply._under_way = np.array(parcels, dtype=supply._under_way.dtype)
    cash = float(s.cash[buyer])
    supply._carried[[one, other]] = 0.0
    assert supply.confiscate(world, one, 3, 6) == 6
    # the first consignment whole, three of the five of the other one, nothing of the rival's
    assert supply._under_way[:, [1, 2, 6]].tolist() == [[other, 4, 2], [one, 2, 3]]
    assert s.ordered[buyer] == 6
    assert cash - s.cash[buyer] == pytest.approx(6 * world.boat_price)
    assert world.ledger.boats_seized[world.day] == 6
    assert supply.confiscate(world, one, 3, 100) == 2
    assert supply.confiscate(world, one, 3, 100) == 0


def test_of_a_launcher_the_stock_is_confiscated(tmp_path):
    world = (steps := Steps(scenario_from(tmp_path, days=1, warm_up=0))).world
    s, supply = world.smugglers, steps.model.processes.supply
    launcher = int(np.flatnonzero(s.role == Role.LAUNCHER)[0])
    s.boats[launcher] = 5
    assert supply.confiscate(world, launcher, 3, 2) == 2
    assert s.boats[launcher] == 3
    assert supply.confiscate(world, launcher, 3, 9) == 3
    assert s.boats[launcher] == 0


# -- launchers who are gone -----------------------------------------------------------------------


def boats_there(supply: Supply, world: World) -> float:
    """All boats in stock, on their way, or ready to be ordered."""
    s = world.smugglers
    return float(s.boats.sum() + supply._under_way[:, 2].sum() + supply._carried.sum())


def on_order(supply: Supply, world: World) -> np.ndarray:
    """Boats on their way to each operator."""
    launcher, _, boats = supply._under_way[:, :3].T
    return np.bincount(launcher, boats, world.smugglers.count)


ARRESTS = (
    '[parameters]\n"intelligence.account_yield" = 0.01\n"intelligence.case_threshold" = 0.5\n'
    '"intelligence.prior_log_odds" = -3.0\n"intelligence.weight_account" = 3.0\n'
)


@pytest.mark.parametrize("recruitment", ["true", "false"])
def test_no_boat_goes_to_somebody_who_is_gone(tmp_path, recruitment):
    """Morning after morning what the gone have or ordered is somebody else's, and none is lost."""
    text = f"[adaptation]\nrecruitment = {recruitment}\n" + ARRESTS
    steps = Steps(scenario_from(tmp_path, text, days=250, warm_up=0))
    world, supply = steps.world, steps.model.processes.supply
    handed, hand_on = [], supply._hand_on

    def watch(world: World) -> None:
        s = world.smugglers
        before = boats_there(supply, world)
        gone = s.status == Status.RETIRED
        handed.append(s.boats[gone].sum() + s.ordered[gone].sum())
        hand_on(world)
        assert boats_there(supply, world) == pytest.approx(before)
        assert not s.boats[gone].any()
        assert not s.ordered[gone].any()
        np.testing.assert_array_equal(on_order(supply, world), s.ordered)

    supply._hand_on = watch
    steps.to_the_end(
        after=lambda model: np.testing.assert_array_equal(
            on_order(supply, world), world.smugglers.ordered
        )
    )
    assert np.count_nonzero(handed) >= 2


def test_a_successor_has_the_orders_of_the_arrested(tmp_path):
    steps = Steps(scenario_from(tmp_path, days=30, warm_up=0))
    model, world, supply = steps.model, steps.world, steps.model.processes.supply
    for _ in range(20):
        model.step()
    parent, supplier = supply._under_way[0, :2].tolist()
    ordered = int(world.smugglers.ordered[parent])
    carried = supply._carried[supplier]
    for row in (parent, supplier):
        world.smuggler_agents[row].retire()
    heir, other = (inherit(world, row, world.ordinal) for row in (parent, supplier))
    supply._carried = np.append(supply._carried, np.zeros(2))
    supply._hand_on(world)
    s = world.smugglers
    assert (s.ordered[parent], s.ordered[heir]) == (0, ordered)
    assert supply._under_way[0, :2].tolist() == [heir, other]
    assert supply._carried[[supplier, other]].tolist() == [0, carried]
