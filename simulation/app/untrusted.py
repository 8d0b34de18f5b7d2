"""Scenario files from outside, which may be made to wear out the server that reads them."""

from __future__ import annotations

import re
from dataclasses import replace

from simulation.app.draft import SHOWN, Draft
from simulation.errors import InputError
from simulation.scenario.files import MAXIMUM_BYTES

#: most parts of a dotted key; a scenario has two or three
_MOST_PARTS = 16
#: most lines: each lever is checked against the others
_MOST_LINES = 5_000
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


def draft_from(content: bytes, shown: str) -> Draft:
    """The what-if in a scenario file that somebody has sent.

    Args:
        content: The file.
        shown: Its name in messages.

    Raises:
        InputError: It is no scenario, extends what is not shipped, or is made to do harm.
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
    return replace(Draft.of_file(content, shown), shown=SHOWN)
