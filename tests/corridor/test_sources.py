from __future__ import annotations

import csv
import json
import tomllib

import pytest

from simulation.corridor.tables import DATA

SOURCES = tomllib.loads((DATA / "sources.toml").read_text(encoding="utf-8"))
FILES = sorted(path.name for path in DATA.iterdir() if path.name != "sources.toml")
LABELS = {
    "official",
    "secondary",
    "press",
    "derived",
    "public domain",
    "convention",
    "assumption",
}


def columns(name: str) -> list[str]:
    """The columns of a table, or the top keys of another file."""
    text = (DATA / name).read_text(encoding="utf-8")
    if name.endswith(".csv"):
        return next(csv.reader(text.splitlines()))
    return list(json.loads(text) if name.endswith(".json") else tomllib.loads(text))


def test_every_file_is_listed_and_no_other() -> None:
    assert sorted(SOURCES) == FILES


@pytest.mark.parametrize("name", FILES)
def test_every_column_has_a_source_and_no_other(name: str) -> None:
    assert list(SOURCES[name]) == columns(name)
    for column, record in SOURCES[name].items():
        assert set(record) == {"label", "source"}, column
        assert record["label"] in LABELS, column
        assert len(record["source"]) > 3, column


@pytest.mark.parametrize("name", [n for n in FILES if n.endswith(".csv")])
def test_every_reasoned_line_gives_its_reason(name: str) -> None:
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            assert len(row.get("source", "not asked")) > 8, row
