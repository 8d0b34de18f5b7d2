"""Who is arrested, and how; joint teams and case files."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from simulation.chain import link
from simulation.compiled import kernel
from simulation.model.agents.authority import OWN_CLASSES
from simulation.model.agents.smuggler import SmugglerColumns, Status
from simulation.model.processes.intelligence import cooperation
from simulation.model.processes.intelligence.cooperation import NOBODY, Suspects
from simulation.model.processes.investigation import rate_cases
from tests.model.processes.small_worlds import assuming
from tests.runs import Steps, believe, scenario_from


def test_helpers_are_caught_with_the_people_they_carry(tmp_path):
    """Thousands of stops of people with an operator, at some arrests a thousand stops."""
    steps = Steps(scenario_from(tmp_path, days=90, warm_up=0), scale=0.1)
    world = steps.to_the_end().world
    people = world.ledger.stops.sum() / world.scale
    assert people * world.parameters.intelligence.arrest_per_stop > 20
    caught = world.ledger.chain[:, link("brief_detentions")].sum()
    assert 5 < caught <= world.ledger.arrested.sum()


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_suspect_is_worked_on_until_too_little_is_left_of_what_was_known(tmp_path, share):
    """The strength of the cases that teams keep reaches down to the share, and not below."""
    strengths: list[float] = []

    def look(model):
        units = model.world.units
        busy = units.target >= 0
        cases = model.processes.investigation.cases
        strengths.extend(cases[units.authority[busy], units.target[busy]])

    lines = (
        '[parameters]\n"intelligence.account_yield" = 0.01\n"intelligence.lead_days" = 365\n'
        f'"intelligence.lead_drop_share" = {share}\n'
    )
    steps = Steps(scenario_from(tmp_path, lines, days=240, warm_up=0), scale=0.05)
    intelligence = steps.to_the_end(after=look).world.parameters.intelligence
    prior, lead = intelligence.prior_log_odds, intelligence.lead_threshold
    assert len(strengths) > 100
    assert min(strengths) >= prior + share * (lead - prior)
    assert (min(strengths) < lead - 0.5) == (share < 0.5)


#: nothing else adds officers or arrests
ALONE = 'clear = ["sharing", "funding", "staff", "operation"]\n[sharing_default]\nlevel = "none"\n'
QUICK = '[parameters]\n"intelligence.arrest_rate" = 0.06\n'


def judge_and_assign(world, process):
    """What a day makes of cases, before anybody is arrested."""
    process.judge(world)
    process.assign(world)


@pytest.fixture
def suspects(tmp_path):
    """Nobody is known to anybody; a way to make operators known to an authority by log-odds."""
    steps = Steps(scenario_from(tmp_path, ALONE + QUICK, days=420, warm_up=0), scale=0.01)
    world, process = steps.world, steps.model.processes.investigation
    prior = world.parameters.intelligence.prior_log_odds
    believe(world, 0.0)

    def build_case(code, rows, case):
        believe(world, (case - prior) / 2, np.s_[world.corridor.authority_index[code], rows, :2])

    def work():
        world.begin_day(world.day)
        judge_and_assign(world, process)
        return world.links.copy()

    return world, process, world.corridor.authority_index["FR"], build_case, work


def those_of(world, code):
    """Who is worked on by an authority."""
    units = world.units
    own = units.authority == world.corridor.authority_index[code]
    return set(units.target[own & (units.target >= 0)].tolist())


def test_a_team_with_nothing_riper_works_on_a_suspect_and_arrests_nobody_for_that(suspects):
    world, process, fr, build_case, work = suspects
    one, other = np.flatnonzero(world.jurisdiction[fr])[:2]
    lead = world.parameters.intelligence.lead_threshold
    build_case("FR", [other], lead - 0.5)
    for case, status in ((lead + 0.5, Status.ACTIVE), (2.0, Status.HELD)):
        build_case("FR", [one], case)
        work()
        assert those_of(world, "FR") == {one}
        for _ in range(300):
            process.arrest_on_cases(world)
            world.today += timedelta(days=1)
        assert world.smugglers.status[one] == status


def test_authorities_of_one_state_do_not_work_on_the_same_operator(suspects):
    world, _, fr, build_case, work = suspects
    crime, border = (world.corridor.authority_index[code] for code in ("UK-CI", "UK-BI"))
    row = np.flatnonzero(world.jurisdiction[crime] & world.jurisdiction[border])[:1]
    assert row[0] in np.flatnonzero(world.jurisdiction[fr])
    for code in ("UK-CI", "UK-BI", "FR"):
        build_case(code, row, 2.0)
    work()
    by_uk = [row[0] in those_of(world, code) for code in ("UK-CI", "UK-BI")]
    assert sum(by_uk) == 1
    assert row[0] in those_of(world, "FR")


def arrests_to_expect(steps):
    """Arrests a day in all cases of each authority under way, as they are drawn; (authorities,)."""
    world, teams = steps.world, steps.model.processes.investigation._table
    world.begin_day(world.day)
    rate_cases(world.policy.staff["investigation"], teams, 1.0)
    busy = teams.authority[teams.rows[teams.target[teams.rows] >= 0]]
    return np.bincount(busy, minlength=teams.rate.size) * teams.rate


def suspect_everybody(steps):
    """Give all authorities the strongest case against everybody, and open what can be opened."""
    world = steps.world
    believe(world, 10.0)
    world.begin_day(world.day)
    judge_and_assign(world, steps.model.processes.investigation)


FREE = 'clear = ["funding", "staff", "operation"]\n'
STAFF = FREE + '[[staff]]\nauthority = "EPC"\nkind = "investigation"\nchange = {}\n'


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.8, 1.0, 2.5])
def test_arrests_are_in_proportion_to_officers(tmp_path, share):
    """Half of them work half the cases as fast as ever, and not half the cases at half the pace."""
    steps = Steps(scenario_from(tmp_path, STAFF.format(share), days=2, warm_up=0))
    suspect_everybody(steps)
    teams = steps.world.corridor.staff["investigation"]
    officers = share * teams
    cases = np.minimum(np.maximum(np.rint(officers), officers > 0), teams)
    assert (steps.world.units.target >= 0).sum() == cases.sum()
    assert arrests_to_expect(steps) == pytest.approx(officers)


def test_an_operation_makes_only_its_own_authority_arrest_more(tmp_path):
    """France operates at Calais; a Belgian case against an operator there goes as it would."""
    text = (
        FREE + '[[operation]]\nauthority = "FR"\nkind = "arrests"\n'
        'places = ["calais"]\nstrength = 1000\n[parameters]\n"intelligence.arrest_rate" = 0.005\n'
    )
    steps = Steps(scenario_from(tmp_path, text, days=2, warm_up=0))
    world, process, taken = steps.world, steps.model.processes.investigation, []
    suspect_everybody(steps)
    at_calais = np.flatnonzero(world.smugglers.place == world.corridor.place_index["calais"])
    whose = world.units.authority[process.teams]
    fr, be = (world.corridor.authority_index[code] for code in ("FR", "BE"))
    process.arrest = lambda world, row, by: taken.append(by)
    for operator, authority in itertools.product(at_calais.tolist(), (fr, be)):
        world.units.target[:] = -1
        world.units.target[process.teams[whose == authority][0]] = operator
        process.arrest_on_cases(world)
    assert taken.count(fr) > 0.8 * at_calais.size
    assert taken.count(be) < 0.2 * at_calais.size
    assert at_calais.size >= 5


@pytest.fixture
def case(tmp_path):
    """A French team with a case: the steps, the team, and the operator it is against."""
    steps = Steps(scenario_from(tmp_path, FREE + QUICK, days=2, warm_up=0))
    world = steps.world
    suspect_everybody(steps)
    french = world.units.authority == world.corridor.authority_index["FR"]
    team = np.flatnonzero(french & (world.units.target >= 0))[0]
    return world, steps.model.processes.investigation, team, int(world.units.target[team])


def test_nobody_is_arrested_who_is_out_and_no_case_is_opened_against_them(case):
    world, process, team, operator = case
    taken = []
    process.arrest = lambda world, row, authority: taken.append(world.smugglers.status[row])
    for status in (Status.DISRUPTED, Status.ACTIVE):
        world.smugglers.status[operator] = status
        world.units.target[:] = -1
        judge_and_assign(world, process)
        assert (operator in world.units.target) == (status == Status.ACTIVE)
        for _ in range(200):
            world.units.target[:] = -1
            world.units.target[team] = operator
            process.arrest_on_cases(world)
            world.today += timedelta(days=1)
    assert len(taken) > 2
    assert set(taken) == {Status.ACTIVE}


def test_an_arrest_on_a_case_leaves_no_team_with_the_operator(case):
    """The authority's own case is closed, and others drop theirs: nobody works on a prisoner."""
    world, process, team, operator = case
    authority = int(world.units.authority[team])
    whose = world.units.authority[process.teams]
    # of an authority before and one after it in the list
    others = [process.teams[whose < authority][0], process.teams[whose > authority][0]]
    world.units.target[others] = operator
    believe(world, 10.0)
    world.jurisdiction[:, operator] = True
    process.arrest(world, operator, authority)
    assert world.smugglers.status[operator] == Status.HELD
    judge_and_assign(world, process)
    assert operator not in world.units.target
    assert world.links[link("cases_dropped"), world.units.authority[others]].all()


