"""`crossings doctor`: a line for each thing, advice where one does not work, and its status."""

from __future__ import annotations

import json

import pytest

from simulation.doctor import checks
from simulation.doctor.checks import HealthCheck
from tests.fits import nothing_fitted, package_fit  # noqa: F401
from tests.refusals import succeeded

LINES = (
    "crossings", "Python", "libraries", "app", "cluster", "cores", "memory", "results", "temporary",
    "compiled model", "data", "scenarios", "fit", "self-check",
)  # fmt: skip


@pytest.mark.slow
def test_all_is_well_here(crossings, tmp_path):
    result = succeeded(crossings("doctor"))
    *lines, verdict = result.stdout.splitlines()
    assert [line[6:20].strip() for line in lines] == list(LINES)
    assert {line[:5].strip() for line in lines} <= {"ok", "warn"}
    assert verdict == "All is well." or "warning" in verdict
    result = crossings("doctor", "--json")
    assert list(tmp_path.iterdir()) == []
    assert [entry["what"] for entry in json.loads(result.stdout)] == list(LINES)


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_to_is_told_with_advice(crossings, tmp_path):
    (tmp_path / "results").touch()
    result = crossings("doctor")
    assert result.exit_code == 1
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("fail"))
    for words in ("results", str(tmp_path / "results"), "--out"):
        assert words in line
    assert crossings("doctor", "--results", "elsewhere").exit_code == 0


def test_what_cannot_run_is_not_tried(crossings, monkeypatch):
    bad = HealthCheck("fail", "compiled model", "nowhere to keep it")
    monkeypatch.setattr(checks, "compiled", lambda: bad)
    result = crossings("doctor")
    assert result.exit_code == 1
    assert "fail  compiled model nowhere to keep it" in result.stdout
    assert "self-check" not in result.stdout
    assert result.stdout.splitlines()[-1].startswith("1 thing does not work")


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_fitted")
def test_no_fit_is_a_warning(crossings):
    *lines, verdict = succeeded(crossings("doctor")).stdout.splitlines()
    assert any(line.split()[:2] == ["warn", "fit"] for line in lines)
    warned = sum(line.startswith("warn") for line in lines)
    assert verdict.endswith(f"see the {'warning' if warned == 1 else 'warnings'} above.")
