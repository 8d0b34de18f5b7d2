"""The page about the model goes through the day as the code does."""

from __future__ import annotations

import re

from simulation.model import Crossings
from tests.docs.blocks import ROOT
from tests.runs import scenario_from

TEXT = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
WORDS = {
    6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve",
}  # fmt: skip


def test_the_day_has_the_steps_of_the_code(tmp_path):
    model = Crossings(scenario_from(tmp_path), rng=1, scale=0.02, days=1)
    steps = [process.__name__ for process in model.order_of_the_day]
    day = re.split(r"^## ", TEXT.partition("\n## A day, in order\n")[2], flags=re.MULTILINE)[0]
    headings = re.findall(r"^### (\d+)\. (.+)$", day, re.MULTILINE)
    titles = [title for _, title in headings]
    todo = (
        f"order_of_the_day in simulation/model.py has the {len(steps)} steps {', '.join(steps)}; "
        f"'A day, in order' in docs/model.md has the headings {', '.join(titles)}: give each step "
        "a numbered heading with its name in it, there and in the contents of the page, and say "
        "how many they are"
    )
    assert [int(number) for number, _ in headings] == [*range(1, len(steps) + 1)], todo
    for step, title in zip(steps, titles, strict=True):
        assert step in title.lower(), todo
    assert re.findall(r"list of the (\w+) steps below", day) == [WORDS[len(steps)]], todo
    assert re.findall(r"^  (\d+)\. \[(.+)\]", TEXT, re.MULTILINE) == headings, todo
