"""The migrant's day on land, compiled: arrive, decide, find a smuggler, set out, be stopped, wait.

Every draw is keyed by the person, the place and the attempt there, so that two scenarios with the
same seed differ only where a policy reaches a person. The same rules are written the slow,
obvious way in `tests/reference.py`; both must agree person by person.

Whoever finds no operator, or cannot pay one, waits, and each such wait may be the last: the chance
rises with the days waited in vain at the place, and for those who cannot pay. Such people go on
alone, turn elsewhere, settle or go back.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulation.compiled import Floats, Ints, inner, kernel, with_room
from simulation.errors import InputError
from simulation.model.agents.migrant import FINAL_STATES, MigrantColumns, State
from simulation.model.processes.contracts import (
    Clients,
    PairDraws,
    PeopleToday,
    attempt_of,
    choose_smuggler,
    debrief,
    enter_client,
    fill_pair_draws,
    note_operator,
    pay,
    people_today,
    refund_escrow,
    release_escrow,
)
from simulation.model.processes.route_choice import (
    ELSEWHERE,
    TOO_DEAR,
    RouteOptions,
    believed_stop,
    choose_leg,
    fill_options,
    route_room,
)
from simulation.model.processes.tables import (
    LegArrays,
    LegCounts,
    PairArrays,
    PlaceArrays,
    occasion_of,
    pair_columns,
)
from simulation.model.processes.world import World, drop_finished
from simulation.parameters import Parameters
from simulation.randomness import Decision, uniform

#: most tries, detours and days in vain for which a key has room
MOST = 4095
_LAST = np.int64(1) << 60  # key of the second draw of a way out


class LandDay(NamedTuple):
    """What the day on land is about; see each of these tables."""

    legs: LegArrays
    places: PlaceArrays
    pairs: PairArrays
    counts: LegCounts
    route: RouteOptions
    clients: Clients
    today: PeopleToday


@inner
def finish(row: int, state: int, today: PeopleToday) -> None:
    """End a journey."""
    refund_escrow(row, today)
    today.m.state[row] = state
    today.m.end_day[row] = today.day


@kernel
def waiting_days(mean: float, u: float) -> int:
    """A stay of at least one day, geometric in days, with about the given mean."""
    return 1 + int(-np.log(u) * max(mean - 0.5, 0.0))


@kernel
def after_winter(day: int, due: int, start: int, end: int) -> int:
    """Day on which a stay ends in which the days of winter do not count.

    Args:
        day: Today.
        due: Day on which the stay ends if they do.
        start: First day of winter.
        end: The day after its last.
    """
    if day < end and due >= start:
        return due + end - max(day, start)
    return due


# -- waiting in vain ------------------------------------------------------------------------------


@kernel
def wait_ends_chance(parameters: Parameters, waited: int, days: int, cannot_pay: bool) -> float:
    """Chance that somebody stops waiting within the next days.

    Args:
        parameters: What is assumed.
        waited: Days waited in vain at this place so far.
        days: Days until the person would ask again.
        cannot_pay: Whether it is for want of money.
    """
    migrants = parameters.migrants
    hazard = migrants.wait_hazard * (1.0 + waited / migrants.wait_growth_days)
    if cannot_pay:
        hazard *= migrants.wait_poor
    return 1.0 - np.exp(-hazard * days)


@kernel
def alone_chance(stop_chance: float, parameters: Parameters) -> float:
    """Chance that somebody without an operator is stopped on a leg."""
    return 1.0 - (1.0 - stop_chance) ** parameters.migrants.alone_risk


@inner
def best_alone(
    row: int, legs: LegArrays, places: PlaceArrays, route: RouteOptions, today: PeopleToday
) -> int:
    """The best leg onward that can be walked without an operator; -1 if there is none.

    Whether somebody offers it does not matter, nor does the fee. Who walks alone knows that it is
    likelier to end in a stop.
    """
    m, parameters = today.m, today.parameters
    best, best_value = -1, -np.inf
    place, destination = m.place[row], m.destination[row]
    for k in range(places.leg_start[place], places.leg_start[place + 1]):
        leg, onward = places.legs[k], route.onward[k]
        if not legs.alone[leg] or not onward or route.hindrance[destination, k] == ELSEWHERE:
            continue
        u = uniform(today.seed, Decision.BELIEF_ERROR, m.uid[row], leg)
        stop = believed_stop(route.belief[k], u, m.stopped_leg[row] == leg, parameters)
        stop = min(alone_chance(stop, parameters), parameters.beliefs.ceiling)
        risk = stop / (1.0 - stop) * parameters.migrants.stop_cost + route.death_cost[k]
        cost = route.cost[k] - route.fee[k] + m.risk_aversion[row] * risk
        value = route.ahead[destination, k] - cost / parameters.migrants.choice_scale
        if value > best_value:
            best, best_value = leg, value
    return best


@inner
def turn_elsewhere(row: int, places: PlaceArrays, today: PeopleToday) -> bool:
    """Make for another destination, the one worth most from here; settle if it is here.

    Returns:
        Whether there was one.
    """
    m = today.m
    place, other, best = m.place[row], -1, -np.inf
    for d in range(places.to_go.shape[0]):
        if d != m.destination[row] and places.to_go[d, place] > best:
            other, best = d, places.to_go[d, place]
    if other < 0:
        return False
    m.destination[row] = other
    m.waited[row] = 0
    if places.destination[place] == other:
        finish(row, State.SETTLED, today)
    return True


@inner
def _wait_in_vain(row: int, days: int, cannot_pay: bool, land: LandDay) -> int:
    """Let somebody wait so many days more, for want of money or of an operator, or stop waiting.

    Returns a leg on which the person sets out alone today, or -1.
    """
    today = land.today
    m, migrants = today.m, today.parameters.migrants
    # one key for each wait at the place: days in vain, and tries, which grow where days do not
    occasion = (attempt_of(row, m) << 12) | m.waited[row]
    uid = m.uid[row]
    chance = wait_ends_chance(today.parameters, m.waited[row], days, cannot_pay)
    m.leg[row] = -1
    m.due[row] = today.day + days
    m.waited[row] = min(m.waited[row] + days, MOST)
    if uniform(today.seed, Decision.WAIT_ENDS, uid, occasion) >= chance:
        return -1
    u = uniform(today.seed, Decision.WAY_OUT, uid, occasion)
    if u < migrants.alone_share:
        leg = best_alone(row, land.legs, land.places, land.route, today)
        if leg >= 0:
            refund_escrow(row, today)  # a fee held for a leg with an operator
            m.smuggler[row] = -1
            return leg
        u /= migrants.alone_share
    else:
        u = (u - migrants.alone_share) / (1.0 - migrants.alone_share)
    if u < migrants.turn_share and turn_elsewhere(row, land.places, today):
        return -1
    back = uniform(today.seed, Decision.WAY_OUT, uid, occasion + _LAST) < migrants.returned_share
    finish(row, State.RETURNED if back else State.SETTLED, today)
    return -1


# -- arriving and setting out ---------------------------------------------------------------------


@kernel
def give_up_chance(parameters: Parameters, tries: int) -> float:
    """Chance of giving up after the `tries`-th stop at one place."""
    migrants = parameters.migrants
    return min(1.0, migrants.give_up + migrants.give_up_growth * (tries - 1))


@kernel
def after_stop(row: int, today: PeopleToday) -> None:
    """Somebody has been stopped: hold, then try again, or give up."""
    m, migrants = today.m, today.parameters.migrants
    m.tries[row] = min(m.tries[row] + 1, MOST)
    m.stopped_leg[row] = m.leg[row]
    occasion, uid = attempt_of(row, m), m.uid[row]
    chance = give_up_chance(today.parameters, m.tries[row])
    if uniform(today.seed, Decision.GIVE_UP, uid, occasion) < chance:
        back = uniform(today.seed, Decision.RETURNED, uid, occasion) < migrants.returned_share
        finish(row, State.RETURNED if back else State.SETTLED, today)
    else:
        m.state[row] = State.DETAINED
        m.due[row] = today.day + migrants.hold_days


@inner
def _arrive(row: int, land: LandDay) -> None:
    """Reach the end of a leg: pay what was held, settle if this is the place, else stay a while."""
    legs, places, today = land.legs, land.places, land.today
    m = today.m
    leg = m.leg[row]
    place = legs.target[leg]
    land.counts.arrivals[leg] += 1
    release_escrow(row, today)
    if m.smuggler[row] >= 0:
        note_operator(row, today)
    m.smuggler[row] = -1
    m.leg[row] = -1
    m.place[row] = place
    m.tries[row] = 0
    m.waited[row] = 0
    if legs.sideways[leg]:
        m.detours[row] = min(m.detours[row] + 1, MOST)
    if legs.final_state[leg] != 0:
        finish(row, legs.final_state[leg], today)
    elif places.destination[place] == m.destination[row]:
        finish(row, State.SETTLED, today)
    else:
        u = uniform(today.seed, Decision.STAY, m.uid[row], occasion_of(place, m.detours[row], 0))
        m.state[row] = State.WAITING
        m.due[row] = today.day + waiting_days(places.stay_mean[place], u)
        spring = places.winter_end[place]
        waits = uniform(today.seed, Decision.WINTER, m.uid[row], spring)
        if waits < places.winter_share[place]:
            m.due[row] = after_winter(today.day, m.due[row], places.winter_start[place], spring)


@inner
def _set_out(row: int, leg: int, pair: int, chance: float, land: LandDay) -> None:
    """Start on a leg, with an operator or none (-1): be stopped with a chance, die, or travel.

    Those who are stopped tell of operators. Without one at hand they tell only of those before.
    """
    legs, pairs, counts, today = land.legs, land.pairs, land.counts, land.today
    m = today.m
    occasion, uid = attempt_of(row, m) * 512 + leg, m.uid[row]
    counts.departures[leg] += 1
    m.leg[row] = leg
    if pair >= 0:
        pairs.trips[pair] += 1
    if uniform(today.seed, Decision.STOP, uid, occasion) < chance:
        counts.stops[leg] += 1
        if pair >= 0:
            pairs.stops[pair] += 1
        if uniform(today.seed, Decision.RECORDED, uid, occasion) < legs.recorded_chance[leg]:
            counts.detections[leg] += 1
        after_stop(row, today)
        operator = pairs.smuggler[pair] if pair >= 0 else -1
        debrief(row, legs.stop_authority[leg], operator, attempt_of(row, m) + 1, today)
    elif uniform(today.seed, Decision.LEG_DEATH, uid, occasion) < legs.death_chance[leg]:
        counts.deaths[leg] += 1
        finish(row, State.DIED, today)
    else:
        m.state[row] = State.TRAVELLING
        m.due[row] = today.day + legs.duration[leg]


@inner
def _end_travel(row: int, landing_authority: int, land: LandDay) -> None:
    """Arrive, and tell the authority where people land of the operator if it was by lorry."""
    m = land.today.m
    operator = m.smuggler[row]  # -1 on a leg without one
    _arrive(row, land)
    if m.state[row] == State.ARRIVED_LORRY:
        debrief(row, landing_authority, operator, 0, land.today)


@inner
def _end_wait(row: int, today: PeopleToday) -> None:
    """End a stay, a hold or a spell of work, or a wait for a boat that takes too long."""
    m = today.m
    if m.state[row] == State.QUEUED:
        refund_escrow(row, today)
        m.smuggler[row] = -1
        m.tries[row] = min(m.tries[row] + 1, MOST)
    m.state[row] = State.WAITING
    if m.earning[row]:
        m.funds[row] += today.parameters.migrants.work_income
        m.earning[row] = False


@inner
def _go_on(row: int, land: LandDay) -> tuple[int, bool]:
    """Choose a leg; who finds none turns elsewhere, waits in vain, settles or goes alone.

    Returns the leg on which the person sets out today, or a negative number, and whether it is
    alone on a leg that needs an operator.
    """
    today = land.today
    m, migrants = today.m, today.parameters.migrants
    leg = choose_leg(row, land.places, land.route, today)
    if leg >= 0:
        return leg, False
    if leg == ELSEWHERE:
        m.due[row] = today.day + migrants.wait_days
        if not turn_elsewhere(row, land.places, today):
            finish(row, State.SETTLED, today)
        return leg, False
    too_dear, days = leg == TOO_DEAR, migrants.wait_days
    if too_dear and m.spells[row] >= migrants.work_spells:
        finish(row, State.SETTLED, today)
        return leg, False
    if too_dear:
        m.spells[row] += 1
        m.earning[row] = True
        days = migrants.work_days
    leg = _wait_in_vain(row, days, too_dear, land)
    if leg >= 0:
        m.earning[row] = False  # leaves before the work is done
    return leg, True


@inner
def _decide(live: np.ndarray, landing_authority: int, land: LandDay) -> int:
    """Let everyone whose day has come arrive, or choose a leg.

    Those who look for an operator are filled in; returns how many these are.
    """
    legs, today = land.legs, land.today
    m = today.m
    n_clients = 0
    for row in live:
        if m.due[row] > today.day:
            continue
        if m.state[row] == State.TRAVELLING:
            _end_travel(row, landing_authority, land)
            continue
        _end_wait(row, today)
        leg, alone = _go_on(row, land)
        if leg < 0:
            continue
        if legs.smuggled[leg] and not alone:
            enter_client(row, leg, today, n_clients, land.clients)
            n_clients += 1
            continue
        refund_escrow(row, today)  # a fee held for another leg
        m.smuggler[row] = -1
        chance = legs.stop_chance[leg]
        if alone:
            chance = alone_chance(chance, today.parameters)
        _set_out(row, leg, -1, chance, land)
    return n_clients


# -- finding an operator --------------------------------------------------------------------------


@inner
def _count_room(pairs: PairArrays, chances: np.ndarray, room: np.ndarray) -> None:
    """Room left with anybody, (legs,); chances of a stop, (pairs,), are marked as not known yet."""
    for leg in range(room.size):
        room[leg] = 0
        for pair in range(pairs.start[leg], pairs.start[leg + 1]):
            room[leg] += max(pairs.room[pair], 0)
            chances[pair] = -1.0


@inner
def _sort_draws(turn: np.ndarray, count: int, begins: np.ndarray, order: np.ndarray) -> None:
    """Sort draws from (0, 1): into as many equal parts of it as there are draws, then in each.

    Fills `order` with the numbers of the first `count` draws, the lowest first; `begins` is work
    space.
    """
    for part in range(count + 1):
        begins[part] = 0
    for at in range(count):
        begins[min(int(turn[at] * count), count - 1) + 1] += 1
    for part in range(count):
        begins[part + 1] += begins[part]
    for at in range(count):
        part = min(int(turn[at] * count), count - 1)
        order[begins[part]] = at
        begins[part] += 1
    for i in range(1, count):
        at, k = order[i], i
        while k > 0 and turn[order[k - 1]] > turn[at]:
            order[k] = order[k - 1]
            k -= 1
        order[k] = at


@inner
def _find_operators(
    turns: np.ndarray, n_clients: int, draws: PairDraws, room: np.ndarray, land: LandDay
) -> None:
    """Let clients find an operator in turn; `room` is what is left with anybody, (legs,)."""
    clients, pairs, counts = land.clients, land.pairs, land.counts
    for i in range(n_clients):
        at = turns[i]
        leg = clients.leg[at]
        counts.asked[leg] += 1
        pair = -1
        if room[leg] > 0:
            pair = choose_smuggler(at, clients, pairs, draws)
        clients.pair[at] = pair
        if pair < 0:
            counts.unmet[leg] += 1
        else:
            pairs.asked[pair] += 1
            pairs.room[pair] -= 1
            room[leg] -= 1


@inner
def _depart(n_clients: int, chances: np.ndarray, land: LandDay) -> None:
    """Let those who found an operator pay and set out, and the others wait.

    The chance that clients of a pair are stopped is worked out when somebody sets out with it.
    """
    legs, pairs, clients, today = land.legs, land.pairs, land.clients, land.today
    m, migrants = today.m, today.parameters.migrants
    for at in range(n_clients):
        row, leg, pair = clients.row[at], clients.leg[at], clients.pair[at]
        if pair < 0:
            leg = _wait_in_vain(row, migrants.wait_days, False, land)
            if leg >= 0:
                _set_out(row, leg, -1, alone_chance(legs.stop_chance[leg], today.parameters), land)
            continue
        m.leg[row] = leg
        pay(row, leg, pair, legs.belief[leg], legs.boat[leg], pairs, today)
        m.smuggler[row] = pairs.smuggler[pair]
        if legs.boat[leg]:
            patience = uniform(today.seed, Decision.PATIENCE, m.uid[row], attempt_of(row, m))
            m.state[row] = State.QUEUED
            m.joined[row] = today.day
            m.due[row] = today.day + waiting_days(migrants.patience_days, patience)
            continue
        if chances[pair] < 0.0:
            chances[pair] = 1.0 - (1.0 - legs.stop_chance[leg]) ** pairs.stop_factor[pair]
        _set_out(row, leg, pair, chances[pair], land)


# -- the day --------------------------------------------------------------------------------------


class MovementSpace(NamedTuple):
    """Work space of `move`, kept from day to day."""

    route: RouteOptions
    clients: Clients
    draws: PairDraws
    room: Ints  # (legs,) room left with anybody
    chances: Floats  # (pairs,) that a client is stopped; below 0 if not known yet
    begins: Ints  # (people + 1,) to sort clients
    turns: Ints  # (people,) clients, the first in turn first
    accounts: Ints  # (facts, 4) see `PeopleToday`; two for each of the people
    n_accounts: Ints  # (1,) see there

    @staticmethod
    def with_room(world: World) -> MovementSpace:
        """For the people and pairs of a world, with room to spare."""
        people, pairs = 2 * world.live.size + 1, 2 * world.pairs.room.size
        return MovementSpace(
            route=route_room(world.places),
            clients=with_room(Clients, people),
            draws=with_room(PairDraws, pairs),
            room=np.empty(world.legs.target.size, dtype=np.int64),
            chances=np.empty(pairs),
            begins=np.empty(people + 1, dtype=np.int64),
            turns=np.empty(people, dtype=np.int64),
            accounts=np.empty((2 * people, 4), dtype=np.int64),
            n_accounts=np.zeros(1, dtype=np.int64),
        )

    def fits(self, world: World) -> bool:
        """Whether it has room for the people and pairs of a world."""
        pairs = world.pairs.room.size
        return self.turns.size >= world.live.size and self.chances.size >= pairs


# where the columns of each table end among all that `spend_day` takes
_MIGRANTS = len(MigrantColumns._fields)
_LEGS = _MIGRANTS + len(LegArrays._fields)
_PLACES = _LEGS + len(PlaceArrays._fields)
_COUNTS = _PLACES + len(LegCounts._fields)
_ROUTE = _COUNTS + len(RouteOptions._fields)
_CLIENTS = _ROUTE + len(Clients._fields)


@kernel
def spend_day(
    packed: np.ndarray,
    live: np.ndarray,
    landing_authority: int,
    smuggler_uid: np.ndarray,
    account_yield: np.ndarray,
    revenue: np.ndarray,
    money: np.ndarray,
    ended: np.ndarray,
    room: np.ndarray,
    chances: np.ndarray,
    begins: np.ndarray,
    turns: np.ndarray,
    accounts: np.ndarray,
    n_accounts: np.ndarray,
    start: np.ndarray,
    whole: np.ndarray,
    real: np.ndarray,
    *columns: np.ndarray,
) -> tuple[int, int]:
    """The day of `move` with its work space, in one piece: to hand so much over costs its time.

    Columns come one by one, in the order of their tables: a table takes three times as long.
    """
    now = packed[0]
    n_accounts[0] = 0
    m, draws = MigrantColumns(*columns[:_MIGRANTS]), PairDraws(*columns[_CLIENTS:])
    today = PeopleToday(
        now.day, now.ordinal, now.seed, now, m, revenue, money, account_yield, accounts, n_accounts
    )
    land = LandDay(
        LegArrays(*columns[_MIGRANTS:_LEGS]), PlaceArrays(*columns[_LEGS:_PLACES]),
        pair_columns(start, whole, real), LegCounts(*columns[_PLACES:_COUNTS]),
        RouteOptions(*columns[_COUNTS:_ROUTE]), Clients(*columns[_ROUTE:_CLIENTS]), today,
    )  # fmt: skip
    fill_options(land.legs, land.places, now, land.route)
    n_clients = _decide(live, landing_authority, land)
    _count_room(land.pairs, chances, room)
    fill_pair_draws(land.pairs, smuggler_uid, draws)
    # who comes first is keyed too, so the order of rows does not matter
    _sort_draws(land.clients.turn, n_clients, begins, turns)
    _find_operators(turns, n_clients, draws, room, land)
    _depart(n_clients, chances, land)
    return drop_finished(live, m.state, ended), n_accounts[0]


def move(world: World, space: MovementSpace) -> tuple[int, int]:
    """One day of everyone on the way.

    Args:
        world: People, counts, revenue and money are changed. In `live`, those who are still on
            the way are moved to the front.
        space: Work space; its accounts are filled.

    Returns:
        How many are still on the way, and the number of facts from accounts.
    """
    totals: tuple[int, int] = spend_day(
        world.now, world.live, world.landing_authority, world.smugglers.uid, world.account_yield,
        world.revenue, world.money, world.ended, space.room, space.chances, space.begins,
        space.turns, space.accounts, space.n_accounts, *world.pairs.tables, *world.migrants,
        *world.legs, *world.places, *world.counts, *space.route, *space.clients, *space.draws,
    )  # fmt: skip
    return totals


class Movement:
    """The migrant's day, and the work space it keeps from day to day."""

    def __init__(self) -> None:
        self._space: MovementSpace | None = None

    def give_up(self, world: World, row: int) -> None:
        """Let a person settle between two days where the person is.

        Raises:
            InputError: The person travels.
        """
        m = world.migrants
        state = State(m.state[row])
        if state in FINAL_STATES or state is State.ABSENT:
            return
        if state is State.TRAVELLING:
            raise InputError(
                "somebody who travels cannot give up",
                key="remove",
                value=f"Migrant {m.uid[row]}",
                allowed=f"people at a place; this one arrives in {m.due[row] - world.day} days",
            )
        m.smuggler[row] = -1
        finish(row, int(State.SETTLED), people_today(world))
        world.keep_first(drop_finished(world.live, m.state, world.ended))
        world.count_present()  # in place of the count of the evening before

    def step(self, world: World) -> None:
        """Let everyone on the way arrive, wait, decide and set out."""
        world.make_room_for_revenue()
        if self._space is None or not self._space.fits(world):
            self._space = MovementSpace.with_room(world)
        alive, accounts = move(world, self._space)
        world.keep_first(alive)
        world.record_accounts(self._space.accounts[:accounts])
