"""The line on which a key of a TOML text stands, which `tomllib` does not tell."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Generator, Iterator
from functools import lru_cache

from simulation.errors import dotted

#: texts and remarks, whose marks are not those of the file
TEXTS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+(?:"|\n|\Z)'
    r"|'[^'\n]*+(?:'|\n|\Z)"
    r"|#[^\n]*+",
    re.DOTALL,
)
_MARKS = re.compile(r"[\[\]{},=\n]")
_SPACE = re.compile(r"\s*")
_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]*)\]")

Location = tuple[int | str, ...]


def line_of_key(text: str, key: str) -> int | None:
    """The line of a key, or of the table in which it is missing; None if neither is in a text.

    Args:
        text: Valid TOML.
        key: The key as messages name it: `sharing[0].level`.
    """
    lines, wanted = _lines(text), _unquoted(key)
    while wanted and wanted not in lines:
        wanted = re.sub(r"(?:\.|\[|^)[^.\[]*$", "", wanted)
    return lines.get(wanted)


@lru_cache(maxsize=2)
def _lines(text: str) -> dict[str, int]:
    """The first line of each key and table of a text."""
    lines: dict[str, int] = {}
    for location, line in _keys(text):
        for depth in range(1, len(location) + 1):
            lines.setdefault(_unquoted(dotted(location[:depth])), line)
    return lines


def _unquoted(key: str) -> str:
    """A key without quotes: a parameter may be written `group.name` or `"group.name"`."""
    return key.replace('"', "")


def _keys(text: str) -> Iterator[tuple[Location, int]]:
    """Every table, key and entry of a list of a text, with its line, counted from 1."""
    text = text.replace("\r\n", "\n")
    code = TEXTS.sub(_blank, text)
    count: Counter[Location] = Counter()
    table: Location = ()
    at, line = 0, 1
    while at < len(code):
        end = code.find("\n", at)
        end = len(code) if end < 0 else end
        if header := _HEADER.match(code, at, end):
            table = _table(text[header.start(2) : header.end(2)], header[1] == "[[", count)
            yield table, line
        elif (equals := code.find("=", at, end)) >= 0:
            location = (*table, *_parts(text[at:equals]))
            yield location, line
            end = yield from _within_value(text, code, equals + 1, location, line)
            line += code.count("\n", equals, end)
        at, line = end + 1, line + 1


def _blank(match: re.Match[str]) -> str:
    """A remark as spaces, a text as other letters; both with their line breaks."""
    return re.sub(r"[^\n]", " " if match[0].startswith("#") else "_", match[0])


def _table(name: str, is_list: bool, count: Counter[Location]) -> Location:
    """Where a table stands, each list of tables in its name followed by its latest entry."""
    location: Location = ()
    parts = _parts(name)
    for number, part in enumerate(parts, start=1):
        location = (*location, part)
        if number == len(parts) and is_list:
            count[location] += 1
        if count[location]:
            location = (*location, count[location] - 1)
    return location


def _within_value(
    text: str, code: str, at: int, location: Location, line: int
) -> Generator[tuple[Location, int], None, int]:
    """The keys and entries of lists and tables in a value; returns where its last line ends."""
    # of each list or table that is open: where it stands, and where what is read in it stands
    stack: list[tuple[Location, Location]] = []
    for mark in _MARKS.finditer(code, at):
        here = stack[-1][1] if stack else location
        match mark[0]:
            case "\n" if not stack:
                return mark.start()
            case "\n":
                line += 1
            case "[":
                stack.append((here, (*here, 0)))
                yield (*here, 0), line + _lines_skipped(code, mark.end())
            case "{":
                stack.append((here, here))
            case "]" | "}" if stack:
                stack.pop()
            case "," if stack and isinstance(here[-1], int) and here[:-1] == stack[-1][0]:
                here = (*here[:-1], here[-1] + 1)
                stack[-1] = stack[-1][0], here
                yield here, line + _lines_skipped(code, mark.end())
            case "=" if stack:
                first = max(code.rfind(sign, 0, mark.start()) for sign in "{,\n") + 1
                parent = stack[-1][0]
                stack[-1] = parent, (*parent, *_parts(text[first : mark.start()]))
                yield stack[-1][1], line
    return len(code)


def _lines_skipped(code: str, at: int) -> int:
    """Line breaks before what comes next."""
    after = _SPACE.match(code, at)
    return after[0].count("\n") if after else 0


def _parts(name: str) -> tuple[str, ...]:
    """The parts of a dotted name, as it is written before `=` or in brackets."""
    parts: list[str] = []
    data: object = tomllib.loads(f"{name.strip()} = 0")
    while isinstance(data, dict):
        ((part, data),) = data.items()
        parts.append(part)
    return tuple(parts)
