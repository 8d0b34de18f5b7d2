"""`crossings agreements` as a user meets it: the real model, a few authorities, some weeks."""

from __future__ import annotations

import json
import re
from datetime import date
from unittest import mock

import numpy as np
import pytest

import simulation
import simulation.model.corridor_model
from simulation.engine import trials
from simulation.engine.findings import Effect
from simulation.estimates.library import BASES
from simulation.outcomes import HEADLINE
from simulation.scenario.levels import level_number
from simulation.wording import quoting
from tests import synthetic
from tests.comparing import door
from tests.reading import csv_rows, page_of, summary_of, unwrapped

__all__ = ["door"]  # a fixture

SHORT = """
title = "A summer"
extends = "no-sharing"
run = { start = 2023-07-01, end = 2023-08-10, warm_up_days = 40 }
"""
FEW = (
    "--among", "UK,FR,BE", "--replications", "2", "--refine", "2", "--refine-replications", "2",
    "--scale", "0.02", "--assumptions", "records",
)  # fmt: skip


@pytest.fixture
def summer(tmp_path):
    (tmp_path / "summer.toml").write_text(SHORT)
    return "summer.toml"


@pytest.mark.slow
def test_from_a_scenario_to_the_agreement_and_the_page(crossings, tmp_path, summer):
    result = crossings("agreements", summer, *FEW, "--out", "out", "--workers", "1")
    assert result.exit_code == 0, result.output
    assert "3 agreements to try: 8 runs to screen them, 6 to refine the best" in result.stderr
    text = unwrapped(result.stdout)
    # two pairs have no interval, so there is no verdict
    for said in ("3 agreements", "too few pairs", "Written to out"):
        assert said in text
    folder = tmp_path / "out"
    summary = summary_of(folder)
    assert [pair["key"] for pair in summary["pairs"]] == ["UK-BE", "UK-FR", "BE-FR"]
    assert {pair["status"] for pair in summary["pairs"]} <= {"raised", "reaches_nobody"}
    assert (folder / "agreements.csv").read_text().count("UK-FR,UK and France,high,none") >= 5
    page = page_of(folder)
    for section in ("sureness", "limits", "provenance"):
        assert f'<section id="{section}">' in page
    quiet = crossings("agreements", summer, *FEW, "--out", "out", "--quiet", "--json")
    assert json.loads(quiet.stdout)["pairs"] == summary["pairs"]


