"""What is usual on the corridor does not depend on what a scenario changes."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simulation.corridor import load_corridor
from simulation.model import Crossings
from simulation.parameters import load_parameters
from simulation.scenario import parse_scenario
from simulation.scenario.levers.declaration import equal
from simulation.scenario.policy import Levers, reference_policy

FIRST = date(2022, 7, 5)  # first morning of the baseline's warm-up
LEVERS = {
    "staff": '[[staff]]\nauthority = "FR"\nkind = "coast_patrol"\nchange = 3.0\n',
    "funding": '[[funding]]\nauthority = "FR"\namount = { EUR = 100_000_000 }\nper = "year"\n'
    "spend_on = { coast_patrol = 1.0 }\n",
    "operation": '[[operation]]\nauthority = "RS"\nplaces = ["subotica"]\nstrength = 20.0\n',
    "freight": "[[freight]]\nsearch = 0.3\nfrom = 2024-01-01\n",
    "boats": "[[boats]]\nsize = 0.5\nfrom = 2024-01-01\n",
    "sharing": '[[sharing]]\nbetween = ["UK", "RS"]\nlevel = "full"\n',
}


def model(text=""):
    scenario = parse_scenario(f'title = "A what-if"\nextends = "baseline"\n{text}')
    return Crossings(scenario, rng=1, scale=0.02, days=30)


def first_morning(crossings):
    """What is taken for usual, and where patrols and operators stand."""
    smugglers = crossings.smugglers
    return {
        "risk": crossings.processes.market.usual_risk,
        "belief": crossings.world.legs.belief,
        "patrols": crossings.units.leg,
        "pictures": crossings.world.beliefs.activity,
        "paid": crossings.world.share_paid,
        **{name: getattr(smugglers, name) for name in ("capacity", "cost", "place", "load")},
    }


def in_force(crossings):
    """The policy of the day."""
    policy = crossings.world.policy
    return (
        policy.sharing.coverage, policy.staff, policy.patrol_surge, policy.boat_size,
        policy.freight_search,
    )  # fmt: skip


@pytest.mark.parametrize("lever", LEVERS)
def test_a_lever_in_force_from_the_start_is_not_taken_for_usual(lever):
    expected = first_morning(model())
    found = first_morning(model(LEVERS[lever]))
    for name, values in expected.items():
        assert np.array_equal(found[name], values), name


@pytest.mark.parametrize("lever", LEVERS)
def test_it_is_in_force_on_the_first_morning_all_the_same(lever):
    plain, changed = model(), model(LEVERS[lever])
    plain.step()
    changed.step()
    assert not equal(in_force(plain), in_force(changed))


def test_policies_of_the_time_are_part_of_what_is_usual():
    corridor, parameters = load_corridor(), load_parameters()
    baseline = parse_scenario('title = "x"\nextends = "baseline"\n')
    nothing = parse_scenario('title = "x"\nextends = "baseline"\nclear = ["staff", "sharing"]\n')
    expected = Levers(baseline, corridor, parameters).on(FIRST)
    for scenario in (baseline, nothing):
        assert equal(reference_policy(Levers(scenario, corridor, parameters), FIRST), expected)
