"""Raids whose arrests are given: who is taken, and the boats with them.

How many persons a raid arrests is what was reported of it, not an outcome. Who they are, and what
follows, is worked out: those arrested go the way of everybody arrested after an investigation.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.agents.smuggler import Status
from simulation.chain import link
from simulation.processes.investigation import Investigation
from simulation.processes.supply import Supply
from simulation.processes.world import SEGMENTS, SUPPLY, World
from simulation.randomness import Decision, draw, uniforms
from simulation.scenario.surges import RaidOrder

_IN_RAID = link("arrests_in_raid")


def raid(world: World, investigation: Investigation, supply: Supply) -> None:
    """Carry out the raids of today.

    Args:
        world: The world.
        investigation: Arrests.
        supply: Boats under way.
    """
    if not world.policy.raids:
        return
    intelligence = world.parameters.intelligence
    for order in world.policy.raids:
        cases = world.pictures.case(intelligence.prior_log_odds)
        cases = cases[list(order.authorities), : world.smugglers.count]
        rows = _taken(world, order, _strongest_first(world, order, cases))
        boats = order.boats
        for row in rows.tolist():
            authority = _who_arrests(world, order, cases, row)
            boats -= supply.confiscate(world, row, authority, boats)
            investigation.take(world, row, authority, major=True)
            world.count(_IN_RAID, 1, authority)


def _taken(world: World, order: RaidOrder, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Of the operators in their order, those who are the persons arrested.

    The last one, of whom only a part is among these persons, is taken with that part as chance, so
    that the persons are right on average.
    """
    persons = _persons(world, rows)
    before = np.cumsum(persons) - persons
    part = (order.arrests - before) / persons
    together = sum(1 << authority for authority in order.authorities)
    return rows[part > draw(world.seed, Decision.RAID_SIZE, world.ordinal, together)]


def _persons(world: World, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """Persons who make up each operator, more where it moves more than is usual, (operators,).

    A raid that goes for the best known goes for the large. Were they counted as of usual size, the
    persons reported would be a far larger part of the market than was reported.
    """
    s = world.smugglers
    usual = world.typical_capacity[s.stage[rows], s.place[rows]]
    size = np.divide(s.capacity[rows], usual, out=np.ones(rows.size), where=usual > 0)
    persons: npt.NDArray[np.float64] = np.maximum(size, 1.0)
    return persons * world.parameters.intelligence.persons_per_operator


def _strongest_first(
    world: World, order: RaidOrder, cases: npt.NDArray[np.float64]
) -> npt.NDArray[np.intp]:
    """Rows of the operators who can be taken.

    They raid with all that those taking part know, be it one who could not arrest there. Operators
    of whom equally much is known, such as nothing, come in a keyed order.

    Args:
        world: The world.
        order: The raid.
        cases: (taking part, operators) log-odds.
    """
    s = world.smugglers
    within = world.jurisdiction[list(order.authorities)].any(axis=0) & (s.status == Status.ACTIVE)
    if order.stages:
        within &= np.isin(s.stage, [SEGMENTS.index(stage) for stage in order.stages])
    if order.places:
        within &= _at_places(world, order.places)
    rows = np.flatnonzero(within)
    luck = uniforms(world.seed, Decision.RAID_ORDER, s.uid[rows], world.ordinal)
    return rows[np.lexsort((luck, -cases[:, rows].max(axis=0)))]


def _at_places(world: World, places: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Who works at one of some places, suppliers of boats all along their chain; (operators,)."""
    s, index = world.smugglers, world.corridor.place_index
    passes = np.array([
        any(index[place] in places for place in chain.places)
        for chain in world.corridor.supply_chains
    ])  # fmt: skip
    supplies = passes[s.chain]
    return np.where(s.stage == SUPPLY, supplies, np.isin(s.place, places))


def _who_arrests(world: World, order: RaidOrder, cases: npt.NDArray[np.float64], row: int) -> int:
    """Of those taking part who can arrest an operator, the one with the strongest case."""
    able = world.jurisdiction[list(order.authorities), row]
    return order.authorities[int(np.argmax(np.where(able, cases[:, row], -np.inf)))]
