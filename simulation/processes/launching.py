"""Which launchers send boats, and how full, compiled."""

from __future__ import annotations

import numpy as np

from simulation.agents.smuggler import Status
from simulation.compiled import inner, kernel
from simulation.corridor.stages import BOAT
from simulation.processes.census import list_queued
from simulation.processes.sailing import Boats
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


@inner
def count_clients(queued: np.ndarray, smuggler_of: np.ndarray, waiting: np.ndarray) -> None:
    """Fill `waiting` (operators,) with how many of the people `queued` have a seat with each."""
    waiting[:] = 0
    for i in range(queued.size):
        waiting[smuggler_of[queued[i]]] += 1


@kernel
def teams_able(
    row: int,
    day: int,
    status: np.ndarray,
    dark_until: np.ndarray,
    organiser: np.ndarray,
    teams: np.ndarray,
    orphan_loss: float,
) -> float:
    """Launches a day that a launcher at work can staff with its organiser as it is.

    Args:
        row: The launcher.
        day: Today.
        status: (operators,) who is at work.
        dark_until: (operators,) day until which each lies low.
        organiser: (operators,) row of the organiser each works for, -1 if none.
        teams: (operators,) launches a day they can staff.
        orphan_loss: Share of it that is lost while the organiser is not at work.
    """
    head = organiser[row]
    led = head < 0 or (status[head] == _ACTIVE and dark_until[head] <= day)
    return teams[row] if led else teams[row] * (1.0 - orphan_loss)


@kernel
def launch_key(launcher: np.uint64, number: int) -> np.uint64:
    """Key of a launch within a day: `child_identifier` of its launcher and its number there."""
    return keyed_word(0, 0, launcher, np.uint64(number))


@inner
def call_crews(
    day: int,
    ordinal: int,
    seed: int,
    uid: np.ndarray,
    stage: np.ndarray,
    status: np.ndarray,
    dark_until: np.ndarray,
    organiser: np.ndarray,
    teams: np.ndarray,
    boats: np.ndarray,
    orphan_loss: float,
    waiting: np.ndarray,
    chance: float,
    launchers: np.ndarray,
    crews: np.ndarray,
) -> tuple[int, int]:
    """Who launches today, and how many boats at most.

    Args:
        day: Today.
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        uid: (operators,) identifiers.
        stage: (operators,) their segments.
        status: (operators,) who is at work.
        dark_until: (operators,) day until which each lies low.
        organiser: (operators,) row of the organiser each works for, -1 if none.
        teams: (operators,) launches a day they can staff.
        boats: (operators,) boats in stock.
        orphan_loss: As for `teams_able`.
        waiting: (operators,) people with a seat promised.
        chance: That a launcher who could launch does.
        launchers: (operators,) filled with their rows, in ascending order.
        crews: (operators,) filled with the boats each can send.

    Returns:
        How many launch, and how many boats they can send.
    """
    count, most = 0, 0
    for row in range(uid.size):
        if stage[row] != BOAT or status[row] != _ACTIVE or dark_until[row] > day:
            continue
        if waiting[row] == 0 or boats[row] <= 0:
            continue
        if uniform(seed, _LAUNCH, uid[row], ordinal) < chance:
            able = teams_able(row, day, status, dark_until, organiser, teams, orphan_loss)
            extra = uniform(seed, _LAUNCH, uid[row], ordinal + (1 << 32))
            launchers[count], crews[count] = row, min(int(able + extra), boats[row])
            most += crews[count]
            count += 1
    return count, most


