import tomllib
from datetime import timedelta

import pytest

from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario
from simulation.scenario.levels import quality_of
from simulation.scenario.policy import Levers
from simulation.studies.vary import read_variables, varied


@pytest.fixture(scope="module")
def agreements():
    """A scenario with sharing levers of its own for UK and RS, MK, XK."""
    return load_scenario("agreements-deepened-2024")


def read(scenario, *texts):
    return read_variables(texts, scenario)


def one(scenario, text):
    (variable,) = read(scenario, text)
    return variable


def at(scenario, text, value):
    return varied(scenario, [(one(scenario, text), value)])


def days(scenario):
    first, last = scenario.run.first_simulated, scenario.run.end
    return [first + timedelta(days=n) for n in range(0, (last - first).days + 1, 30)] + [last]


def test_the_default_level_is_that_of_the_pairs_nobody_names(agreements, real_corridor):
    levers = Levers(at(agreements, "sharing_default=none,full", "full"), real_corridor,
                    load_parameters())  # fmt: skip
    before = Levers(agreements, real_corridor, load_parameters())
    day = agreements.run.start
    coverage, old = levers.on(day).sharing.coverage, before.on(day).sharing.coverage
    raised = coverage > old
    assert raised.any()
    assert set(coverage[raised]) == {quality_of("full", load_parameters()).coverage}


@pytest.mark.parametrize(("text", "value", "section", "fields"), [
    ("staff.UK-CI.investigation=1,2", 2.0, "staff",
     {"authority": "UK-CI", "kind": "investigation", "change": 2.0}),
    ("funding.UK=0,75e6", 75e6, "funding",
     {"per": "year", "spend_on": {"investigation": 0.5, "analysis": 0.5}}),
    ("funding.UK.coast_patrol=0,1e6", 1e6, "funding", {"spend_on": {"coast_patrol": 1.0}}),
    ("operation.RS.subotica=1,4", 4.0, "operation",
     {"authority": "RS", "places": ("subotica",), "strength": 4.0}),
    ("freeze.UK=0,38", 38.0, "freeze", {"authority": "UK", "per_year": 38.0, "from_": None}),
])  # fmt: skip
def test_a_lever_is_added_with_what_it_says(agreements, text, value, section, fields):
    old, new = (getattr(one, section) for one in (agreements, at(agreements, text, value)))
    assert new[: len(old)] == old
    (lever,) = new[len(old) :]
    assert {name: getattr(lever, name) for name in fields} == fields
    if section == "funding":
        assert value == lever.amount.GBP


def test_a_table_of_the_scenario_has_what_is_set(agreements):
    assert at(agreements, "entries.balkan=0.5,1", 0.5).entries["balkan"] == 0.5
    assert at(agreements, "adaptation.price=true,false", False).adaptation.price is False
    text = "parameters.policy.returns_effect=0.2,0.4"
    assert at(agreements, text, 0.4).parameters["policy.returns_effect"] == 0.4


def test_a_varied_scenario_can_be_written_and_read_again(agreements, tmp_path):
    variables = read(
        agreements,
        "sharing.UK-RS=none,full",
        "funding.UK=0,75e6",
        "staff.FR.coast_patrol=1,2",
        "entries.balkan=0.5,1",
        "adaptation.route=true,false",
        "parameters.policy.returns_effect=0.2,0.4",
        "sharing_default=none,low",
        "operation.RS.subotica=1,4",
        "freeze.UK=0,38",
    )
    scenario = varied(agreements, [(variable, variable.values[-1]) for variable in variables])
    path = tmp_path / "point.toml"
    path.write_text(scenario.resolved_toml(), encoding="utf-8")
    assert load_scenario(path).hash() == scenario.hash()
    assert scenario.hash() != agreements.hash()
    title = tomllib.loads(path.read_text())["title"]
    assert title.startswith(agreements.title)
    assert "sharing.UK-RS = full" in title
    assert len(title) <= 200


@pytest.mark.parametrize(("text", "values"), [
    ("sharing.UK-RS=full,0.5,none", ("none", 0.5, "full")),
    ("adaptation.price=true,false", (False, True)),
    ("staff.FR.coast_patrol=2,0.5", (0.5, 2.0)),
    ("entries.balkan=0.5:1.5:3", (0.5, 1.0, 1.5)),
    ("sharing.UK-RS=none:full:5", (0.0, 0.25, 0.5, 0.75, 1.0)),
])  # fmt: skip
def test_values_stand_in_rising_order_and_those_of_a_range_evenly(agreements, text, values):
    assert one(agreements, text).values == values


