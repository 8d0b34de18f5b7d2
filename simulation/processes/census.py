"""Who is where: compiled passes over everyone on the way."""

from __future__ import annotations

import numpy as np

from simulation.agents.migrant import MigrantColumns, State
from simulation.compiled import kernel

WAITING, TRAVELLING, DETAINED, QUEUED = (
    int(State.WAITING), int(State.TRAVELLING), int(State.DETAINED), int(State.QUEUED),
)  # fmt: skip
FIRST_FINAL = int(State.ARRIVED_BOAT)


@kernel
def count_morning(
    day: int,
    live: np.ndarray,
    m: MigrantColumns,
    at_work: np.ndarray,
    at: np.ndarray,
    present: np.ndarray,
    queue: np.ndarray,
) -> None:
    """Count who waits at each place and for each operator; clients of those gone look again.

    Args:
        day: Today.
        live: Rows of the people on the way.
        m: The people.
        at_work: (operators,) whether an operator is in business.
        at: (operators,) place each works from; a seat is good only where it was promised.
        present: (places,) filled with people who wait or are held.
        queue: (operators,) filled with people who have a seat promised.
    """
    present[:] = 0.0
    queue[:] = 0.0
    for i in range(live.size):
        row = live[i]
        state = m.state[row]
        # a sum without a branch, for nobody could guess who waits
        present[m.place[row]] += int(state == WAITING) + int(state == DETAINED)
        if state == QUEUED:
            operator = m.smuggler[row]
            if at_work[operator] and at[operator] == m.place[row]:
                queue[operator] += 1.0
            else:
                m.due[row] = min(m.due[row], day)


@kernel
def count_evening(
    live: np.ndarray, m: MigrantColumns, present: np.ndarray, states: np.ndarray
) -> None:
    """Count who is at each place and in each state.

    Args:
        live: Rows of the people on the way.
        m: The people.
        present: (places,) filled with people who are there and not travelling.
        states: (states,) filled with people by state.
    """
    present[:] = 0
    waiting, travelling, detained, queued = 0, 0, 0, 0
    for i in range(live.size):
        row = live[i]
        state = m.state[row]
        waiting += state == WAITING
        travelling += state == TRAVELLING
        detained += state == DETAINED
        queued += state == QUEUED
        present[m.place[row]] += state != TRAVELLING
    states[:] = 0
    states[WAITING], states[TRAVELLING] = waiting, travelling
    states[DETAINED], states[QUEUED] = detained, queued


@kernel
def list_queued(live: np.ndarray, m: MigrantColumns, out: np.ndarray) -> int:
    """Fill `out` with the rows of those who have a seat promised; returns how many there are."""
    count = 0
    for i in range(live.size):
        row = live[i]
        if m.state[row] == QUEUED:
            out[count] = row
            count += 1
    return count


@kernel
def keep_living(live: np.ndarray, m: MigrantColumns, ended: np.ndarray) -> int:
    """Take out of `live` those whose journey is over, and count them in `ended`, (states,).

    Returns:
        How many are left, the first entries of `live`.
    """
    kept = 0
    for i in range(live.size):
        row = live[i]
        if m.state[row] < FIRST_FINAL:
            live[kept] = row
            kept += 1
        else:
            ended[m.state[row]] += 1
    return kept
