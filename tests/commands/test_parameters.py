"""`crossings parameters`: what is assumed, on the screen, as data, and in a page."""

from __future__ import annotations

import json
import os
from pathlib import Path

from simulation.parameters import load_parameters, load_records
from simulation.parameters.document import END
from tests.refusals import refusal

ALL = load_records().records()
PLACE = f"# Mine\n\n<!-- parameters: hazards -->\nstale\n{END}\n\nMore.\n"


def test_a_planner_reads_what_is_assumed(crossings):
    result = crossings("parameters", "market.fee_boat", "hazards")
    assert result.exit_code == 0
    record = load_parameters().record("market.fee_boat")
    assert "market.fee_boat = 2,300 EUR a person (920 to 5,060, triangular; reported)" in (
        result.output
    )
    assert record.drives in result.output
    assert record.source in result.output
    assert result.output.splitlines()[-1] == "7 records; assumptions among them: 5."
    assert max(map(len, result.output.splitlines())) <= 100
    central = load_parameters().values()
    shown = [one for one in load_records() if one.name == record.name or one.group == "hazards"]
    fitted = [one for one in shown if central[one.name] != one.value]
    assert result.output.count("A run takes ") == len(fitted)


def test_all_are_shown_where_none_is_named(crossings):
    lines = crossings("parameters").output.splitlines()
    assert [line.split(" = ")[0] for line in lines if " = " in line and line[0] != " "] == [
        record.name for record in ALL
    ]


def test_records_as_data(crossings):
    found = json.loads(crossings("parameters", "--json").output)
    assert [record["name"] for record in found] == [record.name for record in ALL]
    assert found[0]["value"] == ALL[0].value
    assert {"low", "high", "unit", "distribution", "source", "confidence"} <= found[0].keys()


def test_records_as_a_table(crossings):
    lines = crossings("parameters", "sea", "--markdown").output.splitlines()
    assert len(lines) == 2 + sum(record.group == "sea" for record in ALL)
    assert all(line.startswith("| `sea.") for line in lines[2:])


def test_a_page_is_filled_and_then_up_to_date(crossings, tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(PLACE, encoding="utf-8")
    assert crossings("parameters", "--write", "page.md").output == "Wrote the tables of page.md.\n"
    text = page.read_text(encoding="utf-8")
    assert "stale" not in text
    assert "`hazards.boat`" in text
    assert text.endswith("\n\nMore.\n")
    assert crossings("parameters", "--write", "page.md").output == "page.md is up to date.\n"
    assert os.listdir(tmp_path) == ["page.md"]


def test_a_page_that_cannot_be_written_stays_as_it_is(crossings, tmp_path: Path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text(PLACE, encoding="utf-8")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    line = refusal(crossings("parameters", "--write", "page.md"))
    assert line == "page.md: cannot be written: permission denied"
    assert page.read_text(encoding="utf-8") == PLACE
    assert os.listdir(tmp_path) == ["page.md"]
