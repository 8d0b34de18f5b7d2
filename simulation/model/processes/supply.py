"""Boats on their way to the coast: made, kept in depots, ordered, carried, and seized.

A boat comes with its engine. Suppliers bring boats from the makers to their depots, launchers order
from the depots, and consignments go to the coast. Boats have one price on the whole chain, which
rises as the stock falls short of the need for it; what makers bring and what launchers keep answer
the price.
"""

from __future__ import annotations

import math
from datetime import date
from typing import NamedTuple

import numpy as np

from simulation.chain import link
from simulation.compiled import Bools, Floats, Ints, inner, kernel, with_room
from simulation.corridor.stages import BOAT, SUPPLY
from simulation.model.agents.authority import SEIZURE
from simulation.model.agents.smuggler import NO_HEIR, Role, SmugglerColumns, Status
from simulation.model.processes.freezing import unpaid_today
from simulation.model.processes.investigation import Investigation, case_chance, share_watched
from simulation.model.processes.tables import in_business
from simulation.model.processes.world import WEEK, DayContext, World
from simulation.randomness import (
    Decision,
    child_identifier,
    draw,
    keyed_word,
    put_in_turn,
    two_part_key,
    uniform,
)

_UPSTREAM, _AT_COAST = link("boats_seized_upstream"), link("boats_seized_coast")
_JUST_ABOVE_ONE = 1.0 + 1e-9  # room for rounding
#: columns of a table of consignments
_COLUMNS = ("launcher", "supplier", "boats", "chain", "day sent", "stations passed", "key")
_LAUNCHER, _SUPPLIER, _BOATS, _CHAIN, _SENT, _PASSED, _KEY = range(len(_COLUMNS))


# -- the price of a boat --------------------------------------------------------------------------


@inner
def boat_price(
    stock: float, wanted: float, cover: float, usual: float, elasticity: float, least: float,
    most: float
) -> float:  # fmt: skip
    """Price of a boat with its engine, from the stock against what launchers want to have.

    `usual x (usual cover / cover) ^ elasticity`, within bounds; cover is stock / wanted.

    Args:
        stock: Boats on the whole chain.
        wanted: Boats that launchers want on hand and on their way, at the usual price.
        cover: Boats on the chain for each that is wanted, usually.
        usual: EUR at that cover.
        elasticity: Of the price in how short the stock is.
        least: Lowest price, against the usual one.
        most: Highest price, against the usual one.

    Returns:
        EUR.
    """
    if wanted <= 0.0:
        return usual * least
    shortage = cover * wanted / stock if stock > 0.0 else math.inf
    return usual * min(max(shortage**elasticity, least), most)


def squeeze_begins(start: float) -> float:
    """Date on which the squeeze on the supply of boats begins, as a number with decimals.

    Args:
        start: A year and its decimals.
    """
    year = math.floor(start)
    first = date(year, 1, 1).toordinal()
    return first + (start - year) * (date(year + 1, 1, 1).toordinal() - first)


@inner
def squeeze_progress(ordinal: int, begins: float, days: float) -> float:
    """How far the squeeze on the supply of boats has come on a date, 0 to 1.

    Args:
        ordinal: The date as a number.
        begins: When it begins, likewise; see `squeeze_begins`.
        days: Over how many days it comes into force, evenly.
    """
    return min(max((ordinal - begins) / days, 0.0), 1.0)


@inner
def brought_at(ordinal: int, since: float, ease: float, begins: float, days: float) -> float:
    """Boats a week that makers bring to a supplier at the usual price, by the date.

    `since x ease ^ (1 - progress of the squeeze)`: the supply of boats was squeezed once.

    Args:
        ordinal: The date as a number.
        since: Boats a week since the squeeze.
        ease: Those before it, against those since.
        begins: See `squeeze_progress`.
        days: See `squeeze_progress`.
    """
    return since * ease ** (1.0 - squeeze_progress(ordinal, begins, days))


