"""The model as a model of Mesa: its day is that of `CorridorModel`, its agents are Mesa's."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import mesa
import numpy as np
from mesa.agent import AgentSet

from simulation.corridor import Corridor
from simulation.errors import InputError
from simulation.model.agents.decisions import BUILT_IN, Rules
from simulation.model.corridor_model import CorridorModel
from simulation.model.mesa_adapter.agents import (
    KINDS,
    Authority,
    EnforcementUnit,
    Migrant,
    RowAgent,
    Smuggler,
    reduce_in_model,
)
from simulation.model.mesa_adapter.outcomes import OutcomeCollector
from simulation.model.mesa_adapter.space import CorridorSpace
from simulation.model.snapshots import reduce_by_attributes
from simulation.parameters import Parameters
from simulation.scenario import Scenario

#: what Mesa takes for the state of a generator
Rng = int | np.integer | Sequence[int] | np.random.SeedSequence | np.random.Generator | None


class Crossings(CorridorModel, mesa.Model):
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
        mesa.Model.__init__(self, rng=seed % 2**32)  # Mesa's own generator is never drawn from
        CorridorModel.__init__(
            self, what_if, seed=seed, scale=scale, days=days, parameters=parameters,
            corridor=corridor, rules=rules,
        )  # fmt: skip
        #: agents that somebody has looked at, by kind and row
        self._looked_at: dict[type[RowAgent], dict[int, RowAgent]] = {}

    def reducers(self) -> dict[type, Callable[[Any], Any]]:
        """How agents and the space are pickled."""
        return {**dict.fromkeys(KINDS, reduce_in_model), CorridorSpace: reduce_by_attributes}

    def agents_of(self, kind: type[RowAgent], rows: Iterable[int]) -> list[RowAgent]:
        """The agents of some rows; one that was made before is the same object."""
        agents = self._looked_at.setdefault(kind, {})
        return [agents.get(row) or agents.setdefault(row, kind(self, row)) for row in rows]

    @property
    def agents(self) -> AgentSet:
        """People on the way, operators in the trade, units and authorities, as they are now."""
        agents = (self.agents_of(kind, kind.rows_of(self)) for kind in KINDS)
        return AgentSet(chain.from_iterable(agents), random=self.random)

    @property
    def agents_by_type(self) -> dict[type, AgentSet]:
        """The agents of each kind, as they are now."""
        return {
            kind: AgentSet(self.agents_of(kind, kind.rows_of(self)), random=self.random)
            for kind in KINDS
        }

    @property
    def agent_types(self) -> list[type]:
        """The kinds of agents."""
        return list(KINDS)

    @cached_property
    def space(self) -> CorridorSpace:
        """The corridor as a Mesa space; made when it is asked for."""
        return CorridorSpace(self)

    @cached_property
    def datacollector(self) -> mesa.DataCollector:
        """The daily outcomes as Mesa's data collector has them; made when it is asked for."""
        return OutcomeCollector(self.outcomes, self.world.first)

    def deregister_agent(self, agent: Any) -> None:
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
