"""Pages and messages get neither longer nor harder to read. Lower a bound when one gets shorter."""

from __future__ import annotations

import re
from collections import Counter

from simulation import __version__
from tests.docs.blocks import ROOT
from tests.docs.messages import messages, messages_of
from tests.docs.words import LONG, house_words, long_sentences, names_of, pages, sentences, words

#: everything that is written in README.md, commands and addresses too
README = 900
#: words and long sentences of all pages that are read through
WORDS = 22_000
LONG_SENTENCES = 0
#: words and long sentences of all messages in simulation/, and house words there
MESSAGE_WORDS = 20_700
LONG_MESSAGES = 5
HOUSE_WORDS = 15


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


# -- messages --------------------------------------------------------------------------------------

CODE = '''
"""Nothing of this docstring is ever shown to anybody."""
NAME = "three words only"
STYLE = "p { color: red; margin: 0 auto }"


@cli.command()
@click.option("--seed", help="The first seed of them." + EXTRA)
def run(seed: int) -> None:
    """Run a scenario some times."""
    if seed < 1:
        raise InputError(
            f"is below {least}, which no"
            " seed may be",
            allowed="a whole number that is positive" if seed else "from one on",
        )


def helper() -> str:
    """Not shown to anybody either."""
    return "A run of %s ends on %s." % (name, day)


class Wave(Timed):
    """More people set out.

    Why they do so.
    """

    section = "wave"
    size: int = Field(default=1, description="How large it is.")


class Model(Timed):
    """Shown to nobody at all."""
'''


def test_messages_are_read_from_the_syntax_tree():
    assert [(one.where, one.text) for one in messages_of(CODE, "a.py")] == [
        ("a.py:8", "The first seed of them.x"),
        ("a.py:10", "Run a scenario some times."),
        ("a.py:13", "is below x, which no seed may be"),
        ("a.py:15", "a whole number that is positive"),
        ("a.py:21", "A run of x ends on x."),
        ("a.py:25", "More people set out."),
        ("a.py:31", "How large it is."),
    ]


def test_messages_are_no_longer_than_they_were():
    counted = Counter[str]()
    for one in messages():
        room = "/".join(one.where.partition(":")[0].split("/")[:2])
        counted[room] += words(one.text)
    assert counted.total() <= MESSAGE_WORDS, counted


def test_long_sentences_of_messages_are_no_more_than_they_were():
    found = [f"{one.where}: {long}" for one in messages() for long in long_sentences(one.text)]
    assert len(found) <= LONG_MESSAGES, "\n".join(found)


# -- house words -----------------------------------------------------------------------------------


def test_house_words_are_names_and_phrases():
    code = "class Desk:\n    told: bool\n\n    def _hire(self): ...\n\n\ndef hire_many(): ...\n"
    found = names_of(code, "simulation/experiments/" + "crew.py")
    assert [(one.where[-1], one.kind, one.name) for one in found] == [
        ("1", "class", "Desk"),
        ("1", "module", "crew"),
        ("2", "field", "told"),
        ("4", "function", "_hire"),
    ]
    market = names_of(code, "simulation/processes/market.py")  # which does hire helpers
    assert [one.name for one in market] == ["Desk", "told"]


def test_house_words_are_no_more_than_they_were():
    assert len(house_words()) <= HOUSE_WORDS, "\n".join(map(str, house_words()))


# -- the change log and the glossary ---------------------------------------------------------------


def test_the_change_log_speaks_of_this_version():
    text = (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\S+) - (.+)$", text, re.MULTILINE)
    assert versions[0][0] == __version__
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_glossary_is_in_order_and_each_word_stands_once():
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    words = [re.findall(r"^\*\*(.+?)\*\*:", part, re.MULTILINE) for part in sections]
    for found in words:
        assert found == sorted(found, key=str.lower)
    together = [word for found in words for word in found]
    assert len(together) == len(set(together)) > 50
