"""Whatever a file holds: it is used, or refused in one line that names it."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from simulation.data.own_series import read_own_series
from simulation.errors import InputError
from simulation.scenario import load_scenario, parse_scenario
from simulation.scenario.files import MOST_LEVERS
from simulation.scenario.levers.registry import LEVERS
from tests.trust.scenario_cases import good
from tests.trust.trying import (
    Tally,
    try_chain,
    try_scenario,
    try_table,
)

HEAD = 'title = "x"\nextends = "baseline"\n'


def used_or_refused(*tries, examples: int):
    """The property that each case which is drawn is used, or refused as it should be.

    A few each time; `.ci/run` tries some hundred more, and `.ci/full` thousands.
    """

    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(r=st.randoms(use_true_random=False))
    def check(tmp_path, r):
        tally = Tally()
        for try_it in tries:
            try_it(r, tmp_path, tally)

    return check


test_scenarios = used_or_refused(try_scenario, examples=30)
test_tables = used_or_refused(try_table, examples=30)
test_chains = used_or_refused(try_chain, examples=10)


# -- what these cases have found ------------------------------------------------------------------


@pytest.mark.parametrize("kind", LEVERS, ids=lambda kind: kind.section)
def test_a_drawn_value_of_each_key_is_of_its_type(kind):
    r = Random(1)
    keys = [field.alias or name for name, field in kind.model_fields.items()]
    for key, _ in itertools.product(keys, range(20)):
        value = good(kind, key, r)
        try:
            kind.model_validate({key: value})
        except ValidationError as error:
            wrong = [e["type"] for e in error.errors() if e["loc"][:1] == (key,)]
            assert set(wrong) <= {"too_short", "scenario"}, (key, value)


def refused(read, *arguments) -> str:
    with pytest.raises(InputError) as caught:
        read(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("text", [
    'freight = "\x1b[31m"', "extends = '\u200b'", '"\\u001b[2J" = 1', 'drop = ["\\u202egnirts"]',
    '[[staff]]\nauthority = "\\u009b31m"\nkind = "analysis"\nadd = 1',
])  # fmt: skip
def test_a_refusal_steers_no_terminal(tmp_path, text):
    file = tmp_path / "mine.toml"
    file.write_text('title = "x"\n' + text, encoding="utf-8")
    assert refused(load_scenario, file).isprintable()


def test_a_refusal_spells_out_what_cannot_be_seen():
    assert '"a\\x1b[2J\\u202eb"' in str(InputError("no", value="a\x1b[2J\u202eb"))
    assert "\\udcff.toml" in str(InputError("no", file="\udcff.toml"))


def test_a_refusal_is_as_long_as_anybody_reads():
    text = str(InputError("no", key="k" * 9_000, value="v" * 9_000, allowed="a" * 9_000))
    assert len(text) < 2_500
    assert refused(parse_scenario, HEAD + "k" * 500_000 + " = 1").startswith("the what-if:3: kkk")


def test_a_whole_number_that_is_no_float_is_refused():
    text = HEAD + f'[parameters]\n"sea.persistence" = {"9" * 400}'
    assert 'parameters."sea.persistence"' in refused(parse_scenario, text)


def test_more_levers_than_can_be_checked_are_refused_and_inherited_ones_count():
    own = MOST_LEVERS - len(load_scenario("outlook").levers)
    lever = '[[returns]]\npartner = "vietnam"\n'
    head = 'title = "x"\nextends = "outlook"\n'
    assert parse_scenario(head + lever * own).parent is not None
    assert "levers are too many" in refused(parse_scenario, head + lever * (own + 1))


@pytest.mark.parametrize(("content", "words"), [
    (b"month,channel_arrivals\n" + b"2021-01,1\n" * 50_000, "too many lines"),
    (b"month,channel_arrivals\n" + b"#\n" * 50_000, "too many lines"),
    (b"month,channel_arrivals\r" * 50_000, "too many lines"),
    (b"PK\x03\x04" + b"x" * 40_000_000, "too large for a table"),
])  # fmt: skip
def test_a_table_is_measured_before_it_is_read(tmp_path, content, words):
    file = tmp_path / "mine.csv"
    file.write_bytes(content)
    assert words in refused(read_own_series, file)


@pytest.mark.parametrize(("files", "size", "words"), [
    (40, 990_000, "too large for a scenario, with all it extends"),
    (15, 100_000, "too large for a scenario, with all it extends"),
])  # fmt: skip
def test_a_long_chain_is_refused_before_all_of_it_is_read(tmp_path, files, size, words):
    lever = '[[sharing]]\nbetween = ["UK", "FR"]\nlevel = "high"\n'
    for number in range(files):
        name = f"p{number}" if number else "mine"
        parent = f"p{number + 1}" if number + 1 < files else "baseline"
        text = f'title = "x"\nextends = "{parent}"\n' + lever * (size // len(lever) // 4)
        (tmp_path / f"{name}.toml").write_text(text + "# " + "x" * (size * 3 // 4) + "\n")
    line = refused(load_scenario, tmp_path / "mine.toml")
    assert line.startswith(str(tmp_path / "mine.toml"))
    assert words in line


def test_a_chain_of_small_files_is_read(tmp_path):
    names = ["mine", *(f"p{number}" for number in range(11)), "baseline"]
    for name, parent in itertools.pairwise(names):
        (tmp_path / f"{name}.toml").write_text(f'title = "{name}"\nextends = "{parent}"\n')
    assert load_scenario(tmp_path / "mine.toml").title == "mine"


def test_no_more_of_a_file_is_read_than_a_scenario_may_have(tmp_path):
    file = tmp_path / "mine.toml"
    with file.open("wb") as handle:
        handle.truncate(10**12)
    assert "too large for a scenario" in refused(load_scenario, file)
