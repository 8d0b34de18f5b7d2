"""Joint teams and case files: cases against operators whom an authority cannot arrest itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulation.agents.authority import OWN_CLASSES
from simulation.agents.smuggler import Status
from simulation.chain import link
from simulation.compiled import kernel
from simulation.processes import cooperation, investigation
from simulation.processes.cooperation import NOBODY, Suspects
from tests.runs import Steps, believe, scenario_from

ALONE = 'clear = ["sharing", "funding", "staff", "operation"]\n[sharing_default]\nlevel = "none"\n'
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
    jurisdiction = [[1, 0], [0, 1], [0, 1]]
    agreement = np.zeros((3, 3))
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


def handed_over(cases, jurisdiction, coverage, handed=None, status=None, day=1):
    suspects, jurisdiction = suspected(cases), np.array(jurisdiction, dtype=bool)
    if handed is not None:
        suspects.handed[:] = handed
    if status is None:
        status = np.zeros(jurisdiction.shape[1], dtype=np.int8)
    file = np.empty((jurisdiction.size, 3), dtype=np.int64)
    uid = np.arange(jurisdiction.shape[1], dtype=np.uint64)
    count = hand_over(day, 1, suspects, 1.0, 0.5, jurisdiction, np.array(coverage, dtype=float),
                      uid, status, file)  # fmt: skip
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
    held = np.array([int(Status.DISRUPTED)], dtype=np.int8)
    assert handed_over([[2.0], [0.0], [0.0]], jurisdiction, coverage, status=held)[0] == []


def test_a_case_that_was_not_handed_over_once_may_be_the_next_time():
    many = 400
    cases = [[2.0] * many, [0.0] * many]
    jurisdiction, coverage = [[0] * many, [1] * many], np.full((2, 2), 0.5)
    first, second = (
        {operator for *_, operator in handed_over(cases, jurisdiction, coverage, day=day)[0]}
        for day in (1, 2)
    )
    assert len(first) == pytest.approx(many / 2, abs=50)
    assert len(first & second) == pytest.approx(many / 4, abs=50)


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
    model.processes.investigation._cooperation.receive(world)
    for work in ("_judge", "_assign", "_arrest"):
        getattr(model.processes.investigation, work)(world)
    links = world.links.copy()
    world.day += 1
    return links


def test_a_joint_team_works_the_case_and_the_arrest_is_the_partners(foreign):
    model, row, uk, fr = foreign(more='[parameters]\n"intelligence.arrest_rate" = 0.06\n')
    world = model.world
    links = np.array([day(model) for _ in range(100)])
    total = links.sum(axis=0)
    assert total[link("cases_opened"), uk] == 1
    assert total[link("arrests_on_case")].tolist() == np.eye(links.shape[2])[fr].tolist()
    assert total[link("arrests_joint"), uk] == total[link("cases_closed"), uk] == 1
    assert world.smugglers.status[row] != Status.ACTIVE
    # its officers are as many as ever, at a share of their effect
    assert 0.0 < world.parameters.intelligence.joint_share < 1.0


def test_an_arrest_by_a_joint_team_ends_the_partners_own_case_for_the_day(foreign, monkeypatch):
    model, row, uk, fr = foreign()
    world, process = model.world, model.processes.investigation
    believe(world, 3.0, np.s_[fr, row, :3])
    units, taken = world.units, []
    teams = [int(process._teams[units.authority[process._teams] == a][0]) for a in (uk, fr)]

    def both(*others):
        units.target[:] = -1
        units.target[teams] = row
        others[-1][:2] = teams
        return 2

    monkeypatch.setattr(investigation, "end_cases", both)
    arrest = process.arrest

    def watched(world, operator, authority):
        taken.append((operator, authority))
        arrest(world, operator, authority)

    process.arrest = watched
    process._judge(world)
    assert process.suspects.partner[[uk, fr], row].tolist() == [fr, fr]
    process._arrest(world)
    assert taken == [(row, fr)]
    assert (units.target[teams] == -1).all()


@pytest.mark.parametrize("lost", [{"coverage": 0.0}, {"fidelity": 0.5}, {"delay": 9999.0}], ids=str)
def test_without_a_channel_nobody_acts_for_another(foreign, lost):
    model, row, uk, fr = foreign(**lost)
    total = sum(day(model) for _ in range(100))
    assert not total[link("cases_opened"), uk]
    assert not total[link("arrests_on_case")].any()
    assert not model.world.beliefs.evidence[fr, row].any()


def test_a_file_joins_the_evidence_of_its_receiver_as_one_source(foreign):
    model, row, uk, fr = foreign()
    world = model.world
    world.parameters = world.parameters.with_values({"intelligence.arrest_rate": 0.005})
    cap = world.parameters.intelligence.class_cap
    first = day(model)
    assert first[link("cases_handed_over"), uk] == 1
    assert not world.beliefs.evidence[fr, row].any()
    day(model)
    known = world.beliefs.evidence[fr, row]
    half_life = world.parameters.intelligence.half_life_days
    assert known[OWN_CLASSES + uk] == pytest.approx(cap * 2 ** (-1 / half_life))
    assert known.sum() == known[OWN_CLASSES + uk]
    # it takes a second source to open a case on it
    assert world.beliefs.case(world.parameters.intelligence.prior_log_odds)[fr, row] < 1.0


def test_a_file_tells_no_more_of_partners_than_they_allow(foreign):
    model, row, uk, fr = foreign()
    world, cooperation = model.world, model.processes.investigation._cooperation
    be = world.corridor.authority_index["BE"]
    believe(world, 2.0, np.s_[uk, row, OWN_CLASSES + be])
    believe(world, 2.5, np.s_[uk, row, OWN_CLASSES + fr])
    file = cooperation._case_file(world, uk, fr, row)
    assert file[OWN_CLASSES + be] == 0.0
    assert file[OWN_CLASSES + fr] == 0.0  # what it told itself
    allowed = world.policy.sharing.third_party.copy()
    allowed[be, uk] = True
    world.policy = replace(world.policy, sharing=replace(world.policy.sharing, third_party=allowed))
    assert cooperation._case_file(world, uk, fr, row)[OWN_CLASSES + be] == 2.0


def test_a_case_without_jurisdiction_is_dropped_with_its_partner(foreign):
    model, row, uk, _ = foreign()
    model.world.parameters = model.world.parameters.with_values({"intelligence.arrest_rate": 0.005})
    day(model)
    assert (model.world.units.target == row).sum() == 1
    links = day(model, coverage=np.eye(model.world.policy.sharing.coverage.shape[0]))
    assert links[link("cases_dropped"), uk] == 1
    units = model.world.units
    assert row not in units.target[units.authority == uk]
