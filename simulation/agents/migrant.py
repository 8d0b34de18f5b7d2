"""A person on the way, and the columns all of them live in."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.compiled import Bools, Floats, Ints, with_room
from simulation.mesa_adapter.rows import NOWHERE, RowAgent, View


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


#: (states,) whether somebody in it is at a place
_AT_A_PLACE = np.isin(list(State), [State.ABSENT, State.TRAVELLING, *FINAL_STATES], invert=True)


class MigrantColumns(NamedTuple):
    """One row a person; all arrays have shape (people,).

    Money is whole euros, so that every fee can be accounted for exactly. Days count from the
    first simulated day. -1 stands for "none" in indices.
    """

    uid: npt.NDArray[np.uint64]  # identifier from entry route, date and ordinal
    entry_day: npt.NDArray[np.int32]
    origin: npt.NDArray[np.int16]
    destination: npt.NDArray[np.int16]
    risk_aversion: Floats  # multiplies believed losses; 1 = average
    funds: Ints  # EUR
    escrow: Ints  # EUR held by a third party
    escrow_leg: npt.NDArray[np.int16]
    paid: Ints  # EUR paid so far
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


#: columns in which -1 stands for "none"
_NONE = {
    "escrow_leg", "place", "leg", "stopped_leg", "joined", "smuggler", "recalled_smuggler",
    "end_day",
}  # fmt: skip


def empty_columns(people: int) -> MigrantColumns:
    """Columns for `people` persons, nobody on the way yet."""
    made = with_room(MigrantColumns, people)
    for name in MigrantColumns._fields:
        getattr(made, name).fill(-1 if name in _NONE else 0)
    return made


class Migrant(RowAgent):
    """A person on the way; every attribute is a view on the person's row."""

    uid = View("migrants")
    entry_day = View("migrants")
    origin = View("migrants")
    destination = View("migrants")
    risk_aversion = View("migrants", cast=float)
    funds = View("migrants")
    escrow = View("migrants")
    escrow_leg = View("migrants")
    paid = View("migrants")
    state = View("migrants", cast=State)
    place = View("migrants")
    leg = View("migrants")
    due = View("migrants")
    tries = View("migrants")
    detours = View("migrants")
    stopped_leg = View("migrants")
    spells = View("migrants")
    earning = View("migrants", cast=bool)
    waited = View("migrants")
    smuggler = View("migrants")
    end_day = View("migrants")
    single_try = View("migrants", cast=bool)

    @classmethod
    def places_of(cls, model: Any, rows: slice | int = slice(None)) -> npt.NDArray[np.integer]:
        """Where people are; those who travel, and those whose journey is over, are at no place."""
        people: MigrantColumns = model.migrants
        return np.where(_AT_A_PLACE[people.state[rows]], people.place[rows], NOWHERE)

    @property
    def on_the_way(self) -> bool:
        """Whether the journey has begun and not ended."""
        return self.state is not State.ABSENT and self.state not in FINAL_STATES
