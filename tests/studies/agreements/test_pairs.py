"""Which pairs can sign an agreement, and what signing does to the sharing of every day."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import pytest

from simulation.corridor import load_corridor
from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario
from simulation.scenario.policy import Levers
from simulation.studies.agreements.pairs import (
    Terms,
    agreements_of,
    parties,
    read_terms,
    with_agreements,
)

CORRIDOR = load_corridor()


def sharing_on(scenario, day):
    return Levers(scenario, CORRIDOR, load_parameters(dict(scenario.parameters))).on(day).sharing


def test_everybody_can_sign_and_the_uk_signs_as_one():
    codes = [party.code for party in parties(CORRIDOR)]
    assert len(codes) == 22
    assert codes[0] == "UK"
    assert not any(code.startswith("UK-") for code in codes)
    pairs = agreements_of(load_scenario("baseline"))
    assert len(pairs) == 231
    assert all(item.levers for item in pairs)
    before = {item.key: item.before for item in pairs}
    assert [before[key] for key in ("UK-FR", "UK-BG", "TR-RS")] == [
        "above medium (0.625)", "low to medium", "none"
    ]  # fmt: skip


def test_names_restrict_the_pairs(small):
    assert [item.key for item in agreements_of(small, "UK-CI,FR,WB6", "FR")] == [
        "UK-FR", "MK-FR", "XK-FR", "AL-FR", "ME-FR", "RS-FR", "BA-FR",
    ]  # fmt: skip
    assert len(agreements_of(small, with_="UK")) == 21
    with pytest.raises(InputError, match="leaves no pair"):
        agreements_of(small, "UK,UK-CI")


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


def test_a_title_is_cut_only_where_it_and_the_number_of_pairs_do_not_fit_together():
    signed = agreements_of(load_scenario("baseline"), None)[:4]
    for length in range(60, 201, 9):
        title = "T" * length
        scenario = load_scenario("baseline").with_(title)
        raised = with_agreements(scenario, signed, "").title
        assert len(raised) <= 200
        whole = title + ", with high sharing: " + ", ".join(one.key for one in signed)
        counted = title + ", with high sharing between 4 pairs"
        if len(whole) <= 200:
            assert raised == whole
        elif len(counted) <= 200:
            assert raised == counted
        else:
            assert raised.endswith(", with high sharing between 4 pairs")


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
    assert np.count_nonzero(sharing_on(raised, date(2023, 1, 20)).coverage[index["TR"]]) == 1


# -- named agreements, and their terms -------------------------------------------------------------


def between_uk_and(code, scenario, day):
    """Coverage from an authority to the UK's investigators on a day."""
    index = CORRIDOR.authority_index
    return sharing_on(scenario, day).coverage[index[code], index["UK-CI"]]


def written(scenario, signed, tmp_path):
    """A scenario with agreements, as its file is read again."""
    path = tmp_path / "signed.toml"
    path.write_text(with_agreements(scenario, signed, "Signed.").resolved_toml())
    return load_scenario(path)


def test_an_agreement_from_a_day_grows_and_leaves_the_days_before_alone(tmp_path):
    base = load_scenario("outlook")
    start = date(2027, 1, 1)
    signed = agreements_of(base, between="UK:AL", terms=Terms(("full",), start, 100))
    raised = written(base, signed, tmp_path)
    for day in (base.run.first_simulated, base.run.start, date(2026, 12, 31)):
        assert between_uk_and("AL", raised, day) == between_uk_and("AL", base, day)
    was, full = between_uk_and("AL", base, start), load_parameters().sharing.full_coverage
    half, whole = (between_uk_and("AL", raised, day) for day in (date(2027, 2, 20), base.run.end))
    assert half == pytest.approx((was + full) / 2.0, rel=0.05)
    assert whole == pytest.approx(full)


@pytest.mark.parametrize("level", ["medium", "full", 0.6])
def test_any_level_of_a_scenario_file_can_be_asked_for(small, level, tmp_path):
    signed = agreements_of(small, between="UK:RS", terms=Terms((level,)))
    (lever,) = written(small, signed, tmp_path).sharing
    assert lever.level == level
    assert signed[0].level == f"{level}"


@pytest.mark.parametrize("level", ["very high", "1.01", "-0.5"])
def test_another_level_is_refused(small, level):
    with pytest.raises(InputError) as refused:
        read_terms(small, f"high,{level}", None, 0)
    assert (refused.value.key, refused.value.value) == ("--level", level)


def test_a_group_signs_as_one_and_pairs_can_sign_together(small, tmp_path):
    group, both = agreements_of(small, between="UK:WB6, UK:RS+UK:MK")
    assert [lever.between for lever in group.levers] == [("UK", "WB6")]
    assert both.key == "UK-RS+UK-MK"
    assert [lever.between for lever in both.levers] == [("UK", "RS"), ("UK", "MK")]
    day = date(2023, 2, 1)
    high = load_parameters().sharing.high_coverage
    for signed, partners in ((group, CORRIDOR.members("WB6")), (both, ("RS", "MK"))):
        raised = written(small, [signed], tmp_path)
        sharing = {
            code for code in CORRIDOR.members("WB6")
            if between_uk_and(code, raised, day) == pytest.approx(high)
        }  # fmt: skip
        assert sharing == set(partners)


def test_a_group_one_of_whom_has_more_takes_nothing_away(scenario_file, tmp_path):
    with scenario_file.open("a") as file:
        file.write('[[sharing]]\nbetween = ["UK", "RS"]\nlevel = "full"\n')
    base = load_scenario(scenario_file)
    raised = written(base, agreements_of(base, between="UK:WB6"), tmp_path)
    day, sharing = date(2023, 2, 1), load_parameters().sharing
    assert between_uk_and("RS", raised, day) == pytest.approx(sharing.full_coverage)
    assert between_uk_and("MK", raised, day) == pytest.approx(sharing.high_coverage)
