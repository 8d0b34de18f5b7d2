"""Scenario files that would wear out who reads them: refused before they are read as TOML."""

from __future__ import annotations

import re

from simulation.errors import InputError

#: Of one file, and of a file and all it extends together. The longest shipped chain has 9 kB;
#: reading, checking and merging 1 MB takes about 2 s.
MAXIMUM_BYTES = 1_000_000
#: files of a chain of `extends`; the longest shipped one has three
MOST_FILES = 16
#: most parts of a dotted key; a scenario has two or three
_MOST_PARTS = 16
_MOST_LINES = 20_000
# all of it reads each letter once, whatever the file holds
_TEXTS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)'
    r"|'''(?:[^']|'(?!''))*+(?:'''|\Z)"
    r'|"(?:[^"\\\n]|\\.)*+(?:"|\n|\Z)'
    r"|'[^'\n]*+(?:'|\n|\Z)"
    r"|#[^\n]*+",
    re.DOTALL,
)
_DEEP = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{_MOST_PARTS}}}")


def check_effort(content: bytes, shown: str) -> None:
    """Refuse a file that would take the reader of TOML more time or memory than it deserves.

    Args:
        content: The file.
        shown: Its name in messages.

    Raises:
        InputError: It is made to do harm, or damaged so that it does.
    """
    if len(content) > MAXIMUM_BYTES:
        raise InputError("too large for a scenario", file=shown, allowed="1 MB")
    if content.count(b"\n") > _MOST_LINES:
        raise InputError(
            "too many lines for a scenario", file=shown, allowed=f"{_MOST_LINES:,} lines"
        )
    # the reader of TOML takes memory with the square of the parts of a key
    bare = _TEXTS.sub("x", content.decode("utf-8", "replace"))
    if _DEEP.search(bare):
        raise InputError(
            "a name of too many parts", file=shown, allowed=f"{_MOST_PARTS} parts at most"
        )


def check_chain(files: int, bytes_read: int, lines: int, shown: str) -> None:
    """Refuse a file that comes to too much with all it extends, before more of it is read.

    Args:
        files: Files read so far.
        bytes_read: Their bytes.
        lines: Their lines.
        shown: The name in messages of the file that was asked for.

    Raises:
        InputError: It is too much.
    """
    if files > MOST_FILES:
        raise InputError(
            "too many files extend each other", file=shown, allowed=f"at most {MOST_FILES} files"
        )
    if bytes_read > MAXIMUM_BYTES or lines > _MOST_LINES:
        raise InputError(
            "too large for a scenario, with all it extends",
            file=shown,
            allowed=f"1 MB and {_MOST_LINES:,} lines together",
        )


def check_whole(text: str, shown: str) -> None:
    """Refuse a scenario that, written out in full, could not be read again.

    Args:
        text: The scenario with all it inherits, as results keep it.
        shown: Its name in messages.

    Raises:
        InputError: It is too large.
    """
    if len(text.encode()) > MAXIMUM_BYTES or text.count("\n") > _MOST_LINES:
        raise InputError(
            "too large for a scenario, written out with all it inherits",
            file=shown,
            allowed=f"1 MB and {_MOST_LINES:,} lines",
        )
