"""How evidence adds up by source, and what a desk works through first."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.compiled import with_room
from simulation.model.agents.authority import OWN_CLASSES, AuthorityBeliefs
from simulation.model.agents.smuggler import SmugglerColumns
from simulation.model.processes.intelligence.report_queue import (
    BY_ITSELF,
    BY_PARTNER,
    IDLE,
    Knowledge,
    QueueSpace,
    Reports,
    add_evidence,
    choose_reports,
)
from simulation.parameters import load_records

INTELLIGENCE = load_records().intelligence
CAP, PRIOR = INTELLIGENCE.class_cap, INTELLIGENCE.prior_log_odds


def learn(facts, cap=CAP, authorities=3):
    """What authority 0 knows of operator 0 after (source, weight) facts."""
    beliefs = AuthorityBeliefs(authorities, 1, 2)
    for source, weight in facts:
        add_evidence(knowledge(beliefs), 0, 0, source, weight, cap)
    return beliefs


def knowledge(beliefs, dark_until=(-1, -1)):
    """The beliefs as compiled code takes them."""
    s = SmugglerColumns()
    s.append(uid=np.arange(2), dark_until=np.array(dark_until))
    return Knowledge(s, beliefs.parts, beliefs.fading, beliefs.totals)


SOURCES = st.integers(0, OWN_CLASSES + 2)
FACTS = st.lists(st.tuples(SOURCES, st.floats(-6, 6)), max_size=30)


@given(facts=FACTS, cap=st.floats(3, 6))
def test_no_source_adds_more_than_the_cap(facts, cap):
    beliefs = learn(facts, cap)
    parts = beliefs.evidence[0, 0]
    assert (np.abs(parts) <= cap + 1e-9).all()
    assert beliefs.totals[0, 0] == pytest.approx(parts.sum(), abs=1e-9)
    assert beliefs.case(PRIOR)[0, 0] <= PRIOR + cap * len({s for s, _ in facts}) + 1e-9
    assert not beliefs.evidence[1:].any()


@given(facts=FACTS, cap=st.floats(3, 6))
def test_the_order_of_sources_does_not_matter(facts, cap):
    """Facts of each source come in their own order, however sources alternate."""
    by_source = sorted(facts, key=lambda fact: fact[0])
    assert learn(facts, cap).totals[0, 0] == pytest.approx(learn(by_source, cap).totals[0, 0])


@given(weights=st.lists(st.floats(0.01, 6), min_size=1, max_size=8), cap=st.floats(3, 6))
def test_more_facts_of_a_source_say_more_and_each_less_than_alone(weights, cap):
    totals = [
        learn([(7, w) for w in weights[:n]], cap).totals[0, 0] for n in range(len(weights) + 1)
    ]
    gains = np.diff(totals)
    assert (gains >= 0).all()
    assert (gains <= np.array(weights) + 1e-12).all()
    assert totals[1] == pytest.approx(min(weights[0], cap))
    backwards = learn([(7, w) for w in weights[::-1]], cap).totals[0, 0]
    assert totals[-1] == pytest.approx(backwards)


@given(good=st.floats(0.1, 3), bad=st.floats(0.1, 3))
def test_what_contradicts_its_source_counts_in_full(good, bad):
    assert learn([(7, good), (7, -bad)]).totals[0, 0] == pytest.approx(good - bad)


def test_a_case_file_raises_what_is_known_and_counts_nothing_twice():
    beliefs = learn([(0, 2.0), (7, 3.0)])
    file = np.zeros(beliefs.parts.shape[2])
    file[[7, 8]] = 2.0, 1.5
    for _ in range(2):
        beliefs.raise_to(0, 0, file)
        assert beliefs.evidence[0, 0, [0, 7, 8]].tolist() == [2.0, 3.0, 1.5]
        assert beliefs.totals[0, 0] == pytest.approx(6.5)


def facts_on(weights, operators, learnt, key=None):
    """Facts that lie on the desk of authority 0."""
    reports = with_room(Reports, len(weights))
    for column in reports:
        column[:] = 0
    reports.weight[:], reports.operator[:], reports.learnt[:] = weights, operators, learnt
    reports.key[:] = np.arange(len(weights)) if key is None else key
    return reports


def chosen_of(reports, use, capacity, day=10):
    left = 2.0 ** (-np.arange(20) / 5.0)
    work = QueueSpace.with_room(1, capacity + 1, 0)
    work.today[:] = capacity
    value = np.array([INTELLIGENCE.idle_use, INTELLIGENCE.partner_use, 1.0])
    choose_reports(day, reports, left, np.array([use], dtype=np.int8), value, work)
    return work.chosen[0, : work.number[0]].tolist()


def test_a_desk_takes_what_can_be_used_first_then_the_weightiest_and_freshest():
    use = [IDLE, BY_PARTNER, BY_ITSELF]
    reports = facts_on([2.0] * 3, [0, 1, 2], [10] * 3)
    assert chosen_of(reports, use, 3) == [2, 1, 0]
    assert chosen_of(reports, use, 1) == [2]
    # a fact on nobody in the trade looks like any other
    assert chosen_of(facts_on([2.0] * 3, [0, 1, ~2], [10] * 3), use, 1) == [2]
    reports = facts_on([1.0, -2.0, 2.0, 0.0], [2, 2, 2, 2], [10, 10, 5, 10])
    assert chosen_of(reports, use, 4)[0] == 1
    assert chosen_of(reports, use, 4)[-1] == 3
    for weights in itertools.permutations([0.5, 1.5, 2.5]):
        best = chosen_of(facts_on(weights, [2] * 3, [10] * 3), use, 3)
        assert [weights[k] for k in best] == [2.5, 1.5, 0.5]
