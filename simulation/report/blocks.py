"""What a page is made of: text, tables and charts, as data that three renderers show.

`simulation.report.html` shows blocks as a page, `simulation.report.terminal` on a terminal, and
`simulation.report.markdown` as Markdown. No block holds markup: a renderer escapes all text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from simulation.report.drawing import Chart

#: a stressed word, a word that is stressed more, and a name
_MARKED = re.compile(r"\*\*(.+?)\*\*|\*(.+?)\*|`(.+?)`")


@dataclass(frozen=True)
class Code:
    """A name or a command within a sentence."""

    text: str


@dataclass(frozen=True)
class Emphasis:
    """Words that are stressed; `strong` ones more."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Link:
    """A link to another page, its address relative to this one."""

    text: str
    address: str


#: how a paragraph stands out
Role = Literal["", "strong", "note", "warning"]
#: a sentence, or its parts
Text = str | tuple[str | Code | Emphasis | Link, ...]


def plain(text: Text) -> str:
    """A text without its markings."""
    if isinstance(text, str):
        return text
    return "".join(part if isinstance(part, str) else part.text for part in text)


def marked(text: str) -> tuple[str | Code | Emphasis | Link, ...]:
    """The parts of a text of ours in which *stress*, **more of it** and `names` are marked."""
    parts: list[str | Code | Emphasis | Link] = []
    end = 0
    for match in _MARKED.finditer(text):
        strong, word, name = match.groups()
        parts.append(text[end : match.start()])
        parts.append(Code(name) if name else Emphasis(strong or word, strong=bool(strong)))
        end = match.end()
    return tuple(filter(None, [*parts, text[end:]]))


@dataclass(frozen=True)
class Paragraph:
    """Text that stands by itself.

    Attributes:
        text: The text; a line break is shown as one.
        role: `strong` for a result, `note` beside a chart, `warning` for what must not be missed.
    """

    text: Text
    role: Role = ""


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: Sequence[Text]


@dataclass(frozen=True)
class Heading:
    """A heading within a section; `key` is its identifier."""

    text: str
    key: str = ""


@dataclass(frozen=True)
class Verbatim:
    """A command or the text of a file."""

    text: str


@dataclass(frozen=True)
class NamedValues:
    """Names, each with what it stands for."""

    items: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Figure:
    """A chart with its heading, its note and its data."""

    chart: Chart


class Tile(NamedTuple):
    """A figure that stands out.

    Attributes:
        label: What it is.
        value: The figure, in words.
        below: What is said of it.
    """

    label: str
    value: str
    below: str


@dataclass(frozen=True)
class Tiles:
    """Figures that stand out, beside each other."""

    items: Sequence[Tile]


@dataclass(frozen=True)
class FanChart:
    """A fan chart, which is a picture of its own: a page of text can hold it.

    Attributes:
        name: Name of its file, where it has one.
        alt: What stands for it where it is not shown.
        title: Heading.
        unit: Unit of the values; `share` is drawn in percent.
        kind: `count`, `ratio` or `share`.
        months: Names of all months shown.
        first: Where among them the forecast begins.
        seen: What was observed in each of them.
        bands: Probability ("0.05") to the quantile in each month from there on.
        naive: The point forecast it is compared with, in each forecast month.
        naive_name: What a reader calls that.
        bands_name: What a reader calls the quantity of the bands.
    """

    name: str
    alt: str
    title: str
    unit: str
    kind: str
    months: Sequence[str]
    first: int
    seen: Sequence[float | None]
    bands: Mapping[str, Sequence[float | None]]
    naive: Sequence[float | None] = ()
    naive_name: str = ""
    bands_name: str = "forecast"

    @property
    def factor(self) -> float:
        """The factor by which values are multiplied on the axis."""
        return 100.0 if self.kind == "share" else 1.0

    @property
    def axis(self) -> str:
        """The title over the axis."""
        if self.kind == "count":
            return f"{self.unit} a month"
        return "% by month" if self.kind == "share" else f"{self.unit}, by month"


