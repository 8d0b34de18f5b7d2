"""Hints for people who do not know TOML: one line that says what to write instead.

Nothing here runs on a valid file. A correction of a line is suggested only if the parser gets
further with it.
"""

from __future__ import annotations

import re
import tomllib
from calendar import monthrange
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Literal, NamedTuple

from simulation.errors import InputError, dotted
from simulation.scenario.toml_lines import Location, line_of_key

Wanted = Literal["number", "date", "switch", "money", "line"]

#: letters of what was written that are shown, and of a line that is looked at
_MOST_SHOWN, _MOST_LINE = 60, 2_000
#: lines of one statement that are looked at
_MOST_ABOVE = 200
_PLAIN_TEXT = (
    "write the scenario in a text editor such as Notepad and save it as plain text in UTF-8"
)


# -- the file as a whole --------------------------------------------------------------------------


def refuse_non_text(content: bytes, shown: str) -> None:
    """Refuse a document, a web page or another file that is no plain text.

    Args:
        content: The file, or its beginning.
        shown: Its name in messages.

    Raises:
        InputError: It is one.
    """
    if (kind := _kind_of_file(content)) is not None:
        raise InputError(f"{kind}, not plain text; {_PLAIN_TEXT}", file=shown)


def decode_text(content: bytes, shown: str) -> str:
    """The text of a file in UTF-8, with or without a byte order mark.

    Args:
        content: The whole file.
        shown: Its name in messages.

    Raises:
        InputError: It is in another encoding, or empty.
    """
    refuse = partial(InputError, file=shown)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or _is_utf16(content):
        raise refuse(
            'in UTF-16, not UTF-8 (Notepad calls it "Unicode"); save it again with the encoding '
            "UTF-8"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _other_encoding(content, error.start, shown) from None
    if not text.strip():
        raise refuse(
            "the file is empty; write a title and what it extends, or begin with "
            "crossings scenario new"
        )
    return text


_SIGNATURES = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Word document (.doc) or another Office file",
    b"{\\rtf": "a Word document (.rtf)",
    b"%PDF": "a PDF",
}


