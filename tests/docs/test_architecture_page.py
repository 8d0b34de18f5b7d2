"""The page for engineers says what the tests of the house hold, and names what there is."""

from __future__ import annotations

import re

from tests.docs.blocks import ROOT
from tests.test_architecture import ENTRIES, FORBIDDEN, MOST_LINES

TEXT = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
HOUSE = ROOT / "simulation"


def room(name: str) -> str:
    return "everything" if name == "simulation" else name.removeprefix("simulation.")


def test_the_arrows_are_those_that_are_tested():
    table = TEXT.partition("<!-- arrows -->")[2].partition("<!-- end of arrows -->")[0]
    rows = re.findall(r"^\| (?:`(\w+)`|(everything)) \| (.+) \|$", table, re.MULTILINE)
    told = {one or other: re.findall(r"`(\w+)`", banned) for one, other, banned in rows}
    assert told == {room(name): [room(b) for b in banned] for name, banned in FORBIDDEN.items()}


def test_who_may_break_the_last_of_them_is_told():
    sentence = re.search(r"Only where a program starts .+?\. ", TEXT, re.DOTALL)
    assert sentence
    named = set(re.findall(r"`([\w/.]+)`", sentence[0]))
    files = {room(entry).replace(".", "/") for entry in ENTRIES}
    assert {name.removesuffix(".py") for name in named} == files


def test_every_room_is_in_the_picture():
    picture = TEXT.partition("## The rooms")[2].partition("```text")[2].partition("```")[0]
    there = {path.name for path in HOUSE.iterdir() if (path / "__init__.py").exists()}
    there |= {room(name) for name in FORBIDDEN} - {"everything"}
    assert there - set(re.findall(r"[a-z_]+", picture)) == set()


def test_names_in_the_page_are_those_of_the_code():
    assert f"at most {MOST_LINES} lines" in TEXT
    for module, name in (
        ("scenario/levers/declaration.py", "PolicyPart"),
        ("scenario/levers/declaration.py", "Inputs"),
        ("scenario/levers/staff.py", "UNITS"),
        ("scenario/levels.py", "level_number"),
        ("scenario/policy.py", "PolicyDay"),
        ("outcomes.py", "OUTCOMES"),
        ("randomness.py", "Decision"),
        ("model.py", "order_of_the_day"),
        ("recording.py", "RunRecord"),
    ):
        assert f"`{name}`" in TEXT, name
        assert name in (HOUSE / module).read_text(encoding="utf-8"), (module, name)


def test_files_named_without_a_folder_exist():
    there = {path.name for folder in ("simulation", "tests", "docs", "scenarios")
             for path in (ROOT / folder).rglob("*.*")}  # fmt: skip
    there |= {path.name for path in ROOT.iterdir()}
    named = set(re.findall(r"`([\w-]+\.(?:py|toml|csv|md))`", TEXT))
    assert len(named) > 8
    assert named <= there


def test_tests_named_in_the_page_exist():
    named = re.findall(r"`(tests/[\w/]+\.py)`", TEXT)
    assert all((ROOT / name).is_file() for name in named)
    told = re.findall(r"`(tests/[\w/]+\.py)`, (\*.+?\*(?:, \*.+?\*)*) \|", TEXT)
    assert len(told) > 12
    for file, sentences in told:
        tests = (ROOT / file).read_text(encoding="utf-8")
        for words in re.findall(r"\*(.+?)\*", sentences):
            assert f"def test_{words.replace(' ', '_')}(" in tests, words