@inner
def rivals_factor(in_business: int, usual: float, share: float) -> float:
    """What makers bring to each supplier in business when others are out, against usual.

    Makers sell what the others would have bought to those who are left, as far as these can take it
    on: Campana (2018) finds independent traders whose share rivals take when one is removed.

    Args:
        in_business: Suppliers in business.
        usual: Suppliers there usually are.
        share: Of what those missing would have brought, what the others take on.
    """
    if in_business <= 0:
        return 1.0
    return 1.0 + share * max(usual - in_business, 0.0) / in_business


@inner
def wanted_of_makers(now: DayContext, in_business: int, dearer: float, begins: float) -> float:
    """Boats a week that makers would bring to a supplier in the long run.

    Boats are `dearer` than usual by a factor; the squeeze `begins` as for `squeeze_progress`.
    """
    supply = now.supply
    level = brought_at(
        now.ordinal, supply.boats_per_supplier_week, supply.ease_before, begins, supply.squeeze_days
    )
    rivals = rivals_factor(in_business, now.market.operators_supply, supply.rival_share)
    return level * dearer**supply.maker_response * rivals


@inner
def set_price(
    now: DayContext, stock: float, crews: float, in_business: int, brought: float, begins: float
) -> tuple[float, float]:
    """The price of a boat today, EUR, and boats a week that makers bring to a supplier at it.

    `stock`, `crews` and `in_business` are those of `count_boats`; `brought` is yesterday's.
    """
    supply = now.supply
    price = boat_price(
        stock, supply.stock_target * crews, supply.usual_cover, supply.boat_price,
        supply.price_elasticity, supply.price_least, supply.price_most,
    )  # fmt: skip
    wanted = wanted_of_makers(now, in_business, price / supply.boat_price, begins)
    return price, brought + (wanted - brought) / supply.maker_days


# -- orders and consignments -----------------------------------------------------------------------


class Chains(NamedTuple):
    """The ways boats take to the coast; arrays (chains,) unless said."""

    length: Ints  # stations
    days: Floats  # from the first station to the coast
    stations: Ints  # (chains, stations) authority of each, in order


class OrderSpace(NamedTuple):
    """Work space for the orders of a day, (operators or more,)."""

    suppliers: Ints
    buyers: Ints
    turn: Floats
    sent: Ints  # (operators, columns) the orders as consignments; see `_COLUMNS`


def order_space(operators: int) -> OrderSpace:
    """For so many operators."""
    return with_room(OrderSpace, operators, sent=(operators, len(_COLUMNS)))


class SupplyDay(NamedTuple):
    """The boats in depots and under way, and what they meet on their way today."""

    chains: Chains
    cases: Floats  # (authorities, operators) log-odds as each authority sees them
    watched: Floats  # (authorities,) of the operators with a case, the share with a team each
    surge: Floats  # (authorities,) multiplier of the rates at which stations find consignments
    carried: Floats  # (operators,) boats in a supplier's depot, changed
    #: (consignments, columns) see `_COLUMNS`; those left are moved to the front
    under_way: Ints
    #: (consignments, columns) filled with those seized, the authority in place of the chain
    seized: Ints


@kernel
def consignment_key(buyer: np.uint64, ordinal: int) -> np.int64:
    """Key of what a buyer orders on a day: `child_identifier`, for each orders once a day at most.

    It is kept among whole numbers with a sign.
    """
    return np.int64(keyed_word(0, 0, buyer, ordinal) >> np.uint64(1))


@inner
def _fill_depot(
    row: int, brought: float, depot: float, s: SmugglerColumns, carried: Floats
) -> None:
    """Add what makers bring to the depot of a supplier in business, as far as it has room.

    What came back from buyers who are gone may be more than it has room for, and is not lost.
    """
    if s.stage[row] == SUPPLY and in_business(s, row) and carried[row] < depot:
        carried[row] = min(carried[row] + brought, depot)


@inner
def _boats_short(row: int, stock_target: float, s: SmugglerColumns) -> float:
    """Boats that a launcher lacks, with those on their way."""
    return np.ceil(stock_target * s.teams[row]) - s.boats[row] - s.ordered[row]


