"""The migrant's day on land, compiled: arrive, decide, find a smuggler, set out, be stopped.

Every draw is keyed by the person, the place and the attempt there, so that two scenarios with the
same seed differ only where a policy reaches a person. The same rules are written the slow,
obvious way in `tests/reference.py`; both must agree person by person.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.migrant import MigrantColumns, State
from simulation.compiled import inner, kernel
from simulation.processes.census import keep_living
from simulation.processes.deals import (
    Board,
    Clients,
    ask,
    choose_smuggler,
    debrief,
    empty_board,
    fill_board,
    make_clients,
    pay,
    refund_escrow,
    release_escrow,
    remember,
)
from simulation.processes.tables import (
    LegArrays,
    LegCounts,
    PairArrays,
    PlaceArrays,
    Rules,
    occasion_of,
)
from simulation.processes.waiting import alone_chance, finish, turn_elsewhere, wait_in_vain
from simulation.processes.ways import ELSEWHERE, TOO_DEAR, Ways, choose_leg, lay_out, make_ways
from simulation.processes.world import World
from simulation.randomness import Decision, uniform

# plain integers, as compiled code wants them
WAITING, TRAVELLING, DETAINED, QUEUED = (
    int(State.WAITING), int(State.TRAVELLING), int(State.DETAINED), int(State.QUEUED),
)  # fmt: skip
ARRIVED_LORRY, SETTLED, RETURNED, DIED = (
    int(State.ARRIVED_LORRY), int(State.SETTLED), int(State.RETURNED), int(State.DIED),
)  # fmt: skip
_STOP, _RECORDED, _LEG_DEATH, _GIVE_UP, _RETURNED, _PATIENCE, _STAY = (
    int(Decision.STOP), int(Decision.RECORDED), int(Decision.LEG_DEATH),
    int(Decision.GIVE_UP), int(Decision.RETURNED), int(Decision.PATIENCE), int(Decision.STAY),
)  # fmt: skip


@kernel
def waiting_days(mean: float, u: float) -> int:
    """A stay of at least one day, geometric in days, with about the given mean."""
    return 1 + int(-np.log(u) * max(mean - 0.5, 0.0))


@kernel
def give_up_chance(rules: Rules, tries: int) -> float:
    """Chance of giving up after the `tries`-th stop at one place."""
    return min(1.0, rules.give_up + rules.give_up_growth * (tries - 1))


@kernel
def after_stop(
    row: int, day: int, seed: int, m: MigrantColumns, rules: Rules, money: np.ndarray
) -> None:
    """Somebody has been stopped: hold, then try again, or give up."""
    m.tries[row] = min(m.tries[row] + 1, 4095)
    m.stopped_leg[row] = m.leg[row]
    occasion = occasion_of(m.place[row], m.detours[row], m.tries[row])
    uid = m.uid[row]
    if uniform(seed, _GIVE_UP, uid, occasion) < give_up_chance(rules, m.tries[row]):
        back = uniform(seed, _RETURNED, uid, occasion) < rules.returned_share
        finish(row, RETURNED if back else SETTLED, day, m, money)
    else:
        m.state[row] = DETAINED
        m.due[row] = day + rules.hold_days


@inner
def arrive(
    row: int,
    day: int,
    seed: int,
    m: MigrantColumns,
    legs: LegArrays,
    places: PlaceArrays,
    counts: LegCounts,
    revenue: np.ndarray,
    money: np.ndarray,
) -> None:
    """Reach the end of a leg: pay what was held, settle if this is the place, else stay a while."""
    leg = m.leg[row]
    place = legs.target[leg]
    counts.arrivals[leg] += 1
    release_escrow(row, m, revenue, money)
    if m.smuggler[row] >= 0:
        remember(row, seed, m)
    m.smuggler[row] = -1
    m.leg[row] = -1
    m.place[row] = place
    m.tries[row] = 0
    m.waited[row] = 0
    if legs.sideways[leg]:
        m.detours[row] = min(m.detours[row] + 1, 4095)
    if legs.final_state[leg] != 0:
        finish(row, legs.final_state[leg], day, m, money)
    elif places.destination[place] == m.destination[row]:
        finish(row, SETTLED, day, m, money)
    else:
        occasion = occasion_of(place, m.detours[row], 0)
        stay = waiting_days(places.stay_mean[place], uniform(seed, _STAY, m.uid[row], occasion))
        m.state[row] = WAITING
        m.due[row] = day + stay


@inner
def set_out(
    row: int,
    leg: int,
    pair: int,
    chance: float,
    day: int,
    seed: int,
    m: MigrantColumns,
    legs: LegArrays,
    counts: LegCounts,
    pairs: PairArrays,
    rules: Rules,
    money: np.ndarray,
) -> bool:
    """Start on a leg, with an operator or none (-1): be stopped with a chance, die, or travel.

    Returns:
        Whether the person was stopped.
    """
    place = m.place[row]
    occasion = occasion_of(place, m.detours[row], m.tries[row]) * 512 + leg
    uid = m.uid[row]
    counts.departures[leg] += 1
    m.leg[row] = leg
    if pair >= 0:
        pairs.trips[pair] += 1
    if uniform(seed, _STOP, uid, occasion) < chance:
        counts.stops[leg] += 1
        if pair >= 0:
            pairs.stops[pair] += 1
        if uniform(seed, _RECORDED, uid, occasion) < legs.recorded_chance[leg]:
            counts.detections[leg] += 1
        after_stop(row, day, seed, m, rules, money)
        return True
    if uniform(seed, _LEG_DEATH, uid, occasion) < legs.death_chance[leg]:
        counts.deaths[leg] += 1
        finish(row, DIED, day, m, money)
    else:
        m.state[row] = TRAVELLING
        m.due[row] = day + legs.duration[leg]
    return False


@inner
def decide(
    day: int,
    ordinal: int,
    seed: int,
    live: np.ndarray,
    m: MigrantColumns,
    legs: LegArrays,
    places: PlaceArrays,
    ways: Ways,
    pairs: PairArrays,
    counts: LegCounts,
    rules: Rules,
    yields: np.ndarray,
    revenue: np.ndarray,
    money: np.ndarray,
    facts: np.ndarray,
    clients: Clients,
) -> tuple[int, int]:
    """Let everyone whose day has come arrive, or choose a leg; arguments as in `move`.

    Fills `clients` with those who look for an operator.

    Returns:
        How many look for an operator, and the number of facts.
    """
    n_facts, n_clients = 0, 0
    for i in range(live.size):
        row = live[i]
        if m.due[row] > day:
            continue
        if m.state[row] == TRAVELLING:
            operator = m.smuggler[row]  # -1 on a leg without one
            arrive(row, day, seed, m, legs, places, counts, revenue, money)
            if m.state[row] == ARRIVED_LORRY:
                n_facts = debrief(
                    row, rules.landing_authority, operator, 0, seed, m, yields, rules, facts,
                    n_facts,
                )  # fmt: skip
            continue
        if m.state[row] == QUEUED:  # out of patience: look around again
            refund_escrow(row, m, money)
            m.smuggler[row] = -1
            m.tries[row] = min(m.tries[row] + 1, 4095)
        m.state[row] = WAITING
        if m.earning[row]:  # the spell of work is over
            m.funds[row] += rules.work_income
            m.earning[row] = False
        leg = choose_leg(row, seed, m, places, ways, rules)
        alone = False
        if leg == ELSEWHERE:
            m.due[row] = day + rules.wait_days
            if not turn_elsewhere(row, day, m, places, money):
                finish(row, SETTLED, day, m, money)
            continue
        if leg == TOO_DEAR and m.spells[row] >= rules.work_spells:
            finish(row, SETTLED, day, m, money)
            continue
        if leg < 0:
            days = rules.wait_days
            if leg == TOO_DEAR:
                m.spells[row] += 1
                m.earning[row] = True
                days = rules.work_days
            leg = wait_in_vain(
                row, day, days, leg == TOO_DEAR, seed, m, legs, places, ways, rules, money
            )
            if leg < 0:
                continue
            m.earning[row] = False  # leaves before the work is done
            alone = True
        if alone or not legs.smuggled[leg]:
            refund_escrow(row, m, money)  # a fee held for another leg
            m.smuggler[row] = -1
            chance = legs.stop_chance[leg]
            if alone:
                chance = alone_chance(chance, rules)
            if set_out(row, leg, -1, chance, day, seed, m, legs, counts, pairs, rules, money):
                occasion = occasion_of(m.place[row], m.detours[row], m.tries[row]) + 1
                n_facts = debrief(  # no operator is at hand, only those before
                    row, legs.stop_authority[leg], -1, occasion, seed, m, yields, rules, facts,
                    n_facts,
                )  # fmt: skip
        else:
            ask(row, leg, ordinal, seed, m, n_clients, clients)
            n_clients += 1
    return n_clients, n_facts


@inner
def survey_pairs(pairs: PairArrays, chances: np.ndarray, room: np.ndarray) -> None:
    """Room left with anybody, (legs,); chances of a stop, (pairs,), are marked as not known yet."""
    for leg in range(room.size):
        room[leg] = 0
        for pair in range(pairs.start[leg], pairs.start[leg + 1]):
            room[leg] += max(pairs.room[pair], 0)
            chances[pair] = -1.0


@inner
def put_in_order(turn: np.ndarray, count: int, begins: np.ndarray, order: np.ndarray) -> None:
    """Sort draws from (0, 1): into as many equal parts of it as there are draws, then in each.

    Args:
        turn: The draws.
        count: How many there are.
        begins: (count + 1,) work space.
        order: Filled with the numbers of the draws, the lowest draw first.
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
def find_operators(
    turns: np.ndarray,
    n_clients: int,
    clients: Clients,
    pairs: PairArrays,
    board: Board,
    room: np.ndarray,
    counts: LegCounts,
) -> None:
    """Let clients find an operator with room, one after another.

    Args:
        turns: Numbers of the clients, the first in turn first.
        n_clients: How many there are.
        clients: The pair of each is filled in.
        pairs: The room left with each falls.
        board: From `make_board`.
        room: (legs,) room left with anybody, from `survey_pairs`; falls.
        counts: Those who ask, and those who find nobody, are added.
    """
    for i in range(n_clients):
        at = turns[i]
        leg = clients.leg[at]
        counts.asked[leg] += 1
        pair = -1
        if room[leg] > 0:
            pair = choose_smuggler(at, clients, pairs, board)
        clients.pair[at] = pair
        if pair < 0:
            counts.unmet[leg] += 1
        else:
            pairs.asked[pair] += 1
            pairs.room[pair] -= 1
            room[leg] -= 1