@kernel
def give_turns(
    day: int,
    ordinal: int,
    seed: int,
    queued: np.ndarray,
    person: np.ndarray,
    smuggler_of: np.ndarray,
    joined: np.ndarray,
    launchers: np.ndarray,
    waiting: np.ndarray,
    next_place: np.ndarray,
    first: np.ndarray,
    turn: np.ndarray,
) -> int:
    """Pick the clients of today's launchers, and say who of them goes before whom.

    Args:
        day: Today.
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        queued: Rows of all who have a seat promised; the clients are moved to the front.
        person: (people,) identifiers.
        smuggler_of: (people,) who serves each.
        joined: (people,) day on which each was promised a seat.
        launchers: (launchers,) rows of those who launch today.
        waiting: (operators,) number of clients.
        next_place: (operators,) filled with where the launcher's clients begin in `line_up`, and
            with -1 for all who do not launch.
        first: (launchers,) filled with the same.
        turn: (clients,) filled with a number that is the lower the earlier somebody joined, and of
            those who joined on one day, the lower the draw.

    Returns:
        How many clients they have.
    """
    next_place[:] = -1
    start = 0
    for i in range(launchers.size):
        first[i] = next_place[launchers[i]] = start
        start += waiting[launchers[i]]
    count = 0
    for i in range(queued.size):
        row = queued[i]
        if next_place[smuggler_of[row]] >= 0:
            waited = day - joined[row]
            word = keyed_word(seed, _BOARDING, person[row], np.uint64(ordinal - waited))
            place = np.uint64(_LONGEST - min(waited, _LONGEST))
            luck = word >> (np.uint64(64) - _LUCK_BITS)
            queued[count], turn[count] = row, (place << _LUCK_BITS) | luck
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
def line_up(
    clients: np.ndarray,
    turn: np.ndarray,
    smuggler_of: np.ndarray,
    next_place: np.ndarray,
    first: np.ndarray,
    lines: np.ndarray,
    turns: np.ndarray,
) -> None:
    """Put clients into lines, launcher by launcher, those who go first at the front.

    Args:
        clients: (clients,) rows.
        turn: (clients,) the lower the number, the earlier somebody goes.
        smuggler_of: (people,) who serves each.
        next_place: (operators,) where the clients of each launcher begin, raised.
        first: (launchers,) the same, in the order of the lines.
        lines: (clients,) filled with rows.
        turns: (clients,) work space.
    """
    for i in range(clients.size):
        launcher = smuggler_of[clients[i]]
        at = next_place[launcher]
        lines[at], turns[at] = clients[i], turn[i]
        next_place[launcher] += 1
    for i in range(first.size):
        last = first[i + 1] if i + 1 < first.size else clients.size
        sort_line(lines, turns, first[i], last)


@inner
def fill_boats(
    ordinal: int,
    seed: int,
    uid: np.ndarray,
    load: np.ndarray,
    launchers: np.ndarray,
    crews: np.ndarray,
    queued: np.ndarray,
    first: np.ndarray,
    waiting: np.ndarray,
    calm: float,
    spread: float,
    least: float,
    scale: float,
    plan: np.ndarray,
    riders: np.ndarray,
) -> tuple[int, int]:
    """Put clients into boats, the first to have joined first, as long as boats are full enough.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        uid: (operators,) identifiers.
        load: (operators,) people aimed at per boat.
        launchers: (launchers,) rows of those who launch today.
        crews: (launchers,) boats each can send.
        queued: Rows of their clients, launcher by launcher, in turn.
        first: (launchers,) where the clients of each begin.
        waiting: (operators,) number of clients.
        calm: Multiplier of loads by the sea.
        spread: Width of the range of loads, against the load aimed at.
        least: Share of the load wanted below which a boat does not leave.
        scale: Agents per person.
        plan: (boats, 4) filled with launcher, number of the boat with its launcher, first
            passenger in `riders`, and load.
        riders: (clients,) filled with rows of passengers, boat by boat.

    Returns:
        Number of boats and of passengers.
    """
    count, taken = 0, 0
    for i in range(launchers.size):
        row = launchers[i]
        start, left = first[i], waiting[row]
        for k in range(crews[i]):
            factor = 1.0 + spread * (uniform(seed, _LOAD, uid[row], ordinal * 64 + k) - 0.5)
            wanted = int(max(np.rint(load[row] * calm * factor * scale), 1.0))
            aboard = min(wanted, left)
            if aboard < least * wanted:
                break
            plan[count, 0], plan[count, 1], plan[count, 2], plan[count, 3] = row, k, taken, aboard
            for j in range(aboard):
                riders[taken + j] = queued[start + j]
            start, left, taken = start + aboard, left - aboard, taken + aboard
            count += 1
    return count, taken


