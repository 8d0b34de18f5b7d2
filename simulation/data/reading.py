"""Figures read from one file, and its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

from simulation.data.workbook import MOST_BYTES
from simulation.errors import InputError
from simulation.regular_files import read_start

CHANNEL = "channel_monthly.csv"
PREVENTED = "prevented_monthly.csv"
FRONTEX = "frontex_monthly.csv"
YEARLY = "observed_yearly.csv"
ORIGINS = "arrivals_by_origin_yearly.csv"


class Key(NamedTuple):
    """Which figure: its table, its month ("2023-01") or year ("2023"), and its series."""

    table: str
    period: str
    series: str


@dataclass(frozen=True)
class FileReading:
    """The content of one file after reading.

    Attributes:
        file: The file.
        kind: Which file it is, in words.
        source: What the source of its figures is called in the tables.
        labels: Series to how far its figures can be trusted, one of the labels of vintages.
        figures: The figures; those that a file does not give are not in it.
        notes: What was left out, worked out or checked, in words.
        modified: The day on which a workbook says it was last saved; None if it does not say.
        whole: Whether the file holds every period there is, as published files do.
    """

    file: Path
    kind: str
    source: str
    labels: Mapping[str, str]
    figures: dict[Key, float]
    notes: tuple[str, ...] = ()
    modified: date | None = None
    whole: bool = True

    def last(self, table: str) -> str:
        """The last period for which it has a figure of a table; empty if it has none."""
        return max((key.period for key in self.figures if key.table == table), default="")

    @property
    def tables(self) -> list[str]:
        """The tables for which it has figures."""
        return sorted({key.table for key in self.figures})


def bytes_of(file: Path, allowed: str) -> bytes:
    """The bytes of a file that is not empty.

    Args:
        file: The file.
        allowed: Which files can be read, for messages.

    Raises:
        InputError: It cannot be read, is empty, or larger than the largest that is read.
    """
    refuse = partial(InputError, file=file, allowed=allowed)
    try:
        data = read_start(file, MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise refuse("file not found") from None
    except OSError as error:
        raise refuse(f"cannot be read ({error.strerror})") from None
    if not data.strip():
        raise refuse("an empty file")
    if len(data) > MOST_BYTES:
        most = f"at most {MOST_BYTES // 1_000_000} MB"
        raise InputError("too large for a table of figures", file=file, allowed=most)
    return data


def text_of(file: Path, data: bytes) -> str:
    """The text of a CSV file in UTF-8, lines ended by line feeds.

    Raises:
        InputError: It is no text in UTF-8, or a web page.
    """
    refuse = partial(InputError, file=file, allowed="a CSV file in UTF-8, or a workbook")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refuse("no text in UTF-8", key=f"line {line}") from None
    if "\0" in text or text.startswith("%PDF") or text.lstrip().startswith("<"):
        raise refuse("no table: a page, a picture or another kind of file")
    return text.replace("\r\n", "\n").replace("\r", "\n")
