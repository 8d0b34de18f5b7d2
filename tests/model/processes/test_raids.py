"""Raids: so many arrests on a day, of those best known, on the way of every other arrest."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import pytest

from simulation.corridor.stages import BOAT, SUPPLY
from simulation.model.agents.smuggler import Status
from simulation.model.processes.investigation import Investigation
from simulation.model.processes.raids import raid
from simulation.model.processes.recovery import size_of
from tests.runs import Steps, believe, differences, scenario_from
from tests.test_conservation import keep_books

RAID = """
[[raid]]
authority = "{}"
on = 2023-06-21
arrests = {}
{}
[parameters]
"intelligence.persons_per_operator" = {}
"""
DAY = 20  # of a run from 1 June 2023 without a warm-up
BOATS_AND_SUPPLY = 'stages = ["boat", "supply"]\nboats = {}\n'


def raided(folder, authority="CALAIS", arrests=40, more="", persons=4.0, **run):
    text = RAID.format(authority, arrests, more, persons)
    return scenario_from(folder, text, **({"days": 30, "warm_up": 0} | run))


class Arrest(NamedTuple):
    """Somebody taken after a case or in a raid, and how many persons that was."""

    day: date
    row: int
    authority: int
    persons: float


def persons_of(world, row):
    """Persons who make up a cell: four where it is of the mean size of its stage, at least one."""
    s = world.smugglers
    size = size_of(s)
    peers = (s.stage == s.stage[row]) & (s.status == Status.ACTIVE) & (size > 0)
    return max(4.0 * size[row] / size[peers].mean(), 1.0)


def rows_of(arrests):
    return [arrest.row for arrest in arrests]


def step_without_reports(model):
    """A day on which no report is worked through."""
    model.processes.intelligence.reports.due[:] = model.world.day + 100
    model.step()


def on_the_eve(scenario, **more):
    """A model that has come to the evening before the raid."""
    steps = Steps(scenario, **more)
    steps.model.run_for(DAY)
    return steps.model


@pytest.fixture
def watched(monkeypatch):
    """The arrests after a case or in a raid; helpers of a cell that stays are among them."""
    seen = []
    take, take_helpers = Investigation.arrest, Investigation.arrest_helpers

    def spy(self, world, row, authority, part=1.0):
        assert world.smugglers.status[row] == Status.ACTIVE
        assert world.jurisdiction[authority, row]
        seen.append(Arrest(world.today, row, authority, part * persons_of(world, row)))
        if part == 1.0:
            take(self, world, row, authority)
        else:
            take_helpers(self, world, row, authority, part)

    monkeypatch.setattr(Investigation, "arrest", spy)
    monkeypatch.setattr(Investigation, "arrest_helpers", spy)
    return seen


@pytest.fixture
def no_cases(monkeypatch):
    """No arrest but in a raid."""
    monkeypatch.setattr(Investigation, "arrest_on_cases", lambda self, world: None)


def test_arrests_happen_on_the_day_and_on_it_alone(folder, watched, no_cases):
    model = Steps(raided(folder)).to_the_end()
    assert {arrest.day for arrest in watched} == {date(2023, 6, 21)}
    rows = rows_of(watched)
    assert 2 < len(rows) == len(set(rows)) <= 40
    assert sum(arrest.persons for arrest in watched[:-1]) < 40
    codes = {model.world.corridor.authorities[arrest.authority].code for arrest in watched}
    assert codes <= {"UK-CI", "UK-BI", "FR", "BE", "DE"}


def test_only_those_at_the_places_are_taken_suppliers_along_their_chain(folder, watched, no_cases):
    at = 'places = ["cologne"]\n'
    model = Steps(raided(folder, authority="DE", arrests=4000, more=at)).to_the_end()
    cologne, s = model.world.corridor.place_index["cologne"], model.world.smugglers
    at_cologne, supply = s.place[rows_of(watched)] == cologne, s.stage[rows_of(watched)] == SUPPLY
    assert at_cologne[~supply].all()
    assert supply.sum() > 5
    assert not at_cologne[supply].any()


def test_the_strongest_case_goes_first(folder, watched, no_cases):
    model = on_the_eve(raided(folder, authority="FR", arrests=20, more='stages = ["boat"]'))
    world = model.world
    s, fr = world.smugglers, world.corridor.authority_index["FR"]
    able = alike(world, fr)
    suspects = able[[7, 3, 11]]
    believe(world, 0.0, np.s_[fr])
    believe(world, -4.0, np.s_[fr, (s.stage == BOAT) & (s.teams == 0.0), 0])
    believe(world, [3.0, 2.0, 1.0], np.s_[fr, suspects, 0])
    believe(world, -2.0, np.s_[fr, able[5], 0])  # thought to be none
    elsewhere = world.corridor.authority_index["RS"]  # takes no part
    believe(world, 4.0, np.s_[elsewhere, able[1]])
    step_without_reports(model)
    rows = rows_of(watched)
    assert rows[:3] == suspects.tolist()
    assert len(rows) == 5
    assert able[5] not in rows


@pytest.mark.slow
@pytest.mark.full
def test_so_many_persons_are_arrested_as_are_given(folder, watched, no_cases):
    """The last cell loses a part of its helpers; suppliers are whole cells, right on average."""
    persons = []
    for seed in range(40):
        watched.clear()
        case = raided(folder, arrests=7, start=date(2023, 6, 21), days=1, more='stages = ["boat"]')
        model = Steps(case, seed=seed, scale=0.01).model
        alike(model.world, model.world.corridor.authority_index["FR"])
        model.step()
        crews = model.world.smugglers.missing_teams
        persons.append(sum(arrest.persons for arrest in watched))
        assert crews.sum() <= 7 / 4 + 1e-9  # launches a day; organisers have none
    assert np.mean(persons) == pytest.approx(7, abs=0.5)
    persons = []
    for seed in range(80):
        watched.clear()
        stages = 'stages = ["supply"]'
        case = raided(folder, arrests=6, start=date(2023, 6, 21), days=1, more=stages)
        Steps(case, seed=seed, scale=0.01).to_the_end()
        persons.append(4 * len(watched))
    assert set(persons) == {4, 8}
    assert 5.0 < np.mean(persons) < 7.0


def alike(world, authority):
    """Make launchers equally large; rows of those that an authority can arrest."""
    s = world.smugglers
    launchers = (s.stage == BOAT) & (s.status == Status.ACTIVE) & (s.teams > 0.0)
    s.teams[launchers] = 1.0
    return np.flatnonzero(world.jurisdiction[authority] & launchers)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_a_share_that_is_known_is_taken_of_what_the_stage_carries(folder, no_cases, share):
    more = f'share = {share}\nstages = ["boat", "supply"]\n'
    model = on_the_eve(raided(folder, arrests=400, more=more))
    world = model.world
    s = world.smugglers
    before = s.teams[(s.stage == BOAT) & (s.status == Status.ACTIVE)].sum()
    missing = s.missing_teams.sum()
    world.begin_day(world.day + 1)
    raid(world, model.processes.investigation, model.processes.supply)
    assert s.missing_teams.sum() - missing == pytest.approx(share * before)
    held = (s.status == Status.HELD) & (s.stage == SUPPLY)
    assert held.sum() > 2  # the other persons bring boats


def test_arrests_and_boats_are_counted(folder, watched, no_cases):
    usual = Steps(raided(folder, arrests=40, more=BOATS_AND_SUPPLY.format(0))).to_the_end()
    taken = rows_of(watched)
    watched.clear()
    less = Steps(raided(folder, arrests=40, more=BOATS_AND_SUPPLY.format(12))).to_the_end()
    assert rows_of(watched) == taken
    ledgers = [model.world.ledger for model in (usual, less)]
    assert ledgers[0].arrested[DAY] >= len(taken) > 2
    seized = [int(ledger.boats_seized[DAY]) for ledger in ledgers]
    assert 10 <= seized[1] - seized[0] <= 12  # of the others, some could be seized that day
    assert ledgers[1].profit[DAY] < ledgers[0].profit[DAY]


def test_a_raid_takes_no_more_than_there_is(folder):
    everybody = raided(folder, arrests=100_000, more=BOATS_AND_SUPPLY.format(100_000), days=60)
    world = keep_books(everybody, scale=0.05)
    assert 30 < world.ledger.arrested[DAY] <= world.smugglers.count
    assert world.ledger.active[DAY] < world.ledger.active[DAY - 1]
    assert world.ledger.boats_seized[DAY] > 50


@pytest.mark.parametrize("authority", ["CALAIS", "EU", "RS", "UK"])
def test_nothing_is_lost_in_a_raid(folder, authority):
    more = f'boats = 20\n[[raid]]\nauthority = "{authority}"\non = 2023-06-21\narrests = 9\n'
    keep_books(raided(folder, authority=authority, more=more, warm_up=10))


def test_until_the_raid_and_without_it_nothing_differs(folder):
    with_it = raided(folder)
    usual = '[parameters]\n"intelligence.persons_per_operator" = 4.0\n'
    without = scenario_from(folder, usual, days=30, warm_up=0)
    assert with_it.raid
    assert not without.raid
    assert differences(on_the_eve(with_it), on_the_eve(without)) == []


def test_a_raid_depends_on_no_other_draw(folder, watched, no_cases):
    """A second raid elsewhere on the day does not change who is taken in the first."""
    Steps(raided(folder, authority="FR", arrests=10)).to_the_end()
    alone = list(watched)
    watched.clear()
    other = '[[raid]]\nauthority = "TR"\non = 2023-06-21\narrests = 30\n'
    Steps(raided(folder, authority="FR", arrests=10, more=other)).to_the_end()
    assert watched[: len(alone)] == alone
    assert len(watched) > len(alone)
