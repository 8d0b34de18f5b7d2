"""A brief as the bytes of a Word document, a presentation, a PDF or a page of HTML.

A template is a file in which `{{why}}` or another field stands alone in a paragraph of a document,
in a text box of a presentation, or anywhere in a page of HTML. The text of a field takes the look
of what it replaces.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from simulation.errors import InputError
from simulation.optional import optional_library
from simulation.report import blocks
from simulation.report.brief import FIELDS, Brief
from simulation.report.drawing import BLUE
from simulation.report.html import fragment
from simulation.report.picture import EXTRA, picture

TEMPLATES = Path(__file__).parent / "brief_templates"
_FIELD = re.compile(r"\{\{ *(\w+) *\}\}")
#: what a table of a document looks like, where its template has this style
_TABLE_STYLE = "Table Grid"


def _library(module: str) -> Any:
    return optional_library(module, EXTRA, "--format")


def _field(text: str) -> str:
    """The field that a text is; empty where it is none."""
    match = _FIELD.fullmatch(text.strip())
    return match[1] if match else ""


def _check_fields(names: Iterable[str], template: Path) -> None:
    """Refuse a template that lacks a field, or has one that is none."""
    present = set(names)
    problems = [(name, "has no field") for name in FIELDS if name not in present]
    problems += [(name, "has an unknown field") for name in sorted(present - {*FIELDS})]
    for name, problem in problems:
        fields = ", ".join(f"{{{{{field}}}}}" for field in FIELDS)
        raise InputError(
            f"{problem} {{{{{name}}}}}", key="--template", value=str(template), allowed=fields
        )


def _opened(template: Path | None, format: str, open_file: Callable[[str], Any]) -> Any:
    """A template, or that of crossings, opened."""
    file = template or TEMPLATES / f"brief.{format}"
    try:
        return open_file(str(file))
    except Exception as error:  # each library has its own errors for what is no such file
        raise InputError(
            f"cannot be read as {format}", key="--template", value=str(file),
            allowed=f"a file of the format {format}, such as {TEMPLATES / f'brief.{format}'}",
        ) from error  # fmt: skip


def _lines(content: Iterable[blocks.Block]) -> list[str]:
    """The texts of a field, one for each paragraph or bullet."""
    lines: list[str] = []
    for block in content:
        if isinstance(block, blocks.Paragraph):
            lines.append(blocks.plain(block.text))
        elif isinstance(block, blocks.Bullets):
            lines += map(blocks.plain, block.items)
    return lines


def _table(brief: Brief) -> tuple[list[list[str]], str]:
    """The table of a brief, its headings first, and its caption."""
    (table,) = brief["beside"]
    assert isinstance(table, blocks.Table)
    rows = [[column.title for column in table.headings]]
    for row in table.rows:
        cells = ["\n".join([blocks.plain(cell.text), *cell.below]) for cell in row.values]
        rows.append([blocks.plain(row.label), *cells])
    return rows, table.caption


def _picture(brief: Brief, kind: str) -> tuple[bytes, str]:
    """The picture of a brief, and what it says."""
    (block,) = brief["picture"]
    assert isinstance(block, blocks.Figure)
    return picture(block.chart, kind), f"{block.chart.title}. {block.chart.note}"


# -- a Word document -------------------------------------------------------------------------------


def docx(brief: Brief, template: Path | None) -> bytes:
    """A document of Word from a template, whose styles and other content stay."""
    library = _library("docx")
    document = _opened(template, "docx", library.Document)
    places = {
        field: paragraph for paragraph in _paragraphs(document) if (field := _field(paragraph.text))
    }
    _check_fields(places, template or TEMPLATES)
    for field, paragraph in places.items():
        if field == "picture":
            _docx_picture(document, paragraph, *_picture(brief, "png"))
        elif field == "beside":
            _docx_table(document, paragraph, *_table(brief))
        else:
            _fill(paragraph, _lines(brief[field]))
    return _saved(document)


def _paragraphs(container: Any) -> Iterator[Any]:
    """All paragraphs of a document, those in its tables included."""
    yield from container.paragraphs
    for table in container.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from _paragraphs(cell)


def _fill(paragraph: Any, lines: list[str]) -> None:
    """Put texts in place of a paragraph of a document or a slide, in its look."""
    for run in paragraph.runs[1:]:
        run._r.getparent().remove(run._r)
    for text in reversed(lines[1:]):
        copy = type(paragraph)(deepcopy(paragraph._p), paragraph._parent)
        copy.runs[0].text = text
        paragraph._p.addnext(copy._p)
    paragraph.runs[0].text = lines[0] if lines else ""


def _docx_picture(document: Any, paragraph: Any, content: bytes, words: str) -> None:
    section = document.sections[0]
    look = paragraph.paragraph_format
    indents = (look.left_indent or 0) + (look.right_indent or 0)
    width = section.page_width - section.left_margin - section.right_margin - indents
    paragraph.clear()
    shape = paragraph.add_run().add_picture(io.BytesIO(content), width=width)
    shape._inline.docPr.set("descr", words)


def _docx_table(document: Any, paragraph: Any, rows: list[list[str]], caption: str) -> None:
    """A table before its caption, which takes the place of the field."""
    size = paragraph.runs[0].font.size or paragraph.style.font.size
    table = document.add_table(len(rows), len(rows[0]))
    if _TABLE_STYLE in (style.name for style in document.styles):
        table.style = _TABLE_STYLE
    for number, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
        for cell, text in zip(row.cells, texts, strict=True):
            run = cell.paragraphs[0].add_run(text)
            run.bold, run.font.size = number == 0, size
            cell.paragraphs[0].paragraph_format.space_after = 0
    paragraph._p.addprevious(table._tbl)
    _fill(paragraph, [caption])


def _saved(document: Any) -> bytes:
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


# -- slides ----------------------------------------------------------------------------------------


def pptx(brief: Brief, template: Path | None) -> bytes:
    """A presentation from a template, whose slides, layouts and other content stay."""
    library = _library("pptx")
    presentation = _opened(template, "pptx", library.Presentation)
    places = {
        field: (slide, shape)
        for slide in presentation.slides
        for shape in slide.shapes
        if shape.has_text_frame and (field := _field(shape.text_frame.text))
    }
    _check_fields(places, template or TEMPLATES)
    for field, (slide, shape) in places.items():
        if field == "picture":
            _pptx_picture(slide, shape, *_picture(brief, "png"))
        elif field == "beside":
            _pptx_table(slide, shape, *_table(brief))
        else:
            _fill(shape.text_frame.paragraphs[0], _lines(brief[field]))
    return _saved(presentation)


def _pptx_picture(slide: Any, shape: Any, content: bytes, words: str) -> None:
    """A picture as large as the box of the field holds, in its middle."""
    drawn = slide.shapes.add_picture(io.BytesIO(content), shape.left, shape.top)
    share = min(shape.width / drawn.width, shape.height / drawn.height)
    drawn.width, drawn.height = int(drawn.width * share), int(drawn.height * share)
    drawn.left = shape.left + (shape.width - drawn.width) // 2
    drawn._element.nvPicPr.cNvPr.set("descr", words)
    shape._element.getparent().remove(shape._element)


def _pptx_table(slide: Any, shape: Any, rows: list[list[str]], caption: str) -> None:
    """A table as wide as the box of the field; how to read it stands in the notes of the slide."""
    size = shape.text_frame.paragraphs[0].runs[0].font.size
    box = shape.left, shape.top, shape.width, shape.height
    table = slide.shapes.add_table(len(rows), len(rows[0]), *box).table
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
            for paragraph in cell.text_frame.paragraphs:
                paragraph.font.size = size
    if caption:
        slide.notes_slide.notes_text_frame.text = caption
    shape._element.getparent().remove(shape._element)


# -- PDF and HTML ----------------------------------------------------------------------------------


def pdf(brief: Brief, template: Path | None) -> bytes:
    """A page of A4 as PDF, made smaller where it would be more than one."""
    if template is not None:
        problem, allowed = "a PDF has no template", "--format docx, pptx or html"
        raise InputError(problem, key="--template", value=str(template), allowed=allowed)
    for module in ("reportlab", "matplotlib"):
        _library(module)
    import matplotlib
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import cm
    from reportlab.pdfbase.pdfmetrics import registerFont, registerFontFamily
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import (
        Image,
        KeepInFrame,
        ListFlowable,
        Paragraph,
        SimpleDocTemplate,
        Table,
    )

    # the fonts that every PDF reader has lack letters of names on the corridor
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for name, file in (("Brief", "DejaVuSans"), ("Brief-Bold", "DejaVuSans-Bold")):
        registerFont(TTFont(name, fonts / f"{file}.ttf"))
    registerFontFamily("Brief", normal="Brief", bold="Brief-Bold")
    text = ParagraphStyle("text", fontName="Brief", fontSize=8, leading=10.5, spaceAfter=2)
    small = ParagraphStyle("small", text, fontSize=7, leading=8.5)
    strong = ParagraphStyle("strong", small, fontName="Brief-Bold")
    first = ParagraphStyle("answer", text, fontSize=10, leading=13, spaceAfter=3)
    title = ParagraphStyle("title", strong, fontSize=14, leading=17, spaceAfter=5)
    heading = ParagraphStyle(
        "heading", strong, fontSize=10, leading=12, spaceBefore=6, textColor=colors.HexColor(BLUE)
    )
    styles = {"title": title, "answer": first, "data": small}
    margin = 1.6 * cm
    width, height = A4[0] - 2 * margin, A4[1] - 2 * margin

    def shown(words: str, style: ParagraphStyle) -> Any:
        return Paragraph(html.escape(words).replace("\n", "<br/>"), style)

    story: list[Any] = []
    for field, its_heading in FIELDS.items():
        story += [shown(its_heading, heading)] if its_heading else []
        if field == "picture":
            content, _ = _picture(brief, "png")
            image = Image(io.BytesIO(content))
            image.drawHeight, image.drawWidth = width * image.imageHeight / image.imageWidth, width
            story.append(image)
        elif field == "beside":
            rows, caption = _table(brief)
            cells = [
                [shown(cell, small if number else strong) for cell in row]
                for number, row in enumerate(rows)
            ]
            line = ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.lightgrey)
            tight = [(f"{side}PADDING", (0, 0), (-1, -1), 1.5) for side in ("TOP", "BOTTOM")]
            first_column = width * (0.34 if len(rows[0]) < 6 else 0.2)
            others = (width - first_column) / (len(rows[0]) - 1)
            widths = [first_column, *[others] * (len(rows[0]) - 1)]
            table = Table(cells, widths, style=[line, ("VALIGN", (0, 0), (-1, -1), "TOP"), *tight])
            story += [table, *([shown(caption, small)] if caption else [])]
        else:
            lines = [shown(line, styles.get(field, text)) for line in _lines(brief[field])]
            bullets = isinstance(brief[field][0], blocks.Bullets)
            story += [ListFlowable(lines, bulletType="bullet", start="•", leftIndent=10)] if bullets else lines
    content_of = io.BytesIO()
    page = SimpleDocTemplate(
        content_of, pagesize=A4, title=" ".join(_lines(brief["title"])), invariant=True,
        **{f"{side}Margin": margin - 6 for side in ("left", "right", "top", "bottom")},
    )  # fmt: skip
    page.build([KeepInFrame(width, height, story, mode="shrink")])
    return content_of.getvalue()


def page(brief: Brief, template: Path | None) -> bytes:
    """A page of HTML from a template."""
    text: str = _opened(template, "html", lambda file: Path(file).read_text(encoding="utf-8"))
    _check_fields(_FIELD.findall(text), template or TEMPLATES)

    def shown(match: re.Match[str]) -> str:
        field = match[1]
        if field == "picture":
            drawn, words = _picture(brief, "svg")
            svg = drawn.decode("utf-8").partition("<svg")[2]
            return f'<svg role="img" aria-label="{html.escape(words)}"{svg}'
        if field == "title":
            return html.escape(" ".join(_lines(brief[field])))
        return fragment(brief[field])

    return _FIELD.sub(shown, text).encode("utf-8")


#: format -> what makes the bytes of a brief from a template
WRITERS: dict[str, Callable[[Brief, Path | None], bytes]] = {
    "docx": docx, "pdf": pdf, "pptx": pptx, "html": page,
}  # fmt: skip
