"""What the launches of a day risk, what becomes of them and of the people aboard, compiled.

A launch can be stopped on the beach, or at sea before people board: some of its people are found,
the others scatter and still have their seat. A boat that leaves can lose people, be brought back,
or arrive.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.migrant import MigrantColumns, State
from simulation.chain import NOWHERE, link
from simulation.compiled import inner, kernel
from simulation.parameters import Parameters
from simulation.processes.contracts import PeopleToday, debrief, pay_for_try, release_escrow
from simulation.processes.movement import after_stop, finish
from simulation.processes.state_counts import drop_finished
from simulation.processes.tables import LegCounts
from simulation.randomness import Decision, uniform

ARRIVED_BOAT, DIED, DETAINED = int(State.ARRIVED_BOAT), int(State.DIED), int(State.DETAINED)
_BEACH_STOP, _FOUND, _BOAT_SEIZED, _SEA_DEATH, _SEA_DEATH_COUNT = (
    int(Decision.BEACH_STOP), int(Decision.FOUND), int(Decision.BOAT_SEIZED),
    int(Decision.SEA_DEATH), int(Decision.SEA_DEATH_COUNT),
)  # fmt: skip
_VICTIM, _SEA_RETURN = int(Decision.VICTIM), int(Decision.SEA_RETURN)
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
    taxi: npt.NDArray[np.bool_]  # picks its people up from the water
    first: npt.NDArray[np.int64]  # first passenger in the list of rows
    load: npt.NDArray[np.int64]  # agents
    stop_chance: npt.NDArray[np.float64]
    death_chance: npt.NDArray[np.float64]  # that somebody dies
    return_chance: npt.NDArray[np.float64]  # that it is rescued or turns back
    fate: npt.NDArray[np.int8]
    dead: npt.NDArray[np.int64]  # agents
    prevented: npt.NDArray[np.int64]  # agents found on the beach or brought back
    landed: npt.NDArray[np.int64]  # agents
    seized: npt.NDArray[np.bool_]

    @staticmethod
    def with_room(size: int) -> Launches:
        """Room for so many launches, still to be filled in."""
        key, (first, load) = np.empty(size, dtype=np.uint64), np.empty((2, size), dtype=np.int64)
        stop_chance, death_chance, return_chance = np.empty((3, size))
        dead, prevented, landed = np.empty((3, size), dtype=np.int64)
        return Launches(
            key=key,
            launcher=np.empty(size, dtype=np.int32),
            leg=np.empty(size, dtype=np.int16),
            taxi=np.empty(size, dtype=bool),
            first=first,
            load=load,
            stop_chance=stop_chance,
            death_chance=death_chance,
            return_chance=return_chance,
            fate=np.empty(size, dtype=np.int8),
            dead=dead,
            prevented=prevented,
            landed=landed,
            seized=np.empty(size, dtype=bool),
        )


@inner
def first_boats(boats: Launches, count: int) -> Launches:
    """The first so many launches."""
    return Launches(
        boats.key[:count], boats.launcher[:count], boats.leg[:count], boats.taxi[:count],
        boats.first[:count], boats.load[:count], boats.stop_chance[:count],
        boats.death_chance[:count], boats.return_chance[:count], boats.fate[:count],
        boats.dead[:count], boats.prevented[:count], boats.landed[:count], boats.seized[:count],
    )  # fmt: skip


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
def unluckiest(passengers: np.ndarray, today: PeopleToday) -> int:
    """The passenger still alive with the lowest draw."""
    found, lowest = -1, 2.0
    for row in passengers:
        if today.m.state[row] != DIED:
            luck = uniform(today.seed, _VICTIM, today.m.uid[row], today.ordinal)
            if luck < lowest:
                found, lowest = row, luck
    return found


@inner
def prevent(row: int, boat: int, boats: Launches, counts: LegCounts, today: PeopleToday) -> None:
    """Somebody is found on the beach or brought back."""
    boats.prevented[boat] += 1
    counts.stops[boats.leg[boat]] += 1
    pay_for_try(row, today)
    today.m.smuggler[row] = -1
    after_stop(row, today)


@kernel
def sail(
    riders: np.ndarray, boats: Launches, counts: LegCounts, coast: Coast, today: PeopleToday
) -> int:
    """Let every boat of the day be stopped, come back, lose people or land.

    The same boats on the same date fare alike in every run.

    Args:
        riders: Rows of passengers, boat by boat (`Launches.first`, `Launches.load`).
        boats: The launches; fates are filled in.
        counts: Counts by leg, added to.
        coast: Who stops launches and who talks to people.
        today: The people.

    Returns:
        Number of facts from accounts.
    """
    m, channel, ordinal, seed = today.m, today.parameters.channel, today.ordinal, today.seed
    n_accounts = 0
    for b in range(boats.key.size):
        launcher, leg, load = boats.launcher[b], boats.leg[b], boats.load[b]
        passengers = riders[boats.first[b] : boats.first[b] + load]
        counts.departures[leg] += load
        for row in passengers:
            m.leg[row] = leg
        if uniform(seed, _BEACH_STOP, boats.key[b], ordinal) < boats.stop_chance[b]:
            boats.fate[b] = STOPPED
            seizure = channel.seizure_at_sea if boats.taxi[b] else channel.seizure_chance
            found = channel.found_at_sea if boats.taxi[b] else channel.found_share
            boats.seized[b] = uniform(seed, _BOAT_SEIZED, boats.key[b], ordinal) < seizure
            for row in passengers:
                if uniform(seed, _FOUND, m.uid[row], ordinal) >= found:
                    continue
                prevent(row, b, boats, counts, today)
                talk = AT_SEA + 2 * ordinal
                n_accounts = debrief(
                    row, coast.beach_authority[leg], launcher, talk, today, n_accounts
                )
            continue

        if uniform(seed, _SEA_DEATH, boats.key[b], ordinal) < boats.death_chance[b]:
            size = uniform(seed, _SEA_DEATH_COUNT, boats.key[b], ordinal)
            rounding = uniform(seed, _SEA_DEATH_COUNT, boats.key[b], ordinal + (1 << 32))
            boats.dead[b] = deaths_in_disaster(size, today.parameters, coast.scale, load, rounding)
            for _ in range(boats.dead[b]):
                row = unluckiest(passengers, today)
                counts.deaths[leg] += 1
                pay_for_try(row, today)
                finish(row, DIED, today)

        back = uniform(seed, _SEA_RETURN, boats.key[b], ordinal) < boats.return_chance[b]
        boats.fate[b] = BROUGHT_BACK if back else LANDED
        for row in passengers:
            if m.state[row] == DIED:
                continue
            if back:
                prevent(row, b, boats, counts, today)
                continue
            boats.landed[b] += 1
            counts.arrivals[leg] += 1
            release_escrow(row, today)
            m.smuggler[row] = -1
            finish(row, ARRIVED_BOAT, today)
            talk = AT_SEA + 2 * ordinal + 1
            n_accounts = debrief(row, coast.arrival_authority, launcher, talk, today, n_accounts)
    return n_accounts


@inner
def set_chances(
    taxi: np.ndarray,
    risk: np.ndarray,
    back: float,
    at_sea: np.ndarray,
    danger_of_length: np.ndarray,
    coast: Coast,
    parameters: Parameters,
    links: np.ndarray,
    boats: Launches,
) -> None:
    """Chances of every launch. Boats that pick people up from the water can be met there.

    They are stopped before people board, or intercepted with people aboard. Crews who fear this
    hurry, so that either makes a crossing more dangerous.

    Args:
        taxi: (boats or more,) which pick people up from the water.
        risk: (2, boats) `weigh_risks` as powers of e: the chance of not being stopped, and danger.
        back: Chance that a boat is rescued or turns back.
        at_sea: (legs,) chance that one is stopped before it picks people up from the water.
        danger_of_length: (legs,) danger of a crossing so long against one of the usual length.
        coast: Who stops launches.
        parameters: What is assumed.
        links: (links, authorities + 1) today's counts of the chain, added to.
        boats: The launches; chances are filled in.
    """
    channel = parameters.channel
    intercept = channel.taxi_intercept
    for b in range(boats.key.size):
        leg = boats.leg[b]
        boats.taxi[b] = taxi[b]
        boats.stop_chance[b], boats.return_chance[b] = 1.0 - risk[0, b], back
        met = boats.stop_chance[b]
        if taxi[b]:
            boats.return_chance[b] = 1.0 - (1.0 - back) * (1.0 - intercept)
            boats.stop_chance[b] = at_sea[leg]
            met = intercept + (1.0 - intercept) * at_sea[leg]
            links[_TAXIS, coast.beach_authority[leg]] += 1
        danger = channel.death_base * risk[1, b] * (1.0 + channel.death_contested * met)
        danger *= danger_of_length[leg]
        boats.death_chance[b] = min(danger, 1.0)


class Bookings(NamedTuple):
    """Whom and where launches are booked to, and work space."""

    smuggler: npt.NDArray[np.int32]  # (pairs,) operator of each pair of an operator and a leg
    trips: npt.NDArray[np.int64]  # (pairs,) people who set out today, raised
    stops: npt.NDArray[np.int64]  # (pairs,) those of them who did not get through, raised
    stock: npt.NDArray[np.int32]  # (operators,) boats in stock, lowered
    cash: npt.NDArray[np.float64]  # (operators,) EUR, lowered
    week_cost: npt.NDArray[np.float64]  # (operators,) EUR, raised
    links: npt.NDArray[np.float64]  # (links, authorities + 1) today's counts, added to
    pair_of: npt.NDArray[np.int64]  # (operators,) work space
    launches: npt.NDArray[np.int16]  # (legs,) launches today, raised
    halted: npt.NDArray[np.int16]  # (legs,) those of them stopped before they left, raised
    cost: npt.NDArray[np.float64]  # (boats,) filled with EUR


@inner
def book_launches(
    boats: Launches, launch_cost: float, retry_cost: float, books: Bookings, coast: Coast
) -> tuple[int, int, int]:
    """Use up boats, pay for launches and note trips and those that failed.

    Args:
        boats: The launches.
        launch_cost: EUR of a launch whose boat is gone.
        retry_cost: EUR of one whose boat is still there.
        books: Where all is booked.
        coast: Who stops launches.

    Returns:
        Boats that landed people, boats seized, and people prevented.
    """
    links = books.links
    landed, seized, prevented = 0, 0, 0
    books.pair_of[:] = -1
    for pair in range(books.smuggler.size):
        books.pair_of[books.smuggler[pair]] = pair
    for boat in range(boats.key.size):
        launcher = boats.launcher[boat]
        lost = boats.fate[boat] != STOPPED or boats.seized[boat]
        books.cost[boat] = launch_cost if lost else retry_cost
        books.stock[launcher] -= int(lost)
        landed += boats.fate[boat] == LANDED and boats.landed[boat] > 0
        seized += boats.seized[boat]
        prevented += boats.prevented[boat]
        beach = coast.beach_authority[boats.leg[boat]]
        books.launches[boats.leg[boat]] += 1
        links[_TRIED, beach] += 1
        links[_SEIZED, beach] += boats.seized[boat]
        links[_PREVENTED, beach] += boats.prevented[boat]
        links[_ARRIVALS, _NOWHERE] += boats.landed[boat]
        if boats.fate[boat] == STOPPED:
            books.halted[boats.leg[boat]] += 1
            links[_HALTED, beach] += 1
            links[_SCATTERED, beach] += boats.load[boat] - boats.prevented[boat]
        books.cash[launcher] -= books.cost[boat]
        books.week_cost[launcher] += books.cost[boat]
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
    day: int,
    ordinal: int,
    seed: int,
    count: int,
    riders: np.ndarray,
    taxi: np.ndarray,
    risk: np.ndarray,
    back: float,
    at_sea: np.ndarray,
    danger_of_length: np.ndarray,
    packed_parameters: np.ndarray,
    coast: Coast,
    account_yield: np.ndarray,
    revenue: np.ndarray,
    money: np.ndarray,
    accounts: np.ndarray,
    launch_cost: float,
    books: Bookings,
    live: np.ndarray,
    ended: np.ndarray,
    *columns: np.ndarray,
) -> tuple[int, int, int, int, int]:
    """The day of `count` launches: `set_chances`, `sail`, `book_launches` and `drop_finished`.

    Columns of the people, of the launches, (count or more,), and of counts by leg come one by one
    in the order of these tables: a table takes three times as long to hand over.

    Returns:
        Number of facts from accounts, boats that landed people, boats seized, people prevented, and
        how many are still on the way.
    """
    m = MigrantColumns(*columns[:_MIGRANTS])
    boats = first_boats(Launches(*columns[_MIGRANTS:_BOATS]), count)
    counts = LegCounts(*columns[_BOATS:])
    today = PeopleToday(
        day, ordinal, seed, packed_parameters[0], m, revenue, money, account_yield, accounts
    )
    channel = today.parameters.channel
    set_chances(
        taxi, risk, back, at_sea, danger_of_length, coast, today.parameters, books.links, boats
    )
    learnt = sail(riders, boats, counts, coast, today)
    retry_cost = channel.launch_cost * channel.retry_cost_share
    landed, seized, prevented = book_launches(boats, launch_cost, retry_cost, books, coast)
    return learnt, landed, seized, prevented, drop_finished(live, m.state, ended)
