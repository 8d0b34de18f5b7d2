from __future__ import annotations

import csv
import json
import tomllib

import pytest

from simulation.corridor.tables import DATA

SOURCES = tomllib.loads((DATA / "sources.toml").read_text(encoding="utf-8"))
FILES = sorted(path.name for path in DATA.iterdir() if path.name != "sources.toml")
LABELS = {
    "official", "secondary", "press", "derived", "public domain", "convention", "assumption"
}  # fmt: skip


def columns(name):
    """The columns of a table, or the top keys of another file."""
    text = (DATA / name).read_text(encoding="utf-8")
    if name.endswith(".csv"):
        return next(csv.reader(text.splitlines()))
    return list(json.loads(text) if name.endswith(".json") else tomllib.loads(text))


def test_every_file_is_listed_and_no_other():
    assert sorted(SOURCES) == FILES


@pytest.mark.parametrize("name", FILES)
def test_every_column_has_a_source_and_no_other(name):
    assert list(SOURCES[name]) == columns(name)
    for column, record in SOURCES[name].items():
        assert set(record) == {"label", "source"}, column
        assert record["label"] in LABELS, column
        assert len(record["source"]) > 3, column


REASONED = [name for name in FILES if name.endswith(".csv") and "source" in columns(name)]


def test_the_tables_with_a_reason_on_each_line_are_known():
    """So that a renamed column does not leave its table unchecked."""
    tables = (
        "entry_anchors", "observed_yearly", "serbia_registered", "staff", "supply_chains",
        "vintages",
    )  # fmt: skip
    assert [f"{name}.csv" for name in tables] == REASONED


@pytest.mark.parametrize("name", REASONED)
def test_every_reasoned_line_gives_its_reason(name):
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert rows
    for row in rows:
        assert len(row["source"].strip()) > 8, row
