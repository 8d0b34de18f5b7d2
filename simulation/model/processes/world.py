"""The state that all processes of one model share.

A process reads and writes the world; it never sees the model class. Everything here belongs to
one model: two models in one process share nothing but read-only tables.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date, timedelta
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.chain import LINKS, NOWHERE
from simulation.compiled import Bools, Ints, kernel, packed
from simulation.corridor import Corridor
from simulation.corridor.stages import SEGMENTS
from simulation.model.agents.authority import AuthorityBeliefs
from simulation.model.agents.migrant import MigrantColumns, State, empty_columns
from simulation.model.agents.smuggler import SmugglerColumns, Status
from simulation.model.agents.unit import UnitColumns, make_units
from simulation.model.processes.tables import (
    LegCounts,
    make_ground,
    make_legs,
    make_pairs,
    make_places,
)
from simulation.parameters import Parameters
from simulation.randomness import keyed_word
from simulation.scenario.policy import Levers, PolicyDay

WEEK = 7.0  # days
_CAUSES = 8  # room for the ways in which a fact is learnt
#: groups of records that compiled code reads by their names
COMPILED_GROUPS = (
    "beliefs", "channel", "evasion", "intelligence", "market", "migrants", "patrol", "supply",
)  # fmt: skip


class DayContext(Parameters):
    """The day and what is assumed, as compiled code sees the only row of `World.now`."""

    day: int  # since the first simulated one
    ordinal: int  # the date as a number, a key for draws
    seed: int  # of the replication
    scale: float  # agents per person


def pack_day(parameters: Parameters) -> npt.NDArray[np.void]:
    """What is assumed, and room for the day, as compiled code takes it; see `World.now`."""
    return packed(
        parameters.values(), COMPILED_GROUPS, day=0, ordinal=0, seed=np.uint64(0), scale=1.0
    )


def _in_now(name: str) -> Any:
    """An attribute of a world that compiled code reads in its `now`."""

    def write(world: World, value: float) -> None:
        setattr(world, f"_{name}", value)
        world.now[name] = value

    return property(attrgetter(f"_{name}"), write)


class Ledger:
    """What the world counts each day, in agents and euros of agents; arrays (days, ...).

    The first axis runs over all simulated days, warm-up included.
    """

    def __init__(self, days: int, legs: int, places: int, authorities: int) -> None:
        self.departures = np.zeros((days, legs), dtype=np.int32)
        self.stops = np.zeros((days, legs), dtype=np.int32)
        self.arrivals = np.zeros((days, legs), dtype=np.int32)
        self.deaths = np.zeros((days, legs), dtype=np.int32)
        self.detections = np.zeros(days, dtype=np.int64)
        self.present = np.zeros((days, places), dtype=np.int32)
        self.states = np.zeros((days, len(State)), dtype=np.int64)
        self.entered = np.zeros(days, dtype=np.int64)  # on the Balkan route
        self.boats_landed = np.zeros(days, dtype=np.int64)
        self.launches = np.zeros((days, legs), dtype=np.int16)
        self.launches_stopped = np.zeros((days, legs), dtype=np.int16)
        self.prevented = np.zeros(days, dtype=np.int64)
        self.removed = np.zeros(days, dtype=np.int64)  # returned after they had landed
        self.admitted = np.zeros(days, dtype=np.int64)  # in return for those
        self.boats_seized = np.zeros(days, dtype=np.int64)
        self.revenue = np.zeros(days)
        self.profit = np.zeros(days)
        self.seat_price = np.full(days, np.nan)
        self.arrested = np.zeros(days, dtype=np.int64)
        self.active = np.zeros(days, dtype=np.int64)
        self.mapped = np.zeros(days)
        self.cases = np.zeros((days, authorities), dtype=np.int32)
        self.in_jurisdiction = np.zeros((days, authorities), dtype=np.int32)
        #: (days, links, authorities + 1) the rows of `LINKS`; the last column is for counts
        #: without an authority. `delivered` is booked ahead, on the day on which a fact will arrive
        self.chain = np.zeros((days, len(LINKS), authorities + 1))


class FactBuffer:
    """Facts from the accounts of a day, as they came in, in longer columns.

    Attributes:
        count: How many there are.
        raw: (4, room) authority, operator, kind, and host or -1.
        keys: (room,) identifiers.
    """

    def __init__(self) -> None:
        self.count = 0
        self.raw = np.empty((4, 0), dtype=np.int64)
        self.keys = np.empty(0, dtype=np.uint64)

    def clear(self) -> None:
        """Forget all."""
        self.count = 0

    def make_room(self, more: int) -> None:
        """Have room for so many more facts."""
        if self.count + more > self.keys.size:
            old, self.raw = self.raw, np.empty((4, 2 * (self.count + more)), dtype=np.int64)
            keys, self.keys = self.keys, np.empty(self.raw.shape[1], dtype=np.uint64)
            self.raw[:, : self.count] = old[:, : self.count]
            self.keys[: self.count] = keys[: self.count]


class World:
    """State shared by the processes of one model.

    A new world is complete and empty: everything is there, and nobody has set out or works yet.
    `building.build_world` has each process fill in its part.

    Args:
        model: The model it is the world of.
        corridor: The corridor.
        levers: What the policy sets, day by day.
        parameters: What is assumed.
        routes: The routes by which people enter.
        seed: Seed of the replication.
        scale: Agents per person.
        first: First simulated day, warm-up included.
        days: Number of simulated days.
    """

    day: int = _in_now("day")
    ordinal: int = _in_now("ordinal")
    seed: int = _in_now("seed")
    scale: float = _in_now("scale")

    def __init__(
        self,
        model: Any,
        corridor: Corridor,
        levers: Levers,
        parameters: Parameters,
        routes: tuple[str, ...],
        seed: int,
        scale: float,
        first: date,
        days: int,
    ) -> None:
        self.model = model
        self.corridor = corridor
        self.levers = levers
        self.parameters = parameters
        self.routes = routes
        self.seed = seed
        self.scale = scale
        self.first = first
        self.days = days
        legs, places, authorities = (
            len(corridor.legs), len(corridor.places), len(corridor.authorities),
        )  # fmt: skip

        # the day
        self.day = 0
        self.today = first
        self.policy: PolicyDay = levers.on(first)

        # the way
        self.ground = make_ground(corridor)
        self.legs = make_legs(corridor, self.ground, parameters)
        self.places = make_places(self.ground)
        self.landing_authority = int(self.ground.uk[1])  # talks to people who arrive in the UK

        # people
        self.migrants: MigrantColumns = empty_columns(0)
        #: (people on the way,) their rows
        self.live = np.empty(0, dtype=np.int64)
        self._live_room = self.live  # longer, where `live` is its beginning
        #: (places,) agents who wait or are held this morning
        self.waiting = np.zeros(places)
        self.money = np.zeros(3, dtype=np.int64)  # paid, received by operators, given back
        self.ended = np.zeros(len(State), dtype=np.int64)  # agents by final state, so far
        #: row of somebody who landed and was returned, and the day of that landing
        self.undone_landings: list[tuple[int, int]] = []

        # units
        self.units: UnitColumns = make_units(corridor)
        self.effort = np.zeros(legs)
        #: (legs,) rate at which patrols find a crossing where people usually cross
        self.search_rate = np.zeros(legs)

        # operators
        self.smugglers = SmugglerColumns()
        #: operators on the legs they serve
        self.pairs = make_pairs(0, legs)
        #: (ties, 2) rows of operators who know each other
        self.ties: npt.NDArray[np.int32] = np.empty((0, 2), dtype=np.int32)
        #: (authorities, operators) who can arrest whom
        self.jurisdiction: Bools = np.empty((authorities, 0), dtype=bool)
        #: (segments, places) share of fees an operator usually sees
        self.share_paid = np.zeros((len(SEGMENTS), places))
        #: (segments, places) people a day of one operator
        self.typical_capacity = np.zeros((len(SEGMENTS), places))
        self.queue_length = np.zeros(0)  # (operators,) agents with a seat promised
        self.revenue = np.zeros(0, dtype=np.int64)  # (operators,) EUR of agents, today
        self.boat_price = float(parameters.supply.boat_price)  # EUR, with its engine, today
        #: legs that need an operator, by segment and place, as far as they were asked for
        self.legs_from: dict[tuple[int, int], npt.NDArray[np.intp]] = {}
        #: (authorities,) who can arrest an operator, by segment, place, chain and whether it
        #: handles money for boats, as far as it was asked for
        self.can_arrest: dict[tuple[int, int, int, bool], Bools] = {}

        # what authorities learn
        self.beliefs = AuthorityBeliefs(authorities, legs, 0)
        #: (authorities,) chance that an account gives a usable fact; an agent speaks for
        #: 1 / scale people
        self.account_yield = np.full(
            authorities, min(float(parameters.intelligence.account_yield / scale), 1.0)
        )
        self.seizure_facts: list[tuple[int, int, int, int]] = []  # authority, operator, kind, key
        self.account_facts = FactBuffer()
        self.arrests: list[int] = []  # operators whose head was arrested today
        self.seized_phones: list[
            tuple[int, int, bool]
        ] = []  # operator, authority, whether a major arrest
        self.warned_operators: list[int] = []  # operators who heard today that they are known

        # counts
        #: (counts, legs) the columns of `counts`, to clear them at once
        self._counted = np.zeros((len(LegCounts._fields), legs), dtype=np.int64)
        self.counts = LegCounts(*self._counted)
        self.ledger = Ledger(days, legs, places, authorities)
        self.links = self.ledger.chain[0]  # (links, authorities + 1) today's counts of the chain

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        # a copy of a world is that of a copy of its model; `snapshots` writes what it holds
        return getattr, (self.model, "world")

    __copy__ = copy.deepcopy

    def __setstate__(self, state: Mapping[str, object]) -> None:
        self.__dict__.update(state)
        self.parameters = self._parameters  # packed anew: see `packed`

    @property
    def parameters(self) -> Parameters:
        """What is assumed; to set it sets what is assumed of `now` as well."""
        return self._parameters

    @parameters.setter
    def parameters(self, parameters: Parameters) -> None:
        self._parameters = parameters
        #: the day and what is assumed, as the only row of a table for compiled code, (1,)
        self.now = pack_day(parameters)
        for name in DayContext.__annotations__:
            self.now[name] = self.__dict__.get(f"_{name}", 0)

    @property
    def today(self) -> date:
        """The date; to set it sets `ordinal` as well, which is asked for many times a day."""
        return self._today

    @today.setter
    def today(self, today: date) -> None:
        self._today = today
        self.ordinal = today.toordinal()

    def count(self, link: int, value: float, authority: int = NOWHERE) -> None:
        """Add to a link of the chain today.

        Args:
            link: Its row, from `simulation.chain.link`.
            value: In the unit of the link.
            authority: Whose it is.
        """
        if value:
            self.links[link, authority] += value

    @property
    def weekly(self) -> bool:
        """Whether today is a day for weekly decisions: a Monday with something behind it.

        On a first day nothing has been seen yet, and decisions on that would undo the pictures and
        the market that a run begins with.
        """
        return self.day > 0 and self.today.weekday() == 0

    def begin_day(self, day: int) -> None:
        """Set the date and the policy in force, and clear the day's counts."""
        self.day = day
        self.today = self.first + timedelta(days=day)
        self.policy = self.levers.on(self.today)
        self.links = self.ledger.chain[day]
        for counts in (self._counted, self.pairs.asked, self.pairs.trips, self.pairs.stops):
            counts.fill(0)
        self.seizure_facts.clear()
        self.account_facts.clear()
        self.arrests.clear()
        self.seized_phones.clear()
        self.warned_operators.clear()
        self.revenue.fill(0)
        self.make_room_for_revenue()

    def make_room_for_revenue(self) -> None:
        """Have room for what each operator takes in today, of those new today too."""
        if self.revenue.size != self.smugglers.count:
            self.revenue = np.zeros(self.smugglers.count, dtype=np.int64)

    def room_for_more(self, people: int) -> Ints:
        """Where to write rows of people who set out, after those who are on the way, (people,)."""
        count, room = self.live.size, self._live_room
        if self.live.base is not room or room.size < count + people:
            self._live_room = np.empty(2 * (count + people), dtype=np.int64)
            self._live_room[:count] = self.live
            self.live = self._live_room[:count]
        return self._live_room[count : count + people]

    def keep_first(self, people: int) -> None:
        """Leave the first so many people of `live` on the way."""
        self.live = self.live[:people]

    def add_first(self, people: int) -> None:
        """Put the first so many people of `room_for_more` on the way."""
        self.live = self._live_room[: self.live.size + people]

    def record_accounts(self, accounts: Ints) -> None:
        """Remember what people told today.

        Args:
            accounts: (accounts, 4) rows of authority, operator, how it was learnt, person.
        """
        buffer = self.account_facts
        buffer.make_room(accounts.shape[0])
        _write_account_facts(
            self.ordinal, accounts, self.migrants.uid, buffer.count, buffer.raw, buffer.keys
        )
        buffer.count += accounts.shape[0]

    def count_waiting(self) -> None:
        """Count who waits where and for whom this morning.

        Clients of those who are not at work look for another: held, gone, or lying low.
        """
        if self.queue_length.size != self.smugglers.count:
            self.queue_length = np.empty(self.smugglers.count)
        m = self.migrants
        _count_waiting(
            self.day, self.live, m.state, m.place, m.smuggler, m.due, self.smugglers.rows,
            self.waiting, self.queue_length,
        )  # fmt: skip

    def count_present(self) -> None:
        """Count who is where and in which state this evening."""
        present, states = self.ledger.present[self.day], self.ledger.states[self.day]
        m = self.migrants
        _count_states(self.live, m.state, m.place, self.ended, present, states)

    def close_day(self) -> None:
        """Write the day's counts into the ledger."""
        ledger, day, counts = self.ledger, self.day, self.counts
        ledger.departures[day] = counts.departures
        ledger.stops[day] = counts.stops
        ledger.arrivals[day] = counts.arrivals
        ledger.deaths[day] = counts.deaths
        ledger.detections[day] = counts.detections.sum()


