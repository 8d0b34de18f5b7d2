"""Files that are made to wear the server out are refused at once; all others are read as ever."""

from __future__ import annotations

import time

import pytest

from simulation.errors import InputError
from simulation.scenario import load_scenario, parse_scenario, shipped_scenarios

HEAD = b'title = "x"\nextends = "baseline"\n'


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_what_is_shipped_is_read(name):
    scenario = load_scenario(name)
    found = parse_scenario(scenario.resolved_toml(), "sent.toml")
    assert found.hash() == scenario.hash()


@pytest.mark.parametrize("text", [
    b'description = """' + b"v.e.r.y. " * 200 + b'"""\n',
    b"description = '''" + b"a.b.c" * 200 + b"'''\n",
    b'description = "' + b'a.\\"b.' * 200 + b'"\n',
    b"description = '" + b"a." * 200 + b"'\n",
    b"# " + b"a." * 200 + b"\n",
])  # fmt: skip
def test_full_stops_in_texts_are_no_parts(text):
    assert parse_scenario(HEAD + text, "sent.toml").title == "x"


@pytest.mark.parametrize("text", [
    b"a" + b".a" * 400_000 + b" = 1\n",
    b"[a" + b" . a" * 200_000 + b"]\n",
    b"[[a" + b".a" * 400_000 + b"]]\n",
    b'"a b"' + b'."a b"' * 150_000 + b" = 1\n",
    b"''" + b".''" * 300_000 + b" = 1\n",
    b"a = {b" + b".b" * 400_000 + b" = 1}\n",
    b'a = "\\"" \nb' + b".b" * 400_000 + b" = 1\n",
    b"x = 1\n" * 100_000,
    b'"' + b'\\"' * 490_000,
    b'"""' * 300_000,
    b"'" * 900_000,
    b"a" * 900_000,
    b"a " * 450_000,
    b"a.a.a " * 150_000,
    b"a = " + b"[" * 900_000,
    b"x" * 1_000_001,
    b"\xff" * 900_000,
])  # fmt: skip
def test_what_would_wear_the_server_out_is_refused_at_once(text):
    began = time.monotonic()
    with pytest.raises(InputError, match=r"^sent\.toml"):
        parse_scenario(HEAD + text, "sent.toml")
    assert time.monotonic() - began < 3.0


def test_as_many_levers_as_may_be_take_little_time():
    lever = b'[[sharing]]\nbetween=["UK","FR"]\nlevel="high"\n'
    began = time.monotonic()
    parse_scenario(HEAD + lever * 1_600, "sent.toml")
    assert time.monotonic() - began < 5.0
