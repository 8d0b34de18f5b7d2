"""The world on the morning of the first day."""

from __future__ import annotations

import networkx as nx
import numpy as np
import numpy.typing as npt

from simulation.agents.migrant import State
from simulation.corridor import DESTINATIONS, Corridor
from simulation.corridor.stages import BOAT, LORRY
from simulation.parameters import Parameters
from simulation.processes.operators import leg_fee_factors, segment_values
from simulation.processes.tables import LegArrays, PlaceArrays, Rules
from simulation.processes.world import World

#: the border whose legs have a constant of their own in the choice (`migrants.hungary_constant`)
_INTO_HUNGARY = "RS-HU"


def make_rules(parameters: Parameters, landing_authority: int) -> Rules:
    """The numbers of the migrant's day."""
    migrants, beliefs = parameters.migrants, parameters.beliefs
    return Rules(
        choice_scale=migrants.choice_scale,
        day_value=migrants.day_value,
        stop_cost=migrants.stop_cost,
        death_cost=migrants.death_cost,
        belief_error=beliefs.error,
        experience=beliefs.experience,
        belief_ceiling=beliefs.ceiling,
        guarantee_share=migrants.escrow_share,
        contract_scale=migrants.contract_scale,
        give_up=migrants.give_up,
        give_up_growth=migrants.give_up_growth,
        returned_share=migrants.returned_share,
        hold_days=migrants.hold_days,
        work_days=migrants.work_days,
        work_income=migrants.work_income,
        work_spells=migrants.work_spells,
        patience_mean=migrants.patience_days,
        wait_days=migrants.wait_days,
        landing_authority=landing_authority,
        previous_yield=parameters.intelligence.previous_yield,
        freight_nesting=migrants.freight_nesting,
        wait_hazard=migrants.wait_hazard,
        wait_growth_days=migrants.wait_growth_days,
        wait_poor=migrants.wait_poor,
        alone_share=migrants.alone_share,
        alone_risk=migrants.alone_risk,
        turn_share=migrants.turn_share,
    )


def sideways_legs(corridor: Corridor) -> npt.NDArray[np.bool_]:
    """Legs that lie on a circuit, so that a place can be visited again, (legs,)."""
    group = {}
    graph = nx.DiGraph((leg.origin, leg.target) for leg in corridor.legs)
    for number, members in enumerate(nx.strongly_connected_components(graph)):
        group.update(dict.fromkeys(members, number))
    return np.array([group[leg.origin] == group[leg.target] for leg in corridor.legs])


def make_places(world: World) -> PlaceArrays:
    """Places as arrays, with legs listed by where they start."""
    ground, count = world.ground, len(world.corridor.places)
    order = np.argsort(ground.origin, kind="stable").astype(np.int32)
    start = np.searchsorted(ground.origin[order], np.arange(count + 1)).astype(np.int32)
    return PlaceArrays(
        leg_start=start,
        legs=order,
        stay_mean=np.ones(count),
        destination=ground.destination,
        to_go=np.full((len(DESTINATIONS), count), -np.inf),
    )


def make_legs(world: World) -> LegArrays:
    """Legs as arrays, everything on offer at the usual fee."""
    corridor, ground, parameters = world.corridor, world.ground, world.parameters
    smuggled = np.array([leg.smuggled for leg in corridor.legs])
    fee = np.where(smuggled, segment_values(world, "fee")[ground.segment], 0.0)
    fee = fee * leg_fee_factors(world)
    landing = np.array(
        [corridor.places[place].kind == "landing" for place in ground.target.tolist()]
    )
    hazard = parameters.hazards
    by_mode = {
        "foot": hazard.foot, "road": hazard.road, "rail": hazard.rail,
        "lorry": hazard.lorry, "ferry": hazard.ferry, "boat": hazard.boat,
    }  # fmt: skip
    count = len(corridor.legs)
    sideways = sideways_legs(corridor)
    distance = np.array([leg.distance_km for leg in corridor.legs])
    into_hungary = np.array([leg.border == _INTO_HUNGARY for leg in corridor.legs])
    return LegArrays(
        target=ground.target,
        duration=np.array([max(1, round(leg.duration_days)) for leg in corridor.legs], np.int32),
        smuggled=smuggled,
        boat=ground.segment == BOAT,
        sideways=sideways,
        offered=np.ones(count, dtype=bool),
        fee=np.rint(fee).astype(np.int64),
        stop_chance=np.zeros(count),
        belief=np.where(smuggled, parameters.beliefs.first_guess, 0.0),
        death_chance=np.array([by_mode[mode] for mode in ground.mode]),
        other_cost=np.where(sideways, parameters.migrants.detour_cost, 0.0)
        + np.where(ground.segment == BOAT, parameters.migrants.sea_km_cost, 0.0) * distance
        + np.where(ground.segment == LORRY, parameters.migrants.freight_cost, 0.0)
        - np.where(into_hungary, parameters.migrants.hungary_constant, 0.0),
        recorded_chance=np.zeros(count),
        stop_authority=np.full(count, -1, dtype=np.int16),
        final_state=np.where(landing, int(State.ARRIVED_LORRY), 0).astype(np.int8),
        freight=ground.segment == LORRY,
        alone=smuggled & (ground.mode == "foot"),
        single_fee=np.rint(fee).astype(np.int64),
    )
