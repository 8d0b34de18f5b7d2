"""Which authority can act where: what the processes and the checks of a scenario both ask."""

from __future__ import annotations

from simulation.corridor import Corridor
from simulation.corridor.jurisdiction import (
    UK,
    UK_BORDER,
    UK_CRIME,
    arresting,
    paid,
    patrols_on,
)
from simulation.corridor.stages import BOAT, PATROLS, SUPPLY, segment_of


def test_a_launch_is_stopped_on_the_beach_it_leaves_from(real_corridor: Corridor):
    launches = [leg for leg in real_corridor.legs if segment_of(leg.stage, leg.mode) == BOAT]
    assert launches
    for leg in launches:
        assert patrols_on(leg) == {"coast_patrol": (leg.authority_from,)}
        assert leg.authority_to not in patrols_on(leg)["coast_patrol"]


def test_a_unit_stands_on_ground_of_its_authority(real_corridor: Corridor):
    for leg in real_corridor.legs:
        patrols = patrols_on(leg)
        assert set(patrols) <= set(PATROLS)
        assert set().union(*patrols.values()) <= {leg.authority_from, leg.authority_to}
        assert ("checkpoint" in patrols) == (leg.mode in ("road", "rail", "lorry"))


def test_money_for_boats_is_handled_in_the_uk(real_corridor: Corridor):
    leg = next(x for x in real_corridor.legs if segment_of(x.stage, x.mode) == BOAT)
    with_money = arresting(real_corridor, BOAT, leg.origin)
    without = arresting(real_corridor, BOAT, leg.origin, boats_money=False)
    assert with_money - without == {UK_CRIME}
    assert without == {leg.authority_from}


def test_suppliers_of_boats_are_arrested_along_their_chain(real_corridor: Corridor):
    for number, chain in enumerate(real_corridor.supply_chains):
        assert arresting(real_corridor, SUPPLY, "", number) == set(chain.authorities)


def test_others_are_arrested_at_both_ends_of_a_leg(real_corridor: Corridor):
    leg = next(x for x in real_corridor.legs if x.stage == "exit" and x.smuggled)
    segment = segment_of(leg.stage, leg.mode)
    assert {leg.authority_from, leg.authority_to} <= arresting(real_corridor, segment, leg.origin)


def test_uk_money_goes_to_the_authority_that_does_the_work():
    assert paid(UK, "investigation", set(UK)) == (UK_CRIME,)
    assert paid(UK, "coast_patrol", set(UK)) == ("FR",)
    assert paid((UK_BORDER,), "investigation", set(UK)) == (UK_BORDER,)
    assert paid(("DE", "FR"), "investigation", set(UK)) == ("DE", "FR")
