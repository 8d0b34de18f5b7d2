"""Blocks as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from simulation.report.blocks import (
    Beside,
    Block,
    Bullets,
    Code,
    Emphasis,
    Facts,
    Figure,
    Folded,
    Heading,
    Link,
    Paragraph,
    Section,
    Table,
    Text,
    Verbatim,
)

_SPECIAL = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_[]<>|"})


def sections(parts: Sequence[Section], level: int = 2) -> str:
    """Sections with their headings, as Markdown that ends with a line break."""
    return "\n".join(f"{'#' * level} {part.title}\n\n{show(part.blocks, level)}" for part in parts)


def show(blocks: Sequence[Block], level: int = 2) -> str:
    """Blocks below each other, as Markdown; of a chart its heading and its note.

    Args:
        blocks: What to show.
        level: Of the heading they stand below.
    """
    return "\n".join(f"{_block(block, level)}\n" for block in blocks)


def _block(block: Block, level: int) -> str:
    match block:
        case Paragraph():
            return f"**{_text(block.text)}**" if block.role == "strong" else _text(block.text)
        case Bullets():
            return "\n".join(f"- {_text(item)}" for item in block.items)
        case Heading():
            return f"{'#' * (level + 1)} {_text(block.text)}"
        case Verbatim():
            return f"```text\n{block.text}\n```"
        case Facts():
            return "\n".join(f"- {_text(name)}: {_text(value)}" for name, value in block.items)
        case Figure():
            return f"**{_text(block.chart.title)}.** {_text(block.chart.note)}"
        case Table():
            return table(block)
        case Beside():
            return show(block.blocks, level)
        case Folded():
            return f"{_text(block.summary)}\n\n{show(block.blocks, level)}"


def table(block: Table) -> str:
    """A table, its caption before it."""
    heads = [" ".join(filter(None, (one.title, one.below))) for one in block.headings]
    ends = ["---", *("---" if one.words else "---:" for one in block.headings[1:])]
    rows = [
        [
            " ".join(filter(None, (row.label, row.below))),
            *(" ".join(filter(None, (cell.text, *cell.below))) for cell in row.values),
        ]
        for row in block.rows
    ]
    lines = [f"| {' | '.join(cells)} |" for cells in (map(_text, heads), ends)]
    lines += [f"| {' | '.join(map(_text, row))} |" for row in rows]
    before = f"{_text(block.caption)}\n\n" if block.caption else ""
    return before + "\n".join(lines)


def _text(text: Text) -> str:
    if isinstance(text, str):
        return text.translate(_SPECIAL).replace("\n", " ")
    return "".join(_part(part) for part in text)


def _part(part: str | Code | Emphasis | Link) -> str:
    match part:
        case str():
            return _text(part)
        case Code():
            return f"`{part.text}`"
        case Emphasis():
            return f"*{_text(part.text)}*"
        case Link():
            return f"[{_text(part.text)}]({part.address})"
