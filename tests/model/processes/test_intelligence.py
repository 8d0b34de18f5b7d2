"""What authorities learn: null tests of sharing, and the direction of every memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from simulation.chain import link
from simulation.compiled import kernel
from simulation.corridor.stages import BOAT
from simulation.model.agents.authority import CLASS_OF_KIND, DEBRIEF, INTERCEPTION
from simulation.model.agents.smuggler import Status
from simulation.model.processes.intelligence.collection import name_others
from simulation.model.processes.intelligence.cycle import Intelligence
from simulation.model.processes.investigation import Investigation
from tests.runs import ARRESTS, Steps, believe, scenario_from

#: everybody with everybody, the two hubs as well
EVERYBODY = ("EPC", "EPC"), ("EPC", "EUROPOL"), ("EPC", "FRONTEX"), ("EUROPOL", "FRONTEX")
#: enough facts in a short run to see what becomes of them
TALKATIVE = '[parameters]\n"intelligence.account_yield" = 0.01\n'


def all_share(**how: object) -> str:
    """Levers by which everybody shares with everybody in one way."""
    lines = ['clear = ["sharing"]']
    for one, other in EVERYBODY:
        lines += ["[[sharing]]", f'between = ["{one}", "{other}"]']
        lines += [f"{key} = {str(value).lower()}" for key, value in how.items()]
    return "\n".join(lines) + "\n"


FULL = {"coverage": 1.0, "delay_days": 0.0, "fidelity": 1.0, "leak": 0.0, "third_party": True}


def finished(tmp_path, text, *, seed=1, days=90, **more):
    scenario = scenario_from(tmp_path, text, days=days, warm_up=0, **more)
    return Steps(scenario, seed=seed).to_the_end()


NOBODY = 'clear = ["sharing"]\n[sharing_default]\nlevel = "none"\n' + TALKATIVE


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Nobody shares anything."""
    return finished(tmp_path_factory.mktemp("alone"), NOBODY)


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """Everybody shares everything at once."""
    return finished(tmp_path_factory.mktemp("together"), all_share(**FULL) + TALKATIVE)


@pytest.mark.parametrize("start", [date(2023, 6, 5), date(2023, 6, 6)])  # a Monday, a Tuesday
def test_a_run_begins_with_the_pictures_it_was_given(tmp_path, start):
    model = Steps(scenario_from(tmp_path, start=start, days=7, warm_up=0)).model
    before = model.world.beliefs.activity.copy()
    assert before.any()
    model.step()
    assert np.array_equal(model.world.beliefs.activity, before)


# -- sharing that must change nothing -------------------------------------------------------------


def test_alone_an_authority_believes_its_own_estimate_of_the_evening_before(tmp_path):
    text = 'clear = ["sharing"]\n[sharing_default]\nlevel = "none"\n'
    steps = Steps(scenario_from(tmp_path, text, days=40, warm_up=0))
    pictures, mondays = steps.world.beliefs, []

    def evening_before(_):
        seen = pictures.precision > 0
        mondays.append(np.where(seen, pictures.own_activity, 0.0))

    def compare(model):
        if model.world.weekly and model.world.day > 0:
            np.testing.assert_allclose(pictures.activity, mondays[-1], rtol=1e-12)

    steps.to_the_end(evening_before, compare)
    assert not np.allclose(mondays[-1], mondays[1], rtol=0.05)


def distances(alone, *others) -> list[float]:
    """How far the activity that others believe in is from what they believe who share nothing."""
    apart = alone.world.beliefs.activity
    return [float(np.abs(model.world.beliefs.activity - apart).sum()) for model in others]


