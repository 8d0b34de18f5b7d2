"""Every key of a TOML text has the line on which it stands."""

from __future__ import annotations

import tomllib

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from simulation.scenario.toml_lines import line_of_key

TEXT = '''\
title = "x = 1"   # sharing = 2
description = """
[[sharing]]
level = "low"
"""
drop = [
  "a",
  # "b",
  "c", "d",
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
spend_on = { analysis = 0.5, "investigation" = 0.5 }
[funding.more]
key = 1
[[funding.list]]
key = 2

[parameters]
"sea.persistence" = 1
market.ties = 2
'''


@pytest.mark.parametrize(("key", "line"), [
    ("title", 1), ("description", 2), ("drop", 6), ("drop[0]", 7), ("drop[1]", 9),
    ("drop[2]", 9), ("sharing[0]", 12), ("sharing[0].level", 12), ("sharing[0].between[1]", 13),
    ("sharing[1].between", 16), ("sharing[1].between[1]", 18), ("sharing[1].level", 20),
    ("funding[0].amount.GBP", 23), ("funding[0].spend_on.investigation", 24),
    ("funding[0].more.key", 26), ("funding[0].list[0].key", 28),
    ('parameters."sea.persistence"', 31), ('parameters."market.ties"', 32),
    ("run.start", None), ("sharing[7].level", 12),
])  # fmt: skip
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_key_has_the_line_on_which_it_stands(key, line, ends):
    text = TEXT.replace("\n", ends)
    tomllib.loads(text)
    assert line_of_key(text, key) == line


words = st.text("abc", min_size=1, max_size=3)
marks = st.text("=#[]{},\"' \n\\", max_size=6)
values = st.recursive(
    st.integers(-9, 9) | marks | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(words, values, min_size=1, max_size=4), st.booleans())
def test_the_line_of_a_key_holds_it(data, multiline):
    text = tomli_w.dumps(data, multiline_strings=multiline)
    for key in data:
        line = line_of_key(text, key)
        assert key in text.split("\n")[line - 1]
