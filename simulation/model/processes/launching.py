"""Launches, compiled: who sends boats, how full they are, what they risk, and how they end.

A launch can be stopped on the beach, or at sea before people board. Some of its people are then
stopped; the others scatter and keep their seat. A boat that leaves can lose people, be brought
back, or arrive.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.chain import NOWHERE, link
from simulation.compiled import Bools, Floats, Ints, inner, kernel, with_room
from simulation.corridor.stages import BOAT
from simulation.model.agents.migrant import MigrantColumns, State
from simulation.model.agents.smuggler import SmugglerColumns, Status
from simulation.model.processes.contracts import PeopleToday, debrief, pay_for_try, release_escrow
from simulation.model.processes.movement import after_stop, finish
from simulation.model.processes.tables import LegCounts
from simulation.model.processes.world import DayContext, drop_finished
from simulation.parameters import Parameters
from simulation.randomness import Decision, keyed_word, uniform

_DRAW_BITS = np.uint64(52)  # of a draw, below the days since somebody joined
_LONGEST = 4095  # days in a queue that are told apart
_TRIED, _HALTED = link("launches_tried"), link("launches_stopped")
_PREVENTED, _SCATTERED, _ARRIVALS = (
    link("people_prevented"), link("people_scattered"), link("arrivals"),
)  # fmt: skip
_SEIZED, _TAXIS, _NOWHERE = link("boats_seized_coast"), link("launches_taxi"), NOWHERE

#: keeps occasions at sea apart from those on land
AT_SEA = 1 << 40

#: fates of a boat
STOPPED, BROUGHT_BACK, LANDED = 0, 1, 2


class Launches(NamedTuple):
    """Launches tried today; arrays (boats,). The first block is given, the second filled in."""

    key: npt.NDArray[np.uint64]  # identifier of the launch within the day
    launcher: npt.NDArray[np.int32]
    leg: npt.NDArray[np.int16]
    taxi: Bools  # picks its people up from the water
    first: Ints  # first passenger in the list of rows
    load: Ints  # agents
    stop_chance: Floats
    death_chance: Floats  # that somebody dies
    return_chance: Floats  # that it is rescued or turns back
    fate: npt.NDArray[np.int8]
    dead: Ints  # agents
    prevented: Ints  # agents stopped on the beach or brought back
    landed: Ints  # agents
    seized: Bools


# -- who launches -------------------------------------------------------------------------------


@kernel
def seat_takings(s: SmugglerColumns, takings: np.ndarray, number: np.ndarray) -> int:
    """What each launcher at work asks for a seat, weighted by its teams.

    Args:
        s: The operators.
        takings: (operators,) filled with fee times teams of launchers at work, one after another.
        number: (operators,) filled with their teams.

    Returns:
        How many launchers are at work.
    """
    count = 0
    for row in range(s.stage.size):
        if s.stage[row] == BOAT and s.teams[row] > 0.0 and s.status[row] == Status.ACTIVE:
            takings[count], number[count] = s.fee[row] * s.teams[row], s.teams[row]
            count += 1
    return count


class LaunchPlan(NamedTuple):
    """Who launches today and who boards; filled for today's launchers and clients only."""

    # (operators,)
    waiting: Ints  # clients with a seat promised
    next_place: Ints  # where clients begin in a line, -1 for operators who do not launch
    launchers: Ints  # rows of those who launch, in ascending order
    crews: Ints  # boats each of them can send
    first: Ints  # where the clients of each of them begin in a line
    # (people,)
    clients: Ints  # rows of the clients of those who launch
    line: Ints  # the same in line, launcher by launcher
    riders: Ints  # rows of passengers, boat by boat
    turn: npt.NDArray[np.uint64]  # of each client: the lowest goes first
    line_turn: npt.NDArray[np.uint64]  # the same in line

    @staticmethod
    def with_room(operators: int, people: int) -> LaunchPlan:
        """For so many operators and people on the way."""
        own = dict.fromkeys(("waiting", "next_place", "launchers", "crews", "first"), operators)
        return with_room(LaunchPlan, people, **own)