# -- operations of arrests ------------------------------------------------------------------------

OPERATION = """
[[operation]]
authority = "FR"
kind = "arrests"
strength = 2.0
{}
"""


def french(model, name: str) -> float:
    row = model.world.corridor.authority_index["FR"]
    return float(model.world.ledger.chain[:, link(name), row].sum())


@pytest.mark.slow
@pytest.mark.full
def test_an_operation_of_twice_the_arrests_makes_about_twice_as_many(tmp_path):
    """Where smugglers enough are known there; beyond that it finds fewer and fewer."""
    usual, doubled = 0.0, 0.0
    for seed in range(1, 13):
        for text in ("", OPERATION.format("")):
            scenario = scenario_from(tmp_path, text, days=400, warm_up=0)
            model = Steps(scenario, seed=seed, scale=0.2).to_the_end()
            arrests = french(model, "arrests_on_case")
            usual, doubled = usual + arrests * (not text), doubled + arrests * bool(text)
            assert french(model, "operation_days") == (400 if text else 0)
            if text:  # a joint team of a partner has no part in it
                assert 0.9 * arrests <= french(model, "arrests_in_operation") <= arrests
    assert usual > 60
    assert 1.5 < doubled / usual < 2.3, (usual, doubled)


# -- cooperation -----------------------------------------------------------------------------------


