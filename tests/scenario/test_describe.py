"""What a scenario changes, in words."""

import pytest

from simulation.scenario import load_scenario
from simulation.scenario.describe import describe_differences


@pytest.fixture
def changes(write, load, corridor):
    def of(text, parent=""):
        write(parent, name="parent")
        scenario = load(write('extends = "parent"\n' + text, run=""))
        return describe_differences(scenario, scenario.parent, corridor)

    return of


def sharing(first, second, *lines):
    return "\n".join(["[[sharing]]", f'between = ["{first}", "{second}"]', *lines, ""])


LOW = sharing("UK", "WB6", 'level = "low"', 'name = "a"')
FULL = 'clear = ["sharing"]\n[sharing_default]\nlevel = "full"\n'
RISE = sharing("UK", "RS", 'level = "high"', "from = 2024-11-07", "ramp_days = 180")
RISES = "Sharing between UK and RS rises from {} to high from 7 November 2024, over 180 days."


@pytest.mark.parametrize(
    ("text", "parent", "lines"),
    [
        ("", LOW, []),
        (RISE, LOW, [RISES.format("low")]),
        # a level that has ended is not the level before
        (RISE, LOW + "to = 2024-11-06\n", [RISES.format("none")]),
        (sharing("UK", "RS", "level = 0.1"), LOW,
         ["Sharing between UK and RS falls from low to 0.1."]),
        (sharing("UK", "EPC", 'level = "high"'), LOW,
         ["Sharing between UK and EPC is set to high (before, none to low)."]),
        # the level of all others was none, but not that of those with levers of their own
        (FULL, LOW + LOW.replace('"a"', '"b"').replace("WB6", "FR"),
         ["Sharing between all authorities is full: the 2 sharing levers are taken out."]),
        (FULL, LOW, ["Sharing between all authorities is full: the sharing lever is taken out."]),
        (sharing("RS", "MK", "one_way = true", 'level = "high"')
         + sharing("UK", "UK", "leak = 0.05", "third_party = true"), "",
         ["Sharing from RS to MK rises from none to high.",
          "Sharing within UK: 5% of shared reports leaked, passing on allowed."]),
        ('drop = ["a"]', LOW, ["No longer: sharing between UK and WB6: low."]),
    ],
)  # fmt: skip
def test_what_changes_of_sharing_is_told_with_what_was_before(changes, text, parent, lines):
    assert changes(text, parent) == lines


def test_everything_else_has_its_sentence(changes):
    assert changes(
        """
[run]
end = 2024-06-30
warm_up_days = 90
[sharing_default]
level = "medium"
[[funding]]
authority = "UK"
amount = { GBP = 75_000_000 }
spend_on = { investigation = 0.6, coast_patrol = 0.4 }
beneficiary = "FR"
[[staff]]
authority = "FR"
kind = "coast_patrol"
change = 1.2
[[staff]]
authority = "FR"
kind = "coast_patrol"
add = -2
[[operation]]
authority = "RS"
kind = "arrests"
places = ["subotica"]
strength = 3
from = 2023-02-01
to = 2023-03-01
[[raid]]
authority = "EU"
on = 2023-07-05
arrests = 39
boats = 150
stages = ["boat", "supply"]
[[raid]]
authority = "RS"
on = 2023-07-05
arrests = 1
boats = 1
places = ["subotica"]
[[visa]]
authority = "RS"
origins = ["albania"]
effect = 0.9
[[returns]]
partner = "albania"
[[legal_route]]
origins = ["afghanistan"]
people_per_year = 5000
[[wave]]
origins = ["albania", "afghanistan"]
route = "air"
from = 2023-02-01
[[wave]]
origins = ["albania"]
route = "air"
people_per_year = 9000
[[boats]]
size = 0.5
from = 2023-02-01
ramp_days = 30
[[boats]]
from = 2023-02-01
[[freight]]
search = 0.5
from = 2023-02-01
ramp_days = 30
[[freight]]
from = 2023-02-01
[adaptation]
route = false
beliefs = false
[entries]
balkan = 0.5
[parameters]
policy.gbp_eur = 1.2
"""
    ) == [
        "Runs from 1 January 2023 to 30 June 2024.",
        "Warms up for 90 days instead of 180.",
        "Sharing between all others rises from none to medium.",
        "UK spends GBP 75,000,000 a year in FR (60% investigation, 40% coast patrol).",
        "FR has 1.2 times its coast patrol staff.",
        "FR has 2 fewer coast patrol units.",
        "Operation of RS: 3 times the arrests at subotica from 1 February 2023 to 1 March 2023.",
        "A raid of EU arrests 39 people of the stages boat, supply and takes 150 boats "
        "on 5 July 2023.",
        "A raid of RS arrests 1 person at subotica and takes 1 boat on 5 July 2023.",
        "RS requires visas of albania (90% stay away).",
        "The UK returns people to albania.",
        "A legal way to the UK for 5,000 people a year from afghanistan.",
        "A wave of more people from albania, afghanistan on the route air from 1 February 2023.",
        "A wave of 9,000 more people a year from albania on the route air.",
        "Boats are 0.5 times today's size at first and grow to those of today "
        "from 1 February 2023, over 30 days.",
        "Boats are smaller at first and grow to those of today from 1 February 2023.",
        "Searches of lorries and ferries to the UK are 0.5 times today's at first and grow to "
        "those of today from 1 February 2023, over 30 days.",
        "Searches of lorries and ferries to the UK are weaker at first and grow to those of today "
        "from 1 February 2023.",
        "Smugglers can no longer change their route.",
        "People can no longer learn from others which ways are risky.",
        "0.5 times the entries on the route balkan (before, 1).",
        "Assumes policy.gbp_eur = 1.2 instead of 1.15.",
    ]


@pytest.mark.parametrize(
    ("section", "keys", "number"),
    [
        ("adverts", {"taken_down": 0.004}, "0.4% of the adverts"),
        ("border_control", {"authority": "DE", "share": 0.004}, " 0.4% of vehicles"),
        ("visa", {"authority": "RS", "origins": ["turkey"], "effect": 0.999}, "99.9% stay away"),
        ("returns", {"partner": "iraq", "effect": 0.07}, "(7% fewer"),
        ("legal_route", {"origins": ["syria"], "people_per_year": 0.4}, " 0.4 people"),
        ("legal_route", {"origins": ["syria"], "people_per_year": 1234567.0}, " 1,234,567 people"),
    ],
)
def test_a_small_number_is_not_told_as_nothing(section, keys, number):
    base = load_scenario("baseline")
    (line,) = describe_differences(base.with_(**{section: [keys]}), base)
    assert number in line
