"""Agreements on a stand-in for the model, in which it is known what each of them is worth."""

from __future__ import annotations

import re
import zlib

import numpy as np
import pyarrow.parquet as pq
import pytest

from simulation.corridor import load_corridor
from simulation.engine.options import Options
from simulation.report.blocks import Table
from simulation.report.experiment import write_experiment_report
from simulation.scenario import load_scenario
from simulation.statistics.paired import paired_differences
from simulation.studies.agreements.page import summary
from simulation.studies.agreements.words import announcement, correction, deadly, headline, left_out
from simulation.wording.differences import pairs_basis
from tests import synthetic
from tests.conducting import agreements
from tests.reading import csv_rows

#: share of arrivals each agreement saves; UK-BE does what UK-FR does already
WORTH = {"UK-FR": 0.20, "UK-BE": 0.15, "RS-HU": 0.08}
#: agreements that change something, and nothing on the whole
NOISE = ("UK-RS",)
#: read once, and not by each run
CORRIDOR = load_corridor()
SMALL = {
    "among": "UK,FR,BE,RS,HU", "replications": 4, "refine": 4, "refine_replications": 8,
    "yes": True,
}  # fmt: skip


def plain(scenario, **rest):
    """A run to which agreements are nothing."""
    return synthetic.simulate(scenario, **{**rest, "corridor": CORRIDOR})


def stand_in(scenario, *, seed, **rest):
    """A run in which arrivals, deaths and the mapped share answer to the agreements in force."""
    record = plain(scenario, seed=seed, **rest)
    signed = {"-".join(lever.between) for lever in scenario.sharing if lever.level == "high"}
    if "UK-FR" in signed:
        signed.discard("UK-BE")
    left = 1.0
    for key in sorted(signed & {*WORTH, *NOISE}):
        luck = np.random.default_rng([seed, zlib.crc32(key.encode())])
        left *= 1.0 - WORTH.get(key, 0.0) + 0.01 * luck.normal()
    if left != 1.0:
        record.daily["channel_arrivals"] = record.daily["channel_arrivals"] * left
        record.daily["channel_deaths"] = record.daily["channel_deaths"] + (1.0 - left)
        record.daily["mapped_share"] = record.daily["mapped_share"] + 0.1 * (1.0 - left)
    return record


def study(scenario, folder, simulate=stand_in, **change):
    options = Options(workers=2, out=folder)
    return agreements(scenario, options, simulate=simulate, **{**SMALL, **change})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agreements")
    (folder / "small.toml").write_text(synthetic.SCENARIO)
    return folder


@pytest.fixture(scope="module")
def findings(folder):
    return study(load_scenario(folder / "small.toml"), folder / "out").findings


@pytest.fixture
def pairs(findings):
    return {pair.key: pair for pair in findings.pairs}


# -- which agreement buys most ---------------------------------------------------------------------


def test_the_best_come_first_with_what_they_are_worth(findings, pairs):
    assert findings.ranking[:3] == ["UK-FR", "UK-BE", "RS-HU"]
    assert [pairs[key].rank for key in findings.ranking] == [1, 2, 3, None]
    for key, worth in WORTH.items():
        effect = pairs[key].refined["channel_arrivals"]
        # a seed without arrivals leaves the difference in people
        assert effect.mean_low < -worth * effect.baseline
        assert effect.detectable
        assert pairs[key].refined["channel_deaths"].mean_difference > 0
    assert not pairs["UK-RS"].refined["channel_arrivals"].detectable
    assert {pair.key for pair in findings.helping} == {*WORTH}


def test_refined_estimates_come_from_fresh_seeds_alone(findings, pairs, folder):
    seeds = findings.seeds_of
    assert not set(seeds.screening) & set(seeds.refined)
    rows = pq.read_table(folder / "out" / "runs.parquet").to_pylist()
    values = {
        (row["name"], row["seed"]): row["value"]
        for row in rows
        if row["period"] == "run" and row["outcome"] == "channel_arrivals"
    }
    base, other = (
        [values[name, seed] for seed in seeds.refined]
        for name in (findings.baseline, "UK and France")
    )
    wanted = paired_differences(base, other, comparisons=4)
    effect = pairs["UK-FR"].refined["channel_arrivals"]
    assert (effect.mean_low, effect.mean_high) == (float(wanted.low), float(wanted.high))
    single = paired_differences(base, other)
    assert effect.mean_high - effect.mean_low > 1.2 * float(single.high - single.low)


def test_intervals_of_the_screening_are_widened_for_all_pairs(findings):
    assert (findings.looks.screening, findings.looks.refined) == (10, 4)
    text = correction(findings)
    for part in ("10 agreements", "4 seeds", "Bonferroni", "winner's curse", "8 fresh seeds"):
        assert part in text


