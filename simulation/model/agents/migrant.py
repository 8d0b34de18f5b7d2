"""A person on the way, and the columns all of them live in."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.compiled import Bools, Floats, zeros


class State(IntEnum):
    """Where a person stands. Everyone who entered is in exactly one state."""

    ABSENT = 0  # has not set out
    WAITING = 1
    TRAVELLING = 2
    DETAINED = 3
    QUEUED = 4  # has a seat promised in a boat
    ARRIVED_BOAT = 5
    ARRIVED_LORRY = 6
    SETTLED = 7  # in a country other than the UK
    RETURNED = 8
    DIED = 9
    ADMITTED = 10  # came to the UK legally, in return for somebody who was returned


#: states that end the journey
FINAL_STATES = (
    State.ARRIVED_BOAT,
    State.ARRIVED_LORRY,
    State.SETTLED,
    State.RETURNED,
    State.DIED,
    State.ADMITTED,
)


class MigrantColumns(NamedTuple):
    """One row a person; all arrays have shape (people,).

    Money is whole euros, so that every fee can be accounted for exactly. Days count from the
    first simulated day. -1 stands for "none" in indices, once somebody has set out: before, all but
    identifier, day and place of entry, origin, destination, means and nerve is 0.
    """

    uid: npt.NDArray[np.uint64]  # identifier from entry route, date and ordinal
    entry_day: npt.NDArray[np.int32]
    origin: npt.NDArray[np.int16]
    destination: npt.NDArray[np.int16]
    risk_aversion: Floats  # multiplies believed losses; 1 = average
    funds: npt.NDArray[np.int32]  # EUR
    escrow: npt.NDArray[np.int32]  # EUR held by a third party
    escrow_leg: npt.NDArray[np.int16]
    paid: npt.NDArray[np.int32]  # EUR paid so far
    state: npt.NDArray[np.int8]
    place: npt.NDArray[np.int16]
    leg: npt.NDArray[np.int16]
    due: npt.NDArray[np.int32]  # day of the next event
    tries: npt.NDArray[np.int16]  # failed attempts at this place
    detours: npt.NDArray[np.int16]  # sideways moves, so that no occasion comes twice
    stopped_leg: npt.NDArray[np.int16]  # leg of the last stop
    spells: npt.NDArray[np.int16]  # spells of work to earn a fee
    earning: Bools  # in such a spell, which is paid at its end
    waited: npt.NDArray[np.int16]  # days waited in vain for an operator at this place
    joined: npt.NDArray[np.int32]  # day a seat was promised
    smuggler: npt.NDArray[np.int32]  # who serves this leg
    recalled_smuggler: npt.NDArray[np.int32]  # one of all so far, whom the person can name
    legs_served: npt.NDArray[np.int16]  # legs done with an operator
    end_day: npt.NDArray[np.int32]
    single_try: Bools  # what is held is for one try, not until arrival


#: columns that never change
FIXED = ("uid", "entry_day", "origin", "risk_aversion")


def empty_columns(people: int) -> MigrantColumns:
    """Columns for `people` persons, nobody on the way yet."""
    return zeros(MigrantColumns, people)
