"""How waiting in vain ends, compiled: people go on alone, turn elsewhere, settle or go back.

Whoever finds no operator, or cannot pay one, waits, and each such wait may be the last: the chance
rises with the days waited in vain at the place, and for those who cannot pay.
"""

from __future__ import annotations

import numpy as np

from simulation.agents.migrant import MigrantColumns, State
from simulation.compiled import inner, kernel
from simulation.processes.deals import refund_escrow
from simulation.processes.tables import LegArrays, PlaceArrays, Rules, occasion_of
from simulation.processes.ways import ELSEWHERE, Ways, believed_stop
from simulation.randomness import Decision, uniform

_WAIT_ENDS, _WAY_OUT, _BELIEF_ERROR = (
    int(Decision.WAIT_ENDS), int(Decision.WAY_OUT), int(Decision.BELIEF_ERROR),
)  # fmt: skip
_SETTLED, _BACK = int(State.SETTLED), int(State.RETURNED)
_LONGEST = 4095  # days in vain that are told apart
_LAST = np.int64(1) << 60  # key of the second draw of a way out


@inner
def finish(row: int, state: int, day: int, m: MigrantColumns, money: np.ndarray) -> None:
    """End a journey."""
    refund_escrow(row, m, money)
    m.state[row] = state
    m.end_day[row] = day


@kernel
def wait_ends_chance(rules: Rules, waited: int, days: int, cannot_pay: bool) -> float:
    """Chance that somebody stops waiting within the next days.

    Args:
        rules: The numbers.
        waited: Days waited in vain at this place so far.
        days: Days until the person would ask again.
        cannot_pay: Whether it is for want of money.
    """
    hazard = rules.wait_hazard * (1.0 + waited / rules.wait_growth_days)
    if cannot_pay:
        hazard *= rules.wait_poor
    return 1.0 - np.exp(-hazard * days)


@kernel
def alone_chance(stop_chance: float, rules: Rules) -> float:
    """Chance that somebody without an operator is stopped on a leg."""
    return 1.0 - (1.0 - stop_chance) ** rules.alone_risk


@inner
def best_alone(
    row: int,
    seed: int,
    m: MigrantColumns,
    legs: LegArrays,
    places: PlaceArrays,
    ways: Ways,
    rules: Rules,
) -> int:
    """The best leg onward that can be walked without an operator; -1 if there is none.

    Whether somebody offers it does not matter, nor does the fee. Who walks alone knows that it is
    likelier to end in a stop.

    Args:
        row: The person.
        seed: Seed of the replication.
        m: The people.
        legs: The legs.
        places: The places.
        ways: The ways of the day.
        rules: The numbers.
    """
    best, best_value = -1, -np.inf
    place, destination = m.place[row], m.destination[row]
    for k in range(places.leg_start[place], places.leg_start[place + 1]):
        leg = places.legs[k]
        if not legs.alone[leg] or not ways.onward[k] or ways.hindrance[destination, k] == ELSEWHERE:
            continue
        u = uniform(seed, _BELIEF_ERROR, m.uid[row], leg)
        stop = believed_stop(ways.belief[k], u, m.stopped_leg[row] == leg, rules)
        stop = min(alone_chance(stop, rules), rules.belief_ceiling)
        loss = m.risk_aversion[row] * (stop / (1.0 - stop) * rules.stop_cost + ways.death_cost[k])
        cost = ways.cost[k] - ways.fee[k] + loss
        value = ways.ahead[destination, k] - cost / rules.choice_scale
        if value > best_value:
            best, best_value = leg, value
    return best


@inner
def turn_elsewhere(
    row: int, day: int, m: MigrantColumns, places: PlaceArrays, money: np.ndarray
) -> bool:
    """Make for another destination, the one worth most from here; settle if it is here.

    Returns:
        Whether there was one.
    """
    place, other, best = m.place[row], -1, -np.inf
    for d in range(places.to_go.shape[0]):
        if d != m.destination[row] and places.to_go[d, place] > best:
            other, best = d, places.to_go[d, place]
    if other < 0:
        return False
    m.destination[row] = other
    m.waited[row] = 0
    if places.destination[place] == other:
        finish(row, _SETTLED, day, m, money)
    return True


@inner
def wait_in_vain(
    row: int,
    day: int,
    days: int,
    cannot_pay: bool,
    seed: int,
    m: MigrantColumns,
    legs: LegArrays,
    places: PlaceArrays,
    ways: Ways,
    rules: Rules,
    money: np.ndarray,
) -> int:
    """Let somebody wait some days more, or stop waiting.

    Args:
        row: The person.
        day: Today.
        days: Days until the person asks again.
        cannot_pay: Whether it is for want of money.
        seed: Seed of the replication.
        m: The people.
        legs: The legs.
        places: The places.
        ways: The ways of the day.
        rules: The numbers.
        money: (3,) EUR paid, received by operators, given back; added to.

    Returns:
        A leg on which the person sets out alone today, or -1.
    """
    # one key for each wait at the place: days in vain, and tries, which grow where days do not
    occasion = (occasion_of(m.place[row], m.detours[row], m.tries[row]) << 12) | m.waited[row]
    uid = m.uid[row]
    chance = wait_ends_chance(rules, m.waited[row], days, cannot_pay)
    m.leg[row] = -1
    m.due[row] = day + days
    m.waited[row] = min(m.waited[row] + days, _LONGEST)
    if uniform(seed, _WAIT_ENDS, uid, occasion) >= chance:
        return -1
    u = uniform(seed, _WAY_OUT, uid, occasion)
    if u < rules.alone_share:
        leg = best_alone(row, seed, m, legs, places, ways, rules)
        if leg >= 0:
            refund_escrow(row, m, money)  # a fee held for a leg with an operator
            m.smuggler[row] = -1
            return leg
        u /= rules.alone_share
    else:
        u = (u - rules.alone_share) / (1.0 - rules.alone_share)
    if u < rules.turn_share and turn_elsewhere(row, day, m, places, money):
        return -1
    back = uniform(seed, _WAY_OUT, uid, occasion + _LAST) < rules.returned_share
    finish(row, _BACK if back else _SETTLED, day, m, money)
    return -1