CHANNEL = (
    '[[sharing]]\nbetween = ["UK-CI", "FR"]\none_way = true\ncoverage = {coverage}\n'
    "delay_days = {delay}\nfidelity = {fidelity}\nleak = 0.0\nthird_party = false\n"
)


find_partners, hand_over = kernel(cooperation.find_partners), kernel(cooperation.hand_over)


def suspected(cases):
    """Tables in which every authority suspects everybody, as far as it has cases against them."""
    suspects = Suspects.with_room(*np.shape(cases))
    suspects.cases[:], suspects.number[:] = cases, np.shape(cases)[1]
    suspects.listed[:] = np.arange(np.shape(cases)[1])
    return suspects


def partners(cases, jurisdiction, agreement, seed=1):
    suspects, jurisdiction = suspected(cases), np.array(jurisdiction, dtype=bool)
    uid = np.arange(jurisdiction.shape[1], dtype=np.uint64)
    find_partners(seed, suspects, 0.5, jurisdiction, np.array(agreement, dtype=float), uid)
    return suspects.partner


def test_an_authority_acts_itself_where_it_can_and_else_with_whom_it_agrees_most():
    jurisdiction, agreement = [[1, 0], [0, 1], [0, 1]], np.zeros((3, 3))
    assert partners(np.ones((3, 2)), jurisdiction, agreement).tolist() == [
        [0, NOBODY], [NOBODY, 1], [NOBODY, 2],
    ]  # fmt: skip
    agreement[0, 1], agreement[0, 2] = 1.0, 0.9999999
    assert partners(np.ones((3, 2)), jurisdiction, agreement)[0].tolist() == [0, 1]
    # nobody is asked about those of whom little is known
    assert partners(np.zeros((3, 2)), jurisdiction, agreement)[0].tolist() == [0, NOBODY]


