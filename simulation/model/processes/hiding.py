"""Whether an operator who hears that it is known lies low: what it loses by it against the risk.

An operator that lies low earns nothing, and evidence against it fades faster. It weighs the income
of the days without work against the loss by an arrest that it is spared. Both are counted in days
of usual income, so that it works on when business is good and lies low when it is slack. The
chance is the share of the gain in both, a choice by ratio (Luce 1959, Individual Choice Behavior).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.chain import link
from simulation.compiled import Floats
from simulation.corridor.stages import BOAT, SUPPLY
from simulation.model.agents.smuggler import ORGANISERS, Role, Status
from simulation.model.processes.investigation import share_watched
from simulation.model.processes.operators import usual_use
from simulation.model.processes.tables import segment_values
from simulation.model.processes.world import World
from simulation.parameters import Parameters
from simulation.randomness import Decision, uniforms

_WENT = link("went_lying_low")
_ORGANISES = np.isin(list(Role), ORGANISERS)  # by role


def decide_hiding(world: World) -> None:
    """Let the operators who heard today that they are known decide whether to lie low.

    It decides once: a second warning within the time it would lie low changes nothing.
    """
    if not world.policy.adaptation.going_dark or not world.warned_operators:
        return
    s, days = world.smugglers, int(world.parameters.intelligence.dark_days)
    rows = np.unique(np.array(world.warned_operators))
    rows = rows[(s.status[rows] != Status.HELD) & (s.status[rows] != Status.RETIRED)]
    u = uniforms(world.seed, Decision.LIE_LOW, s.uid[rows], world.ordinal // days)
    for row in rows[u < chance_to_lie_low(world, rows)].tolist():
        world.count(_WENT, float(s.dark_until[row] <= world.day))
        s.go_dark(row, world.day + days)


def chance_to_lie_low(world: World, rows: npt.NDArray[np.intp]) -> Floats:
    """Chance that operators lie low when they hear that they are known, (rows,).

    `gain / (gain + cost)`: the loss by an arrest that lying low spares, and the income forgone.
    """
    parameters = world.parameters
    gain = risk_spared(parameters, arrest_pace(world, rows)) * days_lost(parameters, world, rows)
    cost = parameters.intelligence.dark_days * business(world)[rows]
    return np.where(gain > 0.0, gain / np.maximum(gain + cost, 1e-9), 0.0)


def arrest_pace(world: World, rows: npt.NDArray[np.intp]) -> Floats:
    """Arrests a day that operators expect who know of a case against them, (rows,).

    `intelligence.arrest_rate` where officers have a team for each case, and less where they have
    fewer teams. It is the highest of the authorities that can arrest the operator.
    """
    pace = world.parameters.intelligence.arrest_rate * share_watched(world)
    return np.asarray((world.jurisdiction[:, rows] * pace[:, None]).max(axis=0))


def risk_spared(parameters: Parameters, pace: Floats) -> Floats:
    """By how much lying low lowers the chance of an arrest as long as the evidence lasts, (n,).

    Args:
        parameters: What is assumed.
        pace: (n,) arrests a day.
    """
    intelligence = parameters.intelligence
    lasts = intelligence.half_life_days / np.log(2.0)
    faster = 1.0 / intelligence.half_life_dark_days - 1.0 / intelligence.half_life_days
    left = 2.0 ** (-intelligence.dark_days * max(faster, 0.0))
    return np.asarray(np.exp(-pace * lasts * left) - np.exp(-pace * lasts))


def days_lost(parameters: Parameters, world: World, rows: npt.NDArray[np.intp]) -> Floats:
    """Days of usual income that an arrest costs operators, (rows,).

    Times away are those of an arrest. Income `t` days ahead counts `exp(-t / horizon)`, so a time
    away of mean m costs 1 / (1 / m + 1 / horizon) days, and one without end the horizon.
    """
    intelligence, horizon = parameters.intelligence, parameters.market.horizon_days
    organises = _ORGANISES[world.smugglers.role[rows]]
    sentence = intelligence.sentence_days * np.where(organises, intelligence.sentence_organiser, 1)
    out, gone = intelligence.conviction_share, intelligence.retired_share
    served = (1.0 - gone) / (1.0 / sentence + 1.0 / horizon) + gone * horizon
    return np.asarray(
        (1.0 - out) / (1.0 / intelligence.custody_days + 1.0 / horizon) + out * served
    )


def business(world: World) -> Floats:
    """Income that operators expect today against their usual one, (operators,).

    The clients who ask for them, as far as there is room, times the margin of a client. Suppliers
    earn by the price of a boat, those who organise launches by the launchers.
    """
    s, parameters = world.smugglers, world.parameters
    usual_fee = segment_values(parameters, "fee")[s.stage] * s.level
    asked = np.minimum(s.use / usual_use(world, s.stage), 1.0)
    margin = np.maximum(s.fee - s.cost, 0.0) / np.maximum(usual_fee - s.cost, 1e-9)
    income = asked * margin
    income[s.stage == SUPPLY] = world.boat_price / parameters.supply.boat_price
    launches = (s.stage == BOAT) & (s.role == Role.LAUNCHER) & (s.status == Status.ACTIVE)
    if launches.any():
        income[(s.stage == BOAT) & (s.role != Role.LAUNCHER)] = income[launches].mean()
    return np.asarray(income)