def test_who_sees_people_land_knows_boat_legs_and_tells_those_who_patrol_the_beach(tmp_path):
    """With no unit of its own there, and whether or not the receiver has any."""
    model = finished(tmp_path, all_share(**FULL | {"coverage": 0.0}), days=60)
    world = model.world
    index, pictures, ground = world.corridor.authority_index, world.beliefs, world.ground
    uk, fr = index["UK-BI"], index["FR"]
    beach = np.flatnonzero((ground.segment == BOAT) & (ground.authority_from == fr))
    sight = world.parameters.intelligence.landing_sight
    assert not model.processes.allocation.by_authority[uk, beach].any()
    assert (pictures.precision[uk, beach] == sight).all()
    landed = world.ledger.arrivals[:, beach].sum(axis=0)
    seen = pictures.own_activity[uk, beach]
    assert np.corrcoef(landed, seen)[0, 1] > 0.7
    others = np.flatnonzero((ground.segment != BOAT) & (ground.authority_to == uk))
    assert (pictures.precision[uk, others] != sight).all()

    # the French estimate moves towards it once it is told, the more the less France sees itself
    def apart(coverage: float) -> float:
        everywhere = np.full_like(world.policy.sharing.coverage, coverage)
        sharing = replace(world.policy.sharing, coverage=everywhere)
        world.policy = replace(world.policy, sharing=sharing)
        model.processes.activity.fuse(world)
        return float(np.abs(pictures.activity[fr, beach] - seen).sum())

    left = apart(1.0) / apart(0.0)
    assert 0.0 < left < 1.0
    pictures.precision[fr, beach] = 0.0
    assert apart(1.0) / apart(0.0) < min(left, 0.2)


# -- a fact's way --------------------------------------------------------------------------------


@pytest.fixture
def fresh(tmp_path):
    """A world on its second morning, in which everybody shares everything at once."""

    def make(wrong=0.0, innocent=0.5, **how):
        text = all_share(**FULL | how) + (
            f'[parameters]\n"intelligence.misattribution" = {wrong}\n'
            f'"intelligence.innocent_share" = {innocent}\n'
        )
        steps = Steps(scenario_from(tmp_path, text, days=160, warm_up=0), scale=0.02)
        steps.model.step()
        world = steps.world
        officers = world.policy.staff["investigation"]  # who would find out more
        officers.setflags(write=True)
        officers[:] = 0.0
        for facts in (world.seizure_facts, world.account_facts, world.seized_phones):
            facts.clear()
        believe(world, 0.0)
        return world

    return make


def tell(world, facts, days=1):
    """Let facts be told this evening and processed on the next mornings."""
    intelligence = Intelligence(world)
    world.seizure_facts[:] = facts
    intelligence.collect(world)
    intelligence.share(world)
    for _ in range(days):
        world.day += 1
        intelligence.process(world)
    return intelligence


def shared_operator(world):
    """An operator that several authorities can arrest, the first of them, and their rows."""
    row = int(np.argmax(world.jurisdiction.sum(axis=0)))
    concerned = np.flatnonzero(world.jurisdiction[:, row])
    return row, int(concerned[0]), concerned


def test_a_fact_counts_once_however_often_it_is_heard(fresh):
    """Everybody may pass it on to everybody, so it reaches each of them on many ways."""
    world = fresh()
    row, source, concerned = shared_operator(world)
    intelligence = tell(world, [(source, row, INTERCEPTION, 99)], days=0)
    receivers = intelligence.reports.to.tolist()
    assert len(receivers) == len(set(receivers))
    assert set(concerned.tolist()) <= set(receivers)
    world.day += 1
    intelligence.process(world)
    numbers = world.parameters.intelligence
    one = numbers.weight_account * 2 ** (-1 / numbers.half_life_days)
    evidence = world.beliefs.evidence[:, row]
    assert evidence[source, CLASS_OF_KIND[INTERCEPTION]] == pytest.approx(one)
    for receiver in receivers[1:]:
        assert evidence[receiver].sum() == pytest.approx(one)


def named_by(world, rows, keys):
    """Whom facts with such keys on such operators name."""
    intelligence, s, named = world.parameters.intelligence, world.smugglers, rows.copy()
    kernel(name_others)(
        world.seed, intelligence.misattribution, intelligence.innocent_share, keys, s.rows, named
    )
    return named


def test_a_fact_named_wrongly_stays_at_its_stage_and_place_or_hits_an_innocent(fresh):
    world = fresh(wrong=0.35, innocent=0.4)
    s = world.smugglers
    rows = np.arange(s.count)[:, None]
    keys = (7 * rows + np.arange(8)).astype(np.uint64)
    named = named_by(world, np.repeat(rows, 8), keys.ravel()).reshape(-1, 8)
    innocent = named < 0
    assert (named == ~rows)[innocent].all()  # taken to be such a one as the right one
    assert innocent.mean() == pytest.approx(0.35 * 0.4, abs=0.03)
    named = np.where(innocent, rows, named)
    assert (s.stage[named] == s.stage[rows]).all()
    assert (s.place[named] == s.place[rows]).all()
    assert (s.status[named] != Status.RETIRED).all()
    peers = ((s.stage == s.stage[:, None]) & (s.place == s.place[:, None])).sum(axis=1)
    wrong = (named != rows)[peers > 1].mean()
    assert wrong == pytest.approx(0.35 * 0.6, abs=0.04)


