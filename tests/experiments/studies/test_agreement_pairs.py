"""Which pairs can sign an agreement, and what signing does to the sharing of every day."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import pytest

from simulation.corridor import load_corridor
from simulation.errors import InputError
from simulation.experiments.studies.agreement_pairs import agreements_of, parties, with_agreements
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario
from simulation.scenario.policy import Levers

CORRIDOR = load_corridor()


def sharing_on(scenario, day):
    levers = Levers(scenario, CORRIDOR, load_parameters(dict(scenario.parameters)))
    return levers.on(day).sharing


def test_everybody_can_sign_and_the_uk_signs_as_one():
    codes = [party.code for party in parties(CORRIDOR)]
    assert len(codes) == 22
    assert codes[0] == "UK"
    assert not any(code.startswith("UK-") for code in codes)
    found = agreements_of(load_scenario("baseline"))
    assert len(found) == 231
    assert all(item.levers for item in found)
    before = {item.key: item.before for item in found}
    assert (before["UK-FR"], before["UK-BG"], before["TR-RS"]) == ("0.625", "low to medium", "none")


def test_names_restrict_the_pairs(small):
    assert [item.key for item in agreements_of(small, "UK-CI,FR,WB6", "FR")] == [
        "UK-FR", "MK-FR", "XK-FR", "AL-FR", "ME-FR", "RS-FR", "BA-FR",
    ]  # fmt: skip
    assert len(agreements_of(small, with_="UK")) == 21
    with pytest.raises(InputError, match="leaves no pair"):
        agreements_of(small, "UK,UK-CI")
    with pytest.raises(InputError, match='did you mean "RS"'):
        agreements_of(small, "UK,Rs")


def test_an_agreement_raises_its_pair_and_nobody_else():
    base = load_scenario("baseline")
    (pair,) = agreements_of(base, "UK,FR")
    raised = with_agreements(base, [pair], "")
    index = CORRIDOR.authority_index
    uk = [index[code] for code in CORRIDOR.members("UK")]
    day = date(2024, 3, 1)
    before, after = sharing_on(base, day), sharing_on(raised, day)
    high = load_parameters().sharing.high_coverage
    changed = np.argwhere(before.coverage != after.coverage)
    both = [(a, index["FR"]) for a in uk]
    assert {tuple(cell) for cell in changed} == {*both, *((b, a) for a, b in both)}
    assert (after.coverage[tuple(changed.T)] == high).all()


PARTLY = """
[[sharing]]
between = ["UK-CI", "FR"]
level = "full"

[[sharing]]
between = ["RS", "HU"]
coverage = 1.0
delay_days = 30
fidelity = 0.6
third_party = true

[[sharing]]
between = ["RS", "BA"]
level = "full"
to = 2023-01-20

[[sharing]]
between = ["BA", "HU"]
level = "full"
one_way = true
from = 2023-02-01
ramp_days = 7
"""


def test_an_agreement_takes_nothing_away(scenario_file):
    with scenario_file.open("a") as file:
        file.write(PARTLY)
    base = load_scenario(scenario_file)
    signed = agreements_of(base, "UK,FR,RS,HU,BA")
    # what it does must hold when it is written and read again, too
    path = scenario_file.with_name("all.toml")
    path.write_text(with_agreements(base, signed, "").resolved_toml())
    raised = load_scenario(path)
    index = CORRIDOR.authority_index
    codes = ["UK-CI", "UK-BI", "UK-IN", "FR", "RS", "HU", "BA"]
    high = load_parameters().sharing
    for day in (date(2023, 1, 20), date(2023, 1, 21), date(2023, 2, 4), date(2023, 2, 28)):
        before, after = sharing_on(base, day), sharing_on(raised, day)
        for a, b in itertools.permutations(codes, 2):
            if a.startswith("UK") and b.startswith("UK"):
                continue
            at = index[a], index[b]
            assert after.coverage[at] >= max(before.coverage[at], high.high_coverage), (a, b, day)
            assert after.delay_days[at] <= min(before.delay_days[at], high.high_delay_days)
            assert after.fidelity[at] >= max(before.fidelity[at], high.high_fidelity)
            assert after.third_party[at] >= before.third_party[at]
    rest = sharing_on(raised, date(2023, 1, 20)).coverage[index["TR"]]
    assert np.count_nonzero(rest) == 1
