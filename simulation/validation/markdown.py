"""Text that a user wrote, for a page of Markdown: it shows as it is and marks nothing up."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: what opens or closes markup within a line; letters on both sides of an underscore do not
_MARKUP = re.compile(r"[\\`*\[\]|]|(?<!\w)_|_(?!\w)|~(?=~)|(?<=~)~")
#: an ampersand that begins a character's name
_NAMED = re.compile(r"&(?=#?\w+;)")
_FENCE = re.compile(r"`+")


def escape(text: str) -> str:
    """A text that shows as it is in the middle of a line.

    An ordinary one stays the same. What opens a tag becomes a name, for a comment behind a
    backslash would still be found by whoever looks for marks in the page.
    """
    named = _NAMED.sub("&amp;", text).replace("<", "&lt;")
    return _MARKUP.sub(r"\\\g<0>", named)


def code(text: str) -> str:
    """A span of code, with a fence longer than any in it; line breaks become spaces."""
    line = " ".join(text.splitlines())
    longest = max((len(run) for run in _FENCE.findall(line)), default=0)
    fence = "`" * (longest + 1)
    # what a span begins and ends with is told from its fence by a space, which is not shown
    space = " " if line.startswith(("`", " ")) or line.endswith(("`", " ")) else ""
    return f"{fence}{space}{line}{space}{fence}"


def listing(words: Sequence[str]) -> str:
    """Words one after another, the last after an "and"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
