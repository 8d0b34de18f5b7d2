"""How many words a page has, and which of its sentences are long: python -m tests.docs.words."""

from __future__ import annotations

import re

from tests.docs.blocks import ROOT

#: pages of reference, which are looked up and not read through
REFERENCE = frozenset({"ODD.md", "parameters.md", "validation.md"})
#: words of a sentence that a reader takes in at once
LONG = 25
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")


def sentences(text: str) -> list[str]:
    """The sentences of a page in Markdown, without code, tables, headings and addresses."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^\s*(\||#|!\[|<!--).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", "]", text).replace("[", "").replace("]", "")
    text = re.sub(r"`[^`]*`", "`x`", text)
    found = []
    for paragraph in re.split(r"\n\s*\n|\n\s*(?:[-*]|\d+\.)\s", text):
        text = re.sub(r"^\s*(?:[-*]|\d+\.)\s", "", paragraph)
        plain = " ".join(text.split()).replace("*", "")
        found += [one for one in re.split(r"(?<=[.!?:;])\s+", plain) if _WORD.search(one)]
    return found


def words(text: str) -> int:
    """How many words its sentences have; a number is none."""
    return sum(len(_WORD.findall(one)) for one in sentences(text))


def long_sentences(text: str) -> list[str]:
    """Its sentences of more than `LONG` words."""
    return [one for one in sentences(text) if len(_WORD.findall(one)) > LONG]


def pages() -> dict[str, str]:
    """Name -> text of every page that is read through."""
    files = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return {
        path.name: path.read_text(encoding="utf-8") for path in files if path.name not in REFERENCE
    }


def main() -> None:
    """Print words and long sentences of each page."""
    total = 0
    for name, text in pages().items():
        total += words(text)
        print(f"{words(text):6,} words  {len(long_sentences(text)):3} long sentences  {name}")
    print(f"{total:6,} words in all")


if __name__ == "__main__":
    main()