@inner
def depart(
    day: int,
    seed: int,
    n_clients: int,
    clients: Clients,
    chances: np.ndarray,
    m: MigrantColumns,
    legs: LegArrays,
    places: PlaceArrays,
    ways: Ways,
    pairs: PairArrays,
    counts: LegCounts,
    rules: Rules,
    yields: np.ndarray,
    revenue: np.ndarray,
    money: np.ndarray,
    facts: np.ndarray,
    n_facts: int,
) -> int:
    """Let those who found an operator pay and set out, and the others wait; arguments as in `move`.

    `chances` comes from `survey_pairs`, and is worked out for a pair when somebody sets out with
    it; `n_facts` is the number of facts so far.

    Returns:
        The number of facts.
    """
    for at in range(n_clients):
        row, leg, pair = clients.row[at], clients.leg[at], clients.pair[at]
        if pair < 0:
            leg = wait_in_vain(
                row, day, rules.wait_days, False, seed, m, legs, places, ways, rules, money
            )
            chance = alone_chance(legs.stop_chance[leg], rules) if leg >= 0 else 0.0
            if leg >= 0 and set_out(
                row, leg, -1, chance, day, seed, m, legs, counts, pairs, rules, money
            ):
                occasion = occasion_of(m.place[row], m.detours[row], m.tries[row]) + 1
                n_facts = debrief(
                    row, legs.stop_authority[leg], -1, occasion, seed, m, yields, rules, facts,
                    n_facts,
                )  # fmt: skip
            continue
        m.leg[row] = leg
        pay(row, leg, pair, legs.belief[leg], legs.boat[leg], seed, m, pairs, rules, revenue, money)
        m.smuggler[row] = pairs.smuggler[pair]
        if legs.boat[leg]:
            occasion = occasion_of(m.place[row], m.detours[row], m.tries[row])
            patience = uniform(seed, _PATIENCE, m.uid[row], occasion)
            m.state[row] = QUEUED
            m.joined[row] = day
            m.due[row] = day + waiting_days(rules.patience_mean, patience)
            continue
        if chances[pair] < 0.0:
            chances[pair] = 1.0 - (1.0 - legs.stop_chance[leg]) ** pairs.stop_factor[pair]
        if set_out(row, leg, pair, chances[pair], day, seed, m, legs, counts, pairs, rules, money):
            occasion = occasion_of(m.place[row], m.detours[row], m.tries[row]) + 1
            n_facts = debrief(
                row, legs.stop_authority[leg], m.smuggler[row], occasion, seed, m, yields, rules,
                facts, n_facts,
            )  # fmt: skip
    return n_facts