def _kind_of_file(content: bytes) -> str | None:
    """The kind of a file that is not plain text, from its first bytes."""
    if content.startswith(b"PK\x03\x04"):
        names = content[:4_000]
        if b"word/" in content or b"opendocument.text" in names:
            return "a Word document (.docx or .odt)"
        spreadsheet = b"xl/" in content or b"opendocument.spreadsheet" in names
        return "a spreadsheet" if spreadsheet else "a zip archive"
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            return kind
    beginning = content[:1_000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if beginning.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "a web page or XML"
    return None


def _is_utf16(content: bytes) -> bool:
    """Whether every other byte is 0, as in English text in UTF-16 without its mark."""
    halves = content[:1_000:2], content[1:1_000:2]
    return len(content) >= 4 and any(
        not any(one) and all(other) for one, other in (halves, halves[::-1])
    )


def _other_encoding(content: bytes, start: int, shown: str) -> InputError:
    line = content.count(b"\n", 0, start) + 1
    begin = content.rfind(b"\n", 0, start) + 1
    words = content[max(begin, start - 30) : start + 30].decode("cp1252", "replace")
    at = min(start - begin, 30)
    word = "".join(re.findall(r"\S*$", words[:at]) + words[at:].split("\n")[0].split()[:1])
    return InputError(
        f"{_cut(word)} is not UTF-8 text, perhaps Windows-1252; save the file again with the "
        "encoding UTF-8",
        file=f"{shown}:{line}",
    )


# -- a file that is not TOML ----------------------------------------------------------------------


class _Correction(NamedTuple):
    """A correction of a value: what is wrong, what to write, and the corrected value."""

    reason: str
    write: str
    value: str


#: the hint on a line, and the corrected line
_Fix = tuple[str, str]


def syntax_hint(text: str, message: str, shown: str) -> InputError | None:
    """The hint on why a text is not TOML, or None if there is none.

    Args:
        text: The file.
        message: The error message of tomllib.
        shown: Its name in messages.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    place = _PLACE.search(message)
    if place:
        index = int(place[1]) - 1
    else:  # at the end of the document
        index = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].strip()), 0)
    if index >= len(lines) or len(lines[index]) > _MOST_LINE:
        return None
    line, above = lines[index], _above(lines, index)
    left = _left_to_read(above + line)
    for hint_text, fixed in _candidates(line, inside=bool(above)):
        if _left_to_read(above + fixed) < left:
            return InputError(hint_text, file=f"{shown}:{index + 1}")
    return None


_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)$")
#: how a statement begins: a key and what it is, or a table
_BEGINS = re.compile(r"""\s*(?:[\w"'][\w"'. -]*=|\[)""")


def _above(lines: list[str], index: int) -> str:
    """The lines of the statement that goes on in a line; empty if one begins there."""
    for first in range(index, max(-1, index - _MOST_ABOVE), -1):
        if _BEGINS.match(lines[first]):
            above = "".join(line + "\n" for line in lines[first:index])
            try:
                tomllib.loads(above)
            except ValueError:  # it is not at its end
                return above
            return ""
    return ""


def _left_to_read(statement: str) -> int:
    """Characters after the place where parsing fails; 0 if it does not fail or needs more lines."""
    try:
        tomllib.loads(statement)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        if place:
            rest = "\n".join(statement.split("\n")[int(place[1]) - 1 :])
            return max(1, len(rest) - int(place[2]) + 2)
        open_text = statement.count('"""') % 2 or statement.count("'''") % 2
        return 0 if open_text or re.search("array|inline|Invalid value", str(error)) else 1
    except (ValueError, RecursionError):
        return len(statement) + 1
    return 0


def _candidates(line: str, *, inside: bool) -> Iterator[_Fix]:
    """Possible corrections of a line, or of one `inside` a statement; the most likely first."""
    if "\\" in line:
        yield _backslashes(line)
    yield from _curly_quotes(line)
    # texts in quotes, and a remark at the end, are blanked out
    code = _STRING.sub(lambda match: '"' * len(match[0]), line).partition("#")[0]
    values = list(_values_in(code, inside=inside))
    for start, end in values:
        token = line[start:end]
        before = line[:start].strip()
        if _MONTH.fullmatch(token) and not re.fullmatch(r"(?!over\b)\w+\s*=", before):
            continue  # `over` has months: quotes are what is missing
        amount = re.fullmatch(r"amount\s*=", before)
        correction = (_as_money(token) if amount else None) or _corrected(token)
        if correction:
            hint_text = f"{_cut(token)} {correction.reason}; write {correction.write}"
            yield hint_text, line[:start] + correction.value + line[end:]
    yield from _missing_quotes(line, values)


def _corrected(token: str) -> _Correction | None:
    return _as_date(token) or _as_number(token) or _as_switch(token)


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')


def _values_in(code: str, *, inside: bool) -> Iterator[tuple[int, int]]:
    """Where values stand in a line that are not in quotes: from and to."""
    begin = 0 if inside else code.find("=") + 1
    if not inside and not begin:
        return
    if not inside and not re.match(r"\s*[\[{]", code[begin:]):
        value = code[begin:].strip()
        if value and '"' not in value:
            first = code.index(value, begin)
            yield first, first + len(value)
        return
    for piece in re.compile(r"[^\[\]{}=]+").finditer(code, begin):
        text = piece[0]
        if code[piece.end() : piece.end() + 1] == "=":  # what stands before it is a key
            text = re.sub(r",?[^,]*$", "", text)
        parts = [text] if _corrected(text) else text.split(",")
        start = piece.start()
        for part in parts:
            value = part.strip()
            if value and '"' not in value:
                first = start + part.index(value)
                yield first, first + len(value)
            start += len(part) + 1


def _backslashes(line: str) -> _Fix:
    texts = [match[0] for match in _STRING.finditer(line) if "\\" in match[0]]
    words = texts or re.findall(r"\S*\\\S*", line)
    right = re.sub(r"\\+", "/", words[0])
    hint_text = f"{_cut(words[0])} is written with backslashes; write {_cut(right)}"
    return hint_text, re.sub(r"\\+", "/", line)


_CURLY = {'"': "\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02\u2033", "'": "\u2018\u2019\u201a\u201b"}


def _curly_quotes(line: str) -> Iterator[_Fix]:
    for straight, marks in _CURLY.items():
        fixed = re.sub(f"[{marks}]", straight, line)
        if match := re.search(f'[{marks}"]([^{marks}"]+)[{marks}]|[{marks}]([^{marks}"]+)"', line):
            inner = match[1] or match[2]
            yield f'{_cut(match[0])} is in curly quotes; write "{_cut(inner)}"', fixed
        elif match := re.search(f"[{marks}]", line):
            yield f"{match[0]} is a curly quote; write {straight}", fixed


def _missing_quotes(line: str, values: list[tuple[int, int]]) -> Iterator[_Fix]:
    """A text of which both quotes, the one before or the one behind are missing."""
    words = [
        (start, end)
        for start, end in values
        if re.search(rf"^[^\W\d_]|[^\W\d_]{{2}}|^{_MONTH.pattern}$", line[start:end])
        and not re.fullmatch(r"true|false|[+-]?(?:inf|nan)|'.*", line[start:end])
    ]
    if words:
        fixed = line
        for start, end in reversed(words):
            fixed = f'{fixed[:start]}"{fixed[start:end]}"{fixed[end:]}'
        word = _cut(line[slice(*words[0])])
        yield f'{word} has no quotes; write "{word}"', fixed
    plain = r"[^\s\"'\[\]{},=#](?:[^\"'\[\]{},=#]*[^\s\"'\[\]{},=#])?"
    before, behind = r"(?<=[=\[,{])\s*", r"(?=\s*(?:[,\]}#]|$))"
    for pattern, where in (
        (f'{before}"({plain}){behind}', "closing"),
        (r'^[^="]*=\s*"([^"]*[^"\s])\s*$', "closing"),
        (f'{before}({plain})"{behind}', "opening"),
    ):
        if match := re.search(pattern, line):
            at, word = match.end(1) if where == "closing" else match.start(1), _cut(match[1])
            shown = f'"{word}' if where == "closing" else f'{word}"'
            fixed = f'{line[:at]}"{line[at:]}'
            yield f'{shown} has no {where} quote; write "{word}"', fixed


def backslash_hint(text: str, key: str, shown: str) -> InputError | None:
    """The error for a path whose backslashes stand for other letters, as in C:/new, or None.

    Args:
        text: The file.
        key: The key of the path, which stands in no table.
        shown: The file's name in messages.
    """
    written = re.compile(rf'\s*{key}\s*=\s*"[^"]*\\')
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if len(line) <= _MOST_LINE and written.match(line):
            return InputError(_backslashes(line)[0], file=f"{shown}:{number}")
    return None


# -- a value of another type ----------------------------------------------------------------------


def value_hint(value: object, wanted: Wanted | None) -> str | None:
    """The hint on a text where another type of value is expected, or None.

    Args:
        value: What is written there.
        wanted: What belongs there; `line` for a text of one line.
    """
    if wanted == "money" and (number := _without_currency(value)):
        return f"{number} has no currency; write {{ GBP = {number} }} or {{ EUR = {number} }}"
    if not isinstance(value, str) or len(value) > _MOST_LINE:
        return None
    if wanted == "line":
        if "\t" not in value or "\n" in value:
            return None
        return f'"{_cut(value)}" holds a tab; write a space in its place'
    readings = {"number": _as_number, "date": _as_date, "switch": _as_switch, "money": _as_money}
    correction = readings[wanted](value) if wanted in readings else None
    return f'"{_cut(value)}" is a text in quotes; write {correction.write}' if correction else None


def hint_at(
    text: str, location: Location, value: object, wanted: Wanted | None, file: object
) -> InputError | None:
    """The error with a hint on a value of the wrong type, or None.

    Args:
        text: The file; empty where there is none.
        location: Where the value lies in it.
        value: What is written there.
        wanted: What belongs there.
        file: The file's name in messages.
    """
    hint_text = value_hint(value, wanted)
    if hint_text is None:
        return None
    key = dotted(location)
    line = line_of_key(text, key) if text else None
    if line is None:
        return InputError(f"{key}: {hint_text}", file=file)
    return InputError(hint_text, file=f"{file}:{line}")


# -- numbers, dates, switches ---------------------------------------------------------------------

_UNITS = {
    "k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "mln": 10**6, "mio": 10**6,
    "million": 10**6, "millions": 10**6, "bn": 10**9, "billion": 10**9,
}  # fmt: skip
_CURRENCIES = {"£": "GBP", "gbp": "GBP", "€": "EUR", "eur": "EUR"}
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<before>£|€|\$|GBP|EUR|USD)?\s*"
    r"(?P<digits>\d[\d.,'_\u2019\s]*\d|\d)\s*"
    r"(?P<unit>[a-z]+)?\s*(?P<percent>%|percent|per cent)?\s*(?P<after>£|€|\$|GBP|EUR|USD)?",
    re.IGNORECASE,
)
#: above it a number is no sum of money
_MOST_MONEY = 1e15
_SPACED = re.compile(r"\d{1,3}(?:[\s'\u2019]\d{3})+(?:[.,]\d+)?")


def _as_number(token: str) -> _Correction | None:
    """A token corrected to a number; None if it is a number already, or cannot be one."""
    match = _NUMBER.fullmatch(token.strip()) if len(token) <= _MOST_SHOWN else None
    if match is None:
        return None
    digits, unit, percent = match["digits"], (match["unit"] or "").lower(), match["percent"]
    if unit in ("percent", "per"):
        unit, percent = "", unit
    marked = bool(unit or percent or _money(match))
    value = _value_of(digits)
    if (unit and unit not in _UNITS) or (_is_plain(digits) and not marked) or value is None:
        return None
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}", digits) and not marked:
        whole, part = digits.replace(",", ""), digits.replace(",", ".")
        return _Correction(
            "is written with a comma", f"{whole}, or {part} if it is a fraction", whole
        )
    value = value * _UNITS.get(unit, 1) / (100 if percent else 1)
    right = match["sign"] + _written(value)
    marks = {0: "marks between its digits", 1: "a comma"}.get(digits.count(","), "commas")
    reason = "is not a plain number" if marked else f"is written with {marks}"
    return _Correction("is a percentage" if percent else reason, right, right)