#: columns of the plan of a day's launches
_PLAN = ("launcher", "number of the boat with its launcher", "first passenger", "load")
_LAUNCHER, _NUMBER, _FIRST, _LOAD = range(len(_PLAN))
#: rows of the exponents of risks, and of the risks
_RISKS = ("of not being stopped", "of danger")
_NOT_STOPPED, _DANGER = range(len(_RISKS))


class BoatRisk(NamedTuple):
    """Plan and risks of the launches of a day; see `_weigh_risks`."""

    plan: Ints  # (boats, columns) see `_PLAN`
    exponent: Floats  # (risks, boats) see `_RISKS`
    launches: Ints  # (legs,) work space

    @staticmethod
    def with_room(boats: int, legs: int) -> BoatRisk:
        """For so many launches."""
        return with_room(BoatRisk, legs, plan=(boats, len(_PLAN)), exponent=(len(_RISKS), boats))


class SeaDay(NamedTuple):
    """What launches meet today."""

    calm: float  # multiplier of loads by the sea
    from_waves: float  # exponent of danger from the sea
    safe_load: float  # people up to whom a boat is not overloaded
    taxi_share: float  # of launches that pick people up from the water
    leg_of_place: npt.NDArray[np.int16]  # (places,) the leg on which boats leave from there
    alone: Floats  # (legs,) rate of stops of a single launch
    effort: Floats  # (legs,) unit-days


@kernel
def teams_able(row: int, day: int, s: SmugglerColumns, orphan_loss: float) -> float:
    """Launches a day that a launcher at work can staff, given the state of its organiser.

    Args:
        row: The launcher.
        day: Today.
        s: The operators.
        orphan_loss: Share of its teams that is lost while the organiser is not at work.
    """
    head = s.organiser[row]
    led = head < 0 or (s.status[head] == Status.ACTIVE and s.dark_until[head] <= day)
    return s.teams[row] if led else s.teams[row] * (1.0 - orphan_loss)


@kernel
def launch_key(launcher: np.uint64, number: int) -> np.uint64:
    """Key of a launch within a day: `child_identifier` of its launcher and its number there."""
    return keyed_word(0, 0, launcher, np.uint64(number))


@kernel
def give_turns(
    now: DayContext, queued: int, ready: int, m: MigrantColumns, plan: LaunchPlan
) -> int:
    """Pick the clients of today's launchers, and number them in the order in which they go.

    Args:
        now: The day, and what is assumed.
        queued: How many have a seat promised, the first of `plan.clients`.
        ready: How many launch.
        m: The people.
        plan: The clients of those who launch are moved to the front; where each launcher's clients
            begin is filled, and the turn of each client: lower for earlier days of joining, and
            within one day lower for lower draws.

    Returns:
        How many clients they have.
    """
    plan.next_place[:] = -1
    start = 0
    for i in range(ready):
        launcher = plan.launchers[i]
        plan.first[i] = plan.next_place[launcher] = start
        start += plan.waiting[launcher]
    count = 0
    for i in range(queued):
        row = plan.clients[i]
        if plan.next_place[m.smuggler[row]] >= 0:
            waited = now.day - m.joined[row]
            word = keyed_word(
                now.seed, Decision.BOARDING_ORDER, m.uid[row], np.uint64(now.ordinal - waited)
            )
            place = np.uint64(_LONGEST - min(waited, _LONGEST))
            u = word >> (np.uint64(64) - _DRAW_BITS)
            plan.clients[count], plan.turn[count] = row, (place << _DRAW_BITS) | u
            count += 1
    return count