class Desk(NamedTuple):
    """Work space of `move`, kept from day to day."""

    ways: Ways
    clients: Clients
    board: Board
    room: npt.NDArray[np.int64]  # (legs,) room left with anybody
    chances: npt.NDArray[np.float64]  # (pairs,) that a client is stopped; below 0 if not known yet
    begins: npt.NDArray[np.int64]  # (people + 1,) to sort clients
    turns: npt.NDArray[np.int64]  # (people,) clients, the first in turn first


def fitting_desk(
    desk: Desk | None, people: int, pairs: int, legs: int, places: PlaceArrays
) -> Desk:
    """A desk with enough room: the one there is, or a new one with room to spare.

    Args:
        desk: The one there is.
        people: How many are on the way.
        pairs: How many pairs of an operator and a leg there are.
        legs: How many legs there are.
        places: The places.
    """
    if desk is not None and desk.turns.size >= people and desk.chances.size >= pairs:
        return desk
    people, pairs = 2 * people + 1, 2 * pairs
    return Desk(
        ways=make_ways(places),
        clients=make_clients(people),
        board=empty_board(pairs),
        room=np.empty(legs, dtype=np.int64),
        chances=np.empty(pairs),
        begins=np.empty(people + 1, dtype=np.int64),
        turns=np.empty(people, dtype=np.int64),
    )