def number_with_unit(text: str) -> str:
    """Convert a number with a unit, such as `75m` or `2.5 million`; keep other texts."""
    correction = _as_number(text) if re.fullmatch(r"[\d.,]+\s*[A-Za-z]+", text) else None
    return text if correction is None else correction.value


def _money(match: re.Match[str]) -> str | None:
    return match["before"] or match["after"]


def _as_money(token: str) -> _Correction | None:
    """A token corrected to a sum of money with its currency; None if it cannot be one."""
    match = _NUMBER.fullmatch(token.strip()) if len(token) <= _MOST_SHOWN else None
    number = re.sub(r"£|€|\$|GBP|EUR|USD", "", token, flags=re.IGNORECASE).strip()
    currency = _CURRENCIES.get((_money(match) or "").lower()) if match else None
    if match is None or currency is None:
        return None
    correction = _as_number(number)
    right = f"{{ {currency} = {correction.value if correction else number} }}"
    return _Correction("is not how a sum of money is written", right, right)


def _without_currency(value: object) -> str | None:
    """A number where a sum of money belongs, as TOML has it; None for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _written(Decimal(str(value))) if abs(value) < _MOST_MONEY else None
    if not isinstance(value, str) or _as_money(value):
        return None
    correction = _as_number(value)
    return correction.value if correction else value if _is_plain(value) else None


def _is_plain(digits: str) -> bool:
    return re.fullmatch(r"\d+(?:\.\d+)?", digits) is not None


def _value_of(digits: str) -> Decimal | None:
    """The value of digits with marks between them; None if they can be read in no one way."""
    if _SPACED.fullmatch(digits):
        digits = re.sub(r"[\s'\u2019]", "", digits)
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+,\d+|[1-9]\d{0,2}(?:\.\d{3}){2,}", digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d+", digits):
        digits = digits.replace(",", ".")
    return Decimal(digits) if digits.isascii() and _is_plain(digits) else None


def _written(value: Decimal) -> str:
    """A number as TOML has it: whole from ten thousand on with _ between thousands."""
    if value == value.to_integral_value():
        return f"{int(value):_}" if value >= 10_000 else str(int(value))
    return f"{value:f}"


#: what an editor makes of a hyphen
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_MONTH = re.compile(r"\d{4}-\d\d", re.ASCII)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip


def _as_date(token: str) -> _Correction | None:
    """A token corrected to a date; None if it is a date already, or cannot be one."""
    text = " ".join(token.split())
    if len(text) > _MOST_SHOWN or not (days := _days_in(text)) or days[0].isoformat() == text:
        return None
    reason = "is not how a date is written here"
    if _MONTH.fullmatch(text):
        reason = "is a month and no day"
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        reason = "is no day of the calendar"
    either = ", or ".join(f"{day.isoformat()} for {day.day} {day:%B %Y}" for day in days)
    return _Correction(reason, either, days[0].isoformat())


def _days_in(text: str) -> list[date]:
    """The days that a text may mean: two where day and month may be swapped."""
    text = _DASHES.sub("-", text)
    word, parts = r"([A-Za-z]{3,9})\.?", list[tuple[Any, ...]]()
    if match := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text, re.ASCII):
        year, month, day = map(int, match.groups())
        if 1 <= month <= 12:  # 30 February is the last day of it
            parts = [(year, month, min(day, monthrange(year, month)[1]))]
        else:
            parts = [(year, day, month)]
    elif _MONTH.fullmatch(text):
        parts = [(*text.split("-"), 1)]
    elif match := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text, re.ASCII):
        parts = [match.group(3, 2, 1), match.group(3, 1, 2)]
    elif match := re.fullmatch(rf"(\d{{1,2}})(?:st|nd|rd|th)? {word},? (\d{{4}})", text, re.ASCII):
        parts = [(match[3], _month(match[2]), match[1])]
    elif match := re.fullmatch(rf"{word} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})", text, re.ASCII):
        parts = [(match[3], _month(match[1]), match[2])]
    days = []
    for part in parts:
        with suppress(ValueError):
            days.append(date(*map(int, part)))
    return list(dict.fromkeys(days))


def _month(word: str) -> int:
    matches = [n for n, name in enumerate(_MONTHS, start=1) if name.startswith(word.lower())]
    return matches[0] if matches else 0


_SWITCHES = {
    "true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false",
}  # fmt: skip


def _as_switch(token: str) -> _Correction | None:
    right = _SWITCHES.get(token.strip().lower())
    if right is None or token.strip() == right:
        return None
    return _Correction("is not how yes or no is written", right, right)


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 3] + "..."
