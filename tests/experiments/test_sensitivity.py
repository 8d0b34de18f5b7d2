"""Indices of functions whose indices are known, and of a stand-in for the model."""

from __future__ import annotations

import csv
import io
import json
import re

import numpy as np
import pytest
from rich.console import Console
from scipy import stats

from simulation.commands.assumption_tables import print_sensitivity
from simulation.errors import InputError
from simulation.experiments import sensitivity_wording as wording
from simulation.experiments.design_points import free_records
from simulation.experiments.experiment import Options
from simulation.experiments.noise import chance_variance, replications_needed
from simulation.experiments.sensitivity import Plan, sensitivity
from simulation.experiments.sensitivity_indices import (
    STEP,
    morris_design,
    screen,
    shares,
    sobol_design,
    survivors,
)
from simulation.report import write_experiment_report
from simulation.scenario import load_scenario
from tests.experiments.answering import BASE, FIRST, FOURTH, OTHER, SECOND, THIRD, Answering

NAMES = [f"group.record_{number}" for number in range(12)]


def screened(values, noise=1e-9, trajectories=10):
    return screen(NAMES, morris_design(NAMES, trajectories, 1), values, noise, 8, 1)


def test_screening_finds_what_matters_and_nothing_else():
    units = morris_design(NAMES, 10, 1)
    found = screened(3.0 * units[:, 4] + units[:, 7] * units[:, 4])
    assert survivors(found, 6) == [4, 7]
    assert list(np.flatnonzero(found.told)) == [4, 7]
    # linear in record 4 up to the other's share; the other one's effect is that of record 4
    assert found.mu[4] == pytest.approx(3.5 * STEP, abs=0.4 * STEP)
    assert found.sigma[7] > 0.1 * STEP
    assert found.left_out == 0


def test_an_effect_is_what_one_step_does():
    units = morris_design(NAMES, 10, 1)
    found = screened(300.0 * units[:, 4] - 150.0 * units[:, 7])
    # two thirds of 300, whichever way the trajectory went
    assert found.mu[[4, 7]] == pytest.approx([200.0, -100.0])
    assert found.mu_star[[4, 7]] == pytest.approx([200.0, 100.0])
    assert found.sigma[[4, 7]] == pytest.approx([0.0, 0.0], abs=1e-9)


def test_spread_and_half_width_are_of_one_step_too():
    units = morris_design(NAMES, 10, 1)
    values = 300.0 * units[:, 4] * units[:, 7]
    found = screened(values)
    steps = np.diff(units.reshape(10, -1, len(NAMES)), axis=1)
    moved = np.diff(values.reshape(10, -1), axis=1)
    # what happened where record 4 moved, as an effect of moving it up
    effects = (moved * np.sign(steps[:, :, 4])).sum(axis=1)
    assert found.mu[4] == pytest.approx(effects.mean())
    assert found.sigma[4] == pytest.approx(effects.std(ddof=1))
    # the bootstrap's half-width is near that of a normal mean
    wanted = 1.645 * np.abs(effects).std() / np.sqrt(10)
    assert found.half_width[4] == pytest.approx(wanted, rel=0.1)


def test_the_probability_of_chance_holds_the_effect_against_that_of_two_points():
    units = morris_design(NAMES, 10, 1)
    found = screened(3.0 * units[:, 4], noise=1.0)
    # every step moves by 2; two points of variance 1 differ with variance 2
    assert found.p[4] == pytest.approx(stats.f.sf(2.0**2 / 2.0, 10, 7))


def test_effects_of_chance_alone_are_not_told_from_chance():
    told = 0
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(0.0, 5.0, 130)
        found = screened(noise, noise=25.0)
        told += found.told.any()
        assert len(survivors(found, 6)) == 6
    # one in ten times at most, as the share of false findings says
    assert told <= 4


def test_an_effect_below_chance_is_not_told_and_one_above_is():
    units = morris_design(NAMES, 10, 1)
    noise = np.random.default_rng(2).normal(0.0, 1.0, len(units))
    found = screened(10.0 * units[:, 0] + 0.2 * units[:, 1] + noise, noise=1.0)
    assert list(np.flatnonzero(found.told)) == [0]


def test_a_trajectory_with_a_failed_point_is_left_out_whole():
    units = morris_design(NAMES, 10, 1)
    values = 3.0 * units[:, 4] + units[:, 7] ** 2
    spoiled = values.copy()
    spoiled[[13 * 2 + 5, 13 * 9]] = np.nan
    spoiled[13 * 2 + 6] = 1e9  # lies in the same trajectory, so it must not count
    found = screened(spoiled)
    kept = np.r_[0:26, 39:117]
    whole = screen(NAMES, units[kept], values[kept], 1e-9, 8, 1)
    assert (found.used, found.left_out) == (8, 2)
    np.testing.assert_array_equal(found.mu_star, whole.mu_star)
    np.testing.assert_array_equal(found.sigma, whole.sigma)


