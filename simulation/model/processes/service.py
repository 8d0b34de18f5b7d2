"""Which operator serves which leg, on what terms, and what partners tell each other about it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.compiled import Bools, Floats, Ints, inner, kernel
from simulation.corridor.stages import BOAT
from simulation.model.agents.smuggler import SmugglerColumns, Status
from simulation.model.processes.tables import LegArrays, PairArrays, make_pairs, pair_columns
from simulation.model.processes.world import DayContext
from simulation.randomness import Decision, uniform

_UNDER_ONE = 1.0 - 1e-9  # most of a place that is carried over: not yet one
#: rows of the amounts of a day, see `DayBooks`
AMOUNTS = ("income in EUR", "EUR left after costs", "people a day who are missing")
INCOME, LEFT, MISSING = range(len(AMOUNTS))


class Service:
    """Which operator serves which leg, with its own experience of it.

    Args:
        legs: Number of legs.

    Attributes:
        pairs: Operators on their legs, in order as long as nobody comes or goes (`arrange`).
    """

    def __init__(self, legs: int) -> None:
        self.pairs = make_pairs(0, legs)

    def add(
        self,
        smuggler: npt.NDArray[np.intp],
        legs: npt.NDArray[np.intp],
        share: Floats,
        carried: Floats,
        single: Floats,
    ) -> None:
        """Let operators serve legs; all (new pairs,)."""
        start, *tables = self.pairs.tables
        new = make_pairs(legs.size, start.size - 1)
        new.smuggler[:], new.leg[:] = smuggler, legs
        new.share[:], new.carried[:], new.single[:] = share, carried, single
        both = zip(tables, new.tables[1:], strict=True)
        self.pairs = pair_columns(start, *(np.concatenate(two, axis=1) for two in both))

    def hand_over(self, parent: int, heir: int) -> None:
        """Let a successor serve what another served, with all that is remembered of it."""
        self.pairs.smuggler[self.pairs.smuggler == parent] = heir

    def drop(self, rows: npt.NDArray[np.intp], uid: npt.NDArray[Any]) -> None:
        """Let some of the operators, whose identifiers are given, serve nothing any more."""
        stays = np.ones(uid.size, dtype=bool)
        stays[rows] = False
        self.arrange(stays, uid)

    def arrange(self, stays: Bools, uid: npt.NDArray[Any]) -> PairArrays:
        """Drop pairs, and sort the rest by leg and operator.

        Args:
            stays: (operators,) whose pairs to keep.
            uid: (operators,) identifiers; sorting by them makes the order independent of births.

        Returns:
            The pairs, with room and weights of today still to be set.
        """
        before, old = self.pairs, self.pairs.tables
        count = int(np.count_nonzero(stays[before.smuggler]))
        self.pairs = make_pairs(count, before.start.size - 1)
        order = np.empty(before.leg.size, dtype=np.int64)
        _arrange_pairs(stays, uid, *old[1:], order, *self.pairs.tables)
        return self.pairs


@inner
def _sort_pairs(uid: np.ndarray, smuggler: np.ndarray, leg: np.ndarray, order: np.ndarray) -> None:
    """Put numbers of pairs, `order`, by leg and by the operator's identifier.

    Fast where few are out of order.
    """
    for i in range(1, order.size):
        pair, at = order[i], i
        while at > 0:
            other = order[at - 1]
            if leg[other] < leg[pair]:
                break
            if leg[other] == leg[pair] and uid[smuggler[other]] <= uid[smuggler[pair]]:
                break
            order[at] = other
            at -= 1
        order[at] = pair


@kernel
def _arrange_pairs(
    stays: np.ndarray,
    uid: np.ndarray,
    old_whole: np.ndarray,
    old_real: np.ndarray,
    order: np.ndarray,
    start: np.ndarray,
    whole: np.ndarray,
    real: np.ndarray,
) -> None:
    """Fill tables with the pairs of operators who stay, in order, and without counts of today.

    `order`, (pairs,), is work space.
    """
    smuggler, leg = old_whole[0], old_whole[1]
    count = 0
    for pair in range(leg.size):
        order[count] = pair
        count += stays[smuggler[pair]]
    _sort_pairs(uid, smuggler, leg, order[:count])
    for column in range(whole.shape[0]):
        for k in range(count):
            whole[column, k] = old_whole[column, order[k]]
    for column in range(real.shape[0]):
        for k in range(count):
            real[column, k] = old_real[column, order[k]]
    pairs, at = pair_columns(start, whole, real), 0
    for k in range(count):
        pairs.asked[k], pairs.trips[k], pairs.stops[k] = 0, 0, 0
    for first in range(start.size):
        while at < count and pairs.leg[at] < first:
            at += 1
        start[first] = at


class OperatorsToday(NamedTuple):
    """What operators can do today; arrays (operators,)."""

    working: Bools
    strength: Floats  # share of the capacity at hand
    space: Floats  # agents that launchers can still promise a seat


class DayBooks(NamedTuple):
    """A day's accounts; arrays (operators or more,)."""

    trips: Ints
    losses: Ints
    spent: Floats  # EUR of agents
    amounts: Floats  # (kinds, operators or more) see `AMOUNTS`
    dark: Floats  # people a day whom each can carry who lies low, of those alone


