"""The tables of levers in the pages are those of the registry."""

from __future__ import annotations

import re

import pytest

from simulation.errors import InputError
from simulation.scenario.levers.pages import main, with_keys, with_policy
from simulation.scenario.levers.registry import SECTIONS
from tests.docs.blocks import ROOT

DOCS = ROOT / "docs"
HOW = "uv run python -m simulation.scenario.levers.pages docs"
RENEWED = {"scenarios.md": with_keys, "ODD.md": with_policy}


@pytest.mark.parametrize("name", RENEWED)
def test_the_tables_are_those_of_the_registry(name):
    text = (DOCS / name).read_text(encoding="utf-8")
    assert RENEWED[name](text) == text, f"docs/{name}: write it again with {HOW}"


def test_every_lever_has_its_table_its_heading_and_its_link():
    text = (DOCS / "scenarios.md").read_text(encoding="utf-8")
    assert re.findall(r"<!-- keys: (\w+) -->", text) == list(SECTIONS)
    levers = text[text.index("\n## Levers") : text.index("\n## What smugglers")]
    assert re.findall(r"^### (\w+)$", levers, re.MULTILINE) == list(SECTIONS)
    links = re.findall(r"\[(\w+)\]\(#(\w+)\)", text[: text.index("\n## The file")])
    assert [name for name, heading in links if name == heading] == list(SECTIONS)


def test_an_old_table_is_written_again(tmp_path):
    for name in RENEWED:
        text = (DOCS / name).read_text(encoding="utf-8")
        old = text.replace("| search effort before", "| old").replace(
            "| multiplies effort on lor", "| old"
        )
        assert old != text
        (tmp_path / name).write_text(old, encoding="utf-8")
    main(tmp_path)
    for name in RENEWED:
        assert (tmp_path / name).read_bytes() == (DOCS / name).read_bytes()


def test_a_folder_without_pages_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"scenarios\.md"):
        main(tmp_path)
