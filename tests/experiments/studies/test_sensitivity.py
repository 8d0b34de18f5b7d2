"""A sensitivity analysis of a stand-in for the model."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from rich.console import Console
from simulation.commands.assumption_tables import print_sensitivity

from simulation.errors import InputError
from simulation.experiments.engine.options import Options
from simulation.experiments.studies.design_points import free_records
from simulation.experiments.studies.sensitivity import Plan, sensitivity
from simulation.report import write_experiment_report
from simulation.scenario import load_scenario
from simulation.wording import sensitivity as wording
from tests.experiments.answering import BASE, FIRST, FOURTH, OTHER, SECOND, THIRD, Answering


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
    assert "not distinguishable from chance" in wording.untold(noisy, "channel_arrivals")
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
