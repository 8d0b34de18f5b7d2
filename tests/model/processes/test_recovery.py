"""What arrests take out of the market, and that it is made good once, with time, and by whom."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from simulation.chain import link
from simulation.corridor.stages import BOAT, SEGMENTS
from simulation.model.agents.smuggler import NEVER_BACK, NO_HEIR, ORGANISERS, Status
from simulation.model.processes.recovery import Helpers, remove, size_of, take_over, time_away
from simulation.model.processes.world import World
from tests.runs import Steps, believe, scenario_from

#: nobody grows or shrinks but by what arrests do
FIXED = '[parameters]\n"market.hiring_speed" = 0.0\n"market.firing_speed" = 0.0\n'
EXIT = SEGMENTS.index("exit")


def missing_of(world: World) -> np.ndarray:
    """What arrests removed and nothing has made good yet, by `size_of`, (segments,)."""
    s = world.smugglers
    return np.bincount(
        s.stage, np.where(s.stage == BOAT, s.missing_teams, s.missing), len(SEGMENTS)
    )


def quiet(folder, text="", days=200, **more) -> Steps:
    """Some days into a run in which nobody is arrested but by a test."""
    steps = Steps(scenario_from(folder, text, days=days, warm_up=0), **more)
    model = steps.model
    model.processes.investigation.arrest_on_cases = lambda world: None
    model.order_of_the_day = tuple(
        step for step in model.order_of_the_day if step.name != "arrests_in_the_act"
    )
    steps.model.run_for(20)
    return steps


def arrest(steps: Steps, rows: list[int], back: int = NEVER_BACK) -> None:
    """Arrest the heads of cells on the evening of today, with a day on which they are back."""
    world = steps.world
    for row in rows:
        steps.model.processes.investigation.arrest(world, row, 0)
        world.smugglers.hold(row, back)
    steps.model.processes.market.replace_arrested(world)
    world.arrests.clear()


def largest(world: World, segment: int, number: int = 1) -> list[int]:
    s = world.smugglers
    size = np.where((s.stage == segment) & (s.status == Status.ACTIVE), size_of(s), 0.0)
    size[np.isin(s.role, ORGANISERS)] = 0.0
    return np.argsort(-size, kind="stable")[:number].tolist()


# -- time away ------------------------------------------------------------------------------------


def test_time_away_has_three_fates(world):
    """Some are let go soon, some serve a sentence, some are out for good, as the records say."""
    s, intelligence = world.smugglers, world.parameters.intelligence
    rows = [r for r in range(s.count) if s.role[r] not in ORGANISERS]
    away = []
    for day in range(40):
        world.begin_day(0)
        world.today += timedelta(days=day)
        away += [time_away(world, row) - world.day for row in rows]
    away = np.array(away)
    gone = away >= NEVER_BACK - 1
    expected = intelligence.conviction_share * intelligence.retired_share
    assert gone.mean() == pytest.approx(expected, abs=0.02)
    soon = 1.0 - intelligence.conviction_share
    served = 1.0 - soon - expected
    days = soon * intelligence.custody_days + served * intelligence.sentence_days
    assert away[~gone].mean() == pytest.approx(days / (1.0 - expected), rel=0.06)
    assert away.min() >= 1
    assert (away[~gone] > 365).mean() > 0.1


def test_time_away_is_drawn_by_who_and_when(world):
    rows = list(range(30))
    forward = {row: time_away(world, row) for row in rows}
    assert forward == {row: time_away(world, row) for row in reversed(rows)}
    assert len(set(forward.values())) > 10


# -- a cell ---------------------------------------------------------------------------------------


def test_who_is_back_before_a_successor_finds_the_cell_as_it_was(tmp_path):
    steps = quiet(tmp_path, FIXED)
    world, s = steps.world, steps.world.smugglers
    row = largest(steps.world, EXIT)[0]
    before = float(s.capacity[row])
    arrest(steps, [row], back=world.day + 3)
    s.search[row] = 100.0  # nobody takes over so soon
    assert (s.status[row], s.capacity[row], s.missing[row]) == (Status.HELD, 0.0, before)
    steps.model.run_for(2)
    assert world.smugglers.status[row] == Status.HELD
    assert not world.pairs.room[world.pairs.smuggler == row].any()
    steps.model.step()
    s = world.smugglers
    assert (s.status[row], s.heir[row], s.missing[row]) == (Status.ACTIVE, NO_HEIR, 0.0)
    assert s.capacity[row] == pytest.approx(before)
    assert world.ledger.chain[world.day, link("capacity_released")].sum() == pytest.approx(before)


def test_a_successor_begins_small_and_unskilled_and_grows_to_the_old(tmp_path):
    steps = quiet(tmp_path, FIXED)
    world = steps.world
    row = largest(steps.world, EXIT)[0]
    before, skill = float(world.smugglers.capacity[row]), float(world.smugglers.able[row])
    arrest(steps, [row])
    world.smugglers.search[row] = 0.0
    sizes, skills = [], []
    for _ in range(120):
        steps.model.step()
        s = world.smugglers
        heir = int(s.heir[row])
        sizes.append(float(s.capacity[heir]))
        skills.append(float(s.skill[heir]))
    market = world.parameters.market
    assert sizes[0] == pytest.approx(market.successor_capacity * before)
    assert np.all(np.diff(sizes) >= 0.0)
    assert sizes[6] < 0.85 * before  # a helper takes a week to find
    assert sizes[-1] == pytest.approx(before, rel=1e-3)
    assert skills[0] == pytest.approx(skill * market.successor_skill)
    assert np.all(np.diff(skills) <= 0.0)
    part = np.exp(-119 / market.successor_skill_days)
    assert skills[-1] == pytest.approx(skill * (1 + (market.successor_skill - 1) * part), rel=1e-6)


def test_without_recruitment_nobody_follows_and_who_is_let_go_comes_back(tmp_path):
    steps = quiet(tmp_path, "[adaptation]\nrecruitment = false\n")
    world = steps.world
    gone, back = largest(steps.world, EXIT, 2)
    before = float(world.smugglers.capacity[back])
    arrest(steps, [gone])
    arrest(steps, [back], back=world.day + 30)
    number = world.smugglers.count
    steps.model.run_for(29)
    assert world.smugglers.status[[gone, back]].tolist() == [Status.RETIRED, Status.HELD]
    steps.model.step()
    s = world.smugglers
    assert s.status[back] == Status.ACTIVE
    assert s.capacity[back] == pytest.approx(before)
    assert s.count == number
    assert s.missing[gone] > 0.0


# -- helpers and rivals ---------------------------------------------------------------------------


def test_what_rivals_take_over_is_missing_no_more(world):
    for row in largest(world, EXIT, 4):
        remove(world, row, 0, 0.5)
    missing = missing_of(world)
    gained = np.zeros(len(SEGMENTS))
    gained[EXIT] = 0.25 * missing[EXIT]
    np.testing.assert_allclose(take_over(world, gained), gained)
    np.testing.assert_allclose(missing_of(world)[EXIT], 0.75 * missing[EXIT])
    gained[EXIT] = 10 * missing[EXIT]
    assert take_over(world, gained)[EXIT] == pytest.approx(0.75 * missing[EXIT])
    assert missing_of(world)[EXIT] == pytest.approx(0.0)
    counted = world.links[link("capacity_taken_over")].sum()
    assert counted == pytest.approx(world.links[link("capacity_removed")].sum())


def test_rivals_hire_for_clients_of_the_arrested_no_more_than_is_missing(tmp_path):
    """And for clients of somebody who is out for days not at all."""
    steps = quiet(tmp_path)
    world, market = steps.world, steps.model.processes.market
    s = world.smugglers
    asked = np.full(s.count, 0.8)
    start = s.capacity.copy(), s.teams.copy()

    def grown(working, asked_of) -> np.ndarray:
        s.capacity[:], s.teams[:] = start
        before = np.bincount(s.stage, size_of(s), len(SEGMENTS))
        market.hire(world, asked_of, working)
        return np.bincount(s.stage, size_of(s), len(SEGMENTS)) - before

    everybody = np.ones(s.count, dtype=bool)
    some = ~np.isin(np.arange(s.count), largest(world, EXIT, 10))
    share = Helpers().survey(world, some)[EXIT]
    assert share < 0.95
    # those left are asked by the clients of the others too, and hire as if they were not
    crowded = np.where(s.stage == EXIT, asked / share, asked)
    per_head = start[0][some & (s.stage == EXIT)].sum() / start[0][s.stage == EXIT].sum()
    usual = per_head * grown(everybody, asked)[EXIT]
    assert grown(some, crowded)[EXIT] == pytest.approx(usual, rel=1e-6)
    # what an arrest removed they make good, and it is missing no more
    lost = largest(world, EXIT)[0]
    s.capacity[:], s.teams[:] = start
    remove(world, lost, 0, 1.0)
    start = s.capacity.copy(), s.teams.copy()
    missing = missing_of(world)[EXIT]
    some = np.arange(s.count) != lost
    asked_of_some = asked * Helpers().survey(world, some)[s.stage]
    without = market.growth(world, asked_of_some[None])[0] - 1.0
    usual = (s.capacity * without)[some & (s.stage == EXIT)].sum()
    more = grown(some, asked)[EXIT]
    assert more > usual
    assert missing - missing_of(world)[EXIT] == pytest.approx(more - usual)


# -- limits ---------------------------------------------------------------------------------------


ONCE, AGAIN, NEVER = range(1), range(0, 60, 10), range(0)


def crews(steps: Steps) -> float:
    """Launches a day that launchers at work can staff."""
    s = steps.world.smugglers
    at_work = (s.status == Status.ACTIVE) & (s.dark_until <= steps.world.day) & (s.stage == BOAT)
    return float(s.teams[at_work].sum())


def crews_after(folder, seed: int, hits: range, number: int, days: int = 90):
    """Crews of each evening when heads of launchers are arrested, and what was taken of them."""
    steps = quiet(folder, seed=seed, scale=0.1)
    crew_counts, taken = [], 0.0
    for day in range(days):
        if day in hits:
            for row in largest(steps.world, BOAT, number):
                taken += float(steps.world.smugglers.teams[row])
                arrest(steps, [row], time_away(steps.world, row))
        steps.model.step()
        crew_counts.append(crews(steps))
    return np.array(crew_counts), taken


@pytest.mark.full
def test_arrests_do_not_raise_launch_capacity_in_the_month_after(tmp_path):
    """And single ones are survived: it is back within weeks."""
    ratios = [
        crews_after(tmp_path, seed, ONCE, 8)[0] / crews_after(tmp_path, seed, NEVER, 0)[0]
        for seed in range(1, 7)
    ]
    ratio = np.mean(ratios, axis=0)
    assert ratio[:7].mean() < 0.85
    weeks = ratio[:28].reshape(4, 7).mean(axis=1)
    assert (weeks <= 1.02).all(), weeks
    assert ratio[28:56].mean() <= 1.02
    assert ratio[42:].mean() > 0.9


@pytest.mark.slow
@pytest.mark.full
def test_sustained_pressure_removes_more_than_its_parts(tmp_path):
    """Of each crew arrested one after another more days are lost: helpers become rare."""
    lost = []
    for seed in range(1, 7):
        calm, _ = crews_after(tmp_path, seed, NEVER, 0, days=150)
        for hits in (ONCE, AGAIN):
            left, taken = crews_after(tmp_path, seed, hits, 6, days=150)
            lost.append((calm - left).sum() / taken)
    single, sustained = np.mean(np.reshape(lost, (-1, 2)), axis=0)
    assert sustained > 1.1 * single, (single, sustained, lost)


@pytest.mark.full
def test_the_trade_ends_where_everything_is_known_and_nobody_follows(tmp_path):
    """Everything known, officers without end, no recruitment."""
    officers = '[[staff]]\nauthority = "{}"\nkind = "investigation"\nchange = 100.0\n'
    text = (
        "[adaptation]\nrecruitment = false\n"
        + officers.format("FR")
        + officers.format("BE")
        + (
            '[parameters]\n"intelligence.arrest_rate" = 0.06\n'
            '"intelligence.conviction_share" = 0.9\n"intelligence.retired_share" = 0.8\n'
        )
    )
    steps = Steps(scenario_from(tmp_path, text, days=365, warm_up=0), scale=0.05)
    first = crews(steps)
    steps.to_the_end(before=lambda model: believe(model.world, 10.0))
    assert crews(steps) < 0.02 * first
    usual = Steps(scenario_from(tmp_path, days=365, warm_up=0), scale=0.05).to_the_end()
    landed = [run.world.ledger.chain[180:, link("arrivals")].sum() for run in (steps, usual)]
    assert landed[0] < 0.01 * landed[1]