@inner
def _available_operators(
    now: DayContext, s: SmugglerColumns, queue: np.ndarray, today: OperatorsToday
) -> None:
    """Who works today and at what strength.

    Nobody promises a seat in a boat that is neither there nor on its way.
    """
    orphan_loss, depth = now.market.orphan_loss, now.channel.queue_depth
    for row in range(s.uid.size):
        today.working[row] = s.status[row] == Status.ACTIVE and s.dark_until[row] <= now.day
    for row in range(s.uid.size):
        today.strength[row] = 0.0
        if today.working[row]:
            orphan = s.organiser[row] >= 0 and not today.working[s.organiser[row]]
            today.strength[row] = 1.0 - orphan_loss if orphan else 1.0
        launches = min(depth * s.teams[row], float(s.boats[row] + s.ordered[row]))
        today.space[row] = launches * s.load[row] * now.scale * today.strength[row]
        if row < queue.size:
            today.space[row] -= queue[row]


@kernel
def update_offers(
    packed: np.ndarray,
    s: SmugglerColumns,
    today: OperatorsToday,
    start: np.ndarray,
    whole: np.ndarray,
    real: np.ndarray,
    asked: np.ndarray,
    attraction: np.ndarray,
    legs: LegArrays,
    queue: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Who works today; room, fee, weight and skill of every pair; fee and offer of every leg.

    Room is a whole number of agents, of which a small operator, or one of a run at a small scale,
    has less than one a day. What is left over is carried to the next day (`_remember_day`): at full
    scale a part of a place, below it so much that an operator never has more agents' places at once
    than persons' places at full scale. With fewer, a few agents in a row would find no room where
    as many persons on one day do.

    Args:
        packed: The day, and what is assumed (`World.now`).
        s: The operators.
        today: Filled with what they can do today.
        start: First pair of each leg; it and the next two are the tables of `PairArrays`.
        whole: Room and fees are filled.
        real: Weight and stop factor are filled; of the places carried over from the days before,
            what is left after whole ones are taken out is carried on.
        asked: (pairs,) fee with a guarantee in EUR.
        attraction: (pairs,) weight of a unit of capacity in the eyes of clients.
        legs: Fee, where anybody serves a leg, and offer are filled.
        queue: (known operators,) agents with a seat promised; operators new today have none.
        sums: (3, legs) work space.
    """
    now, pairs = packed[0], pair_columns(start, whole, real)
    _available_operators(now, s, queue, today)
    total, money, least = sums[0], sums[1], sums[2]
    sums[:, :] = 0.0
    for pair in range(asked.size):
        who, at = pairs.smuggler[pair], pairs.leg[pair]
        if legs.boat[at]:
            # seats are a stock: rounded the same way every day, or the luckiest day would count
            u = uniform(now.seed, Decision.CAPACITY_ROUNDING, s.uid[who], at)
            room = max(np.floor(today.space[who] + u), 0.0)
        else:
            daily = today.strength[who] * s.capacity[who] * pairs.share[pair]  # persons
            places = (
                min(pairs.carried[pair], _UNDER_ONE + (1.0 - now.scale) * daily) + daily * now.scale
            )
            room = np.floor(places)
            pairs.carried[pair] = places - room
        size = max(s.capacity[who] * pairs.share[pair], 1e-9)
        pairs.room[pair] = int(room)
        pairs.fee[pair] = int(np.rint(asked[pair]))
        pairs.single_fee[pair] = int(np.rint(asked[pair] * pairs.single[pair]))
        pairs.stop_factor[pair] = s.skill[who]
        pairs.weight[pair] = size * attraction[pair]
        if today.working[who]:
            total[at] += size
            money[at] += size * asked[pair]
            least[at] += size * asked[pair] * pairs.single[pair]
    for at in range(total.size):
        served = total[at] > 0.0
        if served:
            legs.fee[at] = int(np.rint(money[at] / total[at]))
            legs.single_fee[at] = int(np.rint(least[at] / total[at]))
        legs.offered[at] = served or not legs.smuggled[at]


@inner
def _book_trips(
    s: SmugglerColumns, pairs: PairArrays, fee_factor: np.ndarray, books: DayBooks
) -> None:
    """Sum up the day's trips, those that were stopped, and what they cost, by operator.

    A trip costs the more the dearer its leg: both go with how long and how hard it is.
    """
    books.trips[:] = 0
    books.losses[:] = 0
    books.spent[:] = 0.0
    for pair in range(pairs.smuggler.size):
        who = pairs.smuggler[pair]
        books.trips[who] += pairs.trips[pair]
        books.losses[who] += pairs.stops[pair]
        books.spent[who] += pairs.trips[pair] * s.cost[who] * fee_factor[pairs.leg[pair]]


@inner
def _book_day(
    now: DayContext,
    s: SmugglerColumns,
    pairs: PairArrays,
    fee_factor: np.ndarray,
    revenue: np.ndarray,
    usual: np.ndarray,
    books: DayBooks,
) -> tuple[float, int]:
    """Book the day's revenue, costs and losses of every operator.

    The cost of a launch is booked where boats are launched. Returns the capacity of all operators,
    and how many lie low.
    """
    market, amounts, losses = now.market, books.amounts, books.losses
    capacity, dark = 0.0, 0
    _book_trips(s, pairs, fee_factor, books)
    for row in range(s.status.size):
        cost, overhead = 0.0, 0.0
        if s.stage[row] != BOAT:
            cost = (books.spent[row] + losses[row] * market.loss_per_stop) / now.scale
        if s.status[row] != Status.RETIRED:
            capacity += s.capacity[row]
            taken = usual[s.stage[row], s.place[row]]
            overhead = market.overhead_share * (s.capacity[row] * taken * market.use_usual)
        amounts[INCOME, row] = revenue[row] / now.scale
        amounts[LEFT, row] = amounts[INCOME, row] - cost - overhead
        amounts[MISSING, row] = s.missing[row]
        if s.status[row] == Status.ACTIVE and s.dark_until[row] > now.day:
            books.dark[dark] = s.capacity[row]
            dark += 1
        s.cash[row] += amounts[LEFT, row]
        s.week_revenue[row] += revenue[row]
        s.week_cost[row] += cost + overhead
        s.week_trips[row] += books.trips[row]
        s.week_losses[row] += losses[row]
    return capacity, dark


@inner
def _remember_day(
    now: DayContext,
    pairs: PairArrays,
    worked: np.ndarray,
    asked: np.ndarray,
    unmet: np.ndarray,
    keep: float,
    week_asked: np.ndarray,
    week_unmet: np.ndarray,
) -> None:
    """Add the day to what operators remember of their legs, and to the counts of the week.

    Places that nobody took are carried on. How much of them lasts, the next morning tells
    (`update_offers`).
    """
    for pair in range(pairs.leg.size):
        pairs.trials[pair] += pairs.trips[pair]
        pairs.losses[pair] += pairs.stops[pair]
        if worked[pairs.smuggler[pair]]:
            clients = (1.0 - keep) * pairs.asked[pair] / now.scale
            pairs.clients[pair] = pairs.clients[pair] * keep + clients
        pairs.carried[pair] += max(pairs.room[pair], 0)
    for leg in range(week_asked.size):
        week_asked[leg] += asked[leg]
        week_unmet[leg] += unmet[leg]


@kernel
def close_books(
    packed: np.ndarray,
    s: SmugglerColumns,
    start: np.ndarray,
    whole: np.ndarray,
    real: np.ndarray,
    fee_factor: np.ndarray,
    revenue: np.ndarray,
    usual: np.ndarray,
    books: DayBooks,
    worked: np.ndarray,
    asked: np.ndarray,
    unmet: np.ndarray,
    keep: float,
    week_asked: np.ndarray,
    week_unmet: np.ndarray,
) -> tuple[float, int]:
    """An evening: what operators remember of their legs and of the week, and what they earned.

    Args:
        packed: The day, and what is assumed (`World.now`).
        s: The operators; cash and the counts of the week are changed.
        start: First pair of each leg; it and the next two are the tables of `PairArrays`.
        whole: The clients, trips and stops of today.
        real: What is remembered, which is changed.
        fee_factor: (legs,) fee of a leg against the usual one of its segment.
        revenue: (operators,) EUR of agents received today.
        usual: (segments, places) EUR usually taken per person of capacity in use.
        books: Filled.
        worked: (operators,) who was open for business today. That the others were asked by nobody
            tells nothing of demand, so what they remember of it stands still.
        asked: (legs,) agents who looked for an operator today.
        unmet: (legs,) those of them who found none.
        keep: Share of the memory of demand left after a day.
        week_asked: (legs,) raised.
        week_unmet: (legs,) raised.

    Returns:
        People a day that all who have not left the market can carry, those held briefly included,
        and how many operators lie low.
    """
    now, pairs = packed[0], pair_columns(start, whole, real)
    _remember_day(now, pairs, worked, asked, unmet, keep, week_asked, week_unmet)
    return _book_day(now, s, pairs, fee_factor, revenue, usual, books)
