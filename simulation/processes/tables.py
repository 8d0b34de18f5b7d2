"""The tables of a day: what people meet on legs, at places and with operators, and its rules."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.compiled import kernel


class LegArrays(NamedTuple):
    """What a migrant meets on each leg; arrays (legs,)."""

    target: npt.NDArray[np.int16]
    duration: npt.NDArray[np.int32]  # days
    smuggled: npt.NDArray[np.bool_]
    boat: npt.NDArray[np.bool_]
    sideways: npt.NDArray[np.bool_]  # lies on a circuit, so a place can be visited again
    offered: npt.NDArray[np.bool_]  # somebody serves it (or nobody is needed)
    fee: npt.NDArray[np.int64]  # EUR, mean asked with a guarantee
    stop_chance: npt.NDArray[np.float64]
    belief: npt.NDArray[np.float64]  # chance of a stop as people think of it
    death_chance: npt.NDArray[np.float64]
    other_cost: npt.NDArray[np.float64]  # EUR beside fee, time and risk: detours, open sea
    recorded_chance: npt.NDArray[np.float64]  # that a stop becomes a detection
    stop_authority: npt.NDArray[np.int16]  # who mostly stops people here
    final_state: npt.NDArray[np.int8]  # state on arriving at the end of the whole way, or 0
    freight: npt.NDArray[np.bool_]  # hidden in freight across the Channel: a nest of the choice
    alone: npt.NDArray[np.bool_]  # needs an operator but can be walked without one
    single_fee: npt.NDArray[np.int64]  # EUR, mean asked for a single try


class LegCounts(NamedTuple):
    """What happened on each leg today; arrays (legs,) of agents."""

    departures: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    arrivals: npt.NDArray[np.int64]
    deaths: npt.NDArray[np.int64]
    detections: npt.NDArray[np.int64]
    asked: npt.NDArray[np.int64]  # who looked for a smuggler
    unmet: npt.NDArray[np.int64]  # who found none with room


class PlaceArrays(NamedTuple):
    """What a migrant meets at each place; arrays (places,) unless said."""

    leg_start: npt.NDArray[np.int32]  # (places + 1,) first entry of `legs` for each place
    legs: npt.NDArray[np.int32]  # legs sorted by where they start
    stay_mean: npt.NDArray[np.float64]  # days, today
    destination: npt.NDArray[np.int16]  # country group settled in here, -1 if none
    to_go: npt.NDArray[np.float64]  # (destinations, places) value of coming there, choice units


class PairArrays(NamedTuple):
    """Operators on the legs they serve; arrays (pairs,) sorted by leg."""

    start: npt.NDArray[np.int32]  # (legs + 1,)
    smuggler: npt.NDArray[np.int32]
    room: npt.NDArray[np.int64]  # agents it can still take today
    weight: npt.NDArray[np.float64]  # attractiveness to a client
    fee: npt.NDArray[np.int64]  # EUR with a guarantee
    stop_factor: npt.NDArray[np.float64]  # its clients' chance of a stop against the leg's
    asked: npt.NDArray[np.int64]  # counts of today
    trips: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    single_fee: npt.NDArray[np.int64]  # EUR for a single try


class Rules(NamedTuple):
    """The numbers of the migrant's day, from the parameter records."""

    choice_scale: float  # EUR per unit of utility
    day_value: float  # EUR a day on the way
    stop_cost: float  # EUR an expected stop, for a person of average risk aversion
    death_cost: float  # EUR
    belief_error: float  # sd of the relative error of a personal belief
    experience: float  # weight of one's own last stop
    belief_ceiling: float  # nobody thinks a stop more certain than this
    guarantee_share: float  # who take a guarantee where both contracts cost them the same
    contract_scale: float  # EUR per unit of utility in the choice of a contract
    give_up: float  # chance at the first stop
    give_up_growth: float  # added for each further stop at the same place
    returned_share: float  # of those who give up, who go back
    hold_days: int
    work_days: int  # a spell of work to earn a fee
    work_income: int  # EUR a spell
    work_spells: int  # spells before settling where one is
    patience_mean: float  # days somebody waits for a promised seat
    wait_days: int  # before asking again when nobody has room
    landing_authority: int  # who talks to people on arrival
    previous_yield: float  # chance of naming an earlier operator, against the present one
    freight_nesting: float  # weight of values in the choice between freight and other ways, 0 to 1
    wait_hazard: float  # a day: that somebody who has begun to wait in vain gives it up
    wait_growth_days: float  # days in vain after which it is twice as high
    wait_poor: float  # times as high for those who cannot pay
    alone_share: float  # of those who give up waiting, who set out alone where they can walk
    alone_risk: float  # rate of stops of those alone, against those with an operator of skill 1
    turn_share: float  # of the others, who make for another destination if there is one


@kernel
def times_turned_away(asked: float, unmet: float) -> float:
    """How often somebody who asks for a leg is turned away before finding room.

    With a share of those who ask turned away, it is share / (1 - share). Where hardly anybody
    finds room it counts as if one did, so that it stays within bounds.

    Args:
        asked: People who asked.
        unmet: Those of them who were turned away.

    Returns:
        Those turned away for each who found room.
    """
    return unmet / max(asked - unmet, 1.0)


@kernel
def fill_turned_away(asked: np.ndarray, unmet: np.ndarray, scale: float, out: np.ndarray) -> None:
    """Fill `out` (legs,) with `times_turned_away` of agents who asked and found nobody."""
    for leg in range(out.size):
        out[leg] = times_turned_away(asked[leg] / scale, unmet[leg] / scale)


@kernel
def occasion_of(place: int, detours: int, tries: int) -> np.int64:
    """Key of an attempt: the place, visits after sideways moves, and failed tries there."""
    return (np.int64(place) << 24) | (np.int64(detours) << 12) | np.int64(tries)
