"""The tables of a day: what people meet on legs, at places and with operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.compiled import Bools, Floats, Ints, inner, kernel
from simulation.corridor import DESTINATIONS, Corridor
from simulation.corridor.jurisdiction import UK
from simulation.corridor.stages import BOAT, LORRY, segment_of
from simulation.model.agents.migrant import State
from simulation.model.agents.smuggler import SmugglerColumns, Status
from simulation.parameters import Parameters

#: the border whose legs have a constant of their own in the choice (`migrants.hungary_constant`)
_INTO_HUNGARY = "RS-HU"


@dataclass(frozen=True)
class Ground:
    """Fixed arrays drawn from the corridor.

    Attributes:
        origin: (legs,) place a leg starts from.
        target: (legs,) place it leads to.
        authority_from: (legs,) authority on whose ground it starts.
        authority_to: (legs,) authority on whose ground it ends.
        width: (legs,) km of border, coast or corridor to be searched.
        segment: (legs,) market segment.
        mode: (legs,) mode of transport as a word.
        counted: (legs,) whether a stop there is a Western Balkan detection.
        destination: (places,) destination served by a place, -1 if none.
        country: (places,) authority of a place.
        on_ground: (authorities, legs) whether a leg touches an authority's ground.
        boat_legs: Of each authority, the legs by which boats leave its ground for the UK.
        uk: (3,) the UK's authorities: criminal investigation, border, intelligence.
    """

    origin: npt.NDArray[np.int16]
    target: npt.NDArray[np.int16]
    authority_from: npt.NDArray[np.int16]
    authority_to: npt.NDArray[np.int16]
    width: Floats
    segment: npt.NDArray[np.int8]
    mode: npt.NDArray[np.str_]
    counted: Bools
    destination: npt.NDArray[np.int16]
    country: npt.NDArray[np.int16]
    on_ground: Bools
    boat_legs: tuple[npt.NDArray[np.intp], ...]
    uk: npt.NDArray[np.intp]


class LegArrays(NamedTuple):
    """What a migrant meets on each leg; arrays (legs,)."""

    target: npt.NDArray[np.int16]
    duration: npt.NDArray[np.int32]  # days
    smuggled: Bools
    boat: Bools
    sideways: Bools  # lies on a circuit, so a place can be visited again
    offered: Bools  # somebody serves it (or nobody is needed)
    fee: Ints  # EUR, mean asked with a guarantee
    stop_chance: Floats
    belief: Floats  # chance of a stop as people think of it
    death_chance: Floats
    other_cost: Floats  # EUR beside fee, time and risk: detours, open sea
    recorded_chance: Floats  # that a stop becomes a detection
    stop_authority: npt.NDArray[np.int16]  # who mostly stops people here
    final_state: npt.NDArray[np.int8]  # state on arriving at the end of the whole way, or 0
    freight: Bools  # hidden in freight across the Channel: a nest of the choice
    alone: Bools  # needs an operator but can be walked without one
    single_fee: Ints  # EUR, mean asked for a single try


class LegCounts(NamedTuple):
    """What happened on each leg today; arrays (legs,) of agents."""

    departures: Ints
    stops: Ints
    arrivals: Ints
    deaths: Ints
    detections: Ints
    asked: Ints  # who looked for a smuggler
    unmet: Ints  # who found none with room


class PlaceArrays(NamedTuple):
    """What a migrant meets at each place; arrays (places,) unless said."""

    leg_start: npt.NDArray[np.int32]  # (places + 1,) first entry of `legs` for each place
    legs: npt.NDArray[np.int32]  # legs sorted by where they start
    stay_mean: Floats  # days, today
    winter_share: Floats  # of people who wait for spring there
    winter_start: Ints  # first day of this winter or the next; 0 where nobody waits
    winter_end: Ints  # the day after its last
    destination: npt.NDArray[np.int16]  # country group settled in here, -1 if none
    to_go: Floats  # (destinations, places) value of coming there, choice units


class PairArrays(NamedTuple):
    """Operators on the legs they serve, see `Service`; arrays (pairs,) sorted by leg.

    Those of whole numbers are the rows of one table, and the others those of another.
    """

    start: npt.NDArray[np.int32]  # (legs + 1,)
    smuggler: Ints
    leg: Ints
    # today
    room: Ints  # agents it can still take today
    fee: Ints  # EUR with a guarantee
    asked: Ints  # counts of today
    trips: Ints
    stops: Ints
    single_fee: Ints  # EUR for a single try
    weight: Floats  # attractiveness to a client
    stop_factor: Floats  # its clients' chance of a stop against the leg's
    # what an operator knows of the leg
    share: Floats  # of its capacity put there
    trials: Floats  # client trips remembered
    losses: Floats  # stopped trips remembered
    clients: Floats  # who ask a day, smoothed
    carried: Floats  # agents' places left over from the days before
    single: Floats  # fee of a single try against that with a guarantee

    @property
    def tables(self) -> tuple[Any, Any, Any]:
        """What kernels take in place of the columns; see `pair_columns`."""
        return self.start, self.smuggler.base, self.weight.base


@inner
def pair_columns(start: np.ndarray, whole: np.ndarray, real: np.ndarray) -> PairArrays:
    """The columns of two tables, in compiled code: to hand over two tables takes less time."""
    return PairArrays(
        start, whole[0], whole[1], whole[2], whole[3], whole[4], whole[5], whole[6], whole[7],
        real[0], real[1], real[2], real[3], real[4], real[5], real[6], real[7],
    )  # fmt: skip


def make_ground(corridor: Corridor) -> Ground:
    """Turn the corridor's records into arrays."""
    legs, places = corridor.legs, corridor.places
    authority = corridor.authority_index
    index = {name: number for number, name in enumerate(DESTINATIONS)}
    authority_from = np.array([authority[leg.authority_from] for leg in legs], dtype=np.int16)
    authority_to = np.array([authority[leg.authority_to] for leg in legs], dtype=np.int16)
    on_ground = np.zeros((len(authority), len(legs)), dtype=bool)
    columns = np.arange(len(legs))
    on_ground[authority_from, columns] = True
    on_ground[authority_to, columns] = True
    place = corridor.place_index
    segment = np.array([segment_of(leg.stage, leg.mode) for leg in legs], dtype=np.int8)
    return Ground(
        origin=np.array([place[leg.origin] for leg in legs], dtype=np.int16),
        target=np.array([place[leg.target] for leg in legs], dtype=np.int16),
        authority_from=authority_from,
        authority_to=authority_to,
        width=np.array([leg.width_km for leg in legs]),
        segment=segment,
        mode=np.array([leg.mode for leg in legs]),
        counted=np.array([leg.counted for leg in legs]),
        destination=np.array([index.get(p.destination, -1) for p in places], dtype=np.int16),
        country=np.array([authority[p.authority] for p in places], dtype=np.int16),
        on_ground=on_ground,
        boat_legs=tuple(
            np.flatnonzero((segment == BOAT) & (authority_from == row))
            for row in range(len(authority))
        ),
        uk=np.array([authority[code] for code in UK]),
    )


