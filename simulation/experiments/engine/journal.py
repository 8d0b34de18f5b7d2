"""Finished runs on disk, as they end: one file per process that writes, one line per run.

A line carries a checksum. A process that dies in the middle of one, or a disk that spoils one,
costs that run and no other.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from pydantic import ValidationError

from simulation.experiments.engine.stored_files import JournalEntry
from simulation.experiments.engine.worker_pool import FatalError
from simulation.safe_json import MOST_BYTES, parse_json

_PATTERN = "runs-*.jsonl"


class Spot(NamedTuple):
    """Where an entry lies: the name of its file, and the byte at which its line begins."""

    file: str
    offset: int


@dataclass(frozen=True)
class Damage:
    """Lines of a file that cannot be read.

    Attributes:
        file: Name of the file.
        lines: How many.
    """

    file: str
    lines: int


class JournalWriter:
    """Appends entries to a file of its own in a folder.

    Args:
        folder: Where the journal lies.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._owner = 0
        self._path = folder

    def write(self, entry: dict[str, Any]) -> Spot:
        """Append one entry; it is with the system before this returns.

        Raises:
            FatalError: The disk is full or the folder is gone.
        """
        try:
            # a forked process must not write into its parent's file
            if self._owner != os.getpid():
                self._begin()
            body = json.dumps(entry, separators=(",", ":")).encode()
            line = memoryview(b"%08x %s\n" % (zlib.crc32(body), body))
            with open(self._path, "ab", buffering=0) as file:
                offset = file.tell()
                while line:
                    line = line[file.write(line) :]
            return Spot(self._path.name, offset)
        except OSError as error:
            self._owner = 0  # whatever comes next must not be added to half a line
            raise FatalError(error.strerror or str(error)) from error

    def _begin(self) -> None:
        """Make a file of this process."""
        number = 1 + sum(1 for _ in self._folder.glob(_PATTERN))
        while True:
            path = self._folder / f"runs-{number:04d}.jsonl"
            try:
                path.touch(exist_ok=False)
            except FileExistsError:
                number += 1
            else:
                self._owner, self._path = os.getpid(), path
                return


def read_entry(folder: Path, spot: Spot) -> dict[str, Any]:
    """One entry.

    Raises:
        FatalError: It has been damaged since its place was noted.
    """
    with open(folder / spot.file, "rb") as file:
        file.seek(spot.offset)
        line = file.readline(MOST_BYTES)
    try:
        return _parsed(line)
    except ValueError as error:
        raise FatalError(f"{spot.file} has been damaged meanwhile") from error


def read_journal(folder: Path) -> Iterator[tuple[Spot, dict[str, Any]] | Damage]:
    """All entries of a folder, and after those of a file what could not be read in it."""
    for path in sorted(folder.glob(_PATTERN)):
        if not path.is_file():  # a pipe would be waited for
            yield Damage(path.name, 1)
            continue
        damaged = 0
        with open(path, "rb") as file:
            for offset, line in _lines(file):
                try:
                    entry = _parsed(line)
                except ValueError:
                    damaged += 1
                else:
                    yield Spot(path.name, offset), entry
        if damaged:
            yield Damage(path.name, damaged)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines of a file and where they begin; one longer than an entry may be is cut short."""
    offset = 0
    while line := file.readline(MOST_BYTES):
        yield offset, line
        while line and not line.endswith(b"\n"):
            offset += len(line)
            line = file.readline(MOST_BYTES)
        offset += len(line)


def _parsed(line: bytes) -> dict[str, Any]:
    checksum, _, body = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or int(checksum, 16) != zlib.crc32(body):
        raise ValueError("a damaged line")
    entry = parse_json(body, nan=True)
    if not isinstance(entry, dict):
        raise ValueError("not an entry")
    try:
        JournalEntry.model_validate(entry)
    except ValidationError as error:
        raise ValueError("not an entry") from error
    return entry