@kernel
def call_up(
    day: int,
    ordinal: int,
    seed: int,
    live: np.ndarray,
    person: np.ndarray,
    state: np.ndarray,
    smuggler_of: np.ndarray,
    joined: np.ndarray,
    uid: np.ndarray,
    stage: np.ndarray,
    status: np.ndarray,
    dark_until: np.ndarray,
    organiser: np.ndarray,
    teams: np.ndarray,
    boats: np.ndarray,
    orphan_loss: float,
    chance: float,
    queued: np.ndarray,
    waiting: np.ndarray,
    launchers: np.ndarray,
    crews: np.ndarray,
    next_place: np.ndarray,
    first: np.ndarray,
    turn: np.ndarray,
) -> tuple[int, int, int]:
    """Who launches today, and who of their clients goes before whom.

    Args:
        day: Today.
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        live: Rows of the people on the way.
        person: (people,) identifiers.
        state: (people,) where each stands.
        smuggler_of: (people,) who serves each.
        joined: (people,) day on which each was promised a seat.
        uid: (operators,) as for `call_crews`; so to `chance`.
        stage: See there.
        status: See there.
        dark_until: See there.
        organiser: See there.
        teams: See there.
        boats: See there.
        orphan_loss: See there.
        chance: See there.
        queued: (people,) the clients are filled in at the front.
        waiting: (operators,) filled with the number of clients.
        launchers: As for `call_crews`; `crews` too.
        crews: See there.
        next_place: As for `give_turns`; `first` and `turn` too.
        first: See there.
        turn: See there.

    Returns:
        How many launch, how many boats they can send, and how many clients they have.
    """
    number = list_queued(live, state, queued)
    count_clients(queued[:number], smuggler_of, waiting)
    ready, most = call_crews(
        day, ordinal, seed, uid, stage, status, dark_until, organiser, teams, boats, orphan_loss,
        waiting, chance, launchers, crews,
    )  # fmt: skip
    clients = give_turns(
        day,
        ordinal,
        seed,
        queued[:number],
        person,
        smuggler_of,
        joined,
        launchers[:ready],
        waiting,
        next_place,
        first,
        turn,
    )
    return ready, most, clients


@inner
def weigh_risks(
    ordinal: int,
    seed: int,
    taxi_share: float,
    count: int,
    plan: np.ndarray,
    uid: np.ndarray,
    skill: np.ndarray,
    place: np.ndarray,
    leg_of_place: np.ndarray,
    alone: np.ndarray,
    effort: np.ndarray,
    handled: float,
    safe_load: float,
    scale: float,
    per_overload: float,
    from_waves: float,
    launches: np.ndarray,
    boats: Boats,
    taxi: np.ndarray,
    stop: np.ndarray,
    danger: np.ndarray,
) -> None:
    """Set out what a launch is, and the exponents of what it risks.

    A beach can be swamped: units deal with a few launches at a time. A boat that picks its people
    up from the water is launched elsewhere, so units on the beach do not meet it.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        taxi_share: Share of launches that pick people up from the water.
        count: Number of launches.
        plan: (boats, 4) as `fill_boats` makes it.
        uid: (operators,) identifiers.
        skill: (operators,) multiplier of the chance of a stop.
        place: (operators,) where they work.
        leg_of_place: (places,) the leg on which boats leave from there.
        alone: (legs,) rate of stops of a single launch.
        effort: (legs,) unit-days.
        handled: Launches that a unit deals with.
        safe_load: People up to whom a boat is not overloaded.
        scale: Agents per person.
        per_overload: Exponent of danger of a boat with twice as many.
        from_waves: Exponent of danger from the sea.
        launches: (legs,) work space.
        boats: Key, launcher, leg, first passenger and load are filled, and fates cleared.
        taxi: (boats,) filled with which pick people up from the water.
        stop: (boats,) filled with the exponent of not being stopped.
        danger: (boats,) filled with the exponent of danger.
    """
    launches[:] = 0
    for b in range(count):
        row, number = plan[b, 0], plan[b, 1]
        leg = leg_of_place[place[row]]
        boats.key[b] = launch_key(uid[row], number)
        taxi[b] = uniform(seed, _TAXI, boats.key[b], ordinal) < taxi_share
        launches[leg] += not taxi[b]
        boats.launcher[b], boats.leg[b] = row, leg
        boats.first[b], boats.load[b] = plan[b, 2], plan[b, 3]
        boats.fate[b], boats.dead[b], boats.prevented[b] = 0, 0, 0
        boats.landed[b], boats.seized[b] = 0, False
    for b in range(count):
        leg = boats.leg[b]
        relief = 1.0 + launches[leg] / max(handled * effort[leg], 1e-9)
        stop[b] = 0.0 if taxi[b] else -alone[leg] * skill[boats.launcher[b]] / relief
        over = max(boats.load[b] / scale / safe_load - 1.0, 0.0)
        danger[b] = from_waves + per_overload * over


