"""Raids whose arrests are given: who is taken, and the boats with them.

The number of persons that a raid arrests is the reported one, not an outcome. The model decides who
they are and what follows, as for everybody arrested after an investigation.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.chain import link
from simulation.compiled import Bools, Floats
from simulation.corridor.stages import SEGMENTS, SUPPLY
from simulation.model.agents.smuggler import Status
from simulation.model.processes.intelligence.cooperation import strongest_case_first
from simulation.model.processes.investigation import Investigation
from simulation.model.processes.recovery import size_of
from simulation.model.processes.supply import Supply
from simulation.model.processes.world import World
from simulation.randomness import Decision, draw, uniforms
from simulation.scenario.levers.enforcement import RaidOrder

_IN_RAID = link("arrests_in_raid")
#: a cell is taken whole, with its head, up to rounding
_WHOLE = 1.0 - 1e-9


def raid(world: World, investigation: Investigation, supply: Supply) -> None:
    """Carry out the raids of today.

    Boats are taken from those arrested. The rest of the reported boats are taken from others who
    could have been arrested, suppliers first, because most boats are seized in stores on the way.

    Args:
        world: The world.
        investigation: Arrests.
        supply: Boats under way.
    """
    if not world.policy.raids:
        return
    intelligence = world.parameters.intelligence
    for order in world.policy.raids:
        cases = world.beliefs.case(intelligence.prior_log_odds)
        cases = cases[list(order.authorities), : world.smugglers.count]
        rows = _strongest_first(world, order, cases)
        parts = _parts(world, order, rows)
        boats = order.boats
        others, launches = parts <= 0.0, world.smugglers.stage[rows] != SUPPLY
        for row in rows[np.lexsort((others & launches, others))].tolist():
            if boats <= 0:
                break
            boats -= supply.confiscate(world, row, _who_arrests(world, order, cases, row), boats)
        for row, part in zip(rows.tolist(), parts.tolist(), strict=True):
            if part <= 0.0:
                continue
            authority = _who_arrests(world, order, cases, row)
            if part >= _WHOLE:
                investigation.arrest(world, row, authority)
                world.count(_IN_RAID, 1, authority)
            else:
                investigation.arrest_helpers(world, row, authority, part)


def _parts(world: World, order: RaidOrder, rows: npt.NDArray[np.intp]) -> Floats:
    """Part of each cell that is arrested, (rows,): whole cells, and some helpers of the last one.

    If the order gives the share of a stage that those arrested carried, that share is arrested of
    each stage that carries people, and the remaining persons are suppliers of boats. Otherwise the
    number of persons decides. A supplier carries nobody, so the last one is arrested whole, with
    the part as its chance.
    """
    supplies = world.smugglers.stage[rows] == SUPPLY
    persons = _persons(world, rows)
    if order.share is None:
        parts = _filled(persons, float(order.arrests))
    else:
        parts = np.zeros(rows.size)
        for segment in np.unique(world.smugglers.stage[rows[~supplies]]):
            here = world.smugglers.stage[rows] == segment
            parts[here] = _of_stage(world, order.share, rows[here])
        left = max(order.arrests - float((parts * persons).sum()), 0.0)
        parts[supplies] = _filled(persons[supplies], left)
    together = sum(1 << authority for authority in order.authorities)
    u = draw(world.seed, Decision.RAID_SIZE, world.ordinal, together)
    parts[supplies] = parts[supplies] > u
    return parts


def _of_stage(world: World, share: float, rows: npt.NDArray[np.intp]) -> Floats:
    """Part of each cell of one stage that is arrested to reach a share of the stage, (rows,)."""
    s = world.smugglers
    size = size_of(s)
    whole = size[(s.stage == s.stage[rows[0]]) & (s.status == Status.ACTIVE)].sum()
    return _filled(size[rows], share * float(whole))


def _filled(size: Floats, amount: float) -> Floats:
    """Part of each cell, taken one after another until their sizes add up to an amount, (rows,)."""
    before = np.cumsum(size) - size
    left = np.maximum(amount - before, 0.0)
    # a cell without size, such as an organiser without crews, goes with those before and after it
    return np.where(size > 0.0, np.minimum(left / np.maximum(size, 1e-300), 1.0), left > 0.0)


def _persons(world: World, rows: npt.NDArray[np.intp]) -> Floats:
    """Persons who make up each cell, in proportion to its capacity, at least one; (rows,).

    The strongest cases are mostly on large operators. Counting these as of usual size would turn
    the reported persons into a far larger part of the market than was reported.
    """
    s = world.smugglers
    size = size_of(s)
    # organisers of launchers have no crews of their own
    counted = (s.status == Status.ACTIVE) & (size > 0.0)
    number = np.bincount(s.stage[counted], minlength=len(SEGMENTS))
    mean = np.bincount(s.stage[counted], size[counted], len(SEGMENTS)) / np.maximum(number, 1)
    relative = size[rows] / np.maximum(mean[s.stage[rows]], 1e-300)
    return np.maximum(world.parameters.intelligence.persons_per_operator * relative, 1.0)


def _strongest_first(world: World, order: RaidOrder, cases: Floats) -> npt.NDArray[np.intp]:
    """Rows of the operators who can be arrested, the strongest case first.

    The case is the strongest of any authority taking part, even of one that cannot arrest the
    operator. Operators with equal cases come in a keyed order.
    """
    s = world.smugglers
    within = world.jurisdiction[list(order.authorities)].any(axis=0) & (s.status == Status.ACTIVE)
    if order.stages:
        within &= np.isin(s.stage, [SEGMENTS.index(stage) for stage in order.stages])
    if order.places:
        within &= _at_places(world, order.places)
    rows = np.flatnonzero(within)
    u = uniforms(world.seed, Decision.RAID_ORDER, s.uid[rows], world.ordinal)
    return strongest_case_first(rows, cases, u)


def _at_places(world: World, places: tuple[int, ...]) -> Bools:
    """Whether operators, (operators,), work at one of some places; suppliers work along a chain."""
    s, index = world.smugglers, world.corridor.place_index
    passes = np.array([
        any(index[place] in places for place in chain.places)
        for chain in world.corridor.supply_chains
    ])  # fmt: skip
    supplies = passes[s.chain]
    return np.where(s.stage == SUPPLY, supplies, np.isin(s.place, places))


def _who_arrests(world: World, order: RaidOrder, cases: Floats, row: int) -> int:
    """The participant with the strongest case among those who can arrest an operator."""
    able = world.jurisdiction[list(order.authorities), row]
    return order.authorities[int(np.argmax(np.where(able, cases[:, row], -np.inf)))]
