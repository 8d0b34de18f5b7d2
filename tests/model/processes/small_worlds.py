"""Random small worlds for the migrant's day: arrays of a few places, legs, operators and people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from simulation.compiled import with_room
from simulation.model.agents.migrant import MigrantColumns, State, empty_columns
from simulation.model.processes.launching import Coast, Launches
from simulation.model.processes.movement import MovementSpace, move
from simulation.model.processes.tables import (
    LegArrays,
    LegCounts,
    PairArrays,
    PlaceArrays,
    make_pairs,
)
from simulation.model.processes.world import pack_day
from simulation.parameters import load_parameters

STATES = len(State)
ON_THE_WAY = (State.WAITING, State.TRAVELLING, State.DETAINED, State.QUEUED)


@dataclass
class SmallWorld:
    """What the day of people takes of a world, by its names."""

    day: int
    ordinal: int
    seed: int
    live: np.ndarray
    migrants: MigrantColumns
    legs: LegArrays
    places: PlaceArrays
    pairs: PairArrays
    counts: LegCounts
    packed: np.ndarray
    landing_authority: int
    smugglers: SimpleNamespace  # with their `uid`
    account_yield: np.ndarray
    revenue: np.ndarray
    money: np.ndarray
    ended: np.ndarray

    @property
    def m(self) -> MigrantColumns:
        return self.migrants

    @property
    def parameters(self) -> Any:
        return self.now[0]

    @property
    def now(self) -> Any:
        for name in ("day", "ordinal", "seed"):
            self.packed[name] = getattr(self, name)
        return self.packed

    def assume(self, values: Mapping[str, float]) -> None:
        """Set assumptions by the names of their records, whatever their bounds."""
        self.packed = assuming(values, self.packed)

    def move(self) -> np.ndarray:
        """One day of everyone on the way; returns the facts from accounts."""
        space = MovementSpace.with_room(self)
        alive, n_accounts = move(self, space)
        self.live = self.live[:alive]
        return space.accounts[:n_accounts]


def assuming(values: Mapping[str, float], packed: np.ndarray | None = None) -> Any:
    """Assumptions as compiled code takes them, some with other values, whatever their bounds."""
    assumptions = pack_day(load_parameters()) if packed is None else packed.copy()
    for full, value in values.items():
        group, name = full.split(".")
        assumptions[group][name] = value
    return assumptions


def random_parameters(rng: np.random.Generator) -> np.ndarray:
    return assuming(
        {
            "migrants.choice_scale": rng.uniform(50, 2000),
            "migrants.day_value": rng.uniform(0, 100),
            "migrants.stop_cost": rng.uniform(0, 3000),
            "migrants.death_cost": rng.uniform(0, 1e6),
            "beliefs.error": rng.choice([0.0, rng.uniform(0, 2)]),
            "beliefs.experience": rng.uniform(0, 1),
            "beliefs.ceiling": rng.uniform(0.5, 0.99),
            "migrants.escrow_share": rng.choice([0.0, 1.0, rng.uniform()]),
            "migrants.contract_scale": rng.uniform(20, 2000),
            "migrants.give_up": rng.uniform(0, 0.5),
            "migrants.give_up_growth": rng.uniform(0, 0.5),
            "migrants.returned_share": rng.uniform(),
            "migrants.hold_days": int(rng.integers(0, 4)),
            "migrants.work_days": int(rng.integers(1, 9)),
            "migrants.work_income": int(rng.integers(0, 900)),
            "migrants.work_spells": int(rng.integers(0, 4)),
            "migrants.patience_days": rng.uniform(1, 9),
            "migrants.wait_days": int(rng.integers(1, 4)),
            "intelligence.previous_yield": rng.uniform(),
            "migrants.freight_nesting": rng.choice([1.0, rng.uniform(0.05, 1.0)]),
            "migrants.wait_hazard": rng.choice([0.0, rng.uniform(0, 0.3)]),
            "migrants.wait_growth_days": rng.uniform(1, 30),
            "migrants.wait_poor": rng.uniform(1, 3),
            "migrants.alone_share": rng.uniform(0.05, 0.95),
            "migrants.alone_risk": rng.uniform(1, 4),
            "migrants.turn_share": rng.uniform(0, 1),
        }
    )


def random_world(
    number: int, people: int = 40, places: int = 5, legs: int = 9, smugglers: int = 6
) -> SmallWorld:
    """A world drawn from `number`: anything that the arrays can say, likely or not."""
    rng = np.random.default_rng(number)
    authorities, destinations, day = 4, 3, int(rng.integers(0, 400))
    origin = rng.integers(0, places, legs)
    order = np.argsort(origin, kind="stable").astype(np.int32)
    smuggled = rng.random(legs) < 0.7
    boat = smuggled & (rng.random(legs) < 0.3)
    leg_arrays = LegArrays(
        target=rng.integers(0, places, legs).astype(np.int16),
        duration=rng.integers(1, 5, legs).astype(np.int32),
        smuggled=smuggled,
        boat=boat,
        sideways=rng.random(legs) < 0.3,
        offered=rng.random(legs) < 0.8,
        fee=np.where(smuggled, rng.integers(1, 1500, legs), 0),
        stop_chance=rng.choice([0.0, 1.0, 0.5, 0.2], legs),
        belief=rng.random(legs),
        death_chance=rng.choice([0.0, 0.1, 0.5], legs),
        other_cost=rng.normal(0, 200, legs),
        recorded_chance=rng.random(legs),
        stop_authority=rng.integers(-1, authorities, legs).astype(np.int16),
        final_state=np.where(rng.random(legs) < 0.15, int(State.ARRIVED_LORRY), 0).astype(np.int8),
        freight=rng.random(legs) < 0.3,
        alone=smuggled & (rng.random(legs) < 0.5),
        single_fee=np.where(smuggled, rng.integers(1, 1500, legs), 0),
    )
    ahead = rng.normal(-5, 3, (destinations, places))
    winter_end = day + rng.integers(-3, 20, places)
    ahead[rng.random(ahead.shape) < 0.15] = -np.inf
    place_arrays = PlaceArrays(
        leg_start=np.searchsorted(origin[order], np.arange(places + 1)).astype(np.int32),
        legs=order,
        stay_mean=rng.choice([0.0, 0.4, 3.0, 12.0], places),
        winter_share=rng.random(places),
        winter_start=winter_end - rng.integers(1, 8, places),
        winter_end=winter_end,
        destination=rng.integers(-1, destinations, places).astype(np.int16),
        to_go=ahead,
    )
    pair_leg, pair_who = np.nonzero((rng.random((legs, smugglers)) < 0.5) & smuggled[:, None])
    count = pair_leg.size
    pairs = make_pairs(count, legs)
    pairs.start[:] = np.searchsorted(pair_leg, np.arange(legs + 1))
    pairs.smuggler[:], pairs.leg[:], pairs.room[:] = pair_who, pair_leg, rng.integers(0, 4, count)
    pairs.weight[:] = rng.choice([0.0, 1.0, 0.3, 7.0], count) * rng.random(count)
    pairs.fee[:] = rng.integers(1, 1500, count)
    pairs.stop_factor[:] = rng.lognormal(0, 0.4, count)
    pairs.single_fee[:] = rng.integers(1, 1500, count)
    # a column of a table, as in a model: of another array each function would be compiled anew
    uid = np.zeros((smugglers, 2), dtype=np.uint64)[:, 0]
    uid[:] = rng.integers(0, 2**64, smugglers, dtype=np.uint64)
    uid[: smugglers // 2] = (3 << 20) + np.arange(smugglers // 2)  # founders are numbered on
    seed, live = int(rng.integers(0, 2**63)), rng.permutation(people).astype(np.int64)
    m = random_people(rng, people, day, leg_arrays, origin, places, destinations, smugglers)
    return SmallWorld(
        day=day,
        ordinal=738_000 + day,
        seed=seed,
        live=live,
        migrants=m,
        legs=leg_arrays,
        places=place_arrays,
        pairs=pairs,
        counts=LegCounts(*(np.zeros(legs, dtype=np.int64) for _ in LegCounts._fields)),
        packed=random_parameters(rng),
        landing_authority=int(rng.integers(-1, authorities)),
        smugglers=SimpleNamespace(uid=uid),
        account_yield=rng.choice([0.0, 0.5, 1.0], authorities),
        revenue=np.zeros(smugglers, dtype=np.int64),
        money=np.zeros(3, dtype=np.int64),
        ended=np.zeros(STATES, dtype=np.int64),
    )


def plain_world(people: int, places: int = 2, legs: int = 1, smugglers: int = 1) -> SmallWorld:
    """People who wait at the first place today, and legs on offer without fee, risk or operator.

    The legs, in the order of places, lead to the second one.
    """
    world = random_world(1, people, places, legs, smugglers)
    m = world.m
    for column in world.legs:
        column[:] = 0
    world.legs.offered[:], world.legs.duration[:], world.legs.target[:] = True, 1, 1
    world.places.leg_start[:], world.places.legs[:] = [0, *[legs] * places], np.arange(legs)
    world.places.destination[:] = -1
    for name in (
        "place", "destination", "tries", "detours", "waited", "spells", "earning", "escrow", "paid",
    ):  # fmt: skip
        getattr(m, name)[:] = 0
    for name in ("leg", "smuggler", "stopped_leg", "escrow_leg"):
        getattr(m, name)[:] = -1
    m.state[:], m.due[:], m.funds[:] = State.WAITING, 0, 1000
    return world


def random_people(
    rng: np.random.Generator,
    people: int,
    day: int,
    legs: LegArrays,
    origin: np.ndarray,
    places: int,
    destinations: int,
    smugglers: int,
) -> MigrantColumns:
    """People in every state on the way, some due, some not; fees are held only for real deals."""
    m = empty_columns(people)
    for column in (m.leg, m.escrow_leg, m.joined, m.smuggler, m.end_day):
        column[:] = -1
    m.uid[:] = rng.permutation(people).astype(np.uint64) + (np.uint64(1) << np.uint64(48))
    m.destination[:] = rng.integers(0, destinations, people)
    m.risk_aversion[:] = rng.lognormal(0, 0.5, people)
    m.funds[:] = rng.integers(0, 2500, people)
    m.state[:] = rng.choice(ON_THE_WAY, people)
    m.place[:] = rng.integers(0, places, people)
    m.due[:] = day + rng.integers(-2, 2, people)
    m.tries[:] = rng.choice([0, 1, 2, 4095], people)
    m.detours[:] = rng.choice([0, 1, 4095], people)
    m.spells[:] = rng.integers(0, 4, people)
    m.waited[:] = rng.choice([0, 3, 40, 4095], people)
    m.legs_served[:] = rng.integers(0, 4, people)
    m.stopped_leg[:] = rng.integers(-1, legs.target.size, people)
    m.recalled_smuggler[:] = rng.integers(-1, smugglers, people)
    smuggled, boats = np.flatnonzero(legs.smuggled), np.flatnonzero(legs.boat)
    for row in range(people):
        if m.state[row] == State.TRAVELLING:
            m.leg[row] = rng.integers(0, legs.target.size)
        elif m.state[row] == State.QUEUED and boats.size:
            m.leg[row] = rng.choice(boats)
        elif m.state[row] == State.QUEUED:
            m.state[row] = State.WAITING
        leg = int(m.leg[row])
        if leg >= 0:
            m.place[row] = origin[leg]
        held_for = -1
        if leg >= 0 and legs.smuggled[leg]:
            m.smuggler[row] = rng.integers(0, smugglers)
            held_for = leg
        elif m.state[row] in (State.WAITING, State.DETAINED) and smuggled.size:
            held_for = int(rng.choice(smuggled))
        if held_for >= 0 and rng.random() < 0.6:
            m.escrow[row], m.escrow_leg[row] = rng.integers(1, 1500), held_for
            m.single_try[row] = rng.random() < 0.5
    return m


def random_boats(number: int, world: SmallWorld) -> tuple[np.ndarray, Launches, Coast]:
    """Boats for a world's people, all of whom are made to queue for one; riders boat by boat."""
    rng = np.random.default_rng(number)
    legs, smugglers = world.legs.target.size, world.smugglers.uid.size
    m, riders = world.m, rng.permutation(world.live)
    size = int(rng.integers(1, 6))
    cuts = np.sort(rng.integers(0, riders.size + 1, size - 1))
    first = np.concatenate([[0], cuts]).astype(np.int64)
    load = np.diff(np.append(first, riders.size))
    boats = with_room(Launches, size)
    for column in boats:
        column[:] = 0
    boats.key[:] = rng.integers(0, 2**64, size, dtype=np.uint64)
    boats.launcher[:], boats.leg[:] = rng.integers(0, smugglers, size), rng.integers(0, legs, size)
    boats.taxi[:], boats.first[:], boats.load[:] = rng.random(size) < 0.5, first, load
    for chance in (boats.stop_chance, boats.death_chance, boats.return_chance):
        chance[:] = rng.choice([0.0, 0.5, 1.0], size)
    m.state[:] = State.QUEUED
    for boat in range(size):
        aboard = riders[first[boat] : first[boat] + load[boat]]
        m.smuggler[aboard] = boats.launcher[boat]
    world.assume({
        "channel.found_share": rng.random(),
        "channel.seizure_chance": rng.random(),
        "channel.found_at_sea": rng.random(),
        "channel.seizure_at_sea": rng.random(),
        "channel.death_tail": rng.uniform(0.6, 3),
        "channel.death_cap": rng.random(),
    })  # fmt: skip
    coast = Coast(
        scale=rng.choice([0.02, 0.1, 1.0, 3.0]),
        arrival_authority=int(rng.integers(-1, world.account_yield.size)),
        beach_authority=rng.integers(-1, world.account_yield.size, legs).astype(np.int16),
    )
    return riders, boats, coast
