"""Blocks on a terminal."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from simulation.report import blocks

#: blanks between columns, and the widths of the first column: on one line, and folded
_GAP, _FIRST, _FIRST_FOLDED = 2, 50, 29
_STYLES = {"strong": "bold", "warning": "yellow", "note": "dim"}


def show(parts: Sequence[blocks.Block], console: Console | None = None) -> None:
    """Print blocks: tables with a blank line around them, text below each other.

    Charts and what is folded on a page are left out. Without a console, standard output is used.
    """
    console = console or Console()
    apart = False
    for number, block in enumerate(parts):
        if isinstance(block, blocks.Paragraph) and blocks.plain(block.text):
            if apart or (number and block.role == "strong"):
                console.print()
            console.print(Text(blocks.plain(block.text), style=_STYLES.get(block.role, "")))
            apart = block.role == "strong"
        elif isinstance(block, blocks.Heading):
            console.print()
            console.print(Text(block.text, style="bold"))
            apart = False
        elif isinstance(block, blocks.Bullets):
            for item in block.items:
                console.print(Text(f"- {blocks.plain(item)}"))
            apart = True
        elif isinstance(block, blocks.Table):
            for part in _fitting(block, console.width):
                console.print()
                console.print(_table(part))
            apart = True
        elif isinstance(block, blocks.Verbatim):
            # a command that is wrapped cannot be copied
            console.print(Text(f"  {block.text}"), soft_wrap=True)
            apart = False
        elif isinstance(block, blocks.NamedValues):
            for name, value in block.items:
                console.print(Text(f"{name}: {value}"))
            apart = True


def as_text(parts: Sequence[blocks.Block]) -> str:
    """Blocks as they are printed, without colours, for standard error."""
    text = io.StringIO()
    show(parts, Console(file=text, width=Console(stderr=True).width))
    return text.getvalue().rstrip("\n")


def _table(block: blocks.Table) -> RichTable:
    headings = block.headings
    titled = any(one.title for one in headings)
    # one more blank than the padding stands between columns: the box's own
    table = RichTable(
        box=box.SIMPLE_HEAD if titled else None,
        show_header=titled,
        show_edge=False,
        padding=(0, _GAP - titled, 0, 0) if block.split else (0, 1),
        pad_edge=False,
        title=Text(block.title) if block.title else None,
        title_justify="left",
    )
    first, *others = headings
    table.add_column(Text(first.title), overflow="fold")
    for column in others:
        table.add_column(
            Text("\n".join(filter(None, (column.title, column.below)))),
            justify="left" if column.words else "right",
            no_wrap=not column.words,
        )
    for row in block.rows:
        cells = row.values
        faint = bool(cells) and all(cell.faint for cell in cells)
        label = Text(blocks.plain(row.label))
        if row.below:
            label.append(f"\n{row.below}", style="dim")
        table.add_row(label, *map(_cell, cells), style="dim" if faint else "")
    return table


def _cell(cell: blocks.Cell) -> Text:
    text = Text(blocks.plain(cell.text), style="dim" if cell.faint else "")
    for line in filter(None, cell.below):
        text.append(f"\n{line}", style="dim")
    return text


def _fitting(block: blocks.Table, width: int) -> list[blocks.Table]:
    """A table, or one that may be split as so many as its columns need to fit the width."""
    if not block.split:
        return [block]
    below = any(cell.below for row in block.rows for cell in row.values)
    room = width - (_FIRST_FOLDED if below else _FIRST)
    groups: list[list[int]] = []
    left = 0
    for number, column in enumerate(block.headings[1:]):
        cells = [row.values[number] for row in block.rows if row.cells]
        lines = [*column.title.split("\n"), column.below]
        lines += [line for cell in cells for line in (blocks.plain(cell.text), *cell.below)]
        needed = _GAP + max(map(len, lines))
        if needed > left or not groups:
            groups.append([])
            left = room
        groups[-1].append(number)
        left -= needed
    return [_columns(block, group) for group in groups]


def _columns(block: blocks.Table, numbers: Sequence[int]) -> blocks.Table:
    headings = block.headings
    return replace(
        block,
        columns=[headings[0], *(headings[1 + number] for number in numbers)],
        rows=[
            replace(row, cells=[row.values[number] for number in numbers] if row.cells else ())
            for row in block.rows
        ],
    )