def test_two_agree_on_a_share_of_operators_and_stay_with_it():
    many = 3000
    cases, jurisdiction = np.ones((2, many)), np.zeros((2, many))
    jurisdiction[1] = 1
    agreed = [partners(cases, jurisdiction, [[0, share], [0, 0]])[0] == 1 for share in (0.2, 0.6)]
    assert agreed[0].mean() == pytest.approx(0.2, abs=0.03)
    assert agreed[1].mean() == pytest.approx(0.6, abs=0.03)
    assert not (agreed[0] & ~agreed[1]).any()  # who shares more works with more, not with others


def handed_over(cases, jurisdiction, coverage, handed=None, status=Status.ACTIVE, day=1):
    suspects, jurisdiction = suspected(cases), np.array(jurisdiction, dtype=bool)
    if handed is not None:
        suspects.handed[:] = handed
    s, now = SmugglerColumns(), assuming({"intelligence.case_threshold": 1.0})
    s.append(uid=np.arange(jurisdiction.shape[1]), status=status)
    now["ordinal"], now["seed"] = day, 1
    file = np.empty((jurisdiction.size, 3), dtype=np.int64)
    coverage = np.array(coverage, dtype=float)
    count = hand_over(now[0], suspects, 0.5, jurisdiction, coverage, s.rows, file)
    return file[:count].tolist(), suspects.handed


def test_a_case_is_handed_to_those_who_can_act_and_do_not_know_once():
    coverage = np.ones((3, 3))
    jurisdiction = [[0], [1], [1]]
    files, handed = handed_over([[2.0], [0.0], [1.5]], jurisdiction, coverage)
    assert files == [[0, 1, 0]]
    assert handed_over([[2.0], [0.0], [0.0]], jurisdiction, coverage, handed)[0] == []
    # it went cold and came up again
    _, handed = handed_over([[0.2], [0.0], [0.0]], jurisdiction, coverage, handed)
    assert handed_over([[2.0], [0.0], [0.0]], jurisdiction, coverage, handed)[0] == [
        [0, 1, 0], [0, 2, 0],
    ]  # fmt: skip
    assert handed_over([[0.9], [0.0], [0.0]], jurisdiction, coverage)[0] == []
    assert handed_over([[2.0], [0.0], [0.0]], jurisdiction, np.zeros((3, 3)))[0] == []
    # with nobody to offer it to, it is offered once there is somebody
    files, handed = handed_over([[2.0], [0.0], [1.5]], jurisdiction, np.zeros((3, 3)))
    assert (files, handed.any()) == ([], False)
    assert handed_over([[2.0], [0.0], [1.5]], jurisdiction, coverage, handed)[0] == [[0, 1, 0]]
    held = handed_over([[2.0], [0.0], [0.0]], jurisdiction, coverage, status=Status.DISRUPTED)
    assert held[0] == []


