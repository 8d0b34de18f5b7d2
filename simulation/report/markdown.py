"""Blocks as Markdown. A text of a user shows as it is and marks nothing up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from simulation.regular_files import write_text
from simulation.report import blocks
from simulation.report.html import svg

#: what opens or closes markup within a line; letters on both sides of an underscore do not
_MARKUP = re.compile(r"[\\`*\[\]|]|(?<![^\W_])_|_(?![^\W_])|~(?=~)|(?<=~)~")
#: an ampersand that begins a character's name
_NAMED = re.compile(r"&(?=#?\w+;)")
_FENCE = re.compile(r"`+")


def save(folder: Path, parts: Sequence[blocks.Section], name: str) -> list[Path]:
    """Write sections as a text and their fan charts beside it; the files, the text first."""
    write_text(folder / name, sections(parts))
    return [folder / name, *write_fan_charts(folder, parts)]


def write_fan_charts(folder: Path, parts: Iterable[blocks.Section]) -> list[Path]:
    """Write the fan charts of sections as SVG, and return the files."""
    charts = [chart for part in parts for chart in _fan_charts(part.blocks)]
    for chart in charts:
        write_text(folder / chart.name, svg(chart))
    return [folder / chart.name for chart in charts]


def sections(parts: Sequence[blocks.Section], level: int = 2, images: str = "") -> str:
    """Sections with their headings, as Markdown that ends with a line break.

    Args:
        parts: The sections.
        level: Of their headings.
        images: What stands before the name of a picture in a link; empty or ending in a slash.
    """
    return "\n".join(
        f"{'#' * level} {part.title}\n\n{show(part.blocks, level, images)}" for part in parts
    )


def show(parts: Sequence[blocks.Block], level: int = 2, images: str = "") -> str:
    """Blocks below each other, as Markdown; of an interactive chart its heading and its note.

    Args:
        parts: What to show.
        level: Of the heading they stand below.
        images: What stands before the name of a picture in a link.
    """
    return "\n".join(f"{_block(block, level, images)}\n" for block in parts)


def escape(text: str) -> str:
    """A text that shows as it is in the middle of a line.

    An ordinary one stays the same. What opens a tag becomes a name, for a comment behind a
    backslash would still be found by whoever looks for marks in the page.
    """
    named = _NAMED.sub("&amp;", text).replace("<", "&lt;")
    return _MARKUP.sub(r"\\\g<0>", named)


def code(text: str) -> str:
    """A span of code, with a fence longer than any in it; line breaks become spaces."""
    line = " ".join(text.splitlines())
    longest = max((len(run) for run in _FENCE.findall(line)), default=0)
    fence = "`" * (longest + 1)
    # a space, which is not shown, separates the ends of a span from its fence
    space = " " if line.startswith(("`", " ")) or line.endswith(("`", " ")) else ""
    return f"{fence}{space}{line}{space}{fence}"


def table(block: blocks.Table) -> str:
    """A table, its caption before it."""
    headings = block.headings
    ends = ["---", *("---" if one.words else "---:" for one in headings[1:])]
    lines = [
        _line(_joined(one.title, one.below) for one in headings),
        f"|{'|'.join(ends)}|",
        *(
            _line(
                [
                    _joined(row.label, row.below, strong=row.role == "strong"),
                    *(_joined(cell.text, *cell.below, strong=cell.strong) for cell in row.values),
                ]
            )
            for row in block.rows
        ),
    ]
    return "\n".join([*([f"{_text(block.caption)}\n"] if block.caption else []), *lines])


def _line(cells: Iterable[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def _joined(first: blocks.Text, *below: str, strong: bool = False) -> str:
    """The text of a cell."""
    text = _text(first)
    return " ".join(filter(None, [f"**{text}**" if strong else text, *map(_text, below)]))


def _block(block: blocks.Block, level: int, images: str) -> str:
    match block:
        case blocks.Paragraph():
            return f"**{_text(block.text)}**" if block.role == "strong" else _text(block.text)
        case blocks.Bullets():
            return "\n".join(f"- {_text(item)}" for item in block.items)
        case blocks.Heading():
            return f"{'#' * (level + 1)} {_text(block.text)}"
        case blocks.Verbatim():
            return f"```text\n{block.text}\n```"
        case blocks.NamedValues():
            return "\n".join(f"- {_text(name)}: {_text(value)}" for name, value in block.items)
        case blocks.Figure():
            return f"**{_text(block.chart.title)}.** {_text(block.chart.note)}"
        case blocks.Tiles():
            return "\n".join(
                f"- {_text(one.label)}: {_text(one.value)} ({_text(one.below)})"
                for one in block.items
            )
        case blocks.FanChart():
            return f"![{_text(block.alt)}]({images}{block.name})"
        case blocks.Table():
            return table(block)
        case blocks.Beside():
            return show(block.blocks, level, images)
        case blocks.Folded():
            return f"{_text(block.summary)}\n\n{show(block.blocks, level, images)}"


def _fan_charts(parts: Sequence[blocks.Block]) -> Iterator[blocks.FanChart]:
    for block in parts:
        if isinstance(block, blocks.FanChart):
            yield block
        elif isinstance(block, blocks.Beside | blocks.Folded):
            yield from _fan_charts(block.blocks)


def _text(text: blocks.Text) -> str:
    return escape(text).replace("\n", " ") if isinstance(text, str) else "".join(map(_part, text))


def _part(part: str | blocks.Code | blocks.Emphasis | blocks.Link) -> str:
    match part:
        case str():
            return _text(part)
        case blocks.Code():
            return code(part.text)
        case blocks.Emphasis():
            return f"**{_text(part.text)}**" if part.strong else f"*{_text(part.text)}*"
        case blocks.Link():
            return f"[{_text(part.text)}]({part.address})"