def test_the_wider_pair_may_be_narrowed_afterwards(agreements, real_corridor):
    wide, narrow = read(agreements, "sharing.UK-WB6=none,low", "sharing.UK-RS=none,full")
    scenario = varied(agreements, [(wide, "low"), (narrow, "full")])
    sharing = Levers(scenario, real_corridor, load_parameters()).on(scenario.run.end).sharing
    index = real_corridor.authority_index
    full, low = (quality_of(word, load_parameters()).coverage for word in ("full", "low"))
    assert sharing.coverage[index["UK-CI"], index["RS"]] == full
    assert sharing.coverage[index["UK-CI"], index["MK"]] == low


MISTAKES = {
    "sharing.UK-RS": "NAME=VALUE",
    "sharing.UK-RS=": "NAME=VALUE",
    "shring.UK-RS=none,low": 'did you mean "sharing"?',
    "sharing.UK-SRB=none,low": "UK-SRB has no two authorities or groups",
    "sharing.UK-CALIAS=none,low": 'did you mean "sharing.UK-CALAIS"?',
    "sharing.UK-C1-RS=none,low": 'did you mean "sharing.UK-CI-RS"?',
    "sharing.uk-rs=none,low": 'did you mean "sharing.UK-RS"?',
    "sharing.RS-RS=none,low": "two different authorities",
    "sharing.=none,low": "the name has no two authorities",
    "sharing.UK-RS=none,hgh": 'did you mean "high"?',
    "sharing.UK-RS=none,1.5": "1.5: level out of range; allowed: none, low",
    "sharing.UK-RS=none,-0.1": "level out of range",
    "sharing.UK-RS=none:1.2:3": "1.2: level out of range",
    "sharing.UK-RS=low,low": "low is given twice",
    "sharing.UK-RS=low,0.25": "low is 0.25, and is given twice",
    "sharing.UK-RS=low,,full": "a value is missing",
    "sharing.UK-RS=low": "one value is no variation",
    "sharing.UK-RS=nan,1": "not a finite number",
    "sharing_default.UK=none,low": "sharing_default has no parts",
    "adaptation.prices=true,false": 'did you mean "price"?',
    "adaptation.price=yes,no": "neither true nor false",
    "adaptation.price=0:1": "a switch has no range",
    "parameters.policy.return_effect=0.1,0.2": 'did you mean "policy.returns_effect"?',
    "parameters.policy.returns_effect=0.2,7": "outside the range of this parameter; allowed: 0.1",
    "staff.FR=1,2": "staff.AUTHORITY.KIND",
    "staff.FRA.coast_patrol=1,2": 'did you mean "FR"?',
    "staff.FR.coast_patrl=1,2": 'did you mean "coast_patrol"?',
    "staff.FR.coast_patrol=-1,2": "must not be negative",
    "staff.EUROPOL.coast_patrol=1,2": "no coast_patrol staff to multiply; allowed: analysis",
    "funding.UK.boats=0,1": 'did you mean "boat_supply"?',
    "funding.UK.analysis+analysis=0,1": "a purpose twice",
    "funding.UK=-5,1": "must not be negative",
    "operation.UK.subotica=1,2": "not on the ground of UK; allowed: authority RS there",
    "operation.RS.subotca=1,2": 'did you mean "subotica"?',
    "operation.RS.subotica=0,2": "must be above 0",
    "freeze.UKK=0,38": 'did you mean "UK"?',
    "freeze.UK=-1,38": "must not be negative",
    "entries.balkans=1,2": 'did you mean "balkan"?',
    "entries.balkan=1,50": "at most 20",
    "entries.balkan=1:2": "LOW:HIGH:COUNT",
    "entries.balkan=2:1:3": "does not rise",
    "entries.balkan=1:2:1": "1 is no number of values",
    "entries.balkan=1:2:3:4": "LOW:HIGH:COUNT",
    "entries.balkan=1,two": "two: not a number",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_one_line_with_the_text(agreements, text):
    with pytest.raises(InputError) as caught:
        read(agreements, text)
    message = str(caught.value)
    assert message.startswith(f'--vary = "{text}": ')
    assert MISTAKES[text] in message
    assert "\n" not in message


@pytest.mark.parametrize(("texts", "reason"), [
    (("sharing.UK-RS=none,low", "sharing.RS-UK=none,full"), "varied twice"),
    (("entries.balkan=1,2", "entries.balkan=3,4"), "varied twice"),
    (("sharing.UK-RS=none,low", "sharing.UK-WB6=none,full"), "leave nothing of it"),
    (("sharing.UK>RS=none,low", "sharing.UK-RS=none,full"), "leave nothing of it"),
])  # fmt: skip
def test_two_variations_of_one_thing_are_refused(agreements, texts, reason):
    with pytest.raises(InputError, match=reason) as caught:
        read(agreements, *texts)
    assert f'--vary = "{texts[1]}"' in str(caught.value)
