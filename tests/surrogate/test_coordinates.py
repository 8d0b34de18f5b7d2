"""What the design expresses comes back as it was; everything else is refused with its command."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation import Scenario
from simulation.errors import InputError
from simulation.scenario import load_scenario
from simulation.surrogate.coordinates import (
    AXES,
    DEFAULT,
    LATEST_START,
    LONGEST_RAMP,
    MOST_LEVERS,
    Measure,
    policy_of,
    scenario_of,
)
from simulation.surrogate.design import policies, rows
from simulation.surrogate.features import Doses, group_sizes

BASE = load_scenario("outlook")
DOSES = Doses(BASE)
OCTOBER = date(2026, 10, 1)


def measure(name: str, strength: float, start: date | None = OCTOBER, ramp: int = 0) -> Measure:
    return Measure(name, strength, start, ramp, 0)


@st.composite
def drawn_policies(draw) -> tuple[Measure, ...]:
    names = draw(st.lists(st.sampled_from(list(AXES)), min_size=1, max_size=6, unique=True))
    policy = []
    for number, name in enumerate(sorted(names, key=list(AXES).index)):
        axis = AXES[name]
        strength = round(draw(st.floats(axis.low, axis.high)), 3)
        once = axis is DEFAULT or axis.section == "shock"
        after = draw(st.integers(0, LATEST_START))
        dated = axis.section == "shock" or (not once and draw(st.booleans()))
        start = BASE.run.start + timedelta(after) if dated else None
        ramp = draw(st.integers(0, LONGEST_RAMP)) if dated and not once else 0
        policy.append(Measure(name, strength, start, ramp, number))
    return tuple(policy)


@settings(max_examples=40)
@given(drawn_policies())
def test_a_policy_comes_back_from_its_scenario(policy):
    scenario = scenario_of(policy, BASE)
    again = policy_of(scenario, BASE)
    assert sorted(one[:4] for one in again) == sorted(one[:4] for one in policy) or any(
        one.strength == 0.0 for one in policy
    )
    assert scenario_of(again, BASE).hash() == scenario.hash()
    one, other = DOSES.of(policy, scenario), DOSES.of(again, scenario)
    np.testing.assert_allclose(one, other)
    assert np.isfinite(one).all()


def test_every_policy_of_the_design_is_expressed_by_it():
    for policy in policies(40, 1, BASE):
        assert policy_of(scenario_of(policy, BASE), BASE)


@pytest.mark.parametrize("name", [
    "outlook-adverts", "outlook-agreements-deepened", "outlook-border-security-command",
    "outlook-doctrine-at-sea", "outlook-freeze", "outlook-full-sharing", "outlook-no-sharing",
    "outlook-returns-pilot", "outlook-upstream-boat-supply",
])  # fmt: skip
def test_shipped_what_ifs_of_the_outlook_are_expressed(name):
    assert policy_of(load_scenario(name), BASE)


def test_money_for_several_purposes_is_one_lever():
    spend = {"investigation": 0.7, "analysis": 0.3}
    lever = {"authority": "UK", "amount": {"GBP": 33e6}, "per": "year", "spend_on": spend,
             "from": OCTOBER}  # fmt: skip
    scenario = BASE.with_("Money", funding=[lever])
    policy = policy_of(scenario, BASE)
    assert {one.axis: one.strength for one in policy} == {
        "money.UK.investigation": pytest.approx(23.1), "money.UK.analysis": pytest.approx(9.9),
    }  # fmt: skip
    assert len({one.lever for one in policy}) == 1
    assert scenario_of(policy, BASE).hash() == scenario.hash()


def test_the_order_in_a_file_of_who_shares_does_not_matter():
    levers = [{"between": pair, "level": "full", "from": OCTOBER} for pair in (["RS", "UK"],)]
    (one,) = policy_of(BASE.with_("Reversed", sharing=levers), BASE)
    assert one.axis == "sharing.UK-RS"


RS = {"between": ["UK", "RS"], "level": "high", "from": OCTOBER}
REFUSED = {
    "one way": {"sharing": [RS | {"one_way": True}]},
    "leaks": {"sharing": [RS | {"leak": 0.1}]},
    "ends": {"sharing": [RS | {"to": date(2027, 1, 1)}]},
    "another pair": {"sharing": [RS | {"between": ["HU", "AT"]}]},
    "late": {"sharing": [RS | {"from": date(2028, 11, 1)}]},
    "begins before the run": {"sharing": [RS | {"from": date(2026, 1, 1)}]},
    "long ramp": {"sharing": [RS | {"ramp_days": 800}]},
    "too strong": {"interception_at_sea": [{"authority": "FR", "units": 200.0}]},
    "euros": {"funding": [{"authority": "UK", "amount": {"EUR": 1e6}, "per": "year",
                           "spend_on": {"analysis": 1.0}}]},
    "an assumption": {"parameters": {"sea.persistence": 0.5}, "sharing": [RS]},
    "a future": {"future": {"path": "high"}, "sharing": [RS]},
    "no response": {"adaptation": {"price": False}, "sharing": [RS]},
    "nothing": {},
    "too many levers": {"sharing": [RS] * (MOST_LEVERS + 1)},
    "other days": {"run": {"end": date(2028, 11, 30)}, "sharing": [RS]},
    "drops a policy": {"drop": ["uk-france-2026"], "sharing": [RS]},
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_design_cannot_express_is_refused_with_its_command(what, tmp_path):
    whatif = BASE.with_("What if", **REFUSED[what])
    file = tmp_path / "mine.toml"
    file.write_text(whatif.resolved_toml(), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        policy_of(Scenario.load(file), BASE)
    assert f"crossings compare {file}" in str(refused.value)


# -- doses -----------------------------------------------------------------------------------------


def doses(*policy: Measure) -> np.ndarray:
    return DOSES.of(policy, scenario_of(policy, BASE))


def test_no_policy_has_no_dose():
    assert not DOSES.of((), BASE).any()


def test_the_sharing_that_there_is_adds_no_dose():
    # the outlook has medium with Serbia
    assert not doses(measure("sharing.UK-RS", 0.5)).any()


def test_a_dose_begins_when_the_policy_does_and_grows_with_it():
    late, early = (doses(measure("sea.FR", 12.0, day, 90)) for day in (date(2027, 3, 1), OCTOBER))
    assert not late[:2].any()
    assert (early.sum(axis=1) >= late.sum(axis=1)).all()
    assert late[2].sum() < late[3].sum()
    assert doses(measure("sea.FR", 6.0)).sum() == pytest.approx(
        doses(measure("sea.FR", 12.0)).sum() / 2.0
    )
    assert doses(measure("sea.FR", 12.0, None))[0].any()


def test_a_pair_that_two_agreements_name_counts_once_and_as_the_later_says():
    alone = doses(measure("sharing.EPC-EPC", 1.0))
    both = doses(measure("sharing.UK-RS", 0.9), measure("sharing.EPC-EPC", 1.0)._replace(lever=1))
    np.testing.assert_allclose(alone, both)


def test_less_than_there_is_has_a_negative_dose():
    assert doses(measure("sharing.UK-RS", 0.0)).sum() < 0.0
    assert doses(measure("boats.TR", 0.5)).sum() < 0.0 < doses(measure("boats.TR", 2.0)).sum()


def test_sizes_are_those_of_the_groups_in_force():
    sizes = group_sizes(doses(measure("boats.TR", 3.0))[None])
    assert (sizes > 0.0).sum() == 1


# -- the design ------------------------------------------------------------------------------------


def test_fewer_rows_are_the_first_of_more():
    assert rows(100, 7) == rows(400, 7)[:100]
    assert [*policies(20, 7, BASE)] == [*policies(60, 7, BASE)][:20]


def test_a_tenth_repeats_a_policy_with_another_seed_and_a_tenth_with_another_set():
    design = rows(960, 1)
    for kind in ("seed", "set"):
        assert sum(row.repeats == kind for row in design) / len(design) == pytest.approx(
            0.1, abs=0.01
        )
    first: dict[int, int] = {}
    for row in design:
        if row.repeats:
            same_seed = row.seed == first[row.policy]
            assert same_seed == (row.repeats == "set")
        first.setdefault(row.policy, row.seed)


def test_half_of_the_policies_have_few_levers_and_half_have_many():
    sizes = [len(policy) for policy in policies(128, 1, BASE)]
    assert 2.5 < np.mean(sizes[::2]) < 3.5
    assert 7.5 < np.mean(sizes[1::2]) < 8.5
    assert set(AXES) == {one.axis for policy in policies(128, 1, BASE) for one in policy}
