"""`crossings doctor`: a line for each thing, advice where one does not work, and its status."""

from __future__ import annotations

import json

import pytest

from simulation.doctor import checks
from simulation.doctor.checks import HealthCheck
from tests.fits import nothing_fitted, package_fit  # noqa: F401

LINES = (
    "crossings", "Python", "libraries", "app", "cluster", "cores", "memory", "results", "temporary",
    "compiled model", "data", "scenarios", "fit", "self-check",
)  # fmt: skip


def test_all_is_well_here(crossings, tmp_path):
    result = crossings("doctor")
    assert result.exit_code == 0, result.output
    *lines, verdict = result.stdout.splitlines()
    assert [line[6:20].strip() for line in lines] == list(LINES)
    assert {line[:5].strip() for line in lines} <= {"ok", "warn"}
    assert verdict == "All is well." or "warning" in verdict
    assert list(tmp_path.iterdir()) == []


def test_programs_get_the_same(crossings):
    result = crossings("doctor", "--json")
    assert result.exit_code == 0
    assert [entry["what"] for entry in json.loads(result.stdout)] == list(LINES)


def test_a_folder_that_cannot_be_written_to_is_told_with_advice(crossings, tmp_path):
    (tmp_path / "results").touch()
    result = crossings("doctor")
    assert result.exit_code == 1
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("fail"))
    assert line == (
        f"fail  results        {tmp_path / 'results'} is a file, not a folder; start crossings in "
        "a folder of your own, or name another with --out"
    )
    assert result.stdout.splitlines()[-1] == "1 thing does not work: see fail above."
    assert crossings("doctor", "--results", "elsewhere").exit_code == 0


def test_what_cannot_run_is_not_tried(crossings, monkeypatch):
    bad = HealthCheck("fail", "compiled model", "nowhere to keep it")
    monkeypatch.setattr(checks, "compiled", lambda: bad)
    result = crossings("doctor")
    assert result.exit_code == 1
    assert "fail  compiled model nowhere to keep it" in result.stdout
    assert "self-check" not in result.stdout


@pytest.mark.usefixtures("nothing_fitted")
def test_no_fit_is_a_warning(crossings):
    result = crossings("doctor")
    assert result.exit_code == 0
    assert "warn  fit            none: experiments take every assumption at its" in result.stdout
    *lines, verdict = result.stdout.splitlines()
    assert verdict.startswith("All works; see the warning")
    warned = sum(line.startswith("warn") for line in lines)
    assert ("the warnings" in verdict) == (warned > 1)