@kernel
def embark(
    ordinal: int,
    seed: int,
    clients: np.ndarray,
    turn: np.ndarray,
    smuggler_of: np.ndarray,
    next_place: np.ndarray,
    lines: np.ndarray,
    turns: np.ndarray,
    uid: np.ndarray,
    load: np.ndarray,
    skill: np.ndarray,
    place: np.ndarray,
    launchers: np.ndarray,
    crews: np.ndarray,
    first: np.ndarray,
    waiting: np.ndarray,
    calm: float,
    spread: float,
    least: float,
    scale: float,
    plan: np.ndarray,
    riders: np.ndarray,
    taxi_share: float,
    leg_of_place: np.ndarray,
    alone: np.ndarray,
    effort: np.ndarray,
    handled: float,
    safe_load: float,
    per_overload: float,
    from_waves: float,
    launches: np.ndarray,
    boats: Boats,
    taxi: np.ndarray,
    risk: np.ndarray,
) -> tuple[int, int]:
    """`line_up`, `fill_boats` and `weigh_risks`, with their arguments.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        clients: As for `line_up`; so to `turns`.
        turn: See there.
        smuggler_of: See there.
        next_place: See there.
        lines: See there.
        turns: See there.
        uid: As for `weigh_risks`; `skill` and `place` too.
        load: As for `fill_boats`.
        skill: See `weigh_risks`.
        place: See there.
        launchers: As for `fill_boats`; so to `riders`.
        crews: See there.
        first: See there.
        waiting: See there.
        calm: See there.
        spread: See there.
        least: See there.
        scale: See there.
        plan: See there.
        riders: See there.
        taxi_share: As for `weigh_risks`; so to `taxi`.
        leg_of_place: See there.
        alone: See there.
        effort: See there.
        handled: See there.
        safe_load: See there.
        per_overload: See there.
        from_waves: See there.
        launches: See there.
        boats: See there.
        taxi: See there.
        risk: (2, boats) the `stop` and the `danger` of `weigh_risks`, filled.

    Returns:
        Number of boats and of passengers.
    """
    line_up(clients, turn, smuggler_of, next_place, first, lines, turns)
    count, taken = fill_boats(
        ordinal, seed, uid, load, launchers, crews, lines, first, waiting, calm, spread, least,
        scale, plan, riders,
    )  # fmt: skip
    weigh_risks(
        ordinal, seed, taxi_share, count, plan, uid, skill, place, leg_of_place, alone, effort,
        handled, safe_load, scale, per_overload, from_waves, launches, boats, taxi, risk[0],
        risk[1],
    )  # fmt: skip
    return count, taken
