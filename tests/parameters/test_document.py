"""The tables made from the records."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulation.parameters import load_records
from simulation.parameters.document import chosen, page_tables, shown

PAGE = Path(__file__).parents[2] / "docs" / "first-what-if.md"


def test_the_tables_of_the_page_have_every_record_once():
    names = re.findall(r"^\| `(\w+\.\w+)` \|", page_tables(load_records()), re.MULTILINE)
    assert sorted(names) == sorted(record.name for record in load_records())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2860.0000000000005, "2,860"), (3e-05, "0.00003"), (1_000_000.0, "1,000,000"), (4, "4"),
        (-4.5, "-4.5"), (0.0, "0"), (True, "true"), (False, "false"), (0.07802, "0.07802"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_people_write_them(value, words):
    assert shown(value) == words


def test_groups_and_single_records_are_chosen_once_in_the_order_of_the_files():
    names = [one.name for one in chosen(load_records(), ["sea.persistence", "hazards", "sea"])]
    assert names[0] == "hazards.foot"
    assert names.count("sea.persistence") == 1
    assert len(chosen(load_records(), [])) == len(load_records().records())


def test_the_words_of_sharing_are_explained_with_the_numbers_of_the_records():
    """The page a beginner reads shows what each level stands for."""
    page = PAGE.read_text(encoding="utf-8")
    records = load_records()

    def shown(name: str, times: float) -> str:
        record = records.record(name)
        value, low, high = (f"{n * times:g}" for n in (record.value, record.low, record.high))
        return value if low == high else f"{value} ({low} to {high})"

    for word in ("none", "low", "medium", "high", "full"):
        days = "-" if word == "none" else shown(f"sharing.{word}_delay_days", 1.0)
        assert f"| `{word}` | {shown(f'sharing.{word}_coverage', 100.0)} | {days} |" in page
