"""`crossings parameters`: what is assumed, on the screen and as data."""

from __future__ import annotations

import json

from simulation.parameters import load_parameters, load_records

ALL = load_records().records()


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
