"""Boats on their way to the coast: ordered by launchers, carried by suppliers, and seized."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.agents.authority import SEIZURE
from simulation.agents.smuggler import Role, Status
from simulation.compiled import kernel
from simulation.processes.investigation import case_chance
from simulation.processes.operators import supply_chain_of
from simulation.processes.world import BOAT, SUPPLY, World
from simulation.randomness import (
    Decision,
    child_identifier,
    draw,
    two_part_keys,
    uniform,
    uniforms,
)

_ROUTE = int(Decision.CONSIGNMENT_ROUTE)

#: what is known of each consignment
_COLUMNS = ("_launcher", "_supplier", "_boats", "_chain", "_sent", "_station")


@kernel
def place_orders(
    seed: int,
    buyers: np.ndarray,
    uid: np.ndarray,
    short: np.ndarray,
    suppliers: np.ndarray,
    keys: np.ndarray,
    carried: np.ndarray,
    ordered: np.ndarray,
    sent: np.ndarray,
) -> int:
    """Let each buyer order from one of the suppliers who still carry a boat, each as likely.

    Args:
        seed: Seed of the replication.
        buyers: Rows of those who are short of boats, in turn.
        uid: (operators,) identifiers.
        short: (operators,) boats wanted.
        suppliers: Rows of the suppliers.
        keys: (suppliers,) their keys for draws of today.
        carried: (operators,) boats a supplier can carry, lowered.
        ordered: (operators,) boats on the way, raised.
        sent: (buyers, 3) filled with buyer, supplier and boats.

    Returns:
        How many orders were placed.
    """
    orders = 0
    for row in buyers:
        supplier, best = -1, 0.0
        for i in range(suppliers.size):
            if carried[suppliers[i]] >= 1.0:
                luck = uniform(seed, _ROUTE, uid[row], keys[i])
                if luck > best:
                    supplier, best = suppliers[i], luck
        if supplier < 0:
            break
        boats = int(min(short[row], np.floor(carried[supplier])))
        carried[supplier] -= boats
        ordered[row] += boats
        sent[orders, 0], sent[orders, 1], sent[orders, 2] = row, supplier, boats
        orders += 1
    return orders


class Supply:
    """Consignments of boats under way; arrays (consignments,).

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        place = world.corridor.place_index
        chains = world.corridor.supply_chains
        authority = world.corridor.authority_index
        stations = [
            [authority[world.corridor.places[place[p]].authority] for p in chain.places]
            for chain in chains
        ]
        self._length = np.array([len(passed) for passed in stations])
        #: (chains, stations) authority of each station, in order
        self._stations = np.full((len(chains), int(self._length.max())), -1)
        for row, passed in zip(self._stations, stations, strict=True):
            row[: len(passed)] = passed
        self._days = np.array([chain.days for chain in chains])
        self._launcher = np.empty(0, dtype=np.int64)
        self._supplier = np.empty(0, dtype=np.int64)
        self._boats = np.empty(0, dtype=np.int64)
        self._chain = np.empty(0, dtype=np.int64)
        self._sent = np.empty(0, dtype=np.int64)
        self._station = np.empty(0, dtype=np.int64)
        self._carried = np.zeros(0)

    def step(self, world: World, cases: npt.NDArray[np.float64]) -> None:
        """Move consignments, let them be seized or arrive, and send new ones.

        Args:
            world: The world.
            cases: (authorities, operators) log-odds that an operator is one, as each authority
                sees it.
        """
        if self._launcher.size:
            self._advance(world, cases)
        self._order(world)

    def _advance(self, world: World, cases: npt.NDArray[np.float64]) -> None:
        """Take consignments past the stations of the day, each watched by its authority."""
        s, supply, day = world.smugglers, world.parameters.supply, world.day
        length, days = self._length[self._chain], self._days[self._chain]
        reached = np.minimum((day - self._sent) * length / days, length)
        keep = np.ones(self._launcher.size, dtype=bool)
        seized: list[tuple[int, int]] = []
        while True:
            passing = np.flatnonzero(keep & (self._station < reached))
            if not passing.size:
                break
            launcher, supplier = self._launcher[passing], self._supplier[passing]
            station = self._station[passing]
            authority = self._stations[self._chain[passing], station]
            known = case_chance(cases[authority, supplier])
            watch = supply.routine_seizure + supply.case_seizure * known
            watch *= world.policy.supply_surge[authority]
            key = s.uid[launcher] ^ (s.uid[supplier] << np.uint64(1))
            luck = uniforms(
                world.seed,
                Decision.CONSIGNMENT_SEIZURE,
                key + self._sent[passing].astype(np.uint64),
                station,
            )
            found = luck < 1.0 - np.exp(-watch)
            keep[passing[found]] = False
            seized.extend(zip(passing[found].tolist(), authority[found].tolist(), strict=True))
            self._station[passing] += 1
        for k, where in sorted(seized):
            self._seize(world, k, where)
        arrived = keep & (day - self._sent >= days)
        np.add.at(s.boats, self._launcher[arrived], self._boats[arrived])
        np.subtract.at(s.ordered, self._launcher[arrived], self._boats[arrived])
        keep &= ~arrived
        if not keep.all():
            for name in _COLUMNS:
                setattr(self, name, getattr(self, name)[keep])

    def _seize(self, world: World, k: int, authority: int) -> None:
        """A consignment is lost, and tells about its supplier and its buyer."""
        s, supplier, launcher = world.smugglers, int(self._supplier[k]), int(self._launcher[k])
        s.ordered[launcher] -= self._boats[k]
        world.ledger.boats_seized[world.day] += self._boats[k]
        loss = self._boats[k] * world.parameters.supply.boat_price
        s.cash[launcher] -= loss
        s.week_cost[launcher] += loss
        world.ledger.profit[world.day] -= loss
        for row in (supplier, launcher):
            occasion = (world.ordinal << 32) | (int(self._sent[k]) << 8) | authority
            luck = draw(world.seed, Decision.INSPECTION_FACT, s.uid[row], occasion)
            if luck < world.parameters.supply.fact_yield:
                cause = (int(self._sent[k]) << 32) | (world.ordinal << 8) | authority
                key = child_identifier(int(s.uid[row]), cause)
                world.facts.append((authority, row, SEIZURE, key))

    def _order(self, world: World) -> None:
        """Launchers fill up to some weeks of launches; suppliers carry what they can."""
        s, supply = world.smugglers, world.parameters.supply
        if self._carried.size != s.count:
            carried = np.zeros(s.count)
            carried[: self._carried.size] = self._carried
            self._carried = carried
        self._carried = np.minimum(
            self._carried + supply.boats_per_supplier_week / 7.0, supply.consignment_boats
        )
        suppliers = np.flatnonzero(
            (s.stage == SUPPLY) & s.working(world.day) & (self._carried >= 1.0)
        )
        if not suppliers.size:
            return
        launching = (s.stage == BOAT) & (s.role == Role.LAUNCHER) & (s.status == Status.ACTIVE)
        target = np.ceil(supply.stock_target * s.teams)
        short = np.where(launching, target - s.boats - s.ordered, 0)
        buyers = np.flatnonzero(short >= 1)
        keys = two_part_keys(s.uid[suppliers], world.ordinal)
        sent = np.empty((buyers.size, 3), dtype=np.int64)
        orders = place_orders(
            world.seed, buyers, s.uid, short, suppliers, keys, self._carried, s.ordered, sent
        )
        if orders:
            to, by, number = sent[:orders].T
            chain = supply_chain_of(world, s.uid[by])
            day = np.full(by.size, world.day)
            new = (to, by, number, chain, day, np.zeros(by.size, dtype=np.int64))
            for name, values in zip(_COLUMNS, new, strict=True):
                setattr(self, name, np.concatenate([getattr(self, name), values]))