def test_too_few_whole_trajectories_give_no_indices():
    values = np.zeros(26)
    values[[3, 20]] = np.nan
    found = screened(values, trajectories=2)
    assert (found.used, found.left_out) == (0, 2)
    assert np.isnan(found.mu_star).all()
    assert not found.told.any()
    assert survivors(found, 3) == []


def test_more_trajectories_and_samples_begin_with_the_same_points():
    for design in (morris_design, sobol_design):
        few, many = design(NAMES, 8, 3), design(NAMES, 16, 3)
        np.testing.assert_array_equal(few, many[: len(few)])


def test_shares_of_variance_are_those_known():
    names = NAMES[:3]
    units = sobol_design(names, 512, 1)
    found = shares(names, 2.0 * units[:, 0] + units[:, 1], 0.0, 1)
    np.testing.assert_allclose(found.first, [0.8, 0.2, 0.0], atol=0.05)
    np.testing.assert_allclose(found.total, [0.8, 0.2, 0.0], atol=0.05)
    assert list(found.told) == [True, True, False]


def test_shares_below_the_floor_of_chance_are_not_told():
    names = NAMES[:3]
    units = sobol_design(names, 128, 1)
    chance = np.random.default_rng(1).normal(0.0, 0.3, len(units))
    found = shares(names, 2.0 * units[:, 0] + chance, 0.09, 1)
    # chance alone shows in every total share
    assert found.floor == pytest.approx(0.2, abs=0.06)
    np.testing.assert_allclose(found.total[1:], found.floor, atol=0.06)
    assert list(found.told) == [True, False, False]


def test_a_base_sample_with_a_failed_point_is_left_out_whole():
    names = NAMES[:3]
    units = sobol_design(names, 64, 1)
    values = 2.0 * units[:, 0] + units[:, 1]
    spoiled = values.copy()
    spoiled[5 * 7 + 2] = np.nan
    spoiled[5 * 7] = 1e9
    found = shares(names, spoiled, 0.0, 1)
    kept = np.r_[0:35, 40:320]
    whole = shares(names, values[kept], 0.0, 1)
    assert (found.used, found.left_out) == (63, 1)
    np.testing.assert_array_equal(found.total, whole.total)


def test_a_difference_without_variance_has_no_shares():
    found = shares(NAMES[:3], np.full(40 * 1, 7.0), 1.0, 1)
    assert np.isnan(found.total).all()
    assert not found.told.any()


def test_replications_that_would_do():
    # 4 of the variance are real; with 3 seeds chance gives a third of that
    assert replications_needed(noise=4.0, spread=8.0, replications=1) == 3
    assert replications_needed(noise=4.0, spread=3.0, replications=1) is None


def test_a_count_that_no_seed_has_moved_is_not_free_of_chance():
    still = np.zeros(4)
    assert chance_variance(still, "channel_deaths", 0.1) == pytest.approx(
        np.var([0] * 4 + [10], ddof=1)
    )
    assert chance_variance(still, "mapped_share", 0.1) == 0.0
    assert chance_variance(np.array([-90.0, 90.0]), "channel_deaths", 0.1) == 16200.0


# -- with a stand-in for the model ----------------------------------------------------------------


@pytest.fixture
def sides(tmp_path):
    for name, text in (("base", BASE), ("policy", OTHER)):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_scenario(tmp_path / "base.toml"), load_scenario(tmp_path / "policy.toml")


#: the four that the stand-in reads, and two it does not
FEW = (FIRST, SECOND, THIRD, FOURTH, "sharing.medium_fidelity", "sharing.low_leak")


def analysed(sides, folder, model, **plan):
    wanted = {"only": FEW, "trajectories": 4, "survivors": 3, "samples": 8, "noise": 4} | plan
    return sensitivity(
        *sides, Options(scale=0.1, out=folder), Plan(**wanted), yes=True, simulate=model
    )


