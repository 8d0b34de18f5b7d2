"""`crossings brief`: a comparison as a document, a PDF, slides or HTML, and what it refuses."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import docx
import pptx
import pytest

import simulation
from simulation.engine.arguments import FORMATS
from simulation.outcomes import OUTCOMES
from simulation.report.brief_formats import TEMPLATES
from tests.refusals import nothing_written, refusal, succeeded

#: what a template of each format ends in
SUFFIXES = {one: "typ" if one == "pdf" else one for one in FORMATS}
HEADINGS = {"Why", "What moves with it", "What would change this answer"}


@pytest.fixture
def brief(crossings, compared):
    """The command, which must succeed; the file it writes."""

    def write(format: str, *words: str) -> Path:
        succeeded(crossings("brief", str(compared), "--format", format, *words))
        return compared / f"brief.{format}"

    return write


def template_without(folder: Path, format: str, field: str) -> Path:
    """The template of crossings with a text in place of a field."""
    suffix = SUFFIXES[format]
    file, shipped = folder / f"ours.{suffix}", str(TEMPLATES / f"brief.{suffix}")
    name = f"{{{{{field}}}}}"
    if suffix in ("html", "typ"):
        text = Path(shipped).read_text(encoding="utf-8").replace(name, "Letterhead")
        file.write_text(text, encoding="utf-8")
        return file
    opened = docx.Document(shipped) if format == "docx" else pptx.Presentation(shipped)
    parts = opened.paragraphs if format == "docx" else [
        paragraph for slide in opened.slides for shape in slide.shapes
        for paragraph in shape.text_frame.paragraphs
    ]  # fmt: skip
    (part,) = (part for part in parts if part.text == name)
    part.runs[0].text = "Letterhead"
    opened.save(str(file))
    return file


def test_a_document_has_each_part_with_deaths_beside_arrivals(brief):
    document = docx.Document(str(brief("docx")))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert not any("{{" in text for text in texts)
    assert {*texts} >= HEADINGS
    assert any("Small-boat arrivals" in text for text in texts)
    assert any("never been measured" in text for text in texts)
    assert len(document.inline_shapes) == 1
    (table,) = document.tables
    rows = {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in table.rows}
    (deaths,) = (cells for name, cells in rows.items() if "Deaths in the Channel" in name)
    assert not any("%" in cell for cell in deaths)
    assert any(OUTCOMES["in_transit"].label in name for name in rows)


def test_slides_are_three(brief):
    slides = pptx.Presentation(str(brief("pptx"))).slides
    shapes = [shape for slide in slides for shape in slide.shapes]
    assert len(slides) == 3
    assert not any("{{" in shape.text_frame.text for shape in shapes if shape.has_text_frame)
    assert sum(shape.has_table for shape in shapes) == 1
    assert sum(hasattr(shape, "image") for shape in shapes) == 1


def test_a_pdf_is_one_page(brief):
    content = brief("pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert re.search(rb"/Type\s*/Pages\s*/Count 1\b", content)


def test_a_page_stands_alone(brief):
    text = brief("html").read_text(encoding="utf-8")
    assert "{{" not in text
    assert "<svg" in text
    assert not re.search(r"(src|href)=.(?!#)", text)


@pytest.mark.parametrize("format", FORMATS)
def test_a_template_with_a_missing_field_is_refused(crossings, compared, tmp_path, format):
    template = template_without(tmp_path, format, "why")
    with nothing_written(tmp_path):
        done = crossings("brief", str(compared), "--format", format, "--template", str(template))
        refusal(done, template.name, "{{why}}")


def test_a_template_of_ones_own_keeps_its_look(brief, tmp_path):
    template = tmp_path / "ours.docx"
    document = docx.Document(str(TEMPLATES / "brief.docx"))
    document.styles["List Bullet"].font.name = "Our font"
    document.paragraphs[0].insert_paragraph_before("Letterhead")
    document.save(str(template))
    written = docx.Document(str(brief("docx", "--template", str(template))))
    assert written.paragraphs[0].text == "Letterhead"
    assert written.styles["List Bullet"].font.name == "Our font"
    assert sum(one.style.name == "List Bullet" for one in written.paragraphs) > 3


@pytest.mark.parametrize(("words", "said"), [
    (("run",), ("run", "comparison")),
    ((".",), ("manifest.json",)),
    (("compare", "--format", "odt"), ("odt", "docx, pdf, pptx, html")),
    (("compare", "--format", "pdf", "--template", "nowhere.typ"), ("nowhere.typ",)),
    (("compare", "--template", "compare/summary.json"), ("summary.json", "docx")),
    (("compare", "--output", "compare/summary.json"), ("exists", "--output")),
    (("compare", "--output", "nowhere/brief.docx"), ("nowhere", "cannot be written")),
])  # fmt: skip
def test_what_cannot_be_written_is_one_line(
    crossings, compared, finished_study, tmp_path, words, said
):
    shutil.copytree(finished_study("run"), tmp_path / "run")
    with nothing_written(tmp_path):
        refusal(crossings("brief", *words), *said)


def test_a_template_that_typst_cannot_read_is_refused(crossings, compared, tmp_path):
    template = tmp_path / "ours.typ"
    text = (TEMPLATES / "brief.typ").read_text(encoding="utf-8")
    template.write_text(f"{text}#nothing", encoding="utf-8")
    with nothing_written(tmp_path):
        words = ("--format", "pdf", "--template", str(template))
        refusal(crossings("brief", str(compared), *words), "ours.typ", "nothing")


def test_a_missing_library_is_told_with_what_installs_it(crossings, compared, monkeypatch):
    monkeypatch.setitem(sys.modules, "docx", None)
    with nothing_written(compared):
        refusal(crossings("brief", str(compared)), "brief", "install")


def test_the_function_writes_what_the_command_writes(brief, compared, tmp_path):
    file = simulation.brief(compared, format="html", output=tmp_path / "mine.html")
    assert file.read_bytes() == brief("html").read_bytes()
