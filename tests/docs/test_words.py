"""Pages grow neither longer nor harder to read. Lower a bound when a page gets shorter."""

from __future__ import annotations

from tests.docs.blocks import ROOT
from tests.docs.words import LONG, long_sentences, pages, sentences, words

#: everything that is written in README.md, commands and addresses too
README = 900
#: words and long sentences of all pages that are read through
WORDS = 21_400
LONG_SENTENCES = 0


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= README


def test_the_pages_are_no_longer_than_they_were():
    counted = {name: words(text) for name, text in pages().items()}
    assert sum(counted.values()) <= WORDS, counted


def test_long_sentences_are_no_more_than_they_were():
    found = {name: long_sentences(text) for name, text in pages().items()}
    assert sum(map(len, found.values())) <= LONG_SENTENCES, found


def test_what_is_counted():
    text = """# A heading of five words

Two words. [A link](https://example.org/of-many-words) has `code in it`; 12 more.

- One point.
- Another point:

```sh
crossings run baseline
```

| a | table |
"""
    assert sentences(text) == [
        "Two words.", "A link has `x`;", "12 more.", "One point.", "Another point:",
    ]  # fmt: skip
    assert words(text) == 2 + 4 + 1 + 2 + 2
    assert long_sentences(text) == []
    assert len(long_sentences(" ".join(["word"] * (LONG + 1)) + ".")) == 1
