"""Which launchers send boats, and how full, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.migrant import MigrantColumns
from simulation.agents.smuggler import Status
from simulation.compiled import inner, kernel
from simulation.corridor.stages import BOAT
from simulation.parameters import Parameters
from simulation.processes.sailing import Launches
from simulation.processes.state_counts import list_queued
from simulation.randomness import Decision, keyed_word, uniform

_LAUNCH, _LOAD, _BOARDING, _TAXI = (
    int(Decision.LAUNCH), int(Decision.LOAD), int(Decision.BOARDING_ORDER),
    int(Decision.TAXI_BOAT),
)  # fmt: skip
_ACTIVE = int(Status.ACTIVE)
_LUCK_BITS = np.uint64(52)  # of a draw, below the days since somebody joined
_LONGEST = 4095  # days in a queue that are told apart


@kernel
def seat_takings(
    stage: np.ndarray,
    status: np.ndarray,
    fee: np.ndarray,
    teams: np.ndarray,
    takings: np.ndarray,
    number: np.ndarray,
) -> int:
    """What each launcher at work asks for a seat, weighted by its teams.

    Args:
        stage: (operators,) their segments.
        status: (operators,) who is at work.
        fee: (operators,) EUR a seat.
        teams: (operators,) launches a day they can staff.
        takings: (operators,) filled with fee times teams of launchers at work, one after another.
        number: (operators,) filled with their teams.

    Returns:
        How many launchers are at work.
    """
    count = 0
    for row in range(stage.size):
        if stage[row] == BOAT and teams[row] > 0.0 and status[row] == _ACTIVE:
            takings[count], number[count] = fee[row] * teams[row], teams[row]
            count += 1
    return count


class Queue(NamedTuple):
    """The columns of people that matter to who boards when; arrays (people,)."""

    uid: npt.NDArray[np.uint64]
    state: npt.NDArray[np.int8]
    smuggler: npt.NDArray[np.int32]
    joined: npt.NDArray[np.int32]


class Launchers(NamedTuple):
    """The columns of operators that matter to launches; arrays (operators,)."""

    uid: npt.NDArray[np.uint64]
    stage: npt.NDArray[np.int8]
    status: npt.NDArray[np.int8]
    place: npt.NDArray[np.int16]
    dark_until: npt.NDArray[np.int32]
    organiser: npt.NDArray[np.int32]
    teams: npt.NDArray[np.float64]
    boats: npt.NDArray[np.int32]
    load: npt.NDArray[np.float64]
    skill: npt.NDArray[np.float64]


def queue_of(migrants: MigrantColumns) -> Queue:
    """The columns of all people that matter to who boards when."""
    return Queue._make(getattr(migrants, name) for name in Queue._fields)


class LaunchPlan(NamedTuple):
    """Who launches today and who boards; as much is filled as there are launchers and clients."""

    # (operators,)
    waiting: npt.NDArray[np.int64]  # clients with a seat promised
    next_place: npt.NDArray[np.int64]  # where clients begin in a line, -1 of who does not launch
    launchers: npt.NDArray[np.int64]  # rows of those who launch, in ascending order
    crews: npt.NDArray[np.int64]  # boats each of them can send
    first: npt.NDArray[np.int64]  # where the clients of each of them begin in a line
    # (people,)
    clients: npt.NDArray[np.int64]  # rows of the clients of those who launch
    line: npt.NDArray[np.int64]  # the same in line, launcher by launcher
    riders: npt.NDArray[np.int64]  # rows of passengers, boat by boat
    turn: npt.NDArray[np.uint64]  # of each client: the lower, the earlier somebody goes
    line_turn: npt.NDArray[np.uint64]  # the same in line

    @staticmethod
    def with_room(operators: int, people: int) -> LaunchPlan:
        """For so many operators and people on the way."""
        clients, line, riders = np.empty((3, people), dtype=np.int64)
        turn, line_turn = np.empty((2, people), dtype=np.uint64)
        waiting, next_place, launchers, crews, first = np.empty((5, operators), dtype=np.int64)
        return LaunchPlan(
            waiting, next_place, launchers, crews, first, clients, line, riders, turn, line_turn
        )


class BoatRisk(NamedTuple):
    """What the launches of a day are planned as, and what they risk; see `weigh_risks`."""

    #: (boats, 4) launcher, number of the boat with its launcher, first passenger, load
    plan: npt.NDArray[np.int64]
    taxi: npt.NDArray[np.bool_]  # (boats,) picks its people up from the water
    exponent: npt.NDArray[np.float64]  # (2, boats) of not being stopped, and of danger
    launches: npt.NDArray[np.int64]  # (legs,) work space

    @staticmethod
    def with_room(boats: int, legs: int) -> BoatRisk:
        """For so many launches."""
        return BoatRisk(
            np.empty((boats, 4), dtype=np.int64), np.empty(boats, dtype=bool),
            np.empty((2, boats)), np.empty(legs, dtype=np.int64),
        )  # fmt: skip


class SeaDay(NamedTuple):
    """What launches meet today."""

    calm: float  # multiplier of loads by the sea
    from_waves: float  # exponent of danger from the sea
    safe_load: float  # people up to whom a boat is not overloaded
    taxi_share: float  # of launches that pick people up from the water
    leg_of_place: npt.NDArray[np.int16]  # (places,) the leg on which boats leave from there
    alone: npt.NDArray[np.float64]  # (legs,) rate of stops of a single launch
    effort: npt.NDArray[np.float64]  # (legs,) unit-days


@kernel
def teams_able(row: int, day: int, s: Launchers, orphan_loss: float) -> float:
    """Launches a day that a launcher at work can staff with its organiser as it is.

    Args:
        row: The launcher.
        day: Today.
        s: The operators.
        orphan_loss: Share of its teams that is lost while the organiser is not at work.
    """
    head = s.organiser[row]
    led = head < 0 or (s.status[head] == _ACTIVE and s.dark_until[head] <= day)
    return s.teams[row] if led else s.teams[row] * (1.0 - orphan_loss)


@kernel
def launch_key(launcher: np.uint64, number: int) -> np.uint64:
    """Key of a launch within a day: `child_identifier` of its launcher and its number there."""
    return keyed_word(0, 0, launcher, np.uint64(number))


@inner
def call_crews(
    day: int,
    ordinal: int,
    seed: int,
    s: Launchers,
    orphan_loss: float,
    chance: float,
    plan: LaunchPlan,
) -> tuple[int, int]:
    """Who launches today, and how many boats at most.

    Args:
        day: Today.
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        s: The operators.
        orphan_loss: As for `teams_able`.
        chance: That a launcher who could launch does.
        plan: With the clients waiting; launchers and their crews are filled.

    Returns:
        How many launch, and how many boats they can send.
    """
    count, most = 0, 0
    for row in range(s.uid.size):
        if s.stage[row] != BOAT or s.status[row] != _ACTIVE or s.dark_until[row] > day:
            continue
        if plan.waiting[row] == 0 or s.boats[row] <= 0:
            continue
        if uniform(seed, _LAUNCH, s.uid[row], ordinal) < chance:
            able = teams_able(row, day, s, orphan_loss)
            extra = uniform(seed, _LAUNCH, s.uid[row], ordinal + (1 << 32))
            plan.launchers[count] = row
            plan.crews[count] = min(int(able + extra), s.boats[row])
            most += plan.crews[count]
            count += 1
    return count, most


@kernel
def give_turns(
    day: int, ordinal: int, seed: int, queued: int, ready: int, people: Queue, plan: LaunchPlan
) -> int:
    """Pick the clients of today's launchers, and say who of them goes before whom.

    Args:
        day: Today.
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        queued: How many have a seat promised, the first of `plan.clients`.
        ready: How many launch.
        people: The people.
        plan: The clients of those who launch are moved to the front; where each launcher's clients
            begin is filled, and the turn of each client: it is the lower the earlier somebody
            joined, and of those who joined on one day, the lower the draw.

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
        if plan.next_place[people.smuggler[row]] >= 0:
            waited = day - people.joined[row]
            word = keyed_word(seed, _BOARDING, people.uid[row], np.uint64(ordinal - waited))
            place = np.uint64(_LONGEST - min(waited, _LONGEST))
            luck = word >> (np.uint64(64) - _LUCK_BITS)
            plan.clients[count], plan.turn[count] = row, (place << _LUCK_BITS) | luck
            count += 1
    return count


