"""Margins: what a planner sets changes verdicts and no number; what is no margin is refused."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from simulation.cli import cli
from simulation.errors import InputError
from simulation.margins import read_margins, records
from simulation.outcomes import HEADLINE
from simulation.studies.options import UK_TOTAL
from simulation.studies.paired_effects import judged
from tests.made_effects import effects
from tests.refusals import nothing_written, refusal

FILE = """\
title = "With a margin"
extends = "outlook"
[[sharing]]
between = ["UK", "RS"]
level = "high"
from = 2027-04-01
[margin]
{line}
"""


def file_with(folder, line: str):
    path = folder / "mine.toml"
    path.write_text(FILE.format(line=line), encoding="utf-8")
    return path


def test_one_number_is_for_all_and_a_name_for_one():
    assert read_margins("5%") == dict.fromkeys(records(), 0.05)
    assert read_margins(f"{HEADLINE}=0.1,{UK_TOTAL}=2%") == {HEADLINE: 0.1, UK_TOTAL: 0.02}


@pytest.mark.parametrize("text", ["-1%", "51%", "0.6", "much", "channel_deaths=5%", "nan", "=5%"])
def test_what_is_no_margin_is_refused_with_what_is_allowed(text):
    with pytest.raises(InputError, match=r"^--margin = .*allowed: 0 to 0\.5"):
        read_margins(text)


@pytest.mark.parametrize("line", [f"{HEADLINE} = -0.1", f"{HEADLINE} = 5", "arrivals = 0.1"])
def test_a_scenario_with_no_margin_is_refused_by_file_and_line(tmp_path, line):
    path = file_with(tmp_path, line)
    with nothing_written(tmp_path):
        result = CliRunner().invoke(cli, ["compare", str(path), "--out", str(tmp_path / "out")])
    refusal(result, f"{path.name}:8: margin.{line.split(' ')[0]} = ", "allowed: ")


def test_every_effect_is_judged_by_the_margin_that_was_asked_for():
    one = effects({HEADLINE: -2.0, UK_TOTAL: -2.0}, half_width=1.0)
    assert (one.effect(HEADLINE).verdict, one.effect(UK_TOTAL).verdict) == ("small", "small")
    strict = judged(one, {HEADLINE: 0.01, UK_TOTAL: 0.02})
    assert (strict.effect(HEADLINE).verdict, strict.effect(UK_TOTAL).verdict) == ("fall", "fall")
    # no number changes, and no other outcome
    assert strict.effect(HEADLINE).interval == one.effect(HEADLINE).interval
    assert strict.outcomes["channel_boats"] == one.outcomes["channel_boats"]
