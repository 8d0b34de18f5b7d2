"""`crossings agreements` as a user meets it: the real model, a few authorities, some weeks."""

from __future__ import annotations

import json

import pytest

from tests.reading import page_of, summary_of, unwrapped
from tests.refusals import nothing_written, refusal

SHORT = """
title = "A summer"
extends = "no-sharing"
run = { start = 2023-07-01, end = 2023-08-10, warm_up_days = 40 }
"""
FEW = (
    "--among", "UK,FR,BE", "--replications", "2", "--refine", "2", "--refine-replications", "2",
    "--sets", "2", "--candidates", "2", "--scale", "0.02", "--assumptions", "records",
)  # fmt: skip


@pytest.fixture
def summer(tmp_path):
    (tmp_path / "summer.toml").write_text(SHORT)
    return "summer.toml"


def test_from_a_scenario_to_the_agreement_and_the_page(crossings, tmp_path, summer):
    result = crossings("agreements", summer, *FEW, "--out", "out", "--workers", "1")
    assert result.exit_code == 0, result.output
    assert "3 agreements to try: 8 runs to screen them, 6 to refine the best" in result.stderr
    text = unwrapped(result.stdout)
    for said in ("3 agreements", "Deaths", "Bonferroni", "Written to out"):
        assert said in text
    folder = tmp_path / "out"
    summary = summary_of(folder)
    assert [pair["key"] for pair in summary["pairs"]] == ["UK-BE", "UK-FR", "BE-FR"]
    assert {pair["status"] for pair in summary["pairs"]} <= {"raised", "reaches_nobody"}
    assert (folder / "agreements.csv").read_text().count("UK-FR,UK and France,none") >= 5
    page = page_of(folder)
    for section in ("matrix", "sureness", "limits", "provenance"):
        assert f'<section id="{section}">' in page
    assert "agreements-matrix-channel-deaths" in page
    if summary["best_set"]:
        assert crossings("scenario", "check", "out/best-set.toml").exit_code == 0
        assert "crossings compare summer.toml out/best-set.toml" in text
        assert "crossings compare summer.toml out/best-set.toml" in page
    quiet = crossings("agreements", summer, *FEW, "--out", "out", "--quiet", "--json")
    assert json.loads(quiet.stdout)["pairs"] == summary["pairs"]


MISTAKES = {
    "an authority that is none": (("--among", "UK,FRA"), '--among = "FRA"', 'did you mean "FR"?'),
    "an authority to be with": (("--with", "Serbia"), '--with = "Serbia"', "allowed: UK, EU"),
    "one authority": (("--among", "UK"), '--among = "UK"', "leaves no pair"),
    "an outcome that ranks nothing": (("--by", "deaths"), '--by = "deaths"', "channel_deaths"),
    "one seed": (("--replications", "1"), "--replications = 1", "2 to "),
    "fewer than none": (("--refine", "-1"), "--refine = -1", "allowed: 0 to 10000"),
    "one fresh seed": (("--refine-replications", "1"), "--refine-replications = 1", "2 to 10000"),
    "sets of fewer than none": (("--sets", "-1"), "--sets = -1", "allowed: 0 to 10000"),
    "fewer candidates than sets": (("--candidates", "1"), "--candidates = 1", "--sets"),
    "no people": (("--scale", "0"), "--scale = 0", "out of range"),
}


@pytest.mark.parametrize(("options", "where", "help_"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line_and_leaves_nothing(
    crossings, tmp_path, summer, options, where, help_
):
    with nothing_written(tmp_path):
        refusal(crossings("agreements", summer, *FEW, *options), where, help_)


def test_more_than_500_runs_need_a_yes(crossings, tmp_path, summer):
    with nothing_written(tmp_path):
        line = refusal(crossings("agreements", summer, "--scale", "0.02", "--days", "2"))
        assert "--yes: 2,352 runs for 231 agreements" in line


def test_no_pair_with_room_is_said(crossings, tmp_path):
    (tmp_path / "full.toml").write_text(SHORT.replace('"no-sharing"', '"full-sharing"'))
    refusal(
        crossings("agreements", "full.toml", *FEW),
        "no pair of authorities has room: all 3 share at high or above already",
    )
