"""Which operator serves which leg, on what terms, and what partners tell each other about it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.agents.smuggler import Status
from simulation.compiled import inner, kernel
from simulation.corridor.stages import BOAT
from simulation.parameters import Parameters
from simulation.processes.tables import LegArrays, PairArrays, make_pairs
from simulation.randomness import Decision, uniform

# plain integers, as compiled code wants them
_ACTIVE, _RETIRED = int(Status.ACTIVE), int(Status.RETIRED)
_CAPACITY_ROUNDING = int(Decision.CAPACITY_ROUNDING)
_UNDER_ONE = 1.0 - 1e-9  # most of a place that is carried over: not yet one


class Experience(NamedTuple):
    """What operators know of the legs they serve; arrays (pairs,), see `Service`."""

    smuggler: npt.NDArray[np.int32]
    leg: npt.NDArray[np.int32]
    share: npt.NDArray[np.float64]
    trials: npt.NDArray[np.float64]
    losses: npt.NDArray[np.float64]
    asked: npt.NDArray[np.float64]
    single: npt.NDArray[np.float64]


class Service:
    """Which operator serves which leg, with its own experience of it; arrays (pairs,).

    Attributes:
        smuggler: Row of the operator.
        leg: The leg.
        share: Share of the operator's capacity put there.
        trials: Client trips remembered.
        losses: Stopped trips remembered.
        asked: Smoothed clients a day.
        carried: Agents' places left over from the days before.
        single: Fee of a single try against that with a guarantee.
    """

    def __init__(self) -> None:
        self._hold(np.empty((2, 0), dtype=np.int32), np.empty((6, 0)))

    def _hold(self, who_where: npt.NDArray[np.int32], values: npt.NDArray[np.float64]) -> None:
        """Make the rows of two arrays, (2, pairs) and (6, pairs), the attributes."""
        self._who_where, self._values = who_where, values
        self.smuggler, self.leg = who_where
        self.share, self.trials, self.losses, self.asked, self.carried, self.single = values

    def experience(self) -> Experience:
        """The arrays as they are now, until pairs come or go."""
        return Experience._make(getattr(self, name) for name in Experience._fields)

    def offers(self, pairs: PairArrays) -> Offers:
        """The arrays that a morning needs, with those of the day."""
        return Offers(
            self.smuggler, self.leg, self.share, self.carried, self.single, pairs.room,
            pairs.weight, pairs.fee, pairs.single_fee, pairs.stop_factor,
        )  # fmt: skip

    def trade(self, pairs: PairArrays) -> Trade:
        """The arrays that an evening needs, with those of the day."""
        return Trade(
            self.smuggler, self.leg, pairs.room, pairs.asked, pairs.trips, pairs.stops,
            self.trials, self.losses, self.asked, self.carried,
        )  # fmt: skip

    def add(
        self,
        smuggler: npt.NDArray[np.intp],
        legs: npt.NDArray[np.intp],
        share: npt.NDArray[np.float64],
        carried: npt.NDArray[np.float64],
        single: npt.NDArray[np.float64],
    ) -> None:
        """Let operators serve legs; all (new pairs,)."""
        values = np.zeros((self._values.shape[0], legs.size))
        values[0], values[-2], values[-1] = share, carried, single
        self._hold(
            np.concatenate([self._who_where, np.array([smuggler, legs], dtype=np.int32)], axis=1),
            np.concatenate([self._values, values], axis=1),
        )

    def hand_over(self, parent: int, heir: int) -> None:
        """Let a successor serve what another served, with all that is remembered of it."""
        self.smuggler[self.smuggler == parent] = heir

    def drop(self, rows: npt.NDArray[np.intp], operators: int) -> None:
        """Let some of so many operators serve nothing any more."""
        stays = np.ones(operators, dtype=bool)
        stays[rows] = False
        self._keep(np.flatnonzero(stays[self.smuggler]))

    def _keep(self, order: npt.NDArray[np.intp]) -> None:
        """Keep some pairs, in an order."""
        self._hold(self._who_where.take(order, axis=1), self._values.take(order, axis=1))

    def arrange(self, keep: npt.NDArray[np.bool_], uid: npt.NDArray, legs: int) -> PairArrays:
        """Drop pairs, sort the rest by leg and operator, and make the arrays of the day.

        Args:
            keep: (pairs,) which to keep.
            uid: (operators,) identifiers; sorting by them makes the order independent of births.
            legs: Number of legs.

        Returns:
            Arrays with room and weights still to be set.
        """
        order = np.flatnonzero(keep)
        sort_pairs(uid, self.smuggler, self.leg, order)
        self._keep(order)
        return make_pairs(self.smuggler, self.leg, legs)


@kernel
def sort_pairs(uid: np.ndarray, smuggler: np.ndarray, leg: np.ndarray, order: np.ndarray) -> None:
    """Sort pairs by leg and by the operator's identifier; fast where few are out of order.

    Args:
        uid: (operators,) identifiers.
        smuggler: (pairs,) operator of each pair.
        leg: (pairs,) leg of each pair.
        order: (kept,) numbers of pairs, put in order.
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
def list_by_operator(smuggler: np.ndarray, start: np.ndarray, by_operator: np.ndarray) -> None:
    """Put pairs in the order of their operators, those of one operator as they were.

    Args:
        smuggler: (pairs,) operator of each pair.
        start: (operators + 1,) filled with the first entry of each operator in `by_operator`.
        by_operator: (pairs,) filled with pairs.
    """
    start[:] = 0
    for pair in range(smuggler.size):
        start[smuggler[pair] + 1] += 1
    for row in range(start.size - 1):
        start[row + 1] += start[row]
    # each start moves on as its pairs are written, and is the next one's then
    for pair in range(smuggler.size):
        who = smuggler[pair]
        by_operator[start[who]] = pair
        start[who] += 1
    for row in range(start.size - 1, 0, -1):
        start[row] = start[row - 1]
    start[0] = 0


