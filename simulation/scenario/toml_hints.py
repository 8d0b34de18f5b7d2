"""The text of a scenario file: its encoding, slips that make it no TOML, and the line of a key."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import lru_cache
from typing import Any

from simulation.errors import InputError

#: letters of a line that are shown
_MOST_SHOWN = 60
_SAVE = "write it in a plain text editor such as Notepad, not in Word, and save it as UTF-8"
_CURLY = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02"
_NUMBER = "a number has a point, no comma, no space and no unit: write 0.5, or 75_000_000"
_DATE = "a date is written without quotes, as 2024-11-07, and is a day of the calendar"
#: what people write in a line that is no TOML, and what is right; the first that fits counts
_SLIPS = {
    rf"[{_CURLY}]": 'a curly quote; write straight quotes, as in "high"',
    r'"': 'a quote is missing; write one before and one behind the text, as in "high"',
    r"%": "a percentage; write 0.5 for 50%",
    r"[\u00a3\u20ac$]": "a sum of money is written { GBP = 75_000_000 } or { EUR = 75_000_000 }",
    r"\b\d{4}-\d\d\b(?![-\d])": 'a month has quotes, as in "2027-01"; a day has none: 2027-01-31',
    r"\d{1,4}[/.]\d{1,2}[/.]\d{1,4}\b|\d{4}\W\d{1,2}\W\d{1,2}|\d [A-Z][a-z]+ \d{4}": _DATE,
    r"\d[,' ]\s?\d|\d\.\d{3}\.|\d\s*(?:k|m|mn|bn|million|billion)\b": _NUMBER,
    r"(?i)[=,\[]\s*(?:yes|no|on|off|true|false)\b": "write true or false, in small letters",
    r"[=,\[{]\s*[^\W\d_][^\s=,\]}#]*\s*(?:[^=]*$)": 'a text has no quotes; write it as in "high"',
}
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')


def decode_text(content: bytes, shown: str) -> str:
    """The text of a file in UTF-8, with or without a byte order mark.

    Args:
        content: The whole file.
        shown: Its name in messages.

    Raises:
        InputError: It is in another encoding, no text, or empty.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:2]:
        problem = 'in UTF-16, not UTF-8 (Notepad calls it "Unicode"); save it again as UTF-8'
        raise InputError(problem, file=shown)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"not UTF-8 text; {_SAVE}", file=f"{shown}:{line}") from None
    if not text.strip():
        problem = "the file is empty; write a title, or begin with crossings scenario new"
        raise InputError(problem, file=shown)
    return text


def parse_toml(text: str, shown: str) -> dict[str, Any]:
    """Parse a TOML text.

    Args:
        text: The text.
        shown: Its name in messages.

    Raises:
        InputError: It is no TOML; with a hint for people who do not know it.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, lines = str(error), text.rstrip().split("\n")
    except (RecursionError, ValueError) as error:
        raise InputError(f"not valid TOML: {error}", file=shown) from error
    place = re.search(r" \(at line (\d+), column \d+\)$", message)
    number = min(int(place[1]), len(lines)) if place else len(lines)
    line = lines[number - 1].strip()
    if message.startswith("Cannot overwrite a value"):
        hint = "is written twice"
    elif "\\" in line:
        hint = "a backslash; write / between folders"
    else:
        # texts in quotes, and a remark at the end, are as they should be
        code = _STRING.sub("''", line).partition("#")[0]
        hints = (hint for slip, hint in _SLIPS.items() if re.search(slip, code))
        hint = next(hints, message.partition(" (at")[0].lower())
    start = line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]}..."
    raise InputError(f"not valid TOML: {start}: {hint}", file=f"{shown}:{number}")


def number_with_unit(text: str) -> str:
    """Convert a number with a unit, such as `75m` or `2.5 million`; keep other texts."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(k|m|bn|thousand|million|billion)", text.lower())
    if match is None:
        return text
    value = float(match[1]) * {"k": 1e3, "t": 1e3, "m": 1e6, "b": 1e9}[match[2][0]]
    return f"{value:_.0f}" if value >= 10_000 else f"{value:g}"


# -- the line of a key, which `tomllib` does not give ----------------------------------------------

_LONG_TEXT = re.compile(r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'', re.DOTALL)
_BEGINS = re.compile(r"""\s*(?:(\[\[?)\s*([^\[\]]+?)\s*\]|([\w."'-][\w."' -]*?)\s*=)""")


def line_of_key(text: str, key: str) -> int | None:
    """The line of a key, or of what it lies in; None if neither begins a line of a text.

    Args:
        text: Valid TOML.
        key: The key as messages name it: `sharing[0].level`.
    """
    lines, wanted = _lines(text), re.sub("[\"']", "", key)
    while wanted and wanted not in lines:
        wanted = re.sub(r"(?:\.|\[|^)[^.\[]*$", "", wanted)
    return lines.get(wanted)


@lru_cache(maxsize=2)
def _lines(text: str) -> dict[str, int]:
    """The line of each key and table of a text that begins a line."""
    lines: dict[str, int] = {}
    count: Counter[str] = Counter()
    table = ""
    code = _LONG_TEXT.sub(lambda match: "\n" * match[0].count("\n"), text)
    for number, line in enumerate(code.split("\n"), start=1):
        if (match := _BEGINS.match(line)) is None:
            continue
        bracket, header, key = match.groups()
        name = re.sub("[\"' ]", "", header or key)
        if not header:
            lines.setdefault(f"{table}.{name}".lstrip("."), number)
            continue
        first, _, rest = name.partition(".")
        if bracket == "[[" and not rest:
            count[name] += 1
        at = f"[{count[first] - 1}]" if count[first] else ""
        table = f"{first}{at}.{rest}".rstrip(".")
        lines.setdefault(first, number)
        lines.setdefault(table, number)
    return lines
