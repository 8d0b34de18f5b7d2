"""What investigators and officers abroad find out themselves."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.model.agents.authority import (
    FINANCE,
    LIAISON,
    SURVEILLANCE,
)
from simulation.model.agents.smuggler import ORGANISERS, Role
from simulation.model.agents.unit import UnitKind
from tests.runs import Steps, scenario_from

ALONE = 'clear = ["sharing"]\n[sharing_default]\nlevel = "none"\n'
MORE_OFFICERS = '[[staff]]\nauthority = "FR"\nkind = "investigation"\nchange = 3.0\n'


@pytest.fixture
def model(tmp_path):
    def make(text=ALONE):
        return Steps(scenario_from(tmp_path, text, days=3, warm_up=0), scale=0.01).model

    return make


def learnt(model, kinds, days):
    """Facts of some kinds that are learnt in so many days, (facts, 4) with their host."""
    world, facts = model.world, []
    intelligence = model.processes.intelligence
    intelligence.routing.update(world)
    for _ in range(days):
        count = intelligence.learn(world)
        columns = [intelligence.facts[name] for name in ("source", "operator", "kind", "host")]
        rows = np.column_stack(columns)[:count]
        facts.append(rows[np.isin(rows[:, 2], kinds)])
        world.today = world.today.fromordinal(world.ordinal + 1)
    return np.concatenate(facts)


def inquiries(model, days=400):
    """Facts that investigators find out in so many days: authority, operator, kind."""
    return learnt(model, (SURVEILLANCE, FINANCE), days)[:, :3]


@pytest.mark.parametrize("more", ["", MORE_OFFICERS], ids=["usual", "more in France"])
def test_inquiries_are_as_many_as_there_are_officers_and_about_the_own_ground(model, more):
    world = (it := model(ALONE + more)).world
    facts = inquiries(it)
    assert world.jurisdiction[facts[:, 0], facts[:, 1]].all()
    rate = world.parameters.intelligence.inquiry_facts / (365.25 / 12)
    teams = world.policy.staff["investigation"]
    expected = teams * (1 - np.exp(-rate)) * 400
    number = np.bincount(facts[:, 0], minlength=teams.size)
    finance = facts[:, 2] == FINANCE
    # where nobody handles money, payments lead to nobody
    able = np.array([
        np.isin(world.smugglers.role[row], (*ORGANISERS, Role.BOAT_SUPPLIER)).any()
        for row in world.jurisdiction
    ])  # fmt: skip
    assert number[able].sum() == pytest.approx(expected[able].sum(), rel=0.1)
    assert (np.abs(number - expected) <= 5.0 * np.sqrt(expected))[able].all()
    assert not number[teams == 0].any()
    share = world.parameters.intelligence.finance_share
    assert finance[able[facts[:, 0]]].mean() == pytest.approx(share, abs=0.04)
    roles = world.smugglers.role[facts[finance, 1]]
    assert np.isin(roles, (*ORGANISERS, Role.BOAT_SUPPLIER)).all()
    assert (roles == Role.BOAT_SUPPLIER).any()


def test_an_open_case_leads_to_those_tied_to_it_wherever_they_work(model):
    world = (it := model()).world
    uk = world.corridor.authority_index["UK-CI"]
    supplier = int(np.flatnonzero(world.smugglers.role == Role.BOAT_SUPPLIER)[0])
    tied = np.unique(world.ties[(world.ties == supplier).any(axis=1)])
    abroad = tied[~world.jurisdiction[uk, tied]]
    before = inquiries(it)
    assert not np.isin(before[before[:, 0] == uk, 1], abroad).any()
    team = np.flatnonzero((world.units.authority == uk) & (world.units.kind == 3))[0]
    world.units.target[team] = supplier
    after = inquiries(it)
    mine = after[after[:, 0] == uk, 1]
    weight = world.parameters.intelligence.inquiry_tied
    own = world.jurisdiction[uk].sum() - np.isin(tied, np.flatnonzero(world.jurisdiction[uk])).sum()
    expected = weight * abroad.size / (weight * tied.size + own)
    assert np.isin(mine, abroad).mean() == pytest.approx(expected, abs=0.15)
    assert supplier in mine


def officers(model, days=600):
    """Facts that officers abroad find out in so many days: authority, host, operator."""
    return learnt(model, (LIAISON,), days)[:, [0, 3, 1]]


def test_officers_abroad_learn_of_the_hosts_ground_as_far_as_the_host_shares(model):
    assert officers(model()).size == 0
    lever = '[[sharing]]\nbetween = ["RS", "UK-CI"]\none_way = true\ncoverage = {}\n'
    number = []
    for coverage in (0.5, 1.0):
        it = model(
            ALONE + lever.format(coverage) + "delay_days = 0.0\nfidelity = 1.0\n"
            '[parameters]\n"intelligence.liaison_facts" = 3.0\n'
        )
        world = it.world
        rs, uk = (world.corridor.authority_index[code] for code in ("RS", "UK-CI"))
        facts = officers(it)
        assert (facts[:, 0] == uk).all()
        assert (facts[:, 1] == rs).all()
        assert world.jurisdiction[rs, facts[:, 2]].all()
        assert not world.jurisdiction[uk, facts[:, 2]].any()
        number.append(len(facts))
    assert number[1] == pytest.approx(3.0 * 600 / (365.25 / 12), rel=0.3)
    assert number[1] > 1.5 * number[0]


def test_a_part_of_what_a_team_finds_out_is_about_the_suspect_it_works_on(model):
    """Wherever others are that it could come upon."""
    world = (it := model()).world
    fr = world.corridor.authority_index["FR"]
    teams = (world.units.authority == fr) & (world.units.kind == UnitKind.INVESTIGATION)
    suspect = int(np.flatnonzero(world.jurisdiction[fr])[0])
    shares = []
    for working in (False, True):
        world.units.target[:] = -1
        world.units.target[teams] = suspect if working else -1
        facts = inquiries(it, days=800)
        shares.append(float(np.mean(facts[facts[:, 0] == fr, 1] == suspect)))
    share = world.parameters.intelligence.inquiry_target
    assert shares[0] < 0.15
    assert share - 0.05 < shares[1] < share + 0.15