@kernel
def hear_partners(
    ties: np.ndarray,
    start: np.ndarray,
    by_operator: np.ndarray,
    leg: np.ndarray,
    weight: float,
    trials: np.ndarray,
    losses: np.ndarray,
    all_trials: np.ndarray,
    all_losses: np.ndarray,
) -> None:
    """Add to everyone's experience of a leg a part of that of partners on the same leg.

    Args:
        ties: (ties, 2) rows of operators who know each other.
        start: (operators + 1,) first entry of each operator in `by_operator`.
        by_operator: (pairs,) pairs, operator by operator.
        leg: (pairs,) leg of each pair.
        weight: What a partner's trip counts against an own one.
        trials: (pairs,) own trips.
        losses: (pairs,) own trips that were stopped.
        all_trials: (pairs,) added to.
        all_losses: (pairs,) added to.
    """
    for side in range(2):
        for tie in range(ties.shape[0]):
            to, source = ties[tie, side], ties[tie, 1 - side]
            for i in range(start[to], start[to + 1]):
                mine = by_operator[i]
                for k in range(start[source], start[source + 1]):
                    theirs = by_operator[k]
                    if leg[mine] == leg[theirs]:
                        all_trials[mine] += weight * trials[theirs]
                        all_losses[mine] += weight * losses[theirs]


class Openers(NamedTuple):
    """Operators as a morning of the market needs them; arrays (operators,)."""

    uid: npt.NDArray[np.uint64]
    status: npt.NDArray[np.int8]
    dark_until: npt.NDArray[np.int32]
    organiser: npt.NDArray[np.int32]
    skill: npt.NDArray[np.float64]
    capacity: npt.NDArray[np.float64]
    load: npt.NDArray[np.float64]
    teams: npt.NDArray[np.float64]
    boats: npt.NDArray[np.int32]
    ordered: npt.NDArray[np.int32]


