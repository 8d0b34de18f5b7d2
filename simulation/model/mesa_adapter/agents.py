"""People, operators, units and authorities as Mesa agents: views on rows of the model's columns.

Any Mesa user expects agents, but their numbers live in arrays, over which the compiled day runs.
Agents are made when somebody looks at them. The columns are in `simulation/model/agents`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import mesa
import numpy as np
import numpy.typing as npt

from simulation.compiled import Floats
from simulation.errors import InputError, closest
from simulation.model.agents.migrant import FINAL_STATES, MigrantColumns, State
from simulation.model.agents.smuggler import Role, SmugglerColumns, Status
from simulation.model.agents.unit import UnitColumns, UnitKind

if TYPE_CHECKING:
    from simulation.model.mesa_adapter.space import PlaceCell

#: in place of a place: the agent is at none
NOWHERE = -1
#: (states,) whether somebody in it is at a place, and whether somebody is on the way
_AT_A_PLACE = np.isin(list(State), [State.ABSENT, State.TRAVELLING, *FINAL_STATES], invert=True)
_ON_THE_WAY = np.isin(list(State), [State.ABSENT, *FINAL_STATES], invert=True)


class View:
    """An attribute that reads and writes one cell of a column, of the attribute's own name.

    Args:
        table: Name of the model's attribute that holds the columns.
        cast: What a reader gets (an int, a float, a bool, an enumeration).
    """

    def __init__(self, table: str, cast: type = int) -> None:
        self.table = table
        self.cast = cast

    def __set_name__(self, owner: type, name: str) -> None:
        self.column = name

    def __get__(self, agent: Any, owner: type) -> Any:
        if agent is None:
            return self
        return self.cast(getattr(getattr(agent.model, self.table), self.column)[agent.row])

    def __set__(self, agent: Any, value: Any) -> None:
        getattr(getattr(agent.model, self.table), self.column)[agent.row] = value


class RowAgent(mesa.Agent):
    """A Mesa agent that stands for one row of its model's columns.

    It has the attributes of its kind and no others. `remove()` does what
    `Crossings.deregister_agent` says. A copy of an agent is the agent of the same row in a copy of
    its model.

    Args:
        model: The model that owns the columns.
        row: Row of the agent.
    """

    # fixed places: nobody needs a table of attributes
    __slots__ = ("model", "row")
    model: Any
    row: int
    current_action = None  # Mesa 4 asks for it when an agent is removed

    def __init__(self, model: Any, row: int) -> None:
        # Mesa's own would register the agent, and the model reads its agents from the columns
        self.model, self.row = model, row

    @property
    def unique_id(self) -> int:
        """Its identifier in the model, 1 or more."""
        return 1 + self.row * len(KINDS) + KINDS.index(type(self))

    def __setattr__(self, name: str, value: Any) -> None:
        kind = type(self)
        if not hasattr(kind, name):
            columns = [one for one in dir(kind) if isinstance(getattr(kind, one), View)]
            meant = closest(name, columns)
            hint = f'; did you mean "{meant}"?' if meant else ""
            raise AttributeError(f"{kind.__name__} has no attribute {name!r}{hint}")
        object.__setattr__(self, name, value)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return agent_of, (self.model, type(self), self.row)

    __copy__ = copy.deepcopy

    def step(self) -> NoReturn:
        """Refuse: the day of all agents is a step of the model.

        Raises:
            InputError: Always.
        """
        raise InputError(
            f"{type(self).__name__} has no step of its own",
            allowed="model.step() for a day of all agents, model.run_for(30) for 30 days",
        )

    advance = step

    @classmethod
    def rows_of(cls, model: Any) -> Iterable[int]:
        """Rows of the agents of this kind that the model has now."""
        return range(cls.places_of(model).size)

    @classmethod
    def places_of(cls, model: Any, rows: slice | int = slice(None)) -> npt.NDArray[np.integer]:
        """Place of the agents of this kind, `NOWHERE` for those who are at none.

        Args:
            model: Their model.
            rows: Whose: one row, or a slice of them.

        Returns:
            (rows,) indices of places, or one of shape () for one row.
        """
        return np.asarray(np.full(len(model.authorities), NOWHERE)[rows])

    @property
    def cell(self) -> PlaceCell | None:
        """The cell of `model.space` where the agent is, None if it is at no place.

        It is read from the columns at each call and cannot be set.
        """
        place = int(self.places_of(self.model, self.row))
        return None if place == NOWHERE else self.model.space[place]

    @property
    def pos(self) -> tuple[float, float] | None:
        """Longitude and latitude of the cell in degrees, None if the agent is at no place."""
        cell = self.cell
        return None if cell is None else (cell.place.longitude, cell.place.latitude)


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

    @classmethod
    def rows_of(cls, model: Any) -> Iterable[int]:
        """Rows of people who are on the way."""
        return np.flatnonzero(_ON_THE_WAY[model.migrants.state]).tolist()


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

    @classmethod
    def rows_of(cls, model: Any) -> Iterable[int]:
        """Rows of operators who have not left the trade."""
        return np.flatnonzero(model.smugglers.status != Status.RETIRED).tolist()


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
        return list(self.model.agents_of(EnforcementUnit, rows.tolist()))


#: the kinds of agents, in the order in which the model lists them
KINDS: tuple[type[RowAgent], ...] = (Migrant, Smuggler, EnforcementUnit, Authority)


def agent_of(model: Any, kind: type[RowAgent], row: int) -> RowAgent:
    """The agent of a row."""
    agent: RowAgent = model.agents_of(kind, [row])[0]
    return agent


def reduce_in_model(agent: RowAgent) -> Any:
    """How a snapshot writes an agent of its model."""
    return type(agent), (agent.model, agent.row)
