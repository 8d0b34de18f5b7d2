"""A mistake in a scenario file is one line that names the key and helps, and nothing is written."""

from __future__ import annotations

import re

import pytest

from tests.refusals import nothing_written, refusal

GOOD = 'title = "Mine"\nextends = "baseline"\n'
MONEY = '[[funding]]\nauthority = "UK"\nper = "year"\namount = '
SHARING = '[[sharing]]\nbetween = ["UK", "RS"]\n'


@pytest.fixture
def check(crossings, tmp_path):
    """Write a file, check it, and return the one line of complaint."""

    def complaint(text, words=(), parents=()):
        for index, parent in enumerate(parents):
            (tmp_path / f"parent{index}.toml").write_text(parent)
        (tmp_path / "mine.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        with nothing_written(tmp_path):
            return refusal(crossings("scenario", "check", "mine.toml"), *words)

    return complaint


#: what is wrong -> lines below the title and what is extended, and what the complaint holds
BAD = {
    "unknown key at the top": ("extend = 1",
     'mine.toml:3: extend = 1: unknown key … did you mean "extends"?'),
    "extends below a table": ("[run]\nwarm_up_days = 3\ndescription = 'x'",
     "mine.toml:5: run.description … stands below [run] and so belongs to it; write it above the"),
    "extends below a lever": (SHARING + 'level = "low"\nextends = "history"',
     "mine.toml:6: sharing[0].extends … stands below [[sharing]] … write it above the first"),
    "two names in one text": ('[[sharing]]\nbetween = "UK-RS"\nlevel = "low"',
     'mine.toml:4: sharing[0].between = "UK-RS": must be a list; allowed: a list in square'),
    "unknown section": ('[[sharings]]\nlevel = "low"',
     'mine.toml:3: sharings … did you mean "sharing"?'),
    "unknown key of a lever": (SHARING + 'levle = "high"',
     'mine.toml:5: sharing[0].levle = "high": unknown key … did you mean "level"?'),
    "unknown key in a table in a lever": (
     '[[funding]]\nauthority = "UK"\namount = { GPB = 5 }\nspend_on = { analysis = 1 }',
     'funding[0].amount.GPB = 5: unknown key … did you mean "GBP"?'),
    "unknown key of the run": ("[run]\nwarmup_days = 3",
     "run.warmup_days = 3: unknown key … "
     'did you mean "warm_up_days"?'),
    "unknown authority": ('[[sharing]]\nbetween = ["UK", "HR"]\nlevel = "low"\n'
     '[[sharing]]\nbetween = ["UK", "EUROPLO"]\nlevel = "low"',
     'mine.toml:7: sharing[1].between[1] = "EUROPLO": unknown authority or group … '
     'did you mean "EUROPOL"?'),
    "unknown group": ('[[staff]]\nauthority = "WB"\nkind = "analysis"\nadd = 1',
     'staff[0].authority = "WB": unknown authority or group … '
     'did you mean "WB6"?'),
    "country by its name": ('[[staff]]\nauthority = "Serbia"\nkind = "analysis"\nadd = 1',
     'RS (Serbia), … did you mean "RS"?'),
    "authority in lower case": ('[[staff]]\nauthority = "rs"\nkind = "analysis"\nadd = 1',
     'staff[0].authority = "rs": unknown authority or group … did you mean "RS"?'),
    "unknown place": ('[[operation]]\nauthority = "RS"\nplaces = ["subottica"]\nstrength = 2',
     'operation[0].places[0] = "subottica": unknown place … did you mean "subotica"?'),
    "unknown leg": (
     '[[operation]]\nauthority = "RS"\nlegs = ["subotica>szeged:rail"]\nstrength = 2',
     'operation[0].legs[0] = "subotica>szeged:rail": unknown leg … allowed'),
    "unknown origin": ('[[returns]]\npartner = "albanai"',
     'returns[0].partner = "albanai": unknown origin … '
     'did you mean "albania"?'),
    "unknown route": ("[entries]\nbalkans = 0.5",
     'entries.balkans: unknown route … did you mean "balkan"?'),
    "unknown kind": ('[[staff]]\nauthority = "RS"\nkind = "analist"\nadd = 1',
     'staff[0].kind = "analist": unknown word … '
     'did you mean "analysis"?'),
    "unknown spending": (
     MONEY + "{ GBP = 5 }\nspend_on = { boats = 1 }",
     "funding[0].spend_on.boats … boat_supply"),
    "place on foreign ground": (
     '[[operation]]\nauthority = "RS"\nplaces = ["subotica", "calais"]\nstrength = 2',
     'operation[0].places[1] = "calais": not on the ground of RS … allowed: authority FR there'),
    "level out of range": (SHARING + "level = 1.5",
     "sharing[0].level = 1.5: level out of range; allowed: none, low, medium, high, full, or … "
     "0 to 1"),
    "level not a number": (SHARING + "level = nan",
     "sharing[0].level = nan: level out of range … 0 to 1"),
    "level misspelt": (SHARING + 'level = "hihg"',
     'sharing[0].level = "hihg": unknown level … did you mean "high"?'),
    "sharing without a level": (SHARING, "sharing[0].level: needs a level … none, low"),
    "sharing with oneself": ('[[sharing]]\nbetween = ["RS", "RS"]\nlevel = "low"',
     'sharing[0].between = ["RS", "RS"]: needs two different authorities'),
    "sharing of one": ('[[sharing]]\nbetween = ["RS"]\nlevel = "low"', "sharing[0].between"),
    "lever reversed": (SHARING + 'level = "low"\nfrom = 2023-05-01\nto = 2023-04-01',
     "sharing[0].to = 2023-04-01: ends before it starts; allowed: 2023-05-01 or later"),
    "run reversed": ("[run]\nstart = 2023-05-01\nend = 2023-04-01",
     "run.end = 2023-04-01: ends before it starts; allowed: 2023-05-01 or later"),
    "run ends before the start of the parent's": ("[run]\nend = 2021-04-01",
     "mine.toml:4: run.end = 2021-04-01: ends before it starts; allowed: 2023-01-01 or later"),
    "run starts after the end of the parent's": ("[run]\nstart = 2027-04-01",
     "mine.toml:3: run.end = 2024-12-31: ends before it starts; allowed: 2027-04-01 or later"),
    "date in quotes": (SHARING + 'level = "low"\nfrom = "2023-05-01"',
     'sharing[0].from = "2023-05-01": must be a date; allowed: a date without quotes'),
    "ramp without a start": (SHARING + 'level = "low"\nramp_days = 10',
     'sharing[0].ramp_days = 10: a ramp needs the date it starts ("from")'),
    "shares that do not sum to 1": (MONEY + "{ GBP = 5 }\n"
     "spend_on = { analysis = 0.5, investigation = 0.4 }",
     "funding[0].spend_on … shares sum to 0.9; allowed: a sum of 1"),
    "negative amount": (
     MONEY + "{ GBP = -5 }\nspend_on = { analysis = 1 }",
     "funding[0].amount.GBP = -5: must not be negative; allowed: at least 0"),
    "two currencies": (
     MONEY + "{ GBP = 5, EUR = 5 }\nspend_on = { analysis = 1 }",
     "funding[0].amount … needs one currency"),
    "no strength": ('[[operation]]\nauthority = "RS"\nplaces = ["subotica"]\nstrength = 0',
     "operation[0].strength = 0: must be above 0"),
    "infinite strength": ('[[operation]]\nauthority = "RS"\nplaces = ["subotica"]\nstrength = inf',
     "operation[0].strength = inf"),
    "a patrol nowhere": ('[[operation]]\nauthority = "RS"\nstrength = 2',
     "operation[0].places: a patrol operation needs places or legs"),
    "no strength given": ('[[operation]]\nauthority = "RS"\nplaces = ["subotica"]',
     "operation[0].strength: missing"),
    "text for a number": ('[[legal_route]]\norigins = ["syria"]\npeople_per_year = "5000"',
     'legal_route[0].people_per_year = "5000": must be a number'),
    "number for a switch": ("[adaptation]\nroute = 0",
     "adaptation.route = 0: must be true or false"),
    "table for a list of tables": ('[sharing]\nlevel = "low"',
     "mine.toml:3: sharing … [[sharing]]"),
    "visa where nobody enters": ('[[visa]]\nauthority = "HU"\norigins = ["turkey"]',
     'visa[0].authority = "HU": nobody enters the corridor here; allowed: … RS'),
    "boats where none are supplied": (
     '[[funding]]\nauthority = "UK"\nbeneficiary = "AL"\namount = { GBP = 5 }\nper = "year"\n'
     "spend_on = { boat_supply = 1 }",
     'funding[0].beneficiary = "AL": no boats are supplied through this authority; allowed: … '
     "TR"),
    "unknown parameter": ('[parameters]\n"policy.visa_efect" = 0.9',
     'parameters."policy.visa_efect": unknown parameter … did you mean "policy.visa_effect"?'),
    "parameter out of bounds": ("[parameters]\npolicy.visa_effect = 0.1",
     'parameters."policy.visa_effect" = 0.1: outside the range of this parameter … '
     "allowed: 0.9 … 0.99"),
    "parameter of the wrong kind": ('[parameters]\n"sharing.full_third_party" = 1',
     'parameters."sharing.full_third_party" = 1.0: must be true or false'),
    "no places": ('[[operation]]\nauthority = "RS"\nplaces = []\nstrength = 2',
     "operation[0].places = []: must not be empty"),
    "sharing of three": ('[[sharing]]\nbetween = ["RS", "HU", "MK"]\nlevel = "low"',
     'sharing[0].between = ["RS", "HU", "MK"] … too long; allowed: at most 2 entries'),
    "ramp too long": (SHARING + 'level = "low"\nfrom = 2023-05-01\nramp_days = 99999',
     "sharing[0].ramp_days = 99999: out of range; allowed: at most 3650"),
    "drops what is not there": ('drop = ["serbian-operation"]',
     'mine.toml:3: drop[0] = "serbian-operation": the parent has no lever of this name … '
     'did you mean "serbian-operation-2023"?'),
    "clears what is not there": ('clear = ["sharin"]',
     'clear[0] = "sharin": unknown word … did you mean "sharing"?'),
    "name taken": ('[[returns]]\nname = "within-eu"\npartner = "vietnam"',
     'returns[0].name = "within-eu": this name is already taken; allowed: another name'),
    "broken TOML": ("[run\nstart = 2023-01-01", "mine.toml:3: not valid TOML: [run"),
    "broken TOML at the end": ('x = "', "mine.toml:3: not valid TOML"),
    "key twice": ('title = "x"', 'mine.toml:3: not valid TOML: title = "x": is written twice'),
    "not a day": ("[run]\nstart = 2023-02-30",
     "mine.toml:4: … start = 2023-02-30: … a day of the calendar"),
    "run long ago": ("[run]\nstart = 1700-01-01",
     "mine.toml:4: run.start = 1700-01-01: out of range … allowed: 2018-01-01 to 2050-12-31"),
    "run at the end of time": ("[run]\nend = 9999-12-31",
     "mine.toml:4: run.end = 9999-12-31: out of range … allowed: 2018-01-01 to 2050-12-31"),
    "more money than there is": (
     MONEY + "{ GBP = 1e300 }\nspend_on = { analysis = 1 }",
     "mine.toml:6: funding[0].amount.GBP = 1e+300: out of range … at most 1e+12"),
    "more staff than there are people": (
     '[[staff]]\nauthority = "FR"\nkind = "analysis"\nadd = -1e9',
     "mine.toml:6: staff[0].add = -1000000000.0: out of range … at least -100000"),
    "more people than fit": ("[entries]\nbalkan = 1e6",
     "mine.toml:4: entries.balkan = 1000000.0: out of range … at most 20"),
    "one side": ('[[sharing]]\nbetween = ["UK"]\nlevel = "low"',
     "mine.toml:4: sharing[0].between[1]: missing … allowed: two names"),
    "name with a blank": (SHARING + 'level = "low"\nname = "UK RS"',
     'mine.toml:6: sharing[0].name = "UK RS": not a name … '
     "allowed: small letters, digits and hyphens, beginning with a letter or digit"),
    "number in quotes": ('[[operation]]\nauthority = "RS"\nplaces = ["subotica"]\nstrength = "4"',
     'mine.toml:6: operation[0].strength = "4": must be a number … '
     "allowed: a number without quotes"),
}  # fmt: skip
#: what is wrong -> a whole file, and what the complaint holds
BAD_FILES = {
    "title missing": ('extends = "baseline"', "mine.toml:1: title: missing"),
    "title empty": ('title = ""\nextends = "baseline"', 'title = "": must not be empty'),
    "run missing": ('title = "Mine"',
     'mine.toml:1: extends: missing … write extends = "outlook" below the title'),
    "parent missing": ('title = "Mine"\nextends = "baselin"',
     'mine.toml:2: extends = "baselin": no such scenario … '
     'did you mean "baseline"?'),
    "parent outside the folder": ('title = "Mine"\nextends = "../baseline.toml"',
     'mine.toml:2: extends = "../baseline.toml": not the name of a scenario'),
    "parent by absolute path": ('title = "Mine"\nextends = "/etc/passwd"',
     'mine.toml:2: extends = "/etc/passwd": not the name of a scenario'),
    "parent not a text": ('title = "Mine"\nextends = 3', "mine.toml:2: extends = … text"),
    "extends itself": ('title = "Mine"\nextends = "mine"',
     'mine.toml:2: extends = "mine": scenarios extend each other in a circle'),
    "not text": (b'title = "\xff\xfe"', "mine.toml:1: … not UTF-8 text"),
    "empty": ("", "mine.toml: the file is empty … crossings scenario new"),
    "title that steers the terminal": ('title = "\\u001b[31m"\nextends = "baseline"',
     "mine.toml:1: title = … holds a character that cannot be printed"),
    "title of two lines": ('title = "a\\nb"\nextends = "baseline"',
     "mine.toml:1: title = … must be one line"),
    "title too long": (f'title = "{"x" * 201}"\nextends = "baseline"',
     "mine.toml:1: title = … too long; allowed: at most 200 characters"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), [
    *(pytest.param(GOOD + text, words, id=name) for name, (text, words) in BAD.items()),
    *(pytest.param(text, words, id=name) for name, (text, words) in BAD_FILES.items()),
])  # fmt: skip
def test_a_mistake_is_one_line_that_names_the_key(check, text, words):
    line = check(text, words.split(" … "))
    assert re.match(r"mine\.toml(:\d+:|: the file is empty)", line), line


@pytest.mark.parametrize(("parents", "said"), [
    ([GOOD + '[[staff]]\nauthority = "RX"\nkind = "analysis"\nadd = 1'],
     'parent0.toml:4: staff[0].authority = "RX": unknown authority'),
    (['title = "0"\nextends = "parent1"', 'title = "1"\nextends = "parent0"'],
     'parent1.toml:2: extends = "parent0": scenarios extend each other'),
])  # fmt: skip
def test_a_mistake_in_a_parent_names_the_parent(check, parents, said):
    assert check('title = "Mine"\nextends = "parent0"', parents=parents).startswith(said)


def test_deeply_nested_junk_is_refused(check):
    assert check("x = " + "[" * 5000).startswith("mine.toml: ")


@pytest.mark.parametrize(("name", "text"), [
    ("nope.toml", "nope.toml: no such file"), ("basline", 'did you mean "baseline"?'),
    (".", ".: is a folder, not a scenario file"), ("", 'SCENARIO = "": no name of a scenario'),
    ("a/b\0c", "no such file"), ("x" * 5000, "no such file"),
])  # fmt: skip
def test_a_missing_file_is_told(crossings, name, text):
    refusal(crossings("scenario", "check", name), text)