def test_a_fact_on_an_innocent_takes_desk_time_and_is_evidence_on_nobody(fresh):
    world = fresh(wrong=0.35, innocent=0.9)
    row, source, _ = shared_operator(world)
    facts = [(source, row, INTERCEPTION, key) for key in range(200)]
    named = named_by(world, np.full(200, row), np.arange(200, dtype=np.uint64))
    wrong = np.flatnonzero(named == ~row)
    assert wrong.size > 40
    tell(world, [facts[k] for k in wrong[:3]])
    today = world.ledger.chain[world.day]
    assert today[link("innocent"), source] == today[link("processed"), source] == 3
    assert today[link("innocent")].sum() > 3  # it is told to others like any other fact
    assert not world.beliefs.evidence.any()


# -- the direction of every memory ----------------------------------------------------------------


def test_evidence_halves_in_one_half_life_which_is_shorter_of_those_who_lie_low(fresh):
    world = fresh()
    intelligence, numbers = Intelligence(world), world.parameters.intelligence
    dark = np.arange(world.smugglers.count) < 5
    world.smugglers.dark_until[:] = np.where(dark, 10**6, -1)
    believe(world, 3.0)
    before = world.beliefs.evidence[:, : dark.size]
    halves = {numbers.half_life_days: ~dark, numbers.half_life_dark_days: dark}
    assert numbers.half_life_dark_days < numbers.half_life_days
    for passed in range(1, int(numbers.half_life_days) + 1):
        world.day += 1
        intelligence.process(world)
        now = world.beliefs.evidence[:, : dark.size]
        assert (now < before).all()
        if passed in halves:
            np.testing.assert_allclose(now[:, halves.pop(passed)], 1.5, rtol=1e-12)
        before = now
    assert not halves


def test_old_news_weighs_less_than_fresh(fresh):
    """A fact processed late adds what is left of it by then, as if it had been known all along."""
    world = fresh(delay_days=20.0)
    row, source, _ = shared_operator(world)
    tell(world, [(source, row, DEBRIEF, 5)], days=110)
    evidence = world.beliefs.evidence[:, row].sum(axis=1)
    heard = np.flatnonzero(evidence)
    assert heard.size > 1
    np.testing.assert_allclose(evidence[heard], evidence[source])


def test_what_cannot_be_processed_waits_and_the_weightiest_goes_first(fresh):
    world = fresh()
    row, source, _ = shared_operator(world)
    capacity = world.policy.staff["analysis"]
    capacity.setflags(write=True)
    capacity[:] = 2.0 * (np.arange(capacity.size) == source)
    intelligence = tell(world, [(source, row, INTERCEPTION, k) for k in range(7)])
    mine = intelligence.reports.to == source
    assert mine.sum() == 5
    assert (intelligence.reports.to != source).any()  # nobody else processed anything
    for left in (3, 1, 0):
        world.day += 1
        intelligence.process(world)
        assert (intelligence.reports.to == source).sum() == left


# -- jurisdiction ---------------------------------------------------------------------------------


def test_only_an_authority_with_jurisdiction_arrests(tmp_path, monkeypatch):
    """Over a run with many cases and arrests."""
    arrests, take = [], Investigation.arrest

    def watched(self, world, row, authority):
        arrests.append(world.jurisdiction[authority, row])
        take(self, world, row, authority)

    monkeypatch.setattr(Investigation, "arrest", watched)
    model = finished(tmp_path, all_share(**FULL) + ARRESTS, days=240)
    world = model.world
    assert len(arrests) > 5
    assert all(arrests)
    teams = np.flatnonzero(world.units.target >= 0)
    owners, targets = world.units.authority[teams], world.units.target[teams]
    assert not world.jurisdiction[owners, targets].all(), "some work with partners"
    partners = model.processes.investigation.suspects.partner[owners, targets]
    assert world.jurisdiction[partners, targets].all()
    hubs = world.corridor.hubs()
    assert not world.jurisdiction[hubs].any()
    assert not world.ledger.cases[:, hubs].any()