class Earners(NamedTuple):
    """Operators as an evening of the market needs them; arrays (operators,)."""

    stage: npt.NDArray[np.int8]
    place: npt.NDArray[np.int16]
    status: npt.NDArray[np.int8]
    capacity: npt.NDArray[np.float64]
    cost: npt.NDArray[np.float64]
    cash: npt.NDArray[np.float64]
    week_revenue: npt.NDArray[np.int64]
    week_cost: npt.NDArray[np.float64]
    week_trips: npt.NDArray[np.int64]
    week_losses: npt.NDArray[np.int64]


class Offers(NamedTuple):
    """What operators offer clients; arrays (pairs,) of `Service` and `PairArrays`."""

    smuggler: npt.NDArray[np.int32]
    leg: npt.NDArray[np.int32]
    share: npt.NDArray[np.float64]
    carried: npt.NDArray[np.float64]
    single: npt.NDArray[np.float64]
    room: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]
    fee: npt.NDArray[np.int64]
    single_fee: npt.NDArray[np.int64]
    stop_factor: npt.NDArray[np.float64]


class Trade(NamedTuple):
    """A day's clients and what is remembered; arrays (pairs,) of `PairArrays` and `Service`."""

    smuggler: npt.NDArray[np.int32]
    leg: npt.NDArray[np.int32]
    room: npt.NDArray[np.int64]
    clients: npt.NDArray[np.int64]  # agents who asked today
    trips: npt.NDArray[np.int64]
    stops: npt.NDArray[np.int64]
    trials: npt.NDArray[np.float64]
    losses: npt.NDArray[np.float64]
    asked: npt.NDArray[np.float64]
    carried: npt.NDArray[np.float64]


class LegOffers(NamedTuple):
    """What the market sets on legs, and what it needs for it; arrays (legs,) of `LegArrays`."""

    boat: npt.NDArray[np.bool_]
    smuggled: npt.NDArray[np.bool_]
    offered: npt.NDArray[np.bool_]
    fee: npt.NDArray[np.int64]
    single_fee: npt.NDArray[np.int64]


def leg_offers(legs: LegArrays) -> LegOffers:
    """The arrays of legs that the market needs."""
    return LegOffers._make(getattr(legs, name) for name in LegOffers._fields)


class OperatorsToday(NamedTuple):
    """What operators can do today; arrays (operators,)."""

    working: npt.NDArray[np.bool_]
    strength: npt.NDArray[np.float64]  # share of the capacity at hand
    space: npt.NDArray[np.float64]  # agents that launchers can still promise a seat

    @staticmethod
    def with_room(operators: int) -> OperatorsToday:
        """For so many operators."""
        return OperatorsToday(np.empty(operators, dtype=bool), *np.empty((2, operators)))


class DayBooks(NamedTuple):
    """A day's accounts; arrays (operators,)."""

    trips: npt.NDArray[np.int64]
    losses: npt.NDArray[np.int64]
    spent: npt.NDArray[np.float64]  # EUR of agents
    income: npt.NDArray[np.float64]  # EUR
    gain: npt.NDArray[np.float64]  # EUR left after costs

    @staticmethod
    def with_room(operators: int) -> DayBooks:
        """For so many operators."""
        trips, losses = np.empty((2, operators), dtype=np.int64)
        return DayBooks(trips, losses, *np.empty((3, operators)))


@kernel
def price_pairs(
    fee: np.ndarray,
    reputation: np.ndarray,
    smuggler: np.ndarray,
    leg: np.ndarray,
    fee_factor: np.ndarray,
    choice_scale: float,
    reputation_weight: float,
    asked: np.ndarray,
    utility: np.ndarray,
) -> None:
    """What a client pays and thinks of each pair.

    Args:
        fee: (operators,) EUR.
        reputation: (operators,) share of recent clients brought through.
        smuggler: (pairs,) operator of each pair.
        leg: (pairs,) leg of each pair.
        fee_factor: (legs,) fee of a leg against the usual one of its segment.
        choice_scale: EUR per unit of utility.
        reputation_weight: Utility of a reputation of 1 against one of 0.
        asked: (pairs,) filled with the fee in EUR.
        utility: (pairs,) filled with what the fee and the reputation are worth to a client.
    """
    for pair in range(leg.size):
        who = smuggler[pair]
        asked[pair] = fee[who] * fee_factor[leg[pair]]
        utility[pair] = -asked[pair] / choice_scale + reputation_weight * reputation[who]


