"""How facts travel between authorities: channels, the way of a fact, and what hubs hand on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.chain import LINKS, link
from simulation.compiled import kernel, with_room
from simulation.corridor import load_corridor
from simulation.model.agents.authority import OWN_CLASSES
from simulation.model.processes.intelligence.activity import fuse_activity
from simulation.model.processes.intelligence.report_queue import (
    BY_ITSELF,
    BY_PARTNER,
    IDLE,
    Reports,
)
from simulation.model.processes.intelligence.sharing import (
    Channels,
    Passed,
    Routing,
    SpreadSpace,
    chained_fidelity,
    hand_on,
    spread_fact,
    through_channel,
)
from simulation.scenario.levers.sharing import SharingDay
from tests.model.processes.small_worlds import assuming
from tests.runs import Steps, scenario_from

NEVER = 1 << 30


@given(weight=st.floats(-6, 6), better=st.floats(0.5, 1), worse=st.floats(0.5, 1))
def test_a_channel_takes_from_a_fact_what_it_garbles(weight, better, worse):
    assert through_channel(weight, 1.0) == pytest.approx(weight, abs=1e-9)
    assert through_channel(weight, 0.5) == 0.0
    worse, better = sorted((worse, better))
    left = float(through_channel(weight, better))
    assert abs(float(through_channel(weight, worse))) <= abs(left) + 1e-12
    assert left * weight >= 0
    assert through_channel(-weight, better) == pytest.approx(-left, abs=1e-9)


#: compiled alone, once: elsewhere it is a part of other kernels
SPREAD_FACT = kernel(spread_fact)


def channels(count=4, **changed):
    """Everybody shares all at once, and may pass it on, unless said otherwise."""
    full = dict.fromkeys(Channels._fields, 1.0) | {"delay": 0.0, "leak": 0.0, "onward": True}
    return Channels(
        **{name: np.full((count, count), value) for name, value in (full | changed).items()}
    )


def spread(count=4, key=9, concerned=True, **changed):
    """The way of a fact learnt by authority 0 on day 10 through `channels`."""
    space, links = with_room(SpreadSpace, count), np.zeros((len(LINKS), count + 1))
    space.concerned[:] = concerned
    leaked = SPREAD_FACT(np.uint64(key), 0, 10, 1, channels(count, **changed), space, links)
    return space.arrival, space.quality, leaked


def chain(*pairs, count=4):
    """Coverage along some ordered pairs only."""
    coverage = np.zeros((count, count))
    coverage[tuple(np.transpose(pairs))] = 1.0
    return coverage


def test_a_fact_arrives_once_and_by_the_quicker_way():
    """Straight to 3 through a bad channel and late; by 1 at once, through a better one."""
    delay, fidelity = np.zeros((4, 4)), np.full((4, 4), 0.9)
    delay[0, 3], fidelity[0, 3] = 10**6, 0.6
    ways = chain((0, 3), (0, 1), (1, 3))
    arrival, quality, _ = spread(coverage=ways, delay=delay, fidelity=fidelity)
    assert arrival.tolist() == [10, 10, NEVER, 10]
    assert quality[3] == pytest.approx(chained_fidelity(0.9, 0.9))
    delay[0, 3], delay[0, 1] = 0, 10**6
    arrival, quality, _ = spread(coverage=ways, delay=delay, fidelity=fidelity)
    assert arrival[3] == 10
    assert quality[3] == pytest.approx(0.6)


def test_the_third_party_rule_ends_a_facts_way():
    onward = np.ones((4, 4), dtype=bool)
    onward[0, 1] = False
    ways = chain((0, 1), (1, 2))
    assert spread(coverage=ways)[0].tolist() == [10, 10, 10, NEVER]
    assert spread(coverage=ways, onward=onward)[0].tolist() == [10, 10, NEVER, NEVER]


def test_a_fact_goes_only_to_whom_it_concerns():
    concerned = np.array([True, False, True, True])
    arrival, _, _ = spread(coverage=chain((0, 1), (1, 2), (0, 3)), concerned=concerned)
    assert arrival.tolist() == [10, NEVER, NEVER, 10]


def test_coverage_delay_and_leaks_are_as_asked():
    arrived = [spread(2, key, coverage=0.3)[0][1] == 10 for key in range(4000)]
    assert np.mean(arrived) == pytest.approx(0.3, abs=0.03)
    days = [spread(2, key, delay=20.0)[0][1] - 10 for key in range(4000)]
    assert min(days) >= 1
    assert np.mean(days) == pytest.approx(20.5, rel=0.06)  # whole days, rounded up
    leaks = [spread(2, key, leak=0.2)[2] for key in range(4000)]
    assert np.mean(leaks) == pytest.approx(0.2, abs=0.03)
    # many hand it over, and only the hand-overs by which it arrives can leak
    leaks = [spread(8, key, leak=0.1, delay=5.0)[2] for key in range(2000)]
    assert np.mean(leaks) == pytest.approx(1 - 0.9**7, abs=0.03)
    assert not any(spread(2, key, coverage=0.0, leak=1.0)[2] for key in range(50))


def fused(precision, coverage=1.0, delay=0.0, fidelity=1.0, ground=(True, True)):
    """What authority 1 believes of a leg; 0 has seen 10, 20, 30 (newest) and 1 always 4."""
    history = np.array([[[10.0], [4.0]], [[20.0], [4.0]], [[30.0], [4.0]]])
    out = np.empty((2, 1))
    full = np.ones((2, 2))
    fuse_activity(
        history, np.array(precision, dtype=float)[:, None], 2, full * coverage, full * delay,
        full * fidelity, 2.0, np.array(ground)[:, None], out,
    )  # fmt: skip
    return out[1, 0]


def test_fused_activity_is_a_mean_by_worth():
    assert fused([1, 1]) == pytest.approx((30 + 4) / 2)
    assert fused([3, 1]) == pytest.approx((3 * 30 + 4) / 4)
    assert fused([0, 1]) == 4.0
    assert fused([1, 1], coverage=0.5) == pytest.approx((0.5 * 30 + 4) / 1.5)
    assert fused([1, 1], fidelity=0.75) == pytest.approx((0.5 * 30 + 4) / 1.5)
    # two days late, and half as much worth after a half-life of two days
    assert fused([1, 1], delay=2.0) == pytest.approx((0.5 * 10 + 4) / 1.5)
    assert fused([1, 1], ground=(True, False)) == 0.0


# -- routing ---------------------------------------------------------------------------------------


NOBODY_SHARES = 'clear = ["sharing"]\n[sharing_default]\nlevel = "none"\n'


def codes(flags):
    return {a.code for a, flag in zip(load_corridor().authorities, flags, strict=True) if flag}


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
    launcher = int(np.flatnonzero(world.smugglers.role == 5)[0])
    able, concerned = codes(world.jurisdiction[:, launcher]), codes(routing.concern[:, launcher])
    assert able < concerned
    # people it sends land in the UK, though nobody there can arrest it
    assert {"UK-BI", "UK-CI"} <= concerned - able
    assert codes(routing.concern.all(axis=1)) >= {"UK-IN", "EUROPOL", "FRONTEX"}
    assert "RS" not in concerned


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
    assert routing.open_case_mask[launcher] == 1 << rs
    world.units.target[team] = -1
    routing.update(world)
    assert not routing.concern[rs, foreign].any()


def test_use_is_by_itself_by_a_partner_it_tells_or_none(routed):
    lever = '[[sharing]]\nbetween = ["RS", "FR"]\nlevel = "low"\none_way = true\n'
    for text, expected in ((NOBODY_SHARES, IDLE), (NOBODY_SHARES + lever, BY_PARTNER)):
        world, routing = routed(text)
        index = world.corridor.authority_index
        french, serbian = (world.jurisdiction[index[name]] for name in ("FR", "RS"))
        launcher = int(np.flatnonzero(french & ~serbian)[0])
        assert routing.use[index["RS"], launcher] == expected
        assert routing.use[index["FR"], launcher] == BY_ITSELF
        assert (routing.use == BY_ITSELF).sum() == world.jurisdiction.sum()


def channel(count=4, coverage=1.0, delay=0.0, fidelity=1.0, leak=0.0, third_party=False):
    """The same sharing between all pairs."""
    full = [np.full((count, count), value) for value in (coverage, delay, fidelity, leak)]
    return SharingDay(*full, np.full((count, count), third_party))


def handed(facts=1, hubs=(3,), recipients=0b1001, concern=(1, 1, 1, 1), **how):
    """What hubs hand on of facts of authority 0: the fact and to whom; and counts."""
    reports = with_room(Reports, facts * len(hubs))
    for column in reports:
        column[:] = 0
    reports.to[:] = np.tile(hubs, facts)
    reports.key[:] = np.repeat(np.arange(facts), len(hubs))
    reports.group[:], reports.recipients[:] = OWN_CLASSES, recipients
    links = np.zeros((len(LINKS), 5))
    passed, leaked = with_room(Passed, reports.to.size * 4), np.empty(reports.to.size, dtype=bool)
    concerned, now = np.array(concern, dtype=bool)[:, None], assuming({})
    now["day"], now["seed"] = 7, 1
    count = hand_on(now, reports, channels(**how), concerned, links, leaked, passed)
    return list(zip(passed.fact[:count].tolist(), passed.to[:count].tolist(), strict=True)), links


def test_a_hub_hands_on_to_those_concerned_who_do_not_have_it():
    assert handed()[0] == [(0, 1), (0, 2)]
    assert handed(recipients=0b1011)[0] == [(0, 2)]
    assert handed(concern=(1, 0, 1, 1))[0] == [(0, 2)]
    assert handed(may=0.0)[0] == []
    assert handed(coverage=0.0)[0] == []


#: everybody tells Europol and Europol tells everybody, but nobody may pass anything on
STAR = (
    'clear = ["sharing"]\n[sharing_default]\nlevel = "none"\n[[sharing]]\n'
    'between = ["EPC", "EUROPOL"]\ncoverage = 1.0\ndelay_days = 0.0\nfidelity = 1.0\n'
    "leak = 0.0\nthird_party = false\n"
)


def test_members_hear_of_each_other_through_a_hub_as_far_as_its_desk_goes(tmp_path):
    heard = []
    for more in ("", '[[staff]]\nauthority = "EUROPOL"\nkind = "analysis"\nchange = 4.0\n'):
        model = Steps(scenario_from(tmp_path, STAR + more, days=60, warm_up=0)).to_the_end()
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
    world = Steps(scenario_from(tmp_path, text, days=40, warm_up=0), scale=0.1).to_the_end().world
    hub = world.corridor.authority_index["EUROPOL"]
    delivered = world.ledger.chain[:, link("delivered")].sum(axis=0)
    assert delivered[hub] > 0
    assert delivered.sum() == delivered[hub]
