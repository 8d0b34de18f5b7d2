"""JSON as it should not be: cut, spoilt, or of wrong types."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from simulation.safe_json import MOST_BYTES
from tests.trust.values import ODD_NUMBERS, anything, near_miss, spoilt

#: what replaces a value, as JSON text
ODD_VALUES = (
    "Infinity", "-Infinity", "NaN", "1e999", "-1", "0.5", "true", "null", '""', '"\\u001b[31m"',
    "[]", "{}", "[[", '"2023-13-01"', '"0001-01-01"',
)  # fmt: skip

#: files that hold nothing of use, each of another kind
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


def _places(content: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the values of some JSON lie."""
    keys: Any = ()
    if isinstance(content, dict):
        keys = content
    elif isinstance(content, list):
        keys = range(min(len(content), 5))
    return [at, *(place for key in keys for place in _places(content[key], (*at, key)))]


def changed_json(r: Random, good: bytes) -> bytes:
    """A good JSON file in which up to three values are not what belongs there."""
    content = json.loads(good)
    marks: dict[str, str] = {}
    for _ in range(1 + r.randrange(3)):
        places = _places(content)
        at = r.choice(places[1:] or places)
        if not at:
            break
        parent = content
        for key in at[:-1]:
            parent = parent[key]
        kind = r.randrange(6)
        if kind == 0 and isinstance(parent, dict):
            parent[near_miss(r, at[-1])] = parent.pop(at[-1])
        elif kind == 1:
            del parent[at[-1]]
        elif kind == 2:
            odd = r.choice(ODD_NUMBERS)
            parent[at[-1]] = odd if abs(odd) < 1e300 else 0
        elif kind == 3:
            value = anything(r)
            parent[at[-1]] = value if isinstance(value, (str, bool, list)) else str(value)[:50]
        else:
            mark = f"mark-{len(marks)}"
            marks[f'"{mark}"'] = r.choice(ODD_VALUES)
            parent[at[-1]] = mark
    text = json.dumps(content, default=str)
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text.encode()


def json_case(r: Random, good: bytes) -> tuple[str, bytes]:
    """The kind of a case, and the file."""
    (kind,) = r.choices(("values changed", "bytes flipped"), (75, 25))
    return kind, (changed_json if kind == "values changed" else spoilt)(r, good)
