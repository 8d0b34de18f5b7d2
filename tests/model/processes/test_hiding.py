"""Whether an operator who hears that it is known lies low: the income forgone against the risk."""

from __future__ import annotations

import numpy as np

from simulation.chain import link
from simulation.corridor.stages import BOAT, SUPPLY
from simulation.model.agents.smuggler import Status
from simulation.model.processes.hiding import (
    chance_to_lie_low,
    decide_hiding,
)
from simulation.model.processes.world import World


def launchers(world: World) -> np.ndarray:
    s = world.smugglers
    return np.flatnonzero((s.stage == BOAT) & (s.teams > 0.0))


def chance(world: World, rows: np.ndarray | None = None) -> float:
    return float(chance_to_lie_low(world, launchers(world) if rows is None else rows).mean())


def test_slack_business_and_officers_make_operators_lie_low(world):
    """Each of the things weighed moves the choice its own way."""
    s, usual = world.smugglers, chance(world)
    assert 0.0 < usual < 1.0
    s.use[:] /= 4.0
    assert chance(world) > usual, "few clients are lost"
    s.use[:] *= 4.0
    s.fee[:] *= 3.0
    assert chance(world) < usual, "seats are dear"
    s.fee[:] /= 3.0
    world.ledger.cases[world.day] = 10_000
    assert chance(world) < usual, "many are known to few officers"


def test_dear_boats_keep_suppliers_at_work(world):
    suppliers = np.flatnonzero(world.smugglers.stage == SUPPLY)
    chances = []
    for times in (1.0, 5.0):
        world.boat_price = times * world.parameters.supply.boat_price
        chances.append(chance(world, suppliers))
    assert chances[0] > chances[1] > 0.0


def test_nobody_lies_low_in_custody_or_hears_the_same_twice(world):
    """Whoever has nothing to lose lies low once it hears; who is held does not."""
    s = world.smugglers
    s.use[:] = 0.0
    held, free = launchers(world)[:2].tolist()
    s.status[held] = Status.HELD
    world.warned_operators.extend([held, free, free])
    decide_hiding(world)
    assert (s.dark_until[[held, free]] > world.day).tolist() == [False, True]
    went = world.links[link("went_lying_low")]
    assert went.sum() == 1.0
    decide_hiding(world)
    assert went.sum() == 1.0
