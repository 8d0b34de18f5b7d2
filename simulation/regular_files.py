"""Read a bounded number of bytes of a regular file, never of a pipe or a device."""

from __future__ import annotations

import errno
import os
import stat
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
