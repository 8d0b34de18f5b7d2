"""JSON files that hold nothing of use, each of another kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulation.errors import InputError
from simulation.safe_json import MOST_BYTES

USELESS = {
    "empty": b"",
    "cut off": b'{"run_id": ',
    "a list": b"[1, 2]",
    "a number": b"1",
    "UTF-16": '{"run_id": "x"}'.encode("utf-16"),
    "Latin-1": '{"run_id": "é"}'.encode("latin-1"),
    "zeros": b"\0" * 10_000,
    "large": b'"' + b"x" * MOST_BYTES + b'"',
}


def refused(read: Callable[[Path], object], file: Path, data: bytes) -> str:
    """The line with which a file that holds these bytes is refused."""
    file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read(file)
    line = str(caught.value)
    assert line.startswith(f"{file}: ")
    assert line.isprintable()
    return line