@inner
def sort_line(lines: np.ndarray, turns: np.ndarray, first: int, last: int) -> None:
    """Put those from `first` to before `last` in turn, the lowest number first (Shell's sort).

    Args:
        lines: (clients,) rows; changed.
        turns: (clients,) their numbers; changed.
        first: Where the line begins.
        last: Where it has ended.
    """
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
def line_up(ready: int, clients: int, smuggler_of: np.ndarray, plan: LaunchPlan) -> None:
    """Put clients into lines, launcher by launcher, those who go first at the front.

    Args:
        ready: How many launch.
        clients: How many clients they have.
        smuggler_of: (people,) who serves each.
        plan: From `give_turns`; the lines are filled.
    """
    for i in range(clients):
        launcher = smuggler_of[plan.clients[i]]
        at = plan.next_place[launcher]
        plan.line[at], plan.line_turn[at] = plan.clients[i], plan.turn[i]
        plan.next_place[launcher] += 1
    for i in range(ready):
        last = plan.first[i + 1] if i + 1 < ready else clients
        sort_line(plan.line, plan.line_turn, plan.first[i], last)


@inner
def fill_boats(
    ordinal: int,
    seed: int,
    s: Launchers,
    ready: int,
    parameters: Parameters,
    calm: float,
    scale: float,
    plan: LaunchPlan,
    boats: np.ndarray,
) -> tuple[int, int]:
    """Put clients into boats, the first to have joined first, as long as boats are full enough.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        s: The operators.
        ready: How many launch.
        parameters: What is assumed.
        calm: Multiplier of loads by the sea.
        scale: Agents per person.
        plan: With the lines; riders are filled.
        boats: (boats, 4) filled, see `BoatRisk`.

    Returns:
        Number of boats and of passengers.
    """
    # a uniform draw of this width has the standard deviation of the record
    spread = parameters.channel.load_spread * np.sqrt(12.0)
    count, taken = 0, 0
    for i in range(ready):
        row = plan.launchers[i]
        start, left = plan.first[i], plan.waiting[row]
        for k in range(plan.crews[i]):
            factor = 1.0 + spread * (uniform(seed, _LOAD, s.uid[row], ordinal * 64 + k) - 0.5)
            wanted = int(max(np.rint(s.load[row] * calm * factor * scale), 1.0))
            aboard = min(wanted, left)
            if aboard < parameters.channel.fill_least * wanted:
                break
            boats[count, 0], boats[count, 1] = row, k
            boats[count, 2], boats[count, 3] = taken, aboard
            for j in range(aboard):
                plan.riders[taken + j] = plan.line[start + j]
            start, left, taken = start + aboard, left - aboard, taken + aboard
            count += 1
    return count, taken