def segment_values(
    parameters: Parameters, prefix: Literal["operators", "fee", "replacement_days"]
) -> Floats:
    """A parameter given once for each market segment, (segments,)."""
    market = parameters.market
    values: tuple[float, ...]
    if prefix == "operators":
        values = (
            market.operators_aegean, market.operators_south, market.operators_centre,
            market.operators_exit, market.operators_alpine, market.operators_west,
            market.operators_lorry, market.operators_boat, market.operators_supply,
        )  # fmt: skip
    elif prefix == "fee":
        values = (
            market.fee_aegean, market.fee_south, market.fee_centre, market.fee_exit,
            market.fee_alpine, market.fee_west, market.fee_lorry, market.fee_boat, 0.0,
        )  # fmt: skip
    else:
        values = (
            *([market.replacement_days_helper] * BOAT), market.replacement_days_launcher,
            market.replacement_days_supplier,
        )  # fmt: skip
    return np.array(values, dtype=float)


def leg_fee_factors(ground: Ground, parameters: Parameters) -> Floats:
    """Fee of a leg against the usual one of its segment, by mode, (legs,)."""
    market = parameters.market
    by_mode = {
        "foot": 1.0, "road": market.fee_factor_road, "rail": 1.0,
        "lorry": market.fee_factor_lorry, "ferry": market.fee_factor_ferry,
        "boat": market.fee_factor_boat,
    }  # fmt: skip
    factor = np.array([by_mode[mode] for mode in ground.mode])
    return np.where(np.isin(ground.segment, (LORRY, BOAT)), 1.0, factor)