def test_an_agreement_that_changes_nothing_reaches_nobody(findings, pairs):
    silent = [key for key, pair in pairs.items() if pair.status == "reaches_nobody"]
    assert len(silent) == 10 - len(WORTH) - len(NOISE)
    assert not set(silent) & set(findings.ranking)
    (sentence,) = left_out(findings)
    assert "6 of 10 pairs have no effect" in sentence
    assert "FR-HU" in sentence or "HU-FR" in sentence


def test_the_tables_hold_every_pair(findings, folder):
    rows = csv_rows(folder / "out" / "agreements.csv")
    assert {row["agreement"] for row in rows} == {pair.key for pair in findings.pairs}
    assert {row["agreement"] for row in rows if row["stage"] == "refined"} == {*WORTH, *NOISE}


def test_by_another_outcome_the_ranking_is_another(small, tmp_path):
    best = study(small, tmp_path / "out", by="mapped_share").findings
    assert best.ranking[0] == "UK-FR"
    (table, *_) = (block for block in summary(best) if isinstance(block, Table))
    titles = [heading.title for heading in table.headings]
    assert titles[1:] == [
        "Known\nsmugglers", "By small\nboat", "Price of\na seat",
    ]  # fmt: skip
    worst = study(small, tmp_path / "deaths", by="channel_deaths").findings
    assert worst.ranking.index("UK-FR") == 3


# -- the page --------------------------------------------------------------------------------------


def test_agreements_that_raise_deaths_are_named(findings, folder):
    assert {pair.key for pair in findings.raising_deaths} == {*WORTH}
    text = deadly(findings)
    assert all(key in text for key in WORTH)
    page = write_experiment_report(folder / "out").read_text()
    assert text in page


def test_too_few_refined_pairs_judge_nothing_and_the_screening_is_not_meant(
    findings, small, tmp_path
):
    few = "pairs are too few to call any difference a rise or a fall"
    unclear = study(small, tmp_path / "few", refine_replications=7).findings
    assert f"7 {few}" in correction(unclear)
    assert unclear.verdict == "unclear"
    assert "Cannot tell: " in " ".join(headline(unclear))
    # screened with four, judged by eight
    assert len(findings.seeds_of.screening) == 4
    assert few not in correction(findings) + pairs_basis(findings, judged=False)


# -- nothing to see, no room, failures -------------------------------------------------------------


def test_when_nothing_is_detectable_it_says_so_and_what_would_settle_it(small, tmp_path):
    def faint(scenario, *, seed, **rest):
        record = plain(scenario, seed=seed, **rest)
        if scenario.sharing:
            luck = np.random.default_rng([seed, len(scenario.sharing)])
            record.daily["channel_arrivals"] *= 1.0 - 0.01 + 0.05 * luck.normal()
        return record

    findings = study(small, tmp_path / "out", faint, among="UK,FR,RS", refine=2).findings
    assert findings.verdict == "unclear"
    text = " ".join(headline(findings))
    assert "Cannot tell: " in text


def test_when_nobody_is_reached_it_says_so(small, tmp_path):
    findings = study(small, tmp_path / "out", among="DE,AT,CH").findings
    assert findings.verdict == "silent"
    assert re.match("None of .* has an effect on anyone in the model", headline(findings)[0])


def test_a_pair_at_high_has_no_room_and_is_not_run(scenario_file, tmp_path):
    with scenario_file.open("a") as file:
        file.write('[[sharing]]\nbetween = ["RS", "HU"]\nlevel = "full"\n')
    findings = study(load_scenario(scenario_file), tmp_path / "out").findings
    (pair,) = (pair for pair in findings.pairs if pair.status == "no_room")
    assert (pair.key, pair.before, pair.screening) == ("RS-HU", "full", None)
    assert "1 of 10 pairs" in left_out(findings)[0]
    assert findings.looks.screening == findings.tried == 9


def test_a_run_that_fails_costs_its_pair_only(small, tmp_path):
    def failing(scenario, *, seed, **rest):
        if any(lever.between == ("UK", "BE") for lever in scenario.sharing):
            raise ValueError("no boat")
        return stand_in(scenario, seed=seed, **rest)

    findings = study(small, tmp_path / "out", failing).findings
    status = {pair.key: pair.status for pair in findings.pairs}
    assert status["UK-BE"] == "failed"
    assert status["UK-FR"] == "raised"
    assert {failure.case for failure in findings.failed} == {"UK and Belgium"}
    assert "no boat" in findings.failed[0].error


def test_the_plan_is_what_is_run(small, tmp_path):
    def everybody_gains(scenario, *, seed, **rest):
        record = plain(scenario, seed=seed, **rest)
        for lever in scenario.sharing:
            share = zlib.crc32("".join(lever.between).encode()) / 2**36
            record.daily["channel_arrivals"] *= 0.99 - share
        return record

    plans = []
    change = {"refine": 5, "announce": plans.append}
    done = study(small, tmp_path / "out", everybody_gains, **change)
    (plan,) = plans
    assert plan.runs == done.ran
    assert plan.missing == plan.screening - 1
    assert plan.seconds > 0
    assert f"{plan.runs} in all" in announcement(plan)
