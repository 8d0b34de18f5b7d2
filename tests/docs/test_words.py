"""Pages and messages get neither longer nor harder to read: each has a budget of words of its own.

Lower a budget when a page gets shorter.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from simulation import __version__
from tests.docs.blocks import ROOT
from tests.docs.messages import messages
from tests.docs.words import (
    long_sentences,
    message_words,
    page_words,
    pages,
)  # fmt: skip

#: page -> everything that is written in it, commands, addresses, equations and tables too
WHOLE = {"README.md": 870, "docs/ODD.md": 8_500, "docs/validation.md": 8_000}
#: page -> words it may have, without the sections of levers
PAGE_WORDS = {
    "README.md": 775,
    "agreements.md": 400,
    "app.md": 975,
    "architecture.md": 2_050,
    "assumptions.md": 325,
    "assurance.md": 125,
    "backtest.md": 650,
    "changelog.md": 1_370,
    "cluster.md": 425,
    "compare.md": 1_270,
    "data.md": 600,
    "discover.md": 500,
    "doctor.md": 175,
    "estimate.md": 500,
    "experiments.md": 400,
    "first-what-if.md": 650,
    "fit.md": 700,
    "futures.md": 675,
    "glossary.md": 925,
    "index.md": 350,
    "install.md": 325,
    "interval.md": 700,
    "ledger.md": 275,
    "mesa.md": 525,
    "minister.md": 650,
    "model.md": 2_925,
    "monitor.md": 550,
    "must-not.md": 475,
    "own-data.md": 475,
    "python.md": 600,
    "reach.md": 525,
    "reference.md": 50,
    "results.md": 550,
    "roadmap.md": 275,
    "scenarios.md": 775,
    "sensitivity.md": 475,
    "sweep.md": 475,
    "trust.md": 425,
}
#: words that the section of one lever may have
LEVER_WORDS = 130
LONG_SENTENCES = 0
#: room of simulation/ -> words that its messages may have, without those of levers
MESSAGE_WORDS = {
    "simulation/answers": 200,
    "simulation/api": 200,
    "simulation/app": 1_870,
    "simulation/chain.py": 800,
    "simulation/cli.py": 305,
    "simulation/commands": 2_047,
    "simulation/corridor": 550,
    "simulation/crates": 525,
    "simulation/data": 1_425,
    "simulation/doctor": 350,
    "simulation/engine": 1_950,
    "simulation/studies": 339,
    "simulation/studies/agreements": 790,
    "simulation/studies/design": 154,
    "simulation/studies/discovery": 558,
    "simulation/studies/sweep": 556,
    "simulation/fitting": 212,
    "simulation/model": 300,
    "simulation/outcomes.py": 150,
    "simulation/parameters": 250,
    "simulation/report": 5_648,
    "simulation/scenario": 1_725,
    "simulation/estimates": 325,
    "simulation/timeseries": 150,
    "simulation/validation": 725,
    "simulation/wording": 1_740,
}
#: the same of a room that is not listed, and of the file of one lever
OTHER_MESSAGE_WORDS, LEVER_MESSAGE_WORDS = 100, 200
#: long sentences of all messages in simulation/
LONG_MESSAGES = 5


def test_the_readme_the_protocol_and_the_page_of_checks_are_short():
    texts = {name: (ROOT / name).read_text(encoding="utf-8").split() for name in WHOLE}
    counts = {name: sum(any(map(str.isalnum, word)) for word in of) for name, of in texts.items()}
    assert over_budget(counts, WHOLE.__getitem__) == []


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
    assert over_budget(counts, lambda name: PAGE_WORDS.get(name, LEVER_WORDS)) == []


def test_long_sentences_are_no_more_than_they_were():
    sentences = {name: long_sentences(text) for name, text in pages().items()}
    assert sum(map(len, sentences.values())) <= LONG_SENTENCES, sentences


# -- messages --------------------------------------------------------------------------------------


def test_no_room_has_more_words_in_messages_than_its_budget():
    def budget(name: str) -> int:
        is_lever = name.startswith("simulation/scenario/levers/")
        return LEVER_MESSAGE_WORDS if is_lever else MESSAGE_WORDS.get(name, OTHER_MESSAGE_WORDS)

    assert over_budget(message_words(), budget) == []


def test_long_sentences_of_messages_are_no_more_than_they_were():
    sentences = [f"{one.where}: {long}" for one in messages() for long in long_sentences(one.text)]
    assert len(sentences) <= LONG_MESSAGES, "\n".join(sentences)


# -- the change log and the glossary ---------------------------------------------------------------


def test_the_change_log_speaks_of_this_version():
    text = (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\S+) - (.+)$", text, re.MULTILINE)
    assert versions[0][0] == __version__
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_glossary_is_in_order_and_each_word_stands_once():
    sections = re.split(
        r"^## ", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), flags=re.MULTILINE
    )[1:]
    words = [re.findall(r"^\*\*(.+?)\*\*:", part, re.MULTILINE) for part in sections]
    assert words == [sorted(entries, key=str.lower) for entries in words]
    together = [word for entries in words for word in entries]
    assert len(together) == len(set(together)) > 50