@inner
def _sort_line(lines: np.ndarray, turns: np.ndarray, first: int, last: int) -> None:
    """Put those from `first` to before `last` in turn, the lowest number first (Shell's sort)."""
    gap = (last - first) // 2
    while gap > 0:
        for i in range(first + gap, last):
            row, turn, at = lines[i], turns[i], i
            while at - gap >= first and turns[at - gap] > turn:
                lines[at], turns[at] = lines[at - gap], turns[at - gap]
                at -= gap
            lines[at], turns[at] = row, turn
        gap //= 2


@inner
def _line_up(ready: int, clients: int, smuggler_of: np.ndarray, plan: LaunchPlan) -> None:
    """Put clients into lines, launcher by launcher, those who go first at the front."""
    for i in range(clients):
        launcher = smuggler_of[plan.clients[i]]
        at = plan.next_place[launcher]
        plan.line[at], plan.line_turn[at] = plan.clients[i], plan.turn[i]
        plan.next_place[launcher] += 1
    for i in range(ready):
        last = plan.first[i + 1] if i + 1 < ready else clients
        _sort_line(plan.line, plan.line_turn, plan.first[i], last)


@inner
def _fill_boats(
    now: DayContext,
    s: SmugglerColumns,
    ready: int,
    calm: float,
    plan: LaunchPlan,
    boats: np.ndarray,
) -> tuple[int, int]:
    """Put clients into boats in the order of joining, as long as boats are full enough.

    Returns the number of boats and of passengers.
    """
    # a uniform draw of this width has the standard deviation of the record
    spread = now.channel.load_spread * np.sqrt(12.0)
    count, taken = 0, 0
    for i in range(ready):
        row = plan.launchers[i]
        start, left = plan.first[i], plan.waiting[row]
        for k in range(plan.crews[i]):
            factor = 1.0 + spread * (
                uniform(now.seed, Decision.LOAD, s.uid[row], now.ordinal * 64 + k) - 0.5
            )
            wanted = int(max(np.rint(s.load[row] * calm * factor * now.scale), 1.0))
            aboard = min(wanted, left)
            if aboard < now.channel.fill_least * wanted:
                break
            boats[count, _LAUNCHER], boats[count, _NUMBER] = row, k
            boats[count, _FIRST], boats[count, _LOAD] = taken, aboard
            for j in range(aboard):
                plan.riders[taken + j] = plan.line[start + j]
            start, left, taken = start + aboard, left - aboard, taken + aboard
            count += 1
    return count, taken


@kernel
def call_up(
    packed: np.ndarray,
    live: np.ndarray,
    m: MigrantColumns,
    s: SmugglerColumns,
    chance: np.ndarray,
    plan: LaunchPlan,
) -> tuple[int, int, int]:
    """Find who launches today, and put their clients in order.

    Args:
        packed: The day, and what is assumed (`World.now`).
        live: Rows of the people on the way.
        m: The people.
        s: The operators.
        chance: (operators,) that a launcher who could launch does.
        plan: Filled: the launchers, their crews and clients, where the clients of each begin in a
            line, and the turn of each client.

    Returns:
        How many launch, how many boats they can send, and how many clients they have.
    """
    now = packed[0]
    plan.waiting[:] = 0
    queued = 0
    for i in range(live.size):
        row = live[i]
        if m.state[row] == State.QUEUED:
            plan.clients[queued] = row
            plan.waiting[m.smuggler[row]] += 1
            queued += 1
    ready, most = 0, 0
    for row in range(s.uid.size):
        if plan.waiting[row] == 0 or s.boats[row] <= 0:
            continue
        if s.stage[row] != BOAT or s.status[row] != Status.ACTIVE or s.dark_until[row] > now.day:
            continue
        if uniform(now.seed, Decision.LAUNCH, s.uid[row], now.ordinal) < chance[row]:
            able = teams_able(row, now.day, s, now.market.orphan_loss)
            extra = uniform(now.seed, Decision.LAUNCH, s.uid[row], now.ordinal + (1 << 32))
            plan.launchers[ready] = row
            plan.crews[ready] = min(int(able + extra), s.boats[row])
            most += plan.crews[ready]
            ready += 1
    return ready, most, give_turns(now, queued, ready, m, plan)


