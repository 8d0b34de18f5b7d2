"""`crossings brief`: a comparison as a document or HTML, and what it refuses."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import docx
import pytest

import simulation
from simulation.outcomes import OUTCOMES
from tests.refusals import nothing_written, refusal, succeeded

HEADINGS = {"Why", "What moves with it", "What would change this answer"}


@pytest.fixture
def brief(crossings, compared):
    """The command, which must succeed; the file it writes."""

    def write(format: str) -> Path:
        succeeded(crossings("brief", str(compared), "--format", format))
        return compared / f"brief.{format}"

    return write


def test_a_document_has_each_part_with_deaths_beside_arrivals(brief):
    document = docx.Document(str(brief("docx")))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert {*texts} >= HEADINGS
    assert any("Small-boat arrivals" in text for text in texts)
    assert any("never been measured" in text for text in texts)
    assert len(document.inline_shapes) == 1
    (table,) = document.tables
    rows = {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in table.rows}
    (deaths,) = (cells for name, cells in rows.items() if "Deaths in the Channel" in name)
    assert not any("%" in cell for cell in deaths)
    assert any(OUTCOMES["in_transit"].label in name for name in rows)


def test_a_page_stands_alone(brief):
    text = brief("html").read_text(encoding="utf-8")
    assert all(heading in text for heading in HEADINGS)
    assert "Small-boat arrivals" in text
    assert not re.search(r"(src|href)=.(?!#|data:)", text)


@pytest.mark.parametrize(("words", "said"), [
    (("run",), ("run", "comparison")),
    ((".",), ("manifest.json",)),
    (("compare", "--format", "odt"), ("odt", "docx, html")),
    (("compare", "--output", "compare/summary.json"), ("exists", "--output")),
    (("compare", "--output", "nowhere/brief.docx"), ("nowhere", "cannot be written")),
])  # fmt: skip
def test_what_cannot_be_written_is_one_line(
    crossings, compared, finished_study, tmp_path, words, said
):
    shutil.copytree(finished_study("run"), tmp_path / "run")
    with nothing_written(tmp_path):
        refusal(crossings("brief", *words), *said)


def test_a_missing_library_is_told_with_what_installs_it(crossings, compared, monkeypatch):
    monkeypatch.setitem(sys.modules, "docx", None)
    with nothing_written(compared):
        refusal(crossings("brief", str(compared)), "brief", "install")


def test_the_function_writes_what_the_command_writes(brief, compared, tmp_path):
    file = simulation.brief(compared, format="html", output=tmp_path / "mine.html")
    assert file.read_bytes() == brief("html").read_bytes()
