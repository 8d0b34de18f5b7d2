"""The sections of a fit on the page of the validation: every number from its summary, no more."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.commands.experiment import put_into
from simulation.fitting import predictive
from simulation.fitting.fit import FITTED, FitFindings
from simulation.fitting.series import FitWindow, observed_data
from simulation.parameters.fitted import load_fitted
from simulation.report import markdown
from simulation.report.experiment import write_experiment_report
from simulation.report.fit import (
    fan_charts,
    fit_section,
    gate_table,
    headline,
    identifiability_section,
    summary,
)
from tests.fitting import stand_in
from tests.fitting.test_fit import SMALL, run


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    return run(tmp_path_factory.mktemp("sections"), SMALL)


def text_of(findings, images=""):
    return markdown.sections([fit_section(findings)], images=images)


def changed(fitted, change):
    """The findings with something changed in what a summary holds."""
    content = fitted.findings.as_json()
    change(content)
    return FitFindings.model_validate(content)


@pytest.mark.slow
def test_folder_and_page_hold_the_same(fitted, tmp_path, capsys):
    page = tmp_path / "docs" / "validation.md"
    text = write_experiment_report(fitted.folder).read_text(encoding="utf-8")
    put_into(page, fitted.folder, quiet=True)
    put = page.read_text(encoding="utf-8")
    for key in ("fit", "identifiability"):
        begin, end = f"<!-- begin: {key} -->\n", f"<!-- end: {key} -->"
        held = put[put.index(begin) + len(begin) : put.index(end)]
        assert held.replace("](img/", "](") in text
    for chart in fan_charts(fitted.findings):
        image = page.parent / "img" / chart.name
        assert (fitted.folder / chart.name).read_text() == image.read_text()
    assert capsys.readouterr().out == ""
    put_into(page, fitted.folder, quiet=False)
    assert str(page) in capsys.readouterr().out
    assert page.read_text(encoding="utf-8") == put


def test_the_end_of_the_command_says_how_much_was_informed(fitted):
    findings = fitted.findings
    informed = [row for row in findings.parameters if row.informed]
    said = " ".join(str(part) for part in summary(findings))
    assert f"inform {len(informed)} of {len(findings.parameters)} assumptions" in said


def test_the_page_says_what_made_it_and_which_ensemble_it_is_of(fitted):
    text = text_of(fitted.findings, images="img/")
    assert f"`{load_fitted(fitted.folder / FITTED).hash}`" in text
    assert f"Made by `{fitted.findings.provenance.command}`, seed 1." in text
    assert f"{SMALL.budget} runs at" in text
    for line in fitted.findings.gate:
        assert f"| {line.what} | {line.shown} | {line.asked} |" in text
    assert "## Fitted to 2022\n" in text
    assert "(img/fit-channel_boats.svg)" in text


def test_of_the_gate_what_fails_is_bold_and_has_its_reason(fitted):
    def change(content):
        for place, line in enumerate(content["gate"]):
            line["passed"] = place > 0

    (first, *rest) = gate_table(changed(fitted, change)).rows
    assert (first.values[2].text, first.values[2].strong) == ("failed", True)
    assert {(row.values[2].text, row.values[2].strong, row.values[3].text) for row in rest} == {
        ("passed", False, "")
    }


def test_years_outside_their_interval_are_named_first(fitted):
    def change(content):
        for row in content["predictive"]:
            row["inside"] = True
        row = next(r for r in content["predictive"] if r["series"] == "wb_detections")
        row |= {"q5": 1000.0, "q95": 2000.0, "observed": 2500.4, "inside": False}

    findings = changed(fitted, change)
    assert headline(findings).startswith(
        "Outside the 90% interval of the fitted model: detections on the Western Balkan route 2022 "
        "(2,500 observed, above 1,000 to 2,000)."
    )
    assert "| 2,500 |" in text_of(findings)
    assert "**outside**" in text_of(findings)
    short = fit_section(findings).short
    assert "Outside it: detections on the Western Balkan route (2022)." in short
    for line in findings.gate:
        assert (f"{line.what} ({line.shown}; asked {line.asked})" in short) == (not line.passed)


def test_the_table_has_what_is_informed_and_of_the_rest_is_told_how_many(fitted):
    """Sharing, of which nothing is known, comes first; `parameters.csv` has every assumption."""
    text = markdown.sections([identifiability_section(fitted.findings)])
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    informed = {row.name for row in fitted.findings.parameters if row.informed}
    tied = {name for pair in fitted.findings.correlations for name in (pair.a, pair.b)}
    assert {row.split("`")[1] for row in rows} - tied == informed - tied
    assert text.index("Nothing in these series tells how strong sharing is") < text.index("| `")
    assert "`sharing` 1 of 1" in text
    table = (fitted.folder / "parameters.csv").read_text(encoding="utf-8")
    assert set(stand_in.NAMES) <= {line.split(",")[0] for line in table.splitlines()}


def test_a_share_by_month_gives_no_year():
    """The share of a year is no sum of those of its months."""
    data = observed_data(
        FitWindow("2023-01", "2023-02"),
        {"prevented_share": (["2023-01", "2023-02"], np.array([0.4, 0.5]))},
    )
    runs = np.tile(np.array(data.observed), (5, 2, 1))
    checked = predictive.check(data, runs[:, 0], np.full(5, 0.2))
    assert "prevented_share" not in {row.series for row in checked.predictive}
    assert {row.months for row in checked.predictive} == {2}
