"""Whoever does not write TOML is told on one line what to write instead, and on which line."""

# ruff: noqa: RUF001 (what people paste is the subject)
from __future__ import annotations

import tomllib

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from simulation.scenario.toml_hints import line_of_key
from tests.refusals import nothing_written, refusal

HEAD = 'title = "x"\nextends = "baseline"\n'
SHARING = HEAD + '[[sharing]]\nbetween = ["UK", "RS"]\n'
FUNDING = HEAD + '[[funding]]\nauthority = "FR"\nper = "year"\nspend_on = { coast_patrol = 1 }\n'
LOW = SHARING + 'level = "low"\n'
NUMBER, DATE = "write 0.5, or 75_000_000", "2024-11-07"
MONEY = "{ GBP = ... }, { EUR = ... }"
#: what is in the file -> the line it gets, and what to write
SLIPS = {
    "curly quotes": (SHARING + "level = “high”", ":5: ", 'straight quotes, as in "high"'),
    "curly quotes in a list": (HEAD + "drop = [“a”, “b”]", ":3: ", "straight quotes"),
    "one curly quote": (SHARING + 'level = "high”', ":5: ", "straight quotes"),
    "decimal comma": (SHARING + "level = 0,5  # “half”", ":5: ", NUMBER),
    "decimal commas in a table": (
        FUNDING.replace("{ coast_patrol = 1 }", "{ coast_patrol = 0,5, analysis = 0,5 }"),
        ":6: ", NUMBER,
    ),
    "decimal comma in quotes": (SHARING + 'level = "0,5"', ":5: ", "a number from 0 to 1"),
    "thousands commas": (FUNDING + "amount = { GBP = 75,000,000 }", ":7: ", NUMBER),
    "thousands points": (FUNDING + "amount = { EUR = 75.000.000 }", ":7: ", NUMBER),
    "thousands spaces": (FUNDING + "amount = { EUR = 75 000 000 }", ":7: ", NUMBER),
    "thousands in quotes": (FUNDING + 'amount = { GBP = "75,000,000" }', ":7: ", "75_000_000"),
    "millions": (FUNDING + "amount = { GBP = 75m }", ":7: ", NUMBER),
    "percent": (SHARING + "level = 75%", ":5: ", "0.5 for 50%"),
    "percent of a route": (HEAD + '[entries]\nbalkan = "150%"', ":4: ", "a number without quotes"),
    "pounds without quotes": (FUNDING + "amount = £75m", ":7: ", "{ GBP = 75_000_000 }"),
    "pounds in quotes": (FUNDING + 'amount = "£75m"', ":7: ", MONEY),
    "no currency": (FUNDING + "amount = 75_000_000", ":7: ", MONEY),
    "backslashes": ('title = "x"\nextends = "C:\\Users\\mine.toml"', ":2: ", "write /"),
    "backslashes for letters": ('title = "x"\nextends = "a\\new.toml"', ":2: ", "with /"),
    "slashes": (LOW + "from = 07/11/2024", ":6: ", DATE),
    "points": (LOW + "from = 31.12.2024", ":6: ", DATE),
    "the year first": (LOW + "from = 2024/11/07", ":6: ", DATE),
    "in quotes": (LOW + 'from = "07/11/2024"', ":6: ", DATE),
    "no leading zeros": (LOW + "from = 2024-7-1", ":6: ", DATE),
    "en dashes": (LOW + "from = 2027–04–01", ":6: ", DATE),
    "no day of the calendar": (LOW + "from = 2027-02-30", ":6: ", DATE),
    "a date in words": (LOW + "from = 7 November 2024", ":6: ", DATE),
    "months without quotes": (FUNDING + "over = [2027-01, 2028-12]", ":7: ", '"2027-01"'),
    "no quotes": (SHARING + "level = high", ":5: ", "no quotes"),
    "no quotes around a title": ("title = What if\n", ":1: ", "no quotes"),
    "no quotes in a list": (HEAD + "drop = [one, two]", ":3: ", "no quotes"),
    "no closing quote": (SHARING + 'level = "high', ":5: ", "a quote is missing"),
    "no closing quote before others": (f'title = "What if\n{HEAD}', ":1: ", "a quote is missing"),
    "no opening quote": (SHARING + 'level = high"', ":5: ", "a quote is missing"),
    "yes": (LOW + "one_way = yes", ":6: ", "true or false"),
    "False": (HEAD + "[adaptation]\nprice = False", ":4: ", "true or false"),
    "yes in quotes": (LOW + 'one_way = "yes"', ":6: ", "true or false"),
    "a tab in the title": ('title = "a\tb"\n', ":1: ", "without tabs"),
    "UTF-16": (HEAD.encode("utf-16"), ": in UTF-16, not UTF-8", "save it again as UTF-8"),
    "UTF-16 without a mark": (HEAD.encode("utf-16-le"), ": in UTF-16, not UTF-8", "UTF-8"),
    "Windows-1252": ('title = "x"\n# “half”\n'.encode("cp1252"), ":2: not UTF-8", "UTF-8"),
    "a Word document": (b"PK\x03\x04\x14\x00\xff\xfe", ":1: not UTF-8 text", "not in Word"),
    "an empty file": (b"\xef\xbb\xbf \r\n", ": the file is empty", "crossings scenario new"),
    "the first of several": (SHARING + "level = 0,5\nfrom = 07/11/2024", ":5: ", NUMBER),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_slip_gets_one_line_that_says_what_to_write(crossings, tmp_path, name, ends):
    content, where, words = SLIPS[name]
    if isinstance(content, str):
        content = content.replace("\n", ends).encode()
    (tmp_path / "mine.toml").write_bytes(content)
    with nothing_written(tmp_path):
        line = refusal(crossings("scenario", "check", "mine.toml"), words)
    assert line.startswith(f"mine.toml{where}")


# -- lines -----------------------------------------------------------------------------------------

TEXT = '''\
title = "x = 1"   # sharing = 2
description = """
[[sharing]]
level = "low"
"""
drop = [
  "a",
]

[[sharing]]
between = ["UK", "RS"]

[[sharing]]
between = [
  "UK",
  "[x]",
]
level = "high"

[[ funding ]]
amount = { GBP = 5 }
[funding.more]
key = 1

[parameters]
"sea.persistence" = 1
market.ties = 2
'''


@pytest.mark.parametrize(("key", "line"), [
    ("title", 1), ("description", 2), ("drop[0]", 6), ("sharing[0]", 10), ("sharing[0].level", 10),
    ("sharing[0].between[1]", 11), ("sharing[1].between", 14), ("sharing[1].level", 18),
    ("funding[0].amount.GBP", 21), ("funding[0].more.key", 23),
    ('parameters."sea.persistence"', 26), ('parameters."market.ties"', 27), ("run.start", None),
])  # fmt: skip
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_key_has_the_line_on_which_it_stands(key, line, ends):
    text = TEXT.replace("\n", ends)
    tomllib.loads(text)
    assert line_of_key(text, key) == line


words = st.text("abc", min_size=1, max_size=3)
values = st.recursive(
    st.integers(-9, 9) | st.text("=#[]{},\"' \n\\", max_size=6) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(words, values, min_size=1, max_size=4), st.booleans())
def test_the_line_of_a_key_holds_it(data, multiline):
    text = tomli_w.dumps(data, multiline_strings=multiline)
    for key in data:
        line = line_of_key(text, key)
        assert key in text.split("\n")[line - 1]