@inner
def _list_traders(
    now: DayContext, s: SmugglerColumns, stock_target: float, carried: np.ndarray, space: OrderSpace
) -> tuple[int, int]:
    """Fill in suppliers at work who have a boat, and launchers at work who are short, in turn.

    Returns how many suppliers and how many launchers there are.
    """
    offering, short = 0, 0
    for row in range(s.uid.size):
        if s.status[row] != Status.ACTIVE or s.dark_until[row] > now.day:
            continue
        if s.stage[row] == SUPPLY:
            space.suppliers[offering] = row
            offering += carried[row] >= 1.0
        if s.stage[row] != BOAT or s.role[row] != Role.LAUNCHER:
            continue
        if _boats_short(row, stock_target, s) >= 1.0:
            u = uniform(now.seed, Decision.ORDER_TURN, s.uid[row], now.ordinal)
            short = put_in_turn(row, u, short, space.buyers, space.turn)
    return offering, short


@inner
def _draw_supplier(
    now: DayContext,
    buyer: np.uint64,
    suppliers: np.ndarray,
    s: SmugglerColumns,
    carried: np.ndarray,
) -> int:
    """One of those who still have a boat, each as likely as the others; -1 if none has."""
    supplier, best = -1, 0.0
    for row in suppliers:
        if carried[row] >= 1.0:
            key = two_part_key(s.uid[row], now.ordinal)
            u = uniform(now.seed, Decision.CONSIGNMENT_ROUTE, buyer, key)
            if u > best:
                supplier, best = row, u
    return supplier


@kernel
def place_orders(
    now: DayContext,
    s: SmugglerColumns,
    stock_target: float,
    brought: float,
    carried: np.ndarray,
    space: OrderSpace,
) -> int:
    """Fill the depots, and let launchers who are short of boats order from those with a boat.

    When boats are scarce it matters who orders first: a turn is drawn for each day. Each supplier
    is as likely as the others.

    Args:
        now: The day, and what is assumed.
        s: The operators; the boats ordered are raised.
        stock_target: Boats that a launcher wants for each crew, those on their way included.
        brought: Boats that makers bring today to the depot of each supplier in business.
        carried: (operators,) boats in a supplier's depot, changed.
        space: The orders are filled in as consignments.

    Returns:
        How many orders were placed.
    """
    for row in range(s.uid.size):
        _fill_depot(row, brought, now.supply.depot_boats, s, carried)
    offering, short = _list_traders(now, s, stock_target, carried, space)
    sent, orders = space.sent, 0
    for row in space.buyers[:short]:
        supplier = _draw_supplier(now, s.uid[row], space.suppliers[:offering], s, carried)
        if supplier < 0:
            break
        most = np.floor(min(carried[supplier], now.supply.consignment_boats))
        boats = int(min(_boats_short(row, stock_target, s), most))
        carried[supplier] -= boats
        s.ordered[row] += boats
        order = sent[orders]
        order[_LAUNCHER], order[_SUPPLIER], order[_BOATS] = row, supplier, boats
        order[_CHAIN], order[_SENT], order[_PASSED] = s.chain[supplier], now.ordinal, 0
        order[_KEY] = consignment_key(s.uid[row], now.ordinal)
        orders += 1
    return orders


@kernel
def _all_settled(s: SmugglerColumns, carried: np.ndarray, under_way: np.ndarray) -> bool:
    """Whether nobody who is gone has, awaits or brings boats that are due to others."""
    open_items = 0
    for row in range(s.status.size):
        has = s.boats[row] > 0 or s.ordered[row] > 0 or carried[row] > 0.0
        open_items += s.status[row] == Status.RETIRED and has
    for k in range(under_way.shape[0]):
        open_items += s.heir[under_way[k, _SUPPLIER]] >= 0
    return open_items == 0


@inner
def _is_seized(now: DayContext, parcel: np.ndarray, authority: int, today: SupplyDay) -> bool:
    """Whether a consignment is seized at the next station, which is an authority's."""
    routine, by_case = now.supply.routine_seizure, now.supply.case_seizure
    u = uniform(now.seed, Decision.CONSIGNMENT_SEIZURE, np.uint64(parcel[_KEY]), parcel[_PASSED])
    # a chance is at most the rate, and this at most that of a supplier known for certain
    if u > (routine + by_case) * today.surge[authority] * _JUST_ABOVE_ONE:
        return False
    case = case_chance(today.cases[authority, parcel[_SUPPLIER]]) * today.watched[authority]
    watch = (routine + by_case * case) * today.surge[authority]
    return u < 1.0 - np.exp(-watch)


