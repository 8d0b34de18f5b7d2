"""The ledger: answers to the shipped questions, a line each, with what they were made with.

The file ends in `.jsonl`, which no hash of the package counts: another line changes no result.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulation.answers.moves import Move, move
from simulation.answers.provenance import Change, Provenance, changes
from simulation.answers.questions import Question
from simulation.engine.findings import Effect, Word
from simulation.engine.result_folder import reason
from simulation.errors import InputError
from simulation.regular_files import read_start, write_text
from simulation.safe_json import MOST_BYTES, check_json, parse_json
from simulation.statistics.finding import Count, Finding

FILE = Path(__file__).with_name("ledger.jsonl")


class Entry(Finding):
    """A line of the ledger.

    Attributes:
        line: Its number, from 1.
        added: The day on which it was added.
        why: Why the question was asked again, and why the answer moved.
        question: The question.
        made: What the answer was made with.
        effect: The answer.
    """

    line: Count
    added: Word
    why: str
    question: Question
    made: Provenance
    effect: Effect

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for two lines that hold the same answer."""
        provenance = self.made
        return (
            self.question.name, provenance.model, provenance.assumptions, provenance.ensemble,
            provenance.data, provenance.scale, provenance.seed, provenance.pairs,
        )  # fmt: skip


def read_ledger(file: Path | None = None) -> list[Entry]:
    """The lines of the ledger.

    Args:
        file: The ledger; that of the package when None.

    Raises:
        InputError: The file cannot be read, or a line is none of a ledger.
    """
    file = file or FILE
    try:
        content = read_start(file, MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({reason(error)})", file=file) from None
    entries = []
    for number, line in enumerate(content.splitlines(), start=1):
        place = Path(f"{file}:{number}")
        try:
            row = parse_json(line)
        except ValueError as error:
            raise InputError(f"is no line of the ledger ({error})", file=place) from None
        entries.append(Entry.model_validate(check_json(row, Entry, place)))
    return entries


def add_lines(entries: Sequence[Entry]) -> None:
    """Add lines at the end of the ledger, all of them or none.

    Raises:
        InputError: The ledger cannot be read or written.
    """
    n_lines = len(read_ledger(FILE))
    text = FILE.read_text(encoding="utf-8")
    for number, entry in enumerate(entries, start=n_lines + 1):
        content = entry.model_copy(update={"line": number}).model_dump(mode="json")
        text += json.dumps(content, ensure_ascii=False) + "\n"
    try:
        write_text(FILE, text)
    except OSError as error:
        raise InputError(f"cannot be written ({reason(error)})", file=FILE) from None


def before(entry: Entry, entries: Sequence[Entry]) -> Entry | None:
    """The line before that has the same question and the same kind of assumptions."""
    earlier = [
        one
        for one in entries
        if one.line < entry.line
        and one.question.name == entry.question.name
        and one.made.assumptions == entry.made.assumptions
    ]
    return max(earlier, key=lambda one: one.line, default=None)


def moved(entry: Entry, entries: Sequence[Entry]) -> tuple[Move, list[Change]] | None:
    """How an answer moved from the line before, and what differs; None for a first line."""
    earlier = before(entry, entries)
    if earlier is None:
        return None
    return move(earlier.effect, entry.effect), changes(earlier.made, entry.made)
