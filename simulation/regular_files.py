"""Read a bounded number of bytes of a regular file; write a file whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NotAFileError(OSError):
    """A folder, a pipe or a device stands where a file is expected; its text says which."""


def read_regular(file: Path, most: int) -> bytes:
    """The first bytes of a regular file.

    Args:
        file: The file.
        most: Bytes to read at most.

    Raises:
        NotAFileError: It is a folder, a pipe or a device, even one that took its place just now.
        OSError: It cannot be read.
        ValueError: No file can have this name.
    """
    # without O_NONBLOCK, opening a pipe waits for somebody who writes to it
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(file, flags)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket
            raise NotAFileError("not a file") from None
        if Path(file).is_dir():  # Windows opens no folder
            raise NotAFileError("a folder") from None
        raise
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise NotAFileError("a folder" if stat.S_ISDIR(mode) else "not a file")
        with open(descriptor, "rb", closefd=False) as handle:
            return handle.read(most)
    finally:
        os.close(descriptor)


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
