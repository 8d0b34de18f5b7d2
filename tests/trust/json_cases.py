"""JSON files that hold nothing of use, each of another kind."""

from __future__ import annotations

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
