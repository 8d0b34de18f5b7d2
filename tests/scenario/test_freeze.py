"""The lever `freeze`: who lists, how many, and when it can reach nobody."""

from __future__ import annotations

from datetime import date

import pytest

from simulation.corridor import load_corridor, load_origins
from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario
from simulation.scenario.levers.freeze import FREEZES
from simulation.scenario.policy import Levers
from simulation.scenario.policy_difference import PolicyContext, compare_policies

CORRIDOR, PARAMETERS = load_corridor(), load_parameters()
FIRST, LAST = date(2023, 1, 1), date(2023, 12, 31)
BARE = load_scenario("baseline")
LEVER = {"authority": "UK", "per_year": 365.25, "from": date(2023, 6, 1)}


def orders(day, **keys):
    scenario = BARE.with_(freeze=[LEVER | keys])
    levers = Levers(scenario, CORRIDOR, PARAMETERS, load_origins().origins)
    return FREEZES.of(levers.on(day))


def test_a_group_lists_by_what_its_members_know():
    (order,) = orders(date(2023, 6, 1))
    members = [CORRIDOR.authorities[row].code for row in order.authorities]
    assert members == list(CORRIDOR.members("UK"))
    assert order.per_day == pytest.approx(1.0)
    assert order.frozen_share == PARAMETERS.policy.frozen_share


def test_it_lists_from_its_first_to_its_last_day_and_grows_over_its_ramp():
    assert orders(date(2023, 5, 31)) == ()
    assert orders(date(2023, 7, 1), to=date(2023, 6, 30)) == ()
    paces = [orders(date(2023, 6, day), ramp_days=20)[0].per_day for day in (2, 10, 20)]
    assert paces == sorted(paces)
    assert 0.0 < paces[0] < paces[-1] <= 1.0


def test_the_share_of_the_lever_holds_where_it_is_given():
    assert orders(date(2023, 6, 1), frozen_share=0.0)[0].frozen_share == 0.0


def found(one, other):
    context = PolicyContext(CORRIDOR, load_origins(), PARAMETERS, FIRST, LAST)
    return compare_policies(one, other, context)


def test_it_reaches_somebody_where_the_authority_knows_anything():
    assert found(BARE, BARE.with_(freeze=[LEVER])).reaches
    assert found(BARE, BARE.with_(freeze=[LEVER | {"per_year": 0}])).inert


def test_who_learns_nothing_and_is_told_nothing_lists_nobody():
    alone = BARE.with_(clear=["sharing"], sharing_default={"level": "none"})
    listing = alone.with_(freeze=[LEVER | {"authority": "EUROPOL"}])
    compared = found(alone, listing)
    assert compared.differs
    assert compared.inert
    sharing = [{"between": ["FR", "EUROPOL"], "level": "high"}]
    assert found(alone.with_(sharing=sharing), listing.with_(sharing=sharing)).reaches


@pytest.mark.parametrize(
    ("keys", "key"),
    [({"per_year": -1}, "per_year"), ({"frozen_share": 1.2}, "frozen_share"),
     ({"authority": "UKK"}, "authority")],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_key(keys, key):
    with pytest.raises(InputError, match=key):
        BARE.with_(freeze=[LEVER | keys])
