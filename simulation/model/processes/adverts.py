"""Adverts of operators: while they are down, fewer new clients find those who advertise.

Without adverts an operator has only the clients that come by word of mouth. A client who finds no
operator waits and asks again, as where all operators are full.
"""

from __future__ import annotations

import numpy as np

from simulation.compiled import Floats
from simulation.corridor.stages import SEGMENTS
from simulation.model.processes.world import WEEK, World
from simulation.randomness import Decision, uniforms
from simulation.scenario.levers.enforcement import TAKEN_DOWN

#: share of adverts missing below which all are taken to be back
_ALL_BACK = 1e-6


class AdvertsOnline:
    """Which share of the adverts of each segment is online."""

    def __init__(self) -> None:
        self.online = np.ones(len(SEGMENTS))

    def step(self, world: World) -> None:
        """Take adverts down, let others come back, and limit the room of those who advertise."""
        market, taken = world.parameters.market, TAKEN_DOWN.of(world.policy)
        if not np.count_nonzero(taken) and not np.count_nonzero(self.online < 1.0):
            return
        self.online = after_a_day(self.online, taken, market.advert_half_life)
        s = world.smugglers
        room = room_of_operators(world)
        by_word = world.scale * s.capacity * market.use_usual * (1.0 - market.advert_clients)
        clients = reachable_clients(room, by_word, self.online[s.stage])
        limit_room(world, clients, Decision.ADVERT_CLIENTS)


def room_of_operators(world: World) -> Floats:
    """New clients for whom each operator has room today, over all its legs, (operators,)."""
    pairs = world.pairs
    return np.bincount(pairs.smuggler, np.maximum(pairs.room, 0), world.smugglers.count)


def limit_room(world: World, clients: Floats, decision: Decision) -> None:
    """Leave operators less room for new clients, in equal parts of all their legs.

    Args:
        world: Its pairs are changed.
        clients: (operators,) agents who can be taken on, at most those there is room for.
        decision: The draw that rounds fractions of an agent.
    """
    s, pairs = world.smugglers, world.pairs
    room, total = np.maximum(pairs.room, 0), room_of_operators(world)
    share = np.divide(clients, total, out=np.ones(s.count), where=total > 0.0)[pairs.smuggler]
    less = np.flatnonzero(share < 1.0)
    # keyed by operator, leg and date, so that nothing else moves this draw
    occasion = (world.ordinal << 16) + pairs.leg[less].astype(np.int64)
    rounding = uniforms(world.seed, decision, s.uid[pairs.smuggler[less]], occasion)
    pairs.room[less] = np.floor(room[less] * share[less] + rounding).astype(np.int64)


def after_a_day(online: Floats, taken_down: Floats, half_life: float) -> Floats:
    """Share of adverts online after a day.

    Args:
        online: (segments,) the share on the day before.
        taken_down: (segments,) share that is taken down a week.
        half_life: Days after which half of those taken down are back.

    Returns:
        (segments,), exactly 1 once nearly all are back.
    """
    back = online + (1.0 - online) * (1.0 - 2.0 ** (-1.0 / half_life))
    left: Floats = back * (1.0 - taken_down) ** (1.0 / WEEK)
    left[(taken_down == 0.0) & (left > 1.0 - _ALL_BACK)] = 1.0
    return left


def reachable_clients(room: Floats, by_word: Floats, online: Floats) -> Floats:
    """New clients whom operators can take on.

    Args:
        room: (operators,) those they have room for.
        by_word: (operators,) those who would come by word of mouth alone.
        online: (operators,) share of their adverts online.

    Returns:
        (operators,) between those who come by word of mouth and the room, by the share online.
    """
    return online * room + (1.0 - online) * np.minimum(by_word, room)
