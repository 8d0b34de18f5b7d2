"""How many words pages and messages have, which sentences are long, and where house words are.

`python -m tests.docs.words` prints the numbers, `--messages` every long sentence of a message and
`--dialect` every house word in the code, each with its file and line.
"""

from __future__ import annotations

import argparse
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


def _print_pages() -> None:
    total = 0
    for name, text in pages().items():
        total += words(text)
        print(f"{words(text):6,} words  {len(long_sentences(text)):3} long sentences  {name}")
    print(f"{total:6,} words in all pages")


def _print_messages(*, each: bool) -> None:
    from tests.docs.messages import KINDS, messages

    found = messages()
    for kind in KINDS:
        texts = [one.text for one in found if one.kind == kind]
        long = sum(len(long_sentences(text)) for text in texts)
        print(f"{sum(map(words, texts)):6,} words  {long:3} long sentences  {kind} in simulation/")
    print(f"{sum(words(one.text) for one in found):6,} words in all messages")
    if each:
        for one in found:
            for sentence in long_sentences(one.text):
                print(f"{one.where}: {one.kind}, {words(sentence)} words: {sentence}")


def _print_dialect() -> None:
    from tests.docs.dialect import house_words

    found = house_words()
    for one in found:
        print(f"{one.where}: {one.kind} {one.name} -> {one.plainer}")
    print(f"{len(found):6,} house words in simulation/")


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.docs.words")
    parser.add_argument("--messages", action="store_true", help="list long sentences of messages")
    parser.add_argument("--dialect", action="store_true", help="list house words in the code")
    asked = parser.parse_args()
    if asked.dialect:
        _print_dialect()
        return
    if not asked.messages:
        _print_pages()
    _print_messages(each=asked.messages)


if __name__ == "__main__":
    main()
