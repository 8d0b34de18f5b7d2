"""The model: the day, in order."""

from __future__ import annotations

import copy
import gc
from collections.abc import Callable
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from simulation.corridor import (
    Corridor,
    Futures,
    Origins,
    RouteEntries,
    load_corridor,
    load_futures,
    load_indicators,
    load_origins,
)
from simulation.errors import InputError
from simulation.model.agents.authority import AuthorityView
from simulation.model.agents.decisions import BUILT_IN, Rules
from simulation.model.agents.migrant import MigrantColumns
from simulation.model.agents.smuggler import SmugglerColumns
from simulation.model.agents.unit import UnitColumns
from simulation.model.processes.building import build_world
from simulation.model.processes.entries import EntryTables
from simulation.model.processes.freezing import list_operators
from simulation.model.processes.hiding import decide_hiding
from simulation.model.processes.raids import raid
from simulation.model.processes.route_choice import revise_route_values
from simulation.model.processes.world import World
from simulation.model.recording import daily_outcomes, make_record
from simulation.model.snapshots import gc_paused, reduce_model
from simulation.parameters import Parameters, load_parameters
from simulation.scenario import Scenario, load_scenario
from simulation.scenario.policy import Levers, branch_levers

if TYPE_CHECKING:
    from simulation.outcomes import RunRecord


@cache
def shipped_tables() -> tuple[Corridor, dict[str, RouteEntries], Futures, Origins]:
    """The package's own tables, read once: every model reads them and none changes them."""
    indicators, futures = load_indicators(), load_futures()
    return load_corridor(), indicators, futures, load_origins()


class Step(NamedTuple):
    """A step of the day.

    Attributes:
        name: The process, as the ODD protocol names it.
        act: Does it in a world.
        weekly: Whether it is done on Mondays only.
    """

    name: str
    act: Callable[[World], None]
    weekly: bool = False


class CorridorModel:
    """Migrants, smugglers and enforcement units on the corridor, a step a day.

    It ends with the last day of the scenario, when `running` becomes False. `Crossings` of
    `simulation.model.mesa_adapter.crossings` is the same model with what Mesa has.

    Between two days a model is a value: `copy.copy`, `copy.deepcopy`, `pickle` and `branch` give
    another model that goes on by itself, to the bit as this one would.

    Args:
        what_if: A scenario, a file, or the name of a shipped scenario.
        seed: Seed of the replication, 0 or more.
        scale: Agents per person: 0.1 simulates a tenth of the people.
        days: Days to count after the warm-up; all of the scenario's when None.
        parameters: What is assumed; the records, with the scenario's overrides, when None.
        corridor: Where; the shipped corridor when None.
        rules: Decisions of agents by rules of one's own.

    Attributes:
        what_if: The scenario.
        rules: Decisions of agents by rules of one's own.
        world: All state.
        authorities: The authorities, with what each of them knows.
        days_done: Simulated days that are over, warm-up included.
        running: Whether there is another day.
        order_of_the_day: The steps of a day, in order.

    Raises:
        InputError: The scenario, the scale or the days cannot be used.
    """

    def __init__(
        self,
        what_if: Scenario | str | Path = "baseline",
        *,
        seed: int = 1,
        scale: float = 1.0,
        days: int | None = None,
        parameters: Parameters | None = None,
        corridor: Corridor | None = None,
        rules: Rules = BUILT_IN,
    ) -> None:
        _check_size(scale, days)
        scenario = what_if if isinstance(what_if, Scenario) else load_scenario(what_if)
        self.what_if, self.rules = scenario, rules
        shipped, indicators, futures, origins = shipped_tables()
        corridor = corridor or shipped
        parameters = parameters or load_parameters(scenario.parameters)
        levers = Levers(scenario, corridor, parameters, origins.origins)
        tables = EntryTables(indicators, futures, origins, levers.background.entries)
        self.world, self.processes = build_world(
            self, corridor, parameters, levers, tables,
            seed=seed, scale=scale, days=days, rules=rules,
        )  # fmt: skip
        self.first_counted = levers.background.run.warm_up_days
        self.days_done = 0
        self.running = True
        self._between_days = True
        self.authorities = [
            AuthorityView(a.code, a.name, row, self.world.beliefs)
            for row, a in enumerate(corridor.authorities)
        ]
        self.order_of_the_day = self._order_of_the_day()

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        self.refuse_within_a_day("copied")
        return reduce_model(self)

    def reducers(self) -> dict[type, Callable[[Any], Any]]:
        """How parts of it are pickled that pickle would write otherwise, by their type."""
        return {}

    def branch(self, what_if: Scenario | str | Path | None = None) -> Self:
        """A copy that goes on from today, with another policy from a later day if one is given.

            later = model.branch("full-sharing-from-2027.toml")

        Args:
            what_if: A scenario as `Crossings` takes it. Up to today it must be that of this model
                but for its title and description.

        Returns:
            The copy. This model stays as it is.

        Raises:
            InputError: The scenario differs on a day that is over, or in more than levers.
        """
        if what_if is None:
            return copy.deepcopy(self)
        scenario = what_if if isinstance(what_if, Scenario) else load_scenario(what_if)
        world = self.world
        levers = branch_levers(self.what_if, world.levers, scenario, world.first, self.days_done)
        model = copy.deepcopy(self)
        model.go_on_with(scenario, levers)
        return model

    def outcomes(self) -> dict[str, np.ndarray]:
        """Outcomes of all simulated days that are over, warm-up included.

        Returns:
            Outcome -> (days,), in real people and euros; the names of `simulation.outcomes.DAILY`.
        """
        return daily_outcomes(self.world, slice(0, self.days_done))

    @property
    def corridor(self) -> Corridor:
        """Places, legs and authorities."""
        return self.world.corridor

    @property
    def migrants(self) -> MigrantColumns:
        """The people's columns."""
        return self.world.migrants

    @property
    def smugglers(self) -> SmugglerColumns:
        """The operators' columns."""
        return self.world.smugglers

    @property
    def units(self) -> UnitColumns:
        """The enforcement units' columns."""
        return self.world.units

    @property
    def today(self) -> date:
        """The simulated date."""
        return self.world.today

    def step(self) -> None:
        """One day.

        Raises:
            InputError: The last day is over.
        """
        if self.days_done >= self.world.days:
            raise InputError(
                "the run is over",
                key="date",
                value=f"{self.today:%Y-%m-%d}",
                allowed=f"{self.world.days} days, warm-up included (`running` is False after them)",
            )
        self._between_days = False
        world = self.world
        world.begin_day(self.days_done)
        for step in self.order_of_the_day:
            if world.weekly or not step.weekly:
                step.act(world)
        self._between_days = True
        self.days_done += 1
        self.running = self.days_done < self.world.days

    def _order_of_the_day(self) -> tuple[Step, ...]:
        """What happens on a day once its date, its policy and its sea are set.

        Authorities share what they learnt in `sharing`, and act on it the next morning.
        """
        p = self.processes
        effort = p.allocation.by_authority
        return (
            Step("entries", p.entries.step),
            Step("report_processing", p.intelligence.process),
            Step("activity_fusion", p.activity.fuse, weekly=True),
            Step("patrol_allocation", p.allocation.reallocate, weekly=True),
            Step("patrols", p.allocation.deploy),
            Step("raids", partial(raid, investigation=p.investigation, supply=p.supply)),
            Step("asset_freezes", list_operators),
            Step("investigation", p.investigation.step),
            Step("boat_supply", partial(p.supply.step, investigation=p.investigation)),
            Step("succession", p.market.replace_arrested),
            Step("operator_adaptation", p.market.adapt, weekly=True),
            Step("queues", World.count_waiting),
            Step("offers", p.market.open),
            Step("route_values", revise_route_values),
            Step("leg_conditions", p.conditions.step),
            Step("movement", p.movement.step),
            Step("channel", p.channel.launch),
            Step("returns", p.removals.step),
            Step("presence", World.count_present),
            Step("arrests_in_the_act", p.investigation.arrest_in_the_act),
            Step("collection", p.intelligence.collect),
            Step("sharing", p.intelligence.share),
            Step("activity_estimates", partial(p.activity.observe, effort=effort)),
            Step("hiding", decide_hiding),
            Step("experience", p.conditions.update_beliefs),
            Step("return_experience", p.removals.update_beliefs),
            Step("hearsay", p.conditions.ask_people),
            Step("accounts", p.market.account),
            Step("counting", World.close_day),
        )

    def go_on_with(self, scenario: Scenario, levers: Levers) -> None:
        """Make the days still to come those of another scenario.

        Only right where the two scenarios agree on every day that is over; see
        `simulation.scenario.policy.first_difference`. `branch` checks it.

        Args:
            scenario: The other scenario.
            levers: Its levers, with the corridor and the parameters of this model.
        """
        self.what_if = scenario
        self.world.levers = levers

    def refuse_within_a_day(self, done: str) -> None:
        """Refuse, within a day or after one that an error has ended, what is right between days."""
        if not self._between_days:
            raise InputError(
                f"the model cannot be {done} within a day",
                key="date",
                value=f"{self.today:%Y-%m-%d}",
                allowed="before or after model.step()",
            )


