"""Why arrivals change: sentences that are read from the effects along the chain."""

from __future__ import annotations

import pytest

from simulation.chain import LINKS
from simulation.outcomes import OUTCOMES
from simulation.studies.drivers import Driver, Drivers
from simulation.studies.effect_chain import CHAIN, LINK_SUMS, spec_of
from simulation.wording.reasons import reasons
from tests.made_effects import effects

LOST_AT_CAPACITY = {
    "facts_delivered": 400.0, "facts_usable": 80.0, "cases_opened": 150.0, "arrests_on_case": 100.0,
    "capacity_removed": 90.0, "capacity_regained": 81.0, "capacity_at_work": -1.0,
}  # fmt: skip


def test_the_place_is_named_where_most_of_the_largest_effect_is_gone():
    before, after = reasons(effects(LOST_AT_CAPACITY))[1].split(" and ", 1)
    assert "capacity removed by arrests (+90.0%)" in before
    assert "capacity at work (-1.0%)" in after
    assert "of 100 removed, 90 come back" in after


def test_the_place_moves_with_the_figures():
    lost = reasons(effects({"facts_usable": 80.0, "cases_opened": 5.0}))[1]
    assert "usable facts, own and others' (+80.0%)" in lost
    upstream = reasons(effects({"boats_seized": 60.0, "launches_tried": -4.0}))[1]
    assert "boats seized (+60.0%) and launches tried (-4.0%)" in upstream


def test_what_is_not_clear_is_said_to_be_so():
    clear, vague = (reasons(effects(LOST_AT_CAPACITY, width))[0] for width in (0.1, 95.0))
    assert "not clear" not in clear
    assert "capacity removed by arrests (+90.0%, not clear)" in vague.replace("+90%", "+90.0%")
    assert "cases opened (+150%)" in vague


def test_nothing_is_lost_where_arrivals_change_as_much():
    whole = effects({"launches_tried": -20.0, "channel_boats": -20.0, "channel_arrivals": -20.0})
    assert not any("lost" in line for line in reasons(whole))


def test_no_place_is_named_where_nothing_clearly_changes():
    assert "no place can be named" in reasons(effects(LOST_AT_CAPACITY, half_width=500.0))[1]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"channel_boats": -9.0, "people_per_boat": 6.0}, "Fewer boats are fuller"),
        ({"channel_boats": 9.0, "people_per_boat": -6.0}, "More boats are emptier"),
        ({"channel_arrivals": 5.0, "people_per_boat": 5.0}, "rise through people per boat"),
        ({"channel_arrivals": 5.0, "channel_boats": 5.0}, "rise through boats that arrived"),
    ],
)
def test_arrivals_are_boats_times_people_in_each(changes, words):
    assert any(words in line for line in reasons(effects(changes)))


def test_two_scenarios_that_are_the_same_have_no_reason():
    assert reasons(effects({}).model_copy(update={"identical": True})) == []


def test_sums_hold_links_and_the_chain_holds_sums_and_outcomes():
    for one in LINK_SUMS.values():
        parts = [LINKS[link] for link in (*one.links, *one.less)]
        parts += [OUTCOMES[outcome] for outcome in one.outcomes]
        assert {(part.kind, part.unit) for part in parts} == {(one.spec.kind, one.spec.unit)}
    assert not LINK_SUMS.keys() & OUTCOMES.keys()
    assert all(spec_of(name).label for name in CHAIN)


def test_assumptions_that_decide_are_named_or_said_to_be_unknown():
    driver = Driver(name="sharing.leak", correlation=-0.9, low=-3.0, high=1.5)
    some = Drivers(sets=30, assumptions=334, needed=0.6, unit="%", strongest=[driver])
    one = effects({"channel_arrivals": 1.0})
    line = reasons(one.model_copy(update={"drivers": some}))[-1]
    assert "sharing.leak (lowest third -3.0%, highest +1.5%)" in line
    none = some.model_copy(update={"strongest": []})
    assert "none of 334" in reasons(one.model_copy(update={"drivers": none}))[-1]