@dataclass(frozen=True)
class Cell:
    """A value in a table.

    Attributes:
        text: The value.
        below: Lines below it, smaller.
        strong: Whether a page shows it bold, as a clear effect.
        faint: Whether a terminal dims it, as an effect that is not clear.
    """

    text: Text
    below: Sequence[str] = ()
    strong: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, what stands below that, and whether it holds words."""

    title: str
    below: str = ""
    words: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        label: Its heading.
        cells: One for each column but the first; a plain text is a cell of that text.
        below: What stands below the heading.
        role: `strong` or `first` for one to look at first, `group` for a heading of rows.
        faint: Whether its plain texts are cells that a terminal dims.
    """

    label: Text
    cells: Sequence[Cell | Text] = ()
    below: str = ""
    role: Literal["", "strong", "first", "group"] = ""
    faint: bool = False

    @property
    def values(self) -> list[Cell]:
        """Its cells."""
        return [
            cell if isinstance(cell, Cell) else Cell(cell, faint=self.faint) for cell in self.cells
        ]


@dataclass(frozen=True)
class Table:
    """A table; the first column holds the headings of rows.

    Attributes:
        columns: The columns, the first included.
        rows: The rows.
        caption: What to read in it.
        title: What stands above it.
        style: `compared` or `chain` for one with much text in its cells.
        split: Whether columns that do not fit on a terminal go into further tables below.
    """

    columns: Sequence[Column | str]
    rows: Sequence[Row]
    caption: str = ""
    title: str = ""
    style: Literal["", "compared", "chain"] = ""
    split: bool = False

    @property
    def headings(self) -> list[Column]:
        """Its columns."""
        return [Column(one) if isinstance(one, str) else one for one in self.columns]


@dataclass(frozen=True)
class Beside:
    """Charts beside each other where there is room."""

    blocks: Sequence[Block]


@dataclass(frozen=True)
class Folded:
    """Blocks that are hidden until a reader opens their summary; `drawn` opens them on paper."""

    summary: str
    blocks: Sequence[Block]
    drawn: bool = False


Block = (
    Paragraph | Bullets | Heading | Verbatim | NamedValues | Figure | FanChart | Tiles | Table
    | Beside | Folded
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes:
        key: Identifies it on its page.
        title: Its heading.
        blocks: What it holds.
        short: Its result in a few sentences, for the first page of a long text.
        folded: Whether a page shows its title alone until a reader opens it, on paper too.
    """

    key: str
    title: str
    blocks: Sequence[Block]
    short: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        title: Its heading.
        kind: What is reported.
        headline: The result in lines.
        support: How well it is known and where it differs, in lines below it.
        sections: Its parts.
        description: What was asked, in the words of a scenario file.
        basis: What the numbers are made of.
        details: What can be opened below the basis.
        warnings: What a reader must not miss.
        notes: What was to be known before the runs.
        name: What it is called where pages are listed; its heading when empty.
        first: What stands right below the heading.
    """

    title: str
    kind: str
    headline: Sequence[str]
    sections: Sequence[Section]
    description: str = ""
    support: Sequence[str] = ()
    basis: Text = ""
    details: Sequence[Block] = ()
    warnings: Sequence[Text] = ()
    notes: Sequence[str] = ()
    name: str = ""
    first: Sequence[Block] = ()


def word_column(title: str) -> Column:
    """A column that holds words."""
    return Column(title, words=True)


def figures(charts: Sequence[Chart]) -> list[Block]:
    """Charts below each other."""
    return [Figure(chart) for chart in charts]


def chart_section(key: str, title: str, *charts: Chart) -> Section:
    """A section of charts below each other."""
    return Section(key, title, figures(charts))


def paragraphs(*texts: Text, role: Role = "") -> list[Block]:
    """Texts below each other, without those that are empty."""
    return [Paragraph(text, role) for text in texts if text]
