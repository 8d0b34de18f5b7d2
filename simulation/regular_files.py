"""Read a bounded number of bytes of a file; write a file whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def read_start(file: Path, most: int) -> bytes:
    """The first bytes of a file, `most` of them at most.

    Raises:
        OSError: It cannot be read.
        ValueError: No file can have this name.
    """
    with file.open("rb") as handle:
        return handle.read(most)


@contextmanager
def renamed(path: Path) -> Iterator[Path]:
    """A name to write to, which becomes `path` when all went well and vanishes otherwise."""
    scrap = path.with_name(f".scrap-{os.getpid()}-{path.name}")
    try:
        yield scrap
        os.replace(scrap, path)
    except BaseException:
        scrap.unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with renamed(path) as scrap:
        scrap.write_text(text, encoding="utf-8", newline="\n")
