"""What a scenario changes, in words."""

import tomllib
from datetime import date

import pytest

from simulation.corridor import load_origins
from simulation.corridor.network import BY_ROUTE
from simulation.outcomes import long_date
from simulation.scenario.describe import describe_differences
from simulation.scenario.levers.registry import LEVER_OF, LEVERS


@pytest.fixture
def changes(write, load):
    def of(text, parent=""):
        write(parent, name="parent")
        scenario = load(write('extends = "parent"\n' + text, run=""))
        return describe_differences(scenario, scenario.parent)

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
         ["Sharing between UK and RS falls from low to above none (0.1)."]),
        (sharing("UK", "EPC", 'level = "high"'), LOW,
         ["Sharing between UK and EPC is set to high (before, none to low)."]),
        (FULL, LOW, ["Sharing between all others rises from none to full.",
                     "No longer: sharing between UK and WB6: low."]),
        (sharing("RS", "MK", "one_way = true", 'level = "high"')
         + sharing("UK", "UK", "leak = 0.05", "third_party = true"), "",
         ["Sharing from RS to MK rises from none to high.",
          "Sharing within UK: 5% of shared reports leaked, passing on allowed."]),
        ('drop = ["a"]', LOW, ["No longer: sharing between UK and WB6: low."]),
    ],
)  # fmt: skip
def test_what_changes_of_sharing_is_told_with_what_was_before(changes, text, parent, lines):
    assert changes(text, parent) == lines


def test_the_rest_of_a_scenario_has_its_sentences(changes):
    assert changes(
        """
[run]
end = 2024-06-30
warm_up_days = 90
[sharing_default]
level = "medium"
[[boats]]
size = 0.5
from = 2023-02-01
ramp_days = 30
[adaptation]
route = false
beliefs = false
[future]
path = "low"
[entries]
balkan = 0.5
[parameters]
policy.gbp_eur = 1.2
"""
    ) == [
        "Runs from 1 January 2023 to 30 June 2024.",
        "Warms up for 90 days instead of 365.",
        "Sharing between all others rises from none to medium.",
        "Boats are 0.5 times today's size at first and grow to those of today "
        "from 1 February 2023, over 30 days.",
        "Smugglers can no longer change their route.",
        "People can no longer learn from others which ways are risky.",
        'Months after the data follow the future "low" instead of "spread".',
        "0.5 times as many people set out on the Western Balkan route (before, 1).",
        "Assumes policy.gbp_eur = 1.2 instead of 1.15.",
    ]


def ways_to_write(value: object) -> list[str]:
    if isinstance(value, date):
        return [long_date(value)]
    if isinstance(value, str):
        return [value.replace("_", " ")]
    return [f"{value:g}", f"{value:,.0f}", f"{100 * value:g}%"]


def named(key: str, part: object) -> object:
    """What a sentence calls it: of origins and routes, their names."""
    if key == "route":
        return BY_ROUTE[str(part)]
    groups = load_origins()
    if key in ("origins", "partner") and part in groups.origins:
        return groups.in_sentence([str(part)])[0]
    return part


def parts_of(value: object) -> list[object]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("kind", LEVERS, ids=lambda kind: kind.section)
def test_a_sentence_holds_all_that_a_lever_says(kind):
    """The example of each lever, which has all its keys."""
    ((keys,),) = tomllib.loads(kind.example()).values()
    sentence = kind.model_validate(keys).in_words()
    usual = {field.alias or name: field.default for name, field in kind.model_fields.items()}
    # people are returned to a place of the partner
    unsaid = {"name"} | ({"partner"} if "place" in keys else set())
    for key, value in keys.items():
        if key not in unsaid and value != usual[key] and not isinstance(value, bool):
            for part in parts_of(value):
                assert any(one in sentence for one in ways_to_write(named(key, part))), key


@pytest.mark.parametrize(
    ("section", "keys", "words"),
    [
        ("staff", {"authority": "FR", "kind": "coast_patrol", "add": -2.0},
         "FR has 2 fewer coast patrol units."),
        ("operation", {"authority": "RS", "kind": "arrests", "strength": 3.0},
         "Operation of RS: 3 times the arrests."),
        ("raid", {"authority": "RS", "on": date(2023, 7, 5), "arrests": 1, "boats": 1},
         "A raid of RS arrests 1 person and takes 1 boat on 5 July 2023."),
        ("returns", {"partner": "albania"}, "The UK returns people to Albania."),
        ("wave", {"origins": ["albania"], "route": "air"},
         "A wave of more people from Albania by air"),
        ("boats", {"from": date(2023, 2, 1)}, "Boats are smaller at first"),
        ("freight", {"from": date(2023, 2, 1)}, "ferries to the UK are weaker at first and grow"),
        ("shock", {"on": date(2023, 2, 1), "size": 0.0, "route": "balkan"},
         "No people set out on the Western Balkan route"),
        # a small number is not told as nothing
        ("adverts", {"taken_down": 0.004}, "0.4% of the adverts"),
        ("border_control", {"authority": "DE", "share": 0.004}, " 0.4% of vehicles"),
        ("visa", {"authority": "RS", "origins": ["turkey"], "effect": 0.999}, "99.9% stay away"),
        ("returns", {"partner": "iraq", "effect": 0.07}, "(7% fewer"),
        ("legal_route", {"origins": ["syria"], "people_per_year": 0.4}, " 0.4 people"),
        ("legal_route", {"origins": ["syria"], "people_per_year": 1234567.0}, " 1,234,567 people"),
    ],
)  # fmt: skip
def test_a_sentence_says_it_as_people_do(section, keys, words):
    assert words in LEVER_OF[section].model_validate(keys).in_words()
