"""A finished comparison that is asked again is read; anything new in the question is worked out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulation.cli import cli
from simulation.studies.compare import Compare
from tests import every_kind


@pytest.fixture
def folder(finished_study, tmp_path, monkeypatch) -> Path:
    """The folder of a finished comparison, beside its scenarios."""
    shutil.copytree(finished_study("compare"), tmp_path / "compare")
    every_kind.write_scenarios(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "compare"


@pytest.fixture
def worked_out(monkeypatch) -> list[Compare]:
    """The comparisons that were worked out."""
    comparisons = []
    run = Compare.run

    def noted(study, experiment):
        comparisons.append(study)
        return run(study, experiment)

    monkeypatch.setattr(Compare, "run", noted)
    return comparisons


def ask(*more: str) -> str:
    """Give the command, which must succeed; what it prints."""
    words = (*every_kind.COMMANDS["compare"], "--workers", "1", "--out", "compare", *more)
    with every_kind.stood_in():
        done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def written(folder: Path) -> dict[Path, int]:
    """When each file was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_the_same_again_prints_the_same_and_writes_nothing(folder, worked_out):
    before = written(folder)
    shown = ask()
    assert (worked_out, written(folder)) == ([], before)
    (folder / "report.html").unlink()
    assert ask() == shown
    assert worked_out == []
    assert (folder / "report.html").is_file()


@pytest.mark.parametrize("more", [
    ("--replications", "4"), ("--rank", "channel_deaths"), ("--rank", "uk_total"),
])  # fmt: skip
def test_another_question_of_the_same_runs_is_worked_out(folder, worked_out, more):
    ask(*more)
    assert len(worked_out) == 1
    ask(*more)
    assert len(worked_out) == 1


def test_other_words_of_a_scenario_are_shown(folder, worked_out):
    policy = folder.parent / "policy.toml"
    policy.write_text(f'description = "Other words."\n{every_kind.POLICY}', encoding="utf-8")
    ask()
    assert len(worked_out) == 1
    assert "Other words." in (folder / "report.html").read_text(encoding="utf-8")