@inner
def _weigh_risks(
    now: DayContext, count: int, s: SmugglerColumns, sea: SeaDay, risk: BoatRisk, boats: Launches
) -> None:
    """Fill in the launches of a day, and the exponents of their risks.

    A beach can be swamped: units deal with a few launches at a time. A boat that picks its people
    up from the water is launched elsewhere, so units on the beach do not meet it.

    The plan of the launches is given. Filled in are the rest of `risk`, and of `boats` what is
    decided before they leave.
    """
    channel, launches = now.channel, risk.launches
    launches[:] = 0
    for b in range(count):
        row, number = risk.plan[b, _LAUNCHER], risk.plan[b, _NUMBER]
        leg = sea.leg_of_place[s.place[row]]
        boats.key[b] = launch_key(s.uid[row], number)
        u = uniform(now.seed, Decision.TAXI_BOAT, boats.key[b], now.ordinal)
        boats.taxi[b] = u < sea.taxi_share
        launches[leg] += not boats.taxi[b]
        boats.launcher[b], boats.leg[b] = row, leg
        boats.first[b], boats.load[b] = risk.plan[b, _FIRST], risk.plan[b, _LOAD]
        boats.fate[b], boats.dead[b], boats.prevented[b] = 0, 0, 0
        boats.landed[b], boats.seized[b] = 0, False
    for b in range(count):
        leg = boats.leg[b]
        relief = 1.0 + launches[leg] / max(channel.handled_launches * sea.effort[leg], 1e-9)
        stop = -sea.alone[leg] * s.skill[boats.launcher[b]] / relief
        over = max(boats.load[b] / now.scale / sea.safe_load - 1.0, 0.0)
        risk.exponent[_NOT_STOPPED, b] = 0.0 if boats.taxi[b] else stop
        risk.exponent[_DANGER, b] = sea.from_waves + channel.death_overload * over


@kernel
def embark(
    packed: np.ndarray,
    ready: int,
    clients: int,
    smuggler_of: np.ndarray,
    s: SmugglerColumns,
    sea: SeaDay,
    plan: LaunchPlan,
    risk: BoatRisk,
    boats: Launches,
) -> tuple[int, int]:
    """Put clients into boats, and fill in each launch and its risks.

    Args:
        packed: The day, and what is assumed (`World.now`).
        ready: How many launch.
        clients: How many clients they have.
        smuggler_of: (people,) who serves each.
        s: The operators.
        sea: What launches meet today.
        plan: From `call_up`; the lines and the riders are filled.
        risk: Filled.
        boats: Key, launcher, leg, first passenger and load are filled, and fates cleared.

    Returns:
        The number of boats and of passengers.
    """
    now = packed[0]
    _line_up(ready, clients, smuggler_of, plan)
    count, taken = _fill_boats(now, s, ready, sea.calm, plan, risk.plan)
    _weigh_risks(now, count, s, sea, risk, boats)
    return count, taken


# -- how a launch ends ---------------------------------------------------------------------------


class Coast(NamedTuple):
    """Who acts at the Channel, and for how many people an agent stands."""

    scale: float  # agents per person
    arrival_authority: int  # who talks to people who land
    beach_authority: npt.NDArray[np.int16]  # (legs,) who stops launches


@kernel
def deaths_in_disaster(
    u: float, parameters: Parameters, scale: float, load: int, rounding: float
) -> int:
    """Agents who die in a disaster: a Pareto tail cut off at a share of the boat's people.

    Args:
        u: Draw that sets the size.
        parameters: What is assumed.
        scale: Agents per person.
        load: Agents aboard.
        rounding: Draw that rounds people to agents without bias.

    Returns:
        Agents who die; 0 is possible only where an agent stands for more than one person.
    """
    channel = parameters.channel
    people = np.floor(u ** (-1.0 / channel.death_tail))
    people = min(people, max(1.0, np.floor(channel.death_cap * load / scale)))
    agents = people * scale
    return min(load, int(agents + rounding))


