"""`crossings agreements` as a user meets it: the real model, a few authorities, some weeks."""

from __future__ import annotations

import json

import pytest

from tests.reading import page_of, summary_of, unwrapped

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
