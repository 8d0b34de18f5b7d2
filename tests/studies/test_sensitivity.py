"""A sensitivity analysis of a stand-in for the model."""

from __future__ import annotations

import json

import pytest

from simulation.engine.options import Options
from simulation.errors import InputError
from simulation.report.experiment import write_experiment_report
from simulation.scenario import load_scenario
from simulation.studies.design_points import free_records
from simulation.studies.sensitivity import SensitivityFindings
from simulation.wording import sensitivity as wording
from tests.answering import FEW, FIRST, FOURTH, OTHER, SECOND, THIRD, Answering
from tests.conducting import sensitivity
from tests.reading import csv_rows
from tests.trust.markup import Parts

pytestmark = pytest.mark.slow


def analysed(sides, folder, model, **asked):
    asked = {"only": FEW, "trajectories": 4, "survivors": 3, "samples": 8, "noise": 4} | asked
    return sensitivity(sides, Options(scale=0.1, out=folder), simulate=model, **asked)


def clear(findings: SensitivityFindings, outcome: str = "channel_arrivals") -> set[str]:
    """The assumptions whose effects in the screening stand out from chance."""
    return {one.record for one in findings.outcomes[outcome].screening.effects if one.significant}


def test_the_two_assumptions_that_drive_the_difference_are_found(sides, tmp_path):
    done = analysed(sides, tmp_path / "out", Answering(), only=("sharing",), samples=16)
    findings = done.findings
    arrivals, deaths = (findings.outcomes[f"channel_{name}"] for name in ("arrivals", "deaths"))
    assert clear(findings) == {FIRST, SECOND}
    assert findings.survivors == [FIRST, SECOND]  # the others do nothing: none is added
    assert arrivals.significant == [FIRST, SECOND]
    shown = {share.record: share for share in arrivals.variance.shares}
    assert shown[FIRST].total > 0.5 > shown[SECOND].total
    assert [one.record for one in deaths.screening.effects if one.mu_star] == [SECOND]
    headline = wording.headline(findings)
    assert headline.index(FIRST) < headline.index(SECOND)
    assert "deaths in the Channel" in headline
    assert wording.warnings(findings) == []

    page = write_experiment_report(done.folder).read_text(encoding="utf-8")
    points = sorted(
        point
        for trace in Parts(page).figures()["plot-effects-channel_arrivals"]["data"]
        if trace["mode"] == "markers"
        for point in zip(trace["x"], trace["y"], trace["error_x"]["array"], strict=True)
    )
    effects = [
        (one.mu_star, one.sigma, one.half_width)
        for one in arrivals.screening.effects
        if one.mu_star  # what moves nothing is not drawn
    ]
    assert points == [pytest.approx(effect) for effect in sorted(effects)]
    assert "plot-shares-channel_deaths" in page

    # what an assumption was is recorded, and what came out
    rows = csv_rows(done.folder / "points.csv")
    assert len(rows) == 4 * 19 + 16 * 4
    assert len({row[FIRST] for row in rows if row["stage"] == "variance"}) > 16
    assert {row["seeds"] for row in rows} == {"1"}
    for row in rows:
        gap = float(row["channel_arrivals_scenario"]) - float(row["channel_arrivals_baseline"])
        assert float(row["channel_arrivals_difference"]) == gap

    again = analysed(sides, tmp_path / "out", Answering(), only=("sharing",), samples=16)
    assert again.ran == 0
    assert again.findings == findings


def test_failed_runs_are_reported_and_never_filled_in(sides, tmp_path):
    model = Answering(fails=lambda third, fourth: third > 0.99 and fourth > 0.99)
    findings = analysed(sides, tmp_path / "out", model, trajectories=8).findings
    screening = findings.outcomes["channel_arrivals"].screening
    assert screening.left_out > 0
    assert screening.used + screening.left_out == 8
    assert findings.survivors == [FIRST, SECOND]
    assert len(findings.failed) >= 2
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["runs"]["failed"] == len(findings.failed)
    (text,) = wording.warnings(findings)
    assert f"{len(findings.failed)} runs failed" in text
    assert "RuntimeError: the sea was too rough" in text
    assert f"{screening.left_out} of 8 trajectories" in text


def test_too_few_replications_for_the_noise_are_reported(sides, tmp_path):
    noisy = analysed(sides, tmp_path / "one", Answering(chance=1500.0)).findings
    assert not noisy.outcomes["channel_arrivals"].noise.enough
    assert "Too few runs for small-boat arrivals" in " ".join(wording.warnings(noisy))
    assert "with so few runs" in wording.headline(noisy)
    # deaths do not hang on this chance
    assert clear(noisy, "channel_deaths") == {SECOND}


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
