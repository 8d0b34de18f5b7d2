"""Which launchers send boats, how full, and what a launch costs them, compiled."""

from __future__ import annotations

import numpy as np

from simulation.compiled import kernel
from simulation.processes.sailing import LANDED, Boats
from simulation.processes.tables import PairArrays
from simulation.processes.world import BOAT
from simulation.randomness import Decision, uniform

_LAUNCH, _LOAD = int(Decision.LAUNCH), int(Decision.LOAD)


@kernel
def call_crews(
    ordinal: int,
    seed: int,
    uid: np.ndarray,
    stage: np.ndarray,
    working: np.ndarray,
    teams: np.ndarray,
    boats: np.ndarray,
    waiting: np.ndarray,
    chance: float,
    launchers: np.ndarray,
    crews: np.ndarray,
) -> int:
    """Who launches today, and how many boats at most.

    Args:
        ordinal: Today's date as a number.
        seed: Seed of the replication.
        uid: (operators,) identifiers.
        stage: (operators,) their segments.
        working: (operators,) who works today.
        teams: (operators,) launches a day they can staff.
        boats: (operators,) boats in stock.
        waiting: (operators,) people with a seat promised.
        chance: That a launcher who could launch does.
        launchers: (operators,) filled with their rows, in ascending order.
        crews: (operators,) filled with the boats each can send.

    Returns:
        How many launch.
    """
    count = 0
    for row in range(uid.size):
        if stage[row] != BOAT or not working[row] or waiting[row] == 0 or boats[row] <= 0:
            continue
        if uniform(seed, _LAUNCH, uid[row], ordinal) < chance:
            extra = uniform(seed, _LAUNCH, uid[row], ordinal + (1 << 32))
            launchers[count], crews[count] = row, min(int(teams[row] + extra), boats[row])
            count += 1
    return count


@kernel
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
def book_launches(
    boats: Boats,
    lost: np.ndarray,
    cost: np.ndarray,
    pairs: PairArrays,
    stock: np.ndarray,
    cash: np.ndarray,
    week_cost: np.ndarray,
    pair_of: np.ndarray,
) -> None:
    """Use up boats, pay for launches and note trips and those that failed.

    Args:
        boats: The launches.
        lost: (boats,) whether the boat is gone.
        cost: (boats,) EUR.
        pairs: Trips and stops are raised.
        stock: (operators,) boats in stock, lowered.
        cash: (operators,) EUR, lowered.
        week_cost: (operators,) EUR, raised.
        pair_of: (operators,) work space.
    """
    pair_of[:] = -1
    for pair in range(pairs.smuggler.size):
        pair_of[pairs.smuggler[pair]] = pair
    for boat in range(cost.size):
        launcher = boats.launcher[boat]
        stock[launcher] -= lost[boat]
        cash[launcher] -= cost[boat]
        week_cost[launcher] += cost[boat]
        pair = pair_of[launcher]
        if pair >= 0:
            pairs.trips[pair] += boats.load[boat]
            if boats.fate[boat] != LANDED:
                pairs.stops[pair] += boats.load[boat]
