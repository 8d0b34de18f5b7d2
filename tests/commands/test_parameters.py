"""`crossings parameters`: what is assumed, on the screen, as data, and in a page."""

from __future__ import annotations

import json
import os
from pathlib import Path
from unittest import mock

from simulation.parameters import load_parameters, load_records
from simulation.parameters.document import END
from tests.refusals import refusal

ALL = load_records().records()
PLACE = f"# Mine\n\n<!-- parameters: hazards -->\n\n\tstale\n{END}\n\nMore.\n"


def test_a_planner_reads_what_is_assumed(crossings):
    result = crossings("parameters", "market.fee_boat", "hazards")
    record = load_parameters().record("market.fee_boat")
    for words in (
        "market.fee_boat = 2,300 EUR a person (920 to 5,060, triangular; reported)",
        record.drives,
        record.source,
    ):
        assert words in result.output
    assert max(map(len, result.output.splitlines())) <= 100
    central = load_parameters().values()
    shown = [one for one in load_records() if one.name == record.name or one.group == "hazards"]
    assert result.output.count("A run takes ") == sum(
        central[one.name] != one.value for one in shown
    )


def test_all_are_shown_where_none_is_named(crossings):
    lines = crossings("parameters").output.splitlines()
    assert [line.split(" = ")[0] for line in lines if " = " in line and line[0] != " "] == [
        record.name for record in ALL
    ]


def test_records_as_data(crossings):
    records = json.loads(crossings("parameters", "--json").output)
    assert [record["name"] for record in records] == [record.name for record in ALL]
    assert records[0]["value"] == ALL[0].value
    assert {"low", "high", "unit", "distribution", "source", "confidence"} <= records[0].keys()


def test_records_as_a_table(crossings):
    lines = crossings("parameters", "sea", "--markdown").output.splitlines()
    assert len(lines) == 2 + sum(record.group == "sea" for record in ALL)
    assert all(line.startswith("| `sea.") for line in lines[2:])


def test_a_page_is_filled_and_then_up_to_date(crossings, tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(PLACE, encoding="utf-8")
    assert crossings("parameters", "--write", "page.md").exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "stale" not in text
    assert "`hazards.boat`" in text
    assert text.endswith("\n\nMore.\n")
    assert "up to date" in crossings("parameters", "--write", "page.md").output


def test_a_page_that_cannot_be_written_stays_as_it_is(crossings, tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(PLACE, encoding="utf-8")
    denied = PermissionError(13, "Permission denied")
    with mock.patch.object(os, "replace", side_effect=denied):
        refusal(crossings("parameters", "--write", "page.md"), "page.md", "permission denied")
    assert page.read_text(encoding="utf-8") == PLACE
    assert os.listdir(tmp_path) == ["page.md"]