@inner
def _pass_stations(now: DayContext, parcel: np.ndarray, today: SupplyDay) -> int:
    """Take a consignment past the stations of the day.

    Returns the authority that seizes it, -1 if none does.
    """
    chains, chain = today.chains, parcel[_CHAIN]
    length, days = chains.length[chain], chains.days[chain]
    reached = min((now.ordinal - parcel[_SENT]) * length / days, length)
    while parcel[_PASSED] < reached:
        authority = chains.stations[chain, parcel[_PASSED]]
        if _is_seized(now, parcel, authority, today):
            return authority
        parcel[_PASSED] += 1
    return -1


@inner
def _copy_row(parcel: np.ndarray, table: np.ndarray, row: int) -> None:
    """Write a consignment into a row of a table."""
    for column in range(parcel.size):
        table[row, column] = parcel[column]


@inner
def _advance(now: DayContext, today: SupplyDay, s: SmugglerColumns) -> tuple[int, int]:
    """Take consignments past the stations of the day, and let them be seized or arrive.

    Returns how many are still under way, and how many were seized.
    """
    under_way, seized = today.under_way, today.seized
    left, lost = 0, 0
    for parcel in under_way:
        launcher, boats = parcel[_LAUNCHER], parcel[_BOATS]
        authority = _pass_stations(now, parcel, today)
        if authority >= 0:
            _copy_row(parcel, seized, lost)
            seized[lost, _CHAIN] = authority
            s.ordered[launcher] -= boats
            lost += 1
        elif now.ordinal - parcel[_SENT] >= today.chains.days[parcel[_CHAIN]]:
            s.boats[launcher] += boats
            s.ordered[launcher] -= boats
        else:
            _copy_row(parcel, under_way, left)
            left += 1
    return left, lost


@kernel
def count_boats(
    s: SmugglerColumns, carried: np.ndarray, under_way: np.ndarray
) -> tuple[float, float, int]:
    """Boats on the whole chain, crews of the launchers, and suppliers in business.

    What those who are held have is out of reach until somebody takes over.

    Args:
        s: The operators.
        carried: (operators,) boats in a supplier's depot.
        under_way: (consignments, columns) see `_COLUMNS`.
    """
    stock, crews, suppliers = 0.0, 0.0, 0
    for row in range(carried.size):
        held, retired = s.status[row] == Status.HELD, s.status[row] == Status.RETIRED
        if not held:
            stock += s.boats[row] + carried[row]
        if s.stage[row] == BOAT and not retired:
            crews += s.teams[row]
        suppliers += s.stage[row] == SUPPLY and not (held or retired)
    for k in range(under_way.shape[0]):
        stock += under_way[k, _BOATS]
    return stock, crews, suppliers


@kernel
def trade(
    packed: np.ndarray,
    brought: float,
    begins: float,
    s: SmugglerColumns,
    today: SupplyDay,
    space: OrderSpace,
) -> tuple[int, int, int, float, float]:
    """A day of the supply of boats: what is under way, the price of a boat, and new orders.

    Args:
        packed: The day, and what is assumed (`World.now`).
        brought: Boats a week that makers brought to a supplier yesterday.
        begins: When the squeeze begins, see `squeeze_begins`.
        s: The operators; what arrives is theirs, and what is ordered or seized is noted.
        today: The boats there are.
        space: The orders are filled in as consignments.

    Returns:
        How many consignments are still under way and how many were seized, how many orders were
        placed, the price of a boat in EUR, and boats a week that makers bring to a supplier today.
    """
    now = packed[0]
    supply = now.supply
    left, lost = _advance(now, today, s)
    stock, crews, in_trade = count_boats(s, today.carried, today.under_way[:left])
    price, brought = set_price(now, stock, crews, in_trade, brought, begins)
    target = supply.stock_target * (price / supply.boat_price) ** -supply.order_response
    orders = place_orders(now, s, target, brought / WEEK, today.carried, space)
    return left, lost, orders, price, brought


