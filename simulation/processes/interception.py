"""Boats stopped at sea before they pick people up from the water.

Units at sea watch the coast that boats leave from, as patrols on the beach do: random search
(Koopman 1956), which finds a smaller share where many boats come at once. A boat that is met is
stopped only where that is safe. Passengers still on the beach stay there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.corridor.stages import BOAT
from simulation.processes.world import World
from simulation.scenario.levers.interception_at_sea import SEA_PATROLS, SeaPatrol


class AtSea(NamedTuple):
    """Units at sea on each leg today; arrays (legs,)."""

    effort: npt.NDArray[np.float64]  # units
    safe: npt.NDArray[np.float64]  # share of boats met that may be stopped


def spread_units(
    patrols: Sequence[SeaPatrol],
    activity: npt.NDArray[np.float64],
    launch: npt.NDArray[np.bool_],
    authority_from: npt.NDArray[np.int16],
) -> AtSea:
    """Put the units of each authority where its picture says that boats leave.

    Args:
        patrols: Units at sea, by authority.
        activity: (authorities, legs) crossings a day as each authority sees them.
        launch: (legs,) on which boats leave for the UK.
        authority_from: (legs,) from whose ground.

    Returns:
        Units on each leg, evenly where a picture shows nothing, and what they may stop.
    """
    effort, allowed = np.zeros((2, launch.size))
    for authority, units, safe in patrols:
        legs = np.flatnonzero(launch & (authority_from == authority))
        seen = activity[authority, legs]
        total = float(seen.sum())
        here = units * (seen / total if total > 0.0 else np.full(legs.size, 1.0 / legs.size))
        effort[legs] += here
        allowed[legs] += here * safe
    return AtSea(effort, np.divide(allowed, effort, out=np.zeros_like(effort), where=effort > 0.0))


def chance_before_boarding(
    at_sea: AtSea,
    taxis: npt.NDArray[np.float64],
    sweep: float,
    width: npt.NDArray[np.float64],
    handled: float,
) -> npt.NDArray[np.float64]:
    """Chance that a boat is stopped before it picks people up, (legs,).

    Args:
        at_sea: Units on each leg.
        taxis: (legs,) boats that pick people up from the water today.
        sweep: Km of coast that a unit watches while a boat picks people up.
        width: (legs,) km of coast.
        handled: Boats that a unit deals with at a time.

    Returns:
        `safe x (1 - exp(-effort x sweep / width / relief))` with
        `relief = 1 + taxis / (handled x effort)`; exactly 0 where there are no units.
    """
    relief = 1.0 + taxis / np.maximum(handled * at_sea.effort, 1e-9)
    met: npt.NDArray[np.float64] = -np.expm1(-at_sea.effort * sweep / width / relief)
    return at_sea.safe * met


def intercepted(world: World, taxis: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Chance that a boat is stopped before it picks people up under today's policy, (legs,).

    Args:
        world: The world.
        taxis: (legs,) boats that pick people up from the water today.
    """
    patrols, ground = SEA_PATROLS.of(world.policy), world.ground
    if not patrols:
        return np.zeros(taxis.size)
    launch = ground.segment == BOAT
    at_sea = spread_units(patrols, world.beliefs.activity, launch, ground.authority_from)
    parameters = world.parameters
    return chance_before_boarding(
        at_sea, taxis, parameters.patrol.sweep_at_sea, ground.width,
        parameters.channel.handled_launches,
    )  # fmt: skip
