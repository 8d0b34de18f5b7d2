"""`crossings results ledger`: answers are added, shown, and refused when edited by hand."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import simulation
from simulation.answers import ledger as ledger_file
from simulation.answers.ledger import questions
from simulation.cli import cli
from simulation.corridor.in_use import ENVIRONMENT
from simulation.engine.result_folder import read_findings
from simulation.model import corridor_model
from simulation.outcomes import OUTCOMES
from simulation.studies.compare import ComparisonFindings
from tests.comparing import stand_in
from tests.refusals import nothing_written, refusal

ADD = ("results", "ledger", "add", "--why", "A test.", "--question", "full-sharing",
       "--replications", "4", "--scale", "0.02", "--workers", "1")  # fmt: skip


def fewer(scenario, *, seed, **options):
    """A tenth fewer arrive where all is shared, from the first day: no snapshot is taken."""
    record = stand_in(scenario, seed=seed, **options)
    if scenario.sharing_default.level != "full":
        return record
    arrivals = np.round(record.daily["channel_arrivals"] * (0.9 + 0.001 * (seed % 7)))
    return replace(record, daily={**record.daily, "channel_arrivals": arrivals})


@pytest.fixture
def ledger(crossings, tmp_path, monkeypatch) -> Path:
    """An empty ledger, in a folder with a model that is done at once."""
    file = tmp_path / "ledger.jsonl"
    file.touch()
    monkeypatch.setattr(ledger_file, "FILE", file)
    monkeypatch.setattr(corridor_model, "simulate", fewer)
    return file


@pytest.fixture(scope="module")
def added(tmp_path_factory) -> Path:
    """A folder with a ledger to which one answer was added, and its results: to copy."""
    folder = tmp_path_factory.mktemp("added")
    file = folder / "ledger.jsonl"
    file.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(ledger_file, "FILE", file)
        patch.setattr(corridor_model, "simulate", fewer)
        done = CliRunner().invoke(cli, ADD)
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture
def answered(ledger, added) -> Path:
    """A ledger that holds one answer, beside its results."""
    shutil.copytree(added, ledger.parent, dirs_exist_ok=True)
    return ledger


def lines(crossings) -> list[dict]:
    done = crossings("results", "ledger", "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_answers_are_those_of_comparisons_under_ranges_and_under_the_fit(crossings, answered):
    of_ranges, of_fit = lines(crossings)
    assert [of_ranges["made"]["assumptions"], of_fit["made"]["assumptions"]] == ["ranges", "fitted"]
    assert of_ranges["made"]["ensemble"] is None
    assert of_fit["made"]["window"]
    for line in (of_ranges, of_fit):
        assert (line["made"]["pairs"], line["made"]["scale"]) == (4, 0.02)
        comparisons = [
            read_findings(path.parent, ComparisonFindings)
            for path in answered.parent.glob("results/ledger/*/*/summary.json")
        ]
        (one,) = [each for each in comparisons if each.assumptions == line["made"]["assumptions"]]
        assert (one.start, one.end) == (line["question"]["first"], line["question"]["last"])
        effect = one.scenarios[0].effect(line["question"]["outcome"])
        assert line["effect"] == effect.model_dump(mode="json")
    assert "A test." in crossings("results", "ledger").stdout
    assert list(simulation.ledger()["assumptions"]) == ["ranges", "fitted"]


def test_an_answer_that_is_there_is_not_added_again(crossings, answered):
    before = answered.read_bytes()
    refusal(crossings(*ADD), "full-sharing", "line 1", "another version")
    assert answered.read_bytes() == before
    assert crossings(*ADD, "--seed", "9", "--assumptions", "fitted").exit_code == 0
    assert len(lines(crossings)) == 3
    # it moved from the line before of the same assumptions, and the seed is what differs
    entries = ledger_file.read_ledger()
    move, changes = ledger_file.moved(entries[2], entries)
    assert [change.what for change in changes] == ["first seed"]
    assert move.difference == pytest.approx(
        entries[2].effect.mean_percent - entries[1].effect.mean_percent
    )
    assert ledger_file.moved(entries[1], entries) is None


@pytest.mark.parametrize(("edit", "line", "words"), [
    (lambda text: text + '{"line": 3}\n', 3, "added"),
    (lambda text: text + "-20% (-30 to -10)\n", 3, "no line of the ledger"),
])  # fmt: skip
@pytest.mark.parametrize("words_typed", [("results", "ledger"), (*ADD, "--seed", "2")])
def test_what_is_no_line_of_a_ledger_is_refused(
    crossings, answered, edit, line, words, words_typed
):
    answered.write_text(edit(answered.read_text(encoding="utf-8")), encoding="utf-8")
    before = answered.read_bytes()
    with nothing_written(answered.parent):
        refusal(crossings(*words_typed), f"{answered}:{line}: ", words)
    assert answered.read_bytes() == before


@pytest.mark.parametrize(("more", "words"), [
    (("--question", "sharing"), ("--question", "full-sharing")),
    (("--replications", "1"), ("--replications", "2 to")),
    (("--why", " "), ("--why", "a sentence")),
    (("--why", "two\nlines"), ("--why", "on one line")),
    (("--assumptions", "records"), ("--assumptions", "ranges, fitted")),
    (("--assumptions", "ranges", "--ensemble", "2021-01..2023-12"), ("--ensemble",)),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused(crossings, ledger, more, words):
    with nothing_written(ledger.parent):
        refusal(crossings(*ADD, *more), *words)


def test_figures_of_a_user_are_in_no_ledger(crossings, ledger, monkeypatch):
    from simulation.answers import asking

    monkeypatch.setattr(asking, "in_use", lambda: type("Own", (), {"users": True})())
    refusal(crossings(*ADD), ENVIRONMENT, "your own figures")


def test_a_question_that_has_changed_needs_another_name(crossings, answered, monkeypatch):
    from simulation.answers import asking

    (asked,) = questions(["full-sharing"])
    changed = asked.model_copy(update={"outcome": "channel_boats"})
    monkeypatch.setattr(asking, "questions", lambda names: [changed])
    refusal(crossings(*ADD, "--seed", "2"), "full-sharing", "line 1", "another name")


def test_the_questions_can_be_asked():
    asked = questions()
    assert len(asked) > 3
    for question in asked:
        baseline, scenario = question.sides
        assert question.outcome in OUTCOMES
        assert baseline.run == scenario.run
        assert f"{baseline.run.start}" == question.first