@inner
def available_operators(
    s: Openers,
    day: int,
    parameters: Parameters,
    scale: float,
    queue: np.ndarray,
    today: OperatorsToday,
) -> None:
    """Who works today and at what strength.

    Nobody promises a seat in a boat that is neither there nor on its way.

    Args:
        s: The operators.
        day: Today.
        parameters: What is assumed.
        scale: Agents per person.
        queue: (known operators,) agents with a seat promised; operators new today have none.
        today: Filled.
    """
    orphan_loss, depth = parameters.market.orphan_loss, parameters.channel.queue_depth
    for row in range(s.uid.size):
        today.working[row] = s.status[row] == _ACTIVE and s.dark_until[row] <= day
    for row in range(s.uid.size):
        today.strength[row] = 0.0
        if today.working[row]:
            orphan = s.organiser[row] >= 0 and not today.working[s.organiser[row]]
            today.strength[row] = 1.0 - orphan_loss if orphan else 1.0
        launches = min(depth * s.teams[row], float(s.boats[row] + s.ordered[row]))
        today.space[row] = launches * s.load[row] * scale * today.strength[row]
        if row < queue.size:
            today.space[row] -= queue[row]


@kernel
def update_offers(
    seed: int,
    s: Openers,
    today: OperatorsToday,
    pairs: Offers,
    asked: np.ndarray,
    attraction: np.ndarray,
    legs: LegOffers,
    day: int,
    packed_parameters: np.ndarray,
    scale: float,
    queue: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Who works today; room, fee, weight and skill of every pair; fee and offer of every leg.

    Room is a whole number of agents, of which a small operator, or one of a run at a small scale,
    has less than one a day. What is left over is carried to the next day (`remember_day`): at full
    scale a part of a place, below it so much that an operator never has more agents' places at once
    than persons' places at full scale. With fewer, a few agents in a row would find no room where
    as many persons on one day do.

    Args:
        seed: Seed of the replication.
        s: The operators.
        today: Filled with what they can do today.
        pairs: Room, fees, weight and stop factor are filled; of the places carried over from the
            days before, what is left after whole ones are taken out is carried on.
        asked: (pairs,) fee with a guarantee in EUR.
        attraction: (pairs,) weight of a unit of capacity in the eyes of clients.
        legs: Fee, where anybody serves a leg, and offer are filled.
        day: Today.
        packed_parameters: What is assumed.
        scale: Agents per person.
        queue: See `available_operators`.
        sums: (3, legs) work space.
    """
    available_operators(s, day, packed_parameters[0], scale, queue, today)
    total, money, least = sums[0], sums[1], sums[2]
    sums[:, :] = 0.0
    for pair in range(asked.size):
        who, at = pairs.smuggler[pair], pairs.leg[pair]
        if legs.boat[at]:
            # seats are a stock: rounded the same way every day, or the luckiest day would count
            luck = uniform(seed, _CAPACITY_ROUNDING, s.uid[who], at)
            room = max(np.floor(today.space[who] + luck), 0.0)
        else:
            daily = today.strength[who] * s.capacity[who] * pairs.share[pair]  # persons
            places = min(pairs.carried[pair], _UNDER_ONE + (1.0 - scale) * daily) + daily * scale
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
def book_day(
    s: Earners,
    pairs: Trade,
    fee_factor: np.ndarray,
    revenue: np.ndarray,
    usual: np.ndarray,
    parameters: Parameters,
    scale: float,
    books: DayBooks,
) -> float:
    """Book the day's revenue, costs and losses of every operator.

    A trip costs the more the dearer its leg: both go with how long and how hard it is. The cost of
    a launch is booked where boats are launched.

    Args:
        s: The operators; cash and the counts of the week are changed.
        pairs: The trips and stops of today.
        fee_factor: (legs,) fee of a leg against the usual one of its segment.
        revenue: (operators,) EUR of agents received today.
        usual: (segments, places) EUR usually taken per person of capacity in use.
        parameters: What is assumed.
        scale: Agents per person.
        books: Filled.

    Returns:
        People a day that all who have not left the market can carry, those held briefly included.
    """
    market, income, gain = parameters.market, books.income, books.gain
    trips, losses, spent = books.trips, books.losses, books.spent
    capacity = 0.0
    trips[:] = 0
    losses[:] = 0
    spent[:] = 0.0
    for pair in range(pairs.smuggler.size):
        who = pairs.smuggler[pair]
        trips[who] += pairs.trips[pair]
        losses[who] += pairs.stops[pair]
        spent[who] += pairs.trips[pair] * s.cost[who] * fee_factor[pairs.leg[pair]]
    for row in range(income.size):
        cost, overhead = 0.0, 0.0
        if s.stage[row] != BOAT:
            cost = (spent[row] + losses[row] * market.loss_per_stop) / scale
        if s.status[row] != _RETIRED:
            capacity += s.capacity[row]
            taken = usual[s.stage[row], s.place[row]]
            overhead = market.overhead_share * (s.capacity[row] * taken * market.use_usual)
        income[row] = revenue[row] / scale
        gain[row] = income[row] - cost - overhead
        s.cash[row] += gain[row]
        s.week_revenue[row] += revenue[row]
        s.week_cost[row] += cost + overhead
        s.week_trips[row] += trips[row]
        s.week_losses[row] += losses[row]
    return capacity


@inner
def remember_day(
    pairs: Trade,
    worked: np.ndarray,
    asked: np.ndarray,
    unmet: np.ndarray,
    scale: float,
    keep: float,
    week_asked: np.ndarray,
    week_unmet: np.ndarray,
) -> None:
    """Add the day to what operators remember of their legs, and to the counts of the week.

    Places that nobody took are carried on. How much of them lasts, the next morning tells
    (`update_offers`).

    Args:
        pairs: The clients, trips and stops of today, and what is remembered; changed.
        worked: (operators,) who was open for business today. That the others were asked by nobody
            tells nothing of demand, so what they remember of it stands still.
        asked: (legs,) agents who looked for an operator today.
        unmet: (legs,) those of them who found none.
        scale: Agents per person.
        keep: Share of the memory of demand left after a day.
        week_asked: (legs,) raised.
        week_unmet: (legs,) raised.
    """
    for pair in range(pairs.leg.size):
        pairs.trials[pair] += pairs.trips[pair]
        pairs.losses[pair] += pairs.stops[pair]
        if worked[pairs.smuggler[pair]]:
            clients = (1.0 - keep) * pairs.clients[pair] / scale
            pairs.asked[pair] = pairs.asked[pair] * keep + clients
        pairs.carried[pair] += max(pairs.room[pair], 0)
    for leg in range(week_asked.size):
        week_asked[leg] += asked[leg]
        week_unmet[leg] += unmet[leg]


@kernel
def close_books(
    s: Earners,
    pairs: Trade,
    fee_factor: np.ndarray,
    revenue: np.ndarray,
    usual: np.ndarray,
    packed_parameters: np.ndarray,
    scale: float,
    books: DayBooks,
    worked: np.ndarray,
    asked: np.ndarray,
    unmet: np.ndarray,
    keep: float,
    week_asked: np.ndarray,
    week_unmet: np.ndarray,
) -> float:
    """`remember_day` and `book_day`; returns what the latter does."""
    remember_day(pairs, worked, asked, unmet, scale, keep, week_asked, week_unmet)
    return book_day(s, pairs, fee_factor, revenue, usual, packed_parameters[0], scale, books)