# -- passes over everyone on the way ---------------------------------------------------------------


@kernel
def _count_waiting(
    day: int,
    live: np.ndarray,
    state_of: np.ndarray,
    place_of: np.ndarray,
    smuggler_of: np.ndarray,
    due: np.ndarray,
    s: SmugglerColumns,
    present: np.ndarray,
    queue: np.ndarray,
) -> None:
    """Fill in who waits or is held, (places,), and has a seat promised, (operators,).

    A seat is good only where it was promised; clients of those gone are due today at the latest.
    """
    present[:] = 0.0
    queue[:] = 0.0
    for i in range(live.size):
        row = live[i]
        state, place = state_of[row], place_of[row]
        # a sum without a branch, for nobody could guess who waits
        present[place] += int(state == State.WAITING) + int(state == State.DETAINED)
        if state == State.QUEUED:
            operator = smuggler_of[row]
            works = s.status[operator] == Status.ACTIVE and s.dark_until[operator] <= day
            if works and s.place[operator] == place:
                queue[operator] += 1.0
            else:
                due[row] = min(due[row], day)


@kernel
def _count_states(
    live: np.ndarray,
    state_of: np.ndarray,
    place_of: np.ndarray,
    ended: np.ndarray,
    present: np.ndarray,
    states: np.ndarray,
) -> None:
    """Fill in who is there and does not travel, (places,), and people by state, (states,)."""
    present[:] = 0
    for state in range(states.size):
        states[state] = ended[state]
    for i in range(live.size):
        state = state_of[live[i]]
        states[state] += 1
        present[place_of[live[i]]] += state != State.TRAVELLING