@pytest.fixture
def foreign(tmp_path):
    """UK investigators know all about an operator whom only France can arrest."""

    def make(coverage=1.0, delay=0.0, fidelity=1.0, more=""):
        text = ALONE + CHANNEL.format(coverage=coverage, delay=delay, fidelity=fidelity) + more
        steps = Steps(scenario_from(tmp_path, text, days=120, warm_up=0), scale=0.01)
        world = steps.world
        uk, fr = (world.corridor.authority_index[code] for code in ("UK-CI", "FR"))
        only_fr = world.jurisdiction[fr] & (world.jurisdiction.sum(axis=0) == 1)
        row = int(np.flatnonzero(only_fr & (world.smugglers.status == Status.ACTIVE))[0])
        believe(world, 0.0)
        believe(world, 3.0, np.s_[uk, row, :3])
        return steps.model, row, uk, fr

    return make


def day(model, **sharing):
    """A day of cases alone, with sharing as it is but for some of its arrays."""
    world = model.world
    world.begin_day(world.day)
    world.policy = replace(world.policy, sharing=replace(world.policy.sharing, **sharing))
    model.processes.investigation.cooperation.receive(world)
    for work in ("judge", "assign", "arrest_on_cases"):
        getattr(model.processes.investigation, work)(world)
    links = world.links.copy()
    world.day += 1
    return links


def test_a_joint_team_works_the_case_and_the_arrest_is_the_partners(foreign):
    model, row, uk, fr = foreign(more=QUICK)
    world = model.world
    links = np.array([day(model) for _ in range(100)])
    total = links.sum(axis=0)
    assert total[link("cases_opened"), uk] == 1
    assert total[link("arrests_on_case")].tolist() == np.eye(links.shape[2])[fr].tolist()
    assert total[link("arrests_joint"), uk] == total[link("cases_closed"), uk] == 1
    assert world.smugglers.status[row] != Status.ACTIVE
    # its officers are as many as ever, at a share of their effect
    assert 0.0 < world.parameters.intelligence.joint_share < 1.0


@pytest.mark.parametrize("lost", [{"coverage": 0.0}, {"fidelity": 0.5}, {"delay": 9999.0}], ids=str)
def test_without_a_channel_nobody_acts_for_another(foreign, lost):
    model, row, uk, fr = foreign(**lost)
    total = sum(day(model) for _ in range(100))
    assert not total[link("cases_opened"), uk]
    assert not total[link("arrests_on_case")].any()
    assert not model.world.beliefs.evidence[fr, row].any()


def test_a_file_joins_the_evidence_of_its_receiver_as_one_source(foreign):
    model, row, uk, fr = foreign(more=QUICK.replace("0.06", "0.005"))
    world = model.world
    cap = world.parameters.intelligence.class_cap
    first = day(model)
    assert first[link("cases_handed_over"), uk] == 1
    assert not world.beliefs.evidence[fr, row].any()
    day(model)
    evidence = world.beliefs.evidence[fr, row]
    half_life = world.parameters.intelligence.half_life_days
    assert evidence[OWN_CLASSES + uk] == pytest.approx(cap * 2 ** (-1 / half_life))
    assert evidence.sum() == evidence[OWN_CLASSES + uk]
    # it takes a second source to open a case on it
    assert world.beliefs.case(world.parameters.intelligence.prior_log_odds)[fr, row] < 1.0


def test_a_file_tells_no_more_of_partners_than_they_allow(foreign):
    model, row, uk, fr = foreign()
    world, cooperation = model.world, model.processes.investigation.cooperation
    be = world.corridor.authority_index["BE"]
    believe(world, 2.0, np.s_[uk, row, OWN_CLASSES + be])
    believe(world, 2.5, np.s_[uk, row, OWN_CLASSES + fr])
    file = cooperation.case_file(world, uk, fr, row)
    assert file[OWN_CLASSES + be] == 0.0
    assert file[OWN_CLASSES + fr] == 0.0  # what it told itself
    allowed = world.policy.sharing.third_party.copy()
    allowed[be, uk] = True
    world.policy = replace(world.policy, sharing=replace(world.policy.sharing, third_party=allowed))
    assert cooperation.case_file(world, uk, fr, row)[OWN_CLASSES + be] == 2.0