def simulate(
    scenario: Scenario,
    *,
    seed: int,
    scale: float = 1.0,
    days: int | None = None,
    parameters: Parameters | None = None,
    corridor: Corridor | None = None,
    on_day: Callable[[date], None] | None = None,
) -> RunRecord:
    """Run one replication of a scenario.

    Args:
        scenario: What is asked.
        seed: Seed of the replication.
        scale: Agents per person; counts are scaled back.
        days: Days to count; all of the scenario's when None.
        parameters: What is assumed; the records with the scenario's overrides when None.
        corridor: Where; the shipped corridor when None.
        on_day: Called with the date after each simulated day.

    Returns:
        What happened, without the warm-up.
    """
    model = CorridorModel(
        scenario, seed=seed, scale=scale, days=days, parameters=parameters, corridor=corridor
    )
    run(model, on_day)
    record = make_record(model.world, scenario.title, model.first_counted)
    del model
    clear_up()
    return record


def _check_size(scale: float, days: int | None) -> None:
    """Refuse a number of agents or days that makes no run."""
    if not 0.0 < scale < np.inf:
        raise InputError("out of range", key="scale", value=scale, allowed="above 0")
    if days is not None and days < 1:
        raise InputError("out of range", key="days", value=days, allowed="1 or more")


def clear_up() -> None:
    """Free a model that is over: its parts refer to each other, and all are young."""
    gc.collect(1)


def run(
    model: CorridorModel, on_day: Callable[[date], None] | None = None, until: int | None = None
) -> None:
    """Step a model on, without the garbage collector looking at every object.

    Args:
        model: The model, new or under way.
        on_day: Called with the date after each simulated day.
        until: Simulated days, warm-up included, after which to stop; all of the run when None.
    """
    last = model.world.days if until is None else min(until, model.world.days)
    with gc_paused():
        for _ in range(model.days_done, last):
            model.step()
            if on_day is not None:
                on_day(model.today)