class Supply:
    """Boats in depots and under way, and their price.

    Args:
        world: With operators founded; its `boat_price` is kept up to date.

    Attributes:
        under_way: (consignments, columns) launcher, supplier, boats, chain, day sent, stations
            passed and key.
        carried: (operators,) boats in a supplier's depot.
        brought: Boats a week that makers bring to a supplier, which follows the price by their
            lead time.
        squeeze_begins: Date on which the squeeze begins, as a number with decimals.
    """

    def __init__(self, world: World) -> None:
        place = world.corridor.place_index
        chains = world.corridor.supply_chains
        authority = world.corridor.authority_index
        stations = [
            [authority[world.corridor.places[place[p]].authority] for p in chain.places]
            for chain in chains
        ]
        longest = max(len(passed) for passed in stations)
        self._chains = Chains(
            length=np.array([len(passed) for passed in stations]),
            days=np.array([chain.days for chain in chains]),
            stations=np.array([passed + [-1] * (longest - len(passed)) for passed in stations]),
        )
        self.under_way = np.empty((0, len(_COLUMNS)), dtype=np.int64)
        self.squeeze_begins = squeeze_begins(world.parameters.supply.squeeze_start)
        self._space = order_space(world.smugglers.count)
        self.carried = np.zeros(world.smugglers.count)
        in_trade = self._count(world)[2]
        self.brought = wanted_of_makers(world.now[0], in_trade, 1.0, self.squeeze_begins)
        self.carried = self._first_depots(world)
        world.boat_price, self.brought = set_price(
            world.now[0], *self._count(world), self.brought, self.squeeze_begins
        )

    def _first_depots(self, world: World) -> Floats:
        """What makes the usual stock complete, in equal parts, (operators,) boats."""
        s, supply = world.smugglers, world.parameters.supply
        suppliers = s.stage == SUPPLY
        stock, wanted = self.stock_and_wanted(world)
        each = (supply.usual_cover * wanted - stock) / max(int(np.count_nonzero(suppliers)), 1)
        return np.where(suppliers, min(max(each, 0.0), supply.depot_boats), 0.0)

    def stock_and_wanted(self, world: World) -> tuple[float, float]:
        """Boats in depots, on their way and at the coast, and those that launchers want to have.

        What launchers want, on hand and on their way, is at the usual price of a boat.
        """
        boats, crews, _ = self._count(world)
        return boats, world.parameters.supply.stock_target * crews

    def _count(self, world: World) -> tuple[float, float, int]:
        """`count_boats` of today's operators and consignments."""
        counts: tuple[float, float, int] = count_boats(
            world.smugglers.rows, self.carried, self.under_way
        )
        return counts

    def step(self, world: World, investigation: Investigation) -> None:
        """Move consignments, let them be seized or arrive, set the price, and send new ones.

        Args:
            world: The world.
            investigation: Has the case of each authority against each operator.
        """
        s = world.smugglers
        if self.carried.size != s.count:
            self.carried = np.append(self.carried, np.zeros(s.count - self.carried.size))
            if self._space.turn.size < s.count:
                self._space = order_space(2 * s.count)
        self.hand_on(world)
        today = SupplyDay(
            self._chains, investigation.cases, share_watched(world), world.policy.supply_surge,
            self.carried, self.under_way, np.empty_like(self.under_way),
        )  # fmt: skip
        unpaid = unpaid_today(world)
        s.status[unpaid] = Status.DISRUPTED  # they sell no boats today
        left, lost, orders, price, self.brought = trade(
            world.now, self.brought, self.squeeze_begins, s.rows, today, self._space
        )
        s.status[unpaid] = Status.ACTIVE
        self.under_way = self.under_way[:left]
        for launcher, supplier, boats, authority, _, _, key in today.seized[:lost].tolist():
            self.seize(world, launcher, supplier, boats, authority, key)
        world.boat_price = price  # what was seized this morning cost yesterday's
        if orders:
            self.under_way = np.concatenate([self.under_way, self._space.sent[:orders]])

    def hand_on(self, world: World) -> None:
        """What those who are gone have, or have ordered, goes to their successors or back."""
        s = world.smugglers
        if _all_settled(s.rows, self.carried, self.under_way):
            return
        gone = s.status == Status.RETIRED
        for left in np.flatnonzero(gone & (s.heir >= 0) & (self.carried > 0)).tolist():
            self.carried[s.heir[left]] += self.carried[left]
            self.carried[left] = 0.0
        boats = self.under_way[:, _BOATS]
        for column in (_LAUNCHER, _SUPPLIER):
            who = self.under_way[:, column]
            while (s.heir[who] >= 0).any():  # a successor can be gone as well
                heirs = np.where(s.heir[who] >= 0, s.heir[who], who)
                if column == _LAUNCHER:
                    np.subtract.at(s.ordered, who, boats)
                    np.add.at(s.ordered, heirs, boats)
                who[:] = heirs
        self._take_back(world, gone & (s.heir == NO_HEIR))

    def _take_back(self, world: World, gone: Bools) -> None:
        """Orders of those who are gone without a successor go back, and so does what they have.

        An order goes back to its supplier, boats in stock to all suppliers at work in equal parts.
        """
        s = world.smugglers
        back = gone[self.under_way[:, _LAUNCHER]]
        if back.any():
            launcher, supplier, boats = self.under_way[back][:, [_LAUNCHER, _SUPPLIER, _BOATS]].T
            np.subtract.at(s.ordered, launcher, boats)
            np.add.at(self.carried, supplier, boats)
            self.under_way = self.under_way[~back]
        at_work = (s.stage == SUPPLY) & (s.status == Status.ACTIVE)
        free = float(s.boats[gone].sum() + self.carried[gone].sum())
        if free and at_work.any():
            s.boats[gone], self.carried[gone] = 0, 0.0
            self.carried[at_work] += free / at_work.sum()

    def seize(
        self, world: World, launcher: int, supplier: int, boats: int, authority: int, key: int
    ) -> None:
        """A consignment is lost, and tells about its supplier and its buyer."""
        s = world.smugglers
        self._lose(world, launcher, boats)
        world.count(_UPSTREAM, boats, authority)
        seizure = child_identifier(key, (world.ordinal << 8) | authority)
        for row in (supplier, launcher):
            u = draw(world.seed, Decision.INSPECTION_FACT, s.uid[row], seizure)
            if u < world.parameters.supply.fact_yield:
                fact = child_identifier(int(s.uid[row]), seizure)
                world.seizure_facts.append((authority, row, SEIZURE, fact))

    def _lose(self, world: World, launcher: int, boats: int) -> None:
        """Boats taken from a launcher, in stock or on their way to it, are its loss."""
        s, loss = world.smugglers, boats * world.boat_price
        world.ledger.boats_seized[world.day] += boats
        s.cash[launcher] -= loss
        s.week_cost[launcher] += loss
        world.ledger.profit[world.day] -= loss

    def confiscate(self, world: World, row: int, authority: int, most: int) -> int:
        """Take boats from an operator: its stock or depot, or what a supplier has under way.

        Args:
            world: The world.
            row: The operator.
            authority: Who takes them.
            most: Boats to take at most.

        Returns:
            Boats taken.
        """
        s = world.smugglers
        taken = min(int(s.boats[row]), most)
        if taken:
            s.boats[row] -= taken
            self._lose(world, row, taken)
            world.count(_AT_COAST, taken, authority)
        depot = min(int(self.carried[row]), most - taken) if row < self.carried.size else 0
        if depot:
            self.carried[row] -= depot
            world.ledger.boats_seized[world.day] += depot
            world.count(_UPSTREAM, depot, authority)
            taken += depot
        for parcel in np.flatnonzero(self.under_way[:, _SUPPLIER] == row).tolist():
            launcher, supplier, left_aboard, _, _, _, key = self.under_way[parcel].tolist()
            boats = min(left_aboard, most - taken)
            if boats > 0:
                s.ordered[launcher] -= boats
                self.seize(world, launcher, supplier, boats, authority, key)
                self.under_way[parcel, _BOATS] -= boats
                taken += boats
        self.under_way = self.under_way[self.under_way[:, _BOATS] > 0]
        return taken
