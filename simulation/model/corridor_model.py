"""The model: the day, in order."""

from __future__ import annotations

import copy
import gc
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

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
from simulation.model.processes.lying_low import warn
from simulation.model.processes.raids import raid
from simulation.model.processes.route_choice import look_ahead
from simulation.model.processes.world import World
from simulation.model.recording import daily_outcomes, make_record
from simulation.model.saved_model import read_model, write_model
from simulation.model.snapshots import garbage_left, reduce_model
from simulation.parameters import Parameters, load_parameters
from simulation.scenario import Scenario, load_scenario
from simulation.scenario.policy import Levers, branch_levers

#: what of the world this module replaces
OWNS = ("levers",)

if TYPE_CHECKING:
    from simulation.outcomes import RunRecord


@cache
def shipped_tables() -> tuple[Corridor, dict[str, RouteEntries], Futures, Origins]:
    """The package's own tables, read once: every model reads them and none changes them."""
    indicators, futures = load_indicators(), load_futures()
    return load_corridor(), indicators, futures, load_origins()


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
        returned_today: Rows of people who had landed, were returned and are on the way again.

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
        self.returned_today: list[int] = []
        self._between_days = True
        self.authorities = [
            AuthorityView(a.code, a.name, row, self.world.beliefs)
            for row, a in enumerate(corridor.authorities)
        ]

        #: the day, in order
        self.order_of_the_day: tuple[Callable[[World], None], ...] = (
            self.calendar,
            self.entries,
            self.intelligence,
            self.enforcement,
            self.market,
            self.movement,
            self.channel,
            self.learning,
            self.counting,
        )

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

    def save(self, path: str | Path) -> None:
        """Write the model as it is today to a file, from which `load` goes on.

        Args:
            path: The file; one that exists is replaced, whole or not at all.

        Raises:
            InputError: The file cannot be written, or a rule of your own cannot be saved.
        """
        write_model(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """A model that `save` has written. It goes on to the bit.

        The file is a Python pickle, which can run any code when it is read: load only files that
        you have written yourself.

        Args:
            path: The file.

        Raises:
            InputError: The file is no saved model, is cut short or damaged, or was saved by other
                code: another version of crossings, of the model or of Mesa.
        """
        model = read_model(path)
        if not isinstance(model, cls):
            raise InputError(f"not a saved {cls.__name__}", file=path, value=type(model).__name__)
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
        for process in self.order_of_the_day:
            process(self.world)
        self._between_days = True
        self.days_done += 1
        self.running = self.days_done < self.world.days

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

    # -- the day -------------------------------------------------------------------------------

    def calendar(self, world: World) -> None:
        """The date, the policy in force and the sea."""
        world.begin_day(self.days_done)

    def entries(self, world: World) -> None:
        """People set out on every route."""
        self.processes.entries.step(world)

    def intelligence(self, world: World) -> None:
        """Authorities work through what reached them."""
        self.processes.intelligence.process(world)

    def enforcement(self, world: World) -> None:
        """Patrols go where the picture says; raids and cases end in arrests; boats are seized."""
        if world.weekly:
            self.processes.activity.fuse(world)
            self.processes.allocation.reallocate(world)
        self.processes.allocation.deploy(world)
        raid(world, self.processes.investigation, self.processes.supply)
        list_operators(world)
        self.processes.investigation.step(world)
        self.processes.supply.step(world, self.processes.investigation.cases)

    def market(self, world: World) -> None:
        """Operators adapt once a week and open for business every day."""
        self.processes.market.replace_arrested(world)
        if world.weekly:
            self.processes.market.adapt(world)
        world.count_waiting()
        self.processes.market.open(world)
        if world.weekly or world.day == 0:
            look_ahead(world)

    def movement(self, world: World) -> None:
        """Everyone on the way arrives, waits, decides and sets out."""
        self.processes.conditions.step(world)
        self.processes.movement.step(world)

    def channel(self, world: World) -> None:
        """On a fair day boats leave; some who landed before are returned, and others admitted."""
        self.processes.channel.launch(world)
        self.returned_today = self.processes.removals.step(world).tolist()

    def learning(self, world: World) -> None:
        """Helpers are caught in the act; what happened becomes facts, hearsay and bookings."""
        world.count_present()
        self.processes.investigation.arrest_in_the_act(world)
        self.processes.intelligence.collect(world)
        self.processes.activity.observe(world, self.processes.allocation.by_authority)
        warn(world)
        self.processes.conditions.update_beliefs(world)
        self.processes.removals.update_beliefs(world)
        self.processes.conditions.ask_people(world)
        self.processes.market.account(world)

    def counting(self, world: World) -> None:
        """Everyone who entered is in exactly one state."""
        world.close_day()


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
    with garbage_left():
        for _ in range(model.days_done, last):
            model.step()
            if on_day is not None:
                on_day(model.today)