@inner
def _unluckiest(passengers: np.ndarray, today: PeopleToday) -> int:
    """The passenger still alive with the lowest draw."""
    victim, lowest = -1, 2.0
    for row in passengers:
        if today.m.state[row] != State.DIED:
            u = uniform(today.seed, Decision.VICTIM, today.m.uid[row], today.ordinal)
            if u < lowest:
                victim, lowest = row, u
    return victim


@inner
def prevent(row: int, boat: int, boats: Launches, counts: LegCounts, today: PeopleToday) -> None:
    """Record that a person is stopped on the beach or brought back."""
    boats.prevented[boat] += 1
    counts.stops[boats.leg[boat]] += 1
    pay_for_try(row, today)
    today.m.smuggler[row] = -1
    after_stop(row, today)


class _Sailing(NamedTuple):
    """The launches of a day, and what they change; see `sail`."""

    boats: Launches
    counts: LegCounts
    coast: Coast
    today: PeopleToday


@inner
def _stop_launch(boat: int, passengers: np.ndarray, sailing: _Sailing) -> None:
    """Stop a launch, seize its boat with a chance, and stop a part of its people."""
    boats, counts, coast, today = sailing
    channel, ordinal, seed = today.parameters.channel, today.ordinal, today.seed
    taxi, authority = boats.taxi[boat], coast.beach_authority[boats.leg[boat]]
    seizure = channel.seizure_at_sea if taxi else channel.seizure_chance
    share_stopped = channel.found_at_sea if taxi else channel.found_share
    boats.fate[boat] = STOPPED
    boats.seized[boat] = uniform(seed, Decision.BOAT_SEIZED, boats.key[boat], ordinal) < seizure
    for row in passengers:
        u = uniform(seed, Decision.PASSENGER_STOP, today.m.uid[row], ordinal)
        if u < share_stopped:
            prevent(row, boat, boats, counts, today)
            debrief(row, authority, boats.launcher[boat], AT_SEA + 2 * ordinal, today)


@inner
def _risk_lives(boat: int, passengers: np.ndarray, sailing: _Sailing) -> None:
    """Let a disaster happen with a chance, and the unluckiest passengers die in it."""
    boats, counts, coast, today = sailing
    seed, key, ordinal = today.seed, boats.key[boat], today.ordinal
    if uniform(seed, Decision.SEA_DEATH, key, ordinal) >= boats.death_chance[boat]:
        return
    size = uniform(seed, Decision.SEA_DEATH_COUNT, key, ordinal)
    rounding = uniform(seed, Decision.SEA_DEATH_COUNT, key, ordinal + (1 << 32))
    boats.dead[boat] = deaths_in_disaster(
        size, today.parameters, coast.scale, boats.load[boat], rounding
    )
    for _ in range(boats.dead[boat]):
        row = _unluckiest(passengers, today)
        counts.deaths[boats.leg[boat]] += 1
        pay_for_try(row, today)
        finish(row, State.DIED, today)


@inner
def _end_crossing(boat: int, passengers: np.ndarray, sailing: _Sailing) -> None:
    """Bring a boat back with a chance, or let it land those who are alive."""
    boats, counts, coast, today = sailing
    m, ordinal = today.m, today.ordinal
    u = uniform(today.seed, Decision.SEA_RETURN, boats.key[boat], ordinal)
    back = u < boats.return_chance[boat]
    boats.fate[boat] = BROUGHT_BACK if back else LANDED
    for row in passengers:
        if m.state[row] == State.DIED:
            continue
        if back:
            prevent(row, boat, boats, counts, today)
            continue
        boats.landed[boat] += 1
        counts.arrivals[boats.leg[boat]] += 1
        release_escrow(row, today)
        m.smuggler[row] = -1
        finish(row, State.ARRIVED_BOAT, today)
        occasion = AT_SEA + 2 * ordinal + 1
        debrief(row, coast.arrival_authority, boats.launcher[boat], occasion, today)