# where the columns of each table end among all that `spend_day` takes
_MIGRANTS = len(MigrantColumns._fields)
_LEGS = _MIGRANTS + len(LegArrays._fields)
_PLACES = _LEGS + len(PlaceArrays._fields)
_PAIRS = _PLACES + len(PairArrays._fields)
_COUNTS = _PAIRS + len(LegCounts._fields)
_WAYS = _COUNTS + len(Ways._fields)
_CLIENTS = _WAYS + len(Clients._fields)


@kernel
def spend_day(
    day: int,
    ordinal: int,
    seed: int,
    live: np.ndarray,
    numbers: np.ndarray,
    smuggler_uid: np.ndarray,
    yields: np.ndarray,
    revenue: np.ndarray,
    money: np.ndarray,
    ended: np.ndarray,
    facts: np.ndarray,
    room: np.ndarray,
    chances: np.ndarray,
    begins: np.ndarray,
    turns: np.ndarray,
    *columns: np.ndarray,
) -> tuple[int, int]:
    """The day of `move` with its work space, in one piece: to hand so much over costs its time.

    Columns come one by one, in the order of their tables: a table takes three times as long.
    """
    m = MigrantColumns(*columns[:_MIGRANTS])
    legs = LegArrays(*columns[_MIGRANTS:_LEGS])
    places = PlaceArrays(*columns[_LEGS:_PLACES])
    pairs = PairArrays(*columns[_PLACES:_PAIRS])
    counts = LegCounts(*columns[_PAIRS:_COUNTS])
    ways = Ways(*columns[_COUNTS:_WAYS])
    clients = Clients(*columns[_WAYS:_CLIENTS])
    board = Board(*columns[_CLIENTS:])
    rules = numbers[0]
    lay_out(legs, places, rules, ways)
    n_clients, n_facts = decide(
        day, ordinal, seed, live, m, legs, places, ways, pairs, counts, rules, yields, revenue,
        money, facts, clients,
    )  # fmt: skip
    survey_pairs(pairs, chances, room)
    fill_board(pairs, smuggler_uid, board)
    # who comes first is keyed too, so the order of rows does not matter
    put_in_order(clients.turn, n_clients, begins, turns)
    find_operators(turns, n_clients, clients, pairs, board, room, counts)
    n_facts = depart(
        day, seed, n_clients, clients, chances, m, legs, places, ways, pairs, counts, rules,
        yields, revenue, money, facts, n_facts,
    )  # fmt: skip
    return keep_living(live, m.state, ended), n_facts


