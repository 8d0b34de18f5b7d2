"""`crossings doctor`: a line for each thing, advice where one does not work, and its status."""

from __future__ import annotations

import json

import pytest

from tests.fits import nothing_fitted, package_fit  # noqa: F401
from tests.refusals import succeeded

LINES = ("crossings", "results", "compiled model", "data", "fit", "self-check")


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


@pytest.mark.slow
@pytest.mark.usefixtures("nothing_fitted")
def test_no_fit_is_a_warning(crossings):
    *lines, verdict = succeeded(crossings("doctor")).stdout.splitlines()
    assert any(line.split()[:2] == ["warn", "fit"] for line in lines)
    warned = sum(line.startswith("warn") for line in lines)
    assert verdict.endswith(f"see the {'warning' if warned == 1 else 'warnings'} above.")
