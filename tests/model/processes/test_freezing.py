"""Sanctions: known operators are listed, cash is frozen, money moves less well for a time."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.corridor.stages import BOAT, SUPPLY
from simulation.model.agents.smuggler import NEVER_BACK, ORGANISERS, Status
from simulation.model.processes.adverts import room_of_operators
from simulation.model.processes.freezing import (
    limit_clients,
    list_operators,
    listed,
    sanctioned,
)
from tests.runs import Steps, believe, differences, loses_nobody_and_no_money, scenario_from

#: so many that all who are known are listed on the first day
ALL = '[[freeze]]\nauthority = "FR"\nper_year = 400_000\nfrozen_share = 0.25\nfrom = 2023-06-01\n'
FEW = ALL.replace("400_000", "1461")  # four a day
HARD = """[parameters]
"market.listed_channel" = 0.3
"market.listed_money_cost" = 0.2
"market.proxy_days" = 365.0
"""


def case(folder, text, name, **more):
    return scenario_from(folder, text, name=name, **({"days": 30, "warm_up": 20} | more))


def before_the_list(folder, text, name, suspects=slice(None)):
    """A model on the first day of the lever, before anybody is listed; FR knows some."""
    steps = Steps(case(folder, text, name), scale=0.1)
    steps.model.run_for(20)
    world = steps.world
    believe(world, 0.0)
    france = world.corridor.authority_index["FR"]
    rows = np.flatnonzero(world.smugglers.status == Status.ACTIVE)[suspects]
    believe(world, 9.0, (france, rows, 0))
    world.begin_day(20)
    return steps.model, rows


def test_without_listings_and_before_the_first_day_nothing_differs(folder):
    none, late = ALL.replace("400_000", "0"), ALL.replace("2023-06-01", "2023-12-01")
    bare, *others = (
        Steps(case(folder, text + HARD, "idle"), scale=0.05).to_the_end()
        for text in ("", none, late)
    )
    assert [differences(bare, other) for other in others] == [[], []]


def test_those_known_are_listed_once_and_lose_a_share_of_their_cash_and_none_of_a_debt(folder):
    model, rows = before_the_list(folder, ALL + HARD, "once", slice(0, 40))
    world, s = model.world, model.smugglers
    s.cash[rows[:5]] = -100.0
    cash, profit = s.cash.copy(), world.ledger.profit.copy()
    list_operators(world)
    assert np.flatnonzero(listed(world)).tolist() == rows.tolist()
    frozen = np.isin(np.arange(s.count), rows) & (cash > 0.0)
    assert frozen.sum() > 20
    np.testing.assert_allclose(s.cash, np.where(frozen, 0.75, 1.0) * cash)
    np.testing.assert_array_equal(world.ledger.profit, profit)  # earned it stays
    until, left = s.listed_until.copy(), s.cash.copy()
    list_operators(world)
    np.testing.assert_array_equal(s.listed_until, until)
    np.testing.assert_array_equal(s.cash, left)


def test_the_best_known_come_first_and_no_more_than_the_pace(folder):
    model, rows = before_the_list(folder, FEW, "pace", slice(0, 40))
    world, best = model.world, rows[[7, 11, 23, 31]]
    believe(world, 12.0, (world.corridor.authority_index["FR"], best, 0))
    list_operators(world)
    assert sorted(np.flatnonzero(listed(world))) == sorted(best)


def test_a_proxy_is_found_after_a_time_and_never_without_recruitment(folder):
    model, rows = before_the_list(folder, ALL, "proxy")
    list_operators(model.world)
    until = model.smugglers.listed_until[rows] - model.world.day
    assert (until >= 1).all()
    # exponential with a mean of 60 days, and a day on top
    assert np.mean(until) == pytest.approx(61.0, rel=0.25)
    assert np.std(until) == pytest.approx(60.0, rel=0.35)
    model.world.day += int(until.max())
    assert not listed(model.world).any()
    without, rows = before_the_list(folder, ALL + "[adaptation]\nrecruitment = false\n", "without")
    list_operators(without.world)
    assert (without.smugglers.listed_until[rows] == NEVER_BACK).all()


def test_who_works_for_a_listed_organiser_is_sanctioned(folder):
    model, _ = before_the_list(folder, ALL, "organiser", slice(0, 0))
    world, s = model.world, model.smugglers
    led = np.flatnonzero((s.organiser >= 0) & (s.status == Status.ACTIVE))
    boss = int(s.organiser[led[0]])
    assert s.role[boss] in ORGANISERS
    s.listed_until[boss] = NEVER_BACK
    cell = np.flatnonzero(s.organiser == boss)
    assert np.flatnonzero(sanctioned(world)).tolist() == sorted([boss, *cell.tolist()])


def test_clients_of_sanctioned_operators_are_those_who_can_still_pay(folder):
    """And the others have their room."""
    model, _ = before_the_list(folder, ALL + HARD, "payable", slice(0, 0))
    world, s = model.world, model.smugglers
    s.capacity[:] *= 100.0  # so many clients that rounding them is little
    s.listed_until[::2] = NEVER_BACK
    here = sanctioned(world)
    model.processes.market.set_room(world)
    before = room_of_operators(world)
    limit_clients(world)
    after = room_of_operators(world)
    # of those with a guarantee three in ten can still pay; the others pay at once
    escrow = world.parameters.migrants.escrow_share
    usual = world.scale * s.capacity * world.parameters.market.use_usual
    wanted = np.minimum(before, usual * (0.3 * escrow + (1.0 - escrow)))[here]
    legs = np.bincount(world.pairs.smuggler, minlength=s.count)
    assert (np.abs(after[here] - wanted) <= legs[here]).all()
    assert after[here].sum() == pytest.approx(wanted.sum(), rel=0.01)
    assert wanted.sum() < 0.8 * before[here].sum()
    np.testing.assert_array_equal(after[~here], before[~here])
    assert before[~here].any()


def test_nobody_orders_from_a_supplier_who_cannot_be_paid(folder, monkeypatch):
    model, _ = before_the_list(folder, ALL, "orders", slice(0, 0))
    world, s, supply = model.world, model.smugglers, model.processes.supply
    suppliers = np.flatnonzero((s.stage == SUPPLY) & (s.status == Status.ACTIVE))
    s.boats[s.stage == BOAT] = 0  # they are short
    supply.carried[suppliers] = 3.0
    barred = suppliers[:-1]
    monkeypatch.setattr("simulation.model.processes.supply.unpaid_today", lambda _: barred)
    status = s.status.copy()
    supply.step(world, model.processes.investigation)
    sent = supply.under_way[supply.under_way[:, 4] == world.ordinal]
    assert set(sent[:, 1]) == {suppliers[-1]}
    np.testing.assert_array_equal(s.status, status)


def test_nobody_is_lost_and_no_money(folder):
    model = Steps(case(folder, ALL + HARD, "books", days=60), scale=0.1).to_the_end()
    assert (model.smugglers.listed_until > 0).any()
    loses_nobody_and_no_money(model)
