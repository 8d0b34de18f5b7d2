"""The world on the morning of the first day, and the processes that change it from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from simulation.compiled import Floats
from simulation.corridor import ROUTES, Corridor
from simulation.model.agents.decisions import BUILT_IN, Rules
from simulation.model.processes.allocation import Allocation
from simulation.model.processes.channel import Channel, usual_risk
from simulation.model.processes.conditions import Conditions, base_stays
from simulation.model.processes.entries import Entries, EntryTables
from simulation.model.processes.intelligence.activity import Activity
from simulation.model.processes.intelligence.cycle import Intelligence
from simulation.model.processes.investigation import Investigation
from simulation.model.processes.market import Market
from simulation.model.processes.movement import Movement
from simulation.model.processes.operators import create_operators
from simulation.model.processes.removals import Removals
from simulation.model.processes.route_choice import expected_flows, look_ahead
from simulation.model.processes.supply import Supply
from simulation.model.processes.world import World
from simulation.parameters import Parameters
from simulation.scenario.policy import Levers, reference_policy

#: rounds of "people choose, patrols follow" before the first day
_SETTLING_ROUNDS = 12


@dataclass(frozen=True)
class Processes:
    """The processes that keep state of their own from day to day, in the order they are made in."""

    entries: Entries
    allocation: Allocation
    activity: Activity
    intelligence: Intelligence
    market: Market
    conditions: Conditions
    investigation: Investigation
    supply: Supply
    channel: Channel
    removals: Removals
    movement: Movement


def build_world(
    model: Any,
    corridor: Corridor,
    parameters: Parameters,
    levers: Levers,
    tables: EntryTables,
    *,
    seed: int,
    scale: float,
    days: int | None = None,
    rules: Rules = BUILT_IN,
) -> tuple[World, Processes]:
    """Build the world of a model and its processes, ready for the first day.

    What is usual (flows, risks, sizes of operators, places of patrols) is worked out under the
    reference policy, so that it does not depend on what the scenario changes.

    Args:
        model: The model.
        corridor: Where.
        parameters: What is assumed.
        levers: What the policy sets, day by day.
        tables: How many people pass on each route, and who they are.
        seed: Seed of the replication.
        scale: Agents per person.
        days: Days to count; all of the scenario's when None.
        rules: Decisions of agents by rules of one's own.

    Returns:
        The world on the morning of the first day, and its processes.
    """
    # the scenario is read without its dated levers: see `Crossings.go_on_with`
    run = levers.background.run
    first = run.start - timedelta(days=run.warm_up_days)
    counted = days or (run.end - run.start).days + 1
    world = World(
        model, corridor, levers, parameters, ROUTES, seed, scale, first,
        run.warm_up_days + counted,
    )  # fmt: skip
    entries = Entries(world, tables)
    patrols = Allocation(world, rules.allocation)
    activity = Activity(world)
    world.policy = reference_policy(levers, first)
    flows = initial_equilibrium(world, entries.usual, activity, patrols)
    risk = usual_risk(world, flows)
    create_operators(world, flows, risk.operators)
    intelligence = Intelligence(world)
    processes = Processes(
        entries=entries,
        allocation=patrols,
        activity=activity,
        intelligence=intelligence,
        market=Market(world, flows, risk, rules),
        conditions=Conditions(world, risk.people, rules.route_choice),
        investigation=Investigation(world, intelligence.channels),
        supply=Supply(world),
        channel=Channel(world, rules.launching),
        removals=Removals(),
        movement=Movement(),
    )
    world.begin_day(0)
    world.count_waiting()
    return world, processes


def initial_equilibrium(
    world: World, entries: Floats, activity: Activity, allocation: Allocation
) -> Floats:
    """Let people and patrols answer each other until both are as usual; attempts a day, (legs,)."""
    world.places.stay_mean[:] = base_stays(world)
    flows = np.zeros(world.legs.fee.size)
    for turn in range(_SETTLING_ROUNDS):
        look_ahead(world)
        risk = np.minimum(world.legs.belief, world.parameters.beliefs.ceiling)
        # successive averages, or patrols and people would chase each other for ever
        now = expected_flows(world, entries, risk / (1.0 - risk))
        flows += (now - flows) / (turn + 1)
        activity.prime(world, flows)
        allocation.reallocate(world, ahead=_SETTLING_ROUNDS - turn)
        allocation.deploy(world)
        world.legs.belief[:] = usual_risk(world, flows).people
    return flows
