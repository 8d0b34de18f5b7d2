"""Boats on their way to the coast: ordered by launchers, carried by suppliers, seized on the way."""

from __future__ import annotations

import numpy as np

from simulation.agents.authority import SEIZURE
from simulation.agents.smuggler import Role, Status
from simulation.processes.world import BOAT, SUPPLY, World
from simulation.randomness import Decision, uniforms


class Supply:
    """Consignments of boats under way; arrays (consignments,).

    Args:
        world: The world.
    """

    def __init__(self, world: World) -> None:
        place = world.corridor.place_index
        chains = world.corridor.supply_chains
        authority = world.corridor.authority_index
        self._stations = [
            [authority[world.corridor.places[place[p]].authority] for p in chain.places]
            for chain in chains
        ]
        self._days = np.array([chain.days for chain in chains])
        self._launcher = np.empty(0, dtype=np.int64)
        self._supplier = np.empty(0, dtype=np.int64)
        self._boats = np.empty(0, dtype=np.int64)
        self._chain = np.empty(0, dtype=np.int64)
        self._sent = np.empty(0, dtype=np.int64)
        self._station = np.empty(0, dtype=np.int64)
        self._carried = np.zeros(0)

    def step(self, world: World, known: np.ndarray) -> None:
        """Move consignments, let them be seized or arrive, and send new ones.

        Args:
            world: The world.
            known: (authorities, operators) chance that an operator is one, as each authority sees.
        """
        self._advance(world, known)
        self._order(world)

    def _advance(self, world: World, known: np.ndarray) -> None:
        if not self._launcher.size:
            return
        s, supply, day = world.smugglers, world.parameters.supply, world.day
        length = np.array([len(stations) for stations in self._stations])[self._chain]
        reached = (day - self._sent) * length / self._days[self._chain]
        keep = np.ones(self._launcher.size, dtype=bool)
        for k in range(self._launcher.size):
            launcher, supplier = self._launcher[k], self._supplier[k]
            stations = self._stations[self._chain[k]]
            key = s.uid[launcher] ^ (s.uid[supplier] << np.uint64(1))
            while self._station[k] < min(reached[k], len(stations)) and keep[k]:
                authority = stations[self._station[k]]
                watch = supply.routine_seizure + supply.case_seizure * known[authority, supplier]
                watch *= world.policy.supply_surge[authority]
                draw = uniforms(
                    world.seed,
                    Decision.CONSIGNMENT_SEIZURE,
                    key + np.uint64(self._sent[k]),
                    self._station[k],
                )
                if draw < 1.0 - np.exp(-watch):
                    keep[k] = False
                    self._seize(world, k, authority)
                self._station[k] += 1
            if keep[k] and day - self._sent[k] >= self._days[self._chain[k]]:
                keep[k] = False
                s.boats[launcher] += self._boats[k]
                s.ordered[launcher] -= self._boats[k]
        for name in ("_launcher", "_supplier", "_boats", "_chain", "_sent", "_station"):
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
            draw = uniforms(
                world.seed, Decision.INSPECTION_FACT, s.uid[row], world.ordinal * 64 + authority
            )
            if draw < world.parameters.supply.fact_yield:
                key = int(s.uid[row] ^ np.uint64(world.ordinal << 20 | authority))
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
        for row in np.flatnonzero(short >= 1):
            wait = -np.log(
                uniforms(
                    world.seed,
                    Decision.CONSIGNMENT_ROUTE,
                    s.uid[row],
                    s.uid[suppliers] + np.uint64(world.ordinal),
                )
            )
            ready = self._carried[suppliers] >= 1.0
            if not ready.any():
                return
            supplier = int(suppliers[np.argmin(np.where(ready, wait, np.inf))])
            boats = int(min(short[row], np.floor(self._carried[supplier])))
            self._carried[supplier] -= boats
            s.ordered[row] += boats
            for name, value in (
                ("_launcher", row),
                ("_supplier", supplier),
                ("_boats", boats),
                ("_chain", int(s.uid[supplier]) % len(self._stations)),
                ("_sent", world.day),
                ("_station", 0),
            ):
                setattr(self, name, np.append(getattr(self, name), value))