@kernel
def drop_finished(live: np.ndarray, state_of: np.ndarray, ended: np.ndarray) -> int:
    """Take out of `live` those whose journey is over, and count them in `ended`.

    Args:
        live: Rows of people; changed.
        state_of: (people,) where each stands.
        ended: (states,) people by final state, added to.

    Returns:
        How many are left, the first entries of `live`.
    """
    n_alive = 0
    for i in range(live.size):
        row = live[i]
        if state_of[row] < State.ARRIVED_BOAT:
            live[n_alive] = row
            n_alive += 1
        else:
            ended[state_of[row]] += 1
    return n_alive


@kernel
def _write_account_facts(
    ordinal: int,
    accounts: np.ndarray,
    uid: np.ndarray,
    before: int,
    raw: np.ndarray,
    keys: np.ndarray,
) -> None:
    """Write accounts as facts after the first `before` ones of a `FactBuffer`.

    Their identifiers are of the person and the cause.
    """
    for k in range(accounts.shape[0]):
        at = before + k
        raw[0, at], raw[1, at], raw[2, at] = accounts[k, 0], accounts[k, 1], accounts[k, 2]
        raw[3, at] = -1
        cause = ordinal * _CAUSES + accounts[k, 2]
        keys[at] = keyed_word(0, 0, uid[accounts[k, 3]], np.uint64(cause))
