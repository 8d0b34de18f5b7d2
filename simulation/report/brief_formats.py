"""A brief as the bytes of a Word document, a presentation, a PDF or a page of HTML.

A template is a file in which `{{why}}` or another field stands alone in a paragraph of a document
or in a box of a slide, or anywhere in a text (Typst for a PDF, HTML). What stands in for a field
takes its look.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

from simulation.engine.result_folder import reason
from simulation.errors import InputError
from simulation.optional import optional_library
from simulation.regular_files import renamed
from simulation.report import blocks
from simulation.report.brief import FIELDS, LISTS, Brief, brief_of
from simulation.report.html import fragment
from simulation.report.picture import EXTRA, picture

TEMPLATES = Path(__file__).parent / "brief_templates"
_FIELD = re.compile(r"\{\{ *(\w+) *\}\}")
#: how a table of a document looks, where its template has this style
_TABLE_STYLE = "Table Grid"
#: what puts a field in its place in an opened template
Put = Callable[[Any], None]


def _library(module: str) -> Any:
    return optional_library(module, EXTRA, "--format")


def _refused(problem: str, template: Path, allowed: str) -> InputError:
    return InputError(problem, key="--template", value=str(template), allowed=allowed)


def _check_fields(names: Iterable[str], template: Path) -> None:
    """Refuse a template that lacks a field, or has one that is none."""
    present = {*names} - {""}
    problems = [("has no field", name) for name in FIELDS if name not in present]
    problems += [("has an unknown field", name) for name in sorted(present - {*FIELDS})]
    for problem, name in problems:
        allowed = ", ".join(f"{{{{{field}}}}}" for field in FIELDS)
        raise _refused(f"{problem} {{{{{name}}}}}", template, allowed)


def _opened(template: Path | None, suffix: str, open_file: Callable[[str], Any]) -> Any:
    """A template, or that of crossings, opened."""
    shipped = TEMPLATES / f"brief.{suffix}"
    file = template or shipped
    try:
        return open_file(str(file))
    except Exception as error:  # each library has its own errors for what is no such file
        raise _refused(f"cannot be read as {suffix}", file, f"such as {shipped}") from error


# -- a Word document, and slides -------------------------------------------------------------------


def _field(text: str) -> str:
    """The field that a text is; empty where it is none."""
    match = _FIELD.fullmatch(text.strip())
    return match[1] if match else ""


def _saved(
    opened: Any,
    places: Mapping[str, Any],
    template: Path | None,
    put: Mapping[str, Callable[[Any], None]],
) -> bytes:
    """The bytes of a document or slides with each field put in its place."""
    _check_fields(places, template or TEMPLATES)
    for field in FIELDS:
        put[field](places[field])
    content = io.BytesIO()
    opened.save(content)
    return content.getvalue()


def _fill(lines: Sequence[str], paragraph: Any) -> None:
    """Put texts in place of a paragraph of a document or a slide, in its look."""
    for run in paragraph.runs[1:]:
        run._r.getparent().remove(run._r)
    for text in reversed(lines[1:]):
        copy = type(paragraph)(deepcopy(paragraph._p), paragraph._parent)
        copy.runs[0].text = text
        paragraph._p.addnext(copy._p)
    paragraph.runs[0].text = lines[0]


def docx(brief: Brief, template: Path | None) -> bytes:
    """A document of Word from a template, whose styles and other content stay."""
    document = _opened(template, "docx", _library("docx").Document)
    content, rows = picture(brief.chart, "png"), brief.rows

    def put_picture(paragraph: Any) -> None:
        section, look = document.sections[0], paragraph.paragraph_format
        margins = section.left_margin, section.right_margin, look.left_indent, look.right_indent
        width = section.page_width - sum(margin or 0 for margin in margins)
        paragraph.clear()
        shape = paragraph.add_run().add_picture(io.BytesIO(content), width=width)
        shape._inline.docPr.set("descr", brief.words)

    def put_table(paragraph: Any) -> None:
        """A table before its caption, which takes the place of the field."""
        size = paragraph.runs[0].font.size or paragraph.style.font.size
        table = document.add_table(len(rows), len(rows[0]))
        if _TABLE_STYLE in (style.name for style in document.styles):
            table.style = _TABLE_STYLE
        for number, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
            for cell, text in zip(row.cells, texts, strict=True):
                run = cell.paragraphs[0].add_run(text)
                run.bold, run.font.size = number == 0, size
        paragraph._p.addprevious(table._tbl)
        _fill([brief.table.caption], paragraph)

    put: dict[str, Put] = {field: partial(_fill, lines) for field, lines in brief.texts.items()}
    places = {_field(paragraph.text): paragraph for paragraph in _paragraphs(document)}
    return _saved(document, places, template, put | {"picture": put_picture, "beside": put_table})


def _paragraphs(container: Any) -> Iterator[Any]:
    """All paragraphs of a document, those in its tables included."""
    yield from container.paragraphs
    for table in container.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from _paragraphs(cell)


def pptx(brief: Brief, template: Path | None) -> bytes:
    """A presentation from a template, whose slides, layouts and other content stay."""
    presentation = _opened(template, "pptx", _library("pptx").Presentation)
    content, rows = picture(brief.chart, "png"), brief.rows

    def put_picture(place: Any) -> None:
        """A picture as large as the box of the field holds, in its middle."""
        slide, box = place
        shape = slide.shapes.add_picture(io.BytesIO(content), box.left, box.top)
        share = min(box.width / shape.width, box.height / shape.height)
        shape.width, shape.height = int(shape.width * share), int(shape.height * share)
        shape.left = box.left + (box.width - shape.width) // 2
        shape._element.nvPicPr.cNvPr.set("descr", brief.words)
        box._element.getparent().remove(box._element)

    def put_table(place: Any) -> None:
        """A table as wide as the box; how to read it stands in the notes of the slide."""
        slide, box = place
        size = box.text_frame.paragraphs[0].runs[0].font.size
        where = box.left, box.top, box.width, box.height
        table = slide.shapes.add_table(len(rows), len(rows[0]), *where).table
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
                for paragraph in cell.text_frame.paragraphs:
                    paragraph.font.size = size
        slide.notes_slide.notes_text_frame.text = brief.table.caption
        box._element.getparent().remove(box._element)

    def put_text(lines: Sequence[str], place: Any) -> None:
        _fill(lines, place[1].text_frame.paragraphs[0])

    put: dict[str, Put] = {field: partial(put_text, lines) for field, lines in brief.texts.items()}
    places = {
        _field(shape.text_frame.text): (slide, shape)
        for slide in presentation.slides
        for shape in slide.shapes
        if shape.has_text_frame
    }
    put |= {"picture": put_picture, "beside": put_table}
    return _saved(presentation, places, template, put)


# -- PDF and HTML, whose templates are text --------------------------------------------------------


def _filled(template: Path | None, suffix: str, shown: Mapping[str, str]) -> str:
    """The text of a template with what is shown of each field."""
    text: str = _opened(template, suffix, lambda file: Path(file).read_text(encoding="utf-8"))
    _check_fields(_FIELD.findall(text), template or TEMPLATES)
    return _FIELD.sub(lambda match: shown[match[1]], text)


def pdf(brief: Brief, template: Path | None) -> bytes:
    """A page of A4 as PDF, typeset by Typst."""
    typst, matplotlib = _library("typst"), _library("matplotlib")
    shown = {}
    for field, lines in brief.texts.items():
        items = [_typst(line) for line in lines]
        listed = f"#list({', '.join(f'[{item}]' for item in items)})"
        shown[field] = listed if field in LISTS else "\n\n".join(items)
    cells = ", ".join(f"[{_typst(text)}]" for row in brief.rows for text in row)
    columns = f"(2fr, {'1fr, ' * (len(brief.rows[0]) - 1)})"
    caption = f"#text(size: 0.85em)[{_typst(brief.table.caption)}]"
    shown["beside"] = f"#table(columns: {columns}, {cells})\n{caption}"
    shown["picture"] = f"#image(bytes(sys.inputs.picture), alt: {_string(brief.words)})"
    text = _filled(template, "typ", shown)
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    inputs = {"picture": picture(brief.chart, "svg").decode("utf-8")}
    try:
        content: bytes = typst.compile(
            text.encode("utf-8"), sys_inputs=inputs, font_paths=[str(fonts)]
        )
    except typst.TypstError as error:
        problem = f"is no template of Typst ({error.message})"
        raise _refused(problem, template or TEMPLATES, f"such as {TEMPLATES}") from error
    return content


def _typst(text: str) -> str:
    """A text in Typst, where none of its characters is a command."""
    return " \\ ".join(f"#{_string(line)}" for line in text.split("\n"))


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def page(brief: Brief, template: Path | None) -> bytes:
    """A page of HTML."""
    svg = picture(brief.chart, "svg").decode("utf-8").partition("<svg")[2]
    shown = {
        field: fragment([blocks.Bullets(lines)] if field in LISTS else blocks.paragraphs(*lines))
        for field, lines in brief.texts.items()
    }
    shown |= {
        "title": html.escape(brief.texts["title"][0]),
        "picture": f'<svg role="img" aria-label="{html.escape(brief.words)}"{svg}',
        "beside": fragment([brief.table]),
    }
    return _filled(template, "html", shown).encode("utf-8")


#: format -> what makes the bytes of a brief from a template
WRITERS: dict[str, Callable[[Brief, Path | None], bytes]] = {
    "docx": docx, "pdf": pdf, "pptx": pptx, "html": page,
}  # fmt: skip


def brief_bytes(folder: Path, format: str, template: Path | None = None) -> bytes:
    """The first page of a comparison as the content of a file to take along.

    Args:
        folder: Of the comparison.
        format: A key of `WRITERS`.
        template: A file of that format with the fields; that of crossings when None.

    Raises:
        InputError: There is no finished comparison in the folder, its files have changed, the
            template lacks a field, or a library is not installed.
    """
    return WRITERS[format](brief_of(folder), template)


def write_brief(
    folder: Path, format: str, template: Path | None = None, output: Path | None = None
) -> Path:
    """Write the first page of a comparison as a file to take along.

    Args:
        folder: Of the comparison.
        format: A key of `WRITERS`.
        template: A file of that format with the fields; that of crossings when None.
        output: File to write; in the folder when None.

    Returns:
        The file written.

    Raises:
        InputError: There is no finished comparison in the folder, its files have changed, the
            template lacks a field, the file exists, or a library is not installed. Nothing is
            written.
    """
    file = folder / f"brief.{format}" if output is None else output
    if file.exists():
        problem = "exists already and is not overwritten"
        raise InputError(problem, file=file, allowed="another name: --output FILE")
    content = brief_bytes(folder, format, template)
    try:
        with renamed(file) as scrap:
            scrap.write_bytes(content)
    except OSError as error:
        raise InputError(f"cannot be written ({reason(error)})", file=file) from error
    return file
