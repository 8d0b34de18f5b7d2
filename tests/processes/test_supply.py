"""Boats on their way to the coast: who orders them, who loses them, and that none is lost."""

from __future__ import annotations

import numpy as np

from simulation.agents.smuggler import Role
from simulation.processes.supply import Traders, consignment_keys, place_orders
from simulation.processes.world import BOAT, SUPPLY
from tests.runs import Steps, scenario_from

ORDINAL = 738_000


def orders(order: np.ndarray, ordinal: int = ORDINAL) -> list[tuple[int, int, int]]:
    """Buyer, supplier and boats when 30 launchers want boats of 4 suppliers who carry a few."""
    size = order.size
    supplies = np.arange(size) >= size - 4
    s = Traders(
        uid=np.arange(size, dtype=np.uint64)[order],
        stage=np.where(supplies, SUPPLY, BOAT).astype(np.int8)[order],
        role=np.where(supplies, Role.BOAT_SUPPLIER, Role.LAUNCHER).astype(np.int8)[order],
        status=np.zeros(size, dtype=np.int8),
        dark_until=np.full(size, -1, dtype=np.int32),
        teams=np.ones(size),
        boats=np.zeros(size, dtype=np.int32),
        ordered=np.zeros(size, dtype=np.int32),
    )
    sent = np.empty((size, 3), dtype=np.int64)
    count = place_orders(
        10, ordinal, 5, s, 3.0, 0.0, 10.0, np.where(s.stage == SUPPLY, 5.0, 0.0),
        *np.empty((2, size), dtype=np.int64), np.empty(size), sent,
    )  # fmt: skip
    sent = sent[:count]
    np.testing.assert_array_equal(np.bincount(sent[:, 0], sent[:, 2], size), s.ordered)
    return [(int(s.uid[b]), int(s.uid[c]), n) for b, c, n in sent.tolist()]


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


# -- draws of a consignment -----------------------------------------------------------------------


def test_two_consignments_of_a_supplier_tell_their_own_tale(tmp_path):
    """Seized on one day by one authority, each may tell of the supplier, and each is a fact."""
    steps = Steps(scenario_from(tmp_path, days=1, warm_up=0))
    world, supply = steps.world, steps.model._supply
    s = world.smugglers
    supplier = int(np.flatnonzero(s.stage == SUPPLY)[0])
    buyers = np.flatnonzero(s.role == Role.LAUNCHER)
    keys = consignment_keys(s.uid[buyers], ORDINAL)
    assert np.unique(keys).size == keys.size
    assert (keys >= 0).all()
    for buyer, key in zip(buyers.tolist(), keys.tolist(), strict=True):
        supply._seize(world, buyer, supplier, 1, 3, key)
    told = [key for _, row, _, key in world.facts if row == supplier]
    chance = world.parameters.supply.fact_yield
    assert 0 < len(told) < buyers.size
    assert abs(len(told) / buyers.size - chance) < 4 * np.sqrt(chance / buyers.size)
    assert len(set(told)) == len(told)
