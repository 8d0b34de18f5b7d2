"""The comparison that pages quote is what its command prints."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.docs.blocks import ROOT
from tests.reading import unwrapped
from tests.refusals import succeeded

#: quote the ends of its range over worlds, and of that of its average
PAGES = ("README.md", "docs/interval.md", "docs/minister.md")


@pytest.mark.full
def test_a_quoted_comparison_is_what_its_command_prints(crossings):
    page = (ROOT / "docs/interval.md").read_text(encoding="utf-8")
    program, *words = shlex.split(re.findall(r"\(`(crossings compare .*?)`\)", page)[0])
    quoted = unwrapped(re.findall(r"(?:^> .*\n)+", page, re.MULTILINE)[0].replace("\n> ", " ")[2:])
    printed = " ".join(succeeded(crossings(*words, "--out", "quoted")).stdout.split())
    assert program == "crossings"
    for sentence in re.split(r"(?<=[^0-9]\.) ", quoted):
        assert sentence.strip().rstrip(".") in printed
    plausible, average = re.findall(r"([+-][\d.]+%) to ([+-][\d.]+%)", quoted)
    for name in PAGES:
        text = (ROOT / name).read_text(encoding="utf-8")
        for low, high in (plausible, average):
            assert re.search(rf"{re.escape(low)} (?:to|and) {re.escape(high)}", text), name