def sideways_legs(corridor: Corridor) -> Bools:
    """Legs that lie on a circuit, so that a place can be visited again, (legs,)."""
    index = corridor.place_index
    origin = [index[leg.origin] for leg in corridor.legs]
    target = [index[leg.target] for leg in corridor.legs]
    leads_to = np.eye(len(corridor.places), dtype=np.float32)
    leads_to[origin, target] = 1.0
    for _ in range(len(corridor.places).bit_length()):  # each turn doubles the legs on the way
        leads_to = np.minimum(leads_to @ leads_to, 1.0)
    return leads_to[target, origin] > 0.0


def make_places(ground: Ground) -> PlaceArrays:
    """Places as arrays, with legs listed by where they start."""
    count = ground.country.size
    order = np.argsort(ground.origin, kind="stable").astype(np.int32)
    start = np.searchsorted(ground.origin[order], np.arange(count + 1)).astype(np.int32)
    return PlaceArrays(
        leg_start=start,
        legs=order,
        stay_mean=np.ones(count),
        winter_share=np.zeros(count),
        winter_start=np.zeros(count, dtype=np.int64),
        winter_end=np.zeros(count, dtype=np.int64),
        destination=ground.destination,
        to_go=np.full((len(DESTINATIONS), count), -np.inf),
    )


def make_legs(corridor: Corridor, ground: Ground, parameters: Parameters) -> LegArrays:
    """Legs as arrays, everything on offer at the usual fee."""
    smuggled = np.array([leg.smuggled for leg in corridor.legs])
    fee = np.where(smuggled, segment_values(parameters, "fee")[ground.segment], 0.0)
    fee = fee * leg_fee_factors(ground, parameters)
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


_WHOLE = PairArrays._fields.index("single_fee")  # columns of whole numbers


def make_pairs(pairs: int, legs: int) -> PairArrays:
    """So many pairs of an operator and a leg, of which nothing is known yet, in no order yet."""
    whole = np.zeros((_WHOLE, pairs), dtype=np.int64)
    real = np.zeros((len(PairArrays._fields) - 1 - _WHOLE, pairs))
    columns = PairArrays(np.zeros(legs + 1, dtype=np.int32), *whole, *real)
    columns.stop_factor.fill(1)
    return columns


@inner
def in_business(s: SmugglerColumns, row: int) -> bool:
    """Whether an operator has neither left the trade nor is held."""
    return s.status[row] != Status.RETIRED and s.status[row] != Status.HELD


@inner
def times_turned_away(asked: Floats, unmet: Floats) -> Floats:
    """How often somebody who asks for a leg is turned away before finding room.

    With a share of those who ask turned away, it is share / (1 - share). Where hardly anybody
    finds room it counts as if one did, so that it stays within bounds.

    Args:
        asked: People who asked.
        unmet: Those of them who were turned away.

    Returns:
        Those turned away for each who found room.
    """
    return unmet / np.maximum(asked - unmet, 1.0)


@kernel
def occasion_of(place: int, detours: int, tries: int) -> np.int64:
    """Key of an attempt: the place, visits after sideways moves, and failed tries there."""
    return (np.int64(place) << 24) | (np.int64(detours) << 12) | np.int64(tries)