@kernel
def call_up(
    day: int,
    ordinal: int,
    seed: int,
    live: np.ndarray,
    people: Queue,
    s: Launchers,
    orphan_loss: float,
    chance: float,
    plan: LaunchPlan,
) -> tuple[int, int, int]:
    """Who launches today, and who of their clients goes before whom; see `call_crews`.

    Returns:
        How many launch, how many boats they can send, and how many clients they have.
    """
    queued = list_queued(live, people.state, plan.clients)
    plan.waiting[:] = 0
    for i in range(queued):
        plan.waiting[people.smuggler[plan.clients[i]]] += 1
    ready, most = call_crews(day, ordinal, seed, s, orphan_loss, chance, plan)
    return ready, most, give_turns(day, ordinal, seed, queued, ready, people, plan)


@inner
def weigh_risks(
    ordinal: int,
    seed: int,
    count: int,
    s: Launchers,
    parameters: Parameters,
    scale: float,
    sea: SeaDay,
    risk: BoatRisk,
    boats: Launches,
) -> None:
    """Set out what a launch is, and the exponents of what it risks.

    A beach can be swamped: units deal with a few launches at a time. A boat that picks its people
    up from the water is launched elsewhere, so units on the beach do not meet it.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        count: Number of launches.
        s: The operators.
        parameters: What is assumed.
        scale: Agents per person.
        sea: What launches meet today.
        risk: With the plan of the launches; all else is filled.
        boats: Key, launcher, leg, first passenger and load are filled, and fates cleared.
    """
    channel, launches = parameters.channel, risk.launches
    launches[:] = 0
    for b in range(count):
        row, number = risk.plan[b, 0], risk.plan[b, 1]
        leg = sea.leg_of_place[s.place[row]]
        boats.key[b] = launch_key(s.uid[row], number)
        risk.taxi[b] = uniform(seed, _TAXI, boats.key[b], ordinal) < sea.taxi_share
        launches[leg] += not risk.taxi[b]
        boats.launcher[b], boats.leg[b] = row, leg
        boats.first[b], boats.load[b] = risk.plan[b, 2], risk.plan[b, 3]
        boats.fate[b], boats.dead[b], boats.prevented[b] = 0, 0, 0
        boats.landed[b], boats.seized[b] = 0, False
    for b in range(count):
        leg = boats.leg[b]
        relief = 1.0 + launches[leg] / max(channel.handled_launches * sea.effort[leg], 1e-9)
        stop = -sea.alone[leg] * s.skill[boats.launcher[b]] / relief
        over = max(boats.load[b] / scale / sea.safe_load - 1.0, 0.0)
        risk.exponent[0, b] = 0.0 if risk.taxi[b] else stop
        risk.exponent[1, b] = sea.from_waves + channel.death_overload * over


@kernel
def embark(
    ordinal: int,
    seed: int,
    ready: int,
    clients: int,
    smuggler_of: np.ndarray,
    s: Launchers,
    packed_parameters: np.ndarray,
    scale: float,
    sea: SeaDay,
    plan: LaunchPlan,
    risk: BoatRisk,
    boats: Launches,
) -> tuple[int, int]:
    """`line_up`, `fill_boats` and `weigh_risks`; returns the number of boats and of passengers."""
    parameters = packed_parameters[0]
    line_up(ready, clients, smuggler_of, plan)
    count, taken = fill_boats(ordinal, seed, s, ready, parameters, sea.calm, scale, plan, risk.plan)
    weigh_risks(ordinal, seed, count, s, parameters, scale, sea, risk, boats)
    return count, taken
