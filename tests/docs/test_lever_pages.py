"""The tables of levers in the pages are those of the registry."""

from __future__ import annotations

import re

import pytest

from simulation.scenario.levers.pages import main, with_keys, with_policy
from simulation.scenario.levers.registry import SECTIONS
from tests.docs.blocks import ROOT

DOCS = ROOT / "docs"
HOW = "uv run python -m simulation.scenario.levers.pages docs"


@pytest.mark.parametrize(
    ("name", "renewed"), [("scenarios.md", with_keys), ("ODD.md", with_policy)]
)
def test_the_tables_are_those_of_the_registry(name, renewed):
    text = (DOCS / name).read_text(encoding="utf-8")
    assert renewed(text) == text, f"docs/{name}: write it again with {HOW}"


def test_every_lever_has_its_table_its_heading_and_its_link():
    text = (DOCS / "scenarios.md").read_text(encoding="utf-8")
    assert re.findall(r"<!-- keys: (\w+) -->", text) == list(SECTIONS)
    levers = text[text.index("\n## Levers") : text.index("\n## What smugglers")]
    assert re.findall(r"^### (\w+)$", levers, re.MULTILINE) == list(SECTIONS)
    links = re.findall(r"\[(\w+)\]\(#(\w+)\)", text[: text.index("\n## The file")])
    assert [name for name, heading in links if name == heading] == list(SECTIONS)


def test_an_old_table_is_written_again(tmp_path):
    for name in ("scenarios.md", "ODD.md"):
        text = (DOCS / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("| `search` |", "| `serch` |"), encoding="utf-8")
    main(tmp_path)
    for name in ("scenarios.md", "ODD.md"):
        assert (tmp_path / name).read_bytes() == (DOCS / name).read_bytes()
