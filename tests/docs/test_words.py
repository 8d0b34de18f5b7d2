"""Pages and messages get neither longer nor harder to read: each has a budget of words of its own.

Lower a budget when a page gets shorter.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from simulation import __version__
from tests.docs import words as counting
from tests.docs.blocks import ROOT
from tests.docs.messages import messages, messages_of
from tests.docs.words import (
    LONG,
    house_words,
    long_sentences,
    message_words,
    names_of,
    page_words,
    pages,
    sentences,
    words,
)  # fmt: skip

#: page -> everything that is written in it, commands, addresses and equations too
WHOLE = {"README.md": 900, "docs/ODD.md": 9_000}
#: page -> words it may have, without the sections of levers
PAGE_WORDS = {
    "README.md": 775,
    "agreements.md": 425,
    "app.md": 950,
    "architecture.md": 2_050,
    "assumptions.md": 325,
    "backtest.md": 650,
    "changelog.md": 1_230,
    "cluster.md": 525,
    "compare.md": 1_095,
    "data.md": 600,
    "discover.md": 500,
    "doctor.md": 200,
    "estimate.md": 500,
    "experiments.md": 450,
    "first-what-if.md": 650,
    "fit.md": 700,
    "futures.md": 675,
    "glossary.md": 925,
    "index.md": 350,
    "install.md": 225,
    "interval.md": 700,
    "ledger.md": 350,
    "mesa.md": 525,
    "minister.md": 650,
    "model.md": 2_925,
    "monitor.md": 550,
    "must-not.md": 475,
    "own-data.md": 475,
    "python.md": 600,
    "results.md": 900,
    "scenarios.md": 775,
    "sensitivity.md": 475,
    "sweep.md": 475,
    "trust.md": 825,
}
#: words that the section of one lever may have
LEVER_WORDS = 130
LONG_SENTENCES = 0
#: room of simulation/ -> words that its messages may have, without those of levers
MESSAGE_WORDS = {
    "simulation/answers": 200,
    "simulation/api": 175,
    "simulation/app": 1_825,
    "simulation/chain.py": 800,
    "simulation/cli.py": 225,
    "simulation/commands": 1_775,
    "simulation/corridor": 550,
    "simulation/data": 1_425,
    "simulation/doctor": 350,
    "simulation/experiments": 2_250,
    "simulation/fitting": 200,
    "simulation/outcomes.py": 150,
    "simulation/parameters": 250,
    "simulation/report": 6_200,
    "simulation/scenario": 1_725,
    "simulation/surrogate": 180,
    "simulation/timeseries": 150,
    "simulation/validation": 725,
    "simulation/wording": 2_675,
}
#: the same of a room that is not listed, and of the file of one lever
OTHER_MESSAGE_WORDS, LEVER_MESSAGE_WORDS = 100, 200
#: long sentences of all messages in simulation/, and house words there
LONG_MESSAGES = 5
HOUSE_WORDS = 14


def test_the_readme_and_the_protocol_are_short():
    counts = {name: len((ROOT / name).read_text(encoding="utf-8").split()) for name in WHOLE}
    over = over_budget(counts, WHOLE.__getitem__)
    assert not over, "\n".join(over)


def over_budget(counts: dict[str, int], budget_of: Callable[[str], int]) -> list[str]:
    """What has more words than its budget, in a sentence each."""
    return [
        f"{name} has {count:,} words, {count - budget:,} more than its budget of {budget:,}: "
        "shorten it, or raise its budget in tests/docs/test_words.py"
        for name, count in counts.items()
        if count > (budget := budget_of(name))
    ]


def test_no_page_has_more_words_than_its_budget():
    counts = page_words()
    unknown = {name for name in counts if ": " not in name} - set(PAGE_WORDS)
    assert not unknown, f"a new page needs a budget in PAGE_WORDS: {unknown}"
    over = over_budget(counts, lambda name: PAGE_WORDS.get(name, LEVER_WORDS))
    assert not over, "\n".join(over)


def test_a_new_lever_does_not_lengthen_the_page_of_levers(monkeypatch):
    page = "## Levers\n\nTwo words.\n\n### sharing\n\nThree more words.\n\n## After\n\nOne.\n"
    monkeypatch.setattr(counting, "pages", lambda: {"scenarios.md": page, "app.md": "### sharing"})
    assert page_words() == {"scenarios.md": 3, "scenarios.md: sharing": 3, "app.md": 0}


def test_what_is_over_its_budget_is_named_with_by_how_much():
    (said,) = over_budget({"a.md": 10, "b.md": 12}, {"a.md": 10, "b.md": 10}.get)
    assert said.startswith("b.md has 12 words, 2 more than its budget of 10")


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


def test_no_room_has_more_words_in_messages_than_its_budget():
    def budget(name: str) -> int:
        is_lever = name.startswith("simulation/scenario/levers/")
        return LEVER_MESSAGE_WORDS if is_lever else MESSAGE_WORDS.get(name, OTHER_MESSAGE_WORDS)

    over = over_budget(message_words(), budget)
    assert not over, "\n".join(over)


def test_long_sentences_of_messages_are_no_more_than_they_were():
    found = [f"{one.where}: {long}" for one in messages() for long in long_sentences(one.text)]
    assert len(found) <= LONG_MESSAGES, "\n".join(found)


# -- house words -----------------------------------------------------------------------------------


def test_house_words_are_names_and_phrases():
    code = "class Desk:\n    sure: bool\n\n    def _hire(self): ...\n\n\ndef hire_many(): ...\n"
    found = names_of(code, "simulation/experiments/" + "crew.py")
    assert [(one.where[-1], one.kind, one.name) for one in found] == [
        ("1", "class", "Desk"),
        ("1", "module", "crew"),
        ("2", "field", "sure"),
        ("4", "function", "_hire"),
    ]
    market = names_of(code, "simulation/processes/market.py")  # which does hire helpers
    assert [one.name for one in market] == ["Desk", "sure"]


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
