"""What becomes of a boat and of the people in it, compiled.

A launch can be stopped on the beach, or at sea before people board: some of its people are found,
the others scatter and still have their seat. A boat that leaves can lose people, be brought back,
or arrive.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.migrant import MigrantColumns, State
from simulation.compiled import inner, kernel
from simulation.processes.deals import debrief, pay_for_try, release_escrow
from simulation.processes.movement import after_stop, finish
from simulation.processes.tables import LegCounts, Rules
from simulation.randomness import Decision, uniform

ARRIVED_BOAT, DIED, DETAINED = int(State.ARRIVED_BOAT), int(State.DIED), int(State.DETAINED)
_BEACH_STOP, _FOUND, _BOAT_SEIZED, _SEA_DEATH, _SEA_DEATH_COUNT = (
    int(Decision.BEACH_STOP), int(Decision.FOUND), int(Decision.BOAT_SEIZED),
    int(Decision.SEA_DEATH), int(Decision.SEA_DEATH_COUNT),
)  # fmt: skip
_VICTIM, _SEA_RETURN = int(Decision.VICTIM), int(Decision.SEA_RETURN)

#: keeps occasions at sea apart from those on land
AT_SEA = 1 << 40

#: fates of a boat
STOPPED, BROUGHT_BACK, LANDED = 0, 1, 2


class Boats(NamedTuple):
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


def room_for_boats(size: int) -> Boats:
    """Room for so many launches, still to be filled in."""
    key, (first, load) = np.empty(size, dtype=np.uint64), np.empty((2, size), dtype=np.int64)
    stop_chance, death_chance, return_chance = np.empty((3, size))
    dead, prevented, landed = np.empty((3, size), dtype=np.int64)
    return Boats(
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
def first_boats(boats: Boats, count: int) -> Boats:
    """The first so many launches."""
    return Boats(
        boats.key[:count], boats.launcher[:count], boats.leg[:count], boats.taxi[:count],
        boats.first[:count], boats.load[:count], boats.stop_chance[:count],
        boats.death_chance[:count], boats.return_chance[:count], boats.fate[:count],
        boats.dead[:count], boats.prevented[:count], boats.landed[:count], boats.seized[:count],
    )  # fmt: skip


class SeaRules(NamedTuple):
    """The numbers of a crossing, from the parameter records."""

    found_share: float  # of the people of a launch stopped on the beach, who are found
    seizure_chance: float  # of its boat
    found_at_sea: float  # of the people of a boat stopped before they board, who are found
    seizure_at_sea: float  # of that boat
    death_tail: float  # exponent of the Pareto tail of deaths in one disaster
    death_cap: float  # largest share of a boat's people lost
    scale: float  # agents per person
    arrival_authority: int  # who talks to people who land
    beach_authority: npt.NDArray[np.int16]  # (legs,) who stops launches


@kernel
def deaths_in_disaster(u: float, rules: SeaRules, load: int, rounding: float) -> int:
    """Agents who die in a disaster: a Pareto tail cut off at a share of the boat's people.

    Args:
        u: Draw that sets the size.
        rules: The numbers.
        load: Agents aboard.
        rounding: Draw that rounds people to agents without bias.

    Returns:
        Agents who die; 0 is possible only where an agent stands for more than one person.
    """
    people = np.floor(u ** (-1.0 / rules.death_tail))
    people = min(people, max(1.0, np.floor(rules.death_cap * load / rules.scale)))
    agents = people * rules.scale
    return min(load, int(agents + rounding))


@inner
def unluckiest(ordinal: int, seed: int, passengers: np.ndarray, m: MigrantColumns) -> int:
    """The passenger still alive with the lowest draw."""
    found, lowest = -1, 2.0
    for row in passengers:
        if m.state[row] != DIED:
            luck = uniform(seed, _VICTIM, m.uid[row], ordinal)
            if luck < lowest:
                found, lowest = row, luck
    return found


@kernel
def sail(
    day: int,
    ordinal: int,
    seed: int,
    riders: np.ndarray,
    boats: Boats,
    m: MigrantColumns,
    counts: LegCounts,
    rules: Rules,
    sea: SeaRules,
    yields: np.ndarray,
    revenue: np.ndarray,
    money: np.ndarray,
    facts: np.ndarray,
) -> int:
    """Let every boat of the day be stopped, come back, lose people or land.

    Args:
        day: Today.
        ordinal: Today's date as a number; the same boats on the same date fare alike in every run.
        seed: Seed of the replication.
        riders: Rows of passengers, boat by boat (`Boats.first`, `Boats.load`).
        boats: The launches; fates are filled in.
        m: The people.
        counts: Counts by leg, added to.
        rules: The migrant's numbers.
        sea: The crossing's numbers.
        yields: (authorities,) chance that one account gives a fact that can be used.
        revenue: (operators,) EUR received today, added to.
        money: (3,) EUR paid, received by operators, given back; added to.
        facts: (room, 4) what was learnt today.

    Returns:
        Number of facts.
    """
    n_facts = 0
    for b in range(boats.key.size):
        launcher, leg, load = boats.launcher[b], boats.leg[b], boats.load[b]
        passengers = riders[boats.first[b] : boats.first[b] + load]
        counts.departures[leg] += load
        for row in passengers:
            m.leg[row] = leg
        if uniform(seed, _BEACH_STOP, boats.key[b], ordinal) < boats.stop_chance[b]:
            boats.fate[b] = STOPPED
            seizure = sea.seizure_at_sea if boats.taxi[b] else sea.seizure_chance
            found = sea.found_at_sea if boats.taxi[b] else sea.found_share
            boats.seized[b] = uniform(seed, _BOAT_SEIZED, boats.key[b], ordinal) < seizure
            for row in passengers:
                if uniform(seed, _FOUND, m.uid[row], ordinal) >= found:
                    continue
                boats.prevented[b] += 1
                counts.stops[leg] += 1
                pay_for_try(row, m, revenue, money)
                m.smuggler[row] = -1
                after_stop(row, day, seed, m, rules, money)
                n_facts = debrief(
                    row, sea.beach_authority[leg], launcher, AT_SEA + 2 * ordinal, seed, m, yields,
                    rules, facts, n_facts,
                )  # fmt: skip
            continue

        if uniform(seed, _SEA_DEATH, boats.key[b], ordinal) < boats.death_chance[b]:
            size = uniform(seed, _SEA_DEATH_COUNT, boats.key[b], ordinal)
            rounding = uniform(seed, _SEA_DEATH_COUNT, boats.key[b], ordinal + (1 << 32))
            boats.dead[b] = deaths_in_disaster(size, sea, load, rounding)
            for _ in range(boats.dead[b]):
                row = unluckiest(ordinal, seed, passengers, m)
                counts.deaths[leg] += 1
                pay_for_try(row, m, revenue, money)
                finish(row, DIED, day, m, money)

        back = uniform(seed, _SEA_RETURN, boats.key[b], ordinal) < boats.return_chance[b]
        boats.fate[b] = BROUGHT_BACK if back else LANDED
        for row in passengers:
            if m.state[row] == DIED:
                continue
            if back:
                boats.prevented[b] += 1
                counts.stops[leg] += 1
                pay_for_try(row, m, revenue, money)
                m.smuggler[row] = -1
                after_stop(row, day, seed, m, rules, money)
                continue
            boats.landed[b] += 1
            counts.arrivals[leg] += 1
            release_escrow(row, m, revenue, money)
            m.smuggler[row] = -1
            finish(row, ARRIVED_BOAT, day, m, money)
            n_facts = debrief(
                row, sea.arrival_authority, launcher, AT_SEA + 2 * ordinal + 1, seed, m, yields,
                rules, facts, n_facts,
            )  # fmt: skip
    return n_facts
