"""Sanctions: known operators are listed, a part of their cash is frozen, and money moves less well.

An authority lists operators against whom its case is strong enough to work on, on its ground or
elsewhere. A listed operator, and whoever works for it, is sanctioned until it has a proxy: some of
the third parties who hold fees refuse it, and it pays more to those who still move its money. A
listed supplier of boats cannot be paid on every day.

Frozen cash cannot be used, but profits and revenues stay as they were. An operator is listed only
once, because it has then learned to work through proxies. Successors and newcomers can be listed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.compiled import Bools, Floats
from simulation.corridor.stages import SUPPLY
from simulation.model.agents.smuggler import NEVER_BACK, Status
from simulation.model.processes.adverts import limit_room, room_of_operators
from simulation.model.processes.intelligence.cooperation import strongest_case_first
from simulation.model.processes.world import World
from simulation.randomness import Decision, draw, uniforms
from simulation.scenario.levers.enforcement import FREEZES, FreezeOrder


def list_operators(world: World) -> None:
    """List operators by the orders in force today."""
    for order in FREEZES.of(world.policy):
        for row in listed_today(world, order).tolist():
            _list(world, row, order.frozen_share)


def listed_today(world: World, order: FreezeOrder) -> npt.NDArray[np.intp]:
    """Rows of the operators that an order lists today, the strongest case first.

    Their number is rounded at random. It is lower where fewer operators are suspected.
    """
    together = sum(1 << authority for authority in order.authorities)
    rounding = draw(world.seed, Decision.LISTED_COUNT, world.ordinal, together)
    number = int(order.per_day + rounding)
    if not number:
        return np.empty(0, dtype=np.intp)
    s, intelligence = world.smugglers, world.parameters.intelligence
    cases = world.beliefs.case(intelligence.prior_log_odds)[list(order.authorities), : s.count]
    suspected = cases.max(axis=0) >= intelligence.lead_threshold
    rows = np.flatnonzero(suspected & (s.status == Status.ACTIVE) & (s.listed_until == 0))
    turn = uniforms(world.seed, Decision.LISTING_ORDER, s.uid[rows], world.ordinal)
    return strongest_case_first(rows, cases, turn)[:number]


def _list(world: World, row: int, frozen_share: float) -> None:
    """Freeze a part of an operator's cash, and set the day on which it has a proxy."""
    s = world.smugglers
    s.cash[row] -= frozen_share * max(float(s.cash[row]), 0.0)
    s.listed_until[row] = NEVER_BACK
    if world.policy.adaptation.recruitment:
        u = draw(world.seed, Decision.PROXY, s.uid[row], world.ordinal)
        days = 1.0 - np.log(u) * world.parameters.market.proxy_days
        s.listed_until[row] = world.day + int(np.ceil(days))


def listed(world: World) -> Bools:
    """Which operators are listed and have no proxy yet, (operators,)."""
    return world.smugglers.listed_until > world.day


def ever_listed(world: World) -> bool:
    """Whether any operator was ever listed: without that there is nothing to do."""
    return bool(np.count_nonzero(world.smugglers.listed_until))


def sanctioned(world: World) -> Bools:
    """Which operators are listed or have a listed organiser, who handles money, (operators,)."""
    here, organiser = listed(world), world.smugglers.organiser
    return here | ((organiser >= 0) & here[organiser])


def limit_clients(world: World) -> None:
    """Limit sanctioned operators to new clients who pay at once or whose fee is still held."""
    if not ever_listed(world):
        return
    s, market = world.smugglers, world.parameters.market
    lost = world.parameters.migrants.escrow_share * (1.0 - market.listed_channel)
    room = room_of_operators(world)
    payable = world.scale * s.capacity * market.use_usual * (1.0 - lost)
    clients = np.where(sanctioned(world), np.minimum(payable, room), room)
    limit_room(world, clients, Decision.LISTED_CLIENTS)


def pay_for_money(world: World, income: Floats) -> None:
    """Book what sanctioned operators pay today to have their money moved.

    Args:
        world: The world.
        income: (operators,) EUR received today.
    """
    if not ever_listed(world):
        return
    s = world.smugglers
    cost = np.where(sanctioned(world), world.parameters.market.listed_money_cost * income, 0.0)
    s.cash[:] -= cost
    s.week_cost[:] += cost
    world.ledger.profit[world.day] -= cost.sum()


def unpaid_today(world: World) -> npt.NDArray[np.intp]:
    """Rows of the listed suppliers of boats who cannot be paid today."""
    s = world.smugglers
    if not ever_listed(world):
        return np.empty(0, dtype=np.intp)
    rows = np.flatnonzero(listed(world) & (s.stage == SUPPLY) & (s.status == Status.ACTIVE))
    u = uniforms(world.seed, Decision.LISTED_PAID, s.uid[rows], world.ordinal)
    return rows[u >= world.parameters.market.listed_channel]