@kernel
def sail(
    riders: np.ndarray, boats: Launches, counts: LegCounts, coast: Coast, today: PeopleToday
) -> int:
    """Decide whether each boat of the day is stopped, comes back, loses people or lands.

    The same boat on the same date has the same draws in every run.

    Args:
        riders: Rows of passengers, boat by boat (`Launches.first`, `Launches.load`).
        boats: The launches; fates are filled in.
        counts: Counts by leg, added to.
        coast: Who stops launches and who talks to people.
        today: The people.

    Returns:
        Number of facts in its accounts.
    """
    sailing = _Sailing(boats, counts, coast, today)
    for boat in range(boats.key.size):
        first, load, key = boats.first[boat], boats.load[boat], boats.key[boat]
        passengers = riders[first : first + load]
        counts.departures[boats.leg[boat]] += load
        for row in passengers:
            today.m.leg[row] = boats.leg[boat]
        u = uniform(today.seed, Decision.BEACH_STOP, key, today.ordinal)
        if u < boats.stop_chance[boat]:
            _stop_launch(boat, passengers, sailing)
        else:
            _risk_lives(boat, passengers, sailing)
            _end_crossing(boat, passengers, sailing)
    return today.n_accounts[0]


class SeaRisk(NamedTuple):
    """What boats risk today; arrays (legs,) unless said."""

    #: (risks, boats) `_weigh_risks` as powers of e: see `_RISKS`
    of_boats: Floats
    back: float  # chance that a boat is rescued or turns back
    at_sea: Floats  # chance that one is stopped before it picks people up from the water
    danger_of_length: Floats  # relative to a crossing of the usual length


@inner
def set_chances(
    now: DayContext, risk: SeaRisk, coast: Coast, links: np.ndarray, boats: Launches
) -> None:
    """Chances of every launch. Boats that pick people up from the water can be met there.

    They are stopped before people board, or intercepted with people aboard. Crews who fear this
    hurry, so both make a crossing more dangerous.

    Args:
        now: The day, and what is assumed.
        risk: What they risk.
        coast: Who stops launches.
        links: (links, authorities + 1) today's counts of the chain, added to.
        boats: The launches; chances are filled in.
    """
    channel = now.channel
    intercept = channel.taxi_intercept
    for b in range(boats.key.size):
        leg = boats.leg[b]
        boats.stop_chance[b] = 1.0 - risk.of_boats[_NOT_STOPPED, b]
        boats.return_chance[b] = risk.back
        met = boats.stop_chance[b]
        if boats.taxi[b]:
            boats.return_chance[b] = 1.0 - (1.0 - risk.back) * (1.0 - intercept)
            boats.stop_chance[b] = risk.at_sea[leg]
            met = intercept + (1.0 - intercept) * risk.at_sea[leg]
            links[_TAXIS, coast.beach_authority[leg]] += 1
        contested = 1.0 + channel.death_contested * met
        danger = channel.death_base * risk.of_boats[_DANGER, b] * contested
        danger *= risk.danger_of_length[leg]
        boats.death_chance[b] = min(danger, 1.0)


class Bookings(NamedTuple):
    """Where launches are booked, and work space."""

    links: Floats  # (links, authorities + 1) today's counts, added to
    pair_of: Ints  # (operators,) work space
    launches: npt.NDArray[np.int16]  # (legs,) launches today, raised
    halted: npt.NDArray[np.int16]  # (legs,) those of them stopped before they left, raised
    cost: Floats  # (boats,) filled with EUR
    #: columns of `PairArrays`: the operator of each pair; its trips and stops today, raised
    smuggler: Ints
    trips: Ints
    stops: Ints
    launch_cost: float  # EUR of a launch whose boat is gone


