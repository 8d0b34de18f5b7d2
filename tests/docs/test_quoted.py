"""The estimate that pages quote is what its command prints."""

from __future__ import annotations

import re
import shlex

from tests.docs.blocks import ROOT
from tests.reading import unwrapped
from tests.refusals import succeeded

#: quotes the command, then its sentences
PAGE = "docs/interval.md"
#: quotes the ranges of the same estimate; the README quotes that of small boats
MINISTER = "docs/minister.md"


def test_a_quoted_estimate_is_what_its_command_prints(crossings):
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    program, *words = shlex.split(re.findall(r"`(crossings estimate .*?)` says", page)[0])
    assert program == "crossings"
    quoted = unwrapped(re.findall(r"(?:^> .*\n)+", page, re.MULTILINE)[0].replace("\n> ", " ")[2:])
    printed = unwrapped(succeeded(crossings(*words)).stdout)
    sentences = re.split(r"(?<=[^0-9]\.) ", quoted)
    assert len(sentences) == 3
    for sentence in sentences:
        assert sentence in printed
    minister = unwrapped((ROOT / MINISTER).read_text(encoding="utf-8").replace("\n> ", " "))
    ranges = re.findall(r"[\d.]+% to [\d.]+% fewer|between [\d.]+% fewer and [\d.]+% more", quoted)
    assert len(ranges) == 2
    assert ranges[1] in unwrapped((ROOT / "README.md").read_text(encoding="utf-8"))
    for one in (*ranges, *re.findall(r"-\d+% to \+\d+%", quoted)):
        assert one in minister