def move(
    day: int,
    ordinal: int,
    seed: int,
    live: np.ndarray,
    m: MigrantColumns,
    legs: LegArrays,
    places: PlaceArrays,
    pairs: PairArrays,
    counts: LegCounts,
    numbers: np.ndarray,
    smuggler_uid: np.ndarray,
    yields: np.ndarray,
    revenue: np.ndarray,
    money: np.ndarray,
    ended: np.ndarray,
    facts: np.ndarray,
    desk: Desk | None = None,
) -> tuple[int, int]:
    """One day of everyone on the way.

    Args:
        day: Today.
        ordinal: Today's date as a number, so that who comes first is the same in every run.
        seed: Seed of the replication.
        live: Rows of the people on the way, in any order; those who finish are taken out.
        m: The people.
        legs: The legs.
        places: The places.
        pairs: The operators on the legs they serve.
        counts: Counts of the day, added to.
        numbers: (1,) the `Rules`, packed.
        smuggler_uid: (operators,) identifiers.
        yields: (authorities,) chance that one account gives a fact that can be used.
        revenue: (operators,) EUR received today, added to.
        money: (3,) EUR paid, received by operators, given back; added to.
        ended: (states,) people by final state, added to.
        facts: (room, 4) what was learnt today; see `debrief`.
        desk: Work space from `fitting_desk`, made anew if it is not given.

    Returns:
        How many are still on the way (the first entries of `live`), and the number of facts.
    """
    desk = fitting_desk(desk, live.size, pairs.room.size, legs.target.size, places)
    return spend_day(
        day, ordinal, seed, live, numbers, smuggler_uid, yields, revenue, money, ended, facts,
        desk.room, desk.chances, desk.begins, desk.turns, *m, *legs, *places, *pairs, *counts,
        *desk.ways, *desk.clients, *desk.board,
    )  # fmt: skip


class Movement:
    """The migrant's day, and the work space it keeps from day to day."""

    def __init__(self) -> None:
        self._desk: Desk | None = None
        #: (room, 4) where people's accounts of a day are written
        self._accounts = np.empty((0, 4), dtype=np.int64)

    def clear(self) -> None:
        """Give the work space back: a model that rests needs none."""
        self._desk, self._accounts = None, self._accounts[:0].copy()

    def step(self, world: World) -> None:
        """Let everyone on the way arrive, wait, decide and set out."""
        people = world.live.size
        told_at_most = 2 * people + 2
        if self._accounts.shape[0] < told_at_most:
            self._accounts = np.empty((2 * told_at_most, 4), dtype=np.int64)
        world.make_room_for_revenue()
        legs, places, pairs = world.legs, world.places, world.pairs
        self._desk = fitting_desk(self._desk, people, pairs.room.size, legs.target.size, places)
        kept, told = move(
            world.day, world.ordinal, world.seed, world.live, world.migrants, legs, places, pairs,
            world.counts, world.numbers, world.smugglers.uid, world.yields, world.revenue,
            world.money, world.ended, self._accounts, self._desk,
        )  # fmt: skip
        world.keep_first(kept)
        world.note_accounts(self._accounts[:told])