NAMED = (
    # typed twice, both count
    "--between", "UK:FR,UK:WB6", "--between", "UK:FR+UK:BE", "--level", "medium,full", "--from",
    "2023-07-11", "--ramp-days", "10", "--refine-replications", "2", "--scale", "0.02",
    "--assumptions", "records",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.full
def test_named_agreements_and_groups_from_a_day_at_two_levels(crossings, tmp_path, summer):
    result = crossings("agreements", summer, *NAMED, "--out", "out", "--workers", "1")
    assert result.exit_code == 0, result.output
    assert "6 agreements to try, at most 14 runs" in result.stderr
    summary = summary_of(tmp_path / "out")
    assert [pair["key"] for pair in summary["pairs"]] == [
        f"{pairs}:{level}"
        for pairs in ("UK-FR", "UK-WB6", "UK-FR+UK-BE")
        for level in ("medium", "full")
    ]
    assert all(pair["screening"] is None for pair in summary["pairs"])
    assert summary["raised_from"] == "2023-07-11"
    page = page_of(tmp_path / "out")
    assert "from 11 July 2023, over 10 days" in page
    assert "screened" not in page


def answering(scenario, *, seed, **how):
    """A run in which the days after the start of an agreement answer to how deep it is."""
    record = synthetic.simulate(scenario, seed=seed, **how)
    luck = np.random.default_rng(seed)
    days = [scenario.run.start.toordinal() + n for n in range(len(record.daily["channel_boats"]))]
    for lever in scenario.sharing:
        if (lever.name or "").startswith("agreement-uk"):
            saved = 0.1 * level_number(lever.level) + 0.02 * luck.normal()
            after = np.array(days) >= lever.from_.toordinal()
            for name in ("channel_arrivals", "seat_price_eur"):
                record.daily[name] = record.daily[name] * (1.0 - saved * after)
    return record


EVERY = "UK-RS+UK-MK+UK-XK"
LEVELS = [f"{key}:{level}" for key in ("UK-RS", "UK-MK", "UK-XK", EVERY) for level in
          ("medium", "high")]  # fmt: skip


@pytest.mark.slow
def test_without_a_scenario_the_three_of_the_announcement_are_ranked(crossings, tmp_path):
    words = ("--refine-replications", "8", "--workers", "1", "--out", "out")
    with (
        mock.patch.object(simulation.model.corridor_model, "simulate", answering),
        mock.patch.object(trials, "LEAST_DAYS", 10_000),  # no days are shared, by the model itself
    ):
        result = crossings("agreements", *words)
    assert result.exit_code == 0, result.output
    summary = summary_of(tmp_path / "out")
    assert [pair["key"] for pair in summary["pairs"]] == LEVELS
    assert summary["raised_from"] == summary["start"] == "2027-01-01"
    assert summary["end"] == "2028-12-31"
    assert summary["ranking"][:2] == [f"{EVERY}:high", f"{EVERY}:medium"]


@pytest.mark.slow
def test_the_table_has_a_row_each_in_80_columns_and_ranges_in_place_of_means(
    crossings, tmp_path, summer
):
    words = ("--from", "2023-07-05", "--ramp-days", "0", "--workers", "1", "--out", "out",
             "--assumptions", "ranges")  # fmt: skip
    with mock.patch.object(simulation.model.corridor_model, "simulate", answering):
        result = crossings("agreements", summer, *words)
    assert result.exit_code == 0, result.output
    summary, lines = summary_of(tmp_path / "out"), result.stdout.splitlines()
    assert [pair["key"] for pair in summary["pairs"]] == LEVELS
    assert max(map(len, lines)) <= 80, result.stdout
    names = {pair["key"]: pair["name"] for pair in summary["pairs"]}
    tables = [text.splitlines() for text in result.stdout.split("Raised to medium or high")[1:]]
    for rank, key in enumerate(summary["ranking"], start=1):
        # a wide cell parts the table in two; behind it another one has the future paths
        start = f"{rank}. {names[key]} "
        row = "".join(next(one for one in table if one.startswith(start)) for table in tables)
        assert row.count(" to ") + row.count("same in all") == 2, "arrivals and price"
    best = summary["pairs"][-1]["refined"]["channel_arrivals"]
    assert best["verdict"] == "fall"
    assert best["mean_percent_low"] < best["mean_percent_high"] < 0.0
    assert "clear fall" in result.stdout
    (row,) = csv_rows(
        tmp_path / "out" / "agreements.csv", agreement="UK-RS:high", outcome="channel_arrivals"
    )
    assert row["level"] == "high"
    assert all(row[name] for name in ("mean_low", "mean_high", "median"))


# -- what is estimated before the first run --------------------------------------------------------


def before_the_first_run(door, *asked, scenario="outlook"):
    """What is printed of estimates, unwrapped, and of why there are none."""
    done = door(
        "--between", "UK:RS,UK:RS+UK:MK+UK:XK", "--level", "high,full", "--refine-replications", 2,
        *asked, command="agreements", scenarios=(scenario,),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return unwrapped(done.stderr.partition(" agreements to try")[0])


@pytest.mark.slow
def test_what_the_library_has_is_estimated_and_what_it_lacks_is_counted(door):
    asked = ("--from", "2027-01-01", "--ramp-days", 0, "--period", "2027..2028")
    text = before_the_first_run(door, *asked)
    estimate = simulation.estimate(
        simulation.Scenario.load("outlook").with_(
            "Full", sharing=[{"between": ["UK", "RS"], "level": "full", "from": date(2027, 1, 1)}]
        ),
        period="2027..2028",
    )
    entry = estimate.details["outcomes"][HEADLINE]["periods"]["2027..2028"]
    average = quoting.interval(HEADLINE, Effect.model_validate(entry))
    assert f"UK and Serbia (full) {average}" in re.sub(" +", " ", text)
    # what stands is better than high sharing in one thing, which an agreement would not take away
    assert "No estimate of 2 of 4: " in text
    assert "estimate" not in before_the_first_run(door, *asked), "nothing is run"


@pytest.mark.slow
def test_where_no_library_has_any_the_line_says_why(door):
    text = before_the_first_run(door, "--days", 40, scenario="baseline")
    assert "No estimate of 4 of 4: " in text
    assert all(base in text for base in BASES)
    # an agreement that has grown for half a year is none that begins at once
    text = before_the_first_run(door, "--from", "2027-01-01")
    assert "No estimate of 4 of 4: " in text
    assert not any(base in text for base in BASES)
