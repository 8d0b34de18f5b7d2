"""An enforcement unit: a cell of officers that stands on a leg or works a case."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.agents.smuggler import Smuggler
from simulation.corridor import Corridor
from simulation.mesa_adapter.rows import NOWHERE, RowAgent, View


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


class EnforcementUnit(RowAgent):
    """A unit of an authority; its attributes are views on its row."""

    authority = View("units")
    kind = View("units", cast=UnitKind)
    leg = View("units")
    target = View("units")
    strength = View("units", cast=float)

    @classmethod
    def places_of(cls, model: Any, rows: slice | int = slice(None)) -> npt.NDArray[np.integer]:
        """Where the legs begin on which units stand, or where the operator under investigation is.

        A team without a case is at no place.
        """
        units: UnitColumns = model.units
        legs, targets = units.leg[rows], units.target[rows]
        suspects = np.append(Smuggler.places_of(model), NOWHERE)[targets]
        return np.where(legs >= 0, model.world.ground.origin[legs], suspects)
