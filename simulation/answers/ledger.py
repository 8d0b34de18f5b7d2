"""The ledger: answers to the shipped questions, a line each, with what they were made with.

A line holds JSON and a digest of it, so that an edit by hand is noticed. The file ends in `.jsonl`,
which no hash of the package counts: another line changes no result.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from simulation.answers.moves import Move, move
from simulation.answers.provenance import Change, Provenance, changes
from simulation.answers.questions import Question
from simulation.engine.findings import Effect, Word
from simulation.engine.result_folder import json_checksum, reason
from simulation.errors import InputError
from simulation.regular_files import read_start, write_text
from simulation.safe_json import MOST_BYTES, check_json, parse_json
from simulation.statistics.finding import Count, Finding

FILE = Path(__file__).with_name("ledger.jsonl")
#: key of a line that holds the digest of all its other keys
_DIGEST = "digest"
_AS_ADDED = "the lines as crossings results ledger add wrote them; git checkout brings them back"


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
        InputError: A line was edited, moved or removed, or the file cannot be read.
    """
    file = file or FILE
    try:
        content = read_start(file, MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read ({reason(error)})", file=file) from None
    return [
        _read_line(line, number, Path(f"{file}:{number}"))
        for number, line in enumerate(content.splitlines(), start=1)
    ]


def _read_line(line: bytes, number: int, place: Path) -> Entry:
    refuse = partial(InputError, file=place, allowed=_AS_ADDED)
    try:
        content = parse_json(line)
    except ValueError as error:
        raise refuse(f"is no line of the ledger ({error})") from None
    if not isinstance(content, dict) or not isinstance(content.get(_DIGEST), str):
        raise refuse("is no line of the ledger", key=_DIGEST)
    written = content.pop(_DIGEST)
    if written != json_checksum(content):
        raise refuse("was changed after it was added", key=_DIGEST, value=written)
    entry = Entry.model_validate(check_json(content, Entry, place))
    if entry.line != number:
        raise refuse("a line before it was added or removed by hand", key="line", value=entry.line)
    return entry


def add_lines(entries: Sequence[Entry]) -> None:
    """Add lines at the end of the ledger, all of them or none.

    Raises:
        InputError: The ledger was edited by hand, or cannot be read or written.
    """
    n_lines = len(read_ledger(FILE))
    text = FILE.read_text(encoding="utf-8")
    for number, entry in enumerate(entries, start=n_lines + 1):
        content = entry.model_copy(update={"line": number}).model_dump(mode="json")
        text += json.dumps({**content, _DIGEST: json_checksum(content)}, ensure_ascii=False) + "\n"
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


def bases(entries: Sequence[Entry], fits: int = 3) -> list[str]:
    """The bases of answers shown side by side: the ranges, then the newest fits, the newest last.

    Args:
        entries: The ledger.
        fits: Most fits.
    """
    newest: dict[str, int] = {}
    for entry in entries:
        if entry.made.ensemble is not None:
            newest[entry.made.basis] = entry.line
    fitted = sorted(newest, key=lambda basis: newest[basis])[-fits:]
    drawn = [one.made.basis for one in entries if one.made.assumptions == "ranges"]
    return [*drawn[:1], *fitted]


def newest(entries: Sequence[Entry], question: str, basis: str) -> Entry | None:
    """The newest answer to a question from some assumptions."""
    of = [one for one in entries if (one.question.name, one.made.basis) == (question, basis)]
    return max(of, key=lambda one: one.line, default=None)
