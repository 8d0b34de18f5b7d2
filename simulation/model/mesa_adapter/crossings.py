"""The model as a model of Mesa: its day is that of `CorridorModel`, its agents are Mesa's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import mesa
import numpy as np

from simulation.corridor import Corridor
from simulation.errors import InputError
from simulation.model.agents.decisions import BUILT_IN, Rules
from simulation.model.agents.migrant import State
from simulation.model.corridor_model import CorridorModel
from simulation.model.mesa_adapter.agents import Authority, EnforcementUnit, Migrant, Smuggler
from simulation.model.mesa_adapter.outcomes import OutcomeCollector
from simulation.model.mesa_adapter.rows import (
    AgentsByRow,
    LateAgents,
    RowAgent,
    reduce_agent,
    register_later,
    register_rows,
    remove_rows,
)
from simulation.model.mesa_adapter.space import CorridorSpace
from simulation.model.processes.world import World
from simulation.model.snapshots import reduce_by_attributes
from simulation.parameters import Parameters
from simulation.scenario import Scenario

#: what Mesa takes for the state of a generator
Rng = int | np.integer | Sequence[int] | np.random.SeedSequence | np.random.Generator | None


class Crossings(CorridorModel, LateAgents):
    """Migrants, smugglers and enforcement units on the corridor: a Mesa model, a step a day.

        model = Crossings("full-sharing", rng=1, scale=0.1)
        model.run_for(30)

    It ends with the last day of the scenario, when `running` becomes False. `docs/mesa.md` lists
    the parts of Mesa that it has.

    Between two days a model is a value: `copy.copy`, `copy.deepcopy`, `pickle` and `branch` give
    another model that goes on by itself, to the bit as this one would.

    Args:
        what_if: A scenario, a file, or the name of a shipped scenario. Not `scenario`, which is a
            word of Mesa's own: `model.scenario` holds no more than `rng`.
        rng: Seed of the replication, 0 or more. Whatever else Mesa takes gives a seed; None gives
            another one each time.
        scale: Agents per person: 0.1 simulates a tenth of the people.
        days: Days to count after the warm-up; all of the scenario's when None.
        parameters: What is assumed; the records, with the scenario's overrides, when None.
        corridor: Where; the shipped corridor when None.
        rules: Decisions of agents by rules of one's own.

    Raises:
        InputError: The scenario, the seed, the scale or the days cannot be used.
    """

    def __init__(
        self,
        what_if: Scenario | str | Path = "baseline",
        *,
        rng: Rng = 1,
        scale: float = 1.0,
        days: int | None = None,
        parameters: Parameters | None = None,
        corridor: Corridor | None = None,
        rules: Rules = BUILT_IN,
    ) -> None:
        seed = _seed_of(rng)
        LateAgents.__init__(self, rng=seed % 2**32)  # Mesa's own generator is never drawn from
        CorridorModel.__init__(
            self, what_if, seed=seed, scale=scale, days=days, parameters=parameters,
            corridor=corridor, rules=rules,
        )  # fmt: skip
        #: (people,) who was taken out of the agents by `drop_finished_agents`, if anybody
        self._taken_out: np.ndarray | None = None
        register_rows(self, EnforcementUnit, range(self.units.uid.size))
        self._operators = 0
        self._register_operators()
        register_rows(self, Authority, range(len(self.authorities)))

    def reducers(self) -> dict[type, Callable[[Any], Any]]:
        """How agents and the space are pickled."""
        agents = dict.fromkeys(self.agent_types, reduce_agent)
        return {**agents, CorridorSpace: reduce_by_attributes}

    @cached_property
    def agents_by_row(self) -> AgentsByRow:
        """The agents of each kind by their row; made when it is asked for."""
        return AgentsByRow(self)

    @cached_property
    def space(self) -> CorridorSpace:
        """The corridor as a Mesa space; made when it is asked for."""
        return CorridorSpace(self)

    @cached_property
    def datacollector(self) -> mesa.DataCollector:
        """The daily outcomes as Mesa's data collector has them; made when it is asked for."""
        return OutcomeCollector(self.outcomes, self.world.first)

    def drop_finished_agents(self) -> None:
        """Take those whose journey is over out of the agents; their rows and all counts stay.

        It halves the memory of a model that is kept at hand. A run that is over in a second does
        without, for it would take a sixth longer.
        """
        people = self.migrants
        self._taken_out = (people.state != State.ABSENT) & (people.end_day >= 0)
        remove_rows(self, Migrant, self._taken_out)
        self.processes.movement.clear()

    def take_out(self, agent: RowAgent) -> None:
        """Do in the model what removing an agent means (`agent.remove()`).

        A person gives up and settles where it is, an operator leaves the trade. Their rows stay.

        Raises:
            InputError: The day is not over, the person travels, or it is a unit or an authority.
        """
        self.refuse_within_a_day("changed")
        if isinstance(agent, Authority):
            raise InputError(
                "an authority cannot be removed",
                key="remove",
                value=agent.code,
                allowed="levers `staff` and `sharing`",
            )
        if isinstance(agent, EnforcementUnit):
            raise InputError(
                "a unit cannot be removed alone: units are the staff of an authority",
                key="remove",
                value=f"{agent.kind.name.lower()} of {self.authorities[agent.authority].code}",
                allowed="model.branch with a lever `staff` that takes units away",
            )
        if isinstance(agent, Smuggler):
            self.processes.market.retire(self.world, agent.row)
        elif isinstance(agent, Migrant):
            self.processes.movement.give_up(self.world, agent.row)
            if self._taken_out is None:
                self._taken_out = np.zeros(self.migrants.state.size, dtype=bool)
            self._taken_out[agent.row] = True

    def entries(self, world: World) -> None:
        """Register those who set out."""
        super().entries(world)
        register_later(self, Migrant, self.processes.entries.entered_rows)

    def market(self, world: World) -> None:
        """Register operators who are new in the trade."""
        super().market(world)
        self._register_operators()

    def channel(self, world: World) -> None:
        """Register again those who were returned and had been taken out."""
        super().channel(world)
        taken_out = self._taken_out
        if taken_out is not None and self.returned_today:
            register_rows(self, Migrant, [row for row in self.returned_today if taken_out[row]])
            taken_out[self.returned_today] = False

    def _register_operators(self) -> None:
        count = self.smugglers.count
        register_rows(self, Smuggler, range(self._operators, count))
        self._operators = count


def _seed_of(rng: Rng | str) -> int:
    """The seed that a generator of Mesa's kind stands for.

    Raises:
        InputError: It is nothing that Mesa would take.
    """
    seed = -1
    with contextlib.suppress(TypeError, ValueError):
        if isinstance(rng, (int, str, np.integer)):  # text: from a field of Mesa's viewer
            seed = int(rng)
        else:
            seed = int(np.random.default_rng(rng).integers(2**31))
    if seed < 0:
        raise InputError("not a seed", key="rng", value=rng, allowed="0 or more")
    return seed
