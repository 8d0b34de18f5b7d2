"""Who is given a fact, who can use it, and what hubs hand on."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.agents.authority import OWN_CLASSES
from simulation.chain import LINKS, link
from simulation.corridor import load_corridor
from simulation.parameters import load_parameters
from simulation.processes.report_queue import BY_ITSELF, BY_PARTNER, IDLE, Reports
from simulation.processes.sharing import (
    ChannelsToday,
    Passed,
    Routing,
    chance_to_hand_on,
    hand_on,
    worth_of_channel,
)
from simulation.scenario.levers.sharing import SharingDay
from tests.runs import Steps, scenario_from

NOBODY_SHARES = 'clear = ["sharing"]\n[sharing_default]\nlevel = "none"\n'


def codes(flags):
    return {a.code for a, flag in zip(load_corridor().authorities, flags, strict=True) if flag}


def test_hubs_are_those_who_only_analyse():
    assert codes(load_corridor().hubs()) == {"UK-IN", "EUROPOL", "FRONTEX"}


@pytest.fixture
def routed(tmp_path):
    def make(text=NOBODY_SHARES):
        world = Steps(scenario_from(tmp_path, text, days=3, warm_up=0), scale=0.01).world
        routing = Routing(world)
        routing.update(world)
        return world, routing

    return make


def test_a_fact_concerns_who_can_arrest_whose_legs_it_is_on_and_hubs(routed):
    world, routing = routed()
    index = world.corridor.authority_index
    launcher = int(np.flatnonzero(world.smugglers.role == 5)[0])
    assert codes(world.jurisdiction[:, launcher]) < codes(routing.concern[:, launcher])
    # people it sends land in the UK, though nobody there can arrest it
    assert routing.concern[[index["UK-BI"], index["UK-CI"]], launcher].all()
    assert not world.jurisdiction[[index["UK-BI"], index["UK-CI"]], launcher].any()
    assert routing.concern[[index[code] for code in ("UK-IN", "EUROPOL", "FRONTEX")]].all()
    assert not routing.concern[index["RS"], launcher]


def test_a_case_makes_an_operator_and_those_tied_to_it_a_concern(routed):
    world, routing = routed()
    rs = world.corridor.authority_index["RS"]
    launcher = int(np.flatnonzero(world.smugglers.role == 5)[0])
    tied = np.unique(world.ties[(world.ties == launcher).any(axis=1)])
    assert tied.size > 1
    foreign = tied[~routing.concern[rs, tied]]
    assert launcher in foreign
    team = np.flatnonzero((world.units.authority == rs) & (world.units.kind == 3))[0]
    world.units.target[team] = launcher
    routing.update(world)
    assert routing.concern[rs, tied].all()
    assert (routing.use[rs, tied] == BY_ITSELF).all()
    assert routing.hunted[launcher] == 1 << rs
    world.units.target[team] = -1
    routing.update(world)
    assert not routing.concern[rs, foreign].any()


def test_use_is_by_itself_by_a_partner_it_tells_or_none(routed):
    lever = '[[sharing]]\nbetween = ["RS", "FR"]\nlevel = "low"\none_way = true\n'
    for text, expected in ((NOBODY_SHARES, IDLE), (NOBODY_SHARES + lever, BY_PARTNER)):
        world, routing = routed(text)
        index = world.corridor.authority_index
        launcher = int(np.flatnonzero(world.jurisdiction[index["FR"]])[-1])
        assert not world.jurisdiction[index["RS"], launcher]
        assert routing.use[index["RS"], launcher] == expected
        assert routing.use[index["FR"], launcher] == BY_ITSELF
        assert (routing.use == BY_ITSELF).sum() == world.jurisdiction.sum()


def channel(count=4, coverage=1.0, delay=0.0, fidelity=1.0, leak=0.0, third_party=False):
    """The same sharing between all pairs."""
    full = [np.full((count, count), value) for value in (coverage, delay, fidelity, leak)]
    return SharingDay(*full, np.full((count, count), third_party))


@pytest.mark.parametrize("lost", [{"coverage": 0.0}, {"fidelity": 0.5}, {"delay": 1e6}])
def test_a_channel_that_lets_nothing_through_is_worth_nothing(lost):
    assert worth_of_channel(channel(**lost), 75.0).max() < 1e-9
    worth = worth_of_channel(channel(coverage=0.5, delay=75.0, fidelity=0.75), 75.0)
    assert worth[0, 1] == pytest.approx(0.5 * 0.5 * 0.5)
    assert not np.diag(worth).any()


def test_the_third_party_rule_is_of_the_channel_and_has_an_exception_for_hubs():
    hubs = np.array([False, True])
    allowed = [
        chance_to_hand_on(channel(2, coverage, third_party=rule), hubs, 0.5, 0.2)[0].tolist()
        for coverage, rule in ((1.0, True), (1.0, False), (0.1, False), (0.1, True))
    ]
    assert allowed == [[1.0, 1.0], [0.0, 0.5], [0.0, 0.0], [1.0, 1.0]]


def handed(facts=1, hubs=(3,), told=0b1001, may=1.0, concern=(1, 1, 1, 1), leak=0.0, **how):
    """What hubs hand on of facts of authority 0; rows of the fact, receiver and day, and leaks."""
    sharing = channel(4, leak=leak, **how)
    reports = Reports.with_room(facts * len(hubs))
    for column in reports:
        column[:] = 0
    reports.to[:] = np.tile(hubs, facts)
    reports.key[:] = np.repeat(np.arange(facts), len(hubs))
    reports.group[:], reports.recipients[:] = OWN_CLASSES, told
    links = np.zeros((len(LINKS), 5))
    passed, leaked = Passed.with_room(reports.to.size * 4), np.empty(reports.to.size, dtype=bool)
    channels = ChannelsToday(load_corridor())
    channels.hubs = np.zeros(4, dtype=bool)
    today = channels.of(sharing, load_parameters().intelligence)._replace(may=np.full((4, 4), may))
    concerned = np.array(concern, dtype=bool)[:, None]
    count = hand_on(7, 1, reports, today, concerned, links, leaked, passed)
    return list(zip(passed.fact[:count].tolist(), passed.to[:count].tolist(), strict=True)), links


def test_a_hub_hands_on_to_those_concerned_who_do_not_have_it():
    assert handed()[0] == [(0, 1), (0, 2)]
    assert handed(told=0b1011)[0] == [(0, 2)]
    assert handed(concern=(1, 0, 1, 1))[0] == [(0, 2)]
    assert handed(may=0.0)[0] == []
    assert handed(coverage=0.0)[0] == []


def test_two_hubs_hand_on_a_fact_once():
    found, links = handed(facts=50, hubs=(2, 3), told=0b1101)
    assert len(found) == 50
    assert {to for _, to in found} == {1}
    assert links[link("passed_on")].sum() == 50


def test_what_a_hub_hands_on_is_drawn_by_permission_coverage_and_leaks():
    permitted = handed(facts=3000, told=0b1101, may=0.5)[0]
    assert len(permitted) / 3000 == pytest.approx(0.5, abs=0.03)
    covered = handed(facts=3000, told=0b1101, coverage=0.3)[0]
    assert len(covered) / 3000 == pytest.approx(0.3, abs=0.03)
    _, links = handed(facts=3000, told=0b1101, leak=0.2)
    assert links[link("leaked"), 3] / 3000 == pytest.approx(0.2, abs=0.03)


#: everybody tells Europol and Europol tells everybody, but nobody may pass anything on
STAR = (
    'clear = ["sharing"]\n[sharing_default]\nlevel = "none"\n[[sharing]]\n'
    'between = ["EPC", "EUROPOL"]\ncoverage = 1.0\ndelay_days = 0.0\nfidelity = 1.0\n'
    "leak = 0.0\nthird_party = false\n"
)


def test_members_hear_of_each_other_through_a_hub_as_far_as_its_desk_goes(tmp_path):
    heard = []
    for more in ("", '[[staff]]\nauthority = "EUROPOL"\nkind = "analysis"\nchange = 4.0\n'):
        steps = Steps(scenario_from(tmp_path, STAR + more, days=60, warm_up=0))
        model = steps.to_the_end()
        world = model.world
        hub = world.corridor.authority_index["EUROPOL"]
        delivered = world.ledger.chain[:, link("delivered"), :].sum(axis=0)
        delivered[hub] = 0.0
        heard.append(delivered.sum())
        assert world.ledger.chain[:, link("passed_on"), hub].sum() >= heard[-1] > 0
        # it keeps coming from who learnt it
        evidence = world.beliefs.evidence
        assert evidence[:hub, :, OWN_CLASSES : OWN_CLASSES + hub].any()
        assert not evidence[:hub, :, OWN_CLASSES + hub].any()
        reports = model.processes.intelligence.reports
        twice = np.column_stack([reports.key, reports.to.astype(np.uint64)])
        assert len(np.unique(twice, axis=0)) == len(twice)
    assert heard[1] > 2 * heard[0]


@pytest.mark.parametrize("rule", ["false", "true"])
def test_a_hub_hands_on_nothing_that_its_desk_has_not_worked_through(tmp_path, rule):
    """Though all let it hand on what they tell, and told it at once."""
    text = STAR.replace("third_party = false", f"third_party = {rule}") + (
        '[[staff]]\nauthority = "EUROPOL"\nkind = "analysis"\nchange = 0.0\n'
    )
    steps = Steps(scenario_from(tmp_path, text, days=40, warm_up=0), scale=0.1)
    chain = steps.to_the_end().world.ledger.chain
    hub = steps.world.corridor.authority_index["EUROPOL"]
    delivered = chain[:, link("delivered")].sum(axis=0)
    assert delivered[hub] > 0
    assert delivered.sum() == delivered[hub]
