"""The tables made from the records."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulation.parameters import Parameters, load_records
from simulation.parameters.document import chosen, page_tables, shown, span, summary, table
from simulation.parameters.records import Record

PAGE = Path(__file__).parents[2] / "docs" / "first-what-if.md"


def record(**changes) -> Record:
    defaults = {
        "name": "market.fee", "value": 3.0, "unit": "EUR", "low": 1.0, "high": 9.0,
        "distribution": "uniform", "source": "a|b", "confidence": "assumption",
        "drives": "The fee.", "file": "market.toml",
    }  # fmt: skip
    return Record(**{**defaults, **changes})


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


@pytest.mark.parametrize(("changes", "words"), [
    ({}, "1 to 9"), ({"low": 3.0, "high": 3.0}, "3"),
    ({"value": False, "low": False, "high": True}, "false or true"),
])  # fmt: skip
def test_a_range_is_as_wide_as_it_is(changes, words):
    assert span(record(**changes)) == words


def test_a_row_holds_everything_known():
    row = "| `market.fee` | 3 | EUR | 1 to 9 | uniform | assumption | a\\|b | The fee. |"
    assert table([record()]).splitlines()[2:] == [row]


def test_the_summary_counts_by_confidence():
    two = [record(), record(name="sea.wave", confidence="measured"), record(name="market.two")]
    assert summary(Parameters({one.name: one for one in two})).splitlines()[2:] == [
        "| `market` | 2 | 0 | 0 | 0 | 2 |",
        "| `sea` | 1 | 1 | 0 | 0 | 0 |",
        "| all | 3 | 1 | 0 | 0 | 2 |",
    ]


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
