"""An enforcement unit: a cell of officers that stands on a leg or works a case."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

from simulation.corridor import Corridor


class UnitKind(IntEnum):
    """What a unit does."""

    BORDER_PATROL = 0
    CHECKPOINT = 1
    COAST_PATROL = 2
    INVESTIGATION = 3


PATROLS = {
    UnitKind.BORDER_PATROL: "border_patrol",
    UnitKind.CHECKPOINT: "checkpoint",
    UnitKind.COAST_PATROL: "coast_patrol",
}


class UnitColumns:
    """One row a unit; arrays (units,).

    Args:
        authority: Index of each unit's authority.
        kind: Kind of each unit.
        uid: Identifier of each unit.
    """

    def __init__(
        self,
        authority: npt.NDArray[np.int16],
        kind: npt.NDArray[np.int8],
        uid: npt.NDArray[np.uint64],
    ) -> None:
        self.authority = authority
        self.kind = kind
        self.uid = uid
        self.leg = np.full(authority.size, -1, dtype=np.int16)
        self.target = np.full(authority.size, -1, dtype=np.int32)  # smuggler under investigation
        self.strength = np.ones(authority.size)  # officers against the usual number


def make_units(corridor: Corridor) -> UnitColumns:
    """The units of every authority, by its staff; no others come later."""
    authority, kind, uid = [], [], []
    for number, name in enumerate([*PATROLS.values(), "investigation"]):
        for row, size in enumerate(corridor.staff[name]):
            for k in range(round(float(size))):
                authority.append(row)
                kind.append(number)
                uid.append((number << 32) | (row << 16) | k)
    return UnitColumns(
        np.array(authority, dtype=np.int16),
        np.array(kind, dtype=np.int8),
        np.array(uid, dtype=np.uint64),
    )
