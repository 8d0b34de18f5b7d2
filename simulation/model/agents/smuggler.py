"""A smuggling operator: a cell of a few people that works one stage of the corridor."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulation.compiled import Bools


class Role(IntEnum):
    """What an operator does. Organisers are few, helpers many (Campana 2018)."""

    BROKER = 0
    GUIDE = 1
    DRIVER = 2
    SAFE_HOUSE_KEEPER = 3
    FINANCIER = 4
    LAUNCHER = 5
    BOAT_SUPPLIER = 6


ORGANISERS = (Role.BROKER, Role.FINANCIER)

#: in place of the row of a successor: nobody takes over, or somebody will
NO_HEIR, HEIR_TO_COME = -1, -2


class Status(IntEnum):
    """Whether an operator works."""

    ACTIVE = 0
    DISRUPTED = 1  # out for some days, for a helper was caught in the act
    RETIRED = 2
    HELD = 3  # arrested on a case or in a raid, until its time away ends or a successor takes over


#: in place of the day somebody comes back: out of the trade for good
NEVER_BACK = np.iinfo(np.int32).max


_TYPES: dict[str, type[np.number[Any]]] = {
    "uid": np.uint64,
    "role": np.int8,
    "stage": np.int8,
    "place": np.int16,  # where it works from
    "chain": np.int8,  # by which a supplier brings boats, -1 for others
    "organiser": np.int32,  # row of the organiser it works for, -1 if none
    "heir": np.int32,  # row of the successor, NO_HEIR or HEIR_TO_COME
    "status": np.int8,
    "until": np.int32,  # day a disruption ends
    "back": np.int32,  # day those arrested come back, NEVER_BACK if they do not
    "search": np.float64,  # days left of looking for a successor
    "dark_until": np.int32,  # day it stops lying low after a leak
    "listed_until": np.int32,  # day a listed operator has a proxy; 0 if it was never listed
    "skill": np.float64,  # multiplies the chance of being stopped; below 1 = better
    "able": np.float64,  # the skill it comes to have with time
    "capacity": np.float64,  # people a day that it can carry
    "missing": np.float64,  # people a day that arrests removed, not made good yet
    "missing_teams": np.float64,  # the same in launches a day (launchers)
    "level": np.float64,  # its fee against the usual one of its segment
    "fee": np.float64,  # EUR a person
    "cost": np.float64,  # EUR a person carried
    "reputation": np.float64,  # share of recent clients brought through
    "cash": np.float64,  # EUR
    "load": np.float64,  # people aimed at per boat (launchers)
    "teams": np.float64,  # launches a day it can staff (launchers)
    "boats": np.int32,  # boats in stock (launchers)
    "ordered": np.int32,  # boats on the way to it (launchers)
    "use": np.float64,  # smoothed share of capacity asked for
    "profit_rate": np.float64,  # smoothed EUR a week
    "week_revenue": np.int64,
    "week_cost": np.float64,
    "week_trips": np.int64,
    "week_losses": np.int64,
}


#: one operator, as a row of `SmugglerColumns.rows`
_ROW = np.dtype((np.record, np.dtype(list(_TYPES.items()), align=True)))


class SmugglerColumns:
    """One row an operator, growing as operators enter the market; arrays (operators,).

    The columns are attributes by the names of `_TYPES`, all of them views on `rows`, the table that
    compiled code takes, where they have the same names. A new operator makes new ones, so a column
    must not be kept across a birth.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> npt.NDArray[Any]: ...

    def __init__(self) -> None:
        self._hold(np.zeros(0, dtype=_ROW), 0)

    def __setstate__(self, state: Mapping[str, object]) -> None:
        self.__dict__.update(state)
        # the very type of `_ROW`, or Numba compares the two field by field at each call
        self._hold(self._room.view(_ROW), self.count)

    def _hold(self, room: npt.NDArray[np.void], count: int) -> None:
        """Make the first `count` rows of a table the operators."""
        self._room, self.count, self.rows = room, count, room[:count]
        self.__dict__.update({name: self.rows[name] for name in _TYPES})

    def append(self, **values: Any) -> npt.NDArray[np.intp]:
        """Add operators; each value is an array (new,) or a scalar, 0 if not given.

        Returns:
            Their rows.
        """
        before, room = self.count, self._room
        count = before + max(getattr(value, "size", 1) for value in values.values())
        if count > room.size:
            room = np.zeros(2 * count, dtype=_ROW)
            room[:before] = self.rows
        for name, value in values.items():
            room[name][before:count] = value
        self._hold(room, count)
        return np.arange(before, count)

    def hold(self, row: int, back: int) -> None:
        """Have an operator stop until a day: those arrested come back, or a successor has begun."""
        self.status[row] = Status.HELD
        self.back[row] = back

    def retire(self, row: int) -> None:
        """Have an operator leave the market for good."""
        self.status[row] = Status.RETIRED

    def go_dark(self, row: int, until: int) -> None:
        """Have an operator lie low until a day, after it hears of an investigation."""
        self.dark_until[row] = max(self.dark_until[row], until)


def at_work(smugglers: SmugglerColumns, day: int) -> Bools:
    """Who is neither held, retired nor lying low on a day, (operators,)."""
    return (smugglers.status == Status.ACTIVE) & (smugglers.dark_until <= day)


def lies_low(smugglers: SmugglerColumns, day: int) -> Bools:
    """Who is in business and lies low on a day, (operators,)."""
    return (smugglers.status == Status.ACTIVE) & (smugglers.dark_until > day)