@inner
def _count_launch(boat: int, boats: Launches, books: Bookings, coast: Coast) -> None:
    """Count a launch on its leg, and in the chain of the authority on its beach."""
    links, leg = books.links, boats.leg[boat]
    beach = coast.beach_authority[leg]
    books.launches[leg] += 1
    links[_TRIED, beach] += 1
    links[_SEIZED, beach] += boats.seized[boat]
    links[_PREVENTED, beach] += boats.prevented[boat]
    links[_ARRIVALS, _NOWHERE] += boats.landed[boat]
    if boats.fate[boat] == STOPPED:
        books.halted[leg] += 1
        links[_HALTED, beach] += 1
        links[_SCATTERED, beach] += boats.load[boat] - boats.prevented[boat]


@inner
def _book_launches(
    now: DayContext,
    boats: Launches,
    s: SmugglerColumns,
    books: Bookings,
    coast: Coast,
) -> tuple[int, int, int]:
    """Use up boats, pay for launches and note trips and those that failed.

    A launch costs less where its boat is still there. Returns boats that landed people, boats
    seized, and people prevented.
    """
    retry_cost = now.channel.launch_cost * now.channel.retry_cost_share
    landed, seized, prevented = 0, 0, 0
    books.pair_of[:] = -1
    for pair in range(books.smuggler.size):
        books.pair_of[books.smuggler[pair]] = pair
    for boat in range(boats.key.size):
        _count_launch(boat, boats, books, coast)
        launcher = boats.launcher[boat]
        lost = boats.fate[boat] != STOPPED or boats.seized[boat]
        books.cost[boat] = books.launch_cost if lost else retry_cost
        s.boats[launcher] -= int(lost)
        landed += boats.fate[boat] == LANDED and boats.landed[boat] > 0
        seized += boats.seized[boat]
        prevented += boats.prevented[boat]
        s.cash[launcher] -= books.cost[boat]
        s.week_cost[launcher] += books.cost[boat]
        pair = books.pair_of[launcher]
        if pair >= 0:
            books.trips[pair] += boats.load[boat]
            if boats.fate[boat] != LANDED:
                books.stops[pair] += boats.load[boat]
    return landed, seized, prevented


# where the columns of the first two tables end among all that `set_sail` takes
_MIGRANTS = len(MigrantColumns._fields)
_BOATS = _MIGRANTS + len(Launches._fields)


@kernel
def set_sail(
    packed: np.ndarray,
    riders: np.ndarray,
    risk: SeaRisk,
    coast: Coast,
    account_yield: np.ndarray,
    revenue: np.ndarray,
    money: np.ndarray,
    accounts: np.ndarray,
    n_accounts: np.ndarray,
    s: SmugglerColumns,
    books: Bookings,
    live: np.ndarray,
    ended: np.ndarray,
    *columns: np.ndarray,
) -> tuple[int, int, int, int, int]:
    """The day of some launches: `set_chances`, `sail`, `_book_launches` and `drop_finished`.

    Columns of the people, of the launches and of counts by leg come one by one in the order of
    these tables: a table takes three times as long to hand over.

    Returns:
        Number of facts from accounts, boats that landed people, boats seized, people prevented, and
        how many are still on the way.
    """
    now = packed[0]
    n_accounts[0] = 0
    m, boats = MigrantColumns(*columns[:_MIGRANTS]), Launches(*columns[_MIGRANTS:_BOATS])
    today = PeopleToday(
        now.day, now.ordinal, now.seed, now, m, revenue, money, account_yield, accounts, n_accounts
    )
    set_chances(now, risk, coast, books.links, boats)
    learnt = sail(riders, boats, LegCounts(*columns[_BOATS:]), coast, today)
    landed, seized, prevented = _book_launches(now, boats, s, books, coast)
    return learnt, landed, seized, prevented, drop_finished(live, m.state, ended)
