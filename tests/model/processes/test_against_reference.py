"""The compiled day and the reference agree person by person, to the last bit."""

from __future__ import annotations

import copy
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulation.model.processes.channel
import simulation.model.processes.movement
from simulation.model.agents.migrant import MigrantColumns, State
from simulation.model.processes.contracts import PeopleToday, people_today
from simulation.model.processes.launching import Launches, sail, set_chances, set_sail
from simulation.model.processes.movement import MovementSpace, move
from simulation.model.processes.tables import LegCounts
from tests.model.processes.small_worlds import random_boats, random_world
from tests.reference import (
    CHANGED,
    copied,
    people_from_columns,
    plain,
    reference_move,
    reference_sail,
)
from tests.runs import Steps, scenario_from

NUMBERS = st.integers(0, 2**32 - 1)
DATE = date(2023, 6, 1).toordinal()
#: whose columns `set_sail` takes one by one, and where those of each end
TABLES = (MigrantColumns, Launches, LegCounts)
ENDS = np.cumsum([len(table._fields) for table in TABLES]).tolist()


def assert_same_people(columns, people, what):
    rows = np.array([person.row for person in people], dtype=np.int64)
    for name in columns._fields:
        expected = np.array([getattr(person, name) for person in people])
        values = getattr(columns, name)[rows]
        wrong = np.flatnonzero(values != expected)
        assert not wrong.size, (
            f"{what}: {name} of rows {rows[wrong][:5]} is {values[wrong][:5]}, "
            f"by the reference {expected[wrong][:5]}"
        )


def move_both_ways(world, space):
    """Let the kernel move everyone, and compare with the reference; returns what it returns."""
    m, live = world.migrants, world.live
    everyone = people_from_columns(m, live)
    before = {name: getattr(m, name).copy() for name in m._fields}
    others = np.ones(m.uid.size, dtype=bool)
    others[live] = False
    theirs = copied(world)
    left = reference_move(everyone, theirs, plain(world.now[0]))
    alive, number = move(world, space)
    what = f"day {world.day}"
    assert_same_people(m, everyone, what)
    for name in m._fields:
        np.testing.assert_array_equal(getattr(m, name)[others], before[name][others])
    assert live[:alive].tolist() == [person.row for person in left]
    facts = sorted(map(tuple, space.accounts[:number].tolist()))
    assert facts == sorted(theirs.learnt)
    mine = {name: getattr(world, name) for name in CHANGED}
    np.testing.assert_equal(mine, {name: getattr(theirs, name) for name in CHANGED}, what)
    return alive, number


def sail_both_ways(riders, boats, counts, coast, today, *, kernel=sail):
    """Let the kernel sail every boat, and compare with the reference; returns what it returns."""
    m = today.m
    everyone = people_from_columns(m, riders)
    crews = [
        everyone[first : first + load]
        for first, load in zip(boats.first.tolist(), boats.load.tolist(), strict=True)
    ]
    mine = boats, counts, today.revenue, today.money
    theirs = boats2, counts2, revenue2, money2 = copy.deepcopy(mine)
    people = today._replace(revenue=revenue2, money=money2)
    facts = reference_sail(crews, boats2, counts2, coast, people, plain(today.parameters))
    result = kernel(riders, boats, counts, coast, today)
    what = f"at sea on day {today.day}"
    assert_same_people(m, everyone, what)
    assert sorted(map(tuple, today.accounts[: today.n_accounts[0]].tolist())) == sorted(facts)
    np.testing.assert_equal(mine, theirs, what)
    return result


@settings(max_examples=60, deadline=None)
@given(number=NUMBERS, people=st.integers(0, 60), places=st.integers(1, 7),
       legs=st.integers(1, 14), smugglers=st.integers(1, 8), days=st.integers(1, 4))  # fmt: skip
def test_random_worlds_move_alike(number, people, places, legs, smugglers, days):
    world = random_world(number, people, places, legs, smugglers)
    for later in range(days):
        world.day, world.ordinal = world.day + (later > 0), world.ordinal + (later > 0)
        alive, _ = move_both_ways(world, MovementSpace.with_room(world))
        world.live = world.live[:alive]


@settings(max_examples=60, deadline=None)
@given(number=NUMBERS, people=st.integers(1, 60))
def test_random_boats_sail_alike(number, people):
    world = random_world(number, people)
    riders, boats, coast = random_boats(number, world)
    world.ordinal = DATE
    sail_both_ways(riders, boats, world.counts, coast, people_today(world, 2 * riders.size + 1))


def test_random_worlds_reach_every_rule():
    """The comparison means something only if its worlds make everything happen."""
    seen, at_sea = np.zeros(len(State), dtype=int), np.zeros(4, dtype=int)
    happened = {}
    for number in range(60):
        world = random_world(number, people=60)
        facts = world.move()
        seen += np.bincount(world.m.state, minlength=len(State))
        for name, count in zip(world.counts._fields, world.counts, strict=True):
            happened[name] = happened.get(name, 0) + count.sum()
        happened["facts"] = happened.get("facts", 0) + len(facts)
        happened["money"] = happened.get("money", 0) + (world.money > 0)
        world = random_world(number, people=60)
        riders, boats, coast = random_boats(number, world)
        sail(riders, boats, world.counts, coast, people_today(world, 2 * riders.size + 1))
        at_sea += [boats.dead.sum(), boats.prevented.sum(), boats.landed.sum(), boats.seized.sum()]
    for state in State:
        if state not in (State.ABSENT, State.ARRIVED_BOAT, State.ADMITTED):  # not of this day
            assert seen[state] > 20, state
    for name, count in happened.items():
        assert np.all(np.asarray(count) > 20), name
    assert (at_sea > 20).all(), at_sea


@pytest.mark.parametrize("seed", [3, pytest.param(14, marks=pytest.mark.full)])
def test_the_real_corridor_moves_alike(tmp_path, monkeypatch, seed):
    """Some months of the real corridor, with the reference beside it every day."""
    sailed = 0

    def sail_and_compare(*given):
        nonlocal sailed
        sailed += 1
        packed, riders, risk, coast, account_yield, *others = given[:9]
        books, columns, now = given[10], given[13:], packed[0]
        m, boats, counts = (
            table(*columns[first:last])
            for table, first, last in zip(TABLES, [0, *ENDS[:-1]], ENDS, strict=True)
        )
        set_chances(now, risk, coast, books.links.copy(), boats)
        revenue, money, accounts, n_accounts = others
        day = map(int, (now.day, now.ordinal, now.seed))
        today = PeopleToday(*day, now, m, revenue, money, account_yield, accounts, n_accounts)
        return sail_both_ways(
            riders, boats, counts, coast, today, kernel=lambda *_: set_sail(*given)
        )

    monkeypatch.setattr(simulation.model.processes.movement, "move", move_both_ways)
    monkeypatch.setattr(simulation.model.processes.channel, "set_sail", sail_and_compare)
    scenario = scenario_from(tmp_path, start=date(2023, 6, 1), days=75, warm_up=0)
    steps = Steps(scenario, seed=seed, scale=0.04)
    steps.to_the_end()
    states = steps.world.ledger.states[-1]
    assert sailed > 10
    for state in (State.ARRIVED_BOAT, State.SETTLED, State.DETAINED, State.QUEUED):
        assert states[state] > 0, state
