"""How many people are where and in which state: compiled passes over everyone on the way."""

from __future__ import annotations

import numpy as np

from simulation.agents.migrant import State
from simulation.agents.smuggler import Status
from simulation.compiled import inner, kernel
from simulation.randomness import keyed_word

WAITING, TRAVELLING, DETAINED, QUEUED = (
    int(State.WAITING), int(State.TRAVELLING), int(State.DETAINED), int(State.QUEUED),
)  # fmt: skip
FIRST_FINAL = int(State.ARRIVED_BOAT)
_ACTIVE = int(Status.ACTIVE)
_CAUSES = 8  # room for the ways in which a fact is learnt


@kernel
def count_waiting(
    day: int,
    live: np.ndarray,
    state_of: np.ndarray,
    place_of: np.ndarray,
    smuggler_of: np.ndarray,
    due: np.ndarray,
    status: np.ndarray,
    dark_until: np.ndarray,
    at: np.ndarray,
    present: np.ndarray,
    queue: np.ndarray,
) -> None:
    """Count who waits at each place and for each operator; clients of those gone look again.

    Args:
        day: Today.
        live: Rows of the people on the way.
        state_of: (people,) where each stands.
        place_of: (people,) where each is.
        smuggler_of: (people,) who serves each.
        due: (people,) day on which each does something next; that of clients of those gone is
            today at the latest.
        status: (operators,) who is in business.
        dark_until: (operators,) day until which each lies low.
        at: (operators,) place each works from; a seat is good only where it was promised.
        present: (places,) filled with people who wait or are held.
        queue: (operators,) filled with people who have a seat promised.
    """
    present[:] = 0.0
    queue[:] = 0.0
    for i in range(live.size):
        row = live[i]
        state = state_of[row]
        # a sum without a branch, for nobody could guess who waits
        present[place_of[row]] += int(state == WAITING) + int(state == DETAINED)
        if state == QUEUED:
            operator = smuggler_of[row]
            works = status[operator] == _ACTIVE and dark_until[operator] <= day
            if works and at[operator] == place_of[row]:
                queue[operator] += 1.0
            else:
                due[row] = min(due[row], day)


@kernel
def count_states(
    live: np.ndarray,
    state_of: np.ndarray,
    place_of: np.ndarray,
    ended: np.ndarray,
    present: np.ndarray,
    states: np.ndarray,
) -> None:
    """Count who is at each place and in each state.

    Args:
        live: Rows of the people on the way.
        state_of: (people,) where each stands.
        place_of: (people,) where each is.
        ended: (states,) people whose journey is over.
        present: (places,) filled with people who are there and not travelling.
        states: (states,) filled with people by state.
    """
    present[:] = 0
    waiting, travelling, detained, queued = 0, 0, 0, 0
    for i in range(live.size):
        row = live[i]
        state = state_of[row]
        waiting += state == WAITING
        travelling += state == TRAVELLING
        detained += state == DETAINED
        queued += state == QUEUED
        present[place_of[row]] += state != TRAVELLING
    for state in range(states.size):
        states[state] = ended[state]
    states[WAITING] += waiting
    states[TRAVELLING] += travelling
    states[DETAINED] += detained
    states[QUEUED] += queued


@inner
def list_queued(live: np.ndarray, state_of: np.ndarray, out: np.ndarray) -> int:
    """Fill `out` with the rows of those who have a seat promised; returns how many there are."""
    count = 0
    for i in range(live.size):
        row = live[i]
        if state_of[row] == QUEUED:
            out[count] = row
            count += 1
    return count


@kernel
def drop_finished(live: np.ndarray, state_of: np.ndarray, ended: np.ndarray) -> int:
    """Take out of `live` those whose journey is over, and count them in `ended`.

    Args:
        live: Rows of people; changed.
        state_of: (people,) where each stands.
        ended: (states,) people by final state, added to.

    Returns:
        How many are left, the first entries of `live`.
    """
    n_alive = 0
    for i in range(live.size):
        row = live[i]
        if state_of[row] < FIRST_FINAL:
            live[n_alive] = row
            n_alive += 1
        else:
            ended[state_of[row]] += 1
    return n_alive


@kernel
def write_account_facts(
    ordinal: int,
    accounts: np.ndarray,
    uid: np.ndarray,
    before: int,
    raw: np.ndarray,
    keys: np.ndarray,
) -> None:
    """Write accounts of a day as facts, whose identifiers are of their person and their cause.

    Args:
        ordinal: Today's date as a number.
        accounts: (accounts, 4) rows of authority, operator, how it was learnt, person.
        uid: (people,) identifiers.
        before: Facts that are there already.
        raw: (4, room) authority, operator, kind and host (-1), added to.
        keys: (room,) identifiers, added to.
    """
    for k in range(accounts.shape[0]):
        at = before + k
        raw[0, at], raw[1, at], raw[2, at] = accounts[k, 0], accounts[k, 1], accounts[k, 2]
        raw[3, at] = -1
        cause = ordinal * _CAUSES + accounts[k, 2]
        keys[at] = keyed_word(0, 0, uid[accounts[k, 3]], np.uint64(cause))