def test_the_two_assumptions_that_drive_the_difference_are_found(sides, tmp_path):
    found = analysed(sides, tmp_path / "out", Answering(), only=("sharing",), samples=16)
    summary = found.summary
    arrivals, deaths = (summary["outcomes"][f"channel_{name}"] for name in ("arrivals", "deaths"))
    effects = arrivals["screening"]["effects"]
    assert {effect["record"] for effect in effects if effect["told"]} == {FIRST, SECOND}
    assert summary["survivors"] == [FIRST, SECOND]  # the others do nothing: none is added
    shown = {share["record"]: share for share in arrivals["variance"]["shares"]}
    assert shown[FIRST]["total"] > 0.5 > shown[SECOND]["total"]
    moved = [e["record"] for e in deaths["screening"]["effects"] if e["mu_star"]]
    assert moved == [SECOND]
    headline = wording.headline(summary)
    assert headline.index(FIRST) < headline.index(SECOND)
    assert "deaths in the Channel" in headline
    assert wording.warnings(summary) == []

    page = write_experiment_report(found.folder).read_text(encoding="utf-8")
    assert "plot-effects-channel_arrivals" in page
    assert "plot-shares-channel_deaths" in page

    # what an assumption was is recorded, and what came out
    with (found.folder / "points.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4 * 19 + 16 * 4
    assert len({row[FIRST] for row in rows if row["stage"] == "variance"}) > 16
    assert {row["seeds"] for row in rows} == {"1"}
    for row in rows:
        gap = float(row["channel_arrivals_scenario"]) - float(row["channel_arrivals_baseline"])
        assert float(row["channel_arrivals_difference"]) == gap

    again = analysed(sides, tmp_path / "out", Answering(), only=("sharing",), samples=16)
    assert again.ran == 0
    assert again.summary == summary


def test_of_a_share_what_moves_is_told_in_percentage_points(sides, tmp_path):
    folder = analysed(sides, tmp_path / "out", Answering(), samples=16).folder
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    # the stand-in maps nobody: what it does to arrivals, as if it were done to the share
    entry = summary["outcomes"]["channel_arrivals"]
    entry["difference"] = -0.0234
    entry["noise"] |= {"sd_point": 0.0012, "design_sd": 0.034}
    for effect in entry["screening"]["effects"]:
        effect |= {"mu_star": 0.021, "mu": -0.021, "sigma": 0.005, "half_width": 0.001}
    summary |= {"headline": "mapped_share"}
    summary["outcomes"]["mapped_share"] = entry
    console = Console(width=160, record=True, file=io.StringIO())
    print_sensitivity(summary, console)
    said = console.export_text()
    assert "Effect of a step on the difference, percentage points" in said
    assert re.search(r"sharing\.\S+ +2\.1 +-2\.1 +0\.5 ", said)
    assert "standard deviation of 0.1 (" in said
    assert "one of 3.4 percentage points" in said
    assert wording.difference("mapped_share", entry) == "-2.3 percentage points"
    effect = entry["screening"]["effects"][0]
    assert wording.effect_words("mapped_share", effect) == "2.1 percentage points"

    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    page = write_experiment_report(folder).read_text(encoding="utf-8")
    assert "Effect of a step, percentage points</th>" in page
    assert "<td>2.1 ± 0.1<small>" in page


def test_failed_runs_are_reported_and_never_filled_in(sides, tmp_path):
    model = Answering(fails=lambda third, fourth: third > 0.99 and fourth > 0.99)
    summary = analysed(sides, tmp_path / "out", model, trajectories=8).summary
    screening = summary["outcomes"]["channel_arrivals"]["screening"]
    assert screening["left_out"] > 0
    assert screening["used"] + screening["left_out"] == 8
    assert summary["survivors"] == [FIRST, SECOND]
    assert len(summary["failed"]) >= 2
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["runs"]["failed"] == len(summary["failed"])
    (text,) = wording.warnings(summary)
    assert f"{len(summary['failed'])} runs failed" in text
    assert "RuntimeError: the sea was too rough" in text
    assert f"{screening['left_out']} of 8 trajectories" in text


def test_too_few_replications_for_the_noise_is_said(sides, tmp_path):
    noisy = analysed(sides, tmp_path / "one", Answering(chance=1500.0)).summary
    arrivals = noisy["outcomes"]["channel_arrivals"]["noise"]
    assert not arrivals["enough"]
    assert "Too few runs for small-boat arrivals" in " ".join(wording.warnings(noisy))
    assert "with so few runs" in wording.headline(noisy)
    assert "not to be told from chance are" in wording.untold(noisy, "channel_arrivals")
    # deaths do not hang on this chance
    deaths = noisy["outcomes"]["channel_deaths"]["screening"]["effects"]
    assert [effect["record"] for effect in deaths if effect["told"]] == [SECOND]


def test_what_a_scenario_sets_stays_set(tmp_path, sides):
    text = OTHER + f'\n[parameters]\n"{FIRST}" = 0.2\n'
    (tmp_path / "set.toml").write_text(text, encoding="utf-8")
    policy = load_scenario(tmp_path / "set.toml")
    names = [record.name for record in free_records([sides[0], policy], ["sharing"])]
    assert FIRST not in names
    assert {SECOND, THIRD, FOURTH} <= set(names)
    with pytest.raises(InputError, match="leaves no uncertain assumption"):
        free_records([sides[0], policy], [FIRST])


def test_a_model_that_fails_everywhere_stops_at_once(sides, tmp_path):
    model = Answering(fails=lambda third, fourth: True)
    with pytest.raises(InputError, match=r"^8 of 8 runs failed.*too rough.* kept in /") as caught:
        analysed(sides, tmp_path / "out", model)
    assert "--out" not in str(caught.value)
