"""People, operators, units and authorities as Mesa agents; their columns are in `model/agents`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.compiled import Floats
from simulation.model.agents.migrant import FINAL_STATES, MigrantColumns, State
from simulation.model.agents.smuggler import Role, SmugglerColumns, Status
from simulation.model.agents.unit import UnitColumns, UnitKind
from simulation.model.mesa_adapter.rows import NOWHERE, RowAgent, View

#: (states,) whether somebody in it is at a place
_AT_A_PLACE = np.isin(list(State), [State.ABSENT, State.TRAVELLING, *FINAL_STATES], invert=True)


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


class Smuggler(RowAgent):
    """An operator; its attributes are views on its row."""

    uid = View("smugglers")
    role = View("smugglers", cast=Role)
    stage = View("smugglers")
    place = View("smugglers")
    organiser = View("smugglers")
    status = View("smugglers", cast=Status)
    until = View("smugglers")
    back = View("smugglers")
    dark_until = View("smugglers")
    listed_until = View("smugglers")
    skill = View("smugglers", cast=float)
    capacity = View("smugglers", cast=float)
    missing = View("smugglers", cast=float)
    fee = View("smugglers", cast=float)
    reputation = View("smugglers", cast=float)
    cash = View("smugglers", cast=float)
    load = View("smugglers", cast=float)
    boats = View("smugglers")

    @classmethod
    def places_of(cls, model: Any, rows: slice | int = slice(None)) -> npt.NDArray[np.integer]:
        """Where operators work from; those who have left the trade are at no place."""
        operators: SmugglerColumns = model.smugglers
        return np.where(operators.status[rows] == Status.RETIRED, NOWHERE, operators.place[rows])


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


class Authority(RowAgent):
    """An authority, with its own row of what all know; it is at no place."""

    @classmethod
    def places_of(cls, model: Any, rows: slice | int = slice(None)) -> npt.NDArray[np.integer]:
        """No place for any."""
        return np.asarray(np.full(len(model.authorities), NOWHERE)[rows])

    @property
    def code(self) -> str:
        """Its code (`RS`, `UK-CI`)."""
        return str(self.model.authorities[self.row].code)

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.model.authorities[self.row].name)

    @property
    def evidence(self) -> Floats:
        """Evidence on each operator by source, (operators, sources)."""
        evidence: Floats = self.model.authorities[self.row].evidence
        return evidence

    @property
    def activity(self) -> Floats:
        """Crossings a day it expects on each leg, (legs,)."""
        activity: Floats = self.model.authorities[self.row].activity
        return activity

    @property
    def units(self) -> list[RowAgent]:
        """Its units."""
        rows = np.flatnonzero(self.model.units.authority == self.row)
        return list(self.model.agents_by_row.of(EnforcementUnit, rows))
