"""Single levers in a file: what they say, what would do nothing, and mistakes in them."""

from __future__ import annotations

from datetime import date

import pytest

from simulation.errors import InputError
from simulation.scenario.policy import Levers
from tests.scenario.conftest import ORIGINS

STAFF = '[[staff]]\nauthority = "{}"\nkind = "{}"\nadd = 3'
MONEY = '[[funding]]\nauthority = "UK"\namount = {{ GBP = 5 }}\nper = "year"\nspend_on = {{ {} }}\n'
OVER = (
    '[[funding]]\nauthority = "UK"\namount = { GBP = 5e6 }\nover = ["2023-01", "2023-06"]\n'
    "spend_on = { analysis = 1 }\n"
)
OPERATION = '[[operation]]\nauthority = "{}"\nkind = "{}"\nstrength = 2\n'
RAID = '[[raid]]\nauthority = "{}"\non = {}\narrests = {}\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[freight]]\nserch = 0.4",
         r"freight\[0\].serch = 0.4: unknown key.*did you mean .search"),
        ("[[freigt]]\nsearch = 0.4", "freigt: unknown key.*did you mean .freight"),
        ("[[freight]]\nfrom = 2023-02-01\nsearch = 0", "search = 0: must be above 0"),
        ("[[freight]]\nramp_days = 9", r"freight\[0\].from: missing.*allowed: first day of the gr"),
        ("[[boats]]\nsize = 0.5", r"boats\[0\].from: missing.*allowed: first day of the growth"),
        ("[[freight]]\nfrom = 2023-02-01\nto = 2023-06-01",
         r"freight\[0\].to = 2023-06-01: unknown key.*: name, .*from, ramp_days, search$"),
        ("[[boats]]\nfrom = 2023-02-01\nto = 2023-06-01",
         r"boats\[0\].to = 2023-06-01: unknown key.*: name, .*from, ramp_days, size$"),
        # what would have no effect
        (
            STAFF.format("FRONTEX", "border_patrol"),
            r"staff\[0\].authority = .FRONTEX.: border_patrol has no effect here; "
            "allowed: MK, RS, HU, FR$",
        ),
        (STAFF.format("RS", "coast_patrol"), "= .RS.: coast_patrol has no effect here.*: FR$"),
        (STAFF.format("WB6", "coast_patrol"), "= .WB6.: coast_patrol has no effect here"),
        (STAFF.format("UK-IN", "investigation"), "= .UK-IN.: investigation has no effect here"),
        (
            MONEY.format("analysis = 0.5, coast_patrol = 0.5") + 'beneficiary = "RS"',
            r"funding\[0\].spend_on.coast_patrol = 0.5: coast_patrol of RS has no effect; "
            "allowed: money for FR$",
        ),
        (
            MONEY.format("border_patrol = 1") + 'beneficiary = "FRONTEX"',
            r"funding\[0\].spend_on.border_patrol = 1: border_patrol of FRONTEX has no effect",
        ),
        (MONEY.format("investigation = 1") + 'beneficiary = "UK-IN"', "investigation of UK-IN"),
        # a year, or over some months
        (OVER.replace('over = ["2023-01", "2023-06"]', ""),
         r':4: funding\[0\].per: is the amount that of a year\? Write per = "year", or over = '),
        (OVER + 'per = "year"', r'over = .*: goes with no per; write per = "year", or over'),
        (OVER + 'pre = "year"', 'pre = "year": unknown key; did you mean "per"'),
        (OVER + "from = 2023-02-01", r":9: funding\[0\].from = 2023-02-01: the months of over say"),
        (OVER + "to = 2023-02-01", r"funding\[0\].to = 2023-02-01: the months of over say when"),
        (OVER.replace('"2023-06"', '"2022-06"'), r"funding\[0\].over = .*: ends before it starts"),
        (OVER.replace('"2023-06"', "2023-06-30"),
         r'over\[1\] = 2023-06-30: a day.*write "2023-06"'),
        (OVER.replace("2023-06", "June"), r'over\[1\] = "June": not a month; .*such as "2027-01"'),
        (OVER.replace(', "2023-06"', ""), r"funding\[0\].over\[1\]: missing"),
        # what replaces another
        (STAFF.format("FR", "analysis") + '\nreplaces = "x"',
         r"staff\[0\].from: needs the day of the change"),
        (STAFF.format("FR", "analysis") + '\nreplaces = "x"\nfrom = 2023-02-01\nramp_days = 9',
         "ramp_days = 9: what it replaces would end at once .*the increase alone"),
        (STAFF.format("FR", "analysis") + '\nreplaces = "seq"\nfrom = 2023-02-01\n'
         + STAFF.format("FR", "analysis") + '\nname = "sea"',
         r'staff\[0\].replaces = "seq": no earlier staff has this name; allowed: nothing'),
        ('[[sharing]]\nbetween = ["UK", "RS"]\nlevel = "low"\nreplaces = "x"\nfrom = 2023-02-01',
         "replaces = .x.: a later entry takes the place of earlier ones anyway"),
        (
            OPERATION.format("FRONTEX", "arrests"),
            r"operation\[0\].authority = .FRONTEX.: has no investigators to make arrests; "
            "allowed: MK, RS, HU, DE, FR, UK-CI, UK-BI, or places of a host$",
        ),
        (OPERATION.format("UK-IN", "arrests"),
         "authority = .UK-IN.: has no investigators to make arrests; allowed: MK.*, UK-BI$"),
        (OPERATION.format("FRONTEX", "boat_supply"),
         "authority = .FRONTEX.: no boats are supplied through this authority.*: DE, HU$"),
        (OPERATION.format("FR", "boat_supply"), "authority = .FR.: no boats are supplied"),
        # what would count twice
        ('[[departures]]\norigins = ["albania", "afghanistan", "albania"]',
         r"departures\[0\].origins\[2\] = .albania.: is named twice"),
        ('[[adverts]]\ntaken_down = 0.5\nstages = ["boat", "boat"]',
         r"adverts\[0\].stages\[1\] = .boat.: is named twice"),
        ('[[shock]]\non = 2023-02-01\nsize = 2.0\nroute = ["air", "air"]',
         r"shock\[0\].route\[1\] = .air.: is named twice"),
        # raids
        ("[[riad]]\narrests = 3", "riad: unknown key.*did you mean .raid"),
        (RAID.format("FR", "2023-06-01", 3) + "arests = 4", "arests = 4: unknown key.*.arrests"),
        (RAID.format("FR", "2023-06-01", 3) + "from = 2023-01-01", "from = .*: unknown key"),
        (RAID.format("RF", "2023-06-01", 3), r"raid\[0\].authority = .RF.: unknown auth.*.FR"),
        (RAID.format("FR", "2023-06-01", -3), "arrests = -3: must be above 0"),
        (RAID.format("FR", "2023-06-01", 0), "arrests = 0: must be above 0"),
        (RAID.format("FR", "2023-06-01", 3.5), "arrests = 3.5: must be a whole number"),
        (RAID.format("FR", '"2023-06-01"', 3), "on = .*: must be a date"),
        (RAID.format("FR", "2023-06-01", 3) + "boats = -1", "boats = -1: must not be negative"),
        (RAID.format("FRONTEX", "2023-06-01", 3),
         "authority = .FRONTEX.: has no ground on which to arrest.*DE, FR, HU, MK, RS, UK-CI"),
        (RAID.format("UK-IN", "2023-06-01", 3), "authority = .UK-IN.: has no ground"),
        (RAID.format("FR", "2023-06-01", 3) + 'places = ["calais", "szeged"]',
         r"places\[1\] = .szeged.: not on the ground of FR.*authority HU there"),
        (RAID.format("FR", "2023-06-01", 3) + 'places = ["callais"]',
         "unknown place.*did you mean .calais"),
        (RAID.format("FR", "2023-06-01", 3) + 'stages = ["boats"]',
         r"stages\[0\] = .boats.: unknown word.*did you mean .boat"),
        (RAID.format("RS", "2023-06-01", 3) + 'stages = ["centre", "boat"]',
         r"stages\[1\] = .boat.: no operator of this stage works on the ground of RS.*: centre"),
        (RAID.format("FR", "2023-06-01", 3) + "stages = []", "stages.*: must not be empty"),
        ('[[raid]]\nauthority = "FR"\narrests = 3', r"raid\[0\].on: missing"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_lever_is_told(write, load, text, words):
    with pytest.raises(InputError, match=words):
        load(write(text))


@pytest.mark.parametrize("text", [
    STAFF.format("FRONTEX", "analysis"), STAFF.format("EU", "coast_patrol"),
    MONEY.format("coast_patrol = 1, border_patrol = 0") + 'beneficiary = "UK-IN"',
    OPERATION.format("FRONTEX", "arrests") + 'places = ["szeged"]',
    OPERATION.format("UK", "arrests"), OPERATION.format("EU", "boat_supply"),
])  # fmt: skip
def test_what_has_an_effect_is_not_refused(write, load, text):
    assert load(write(text))


@pytest.mark.parametrize("text", ["[[boats]]\nsize = 0.5", "[[freight]]\nsearch = 0.5"])
def test_what_was_before_it_grew_counts_in_a_run_before_that(
    write, load, corridor, parameters, text
):
    write(f"{text}\nfrom = 2024-06-01\n", name="parent")
    early = load(write('extends = "parent"', run="2023-01-01 2023-12-31"))
    policy = Levers(early, corridor, parameters, ORIGINS).on(date(2023, 6, 1))
    assert sorted([policy.boat_size, policy.freight_search]) == [0.5, 1.0]
