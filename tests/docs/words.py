"""How many words pages and messages have, and which sentences are long."""

from __future__ import annotations

import re
from collections import Counter

from simulation.scenario.levers.registry import LEVER_OF
from tests.docs.blocks import PAGES
from tests.docs.messages import messages

#: pages of reference, which are looked up and not read through
REFERENCE = frozenset({"ODD.md", "validation.md"})
#: the page with a section for each lever
LEVER_PAGE = "scenarios.md"
#: words of a sentence that a reader takes in at once
LONG = 25
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")


def sentences(text: str) -> list[str]:
    """The sentences of a page in Markdown, without code, tables, headings and addresses."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^\s*(\||#|!\[|<!--).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", "]", text).replace("[", "").replace("]", "")
    text = re.sub(r"`[^`]*`", "`x`", text)
    prose = []
    for paragraph in re.split(r"\n\s*\n|\n\s*(?:[-*]|\d+\.)\s", text):
        text = re.sub(r"^\s*(?:[-*]|\d+\.)\s", "", paragraph)
        prose += [
            one
            for one in re.split(r"(?<=[.!?:;])\s+", " ".join(text.split()).replace("*", ""))
            if _WORD.search(one)
        ]
    return prose


def words(text: str) -> int:
    """How many words its sentences have; a number is none."""
    return sum(len(_WORD.findall(one)) for one in sentences(text))


def long_sentences(text: str) -> list[str]:
    """Its sentences of more than `LONG` words."""
    return [one for one in sentences(text) if len(_WORD.findall(one)) > LONG]


def pages() -> dict[str, str]:
    """Name -> text of every page that is read through."""
    return {
        path.name: path.read_text(encoding="utf-8") for path in PAGES if path.name not in REFERENCE
    }


def page_words() -> dict[str, int]:
    """Words of each page that is read through, and of each section of a lever by itself.

    A lever gets its section from the registry, so that a new one does not lengthen the page. Such
    a section is named `scenarios.md: LEVER`.
    """
    counts: Counter[str] = Counter()
    for name, text in pages().items():
        for part in re.split(r"^(?=##+ )", text, flags=re.MULTILINE):
            heading = part.partition("\n")[0].removeprefix("### ")
            is_lever = name == LEVER_PAGE and heading in LEVER_OF
            counts[f"{name}: {heading}" if is_lever else name] += words(part)
    return counts


def message_words() -> dict[str, int]:
    """Words of the messages of each room of `simulation/`, of each study and of each lever."""
    counts: Counter[str] = Counter()
    for message in messages():
        file = message.where.partition(":")[0]
        parts = file.split("/")
        room = "/".join(parts[: 3 if parts[1] == "studies" and len(parts) > 3 else 2])
        is_lever = file.startswith("simulation/scenario/levers/")
        counts[file if is_lever else room] += words(message.text)
    return counts
